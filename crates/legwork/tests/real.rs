//! Real processes: the built server, an application, SIPp and baresip as the parties of the story.
//!
//! Not here: transfers between real phones (`phones`), time and loss as a test wants them (the simulation in
//! `legwork-sim`).
//! Source: the transfer table of the contract; the README, "Commands" and "Ready".

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "real/app.rs"]
mod app;
#[expect(dead_code, reason = "shared with the other tests of real phones")]
#[path = "real/baresip.rs"]
mod baresip;
#[path = "real/conference.rs"]
mod conference;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with the transfers of SIPp alone")]
#[path = "real/sipp.rs"]
mod sipp;
#[path = "real/together.rs"]
mod together;
#[expect(dead_code, reason = "shared with the other tests of real phones")]
#[path = "real/wav.rs"]
mod wav;

use legwork_media::tone::{self, Heard};
use serde_json::Value;

use app::App;
use baresip::Baresip;
use server::{PATIENCE, Server, is_installed, said, until};
use sipp::Sipp;
use together::{Ladder, Story, together};

/// Which leg of the initial call is the transferor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// AgentA was called.
    Child,
    /// AgentA has called.
    Parent,
}

/// What comes of the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The webhook was executed; AgentB rings and rings.
    Rings,
    Answers,
    /// AgentB is busy.
    Fails,
    /// Nobody listens where `referUrl` points to.
    Unreachable,
    /// The `<Dial>` has none.
    NoReferUrl,
}

/// A cell of the transfer table, and how AgentA sees it.
#[derive(Clone, Copy, Debug)]
struct Cell {
    from: From,
    answer_on_bridge: bool,
    then: Then,
    agent_a: &'static str,
    /// The status in the final NOTIFY.
    last: &'static str,
}

const fn cell(
    from: From,
    answer_on_bridge: bool,
    then: Then,
    agent_a: &'static str,
    last: &'static str,
) -> Cell {
    Cell { from, answer_on_bridge, then, agent_a, last }
}

const CHILD: [Cell; 10] = [
    cell(From::Child, true, Then::Rings, "agent-a-stays-while-agent-b-rings", "487"),
    cell(From::Child, false, Then::Rings, "agent-a-is-released", "200"),
    cell(From::Child, true, Then::Answers, "agent-a-is-released", "200"),
    cell(From::Child, false, Then::Answers, "agent-a-is-released", "200"),
    cell(From::Child, true, Then::Fails, "agent-a-is-restored", "486"),
    cell(From::Child, false, Then::Fails, "agent-a-is-released", "200"),
    cell(From::Child, true, Then::Unreachable, "agent-a-is-restored", "503"),
    cell(From::Child, false, Then::Unreachable, "agent-a-is-released", "503"),
    cell(From::Child, true, Then::NoReferUrl, "agent-a-is-refused", "603"),
    cell(From::Child, false, Then::NoReferUrl, "agent-a-is-refused", "603"),
];

const PARENT: [Cell; 8] = [
    cell(From::Parent, true, Then::Answers, "agent-a-calls-and-is-released", "200"),
    cell(From::Parent, false, Then::Answers, "agent-a-calls-and-is-released", "200"),
    cell(From::Parent, true, Then::Fails, "agent-a-calls-and-is-restored", "486"),
    cell(From::Parent, false, Then::Fails, "agent-a-calls-and-is-released", "200"),
    cell(From::Parent, true, Then::Unreachable, "agent-a-calls-and-is-restored", "503"),
    cell(From::Parent, false, Then::Unreachable, "agent-a-calls-and-is-released", "503"),
    cell(From::Parent, true, Then::NoReferUrl, "agent-a-calls-and-is-refused", "603"),
    cell(From::Parent, false, Then::NoReferUrl, "agent-a-calls-and-is-refused", "603"),
];

impl Cell {
    fn name(self) -> String {
        format!("{:?}-{}-{:?}", self.from, self.answer_on_bridge, self.then).to_lowercase()
    }

    /// Three SIPps go through it; the signalling is checked by their scenarios.
    fn play(self, server: &Server, app: &App) {
        let name = self.name();
        let _ladder = Ladder { server, app, user: &name };
        let agent_b = match self.then {
            Then::Rings => Some("agent-b-rings-until-cancelled"),
            Then::Answers => Some("agent-b-answers"),
            Then::Fails => Some("agent-b-is-busy"),
            Then::Unreachable | Then::NoReferUrl => None,
        };
        let agent_b = agent_b.map(|scenario| Sipp::is_called(server, &name, scenario, &[]));
        if let Some(agent_b) = &agent_b {
            let noun = agent_b.uri("agent-b");
            app.twiml(&format!("/refer/{name}"), &format!("<Dial><Sip>{noun}</Sip></Dial>"));
        }
        let keys = [("final", self.last)];
        let called = match self.from {
            From::Child => Sipp::is_called(server, &name, self.agent_a, &keys),
            From::Parent => Sipp::is_called(server, &name, "is-called", &[]),
        };
        app.answers_calls_to(&name, &self.document(app, &called.uri("phone")));
        let caller = match self.from {
            From::Child => Sipp::calls(server, &name, &name, "usera-calls", &[]),
            From::Parent => Sipp::calls(server, &name, &name, self.agent_a, &keys),
        };
        let (mut agent_a, mut usera) = match self.from {
            From::Child => (called, caller),
            From::Parent => (caller, called),
        };
        if self.then == Then::Rings {
            // AgentA has seen what it must while AgentB was still ringing.
            let call = app.asked(&format!("/voice/{name}")).parameter("CallSid").to_owned();
            if self.answer_on_bridge {
                until(&format!("{name}: the re-INVITE"), PATIENCE, || {
                    let trace = server.trace(&call);

                    trace.contains("re-INVITE").then_some(())
                });
            } else {
                until(&format!("{name}: the end of AgentA"), PATIENCE, || {
                    agent_a.has_ended().then_some(())
                });
            }
            assert!(!usera.has_ended(), "{name}: UserA has gone");
            said(&server.command(&["hangup", &call]), 0);
        }
        agent_a.ends_well();
        usera.ends_well();
        if let Some(agent_b) = agent_b {
            agent_b.ends_well();
        }
        self.check_webhook(app, &name);
    }

    fn document(self, app: &App, uri: &str) -> String {
        let mut attributes = String::new();
        if self.answer_on_bridge {
            attributes += " answerOnBridge=\"true\"";
        }
        match self.then {
            Then::NoReferUrl => {}
            Then::Unreachable => {
                let nobody = format!("http://127.0.0.1:{}/refer", server::free_port());
                attributes += &format!(" referUrl=\"{nobody}\"");
            }
            Then::Rings | Then::Answers | Then::Fails => {
                attributes +=
                    &format!(" referUrl=\"{}\"", app.url(&format!("/refer/{}", self.name())));
            }
        }
        format!("<Dial{attributes}><Sip>{uri}</Sip></Dial>")
    }

    /// The application was told where to, byte for byte, and whose call it is about.
    fn check_webhook(self, app: &App, name: &str) {
        if matches!(self.then, Then::Unreachable | Then::NoReferUrl) {
            return;
        }
        let voice = app.asked(&format!("/voice/{name}"));
        let refer = app.asked(&format!("/refer/{name}"));
        let target = "<sip:agent-b@calls.example?X-Account=4711>";
        assert_eq!(refer.parameter("ReferTransferTarget"), target, "{name}");
        let call = voice.parameter("CallSid");
        match self.from {
            From::Child => assert_eq!(refer.parameter("CallSid"), call, "{name}"),
            From::Parent => assert_eq!(refer.parameter("ParentCallSid"), call, "{name}"),
        }
    }
}

fn play(name: &str, cells: &[Cell], recording: &[&str]) {
    if !is_installed("sipp", "sip-tester", name) {
        return;
    }
    let app = App::start();
    let server = Server::start_recording(name, &app, &[], recording);
    let mut stories: Vec<Story<'_>> = Vec::new();
    for cell in cells {
        let (server, app) = (&server, &app);
        stories.push((cell.name(), Box::new(move || cell.play(server, app))));
    }
    together(stories);
    server.is_back_at_the_baseline();
    let names: &[&str] = if recording.is_empty() { &[] } else { &["agent-b", "phone@"] };
    server.recordings_replay(cells.len(), names);
}

#[test]
fn sipp_plays_the_ten_cells_from_the_child_leg() {
    play("child", &CHILD, &[]);
}

#[test]
fn sipp_plays_cells_from_the_parent_leg() {
    play("parent", &PARENT, &["--record-redact"]);
}

#[test]
fn a_recording_is_whole_when_the_server_ends_after_its_call() {
    let app = App::start();
    let mut server = Server::start_recording("ends", &app, &[], &[]);
    let target = format!("sip:nobody@127.0.0.1:{}", server::free_port());
    let twiml = "<Response><Hangup/></Response>";
    let placed =
        server.command(&["call", "usera", &target, "--twiml", twiml, "--timeout", "1", "--json"]);
    let placed: Value = serde_json::from_str(&said(&placed, 0)).unwrap();
    let call = placed["sid"].as_str().unwrap();
    until("the end of the call", PATIENCE, || {
        (!server.get(&format!("/_/calls/{call}")).1.contains("\"end_time\":null")).then_some(())
    });
    let ladder = server.trace(call);
    assert!(server.recordings().is_empty());
    server.terminate();
    assert!(server.end().success());
    let recordings = server.recordings();
    assert_eq!(recordings.len(), 1);
    let replayed = server.command(&["replay", recordings[0].1.to_str().unwrap()]);
    assert_eq!(said(&replayed, 0), ladder);
}

/// What each party says into its phone, Hz.
const USERA_HZ: u16 = 400;
const AGENT_A_HZ: u16 = 620;
const AGENT_B_HZ: u16 = 1000;

/// The phone knows nothing of a transfer, so it does not hang up when that fails.
#[test]
fn a_transfer_by_command_that_fails_gives_the_phone_back() {
    if !is_installed("baresip", "baresip-core", "a transfer by command") {
        return;
    }
    let users = ["usera", "agent-a", "agent-b"];
    let app = App::start();
    let server = Server::start_recording("restored", &app, &users, &[]);
    let _ladder = Ladder { server: &server, app: &app, user: "restored" };
    let to_a =
        "<Dial answerOnBridge=\"true\" referUrl=\"/refer\"><Sip>sip:agent-a@bank.example</Sip>";
    app.answers_calls_to("restored", &format!("{to_a}</Dial>"));
    app.twiml("/refer", "<Dial><Sip>sip:agent-b@bank.example</Sip></Dial>");
    let tones = [USERA_HZ, AGENT_A_HZ, AGENT_B_HZ];
    let phone = |at: usize| Baresip::registered(&server, users[at], "udp", tones[at]);
    let [mut usera, mut agent_a, mut agent_b] = [0, 1, 2].map(phone);
    usera.order("dial", "sip:restored@bank.example");
    agent_a.sees("CALL_INCOMING");
    agent_a.order("accept", "");
    usera.hears(Heard::Tone(AGENT_A_HZ));
    agent_a.hears(Heard::Tone(USERA_HZ));

    let call = app.asked("/voice/restored").parameter("CallSid").to_owned();
    let agent_b_uri = "sip:agent-b@bank.example";
    said(&server.command(&["transfer", &child_of(&server, &call), agent_b_uri]), 0);
    agent_b.sees("CALL_INCOMING");
    usera.hears(Heard::Ringback);
    agent_a.hears(Heard::Silence);
    agent_b.order("hangup", "");
    usera.hears(Heard::Tone(AGENT_A_HZ));
    agent_a.hears(Heard::Tone(USERA_HZ));
    agent_a.order("hangup", "");
    usera.sees("CALL_CLOSED");
    assert_eq!(wav::tones(&usera.heard()), [AGENT_A_HZ, AGENT_A_HZ]);
    assert_eq!(wav::tones(&agent_a.heard()), [USERA_HZ, USERA_HZ]);
    for phone in [usera, agent_a, agent_b] {
        phone.quits();
    }
    server.is_back_at_the_baseline();
    server.recordings_replay(1, &[]);
}

#[test]
fn a_phone_hears_files_and_speech_and_hangs_up_by_star() {
    if !is_installed("baresip", "baresip-core", "sounds heard by a real phone") {
        return;
    }
    let app = App::start();
    let server = Server::start("sounds", &app, &["player", "listener", "presser"]);
    app.put("/tone.wav", "audio/wav", wav::tone_file(1000, 3));
    let mut running: Vec<Story<'_>> = Vec::new();
    let (server, app) = (&server, &app);
    running.push(("play".to_owned(), Box::new(move || a_file_is_heard(server, app))));
    if is_installed("espeak-ng", "espeak-ng", "speech heard by a real phone") {
        running.push(("say".to_owned(), Box::new(move || speech_is_heard(server, app))));
    }
    if is_installed("sipp", "sip-tester", "hangupOnStar") {
        running.push(("star".to_owned(), Box::new(move || star_hangs_up(server, app))));
    }
    together(running);
    server.is_back_at_the_baseline();
}

fn a_file_is_heard(server: &Server, app: &App) {
    app.answers_calls_to("play", "<Play>/tone.wav</Play>");
    let mut phone = Baresip::registered(server, "player", "udp", USERA_HZ);
    phone.order("dial", "sip:play@bank.example");
    phone.hears(Heard::Tone(1000));
    phone.sees("CALL_CLOSED");
    assert_eq!(wav::tones(&phone.heard()), [1000]);
    let n_samples = phone.heard().len();
    assert!((20_000..30_000).contains(&n_samples), "3 s of sound came as {n_samples} samples");
    phone.quits();
}

fn speech_is_heard(server: &Server, app: &App) {
    app.answers_calls_to("say", "<Say>Welcome to the bank. Please hold the line.</Say>");
    let mut phone = Baresip::registered(server, "listener", "tcp", USERA_HZ);
    phone.order("dial", "sip:say@bank.example");
    phone.sees("CALL_CLOSED");
    let heard = phone.heard();
    assert!(wav::story(&heard).contains(&Heard::Other), "{:?}", wav::story(&heard));
    assert!(heard.len() > 12_000 && tone::rms(&heard) > 500.0, "{}", tone::rms(&heard));
    phone.quits();
}

fn star_hangs_up(server: &Server, app: &App) {
    let agent = Sipp::is_called(server, "star", "is-called", &[]);
    let noun = agent.uri("agent");
    let dial = format!("<Dial hangupOnStar=\"true\"><Sip>{noun}</Sip></Dial>");
    app.answers_calls_to("star", &format!("{dial}<Play>/tone.wav</Play>"));
    let mut phone = Baresip::registered(server, "presser", "udp", USERA_HZ);
    phone.order("dial", "sip:star@bank.example");
    let call = app.asked("/voice/star").parameter("CallSid").to_owned();
    until("the bridge", PATIENCE, || server.trace(&call).contains(" ⇄ ").then_some(()));
    phone.order("sndcode", "*");
    agent.ends_well();
    phone.hears(Heard::Tone(1000));
    phone.sees("CALL_CLOSED");
    phone.quits();
}

#[test]
fn sigterm_drains() {
    if !is_installed("sipp", "sip-tester", "draining") {
        return;
    }
    let app = App::start();
    let mut server = Server::start("drain", &app, &[]);
    app.answers_calls_to("hold", "<Play>/tone.wav</Play><Pause length=\"60\"/>");
    app.put("/tone.wav", "audio/wav", wav::tone_file(1000, 1));
    let mut usera = Sipp::calls(&server, "drain", "hold", "usera-calls", &[]);
    let call = app.asked("/voice/hold").parameter("CallSid").to_owned();
    until("the call is answered", PATIENCE, || is_in_progress(&server, &call).then_some(()));
    assert_eq!(server.get("/readyz").0, 200);

    server.terminate();
    until("not ready any more", PATIENCE, || (server.get("/readyz").0 == 503).then_some(()));
    assert_eq!(server.get("/healthz").0, 200);
    let other = Sipp::calls(&server, "drain", "hold", "usera-is-turned-away", &[]);
    other.ends_well();
    assert!(!usera.has_ended(), "calls go on");
    said(&server.command(&["hangup", &call]), 0);
    usera.ends_well();
    let status = server.end();
    assert!(status.success(), "{status}\n{}", server.log());
}

fn is_in_progress(server: &Server, call: &str) -> bool {
    find(server, call)["status"] == "in-progress"
}

/// A call in the list of live calls; null when it is not there.
fn find(server: &Server, call: &str) -> Value {
    let calls = json(&said(&server.command(&["calls", "--json"]), 0));
    let found = calls["calls"].as_array().unwrap().iter().find(|row| row["sid"] == call).cloned();
    found.unwrap_or(Value::Null)
}

/// The call a live call has dialled.
fn child_of(server: &Server, parent: &str) -> String {
    let calls = json(&said(&server.command(&["calls", "--json"]), 0));
    let rows = calls["calls"].as_array().unwrap();
    let child = rows.iter().find(|row| row["parent_call_sid"] == parent).unwrap();
    child["sid"].as_str().unwrap().to_owned()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn commands_order_and_show_live_calls() {
    if !is_installed("sipp", "sip-tester", "commands on live calls") {
        return;
    }
    let app = App::start();
    let server = Server::start("commands", &app, &[]);
    a_call_is_transferred_by_command(&server, &app);
    a_call_is_placed_by_command(&server);
    let version = said(&server.command(&["version"]), 0);
    assert_eq!(version, format!("legwork {}\n", env!("CARGO_PKG_VERSION")));
    let version = json(&said(&server.command(&["version", "--json"]), 0));
    assert_eq!(version["name"], "legwork");
    check_tells_what_is_wrong(&server);
    let nobody = format!("http://127.0.0.1:{}", server::free_port());
    said(&server.command(&["calls", "--server", &nobody]), 1);
    said(&server.command(&["hangup", "me"]), 2);
    server.is_back_at_the_baseline();
}

fn a_call_is_transferred_by_command(server: &Server, app: &App) {
    let agent_a = Sipp::is_called(server, "desk-a", "is-called", &[]);
    let agent_b = Sipp::is_called(server, "desk", "agent-b-answers", &[]);
    let (a, b) = (agent_a.uri("agent-a"), agent_b.uri("agent-b"));
    let dial = format!("<Dial answerOnBridge=\"true\" referUrl=\"/refer\"><Sip>{a}</Sip></Dial>");
    app.answers_calls_to("desk", &dial);
    app.twiml("/refer", &format!("<Dial><Sip>{b}</Sip></Dial>"));
    let usera = Sipp::calls(server, "desk", "desk", "usera-calls", &[]);
    let parent = app.asked("/voice/desk").parameter("CallSid").to_owned();
    until("the call is answered", PATIENCE, || is_in_progress(server, &parent).then_some(()));
    let child = &child_of(server, &parent);
    let listed = said(&server.command(&["calls"]), 0);
    assert!(listed.contains(&parent) && listed.contains(child), "{listed}");

    let accepted = said(&server.command(&["transfer", child, &b]), 0);
    assert_eq!(accepted, format!("{child}  transfer accepted\n"));
    let ladder = said(&server.command(&["trace", &parent, "--follow"]), 0);
    for party in [agent_a, agent_b, usera] {
        party.ends_well();
    }
    let refer = app.asked("/refer");
    assert_eq!(refer.parameter("ReferTransferTarget"), b);
    assert!(ladder.contains("POST /refer") && ladder.contains(" ⇄ "), "{ladder}");
    let rows = said(&server.command(&["trace", &parent, "--json"]), 0);
    assert!(rows.lines().map(json).any(|row| row["kind"] == "joined"), "{rows}");
    assert_eq!(find(server, &parent), Value::Null);
    let finished = json(&said(&server.command(&["calls", "--finished", "--json"]), 0));
    assert_eq!(finished["calls"].as_array().unwrap().len(), 3, "{finished}");
    said(&server.command(&["hangup", &parent]), 1);
}

fn a_call_is_placed_by_command(server: &Server) {
    let phone = Sipp::is_called(server, "placed", "is-called", &[]);
    let to = phone.uri("phone");
    let document = "<Response><Pause length=\"60\"/></Response>";
    let call = ["call", "sip:bank@calls.example", &to, "--twiml", document, "--json"];
    let placed = json(&said(&server.command(&call), 0));
    let sid = placed["sid"].as_str().unwrap();
    until("the call is answered", PATIENCE, || is_in_progress(server, sid).then_some(()));
    // Nothing to transfer: there is no <Dial>.
    said(&server.command(&["transfer", sid, "sip:agent-b@calls.example"]), 1);
    let alerts = said(&server.command(&["alerts"]), 0);
    assert!(alerts.contains("  13802  ") && alerts.contains(sid), "{alerts}");
    let alerts = said(&server.command(&["alerts", "--json"]), 0);
    assert!(alerts.lines().map(json).any(|alert| alert["code"] == 13802), "{alerts}");
    said(&server.command(&["hangup", sid]), 0);
    phone.ends_well();
    said(&server.command(&["call", "sip:a@calls.example", &to, "--twiml", "<Response>"]), 1);
    said(&server.command(&["call", "sip:a@calls.example", &to]), 2);
}

fn check_tells_what_is_wrong(server: &Server) {
    let file = |name: &str, text: &str| server.folder.file(name, text).display().to_string();
    let good = file("good.xml", "<Response><Hangup/></Response>");
    let bad = file("bad.xml", "<Response>\n  <Dail/>\n</Response>");
    assert!(said(&server.command(&["check", &good]), 0).ends_with("good.xml: no problems\n"));
    let told = json(&said(&server.command(&["check", "--json", &good]), 0));
    assert_eq!(told["problems"].as_array().map(Vec::len), Some(0));
    let told = server.command(&["check", "--json", &bad]);
    let told = json(&String::from_utf8_lossy(&told.stdout));
    assert_eq!(told["problems"][0]["line"], 2, "{told}");
    assert!(told["problems"][0]["text"].as_str().unwrap().contains("Dial"), "{told}");
    said(&server.command(&["check", &file("no.xml", "<Response><Dial>")]), 1);
    said(&server.command(&["check", "nowhere.xml"]), 2);
}
