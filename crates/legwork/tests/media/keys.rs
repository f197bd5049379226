//! Keys of real phones, said in each of the three ways, and keys pressed towards them.
//!
//! SIPp and baresip say them as telephone-events and as tones, SIPp and Linphone by INFO, which baresip 1.0
//! can not. Whoever offers telephone-events is not listened to for tones, and all phones do; so there is somebody
//! in the path of the one with tones who takes them out of its offer.
//! Not here: packets lost, doubled, held for long (`legwork-media`), who is told of keys (`legwork-sim`).
//! Source: RFC 4733; RFC 6086 §2; ITU-T Q.23 and Q.24; Twilio, `<Gather>`, `<Play>`.

use legwork_media::measure;
use legwork_media::tone::key;

use crate::app::App;
use crate::baresip::{Baresip, Setup};
use crate::between::Between;
use crate::caller::{self, WITH_EVENTS, WITHOUT_EVENTS};
use crate::linphone::Linphone;
use crate::server::{PATIENCE, Server, is_installed, said, until};
use crate::together::{Ladder, Story, together};
use crate::wav;

/// What everybody presses: a key twice, and the one that ends it.
const PRESSED: &str = "1155*0#";
/// What the application is told of that.
const DIGITS: &str = "1155*0";
/// How a phone presses.
type Press = fn(&Server, &App, &str);

const WAYS: [(&str, &str, &str, Press); 6] = [
    ("sipp-event", "sipp", "sip-tester", by_sipp_as_events),
    ("sipp-info", "sipp", "sip-tester", by_sipp_in_info),
    ("sipp-tones", "sipp", "sip-tester", by_sipp_as_tones),
    ("baresip-event", "baresip", "baresip-core", by_baresip_as_events),
    ("baresip-tones", "baresip", "baresip-core", by_baresip_as_tones),
    ("linphone-info", "linphonec", "linphone-cli", by_linphone_in_info),
];

/// The keys as sound, with a moment of silence before: 100 ms each, 100 ms between.
fn tones(keys: &str) -> Vec<i16> {
    let mut sound = vec![0; 8000];
    for key in keys.bytes() {
        let mut tone = [0; 800];
        key::write(key, 0, &mut tone);
        sound.extend(tone);
        sound.extend([0; 800]);
    }
    sound.extend(vec![0; 8000]);
    sound
}

pub(crate) fn reach_the_application() {
    let app = App::start();
    let users: Vec<&str> = WAYS.iter().map(|way| way.0).collect();
    let server = Server::start("keys", &app, &users);
    let mut stories: Vec<Story<'_>> = Vec::new();
    for (user, program, package, press) in WAYS {
        // SIPp writes its events past the socket its other packets go through.
        if user == "sipp-event" && !rustix::process::geteuid().is_root() {
            println!("skipped: {user}: not root");
        } else if is_installed(program, package, user) {
            let (server, app) = (&server, &app);
            stories.push((user.to_owned(), Box::new(move || gathers(server, app, user, press))));
        }
    }
    together(stories);
    server.is_back_at_the_baseline();
}

/// A `<Gather>` is told just these keys, whoever presses them.
fn gathers(server: &Server, app: &App, user: &str, press: Press) {
    let called = format!("to-{user}");
    let _ladder = Ladder { server, app, user: &called };
    let action = format!("/pressed/{user}");
    app.twiml(&action, "<Hangup/>");
    let gather = format!("<Gather timeout=\"20\" action=\"{action}\"/>");
    app.answers_calls_to(&called, &gather);
    press(server, app, user);
    let asked = app.asked(&action);
    assert_eq!((asked.parameter("Digits"), asked.parameter("FinishedOnKey")), (DIGITS, "#"));
}

fn by_sipp_as_events(server: &Server, _: &App, user: &str) {
    let actions = caller::presses_by_events(PRESSED);
    caller::calls(server, &format!("to-{user}"), WITH_EVENTS, &actions).ends_well();
}

fn by_sipp_in_info(server: &Server, _: &App, user: &str) {
    let actions = caller::presses_by_info(PRESSED);
    caller::calls(server, &format!("to-{user}"), WITH_EVENTS, &actions).ends_well();
}

fn by_sipp_as_tones(server: &Server, _: &App, user: &str) {
    let actions = caller::speaks(server, user, &tones(PRESSED));
    caller::calls(server, &format!("to-{user}"), WITHOUT_EVENTS, &actions).ends_well();
}

fn by_baresip_as_events(server: &Server, _: &App, user: &str) {
    let mut phone = Baresip::registered(server, user, "udp", 400);
    phone.order("dial", &format!("sip:to-{user}@bank.example"));
    phone.sees("CALL_ESTABLISHED");
    for key in PRESSED.chars() {
        phone.order("sndcode", &key.to_string());
    }
    phone.sees("CALL_CLOSED");
    phone.quits();
}

fn by_linphone_in_info(server: &Server, _: &App, user: &str) {
    let sound = wav::tone_file(400, 90);
    let keys = "[sip]\nuse_info=1\nuse_rfc2833=0\n";
    let mut phone = Linphone::speaking(server, user, "tcp", &sound, keys);
    phone.order(&format!("call sip:to-{user}@bank.example"));
    phone.comes_to("StreamsRunning");
    phone.order(PRESSED);
    phone.comes_to("Released");
    phone.quits();
}

/// A phone whose offer names no telephone-events when it comes to the server.
fn without_events(server: &Server, user: &str, sound: &[u8]) -> (Baresip, Between) {
    let between = Between::start(server.address("udp"));
    let setup =
        Setup { transport: "udp", proxy: between.address, sound, rate_hz: 8000, codec: "g711" };
    (Baresip::with(server, user, &setup), between)
}

fn by_baresip_as_tones(server: &Server, _: &App, user: &str) {
    let sound = legwork_media::wav::encode(8000, &tones(PRESSED));
    let (mut phone, _between) = without_events(server, user, &sound);
    phone.order("dial", &format!("sip:to-{user}@bank.example"));
    phone.sees("CALL_CLOSED");
    phone.quits();
}

/// What is pressed towards phones, as it stands in documents and orders.
const SENT: &str = "19w9#5*";
/// The keys of it.
const KEYS: &str = "199#5*";

pub(crate) fn are_pressed_towards_phones() {
    if !is_installed("baresip", "baresip-core", "keys pressed towards real phones") {
        return;
    }
    let app = App::start();
    let server = Server::start("pressed", &app, &["events", "tones", "called"]);
    let (at, with) = (&server, &app);
    together(vec![
        ("events".to_owned(), Box::new(move || events_are_heard(at, with))),
        ("tones".to_owned(), Box::new(move || tones_are_heard(at, with))),
        ("called".to_owned(), Box::new(move || the_called_phone_hears_them(at))),
    ]);
    server.is_back_at_the_baseline();
}

/// The keys baresip says it was sent, until its call is over.
fn told(phone: &mut Baresip) -> String {
    let told = phone.all_until("CALL_CLOSED");
    let starts = told.iter().filter(|event| event["type"] == "CALL_DTMF_START");
    starts.map(|event| event["param"].as_str().unwrap()).collect()
}

fn events_are_heard(server: &Server, app: &App) {
    app.answers_calls_to("to-events", &format!("<Play digits=\"{SENT}\"/>"));
    let mut phone = Baresip::registered(server, "events", "udp", 400);
    phone.order("dial", "sip:to-events@bank.example");
    assert_eq!(told(&mut phone), KEYS);
    assert_eq!(in_band(&phone.heard()), "", "keys are events, and not heard besides");
    phone.quits();
}

fn tones_are_heard(server: &Server, app: &App) {
    app.answers_calls_to("to-tones", &format!("<Play digits=\"{SENT}\"/><Pause/>"));
    let sound = wav::tone_file(400, 90);
    let (mut phone, _between) = without_events(server, "tones", &sound);
    phone.order("dial", "sip:to-tones@bank.example");
    phone.sees("CALL_CLOSED");
    assert_eq!(in_band(&phone.heard()), KEYS);
    phone.quits();
}

fn the_called_phone_hears_them(server: &Server) {
    let mut phone = Baresip::registered(server, "called", "udp", 400);
    let document = "<Response><Pause length=\"60\"/></Response>";
    let call = ["call", "sip:bank@calls.example", "sip:called@bank.example", "--twiml", document];
    let more = ["--send-digits", SENT, "--json"];
    let placed = said(&server.command(&[&call[..], &more].concat()), 0);
    let placed: serde_json::Value = serde_json::from_str(&placed).unwrap();
    phone.sees("CALL_INCOMING");
    phone.order("accept", "");
    let mut keys = String::new();
    until("all keys", PATIENCE, || {
        phone
            .new_events()
            .iter()
            .filter(|event| event["type"] == "CALL_DTMF_START")
            .for_each(|event| keys += event["param"].as_str().unwrap());
        (keys.len() >= KEYS.len()).then_some(())
    });
    said(&server.command(&["hangup", placed["sid"].as_str().unwrap()]), 0);
    keys += &told(&mut phone);
    assert_eq!(keys, KEYS);
    phone.quits();
}

/// The keys in a sound, each lasting 40 ms at least; told without the detector of the server.
fn in_band(samples: &[i16]) -> String {
    let heard: Vec<Option<u8>> = samples.chunks_exact(160).map(key_in).collect();
    let mut keys = String::new();
    let mut before = None;
    for pair in heard.windows(2).filter(|pair| pair[0] == pair[1]) {
        if pair[0] != before
            && let Some(key) = pair[0]
        {
            keys.push(char::from(key));
        }
        before = pair[0];
    }
    keys
}

/// The key whose two frequencies make up nearly all of a sound.
fn key_in(piece: &[i16]) -> Option<u8> {
    let level = measure::level(piece);
    let all = b"123A456B789C*0#D".iter().copied();
    let of = |key: u8| {
        let (low, high) = key::frequencies(key).unwrap();
        let both = [low, high].map(|hz| measure::tone_level(piece, 8000, hz));
        both[0].min(both[1])
    };
    let (key, weaker) = all.map(|key| (key, of(key))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    (level > -40.0 && weaker > level - 8.0).then_some(key)
}
