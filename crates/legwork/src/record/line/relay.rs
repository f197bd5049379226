//! What an agent's application said, as a line of a recording has it.
//!
//! Not here: the other inputs (`record::line`).

use legwork_call::io::relay::{RelayEvent, RelayTold};
use serde::{Deserialize, Serialize};

/// `legwork_call::io::relay::RelayEvent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in `legwork_call::io::relay`")]
pub enum RelayLine {
    Connected,
    Text {
        token: String,
        last: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interruptible: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preemptible: Option<bool>,
    },
    Play {
        source: String,
        times: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interruptible: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preemptible: Option<bool>,
    },
    SendDigits(String),
    Language {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tts: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transcription: Option<String>,
    },
    End {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handoff: Option<String>,
    },
    Malformed(String),
    Closed,
    Failed {
        code: u32,
        text: String,
    },
}

impl RelayLine {
    pub(super) fn of(event: &RelayEvent) -> Self {
        match event.clone() {
            RelayEvent::Connected => Self::Connected,
            RelayEvent::Told(told) => Self::of_told(told),
            RelayEvent::Malformed { text } => Self::Malformed(text),
            RelayEvent::Closed => Self::Closed,
            RelayEvent::Failed { code, text } => Self::Failed { code, text },
        }
    }

    fn of_told(told: RelayTold) -> Self {
        match told {
            RelayTold::Text { token, last, language, interruptible, preemptible } => {
                Self::Text { token, last, language, interruptible, preemptible }
            }
            RelayTold::Play { source, times, interruptible, preemptible } => {
                Self::Play { source, times, interruptible, preemptible }
            }
            RelayTold::SendDigits { digits } => Self::SendDigits(digits),
            RelayTold::Language { tts, transcription } => Self::Language { tts, transcription },
            RelayTold::End { handoff } => Self::End { handoff },
        }
    }

    pub(super) fn read(&self) -> RelayEvent {
        RelayEvent::Told(match self.clone() {
            Self::Connected => return RelayEvent::Connected,
            Self::Malformed(text) => return RelayEvent::Malformed { text },
            Self::Closed => return RelayEvent::Closed,
            Self::Failed { code, text } => return RelayEvent::Failed { code, text },
            Self::Text { token, last, language, interruptible, preemptible } => {
                RelayTold::Text { token, last, language, interruptible, preemptible }
            }
            Self::Play { source, times, interruptible, preemptible } => {
                RelayTold::Play { source, times, interruptible, preemptible }
            }
            Self::SendDigits(digits) => RelayTold::SendDigits { digits },
            Self::Language { tts, transcription } => RelayTold::Language { tts, transcription },
            Self::End { handoff } => RelayTold::End { handoff },
        })
    }

    /// What others have written in it.
    pub(in crate::record) fn text_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Text { token: text, .. }
            | Self::Play { source: text, .. }
            | Self::SendDigits(text)
            | Self::Malformed(text)
            | Self::Failed { text, .. } => Some(text),
            Self::End { handoff } => handoff.as_mut(),
            Self::Connected | Self::Language { .. } | Self::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_comes_back() {
        let told = [
            RelayTold::Text {
                token: "a".to_owned(),
                last: true,
                language: Some("de-DE".to_owned()),
                interruptible: Some(false),
                preemptible: None,
            },
            RelayTold::Play {
                source: "http://h".to_owned(),
                times: 2,
                interruptible: None,
                preemptible: Some(true),
            },
            RelayTold::SendDigits { digits: "1".to_owned() },
            RelayTold::Language { tts: None, transcription: Some("fr-FR".to_owned()) },
            RelayTold::End { handoff: Some("{}".to_owned()) },
        ];
        let others = [
            RelayEvent::Connected,
            RelayEvent::Malformed { text: "a".to_owned() },
            RelayEvent::Closed,
            RelayEvent::Failed { code: 64_102, text: "a".to_owned() },
        ];
        for event in told.map(RelayEvent::Told).into_iter().chain(others) {
            let line = serde_json::to_string(&RelayLine::of(&event)).unwrap();
            let line: RelayLine = serde_json::from_str(&line).unwrap();
            assert_eq!(line.read(), event, "{line:?}");
        }
    }
}
