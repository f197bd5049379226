//! `<Say>`: its text or SSML children, written again as one clean SSML fragment.
//!
//! Not here: speaking it (crate `legwork`).
//! Source: Twilio, "TwiML Voice: Say" and "SSML"; W3C SSML 1.1.

use roxmltree::Node;

use super::attribute::Attributes;
use super::misplaced;
use crate::limit::SAY_MAX;
use crate::problem::{Problems, SAY_EMPTY, SAY_TOO_LONG, SCHEMA};
use crate::program::Say;
use crate::table::{self, Element};

/// `<Say>` as typed.
pub(super) fn say(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Say {
    let mut fragment = Fragment { ssml: String::new(), room: SAY_MAX, is_cut: false };
    fragment.children(problems, row, node);
    let ssml = fragment.ssml.trim().to_owned();
    let at = node.range().start;
    if fragment.is_cut {
        let text = format!("<Say> has more than {SAY_MAX} characters; the rest is not spoken");
        problems.warn(at, SAY_TOO_LONG, text);
    }
    if ssml.is_empty() {
        problems.warn(at, SAY_EMPTY, "<Say> has nothing to say; write text in it".to_owned());
    }
    Say {
        voice: attributes.value("voice").to_owned(),
        language: attributes.given_value("language").unwrap_or_default().to_owned(),
        times: attributes.whole("loop"),
        ssml,
    }
}

struct Fragment {
    ssml: String,
    /// Characters of text that may still come.
    room: usize,
    is_cut: bool,
}

impl Fragment {
    /// Writes what is in `node`. The depth of a document is limited, so this may call itself.
    fn children(&mut self, problems: &mut Problems<'_>, row: &'static Element, node: Node<'_, '_>) {
        for inner in node.children() {
            if inner.is_text() {
                self.text(inner.text().unwrap_or_default());
            } else if inner.is_element() {
                self.element(problems, row, inner);
            }
        }
    }

    fn element(
        &mut self,
        problems: &mut Problems<'_>,
        parent: &'static Element,
        node: Node<'_, '_>,
    ) {
        let name = node.tag_name().name();
        let Some(row) = table::child(parent.name, name) else {
            let text = misplaced(problems, parent.name, name);
            problems.warn(node.range().start, SCHEMA, format!("{text} (its text is spoken)"));
            return self.children(problems, parent, node);
        };
        // Nothing of the rest is spoken: no pause, no alias either.
        if self.is_cut {
            return;
        }
        self.ssml.push('<');
        self.ssml.push_str(row.name);
        for (name, value) in Attributes::read(problems, row, node).given() {
            self.ssml.push(' ');
            self.ssml.push_str(name);
            self.ssml.push_str("=\"");
            value.chars().for_each(|c| self.escape(c));
            self.ssml.push('"');
        }
        self.ssml.push('>');
        let before = self.ssml.len();
        self.children(problems, row, node);
        if self.ssml.len() > before {
            self.ssml.push_str("</");
            self.ssml.push_str(row.name);
            self.ssml.push('>');
        } else {
            self.ssml.pop();
            self.ssml.push_str("/>");
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            if self.room == 0 {
                // Blanks at the end are trimmed anyway.
                self.is_cut |= !c.is_whitespace();
                continue;
            }
            self.room -= 1;
            self.escape(c);
        }
    }

    fn escape(&mut self, c: char) {
        match c {
            '&' => self.ssml.push_str("&amp;"),
            '<' => self.ssml.push_str("&lt;"),
            '>' => self.ssml.push_str("&gt;"),
            '"' => self.ssml.push_str("&quot;"),
            c => self.ssml.push(c),
        }
    }
}
