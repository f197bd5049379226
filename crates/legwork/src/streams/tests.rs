//! Streams to an application in this process: good ones, and everything that one can do wrong.
//!
//! Where time is to pass it is the runtime's, and paused: it goes on when nothing else can.
//! Not here: what an independent application makes of it (`tests/streams`).

mod stage;
mod trouble;

use legwork_media::codec::pcmu;
use legwork_media::{Command, Live, Rate, Side, Tap, TapId};
use legwork_twiml::Tracks;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use self::stage::{Application, Stage, json, streaming};
use super::*;
use crate::config::{Token, development};
use crate::fetch::sign::signature;

const TAP: TapId = TapId(1);

#[tokio::test]
async fn what_an_application_is_told_from_hello_to_goodbye() {
    let mut stage = Stage::new();
    let mut application = Application::new().await;
    let streaming = streaming(&application.url, Tracks::Both);
    let sid = streaming.sid.to_string();
    stage.streams.begin(TAP, development::ACCOUNT, stage::CALL, streaming);
    let mut call = application.accept().await;
    let signed = signature(&Token::new(development::AUTH_TOKEN), &application.url, &[]);
    assert_eq!(call.signature.as_deref(), Some(signed.as_str()));
    assert_eq!(stage.told().await, Tapped::Connected);
    assert_eq!(call.next().await["event"], "connected");
    let start = call.next().await;
    assert_eq!(start["sequenceNumber"], "1");
    assert_eq!(start["start"]["customParameters"], json(r#"{"a":"1"}"#));
    assert_eq!(start["start"]["tracks"], json(r#"["inbound","outbound"]"#));
    // Two frames of both tracks, samples in turn: what the leg says is louder.
    let samples: Vec<i16> = (0..640).map(|n| if n % 2 == 0 { 1000 } else { 100 }).collect();
    stage.media.taps().give(TAP, &samples);
    let mut heard = Vec::new();
    for _ in 0..4 {
        let media = call.next().await;
        assert_eq!(media["streamSid"], sid.as_str());
        let of = &media["media"];
        let sound = stage::sound(of);
        assert_eq!(sound.len(), 160);
        let level = pcmu::decode(sound[0]);
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let numbers = [&media["sequenceNumber"], &of["chunk"], &of["timestamp"]].map(word);
        heard.push((numbers.join(" "), word(&of["track"]), level > 500));
    }
    let expected = [
        ("2 1 0", "inbound", true),
        ("3 1 0", "outbound", false),
        ("4 2 20", "inbound", true),
        ("5 2 20", "outbound", false),
    ];
    assert_eq!(heard, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c)));
    stage.streams.key(TAP, b'#');
    assert_eq!(call.next().await["dtmf"], json(r##"{"track":"inbound_track","digit":"#"}"##));
    stage.media.taps().end(TAP);
    let stop = call.next().await;
    assert_eq!((&stop["event"], &stop["sequenceNumber"]), (&"stop".into(), &"7".into()));
    let Some(Message::Close(Some(goodbye))) = call.message().await else { panic!() };
    assert_eq!(u16::from(goodbye.code), 1000);
    assert_eq!(stage.told().await, Tapped::Disconnected);
    stage.is_empty().await;
}

/// A real media thread plays, and says when a mark is reached.
#[tokio::test]
async fn what_an_application_says_is_played_and_its_marks_come_back() {
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
    // Pieces of any length, as pipecat's are.
    for _ in 0..3 {
        call.say_sound(758).await;
    }
    call.say(r#"{"event":"mark","mark":{"name":"one"}}"#).await;
    assert_eq!(call.until("mark").await["mark"]["name"], "one");
    call.say_sound(8000 * 60).await;
    call.say(r#"{"event":"mark","mark":{"name":"two"}}"#).await;
    call.say(r#"{"event":"mark","mark":{"name":"three"}}"#).await;
    call.say(r#"{"event":"clear"}"#).await;
    assert_eq!(call.until("mark").await["mark"]["name"], "two");
    assert_eq!(call.until("mark").await["mark"]["name"], "three");
    call.goodbye().await;
    assert_eq!(stage.told().await, Tapped::Disconnected);
    stage.is_empty().await;
    // Nobody speaks any more: the leg is not disturbed.
    stage.media.command(leg, Command::Live(TAP, Live::Clear));
}

#[tokio::test]
async fn who_only_hears_may_not_speak() {
    let mut stage = Stage::new();
    let mut application = Application::new().await;
    stage.begin(TAP, &application.url);
    let mut call = application.accept().await;
    assert_eq!(stage.told().await, Tapped::Connected);
    call.say(r#"{"event":"clear"}"#).await;
    assert_eq!(stage.told_code().await, (31_951, true));
    stage.streams.forget(TAP);
    while call.message().await.is_some() {}
    stage.is_empty().await;
}

/// What the leg says before its application is there, nobody hears; when it is over before that, nobody is
/// called.
#[tokio::test]
async fn a_leg_that_is_over_before_anybody_answers() {
    let mut stage = Stage::new();
    let application = Application::new().await;
    stage.begin(TAP, &application.url);
    for _ in 0..3 * limit::TAP_QUEUE_MAX {
        stage.media.taps().give(TAP, &[0; 160]);
    }
    stage.media.taps().end(TAP);
    assert_eq!(stage.told().await, Tapped::Disconnected);
    stage.is_empty().await;
}

#[tokio::test]
async fn there_are_so_many_and_no_more() {
    let mut stage = Stage::new();
    let application = Application::new().await;
    for n in 0..limit::STREAMS_MAX as u64 {
        stage.begin(TapId(n), "ws://127.0.0.1:9/never");
        // Nothing has run yet: all of them are there.
    }
    stage.begin(TapId(1_000_000), &application.url);
    let mut codes = Vec::new();
    for _ in 0..=limit::STREAMS_MAX {
        codes.push(stage.told_code().await.0);
    }
    assert_eq!(codes.iter().filter(|code| **code == 31_960).count(), 1);
    stage.is_empty().await;
}
