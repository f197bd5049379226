//! What an application's agent and a caller tell each other: messages of a `<ConversationRelay>`.
//!
//! Not here: their JSON and the WebSocket (crate `legwork`), what is done with them (`relay`).
//! Source: Twilio, "ConversationRelay WebSocket messages".

use std::time::Duration;

use crate::sid::{AccountSid, CallSid, SessionSid};

/// Names one session. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayId(pub u64);

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayOrder {
    /// Connect, and begin with `setup`: `RelayEvent::Connected` or `Failed` follows.
    Open(Box<Setup>),
    /// Tell the application.
    Say(RelaySaid),
    /// It is over; what was said before is still told.
    Close,
}

/// Where to connect, and what the application is told first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// `url` as written: `wss://…` or `ws://…`.
    pub url: String,
    /// Whose token signs the handshake.
    pub account: AccountSid,
    /// `callSid`.
    pub call: CallSid,
    /// `sessionId`.
    pub session: SessionSid,
    /// `callType`: `SIP`, `PSTN`.
    pub call_type: &'static str,
    /// Members of `setup` that tell of the call: `from`, `to`, `direction`, `callStatus`, `parentCallSid`, …
    pub about: Vec<(&'static str, String)>,
    /// `customParameters`, in order.
    pub parameters: Vec<(String, String)>,
}

/// What the application is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelaySaid {
    /// `prompt`: the caller said something.
    Prompt {
        /// In words.
        text: String,
        /// BCP 47.
        language: String,
        /// Nothing of it will change any more.
        last: bool,
    },
    /// `dtmf`: the caller pressed a key.
    Dtmf {
        /// `0-9*#A-D`.
        digit: char,
    },
    /// `interrupt`: the caller broke in.
    Interrupt {
        /// What had been heard by then.
        text: String,
        /// For how long.
        after: Duration,
    },
    /// `error`: something can not be done as it was asked for.
    Error {
        /// What.
        text: String,
    },
    /// `info`, `agentSpeaking`: what the agent says is heard from now on, or not any more.
    AgentSpeaking(bool),
    /// `info`, `clientSpeaking`: the caller speaks from now on, or not any more.
    ClientSpeaking(bool),
    /// `info`, `tokensPlayed`: this has been heard.
    TokensPlayed(String),
}

/// What the shell tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayEvent {
    /// The application is there.
    Connected,
    /// The application said something.
    Told(RelayTold),
    /// The application said what is no message: why.
    Malformed {
        /// In words.
        text: String,
    },
    /// The application has left. Nothing follows.
    Closed,
    /// There is no connection, or not any more. Nothing follows.
    Failed {
        /// Code for the alert, Twilio's.
        code: u32,
        /// What went wrong and what to do.
        text: String,
    },
}

/// What the application said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayTold {
    /// `text`: a piece of what is to be spoken.
    Text {
        /// The piece; plain text.
        token: String,
        /// Nothing follows of this talk.
        last: bool,
        /// BCP 47; that of the session unless said.
        language: Option<String>,
        /// As the session unless said.
        interruptible: Option<bool>,
        /// As the session unless said.
        preemptible: Option<bool>,
    },
    /// `play`: a file.
    Play {
        /// Its URL, absolute.
        source: String,
        /// How often; 0: for ever.
        times: u32,
        /// As the session unless said.
        interruptible: Option<bool>,
        /// As the session unless said.
        preemptible: Option<bool>,
    },
    /// `sendDigits`: keys are pressed towards the caller.
    SendDigits {
        /// `0-9*#A-D`, `w`; others count as none.
        digits: String,
    },
    /// `language`: from now on.
    Language {
        /// What is spoken, if that changes.
        tts: Option<String>,
        /// What the caller speaks, if that changes.
        transcription: Option<String>,
    },
    /// `end`: the session is over.
    End {
        /// `HandoffData` of `action`.
        handoff: Option<String>,
    },
}
