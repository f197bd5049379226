//! `<Dial>`: its attributes and whom it dials.
//!
//! Not here: ringing them (`legwork-call`), URIs as URIs (`legwork-sip`).
//! Source: Twilio, "TwiML Voice: Dial" and the pages of its nouns.

use roxmltree::Node;

use super::attribute::Attributes;
use super::{child, no_effect, text, text_start, unbuilt};
use crate::limit::{IDENTITY_MAX, NOUNS_MAX, SIP_HEADERS_MAX, SIP_URI_MAX};
use crate::problem::{
    CONFERENCE_MIXED, NUMBER_FORMAT, Problems, SCHEMA, SIP_HEADERS, SIP_URI, TOO_MANY_NOUNS, shown,
};
use crate::program::{Client, Dial, Noun, Nouns, Number, Sip, SipUri, Unbuilt, Whom};
use crate::table::{Built, Element};

/// `<Dial>` as typed.
pub(super) fn dial(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Dial {
    Dial {
        action: attributes.optional("action"),
        method: attributes.method("method"),
        timeout: attributes.seconds("timeout"),
        time_limit: attributes.seconds("timeLimit"),
        caller_id: attributes.optional("callerId"),
        answer_on_bridge: attributes.is_true("answerOnBridge"),
        hangup_on_star: attributes.is_true("hangupOnStar"),
        sequential: attributes.is_true("sequential"),
        refer_url: attributes.optional("referUrl"),
        refer_method: attributes.method("referMethod"),
        refer_status_callback: attributes.optional("referStatusCallback"),
        ring_tone: attributes.optional("ringTone"),
        call_reason: attributes.optional("callReason"),
        nouns: nouns(problems, row, node),
    }
}

/// The nouns found so far. The first says which sort it is: rung, or one that is not.
#[derive(Default)]
struct Found {
    ring: Vec<Noun>,
    unbuilt: Option<Unbuilt>,
    is_cut: bool,
}

impl Found {
    fn ring(&mut self, problems: &mut Problems<'_>, at: usize, noun: Noun) {
        if let Some(Unbuilt { name, .. }) = self.unbuilt {
            problems.warn(at, mixed_code(name), format!("nothing can be dialled beside <{name}>"));
        } else if self.ring.len() < NOUNS_MAX {
            self.ring.push(noun);
        } else if !self.is_cut {
            self.is_cut = true;
            let text = format!("<Dial> calls at most {NOUNS_MAX} at once; the rest is not dialled");
            problems.warn(at, TOO_MANY_NOUNS, text);
        }
    }

    fn alone(&mut self, problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) {
        if self.ring.is_empty() && self.unbuilt.is_none() {
            self.unbuilt = Some(unbuilt(problems, row, node));
        } else {
            let text = format!("<{}> must be alone in <Dial>; ignored", row.name);
            problems.warn(node.range().start, mixed_code(row.name), text);
        }
    }
}

fn mixed_code(name: &str) -> u32 {
    if name == "Conference" { CONFERENCE_MIXED } else { SCHEMA }
}

fn nouns(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> Nouns {
    let mut found = Found::default();
    // Text is a number; a comment in it does not make two of it.
    let mut plain = String::new();
    let mut plain_at = node.range().start;
    for inner in node.children() {
        if inner.is_text() {
            let text = inner.text().unwrap_or_default();
            if plain.trim().is_empty() {
                plain_at = text_start(inner);
            }
            plain.push_str(text);
        } else if inner.is_element() {
            plain_number(problems, &mut found, plain_at, &plain);
            plain.clear();
            if let Some(row) = child(problems, row, inner) {
                noun(problems, &mut found, row, inner);
            }
        }
    }
    plain_number(problems, &mut found, plain_at, &plain);
    if let Some(unbuilt) = found.unbuilt {
        return Nouns::Unbuilt(unbuilt);
    }
    if found.ring.is_empty() {
        let text = "<Dial> has nobody to dial and fails at once; write a number or a noun in it";
        problems.warn(node.range().start, NUMBER_FORMAT, text.to_owned());
        found.ring.push(number(String::new()));
    }
    Nouns::Ring(found.ring)
}

fn number(number: String) -> Noun {
    Noun::of(Whom::Number(Number { number, ..Number::default() }))
}

fn plain_number(problems: &mut Problems<'_>, found: &mut Found, at: usize, plain: &str) {
    let plain = plain.trim();
    if !plain.is_empty() {
        check_number(problems, at, plain);
        found.ring(problems, at, number(plain.to_owned()));
    }
}

fn noun(problems: &mut Problems<'_>, found: &mut Found, row: &'static Element, node: Node<'_, '_>) {
    if row.built == Built::No {
        return found.alone(problems, row, node);
    }
    Attributes::read(problems, row, node);
    let at = node.range().start;
    let (noun, is_empty) = match row.name {
        "Sip" => {
            let uri = named(problems, row, node, "Uri");
            check_uri(problems, at, &uri);
            let is_empty = uri.is_empty();
            let uri = SipUri { uri, priority: 10, weight: 10, ..SipUri::default() };
            let sip = Sip { uris: vec![uri], headers: Vec::new() };
            (Noun::of(Whom::Sip(sip)), is_empty)
        }
        "Client" => {
            let identity = named(problems, row, node, "Identity");
            check_identity(problems, at, &identity);
            let is_empty = identity.is_empty();
            let client = Client { identity, parameters: Vec::new() };
            (Noun::of(Whom::Client(client)), is_empty)
        }
        _ => {
            let plain = text(problems, row, node);
            check_number(problems, at, &plain);
            let is_empty = plain.is_empty();
            (number(plain), is_empty)
        }
    };
    if !is_empty {
        found.ring(problems, at, noun);
    }
}

/// The text of a noun, or of the first child `name` when it has no text of its own.
fn named(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    name: &str,
) -> String {
    let mut plain = String::new();
    let mut named: Option<String> = None;
    for inner in node.children() {
        if inner.is_text() {
            plain.push_str(inner.text().unwrap_or_default());
        } else if inner.is_element() && inner.tag_name().name() == name && named.is_none() {
            if let Some(row) = child(problems, row, inner) {
                Attributes::read(problems, row, inner);
                named = Some(text(problems, row, inner));
            }
        } else if inner.is_element() {
            no_effect(problems, row, inner);
        }
    }
    let plain = plain.trim();
    if plain.is_empty() { named.unwrap_or_default() } else { plain.to_owned() }
}

fn check_number(problems: &mut Problems<'_>, at: usize, number: &str) {
    let is_allowed = |c: char| c.is_ascii_digit() || "+-(). *#".contains(c);
    if !number.chars().all(is_allowed) || !number.contains(|c: char| c.is_ascii_digit()) {
        let text = format!(
            "\"{}\" is not a telephone number; write it as +15551234567, a SIP URI in <Sip>",
            shown(number)
        );
        problems.warn(at, NUMBER_FORMAT, text);
    }
}

fn check_uri(problems: &mut Problems<'_>, at: usize, uri: &str) {
    let (address, headers) = uri.split_once('?').unwrap_or((uri, ""));
    if address.is_empty() || uri.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let text = format!("\"{}\" is not a SIP URI; write it as sip:user@host", shown(uri));
        problems.warn(at, SIP_URI, text);
    } else if address.chars().nth(SIP_URI_MAX).is_some() {
        let text = format!("the SIP URI is longer than {SIP_URI_MAX} characters");
        problems.warn(at, SIP_URI, text);
    }
    if headers.chars().nth(SIP_HEADERS_MAX).is_some() {
        let text = format!("the headers in the SIP URI exceed {SIP_HEADERS_MAX} characters");
        problems.warn(at, SIP_HEADERS, text);
    }
}

fn check_identity(problems: &mut Problems<'_>, at: usize, identity: &str) {
    if identity.is_empty() {
        problems.warn(at, SCHEMA, "<Client> has no identity and is not dialled".to_owned());
    } else if identity.chars().nth(IDENTITY_MAX).is_some() {
        let text = format!("the identity is longer than {IDENTITY_MAX} characters");
        problems.warn(at, SCHEMA, text);
    }
}
