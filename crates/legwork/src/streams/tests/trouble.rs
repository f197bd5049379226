//! What applications do wrong: each has its code, and the call goes on.
//!
//! Source: Twilio's error codes 319xx; RFC 6455.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;

/// An application that is never there: the code it gets.
async fn unreachable(url: &str, allow_private: bool) -> u32 {
    let mut stage = Stage::with(|config| config.http.allow_private_webhooks = allow_private);
    stage.begin(TAP, url);
    let (code, goes_on) = stage.told_code().await;
    assert!(!goes_on);
    stage.is_empty().await;
    code
}

#[tokio::test]
async fn who_is_not_there() {
    let nobody = Application::new().await;
    let url = nobody.url.clone();
    drop(nobody);
    let wss = url.replace("ws:", "wss:");
    let table = [
        (url.as_str(), true, 31_902),
        (&url, false, 31_922),
        (&wss, false, 31_904),
        ("ws://nobody.invalid/", true, 31_904),
        ("ftp://127.0.0.1/", true, 31_922),
        ("no url", true, 31_923),
        ("ws://127.0.0.1:99999/", true, 31_923),
    ];
    for (url, allow_private, expected) in table {
        assert_eq!(unreachable(url, allow_private).await, expected, "{url}");
    }
}

/// What an application does with a connection.
enum Raw {
    /// Answers so and waits.
    Says(&'static [u8]),
    /// Answers so and is gone.
    SaysAndGoes(&'static [u8]),
}

#[tokio::test(start_paused = true)]
async fn who_does_not_speak_the_protocol() {
    use Raw::{Says, SaysAndGoes};
    let table = [
        (Says(b""), 31_901),
        (Says(b"HTTP/1.1 101 Switching"), 31_901),
        (SaysAndGoes(b""), 31_920),
        (Says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), 31_920),
        (Says(b"HTTP/1.1 301 Moved\r\nLocation: ws://h/\r\nContent-Length: 0\r\n\r\n"), 31_920),
        (Says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 31_920),
        (
            Says(b"HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"),
            31_920,
        ),
        (Says(b"\0\xff\r\n\r\n\r\n"), 31_920),
    ];
    for (n, (does, expected)) in table.into_iter().enumerate() {
        let mut stage = Stage::new();
        let mut application = Application::new().await;
        stage.begin(TAP, &application.url);
        let mut stream = application.raw().await;
        let (bytes, goes) = match does {
            Says(bytes) => (bytes, false),
            SaysAndGoes(bytes) => (bytes, true),
        };
        let mut request = [0; 2048];
        assert!(stream.read(&mut request).await.unwrap() > 100);
        stream.write_all(bytes).await.unwrap();
        if goes {
            drop(stream);
        } else {
            tokio::spawn(async move { while stream.read(&mut request).await.unwrap_or(0) > 0 {} });
        }
        assert_eq!(stage.told_code().await, (expected, false), "{n}");
        stage.is_empty().await;
    }
}

/// A handshake that is done, then these bytes below the protocol.
async fn spoilt(bytes: &[u8], goes: bool) -> (u32, bool) {
    let mut stage = Stage::new();
    let mut application = Application::new().await;
    stage.begin(TAP, &application.url);
    let call = application.accept().await;
    assert_eq!(stage.told().await, Tapped::Connected);
    let mut stream = call.socket.into_inner();
    stream.write_all(bytes).await.unwrap();
    if goes {
        drop(stream);
    } else {
        let mut sink = [0; 4096];
        tokio::spawn(async move { while stream.read(&mut sink).await.unwrap_or(0) > 0 {} });
    }
    let code = stage.told_code().await;
    stage.is_empty().await;
    code
}

#[tokio::test(start_paused = true)]
async fn who_breaks_the_rules_or_off() {
    let large = [b"\x81\x7f\0\0\0\0\0\x10\0\x01".as_slice(), &[b'x'; 70_000]].concat();
    let table: [(&[u8], bool, u32); 9] = [
        // Gone without a goodbye.
        (b"", true, 31_903),
        (b"\x81", true, 31_903),
        // Silent, not even a pong: nothing at all, or half a frame.
        (b"", false, 31_903),
        (b"\x81\x05he", false, 31_903),
        // A masked frame, a reserved bit, a reserved opcode, no UTF-8.
        (b"\x81\x81\0\0\0\0x", false, 31_924),
        (b"\xf1\x01x", false, 31_924),
        (b"\x83\x01x", false, 31_924),
        (b"\x81\x01\xff", false, 31_924),
        // One byte more than 1 MB.
        (&large, false, 31_924),
    ];
    for (n, (bytes, goes, expected)) in table.into_iter().enumerate() {
        assert_eq!(spoilt(bytes, goes).await, (expected, false), "{n}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_breaks_the_rules_is_told_which() {
    let large = [b"\x81\x7f\0\0\0\0\0\x10\0\x01".as_slice(), &[b'x'; 0x10_0001]].concat();
    let table: [(&[u8], CloseCode); 5] = [
        (b"\x81\x81\0\0\0\0x", CloseCode::Protocol),
        (b"\xf1\x01x", CloseCode::Protocol),
        (b"\x83\x01x", CloseCode::Protocol),
        (b"\x81\x01\xff", CloseCode::Invalid),
        // One byte more than 1 MB, and all of it is sent.
        (&large, CloseCode::Size),
    ];
    for (n, (bytes, expected)) in table.into_iter().enumerate() {
        let mut stage = Stage::new();
        let mut application = Application::new().await;
        stage.begin(TAP, &application.url);
        let mut call = application.accept().await;
        assert_eq!(stage.told().await, Tapped::Connected);
        call.socket.get_mut().write_all(bytes).await.unwrap();
        let frame = loop {
            match call.message().await {
                Some(Message::Close(frame)) => break frame,
                Some(_) => {}
                None => panic!("{n}: gone without a goodbye"),
            }
        };
        assert_eq!(frame.map(|frame| frame.code), Some(expected), "{n}");
        drop(call);
        assert_eq!(stage.told_code().await, (31_924, false), "{n}");
        stage.is_empty().await;
    }
}

#[tokio::test]
async fn who_says_goodbye_with_an_error() {
    let mut stage = Stage::new();
    let mut application = Application::new().await;
    stage.begin(TAP, &application.url);
    let mut call = application.accept().await;
    assert_eq!(stage.told().await, Tapped::Connected);
    let frame = CloseFrame { code: CloseCode::Error, reason: "no model".into() };
    call.socket.close(Some(frame)).await.unwrap();
    // It says so and stays: nobody waits for it.
    let told = timeout(limit::WEBSOCKET_GOODBYE / 2, stage.told()).await.unwrap();
    let Tapped::Failed { code: 31_921, text } = told else { panic!() };
    assert_eq!(text, "closed with 1011 \"no model\"");
    drop(call);
    stage.is_empty().await;
}

#[tokio::test]
async fn who_talks_nonsense_is_told_so_and_the_call_goes_on() {
    let mut stage = Stage::new();
    let mut application = Application::new().await;
    stage.begin(TAP, &application.url);
    let mut call = application.accept().await;
    assert_eq!(stage.told().await, Tapped::Connected);
    let large = "x".repeat(limit::WEBSOCKET_MESSAGE_MAX);
    for (text, code) in [
        ("hello", 31_950),
        (large.as_str(), 31_950),
        (r#"{"event":"speak"}"#, 31_951),
        (r#"{"event":"media","media":{"payload":"€"}}"#, 31_951),
    ] {
        call.say(text).await;
        assert_eq!(stage.told_code().await, (code, true));
    }
    call.socket.send(Message::binary(vec![0; 10])).await.unwrap();
    assert_eq!(stage.told_code().await, (31_950, true));
    for _ in 0..limit::FLAWS_TOLD_MAX {
        call.say("hello").await;
    }
    // A ping is answered.
    call.socket.send(Message::Ping(vec![1].into())).await.unwrap();
    while !matches!(call.socket.next().await, Some(Ok(Message::Pong(_)))) {}
    call.goodbye().await;
    for _ in 5..limit::FLAWS_TOLD_MAX {
        assert_eq!(stage.told_code().await, (31_950, true));
    }
    assert_eq!(stage.told().await, Tapped::Disconnected, "no more than ten");
    stage.is_empty().await;
}

#[tokio::test]
async fn who_never_reads() {
    let mut stage = Stage::new();
    let mut application = Application::new().await;
    stage.begin(TAP, &application.url);
    let _call = application.accept().await;
    assert_eq!(stage.told().await, Tapped::Connected);
    // An hour is far more than anybody keeps.
    let mut frames = 50 * 3600;
    while !stage.is_told() && frames > 0 {
        if stage.media.taps().is_empty(TAP) {
            stage.media.taps().give(TAP, &[0; 160 * 50]);
            frames -= 50;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.told_code().await, (31_930, false));
    stage.is_empty().await;
}

#[tokio::test]
async fn who_says_more_than_is_kept() {
    let mut stage = Stage::new();
    let leg = stage.leg(TAP);
    let mut application = Application::new().await;
    let mut asked = streaming(&application.url, Tracks::Inbound);
    asked.speaks = Some(leg);
    stage.streams.begin(TAP, development::ACCOUNT, stage::CALL, asked);
    let how = Tap::new(Side::Inbound, Rate::Narrow).by_frame();
    stage.media.command(leg, Command::Tap(TAP, how));
    let mut call = application.accept().await;
    assert_eq!(stage.told().await, Tapped::Connected);
    // A minute each.
    for _ in 0..=20 {
        call.say_sound(60 * 8000).await;
    }
    assert_eq!(stage.told_code().await, (31_930, true));
    for _ in 0..=limit::MARKS_MAX {
        call.say(r#"{"event":"mark","mark":{"name":"a"}}"#).await;
    }
    assert_eq!(stage.told_code().await, (31_930, true));
    call.say(r#"{"event":"clear"}"#).await;
    for _ in 0..limit::MARKS_MAX {
        assert_eq!(call.until("mark").await["mark"]["name"], "a");
    }
    call.say_sound(60 * 8000).await;
    call.goodbye().await;
    assert_eq!(stage.told().await, Tapped::Disconnected);
    stage.is_empty().await;
}
