//! Everything that reads bytes of others, tried with 60,000 seeded mutations of its corpus on
//! stable Rust, and with every input that was ever a finding.
//!
//! An input that fails is kept in `fuzz/artifacts/TARGET`, and the command that tries it again is
//! printed: `FUZZ_INPUT=… cargo test …`.
//! Not here: what must hold (`legwork_sim::fuzz`); coverage (libFuzzer, `make fuzz`).

#![expect(clippy::panic, clippy::print_stderr, clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use legwork_sim::fuzz::{Mutator, TARGETS, Target};

/// Mutations of one target's corpus.
const INPUTS: usize = 60_000;
/// Longest input of a corpus, bytes.
const SEED_MAX: usize = 8_192;
/// They are the same on every machine.
const SEED: u64 = 2_026;

/// Where a target's inputs stand, beside `fuzz/corpus/TARGET`: material of others and of ours.
const CORPORA: &str = include_str!("../../../fuzz/corpora.tsv");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The files of a folder in the order of their names; none if there is no such folder.
fn read_all(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    // What is said of a message, or of the whole folder, is no message.
    paths.retain(|path| !path.extension().is_some_and(|kind| kind == "verdict" || kind == "md"));
    let read = |path: PathBuf| fs::read(&path).map(|bytes| (path, bytes)).unwrap();
    paths.into_iter().map(read).collect()
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let own = root().join("fuzz/corpus").join(target.name);
    let rows = CORPORA.lines().filter_map(|row| row.split_once('\t'));
    let rows = rows.filter(|(name, _)| *name == target.name);
    let others = rows.map(|(_, folder)| root().join(folder)).inspect(|folder| {
        assert!(folder.is_dir(), "{}", folder.display());
    });
    let files = others.chain([own]).flat_map(|folder| read_all(&folder));
    // Longer ones only slow the others down: libFuzzer's run leaves them out, too.
    files.map(|(_, bytes)| bytes).filter(|bytes| bytes.len() <= SEED_MAX).collect()
}

/// Tries one input; keeps it and names the command when something does not hold.
fn attempt(target: &Target, bytes: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).is_ok() {
        return;
    }
    let folder = root().join("fuzz/artifacts").join(target.name);
    fs::create_dir_all(&folder).unwrap();
    // FNV-1a: the same finding has the same name.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder.join(format!("{hash:016x}"));
    fs::write(&path, bytes).unwrap();
    let path = path.strip_prefix(root()).unwrap().display().to_string();
    let name = target.name;
    panic!("try it again: FUZZ_INPUT={path} cargo test -p legwork-sim --test mutations {name}");
}

fn mutate(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    if let Ok(path) = std::env::var("FUZZ_INPUT") {
        let bytes = fs::read(root().join(&path)).unwrap();
        eprintln!("{path}: {}", bytes.escape_ascii());
        return (target.run)(&bytes);
    }
    for (_, bytes) in read_all(&root().join("fuzz/findings").join(name)) {
        attempt(target, &bytes);
    }
    let corpus = corpus(target);
    assert!(corpus.len() >= 20, "{name}: a corpus of {}", corpus.len());
    corpus.iter().for_each(|bytes| attempt(target, bytes));
    let mut mutator = Mutator::new(SEED, &corpus, target.dictionary);
    for _ in 0..INPUTS {
        attempt(target, &mutator.next_input());
    }
}

#[test]
fn sip() {
    mutate("sip");
}

#[test]
fn stream() {
    mutate("stream");
}

#[test]
fn address() {
    mutate("address");
}

#[test]
fn sdp() {
    mutate("sdp");
}

#[test]
fn media() {
    mutate("media");
}

#[test]
fn twiml() {
    mutate("twiml");
}

#[test]
fn engine() {
    mutate("engine");
}

#[test]
fn every_target_has_its_test_and_its_run() {
    let this = fs::read_to_string(root().join("crates/legwork-sim/tests/mutations.rs")).unwrap();
    for target in TARGETS {
        let name = target.name;
        assert!(this.contains(&format!("fn {name}() {{\n    mutate(\"{name}\");")), "{name}");
        let run = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(fs::read_to_string(run).unwrap().contains(&format!("run(\"{name}\"")), "{name}");
    }
}
