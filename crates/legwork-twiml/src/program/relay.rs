//! Text to and from an application's agent: `<ConversationRelay>`.
//!
//! Not here: `<Connect>` (`program/stream`), names and defaults (`beside`).
//! Source: Twilio, "TwiML Voice: ConversationRelay".

use std::time::Duration;

/// `<ConversationRelay>`: attributes as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// `url`: `wss://…`, or `ws://…`; not empty.
    pub url: String,
    /// `welcomeGreeting`.
    pub greeting: Option<String>,
    /// `welcomeGreetingInterruptible`: any unless said.
    pub greeting_interrupts: Interrupts,
    /// `interruptible`: any unless said.
    pub interrupts: Interrupts,
    /// `preemptible`.
    pub preemptible: bool,
    /// `reportInputDuringAgentSpeech`: none unless said.
    pub reports: Interrupts,
    /// `interruptSensitivity`: high unless said.
    pub sensitivity: Sensitivity,
    /// `ignoreBackchannel`.
    pub ignores_backchannel: bool,
    /// `dtmfDetection`.
    pub dtmf: bool,
    /// `partialPrompts`.
    pub partial: bool,
    /// `ttsLanguage`, or `language`: `en-US` unless said.
    pub tts_language: String,
    /// `transcriptionLanguage`, or `language`.
    pub transcription_language: String,
    /// `ttsProvider`; empty unless said.
    pub tts_provider: String,
    /// `voice`; empty unless said.
    pub voice: String,
    /// `transcriptionProvider`; empty unless said.
    pub transcription_provider: String,
    /// `speechModel`; empty unless said.
    pub model: String,
    /// `hints`: phrases with commas between.
    pub hints: String,
    /// `profanityFilter`.
    pub profanity_filter: bool,
    /// `speechTimeout`: 300–10,000 ms; none: as usual.
    pub silence: Option<Duration>,
    /// `speaker-events` of `events` or `debug`: when it begins and ends to speak.
    pub speaker_events: bool,
    /// `tokens-played` of `events` or `debug`.
    pub tokens_played: bool,
    /// `<Language>`s, in document order.
    pub languages: Vec<RelayLanguage>,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}

/// `<Language>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayLanguage {
    /// `code`.
    pub code: String,
    /// `ttsProvider`; empty unless said.
    pub tts_provider: String,
    /// `voice`; empty unless said.
    pub voice: String,
    /// `transcriptionProvider`; empty unless said.
    pub transcription_provider: String,
    /// `speechModel`; empty unless said.
    pub model: String,
}

/// Which input does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupts {
    /// `none`, `false`.
    None,
    /// `dtmf`.
    Dtmf,
    /// `speech`.
    Speech,
    /// `any`, `true`.
    Any,
}

impl Interrupts {
    /// Of one of the words; none: it is another.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "none" | "false" => Some(Self::None),
            "dtmf" => Some(Self::Dtmf),
            "speech" => Some(Self::Speech),
            "any" | "true" => Some(Self::Any),
            _ => None,
        }
    }

    /// Keys do it.
    #[must_use]
    pub const fn by_keys(self) -> bool {
        matches!(self, Self::Dtmf | Self::Any)
    }

    /// Speech does it.
    #[must_use]
    pub const fn by_speech(self) -> bool {
        matches!(self, Self::Speech | Self::Any)
    }
}

/// `interruptSensitivity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitivity {
    /// `low`: a whole utterance.
    Low,
    /// `medium`: the first words.
    Medium,
    /// `high`: a voice.
    High,
}
