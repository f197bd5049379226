//! `/_/calls`: read from the store, ordered through commands.
//!
//! Not here: parameters of new calls (`new_call`), dialogs and programs (`legwork-call`).
//! Source: the README, "HTTP API".

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use legwork_call::io::CallRow;
use legwork_call::ladder::What;
use legwork_call::sid::{AccountSid, CallSid};
use legwork_call::{Answer, Command};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::extract::{Asked, Named, Whole};
use crate::api::new_call::{self, Change, Redirect, Update, Wanted};
use crate::api::{Error, Shared};
use crate::date::iso;
use crate::store::TimedRow;

/// Twilio: the resource is not there.
const NOT_FOUND: u32 = 20_404;

/// What may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// Ended calls too.
    finished: bool,
}

/// Live calls, newest first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Asked(wanted): Asked<Filter>,
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

/// Places a call.
pub(crate) async fn create(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<(StatusCode, Json<Value>), Error> {
    let call = new_call::read::<Wanted>(&headers, &body)?.checked(account)?;
    match order(&shared, Command::Call(Box::new(call))).await? {
        Answer::Called(sid) => {
            let call = find(&shared, account, &sid.to_string())?;
            Ok((StatusCode::CREATED, Json(shown(&call))))
        }
        answer @ (Answer::Done
        | Answer::Refused { .. }
        | Answer::Stats(_)
        | Answer::Dequeued(_)) => Err(unexpected(&answer)),
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
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Value>, Error> {
    let target = new_call::read::<Transfer>(&headers, &body)?.target;
    let call = find(&shared, account, &sid)?.sid;
    done(&shared, account, call, Command::Transfer { call, target }).await
}

/// Runs another document on a live call.
pub(crate) async fn redirect(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Value>, Error> {
    let start = new_call::read::<Redirect>(&headers, &body)?.checked()?;
    let call = find(&shared, account, &sid)?.sid;
    done(&shared, account, call, Command::Redirect { call, start }).await
}

/// Changes a live call: another document, or its end.
pub(crate) async fn update(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Value>, Error> {
    let change = new_call::read::<Update>(&headers, &body)?.checked()?;
    let call = find(&shared, account, &sid)?.sid;
    let command = match change {
        Change::Redirect(start) => Command::Redirect { call, start },
        Change::End(false) => Command::Hangup { call },
        Change::End(true) => Command::Cancel { call },
    };
    done(&shared, account, call, command).await
}

async fn done(
    shared: &Shared,
    account: AccountSid,
    call: CallSid,
    command: Command,
) -> Result<Json<Value>, Error> {
    match order(shared, command).await? {
        Answer::Done => find(shared, account, &call.to_string()).map(|row| Json(shown(&row))),
        answer @ (Answer::Called(_)
        | Answer::Refused { .. }
        | Answer::Stats(_)
        | Answer::Dequeued(_)) => Err(unexpected(&answer)),
    }
}

/// Orders something; a refusal is an error.
pub(crate) async fn order(shared: &Shared, command: Command) -> Result<Answer, Error> {
    match shared.post.order(command).await {
        Ok(Answer::Refused { status, code, text }) => Err(Error::new(status, code, text)),
        Ok(
            answer @ (Answer::Called(_) | Answer::Done | Answer::Stats(_) | Answer::Dequeued(_)),
        ) => Ok(answer),
        Err(_) => Err(Error::busy()),
    }
}

pub(crate) fn unexpected(answer: &Answer) -> Error {
    tracing::error!(bug = ?answer, fault = "us", "an answer to another question");
    Error::new(500, 20_500, "internal error")
}

fn find(shared: &Shared, account: AccountSid, sid: &str) -> Result<CallRow, Error> {
    let call = sid.parse().ok().and_then(|sid| shared.store.call(account, sid));
    let missing = || format!("the call {} was not found", sid.escape_debug());
    call.ok_or_else(|| Error::new(404, NOT_FOUND, missing()))
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
        "answered_by": row.answered_by,
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
