//! What an attribute may hold, and how a value is checked.
//!
//! Not here: which attribute holds what (`verb`, `noun`, `beside`, `ssml`), the warning (`parse`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb and noun.

use crate::limit::{CALLER_ID_MAX, CREDENTIAL_MAX};

/// What an attribute may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// A URL, absolute or relative; empty is as if absent. Judged when it is asked.
    Url,
    /// The URL of a WebSocket: `wss://…`; `ws://…` where that is allowed.
    WebSocket,
    /// `GET` or `POST`, in any case.
    Method,
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Whole {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// A whole number above 0, or this word.
    WholeOr(&'static str),
    /// Whole numbers, with blanks between.
    Wholes,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Some of these words, with blanks between.
    SomeOf(&'static [&'static str]),
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
    /// A number, `client:` and an identity, or a SIP user or URI.
    CallerId,
    /// `man`, `woman`, `alice`, or an engine, a dot and a voice of it.
    Voice,
    /// A language tag such as `en-US`.
    Language,
}

impl Kind {
    /// A value as written in its normal form, if it holds.
    pub(crate) fn check(self, value: &str) -> Option<String> {
        let trimmed = value.trim();
        let is_good = match self {
            Self::Text | Self::Url => true,
            Self::WebSocket => {
                trimmed.is_empty() || ["wss://", "ws://"].iter().any(|it| trimmed.starts_with(it))
            }
            Self::Method => return method(trimmed),
            Self::Bool => matches!(trimmed, "true" | "false"),
            Self::Whole { min, max } => return whole(trimmed, min, max),
            Self::WholeOr(word) => return word_or_whole(trimmed, word),
            Self::Wholes => trimmed.split_whitespace().all(|one| whole(one, 0, u32::MAX).is_some()),
            Self::OneOf(words) => words.contains(&trimmed),
            Self::SomeOf(words) => trimmed.split_whitespace().all(|word| words.contains(&word)),
            Self::AtMost(max) => trimmed.chars().count() <= max,
            Self::Keys { keys, max } => {
                trimmed.chars().count() <= max && trimmed.chars().all(|c| keys.contains(c))
            }
            Self::Credential => {
                trimmed.chars().count() <= CREDENTIAL_MAX && !trimmed.contains(char::is_control)
            }
            Self::CallerId => is_caller_id(trimmed),
            Self::Voice => is_voice(trimmed),
            Self::Language => is_language(trimmed),
        };
        is_good.then(|| trimmed.to_owned())
    }

    /// What should have been written, in words.
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Url => "a URL".to_owned(),
            Self::WebSocket => "a URL that starts with wss://".to_owned(),
            Self::Method => "GET or POST".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Whole { min, max: UNLIMITED } => format!("a whole number from {min} on"),
            Self::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Self::WholeOr(word) => format!("a whole number above 0 or {word}"),
            Self::Wholes => "whole numbers with blanks between".to_owned(),
            Self::OneOf(words) => match words {
                [only] => (*only).to_owned(),
                words => format!("one of {}", words.join(", ")),
            },
            Self::SomeOf(words) => match words {
                [only] => (*only).to_owned(),
                words => format!("a list of some of {}", words.join(", ")),
            },
            Self::AtMost(max) => format!("text of at most {max} characters"),
            Self::Keys { keys, max } => format!("made of {keys}, at most {max} of them"),
            Self::Credential => {
                format!("text of at most {CREDENTIAL_MAX} characters without controls")
            }
            Self::CallerId => "a number, client:NAME or a SIP user, without blanks".to_owned(),
            Self::Voice => "man, woman, alice or a voice such as Polly.Joanna".to_owned(),
            Self::Language => "a language tag such as en-US".to_owned(),
        }
    }

    /// Whether it takes whatever is written.
    #[must_use]
    pub const fn takes_anything(self) -> bool {
        matches!(self, Self::Text | Self::Url)
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
            | Self::WebSocket
            | Self::Whole { .. }
            | Self::WholeOr(_)
            | Self::Wholes
            | Self::AtMost(_)
            | Self::Keys { .. }
            | Self::Credential
            | Self::CallerId
            | Self::Language => &[],
        }
    }
}

/// The greatest of a number that Twilio gives no greatest for.
pub(crate) const UNLIMITED: u32 = 2_147_483_647;

fn method(value: &str) -> Option<String> {
    let upper = value.to_ascii_uppercase();
    matches!(upper.as_str(), "GET" | "POST").then_some(upper)
}

fn whole(value: &str, min: u32, max: u32) -> Option<String> {
    let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = is_number.then(|| value.parse().ok())??;
    (min..=max).contains(&number).then(|| number.to_string())
}

fn word_or_whole(value: &str, word: &str) -> Option<String> {
    if value == word { Some(word.to_owned()) } else { whole(value, 1, UNLIMITED) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(Kind, &str, Option<&str>)]) {
        for (kind, value, want) in cases {
            assert_eq!(kind.check(value).as_deref(), *want, "{kind:?} {value}");
        }
    }

    #[test]
    fn numbers_and_keys_at_the_edges() {
        const TIMEOUT: Kind = Kind::Whole { min: 5, max: 600 };
        const KEYS: Kind = Kind::Keys { keys: "12w", max: 3 };
        check(&[
            (TIMEOUT, "5", Some("5")),
            (TIMEOUT, " 600 ", Some("600")),
            (TIMEOUT, "007", Some("7")),
            (TIMEOUT, "4", None),
            (TIMEOUT, "601", None),
            (TIMEOUT, "-1", None),
            (TIMEOUT, "99999999999999999999", None),
            (TIMEOUT, "", None),
            (TIMEOUT, "30s", None),
            (TIMEOUT, "1.5", None),
            (TIMEOUT, "+30", None),
            (TIMEOUT, "٣", None),
            (Kind::Whole { min: 0, max: 9 }, "0", Some("0")),
            (Kind::Whole { min: 0, max: 9 }, "-1", None),
            (Kind::WholeOr("auto"), "auto", Some("auto")),
            (Kind::WholeOr("auto"), "1", Some("1")),
            (Kind::WholeOr("auto"), "0", None),
            (Kind::WholeOr("auto"), "Auto", None),
            (Kind::Wholes, "1 2", Some("1 2")),
            (Kind::Wholes, "1,2", None),
            (KEYS, "w21", Some("w21")),
            (KEYS, "", Some("")),
            (KEYS, "w211", None),
            (KEYS, "3", None),
        ]);
    }

    #[test]
    fn words_and_texts_at_the_edges() {
        let secret = "é".repeat(CREDENTIAL_MAX);
        let secrets = "é".repeat(CREDENTIAL_MAX + 1);
        check(&[
            (Kind::Bool, "true", Some("true")),
            (Kind::Bool, "True", None),
            (Kind::Bool, "1", None),
            (Kind::Method, "get", Some("GET")),
            (Kind::Method, "POST", Some("POST")),
            (Kind::Method, "PUT", None),
            (Kind::Url, "/a b", Some("/a b")),
            (Kind::WebSocket, "wss://a/b", Some("wss://a/b")),
            (Kind::WebSocket, "ws://a", Some("ws://a")),
            (Kind::WebSocket, "", Some("")),
            (Kind::WebSocket, "https://a/b", None),
            (Kind::OneOf(&["busy"]), "busy", Some("busy")),
            (Kind::OneOf(&["busy"]), "Busy", None),
            (Kind::SomeOf(&["a", "b"]), "b  a", Some("b  a")),
            (Kind::SomeOf(&["a", "b"]), "a,b", None),
            (Kind::AtMost(2), " éé ", Some("éé")),
            (Kind::AtMost(2), "ééé", None),
            (Kind::Credential, &secret, Some(&secret)),
            (Kind::Credential, &secrets, None),
            (Kind::Credential, "a\nb", None),
        ]);
    }

    #[test]
    fn callers_voices_and_languages_at_the_edges() {
        let long = "9".repeat(CALLER_ID_MAX);
        let longer = "9".repeat(CALLER_ID_MAX + 1);
        check(&[
            (Kind::CallerId, "+15551112222", Some("+15551112222")),
            (Kind::CallerId, "client:joey", Some("client:joey")),
            (Kind::CallerId, "bob", Some("bob")),
            (Kind::CallerId, "a b", None),
            (Kind::CallerId, "a\r\nb", None),
            (Kind::CallerId, "\"x\" <sip:a@b>", None),
            (Kind::CallerId, "", None),
            (Kind::CallerId, &long, Some(&long)),
            (Kind::CallerId, &longer, None),
            (Kind::Voice, "alice", Some("alice")),
            (Kind::Voice, "Polly.Joanna-Neural", Some("Polly.Joanna-Neural")),
            (Kind::Voice, "Bob", None),
            (Kind::Voice, "Polly.", None),
            (Kind::Voice, "Polly./../x", None),
            (Kind::Language, "en-GB-WLS", Some("en-GB-WLS")),
            (Kind::Language, "arb", Some("arb")),
            (Kind::Language, "e", None),
            (Kind::Language, "en_US", None),
            (Kind::Language, "en-", None),
        ]);
    }
}
