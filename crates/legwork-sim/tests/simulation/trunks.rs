//! Trunks: which gateway takes a call and who the caller is there, passwords, registrations,
//! keep-alives; and what comes in by them.
//!
//! Source: interface.md, `[[trunk]]`; RFC 3261 §10.2, §22; RFC 3323, RFC 3325; RFC 3263 §4.3.

mod inbound;
mod outbound;
mod registration;
