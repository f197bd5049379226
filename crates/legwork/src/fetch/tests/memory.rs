//! What is remembered between requests: cookies of a call, answers to GET; and credentials.
//!
//! Not here: the rules of each (`cookies`, `cache`, `credentials`).
//! Source: Twilio, "Webhooks": cookies, caching, HTTP authentication, idempotency.

use super::raw::{Act, Raw, answer, ask, document, fetcher, tell};
use super::*;

async fn ask_for(fetcher: &Fetcher, call: u128, url: &str) {
    let mut fetch = request(url, Method::Post, Expects::Document);
    fetch.call = CallSid::from_bits(call);
    fetcher.fetch(fetch).await.unwrap().unwrap();
}

#[tokio::test]
async fn cookies_belong_to_one_call_and_its_documents() {
    let raw = Raw::new(vec![
        vec![Act::Say(answer(302, "Location: /b\r\nSet-Cookie: a=1; Path=/\r\n", ""))],
        vec![Act::Say(document("Set-Cookie: b=2; Path=/\r\nSet-Cookie: c=3; Path=/other\r\n"))],
        vec![Act::Say(document(""))],
    ])
    .await;
    let fetcher = fetcher();
    ask_for(&fetcher, 1, &raw.base).await;
    ask_for(&fetcher, 1, &raw.base).await;
    ask_for(&fetcher, 2, &raw.base).await;
    assert_eq!(tell(&fetcher, &raw.base).await, None);
    sound(&fetcher, development::ACCOUNT, &raw.base).await.unwrap();
    fetcher.call_ended(CallSid::from_bits(1));
    ask_for(&fetcher, 1, &raw.base).await;
    let sent = raw.header("Cookie");
    assert_eq!(sent, ["", "a=1", "a=1; b=2", "", "", "", ""]);
}

#[tokio::test]
async fn callbacks_set_no_cookies() {
    let raw = Raw::saying(&document("Set-Cookie: a=1\r\n")).await;
    let fetcher = fetcher();
    assert_eq!(tell(&fetcher, &raw.base).await, None);
    ask_for(&fetcher, 1, &raw.base).await;
    assert_eq!(raw.header("Cookie"), ["", ""]);
}

#[tokio::test]
async fn tokens_tell_requests_apart() {
    let raw = Raw::saying(&document("")).await;
    let fetcher = fetcher();
    for _ in 0..3 {
        ask_for(&fetcher, 1, &raw.base).await;
    }
    sound(&fetcher, development::ACCOUNT, &raw.base).await.unwrap();
    let mut tokens = raw.header("I-Twilio-Idempotency-Token");
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
    assert!(raw.header("traceparent").iter().all(String::is_empty), "only where it is wanted");
}

#[tokio::test]
async fn all_requests_of_a_call_are_one_trace() {
    let raw = Raw::saying(&document("")).await;
    let mut config = config(true);
    config.http.traceparent = true;
    let fetcher = Fetcher::new(&config).unwrap();
    ask_for(&fetcher, 0xab, &raw.base).await;
    ask_for(&fetcher, 0xab, &raw.base).await;
    let [first, second] = raw.header("traceparent").try_into().unwrap();
    assert_eq!(first[..36], *"00-000000000000000000000000000000ab-");
    assert_eq!((&first[..36], &first[52..]), (&second[..36], "-01"));
    assert_ne!(first, second);
}

#[tokio::test]
async fn answers_to_get_are_asked_about_again() {
    let not_modified = "HTTP/1.1 304 X\r\nETag: \"1\"\r\n\r\n";
    let raw = Raw::new(vec![
        vec![Act::Say(document("ETag: \"1\"\r\nLast-Modified: then\r\n"))],
        vec![Act::Say(not_modified.to_owned())],
        vec![Act::Say(document("ETag: \"2\"\r\nCache-Control: no-store\r\n"))],
        vec![Act::Say(document(""))],
    ])
    .await;
    let fetcher = fetcher();
    for _ in 0..4 {
        let document = ask(&fetcher, &raw.base, Method::Get).await.unwrap();
        assert_eq!(
            (document.program.verbs, document.status),
            (vec![Verb::Hangup(legwork_twiml::Hangup::default())], 200)
        );
    }
    assert_eq!(raw.header("If-None-Match"), ["", "\"1\"", "\"1\"", ""]);
    assert_eq!(raw.header("If-Modified-Since"), ["", "then", "then", ""]);
    assert_eq!(raw.connections(), 1);
}

#[tokio::test]
async fn posts_and_other_accounts_share_nothing() {
    let raw = Raw::saying(&document("ETag: \"1\"\r\n")).await;
    let fetcher = fetcher();
    ask(&fetcher, &raw.base, Method::Post).await.unwrap();
    ask(&fetcher, &raw.base, Method::Post).await.unwrap();
    for account in [AccountSid::from_bits(0), AccountSid::from_bits(7)] {
        sound(&fetcher, account, &raw.base).await.unwrap();
    }
    assert!(raw.header("If-None-Match").iter().all(String::is_empty));
    let again = sound(&fetcher, AccountSid::from_bits(7), &raw.base).await.unwrap();
    assert_eq!(again, HANGUP.as_bytes());
    assert_eq!(raw.header("If-None-Match").last().unwrap(), "\"1\"");
}

fn unauthorized(challenge: &str) -> Vec<Act> {
    vec![Act::Say(answer(401, &format!("WWW-Authenticate: {challenge}\r\n"), "no"))]
}

#[tokio::test]
async fn digests_are_answered() {
    let first = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", algorithm=MD5";
    let stale = "Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", algorithm=MD5, stale=true";
    let good = vec![Act::Say(document(""))];
    let table = [
        ("at once", vec![good.clone()], 1, None),
        ("after a challenge", vec![unauthorized(first), good.clone()], 2, None),
        (
            "after a stale nonce",
            vec![unauthorized(first), unauthorized(stale), good.clone()],
            3,
            None,
        ),
        ("never", vec![unauthorized(first)], 2, Some(401)),
        ("never, always stale", vec![unauthorized(first), unauthorized(stale)], 3, Some(401)),
        ("never, by Basic", vec![unauthorized("Basic realm=\"r\"")], 1, Some(401)),
        (
            "an unknown algorithm",
            vec![unauthorized("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256")],
            1,
            Some(401),
        ),
    ];
    for (how, scripts, requests, status) in table {
        let raw = Raw::new(scripts).await;
        let url = format!("{}/x?y=1", raw.base.replace("http://", "http://me:p%40ss@"));
        let answered = ask(&fetcher(), &url, Method::Post).await;
        assert_eq!(answered.err().and_then(|error| error.status), status, "{how}");
        let sent = raw.header("Authorization");
        assert_eq!(sent.len(), requests, "{how}");
        assert_eq!(sent[0], "Basic bWU6cEBzcw==", "{how}");
        for (digest, nonce) in sent.iter().skip(1).zip(["n1", "n2"]) {
            let begin =
                format!("Digest username=\"me\", realm=\"r\", nonce=\"{nonce}\", uri=\"/x?y=1\"");
            assert!(digest.starts_with(&begin) && digest.contains("nc=00000001"), "{digest}");
        }
    }
    let nobody = Raw::new(vec![unauthorized(first)]).await;
    assert_eq!(ask(&fetcher(), &nobody.base, Method::Post).await.unwrap_err().status, Some(401));
    assert_eq!(nobody.requests().len(), 1, "no credentials, no answer");
}

#[tokio::test]
async fn digests_are_right() {
    // RFC 7616 §3.9.1 with a count and a nonce of our own is checked in `legwork-sip`; here: that the
    // right password, method and target go into it.
    let challenge = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256";
    let raw = Raw::new(vec![unauthorized(challenge), vec![Act::Say(document(""))]]).await;
    let url = format!("{}/x", raw.base.replace("http://", "http://me:secret@"));
    ask(&fetcher(), &url, Method::Post).await.unwrap();
    use sha2::{Digest as _, Sha256};
    let hash = |text: String| -> String {
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let (ha1, ha2) = (hash("me:r:secret".to_owned()), hash("POST:/x".to_owned()));
    let expected = format!("response=\"{}\"", hash(format!("{ha1}:n:{ha2}")));
    let sent = raw.header("Authorization").pop().unwrap();
    assert!(sent.contains(&expected), "{sent}");
}
