//! The attributes of one element, checked against its row.
//!
//! Not here: kinds, ranges and defaults (`table`, `verb`, `noun`).
//! Source: Twilio, "Error and Warning Dictionary": a wrong value is a warning, the default holds.

use roxmltree::Node;

use crate::problem::{Problems, SCHEMA, shown};
use crate::program::Method;
use crate::table::{Attribute, Built, Checked, Element, Kind};

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// What an element's attributes say: those that hold; the others are as if absent.
pub(super) struct Attributes {
    row: &'static Element,
    given: Vec<(&'static str, String)>,
}

impl Attributes {
    /// Reads them off an element, with a warning for each that does not hold.
    pub(super) fn read(
        problems: &mut Problems<'_>,
        row: &'static Element,
        node: Node<'_, '_>,
    ) -> Self {
        let mut given = Vec::new();
        for found in node.attributes() {
            let prefix = match found.namespace() {
                None => "",
                Some(XML_NAMESPACE) => "xml:",
                // Schema locations and the like are no business of TwiML.
                Some(_) => continue,
            };
            let name = format!("{prefix}{}", found.name());
            let at = found.range().start;
            match row.attribute(&name) {
                Some(attribute) => {
                    let value = check(problems, at, attribute, found.value());
                    given.extend(value.map(|value| (attribute.name, value)));
                }
                None => {
                    let text = unknown(problems, row, &name);
                    problems.warn(at, SCHEMA, text);
                }
            }
        }
        Self { row, given }
    }

    /// The value, or the default of the table, or nothing.
    pub(super) fn value(&self, name: &str) -> &str {
        let given = self.given.iter().find(|(given, _)| *given == name);
        match given {
            Some((_, value)) => value,
            None => self.row.attribute(name).map_or("", |attribute| attribute.default),
        }
    }

    /// A value that may be absent; an empty one is.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        let value = self.value(name);
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.value(name) == "true"
    }

    pub(super) fn method(&self, name: &str) -> Method {
        if self.value(name) == "GET" { Method::Get } else { Method::Post }
    }

    pub(super) fn whole(&self, name: &str) -> u32 {
        self.value(name).parse().unwrap_or_default()
    }

    /// Those that hold, in the order of the document.
    pub(super) fn given(&self) -> &[(&'static str, String)] {
        &self.given
    }
}

/// The value if it holds and has an effect.
fn check(
    problems: &mut Problems<'_>,
    at: usize,
    attribute: &'static Attribute,
    value: &str,
) -> Option<String> {
    let Attribute { name, kind, default, code, built, doc: _ } = *attribute;
    match built {
        Built::Yes => {}
        Built::No if value == default => return None,
        Built::No => {
            problems.warn(at, SCHEMA, format!("the attribute {name} has no effect yet"));
            return None;
        }
    }
    let expected = kind.expected();
    // What was meant to be a password is told to nobody.
    let wrong = if kind == Kind::Credential { "…".to_owned() } else { shown(value) };
    match kind.check(value) {
        Checked::Good(value) => Some(value),
        Checked::Clamped(nearest) => {
            let text = format!("{name}=\"{wrong}\" is not {expected}; {nearest} is used");
            problems.warn(at, code, text);
            Some(nearest)
        }
        Checked::Bad => {
            let used = match default {
                "" => "it is ignored".to_owned(),
                default => format!("{default} is used"),
            };
            let meant = problems.nearest(value, kind.words().iter().copied());
            let meant = meant.map(|word| format!("; did you mean {word}?")).unwrap_or_default();
            let text = format!("{name}=\"{wrong}\" is not {expected}; {used}{meant}");
            problems.warn(at, code, text);
            None
        }
    }
}

fn unknown(problems: &Problems<'_>, row: &Element, name: &str) -> String {
    let wrong = shown(name);
    let element = row.name;
    match problems.nearest(name, row.attributes.iter().map(|attribute| attribute.name)) {
        Some(meant) => {
            format!("<{element}> has no attribute {wrong}, ignored; did you mean {meant}?")
        }
        None => format!("<{element}> has no attribute {wrong}, ignored"),
    }
}
