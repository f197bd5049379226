//! The tree keeps its own rules: sizes, door plates, and no clocks or sockets below the line.
//!
//! Not here: what the compiler and its lints check.
//! Source: ARCHITECTURE.md and CONTRIBUTING.md.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Most lines of a file, tests included.
const FILE_MAX: usize = 800;
/// Most fields of a struct.
const FIELDS_MAX: usize = 25;
/// Crates without sockets, clocks, threads and files.
const PURE: [&str; 4] = ["legwork-sip", "legwork-media", "legwork-twiml", "legwork-call"];
/// Longer than that, and why: tables.
const LONG_FILES: [&str; 0] = [];

struct Source {
    /// From the root of the repository.
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn read_below(folder: &Path, root: &Path, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if path.is_dir() {
            let skipped = name.starts_with('.') || name == "target" || name == "legwork-data";
            if !skipped {
                read_below(&path, root, found);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.push(Source { path, text });
        }
    }
}

/// Every text file of the repository.
fn files() -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    read_below(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every Rust file of the crates.
fn sources() -> Vec<Source> {
    let mut sources = files();
    sources.retain(|file| file.path.starts_with("crates/") && file.path.ends_with(".rs"));
    assert!(sources.len() > 50, "the tree was not found: {}", sources.len());
    sources
}

/// The part of a file that is not a test: tests stand at its end, or in a file of their own.
fn code(source: &Source) -> &str {
    let is_test = source.path.ends_with("/tests.rs") || source.path.contains("/tests/");
    if is_test {
        return "";
    }
    source.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("")
}

fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn files_are_short() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        let allowed = LONG_FILES.contains(&source.path.as_str());
        (lines > FILE_MAX && !allowed).then(|| format!("{}: {lines} lines", source.path))
    };
    none(sources().iter().filter_map(long).collect(), "no file has more than 800 lines");
}

#[test]
fn every_file_has_a_door_plate() {
    let missing = |source: &Source| {
        let plate = source.text.lines().take(3).any(|line| line.starts_with("//! "));
        (!plate).then(|| source.path.clone())
    };
    none(sources().iter().filter_map(missing).collect(), "each file says what lives there");
}

#[test]
fn the_pure_crates_are_pure() {
    let forbidden = [
        "tokio",
        "Instant::now",
        "SystemTime::now",
        "std::fs",
        "std::net::Udp",
        "std::net::Tcp",
        "thread::spawn",
        "thread::sleep",
        "std::sync::Mutex",
        "RwLock",
        "async fn",
    ];
    let mut found = Vec::new();
    let sources = sources();
    for source in &sources {
        let pure = PURE.iter().any(|name| source.path.starts_with(&format!("crates/{name}/src/")));
        let name = Path::new(&source.path).file_stem().unwrap().to_str().unwrap();
        let declared = format!("#[cfg(test)]\nmod {name};");
        if !pure || sources.iter().any(|other| other.text.contains(&declared)) {
            continue;
        }
        for (number, line) in code(source).lines().enumerate() {
            let said = line.split("//").next().unwrap_or("");
            let bad = forbidden.iter().find(|word| said.contains(*word));
            found.extend(bad.map(|word| format!("{}:{}: {word}", source.path, number + 1)));
        }
    }
    none(found, "no socket, clock, thread, lock or file in the pure crates");
}

#[test]
fn nothing_is_put_off() {
    let mut found = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!(")];
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    none(found, "what is not done is an issue, not a comment");
}

#[test]
fn no_machine_is_named() {
    let words =
        [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/tm", "p/")];
    let mut found = Vec::new();
    for file in files() {
        let checked = ["rs", "toml", "md", "json", "xml", "sh", "py"].iter().any(|extension| {
            Path::new(&file.path).extension().is_some_and(|found| found == *extension)
        });
        if !checked {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    none(found, "no path of somebody's machine");
}

#[test]
fn modules_are_files_beside_their_folder() {
    let paths = sources().into_iter().map(|source| source.path);
    none(paths.filter(|path| path.ends_with("/mod.rs")).collect(), "foo.rs beside foo/");
}

#[test]
fn structs_are_small() {
    let mut found = Vec::new();
    for source in sources() {
        // The struct that is open: its first line, its indentation and its fields so far.
        let mut open: Option<(String, usize, usize)> = None;
        for line in code(&source).lines() {
            let said = line.trim_start();
            let indent = line.len() - said.len();
            match &mut open {
                Some((name, outer, fields)) if said.starts_with('}') && indent == *outer => {
                    if *fields > FIELDS_MAX {
                        found.push(format!("{}: {name} {fields} fields", source.path));
                    }
                    open = None;
                }
                Some((_, outer, fields)) => {
                    let field = indent == *outer + 4 && said.contains(": ");
                    *fields += usize::from(field && !said.starts_with(['/', '#']));
                }
                None if said.contains("struct ") && said.ends_with('{') => {
                    open = Some((said.to_owned(), indent, 0));
                }
                None => {}
            }
        }
    }
    none(found, "a struct of more than 25 fields is several");
}
