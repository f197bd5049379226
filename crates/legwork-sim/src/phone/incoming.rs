//! What others ask of a phone, and what it answers.
//!
//! Not here: its own requests (`outgoing`), REFER (`referred`).
//! Source: RFC 3261 §8.2, §9.2, §13.3, §14.2, §15; RFC 3515 §2.4.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use legwork_sip::header::Name;

use super::call::{Call, CallNo, State};
use super::sdp::{self, Direction};
use super::session::ELSEWHERE;
use super::transaction::{ANSWERS_MAX, Answered, Repeat};
use super::{Event, HangsUp, Later, Phone, md5};
use crate::wire::Wire;

/// Of every challenge: a phone has no memory of those it gave.
pub(super) const NONCE: &str = "0a4f113b";

impl Phone {
    /// A SIP message came in.
    pub fn handle_message(&mut self, now: Instant, from: SocketAddr, bytes: &Bytes) {
        if self.habits.is_dead {
            return;
        }
        let Some(message) = Wire::parse(bytes) else { return };
        match message.method() {
            None => self.handle_response(now, from, &message),
            Some(method) => self.handle_request(now, from, method, &message),
        }
    }

    fn handle_request(&mut self, now: Instant, from: SocketAddr, method: &str, request: &Wire) {
        if method == "ACK" {
            return self.handle_ack(request);
        }
        let is_known = |a: &&Answered| a.branch == request.branch() && a.method == method;
        if let Some(known) = self.answered.iter().find(is_known) {
            if let Some(bytes) = known.bytes.clone() {
                self.send(from, bytes);
            }
            return;
        }
        let call = self.calls.iter().find(|call| is_of(call, request)).map(|call| call.no);
        self.answered.push_back(Answered {
            branch: request.branch().to_owned(),
            method: method.to_owned(),
            call,
            cseq: request.cseq().0,
            to: from,
            bytes: None,
            is_final: false,
            again: None,
        });
        if self.answered.len() > ANSWERS_MAX {
            self.answered.pop_front();
        }
        if self.is_challenged(now, method, request) {
            return;
        }
        match (method, call) {
            ("INVITE", None) if request.to_tag().is_none() && self.is_refused(now, request) => {}
            ("REGISTER", _) => self.handle_register(now, request),
            ("OPTIONS", _) => self.handle_options(now, request),
            ("INVITE", None) if request.to_tag().is_none() => self.called(now, from, request),
            ("INVITE", Some(no)) => self.handle_reinvite(now, no, from, request),
            ("UPDATE", Some(no)) if self.habits.takes_update => {
                self.handle_update(now, no, from, request);
            }
            ("PRACK", Some(no)) => self.handle_prack(now, no, request),
            ("CANCEL", _) => self.handle_cancel(now, request),
            ("BYE", Some(no)) => self.handle_bye(now, no, request),
            ("NOTIFY", Some(no)) => self.handle_notify(now, no, request),
            ("NOTIFY", None) if request.call_id() == self.referred_anew => {
                self.respond(now, request, 200, "OK", "", None);
            }
            ("INFO", _) => self.respond(now, request, 200, "OK", "", None),
            ("REFER", Some(no)) => self.handle_refer(now, no, request),
            ("INVITE" | "BYE" | "NOTIFY" | "REFER", _) => {
                self.respond(now, request, 481, "Call/Transaction Does Not Exist", "", None);
            }
            (_, _) => self.respond(now, request, 405, "Method Not Allowed", "", None),
        }
    }

    pub(super) fn respond(
        &mut self,
        now: Instant,
        request: &Wire,
        status: u16,
        reason: &str,
        tag: &str,
        body: Option<String>,
    ) {
        self.respond_with(now, request, (status, reason), tag, body, &[]);
    }

    fn respond_with(
        &mut self,
        now: Instant,
        request: &Wire,
        (status, reason): (u16, &str),
        tag: &str,
        body: Option<String>,
        lines: &[String],
    ) {
        let mut text =
            head(request, (status, reason), if tag.is_empty() { &self.config.name } else { tag });
        if lines.iter().any(|line| line.starts_with("To:")) {
            let is_to = |line: &&str| line.starts_with("To:");
            text = text.lines().filter(|line| !is_to(line)).map(|l| format!("{l}\r\n")).collect();
        }
        if status == 401 {
            let realm = &self.config.name;
            let challenge = format!("Digest realm=\"{realm}\", nonce=\"{NONCE}\", qop=\"auth\"");
            text.push_str(&format!("WWW-Authenticate: {challenge}\r\n"));
        }
        if !lines.iter().any(|line| line.starts_with("Contact:")) {
            let contact = format!("Contact: <sip:{}@{}>\r\n", self.config.name, self.config.sip);
            text.push_str(&contact);
        }
        lines.iter().for_each(|line| text.push_str(&format!("{line}\r\n")));
        text.push_str(self.allow());
        text.push_str(&self.session_lines(request, status));
        if status >= 200 {
            self.habits.wording.adds.iter().for_each(|line| text.push_str(&format!("{line}\r\n")));
        }
        let rseq = self.reliable_number(request, status, tag);
        if let Some(rseq) = rseq {
            text.push_str(&format!("Require: 100rel\r\nRSeq: {rseq}\r\n"));
        }
        if body.is_some() {
            text.push_str("Content-Type: application/sdp\r\n");
        }
        let body = body.unwrap_or_default();
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        self.send_answer(now, request, status, rseq.is_some(), text);
    }

    /// An answer without a body, with these further lines instead of Contact and Allow.
    pub(super) fn respond_bare(
        &mut self,
        now: Instant,
        request: &Wire,
        status: (u16, &str),
        lines: &str,
    ) {
        let head = head(request, status, &self.config.name);
        let text = format!("{head}{lines}Content-Length: 0\r\n\r\n");
        self.send_answer(now, request, status.0, false, text);
    }

    fn send_answer(
        &mut self,
        now: Instant,
        request: &Wire,
        status: u16,
        is_reliable: bool,
        text: String,
    ) {
        let bytes = Bytes::from(text);
        let method = request.cseq().1;
        let is_it = |a: &&mut Answered| a.branch == request.branch() && a.method == method;
        let Some(answered) = self.answered.iter_mut().find(is_it) else { return };
        answered.bytes = Some(bytes.clone());
        answered.is_final = status >= 200;
        if method == "INVITE" && (status >= 200 || is_reliable) {
            answered.again = Some(Repeat::new(now, status < 200));
        }
        let to = answered.to;
        if method == "NOTIFY" && !self.habits.notify_after.is_zero() {
            return self.later.push((now + self.habits.notify_after, Later::Send(bytes, to)));
        }
        self.send(to, bytes);
    }

    /// Whether a request carries our own name and password. Source: RFC 7616 §3.4.1.
    pub(super) fn is_authorized(&self, request: &Wire) -> bool {
        let lines = [Name::Authorization, Name::ProxyAuthorization];
        let answer = lines.map(|name| request.header(name)).concat();
        let value = |name: &str| {
            let (_, rest) = answer.split_once(&format!("{name}="))?;
            let rest = rest.strip_prefix('"').unwrap_or(rest);
            rest.split(['"', ',']).next()
        };
        let value = |name: &str| value(name).unwrap_or_default();
        let (name, password) = (&self.config.name, self.config.password.as_deref());
        let ha1 = md5::hex(&format!("{name}:{name}:{}", password.unwrap_or_default()));
        let method = request.method().unwrap_or_default();
        let ha2 = md5::hex(&format!("{method}:{}", request.uri()));
        let (nc, cnonce) = (value(" nc"), value("cnonce"));
        let wanted = md5::hex(&format!("{ha1}:{NONCE}:{nc}:{cnonce}:auth:{ha2}"));
        value("username") == name && value("response") == wanted
    }

    fn called(&mut self, now: Instant, from: SocketAddr, invite: &Wire) {
        if self.habits.challenges && !self.is_authorized(invite) {
            return self.respond(now, invite, 401, "Unauthorized", "", None);
        }
        let replaces = invite.header(Name::Replaces).to_owned();
        let replaced = match self.replaced(&replaces) {
            None if !replaces.is_empty() => {
                return self.respond(now, invite, 481, "Call/Transaction Does Not Exist", "", None);
            }
            replaced => replaced,
        };
        self.calls_made += 1;
        let no = CallNo(self.calls_made);
        let tag = self.word();
        let mut call = Call::incoming(no, tag, from, invite);
        call.media = sdp::remote(invite.body(), &self.config.codecs);
        call.beside = sdp::others(invite.body());
        let is_unusable = call.media.is_none() && !invite.body().is_empty();
        call.asked = Some(invite.clone());
        self.add_call(call);
        if let Some(answered) = self.answered.back_mut() {
            answered.call = Some(no);
        }
        if is_unusable {
            return self.refuse(now, no, 488);
        }
        self.events.push_back(Event::Called(no));
        if let Some(old) = replaced {
            self.answer(now, no);
            return self.hang_up(now, old);
        }
        if self.habits.rings {
            self.ring(now, no, false);
        }
        if let Some(after) = self.habits.answers_after {
            self.later.push((now + after, Later::Answer(no)));
        }
    }

    /// The call that Replaces names. Source: RFC 3891 §3.
    fn replaced(&self, replaces: &str) -> Option<CallNo> {
        let mut parts = replaces.split(';').map(str::trim);
        let call_id = parts.next().filter(|call_id| !call_id.is_empty())?;
        let parts: Vec<&str> = parts.collect();
        let tag = |name: &str| parts.iter().find_map(|part| part.strip_prefix(name));
        let (to_tag, from_tag) = (tag("to-tag=")?, tag("from-tag="));
        let is_it = |call: &&Call| {
            let tags = call.local_tag == to_tag && call.remote_tag.as_deref() == from_tag;
            call.state == State::Talking && call.call_id == call_id && tags
        };
        self.calls.iter().find(is_it).map(|call| call.no)
    }

    /// 180, or 183 with our session.
    pub(super) fn ring(&mut self, now: Instant, no: CallNo, with_sound: bool) {
        let Some((invite, tag)) = self.waiting(no) else { return };
        if with_sound {
            let body = self.answer_body(no);
            if let Some(call) = self.call(no) {
                call.has_early_media = true;
            }
            self.respond(now, &invite, 183, "Session Progress", &tag, body);
        } else {
            self.respond(now, &invite, 180, "Ringing", &tag, None);
        }
    }

    pub(super) fn waiting(&mut self, no: CallNo) -> Option<(Wire, String)> {
        let call = self.call(no)?;
        Some((call.asked.clone()?, call.local_tag.clone()))
    }

    /// The answer to their offer, or our offer when they made none.
    pub(super) fn answer_body(&mut self, no: CallNo) -> Option<String> {
        let wanted = self.habits.direction;
        let direction = match self.call(no)?.media {
            Some(media) => sdp::answer_direction(wanted, media.direction),
            None => wanted,
        };
        let body = match self.call(no)?.media {
            Some(media) => self.narrowed(no, direction, media.codec),
            None => self.offer(no, direction),
        };
        // An answer narrows the direction for this exchange only: what the phone itself wants
        // stays.
        if let Some(call) = self.call(no) {
            call.direction = wanted;
        }
        body
    }

    /// 200 to the INVITE that waits.
    pub(super) fn answer(&mut self, now: Instant, no: CallNo) {
        let Some((invite, tag)) = self.waiting(no) else { return };
        let is_bare = self.habits.answers_bare;
        let body = self.answer_body(no).filter(|_| !is_bare);
        self.respond(now, &invite, 200, "OK", &tag, body);
        if let Some(call) = self.call(no) {
            call.offered_late = invite.body().is_empty();
            call.asked = None;
        }
        self.begin_talking(no);
    }

    /// A final answer other than 2xx to the INVITE that waits.
    pub(super) fn refuse(&mut self, now: Instant, no: CallNo, status: u16) {
        self.refuse_with(now, no, status, &[]);
    }

    /// The same, with further header lines.
    pub(super) fn refuse_with(&mut self, now: Instant, no: CallNo, status: u16, lines: &[String]) {
        let Some((invite, tag)) = self.waiting(no) else { return };
        let reason = match status {
            301 => "Moved Permanently",
            302 => "Moved Temporarily",
            404 => "Not Found",
            480 => "Temporarily Unavailable",
            486 => "Busy Here",
            487 => "Request Terminated",
            488 => "Not Acceptable Here",
            503 => "Service Unavailable",
            600 => "Busy Everywhere",
            603 => "Decline",
            _ => "No",
        };
        let reason = if self.habits.wording.gives_reasons { reason } else { "" };
        self.respond_with(now, &invite, (status, reason), &tag, None, lines);
        self.end_call(no);
    }

    fn handle_ack(&mut self, ack: &Wire) {
        let cseq = ack.cseq().0;
        // A refusal without a call, as a challenge is: its ACK has the branch of the INVITE.
        for answered in &mut self.answered {
            if answered.call.is_none() && answered.branch == ack.branch() {
                answered.again = None;
            }
        }
        let Some(call) = self.calls.iter_mut().find(|call| is_of(call, ack)) else { return };
        if call.offered_late && !ack.body().is_empty() {
            call.media = sdp::remote(ack.body(), &self.config.codecs);
            call.offered_late = false;
        }
        let no = call.no;
        for answered in &mut self.answered {
            if answered.call == Some(no) && answered.cseq == cseq && answered.method == "INVITE" {
                answered.again = None;
            }
        }
    }

    fn handle_cancel(&mut self, now: Instant, cancel: &Wire) {
        let branch = cancel.branch();
        let invite = self.answered.iter().find(|a| a.branch == branch && a.method == "INVITE");
        let Some(no) = invite.and_then(|invite| invite.call) else {
            return self.respond(now, cancel, 481, "Call/Transaction Does Not Exist", "", None);
        };
        self.respond(now, cancel, 200, "OK", "", None);
        if self.call(no).is_some_and(|call| call.state == State::Ringing) {
            self.refuse(now, no, 487);
        }
    }

    fn handle_bye(&mut self, now: Instant, no: CallNo, bye: &Wire) {
        let Some(call) = self.call(no) else { return };
        if call.state == State::Ended {
            return self.respond(now, bye, 481, "Call/Transaction Does Not Exist", "", None);
        }
        let status = self.habits.bye;
        let reason = if status == 200 { "OK" } else { "No" };
        self.respond(now, bye, status, reason, "", None);
        self.end_call(no);
        for answered in &mut self.answered {
            if answered.call == Some(no) && answered.method == "INVITE" {
                answered.again = None;
            }
        }
    }

    pub(super) fn handle_reinvite(
        &mut self,
        now: Instant,
        no: CallNo,
        from: SocketAddr,
        invite: &Wire,
    ) {
        let (codecs, wanted) = (self.config.codecs.clone(), self.habits.direction);
        let refusal = self.habits.refuses_reinvite;
        let Some(call) = self.call(no) else { return };
        let refuse = match (call.state, call.reinvite_under_way, refusal) {
            (State::Ended, ..) => Some((481, "Call/Transaction Does Not Exist")),
            (_, true, _) => Some((491, "Request Pending")),
            (_, false, Some(status)) => Some((status, "No")),
            (_, false, None) => None,
        };
        if let Some((status, reason)) = refuse {
            return self.respond(now, invite, status, reason, "", None);
        }
        call.refresh(from, invite);
        let held = if call.direction == Direction::SendRecv { wanted } else { call.direction };
        let remote = sdp::remote(invite.body(), &codecs);
        if remote.is_none() && !invite.body().is_empty() {
            return self.respond(now, invite, 488, "Not Acceptable Here", "", None);
        }
        call.offered_late = invite.body().is_empty();
        call.media = remote.or(call.media);
        let direction = remote.map_or(held, |media| sdp::answer_direction(held, media.direction));
        let body = match remote {
            Some(_) if self.habits.answers_bare => None,
            Some(media) => self.narrowed(no, direction, media.codec),
            None => self.offer(no, direction),
        };
        // An answer narrows the direction for this exchange only: what the phone itself wants
        // stays.
        if let Some(call) = self.call(no) {
            call.direction = held;
        }
        self.respond(now, invite, 200, "OK", "", body);
    }

    fn handle_notify(&mut self, now: Instant, no: CallNo, notify: &Wire) {
        let is_over = self.call(no).is_none_or(|call| call.state == State::Ended);
        let answer = if is_over { Some(481) } else { self.habits.notify };
        let status = String::from_utf8_lossy(notify.body())
            .strip_prefix("SIP/2.0 ")
            .and_then(|rest| rest.split(' ').next()?.parse().ok())
            .unwrap_or(0);
        let is_last = notify.header(Name::SubscriptionState).starts_with("terminated");
        if let Some(answer) = answer {
            let reason = if answer == 200 { "OK" } else { "No" };
            self.respond(now, notify, answer, reason, "", None);
        }
        self.events.push_back(Event::Notified(no, status, is_last));
        if is_last && self.habits.hangs_up == HangsUp::AfterResult {
            self.later.push((now, Later::HangUp(no)));
        }
    }
}

/// Status line and what an answer copies; `tag` stands in To where the request has none.
fn head(request: &Wire, (status, reason): (u16, &str), tag: &str) -> String {
    let mut text = format!("SIP/2.0 {status} {reason}\r\n");
    let copied = [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq, Name::RecordRoute];
    for name in copied {
        for value in request.all(name) {
            let is_untagged = name == Name::To && !value.contains("tag=") && status > 100;
            let tag = if is_untagged { format!(";tag={tag}") } else { String::new() };
            text.push_str(&format!("{}: {value}{tag}\r\n", name.as_str()));
        }
    }
    text
}

/// The request is of this call's dialog: Call-ID and our tag (not yet known to them in CANCEL and
/// ACK of a refusal).
fn is_of(call: &Call, request: &Wire) -> bool {
    let ours = |tag: &str| tag.trim_end_matches(ELSEWHERE) == call.local_tag;
    call.call_id == request.call_id() && request.to_tag().is_some_and(ours)
}
