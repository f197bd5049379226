//! `GET /_/trunks`.
//!
//! Not here: watching gateways and registering (`legwork-call`, `trunk`).
//! Source: the README, "HTTP API".

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use legwork_call::io::{GatewayRow, RegistrationRow, TrunkRow};
use serde_json::{Value, json};

use crate::api::Shared;
use crate::api::auth::Caller;
use crate::date::iso;

/// Trunks by name, with what is known of their gateways and registrations.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
) -> Json<Value> {
    let trunks: Vec<Value> = shared.store.trunks(account).iter().map(trunk).collect();
    Json(json!({ "trunks": trunks }))
}

fn trunk(row: &TrunkRow) -> Value {
    json!({
        "name": row.name,
        "gateways": row.gateways.iter().map(gateway).collect::<Vec<Value>>(),
        "registration": row.registration.as_ref().map(registration),
    })
}

fn gateway(row: &GatewayRow) -> Value {
    json!({
        "uri": row.uri,
        "priority": row.priority,
        "weight": row.weight,
        "state": row.state,
        "since": row.since.map(iso),
        "latency_ms": row.latency.map(|latency| latency.as_secs_f64() * 1_000.0),
        "answer": row.answer,
    })
}

fn registration(row: &RegistrationRow) -> Value {
    json!({
        "registrar": row.registrar,
        "address": row.address,
        "state": row.state,
        "since": row.since.map(iso),
        "until": row.until.map(iso),
        "answer": row.answer,
    })
}
