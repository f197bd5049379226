//! `<Transcription>` in `<Start>`.
//!
//! Not here: the rest of `<Start>` (`parse/record`), `<Stop>` (`parse/stream`), understanding (`legwork`).
//! Source: Twilio, "TwiML Voice: Transcription"; error code 32650.

use roxmltree::Node;

use super::attribute::Attributes;
use super::noun::parameter;
use super::{child, no_text, stray_text};
use crate::limit::CONFIGS_MAX;
use crate::problem::{CONFIGURATION, Problems, SCHEMA};
use crate::program::{Ask, Tracks, Transcription};
use crate::table::Element;

/// `<Transcription>` in `<Start>`.
pub(super) fn transcription(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Transcription {
    let attributes = Attributes::read(problems, row, node);
    let (parameters, settings) = children(problems, row, node);
    let method = attributes.method("statusCallbackMethod");
    Transcription {
        name: attributes.optional("name"),
        tracks: match attributes.value("track") {
            "inbound_track" => Tracks::Inbound,
            "outbound_track" => Tracks::Outbound,
            _ => Tracks::Both,
        },
        status: attributes.optional("statusCallbackUrl").map(|url| Ask { url, method }),
        inbound_label: attributes.optional("inboundTrackLabel"),
        outbound_label: attributes.optional("outboundTrackLabel"),
        partial: attributes.is_true("partialResults"),
        language: attributes.value("languageCode").to_owned(),
        engine: attributes.value("transcriptionEngine").to_owned(),
        profanity_filter: attributes.is_true("profanityFilter"),
        model: attributes.value("speechModel").to_owned(),
        hints: attributes.value("hints").to_owned(),
        punctuation: attributes.is_true("enableAutomaticPunctuation"),
        parameters,
        settings,
    }
}

/// Names and values, in document order.
type Pairs = Vec<(String, String)>;

/// `<Parameter>`s and `<Config>`s.
fn children(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> (Pairs, Pairs) {
    let (mut parameters, mut settings) = (Vec::new(), Vec::new());
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            if row.name == "Config" {
                setting(problems, &mut settings, row, inner);
            } else {
                parameter(problems, &mut parameters, row, inner);
            }
        }
    }
    (parameters, settings)
}

fn setting(
    problems: &mut Problems<'_>,
    settings: &mut Pairs,
    row: &'static Element,
    node: Node<'_, '_>,
) {
    let attributes = Attributes::read(problems, row, node);
    no_text(problems, row, node);
    let at = node.range().start;
    let (name, value) = (attributes.value("name"), attributes.value("value"));
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-.[]".contains(&b);
    if name.is_empty() || !name.bytes().all(is_allowed) {
        let text = "<Config> has no name that a form field may have and is ignored";
        problems.warn(at, CONFIGURATION, text.to_owned());
    } else if settings.len() == CONFIGS_MAX {
        let text = format!("there are more than {CONFIGS_MAX} settings; this one is ignored");
        problems.warn(at, SCHEMA, text);
    } else {
        settings.push((name.to_owned(), value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Method, Started, Stopped};
    use crate::{Verb, parse};

    fn read(inner: &str) -> (Vec<Verb>, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{inner}</Response>").as_bytes());
        (program.verbs, problems.iter().map(|problem| problem.code).collect())
    }

    fn started(attributes: &str) -> (Transcription, Vec<u32>) {
        let (verbs, codes) = read(&format!("<Start><Transcription {attributes}/></Start>"));
        let [Verb::Start(start)] = verbs.as_slice() else { panic!("{verbs:?}") };
        match start.nouns.as_slice() {
            [Started::Transcription(transcription)] => (transcription.as_ref().clone(), codes),
            other => panic!("{other:?}"),
        }
    }

    fn usual() -> Transcription {
        Transcription {
            name: None,
            tracks: Tracks::Both,
            status: None,
            inbound_label: None,
            outbound_label: None,
            partial: false,
            language: "en-US".to_owned(),
            engine: "google".to_owned(),
            profanity_filter: true,
            model: "telephony".to_owned(),
            hints: String::new(),
            punctuation: true,
            parameters: Vec::new(),
            settings: Vec::new(),
        }
    }

    #[test]
    fn without_a_word_and_with_everything() {
        assert_eq!(started(""), (usual(), vec![]));
        let (transcription, codes) = started(
            "name='a' track='inbound_track' statusCallbackUrl='/s' statusCallbackMethod='get' \
             inboundTrackLabel='agent' outboundTrackLabel='customer' partialResults='true' \
             languageCode='de-DE' transcriptionEngine='deepgram' profanityFilter='false' \
             speechModel='nova-3' hints='a, b' enableAutomaticPunctuation='false'",
        );
        let expected = Transcription {
            name: Some("a".to_owned()),
            tracks: Tracks::Inbound,
            status: Some(Ask { url: "/s".to_owned(), method: Method::Get }),
            inbound_label: Some("agent".to_owned()),
            outbound_label: Some("customer".to_owned()),
            partial: true,
            language: "de-DE".to_owned(),
            engine: "deepgram".to_owned(),
            profanity_filter: false,
            model: "nova-3".to_owned(),
            hints: "a, b".to_owned(),
            punctuation: false,
            ..usual()
        };
        assert_eq!((transcription, codes), (expected, vec![]));
    }

    #[test]
    fn what_does_not_hold_is_as_if_absent() {
        for (attributes, code) in [
            ("track='both'", 32_650),
            ("partialResults='yes'", 32_650),
            ("languageCode='english!'", 32_650),
            ("intelligenceService='GA1'", SCHEMA),
        ] {
            assert_eq!(started(attributes), (usual(), vec![code]), "{attributes}");
        }
    }

    #[test]
    fn what_stands_in_it_is_told_and_set() {
        let inner = |inner: &str| {
            let (verbs, codes) =
                read(&format!("<Start><Transcription>{inner}</Transcription></Start>"));
            let [Verb::Start(start)] = verbs.as_slice() else { panic!("{verbs:?}") };
            let [Started::Transcription(it)] = start.nouns.as_slice() else { panic!("{start:?}") };
            (it.parameters.clone(), it.settings.clone(), codes)
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let found = inner("<Parameter name='a' value='1'/><Config name='temperature' value='0'/>");
        assert_eq!(found, (vec![pair("a", "1")], vec![pair("temperature", "0")], vec![]));
        for (config, code) in
            [("<Config value='x'/>", 32_652), ("<Config name='a b'/>", 32_652), ("x", SCHEMA)]
        {
            assert_eq!(inner(config), (vec![], vec![], vec![code]), "{config}");
        }
        let (_, settings, codes) = inner(&"<Config name='a'/>".repeat(CONFIGS_MAX + 1));
        assert_eq!((settings.len(), codes), (CONFIGS_MAX, vec![SCHEMA]));
    }

    #[test]
    fn what_is_stopped_has_a_name() {
        let (verbs, codes) = read(
            "<Stop><Transcription name='a'/><Transcription/>\
             <Transcription name='c' track='inbound_track'/></Stop>",
        );
        let [Verb::Stop(stop)] = verbs.as_slice() else { panic!("{verbs:?}") };
        let named = |name: &str| Stopped::Transcription(name.to_owned());
        assert_eq!((stop.nouns.clone(), codes), (vec![named("a"), named("c")], vec![SCHEMA]));
    }
}
