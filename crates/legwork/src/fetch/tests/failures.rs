//! One situation, one code: everything an application can do wrong.
//!
//! Not here: certificates (`tls`), time (`patience`).
//! Source: Twilio, "Error and Warning Dictionary".

use super::raw::{Act, Raw, answer, ask, document, fetcher, tell};
use super::*;

/// What an application answers, and the code it is worth: to a webhook, to a callback (0: none).
fn answers() -> Vec<(&'static str, String, u32, u32)> {
    let xml = "Content-Type: text/xml\r\n";
    let chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    let large = " ".repeat(64 * 1024 + 1);
    vec![
        ("404", answer(404, xml, HANGUP), 11_200, 15_003),
        ("500", answer(500, xml, HANGUP), 11_200, 15_003),
        ("300", answer(300, xml, HANGUP), 11_200, 11_200),
        ("304, not asked for", "HTTP/1.1 304 X\r\n\r\n".to_owned(), 11_200, 11_200),
        ("no HTTP", "SSH-2.0-OpenSSH_9.9\r\n".to_owned(), 11_251, 11_251),
        ("a bad status line", "HTTP/1.1 abc\r\n\r\n".to_owned(), 11_251, 11_251),
        ("two lengths", answer(200, "Content-Length: 1\r\n", HANGUP), 11_206, 11_206),
        ("an endless head", format!("HTTP/1.1 200 X\r\nA: {large}{large}"), 11_206, 11_206),
        ("a bad chunk", format!("{chunked}xyz\r\n"), 11_206, 0),
        ("chunked, empty", format!("{chunked}0\r\n\r\n"), 11_770, 0),
        ("another type", answer(200, "Content-Type: application/json\r\n", "{}"), 12_300, 0),
        ("no type", answer(200, "", HANGUP), 12_300, 0),
        (
            "gzip",
            answer(200, "Content-Type: text/xml\r\nContent-Encoding: gzip\r\n", "x"),
            12_300,
            0,
        ),
        ("64 kB and a byte", answer(200, xml, &large), 11_750, 0),
        ("a loop", answer(302, "Location: /\r\n", ""), 11_215, 11_215),
        ("a redirect without a Location", answer(302, "", ""), 11_216, 11_216),
        ("a redirect to another scheme", answer(307, "Location: ftp://x/\r\n", ""), 11_216, 11_216),
    ]
}

#[tokio::test]
async fn every_answer_has_its_code() {
    let fetcher = fetcher();
    for (situation, answer, to_webhook, to_callback) in answers() {
        let raw = Raw::saying(&answer).await;
        let failed = ask(&fetcher, &raw.base, Method::Post).await.unwrap_err();
        assert_eq!(failed.code, to_webhook, "{situation}: {}", failed.text);
        let told = tell(&fetcher, &raw.base).await;
        assert_eq!(told.unwrap_or(0), to_callback, "{situation}");
    }
}

#[tokio::test]
async fn connections_that_end() {
    let begun = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<Resp";
    let say = |text: &str| Act::Say(text.to_owned());
    let table = [
        ("without a word", vec![Act::Close], 11_205),
        ("with a reset", vec![Act::Reset], 11_205),
        ("within the head", vec![say("HTTP/1.1 200 OK\r\nConte"), Act::Close], 11_205),
        ("within the body", vec![say(begun), Act::Close], 11_206),
        (
            "within a chunk",
            vec![
                say(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<",
                ),
                Act::Close,
            ],
            11_206,
        ),
    ];
    let fetcher = fetcher();
    for (how, script, code) in table {
        let raw = Raw::new(vec![script]).await;
        let failed = ask(&fetcher, &raw.base, Method::Post).await.unwrap_err();
        assert_eq!(failed.code, code, "{how}: {}", failed.text);
        assert_eq!(raw.requests().len(), 1, "{how}: POST is not repeated unless asked for");
    }
}

#[tokio::test]
async fn urls_that_lead_nowhere() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let fetcher = fetcher();
    let table = [
        ("ftp://127.0.0.1/", 11_100),
        ("nonsense", 11_100),
        ("http://no-such-host.invalid/#rc=0", 11_210),
        (nobody.as_str(), 11_202),
        ("http://127.0.0.1/#rp=6xx", 11_243),
        ("http://127.0.0.1/#ct=soon", 11_243),
    ];
    for (url, code) in table {
        let failed = ask(&fetcher, url, Method::Post).await.unwrap_err();
        assert_eq!((failed.code, failed.status), (code, None), "{url}");
        assert_eq!(tell(&fetcher, url).await, Some(code), "{url}");
    }
}

#[tokio::test]
async fn too_much_is_said_of_too_little() {
    // Content-Length is less than what follows: the document is cut there, the connection not kept.
    let lies =
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 9\r\n\r\n<Response><Hangup/>";
    let raw = Raw::saying(lies).await;
    let fetcher = fetcher();
    let cut = ask(&fetcher, &raw.base, Method::Post).await.unwrap();
    assert_eq!(cut.problems.first().map(|problem| problem.code), Some(12_100));
    ask(&fetcher, &raw.base, Method::Post).await.unwrap();
    assert_eq!(raw.connections(), 2);
}

#[tokio::test]
async fn invalid_utf_8_is_a_problem_of_the_document() {
    let head = answer(200, "Content-Type: text/xml\r\n", "<Response>\n\u{fffd}</Response>");
    let mut bytes = head.into_bytes();
    let at = bytes.windows(3).position(|three| three == "\u{fffd}".as_bytes()).unwrap();
    bytes[at] = 0xff;
    let raw = Raw::new(vec![vec![Act::Bytes(bytes)]]).await;
    let read = ask(&fetcher(), &raw.base, Method::Post).await.unwrap();
    assert_eq!(read.problems.first().map(|problem| problem.code), Some(12_100));
}

#[tokio::test]
async fn empty_answers_are_empty_documents() {
    for empty in [answer(200, "Content-Type: text/xml\r\n", ""), answer(204, "", "")] {
        let raw = Raw::saying(&empty).await;
        let read = ask(&fetcher(), &raw.base, Method::Post).await.unwrap();
        assert!(read.program.verbs.is_empty() && read.problems.is_empty(), "{empty}");
    }
}

#[tokio::test]
async fn a_failure_says_where_and_what() {
    let raw = Raw::new(vec![
        vec![Act::Say(answer(302, "Location: /second\r\n", ""))],
        vec![Act::Say(answer(503, "", "busy"))],
    ])
    .await;
    let secret = raw.base.replace("http://", "http://me:secret@");
    let failed = ask(&fetcher(), &secret, Method::Post).await.unwrap_err();
    assert_eq!((failed.status, failed.url), (Some(503), format!("{}/second", raw.base)));
    assert!(!failed.text.contains("secret"), "{}", failed.text);
}

#[tokio::test]
async fn redirects_are_counted() {
    let hop = || vec![Act::Say(answer(302, "Location: /next\r\n", ""))];
    let mut scripts: Vec<_> = (0..limit::REDIRECTS_MAX).map(|_| hop()).collect();
    scripts.push(vec![Act::Say(document(""))]);
    let raw = Raw::new(scripts).await;
    assert!(ask(&fetcher(), &raw.base, Method::Post).await.is_ok());
    let looping = Raw::new(vec![hop()]).await;
    let failed = ask(&fetcher(), &looping.base, Method::Post).await.unwrap_err();
    assert_eq!((failed.code, looping.requests().len()), (11_215, limit::REDIRECTS_MAX + 1));
    assert_eq!(looping.connections(), 1, "redirects use the connection there is");
}

#[tokio::test]
async fn files_have_a_code_of_their_own() {
    let fetcher = fetcher();
    let gone = Raw::saying(&answer(404, "", "")).await;
    let failed = sound(&fetcher, development::ACCOUNT, &gone.base).await.unwrap_err();
    assert_eq!(failed.code, 11_217);
}
