//! The demo: the whole story on this machine, over the real server, real webhooks and real RTP.
//!
//! The server is a process of its own; the application is a web server of its own; the three phones are
//! on UDP sockets of loopback. Nothing reaches into the engine.
//! Not here: printing (`cli::demo`), the phones (`legwork_sim::phone`).
//! Source: Twilio, "Inbound SIP REFER to Twilio".

pub(crate) mod app;
pub(crate) mod contract;
pub(crate) mod hearing;
pub(crate) mod parts;
pub(crate) mod phones;
pub(crate) mod report;
pub(crate) mod second;
pub(crate) mod server;
pub(crate) mod show;
pub(crate) mod story;
pub(crate) mod third;

/// Which leg of the dialled call sends the REFER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Leg {
    /// UserA calls in and AgentA was dialled.
    Child,
    /// AgentA calls in and UserA was dialled.
    Parent,
}
