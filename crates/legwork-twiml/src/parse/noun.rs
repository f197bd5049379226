//! One noun of `<Dial>`: whom it names, what is run for them, who is told.
//!
//! A noun that is empty or exceeds a limit is left out with a warning. A URI or number that is none
//! stays: it fails when it is dialled.
//! Not here: which may stand beside each other (`parse/dial`), whether a SIP URI can be parsed and
//! which headers may be sent (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Sip", "Client", "Number", "Sim", "Application".

use std::time::Duration;

use roxmltree::Node;

use super::attribute::Attributes;
use super::{child, no_effect, no_text, stray_text, text};
use crate::limit::{
    HEADERS_MAX, IDENTITY_MAX, PARAMETERS_MAX, SIP_HEADERS_MAX, SIP_URI_MAX, URIS_MAX,
};
use crate::problem::{
    HEADER_NAME, NUMBER_FORMAT, Problems, SCHEMA, SIP_HEADERS, SIP_URI, TOO_MANY_HEADERS,
    TOO_MANY_NOUNS, shown,
};
use crate::program::{
    Application, Ask, CallEvents, Client, MachineDetection, Noun, Number, Sip, SipUri,
    StatusCallback, Whom,
};
use crate::table::Element;

/// A noun that is rung; nothing when it names nobody.
pub(super) fn noun(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Noun> {
    let attributes = Attributes::read(problems, row, node);
    let whom = match row.name {
        "Sip" => Whom::Sip(sip(problems, row, node, &attributes)?),
        "Client" => Whom::Client(client(problems, row, node)?),
        "Sim" => Whom::Sim(sim(problems, row, node)?),
        "Application" => Whom::Application(application(problems, row, node, &attributes)?),
        _ => Whom::Number(number(problems, row, node, &attributes)?),
    };
    let screen = screen(&attributes);
    Some(Noun { whom, screen, status: status(&attributes), machine: machine(&attributes) })
}

fn screen(attributes: &Attributes) -> Option<Ask> {
    let url = attributes.optional("url")?;
    Some(Ask { url, method: attributes.method("method") })
}

fn status(attributes: &Attributes) -> Option<StatusCallback> {
    let url = attributes.optional("statusCallback")?;
    let events = attributes.value("statusCallbackEvent");
    let has = |event: &str| events.split_whitespace().any(|word| word == event);
    let events = CallEvents {
        initiated: has("initiated"),
        ringing: has("ringing"),
        answered: has("answered"),
        completed: has("completed"),
    };
    let ask = Ask { url, method: attributes.method("statusCallbackMethod") };
    Some(StatusCallback { ask, events })
}

fn machine(attributes: &Attributes) -> Option<Box<MachineDetection>> {
    let mode = attributes.optional("machineDetection")?;
    let told = attributes.optional("amdStatusCallback");
    let milliseconds = |name: &str| Duration::from_millis(attributes.whole(name).into());
    Some(Box::new(MachineDetection {
        until_end: mode == "DetectMessageEnd",
        timeout: Duration::from_secs(attributes.whole("machineDetectionTimeout").into()),
        speech: milliseconds("machineDetectionSpeechThreshold"),
        speech_end: milliseconds("machineDetectionSpeechEndThreshold"),
        silence: milliseconds("machineDetectionSilenceTimeout"),
        told: told.map(|url| Ask { url, method: attributes.method("amdStatusCallbackMethod") }),
    }))
}

// === Sip ===

fn sip(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Option<Sip> {
    let mut sip = Sip::default();
    let mut plain = String::new();
    let mut is_sound = true;
    for inner in node.children() {
        if inner.is_text() {
            plain.push_str(inner.text().unwrap_or_default());
        } else if inner.is_element()
            && let Some(row) = child(problems, row, inner)
        {
            match row.name {
                "Uri" => is_sound &= uri(problems, &mut sip, row, inner, attributes),
                _ => is_sound &= headers(problems, &mut sip, row, inner),
            }
        }
    }
    let plain = plain.trim();
    let at = node.range().start;
    if plain.is_empty() && sip.uris.is_empty() {
        if is_sound {
            check_uri(problems, at, "");
        }
        return None;
    }
    if !plain.is_empty() {
        if !sip.uris.is_empty() {
            let text =
                "<Uri> beside a URI in the text of <Sip> is ignored; write all of them as <Uri>";
            problems.warn(at, SCHEMA, text.to_owned());
        }
        is_sound &= check_uri(problems, at, plain);
        sip.uris = vec![SipUri {
            uri: plain.to_owned(),
            priority: FIRST_PRIORITY,
            weight: EQUAL_WEIGHT,
            username: attributes.optional("username"),
            password: attributes.optional("password"),
        }];
    }
    is_sound.then_some(sip)
}

/// `priority` and `weight` of the URI in the text, as the table has them for `<Uri>`.
const FIRST_PRIORITY: u32 = 10;
const EQUAL_WEIGHT: u32 = 10;

/// One `<Uri>`; whether the noun can still be dialled. One that is empty is left out.
fn uri(
    problems: &mut Problems<'_>,
    sip: &mut Sip,
    row: &'static Element,
    node: Node<'_, '_>,
    of_sip: &Attributes,
) -> bool {
    let attributes = Attributes::read(problems, row, node);
    let at = node.range().start;
    let uri = text(problems, row, node);
    if !check_uri(problems, at, &uri) {
        return false;
    }
    if sip.uris.len() == URIS_MAX {
        let text = format!("<Sip> tries at most {URIS_MAX} URIs; this one is ignored");
        problems.warn(at, TOO_MANY_NOUNS, text);
        return true;
    }
    // Credentials of the noun hold for its URIs that have none of their own.
    let has_own = attributes.optional("username").is_some();
    let credentials = if has_own { &attributes } else { of_sip };
    sip.uris.push(SipUri {
        uri,
        priority: attributes.whole("priority"),
        weight: attributes.whole("weight"),
        username: credentials.optional("username"),
        password: credentials.optional("password"),
    });
    true
}

/// `<Headers>`; whether the noun can still be dialled.
fn headers(
    problems: &mut Problems<'_>,
    sip: &mut Sip,
    row: &'static Element,
    node: Node<'_, '_>,
) -> bool {
    Attributes::read(problems, row, node);
    let mut is_sound = true;
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            is_sound &= header(problems, sip, row, inner);
        }
    }
    is_sound
}

/// One `<Header>`: a name and its length are judged here, whether it may be sent is not.
fn header(
    problems: &mut Problems<'_>,
    sip: &mut Sip,
    row: &'static Element,
    node: Node<'_, '_>,
) -> bool {
    let attributes = Attributes::read(problems, row, node);
    no_text(problems, row, node);
    let at = node.range().start;
    let (name, value) = (attributes.value("name"), attributes.value("value"));
    if !is_token(name) {
        let text = format!("\"{}\" is no name of a SIP header; <Sip> is not dialled", shown(name));
        problems.warn(at, HEADER_NAME, text);
        return false;
    }
    let length = |(name, value): &(String, String)| name.chars().count() + value.chars().count();
    let header = (name.to_owned(), value.to_owned());
    if sip.headers.iter().map(length).sum::<usize>() + length(&header) > SIP_HEADERS_MAX {
        let text = format!("the headers exceed {SIP_HEADERS_MAX} characters; <Sip> is not dialled");
        problems.warn(at, SIP_HEADERS, text);
        return false;
    }
    if sip.headers.len() == HEADERS_MAX {
        let text = format!("there are more than {HEADERS_MAX} headers; <Sip> is not dialled");
        problems.warn(at, TOO_MANY_HEADERS, text);
        return false;
    }
    sip.headers.push(header);
    true
}

/// A token of RFC 3261 §25.1.
fn is_token(name: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b);
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// Whether the noun can be dialled as far as the URI goes. One that is none fails when it is
/// dialled, with the same code.
pub(super) fn check_uri(problems: &mut Problems<'_>, at: usize, uri: &str) -> bool {
    let (address, headers) = uri.split_once('?').unwrap_or((uri, ""));
    if address.is_empty() || uri.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let text = format!("\"{}\" is not a SIP URI; write it as sip:user@host", shown(uri));
        problems.warn(at, SIP_URI, text);
    } else if address.chars().count() > SIP_URI_MAX {
        let text =
            format!("the SIP URI is longer than {SIP_URI_MAX} characters; it is not dialled");
        problems.warn(at, SIP_URI, text);
        return false;
    }
    if headers.chars().count() > SIP_HEADERS_MAX {
        let text = format!(
            "the headers in the SIP URI exceed {SIP_HEADERS_MAX} characters; it is not dialled"
        );
        problems.warn(at, SIP_HEADERS, text);
        return false;
    }
    !address.is_empty()
}

// === Client, Application, Sim ===

/// What a noun with an element for its name and `<Parameter>`s holds.
struct Named {
    name: String,
    parameters: Vec<(String, String)>,
}

/// The text of a noun, or of its first child `element` when it has no text of its own.
fn named(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    element: &str,
) -> Named {
    let mut plain = String::new();
    let mut named: Option<String> = None;
    let mut parameters = Vec::new();
    for inner in node.children() {
        if inner.is_text() {
            plain.push_str(inner.text().unwrap_or_default());
        } else if inner.is_element() && inner.tag_name().name() == element && named.is_some() {
            no_effect(problems, row, inner);
        } else if inner.is_element()
            && let Some(row) = child(problems, row, inner)
        {
            if row.name == element {
                Attributes::read(problems, row, inner);
                named = Some(text(problems, row, inner));
            } else {
                parameter(problems, &mut parameters, row, inner);
            }
        }
    }
    let plain = plain.trim();
    let name = if plain.is_empty() { named.unwrap_or_default() } else { plain.to_owned() };
    Named { name, parameters }
}

/// The `<Parameter>`s of an element that holds nothing else.
pub(super) fn parameters(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    for inner in node.children() {
        if !inner.is_element() {
            stray_text(problems, row, inner);
        } else if let Some(row) = child(problems, row, inner) {
            parameter(problems, &mut parameters, row, inner);
        }
    }
    parameters
}

pub(super) fn parameter(
    problems: &mut Problems<'_>,
    parameters: &mut Vec<(String, String)>,
    row: &'static Element,
    node: Node<'_, '_>,
) {
    let attributes = Attributes::read(problems, row, node);
    no_text(problems, row, node);
    let at = node.range().start;
    let name = attributes.value("name");
    if name.is_empty() {
        problems.warn(at, SCHEMA, "<Parameter> has no name and is ignored".to_owned());
    } else if parameters.len() == PARAMETERS_MAX {
        let text = format!("there are more than {PARAMETERS_MAX} parameters; this one is ignored");
        problems.warn(at, SCHEMA, text);
    } else {
        parameters.push((name.to_owned(), attributes.value("value").to_owned()));
    }
}

fn client(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Option<Client> {
    let Named { name: identity, parameters } = named(problems, row, node, "Identity");
    let at = node.range().start;
    if identity.is_empty() {
        problems.warn(at, SCHEMA, "<Client> has no identity and is not dialled".to_owned());
        return None;
    }
    if identity.chars().count() > IDENTITY_MAX {
        let text =
            format!("the identity is longer than {IDENTITY_MAX} characters and is not dialled");
        problems.warn(at, SCHEMA, text);
        return None;
    }
    Some(Client { identity, parameters })
}

fn application(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Option<Application> {
    let Named { name: sid, parameters } = named(problems, row, node, "ApplicationSid");
    if sid.is_empty() {
        let text = "<Application> has no application's SID and is not dialled";
        problems.warn(node.range().start, SCHEMA, text.to_owned());
        return None;
    }
    Some(Application {
        sid,
        parameters,
        customer_id: attributes.optional("customerId"),
        copy_parent_to: attributes.is_true("copyParentTo"),
    })
}

fn sim(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> Option<String> {
    let sid = text(problems, row, node);
    if sid.is_empty() {
        let text = "<Sim> has no SID and is not dialled";
        problems.warn(node.range().start, SCHEMA, text.to_owned());
        return None;
    }
    Some(sid)
}

// === Number ===

fn number(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Option<Number> {
    let number = text(problems, row, node);
    check_number(problems, node.range().start, &number);
    let send_digits = attributes.optional("sendDigits");
    let byoc = attributes.optional("byoc");
    (!number.is_empty()).then_some(Number { number, send_digits, byoc })
}

/// Warns of a number that is none. It stays, and fails when it is dialled.
pub(super) fn check_number(problems: &mut Problems<'_>, at: usize, number: &str) {
    let is_allowed = |c: char| c.is_ascii_digit() || "+-(). *#".contains(c);
    if !number.chars().all(is_allowed) || !number.contains(|c: char| c.is_ascii_digit()) {
        let text = format!(
            "\"{}\" is not a telephone number; write it as +15551234567, a SIP URI in <Sip>",
            shown(number)
        );
        problems.warn(at, NUMBER_FORMAT, text);
    }
}

#[cfg(test)]
mod tests;
