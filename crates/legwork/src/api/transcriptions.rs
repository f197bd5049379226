//! `GET /_/transcriptions/TR…`: what was said in a recording.
//!
//! `TR…` and `TR….json` are what is known of it, `TR….txt` the words alone. In memory only, as calls are.
//! Not here: transcribing (`legwork-call`, `recording/transcript`; `ears`).
//! Source: Twilio, "Transcriptions Resource"; the README, "HTTP API".

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use legwork_call::io::TranscriptionRow;
use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::extract::Named;
use crate::api::recordings::seconds;
use crate::api::{Error, Shared};
use crate::date::iso;

/// One transcript.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(name): Named,
) -> Result<Response, Error> {
    let missing = || Error::not_found(&format!("the transcription {}", name.escape_debug()));
    let (sid, ending) = name.split_once('.').unwrap_or((&name, "json"));
    let sid = sid.parse().map_err(|_| missing())?;
    let row = shared.store.transcription(account, sid).ok_or_else(missing)?;
    match ending {
        "json" => Ok(Json(shown(&row)).into_response()),
        "txt" => Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], row.text).into_response()),
        _ => Err(missing()),
    }
}

fn shown(row: &TranscriptionRow) -> Value {
    json!({
        "sid": row.sid.to_string(),
        "account_sid": row.account.to_string(),
        "recording_sid": row.recording.to_string(),
        "status": row.status,
        "transcription_text": row.text,
        "date_created": iso(row.created),
        "date_updated": iso(row.updated),
        "duration": row.duration.map(|of| seconds(u64::try_from(of.as_millis()).unwrap_or(u64::MAX))),
    })
}
