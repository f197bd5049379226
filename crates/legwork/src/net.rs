//! SIP sockets: datagrams, streams, names, and our own address towards a peer.
//!
//! Not here: what a message means (`legwork-sip`), media sockets (`media`), HTTP (`api`, `fetch`).
//! Source: RFC 3261 §18.

pub mod dns;
pub mod resolve;
pub mod route;
pub mod stream;
pub mod udp;
