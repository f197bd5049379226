//! What a phone asks of others: its orders as requests, and what it makes of their answers.
//!
//! Not here: requests of others (`incoming`).
//! Source: RFC 3261 §8.1, §9.1, §13.2, §15, §22; RFC 3515 §2.1.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_sip::header::Name;

use super::audio::{self, Codec};
use super::call::{Call, CallNo, State};
use super::sdp::{self, Direction};
use super::transaction::{Asked, Purpose, Repeat};
use super::{Event, HangsUp, Later, Order, Phone, md5};
use crate::wire::{Wire, uri_of};

/// A request to be written.
struct Request<'a> {
    method: &'static str,
    uri: &'a str,
    /// Header lines but Via, Max-Forwards, Contact, Content-*: each with its line end.
    lines: String,
    body: Option<String>,
    to: SocketAddr,
    purpose: Purpose,
}

impl Phone {
    /// Does as told; an order that fits no call is passed over.
    pub fn order(&mut self, now: Instant, order: Order) {
        match order {
            Order::Register(expires, lines) => self.register(now, expires, &lines),
            Order::Call(to, lines) => self.invite(now, &to, &lines),
            Order::Ring(with_sound) => {
                self.with_waiting(|phone, no| phone.ring(now, no, with_sound));
            }
            Order::RingElsewhere => {
                self.with_waiting(|phone, no| phone.ring_elsewhere(now, no));
            }
            Order::Answer => self.with_waiting(|phone, no| phone.answer(now, no)),
            Order::Refuse(status) => self.with_waiting(|phone, no| phone.refuse(now, no, status)),
            Order::RefuseWith(status, lines) => {
                self.with_waiting(|phone, no| phone.refuse_with(now, no, status, &lines));
            }
            Order::HangUp => {
                if let Some(no) = self.newest(|c| c.state != State::Ended).map(|call| call.no) {
                    self.hang_up(now, no);
                }
            }
            Order::TurnBack => self.turn_back(),
            Order::Reinvite(direction) => self.reinvite(now, direction),
            Order::Update(direction) => self.update(now, direction),
            Order::Refer(targets, lines) => self.refer(now, &targets, &lines),
            Order::Subscribe(expires) => self.subscribe(now, expires),
            Order::ReferAnew(target, lines) => self.refer_anew(now, &target, &lines),
            Order::Press(key) => {
                if self.habits.knows_events {
                    self.mouth.press(key);
                } else {
                    self.mouth.say(audio::key_tone(key));
                }
                self.speaks_next = self.speaks_next.or(Some(now));
            }
            Order::Say(samples) => {
                self.mouth.say(samples);
                self.speaks_next = self.speaks_next.or(Some(now));
            }
            Order::Speak(is_speaking) => {
                self.is_speaking = is_speaking;
                self.speaks_next = is_speaking.then_some(now);
            }
            Order::Options => self.ask_options(now),
            Order::Info(body) => self.inform(now, body),
            Order::Restart(after) => self.restart(now, after),
        }
    }

    fn with_waiting(&mut self, act: impl FnOnce(&mut Self, CallNo)) {
        let waiting = self.calls.iter().find(|call| call.state == State::Ringing);
        if let Some(no) = waiting.map(|call| call.no) {
            act(self, no);
        }
    }

    fn request(&mut self, now: Instant, request: Request<'_>) {
        let branch = format!("z9hG4bK{}", self.word());
        let bytes = self.text(&branch, &request);
        self.send(request.to, bytes.clone());
        self.asked.push(Asked {
            branch,
            method: request.method,
            purpose: request.purpose,
            bytes,
            to: request.to,
            authorized: false,
            cancel_wanted: false,
            is_proceeding: false,
            again: Repeat::new(now, request.method == "INVITE"),
        });
    }

    fn text(&self, branch: &str, request: &Request<'_>) -> Bytes {
        let Request { method, uri, lines, body, .. } = request;
        let (address, name) = (self.config.sip, &self.config.name);
        let mut text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch={branch};rport\r\n{lines}"
        );
        if !lines.contains("\r\nMax-Forwards:") {
            text.push_str("Max-Forwards: 70\r\n");
        }
        if !lines.contains("\r\nContact:") && *method != "CANCEL" && *method != "ACK" {
            text.push_str(&format!("Contact: <sip:{name}@{address}>\r\n"));
        }
        if body.is_some() && !lines.contains("\r\nContent-Type:") {
            text.push_str("Content-Type: application/sdp\r\n");
        }
        let body = body.as_deref().unwrap_or("");
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        Bytes::from(text)
    }

    /// From, To, Call-ID, CSeq and routes of a request of this call.
    fn dialog_lines(call: &Call, cseq: u32, method: &str) -> String {
        let mut lines =
            format!("From: {};tag={}\r\nTo: {}", call.local, call.local_tag, call.remote);
        if let Some(tag) = &call.remote_tag {
            lines.push_str(&format!(";tag={tag}"));
        }
        lines.push_str(&format!("\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\n", call.call_id));
        for route in &call.routes {
            lines.push_str(&format!("Route: {route}\r\n"));
        }
        lines
    }

    /// A request inside a confirmed dialog.
    pub(super) fn inside(&mut self, now: Instant, no: CallNo, method: &'static str, more: Inside) {
        let Some(call) = self.call(no) else { return };
        call.cseq += 1;
        let lines = Self::dialog_lines(call, call.cseq, method) + &more.lines;
        let (uri, to) = (call.target.clone(), call.next_hop());
        let Inside { body, purpose, .. } = more;
        self.request(now, Request { method, uri: &uri, lines, body, to, purpose });
    }

    pub(super) fn sdp(&mut self, no: CallNo, direction: Direction) -> Option<String> {
        self.describe(no, direction, &self.config.codecs.clone())
    }

    fn describe(&mut self, no: CallNo, direction: Direction, codecs: &[Codec]) -> Option<String> {
        let mut rtp = self.config.rtp;
        let events = Some(self.config.events).filter(|_| self.habits.knows_events);
        if let Some(ip) = self.habits.behind_nat {
            rtp.set_ip(ip);
        }
        let call = self.call(no)?;
        call.sdp_version += 1;
        call.direction = direction;
        let sdp = sdp::local(rtp, call.sdp_version, codecs, events, direction);
        Some(sdp::with_streams(sdp, rtp, call.beside.len()))
    }

    /// Our offer, when a 200 or a re-INVITE carries it.
    pub(super) fn offer(&mut self, no: CallNo, direction: Direction) -> Option<String> {
        self.sdp(no, direction)
    }

    /// Our answer: of what they offered, the one codec we take.
    pub(super) fn narrowed(
        &mut self,
        no: CallNo,
        direction: Direction,
        codec: Codec,
    ) -> Option<String> {
        self.describe(no, direction, &[codec])
    }

    fn own_address(&self) -> String {
        format!("<sip:{}@{}>", self.config.name, self.config.domain)
    }

    fn register(&mut self, now: Instant, expires: u32, more: &[String]) {
        self.registrations += 1;
        let (own, name, domain) =
            (self.own_address(), &self.config.name, format!("sip:{}", self.config.domain));
        let mut lines = format!(
            "From: {own};tag=r\r\nTo: {own}\r\nCall-ID: r-{name}-{}\r\nCSeq: {} REGISTER\r\n\
             Expires: {expires}\r\n",
            self.config.seed, self.registrations
        );
        more.iter().for_each(|line| lines.push_str(&format!("{line}\r\n")));
        let to = self.config.server;
        let purpose = Purpose::Register;
        self.request(
            now,
            Request { method: "REGISTER", uri: &domain, lines, body: None, to, purpose },
        );
    }

    fn ask_options(&mut self, now: Instant) {
        let (own, word, to) = (self.own_address(), self.word(), self.config.server);
        let uri = format!("sip:{}", self.config.domain);
        let lines =
            format!("From: {own};tag=o\r\nTo: <{uri}>\r\nCall-ID: {word}\r\nCSeq: 1 OPTIONS\r\n");
        let purpose = Purpose::Other;
        self.request(now, Request { method: "OPTIONS", uri: &uri, lines, body: None, to, purpose });
    }

    fn refer_anew(&mut self, now: Instant, target: &str, more: &[String]) {
        let (own, word, to) = (self.own_address(), self.word(), self.config.server);
        let uri = format!("sip:{}", self.config.domain);
        let mut lines = format!(
            "From: {own};tag=o\r\nTo: <{uri}>\r\nCall-ID: {word}\r\nCSeq: 1 REFER\r\n\
             Refer-To: {target}\r\n"
        );
        more.iter().for_each(|line| lines.push_str(&format!("{line}\r\n")));
        self.referred_anew = word.clone();
        let purpose = Purpose::Other;
        self.request(now, Request { method: "REFER", uri: &uri, lines, body: None, to, purpose });
    }

    pub(super) fn invite(&mut self, now: Instant, to: &str, more: &[String]) {
        self.calls_made += 1;
        let no = CallNo(self.calls_made);
        let mut ids = (self.word(), self.word());
        if self.habits.wording.has_plus_tags {
            ids.1.insert(3, '+');
        }
        let mut call = Call::outgoing(no, ids, self.own_address(), to);
        call.peer = self.config.server;
        call.cseq = 1;
        let mut lines = Self::dialog_lines(&call, 1, "INVITE");
        lines.push_str(self.allow());
        more.iter().for_each(|line| lines.push_str(&format!("{line}\r\n")));
        let hop = call.next_hop();
        self.add_call(call);
        let body = if self.habits.offers_late { None } else { self.sdp(no, self.habits.direction) };
        let purpose = Purpose::Invite(no);
        self.request(now, Request { method: "INVITE", uri: to, lines, body, to: hop, purpose });
    }

    fn reinvite(&mut self, now: Instant, direction: Direction) {
        let is_free = |call: &&Call| call.state == State::Talking && !call.reinvite_under_way;
        let Some(no) = self.newest(is_free).map(|call| call.no) else { return };
        self.reinvite_call(now, no, direction);
    }

    /// re-INVITE in this call, if it is still one.
    pub(super) fn reinvite_call(&mut self, now: Instant, no: CallNo, direction: Direction) {
        if self.call(no).is_none_or(|call| call.state != State::Talking) {
            return;
        }
        let before = self.call(no).map(|call| call.direction).unwrap_or_default();
        let body = self.sdp(no, direction);
        if let Some(call) = self.call(no) {
            call.reinvite_under_way = true;
        }
        let (lines, purpose) = (self.refresh_lines(), Purpose::Reinvite(no, before));
        self.inside(now, no, "INVITE", Inside { lines, body, purpose });
    }

    fn refer(&mut self, now: Instant, targets: &[String], more: &[String]) {
        let live = self.newest(|call| call.state == State::Talking);
        let live = live.or_else(|| self.newest(|call| call.state != State::Ended));
        let mut in_call = live.or_else(|| self.calls.last()).map(|call| call.no);
        let mut targets = targets.to_vec();
        if targets.iter().any(|target| target.contains('{')) {
            let Some(named) = self.newest(|call| call.state != State::Ended) else { return };
            targets.iter_mut().for_each(|target| *target = naming(named, target));
            let is_other = |call: &&Call| call.state == State::Talking && call.no != named.no;
            in_call = self.calls.iter().rev().find(is_other).map(|call| call.no);
        }
        let Some(no) = in_call else { return };
        let mut lines: String = targets.iter().map(|to| format!("Refer-To: {to}\r\n")).collect();
        let is_named = more.iter().any(|line| line.starts_with("Referred-By:"));
        if !is_named && self.habits.wording.names_referrer {
            lines.push_str(&format!("Referred-By: {}\r\n", self.own_address()));
        }
        more.iter().for_each(|line| lines.push_str(&format!("{line}\r\n")));
        self.inside(now, no, "REFER", Inside { lines, body: None, purpose: Purpose::Refer(no) });
    }

    fn inform(&mut self, now: Instant, content: Option<(String, String)>) {
        let Some(no) = self.newest(|call| call.state != State::Ended).map(|call| call.no) else {
            return;
        };
        let (media_type, body) = content.unzip();
        let lines = media_type.map_or_else(String::new, |of| format!("Content-Type: {of}\r\n"));
        let more = Inside { lines, body, purpose: Purpose::Other };
        self.inside(now, no, "INFO", more);
    }

    fn subscribe(&mut self, now: Instant, expires: u32) {
        let Some(no) = self.newest(|call| call.state != State::Ended).map(|call| call.no) else {
            return;
        };
        let lines = format!("Event: refer\r\nExpires: {expires}\r\n");
        let more = Inside { lines, body: None, purpose: Purpose::Other };
        self.inside(now, no, "SUBSCRIBE", more);
    }

    /// Ends a call in whatever state it is.
    pub(super) fn hang_up(&mut self, now: Instant, no: CallNo) {
        let Some(call) = self.call(no) else { return };
        match call.state {
            State::Ringing => self.refuse(now, no, 603),
            State::Calling if !call.hung_up => {
                call.hung_up = true;
                self.cancel(now, no);
            }
            State::Talking => {
                self.end_call(no);
                let purpose = Purpose::Bye(no);
                self.inside(now, no, "BYE", Inside { lines: String::new(), body: None, purpose });
            }
            State::Calling | State::Ended => {}
        }
    }

    fn cancel(&mut self, now: Instant, no: CallNo) {
        let is_invite = |asked: &&mut Asked| asked.purpose == Purpose::Invite(no);
        let Some(asked) = self.asked.iter_mut().find(is_invite) else { return };
        if !asked.is_proceeding {
            asked.cancel_wanted = true;
            return;
        }
        let (branch, to) = (asked.branch.clone(), asked.to);
        let invite_cseq = Wire::parse(&asked.bytes).map_or(1, |invite| invite.cseq().0);
        let Some(call) = self.call(no) else { return };
        let uri = call.remote.trim_matches(['<', '>']).to_owned();
        // Everything as in its INVITE: the tag of a reliable 1xx is none of it.
        let untagged = Call { remote_tag: None, routes: Vec::new(), ..call.clone() };
        let lines = Self::dialog_lines(&untagged, invite_cseq, "CANCEL");
        let purpose = Purpose::Other;
        let request = Request { method: "CANCEL", uri: &uri, lines, body: None, to, purpose };
        let bytes = self.text(&branch, &request);
        self.send(to, bytes.clone());
        self.asked.push(Asked {
            branch,
            method: "CANCEL",
            purpose,
            bytes,
            to,
            authorized: true,
            cancel_wanted: false,
            is_proceeding: false,
            again: Repeat::new(now, false),
        });
    }

    /// An answer to a request of ours came in.
    pub(super) fn handle_response(&mut self, now: Instant, from: SocketAddr, response: &Wire) {
        let (cseq, method) = response.cseq();
        let branch = response.branch();
        let is_it = |asked: &Asked| asked.branch == branch && asked.method == method;
        let Some(at) = self.asked.iter().position(is_it) else {
            self.repeat_ack(response, cseq, method);
            return;
        };
        let status = response.status().unwrap_or(0);
        if status >= 200 {
            let asked = self.asked.swap_remove(at);
            if method == "INVITE" && status >= 300 {
                self.acknowledge_refusal(&asked, response);
            }
            let challenged = matches!(status, 401 | 407) && !asked.authorized;
            if !(challenged && self.try_again_authorized(now, &asked, response)) {
                self.conclude(now, &asked, status, Some((from, response)));
            }
            return;
        }
        let Some(asked) = self.asked.get_mut(at) else { return };
        asked.is_proceeding = true;
        if method == "INVITE" {
            asked.again.hold();
        } else {
            asked.again.slow_down();
        }
        if let Purpose::Invite(no) = asked.purpose {
            let cancel_wanted = std::mem::take(&mut asked.cancel_wanted);
            let early = sdp::remote(response.body(), &self.config.codecs);
            if let Some(call) = self.call(no) {
                call.media = early.or(call.media);
                // Of the first that rings: a semi-attended transfer names that dialog.
                let tag = response.to_tag().filter(|_| status > 100).map(str::to_owned);
                call.remote_tag = call.remote_tag.take().or(tag);
            }
            if status > 100 {
                self.events.push_back(Event::Progress(no, status));
                self.tell_of_following(now, no, status);
            }
            if response.header(Name::Require) == "100rel" && !self.habits.never_pracks {
                self.acknowledge_ringing(now, no, from, response);
            }
            if cancel_wanted {
                self.cancel(now, no);
            }
        }
    }

    fn repeat_ack(&mut self, response: &Wire, cseq: u32, method: &str) {
        if method != "INVITE" {
            return;
        }
        let refused = self.refusals.iter().find(|(branch, ..)| branch == response.branch());
        let of_call = || {
            let call = self.calls.iter().find(|c| c.call_id == response.call_id())?;
            call.acks.iter().find(|ack| ack.0 == cseq).map(|(_, bytes, to)| (bytes.clone(), *to))
        };
        let ack = refused.map(|(_, bytes, to)| (bytes.clone(), *to)).or_else(of_call);
        if let Some((bytes, to)) = ack {
            self.send(to, bytes);
        }
    }

    fn acknowledge_refusal(&mut self, asked: &Asked, response: &Wire) {
        let Some(invite) = Wire::parse(&asked.bytes) else { return };
        let uri = invite.uri();
        let lines = format!(
            "From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} ACK\r\n",
            invite.header(Name::From),
            response.header(Name::To),
            invite.call_id(),
            invite.cseq().0
        );
        let purpose = Purpose::Other;
        let request = Request { method: "ACK", uri, lines, body: None, to: asked.to, purpose };
        let bytes = self.text(&asked.branch, &request);
        self.send(asked.to, bytes.clone());
        self.refusals.push_back((asked.branch.clone(), bytes, asked.to));
        if self.refusals.len() > 16 {
            self.refusals.pop_front();
        }
    }

    /// Asks again with credentials; false without a password or a challenge.
    fn try_again_authorized(&mut self, now: Instant, asked: &Asked, response: &Wire) -> bool {
        let own = self.config.password.clone().map(|password| (self.config.name.clone(), password));
        let Some((user, password)) = self.habits.login.clone().or(own) else { return false };
        let (header, name) = match response.status() {
            Some(401) => (Name::WwwAuthenticate, "Authorization"),
            Some(_) | None => (Name::ProxyAuthenticate, "Proxy-Authorization"),
        };
        let is_md5 = |value: &&str| !value.contains("SHA");
        let Some(challenge) = response.all(header).find(is_md5) else { return false };
        let Some(invite) = Wire::parse(&asked.bytes) else { return false };
        let (method, uri) = (asked.method, invite.uri());
        let quoted = |name: &str| {
            let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
            rest.split('"').next()
        };
        let (realm, nonce) = (quoted("realm").unwrap_or(""), quoted("nonce").unwrap_or(""));
        let ha1 = md5::hex(&format!("{user}:{realm}:{password}"));
        let ha2 = md5::hex(&format!("{method}:{uri}"));
        let answer = md5::hex(&format!("{ha1}:{nonce}:00000001:abcd:auth:{ha2}"));
        let line = format!(
            "{name}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{answer}\", algorithm=MD5, cnonce=\"abcd\", qop=auth, nc=00000001\r\n"
        );
        let branch = format!("z9hG4bK{}", self.word());
        let cseq = invite.cseq().0;
        let text = String::from_utf8_lossy(&asked.bytes)
            .replace(&asked.branch, &branch)
            .replace(&format!("CSeq: {cseq} "), &format!("{line}CSeq: {} ", cseq + 1));
        match asked.purpose {
            Purpose::Register => self.registrations += 1,
            Purpose::Invite(no)
            | Purpose::Reinvite(no, _)
            | Purpose::Update(no, _)
            | Purpose::Bye(no)
            | Purpose::Refer(no) => {
                if let Some(call) = self.call(no) {
                    call.cseq += 1;
                }
            }
            Purpose::Other => {}
        }
        let bytes = Bytes::from(text);
        self.send(asked.to, bytes.clone());
        let again = Repeat::new(now, method == "INVITE");
        self.asked.push(Asked {
            branch,
            bytes,
            authorized: true,
            is_proceeding: false,
            again,
            ..asked.clone()
        });
        true
    }

    /// A request of ours has its final answer, or none will come (408).
    pub(super) fn conclude(
        &mut self,
        now: Instant,
        asked: &Asked,
        status: u16,
        response: Option<(SocketAddr, &Wire)>,
    ) {
        match asked.purpose {
            Purpose::Register => self.events.push_back(Event::Registered(status)),
            Purpose::Invite(no) => match response {
                Some((from, answer)) if status < 300 => self.answered(now, no, from, answer),
                Some(_) | None => {
                    self.events.push_back(Event::Failed(no, status));
                    self.tell_of_following(now, no, status);
                    self.end_call(no);
                }
            },
            Purpose::Reinvite(no, before) => {
                if status == 491 && self.habits.tries_again {
                    self.reinvite_later(now, no);
                }
                if let Some(call) = self.call(no) {
                    call.reinvite_under_way = false;
                    if status >= 300 {
                        call.direction = before;
                    }
                }
                if let Some((from, answer)) = response.filter(|_| status < 300) {
                    self.take_answer(now, no, from, answer);
                }
                self.events.push_back(Event::Reinvited(no, status));
            }
            Purpose::Update(no, before) => {
                self.updated(no, before, response.filter(|_| status < 300));
                self.events.push_back(Event::Reinvited(no, status));
            }
            Purpose::Bye(no) => {
                if let Some(call) = self.call(no) {
                    call.bye_failed = status >= 300;
                }
            }
            Purpose::Refer(no) => {
                self.events.push_back(Event::Referred(no, status));
                if status < 300 && self.habits.hangs_up == HangsUp::AfterAccepted {
                    self.later.push((now, Later::HangUp(no)));
                }
            }
            Purpose::Other => {
                if asked.method != "CANCEL" {
                    self.events.push_back(Event::Answered(status));
                }
            }
        }
    }

    /// Whoever called waits longer than who was called, so that only one of the two comes first.
    /// Source: RFC 3261 §14.1.
    fn reinvite_later(&mut self, now: Instant, no: CallNo) {
        let Some((is_caller, direction)) = self.call(no).map(|c| (c.is_caller, c.direction)) else {
            return;
        };
        let ms = if is_caller { 2_100 + self.dice.below(1_900) } else { self.dice.below(2_000) };
        let at = now + Duration::from_millis(ms);
        self.later.push((at, Later::Reinvite(no, direction)));
    }

    fn answered(&mut self, now: Instant, no: CallNo, from: SocketAddr, answer: &Wire) {
        let Some(call) = self.call(no) else { return };
        call.remote_tag = answer.to_tag().map(str::to_owned);
        call.routes = answer.record_routes();
        call.routes.reverse();
        let hung_up = call.hung_up;
        self.begin_talking(no);
        self.take_answer(now, no, from, answer);
        self.tell_of_following(now, no, 200);
        if hung_up {
            self.hang_up(now, no);
        }
    }

    /// 2xx to an INVITE or re-INVITE: the session, and its ACK.
    fn take_answer(&mut self, now: Instant, no: CallNo, from: SocketAddr, answer: &Wire) {
        let (codecs, wanted) = (self.config.codecs.clone(), self.habits.direction);
        let Some(call) = self.call(no) else { return };
        call.refresh(from, answer);
        let had_offered = call.sdp_version > 1;
        let remote = sdp::remote(answer.body(), &codecs);
        call.media = remote.or(call.media);
        let body = match remote {
            Some(media) if !had_offered => {
                self.sdp(no, sdp::answer_direction(wanted, media.direction))
            }
            Some(_) | None => None,
        };
        let cseq = answer.cseq().0;
        let Some(call) = self.call(no) else { return };
        let lines = Self::dialog_lines(call, cseq, "ACK");
        let (uri, to) = (call.target.clone(), call.next_hop());
        let branch = format!("z9hG4bK{}", self.word());
        let purpose = Purpose::Other;
        let request = Request { method: "ACK", uri: &uri, lines, body, to, purpose };
        let bytes = self.text(&branch, &request);
        match self.habits.acks_after {
            Some(after) if after.is_zero() => {
                self.send(to, bytes.clone());
                if let Some(call) = self.call(no) {
                    call.acks.push((cseq, bytes, to));
                }
            }
            Some(after) => self.later.push((now + after, Later::Send(bytes, to))),
            None => {}
        }
    }
}

/// A Refer-To value that names this call.
fn naming(call: &Call, target: &str) -> String {
    let [call_id, to_tag, from_tag] = call.named();
    target
        .replace("{replaces}", "{call-id}%3Bto-tag%3D{to-tag}%3Bfrom-tag%3D{from-tag}")
        .replace("{address}", uri_of(&call.remote))
        .replace("{call-id}", call_id)
        .replace("{to-tag}", to_tag)
        .replace("{from-tag}", from_tag)
}

/// What differs between requests inside a dialog.
pub(super) struct Inside {
    pub(super) lines: String,
    pub(super) body: Option<String>,
    pub(super) purpose: Purpose,
}
