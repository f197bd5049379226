//! `<Siprec>` in `<Start>`.
//!
//! Not here: the rest of `<Start>` (`parse/record`), which recorders there are (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Siprec".

use roxmltree::Node;

use super::attribute::Attributes;
use super::noun::parameters;
use crate::problem::Problems;
use crate::program::{Ask, Siprec, Tracks};
use crate::table::Element;

/// `<Siprec>` in `<Start>`.
pub(super) fn siprec(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Siprec {
    let attributes = Attributes::read(problems, row, node);
    let parameters = parameters(problems, row, node);
    let method = attributes.method("statusCallbackMethod");
    Siprec {
        name: attributes.optional("name"),
        connector: attributes.optional("connectorName"),
        tracks: match attributes.value("track") {
            "inbound_track" => Tracks::Inbound,
            "outbound_track" => Tracks::Outbound,
            _ => Tracks::Both,
        },
        status: attributes.optional("statusCallback").map(|url| Ask { url, method }),
        parameters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::SCHEMA;
    use crate::program::{Method, Started, Stopped};
    use crate::{Verb, parse};

    fn read(inner: &str) -> (Vec<Verb>, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{inner}</Response>").as_bytes());
        (program.verbs, problems.iter().map(|problem| problem.code).collect())
    }

    fn started(siprec: &str) -> (Siprec, Vec<u32>) {
        let (verbs, codes) = read(&format!("<Start>{siprec}</Start>"));
        let [Verb::Start(start)] = verbs.as_slice() else { panic!("{verbs:?}") };
        match start.nouns.as_slice() {
            [Started::Siprec(siprec)] => (siprec.as_ref().clone(), codes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_a_word_and_with_everything() {
        let (name, connector, status) = (None, None, None);
        let usual = Siprec { name, connector, tracks: Tracks::Both, status, parameters: vec![] };
        assert_eq!(started("<Siprec/>"), (usual.clone(), vec![]));
        assert_eq!(started("<Siprec track='both'>x</Siprec>"), (usual, vec![SCHEMA, SCHEMA]));
        let (siprec, codes) = started(
            "<Siprec name='a' connectorName='rec' track='outbound_track' statusCallback='/s' \
             statusCallbackMethod='get'><Parameter name='p' value='1'/><Parameter value='2'/>\
             </Siprec>",
        );
        let expected = Siprec {
            name: Some("a".to_owned()),
            connector: Some("rec".to_owned()),
            tracks: Tracks::Outbound,
            status: Some(Ask { url: "/s".to_owned(), method: Method::Get }),
            parameters: vec![("p".to_owned(), "1".to_owned())],
        };
        assert_eq!((siprec, codes), (expected, vec![SCHEMA]));
    }

    #[test]
    fn what_is_stopped_has_a_name() {
        let (verbs, codes) = read("<Stop><Siprec name='a' track='both_tracks'/><Siprec/></Stop>");
        let [Verb::Stop(stop)] = verbs.as_slice() else { panic!("{verbs:?}") };
        let expected = [Stopped::Siprec("a".to_owned())];
        assert_eq!((stop.nouns.as_slice(), codes), (&expected[..], vec![SCHEMA]));
    }
}
