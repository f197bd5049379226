//! Time-outs, retries, and applications that do not slow each other.
//!
//! Time is the runtime's and paused: it goes on when nothing else can, so that 15 s pass at once. The
//! sockets are real ones on loopback.
//! Source: Twilio, "Webhooks", "Connection overrides"; error codes 11203, 11205, 15002.

use super::raw::{Act, Raw, answer, ask, document, fetcher, tell};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn say(text: &str) -> Act {
    Act::Say(text.to_owned())
}

fn after(wait: Duration) -> Vec<Act> {
    vec![Act::Wait(wait), say(&document(""))]
}

/// The code an application is given that does this, and how long that took.
async fn code(url: &str) -> (u32, Duration) {
    let begun = tokio::time::Instant::now();
    let answered = ask(&fetcher(), url, Method::Post).await;
    (answered.map_or_else(|error| error.code, |_| 0), begun.elapsed())
}

fn about(took: Duration, expected: f64) -> bool {
    (took.as_secs_f64() - expected).abs() < 0.05
}

#[tokio::test(start_paused = true)]
async fn fifteen_seconds_and_not_more() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 30\r\n\r\n";
    let trickle = |byte: Duration| {
        let bytes = HANGUP.chars().flat_map(move |c| [Act::Wait(byte), say(&c.to_string())]);
        [say(head)].into_iter().chain(bytes).collect::<Vec<_>>()
    };
    let table = [
        ("answers at 14.9 s", after(Duration::from_millis(14_900)), "", 0, 14.9),
        ("answers at 15.1 s", after(Duration::from_millis(15_100)), "", 11_205, 15.0),
        ("hangs", vec![Act::Hang], "", 11_205, 15.0),
        ("sends the head only", vec![say(head), Act::Hang], "", 11_203, 15.0),
        ("two bytes a second", trickle(SECOND / 2), "", 11_203, 15.0),
        ("three bytes a second", trickle(SECOND / 3), "", 0, 10.0),
        ("rt: answers in time", after(SECOND), "#rt=1100", 0, 1.0),
        ("rt: answers too late", after(SECOND), "#rt=900", 11_205, 0.9),
        ("rt: each piece counts alone", trickle(SECOND / 3), "#rt=400", 0, 10.0),
        ("rt: a piece is late", trickle(SECOND / 2), "#rt=400", 11_205, 0.4),
        ("tt: all of it counts", trickle(SECOND / 3), "#tt=2000", 11_203, 2.0),
        ("tt: nothing came", vec![Act::Hang], "#tt=2000", 11_205, 2.0),
        ("tt never beyond the ceiling", vec![Act::Hang], "#tt=15000&rt=15000", 11_205, 15.0),
    ];
    assert_eq!(HANGUP.len(), 30);
    for (what, script, fragment, expected, seconds) in table {
        let raw = Raw::new(vec![script]).await;
        let (code, took) = code(&format!("{}/x{fragment}", raw.base)).await;
        assert_eq!(code, expected, "{what}");
        assert!(about(took, seconds), "{what}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shorter_ceiling_holds_for_overrides_too() {
    let raw = Raw::new(vec![vec![Act::Hang]]).await;
    let mut config = config(true);
    config.http.webhook_timeout = SECOND;
    let fetcher = Fetcher::new(&config).unwrap();
    let begun = tokio::time::Instant::now();
    let url = format!("{}/#tt=9000&rt=9000", raw.base);
    assert_eq!(ask(&fetcher, &url, Method::Post).await.unwrap_err().code, 11_205);
    assert!(about(begun.elapsed(), 1.0));
}

#[tokio::test(start_paused = true)]
async fn retries_are_as_many_as_asked_for() {
    let bad = |status| vec![say(&answer(status, "", "no"))];
    let table: [(&str, Vec<Act>, usize, u32); 15] = [
        ("", bad(500), 1, 11_200),
        ("#rp=5xx", bad(500), 2, 11_200),
        ("#rp=5xx&rc=0", bad(500), 1, 11_200),
        ("#rp=5xx&rc=5", bad(503), 6, 11_200),
        ("#rp=5xx&rc=9", bad(503), 6, 11_200),
        ("#rp=4xx&rc=2", bad(500), 1, 11_200),
        ("#rp=4xx&rc=2", bad(404), 3, 11_200),
        ("#rp=all", bad(404), 2, 11_200),
        ("#rp=all", bad(300), 2, 11_200),
        ("", vec![Act::Close], 1, 11_205),
        ("#rp=rt", vec![Act::Close], 2, 11_205),
        ("#rp=rt&rt=500&rc=3", vec![Act::Hang], 4, 11_205),
        ("#rp=all&rc=3&rt=1000&tt=2500", vec![Act::Hang], 3, 11_203),
        ("#rp=all", vec![say("nonsense\r\n\r\n"), Act::Close], 2, 11_251),
        ("#rp=all", vec![say(&answer(302, "", ""))], 1, 11_216),
    ];
    for (fragment, script, requests, expected) in table {
        let raw = Raw::new(vec![script]).await;
        let url = format!("{}/x?y{fragment}", raw.base);
        assert_eq!(code(&url).await.0, expected, "{fragment}");
        let seen = raw.requests();
        assert_eq!(seen.len(), requests, "{fragment}");
        assert!(seen.iter().all(|request| request.starts_with("POST /x?y HTTP/1.1\r\n")));
        let tokens = raw.header("I-Twilio-Idempotency-Token");
        assert!(tokens.iter().all(|token| token.len() == 36 && *token == tokens[0]), "{tokens:?}");
    }
}

#[tokio::test]
async fn a_second_try_saves_the_call() {
    let good = vec![say(&document(""))];
    let raw = Raw::new(vec![vec![say(&answer(503, "", ""))], good.clone()]).await;
    let fetcher = fetcher();
    let url = format!("{}/#rp=5xx", raw.base);
    assert!(ask(&fetcher, &url, Method::Post).await.is_ok());
    let callback = Raw::new(vec![vec![say(&answer(503, "", ""))], good.clone()]).await;
    assert_eq!(tell(&fetcher, &format!("{}/#rp=5xx", callback.base)).await, None);
    assert_eq!(callback.requests().len(), 2);
    // The retry after a redirect asks where that led.
    let moved = vec![say(&answer(307, "Location: /there\r\n", ""))];
    let raw = Raw::new(vec![moved, vec![say(&answer(500, "", ""))], good]).await;
    assert!(ask(&fetcher, &format!("{}/#rp=5xx", raw.base), Method::Post).await.is_ok());
    let lines: Vec<_> = raw.requests().iter().map(|r| r[..11].to_owned()).collect();
    assert_eq!(lines, ["POST / HTTP", "POST /there", "POST /there"]);
}

#[tokio::test(start_paused = true)]
async fn silence_at_connecting_has_its_time() {
    // Nobody accepts, and one connection fills the queue: the next SYN is dropped.
    let full = tokio::net::TcpSocket::new_v4().unwrap();
    full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = full.listen(0).unwrap();
    let silent = full.local_addr().unwrap();
    let _fills = tokio::net::TcpStream::connect(silent).await.unwrap();
    let table = [
        ("", 11_201, 10.0),
        ("#rc=0", 11_201, 5.0),
        ("#ct=500", 11_201, 1.0),
        ("#ct=500&rc=3", 11_201, 2.0),
        ("#ct=10000&rp=5xx", 11_201, 10.0),
        ("#ct=10000", 11_203, 15.0),
        ("#tt=1000", 11_203, 1.0),
    ];
    for (fragment, expected, seconds) in table {
        let (code, took) = code(&format!("http://{silent}/{fragment}")).await;
        assert_eq!(code, expected, "{fragment}");
        assert!(about(took, seconds), "{fragment}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_application_does_not_slow_another() {
    let slow = Raw::new(vec![vec![Act::Hang]]).await;
    let quick = Raw::saying(&document("")).await;
    let fetcher = fetcher();
    let mut stalled = tokio::task::JoinSet::new();
    let more = 3;
    for n in 0..limit::FETCHES_PER_HOST + more {
        // Those that come last give up first: nobody's place is free by then.
        let fragment = if n < limit::FETCHES_PER_HOST { "" } else { "#tt=5000" };
        let (fetcher, url) = (fetcher.clone(), format!("{}/{fragment}", slow.base));
        stalled.spawn(async move { ask(&fetcher, &url, Method::Post).await.unwrap_err().code });
    }
    while fetcher.0.ground.pool.waiting() < more || slow.requests().len() < limit::FETCHES_PER_HOST
    {
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.connections(), limit::FETCHES_PER_HOST);
    let begun = tokio::time::Instant::now();
    for _ in 0..10 {
        assert!(ask(&fetcher, &quick.base, Method::Post).await.is_ok());
    }
    assert!(begun.elapsed() < SECOND);
    // Callbacks to the slow one that are not even sent are told as such.
    assert_eq!(tell(&fetcher, &format!("{}/#tt=1000", slow.base)).await, Some(15_002));
    let mut codes = [0, 0];
    while let Some(code) = stalled.join_next().await {
        match code.unwrap() {
            11_205 => codes[0] += 1,
            11_200 => codes[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(codes, [limit::FETCHES_PER_HOST, more], "sent, and waiting to be sent");
}

#[tokio::test(start_paused = true)]
async fn connections_are_kept_for_a_while() {
    let raw = Raw::saying(&document("")).await;
    let fetcher = fetcher();
    for _ in 0..3 {
        ask(&fetcher, &raw.base, Method::Post).await.unwrap();
    }
    assert_eq!((raw.connections(), fetcher.connections()), (1, 1));
    tokio::time::sleep(limit::IDLE_TIMEOUT + limit::IDLE_SWEEP).await;
    assert_eq!(fetcher.connections(), 0);
    ask(&fetcher, &raw.base, Method::Post).await.unwrap();
    assert_eq!(raw.connections(), 2);
}

#[tokio::test]
async fn connections_closed_behind_our_back_cost_nothing() {
    let raw = Raw::new(vec![vec![say(&document("")), Act::Close]]).await;
    let fetcher = fetcher();
    for n in 1..4 {
        assert!(ask(&fetcher, &raw.base, Method::Post).await.is_ok());
        assert_eq!((raw.connections(), raw.requests().len()), (n, n));
    }
}
