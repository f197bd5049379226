//! `/_/conferences`: read from the store, changed through commands.
//!
//! Not here: what a conference does (`legwork-call`, `conference`).
//! Source: Twilio, "Conferences resource", "Participants resource"; the README, "HTTP API".

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use legwork_call::command::{ConferenceChange, ConferenceOrder, ParticipantChange};
use legwork_call::io::{ConferenceRow, ParticipantRow};
use legwork_call::sid::{AccountSid, ConferenceSid};
use legwork_call::{Answer, Command};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::auth::Caller;
use crate::api::extract::{Asked, Named, Whole};
use crate::api::new_call::{self, Flag, hook};
use crate::api::{Error, Shared};
use crate::date::iso;

/// What may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// Those that are over, too.
    finished: bool,
}

/// Conferences, newest first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Asked(wanted): Asked<Filter>,
) -> Json<Value> {
    let rows = shared.store.conferences(account, wanted.finished);
    Json(json!({ "conferences": rows.iter().map(shown).collect::<Vec<_>>() }))
}

/// One.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
) -> Result<Json<Value>, Error> {
    find(&shared, account, &sid).map(|(row, _)| Json(shown(&row)))
}

/// Who is there.
pub(crate) async fn participants(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
) -> Result<Json<Value>, Error> {
    let (_, rows) = find(&shared, account, &sid)?;
    Ok(Json(json!({ "participants": rows.iter().map(participant).collect::<Vec<_>>() })))
}

/// One of them.
pub(crate) async fn participant_of(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path((sid, who)): Path<(String, String)>,
) -> Result<Json<Value>, Error> {
    let (_, rows) = find(&shared, account, &sid)?;
    called(&rows, &who).map(|row| Json(participant(row)))
}

/// A change to a conference, as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    status: Option<String>,
    announce_url: Option<String>,
    announce_method: Option<String>,
}

/// Ends it, or lets all in it hear something.
pub(crate) async fn update(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Named(sid): Named,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Value>, Error> {
    let Update { status, announce_url, announce_method } = new_call::read(&headers, &body)?;
    let announce = hook("announce_url", announce_url, announce_method.as_deref())?;
    let change = match (status.as_deref(), announce) {
        (Some("completed"), None) => ConferenceChange::End,
        (None, Some(hook)) => ConferenceChange::Announce(hook),
        (_, _) => return Err(Error::bad_request("write status=completed, or announce_url")),
    };
    let (row, _) = find(&shared, account, &sid)?;
    order(&shared, account, row.sid, change).await?;
    find(&shared, account, &sid).map(|(row, _)| Json(shown(&row)))
}

/// A change to a participant, as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateParticipant {
    muted: Option<Flag>,
    hold: Option<Flag>,
    hold_url: Option<String>,
    hold_method: Option<String>,
    wait_url: Option<String>,
    wait_method: Option<String>,
    announce_url: Option<String>,
    announce_method: Option<String>,
    beep_on_exit: Option<Flag>,
    end_conference_on_exit: Option<Flag>,
    coaching: Option<Flag>,
    call_sid_to_coach: Option<String>,
}

impl UpdateParticipant {
    fn checked(self) -> Result<ParticipantChange, Error> {
        let call = self.call_sid_to_coach.filter(|sid| !sid.is_empty());
        let no_sid = |_| Error::bad_request("call_sid_to_coach is no CallSid");
        let hold_method = self.hold_method.as_deref().or(Some("GET"));
        Ok(ParticipantChange {
            muted: flag("muted", self.muted)?,
            hold: flag("hold", self.hold)?,
            hold_hook: hook("hold_url", self.hold_url, hold_method)?,
            wait_hook: hook("wait_url", self.wait_url, self.wait_method.as_deref())?,
            coaching: flag("coaching", self.coaching)?,
            call_sid_to_coach: call.map(|sid| sid.parse().map_err(no_sid)).transpose()?,
            end_on_exit: flag("end_conference_on_exit", self.end_conference_on_exit)?,
            beep_on_exit: flag("beep_on_exit", self.beep_on_exit)?,
            announce: hook("announce_url", self.announce_url, self.announce_method.as_deref())?,
        })
    }
}

fn flag(name: &str, flag: Option<Flag>) -> Result<Option<bool>, Error> {
    let Some(flag) = flag else { return Ok(None) };
    let is_true = flag.is_true();
    is_true.map(Some).ok_or_else(|| Error::bad_request(format!("{name} is true or false")))
}

/// Changes somebody who is there.
pub(crate) async fn update_participant(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path((sid, who)): Path<(String, String)>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Json<Value>, Error> {
    let change = new_call::read::<UpdateParticipant>(&headers, &body)?.checked()?;
    let (row, _) = find(&shared, account, &sid)?;
    let change = Box::new(change);
    let change = ConferenceChange::Participant { who: who.clone(), change };
    order(&shared, account, row.sid, change).await?;
    let (_, rows) = find(&shared, account, &sid)?;
    called(&rows, &who).map(|row| Json(participant(row)))
}

/// Takes somebody out.
pub(crate) async fn kick(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path((sid, who)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    let (row, _) = find(&shared, account, &sid)?;
    order(&shared, account, row.sid, ConferenceChange::Kick { who }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn order(
    shared: &Shared,
    account: AccountSid,
    conference: ConferenceSid,
    change: ConferenceChange,
) -> Result<(), Error> {
    let order = ConferenceOrder { account, conference, change };
    match shared.post.order(Command::Conference(Box::new(order))).await {
        Ok(Answer::Done) => Ok(()),
        Ok(Answer::Refused { status, code, text }) => Err(Error::new(status, code, text)),
        Ok(Answer::Called(_) | Answer::Stats(_) | Answer::Dequeued(_)) | Err(_) => {
            Err(Error::busy())
        }
    }
}

fn find(
    shared: &Shared,
    account: AccountSid,
    sid: &str,
) -> Result<(ConferenceRow, Vec<ParticipantRow>), Error> {
    let found = sid.parse().ok().and_then(|sid| shared.store.conference(account, sid));
    found.ok_or_else(|| Error::not_found(&format!("the conference {}", sid.escape_debug())))
}

/// Of that CallSid or label.
fn called<'a>(rows: &'a [ParticipantRow], who: &str) -> Result<&'a ParticipantRow, Error> {
    let is_it =
        |row: &&ParticipantRow| row.label.as_deref() == Some(who) || row.call.to_string() == who;
    let missing = || Error::not_found(&format!("the participant {}", who.escape_debug()));
    rows.iter().find(is_it).ok_or_else(missing)
}

fn shown(row: &ConferenceRow) -> Value {
    json!({
        "sid": row.sid.to_string(),
        "account_sid": row.account.to_string(),
        "friendly_name": row.name,
        "status": row.status,
        "date_created": iso(row.created),
        "date_updated": iso(row.updated),
    })
}

fn participant(row: &ParticipantRow) -> Value {
    json!({
        "call_sid": row.call.to_string(),
        "conference_sid": row.conference.to_string(),
        "account_sid": row.account.to_string(),
        "label": row.label,
        "muted": row.muted,
        "hold": row.hold,
        "coaching": row.call_sid_to_coach.is_some(),
        "call_sid_to_coach": row.call_sid_to_coach.map(|call| call.to_string()),
        "start_conference_on_enter": row.start_on_enter,
        "end_conference_on_exit": row.end_on_exit,
        "status": "connected",
        "date_created": iso(row.joined),
        "date_updated": iso(row.updated),
    })
}
