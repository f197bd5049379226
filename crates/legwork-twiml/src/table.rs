//! The table's shape: what a row about an element or attribute says, and how values are checked.
//!
//! Not here: the rows (`verb`, `noun`), reading them off a document (`parse`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb and noun.

use crate::limit::{CALLER_ID_MAX, CREDENTIAL_MAX};
use crate::{noun, verb};

/// Whether this server does it already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Built {
    /// It works.
    Yes,
    /// It is known, and has no effect yet.
    No,
}

/// One element of TwiML at one kind of place. A name may have several rows, with other parents.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Its name; case counts.
    pub name: &'static str,
    /// The elements it may stand in; none for the root.
    pub parents: &'static [&'static str],
    /// Whether this server does it. The attributes and children of one that is not built are not
    /// looked at.
    pub built: Built,
    /// It takes the call over: the document does not go on past it by itself.
    pub takes_over: bool,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// What it does, in one line.
    pub doc: &'static str,
}

/// One attribute of an element.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Its name; case counts.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// What it holds when absent or wrong; empty for nothing.
    pub default: &'static str,
    /// Twilio's code for a wrong value.
    pub code: u32,
    /// Whether this server does it.
    pub built: Built,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// What an attribute may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// A URL, absolute or relative; empty is as if absent.
    Url,
    /// `GET` or `POST`, in any case.
    Method,
    /// `true` or `false`.
    Bool,
    /// A whole number in this range; one outside counts as the nearest end.
    Whole {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// At most so many characters.
    AtMost(usize),
    /// Some of these characters, at most so many.
    Keys {
        /// Those it may hold.
        keys: &'static str,
        /// How many at most.
        max: usize,
    },
    /// A user name or password: never shown.
    Credential,
    /// Some of these words, with blanks between.
    SomeOf(&'static [&'static str]),
    /// A number, `client:` and an identity, or a SIP user or URI.
    CallerId,
    /// `man`, `woman`, `alice`, or an engine, a dot and a voice of it.
    Voice,
    /// A language tag such as `en-US`.
    Language,
}

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It holds, in its normal form.
    Good(String),
    /// A number out of range, and the end of the range it counts as.
    Clamped(String),
    /// It does not hold.
    Bad,
}

impl Kind {
    /// Checks a value as written.
    pub(crate) fn check(self, value: &str) -> Checked {
        let trimmed = value.trim();
        let is_good = match self {
            Self::Text | Self::Url => true,
            Self::Method => return method(trimmed),
            Self::Bool => matches!(trimmed, "true" | "false"),
            Self::Whole { min, max } => return whole(trimmed, min, max),
            Self::OneOf(words) => words.contains(&trimmed),
            Self::SomeOf(words) => trimmed.split_whitespace().all(|word| words.contains(&word)),
            Self::AtMost(max) => trimmed.chars().count() <= max,
            Self::Keys { keys, max } => {
                trimmed.len() <= max && trimmed.chars().all(|c| keys.contains(c))
            }
            Self::Credential => {
                trimmed.chars().count() <= CREDENTIAL_MAX && !trimmed.contains(char::is_control)
            }
            Self::CallerId => is_caller_id(trimmed),
            Self::Voice => is_voice(trimmed),
            Self::Language => is_language(trimmed),
        };
        if is_good { Checked::Good(trimmed.to_owned()) } else { Checked::Bad }
    }

    /// What should have been written, in words.
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Url => "a URL".to_owned(),
            Self::Method => "GET or POST".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::SomeOf(words) => format!("some of {}", words.join(", ")),
            Self::AtMost(max) => format!("at most {max} characters"),
            Self::Keys { keys, max } => format!("at most {max} of {keys}"),
            Self::Credential => format!("at most {CREDENTIAL_MAX} characters without controls"),
            Self::CallerId => "a number, client:NAME or a SIP user, without blanks".to_owned(),
            Self::Voice => "man, woman, alice or a voice such as Polly.Joanna".to_owned(),
            Self::Language => "a language tag such as en-US".to_owned(),
        }
    }

    /// The words it may hold, if they can be listed: for did-you-mean.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Method => &["GET", "POST"],
            Self::Bool => &["true", "false"],
            Self::OneOf(words) | Self::SomeOf(words) => words,
            Self::Voice => &["man", "woman", "alice"],
            Self::Text
            | Self::Url
            | Self::Whole { .. }
            | Self::AtMost(_)
            | Self::Keys { .. }
            | Self::Credential
            | Self::CallerId
            | Self::Language => &[],
        }
    }
}

fn method(value: &str) -> Checked {
    let upper = value.to_ascii_uppercase();
    if matches!(upper.as_str(), "GET" | "POST") { Checked::Good(upper) } else { Checked::Bad }
}

fn whole(value: &str, min: u32, max: u32) -> Checked {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Checked::Bad;
    }
    // Digits that do not fit are simply many.
    let magnitude = digits.parse::<u32>().unwrap_or(u32::MAX);
    let number = if value.starts_with('-') { 0 } else { magnitude };
    let is_negative = value.starts_with('-') && magnitude > 0;
    if is_negative || number < min || number > max {
        Checked::Clamped(number.clamp(min, max).to_string())
    } else {
        Checked::Good(number.to_string())
    }
}

fn is_caller_id(value: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+-_.:@*#;=%".contains(c);
    !value.is_empty() && value.len() <= CALLER_ID_MAX && value.chars().all(is_allowed)
}

fn is_voice(value: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match value.split_once('.') {
        Some((engine, voice)) => {
            !engine.is_empty() && !voice.is_empty() && value.chars().all(is_allowed)
        }
        None => matches!(value, "man" | "woman" | "alice"),
    }
}

fn is_language(value: &str) -> bool {
    let mut parts = value.split('-');
    let is_tag = |part: &str, min: usize| {
        (min..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    value.len() <= 35
        && parts.next().is_some_and(|first| is_tag(first, 2))
        && parts.all(|part| is_tag(part, 1))
}

impl Element {
    /// The row of one of its attributes.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// Every element, verbs first.
pub fn elements() -> impl Iterator<Item = &'static Element> {
    verb::VERBS.iter().chain(noun::NOUNS)
}

/// The elements that may stand in `parent`.
pub fn children(parent: &str) -> impl Iterator<Item = &'static Element> {
    elements().filter(move |element| element.parents.contains(&parent))
}

/// The element `name` where it stands in `parent`.
#[must_use]
pub fn child(parent: &str, name: &str) -> Option<&'static Element> {
    children(parent).find(|element| element.name == name)
}

/// A row about an attribute that works.
pub(crate) const fn built(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    code: u32,
    doc: &'static str,
) -> Attribute {
    Attribute { name, kind, default, code, built: Built::Yes, doc }
}

/// A row about an attribute that has no effect yet.
pub(crate) const fn unbuilt(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    code: u32,
    doc: &'static str,
) -> Attribute {
    Attribute { name, kind, default, code, built: Built::No, doc }
}

/// A row about an element that is known by name.
pub(crate) const fn known(
    name: &'static str,
    parents: &'static [&'static str],
    takes_over: bool,
    doc: &'static str,
) -> Element {
    Element { name, parents, built: Built::No, takes_over, attributes: &[], doc }
}

#[cfg(test)]
mod tests;
