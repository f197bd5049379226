//! `/healthz` and `/readyz`.
//!
//! Not here: numbers (`stats`).
//! Source: the README, "Ready".

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::api::Shared;

/// 200 once the process lives.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// 200 once the sockets are bound, until draining begins.
pub(crate) async fn ready(State(shared): State<Arc<Shared>>) -> (StatusCode, &'static str) {
    if shared.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
