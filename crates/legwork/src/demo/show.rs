//! The demo in words: a cell with its ladder and what was heard, the other acts, the table, JSON.
//!
//! Not here: printing (`cli::demo`).
//! Source: the README, "Demo".

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::demo::contract::{Cell, Party, Row, column};
use crate::demo::parts;
use crate::demo::report::Report;
use crate::demo::second::Second;
use crate::demo::third::Third;

/// What the second act is called.
const SECOND: &str = "Second act: a greeting, a key, two agents and the recording of it all";
/// And the third.
const THIRD: &str = "Third act: a queue, an agent, and a transfer into a conference";
/// Widths of the table's columns.
const WHAT: usize = 35;
const SAID: usize = 42;

/// One cell: its name, the ladder, one line per party and moment.
pub(crate) fn cell(number: usize, report: &Report) -> String {
    let cell = report.cell;
    let mut text = format!("{number}. {cell}\n   contract: {}\n\n", cell.says());
    for line in &report.ladder {
        say(&mut text, &format!("   {line}"));
    }
    for scene in &report.scenes {
        say(&mut text, &format!("\n   {}:", scene.moment.text()));
        for (party, heard) in Party::ALL.iter().zip(&scene.heard) {
            say(&mut text, &format!("     {} {heard}", party.name()));
        }
    }
    let answer = report.refer_answer.map_or_else(|| "none".to_owned(), |status| status.to_string());
    let notices = list(report.notices.iter().map(ToString::to_string));
    let alerts = list(report.alerts.iter().map(ToString::to_string));
    say(&mut text, &format!("\n   AgentA's leg {}", report.transferor()));
    say(&mut text, &format!("   answer to REFER {answer}, NOTIFYs {notices}, alerts {alerts}"));
    let (signed, webhooks) = (report.signed, report.webhooks);
    say(&mut text, &format!("   {signed} of {webhooks} webhooks rightly signed"));
    for line in verdict(Some(report)) {
        say(&mut text, &format!("   → {line}"));
    }
    text
}

/// The second act.
pub(crate) fn second(act: &Second) -> String {
    let mut text = format!("{SECOND}\n\n");
    for line in &act.ladder {
        say(&mut text, &format!("   {line}"));
    }
    moments(&mut text, &act.moments);
    if act.length_ms > 0 {
        recording(&mut text, act);
    }
    let (signed, webhooks) = (act.signed, act.webhooks);
    say(&mut text, &format!("\n   {signed} of {webhooks} webhooks rightly signed"));
    if act.is_right() {
        say(&mut text, "   second act: as it should be");
    }
    for difference in &act.differences {
        say(&mut text, &format!("   second act: {difference}"));
    }
    text
}

fn moments(text: &mut String, moments: &[(&'static str, Vec<String>)]) {
    for (when, lines) in moments {
        say(text, &format!("\n   {when}:"));
        for line in lines {
            say(text, &format!("     {line}"));
        }
    }
}

/// The third act.
pub(crate) fn third(act: &Third) -> String {
    let mut text = format!("{THIRD}\n\n");
    for line in &act.ladder {
        say(&mut text, &format!("   {line}"));
    }
    moments(&mut text, &act.moments);
    say(&mut text, &format!("\n   the application is told: {}", list(act.events.iter().cloned())));
    let (signed, webhooks) = (act.signed, act.webhooks);
    say(&mut text, &format!("   {signed} of {webhooks} webhooks rightly signed"));
    if act.is_right() {
        say(&mut text, "   third act: as it should be");
    }
    for difference in &act.differences {
        say(&mut text, &format!("   third act: {difference}"));
    }
    text
}

/// What the application is told of the recording, what it holds, and what is heard of it.
fn recording(text: &mut String, act: &Second) {
    let digits = act.digits.as_deref().unwrap_or("none");
    let seconds = act.told_duration.map_or_else(|| "none".to_owned(), |told| format!("{told} s"));
    say(text, &format!("\n   the application is told: key {digits}, recording {seconds}"));
    let length = f64::from(act.length_ms) / 1000.0;
    let of = [
        (format!("the recording, {length:.1} s, holds of what UserA heard"), &act.outbound),
        ("and of what UserA said".to_owned(), &act.inbound),
        ("played back, UserA hears".to_owned(), &act.played),
    ];
    for (whose, parts) in of {
        say(text, &format!("\n   {whose}:"));
        for part in parts {
            say(text, &format!("     {:>4.1} s  {part}", f64::from(part.from_ms) / 1000.0));
        }
    }
}

/// The table of the contract with what came of it, and the sum.
pub(crate) fn table(reports: &[Report]) -> String {
    let mut text = String::new();
    say(&mut text, &row("what happens", column(true), column(false)));
    for happens in Row::ALL {
        say(&mut text, &"─".repeat(WHAT + 2 * SAID));
        let of = |answer_on_bridge| Cell { row: happens, answer_on_bridge };
        say(&mut text, &row(happens.text(), of(true).says(), of(false).says()));
        let of_cell = |cell| reports.iter().find(|report| report.cell == cell);
        let came = |cell| folded(verdict(of_cell(cell)));
        let (left, right) = (came(of(true)), came(of(false)));
        for n in 0..left.len().max(right.len()) {
            let line = |lines: &[String]| lines.get(n).cloned().unwrap_or_default();
            say(&mut text, &row("", &line(&left), &line(&right)));
        }
    }
    let right = reports.iter().filter(|report| report.is_right()).count();
    say(&mut text, &format!("\n{right} of {} cells as the contract says", Cell::all().count()));
    text
}

fn verdict(report: Option<&Report>) -> Vec<String> {
    match report {
        None => vec!["not played".to_owned()],
        Some(report) if report.is_right() => vec!["as it should be".to_owned()],
        Some(report) => report.differences.clone(),
    }
}

/// Lines as long as a column is wide.
fn folded(lines: Vec<String>) -> Vec<String> {
    let mut short: Vec<String> = Vec::new();
    for line in lines {
        let first = short.len();
        for word in line.split(' ') {
            match short.get_mut(first..).and_then(<[String]>::last_mut) {
                Some(last) if last.chars().count() + word.chars().count() + 2 < SAID => {
                    last.push(' ');
                    last.push_str(word);
                }
                Some(_) | None => short.push(word.to_owned()),
            }
        }
    }
    short
}

fn row(what: &str, left: &str, right: &str) -> String {
    format!("{what:<WHAT$}{left:<SAID$}{right}").trim_end().to_owned()
}

fn list(words: impl Iterator<Item = String>) -> String {
    let words: Vec<_> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn say(text: &mut String, line: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(text, "{line}");
}

/// One cell for a program.
pub(crate) fn json(number: usize, report: &Report) -> Value {
    let cell = report.cell;
    let scene = |scene: &crate::demo::report::Scene| {
        let [user_a, agent_a, agent_b] = scene.heard.each_ref().map(ToString::to_string);
        json!({
            "when": scene.moment.text(),
            "UserA": user_a,
            "AgentA": agent_a,
            "AgentB": agent_b,
        })
    };
    json!({
        "cell": number,
        "what_happens": cell.row.text(),
        "answer_on_bridge": cell.answer_on_bridge,
        "contract": cell.says(),
        "as_it_should_be": report.is_right(),
        "differences": report.differences,
        "moments": report.scenes.iter().map(scene).collect::<Vec<_>>(),
        "transferor": report.transferor(),
        "refer_answer": report.refer_answer,
        "notifies": report.notices.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "alerts": report.alerts,
        "webhooks": report.webhooks,
        "webhooks_signed": report.signed,
        "ladder": report.ladder,
        "took_ms": report.took.as_millis() as u64,
    })
}

/// The second act for a program.
pub(crate) fn json_second(act: &Second) -> Value {
    let part = |part: &parts::Part| {
        json!({
            "what": part.what.to_string(),
            "from_ms": part.from_ms,
            "ms": part.ms,
            "db": (f64::from(part.db) * 10.0).round() / 10.0,
        })
    };
    let all = |parts: &[parts::Part]| parts.iter().map(part).collect::<Vec<_>>();
    json!({
        "act": 2,
        "as_it_should_be": act.is_right(),
        "differences": act.differences,
        "digits": act.digits,
        "recording_duration": act.told_duration,
        "recording_ms": act.length_ms,
        "usera_heard": all(&act.heard),
        "recorded_outbound": all(&act.outbound),
        "recorded_inbound": all(&act.inbound),
        "played_back": all(&act.played),
        "webhooks": act.webhooks,
        "webhooks_signed": act.signed,
        "ladder": act.ladder,
        "took_ms": act.took.as_millis() as u64,
    })
}

/// The third act for a program.
pub(crate) fn json_third(act: &Third) -> Value {
    json!({
        "act": 3,
        "as_it_should_be": act.is_right(),
        "differences": act.differences,
        "events": act.events,
        "webhooks": act.webhooks,
        "webhooks_signed": act.signed,
        "ladder": act.ladder,
        "took_ms": act.took.as_millis() as u64,
    })
}

/// The sum for a program.
pub(crate) fn json_sum(reports: &[Report]) -> Value {
    json!({
        "cells": Cell::all().count(),
        "as_the_contract_says": reports.iter().filter(|report| report.is_right()).count(),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn the_table_says_what_differs() {
        let mut reports: Vec<_> = Cell::all().map(Report::new).collect();
        assert!(table(&reports).ends_with("\n10 of 10 cells as the contract says\n"));
        if let Some(second) = reports.get_mut(1) {
            second.differs("AgentB rings: UserA hears silence, should: hears ringback".to_owned());
        }
        reports.pop();
        let text = table(&reports);
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('─')).collect();
        expect![[r#"
            what happens                       answerOnBridge="true"                     answerOnBridge not set
            the referUrl webhook was executed  still connected: AgentA's leg is parked   disconnected: NOTIFY, then BYE to AgentA
                                               as it should be                           AgentB rings: UserA hears silence,
                                                                                         should: hears ringback
            AgentB answers                     UserA and AgentB talk; AgentA goes now    UserA and AgentB talk; AgentA is long gone
                                               as it should be                           as it should be
            AgentB is busy                     re-established: UserA and AgentA talk     gone for good: UserA's call ends
                                               as it should be                           as it should be
            referUrl is unreachable            re-established: UserA and AgentA talk     gone for good: UserA's call ends
                                               as it should be                           as it should be
            no referUrl on the Dial            alert 13802; UserA and AgentA talk on     alert 13802; UserA and AgentA talk on
                                               as it should be                           not played

            8 of 10 cells as the contract says
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
    }
}
