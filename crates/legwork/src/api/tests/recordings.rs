//! `/_/recordings`: who may hear what, ranges, forms.
//!
//! Not here: recordings themselves (`recording/tests`).

use axum::http::{HeaderMap, HeaderName};

use super::*;
use crate::config::Config;
use crate::recording::tests::studio::{channels, sid};

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &'static str) -> &str {
        self.headers.get(HeaderName::from_static(name)).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One recording of two channels, a second long.
async fn with_recording() -> Api {
    let mut api = api();
    api.studio.begin(1, 2, false);
    let both: Vec<i16> = (0..8_000).flat_map(|n| [n, -n]).collect();
    api.studio.say(1, &both).await;
    api.studio.told().await;
    api
}

async fn ask(api: &Api, request: axum::http::request::Builder, token: Option<&str>) -> Answer {
    let basic = token.map(|token| STANDARD.encode(format!("{}:{token}", development::ACCOUNT)));
    let request = match basic {
        Some(basic) => request.header("Authorization", format!("Basic {basic}")),
        None => request,
    };
    let request = request.body(Body::empty()).unwrap();
    let response = router(Arc::clone(&api.shared)).call(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().into();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn get(api: &Api, path: &str) -> Answer {
    ask(api, Request::get(path), Some(development::AUTH_TOKEN)).await
}

#[tokio::test]
async fn what_there_is_is_listed() {
    let api = with_recording().await;
    let list = get(&api, "/_/recordings").await.json();
    let url = format!("http://127.0.0.1:8080/_/recordings/{}", sid(1));
    let expected = json!({
        "sid": sid(1).to_string(), "account_sid": development::ACCOUNT.to_string(),
        "call_sid": CALL.to_string(), "conference_sid": null, "status": "completed", "source": "", "track": "",
        "channels": 2, "start_time": "1970-01-01T00:00:01.000Z", "duration": 1,
        "duration_ms": 1_000, "lost_ms": 0, "media_url": url,
    });
    assert_eq!(list, json!({ "recordings": [expected.clone()] }));
    assert_eq!(get(&api, &format!("/_/recordings/{}.json", sid(1))).await.json(), expected);
    let of = |call: CallSid| format!("/_/recordings?call_sid={call}");
    let listed = get(&api, &of(CALL)).await.json();
    assert_eq!(listed["recordings"].as_array().map(Vec::len), Some(1));
    let other = get(&api, &of(CallSid::from_bits(9))).await.json();
    assert_eq!(other, json!({ "recordings": [] }));
    assert_eq!(get(&api, "/_/recordings?limit=0").await.json(), json!({ "recordings": [] }));
    assert_eq!(get(&api, "/_/recordings?call_sid=CA1").await.status, 400);
}

#[tokio::test]
async fn a_recording_url_can_be_played_as_it_is() {
    let api = with_recording().await;
    let url = format!("/_/recordings/{}", sid(1));
    let wav = get(&api, &url).await;
    assert_eq!((wav.status, wav.header("content-type")), (200, "audio/wav"));
    assert_eq!(wav.header("accept-ranges"), "bytes");
    assert_eq!(wav.header("content-length"), "32044");
    assert_eq!(wav.header("content-disposition"), format!("inline; filename=\"{}.wav\"", sid(1)));
    let both = channels(&wav.body);
    assert_eq!((both.len(), both[0][7], both[1][7]), (2, 7, -7));
    assert_eq!(get(&api, &format!("{url}.wav")).await.body, wav.body);
    let mono = get(&api, &format!("{url}.wav?RequestedChannels=1")).await;
    assert_eq!(channels(&mono.body), [vec![0; 8_000]]);
    let mp3 = get(&api, &format!("{url}.mp3")).await;
    assert_eq!((mp3.status, mp3.header("content-type")), (200, "audio/mpeg"));
    assert_eq!(mp3.body[..2], [0xff, 0xe3]);
    for (wrong, status, code) in [
        (format!("{url}.ogg"), 404, 20_404),
        (format!("/_/recordings/{}", sid(2)), 404, 20_404),
        ("/_/recordings/nonsense.wav".to_owned(), 404, 20_404),
        (format!("{url}?RequestedChannels=3"), 400, 20_001),
        (format!("{url}?RequestedChannels=x"), 400, 20_001),
    ] {
        let answer = get(&api, &wrong).await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{wrong}");
    }
}

#[tokio::test]
async fn a_player_may_ask_for_a_part() {
    let api = with_recording().await;
    let url = format!("/_/recordings/{}", sid(1));
    let all = get(&api, &url).await.body;
    let token = Some(development::AUTH_TOKEN);
    for (asked, status, told, body) in [
        ("bytes=0-43", 206, "bytes 0-43/32044", &all[..44]),
        ("bytes=32000-", 206, "bytes 32000-32043/32044", &all[32_000..]),
        ("bytes=-4", 206, "bytes 32040-32043/32044", &all[32_040..]),
        ("bytes=0-1,4-5", 200, "", &all[..]),
        ("bytes=32044-", 416, "bytes */32044", &[]),
    ] {
        let answer = ask(&api, Request::get(&url).header("Range", asked), token).await;
        assert_eq!((answer.status, answer.header("content-range")), (status, told), "{asked}");
        assert_eq!(answer.body, body, "{asked}");
    }
    let head = ask(&api, Request::head(&url), token).await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "32044", 0));
    let tag = head.header("etag").to_owned();
    let part = |known: &str| {
        Request::get(&url).header("Range", "bytes=0-3").header("If-Range", known.to_owned())
    };
    assert_eq!(ask(&api, part(&tag), token).await.body, b"RIFF");
    assert_eq!(ask(&api, part("\"another\""), token).await.body, all);
}

#[tokio::test]
async fn nobody_else_hears_it_unless_the_operator_says_so() {
    let api = with_recording().await;
    let url = format!("/_/recordings/{}", sid(1));
    for token in [None, Some("wrong")] {
        let answer = ask(&api, Request::get(&url), token).await;
        assert_eq!((answer.status, &answer.json()["code"]), (401, &json!(20_003)));
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"legwork\"");
    }
    let mut config = development::config(5060, 8080, false, None);
    let other = AccountSid::from_bits(2);
    let tokens = [(other, crate::config::Token::new(development::AUTH_TOKEN))];
    config.tokens = Arc::new(tokens.into());
    api.shared.reload(&config);
    let basic = STANDARD.encode(format!("{other}:{}", development::AUTH_TOKEN));
    let basic = format!("Basic {basic}");
    let as_other = |request: axum::http::request::Builder| {
        ask(&api, request.header("Authorization", basic.clone()), None)
    };
    // That of another account is as if it were not there.
    assert_eq!(as_other(Request::get(&url)).await.status, 404);
    assert_eq!(as_other(Request::delete(&url)).await.status, 404);
    let none = as_other(Request::get("/_/recordings")).await.json();
    assert_eq!(none, json!({ "recordings": [] }));
    let public = Config {
        recordings: crate::config::Recordings { public: true, ..config.recordings.clone() },
        ..development::config(5060, 8080, false, None)
    };
    api.shared.reload(&public);
    assert_eq!(ask(&api, Request::get(&url), None).await.status, 200);
    // Its sound alone.
    for request in [Request::get(format!("{url}.json")), Request::delete(&url)] {
        assert_eq!(ask(&api, request, None).await.status, 401);
    }
}

#[tokio::test]
async fn we_ask_ourselves_for_what_an_application_plays() {
    let api = with_recording().await;
    let path = format!("/_/recordings/{}.mp3", sid(1));
    let token = crate::config::Token::new(development::AUTH_TOKEN);
    let sign = |url: &str| crate::fetch::sign::signature(&token, url, &[]);
    let ask_with =
        |signed: String| ask(&api, Request::get(&path).header("X-Twilio-Signature", signed), None);
    let base = "http://127.0.0.1:8080";
    assert_eq!(ask_with(sign(&format!("{base}{path}"))).await.status, 200);
    // Signed for something else.
    for wrong in [sign(base), sign(&path), String::new()] {
        assert_eq!(ask_with(wrong).await.status, 401);
    }
    let about = format!("/_/recordings/{}.json", sid(1));
    let signed = sign(&format!("{base}{about}"));
    let request = Request::get(&about).header("X-Twilio-Signature", signed);
    assert_eq!(ask(&api, request, None).await.status, 401);
}

#[tokio::test]
async fn what_is_being_made_has_no_sound_yet() {
    let api = api();
    api.studio.begin(1, 1, false);
    let url = format!("/_/recordings/{}", sid(1));
    let answer = get(&api, &url).await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!(20_404)));
    let about = get(&api, &format!("{url}.json")).await.json();
    assert_eq!((&about["status"], &about["media_url"]), (&json!("in-progress"), &Value::Null));
    let token = Some(development::AUTH_TOKEN);
    assert_eq!(ask(&api, Request::delete(&url), token).await.status, 409);
}

#[tokio::test]
async fn it_can_be_removed() {
    let api = with_recording().await;
    let url = format!("/_/recordings/{}", sid(1));
    let token = Some(development::AUTH_TOKEN);
    assert_eq!(ask(&api, Request::delete(&url), token).await.status, 204);
    assert_eq!(ask(&api, Request::delete(&url), token).await.status, 404);
    assert_eq!(get(&api, &url).await.status, 404);
    assert_eq!(api.studio.files(), Vec::<String>::new());
}
