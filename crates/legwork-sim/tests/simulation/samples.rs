//! Every sample document of Twilio's documentation (MIT, `legwork-twiml/tests/data/twiml-samples`), run to its
//! end by three callers: one stays and listens, one presses keys, one says something. Whoever is dialled
//! answers and hangs up a minute later.
//!
//! What an application would be asked next is told, and every alert; that the call is over, and nothing is
//! left of it, is what the simulated world itself looks after.
//! Not here: the ladders of `<Gather>` (`gather/samples`) and `<Record>` (`recordings/samples`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;

const CALLERS: [(&str, &str); 3] = [
    ("stays", "wait 1s"),
    ("presses", "usera presses 1 2 #"),
    ("speaks", "usera says \"sales\" for 1s"),
];

fn samples() -> Vec<PathBuf> {
    let folder = "../legwork-twiml/tests/data/twiml-samples";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "twiml"));
    paths.sort();
    paths
}

/// A sample's verbs, as a script takes them. None: it has none.
fn verbs(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let (_, verbs) = text.split_once("<Response>")?;
    let (verbs, _) = verbs.rsplit_once("</Response>")?;
    let verbs = verbs.split_whitespace().collect::<Vec<_>>().join(" ");
    (!verbs.is_empty()).then_some(verbs)
}

/// What is asked and raised behind the first document, with how it ends.
fn told(ladder: &str) -> Vec<String> {
    let is_told = |row: &&str| {
        row.contains("app     ◀──")
            || row.contains("alert")
            || row.contains("BYE") && row.contains("usera")
    };
    let rows = ladder.lines().filter(is_told).skip(1);
    rows.map(|row| row.split_whitespace().skip(2).collect::<Vec<_>>().join(" ")).collect()
}

fn run(verbs: &str, does: &str) -> Vec<String> {
    // Whatever they lead to ends the call.
    let scenario = format!(
        "app /voice {verbs}\napp /voice <Hangup/>\nagent-a answers by itself after 1s\n\
         usera calls\nwait 3s\n{does}\nwait 180s\n"
    );
    let mut world = legwork_sim::script::play(&scenario);
    let ladder = world.ladder.print();
    let lives = world.legs().len();
    world.finish();
    let mut told = told(&ladder);
    if lives > 0 {
        told.push(format!("goes on ({lives})"));
    }
    told
}

#[test]
fn every_sample_runs_to_its_end() {
    let mut listed = String::new();
    let mut n_run = 0;
    for path in samples() {
        let name = path.file_stem().unwrap().to_string_lossy();
        let Some(verbs) = verbs(&path) else { continue };
        n_run += 1;
        let mut by_outcome: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
        for (caller, does) in CALLERS {
            by_outcome.entry(run(&verbs, does)).or_default().push(caller);
        }
        for (outcome, callers) in by_outcome {
            let who =
                if callers.len() == CALLERS.len() { "all".to_owned() } else { callers.join(", ") };
            writeln!(listed, "{name}: {who}: {}", outcome.join("; ")).unwrap();
        }
    }
    writeln!(listed, "{n_run} samples").unwrap();
    expect_file!["samples.txt"].assert_eq(&listed);
}
