//! `GET /_/stats` and `GET /metrics`: what lives, from every part of the process.
//!
//! Not here: counting it (each part does).
//! Source: proc(5); the text format of Prometheus, version 0.0.4.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use legwork_call::command::Stats;
use legwork_call::{Answer, Command};
use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::{Error, Shared};

/// What lives: the numbers tests compare with the baseline.
pub(crate) async fn stats(
    State(shared): State<Arc<Shared>>,
    Caller(_): Caller,
) -> Result<Json<Value>, Error> {
    let switch = ask(&shared).await?;
    let counts = shared.store.counts();
    Ok(Json(json!({
        "legs": switch.legs,
        "dialogs": switch.dialogs,
        "transactions": switch.transactions,
        "timers": switch.timers,
        "rtp_ports": switch.ports.saturating_mul(2),
        "transfers": switch.transfers,
        "conferences": switch.conferences,
        "fetches": switch.fetches,
        "queued": switch.queued,
        "bindings": switch.bindings,
        "bugs": switch.bugs + counts.bugs,
        "fds": open_files(),
        "webhook_connections": shared.fetcher.connections(),
        "memory_kib": resident_kib(),
        "digits_dropped": shared.post.digits_dropped(),
        "calls_since_start": counts.calls,
        "alerts_since_start": counts.alerts,
        "uptime_s": shared.started.elapsed().as_secs(),
    })))
}

/// The same for a collector, without authentication and without anything private.
pub(crate) async fn metrics(State(shared): State<Arc<Shared>>) -> Result<impl IntoResponse, Error> {
    let switch = ask(&shared).await?;
    let counts = shared.store.counts();
    let gauges = [
        ("legwork_legs", switch.legs),
        ("legwork_dialogs", switch.dialogs),
        ("legwork_transactions", switch.transactions),
        ("legwork_rtp_ports", switch.ports.saturating_mul(2)),
        ("legwork_transfers", switch.transfers),
        ("legwork_conferences", switch.conferences),
        ("legwork_fetches", switch.fetches),
        ("legwork_queued", switch.queued),
        ("legwork_bindings", switch.bindings),
        ("legwork_open_files", open_files()),
    ];
    let counters = [
        ("legwork_calls_total", counts.calls),
        ("legwork_alerts_total", counts.alerts),
        ("legwork_bugs_total", switch.bugs + counts.bugs),
    ];
    let mut text = String::new();
    for (name, value) in gauges {
        // Writing into a string does not fail.
        let _ = writeln!(text, "# TYPE {name} gauge\n{name} {value}");
    }
    for (name, value) in counters {
        let _ = writeln!(text, "# TYPE {name} counter\n{name} {value}");
    }
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

async fn ask(shared: &Shared) -> Result<Stats, Error> {
    match shared.post.order(Command::Stats).await {
        Ok(Answer::Stats(stats)) => Ok(stats),
        Ok(Answer::Called(_) | Answer::Done | Answer::Refused { .. } | Answer::Dequeued(_))
        | Err(_) => Err(Error::busy()),
    }
}

/// Open file descriptors, without the one that counts them.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, |files| files.count().saturating_sub(1))
}

fn resident_kib() -> u64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
