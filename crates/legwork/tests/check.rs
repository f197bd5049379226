//! `legwork check`, the real process: wrong documents, what is said of each, and the exit status.
//!
//! `UPDATE_EXPECT=1` writes `check/said.txt` anew.
//! Not here: single rules (`legwork-twiml`), the configuration's (`config`).
//! Source: the README, "Commands".

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::{expect, expect_file};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

fn check(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_legwork"));
    command.current_dir(folder()).arg("check").args(arguments).output().unwrap()
}

/// What it printed, and its exit status.
fn said(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = check(arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    format!("{}{}exit {}\n", text(stdout), text(stderr), status.code().unwrap())
}

#[test]
fn wrong_documents() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "said.txt")
        .collect();
    names.sort();
    assert_eq!(names.len(), 12, "{names:?}");
    let all: String = names.iter().map(|name| format!("{}\n", said(&[name]))).collect();
    expect_file!["check/said.txt"].assert_eq(&all);
}

#[test]
fn several_files_and_json() {
    expect![[r#"
        fine.xml: no problems
        root.xml:1:1: 12102: the root is <response>; it must be <Response>
        version.xml:1:1: 12101: the XML version is "2.0"; write 1.0
        exit 1
    "#]]
    .assert_eq(&said(&["fine.xml", "root.xml", "version.xml"]));
    expect![[r#"
        {"file":"fine.xml","problems":[]}
        {"file":"root.xml","problems":[{"code":"12102","column":1,"level":"error","line":1,"text":"the root is <response>; it must be <Response>"}]}
        exit 1
    "#]].assert_eq(&said(&["--json", "fine.xml", "root.xml"]));
}

#[test]
fn asked_wrongly() {
    expect![[r#"
        legwork: absent.xml: No such file or directory (os error 2)
        exit 2
    "#]]
    .assert_eq(&said(&["absent.xml"]));
    assert_eq!(check(&[]).status.code(), Some(2));
}
