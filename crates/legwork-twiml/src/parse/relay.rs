//! `<ConversationRelay>` in `<Connect>`.
//!
//! Not here: `<Connect>` itself (`parse/stream`), whether the URL can be reached (`legwork`).
//! Source: Twilio, "TwiML Voice: ConversationRelay"; error codes 64101, 64102.

use std::time::Duration;

use roxmltree::Node;

use super::attribute::Attributes;
use super::noun::parameter;
use super::{child, no_text, stray_text};
use crate::limit::LANGUAGES_MAX;
use crate::problem::{Problems, RELAY_PARAMETER, SCHEMA};
use crate::program::{Interrupts, Relay, RelayLanguage, Sensitivity};
use crate::table::Element;

/// The least and most of `speechTimeout`, milliseconds.
const SILENCE: std::ops::RangeInclusive<u64> = 300..=10_000;

/// `<ConversationRelay>`; nothing when it leads nowhere.
pub(super) fn relay(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Relay> {
    let attributes = Attributes::read(problems, row, node);
    let (languages, parameters) = children(problems, row, node);
    let at = node.range().start;
    let Some(url) = attributes.optional("url") else {
        // One that is wrong has been warned of.
        if node.attribute("url").is_none_or(|url| url.trim().is_empty()) {
            let text = "<ConversationRelay> has no url and is passed over";
            problems.warn(at, RELAY_PARAMETER, text.to_owned());
        }
        return None;
    };
    let language = attributes.value("language").to_owned();
    let or_language = |name: &str| attributes.optional(name).unwrap_or_else(|| language.clone());
    let interrupts = |name: &str| Interrupts::of(attributes.value(name)).unwrap_or(Interrupts::Any);
    let is_told = |what: &str| {
        let mut all = ["events", "debug"].into_iter();
        all.any(|name| attributes.value(name).split([' ', ',']).any(|word| word == what))
    };
    Some(Relay {
        url,
        greeting: attributes.optional("welcomeGreeting"),
        greeting_interrupts: interrupts("welcomeGreetingInterruptible"),
        interrupts: interrupts("interruptible"),
        preemptible: attributes.is_true("preemptible"),
        reports: interrupts("reportInputDuringAgentSpeech"),
        sensitivity: match attributes.value("interruptSensitivity") {
            "low" => Sensitivity::Low,
            "medium" => Sensitivity::Medium,
            _ => Sensitivity::High,
        },
        ignores_backchannel: attributes.is_true("ignoreBackchannel"),
        dtmf: attributes.is_true("dtmfDetection"),
        partial: attributes.is_true("partialPrompts"),
        tts_language: or_language("ttsLanguage"),
        transcription_language: or_language("transcriptionLanguage"),
        tts_provider: attributes.value("ttsProvider").to_owned(),
        voice: attributes.value("voice").to_owned(),
        transcription_provider: attributes.value("transcriptionProvider").to_owned(),
        model: attributes.value("speechModel").to_owned(),
        hints: attributes.value("hints").to_owned(),
        profanity_filter: attributes.is_true("profanityFilter"),
        silence: silence(problems, at, attributes.value("speechTimeout")),
        speaker_events: is_told("speaker-events"),
        tokens_played: is_told("tokens-played"),
        languages,
        parameters,
    })
}

fn silence(problems: &mut Problems<'_>, at: usize, value: &str) -> Option<Duration> {
    if matches!(value, "" | "auto") {
        return None;
    }
    let milliseconds = value.parse().ok().filter(|it| SILENCE.contains(it));
    if milliseconds.is_none() {
        let text = "speechTimeout is neither auto nor 300 to 10000 milliseconds; auto is used";
        problems.warn(at, RELAY_PARAMETER, text.to_owned());
    }
    milliseconds.map(Duration::from_millis)
}

fn children(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> (Vec<RelayLanguage>, Vec<(String, String)>) {
    let (mut languages, mut parameters) = (Vec::new(), Vec::new());
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            if row.name == "Language" {
                language(problems, &mut languages, row, inner);
            } else {
                parameter(problems, &mut parameters, row, inner);
            }
        }
    }
    (languages, parameters)
}

fn language(
    problems: &mut Problems<'_>,
    languages: &mut Vec<RelayLanguage>,
    row: &'static Element,
    node: Node<'_, '_>,
) {
    let attributes = Attributes::read(problems, row, node);
    no_text(problems, row, node);
    let at = node.range().start;
    let Some(code) = attributes.optional("code") else {
        let text = "<Language> has no code and is ignored";
        return problems.warn(at, RELAY_PARAMETER, text.to_owned());
    };
    if languages.len() == LANGUAGES_MAX {
        let text = format!("there are more than {LANGUAGES_MAX} languages; this one is ignored");
        return problems.warn(at, SCHEMA, text);
    }
    let value = |name: &str| attributes.value(name).to_owned();
    languages.push(RelayLanguage {
        code,
        tts_provider: value("ttsProvider"),
        voice: value("voice"),
        transcription_provider: value("transcriptionProvider"),
        model: value("speechModel"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Connected;
    use crate::{Verb, parse};

    fn connected(inner: &str) -> (Option<Relay>, Vec<u32>) {
        let document = format!("<Response><Connect>{inner}</Connect></Response>");
        let (program, problems) = parse(document.as_bytes());
        let [Verb::Connect(connect)] = program.verbs.as_slice() else { panic!("{program:?}") };
        let codes = problems.iter().map(|problem| problem.code).collect();
        match &connect.noun {
            None => (None, codes),
            Some(Connected::Relay(relay)) => (Some(relay.as_ref().clone()), codes),
            other => panic!("{other:?}"),
        }
    }

    fn usual() -> Relay {
        Relay {
            url: "wss://h/x".to_owned(),
            greeting: None,
            greeting_interrupts: Interrupts::Any,
            interrupts: Interrupts::Any,
            preemptible: false,
            reports: Interrupts::None,
            sensitivity: Sensitivity::High,
            ignores_backchannel: false,
            dtmf: false,
            partial: false,
            tts_language: "en-US".to_owned(),
            transcription_language: "en-US".to_owned(),
            tts_provider: String::new(),
            voice: String::new(),
            transcription_provider: String::new(),
            model: String::new(),
            hints: String::new(),
            profanity_filter: false,
            silence: None,
            speaker_events: false,
            tokens_played: false,
            languages: Vec::new(),
            parameters: Vec::new(),
        }
    }

    #[test]
    fn without_a_word_and_with_everything() {
        assert_eq!(connected("<ConversationRelay url='wss://h/x'/>"), (Some(usual()), vec![]));
        let (relay, codes) = connected(
            "<ConversationRelay url='ws://h' welcomeGreeting='Hi' preemptible='true' \
             welcomeGreetingInterruptible='none' interruptible='dtmf' dtmfDetection='true' \
             reportInputDuringAgentSpeech='any' interruptSensitivity='low' partialPrompts='true' \
             ignoreBackchannel='true' language='de-DE' ttsLanguage='fr-FR' voice='Polly.Lea' \
             speechModel='m' hints='a, b' ttsProvider='Amazon' transcriptionProvider='Deepgram' profanityFilter='true' speechTimeout='700' \
             events='speaker-events tokens-played'>\
             <Language code='es-ES' voice='v' ttsProvider='Google'/><Parameter name='p' value='1'/></ConversationRelay>",
        );
        let expected = Relay {
            url: "ws://h".to_owned(),
            greeting: Some("Hi".to_owned()),
            greeting_interrupts: Interrupts::None,
            interrupts: Interrupts::Dtmf,
            preemptible: true,
            reports: Interrupts::Any,
            sensitivity: Sensitivity::Low,
            ignores_backchannel: true,
            dtmf: true,
            partial: true,
            tts_language: "fr-FR".to_owned(),
            transcription_language: "de-DE".to_owned(),
            tts_provider: "Amazon".to_owned(),
            voice: "Polly.Lea".to_owned(),
            transcription_provider: "Deepgram".to_owned(),
            model: "m".to_owned(),
            hints: "a, b".to_owned(),
            profanity_filter: true,
            silence: Some(Duration::from_millis(700)),
            speaker_events: true,
            tokens_played: true,
            languages: vec![RelayLanguage {
                code: "es-ES".to_owned(),
                tts_provider: "Google".to_owned(),
                voice: "v".to_owned(),
                transcription_provider: String::new(),
                model: String::new(),
            }],
            parameters: vec![("p".to_owned(), "1".to_owned())],
        };
        assert_eq!((relay, codes), (Some(expected), vec![]));
    }

    #[test]
    fn what_does_not_hold_is_as_if_absent() {
        let table: [(&str, u32); 9] = [
            ("interruptible='maybe'", 64_101),
            ("welcomeGreetingInterruptible='yes'", 64_101),
            ("interruptSensitivity='extreme'", 64_101),
            ("speechTimeout='299'", 64_101),
            ("speechTimeout='10001'", 64_101),
            ("speechTimeout='soon'", 64_101),
            ("deepgramSmartFormat='true'", SCHEMA),
            ("eotThreshold='0.6'", SCHEMA),
            ("conversationConfiguration='conv_1'", SCHEMA),
        ];
        for (attributes, code) in table {
            let found = connected(&format!("<ConversationRelay url='wss://h/x' {attributes}/>"));
            assert_eq!(found, (Some(usual()), vec![code]), "{attributes}");
        }
        for (attributes, codes) in
            [("", vec![64_101]), ("url=''", vec![64_101]), ("url='https://h'", vec![64_102])]
        {
            assert_eq!(connected(&format!("<ConversationRelay {attributes}/>")), (None, codes));
        }
    }

    #[test]
    fn languages_have_codes_and_are_few() {
        let inner = |inner: &str| {
            connected(&format!("<ConversationRelay url='wss://h'>{inner}</ConversationRelay>"))
        };
        let one = "<Language code='de-DE'/>";
        let (relay, codes) = inner(&one.repeat(LANGUAGES_MAX));
        assert_eq!((relay.unwrap().languages.len(), codes), (LANGUAGES_MAX, vec![]));
        let (relay, codes) = inner(&one.repeat(LANGUAGES_MAX + 1));
        assert_eq!((relay.unwrap().languages.len(), codes), (LANGUAGES_MAX, vec![SCHEMA]));
        let (relay, codes) = inner("<Language voice='a'/>");
        assert_eq!((relay.unwrap().languages.len(), codes), (0, vec![64_101]));
    }
}
