//! `<Conference>`: its name and attributes.
//!
//! Not here: which may stand beside it (`parse/dial`), whether a label or CallSid may be used
//! (`legwork-call`, `conference`).
//! Source: Twilio, "TwiML Voice: Conference".

use roxmltree::Node;

use super::attribute::Attributes;
use super::record::keep;
use super::text;
use crate::limit::CONFERENCE_NAME_MAX;
use crate::problem::{CONFERENCE_NAME, Problems};
use crate::program::{
    Ask, Conference, ConferenceCallback, ConferenceEvents, ConferenceWait, JitterBuffer,
};
use crate::table::Element;

/// A conference; nothing, and a warning, if it has no name that it can have.
pub(super) fn conference(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Conference> {
    let attributes = Attributes::read(problems, row, node);
    let name = text(problems, row, node);
    let length = name.chars().count();
    if !(1..=CONFERENCE_NAME_MAX).contains(&length) {
        let text = format!(
            "the name of a conference has 1 to {CONFERENCE_NAME_MAX} characters; it is not joined"
        );
        problems.warn(node.range().start, CONFERENCE_NAME, text);
        return None;
    }
    // A warning has said that it is too long: whoever names a participant so would not find it.
    let label = attributes.optional("participantLabel");
    if label.is_none() && node.attribute("participantLabel").is_some_and(|said| !said.is_empty()) {
        return None;
    }
    let beep = attributes.value("beep");
    let records = attributes.value("record") == "record-from-start";
    Some(Conference {
        name,
        muted: attributes.is_true("muted"),
        beep_on_enter: matches!(beep, "true" | "onEnter"),
        beep_on_exit: matches!(beep, "true" | "onExit"),
        start_on_enter: attributes.is_true("startConferenceOnEnter"),
        end_on_exit: attributes.is_true("endConferenceOnExit"),
        wait: wait(&attributes),
        max_participants: attributes.whole("maxParticipants"),
        record: records.then(|| keep(&attributes)),
        event_callback: attributes.optional("eventCallbackUrl"),
        coach: attributes.optional("coach"),
        label,
        jitter: match attributes.value("jitterBufferSize") {
            "off" => JitterBuffer::Off,
            "small" => JitterBuffer::Small,
            "medium" => JitterBuffer::Medium,
            _ => JitterBuffer::Large,
        },
        status: status(&attributes),
    })
}

fn wait(attributes: &Attributes) -> ConferenceWait {
    match attributes.given_value("waitUrl") {
        None => ConferenceWait::Music,
        Some("") => ConferenceWait::Silence,
        Some(url) => {
            let (url, method) = (url.to_owned(), attributes.method("waitMethod"));
            ConferenceWait::Ask(Ask { url, method })
        }
    }
}

fn status(attributes: &Attributes) -> Option<ConferenceCallback> {
    let url = attributes.optional("statusCallback")?;
    let words = attributes.value("statusCallbackEvent");
    let has = |word: &str| words.split_whitespace().any(|other| other == word);
    let events = ConferenceEvents {
        start: has("start"),
        end: has("end"),
        join: has("join"),
        leave: has("leave"),
        mute: has("mute"),
        hold: has("hold"),
        modify: has("modify"),
        speaker: has("speaker"),
        announcement: has("announcement"),
    };
    let ask = Ask { url, method: attributes.method("statusCallbackMethod") };
    Some(ConferenceCallback { ask, events })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Dial, Method, Nouns, Verb};
    use crate::{Problem, parse};

    fn dial(noun: &str) -> (Dial, Vec<Problem>) {
        let (program, problems) =
            parse(format!("<Response><Dial>{noun}</Dial></Response>").as_bytes());
        let Some(Verb::Dial(dial)) = program.verbs.into_iter().next() else { panic!("{noun}") };
        (*dial, problems)
    }

    fn read(attributes: &str) -> Conference {
        let (dial, problems) = dial(&format!("<Conference {attributes}> room 1 </Conference>"));
        assert!(problems.is_empty(), "{problems:?}");
        let Nouns::Conference(conference) = dial.nouns else { panic!("{:?}", dial.nouns) };
        *conference
    }

    #[test]
    fn without_attributes_it_is_twilios() {
        let want = Conference {
            name: "room 1".to_owned(),
            muted: false,
            beep_on_enter: true,
            beep_on_exit: true,
            start_on_enter: true,
            end_on_exit: false,
            wait: ConferenceWait::Music,
            max_participants: 250,
            record: None,
            event_callback: None,
            coach: None,
            label: None,
            jitter: JitterBuffer::Large,
            status: None,
        };
        assert_eq!(read(""), want);
    }

    #[test]
    fn attributes_have_their_meaning() {
        for (beep, want) in [
            ("true", (true, true)),
            ("false", (false, false)),
            ("onEnter", (true, false)),
            ("onExit", (false, true)),
        ] {
            let read = read(&format!("beep='{beep}'"));
            assert_eq!((read.beep_on_enter, read.beep_on_exit), want, "{beep}");
        }
        assert_eq!(read("waitUrl=''").wait, ConferenceWait::Silence);
        let ask = Ask { url: "/wait".to_owned(), method: Method::Get };
        assert_eq!(read("waitUrl='/wait' waitMethod='get'").wait, ConferenceWait::Ask(ask));
        let told = read("statusCallback='/e' statusCallbackEvent='join  leave'").status.unwrap();
        let events = ConferenceEvents { join: true, leave: true, ..ConferenceEvents::default() };
        assert_eq!(told.events, events);
        assert!(read("record='record-from-start'").record.unwrap().trim);
        assert_eq!(read("jitterBufferSize='off'").jitter, JitterBuffer::Off);
    }

    #[test]
    fn a_name_has_1_to_128_characters() {
        for (length, is_one) in [(0, false), (1, true), (128, true), (129, false)] {
            let noun = format!("<Conference>{}</Conference>", "é".repeat(length));
            let (dial, problems) = dial(&noun);
            assert_eq!(matches!(dial.nouns, Nouns::Conference(_)), is_one, "{length}");
            let codes: Vec<u32> = problems.iter().map(|problem| problem.code).collect();
            assert_eq!(codes, if is_one { vec![] } else { vec![CONFERENCE_NAME] }, "{length}");
        }
    }

    #[test]
    fn a_label_has_up_to_128_characters() {
        for (length, is_joined) in [(0, true), (1, true), (128, true), (129, false)] {
            let label = "é".repeat(length);
            let (dial, problems) =
                dial(&format!("<Conference participantLabel='{label}'>a</Conference>"));
            assert_eq!(matches!(dial.nouns, Nouns::Conference(_)), is_joined, "{length}");
            assert_eq!(problems.len(), usize::from(!is_joined), "{problems:?}");
        }
    }

    #[test]
    fn the_dials_own_recording_is_not_made() {
        let document = "<Response><Dial record='true'><Conference>a</Conference></Dial></Response>";
        let (program, problems) = parse(document.as_bytes());
        let Some(Verb::Dial(dial)) = program.verbs.first() else { panic!("{program:?}") };
        assert_eq!((dial.record.is_none(), problems.len()), (true, 1), "{problems:?}");
    }
}
