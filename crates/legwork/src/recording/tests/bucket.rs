//! The object store: a small S3 server on loopback, which may be slow, broken or away.
//!
//! Not here: the folder.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::studio::{CALL, MINE, Studio, sid, tap};
use super::*;
use crate::config::{Bucket, BucketUrl, Token};
use crate::recording::card::tests::card;

/// What the server has, and how it feels.
#[derive(Default)]
struct Shop {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    parts: Mutex<BTreeMap<usize, Vec<u8>>>,
    /// Requests that are still answered with 500.
    failing: Mutex<usize>,
    /// Answered only when somebody says so.
    slow: Mutex<bool>,
    go_on: Notify,
    asked: Mutex<Vec<String>>,
}

struct Server {
    shop: Arc<Shop>,
    url: String,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shop = Arc::new(Shop::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shop));
        tokio::spawn(crate::api::connection::serve(listener, router, 64));
        Self { shop, url }
    }

    fn config(&self, config: &mut config::Recordings) {
        config.store = Some(Bucket {
            url: BucketUrl { bucket: "bank".to_owned(), prefix: "calls".to_owned() },
            endpoint: Some(self.url.clone()),
            region: "us-east-1".to_owned(),
            access_key: "key".to_owned(),
            password: Token::new("secret"),
            keep_local: false,
        });
    }

    fn names(&self) -> Vec<String> {
        let name = |path: &String| path.replace(&sid(1).to_string(), "one");
        self.shop.objects.lock().unwrap().keys().map(name).collect()
    }

    async fn has(&self, studio: &Studio, n: usize) {
        studio.until("the store has it", || self.names().len() == n).await;
    }
}

/// PUT, GET, HEAD, DELETE and uploads in parts, as S3 has them.
async fn answer(State(shop): State<Arc<Shop>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or("").to_owned();
    shop.asked.lock().unwrap().push(format!("{} {} {query}", head.method, head.uri.path()));
    let signed = head.headers.get("authorization").map_or("", |value| value.to_str().unwrap());
    assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=key/"), "{signed}");
    assert!(head.headers.contains_key("host"));
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    if *shop.slow.lock().unwrap() {
        shop.go_on.notified().await;
    }
    {
        let mut failing = shop.failing.lock().unwrap();
        if *failing > 0 {
            *failing -= 1;
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    }
    let path = head.uri.path().to_owned();
    let mut objects = shop.objects.lock().unwrap();
    let tag = [("etag", "\"tag\"")];
    match head.method {
        Method::PUT if query.contains("partNumber") => {
            let number = query.split("partNumber=").nth(1).unwrap().split('&').next().unwrap();
            shop.parts.lock().unwrap().insert(number.parse().unwrap(), body);
            tag.into_response()
        }
        Method::PUT => {
            objects.insert(path, body);
            tag.into_response()
        }
        Method::POST if query.starts_with("uploads") => {
            "<InitiateMultipartUploadResult><Bucket>bank</Bucket><Key>k</Key>\
             <UploadId>u</UploadId></InitiateMultipartUploadResult>"
                .into_response()
        }
        Method::POST => {
            let parts = std::mem::take(&mut *shop.parts.lock().unwrap());
            objects.insert(path, parts.into_values().flatten().collect());
            "<CompleteMultipartUploadResult><Bucket>bank</Bucket><Key>k</Key>\
             <ETag>\"tag\"</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        Method::DELETE => {
            objects.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => {
            let Some(object) = objects.get(&path) else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let modified = ("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT".to_owned());
            let range = head.headers.get("range").map(|value| value.to_str().unwrap().to_owned());
            let Some(range) = range else {
                let size = ("content-length", object.len().to_string());
                return ([modified, size], tag, Body::from(object.clone())).into_response();
            };
            let (from, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            let (from, last): (usize, usize) = (from.parse().unwrap(), last.parse().unwrap());
            let last = last.min(object.len() - 1);
            let told = ("content-range", format!("bytes {from}-{last}/{}", object.len()));
            let part = object[from..=last].to_vec();
            (StatusCode::PARTIAL_CONTENT, [modified, told], tag, part).into_response()
        }
    }
}

async fn record(studio: &mut Studio, n: u64) {
    studio.begin(n, 1, false);
    studio.say(n, &[5; 8_000]).await;
    assert_eq!(studio.told().await, (tap(n), recorded(1_000)));
}

async fn bytes(media: &Media) -> Vec<u8> {
    use object_store::ObjectStoreExt as _;
    media.store.get(&media.at).await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn what_is_complete_goes_to_the_store_and_is_served_from_there() {
    let server = Server::start().await;
    let mut studio = Studio::with("s3", |config| server.config(config));
    record(&mut studio, 1).await;
    server.has(&studio, 2).await;
    let below = format!("/bank/calls/{MINE}");
    assert_eq!(server.names(), [format!("{below}/one.json"), format!("{below}/one.wav")]);
    studio.until("nothing but its card is here", || studio.files() == ["1.json"]).await;
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert_eq!(card.place, Place::Store);
    let wav = studio.recordings.media(&card, false, None).await.unwrap();
    assert_eq!(studio::channels(&bytes(&wav).await), [vec![5; 8_000]]);
    // What is made of it goes there, too, and is made once.
    for _ in 0..2 {
        let mp3 = studio.recordings.media(&card, true, None).await.unwrap();
        assert_eq!(bytes(&mp3).await[..2], [0xff, 0xe3]);
        assert_eq!(server.names().len(), 3);
    }
    assert_eq!(studio.files(), ["1.json"]);
    // After a restart it is where it was.
    let studio = studio.again();
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert_eq!((card.place, card.call), (Place::Store, CALL));
    studio.recordings.delete(&card).await.unwrap();
    assert_eq!((server.names(), studio.files()), (vec![], vec![]));
}

#[tokio::test]
async fn a_store_that_fails_is_asked_again() {
    let server = Server::start().await;
    *server.shop.failing.lock().unwrap() = 6;
    let mut studio = Studio::with("s3-fails", |config| server.config(config));
    record(&mut studio, 1).await;
    // It is served from here meanwhile.
    let card = studio.recordings.find(sid(1)).await.unwrap();
    assert!(studio.recordings.media(&card, false, None).await.is_ok());
    server.has(&studio, 2).await;
    let alerts = studio.store.alerts(MINE, 0);
    let codes: Vec<u32> = alerts.iter().map(|alert| alert.alert.code).collect();
    assert_eq!(codes, [16_111]);
    assert_eq!(alerts[0].alert.call, Some(CALL));
    studio.until("nothing but its card is here", || studio.files() == ["1.json"]).await;
}

#[tokio::test]
async fn a_slow_store_holds_up_nobody() {
    let server = Server::start().await;
    *server.shop.slow.lock().unwrap() = true;
    let mut studio = Studio::with("s3-slow", |config| server.config(config));
    for n in 1..=6 {
        record(&mut studio, n).await;
    }
    assert_eq!(server.names(), Vec::<String>::new());
    *server.shop.slow.lock().unwrap() = false;
    server.shop.go_on.notify_waiters();
    server.has(&studio, 12).await;
}

#[tokio::test]
async fn what_did_not_get_there_goes_at_the_next_start() {
    let server = Server::start().await;
    // At first there is no store.
    let mut studio = Studio::new("s3-later");
    record(&mut studio, 1).await;
    let mut config = config::development::config(5060, 8080, false, None).recordings;
    config.folder.clone_from(&studio.folder);
    server.config(&mut config);
    config.store.as_mut().unwrap().keep_local = true;
    studio.leave();
    let studio = Studio::of(config);
    server.has(&studio, 2).await;
    studio
        .until("its card says so", || {
            studio.recordings.list(MINE, None, 1)[0].place == Place::Store
        })
        .await;
    studio.until("its sound is here, too", || studio.files() == ["1.json", "1.wav"]).await;
}

#[tokio::test]
async fn long_recordings_go_in_parts() {
    let server = Server::start().await;
    let mut config = config::development::config(5060, 8080, false, None).recordings;
    server.config(&mut config);
    let wire = Wire::new(crate::fetch::tls().unwrap());
    let bucket = super::super::Bucket::new(config.store.as_ref().unwrap(), wire).unwrap();
    let name = format!("legwork-bucket-{}", std::process::id());
    let (from, to) = (std::env::temp_dir().join(&name), std::env::temp_dir().join(name + ".back"));
    for size in [0, limit::UPLOAD_PART - 1, limit::UPLOAD_PART, 2 * limit::UPLOAD_PART + 7] {
        let bytes: Vec<u8> = (0..size).map(|n| (n / 1_000) as u8).collect();
        std::fs::write(&from, &bytes).unwrap();
        bucket.put(&card(1), "wav", "audio/wav", &from).await.unwrap();
        bucket.fetch(&card(1), "wav", &to).await.unwrap();
        assert!(std::fs::read(&to).unwrap() == bytes, "{size}");
    }
    let asked = server.shop.asked.lock().unwrap().join("\n");
    assert!(asked.contains("uploads") && asked.contains("partNumber=3"), "{asked}");
    bucket.remove(&card(1), "wav").await.unwrap();
    bucket.remove(&card(1), "wav").await.unwrap();
    let missing = bucket.fetch(&card(1), "wav", &to).await.unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    [from, to].iter().for_each(|path| std::fs::remove_file(path).unwrap());
}
