//! `<Refer>`: whom the phone is to call.
//!
//! Not here: whether the URI can be sent, and sending it (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Refer".

use roxmltree::Node;

use super::attribute::Attributes;
use super::noun::check_uri;
use super::{child, stray_text, text};
use crate::problem::{Problems, SCHEMA, SIP_URI};
use crate::program::Refer;
use crate::table::Element;

/// `<Refer>` with its one `<Sip>`.
pub(super) fn refer(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Refer {
    let mut uri: Option<String> = None;
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            let at = inner.range().start;
            if uri.is_some() {
                let text = "<Refer> leads to one address; this <Sip> is ignored";
                problems.warn(at, SCHEMA, text.to_owned());
                continue;
            }
            Attributes::read(problems, row, inner);
            let written = text(problems, row, inner);
            let is_sound = check_uri(problems, at, &written);
            uri = Some(if is_sound { written } else { String::new() });
        }
    }
    if uri.is_none() {
        let text = "<Refer> leads nowhere and fails at once; write a <Sip> in it";
        problems.warn(node.range().start, SIP_URI, text.to_owned());
    }
    Refer {
        action: attributes.optional("action"),
        method: attributes.method("method"),
        uri: uri.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::SIP_URI_MAX;
    use crate::{Method, Verb, parse};

    fn refer_of(inner: &str) -> (Refer, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{inner}</Response>").as_bytes());
        let codes = problems.iter().map(|problem| problem.code).collect();
        match program.verbs.as_slice() {
            [Verb::Refer(refer)] => (refer.clone(), codes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whom_it_leads_to() {
        let long = format!("<Refer><Sip>sip:{}@h</Sip></Refer>", "u".repeat(SIP_URI_MAX));
        let table: &[(&str, &str, &[u32])] = &[
            ("<Refer><Sip> sip:b@h </Sip></Refer>", "sip:b@h", &[]),
            ("<Refer><Sip>sip:b@h?X-A=1&amp;X-B=2</Sip></Refer>", "sip:b@h?X-A=1&X-B=2", &[]),
            ("<Refer><Sip>tel:+15551234567</Sip></Refer>", "tel:+15551234567", &[]),
            // Judged when it is sent.
            ("<Refer><Sip>b</Sip></Refer>", "b", &[]),
            ("<Refer><Sip>sip:b@h</Sip><Sip>sip:c@h</Sip></Refer>", "sip:b@h", &[SCHEMA]),
            ("<Refer><Sip username='x'>sip:b@h</Sip></Refer>", "sip:b@h", &[SCHEMA]),
            ("<Refer><Sip><Uri>sip:b@h</Uri></Sip></Refer>", "", &[SCHEMA, SIP_URI]),
            ("<Refer><Sip/></Refer>", "", &[SIP_URI]),
            ("<Refer/>", "", &[SIP_URI]),
            ("<Refer>+15551234567</Refer>", "", &[SCHEMA, SIP_URI]),
            ("<Refer><Number>1</Number></Refer>", "", &[SCHEMA, SIP_URI]),
            (&long, "", &[SIP_URI]),
        ];
        for (inner, uri, codes) in table {
            let (refer, found) = refer_of(inner);
            assert_eq!((refer.uri.as_str(), found.as_slice()), (*uri, *codes), "{inner}");
        }
    }

    #[test]
    fn whom_it_tells() {
        let (refer, _) = refer_of("<Refer action='/a' method='get'><Sip>sip:b@h</Sip></Refer>");
        assert_eq!((refer.action.as_deref(), refer.method), (Some("/a"), Method::Get));
        let (refer, codes) = refer_of("<Refer method='x'><Sip>sip:b@h</Sip></Refer>");
        assert_eq!((refer.action, refer.method, codes), (None, Method::Post, vec![SCHEMA]));
    }
}
