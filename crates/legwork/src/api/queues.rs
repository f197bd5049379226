//! `/_/queues`: queues, who waits in them, and taking somebody out.
//!
//! Not here: queues themselves (`legwork-call`, `queue`), what is remembered of them (`store/queues`).
//! Source: Twilio, "Queue resource", "QueueMember resource".

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use legwork_call::io::QueueMemberRow;
use legwork_call::sid::{AccountSid, CallSid};
use legwork_call::{Answer, Command};
use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::calls::{order, unexpected};
use crate::api::extract::{Named, Whole};
use crate::api::new_call::{self, Redirect};
use crate::api::{Error, Shared};
use crate::date::iso;
use crate::store::Queue;

/// Names the member that is served next.
const FRONT: &str = "Front";

/// Queues by name.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
) -> Json<Value> {
    let now = SystemTime::now();
    let queues = shared.store.queues(account);
    let queues: Vec<Value> = queues.iter().map(|queue| shown(queue, now)).collect();
    Json(json!({ "queues": queues }))
}

/// One queue.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
) -> Result<Json<Value>, Error> {
    let queue = find(&shared, account, &sid)?;
    Ok(Json(shown(&queue, SystemTime::now())))
}

/// Who waits in it, first come first.
pub(crate) async fn members(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
) -> Result<Json<Value>, Error> {
    let (queue, now) = (find(&shared, account, &sid)?, SystemTime::now());
    let members = queue.members.values().zip(1..);
    let members: Vec<Value> = members.map(|(row, position)| member(row, position, now)).collect();
    Ok(Json(json!({ "queue_members": members })))
}

/// Takes a call out of its queue and runs another document on it.
pub(crate) async fn dequeue(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path((sid, call)): Path<(String, String)>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Value>, Error> {
    let start = new_call::read::<Redirect>(&headers, &body)?.checked()?;
    let queue = find(&shared, account, &sid)?;
    let call: Option<CallSid> = match call.as_str() {
        FRONT => None,
        named => Some(named.parse().map_err(|_| Error::not_found("the member"))?),
    };
    let now = SystemTime::now();
    let queue_sid = queue.row.sid.to_string();
    match order(&shared, Command::Dequeue { account, queue: queue_sid, call, start }).await? {
        Answer::Dequeued(call) => {
            let mut members = queue.members.values().zip(1..);
            let taken = members.find(|(row, _)| row.call == call);
            let taken = taken.map(|(row, position)| member(row, position, now));
            // It came between the look at the queue and the order.
            Ok(Json(taken.unwrap_or_else(|| json!({ "call_sid": call.to_string() }))))
        }
        answer @ (Answer::Called(_) | Answer::Done | Answer::Refused { .. } | Answer::Stats(_)) => {
            Err(unexpected(&answer))
        }
    }
}

/// By its SID or its name.
fn find(shared: &Shared, account: AccountSid, named: &str) -> Result<Queue, Error> {
    let queue = named.parse().ok().and_then(|sid| shared.store.queue(account, sid));
    let by_name = || {
        let all = shared.store.queues(account);
        all.into_iter().find(|queue| queue.row.name == named)
    };
    queue.or_else(by_name).ok_or_else(|| Error::not_found("the queue"))
}

fn waited_s(row: &QueueMemberRow, now: SystemTime) -> u64 {
    now.duration_since(row.since).unwrap_or_default().as_secs()
}

fn shown(queue: &Queue, now: SystemTime) -> Value {
    let Queue { row, members } = queue;
    let waited: u64 = members.values().map(|row| waited_s(row, now)).sum();
    json!({
        "sid": row.sid.to_string(),
        "account_sid": row.account.to_string(),
        "friendly_name": row.name,
        "max_size": row.max_size,
        "current_size": members.len(),
        "average_wait_time": waited / (members.len() as u64).max(1),
        "date_created": iso(row.created),
    })
}

fn member(row: &QueueMemberRow, position: u64, now: SystemTime) -> Value {
    json!({
        "queue_sid": row.queue.to_string(),
        "call_sid": row.call.to_string(),
        "date_enqueued": iso(row.since),
        "position": position,
        "wait_time": waited_s(row, now),
    })
}
