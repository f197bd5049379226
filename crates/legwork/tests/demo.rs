//! The demo as a user runs it: every cell of the transfer table, from either leg.
//!
//! Not here: the cells in detail (`src/demo`, and the simulation's `cells`).
//! Source: the README, "Demo".
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::process::{Command, Stdio};

fn demo(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_legwork"))
        .arg("demo")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut said = String::from_utf8(output.stdout).unwrap();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

fn all_cells_are_right(arguments: &[&str]) -> Vec<serde_json::Value> {
    let (success, said) = demo(&[&["--json"], arguments].concat());
    let lines = || said.lines().map(|line| serde_json::from_str(line).unwrap_or_default());
    let lines: Vec<serde_json::Value> = lines().collect();
    let differing: Vec<_> = lines.iter().filter(|line| line["as_it_should_be"] == false).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(lines.len(), 11, "{said}");
    let sum = serde_json::json!({ "cells": 10, "as_the_contract_says": 10 });
    assert_eq!(lines[10], sum);
    assert!(success, "{said}");
    lines
}

#[test]
fn ten_of_ten_when_the_dialled_leg_refers() {
    let cells = all_cells_are_right(&[]);
    let answered = &cells[2];
    assert_eq!(answered["what_happens"], "AgentB answers");
    assert_eq!(answered["answer_on_bridge"], true);
    let last = answered["moments"].as_array().unwrap().last().unwrap();
    assert_eq!(last["UserA"], "hears AgentB's tone (612 Hz)");
    assert_eq!(last["AgentA"], "is not connected");
    assert_eq!(last["AgentB"], "hears UserA's tone (1012 Hz)");
    assert_eq!(answered["notifies"], serde_json::json!(["100", "180", "200 (last)"]));
    // The server's own ladder tells of what it sends at the end of a leg, too.
    let ladder: Vec<_> = answered["ladder"].as_array().unwrap().iter().collect();
    let at = |line: &str| ladder.iter().position(|row| *row == line);
    let told = at("agent-a ◀── NOTIFY  200 OK, terminated");
    let released = at("agent-a ◀── BYE");
    assert!(told.is_some() && told < released, "{ladder:#?}");
}

#[test]
fn ten_of_ten_when_the_leg_that_called_in_refers() {
    all_cells_are_right(&["--from", "parent"]);
}

#[test]
fn the_table_and_the_sum_come_last() {
    let (success, said) = demo(&[]);
    assert!(success, "{said}");
    assert!(said.ends_with("\n10 of 10 cells as the contract says\n"), "{said}");
    assert!(said.contains("     UserA hears AgentB's tone (612 Hz)\n"), "{said}");
    assert_eq!(said.matches("   → as it should be\n").count(), 10, "{said}");
}
