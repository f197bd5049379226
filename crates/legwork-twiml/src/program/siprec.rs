//! A leg's sound for a session recorder: `<Siprec>`.
//!
//! Not here: `<Start>` (`program`), `<Stop>` (`program/transcription`), names and defaults (`beside`).
//! Source: Twilio, "TwiML Voice: Siprec".

use super::{Ask, Tracks};

/// `<Siprec>`: attributes as typed, relative URLs as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Siprec {
    /// `name`.
    pub name: Option<String>,
    /// `connectorName`: which recorder.
    pub connector: Option<String>,
    /// `track`: both unless said.
    pub tracks: Tracks,
    /// `statusCallback` and `statusCallbackMethod`.
    pub status: Option<Ask>,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}
