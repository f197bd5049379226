//! Two endpoints, a network between them that can lose what a test names, and a clock.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_sip::endpoint::{Body, Config, Counts, Invite};
use legwork_sip::event::DialogId;
use legwork_sip::{Endpoint, Event, Flow, Message, Status, Transport};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    A,
    B,
}
pub(crate) use Side::{A, B};

pub(crate) const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";

#[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

pub(crate) fn config(at: &str, prefix: &str) -> Config {
    let at: SocketAddr = at.parse().unwrap();
    Config {
        user_agent: "test".to_owned(),
        public_address: None,
        listen: vec![(Transport::Udp, at), (Transport::Tcp, at)],
        tag_prefix: prefix.to_owned(),
    }
}

pub(crate) fn sdp() -> Body {
    Body::sdp(OFFER)
}

pub(crate) fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// What a message is, in few words.
pub(crate) fn title(message: &Message) -> String {
    let Some(status) = message.status() else {
        let mut words = String::from_utf8_lossy(message.method_name()).into_owned();
        let body = message.body();
        if words == "NOTIFY" {
            let state = message.subscription_state().map(|state| state.state);
            let state = state.map_or_else(|_| "?".to_owned(), |state| format!("{state:?}"));
            let event = message.header(legwork_sip::header::Name::Event).unwrap();
            words = format!(
                "NOTIFY {} {state} {}",
                String::from_utf8_lossy(event),
                String::from_utf8_lossy(&body).trim_end()
            );
        } else if !body.is_empty() {
            words.push_str(" +sdp");
        }
        return words;
    };
    let sdp = if message.body().is_empty() { "" } else { " +sdp" };
    format!("{} ({}){sdp}", status.0, message.method())
}

/// The name of an event and what matters in it.
pub(crate) fn name(event: &Event) -> Option<String> {
    Some(match event {
        Event::Received { .. } => return None,
        Event::Provisional { response, .. } => format!("Provisional {}", response.status()?.0),
        Event::Failed { status, .. } => format!("Failed {}", status.0),
        Event::ReinviteFailed { status, .. } => format!("ReinviteFailed {}", status.0),
        Event::Acked { body, .. } if !body.is_empty() => "Acked +sdp".to_owned(),
        Event::Ended { by, .. } => {
            let by = format!("{by:?}");
            format!("Ended {}", by.split('(').next()?)
        }
        Event::Response { status, cseq, .. } => format!("Response {} {cseq}", status.0),
        Event::Notified { last, .. } => format!("Notified last={last}"),
        Event::Referred { status, notices, .. } => {
            format!("Referred {}{}", status.0, if *notices { "" } else { ", no notices" })
        }
        Event::ReferProgress { status, last, .. } => {
            let status = status.map_or_else(|| "nothing".to_owned(), |status| status.0.to_string());
            format!("ReferProgress {status}{}", if *last { ", last" } else { "" })
        }
        other => format!("{other:?}").split([' ', '{']).next()?.to_owned(),
    })
}

pub(crate) struct World {
    pub(crate) now: Instant,
    begin: Instant,
    pub(crate) a: Endpoint,
    pub(crate) b: Endpoint,
    pub(crate) flow_a: Flow,
    pub(crate) flow_b: Flow,
    pub(crate) events_a: Vec<Event>,
    pub(crate) events_b: Vec<Event>,
    /// Titles of messages the network loses, each once.
    pub(crate) lose: Vec<&'static str>,
    /// Nothing is delivered; what is sent waits here.
    pub(crate) hold: bool,
    held: Vec<(Side, Bytes)>,
    log: String,
}

impl World {
    pub(crate) fn new(transport: Transport) -> Self {
        let now = start();
        let a: SocketAddr = "192.0.2.1:5060".parse().unwrap();
        let b: SocketAddr = "192.0.2.2:5060".parse().unwrap();
        Self {
            now,
            begin: now,
            a: Endpoint::new(config("192.0.2.1:5060", "a-"), 1),
            b: Endpoint::new(config("192.0.2.2:5060", "b-"), 2),
            flow_a: Flow { transport, local: a, remote: b, connection: 0 },
            flow_b: Flow { transport, local: b, remote: a, connection: 0 },
            events_a: Vec::new(),
            events_b: Vec::new(),
            lose: Vec::new(),
            hold: false,
            held: Vec::new(),
            log: String::new(),
        }
    }

    pub(crate) fn note(&mut self, text: &str) {
        let t = self.now.duration_since(self.begin).as_secs_f64();
        self.log.push_str(&format!("{t:.1} {text}\n"));
    }

    /// Delivers until nobody has anything to say.
    pub(crate) fn run(&mut self) {
        loop {
            let mut quiet = true;
            for side in [A, B] {
                while let Some(event) = self.end(side).poll_event() {
                    quiet = false;
                    if let Some(name) = name(&event) {
                        self.note(&format!("{side:?}: {name}"));
                    }
                    match side {
                        A => self.events_a.push(event),
                        B => self.events_b.push(event),
                    }
                }
                while let Some(transmit) = self.end(side).poll_transmit() {
                    quiet = false;
                    let message = Message::parse(transmit.bytes.clone()).unwrap();
                    assert_eq!(message.validate(), Ok(()), "{:?}", transmit.bytes);
                    let title = title(&message);
                    let again = if transmit.again { " again" } else { "" };
                    let (from, to) = if side == A { ("A", "B") } else { ("B", "A") };
                    if let Some(nth) = self.lose.iter().position(|lost| *lost == title) {
                        self.lose.remove(nth);
                        self.note(&format!("{from} ─▶ {to} {title}{again} ✗"));
                    } else if self.hold {
                        self.held.push((side, transmit.bytes));
                    } else {
                        self.note(&format!("{from} ─▶ {to} {title}{again}"));
                        self.deliver(side, transmit.bytes);
                    }
                }
            }
            if quiet {
                return;
            }
        }
    }

    pub(crate) fn deliver(&mut self, from: Side, bytes: Bytes) {
        match from {
            A => self.b.handle_message(self.now, self.flow_b, bytes),
            B => self.a.handle_message(self.now, self.flow_a, bytes),
        }
    }

    /// Lets go what was held.
    pub(crate) fn release(&mut self) {
        self.hold = false;
        for (side, bytes) in std::mem::take(&mut self.held) {
            let title = title(&Message::parse(bytes.clone()).unwrap());
            let (from, to) = if side == A { ("A", "B") } else { ("B", "A") };
            self.note(&format!("{from} ─▶ {to} {title}"));
            self.deliver(side, bytes);
        }
        self.run();
    }

    pub(crate) fn end(&mut self, side: Side) -> &mut Endpoint {
        match side {
            A => &mut self.a,
            B => &mut self.b,
        }
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, pause: Duration) {
        let until = self.now + pause;
        self.run();
        while let Some(due) =
            [self.a.poll_timeout(), self.b.poll_timeout()].into_iter().flatten().min()
            && due <= until
        {
            self.now = self.now.max(due);
            self.a.handle_timeout(self.now);
            self.b.handle_timeout(self.now);
            self.run();
        }
        self.now = until;
    }

    /// What was seen since the last look.
    pub(crate) fn seen(&mut self) -> String {
        self.run();
        std::mem::take(&mut self.log)
    }

    pub(crate) fn begin(&self) -> Instant {
        self.begin
    }

    pub(crate) fn invite(&mut self, body: Option<Body>) -> DialogId {
        let id = self.invite_with(body);
        self.run();
        id
    }

    /// Nothing is delivered.
    pub(crate) fn invite_quietly(&mut self) -> DialogId {
        self.invite_with(Some(sdp()))
    }

    fn invite_with(&mut self, body: Option<Body>) -> DialogId {
        let invite = Invite {
            target: "sip:bob@192.0.2.2".to_owned(),
            flow: self.flow_a,
            from: "\"Alice\" <sip:alice@192.0.2.1>".to_owned(),
            to: "<sip:bob@192.0.2.2>".to_owned(),
            routes: Vec::new(),
            lines: vec![("X-Test".into(), "1".to_owned())],
            body,
            refer_allowed: true,
            contact_parameters: "",
            hops: None,
            credentials: None,
        };
        self.a.invite(self.now, invite)
    }

    /// The dialog of the call that B was invited to last.
    pub(crate) fn invited(&self) -> DialogId {
        let dialog = |event: &Event| match event {
            Event::Invite { dialog, .. } => Some(*dialog),
            _ => None,
        };
        self.events_b.iter().rev().find_map(dialog).expect("an INVITE")
    }

    /// A call from A that B has answered.
    pub(crate) fn call(&mut self) -> (DialogId, DialogId) {
        let a = self.invite(Some(sdp()));
        let b = self.invited();
        self.b.answer(self.now, b, Some(sdp()), &[]);
        self.run();
        self.seen();
        (a, b)
    }

    /// Ends the call from A's side and looks whether anything stays.
    pub(crate) fn finish(&mut self, dialog: DialogId) {
        self.a.end(self.now, dialog, &[]);
        self.settles();
    }

    pub(crate) fn settles(&mut self) {
        self.wait(Duration::from_secs(1000));
        assert_eq!(self.a.counts(), Counts::default());
        assert_eq!(self.b.counts(), Counts::default());
        self.log.clear();
    }
}

pub(crate) const RINGING: Status = Status::RINGING;
