//! Sound and words to and from an application by WebSocket: `<Connect>`, `<Stop>`, `<Stream>`.
//!
//! Not here: `<Start>` (`program`), names and defaults (`verb`, `beside`).
//! Source: Twilio, "TwiML Voice: Connect", "Stop", "Stream".

use super::{Ask, Method, Relay, Unbuilt};

/// `<Connect>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// `action`, as written.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// What the call is connected to; nothing: that was wrong, or not there.
    pub noun: Option<Connected>,
}

/// What a `<Connect>` connects the call to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connected {
    /// `<Stream>`.
    Stream(Stream),
    /// What is not built yet.
    Unbuilt(Unbuilt),
    /// `<ConversationRelay>`.
    Relay(Box<Relay>),
}

/// `<Stop>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What is stopped, in document order.
    pub nouns: Vec<Stopped>,
}

/// What a `<Stop>` stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// `<Stream>` of that name.
    Stream(String),
    /// `<Transcription>` of that name.
    Transcription(String),
    /// `<Siprec>` of that name.
    Siprec(String),
}

/// `<Stream>`: attributes as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// `name`.
    pub name: Option<String>,
    /// `url` or `connectorName`.
    pub to: StreamTo,
    /// `track`.
    pub tracks: Tracks,
    /// `statusCallback` and `statusCallbackMethod`.
    pub status: Option<Ask>,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}

/// Where a stream leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamTo {
    /// `url`: `wss://…`, or `ws://…`; not empty.
    Url(String),
    /// `connectorName`: where the operator says.
    Connector(String),
}

/// `track`: who is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracks {
    /// `inbound_track`: what the leg says.
    #[default]
    Inbound,
    /// `outbound_track`: what it hears.
    Outbound,
    /// `both_tracks`.
    Both,
}

impl Tracks {
    /// How many those are.
    pub const fn count(self) -> usize {
        match self {
            Self::Inbound | Self::Outbound => 1,
            Self::Both => 2,
        }
    }
}
