//! `<Dial>`: its attributes and the order and company of its nouns.
//!
//! Not here: one noun (`parse/noun`), ringing them (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Dial".

use roxmltree::Node;

use super::attribute::Attributes;
use super::conference::conference;
use super::noun::{check_number, noun};
use super::queue::queue;
use super::record::dial_record;
use super::{child, text_start, unbuilt};
use crate::limit::{NOUNS_MAX, PASSPORTS_MAX};
use crate::problem::{CONFERENCE_MIXED, NESTED, NUMBER_FORMAT, Problems, SCHEMA, TOO_MANY_NOUNS};
use crate::program::{Conference, Dial, DialRecord, Noun, Nouns, Number, QueueNoun, Unbuilt, Whom};
use crate::table::{self, Built, Element};

/// `<Dial>` as typed.
pub(super) fn dial(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Dial {
    let nouns = nouns(problems, row, node);
    let record = record(problems, node, attributes, &nouns);
    of_nouns(problems, node, attributes, nouns, record)
}

/// `<Queue>` outside of a `<Dial>`: one that has no attributes, and nothing else in it.
pub(super) fn of_queue(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> Dial {
    let dial = table::child("Response", "Dial").unwrap_or(row);
    let nouns = Nouns::Queue(Box::new(queue(problems, row, node)));
    of_nouns(problems, node, &Attributes::none(dial), nouns, None)
}

fn of_nouns(
    problems: &mut Problems<'_>,
    node: Node<'_, '_>,
    attributes: &Attributes,
    nouns: Nouns,
    record: Option<DialRecord>,
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
        passports: passports(problems, node, attributes.value("passports")),
        record: record.map(Box::new),
        nouns,
    }
}

/// What stands between the commas.
fn passports(problems: &mut Problems<'_>, node: Node<'_, '_>, value: &str) -> Vec<String> {
    let all = value.split(',').map(str::trim).filter(|passport| !passport.is_empty());
    let mut passports: Vec<_> = all.take(PASSPORTS_MAX + 1).map(str::to_owned).collect();
    if passports.len() > PASSPORTS_MAX {
        passports.truncate(PASSPORTS_MAX);
        let text = format!("there are more than {PASSPORTS_MAX} passports; the rest is ignored");
        problems.warn(node.range().start, SCHEMA, text);
    }
    passports
}

/// A conference is recorded by its own attribute.
fn record(
    problems: &mut Problems<'_>,
    node: Node<'_, '_>,
    attributes: &Attributes,
    nouns: &Nouns,
) -> Option<DialRecord> {
    let record = dial_record(attributes)?;
    if !matches!(nouns, Nouns::Conference(_)) {
        return Some(record);
    }
    let text = "record of <Dial> has no effect on a <Conference>; write it there";
    problems.warn(node.range().start, SCHEMA, text.to_owned());
    None
}

/// The nouns found so far. The first says which sort it is: some that are rung, or one alone.
#[derive(Default)]
struct Found {
    ring: Vec<Noun>,
    /// The element that wants to be alone.
    alone: Option<&'static str>,
    unbuilt: Option<Unbuilt>,
    queue: Option<QueueNoun>,
    conference: Option<Conference>,
    /// A noun was left out, with a warning.
    is_short: bool,
    is_cut: bool,
}

impl Found {
    /// One of several that may stand beside each other.
    fn ring(&mut self, problems: &mut Problems<'_>, at: usize, noun: Noun) {
        if self.ring.len() < NOUNS_MAX {
            self.ring.push(noun);
        } else if !self.is_cut {
            self.is_cut = true;
            let text = format!("<Dial> calls at most {NOUNS_MAX} at once; the rest is not dialled");
            problems.warn(at, TOO_MANY_NOUNS, text);
        }
    }

    /// Whether `name` may stand where it stands; a warning when it may not.
    fn admits(&mut self, problems: &mut Problems<'_>, at: usize, name: &'static str) -> bool {
        if let Some(alone) = self.alone {
            let text = format!("nothing can be dialled beside <{alone}>; ignored");
            problems.warn(at, mixed_code(alone, name), text);
            return false;
        }
        let is_alone = !matches!(name, "Sip" | "Client" | "Number");
        if is_alone && !self.ring.is_empty() {
            let text = format!("<{name}> must be alone in <Dial>; ignored");
            problems.warn(at, mixed_code(name, name), text);
            return false;
        }
        self.alone = is_alone.then_some(name);
        true
    }
}

fn mixed_code(one: &str, other: &str) -> u32 {
    if one == "Conference" || other == "Conference" { CONFERENCE_MIXED } else { NESTED }
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
                add(problems, &mut found, row, inner);
            }
        }
    }
    plain_number(problems, &mut found, plain_at, &plain);
    if let Some(unbuilt) = found.unbuilt {
        return Nouns::Unbuilt(unbuilt);
    }
    if let Some(queue) = found.queue {
        return Nouns::Queue(Box::new(queue));
    }
    if let Some(conference) = found.conference {
        return Nouns::Conference(Box::new(conference));
    }
    if found.ring.is_empty() {
        if !found.is_short {
            let text =
                "<Dial> has nobody to dial and fails at once; write a number or a noun in it";
            problems.warn(node.range().start, NUMBER_FORMAT, text.to_owned());
        }
        found.ring.push(number(String::new()));
    }
    Nouns::Ring(found.ring)
}

fn number(number: String) -> Noun {
    Noun::of(Whom::Number(Number { number, ..Number::default() }))
}

fn plain_number(problems: &mut Problems<'_>, found: &mut Found, at: usize, plain: &str) {
    let plain = plain.trim();
    if !plain.is_empty() && found.admits(problems, at, "Number") {
        check_number(problems, at, plain);
        found.ring(problems, at, number(plain.to_owned()));
    }
}

fn add(problems: &mut Problems<'_>, found: &mut Found, row: &'static Element, node: Node<'_, '_>) {
    let at = node.range().start;
    if !found.admits(problems, at, row.name) {
        return;
    }
    if row.built == Built::No {
        found.unbuilt = Some(unbuilt(problems, row, node));
        return;
    }
    if row.name == "Queue" {
        found.queue = Some(queue(problems, row, node));
        return;
    }
    if row.name == "Conference" {
        found.conference = conference(problems, row, node);
        found.is_short |= found.conference.is_none();
        return;
    }
    match noun(problems, row, node) {
        Some(noun) => found.ring(problems, at, noun),
        None => found.is_short = true,
    }
}
