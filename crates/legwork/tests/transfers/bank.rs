//! The bank: the server and its application, a conversation in it, and what it left behind.
//!
//! Not here: the parties (`party`), what happens in a case (`blind`, `attended`, `outbound`).
//! Source: the README, "HTTP API"; the contract of inbound REFER.

use std::collections::HashSet;

use serde_json::Value;

use crate::app::App;
use crate::party::{AGENT_A, Party, USER_A, Who};
use crate::server::{PATIENCE, Server, until};
use crate::steps::Step;

/// Which leg of the initial call is the transferor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// The transferor has called.
    Caller,
    /// The transferor was called.
    Callee,
}

/// The server and its application.
#[derive(Debug)]
pub(crate) struct Bank {
    pub(crate) server: Server,
    pub(crate) app: App,
}

/// `<Dial>` that keeps the transferor until the target is there.
pub(crate) const KEPT: &str = " answerOnBridge=\"true\"";
/// `<Dial>` that releases it at once.
pub(crate) const RELEASED: &str = "";

/// What `<Application>` may call; its document is at `/application`.
pub(crate) const APPLICATION: &str = "AP00000000000000000000000000000001";

/// The initial call, with both parties hearing one another.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) transferor: Party,
    pub(crate) transferee: Party,
}

impl Bank {
    /// Starts them. `change` may change the configuration.
    pub(crate) fn start(name: &str, change: impl FnOnce(String) -> String) -> Self {
        let app = App::start();
        app.put("/800.wav", "audio/wav", crate::wav::tone_file(800, 1));
        let application = format!(
            "[[application]]\nsid = \"{APPLICATION}\"\nvoice_url = \"{}\"\n",
            app.url("/application")
        );
        let configuration = crate::server::configuration(&app, &[]) + &application;
        let server = Server::start_with(name, &change(configuration));
        Self { server, app }
    }

    /// Where the scenario of a party is written, without `.xml`.
    pub(crate) fn scenario_file(&self, case: &str, who: Who) -> String {
        let folder = self.server.folder.path(case);
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(who.name).display().to_string()
    }

    /// AgentA and UserA in conversation, dialled with these attributes; each goes on with its steps, of
    /// which the transferor's first is to wait, for what it then is given.
    pub(crate) fn talk(
        &self,
        case: &str,
        from: From,
        dial: &str,
        [transferor, transferee]: [&[Step]; 2],
    ) -> Talk {
        let talk =
            self.connect(case, case, from, dial, [AGENT_A, USER_A], [transferor, transferee]);
        talk.transferor.talks_to(&talk.transferee);
        talk
    }

    /// The same, called as this user, by these two; nobody has heard anybody yet.
    pub(crate) fn connect(
        &self,
        case: &str,
        user: &str,
        from: From,
        dial: &str,
        [transferor, transferee]: [Who; 2],
        [first, second]: [&[Step]; 2],
    ) -> Talk {
        let calls = |steps: &[Step]| [&[Step::Calls, Step::IsAnswered], steps].concat();
        let called =
            |steps: &[Step]| [&[Step::IsCalled, Step::Rings, Step::Answers], steps].concat();
        let (caller, callee) = match from {
            From::Caller => ((transferor, calls(first)), (transferee, called(second))),
            From::Callee => ((transferee, calls(second)), (transferor, called(first))),
        };
        let callee = Party::is_called(self, case, callee.0, &callee.1);
        let refer = self.app.url(&format!("/refer/{case}"));
        self.app.answers_calls_to(
            user,
            &format!("<Dial{dial} referUrl=\"{refer}\"><Sip>{}</Sip></Dial>", callee.uri()),
        );
        let caller = Party::calls(self, case, caller.0, user, &caller.1);
        let (mut transferor, transferee) = match from {
            From::Caller => (caller, callee),
            From::Callee => (callee, caller),
        };
        transferor.comes_to_wait();
        Talk { transferor, transferee }
    }

    /// The document at the `referUrl` of this case.
    pub(crate) fn refers_to(&self, case: &str, document: &str) {
        self.app.twiml(&format!("/refer/{case}"), document);
    }

    /// The application was asked where to, byte for byte, for the call of the transferee.
    pub(crate) fn was_asked(&self, case: &str, from: From, target: &str) {
        let refer = self.app.asked(&format!("/refer/{case}"));
        assert_eq!(refer.parameter("ReferTransferTarget"), target, "{case}");
        let call = self.first_call(case);
        let of = match from {
            From::Caller => "ParentCallSid",
            From::Callee => "CallSid",
        };
        assert_eq!(refer.parameter(of), call, "{case}: {of}");
    }

    /// The call that has come in first.
    fn first_call(&self, case: &str) -> String {
        self.calls(case).first().map(|row| text(row, "sid")).unwrap_or_default()
    }

    /// The ladder of a case.
    pub(crate) fn ladder(&self, case: &str) -> String {
        let ladder = self.server.command(&["trace", &self.first_call(case)]);
        String::from_utf8_lossy(&ladder.stdout).into_owned()
    }

    /// The records of a case's calls, once each has ended: direction, the user called, status; in the order
    /// they were made.
    pub(crate) fn left_records(&self, case: &str, wanted: &[&str]) {
        let rows = until(&format!("the end of the calls of {case}"), PATIENCE, || {
            let rows = self.calls(case);
            rows.iter().all(|row| row["end_time"].is_string()).then_some(rows)
        });
        for row in &rows {
            assert_eq!(row["start_time"].is_string(), row["status"] == "completed", "{row}");
        }
        let shown: Vec<String> = rows.iter().map(shown).collect();
        assert_eq!(shown, wanted, "{case}: records");
    }

    /// Only these alerts were raised about a case's calls.
    pub(crate) fn left_alerts(&self, case: &str, wanted: &[u64]) {
        let sids: HashSet<String> = self.calls(case).iter().map(|row| text(row, "sid")).collect();
        let alerts = json(&self.server.get("/_/alerts").1);
        let alerts = alerts["alerts"].as_array().unwrap();
        let of = |alert: &&Value| alert["call_sid"].as_str().is_some_and(|sid| sids.contains(sid));
        let codes: Vec<u64> =
            alerts.iter().filter(of).map(|alert| alert["code"].as_u64().unwrap()).collect();
        assert_eq!(codes, wanted, "{case}: alerts");
    }

    /// The calls that have come in for a case, and those dialled by them, oldest first.
    fn calls(&self, case: &str) -> Vec<Value> {
        let calls = json(&self.server.get("/_/calls?finished=true").1);
        let mut calls = calls["calls"].as_array().unwrap().clone();
        calls.reverse();
        let mut of = HashSet::new();
        calls.retain(|row| {
            let is_first = row["direction"] == "inbound" && user(row).starts_with(case);
            let is_child = row["parent_call_sid"].as_str().is_some_and(|sid| of.contains(sid));
            (is_first || is_child) && of.insert(text(row, "sid"))
        });
        calls
    }
}

fn shown(row: &Value) -> String {
    format!("{} {} {}", text(row, "direction"), user(row), text(row, "status"))
}

/// The user part of the address that was called.
fn user(row: &Value) -> String {
    let to = text(row, "to");
    let user = to.trim_start_matches("sip:").split('@').next().unwrap_or_default();
    user.to_owned()
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
