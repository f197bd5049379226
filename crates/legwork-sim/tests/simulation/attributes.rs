//! One ladder for every attribute that works: accepted, by default, and out of range.
//!
//! A ladder is a file `attributes/ELEMENT.ATTRIBUTE.ladder`, named as in the table of `legwork-twiml`
//! (`Dial.timeout.ladder`): a scenario, a line `=====`, and what it gives. Whoever marks an attribute as
//! built adds its file with the scenario, and `UPDATE_EXPECT=1 cargo test -p legwork-sim --test
//! simulation attributes` writes the rest, to be read against Twilio's page. A story has three calls:
//! one with a value that holds, one without, and one with a value that does not, which must show the
//! warning with Twilio's code and go on like the second. URLs and free texts have no third.
//! Not here: SSML, which is the speech engine's; parsing (`legwork-twiml`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb and noun.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use legwork_twiml::table::{Built, elements};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/simulation/attributes")
}

/// The names of the ladders there are.
fn names() -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.map(|file| file.strip_suffix(".ladder").unwrap().to_owned()).collect()
}

#[test]
fn ladders_of_attributes() {
    // All are tried, so that one that is wrong does not hide the others.
    let wrong: Vec<String> =
        names().into_iter().filter(|name| catch_unwind(|| ladder_of(name)).is_err()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn ladder_of(name: &str) {
    let path = folder().join(format!("{name}.ladder"));
    let text = std::fs::read_to_string(&path).unwrap();
    let scenario = text.split("=====\n").next().unwrap();
    let (_, attribute) = name.split_once('.').unwrap();
    assert!(scenario.contains(&format!("{attribute}=")), "{name} is not about {attribute}");
    let ladder = legwork_sim::script::run(scenario);
    expect_file![path].assert_eq(&format!("{scenario}=====\n{ladder}"));
}

#[test]
fn every_attribute_that_works_has_one() {
    let mut wanted = BTreeSet::new();
    for row in elements().filter(|row| !row.parents.contains(&"Say")) {
        let works = row.attributes.iter().filter(|attribute| attribute.built != Built::No);
        wanted.extend(works.map(|attribute| format!("{}.{}", row.name, attribute.name)));
    }
    let found = names();
    let missing: Vec<_> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "these work and have no ladder: {missing:?}");
    let strangers: Vec<_> = found.difference(&wanted).collect();
    assert!(strangers.is_empty(), "these ladders are about nothing that works: {strangers:?}");
}
