//! `[speech]`, as meant: who speaks.
//!
//! Not here: what was typed (`file`), reading it (`meaning/speech`), speaking (`crate::speech`).
//! Source: docs/voices.md; OpenAI, API reference, "Create speech".

use std::time::Duration;

use url::Url;

use crate::config::Token;
use crate::config::unit::Notation;

/// `[speech]`, as meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speech {
    /// Speaks first; none: espeak-ng alone.
    pub openai: Option<Openai>,
}

/// An endpoint that speaks as OpenAI's does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openai {
    /// All of it: `https://…/v1/audio/speech`.
    pub url: Url,
    /// Sent as a bearer token.
    pub key: Option<Token>,
    /// `model`.
    pub model: String,
    /// `response_format`.
    pub format: Format,
    /// How long it may be silent.
    pub timeout: Duration,
    /// Ours, by name, by language and gender, or by gender, and its.
    pub voices: Vec<(String, String)>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpeechEngine {
    /// `espeak`
    #[default]
    Espeak,
    /// `openai`
    Openai,
}

impl Notation for SpeechEngine {
    const LIKE: &'static str = "\"espeak\" or \"openai\"";

    fn read(text: &str) -> Option<Self> {
        match text {
            "espeak" => Some(Self::Espeak),
            "openai" => Some(Self::Openai),
            _ => None,
        }
    }
}

/// `response_format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `wav`
    #[default]
    Wav,
    /// `mp3`
    Mp3,
    /// `flac`
    Flac,
    /// `opus`, in Ogg.
    Opus,
    /// `pcm`: 16 bits at 24 kHz, without a head.
    Pcm,
}

impl Format {
    /// As it is asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Flac => "flac",
            Self::Opus => "opus",
            Self::Pcm => "pcm",
        }
    }
}

impl Notation for Format {
    const LIKE: &'static str = "\"wav\", \"mp3\", \"flac\", \"opus\" or \"pcm\"";

    fn read(text: &str) -> Option<Self> {
        let all = [Self::Wav, Self::Mp3, Self::Flac, Self::Opus, Self::Pcm];
        all.into_iter().find(|format| format.name() == text)
    }
}
