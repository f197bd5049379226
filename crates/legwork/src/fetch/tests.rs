//! Requests to applications on loopback, seen from both sides.
//!
//! Here: what is sent and what is made of good answers. `failures`: one situation, one code; `tls`:
//! certificates; `patience`: time-outs, retries, queues; `memory`: cookies, caches, credentials.

mod docs;
mod failures;
mod memory;
mod patience;
mod raw;
mod tls;

use std::sync::Mutex as StdMutex;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http_body_util::BodyExt as _;
use legwork_call::config::Hook;
use legwork_call::io::FetchId;
use legwork_call::sid::CallSid;
use legwork_twiml::{Method, Verb};

use super::*;
use crate::config::{Token, development};
use crate::fetch::sign::signature;
use crate::limit;

const HANGUP: &str = "<Response><Hangup/></Response>";

/// One request as the application saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    line: String,
    body: String,
    signature: String,
    authorization: String,
}

type Log = Arc<StdMutex<Vec<Seen>>>;

/// All that is poured out of a sound.
async fn sound(fetcher: &Fetcher, account: AccountSid, url: &str) -> Result<Vec<u8>, Failure> {
    let (pour, mut pieces) = Pour::new();
    let fetching = async move { fetcher.sound(account, url, &pour).await };
    let taking = async move {
        let mut all = Vec::new();
        while let Some(piece) = pieces.recv().await {
            if let pour::Piece::Bytes(bytes) = piece {
                all.extend_from_slice(&bytes);
            }
        }
        all
    };
    let (fetched, all) = tokio::join!(fetching, taking);
    fetched.map(|_| all)
}

/// An application that answers by path. Gives its address and what it saw.
async fn application() -> (String, Log) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let seen = Arc::clone(&log);
    let router = Router::new().fallback(move |request: Request| answer(request, Arc::clone(&seen)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, log)
}

async fn answer(request: Request, log: Log) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let header = |name: &str| {
        let value = parts.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    log.lock().unwrap().push(Seen {
        line: format!("{} {}", parts.method, parts.uri),
        body,
        signature: header("X-Twilio-Signature"),
        authorization: header(AUTHORIZATION.as_str()),
    });
    let redirect = |status: u16, to: &str| {
        Response::builder().status(status).header(LOCATION, to).body(Body::empty()).unwrap()
    };
    let typed = |content_type: &str, body: &str| {
        let response = Response::builder().header(CONTENT_TYPE, content_type);
        response.body(Body::from(body.to_owned())).unwrap()
    };
    match parts.uri.path() {
        "/301" => redirect(301, "/end"),
        "/302" => redirect(302, "/end"),
        "/303" => redirect(303, "/end"),
        "/307" => redirect(307, "/end?other=1"),
        "/308" => redirect(308, "/end"),
        "/500" => Response::builder().status(500).body(Body::from("no")).unwrap(),
        "/204" => Response::builder().status(204).body(Body::empty()).unwrap(),
        "/json" => typed("application/json", "{}"),
        "/audio" => typed("audio/wav", "RIFF"),
        "/largest" => typed("text/plain", &" ".repeat(64 * 1024)),
        "/too-large" => typed("text/xml", &" ".repeat(64 * 1024 + 1)),
        _ => typed("text/xml", HANGUP),
    }
}

fn config(private: bool) -> Config {
    let mut config = development::config(5060, 8080, false, None);
    config.http.allow_private_webhooks = private;
    config
}

fn request(url: &str, method: Method, expects: Expects) -> Fetch {
    Fetch {
        id: FetchId(1),
        account: development::ACCOUNT,
        call: CallSid::from_bits(1),
        hook: Hook { url: url.to_owned(), method },
        parameters: vec![("From".into(), "+1".to_owned()), ("A".into(), "b c".to_owned())],
        expects,
    }
}

async fn fetch(url: &str, method: Method) -> Result<Document, FetchError> {
    let fetcher = Fetcher::new(&config(true)).unwrap();
    fetcher.fetch(request(url, method, Expects::Document)).await.unwrap()
}

fn signed(url: &str, parameters: &[Parameter]) -> String {
    signature(&Token::new(development::AUTH_TOKEN), url, parameters)
}

#[tokio::test]
async fn p12_parameters_arrive_signed() {
    let (base, log) = application().await;
    let parameters = request("", Method::Post, Expects::Document).parameters;
    let document = fetch(&format!("{base}/x?y=1#rc=2"), Method::Post).await.unwrap();
    assert_eq!(document.program.verbs, [Verb::Hangup(legwork_twiml::Hangup::default())]);
    assert_eq!(document.url, format!("{base}/x?y=1"));
    fetch(&format!("{base}/x?y=1"), Method::Get).await.unwrap();
    let credentials = base.replace("http://", "http://me:p%40ss@");
    let document = fetch(&format!("{credentials}/x"), Method::Post).await.unwrap();
    // What its relative URLs are resolved against needs the credentials, too.
    assert_eq!(document.url, format!("{credentials}/x"));
    let seen = log.lock().unwrap().clone();
    let get = "/x?y=1&From=%2B1&A=b+c";
    let expected = [
        Seen {
            line: "POST /x?y=1".to_owned(),
            body: "From=%2B1&A=b+c".to_owned(),
            signature: signed(&format!("{base}/x?y=1"), &parameters),
            authorization: String::new(),
        },
        Seen {
            line: format!("GET {get}"),
            body: String::new(),
            signature: signed(&format!("{base}{get}"), &[]),
            authorization: String::new(),
        },
        Seen {
            line: "POST /x".to_owned(),
            body: "From=%2B1&A=b+c".to_owned(),
            signature: signed(&format!("{credentials}/x"), &parameters),
            authorization: "Basic bWU6cEBzcw==".to_owned(),
        },
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn redirects_are_followed_and_signed_anew() {
    let (base, log) = application().await;
    let table = [
        ("/301?q=1", "GET /end?q=1", ""),
        ("/302", "GET /end", ""),
        ("/303", "GET /end", ""),
        ("/307?q=1", "POST /end?other=1", "From=%2B1&A=b+c"),
        ("/308?q=1", "POST /end?q=1", "From=%2B1&A=b+c"),
    ];
    let parameters = request("", Method::Post, Expects::Document).parameters;
    for (path, line, body) in table {
        let document = fetch(&format!("{base}{path}"), Method::Post).await.unwrap();
        let last = log.lock().unwrap().last().unwrap().clone();
        assert_eq!((last.line.as_str(), last.body.as_str()), (line, body), "{path}");
        let parameters = if body.is_empty() { &[][..] } else { &parameters };
        assert_eq!(last.signature, signed(&document.url, parameters), "{path}");
    }
}

#[tokio::test]
async fn answers_of_every_kind_are_used() {
    let (base, _) = application().await;
    let empty = fetch(&format!("{base}/204"), Method::Post).await.unwrap();
    assert_eq!((empty.program.verbs, empty.status), (Vec::new(), 204));
    let audio = fetch(&format!("{base}/audio"), Method::Post).await.unwrap();
    let [Verb::Play(play)] = audio.program.verbs.as_slice() else { panic!("{audio:?}") };
    assert_eq!(play.url, format!("{base}/audio"));
    let said = fetch(&format!("{base}/largest"), Method::Post).await.unwrap();
    assert!(matches!(said.program.verbs.as_slice(), [Verb::Say(_)]));
}

#[tokio::test]
async fn callbacks_are_told_of_only_when_refused() {
    let (base, _) = application().await;
    let fetcher = Fetcher::new(&config(true)).unwrap();
    for path in ["/x", "/204", "/json", "/too-large"] {
        let callback = request(&format!("{base}{path}"), Method::Post, Expects::Nothing);
        assert!(fetcher.fetch(callback).await.is_none(), "{path}");
    }
    let refused = request(&format!("{base}/500"), Method::Post, Expects::Nothing);
    assert_eq!(fetcher.fetch(refused).await.unwrap().unwrap_err().code, 15_003);
}

#[tokio::test]
async fn private_addresses_are_unreachable_unless_allowed() {
    let (base, log) = application().await;
    let fetcher = Fetcher::new(&config(false)).unwrap();
    let spelled = |host| base.replace("127.0.0.1", host);
    let spellings = ["localhost", "2130706433", "0x7f.1", "0177.0.0.1", "1.1.1.1@127.0.0.1", "0"]
        .into_iter()
        .chain(["[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "127。0。0。1", "169.254.169.254"]);
    for url in spellings.map(spelled).chain([base.clone()]) {
        let asked = request(&format!("{url}/x"), Method::Post, Expects::Document);
        let error = fetcher.fetch(asked).await.unwrap().unwrap_err();
        assert_eq!(error.code, 11_200);
        assert!(error.text.contains("allow_private_webhooks"), "{}", error.text);
    }
    assert_eq!(*log.lock().unwrap(), []);
    fetcher.reload(&config(true));
    let asked = request(&format!("{base}/x"), Method::Post, Expects::Document);
    assert!(fetcher.fetch(asked).await.unwrap().is_ok());
    assert_eq!(fetcher.connections(), 1);
    fetcher.reload(&config(false));
    let asked = request(&format!("{base}/x"), Method::Post, Expects::Document);
    let refused = fetcher.fetch(asked).await.unwrap();
    assert!(refused.is_err(), "not even over the connection there was");
}
