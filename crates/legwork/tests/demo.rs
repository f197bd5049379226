//! The demo as a user runs it: every cell of the transfer table, from either leg, and the other acts.
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
    assert_eq!(lines.len(), 13, "{said}");
    let sum = serde_json::json!({ "cells": 10, "as_the_contract_says": 10 });
    assert_eq!(lines[12], sum);
    assert!(success, "{said}");
    lines
}

#[test]
fn ten_of_ten_when_the_dialled_leg_refers() {
    let cells = all_cells_are_right(&[]);
    the_recording_of_it_all_is_played_back(&cells[10]);
    the_queued_caller_ends_in_the_room(&cells[11]);
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

/// What a list of parts holds, and that nothing of it is shorter than half a second.
fn whats(parts: &serde_json::Value) -> Vec<&str> {
    let parts = parts.as_array().unwrap().iter();
    let long = parts.filter(|part| part["ms"].as_u64().unwrap() >= 500);
    long.map(|part| part["what"].as_str().unwrap()).collect()
}

fn the_recording_of_it_all_is_played_back(act: &serde_json::Value) {
    assert_eq!(act["act"], 2);
    assert_eq!(act["digits"], "1");
    let call = [
        "a voice",
        "ringback (440 + 480 Hz)",
        "AgentA's tone (812 Hz)",
        "ringback (440 + 480 Hz)",
        "AgentB's tone (612 Hz)",
    ];
    assert_eq!(whats(&act["usera_heard"]), call);
    assert_eq!(whats(&act["recorded_outbound"]), call);
    assert_eq!(whats(&act["recorded_inbound"]), ["UserA's tone (1012 Hz)"]);
    let both = "UserA's tone (1012 Hz) with AgentB's tone (612 Hz)";
    assert_eq!(whats(&act["played_back"]).last(), Some(&both));
    let ladder: Vec<_> = act["ladder"].as_array().unwrap().iter().collect();
    let at = |line: &str| ladder.iter().position(|row| *row == line);
    let begins = at("usera    ·  recording begins, dual");
    let transferred = at("usera ⇄ agent-b");
    let ends = at("app     ◀── POST /recorded  RecordingStatus=completed");
    assert!(begins.is_some() && begins < transferred && transferred < ends, "{ladder:#?}");
}

fn the_queued_caller_ends_in_the_room(act: &serde_json::Value) {
    assert_eq!(act["act"], 3);
    let events = ["participant-join", "participant-join", "conference-start"];
    assert_eq!(act["events"].as_array().unwrap()[..3], events);
    let ladder: Vec<_> = act["ladder"].as_array().unwrap().iter().collect();
    let at = |line: &str| ladder.iter().position(|row| *row == line);
    let taken = at("usera ⇄ agent-a");
    let released = at("agent-a ◀── BYE");
    assert!(taken.is_some() && taken < released, "{ladder:#?}");
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
    let second =
        said.find("\nSecond act: a greeting, a key, two agents and the recording of it all\n");
    let third = said.find("\nThird act: a queue, an agent, and a transfer into a conference\n");
    let table = said.find("\nwhat happens ");
    let act = &said[second.unwrap()..third.unwrap()];
    for line in [
        "     UserA hears AgentA's tone (812 Hz)\n",
        "     AgentB hears UserA's tone (1012 Hz)\n",
        " s, holds of what UserA heard:\n      0.",
        "   and of what UserA said:\n",
        "   played back, UserA hears:\n      0.",
        "   second act: as it should be\n",
    ] {
        assert!(act.contains(line), "{line}: {act}");
    }
    let act = &said[third.unwrap()..table.unwrap()];
    for line in ["     UserA hears hold music\n", "   third act: as it should be\n"] {
        assert!(act.contains(line), "{line}: {act}");
    }
}
