//! A thousand callers in one queue, who all hang up at once: a switch by itself, for the rules of the simulated
//! world look at everybody after every step.
//!
//! Not here: what each of them hears and is told (`waiting`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use legwork_call::io::{Change, Document, Fetch};
use legwork_call::sid::CallSid;
use legwork_call::{Command, Input, Now, Output, Switch};
use legwork_sim::script;
use legwork_sip::{Flow, Transport};

const CALLERS: usize = 1_000;
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n\
                   m=audio 4000 RTP/AVP 0\r\n";

/// A switch, its application, and what they have said.
struct Crowd {
    switch: Switch,
    now: Now,
    commands: u64,
    /// Calls that got a place, and those that gave one up.
    came: Vec<CallSid>,
    left: usize,
    /// What the last document of somebody who waits was asked with.
    asked: Vec<(String, String)>,
}

impl Crowd {
    fn new() -> Self {
        let now = Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH };
        let switch = Switch::new(now, script::config(""), 1);
        let (came, asked) = (Vec::new(), Vec::new());
        let mut crowd = Self { switch, now, commands: 0, came, left: 0, asked };
        let ports = (10_000..60_000).step_by(2).collect();
        crowd.input(Input::Ports { thread: 0, ports });
        crowd
    }

    /// Hands it in, and answers everything that is asked.
    fn input(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.switch.handle(self.now, input);
            while let Some(output) = self.switch.poll_output() {
                if let Output::Fetch(fetch) = output {
                    inputs.push_back(self.answer(*fetch));
                } else if let Output::Store(Change::QueueMember(row)) = output {
                    self.came.push(row.call);
                } else if let Output::Store(Change::QueueLeft { .. }) = output {
                    self.left += 1;
                }
            }
        }
    }

    fn answer(&mut self, fetch: Fetch) -> Input {
        let waits = fetch.hook.url.ends_with("/wait");
        let text = if waits {
            r#"<Response><Pause length="9"/></Response>"#
        } else {
            r#"<Response><Enqueue waitUrl="/wait" maxQueueSize="5000">line</Enqueue></Response>"#
        };
        if waits {
            self.asked =
                fetch.parameters.into_iter().map(|(name, value)| (name.into(), value)).collect();
        }
        let (program, problems) = legwork_twiml::parse(text.as_bytes());
        let (url, took) = (fetch.hook.url, Duration::ZERO);
        let document = Document { url, program, problems, status: 200, took };
        Input::Fetched { id: fetch.id, result: Ok(document) }
    }

    fn call(&mut self, n: usize) {
        let text = format!(
            "INVITE sip:line@bank.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK{n}\r\n\
             From: <sip:usera@bank.example.com>;tag={n}\r\nTo: <sip:line@bank.example.com>\r\n\
             Call-ID: {n}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:usera@10.0.0.1>\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}",
            SDP.len()
        );
        let (local, remote) = ("10.0.0.9:5060", "10.0.0.1:5060");
        let (local, remote) = (local.parse().unwrap(), remote.parse().unwrap());
        let flow = Flow { transport: Transport::Udp, local, remote, connection: 0 };
        self.input(Input::Message { flow, bytes: text.into_bytes().into() });
    }

    fn hang_up(&mut self, call: CallSid) {
        self.commands += 1;
        let id = legwork_call::io::CommandId(self.commands);
        self.input(Input::Command { id, command: Command::Hangup { call } });
    }

    fn told(&self, name: &str) -> &str {
        self.asked.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }
}

#[test]
fn a_thousand_wait_and_all_hang_up() {
    let mut crowd = Crowd::new();
    for n in 0..CALLERS {
        crowd.call(n);
        crowd.now.mono += Duration::from_millis(10);
    }
    assert_eq!(crowd.came.len(), CALLERS);
    assert_eq!(crowd.told("QueuePosition"), CALLERS.to_string());
    assert_eq!(crowd.told("AvgQueueTime"), "4", "they came within 10 s");
    let queue = crowd.switch.queues().next().unwrap();
    assert_eq!(queue.members, crowd.came, "first come, first served");
    // From the middle, the front and the end.
    let calls = crowd.came.clone();
    let half = calls.len() / 2;
    for call in calls[half..].iter().chain(&calls[..half]) {
        crowd.hang_up(*call);
    }
    assert_eq!((crowd.left, crowd.switch.legs().count()), (CALLERS, 0));
    assert!(crowd.switch.queues().next().unwrap().members.is_empty());
    assert_eq!(crowd.switch.faults(), (0, 0));
}
