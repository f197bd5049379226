//! Any sequence of messages, true and broken ones: nothing panics, nothing stays.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use legwork_sip::endpoint::{Counts, Invite, Reply};
use legwork_sip::event::{DialogId, RequestId, SubscriptionId};
use legwork_sip::header::Name;
use legwork_sip::{Event, Message, Status, Transport};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::peer::Peer;
use crate::world::{A, B, Side, World, sdp};

/// An owner that does anything it may, and a few things it may not.
struct Owner {
    rng: StdRng,
    dialogs: BTreeSet<DialogId>,
    subscriptions: BTreeSet<SubscriptionId>,
    requests: BTreeSet<RequestId>,
    /// Dialogs whose INVITE usage is over, by whomever.
    gone: BTreeSet<DialogId>,
}

/// The dialog an event is about, and whether its INVITE usage is over by it.
fn about(event: &Event) -> Option<(DialogId, bool)> {
    match event {
        Event::Cancelled { dialog }
        | Event::Failed { dialog, .. }
        | Event::Ended { dialog, .. } => Some((*dialog, true)),
        Event::Invite { dialog, .. }
        | Event::Acked { dialog, .. }
        | Event::Provisional { dialog, .. }
        | Event::Answered { dialog, .. }
        | Event::Reinvite { dialog, .. }
        | Event::ReinviteAnswered { dialog, .. }
        | Event::ReinviteFailed { dialog, .. }
        | Event::Refresh { dialog }
        | Event::Refer { dialog, .. }
        | Event::Referred { dialog, .. }
        | Event::ReferProgress { dialog, .. }
        | Event::Info { dialog, .. } => Some((*dialog, false)),
        Event::Received { .. }
        | Event::Notified { .. }
        | Event::Unsubscribed { .. }
        | Event::Request { .. }
        | Event::Response { .. } => None,
    }
}

impl Owner {
    fn new(seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            dialogs: BTreeSet::new(),
            subscriptions: BTreeSet::new(),
            requests: BTreeSet::new(),
            gone: BTreeSet::new(),
        }
    }

    fn below(&mut self, n: u64) -> u64 {
        self.rng.next_u64() % n
    }

    fn pick<T: Copy>(&mut self, from: &BTreeSet<T>) -> Option<T> {
        if from.is_empty() {
            return None;
        }
        let nth = usize::try_from(self.below(from.len() as u64)).unwrap();
        from.iter().nth(nth).copied()
    }

    /// Takes note, and looks whether the event may come at all.
    fn hear(&mut self, event: &Event) {
        if let Some((dialog, over)) = about(event) {
            assert!(!self.gone.contains(&dialog), "{event:?} after the end");
            if over {
                self.gone.insert(dialog);
            }
        }
        if let Event::Notified { subscription, last: true } | Event::Unsubscribed { subscription } =
            event
        {
            assert!(self.subscriptions.remove(subscription), "{event:?} twice");
        }
        match event {
            Event::Invite { dialog, .. } | Event::Provisional { dialog, .. } => {
                self.dialogs.insert(*dialog);
            }
            Event::Refer { refer, .. } => {
                self.requests.insert(*refer);
            }
            Event::Request { request_id, .. } => {
                self.requests.insert(*request_id);
            }
            _ => {}
        }
    }

    fn reply(&mut self) -> Reply {
        let codes = [400, 403, 486, 491, 500, 603, 200];
        let code = codes[usize::try_from(self.below(7)).unwrap()];
        Reply { status: Status(code), lines: Vec::new() }
    }

    /// One command.
    fn act(&mut self, now: std::time::Instant, end: &mut legwork_sip::Endpoint) {
        let dialogs = std::mem::take(&mut self.dialogs);
        let dialog = self.pick(&dialogs);
        self.dialogs = dialogs;
        let requests = std::mem::take(&mut self.requests);
        let request = self.pick(&requests);
        self.requests = requests;
        let subscriptions = std::mem::take(&mut self.subscriptions);
        let subscription = self.pick(&subscriptions);
        self.subscriptions = subscriptions;
        if let Some(request) = request {
            match self.below(3) {
                0 => {
                    let reply = self.reply();
                    end.reply(now, request, reply);
                }
                1 => self.subscriptions.extend(end.accept_refer(now, request, true)),
                _ => {
                    let _ = end.accept_refer(now, request, false);
                }
            }
        }
        if let Some(subscription) = subscription {
            let last = self.below(4) == 0;
            end.notify(now, subscription, Status(180), last);
        }
        let Some(dialog) = dialog else { return };
        match self.below(11) {
            0 | 1 => end.ring(now, dialog, Status::RINGING, None, &[]),
            2..5 => end.answer(now, dialog, Some(sdp()), &[]),
            5 => {
                let reply = self.reply();
                let failure = reply.status.is_failure();
                let (before, _) = (end.counts().dialogs, end.reject(now, dialog, reply));
                if failure && end.counts().dialogs < before {
                    self.gone.insert(dialog);
                }
            }
            6 => end.cancel(now, dialog, &[]),
            7 => {
                end.reinvite(now, dialog, sdp());
            }
            8 => {
                end.refer(now, dialog, "sip:b@example.com", &[]);
            }
            9 => end.forget_refer(now, dialog),
            _ => {
                end.end(now, dialog, &[]);
                self.gone.insert(dialog);
            }
        }
    }

    /// Answers and ends everything.
    fn finish(&mut self, now: std::time::Instant, end: &mut legwork_sip::Endpoint) {
        for request in std::mem::take(&mut self.requests) {
            end.reply(now, request, Reply { status: Status::DECLINE, lines: Vec::new() });
        }
        for subscription in &self.subscriptions {
            end.notify(now, *subscription, Status::OK, true);
        }
        for dialog in &self.dialogs {
            end.end(now, *dialog, &[]);
            self.gone.insert(*dialog);
        }
    }
}

/// Changes some bytes of a message, or moves or leaves out some.
fn mutate(owner: &mut Owner, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=owner.below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = usize::try_from(owner.below(bytes.len() as u64)).unwrap();
        match owner.below(5) {
            0 => bytes[at] = u8::try_from(owner.below(256)).unwrap(),
            1 => bytes.truncate(at),
            2 => {
                bytes.remove(at);
            }
            3 => bytes.insert(at, b"\r\n,;\"<>@:\0"[usize::try_from(owner.below(10)).unwrap()]),
            _ => {
                let tail = bytes[at..].to_vec();
                bytes.extend_from_slice(&tail);
            }
        }
    }
    bytes
}

/// A request of the peer out of thin air.
fn request(owner: &mut Owner, p: &Peer) -> String {
    let methods = [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "REFER",
        "SUBSCRIBE",
        "OPTIONS",
        "INFO",
        "NOTIFY",
        "REGISTER",
        "INVITE",
        "REFER",
        "ACK",
        "PRACK",
        "UPDATE",
    ];
    let method = methods[usize::try_from(owner.below(15)).unwrap()];
    let tag = p.sent.iter().rev().find_map(|bytes| {
        let message = Message::parse(bytes.clone()).ok()?;
        let ours = if message.is_request() { message.from() } else { message.to() };
        Some(String::from_utf8_lossy(ours.ok()?.tag()?).into_owned())
    });
    let to = match tag {
        Some(tag) if owner.below(4) > 0 => format!(";tag={tag}"),
        Some(_) | None => String::new(),
    };
    let (branch, cseq) = (owner.below(40), owner.below(20));
    let rseq = p.sent.iter().rev().find_map(|bytes| {
        let message = Message::parse(bytes.clone()).ok()?;
        message.rseq().ok()?
    });
    let rack = format!("RAck: {} {} INVITE\n", rseq.unwrap_or(1), owner.below(20));
    let lines = [
        "",
        "Event: refer\n",
        "Event: refer\nExpires: 0\n",
        "Event: refer\nSubscription-State: active\n",
        "Event: refer\nSubscription-State: terminated\n",
        "Require: x\n",
        "Require: 100rel\nSupported: timer\nAllow: UPDATE\n",
        "Supported: timer\nSession-Expires: 90;refresher=uas\n",
        "Supported: timer\nSession-Expires: 89\n",
        "Content-Type: application/sdp\n",
    ];
    let line = lines[usize::try_from(owner.below(10)).unwrap()];
    let line = if method == "PRACK" { rack + line } else { line.to_owned() };
    let body = if line.contains("sdp") { "v=0" } else { "" };
    format!(
        "{method} sip:n@192.0.2.1 SIP/2.0\n\
         Via: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKr{branch}\nFrom: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>{to}\nCall-ID: call\n\
         CSeq: {cseq} {method}\nContact: <sip:p@192.0.2.9>\n{line}Content-Length: {}\n\n{body}",
        body.len()
    )
}

/// A response of the peer to something the endpoint sent.
fn response(owner: &mut Owner, p: &Peer) -> Option<String> {
    let nth = usize::try_from(owner.below(p.sent.len().max(1) as u64)).unwrap();
    let request = Message::parse(p.sent.get(nth)?.clone()).ok()?;
    if !request.is_request() {
        return None;
    }
    let codes =
        [100, 180, 183, 183, 200, 200, 200, 202, 302, 401, 408, 422, 481, 486, 487, 491, 500, 503];
    let code = codes[usize::try_from(owner.below(18)).unwrap()];
    let lines = [
        String::new(),
        format!("Require: 100rel\nRSeq: {}\n", owner.below(3)),
        "Session-Expires: 90;refresher=uac\nAllow: UPDATE\n".to_owned(),
        "Session-Expires: 90;refresher=uas\nMin-SE: 3600\n".to_owned(),
    ];
    let more = &lines[usize::try_from(owner.below(4)).unwrap()];
    let line =
        |name| String::from_utf8_lossy(request.header(name).unwrap_or_default()).into_owned();
    let mut to = line(Name::To);
    if !to.contains(";tag=") {
        to.push_str(&format!(";tag=peer{}", owner.below(3)));
    }
    Some(format!(
        "SIP/2.0 {code} x\nVia: {}\nFrom: {}\nTo: {to}\nCall-ID: {}\nCSeq: {}\n\
         Contact: <sip:p@192.0.2.9>\n{more}Content-Length: 0\n\n",
        line(Name::Via),
        line(Name::From),
        line(Name::CallId),
        line(Name::CSeq)
    ))
}

fn drain(owner: &mut Owner, p: &mut Peer) {
    while let Some(event) = p.endpoint.poll_event() {
        owner.hear(&event);
    }
    while let Some(transmit) = p.endpoint.poll_transmit() {
        if p.sent.len() < 200 {
            p.sent.push(transmit.bytes);
        }
    }
}

fn hostile(seed: u64) {
    let mut owner = Owner::new(seed);
    let mut p = Peer::new();
    for _ in 0..120 {
        let text = match owner.below(5) {
            0 | 1 => Some(request(&mut owner, &p)),
            2 => response(&mut owner, &p),
            3 => {
                owner.act(p.now, &mut p.endpoint);
                None
            }
            _ => {
                p.now += Duration::from_millis(owner.below(3000));
                p.endpoint.handle_timeout(p.now);
                if owner.below(10) == 0 {
                    p.endpoint.handle_flow_failed(p.now, p.flow);
                }
                if owner.below(10) == 0 {
                    let invite = Invite {
                        target: "sip:p@192.0.2.9".to_owned(),
                        flow: p.flow,
                        from: "<sip:n@example.com>".to_owned(),
                        to: "<sip:p@example.com>".to_owned(),
                        routes: Vec::new(),
                        lines: Vec::new(),
                        body: Some(sdp()),
                        refer_allowed: true,
                        contact_parameters: "",
                        hops: None,
                        credentials: None,
                    };
                    let dialog = p.endpoint.invite(p.now, invite);
                    owner.dialogs.insert(dialog);
                }
                None
            }
        };
        if let Some(text) = text {
            let mut bytes = text.replace('\n', "\r\n").into_bytes();
            if owner.below(3) == 0 {
                bytes = mutate(&mut owner, &bytes);
            }
            p.endpoint.handle_message(p.now, p.flow, Bytes::from(bytes));
        }
        drain(&mut owner, &mut p);
    }
    for _ in 0..4 {
        owner.finish(p.now, &mut p.endpoint);
        drain(&mut owner, &mut p);
        for _ in 0..200 {
            let Some(due) = p.endpoint.poll_timeout() else { break };
            p.now = p.now.max(due);
            p.endpoint.handle_timeout(p.now);
            drain(&mut owner, &mut p);
        }
    }
    let left = p.endpoint.counts();
    let nothing = Counts { dropped: left.dropped, ..Counts::default() };
    assert_eq!(left, nothing, "seed {seed}");
}

#[test]
fn hostile_peers_leave_nothing_behind() {
    for seed in 0..2000 {
        hostile(seed);
    }
}

/// Two endpoints over a network that loses, repeats and reorders.
fn lossy(seed: u64) {
    let mut w = World::new(if seed.is_multiple_of(4) { Transport::Tcp } else { Transport::Udp });
    let mut owners = [Owner::new(seed), Owner::new(seed + 1_000_000)];
    let mut wire: Vec<(Side, Bytes)> = Vec::new();
    for _ in 0..3 {
        let dialog = w.invite_quietly();
        owners[0].dialogs.insert(dialog);
    }
    let mut quiet = 0;
    while quiet < 3 {
        let active = w.now.duration_since(w.begin()) < Duration::from_secs(60);
        for (side, owner) in [A, B].into_iter().zip(&mut owners) {
            let now = w.now;
            let end = w.end(side);
            while let Some(event) = end.poll_event() {
                owner.hear(&event);
            }
            if active && owner.below(3) == 0 {
                owner.act(now, end);
            }
            if !active {
                owner.finish(now, end);
            }
            while let Some(transmit) = end.poll_transmit() {
                wire.push((side, transmit.bytes));
            }
        }
        if wire.is_empty() {
            let due = [w.a.poll_timeout(), w.b.poll_timeout()].into_iter().flatten().min();
            let Some(due) = due else {
                quiet += 1;
                w.now += Duration::from_secs(40);
                continue;
            };
            w.now = w.now.max(due);
            w.a.handle_timeout(w.now);
            w.b.handle_timeout(w.now);
            continue;
        }
        let nth = usize::try_from(owners[0].below(wire.len().min(3) as u64)).unwrap();
        let (side, bytes) = wire.remove(nth);
        match owners[1].below(10) {
            0 => {}
            1 => {
                w.deliver(side, bytes.clone());
                w.deliver(side, bytes);
            }
            _ => w.deliver(side, bytes),
        }
    }
    assert_eq!(w.a.counts(), Counts::default(), "seed {seed}");
    assert_eq!(w.b.counts(), Counts::default(), "seed {seed}");
}

#[test]
fn lossy_networks_leave_nothing_behind() {
    for seed in 0..1000 {
        lossy(seed);
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let run = || {
        let mut p = Peer::new();
        let mut owner = Owner::new(9);
        let mut all = Vec::new();
        for _ in 0..200 {
            let text = request(&mut owner, &p).replace('\n', "\r\n");
            p.endpoint.handle_message(p.now, p.flow, Bytes::from(text));
            while let Some(event) = p.endpoint.poll_event() {
                owner.hear(&event);
            }
            owner.act(p.now, &mut p.endpoint);
            while let Some(transmit) = p.endpoint.poll_transmit() {
                all.extend_from_slice(&transmit.bytes);
                p.sent.push(transmit.bytes);
            }
        }
        all
    };
    let first = run();
    assert!(first.len() > 10_000);
    assert!(first == run());
}
