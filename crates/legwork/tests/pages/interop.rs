//! `docs/interop.md`, written from the tests and a table: what phones, switches and chance do to a
//! transfer, what we do about it, and the tests that show it.
//!
//! A row's tests are those whose names begin with its key: `q01_…`, `s1_…`, `r1_…`, `p1_…`.
//! Not here: the rows (`data/interop.tsv`: key, what happens, who does it where that is known, what
//! we do).

use std::fmt::Write as _;

use expect_test::expect_file;

use super::named::{Tests, tests};

const TABLE: &str = include_str!("../data/interop.tsv");

const INTRO: &str = "\
# Transfers as they happen in the field

Every line is something seen in the field, or an outcome that must hold; behind it are the tests that fail when it does not. A test \
whose name begins with a line's number plays its device or its moment from end to end, and ends with nothing left over. \
`cargo test -p legwork-sim --test simulation q01_` runs those of the first line.
";

/// One part of the page: the letter of its keys, their digits, how many rows, heading, columns.
struct Part {
    letter: char,
    digits: usize,
    rows: usize,
    heading: &'static str,
    columns: &'static [&'static str],
}

impl Part {
    fn key(&self, number: usize) -> String {
        format!("{}{number:0w$}", self.letter, w = self.digits)
    }
}

const PARTS: [Part; 4] = [
    Part {
        letter: 'q',
        digits: 2,
        rows: 46,
        heading: "Quirks of phones and switches",
        columns: &["quirk", "devices", "what we do"],
    },
    Part {
        letter: 's',
        digits: 1,
        rows: 4,
        heading: "Seen beside",
        columns: &["what happens", "what we do"],
    },
    Part {
        letter: 'r',
        digits: 1,
        rows: 12,
        heading: "Races",
        columns: &["what happens", "what we do"],
    },
    Part {
        letter: 'p',
        digits: 1,
        rows: 12,
        heading: "Outcomes",
        columns: &["what happens", "what we do"],
    },
];

/// The key of every row there must be, in the order of the page.
fn keys() -> impl Iterator<Item = (String, &'static Part)> {
    PARTS.iter().flat_map(|part| (1..=part.rows).map(move |n| (part.key(n), part)))
}

/// Key and cells of every row.
fn rows() -> Vec<(&'static str, Vec<&'static str>)> {
    let rows = TABLE.lines().map(|line| {
        let mut cells = line.split('\t');
        (cells.next().unwrap_or_default(), cells.collect())
    });
    rows.collect()
}

/// `q01` of `q01_teams_leaves…` and of `q1_teams_leaves…`; none of a name that only looks like it.
fn key_of(test: &str) -> Option<String> {
    let (key, _) = test.split_once('_')?;
    let part = PARTS.iter().find(|part| key.starts_with(part.letter))?;
    let number: usize = key.get(1..)?.parse().ok()?;
    Some(part.key(number))
}

/// The tests of a row as they stand on the page.
fn shown(key: &str, tests: &Tests) -> String {
    let own = tests.iter().filter(|(name, _)| key_of(name).as_deref() == Some(key));
    let links = own
        .flat_map(|(name, files)| files.iter().map(move |file| format!("[`{name}`](../{file})")));
    links.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_line_is_there_once_and_has_its_tests() {
    let tests = tests();
    let rows = rows();
    let wanted: Vec<_> = keys().map(|(key, _)| key).collect();
    let there: Vec<_> = rows.iter().map(|(key, _)| *key).collect();
    assert_eq!(there, wanted);
    for ((key, part), (_, cells)) in keys().zip(&rows) {
        assert_eq!(cells.len(), part.columns.len(), "{key}");
        assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "{key}: an empty cell");
        assert!(cells.iter().all(|cell| !cell.contains('|')), "{key}: a bar ends the cell");
    }
    let untested: Vec<_> = wanted.iter().filter(|key| shown(key, &tests).is_empty()).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn every_test_with_a_number_has_its_line() {
    let rows = rows();
    let is_there = |key: &str| rows.iter().any(|(other, _)| *other == key);
    let tests = tests();
    let numbered = tests.keys().filter_map(|name| Some((name, key_of(name)?)));
    let lost: Vec<_> = numbered.filter(|(_, key)| !is_there(key)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn the_page_is_what_table_and_tests_say() {
    let tests = tests();
    let rows = rows();
    let mut page = INTRO.to_owned();
    for part in &PARTS {
        let head = part.columns.join(" | ");
        let bars = "---|".repeat(part.columns.len() + 2);
        write!(page, "\n## {}\n\n| | {head} | test |\n|{bars}\n", part.heading).unwrap();
        for (key, cells) in rows.iter().filter(|(key, _)| key.starts_with(part.letter)) {
            let proof = shown(key, &tests);
            writeln!(page, "| {key} | {} | {proof} |", cells.join(" | ")).unwrap();
        }
    }
    expect_file!["../../../../docs/interop.md"].assert_eq(&page);
}

#[test]
fn what_is_a_key() {
    for (name, key) in [
        ("q01_teams_leaves", Some("q01")),
        ("q6_notices", Some("q06")),
        ("r12_true_the_webhook", Some("r12")),
        ("rfc3261_8_2", None),
        ("q_1", None),
        ("x1_other", None),
        ("q01", None),
    ] {
        assert_eq!(key_of(name).as_deref(), key, "{name}");
    }
}
