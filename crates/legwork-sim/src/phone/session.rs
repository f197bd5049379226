//! What a phone may do beyond RFC 3261 in a session: PRACK, UPDATE, session timers, forks.
//!
//! Not here: INVITE and re-INVITE (`outgoing`, `incoming`).
//! Source: RFC 3262; RFC 3311; RFC 4028 §9.

use std::net::SocketAddr;
use std::time::Instant;

use legwork_sip::header::Name;

use super::call::{CallNo, State};
use super::outgoing::Inside;
use super::sdp::{self, Direction};
use super::transaction::Purpose;
use super::{Phone, Refresher};
use crate::wire::Wire;

/// What the tag of another fork has behind the phone's own.
pub(super) const ELSEWHERE: &str = "-elsewhere";

impl Phone {
    /// The `Allow` line of this phone.
    pub(super) fn allow(&self) -> &'static str {
        if self.habits.takes_update {
            "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, OPTIONS, INFO, PRACK, UPDATE\r\n"
        } else {
            "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, OPTIONS, INFO\r\n"
        }
    }

    /// What a re-INVITE or UPDATE says of the session timer.
    pub(super) fn refresh_lines(&self) -> String {
        let Some((seconds, _)) = self.habits.session else { return String::new() };
        format!("Supported: timer\r\nSession-Expires: {seconds};refresher=uac\r\n")
    }

    pub(super) fn update(&mut self, now: Instant, direction: Option<Direction>) {
        let Some(no) = self.newest(|call| call.state != State::Ended).map(|call| call.no) else {
            return;
        };
        let before = self.call(no).map(|call| call.direction).unwrap_or_default();
        let body = direction.and_then(|direction| self.sdp(no, direction));
        let lines = self.refresh_lines();
        let purpose = Purpose::Update(no, before);
        self.inside(now, no, "UPDATE", Inside { lines, body, purpose });
    }

    /// UPDATE was answered: by whom and what, if it was a 2xx.
    pub(super) fn updated(
        &mut self,
        no: CallNo,
        before: Direction,
        answer: Option<(SocketAddr, &Wire)>,
    ) {
        let codecs = self.config.codecs.clone();
        let Some(call) = self.call(no) else { return };
        match answer {
            Some((from, answer)) => {
                call.refresh(from, answer);
                call.media = sdp::remote(answer.body(), &codecs).or(call.media);
            }
            None => call.direction = before,
        }
    }

    /// A reliable 1xx to our INVITE is acknowledged, once each and in order.
    pub(super) fn acknowledge_ringing(
        &mut self,
        now: Instant,
        no: CallNo,
        from: SocketAddr,
        ring: &Wire,
    ) {
        let Ok(rseq) = ring.header(Name::RSeq).parse::<u32>() else { return };
        let Some(call) = self.call(no) else { return };
        if call.rseq != 0 && rseq != call.rseq + 1 {
            return;
        }
        call.rseq = rseq;
        call.remote_tag = ring.to_tag().map(str::to_owned);
        call.refresh(from, ring);
        call.routes = ring.record_routes();
        call.routes.reverse();
        let lines = format!("RAck: {rseq} {} INVITE\r\n", ring.cseq().0);
        let more = Inside { lines, body: None, purpose: Purpose::Other };
        self.inside(now, no, "PRACK", more);
    }

    /// What a 2xx says of the session timer.
    pub(super) fn session_lines(&self, request: &Wire, status: u16) -> String {
        let Some((seconds, who)) = self.habits.session else { return String::new() };
        let renews = matches!(request.cseq().1, "INVITE" | "UPDATE");
        if !renews || !(200..300).contains(&status) {
            return String::new();
        }
        let asked = request.header(Name::SessionExpires);
        let who = match (asked.contains("refresher=uac"), asked.contains("refresher=uas"), who) {
            (true, _, _) | (false, false, Refresher::Uac) => "uac",
            (false, true, _) | (false, false, Refresher::Uas) => "uas",
        };
        let wanted = asked.split(';').next().and_then(|n| n.parse().ok()).unwrap_or(seconds);
        let seconds = seconds.min(wanted);
        format!("Require: timer\r\nSession-Expires: {seconds};refresher={who}\r\n")
    }

    /// The number of a 1xx that is to be reliable.
    pub(super) fn reliable_number(
        &mut self,
        request: &Wire,
        status: u16,
        tag: &str,
    ) -> Option<u32> {
        let supported = request.all(Name::Supported).any(|value| value.contains("100rel"));
        let rings = request.cseq().1 == "INVITE" && (101..200).contains(&status);
        if !self.habits.rings_reliably || !supported || !rings {
            return None;
        }
        if tag.ends_with(ELSEWHERE) {
            return Some(1000);
        }
        let call_id = request.call_id();
        let call = self.calls.iter_mut().find(|call| call.call_id == call_id)?;
        call.rseq += 1;
        Some(call.rseq)
    }

    pub(super) fn handle_prack(&mut self, now: Instant, no: CallNo, prack: &Wire) {
        for answered in &mut self.answered {
            let is_it = answered.call == Some(no) && answered.method == "INVITE";
            if is_it && !answered.is_final {
                answered.again = None;
            }
        }
        self.respond(now, prack, 200, "OK", "", None);
    }

    pub(super) fn handle_update(
        &mut self,
        now: Instant,
        no: CallNo,
        from: SocketAddr,
        update: &Wire,
    ) {
        if !update.body().is_empty() {
            return self.handle_reinvite(now, no, from, update);
        }
        let Some(call) = self.call(no) else { return };
        if call.state == State::Ended {
            return self.respond(now, update, 481, "Call/Transaction Does Not Exist", "", None);
        }
        call.refresh(from, update);
        self.respond(now, update, 200, "OK", "", None);
    }

    /// 183 as another fork of the same INVITE would send it.
    pub(super) fn ring_elsewhere(&mut self, now: Instant, no: CallNo) {
        let Some((invite, tag)) = self.waiting(no) else { return };
        let port = self.config.rtp.port();
        let body = self.answer_body(no);
        let body = body.map(|body| {
            body.replace(&format!("m=audio {port} "), &format!("m=audio {} ", port + 2))
        });
        self.respond(now, &invite, 183, "Session Progress", &format!("{tag}{ELSEWHERE}"), body);
    }
}
