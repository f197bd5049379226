//! `<Start><Transcription>` beside the calls of real phones: what both sides say, told in words while it is said.
//!
//! Not here: which parameters when (`legwork-sim`, `transcriptions`); `<Gather>` (`gather`).
//! Source: Twilio, "TwiML Voice: Transcription"; docs/speech.md.

use legwork_media::{Rate, tone, wav};
use serde_json::Value;

use crate::app::{App, Asked};
use crate::baresip::Baresip;
use crate::server::{PATIENCE, Server, is_installed, until};
use crate::speech::{can_speak, silence, spoken};
use crate::together::{Ladder, Story, together};

const HINTS: &str = "hints=\"sales, technical support, opening hours\"";

pub(crate) fn play() {
    let tests = "<Transcription> of real phones";
    if !is_installed("baresip", "baresip-core", tests) || !can_speak(tests) {
        return;
    }
    let app = App::start();
    let server = Server::start("transcription", &app, &["is-told", "is-stopped"]);
    let (server, app) = (&server, &app);
    let story = |story: fn(&Server, &App)| Box::new(move || story(server, app));
    let stories: Vec<Story<'_>> = vec![
        ("is-told".to_owned(), story(both_sides_are_told)),
        ("is-stopped".to_owned(), story(nothing_is_told_of_one_that_is_stopped)),
    ];
    together(stories);
    server.is_back_at_the_baseline();
}

/// Its place among those of its transcription.
fn number(asked: &Asked) -> usize {
    asked.parameter("SequenceId").parse().unwrap()
}

/// What was told there, up to the end; the numbers of what came are in order.
fn told(app: &App, path: &str) -> Vec<Asked> {
    let mut told = until(&format!("the end of {path}"), PATIENCE, || {
        let told = app.all(path);
        let is_last =
            |asked: &&Asked| asked.parameter("TranscriptionEvent") == "transcription-stopped";
        // Each on a connection of its own: one may overtake another.
        let count = number(told.iter().find(is_last)?);
        (told.len() >= count).then_some(told)
    });
    told.sort_by_key(number);
    let numbers: Vec<usize> = told.iter().map(number).collect();
    assert_eq!(numbers, (1..=told.len()).collect::<Vec<_>>());
    told
}

/// Track and words.
fn said(content: &Asked) -> (String, String) {
    assert_eq!(content.parameter("TranscriptionEvent"), "transcription-content");
    assert_eq!((content.parameter("Final"), content.parameter("LanguageCode")), ("true", "en-US"));
    let data: Value = serde_json::from_str(content.parameter("TranscriptionData")).unwrap();
    let confidence = data["confidence"].as_f64().unwrap();
    assert!((0.5..=1.0).contains(&confidence), "{data}");
    (content.parameter("Track").to_owned(), data["transcript"].as_str().unwrap().to_owned())
}

/// So many seconds, with which a call is answered.
fn pause(seconds: usize) -> Vec<u8> {
    wav::encode(tone::RATE_HZ, &vec![0; seconds * tone::RATE_HZ as usize])
}

fn both_sides_are_told(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-is-told" };
    let attributes = format!("name=\"words\" track=\"both_tracks\" {HINTS}");
    app.answers_calls_to(
        "to-is-told",
        &format!(
            "<Start><Transcription statusCallbackUrl=\"/words\" {attributes}/></Start>\
             <Play>/pause.wav</Play><Say>opening hours</Say><Pause length=\"2\"/>"
        ),
    );
    app.put("/pause.wav", "audio/wav", pause(4));
    app.twiml("/words", "");
    let mut phone = Baresip::says_at(
        server,
        "is-told",
        Rate::Narrow,
        &spoken(Rate::Narrow, "technical support"),
    );
    phone.order("dial", "sip:to-is-told@bank.example");
    phone.sees("CALL_CLOSED");
    let told = told(app, "/words");
    let [started, contents @ .., stopped] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(started.parameter("TranscriptionEvent"), "transcription-started");
    assert_eq!((started.parameter("Name"), started.parameter("Track")), ("words", "both_tracks"));
    let call = app.asked("/voice/to-is-told").parameter("CallSid").to_owned();
    let sid = started.parameter("TranscriptionSid");
    assert!(sid.starts_with("GT") && sid.len() == 34, "{sid}");
    for asked in &told {
        assert_eq!(asked.parameter("CallSid"), call);
        assert_eq!(asked.parameter("TranscriptionSid"), sid);
    }
    let words: Vec<_> = contents.iter().map(said).collect();
    let words: Vec<_> = words.iter().map(|(track, text)| (track.as_str(), text.as_str())).collect();
    assert_eq!(
        words,
        [("inbound_track", "technical support"), ("outbound_track", "opening hours")]
    );
    assert_eq!(stopped.parameter("TranscriptionEvent"), "transcription-stopped");
    phone.quits();
}

fn nothing_is_told_of_one_that_is_stopped(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-is-stopped" };
    app.answers_calls_to(
        "to-is-stopped",
        &format!(
            "<Start><Transcription statusCallbackUrl=\"/stopped\" {HINTS}/></Start>\
             <Gather numDigits=\"1\" action=\"/pressed\" timeout=\"30\"/>"
        ),
    );
    app.twiml("/stopped", "");
    let mut phone = Baresip::says_at(server, "is-stopped", Rate::Narrow, &silence(Rate::Narrow));
    phone.order("dial", "sip:to-is-stopped@bank.example");
    let sid = app.asked("/stopped").parameter("TranscriptionSid").to_owned();
    app.twiml(
        "/pressed",
        &format!("<Stop><Transcription name=\"{sid}\"/></Stop><Pause length=\"4\"/>"),
    );
    phone.sees("CALL_ESTABLISHED");
    phone.order("sndcode", "5");
    app.asked("/pressed");
    phone.says(&spoken(Rate::Narrow, "technical support"));
    phone.sees("CALL_CLOSED");
    let events: Vec<String> = told(app, "/stopped")
        .iter()
        .map(|asked| asked.parameter("TranscriptionEvent").to_owned())
        .collect();
    assert_eq!(events, ["transcription-started", "transcription-stopped"]);
    phone.quits();
}

/// The call ends behind the last word, which is understood after that; the server is told to end while it is up.
pub(crate) fn last_words() {
    let tests = "the last words of a call of a server that ends";
    if !is_installed("baresip", "baresip-core", tests) || !can_speak(tests) {
        return;
    }
    let app = App::start();
    let mut server = Server::start("last-words", &app, &["hangs-up"]);
    app.answers_calls_to(
        "to-hangs-up",
        &format!(
            "<Start><Transcription statusCallbackUrl=\"/last\" {HINTS}/></Start>\
             <Play>/pause.wav</Play>"
        ),
    );
    app.put("/pause.wav", "audio/wav", pause(3));
    app.twiml("/last", "");
    // A second of silence and a little more than one of speech; 0.8 s of silence would end the utterance.
    let mut phone = Baresip::says_at(
        &server,
        "hangs-up",
        Rate::Narrow,
        &spoken(Rate::Narrow, "technical support"),
    );
    phone.order("dial", "sip:to-hangs-up@bank.example");
    app.asked("/last");
    server.terminate();
    phone.sees("CALL_CLOSED");
    let status = server.end();
    assert!(status.success(), "{status}\n{}", server.log());
    let told = told(&app, "/last");
    let words: Vec<_> =
        told.iter().filter(|asked| asked.parameter("Final") == "true").map(said).collect();
    assert_eq!(words, [("inbound_track".to_owned(), "technical support".to_owned())]);
}
