//! Real processes: the built server, an application, SIPp and baresip as the parties of the story.
//!
//! Not here: time and loss as a test wants them (the simulation in `legwork-sim`).
//! Source: the transfer table of the contract; the README, "Commands" and "Ready".

#[path = "real/app.rs"]
mod app;
#[path = "real/baresip.rs"]
mod baresip;
#[path = "real/server.rs"]
mod server;
#[path = "real/sipp.rs"]
mod sipp;
#[path = "real/wav.rs"]
mod wav;

use legwork_media::tone::{self, Heard};
use serde_json::Value;

use app::App;
use baresip::Baresip;
use server::{PATIENCE, Server, is_installed, said, until};
use sipp::Sipp;

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

const PARENT: [Cell; 6] = [
    cell(From::Parent, true, Then::Answers, "agent-a-calls-and-is-released", "200"),
    cell(From::Parent, false, Then::Answers, "agent-a-calls-and-is-released", "200"),
    cell(From::Parent, true, Then::Fails, "agent-a-calls-and-is-restored", "486"),
    cell(From::Parent, true, Then::Unreachable, "agent-a-calls-and-is-restored", "503"),
    cell(From::Parent, false, Then::Unreachable, "agent-a-calls-and-is-released", "503"),
    cell(From::Parent, true, Then::NoReferUrl, "agent-a-calls-and-is-refused", "603"),
];

impl Cell {
    fn name(self) -> String {
        format!("{:?}-{}-{:?}", self.from, self.answer_on_bridge, self.then).to_lowercase()
    }

    /// Three SIPps go through it; the signalling is checked by their scenarios.
    fn play(self, server: &Server, app: &App) {
        let name = self.name();
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
        let (mut agent_a, usera) = match self.from {
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
        agent_a.is_content();
        usera.is_content();
        if let Some(agent_b) = agent_b {
            agent_b.is_content();
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
                attributes += &format!(" referUrl=\"{}\"", app.url(&format!("/refer/{}", self.name())));
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

/// Runs all at once; fails with the names of all that failed.
fn together(stories: Vec<(String, Box<dyn FnOnce() + Send + '_>)>) {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> =
            stories.into_iter().map(|(name, story)| (name, scope.spawn(story))).collect();
        let ended = running.into_iter().map(|(name, thread)| (name, thread.join()));
        ended.filter(|(_, result)| result.is_err()).map(|(name, _)| name).collect()
    });
    assert!(failed.is_empty(), "failed: {failed:?}");
}

fn play(name: &str, cells: &[Cell]) {
    if !is_installed("sipp", "sip-tester", name) {
        return;
    }
    let app = App::start();
    let server = Server::start(name, &app, &[]);
    let mut stories: Vec<(String, Box<dyn FnOnce() + Send + '_>)> = Vec::new();
    for cell in cells {
        let (server, app) = (&server, &app);
        stories.push((cell.name(), Box::new(move || cell.play(server, app))));
    }
    together(stories);
    server.is_back_at_the_baseline();
}

#[test]
fn sipp_plays_the_ten_cells_from_the_child_leg() {
    play("child", &CHILD);
}

#[test]
fn sipp_plays_cells_from_the_parent_leg() {
    play("parent", &PARENT);
}
