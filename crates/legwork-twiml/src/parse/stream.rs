//! `<Stream>` in `<Start>`, `<Stop>` and `<Connect>`.
//!
//! Not here: the rest of `<Start>` (`parse/record`), `<ConversationRelay>` (`parse/relay`), whether the URL can be reached (`legwork`).
//! Source: Twilio, "TwiML Voice: Stream", "Connect", "Stop"; error codes 31922, 31923, 31941.

use roxmltree::Node;

use super::attribute::Attributes;
use super::noun::parameters;
use super::{child, no_text, relay, stray_text, unbuilt};
use crate::problem::{Problems, SCHEMA, STREAM_URL};
use crate::program::{Ask, Connect, Connected, Stop, Stopped, Stream, StreamTo, Tracks};
use crate::table::{Built, Element};

/// `<Connect>` and the one thing it connects to.
pub(super) fn connect(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Connect {
    let (mut noun, mut has_any) = (None, false);
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            if std::mem::replace(&mut has_any, true) {
                let text = format!("<Connect> connects to one; this <{}> is ignored", row.name);
                problems.warn(inner.range().start, SCHEMA, text);
                continue;
            }
            noun = if row.built == Built::No {
                Some(Connected::Unbuilt(unbuilt(problems, row, inner)))
            } else if row.name == "ConversationRelay" {
                relay::relay(problems, row, inner).map(|relay| Connected::Relay(Box::new(relay)))
            } else {
                stream(problems, row, inner).map(Connected::Stream)
            };
        }
    }
    if !has_any {
        let text = "<Connect> connects to nothing and is passed over; write a <Stream> in it";
        problems.warn(node.range().start, SCHEMA, text.to_owned());
    }
    Connect { action: attributes.optional("action"), method: attributes.method("method"), noun }
}

/// `<Stop>` and what it stops.
pub(super) fn stop(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> Stop {
    let mut nouns = Vec::new();
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            nouns.extend(stopped(problems, row, inner));
        }
    }
    Stop { nouns }
}

fn stopped(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Stopped> {
    let attributes = Attributes::read(problems, row, node);
    no_text(problems, row, node);
    let name = attributes.optional("name");
    if name.is_none() {
        let text = format!("<{}> stops nothing: it has no name", row.name);
        problems.warn(node.range().start, SCHEMA, text);
    }
    name.map(match row.name {
        "Siprec" => Stopped::Siprec,
        "Transcription" => Stopped::Transcription,
        _ => Stopped::Stream,
    })
}

/// `<Stream>`; nothing when it leads nowhere.
pub(super) fn stream(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Stream> {
    let attributes = Attributes::read(problems, row, node);
    let parameters = parameters(problems, row, node);
    let url = attributes.optional("url").map(StreamTo::Url);
    let connector = || attributes.optional("connectorName").map(StreamTo::Connector);
    let Some(to) = url.or_else(connector) else {
        // One that is wrong has been warned of.
        if node.attribute("url").is_none_or(|url| url.trim().is_empty()) {
            let text = "<Stream> has no url and is passed over";
            problems.warn(node.range().start, STREAM_URL, text.to_owned());
        }
        return None;
    };
    let tracks = match attributes.value("track") {
        "outbound_track" => Tracks::Outbound,
        "both_tracks" => Tracks::Both,
        _ => Tracks::Inbound,
    };
    let method = attributes.method("statusCallbackMethod");
    let status = attributes.optional("statusCallback").map(|url| Ask { url, method });
    Some(Stream { name: attributes.optional("name"), to, tracks, status, parameters })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::UNBUILT;
    use crate::program::{Method, Started};
    use crate::{Verb, parse};

    fn read(inner: &str) -> (Vec<Verb>, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{inner}</Response>").as_bytes());
        (program.verbs, problems.iter().map(|problem| problem.code).collect())
    }

    fn started(inner: &str) -> (Option<Stream>, Vec<u32>) {
        let (verbs, codes) = read(&format!("<Start>{inner}</Start>"));
        let [Verb::Start(start)] = verbs.as_slice() else { panic!("{verbs:?}") };
        match start.nouns.as_slice() {
            [] => (None, codes),
            [Started::Stream(stream)] => (Some(stream.clone()), codes),
            other => panic!("{other:?}"),
        }
    }

    fn connected(inner: &str) -> (Option<Connected>, Vec<u32>) {
        let (verbs, codes) = read(&format!("<Connect>{inner}</Connect>"));
        let [Verb::Connect(connect)] = verbs.as_slice() else { panic!("{verbs:?}") };
        (connect.noun.clone(), codes)
    }

    #[test]
    fn a_stream_with_everything() {
        let (stream, codes) = started(
            "<Stream name='a' url=' wss://h/x ' track='both_tracks' statusCallback='/s' \
             statusCallbackMethod='get'><Parameter name='p' value='1'/><Parameter name='q'/>\
             </Stream>",
        );
        let expected = Stream {
            name: Some("a".to_owned()),
            to: StreamTo::Url("wss://h/x".to_owned()),
            tracks: Tracks::Both,
            status: Some(Ask { url: "/s".to_owned(), method: Method::Get }),
            parameters: vec![("p".to_owned(), "1".to_owned()), ("q".to_owned(), String::new())],
        };
        assert_eq!((stream, codes), (Some(expected), vec![]));
    }

    #[test]
    fn where_a_stream_leads_and_who_is_heard() {
        let table: [(&str, Option<Tracks>, &[u32]); 8] = [
            ("<Stream url='wss://h'/>", Some(Tracks::Inbound), &[]),
            ("<Stream url='ws://h'/>", Some(Tracks::Inbound), &[]),
            ("<Stream url='wss://h' track='outbound_track'/>", Some(Tracks::Outbound), &[]),
            ("<Stream url='wss://h' track='both'/>", Some(Tracks::Inbound), &[31_941]),
            ("<Stream url='https://h'/>", None, &[31_922]),
            ("<Stream url=' '/>", None, &[31_923]),
            ("<Stream/>", None, &[31_923]),
            ("<Stream url='wss://h'>x<Say/></Stream>", Some(Tracks::Inbound), &[SCHEMA, SCHEMA]),
        ];
        for (inner, tracks, codes) in table {
            let (stream, found) = started(inner);
            assert_eq!(stream.map(|stream| stream.tracks), tracks, "{inner}");
            assert_eq!(found, codes, "{inner}");
        }
    }

    #[test]
    fn a_call_is_connected_to_one_and_hears_it() {
        let (noun, codes) = connected("<Stream url='wss://h' track='both_tracks'/>");
        let Some(Connected::Stream(stream)) = noun else { panic!("{noun:?}") };
        assert_eq!((stream.tracks, codes), (Tracks::Inbound, vec![31_941]));
        let (noun, codes) = connected("<Stream url='wss://a'/><Stream url='wss://b'/>");
        let Some(Connected::Stream(stream)) = noun else { panic!("{noun:?}") };
        assert_eq!((stream.to, codes), (StreamTo::Url("wss://a".to_owned()), vec![SCHEMA]));
        let (noun, codes) = connected("<Room>x</Room>");
        let Some(Connected::Unbuilt(room)) = noun else { panic!("{noun:?}") };
        assert_eq!((room.name, room.takes_over, codes), ("Room", true, vec![UNBUILT]));
        assert_eq!(connected(""), (None, vec![SCHEMA]));
        assert_eq!(connected("<Stream/>"), (None, vec![31_923]));
    }

    #[test]
    fn a_connector_stands_for_a_url_that_is_not_there() {
        for (attributes, to) in [
            ("connectorName='agent'", StreamTo::Connector("agent".to_owned())),
            ("connectorName='agent' url='wss://h'", StreamTo::Url("wss://h".to_owned())),
        ] {
            let (stream, codes) = started(&format!("<Stream {attributes}/>"));
            assert_eq!((stream.unwrap().to, codes), (to, vec![]), "{attributes}");
        }
    }

    #[test]
    fn what_is_stopped_has_a_name() {
        let (verbs, codes) =
            read("<Stop><Stream name='a'/><Stream/><Stream name='b' url='wss://h'/></Stop>");
        let [Verb::Stop(stop)] = verbs.as_slice() else { panic!("{verbs:?}") };
        let named = |name: &str| Stopped::Stream(name.to_owned());
        assert_eq!((stop.nouns.clone(), codes), (vec![named("a"), named("b")], vec![SCHEMA]));
    }
}
