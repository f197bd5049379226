//! A document, byte by byte to verb by verb: XML, the root, and the verbs without nouns.
//!
//! Not here: names, ranges and defaults (`verb`, `noun`, `beside`, `ssml`), what `Dial` holds
//! (`parse/dial`, `parse/noun`, `parse/conference`), `Refer` (`parse/refer`), `Gather` (`parse/gather`),
//! what records (`parse/record`), queues (`parse/queue`), what streams (`parse/stream`), transcribes
//! (`parse/transcription`), relays (`parse/relay`) or is for a session recorder (`parse/siprec`), SSML
//! (`parse/say`).
//! Source: Twilio, "TwiML for Programmable Voice" (root, order, case), XML 1.0.

mod attribute;
mod conference;
mod dial;
mod gather;
mod noun;
mod queue;
mod record;
mod refer;
mod relay;
mod say;
mod siprec;
mod stream;
mod transcription;
mod xml;

use std::time::Duration;

use roxmltree::Node;

use self::attribute::Attributes;
use crate::limit::DOCUMENT_MAX;
use crate::problem::{
    DIGITS, Level, PARSE, Problem, Problems, ROOT, SCHEMA, TOO_LARGE, UNBUILT, shown,
};
use crate::program::{
    Hangup, Pause, Play, Press, Program, Redirect, Reject, RejectReason, Unbuilt, Verb,
};
use crate::table::{self, Built, Element};

/// Parses a document.
pub(crate) fn document(bytes: &[u8]) -> (Program, Vec<Problem>) {
    if bytes.len() > DOCUMENT_MAX {
        let size = bytes.len();
        let text = format!("the document has {size} bytes; at most {DOCUMENT_MAX} are allowed");
        return unusable(TOO_LARGE, (1, 1), text);
    }
    let document = match str::from_utf8(bytes) {
        Ok(document) => document.strip_prefix('\u{feff}').unwrap_or(document),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let before = str::from_utf8(before).unwrap_or_default();
            let place = Problems::new(before).place(before.len());
            return unusable(PARSE, place, "this is not UTF-8; send UTF-8".to_owned());
        }
    };
    match xml::read(document) {
        Ok(tree) => response(document, tree.root_element()),
        Err(fault) => unusable(fault.code, fault.place, fault.text),
    }
}

fn unusable(code: u32, (line, column): (u32, u32), text: String) -> (Program, Vec<Problem>) {
    let problem = Problem { code, level: Level::Error, line, column, text };
    (Program::default(), vec![problem])
}

fn response(document: &str, root: Node<'_, '_>) -> (Program, Vec<Problem>) {
    let mut problems = Problems::new(document);
    let name = root.tag_name().name();
    let Some(row) = table::elements().find(|row| row.parents.is_empty() && row.name == name) else {
        let text = format!("the root is <{}>; it must be <Response>", shown(name));
        return unusable(ROOT, problems.place(root.range().start), text);
    };
    Attributes::read(&mut problems, row, root);
    let mut program = Program::default();
    for node in root.children() {
        if node.is_element() {
            if let Some(row) = child(&mut problems, row, node) {
                program.verbs.push(verb(&mut problems, row, node));
            }
        } else {
            stray_text(&mut problems, row, node);
        }
    }
    (program, problems.into_list())
}

fn verb(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> Verb {
    if row.built == Built::No {
        return Verb::Unbuilt(unbuilt(problems, row, node));
    }
    if row.name == "Queue" {
        return Verb::Dial(Box::new(dial::of_queue(problems, row, node)));
    }
    let attributes = Attributes::read(problems, row, node);
    match row.name {
        "Dial" => Verb::Dial(Box::new(dial::dial(problems, row, node, &attributes))),
        "Say" => Verb::Say(say::say(problems, row, node, &attributes)),
        "Play" => play(problems, row, node, &attributes),
        "Pause" => {
            no_text(problems, row, node);
            Verb::Pause(Pause { length: attributes.seconds("length") })
        }
        "Redirect" => {
            let url = text(problems, row, node);
            Verb::Redirect(Redirect { url, method: attributes.method("method") })
        }
        "Hangup" => Verb::Hangup(Hangup { parameters: noun::parameters(problems, row, node) }),
        "Reject" => {
            let parameters = noun::parameters(problems, row, node);
            let is_busy = attributes.value("reason") == "busy";
            let reason = if is_busy { RejectReason::Busy } else { RejectReason::Rejected };
            Verb::Reject(Reject { reason, parameters })
        }
        "Refer" => Verb::Refer(refer::refer(problems, row, node, &attributes)),
        "Record" => Verb::Record(Box::new(record::record(problems, row, node, &attributes))),
        "Start" => Verb::Start(Box::new(record::start(problems, row, node, &attributes))),
        "Echo" => {
            no_text(problems, row, node);
            Verb::Echo
        }
        "Gather" => Verb::Gather(Box::new(gather::gather(problems, row, node, &attributes))),
        "Connect" => Verb::Connect(Box::new(stream::connect(problems, row, node, &attributes))),
        "Stop" => Verb::Stop(stream::stop(problems, row, node)),
        "Enqueue" => Verb::Enqueue(Box::new(queue::enqueue(problems, row, node, &attributes))),
        "Leave" => {
            no_text(problems, row, node);
            Verb::Leave
        }
        // The table says built and this list does not: a test holds them together.
        _ => Verb::Unbuilt(unbuilt(problems, row, node)),
    }
}

/// `<Play>`: keys, if it has any, else a file. In `<Gather>` there are files only: whoever is asked
/// for keys is not sent any.
fn play(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Verb {
    let url = text(problems, row, node);
    let at = node.range().start;
    let keys = attributes.value("digits");
    let is_nested = node.parent_element().is_some_and(|parent| parent.has_tag_name("Gather"));
    if !keys.is_empty() && is_nested {
        let text = "digits of <Play> have no effect in <Gather>; play them outside";
        problems.warn(at, DIGITS, text.to_owned());
    } else if !keys.is_empty() {
        let keys = keys.replace('W', "ww");
        return Verb::Press(Press { keys, times: attributes.whole("loop") });
    }
    if url.is_empty() {
        let text = "<Play> without a URL is passed over; write the URL between its tags";
        problems.warn(at, SCHEMA, text.to_owned());
        return Verb::Unbuilt(unbuilt_at(problems, row, at));
    }
    Verb::Play(Play { url, times: attributes.whole("loop") })
}

/// Warns of a verb or noun that this server does not have yet, and of what is wrong in it.
fn unbuilt(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> Unbuilt {
    let at = node.range().start;
    let text = format!("<{}> is not available yet and is passed over", row.name);
    problems.warn(at, UNBUILT, text);
    let unbuilt = unbuilt_at(problems, row, at);
    look(problems, row, node);
    unbuilt
}

/// Warns of what is wrong in an element without effect: attributes, nesting, text. The depth of a
/// document is limited, so this may call itself.
fn look(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) {
    Attributes::look(problems, row, node);
    for inner in node.children() {
        if !inner.is_element() {
            if row.text.is_empty() {
                stray_text(problems, row, inner);
            }
        } else if let Some(row) = child(problems, row, inner) {
            look(problems, row, inner);
        }
    }
}

fn unbuilt_at(problems: &mut Problems<'_>, row: &'static Element, at: usize) -> Unbuilt {
    let (line, column) = problems.place(at);
    Unbuilt { name: row.name, takes_over: row.takes_over, line, column }
}

/// The row of `node` inside `parent`; a warning when it has no business there.
fn child(
    problems: &mut Problems<'_>,
    parent: &'static Element,
    node: Node<'_, '_>,
) -> Option<&'static Element> {
    let name = node.tag_name().name();
    let row = table::child(parent.name, name);
    if row.is_none() {
        let text = misplaced(problems, parent.name, name);
        problems.warn(node.range().start, parent.nested, text);
    }
    row
}

/// What is wrong with an element that may not stand where it stands.
fn misplaced(problems: &Problems<'_>, parent: &str, name: &str) -> String {
    let wrong = shown(name);
    let mut rows = table::elements().filter(|row| row.name == name).peekable();
    if rows.peek().is_some() {
        let places = rows.flat_map(|row| row.parents).map(|name| format!("<{name}>"));
        return match places.collect::<Vec<_>>().join(", ").as_str() {
            "" => format!("<{wrong}> cannot stand in <{parent}>: it is the root; ignored"),
            places => format!("<{wrong}> cannot stand in <{parent}>, only in {places}; ignored"),
        };
    }
    let names = table::children(parent).map(|row| row.name);
    match problems.nearest(name, names) {
        Some(meant) => {
            format!("<{wrong}> is unknown in <{parent}> and ignored; did you mean <{meant}>?")
        }
        None => format!("<{wrong}> is unknown in <{parent}> and ignored"),
    }
}

/// The text of an element that holds nothing but text, trimmed.
fn text(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) -> String {
    let mut text = String::new();
    for inner in node.children() {
        if inner.is_element() {
            no_effect(problems, row, inner);
        } else if inner.is_text() {
            text.push_str(inner.text().unwrap_or_default());
        }
    }
    text.trim().to_owned()
}

/// Warns of everything in an element that holds no text.
fn no_text(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) {
    for inner in node.children() {
        if inner.is_element() {
            no_effect(problems, row, inner);
        } else {
            stray_text(problems, row, inner);
        }
    }
}

/// Warns of an element inside another that is not used: known and without effect, or unknown.
fn no_effect(problems: &mut Problems<'_>, parent: &'static Element, node: Node<'_, '_>) {
    if let Some(row) = child(problems, parent, node) {
        let text = format!("<{}> in <{}> has no effect yet", row.name, parent.name);
        problems.warn(node.range().start, SCHEMA, text);
        look(problems, row, node);
    }
}

/// Warns of text where there is none to be; blanks and comments are fine.
fn stray_text(problems: &mut Problems<'_>, parent: &'static Element, node: Node<'_, '_>) {
    let text = if node.is_text() { node.text().unwrap_or_default().trim() } else { "" };
    if !text.is_empty() {
        let text = format!("text in <{}> is ignored: \"{}\"", parent.name, shown(text));
        problems.warn(text_start(node), SCHEMA, text);
    }
}

/// The byte at which text begins, blanks before it left out.
fn text_start(node: Node<'_, '_>) -> usize {
    let source = node.document().input_text().get(node.range()).unwrap_or_default();
    node.range().start + (source.len() - source.trim_start().len())
}

impl Attributes {
    fn seconds(&self, name: &str) -> Duration {
        Duration::from_secs(u64::from(self.whole(name)))
    }
}

#[cfg(test)]
mod tests;
