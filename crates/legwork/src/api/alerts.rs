//! `GET /_/alerts`.
//!
//! Not here: raising them (`legwork-call`).
//! Source: the README, "HTTP API"; codes are Twilio's, 913xx ours.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use legwork_call::alert::Level;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Shared;
use crate::api::auth::Caller;
use crate::api::extract::Asked;
use crate::date::iso;
use crate::store::NumberedAlert;

/// What may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// Only alerts with a greater number.
    after: u64,
}

/// Alerts, oldest first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Asked(wanted): Asked<Wanted>,
) -> Json<Value> {
    let alerts = shared.store.alerts(account, wanted.after);
    let next = alerts.last().map_or(wanted.after, |alert| alert.number);
    let alerts: Vec<Value> = alerts.iter().map(shown).collect();
    Json(json!({ "alerts": alerts, "next": next }))
}

fn shown(numbered: &NumberedAlert) -> Value {
    let alert = &numbered.alert;
    json!({
        "number": numbered.number,
        "code": alert.code,
        "level": match alert.level {
            Level::Warning => "warning",
            Level::Error => "error",
        },
        "text": alert.text,
        "call_sid": alert.call.map(|call| call.to_string()),
        "at": iso(alert.at),
        "request": alert.request,
        "response": alert.response,
    })
}
