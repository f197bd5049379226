//! `<Conference>`: the typed noun.
//!
//! Not here: names and defaults (`noun`), XML (`parse/conference`), what a conference does
//! (`legwork-call`, `conference`).
//! Source: Twilio, "TwiML Voice: Conference".

use super::{Ask, Keep};

/// `<Conference>`: attributes as typed, relative URLs as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conference {
    /// Its name, or the SID of one that is running: 1 to 128 characters.
    pub name: String,
    /// `muted`.
    pub muted: bool,
    /// `beep`: a sound when the caller comes.
    pub beep_on_enter: bool,
    /// `beep`: a sound when the caller goes.
    pub beep_on_exit: bool,
    /// `startConferenceOnEnter`.
    pub start_on_enter: bool,
    /// `endConferenceOnExit`.
    pub end_on_exit: bool,
    /// `waitUrl` and `waitMethod`.
    pub wait: ConferenceWait,
    /// `maxParticipants`: 2–250.
    pub max_participants: u32,
    /// `record` and its companions, unless nothing is to be recorded.
    pub record: Option<Keep>,
    /// `eventCallbackUrl`: told of the recording, where `recordingStatusCallback` is not.
    pub event_callback: Option<String>,
    /// `coach`: the CallSid of who alone hears the caller, as written.
    pub coach: Option<String>,
    /// `participantLabel`, as written.
    pub label: Option<String>,
    /// `jitterBufferSize`.
    pub jitter: JitterBuffer,
    /// `statusCallback` and its companions.
    pub status: Option<ConferenceCallback>,
}

/// What is heard until a conference starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConferenceWait {
    /// No `waitUrl`: music.
    Music,
    /// An empty one.
    Silence,
    /// What that gives.
    Ask(Ask),
}

/// `jitterBufferSize`: how much jitter is evened out of what one participant says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JitterBuffer {
    /// `off`.
    Off,
    /// `small`: 20 ms.
    Small,
    /// `medium`: 40 ms.
    Medium,
    /// `large`: 60 ms.
    #[default]
    Large,
}

/// Where to tell what happens in a conference, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConferenceCallback {
    /// `statusCallback` and `statusCallbackMethod`.
    pub ask: Ask,
    /// `statusCallbackEvent`.
    pub events: ConferenceEvents,
}

/// What of a conference is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of words, one each")]
pub struct ConferenceEvents {
    /// `start`.
    pub start: bool,
    /// `end`.
    pub end: bool,
    /// `join`.
    pub join: bool,
    /// `leave`.
    pub leave: bool,
    /// `mute`: and its end.
    pub mute: bool,
    /// `hold`: and its end.
    pub hold: bool,
    /// `modify`: what else is changed of a participant.
    pub modify: bool,
    /// `speaker`: who begins to speak, who stops.
    pub speaker: bool,
    /// `announcement`: its end, or that it failed.
    pub announcement: bool,
}
