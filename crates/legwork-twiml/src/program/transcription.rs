//! What is said told in words while it is said: `<Transcription>`.
//!
//! Not here: `<Start>` (`program`), `<Stop>` (`program/stream`), names and defaults (`beside`).
//! Source: Twilio, "TwiML Voice: Transcription".

use super::{Ask, Tracks};

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
    /// `transcriptionEngine`: `google` unless said.
    pub engine: String,
    /// `profanityFilter`.
    pub profanity_filter: bool,
    /// `speechModel`: `telephony` unless said.
    pub model: String,
    /// `hints`: phrases with commas between.
    pub hints: String,
    /// `enableAutomaticPunctuation`: told back; recognisers write as they do.
    pub punctuation: bool,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
    /// `<Config>`s, in document order.
    pub settings: Vec<(String, String)>,
}
