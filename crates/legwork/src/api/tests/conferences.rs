//! `/_/conferences`: what is read, what is refused before the engine hears of it.

use std::time::UNIX_EPOCH;

use axum::http::StatusCode;
use legwork_call::io::{ConferenceRow, ParticipantRow};
use legwork_call::sid::{AccountSid, CallSid, ConferenceSid};
use serde_json::json;

use super::{Api, api};
use crate::config::development;

const SID: ConferenceSid = ConferenceSid::from_bits(3);
const CALL: CallSid = CallSid::from_bits(7);

fn conference(sid: u128, account: AccountSid, status: &'static str) -> ConferenceRow {
    ConferenceRow {
        sid: ConferenceSid::from_bits(sid),
        account,
        name: "one".to_owned(),
        status,
        created: UNIX_EPOCH,
        updated: UNIX_EPOCH,
    }
}

fn with_conferences() -> Api {
    let api = api();
    let mine = development::ACCOUNT;
    let store = &api.shared.store;
    store.put_conference(conference(3, mine, "in-progress"));
    store.put_conference(conference(4, mine, "completed"));
    store.put_conference(conference(5, AccountSid::from_bits(2), "in-progress"));
    store.put_participant(ParticipantRow {
        conference: SID,
        account: mine,
        call: CALL,
        label: Some("guest".to_owned()),
        muted: true,
        hold: false,
        call_sid_to_coach: None,
        start_on_enter: true,
        end_on_exit: false,
        joined: UNIX_EPOCH,
        updated: UNIX_EPOCH,
        left: None,
    });
    api
}

#[tokio::test]
async fn conferences_are_told_to_their_account_alone() {
    let api = with_conferences();
    let (status, all) = api.get("/_/conferences").await;
    assert_eq!(status, StatusCode::OK);
    let row = json!({
        "sid": SID.to_string(), "account_sid": development::ACCOUNT.to_string(),
        "friendly_name": "one", "status": "in-progress",
        "date_created": "1970-01-01T00:00:00.000Z", "date_updated": "1970-01-01T00:00:00.000Z",
    });
    assert_eq!(all, json!({ "conferences": [row] }));
    let (_, all) = api.get("/_/conferences?finished=true").await;
    assert_eq!(all["conferences"].as_array().unwrap().len(), 2);
    assert_eq!(api.get(&format!("/_/conferences/{SID}")).await.1, row);
    let other = ConferenceSid::from_bits(5);
    assert_eq!(api.get(&format!("/_/conferences/{other}")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_participant_is_found_by_its_call_and_label() {
    let api = with_conferences();
    let (_, all) = api.get(&format!("/_/conferences/{SID}/participants")).await;
    let row = &all["participants"][0];
    assert_eq!((&row["call_sid"], &row["muted"]), (&json!(CALL.to_string()), &json!(true)));
    for who in ["guest".to_owned(), CALL.to_string()] {
        let (status, one) = api.get(&format!("/_/conferences/{SID}/participants/{who}")).await;
        assert_eq!((status, &one), (StatusCode::OK, row), "{who}");
    }
    let (status, _) = api.get(&format!("/_/conferences/{SID}/participants/nobody")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let api = with_conferences();
    let of = |path: &str| format!("/_/conferences/{SID}{path}");
    for (path, body, refused) in [
        (of(""), "{}", (400, 20_001)),
        (of(""), r#"{"status":"paused"}"#, (400, 20_001)),
        (of(""), r#"{"announce_url":"/relative"}"#, (400, 21_205)),
        (of(""), r#"{"announce_url":"http://a.example/","announce_method":"PUT"}"#, (400, 21_209)),
        (of("/participants/guest"), r#"{"muted":"perhaps"}"#, (400, 20_001)),
        (of("/participants/guest"), r#"{"call_sid_to_coach":"guest"}"#, (400, 20_001)),
        (of("/participants/guest"), r#"{"wait_url":"/relative"}"#, (400, 21_205)),
        (of("/participants/guest"), r#"{"silent":true}"#, (400, 20_001)),
        ("/_/conferences/CF1".to_owned(), r#"{"status":"completed"}"#, (404, 20_404)),
    ] {
        assert_eq!(api.refused(&path, body).await, refused, "{path} {body}");
    }
}
