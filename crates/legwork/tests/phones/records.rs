//! What the API remembers of a conversation's calls after they have ended.
//!
//! Not here: what happened in them (`combination`).
//! Source: the README, "HTTP API".

use serde_json::Value;

use crate::server::{PATIENCE, Server, until};

/// One call, over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) direction: String,
    pub(crate) to: String,
    pub(crate) status: String,
    /// Whole seconds since it was answered; none: it was not.
    pub(crate) seconds: Option<u64>,
}

/// This call and all that were dialled because of it, in the order they were placed, once all are over.
pub(crate) fn conversation(server: &Server, call: &str, n: usize) -> Vec<Record> {
    until(&format!("{n} records of {call}"), PATIENCE, || {
        let (_, body) = server.get("/_/calls?finished=true");
        let body: Value = serde_json::from_str(&body).unwrap();
        let mut rows = body["calls"].as_array().unwrap().clone();
        // Newest first, of all conversations of this server: parents stand behind their children.
        rows.reverse();
        let mut family = vec![Value::from(call)];
        let mut found = Vec::new();
        for row in rows {
            if row["sid"] != call && !family.contains(&row["parent_call_sid"]) {
                continue;
            }
            family.push(row["sid"].clone());
            found.push(row);
        }
        let is_over = found.iter().all(|row| !row["end_time"].is_null());
        (is_over && found.len() >= n).then(|| found.iter().map(record).collect())
    })
}

fn record(row: &Value) -> Record {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    Record {
        direction: text("direction"),
        to: text("to"),
        status: text("status"),
        seconds: row["duration"].as_u64(),
    }
}

/// Direction, `To` and final status of each.
pub(crate) fn shown(records: &[Record]) -> Vec<(&str, String, &str)> {
    records.iter().map(Record::shown).collect()
}

impl Record {
    fn shown(&self) -> (&str, String, &str) {
        (&self.direction, self.to.clone(), &self.status)
    }
}
