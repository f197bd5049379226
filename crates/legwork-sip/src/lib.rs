//! What a SIP endpoint is here: bytes in and `now` in, bytes and events out, in order.
//!
//! Not here: sockets, clocks, threads (crate `legwork`); SDP (`legwork-media`); decisions about calls
//! (`legwork-call`).
//! Source: RFC 3261 and the RFCs each module names.
#![forbid(unsafe_code)]

pub mod digest;
pub mod endpoint;
pub mod event;
pub mod flow;
pub mod framing;
pub mod header;
pub mod info;
pub mod limit;
pub mod locate;
pub mod message;
pub mod method;
pub mod name_addr;
pub mod network;
pub mod quirk;
pub mod registrar;
pub mod sipfrag;
pub mod status;
pub mod uri;

mod dialog;
mod scan;
mod timers;
mod transaction;
mod usage;

pub use endpoint::Endpoint;
pub use event::Event;
pub use flow::{Flow, Transmit, Transport};
pub use message::Message;
pub use method::Method;
pub use status::Status;
