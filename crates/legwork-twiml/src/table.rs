//! The table's shape: what a row about an element or attribute says.
//!
//! Not here: the rows (`verb`, `noun`, `beside`, `ssml`), what values hold (`table/kind`), reading
//! them off a document (`parse`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb and noun.

mod kind;

pub use self::kind::Kind;
pub(crate) use self::kind::UNLIMITED;
use crate::problem::SCHEMA;
use crate::{beside, noun, ssml, verb};

/// Whether this server does it already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Built {
    /// It works.
    Yes,
    /// It works but for what these words say.
    Partly(&'static str),
    /// It is known, its values are checked, and it has no effect yet.
    No,
}

/// One element of TwiML at one kind of place. A name may have several rows, with other parents.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Its name; case counts.
    pub name: &'static str,
    /// The elements it may stand in; none for the root.
    pub parents: &'static [&'static str],
    /// Whether this server does it.
    pub built: Built,
    /// It takes the call over: the document does not go on past it by itself.
    pub takes_over: bool,
    /// What its text is; empty when it holds none.
    pub text: &'static str,
    /// Twilio's code for an element that may not stand in it.
    pub nested: u32,
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

impl Element {
    /// An element that is known and not built, without attributes and text.
    pub(crate) const fn known(
        name: &'static str,
        parents: &'static [&'static str],
        doc: &'static str,
    ) -> Self {
        let (built, takes_over) = (Built::No, false);
        Self { name, parents, built, takes_over, text: "", nested: SCHEMA, attributes: &[], doc }
    }

    /// It works.
    pub(crate) const fn built(mut self) -> Self {
        self.built = Built::Yes;
        self
    }

    /// It works but for what these words say.
    pub(crate) const fn partly(mut self, words: &'static str) -> Self {
        self.built = Built::Partly(words);
        self
    }

    /// The document does not go on past it by itself.
    pub(crate) const fn takes_over(mut self) -> Self {
        self.takes_over = true;
        self
    }

    pub(crate) const fn text(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    pub(crate) const fn nested(mut self, code: u32) -> Self {
        self.nested = code;
        self
    }

    pub(crate) const fn attributes(mut self, attributes: &'static [Attribute]) -> Self {
        self.attributes = attributes;
        self
    }

    /// The row of one of its attributes.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// Every element: verbs, what stands in them, SSML.
pub fn elements() -> impl Iterator<Item = &'static Element> {
    [verb::VERBS, noun::NOUNS, beside::BESIDE, ssml::SSML].into_iter().flatten()
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

/// Whether `code` stands for a wrong value or place in the table: the document is run without it.
#[must_use]
pub fn is_of_table(code: u32) -> bool {
    elements().any(|row| {
        let is_of_attribute = |one: &Attribute| !one.kind.takes_anything() && one.code == code;
        row.nested == code || row.attributes.iter().any(is_of_attribute)
    })
}

impl Attribute {
    /// It works but for what these words say.
    pub(crate) const fn partly(mut self, words: &'static str) -> Self {
        self.built = Built::Partly(words);
        self
    }
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

#[cfg(test)]
mod tests;
