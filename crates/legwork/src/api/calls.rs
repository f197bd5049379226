//! `/_/calls`: read from the store, ordered through commands.
//!
//! Not here: dialogs and programs (`legwork-call`).
//! Source: the README, "HTTP API".

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use legwork_call::command::Start;
use legwork_call::config::Hook;
use legwork_call::io::CallRow;
use legwork_call::ladder::What;
use legwork_call::sid::{AccountSid, CallSid};
use legwork_call::{Answer, Command};
use legwork_twiml as twiml;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::api::auth::Caller;
use crate::api::extract::{Asked, Named};
use crate::api::{Error, Shared};
use crate::date::iso;
use crate::limit;
use crate::store::TimedRow;

/// Twilio: the resource is not there.
const NOT_FOUND: u32 = 20_404;
/// Twilio: `Url` is not a URL.
const BAD_URL: u32 = 21_205;
/// Twilio: inline TwiML is too long.
const TWIML_TOO_LONG: u32 = 32_018;

/// What may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// Ended calls too.
    finished: bool,
}

/// Live calls, newest first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Asked(wanted): Asked<Wanted>,
) -> Json<Value> {
    let calls = shared.store.calls(account, wanted.finished);
    let calls: Vec<Value> = calls.iter().map(shown).collect();
    Json(json!({ "calls": calls }))
}

/// One call.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
) -> Result<Json<Value>, Error> {
    find(&shared, account, &sid).map(|row| Json(shown(&row)))
}

/// Which rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct From {
    /// Only rows from this number on.
    from: usize,
}

/// The ladder of a call's conversation.
pub(crate) async fn trace(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
    Asked(wanted): Asked<From>,
) -> Result<Json<Value>, Error> {
    let call = find(&shared, account, &sid)?;
    let trace = shared.store.trace(call.sid, wanted.from);
    let rows: Vec<Value> = trace.rows.iter().map(row).collect();
    let over = crate::store::is_over(&call);
    Ok(Json(json!({ "call_sid": sid, "rows": rows, "next": trace.next, "over": over })))
}

/// What a call is to run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    url: Option<String>,
    method: Option<String>,
    twiml: Option<String>,
}

/// A call to place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCall {
    from: String,
    to: String,
    url: Option<String>,
    method: Option<String>,
    twiml: Option<String>,
}

/// Places a call.
pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: Result<Json<NewCall>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let NewCall { from, to, url, method, twiml } = json_of(body)?;
    let start = start(Run { url, method, twiml })?;
    match order(&shared, Command::Call { account, from, to, start }).await? {
        Answer::Called(sid) => {
            let call = find(&shared, account, &sid.to_string())?;
            Ok((StatusCode::CREATED, Json(shown(&call))))
        }
        answer @ (Answer::Done | Answer::Refused { .. } | Answer::Stats(_)) => {
            Err(unexpected(&answer))
        }
    }
}

/// Ends a call.
pub(crate) async fn hangup(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
) -> Result<Json<Value>, Error> {
    let call = find(&shared, account, &sid)?.sid;
    done(&shared, account, call, Command::Hangup { call }).await
}

/// Where to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transfer {
    target: String,
}

/// Does what a REFER of this leg would do.
pub(crate) async fn transfer(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
    body: Result<Json<Transfer>, JsonRejection>,
) -> Result<Json<Value>, Error> {
    let target = json_of(body)?.target;
    let call = find(&shared, account, &sid)?.sid;
    done(&shared, account, call, Command::Transfer { call, target }).await
}

/// Runs another document on a live call.
pub(crate) async fn redirect(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
    body: Result<Json<Run>, JsonRejection>,
) -> Result<Json<Value>, Error> {
    let start = start(json_of(body)?)?;
    let call = find(&shared, account, &sid)?.sid;
    done(&shared, account, call, Command::Redirect { call, start }).await
}

fn json_of<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Error> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(error) => Err(Error::new(error.status().as_u16(), 20_001, error.body_text())),
    }
}

async fn done(
    shared: &Shared,
    account: AccountSid,
    call: CallSid,
    command: Command,
) -> Result<Json<Value>, Error> {
    match order(shared, command).await? {
        Answer::Done => find(shared, account, &call.to_string()).map(|row| Json(shown(&row))),
        answer @ (Answer::Called(_) | Answer::Refused { .. } | Answer::Stats(_)) => {
            Err(unexpected(&answer))
        }
    }
}

/// Orders something; a refusal is an error.
async fn order(shared: &Shared, command: Command) -> Result<Answer, Error> {
    match shared.post.order(command).await {
        Ok(Answer::Refused { status, code, text }) => Err(Error::new(status, code, text)),
        Ok(answer @ (Answer::Called(_) | Answer::Done | Answer::Stats(_))) => Ok(answer),
        Err(_) => Err(Error::busy()),
    }
}

fn unexpected(answer: &Answer) -> Error {
    tracing::error!(bug = ?answer, fault = "us", "an answer to another question");
    Error::new(500, 20_500, "internal error")
}

fn find(shared: &Shared, account: AccountSid, sid: &str) -> Result<CallRow, Error> {
    let call = sid.parse().ok().and_then(|sid| shared.store.call(account, sid));
    let missing = || format!("the call {} was not found", sid.escape_debug());
    call.ok_or_else(|| Error::new(404, NOT_FOUND, missing()))
}

/// What is to be run: a URL or inline TwiML, not both.
fn start(run: Run) -> Result<Start, Error> {
    match (run.url, run.twiml) {
        (Some(url), None) => {
            let parsed = Url::parse(&url).ok();
            let usable =
                parsed.is_some_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
            if !usable {
                return Err(Error::new(400, BAD_URL, "url is not an absolute http or https URL"));
            }
            let method = match run.method.as_deref() {
                None | Some("POST") => twiml::Method::Post,
                Some("GET") => twiml::Method::Get,
                Some(_) => return Err(Error::bad_request("method is GET or POST")),
            };
            Ok(Start::Url(Hook { url, method }))
        }
        (None, Some(text)) => {
            if text.chars().count() > limit::INLINE_TWIML_MAX {
                let message = format!("twiml has at most {} characters", limit::INLINE_TWIML_MAX);
                return Err(Error::new(400, TWIML_TOO_LONG, message));
            }
            let (program, problems) = twiml::parse(text.as_bytes());
            match problems.iter().find(|problem| problem.level == twiml::Level::Error) {
                Some(problem) => Err(Error::new(400, problem.code, problem.to_string())),
                None => Ok(Start::Program(program)),
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(Error::bad_request("write either url or twiml: what the call is to run"))
        }
    }
}

fn shown(row: &CallRow) -> Value {
    let duration = row.answered.zip(row.ended).and_then(|(from, to)| to.duration_since(from).ok());
    json!({
        "sid": row.sid.to_string(),
        "account_sid": row.account.to_string(),
        "parent_call_sid": row.parent.map(|parent| parent.to_string()),
        "from": row.from,
        "to": row.to,
        "direction": row.direction,
        "status": row.status,
        "sip_call_id": row.sip_call_id,
        "date_created": iso(row.created),
        "start_time": row.answered.map(iso),
        "end_time": row.ended.map(iso),
        "duration": duration.map(|duration| duration.as_secs()),
    })
}

fn row(timed: &TimedRow) -> Value {
    let row = &timed.row;
    let (kind, text) = match &row.what {
        What::Sent(text) => ("sent", text.as_str()),
        What::Got(text) => ("got", text.as_str()),
        What::Asked(text) => ("asked", text.as_str()),
        What::Answered(text) => ("answered", text.as_str()),
        What::Joined(text) => ("joined", text.as_str()),
        What::Hears(text) => ("hears", text.as_ref()),
        What::Decided(text) => ("decided", text.as_str()),
    };
    json!({
        "at": iso(timed.at),
        "call_sid": row.call.to_string(),
        "party": row.party,
        "kind": kind,
        "text": text,
        "line": row.to_string(),
    })
}
