//! The attributes of one element, checked against its row.
//!
//! Not here: kinds (`table/kind`), ranges and defaults (`verb`, `noun`, `beside`, `ssml`).
//! Source: Twilio, "Error and Warning Dictionary": a wrong value is a warning, the default holds.

use roxmltree::Node;

use crate::problem::{Problems, SCHEMA, shown};
use crate::program::Method;
use crate::table::{Attribute, Built, Element, Kind};

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// What an element's attributes say: those that hold; the others are as if absent.
pub(super) struct Attributes {
    row: &'static Element,
    given: Vec<(&'static str, String)>,
}

impl Attributes {
    /// Reads them off an element, with a warning for each that does not hold or has no effect.
    pub(super) fn read(
        problems: &mut Problems<'_>,
        row: &'static Element,
        node: Node<'_, '_>,
    ) -> Self {
        Self::each(problems, row, node, true)
    }

    /// Warns of those that do not hold. For an element that has no effect itself.
    pub(super) fn look(problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) {
        Self::each(problems, row, node, false);
    }

    fn each(
        problems: &mut Problems<'_>,
        row: &'static Element,
        node: Node<'_, '_>,
        has_effect: bool,
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
                    let Some(value) = check(problems, at, attribute, found.value()) else {
                        continue;
                    };
                    if attribute.built != Built::No {
                        given.push((attribute.name, value));
                    } else if has_effect && value != attribute.default {
                        let text = format!("the attribute {name} has no effect yet");
                        problems.warn(at, SCHEMA, text);
                    }
                }
                None => {
                    let text = unknown(problems, row, &name);
                    problems.warn(at, SCHEMA, text);
                }
            }
        }
        Self { row, given }
    }

    /// None is given: all that holds are defaults.
    pub(super) const fn none(row: &'static Element) -> Self {
        Self { row, given: Vec::new() }
    }

    /// The value, or the default of the table, or nothing.
    pub(super) fn value(&self, name: &str) -> &str {
        let given = self.given.iter().find(|(given, _)| *given == name);
        match given {
            Some((_, value)) => value,
            None => self.row.attribute(name).map_or("", |attribute| attribute.default),
        }
    }

    /// The value, if it is written and holds.
    pub(super) fn given_value(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
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

/// The value if it holds.
fn check(
    problems: &mut Problems<'_>,
    at: usize,
    attribute: &'static Attribute,
    value: &str,
) -> Option<String> {
    let Attribute { name, kind, default, code, built: _, doc: _ } = *attribute;
    let checked = kind.check(value);
    if checked.is_none() {
        let expected = kind.expected();
        // What was meant to be a password is told to nobody.
        let wrong = if kind == Kind::Credential { "…".to_owned() } else { shown(value) };
        let used = match default {
            "" => "it is ignored".to_owned(),
            default => format!("{default} is used"),
        };
        let meant = problems.nearest(value, kind.words().iter().copied());
        let meant = meant.map(|word| format!("; did you mean {word}?")).unwrap_or_default();
        let text = format!("{name}=\"{wrong}\" is not {expected}; {used}{meant}");
        problems.warn(at, code, text);
    }
    checked
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
