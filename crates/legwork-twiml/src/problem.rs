//! What is wrong with a document: Twilio's code, where, and what to write instead.
//!
//! Not here: finding it (`parse`), did-you-mean (`suggest`).
//! Source: Twilio, "Error and Warning Dictionary".

use std::fmt;

use crate::limit::{PROBLEMS_MAX, SHOWN_MAX};
use crate::suggest::nearest;

/// A URL that cannot be asked. Raised when it is.
pub const URL: u32 = 11_100;
/// The document is larger than [`crate::DOCUMENT_MAX`].
pub const TOO_LARGE: u32 = 11_750;
/// The document is not well-formed, or exceeds a limit.
pub const PARSE: u32 = 12_100;
/// The XML version is not 1.x.
pub const XML_VERSION: u32 = 12_101;
/// The root is not `Response`.
pub const ROOT: u32 = 12_102;
/// A name, value or place that TwiML does not have, or that has no effect yet.
pub const SCHEMA: u32 = 12_200;
/// `<Conference>` beside numbers.
pub const CONFERENCE_MIXED: u32 = 13_000;
/// An element that may not stand in `Dial`, or not beside the others there.
pub const NESTED: u32 = 13_215;
/// A number that is none.
pub const NUMBER_FORMAT: u32 = 13_223;
/// The name of a conference that is empty or too long.
pub const CONFERENCE_NAME: u32 = 13_237;
/// A SIP URI that is none.
pub const SIP_URI: u32 = 13_243;
/// More nouns than a `<Dial>`, or more URIs than a `<Sip>` may have.
pub const TOO_MANY_NOUNS: u32 = 13_250;
/// More headers than a `<Sip>` may have.
pub const TOO_MANY_HEADERS: u32 = 13_251;
/// The name of a SIP header that is none.
pub const HEADER_NAME: u32 = 13_252;
/// The headers of a `<Sip>` are too long.
pub const SIP_HEADERS: u32 = 13_253;
/// `digits` of `<Play>` where they can not be sent.
pub const DIGITS: u32 = 13_430;
/// A `<Say>` without text.
pub const SAY_EMPTY: u32 = 13_520;
/// A `<Say>` with too much text.
pub const SAY_TOO_LONG: u32 = 13_521;
/// A `<Record>` that may last longer than what is transcribed.
pub const TRANSCRIBE_MAX_LENGTH: u32 = 13_615;
/// An `<Enqueue>` without a name.
pub const QUEUE_TOO_SHORT: u32 = 14_204;
/// An `<Enqueue>` with a name that is too long.
pub const QUEUE_TOO_LONG: u32 = 14_205;
/// A `<Queue>` without a name.
pub const DIALLED_QUEUE_TOO_SHORT: u32 = 14_212;
/// A `<Queue>` with a name that is too long.
pub const DIALLED_QUEUE_TOO_LONG: u32 = 14_213;
/// A `<Stream>` without a URL.
pub const STREAM_URL: u32 = 31_923;
/// A `<Config>` that is none.
pub const CONFIGURATION: u32 = 32_652;
/// A value of `<ConversationRelay>` that is none.
pub const RELAY_PARAMETER: u32 = 64_101;
/// A verb or noun that this server does not have yet.
pub const UNBUILT: u32 = 13_750;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The document is run without the broken part.
    Warning,
    /// The document cannot be used.
    Error,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Twilio's code: 12100, 12200, …
    pub code: u32,
    /// How bad it is.
    pub level: Level,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong and what to write instead, in our words.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, self.code, self.text)
    }
}

/// The problems of one document, as they are found.
pub(crate) struct Problems<'a> {
    list: Vec<Problem>,
    cursor: Cursor<'a>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(document: &'a str) -> Self {
        let cursor = Cursor { document, at: 0, line: 1, column: 1 };
        Self { list: Vec::new(), cursor }
    }

    /// Notes a warning about what stands at byte `at`.
    pub(crate) fn warn(&mut self, at: usize, code: u32, text: String) {
        if self.list.len() > PROBLEMS_MAX {
            return;
        }
        let (line, column) = self.cursor.place(at);
        let (code, text) = if self.list.len() == PROBLEMS_MAX {
            (
                SCHEMA,
                format!(
                    "there are more problems from here on; the first {PROBLEMS_MAX} are listed"
                ),
            )
        } else {
            (code, text)
        };
        self.list.push(Problem { code, level: Level::Warning, line, column, text });
    }

    /// Did you mean: the nearest candidate, while a problem would still be listed.
    pub(crate) fn nearest<'b>(
        &self,
        name: &str,
        candidates: impl IntoIterator<Item = &'b str>,
    ) -> Option<&'b str> {
        if self.list.len() < PROBLEMS_MAX { nearest(name, candidates) } else { None }
    }

    /// Line and column of byte `at`.
    pub(crate) fn place(&mut self, at: usize) -> (u32, u32) {
        self.cursor.place(at)
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.list
    }
}

/// Turns bytes into lines and columns. Moves on from its last answer, so that asking in the order
/// of the document costs one pass in all.
struct Cursor<'a> {
    document: &'a str,
    at: usize,
    line: u32,
    column: u32,
}

impl Cursor<'_> {
    fn place(&mut self, at: usize) -> (u32, u32) {
        if at < self.at {
            *self = Cursor { document: self.document, at: 0, line: 1, column: 1 };
        }
        for c in self.document.get(self.at..at).unwrap_or_default().chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at = at;
        (self.line, self.column)
    }
}

/// A name or value of the document, fit for one line of text: shortened, controls escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_lines_forwards_and_backwards() {
        let document = "aé\n\nb€c";
        let mut problems = Problems::new(document);
        for (needle, place) in [("a", (1, 1)), ("é", (1, 2)), ("b", (3, 1)), ("c", (3, 3))] {
            assert_eq!(problems.place(document.find(needle).unwrap()), place, "{needle}");
        }
        assert_eq!(problems.place(1), (1, 2));
        assert_eq!(problems.place(document.len()), (3, 4));
    }

    #[test]
    fn the_list_ends_with_one_that_says_so() {
        let mut problems = Problems::new("x");
        for n in 0..PROBLEMS_MAX * 2 {
            problems.warn(0, SCHEMA, n.to_string());
        }
        let list = problems.into_list();
        assert_eq!(list.len(), PROBLEMS_MAX + 1);
        assert_eq!(list[PROBLEMS_MAX - 1].text, (PROBLEMS_MAX - 1).to_string());
        assert!(list[PROBLEMS_MAX].text.starts_with("there are more problems"));
    }

    #[test]
    fn what_is_shown_is_short_and_on_one_line() {
        assert_eq!(shown("a\nb\u{1b}"), "a\\nb\\u{1b}");
        assert_eq!(shown(&"é".repeat(SHOWN_MAX)), "é".repeat(SHOWN_MAX));
        assert_eq!(shown(&"é".repeat(SHOWN_MAX + 1)), format!("{}…", "é".repeat(SHOWN_MAX)));
    }
}
