//! The server around the switch: command line, configuration, sockets, HTTP both ways, speech, log.
//!
//! Not here: decisions about calls (`legwork-call`), SIP (`legwork-sip`), audio (`legwork-media`),
//! documents (`legwork-twiml`).
//! Source: ARCHITECTURE.md.
#![deny(unsafe_code)]

pub mod api;
pub mod bank;
pub mod cli;
pub mod config;
pub mod date;
mod demo;
pub mod ears;
pub mod fetch;
pub mod limit;
pub mod log;
pub mod media;
pub mod net;
pub mod record;
pub mod recording;
mod relay;
pub mod serve;
pub mod speech;
pub mod store;
mod streams;
mod websocket;
