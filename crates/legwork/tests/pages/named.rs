//! Every test of the workspace by its name, as the source has it.
//!
//! Not here: which page names which (`rfc`, `interop`).
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Every test function of the crates: its name, and the files that have one of that name.
pub(super) type Tests = BTreeMap<String, Vec<String>>;

pub(super) fn tests() -> Tests {
    let root = root();
    let mut tests = Tests::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                for test in tests_of(&fs::read_to_string(&path).unwrap()) {
                    tests.entry(test).or_default().push(name.clone());
                }
            }
        }
    }
    tests
}

fn tests_of(text: &str) -> Vec<String> {
    let mut marked = false;
    let mut names = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            marked = true;
        } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            names.extend(marked.then(|| name.to_owned()));
            marked = false;
        }
    }
    names
}
