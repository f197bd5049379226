//! One endpoint and a peer whose messages are written by hand.

use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_sip::endpoint::Counts;
use legwork_sip::event::{DialogId, RequestId};
use legwork_sip::header::Name;
use legwork_sip::{Endpoint, Event, Flow, Message, Transport};

use crate::world::{config, name, sdp, start, title};

/// The peer is at 192.0.2.9:5060 and calls with Call-ID `call`, tag `peer`.
pub(crate) struct Peer {
    pub(crate) now: Instant,
    begin: Instant,
    pub(crate) endpoint: Endpoint,
    pub(crate) flow: Flow,
    pub(crate) sent: Vec<Bytes>,
    pub(crate) events: Vec<Event>,
    our_tag: String,
    last: Bytes,
    branches: u32,
    log: String,
}

impl Peer {
    pub(crate) fn new() -> Self {
        let now = start();
        Self {
            now,
            begin: now,
            endpoint: Endpoint::new(config("192.0.2.1:5060", "n0001-"), 5),
            flow: Flow {
                transport: Transport::Udp,
                local: "192.0.2.1:5060".parse().unwrap(),
                remote: "192.0.2.9:5060".parse().unwrap(),
                connection: 0,
            },
            sent: Vec::new(),
            events: Vec::new(),
            our_tag: String::new(),
            last: Bytes::new(),
            branches: 0,
            log: String::new(),
        }
    }

    fn note(&mut self, text: &str) {
        let t = self.now.duration_since(self.begin).as_secs_f64();
        self.log.push_str(&format!("{t:.1} {text}\n"));
    }

    /// Takes what the endpoint has to say.
    pub(crate) fn run(&mut self) {
        while let Some(event) = self.endpoint.poll_event() {
            if let Some(name) = name(&event) {
                self.note(&format!("event {name}"));
            }
            self.events.push(event);
        }
        while let Some(transmit) = self.endpoint.poll_transmit() {
            let message = Message::parse(transmit.bytes.clone()).unwrap();
            assert_eq!(message.validate(), Ok(()), "{:?}", transmit.bytes);
            let again = if transmit.again { " again" } else { "" };
            let title = title(&message);
            self.note(&format!("◀─ {title}{again}"));
            self.sent.push(transmit.bytes);
        }
    }

    pub(crate) fn wait(&mut self, pause: Duration) {
        let until = self.now + pause;
        self.run();
        while let Some(due) = self.endpoint.poll_timeout()
            && due <= until
        {
            self.now = self.now.max(due);
            self.endpoint.handle_timeout(self.now);
            self.run();
        }
        self.now = until;
    }

    /// Lines end with LF in `text`; a body stands behind an empty line.
    pub(crate) fn raw(&mut self, text: &str) {
        self.last = Bytes::from(text.replace('\n', "\r\n"));
        self.again();
    }

    /// The same bytes as last time.
    pub(crate) fn again(&mut self) {
        let title = match Message::parse(self.last.clone()) {
            Ok(message) => title(&message),
            Err(error) => error.text.to_owned(),
        };
        self.note(&format!("─▶ {title}"));
        self.endpoint.handle_message(self.now, self.flow, self.last.clone());
        self.run();
    }

    /// A request in the dialog, or the INVITE that makes it. With `SDP` among its lines it has some.
    pub(crate) fn send(&mut self, method: &str, cseq: u32, lines: &str) {
        self.branches += 1;
        let branch = self.branches;
        let tag =
            if self.our_tag.is_empty() { String::new() } else { format!(";tag={}", self.our_tag) };
        self.raw(&format!(
            "{method} sip:n@192.0.2.1 SIP/2.0\n\
             Via: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKp{branch}\n\
             Max-Forwards: 70\n\
             From: <sip:p@example.com>;tag=peer\n\
             To: <sip:n@example.com>{tag}\n\
             Call-ID: call\n\
             CSeq: {cseq} {method}\n\
             Contact: <sip:p@192.0.2.9>\n\
             {lines}{}",
            body(lines)
        ));
    }

    /// A request of the fork `tag` of a call of the endpoint's.
    pub(crate) fn send_as(&mut self, tag: &str, method: &str, cseq: u32, lines: &str) {
        let invite =
            self.sent.iter().find(|bytes| bytes.starts_with(b"INVITE")).expect("an INVITE");
        let invite = Message::parse(invite.clone()).unwrap();
        let line = |name| String::from_utf8_lossy(invite.header(name).unwrap()).into_owned();
        self.branches += 1;
        self.raw(&format!(
            "{method} sip:n@192.0.2.1 SIP/2.0\n\
             Via: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKf{}\n\
             Max-Forwards: 70\n\
             From: {};tag={tag}\n\
             To: {}\n\
             Call-ID: {}\n\
             CSeq: {cseq} {method}\n\
             Contact: <sip:{tag}@192.0.2.9>\n\
             {lines}{}",
            self.branches,
            line(Name::To),
            line(Name::From),
            line(Name::CallId),
            body(lines)
        ));
    }

    /// A call of the peer, answered and acknowledged.
    pub(crate) fn call(&mut self) -> DialogId {
        self.send("INVITE", 1, "");
        let dialog = self.invited();
        self.endpoint.answer(self.now, dialog, Some(sdp()), &[]);
        self.run();
        self.learn();
        self.send("ACK", 1, "");
        self.log.clear();
        dialog
    }

    /// Remembers the tag of the endpoint from its last response.
    pub(crate) fn learn(&mut self) {
        let response = Message::parse(self.sent.last().unwrap().clone()).unwrap();
        let tag = response.to().unwrap().tag().unwrap();
        self.our_tag = String::from_utf8(tag.to_vec()).unwrap();
    }

    pub(crate) fn our_tag(&self) -> &str {
        &self.our_tag
    }

    pub(crate) fn invited(&self) -> DialogId {
        let dialog = |event: &Event| match event {
            Event::Invite { dialog, .. } => Some(*dialog),
            _ => None,
        };
        self.events.iter().rev().find_map(dialog).expect("an INVITE")
    }

    pub(crate) fn referred(&self) -> RequestId {
        let refer = |event: &Event| match event {
            Event::Refer { refer, .. } => Some(*refer),
            _ => None,
        };
        self.events.iter().rev().find_map(refer).expect("a REFER")
    }

    /// The number of the endpoint's last reliable 1xx.
    pub(crate) fn rseq(&self) -> u32 {
        let response = Message::parse(self.sent.last().unwrap().clone()).unwrap();
        response.rseq().unwrap().expect("a reliable response")
    }

    /// What the endpoint sent last.
    pub(crate) fn last(&self) -> String {
        String::from_utf8_lossy(self.sent.last().unwrap()).into_owned()
    }

    pub(crate) fn ok_to_last(&mut self, method: &str) {
        self.answer_last(method, "200 OK");
    }

    /// Answers the last request of this method; its To gets the tag `peer` if it has none.
    pub(crate) fn answer_last(&mut self, method: &str, status: &str) {
        self.answer_as(method, status, "peer", "");
    }

    pub(crate) fn answer_as(&mut self, method: &str, status: &str, tag: &str, lines: &str) {
        let is_it = |bytes: &&Bytes| bytes.starts_with(method.as_bytes());
        let request = self.sent.iter().rev().find(is_it).expect("a request").clone();
        let request = Message::parse(request).unwrap();
        let line = |name| String::from_utf8_lossy(request.header(name).unwrap()).into_owned();
        let mut to = line(Name::To);
        if !to.contains(";tag=") {
            to.push_str(&format!(";tag={tag}"));
        }
        self.raw(&format!(
            "SIP/2.0 {status}\n\
             Via: {}\n\
             From: {}\n\
             To: {to}\n\
             Call-ID: {}\n\
             CSeq: {}\n\
             {lines}{}",
            line(Name::Via),
            line(Name::From),
            line(Name::CallId),
            line(Name::CSeq),
            body(lines)
        ));
    }

    pub(crate) fn seen(&mut self) -> String {
        self.run();
        std::mem::take(&mut self.log)
    }

    /// The endpoint ends the call; nothing stays.
    pub(crate) fn end(&mut self, dialog: DialogId) {
        self.endpoint.end(self.now, dialog, &[]);
        self.run();
        self.ok_to_last("BYE");
        self.settles();
    }

    pub(crate) fn settles(&mut self) {
        self.wait(Duration::from_secs(1000));
        let dropped = self.endpoint.counts().dropped;
        assert_eq!(self.endpoint.counts(), Counts { dropped, ..Counts::default() });
    }
}

/// Says in `lines` that there is a session description behind them.
pub(crate) const SDP: &str = "Content-Type: application/sdp\n";

fn body(lines: &str) -> &'static str {
    if lines.contains(SDP) { "Content-Length: 3\n\nv=0" } else { "Content-Length: 0\n\n" }
}
