//! Tests of the table: row by row against Twilio's, and consistent in itself.

use std::collections::BTreeSet;

use super::*;
use crate::limit::CREDENTIAL_MAX;

/// Parent and child, as Twilio's libraries can write them.
const CHILDREN: &str = include_str!("../../tests/data/children.tsv");
/// Element, parents, attribute, required, values, default, limits; its head says whence.
const ATTRIBUTES: &str = include_str!("../../tests/data/attributes.tsv");
/// In Twilio's documentation but not in its libraries.
const DOCUMENTED: &[(&str, &str)] = &[
    ("Dial", "callReason"),
    ("ConversationRelay", "conversationConfiguration"),
    ("ConversationRelay", "eotThreshold"),
];
/// Neither: ours.
const OURS: &[(&str, &str)] = &[("Dial", "referStatusCallback")];

#[test]
fn every_element_is_known_at_every_place_and_no_other() {
    let wanted: BTreeSet<(&str, &str)> = CHILDREN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    let known: BTreeSet<(&str, &str)> =
        elements().flat_map(|row| row.parents.iter().map(|parent| (*parent, row.name))).collect();
    assert_eq!(wanted.len(), 131);
    assert_eq!(known, wanted);
}

/// One row of Twilio's.
#[derive(Debug)]
struct Theirs<'a> {
    element: &'a str,
    attribute: &'a str,
    values: &'a str,
    default: &'a str,
    limits: &'a str,
}

#[test]
fn every_row_of_twilios_is_a_row_here_with_its_values_default_and_limits() {
    let mut n_rows = 0;
    let mut seen: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for line in ATTRIBUTES.lines().filter(|line| !line.starts_with('#')) {
        n_rows += 1;
        let fields: Vec<&str> = line.split('\t').collect();
        let [element, parents, attribute, _required, values, default, limits] = fields[..] else {
            panic!("{line}")
        };
        let theirs = Theirs { element, attribute, values, default, limits };
        if parents == "-" {
            assert_eq!((element, attribute), ("Response", "(none)"));
            continue;
        }
        for parent in parents.split(',') {
            seen.insert((parent, element, attribute));
            compare(parent, &theirs);
        }
    }
    assert_eq!(n_rows, 317);
    // And the other way round.
    for row in elements() {
        for parent in row.parents {
            let mut ours: Vec<&str> = row.attributes.iter().map(|one| one.name).collect();
            ours.extend((!row.text.is_empty()).then_some("#text"));
            for name in ours {
                let is_theirs = seen.contains(&(*parent, row.name, name));
                let is_more = [DOCUMENTED, OURS].concat().contains(&(row.name, name));
                assert!(is_theirs != is_more, "{parent} {} {name}", row.name);
            }
        }
    }
}

fn compare(parent: &str, theirs: &Theirs<'_>) {
    let row = child(parent, theirs.element).unwrap_or_else(|| panic!("{parent} {theirs:?}"));
    match theirs.attribute {
        "#text" => return assert!(!row.text.is_empty(), "{parent} {theirs:?}"),
        "(none)" => return assert!(row.attributes.is_empty(), "{parent} {theirs:?}"),
        _ => {}
    }
    let ours = row.attribute(theirs.attribute).unwrap_or_else(|| panic!("{parent} {theirs:?}"));
    // Twilio's documentation says it for <Connect> alone.
    let is_narrower = (parent, theirs.element, ours.name) == ("Connect", "Stream", "track");
    assert!(is_narrower || holds(theirs.values, ours.kind), "{parent} {theirs:?} {ours:?}");
    match theirs.default {
        "-" => {}
        "none" => assert_eq!(ours.default, "", "{parent} {theirs:?}"),
        default => assert_eq!(ours.default, default, "{parent} {theirs:?}"),
    }
    if theirs.limits != "-" {
        assert_eq!(limits(ours.kind), theirs.limits, "{parent} {theirs:?}");
    }
}

/// Whether a kind holds the values that Twilio's libraries write.
fn holds(values: &str, kind: Kind) -> bool {
    let list = values.strip_prefix("list (space-separated) of ");
    let theirs: BTreeSet<&str> = list.unwrap_or(values).split('|').collect();
    match (values, kind) {
        ("-", kind) => kind == Kind::Text,
        // Twilio's documentation has more words for one of them.
        ("boolean", Kind::OneOf(words)) => ["true", "false"].iter().all(|it| words.contains(it)),
        ("boolean", kind) => kind == Kind::Bool,
        ("number", kind) => matches!(kind, Kind::Whole { .. }),
        ("number[]", kind) => kind == Kind::Wholes,
        ("voice", kind) => kind == Kind::Voice,
        ("language", kind) => kind == Kind::Language,
        ("GET|POST", kind) => kind == Kind::Method,
        ("string", kind) => kind != Kind::Bool,
        (_, Kind::SomeOf(words)) => {
            // A list of one may be written as one.
            (list.is_some() || words.len() == 1)
                && words.iter().copied().collect::<BTreeSet<_>>() == theirs
        }
        (_, Kind::OneOf(words)) => {
            let mut ours: BTreeSet<&str> = words.iter().copied().collect();
            if theirs.contains("record-from-answer") {
                // Twilio's documentation has them, one of its libraries' lists has not.
                ours.remove("true");
                ours.remove("false");
            }
            let theirs =
                theirs.iter().copied().filter(|word| ours.contains(word) || !is_bool(word));
            list.is_none() && ours == theirs.collect()
        }
        _ => false,
    }
}

fn is_bool(word: &str) -> bool {
    matches!(word, "true" | "false")
}

/// The limits of a kind, as the data has them.
fn limits(kind: Kind) -> String {
    match kind {
        Kind::Whole { min, max: UNLIMITED } => format!("{min}.."),
        Kind::Whole { min, max } => format!("{min}..{max}"),
        Kind::WholeOr(word) => format!("1..|{word}"),
        Kind::AtMost(max) => format!("<={max}"),
        Kind::Credential => format!("<={CREDENTIAL_MAX}"),
        Kind::Keys { keys, max } => format!("keys {keys} {max}"),
        Kind::OneOf(words) => words.join("|"),
        Kind::WebSocket => "wss".to_owned(),
        Kind::Text
        | Kind::Url
        | Kind::Method
        | Kind::Bool
        | Kind::Wholes
        | Kind::SomeOf(_)
        | Kind::CallerId
        | Kind::Voice
        | Kind::Language => "-".to_owned(),
    }
}

#[test]
fn rows_are_sound() {
    let mut seen = BTreeSet::new();
    for row in elements() {
        assert!(row.doc.ends_with('.'), "{}", row.name);
        assert!(row.text.is_empty() || row.text.ends_with('.'), "{}", row.name);
        for parent in row.parents {
            assert!(seen.insert((*parent, row.name)), "{} twice in {parent}", row.name);
            assert!(elements().any(|other| other.name == *parent), "{parent}");
        }
        let mut names = BTreeSet::new();
        for attribute in row.attributes {
            let Attribute { name, kind, default, doc, .. } = attribute;
            assert!(names.insert(name), "{name} twice in {}", row.name);
            assert!(doc.ends_with('.'), "{name}");
            let is_sound = match kind.check(default) {
                Some(value) => value == *default,
                None => default.is_empty(),
            };
            assert!(is_sound, "{} {name}={default}", row.name);
            let is_here = attribute.built == Built::No || row.built != Built::No;
            assert!(is_here, "{name} works and {} does not", row.name);
        }
    }
}

#[test]
fn codes_of_the_table_are_told_from_others() {
    for code in [12_200, 13_212, 13_215, 13_321, 13_326, 14_201, 14_300, 13_699] {
        assert!(is_of_table(code), "{code}");
    }
    for code in [11_100, 11_200, 12_100, 12_300, 13_224, 13_250, 13_750, 13_802] {
        assert!(!is_of_table(code), "{code}");
    }
}
