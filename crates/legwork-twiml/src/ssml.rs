//! The table, SSML: what stands inside `<Say>`.
//!
//! Not here: `<Say>` itself (`verb`), writing it again for the speech engine (`parse/say`).
//! Source: Twilio, "TwiML Voice: SSML"; W3C SSML 1.1.

use crate::problem::SCHEMA;
use crate::table::Kind::{Language, OneOf, Text};
use crate::table::{Attribute, Element, built};

/// Where an SSML element of one word or more may stand.
const IN_TEXT: &[&str] = &["Say", "emphasis", "lang", "p", "prosody", "s", "w"];
const IN_PHRASE: &[&str] = &["Say", "emphasis", "lang", "p", "prosody", "s"];
const WORDS: &str = "What is spoken.";
/// What is not built of elements that are.
const SOUNDS: &str = "sounds of English in `ipa` or `x-sampa`; otherwise the text is read";
const ROLE: &str = "the word is read without regard to its role";

/// Everything that stands inside `<Say>`.
#[rustfmt::skip]
pub(crate) const SSML: &[Element] = &[
    Element::known("break", IN_TEXT, "A pause.").built().attributes(BREAK),
    Element::known("emphasis", IN_TEXT, "Words to stress.").built().text(WORDS)
        .attributes(EMPHASIS),
    Element::known("lang", IN_PHRASE, "Words in another language.").built().text(WORDS)
        .attributes(LANG),
    Element::known("p", &["Say", "lang", "prosody"], "A paragraph.").built().text(WORDS),
    Element::known("phoneme", IN_TEXT, "Words with their pronunciation.").partly(SOUNDS).text(WORDS)
        .attributes(PHONEME),
    Element::known("prosody", IN_TEXT, "Words with volume, rate or pitch.").built().text(WORDS)
        .attributes(PROSODY),
    Element::known("s", &["Say", "lang", "p", "prosody"], "A sentence.").built().text(WORDS),
    Element::known("say-as", IN_TEXT, "Digits, dates and the like.").built().text(WORDS)
        .attributes(SAY_AS),
    Element::known("sub", IN_TEXT, "Words to be spoken as others.").built()
        .text("What is written.").attributes(SUB),
    Element::known("w", IN_PHRASE, "A word with its role.").partly(ROLE).text(WORDS).attributes(W),
];

#[rustfmt::skip]
const BREAK: &[Attribute] = &[
    built(
        "strength", OneOf(&["none", "x-weak", "weak", "medium", "strong", "x-strong"]), "", SCHEMA,
        "How long by feeling.",
    ),
    built("time", Text, "", SCHEMA, "How long: `2s`, `200ms`."),
];

const EMPHASIS: &[Attribute] =
    &[built("level", OneOf(&["strong", "moderate", "reduced"]), "", SCHEMA, "How much stress.")];

const LANG: &[Attribute] = &[built("xml:lang", Language, "", SCHEMA, "The language.")];

#[rustfmt::skip]
const PHONEME: &[Attribute] = &[
    built(
        "alphabet",
        OneOf(&["ipa", "x-sampa", "x-amazon-jyutping", "x-amazon-pinyin", "x-amazon-pron-kana",
                "x-amazon-yomigana"]),
        "", SCHEMA, "The alphabet of `ph`.",
    ).partly(SOUNDS),
    built("ph", Text, "", SCHEMA, "The pronunciation.").partly(SOUNDS),
];

const PROSODY: &[Attribute] = &[
    built("volume", Text, "", SCHEMA, "`silent` to `x-loud`, `+6dB`."),
    built("rate", Text, "", SCHEMA, "`x-slow` to `x-fast`, `85%`."),
    built("pitch", Text, "", SCHEMA, "`x-low` to `x-high`, `-10%`."),
];

#[rustfmt::skip]
const SAY_AS: &[Attribute] = &[
    built(
        "interpret-as",
        OneOf(&["characters", "spell-out", "cardinal", "number", "ordinal", "digits", "fraction",
                "unit", "date", "time", "address", "expletive", "telephone"]),
        "", SCHEMA, "What it is: in words in English, else as numbers in order.",
    ),
    built(
        "format",
        OneOf(&["mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd"]),
        "", SCHEMA, "The order of a date's parts.",
    ),
];

const SUB: &[Attribute] = &[built("alias", Text, "", SCHEMA, "What is spoken.")];

const W: &[Attribute] =
    &[built("role", Text, "", SCHEMA, "Its part of speech or meaning.").partly(ROLE)];
