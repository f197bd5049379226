//! What is said told in words while it is said: `<Transcription>`, and how it is stopped.
//!
//! Not here: `<Start>` (`program`), names and defaults (`beside`).
//! Source: Twilio, "TwiML Voice: Transcription", "Stop".

use super::{Ask, Unbuilt};

/// `<Stop>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What is stopped, in document order.
    pub nouns: Vec<Stopped>,
}

/// What a `<Stop>` stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// `<Transcription>` of that name.
    Transcription(String),
    /// What is not built yet.
    Unbuilt(Unbuilt),
    /// `<Siprec>` of that name.
    Siprec(String),
}

/// `<Transcription>`: attributes as typed, relative URLs as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcription {
    /// `name`.
    pub name: Option<String>,
    /// `track`: both unless said.
    pub tracks: Tracks,
    /// `statusCallbackUrl` and `statusCallbackMethod`.
    pub status: Option<Ask>,
    /// `inboundTrackLabel`.
    pub inbound_label: Option<String>,
    /// `outboundTrackLabel`.
    pub outbound_label: Option<String>,
    /// `partialResults`.
    pub partial: bool,
    /// `languageCode`: `en-US` unless said.
    pub language: String,
    /// `transcriptionEngine`: `google` unless said; told back, and nothing else.
    pub engine: String,
    /// `profanityFilter`.
    pub profanity_filter: bool,
    /// `speechModel`: `telephony` unless said.
    pub model: String,
    /// `hints`: phrases with commas between.
    pub hints: String,
    /// `enableAutomaticPunctuation`: told back; recognisers write as they do.
    pub punctuation: bool,
}

/// `track`: who is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracks {
    /// `inbound_track`: what the leg says.
    Inbound,
    /// `outbound_track`: what it hears.
    Outbound,
    /// `both_tracks`.
    Both,
}
