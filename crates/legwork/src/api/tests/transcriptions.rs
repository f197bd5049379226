//! `/_/transcriptions`: what was said, by whom it may be read, and until when.

use std::time::{Duration, UNIX_EPOCH};

use legwork_call::io::TranscriptionRow;
use legwork_call::sid::{RecordingSid, TranscriptionSid};

use super::*;

fn row(number: u128, account: AccountSid, status: &'static str, text: &str) -> TranscriptionRow {
    TranscriptionRow {
        sid: TranscriptionSid::from_bits(number),
        account,
        recording: RecordingSid::from_bits(number),
        status,
        text: text.to_owned(),
        created: UNIX_EPOCH,
        updated: UNIX_EPOCH + Duration::from_secs(9),
        duration: (status == "completed").then_some(Duration::from_millis(4_200)),
    }
}

#[tokio::test]
async fn what_was_said_is_read() {
    let (api, own) = (api(), development::ACCOUNT);
    let store = &api.shared.store;
    store.put_transcription(row(1, own, "in-progress", ""));
    let path = format!("/_/transcriptions/{}", TranscriptionSid::from_bits(1));
    let (status, early) = api.get(&path).await;
    assert_eq!((status, &early["status"]), (StatusCode::OK, &json!("in-progress")));
    store.put_transcription(row(1, own, "completed", "call me back"));
    let (_, known) = api.get(&path).await;
    let expected = json!({
        "sid": TranscriptionSid::from_bits(1).to_string(), "account_sid": own.to_string(),
        "recording_sid": RecordingSid::from_bits(1).to_string(), "status": "completed",
        "transcription_text": "call me back", "date_created": "1970-01-01T00:00:00.000Z",
        "date_updated": "1970-01-01T00:00:09.000Z", "duration": 4,
    });
    assert_eq!(known, expected);
    assert_eq!(api.get(&format!("{path}.json")).await.1, expected);
    for missing in [".xml", ".txt.json", "0"] {
        let (status, _) = api.get(&format!("{path}{missing}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{missing}");
    }
    store.put_transcription(row(2, AccountSid::from_bits(2), "in-progress", ""));
    let other = format!("/_/transcriptions/{}", TranscriptionSid::from_bits(2));
    assert_eq!(api.get(&other).await.0, StatusCode::NOT_FOUND, "another account's");
}

#[tokio::test]
async fn the_words_alone() {
    let api = api();
    api.shared.store.put_transcription(row(1, development::ACCOUNT, "in-progress", ""));
    api.shared.store.put_transcription(row(1, development::ACCOUNT, "completed", "naïve"));
    let basic = STANDARD.encode(format!("{}:{}", development::ACCOUNT, development::AUTH_TOKEN));
    let request = Request::get(format!("/_/transcriptions/{}.txt", TranscriptionSid::from_bits(1)))
        .header("Authorization", format!("Basic {basic}"))
        .body(Body::empty())
        .unwrap();
    let response = router(Arc::clone(&api.shared)).call(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.as_ref(), "naïve".as_bytes());
}
