//! `docs/rfc.md`, written from a table: what each RFC asks, and the test that shows it is so.
//!
//! Not here: the rows (`data/rfc.tsv`: a heading is an RFC and its title; below it stand section, what
//! must hold, proof, note). A proof is a list of tests, each the end of a file's path and a function,
//! or why there is none.
//! Source: the RFCs, line by line.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;

use expect_test::expect_file;

use super::named::{Tests, tests};

const TABLE: &str = include_str!("../data/rfc.tsv");

/// Why a row has no test.
const EXCUSES: [&str; 2] = ["not applicable", "not built"];

const INTRO: &str = "\
# What the RFCs ask, and what shows it

Each row is one thing that must hold, with the tests that fail when it does not. *Not applicable* says why it can not \
arise here, *not built* what happens instead.
";

/// One row of the table.
struct Row<'a> {
    section: &'a str,
    must: &'a str,
    proof: &'a str,
    note: Option<&'a str>,
}

/// The RFCs with their titles and rows, in the order of the table.
fn rfcs() -> Vec<(&'static str, &'static str, Vec<Row<'static>>)> {
    let mut rfcs: Vec<(_, _, Vec<_>)> = Vec::new();
    for line in TABLE.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        assert!(cells.iter().all(|cell| !cell.trim().is_empty()), "an empty cell: {line}");
        match *cells.as_slice() {
            [rfc, title] => rfcs.push((rfc, title, Vec::new())),
            [section, must, proof, ref rest @ ..] if rest.len() <= 1 => {
                let row = Row { section, must, proof, note: rest.first().copied() };
                rfcs.last_mut().unwrap().2.push(row);
            }
            _ => panic!("two, three or four cells: {line}"),
        }
    }
    rfcs
}

/// A proof as it stands on the page.
fn shown(proof: &str, tests: &Tests) -> Result<String, String> {
    let excused = |excuse: &&'static str| {
        let why = proof.strip_prefix(*excuse)?.strip_prefix(": ")?;
        Some(format!("*{excuse}*: {why}")).filter(|_| !why.trim().is_empty())
    };
    if let Some(excuse) = EXCUSES.iter().find_map(excused) {
        return Ok(excuse);
    }
    let links: Result<Vec<_>, _> = proof.split(", ").map(|test| link(test, tests)).collect();
    Ok(links?.join(", "))
}

/// `end/of/a/path::function`.
fn link(test: &str, tests: &Tests) -> Result<String, String> {
    let (file, name) = test.split_once("::").ok_or_else(|| format!("no test: {test}"))?;
    let end = format!("/{file}.rs");
    let files = tests.get(name).into_iter().flatten();
    let found: Vec<_> = files.filter(|path| path.ends_with(&end)).collect();
    match found.as_slice() {
        [path] => Ok(format!("[`{name}`](../{path})")),
        [] => Err(format!("no such test: {test}")),
        several => Err(format!("which one is {test}? {several:?}")),
    }
}

#[test]
fn every_test_named_is_there() {
    let tests = tests();
    let rows = rfcs().into_iter().flat_map(|(_, _, rows)| rows);
    let wrong: Vec<_> = rows.filter_map(|row| shown(row.proof, &tests).err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_page_is_what_the_table_says() {
    let tests = tests();
    let mut page = INTRO.to_owned();
    for (rfc, title, rows) in rfcs() {
        assert!(!rows.is_empty(), "{rfc}");
        write!(page, "\n## {rfc}: {title}\n\n| section | what must hold | test |\n|---|---|---|\n")
            .unwrap();
        for Row { section, must, proof, note } in rows {
            let proof = shown(proof, &tests).unwrap();
            let note = note.map(|note| format!("; {note}")).unwrap_or_default();
            writeln!(page, "| §{section} | {must} | {proof}{note} |").unwrap();
        }
    }
    expect_file!["../../../../docs/rfc.md"].assert_eq(&page);
}

#[test]
fn what_is_no_proof() {
    let tests = tests();
    let this = shown("pages/rfc::what_is_no_proof", &tests).unwrap();
    assert_eq!(this, "[`what_is_no_proof`](../crates/legwork/tests/pages/rfc.rs)");
    assert_eq!(shown("not built: later", &tests).unwrap(), "*not built*: later");
    for proof in [
        "not built",
        "not built: ",
        "later",
        "rfc::nobody",
        // There, but no test; of that name, but in another file; one of two.
        "tests/rfc::shown",
        "tidy::what_is_no_proof",
        "transaction/client_invite::timers, rfc::nobody",
    ] {
        let seen = shown(proof, &tests);
        assert!(seen.is_err(), "{proof}: {seen:?}");
    }
}
