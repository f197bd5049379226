//! The HTTP API without an engine: who may ask, what is read, what is refused.

mod conferences;
mod recordings;
mod transcriptions;

use std::sync::atomic::AtomicU32;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use legwork_call::alert::{Alert, Level};
use legwork_call::io::{CallRow, GatewayRow, QueueMemberRow, QueueRow, TrunkRow};
use legwork_call::ladder::{Row, What};
use legwork_call::sid::{AccountSid, CallSid, QueueSid};
use serde_json::{Value, json};
use tower_service::Service as _;

use super::*;
use crate::config::development;
use crate::recording::tests::studio::Studio;

const CALL: CallSid = CallSid::from_bits(7);

struct Api {
    shared: Arc<Shared>,
    studio: Studio,
}

fn api() -> Api {
    let config = development::config(5060, 8080, false, None);
    static TURN: AtomicU32 = AtomicU32::new(0);
    let studio = Studio::new(&format!("api-{}", TURN.fetch_add(1, Ordering::Relaxed)));
    let store = Arc::new(Store::default());
    store.put_call(CallRow {
        sid: CALL,
        account: development::ACCOUNT,
        parent: None,
        from: "sip:alice@localhost".to_owned(),
        to: "sip:bank@localhost".to_owned(),
        direction: "inbound",
        status: "in-progress",
        sip_call_id: "abc".to_owned(),
        created: UNIX_EPOCH,
        answered: Some(UNIX_EPOCH),
        answered_by: None,
        ended: None,
    });
    let what = What::Sent("INVITE sip:bank@localhost".to_owned());
    store.put_row(UNIX_EPOCH, Row { call: CALL, root: CALL, party: "alice".to_owned(), what });
    store.put_alert(Alert {
        code: 13_802,
        level: Level::Error,
        text: "no referUrl".to_owned(),
        account: Some(development::ACCOUNT),
        call: Some(CALL),
        at: UNIX_EPOCH,
        request: None,
        response: None,
    });
    let fetcher = Fetcher::new(&config).unwrap();
    let (post, recordings) = (studio.post(), studio.recordings.clone());
    let shared = Arc::new(Shared::new(&config, store, post, fetcher, recordings));
    Api { shared, studio }
}

impl Api {
    async fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (StatusCode, Value) {
        let basic = STANDARD.encode(format!("{}:{token}", development::ACCOUNT));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("Authorization", format!("Basic {basic}"))
            .header("Content-Type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = router(Arc::clone(&self.shared)).call(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask("GET", path, development::AUTH_TOKEN, "").await
    }

    async fn refused(&self, path: &str, body: &str) -> (u64, u64) {
        let (status, error) = self.ask("POST", path, development::AUTH_TOKEN, body).await;
        assert_eq!(error["status"].as_u64(), Some(u64::from(status.as_u16())));
        (error["status"].as_u64().unwrap(), error["code"].as_u64().unwrap())
    }
}

#[tokio::test]
async fn nothing_is_told_without_the_token() {
    let api = api();
    for path in [
        "/_/calls",
        "/_/alerts",
        "/_/trunks",
        "/_/queues",
        "/_/queues/QU00000000000000000000000000000001",
        "/_/queues/QU00000000000000000000000000000001/members",
        "/_/stats",
        "/_/recordings",
        "/_/transcriptions/TR00000000000000000000000000000001",
        "/_/conferences",
        &format!("/_/calls/{CALL}/trace"),
    ] {
        let (status, error) = api.ask("GET", path, "wrong", "").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(error["code"], 20_003);
    }
}

#[tokio::test]
async fn what_is_stored_is_read() {
    let api = api();
    let (status, calls) = api.get("/_/calls").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(calls["calls"][0]["sid"], CALL.to_string());
    assert_eq!(calls["calls"][0]["start_time"], "1970-01-01T00:00:00.000Z");
    let (_, call) = api.get(&format!("/_/calls/{CALL}")).await;
    assert_eq!(call["status"], "in-progress");
    let (_, trace) = api.get(&format!("/_/calls/{CALL}/trace")).await;
    assert_eq!(trace["rows"][0]["kind"], "sent");
    assert_eq!((&trace["next"], &trace["over"]), (&json!(1), &json!(false)));
    let (_, later) = api.get(&format!("/_/calls/{CALL}/trace?from=1")).await;
    assert_eq!(later["rows"], json!([]));
    let (_, alerts) = api.get("/_/alerts").await;
    assert_eq!(alerts["alerts"][0]["code"], 13_802);
    assert_eq!(alerts["next"], 1);
    let (_, none) = api.get("/_/alerts?after=1").await;
    assert_eq!(none["alerts"], json!([]));
}

#[tokio::test]
async fn trunks_are_told_to_their_account_alone() {
    let api = api();
    let row = |account| TrunkRow {
        account,
        name: "carrier".to_owned(),
        gateways: vec![GatewayRow {
            uri: "sip:gw".to_owned(),
            priority: 10,
            weight: 10,
            state: "up",
            since: Some(UNIX_EPOCH),
            latency: Some(Duration::from_micros(1_500)),
            answer: Some(200),
        }],
        registration: None,
    };
    api.shared.store.put_trunk(row(development::ACCOUNT));
    api.shared.store.put_trunk(row(AccountSid::from_bits(2)));
    let (status, told) = api.get("/_/trunks").await;
    assert_eq!(status, StatusCode::OK);
    let gateway = json!({
        "uri": "sip:gw", "priority": 10, "weight": 10, "state": "up", "answer": 200,
        "since": "1970-01-01T00:00:00.000Z", "latency_ms": 1.5,
    });
    let trunk = json!({ "name": "carrier", "gateways": [gateway], "registration": null });
    assert_eq!(told, json!({ "trunks": [trunk] }));
    api.shared.store.forget_trunk(development::ACCOUNT, "carrier".to_owned());
    assert_eq!(api.get("/_/trunks").await.1, json!({ "trunks": [] }));
}

#[tokio::test]
async fn queues_are_told_with_who_waits_in_them() {
    let (api, sid) = (api(), QueueSid::from_bits(1));
    let row = |sid, account| QueueRow {
        sid,
        account,
        name: "line".to_owned(),
        max_size: 2,
        created: UNIX_EPOCH,
    };
    let store = &api.shared.store;
    store.put_queue(row(sid, development::ACCOUNT));
    store.put_queue(row(QueueSid::from_bits(2), AccountSid::from_bits(2)));
    let hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    // The second comes back to its place before the first.
    for (place, call) in [(2, CALL), (1, CallSid::from_bits(8))] {
        let account = development::ACCOUNT;
        store.put_queue_member(QueueMemberRow {
            queue: sid,
            account,
            call,
            place,
            since: hour_ago,
        });
    }
    let (status, told) = api.get("/_/queues").await;
    assert_eq!((status, told["queues"].as_array().unwrap().len()), (StatusCode::OK, 1));
    let (_, queue) = api.get(&format!("/_/queues/{sid}")).await;
    assert_eq!(queue, told["queues"][0]);
    let name = queue["friendly_name"].as_str().unwrap();
    assert_eq!(api.get(&format!("/_/queues/{name}")).await.1, queue);
    let of = |name: &str| queue[name].clone();
    assert_eq!((of("friendly_name"), of("max_size")), (json!("line"), json!(2)));
    assert_eq!(of("current_size"), json!(2));
    assert!((3_600..3_700).contains(&of("average_wait_time").as_u64().unwrap()));
    let (_, members) = api.get(&format!("/_/queues/{sid}/members")).await;
    let calls: Vec<_> = members["queue_members"].as_array().unwrap().iter().collect();
    assert_eq!(calls[0]["call_sid"], CallSid::from_bits(8).to_string());
    assert_eq!(
        (&calls[1]["call_sid"], &calls[1]["position"]),
        (&json!(CALL.to_string()), &json!(2))
    );
    store.forget_queue_member(sid, 1);
    store.forget_queue_member(sid, 2);
    let (_, queue) = api.get(&format!("/_/queues/{sid}")).await;
    assert_eq!((&queue["current_size"], &queue["average_wait_time"]), (&json!(0), &json!(0)));
    store.forget_queue(sid);
    for path in ["", "/members"] {
        let (status, _) = api.get(&format!("/_/queues/{sid}{path}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    let theirs = format!("/_/queues/{}", QueueSid::from_bits(2));
    assert_eq!(api.get(&theirs).await.0, StatusCode::NOT_FOUND);
    let front = format!("/_/queues/{sid}/members/Front");
    assert_eq!(api.refused(&front, r#"{"url":"x"}"#).await, (400, 21_205));
    assert_eq!(api.refused(&front, r#"{"url":"http://a.example/"}"#).await, (404, 20_404));
}

#[tokio::test]
async fn wrong_orders_are_refused_before_the_engine_hears_of_them() {
    let api = api();
    let calls = "/_/calls";
    assert_eq!(api.refused(calls, "{").await, (400, 20_001));
    assert_eq!(api.refused(calls, r#"{"from":"a","to":"b"}"#).await, (400, 20_001));
    assert_eq!(api.refused(calls, r#"{"from":"a","to":"b","url":"x"}"#).await, (400, 21_205));
    let typo = r#"{"from":"a","to":"b","ulr":"http://a.example/"}"#;
    assert_eq!(api.refused(calls, typo).await, (400, 20_001));
    let broken = r#"{"from":"a","to":"b","twiml":"<Response>"}"#;
    assert_eq!(api.refused(calls, broken).await, (400, 12_100));
    let long = json!({ "from": "a", "to": "b", "twiml": " ".repeat(4_001) }).to_string();
    assert_eq!(api.refused(calls, &long).await, (400, 32_018));
    let other = CallSid::from_bits(8);
    assert_eq!(api.refused(&format!("/_/calls/{other}/hangup"), "").await, (404, 20_404));
    assert_eq!(api.refused("/_/calls/nonsense/hangup", "").await, (404, 20_404));
    assert_eq!(api.refused("/_/nothing", "").await, (404, 20_404));
    assert_eq!(api.refused("/_/alerts", "").await, (405, 20_004));
}

#[tokio::test]
async fn what_can_not_be_read_is_refused_in_the_same_shape() {
    let api = api();
    let trace = format!("/_/calls/{CALL}/trace?from=-1");
    for path in ["/_/alerts?after=x", "/_/calls?finished=2", "/_/calls/%ff", &trace] {
        let (status, error) = api.get(path).await;
        assert_eq!((status, &error["code"]), (StatusCode::BAD_REQUEST, &json!(20_001)), "{path}");
    }
}

#[tokio::test]
async fn readiness_follows_the_sockets() {
    let api = api();
    assert_eq!(api.get("/healthz").await.0, StatusCode::OK);
    assert_eq!(api.get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    api.shared.set_ready();
    assert_eq!(api.get("/readyz").await.0, StatusCode::OK);
    api.shared.set_draining();
    assert_eq!(api.get("/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_document_names_only_what_is_there() {
    let api = api();
    let (status, document) = api.get("/_/openapi.json").await;
    assert_eq!((status, &document["openapi"]), (StatusCode::OK, &json!("3.1.0")));
    for (path, methods) in document["paths"].as_object().unwrap() {
        // Only whether there is such a route, not what it does: TRACE is never one.
        let (status, _) = api.ask("TRACE", path, development::AUTH_TOKEN, "").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(methods.as_object().is_some_and(|methods| !methods.is_empty()), "{path}");
    }
}
