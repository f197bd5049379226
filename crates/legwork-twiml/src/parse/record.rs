//! What records: `<Record>`, `record` of `<Dial>`, `<Start>` with its `<Recording>`.
//!
//! Not here: recording (`legwork-call`, `recording`).
//! Source: Twilio, "TwiML Voice: Record", "Dial", "Recording"; one side alone is one channel.

use std::time::Duration;

use roxmltree::Node;

use super::attribute::Attributes;
use super::{child, no_text, siprec, stray_text, stream, transcription};
use crate::limit::TRANSCRIBED_MAX;
use crate::problem::{Problems, TRANSCRIBE_MAX_LENGTH};
use crate::program::{
    Ask, DialRecord, Keep, Record, RecordingCallback, RecordingEvents, Sides, Start,
    StartRecording, Started,
};
use crate::table::Element;

/// `<Record>`.
pub(super) fn record(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Record {
    no_text(problems, row, node);
    let timeout = attributes.seconds("timeout");
    let transcribe = attributes.is_true("transcribe");
    let max_length = if transcribe {
        let is_said = attributes.given().iter().any(|(name, _)| *name == "maxLength");
        let wanted = if is_said { attributes.whole("maxLength") } else { TRANSCRIBED_MAX };
        if wanted > TRANSCRIBED_MAX {
            let text = format!(
                "at most {TRANSCRIBED_MAX} seconds are transcribed, so maxLength is {TRANSCRIBED_MAX}"
            );
            problems.warn(node.range().start, TRANSCRIBE_MAX_LENGTH, text);
        }
        Duration::from_secs(u64::from(wanted.min(TRANSCRIBED_MAX)))
    } else {
        attributes.seconds("maxLength")
    };
    Record {
        action: attributes.optional("action"),
        method: attributes.method("method"),
        timeout: (!timeout.is_zero()).then_some(timeout),
        finish_on_key: attributes.value("finishOnKey").to_owned(),
        max_length,
        play_beep: attributes.is_true("playBeep"),
        keep: keep(attributes),
        transcribe,
        transcribe_callback: attributes.optional("transcribeCallback"),
    }
}

/// `record` of `<Dial>` and its companions.
pub(super) fn dial_record(attributes: &Attributes) -> Option<DialRecord> {
    let (from_ringing, is_dual) = match attributes.value("record") {
        "true" | "record-from-answer" => (false, false),
        "record-from-answer-dual" => (false, true),
        "record-from-ringing" => (true, false),
        "record-from-ringing-dual" => (true, true),
        _ => return None,
    };
    let sides = sides(attributes.value("recordingTrack"), is_dual);
    Some(DialRecord { from_ringing, sides, keep: keep(attributes) })
}

/// `<Start>` and what it starts.
pub(super) fn start(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Start {
    let mut nouns = Vec::new();
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            nouns.extend(started(problems, row, inner));
        }
    }
    Start { action: attributes.optional("action"), method: attributes.method("method"), nouns }
}

fn started(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Started> {
    if row.name == "Stream" {
        return stream::stream(problems, row, node).map(Started::Stream);
    }
    if row.name == "Siprec" {
        return Some(Started::Siprec(Box::new(siprec::siprec(problems, row, node))));
    }
    if row.name == "Transcription" {
        let started = transcription::transcription(problems, row, node);
        return Some(Started::Transcription(Box::new(started)));
    }
    let attributes = Attributes::read(problems, row, node);
    no_text(problems, row, node);
    let is_dual = attributes.value("channels") == "dual";
    let sides = sides(attributes.value("track"), is_dual);
    Some(Started::Recording(StartRecording { sides, keep: keep(&attributes) }))
}

fn sides(track: &str, is_dual: bool) -> Sides {
    match track {
        "inbound" => Sides::Inbound,
        "outbound" => Sides::Outbound,
        _ if is_dual => Sides::Dual,
        _ => Sides::Mixed,
    }
}

/// How what is recorded is kept, and who is told.
pub(super) fn keep(attributes: &Attributes) -> Keep {
    let events = attributes.value("recordingStatusCallbackEvent");
    let has = |name: &str| events.split_whitespace().any(|event| event == name);
    let events = RecordingEvents {
        in_progress: has("in-progress"),
        completed: has("completed"),
        absent: has("absent"),
    };
    let status = attributes.optional("recordingStatusCallback").map(|url| RecordingCallback {
        ask: Ask { url, method: attributes.method("recordingStatusCallbackMethod") },
        events,
    });
    Keep { trim: attributes.value("trim") == "trim-silence", status }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::SCHEMA;
    use crate::{Method, Tracks, Verb, parse};

    fn read(inner: &str) -> (Vec<Verb>, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{inner}</Response>").as_bytes());
        (program.verbs, problems.iter().map(|problem| problem.code).collect())
    }

    fn record_of(attributes: &str) -> (Record, Vec<u32>) {
        let (verbs, codes) = read(&format!("<Record {attributes}/>"));
        match verbs.as_slice() {
            [Verb::Record(record)] => (record.as_ref().clone(), codes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn record_without_a_word() {
        let (record, codes) = record_of("");
        let expected = Record {
            action: None,
            method: Method::Post,
            timeout: Some(Duration::from_secs(5)),
            finish_on_key: "1234567890*#".to_owned(),
            max_length: Duration::from_secs(3_600),
            play_beep: true,
            keep: Keep { trim: true, status: None },
            transcribe: false,
            transcribe_callback: None,
        };
        assert_eq!((record, codes), (expected, vec![]));
    }

    #[test]
    fn record_with_everything() {
        let (record, codes) = record_of(
            "action='/a' method='GET' timeout='0' finishOnKey='' maxLength='2' playBeep='false' \
             trim='do-not-trim' recordingStatusCallback='/s' recordingStatusCallbackMethod='GET' \
             recordingStatusCallbackEvent='absent in-progress' transcribe='true' \
             transcribeCallback='/t'",
        );
        let events = RecordingEvents { in_progress: true, completed: false, absent: true };
        let ask = Ask { url: "/s".to_owned(), method: Method::Get };
        let expected = Record {
            action: Some("/a".to_owned()),
            method: Method::Get,
            timeout: None,
            finish_on_key: String::new(),
            max_length: Duration::from_secs(2),
            play_beep: false,
            keep: Keep { trim: false, status: Some(RecordingCallback { ask, events }) },
            transcribe: true,
            transcribe_callback: Some("/t".to_owned()),
        };
        assert_eq!((record, codes), (expected, vec![]));
    }

    #[test]
    fn what_is_transcribed_is_short() {
        let table: [(&str, u64, &[u32]); 4] = [
            ("transcribe='true'", 120, &[]),
            ("transcribe='true' maxLength='120'", 120, &[]),
            ("transcribe='true' maxLength='121'", 120, &[TRANSCRIBE_MAX_LENGTH]),
            ("maxLength='121'", 121, &[]),
        ];
        for (attributes, seconds, codes) in table {
            let (record, found) = record_of(attributes);
            assert_eq!(record.max_length.as_secs(), seconds, "{attributes}");
            assert_eq!(found, codes, "{attributes}");
        }
    }

    #[test]
    fn what_a_dial_records() {
        let table = [
            ("record='do-not-record'", None),
            ("record='false'", None),
            ("recordingTrack='inbound'", None),
            ("record='true'", Some((false, Sides::Mixed))),
            ("record='record-from-answer'", Some((false, Sides::Mixed))),
            ("record='record-from-answer-dual'", Some((false, Sides::Dual))),
            ("record='record-from-ringing'", Some((true, Sides::Mixed))),
            ("record='record-from-ringing-dual'", Some((true, Sides::Dual))),
            ("record='true' recordingTrack='inbound'", Some((false, Sides::Inbound))),
            // One side alone is one channel.
            (
                "record='record-from-answer-dual' recordingTrack='outbound'",
                Some((false, Sides::Outbound)),
            ),
        ];
        for (attributes, expected) in table {
            let (verbs, codes) = read(&format!("<Dial {attributes}>+15551234567</Dial>"));
            let [Verb::Dial(dial)] = verbs.as_slice() else { panic!("{verbs:?}") };
            let found = dial.record.as_ref().map(|record| (record.from_ringing, record.sides));
            assert_eq!((found, codes), (expected, vec![]), "{attributes}");
        }
    }

    #[test]
    fn what_is_started() {
        let (verbs, codes) = read(
            "<Start action='/a'><Recording/>x<Siprec/>\
             <Recording channels='mono' track='both' trim='do-not-trim'/></Start>",
        );
        let [Verb::Start(start)] = verbs.as_slice() else { panic!("{verbs:?}") };
        assert_eq!((start.action.as_deref(), start.method), (Some("/a"), Method::Post));
        let [Started::Recording(first), Started::Siprec(siprec), Started::Recording(second)] =
            start.nouns.as_slice()
        else {
            panic!("{start:?}")
        };
        assert_eq!((first.sides, first.keep.trim), (Sides::Dual, true));
        assert_eq!((siprec.tracks, &siprec.name), (Tracks::Both, &None));
        assert_eq!((second.sides, second.keep.trim), (Sides::Mixed, false));
        assert_eq!(codes, [SCHEMA]);
    }
}
