//! `<Gather>`: what it collects, and what is heard meanwhile.
//!
//! Not here: collecting it (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Gather".

use std::time::Duration;

use roxmltree::Node;

use super::attribute::Attributes;
use super::{child, stray_text, verb};
use crate::problem::Problems;
use crate::program::{Ask, Gather, Inputs, Prompt, Speech, SpeechTimeout, Verb};
use crate::table::Element;

/// `<Gather>` as typed.
pub(super) fn gather(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Gather {
    Gather {
        input: inputs(attributes.value("input")),
        action: attributes.optional("action"),
        method: attributes.method("method"),
        timeout: attributes.seconds("timeout"),
        finish_on_key: attributes.value("finishOnKey").to_owned(),
        num_digits: (!attributes.value("numDigits").is_empty())
            .then(|| attributes.whole("numDigits")),
        action_on_empty_result: attributes.is_true("actionOnEmptyResult"),
        barge_in: attributes.is_true("bargeIn"),
        debug: attributes.is_true("debug"),
        speech: speech(attributes),
        prompts: prompts(problems, row, node),
    }
}

/// An empty list asks for what is usual.
fn inputs(value: &str) -> Inputs {
    let speech = value.split_whitespace().any(|word| word == "speech");
    let dtmf = value.split_whitespace().any(|word| word == "dtmf");
    Inputs { dtmf: dtmf || !speech, speech }
}

fn speech(attributes: &Attributes) -> Speech {
    let method = attributes.method("partialResultCallbackMethod");
    let partial = attributes.optional("partialResultCallback").map(|url| Ask { url, method });
    let longest = attributes.optional("maxSpeechTime").map(|_| attributes.seconds("maxSpeechTime"));
    let timeout = match attributes.value("speechTimeout") {
        "" => SpeechTimeout::AsTimeout,
        "auto" => SpeechTimeout::Auto,
        seconds => {
            let seconds = seconds.parse().unwrap_or_default();
            SpeechTimeout::After(Duration::from_secs(seconds))
        }
    };
    Speech {
        timeout,
        longest,
        language: attributes.value("language").to_owned(),
        hints: attributes.value("hints").to_owned(),
        model: attributes.value("speechModel").to_owned(),
        profanity_filter: attributes.is_true("profanityFilter"),
        partial,
    }
}

fn prompts(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> Vec<Prompt> {
    let mut prompts = Vec::new();
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            prompts.extend(prompt(verb(problems, row, inner)));
        }
    }
    prompts
}

fn prompt(verb: Verb) -> Option<Prompt> {
    match verb {
        Verb::Say(say) => Some(Prompt::Say(say)),
        Verb::Play(play) => Some(Prompt::Play(play)),
        Verb::Pause(pause) => Some(Prompt::Pause(pause)),
        // A <Play> that plays nothing: it was warned of.
        Verb::Unbuilt(_) => None,
        // The table lets none of them stand there.
        Verb::Dial(_)
        | Verb::Redirect(_)
        | Verb::Hangup(_)
        | Verb::Reject(_)
        | Verb::Refer(_)
        | Verb::Record(_)
        | Verb::Start(_)
        | Verb::Echo
        | Verb::Gather(_)
        | Verb::Connect(_)
        | Verb::Stop(_)
        | Verb::Press(_)
        | Verb::Enqueue(_)
        | Verb::Leave => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Method, Pause, Play, Say};
    use crate::{Verb, parse};

    fn gather_of(document: &str) -> (Gather, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{document}</Response>").as_bytes());
        let codes = problems.iter().map(|problem| problem.code).collect();
        match program.verbs.as_slice() {
            [Verb::Gather(gather)] => (gather.as_ref().clone(), codes),
            other => panic!("{other:?}"),
        }
    }

    fn usual() -> Gather {
        Gather {
            input: Inputs { dtmf: true, speech: false },
            action: None,
            method: Method::Post,
            timeout: Duration::from_secs(5),
            finish_on_key: "#".to_owned(),
            num_digits: None,
            action_on_empty_result: false,
            barge_in: true,
            debug: false,
            speech: Speech {
                timeout: SpeechTimeout::AsTimeout,
                longest: None,
                language: "en-US".to_owned(),
                hints: String::new(),
                model: "default".to_owned(),
                profanity_filter: true,
                partial: None,
            },
            prompts: Vec::new(),
        }
    }

    #[test]
    fn without_a_word_everything_is_as_usual() {
        assert_eq!(gather_of("<Gather/>"), (usual(), vec![]));
        assert_eq!(gather_of("<Gather input='' action=''/>"), (usual(), vec![]));
    }

    #[test]
    fn every_attribute_is_heard() {
        let (gather, codes) = gather_of(
            "<Gather input='speech dtmf' action='/a' method='get' timeout='0' speechTimeout='3' \
             maxSpeechTime='30' profanityFilter='false' finishOnKey='*#' numDigits='4' \
             partialResultCallback='/p' partialResultCallbackMethod='GET' language='de-DE' \
             hints='yes, no' bargeIn='false' actionOnEmptyResult='true' speechModel='phone_call' \
             enhanced='true' debug='true'/>",
        );
        let expected = Gather {
            input: Inputs { dtmf: true, speech: true },
            action: Some("/a".to_owned()),
            method: Method::Get,
            timeout: Duration::ZERO,
            finish_on_key: "*#".to_owned(),
            num_digits: Some(4),
            action_on_empty_result: true,
            barge_in: false,
            debug: true,
            speech: Speech {
                timeout: SpeechTimeout::After(Duration::from_secs(3)),
                longest: Some(Duration::from_secs(30)),
                language: "de-DE".to_owned(),
                hints: "yes, no".to_owned(),
                model: "phone_call".to_owned(),
                profanity_filter: false,
                partial: Some(Ask { url: "/p".to_owned(), method: Method::Get }),
            },
            prompts: Vec::new(),
        };
        assert_eq!((gather, codes), (expected, vec![]));
    }

    #[test]
    fn what_does_not_hold_is_as_usual_with_a_code() {
        for (attribute, code) in [
            ("input='keys'", 13_326),
            ("method='PUT'", 13_312),
            ("timeout='-1'", 13_313),
            ("speechTimeout='0'", 13_327),
            ("maxSpeechTime='0'", 13_328),
            ("profanityFilter='no'", 13_333),
            ("finishOnKey='x'", 13_310),
            ("numDigits='0'", 13_314),
            ("partialResultCallbackMethod='PUT'", 13_329),
            ("language='e'", 13_331),
            ("bargeIn='1'", 13_332),
            ("actionOnEmptyResult='1'", 13_338),
            ("debug='yes'", 12_200),
        ] {
            let (gather, codes) = gather_of(&format!("<Gather {attribute}/>"));
            assert_eq!((gather, codes), (usual(), vec![code]), "{attribute}");
        }
    }

    #[test]
    fn inputs_and_speech_timeouts() {
        let of = |attribute: &str| gather_of(&format!("<Gather {attribute}/>")).0;
        for (input, dtmf, speech) in
            [("dtmf", true, false), ("speech", false, true), ("dtmf speech", true, true)]
        {
            let gather = of(&format!("input='{input}'"));
            assert_eq!(gather.input, Inputs { dtmf, speech }, "{input}");
        }
        assert_eq!(of("speechTimeout='auto'").speech.timeout, SpeechTimeout::Auto);
        assert_eq!(of("finishOnKey=''").finish_on_key, "");
    }

    #[test]
    fn what_is_heard_meanwhile() {
        let (gather, codes) = gather_of(
            "<Gather><Say voice='alice' loop='0'>hi</Say><Play>/a.wav</Play><Pause length='2'/>\
             <Play/><Dial>1</Dial><Record/>text<Say voice='Bob'/></Gather>",
        );
        let say = |voice: &str, times, ssml: &str| {
            let (voice, ssml) = (voice.to_owned(), ssml.to_owned());
            Prompt::Say(Say { voice, language: String::new(), times, ssml })
        };
        let prompts = [
            say("alice", 0, "hi"),
            Prompt::Play(Play { url: "/a.wav".to_owned(), times: 1 }),
            Prompt::Pause(Pause { length: Duration::from_secs(2) }),
            say("man", 1, ""),
        ];
        assert_eq!(gather.prompts, prompts);
        assert_eq!(codes, [12_200, 13_320, 13_320, 12_200, 13_321, 13_520]);
    }
}
