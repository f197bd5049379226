//! JSON inside parameters: `TranscriptionData`, `ProviderConfiguration`.
//!
//! Not here: JSON of messages and files (crate `legwork`).
//! Source: Twilio, "TwiML Voice: Transcription"; RFC 8259 §7.

use std::fmt::Write as _;

use crate::likelihood::part_of_one;

/// What was understood, and how surely, if that is known.
pub(super) fn transcript(text: &str, confidence: Option<u16>) -> String {
    let text = quoted(text);
    match confidence {
        Some(confidence) => {
            format!("{{\"transcript\":{text},\"confidence\":{}}}", part_of_one(confidence))
        }
        None => format!("{{\"transcript\":{text}}}"),
    }
}

/// Names and texts.
pub(super) fn texts(all: &[(&str, &str)]) -> String {
    let members: Vec<String> =
        all.iter().map(|(name, text)| format!("{}:{}", quoted(name), quoted(text))).collect();
    format!("{{{}}}", members.join(","))
}

/// A text between quotation marks.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() && u32::from(c) <= 0xffff => {
                // Never fails.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_is_json() {
        let table = [
            ("", r#"{"transcript":"","confidence":0.5}"#),
            ("my \"name\"", r#"{"transcript":"my \"name\"","confidence":0.5}"#),
            ("a\\b\n\u{0}é\u{7f}", r#"{"transcript":"a\\b\u000a\u0000é\u007f","confidence":0.5}"#),
        ];
        for (text, expected) in table {
            assert_eq!(transcript(text, Some(500)), expected);
        }
        assert_eq!(transcript("yes", None), r#"{"transcript":"yes"}"#);
        assert_eq!(texts(&[("a", "b"), ("c", "\"")]), r#"{"a":"b","c":"\""}"#);
        assert_eq!(texts(&[]), "{}");
    }
}
