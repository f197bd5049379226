//! The socket pair or connection a message travels on, and a message on its way out.
//!
//! Not here: framing of streams (`framing`), choosing where a new request goes (`legwork-call`).
//! Source: RFC 3261 §18, RFC 5626 §2 ("flow").

use std::net::SocketAddr;

use bytes::Bytes;

use crate::event::DialogId;

/// How messages travel. TLS and WebSocket are further variants, not further code paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// One message in one datagram.
    Udp,
    /// Messages framed by Content-Length on a stream.
    Tcp,
}

/// The 5-tuple or connection a message came over; replies go back on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flow {
    /// How messages travel on it.
    pub transport: Transport,
    /// Our side: for UDP the address of the listening socket with the IP the peer sees.
    pub local: SocketAddr,
    /// The peer's side.
    pub remote: SocketAddr,
    /// Names one connection of a stream transport; 0 for UDP, and for a stream that the shell is to
    /// open (or to find open) when something is sent to `remote`.
    pub connection: u64,
}

/// One message to be sent.
#[derive(Clone, Debug)]
pub struct Transmit {
    /// Where it goes.
    pub flow: Flow,
    /// The whole message.
    pub bytes: Bytes,
    /// The dialog it belongs to, for traces.
    pub dialog: Option<DialogId>,
    /// It is a retransmission: traces leave it out.
    pub again: bool,
}
