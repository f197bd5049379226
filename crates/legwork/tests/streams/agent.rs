//! An agent by Twilio's own framework, and a real phone: greeted, asked, answered, interrupted, handed over.
//!
//! Not here: what is said when (`legwork-sim`, `relay`), what applications do wrong (`legwork`, `relay/tests`).
//! Source: Twilio, "ConversationRelay WebSocket messages"; docs/relay.md.

use legwork_media::Rate;
use legwork_media::tone::Heard;
use serde_json::Value;

use crate::app::App;
use crate::baresip::Baresip;
use crate::server::{PATIENCE, Server, is_installed, until};
use crate::speech::{can_speak, silence, spoken, understood};
use crate::together::Ladder;
use crate::wav::tone_file;
use crate::{Other, venv};

impl Other {
    /// So many things it has been told of this type, as soon as it has: the last of them.
    fn hears(&self, kind: &str, n: usize) -> Value {
        until(&format!("{kind} {n}"), PATIENCE, || {
            self.told().into_iter().filter(|told| told["type"] == kind).nth(n - 1)
        })
    }

    /// The agent has begun, or ended, to speak so many times.
    fn speaks(&self, value: &str, n: usize) {
        until(&format!("the agent speaks: {value} {n}"), PATIENCE, || {
            let told = self.told();
            let is_it = |told: &&Value| told["name"] == "agentSpeaking" && told["value"] == value;
            (told.iter().filter(is_it).count() >= n).then_some(())
        });
    }
}

pub(crate) fn play() {
    let tests = "an agent and a real phone";
    let Some(python) = venv("agent-connect", tests) else { return };
    if !is_installed("baresip", "baresip-core", tests) || !can_speak(tests) {
        return;
    }
    let app = App::start();
    let server = Server::start("agent", &app, &["asks"]);
    let other = Other::start_with(&server, &python, "agent.py", &[&app.url("/over")]);
    let document = other.sees("its document", |told| told["twiml"].as_str().map(str::to_owned));
    app.put("/voice/to-asks", "text/xml", document.into_bytes());
    app.twiml("/over", "<Play>/short.wav</Play>");
    app.put("/short.wav", "audio/wav", tone_file(700, 2));
    let _ladder = Ladder { server: &server, app: &app, user: "to-asks" };
    let mut phone = Baresip::says_at(&server, "asks", Rate::Wide, &silence(Rate::Wide));
    phone.order("dial", "sip:to-asks@bank.example");

    let session = is_greeted(&app, &other);
    is_answered(&server, &mut phone, &other);
    breaks_in(&mut phone, &other);
    is_handed_over(&app, &mut phone, &other, &session);

    let call = session["callSid"].as_str().unwrap();
    assert!(server.alerts_of(call).is_empty(), "{:?}", server.alerts_of(call));
    phone.quits();
    server.is_back_at_the_baseline();
}

fn is_greeted(app: &App, other: &Other) -> Value {
    assert!(other.sees("the handshake", |told| told["signed"].as_bool()));
    let setup = other.hears("setup", 1);
    let asked = app.asked("/voice/to-asks");
    for (name, parameter) in
        [("callSid", "CallSid"), ("accountSid", "AccountSid"), ("from", "From"), ("to", "To")]
    {
        assert_eq!(setup[name], asked.parameter(parameter), "{name}");
    }
    assert_eq!((&setup["direction"], &setup["callType"]), (&"inbound".into(), &"SIP".into()));
    assert_eq!(setup["customParameters"]["customer"], "7");
    other.speaks("off", 1);
    setup
}

/// Asks, and hears the words that come in tokens.
fn is_answered(server: &Server, phone: &mut Baresip, other: &Other) {
    phone.says(&spoken(Rate::Wide, "technical support"));
    let prompt = other.hears("prompt", 1);
    assert_eq!(prompt["voicePrompt"], "technical support");
    assert_eq!((&prompt["lang"], &prompt["last"]), (&"en-US".into(), &true.into()));
    let by = other.sees("who asked", |told| told["by"].as_str().map(str::to_owned));
    assert_eq!(by, other.hears("setup", 1)["from"].as_str().unwrap());
    other.speaks("off", 2);
    phone.hears(Heard::Silence);
    let words = understood(server, "asks", &phone.recording().wide());
    assert_eq!(words, ["welcome", "customer", "elephant", "tomorrow"]);
}

/// A key makes the agent talk on and on; a voice makes it stop.
fn breaks_in(phone: &mut Baresip, other: &Other) {
    phone.order("sndcode", "5");
    assert_eq!(other.hears("dtmf", 1)["digit"], "5");
    other.speaks("on", 3);
    phone.says(&spoken(Rate::Wide, "opening hours"));
    let interrupt = other.hears("interrupt", 1);
    let until_then = interrupt["utteranceUntilInterrupt"].as_str().unwrap();
    assert!(until_then.starts_with("Monday."), "{interrupt}");
    let ms = interrupt["durationUntilInterruptMs"].as_u64().unwrap();
    assert!((500..20_000).contains(&ms), "{interrupt}");
    let said = other.sees("what was interrupted", |told| told["said"].as_str().map(str::to_owned));
    assert_eq!(said, until_then);
    other.speaks("off", 3);
}

fn is_handed_over(app: &App, phone: &mut Baresip, other: &Other, session: &Value) {
    assert_eq!(other.hears("prompt", 2)["voicePrompt"], "opening hours");
    let asked = app.asked("/over");
    assert_eq!(asked.parameter("SessionId"), session["sessionId"]);
    assert_eq!(asked.parameter("SessionStatus"), "ended");
    assert_eq!(asked.parameter("HandoffData"), r#"{"reason": "opening hours"}"#);
    let seconds: u32 = asked.parameter("SessionDuration").parse().unwrap();
    assert!((3..60).contains(&seconds), "{seconds}");
    assert_eq!(other.sees("the goodbye", |told| told["goodbye"].as_u64()), 1000);
    let ended = other.sees("its end", |told| told["ended"].as_str().map(str::to_owned));
    assert_eq!(ended, session["callSid"]);
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
}
