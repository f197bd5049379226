//! Streams of real phones to applications that are none of ours: what is said comes back, marks, `clear`; and agents
//! in text (`agent`).
//!
//! Not here: what applications do wrong (`streams/tests`), when there is a stream (`legwork-sim`).
//! Source: Twilio, "TwiML Voice: Stream", "Media Streams: WebSocket messages".

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "streams/agent.rs"]
mod agent;
#[path = "real/app.rs"]
mod app;
#[expect(dead_code, reason = "shared with the other tests of real phones")]
#[path = "real/baresip.rs"]
mod baresip;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;
#[path = "real/speech.rs"]
mod speech;
#[path = "real/together.rs"]
mod together;
#[expect(dead_code, reason = "shared with the other tests of real phones")]
#[path = "real/wav.rs"]
mod wav;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use legwork_media::tone::Heard;
use serde_json::Value;

use app::App;
use baresip::Baresip;
use server::{PATIENCE, Process, Server, configuration, is_installed, until};
use together::{Ladder, Story, together};
use wav::tone_file;

/// Debian's own, which sees Debian's packages.
const PYTHON: &str = "/usr/bin/python3";
const TOKEN: &str = "secret";

/// The application at the other end.
struct Other {
    process: Process,
    port: u64,
}

impl Other {
    fn start(server: &Server, python: &Path, script: &str) -> Self {
        Self::start_with(server, python, script, &[])
    }

    /// Starts one with further arguments.
    fn start_with(server: &Server, python: &Path, script: &str, more: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/streams").join(script);
        let mut command = Command::new(python);
        command.arg(path).arg(TOKEN).args(more).stdin(Stdio::null());
        let process = Process::start(&mut command, server.folder.path("other.log"));
        let mut other = Self { process, port: 0 };
        other.port = other.sees("its port", |told| told["port"].as_u64());
        other
    }

    fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    /// What it has told so far.
    fn told(&self) -> Vec<Value> {
        let said = self.process.said();
        assert!(!said.contains("Traceback"), "the application failed:\n{said}");
        // pipecat says more beside.
        let whole = said.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let ours = whole.filter(|line| line.starts_with('{'));
        ours.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The first thing it tells that is so.
    fn sees<T>(&self, what: &str, is_it: impl Fn(&Value) -> Option<T>) -> T {
        until(what, PATIENCE, || self.told().iter().find_map(&is_it))
    }

    /// What it tells of that path and this kind.
    fn of(&self, path: &str, kind: &str) -> Value {
        self.sees(&format!("{path} {kind}"), |told| {
            let is_it = told["path"] == path && (told["event"] == kind || !told[kind].is_null());
            is_it.then(|| told.clone())
        })
    }
}

fn has_websockets(tests: &str) -> bool {
    let mut command = Command::new(PYTHON);
    command.args(["-c", "import websockets"]).stdin(Stdio::null()).stderr(Stdio::null());
    let has = command.status().is_ok_and(|status| status.success());
    if !has {
        println!("skipped: {tests}: websockets is missing (package python3-websockets)");
    }
    has
}

#[test]
fn real_phones_and_an_application_hear_each_other() {
    let tests = "streams of real phones";
    if !has_websockets(tests) || !is_installed("baresip", "baresip-core", tests) {
        return;
    }
    let app = App::start();
    let server = Server::start("streams", &app, &["echoed", "overheard"]);
    app.put("/long.wav", "audio/wav", tone_file(1000, 60));
    app.put("/short.wav", "audio/wav", tone_file(700, 2));
    let other = Other::start(&server, Path::new(PYTHON), "app.py");
    let (server, app, other) = (&server, &app, &other);
    let story = |story: fn(&Server, &App, &Other)| Box::new(move || story(server, app, other));
    let stories: Vec<Story<'_>> = vec![
        ("echoed".to_owned(), story(what_is_said_comes_back_and_is_cut)),
        ("overheard".to_owned(), story(both_sides_are_heard_beside_the_call)),
    ];
    together(stories);
    let wrong: Vec<_> = other.told().into_iter().filter(|told| !told["wrong"].is_null()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    server.is_back_at_the_baseline();
}

fn what_is_said_comes_back_and_is_cut(server: &Server, app: &App, other: &Other) {
    let _ladder = Ladder { server, app, user: "to-echoed" };
    let url = other.url("/echo");
    app.twiml("/streams", "");
    app.answers_calls_to(
        "to-echoed",
        &format!(
            "<Connect action=\"/over\"><Stream url=\"{url}\" statusCallback=\"/streams\">\
             <Parameter name=\"from_number\" value=\"+1\"/></Stream></Connect>"
        ),
    );
    app.twiml("/over", "<Play>/short.wav</Play>");
    let mut phone = Baresip::registered(server, "echoed", "udp", 400);
    phone.order("dial", "sip:to-echoed@bank.example");
    phone.hears(Heard::Tone(400));
    assert_eq!(other.of("/echo", "signed")["signed"], true);
    let start = other.of("/echo", "start")["start"].clone();
    assert_eq!(start["customParameters"]["from_number"], "+1");
    assert_eq!(start["callSid"], app.asked("/voice/to-echoed").parameter("CallSid"));
    let told = app.asked("/streams");
    assert_eq!(told.parameter("StreamEvent"), "stream-started");
    assert_eq!(told.parameter("StreamSid"), start["streamSid"]);
    phone.order("sndcode", "2");
    phone.hears(Heard::Tone(1000));
    phone.order("sndcode", "3");
    assert_eq!(other.of("/echo", "mark")["name"], "cut");
    phone.hears(Heard::Silence);
    phone.order("sndcode", "#");
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
    assert_eq!(other.of("/echo", "goodbye")["goodbye"]["inbound"], 400);
    phone.quits();
}

fn both_sides_are_heard_beside_the_call(server: &Server, app: &App, other: &Other) {
    let _ladder = Ladder { server, app, user: "to-overheard" };
    let url = other.url("/listen");
    app.answers_calls_to(
        "to-overheard",
        &format!(
            "<Start><Stream name=\"a\" url=\"{url}\" track=\"both_tracks\"/></Start>\
             <Gather numDigits=\"1\" action=\"/stop\"><Play>/long.wav</Play></Gather>"
        ),
    );
    app.twiml("/stop", "<Stop><Stream name=\"a\"/></Stop><Play>/short.wav</Play>");
    let mut phone = Baresip::registered(server, "overheard", "tcp", 500);
    phone.order("dial", "sip:to-overheard@bank.example");
    phone.hears(Heard::Tone(1000));
    other.of("/listen", "start");
    phone.order("sndcode", "5");
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
    let goodbye = other.of("/listen", "goodbye")["goodbye"].clone();
    assert_eq!(goodbye["inbound"], 500);
    assert_eq!(goodbye["outbound"], 1000);
    other.of("/listen", "stop");
    phone.quits();
}

/// The Python of what `scripts/venv` puts there, beside what was built.
fn venv(name: &str, tests: &str) -> Option<PathBuf> {
    let built = Path::new(env!("CARGO_BIN_EXE_legwork")).ancestors().nth(2).unwrap();
    let place = built.join(name);
    let is_there = place.join("packages").is_file();
    if !is_there {
        println!("skipped: {tests}: {name} is missing (scripts/venv)");
    }
    is_there.then(|| place.join("bin/python"))
}

/// Calls are up when the server's patience is over: its applications are not cut off.
#[test]
fn who_listens_when_the_server_ends_is_told_so() {
    let tests = "streams of a server that ends";
    if !has_websockets(tests) || !is_installed("baresip", "baresip-core", tests) {
        return;
    }
    let app = App::start();
    let hasty = configuration(&app, &["stays"]).replace("\"60s\"", "\"1s\"");
    let mut server = Server::start_with("hasty", &hasty);
    let other = Other::start(&server, Path::new(PYTHON), "app.py");
    let url = other.url("/listen");
    app.answers_calls_to(
        "to-stays",
        &format!("<Start><Stream url=\"{url}\"/></Start><Play>/long.wav</Play>"),
    );
    app.put("/long.wav", "audio/wav", tone_file(1000, 60));
    let mut phone = Baresip::registered(&server, "stays", "udp", 400);
    phone.order("dial", "sip:to-stays@bank.example");
    other.of("/listen", "start");
    server.terminate();
    let status = server.end();
    assert!(status.success(), "{status}\n{}", server.log());
    other.of("/listen", "stop");
    other.of("/listen", "goodbye");
}

#[test]
fn an_agent_and_a_real_phone_speak_with_each_other() {
    agent::play();
}

#[test]
fn pipecat_and_a_real_phone_hear_each_other() {
    let tests = "streams to pipecat";
    let Some(python) = venv("pipecat", tests) else { return };
    if !is_installed("baresip", "baresip-core", tests) {
        return;
    }
    let app = App::start();
    let server = Server::start("pipecat", &app, &["piped"]);
    app.put("/short.wav", "audio/wav", tone_file(700, 2));
    let other = Other::start(&server, &python, "pipecat_app.py");
    let _ladder = Ladder { server: &server, app: &app, user: "to-piped" };
    let url = other.url("/");
    app.answers_calls_to(
        "to-piped",
        &format!(
            "<Connect><Stream url=\"{url}\"><Parameter name=\"from_number\" value=\"+1\"/>\
             </Stream></Connect><Play>/short.wav</Play>"
        ),
    );
    let mut phone = Baresip::registered(&server, "piped", "udp", 400);
    phone.order("dial", "sip:to-piped@bank.example");
    phone.hears(Heard::Tone(400));
    let call = other.sees("a call", |told| (told["kind"] == "twilio").then(|| told.clone()));
    assert_eq!(call["call"], app.asked("/voice/to-piped").parameter("CallSid"));
    assert_eq!(call["body"]["from_number"], "+1");
    phone.order("sndcode", "2");
    phone.hears(Heard::Tone(1000));
    phone.order("sndcode", "3");
    phone.hears(Heard::Silence);
    phone.order("sndcode", "#");
    phone.hears(Heard::Tone(700));
    phone.sees("CALL_CLOSED");
    phone.quits();
    server.is_back_at_the_baseline();
}
