//! Tests of the table: complete, consistent, and every kind of value at its edges.

use std::collections::BTreeSet;

use super::*;

/// Parent and child, as Twilio's libraries can write them.
const CHILDREN: &str = include_str!("../../tests/data/children.tsv");
/// Parent, child and attribute.
const ATTRIBUTES: &str = include_str!("../../tests/data/attributes.tsv");
/// In Twilio's documentation but not in its libraries, or ours.
const MORE: [&str; 2] = ["callReason", "referStatusCallback"];

#[test]
fn every_element_is_known_at_every_place_and_no_other() {
    let wanted: BTreeSet<(&str, &str)> =
        CHILDREN.lines().map(|line| line.split_once('\t').unwrap()).collect();
    let known: BTreeSet<(&str, &str)> =
        elements().flat_map(|row| row.parents.iter().map(|parent| (*parent, row.name))).collect();
    assert_eq!(wanted.len(), 131);
    assert_eq!(known, wanted);
}

#[test]
fn every_attribute_of_what_is_built_is_known_and_no_other() {
    let wanted: BTreeSet<(&str, &str, &str)> = ATTRIBUTES
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            (fields[0], fields[1], fields[2])
        })
        .filter(|(parent, name, _)| child(parent, name).is_some_and(|r| r.built == Built::Yes))
        .collect();
    let mut known = BTreeSet::new();
    for row in elements() {
        for parent in row.parents {
            known.extend(row.attributes.iter().map(|a| (*parent, row.name, a.name)));
        }
    }
    known.retain(|(_, _, attribute)| !MORE.contains(attribute));
    assert_eq!(wanted.len(), 179);
    assert_eq!(known, wanted);
}

#[test]
fn rows_are_sound() {
    let mut seen = BTreeSet::new();
    for row in elements() {
        assert!(row.doc.ends_with('.'), "{}", row.name);
        for parent in row.parents {
            assert!(seen.insert((*parent, row.name)), "{} twice in {parent}", row.name);
            assert!(elements().any(|other| other.name == *parent), "{parent}");
        }
        let mut names = BTreeSet::new();
        for attribute in row.attributes {
            assert!(names.insert(attribute.name), "{} twice in {}", attribute.name, row.name);
            assert!(attribute.doc.ends_with('.'), "{}", attribute.name);
            let default = attribute.default;
            let is_sound = match attribute.kind.check(default) {
                Checked::Good(value) => value == default,
                Checked::Clamped(_) | Checked::Bad => default.is_empty(),
            };
            assert!(is_sound, "{} {}={default}", row.name, attribute.name);
        }
    }
}

#[test]
fn values_at_the_edges() {
    const TIMEOUT: Kind = Kind::Whole { min: 5, max: 600 };
    let good = |value: &str| Checked::Good(value.to_owned());
    let clamped = |value: &str| Checked::Clamped(value.to_owned());
    let long = "9".repeat(CALLER_ID_MAX);
    let longer = "9".repeat(CALLER_ID_MAX + 1);
    let cases = [
        (TIMEOUT, "5", good("5")),
        (TIMEOUT, " 600 ", good("600")),
        (TIMEOUT, "007", good("7")),
        (TIMEOUT, "4", clamped("5")),
        (TIMEOUT, "601", clamped("600")),
        (TIMEOUT, "-1", clamped("5")),
        (TIMEOUT, "99999999999999999999", clamped("600")),
        (TIMEOUT, "", Checked::Bad),
        (TIMEOUT, "-", Checked::Bad),
        (TIMEOUT, "30s", Checked::Bad),
        (TIMEOUT, "1.5", Checked::Bad),
        (TIMEOUT, "--1", Checked::Bad),
        (TIMEOUT, "٣", Checked::Bad),
        (Kind::Whole { min: 0, max: 9 }, "-0", good("0")),
        (Kind::Whole { min: 0, max: 9 }, "-1", clamped("0")),
        (Kind::Bool, "true", good("true")),
        (Kind::Bool, "True", Checked::Bad),
        (Kind::Bool, "1", Checked::Bad),
        (Kind::Method, "get", good("GET")),
        (Kind::Method, "POST", good("POST")),
        (Kind::Method, "PUT", Checked::Bad),
        (Kind::Url, "/a b", good("/a b")),
        (Kind::OneOf(&["busy"]), "busy", good("busy")),
        (Kind::OneOf(&["busy"]), "Busy", Checked::Bad),
        (Kind::SomeOf(&["a", "b"]), "b  a", good("b  a")),
        (Kind::SomeOf(&["a", "b"]), "a,b", Checked::Bad),
        (Kind::CallerId, "+15551112222", good("+15551112222")),
        (Kind::CallerId, "client:joey", good("client:joey")),
        (Kind::CallerId, "bob", good("bob")),
        (Kind::CallerId, "a b", Checked::Bad),
        (Kind::CallerId, "a\r\nb", Checked::Bad),
        (Kind::CallerId, "\"x\" <sip:a@b>", Checked::Bad),
        (Kind::CallerId, "", Checked::Bad),
        (Kind::CallerId, &long, good(&long)),
        (Kind::CallerId, &longer, Checked::Bad),
        (Kind::Voice, "alice", good("alice")),
        (Kind::Voice, "Polly.Joanna-Neural", good("Polly.Joanna-Neural")),
        (Kind::Voice, "Bob", Checked::Bad),
        (Kind::Voice, "Polly.", Checked::Bad),
        (Kind::Voice, "Polly./../x", Checked::Bad),
        (Kind::Language, "en-GB-WLS", good("en-GB-WLS")),
        (Kind::Language, "arb", good("arb")),
        (Kind::Language, "e", Checked::Bad),
        (Kind::Language, "en_US", Checked::Bad),
        (Kind::Language, "en-", Checked::Bad),
    ];
    for (kind, value, want) in cases {
        assert_eq!(kind.check(value), want, "{kind:?} {value}");
    }
}
