//! `<Gather>` before real phones: prompts broken off by a key, words said and understood; and what `<Say>` said
//! to them, understood from what they recorded.
//!
//! Not here: keys alone (`keys`); which parameters when (`legwork-sim`, `gather`).
//! Source: Twilio, `<Gather>`, `<Say>`; docs/speech.md.

use legwork_media::Rate;
use legwork_media::tone::Heard;

use crate::app::App;
use crate::baresip::Baresip;
use crate::server::{Server, is_installed};
use crate::speech::{can_speak, silence, spoken, understood};
use crate::together::{Ladder, Story, together};
use crate::wav::{tone_file, tones};

pub(crate) fn play() {
    if !is_installed("baresip", "baresip-core", "<Gather> before real phones") {
        return;
    }
    let app = App::start();
    let users = ["breaks-tone", "breaks-speech", "is-silent", "speaks", "speaks-narrow", "listens"];
    let server = Server::start("gather", &app, &users);
    app.put("/long.wav", "audio/wav", tone_file(1000, 60));
    app.put("/short.wav", "audio/wav", tone_file(700, 2));
    let (server, app) = (&server, &app);
    let story = |story: fn(&Server, &App)| Box::new(move || story(server, app));
    let mut stories: Vec<Story<'_>> = vec![
        ("breaks-tone".to_owned(), story(a_key_breaks_off_a_file)),
        ("is-silent".to_owned(), story(who_says_nothing_hears_what_follows)),
    ];
    if can_speak("speech of real phones") {
        stories.push(("breaks-speech".to_owned(), story(a_key_breaks_off_speech)));
        stories.push(("speaks".to_owned(), story(words_are_understood)));
        stories.push(("speaks-narrow".to_owned(), story(words_by_g711_are_understood)));
        stories.push(("listens".to_owned(), story(what_is_said_is_understood)));
    }
    together(stories);
    server.is_back_at_the_baseline();
}

fn a_key_breaks_off_a_file(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-breaks-tone" };
    let prompt = "<Play>/short.wav</Play><Play>/long.wav</Play>";
    let gather = format!("<Gather numDigits=\"2\" action=\"/broken\">{prompt}</Gather>");
    app.answers_calls_to("to-breaks-tone", &gather);
    app.twiml("/broken", "<Play>/short.wav</Play>");
    let mut phone = Baresip::registered(server, "breaks-tone", "udp", 400);
    phone.order("dial", "sip:to-breaks-tone@bank.example");
    phone.hears(Heard::Tone(700));
    phone.hears(Heard::Tone(1000));
    phone.order("sndcode", "4");
    phone.hears(Heard::Silence);
    phone.order("sndcode", "4");
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
    assert_eq!(app.asked("/broken").parameter("Digits"), "44");
    assert_eq!(tones(&phone.heard()), [700, 1000, 700]);
    phone.quits();
}

fn a_key_breaks_off_speech(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-breaks-speech" };
    let prompt = "<Say loop=\"0\">Please press one for sales or two for support.</Say>";
    let gather = format!("<Gather numDigits=\"1\" action=\"/pressed\">{prompt}</Gather>");
    app.answers_calls_to("to-breaks-speech", &gather);
    app.twiml("/pressed", "<Play>/short.wav</Play>");
    let mut phone = Baresip::registered(server, "breaks-speech", "tcp", 400);
    phone.order("dial", "sip:to-breaks-speech@bank.example");
    phone.hears(Heard::Other);
    phone.order("sndcode", "2");
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
    assert_eq!(app.asked("/pressed").parameter("Digits"), "2");
    phone.quits();
}

fn who_says_nothing_hears_what_follows(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-is-silent" };
    let gather = "<Gather timeout=\"1\" action=\"/never\"><Play>/short.wav</Play></Gather>";
    let next = "<Play>/short.wav</Play>";
    app.answers_calls_to("to-is-silent", &format!("{gather}{next}"));
    let mut phone = Baresip::registered(server, "is-silent", "udp", 400);
    phone.order("dial", "sip:to-is-silent@bank.example");
    phone.hears(Heard::Tone(700));
    phone.hears(Heard::Silence);
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
    assert!(app.first("/never").is_none());
    assert_eq!(tones(&phone.heard()), [700, 700]);
    phone.quits();
}

fn words_are_understood(server: &Server, app: &App) {
    // All that a recogniser wants to hear.
    let sound = spoken(Rate::Wide, "technical support");
    let phone = Baresip::says_at(server, "speaks", Rate::Wide, &sound);
    is_understood(server, app, "speaks", phone);
}

/// Of what it says the half below 4 kHz arrives, as from nearly all callers.
fn words_by_g711_are_understood(server: &Server, app: &App) {
    let sound = spoken(Rate::Narrow, "technical support");
    let phone = Baresip::says_at(server, "speaks-narrow", Rate::Narrow, &sound);
    is_understood(server, app, "speaks-narrow", phone);
}

/// A phone that says “technical support”, and nothing more.
fn is_understood(server: &Server, app: &App, user: &str, mut phone: Baresip) {
    let to = format!("to-{user}");
    let _ladder = Ladder { server, app, user: &to };
    let (understood, partial) = (format!("/understood-{user}"), format!("/partial-{user}"));
    let attributes = format!(
        "input=\"speech\" hints=\"sales, technical support, opening hours\" \
        speechTimeout=\"auto\" timeout=\"20\" action=\"{understood}\" \
        partialResultCallback=\"{partial}\""
    );
    app.answers_calls_to(&to, &format!("<Gather {attributes}/>"));
    app.twiml(&understood, "<Hangup/>");
    app.twiml(&partial, "");
    phone.order("dial", &format!("sip:{to}@bank.example"));
    phone.sees("CALL_CLOSED");
    let asked = app.asked(&understood);
    assert_eq!(asked.parameter("SpeechResult"), "technical support");
    let confidence: f32 = asked.parameter("Confidence").parse().unwrap();
    assert!((0.5..=1.0).contains(&confidence), "{confidence}");
    assert_eq!(asked.parameter("Digits"), "");
    phone.quits();
}

/// Every keyword, in order, out of what came through a whole call.
fn what_is_said_is_understood(server: &Server, app: &App) {
    let _ladder = Ladder { server, app, user: "to-listens" };
    let said = "<Say>Welcome. <break time=\"700ms\"/> Customer. <break time=\"700ms\"/> Elephant. \
        <break time=\"700ms\"/> Tomorrow.</Say><Pause/>";
    app.answers_calls_to("to-listens", said);
    let mut phone = Baresip::says_at(server, "listens", Rate::Wide, &silence(Rate::Wide));
    phone.order("dial", "sip:to-listens@bank.example");
    phone.sees("CALL_CLOSED");
    let words = understood(server, "listens", &phone.recording().wide());
    assert_eq!(words, ["welcome", "customer", "elephant", "tomorrow"]);
    phone.quits();
}
