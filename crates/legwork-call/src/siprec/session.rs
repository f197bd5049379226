//! The dialog with a session recorder: looked for, invited, agreed with, left.
//!
//! Its addresses are tried one after the other until one of them answers. What it refuses it is not sent,
//! and nothing it says is heard: every stream goes one way.
//! Not here: what a `<Siprec>` wants, and what is told of it (`siprec`).
//! Source: RFC 7866 §6.1, §7.1, §8.1; RFC 3264, RFC 4028 §7.4.

use std::collections::VecDeque;

use legwork_media as media;
use legwork_media::offer_answer::{Codec, Tracks};
use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::{Body, Line, Reply};
use legwork_sip::event::{DialogId, EndedBy, Event};
use legwork_sip::uri::host_of;

use super::{At, End, Exchange, RECORDER, Siprec};
use crate::answer::refused;
use crate::calls::Calls;
use crate::dial::sip::way_to;
use crate::dial::target::{from_header, sid_lines};
use crate::io::{Output, ResolveId, Target};
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::reach::Way;
use crate::timer::{Due, TimerKey};
use crate::trace::Whose;

/// Says that we record (RFC 7866 §6.1.1).
const RECORDS: &str = ";+sip.src";

impl Calls {
    // === where it is ===

    /// Asks where the recorder is, and invites it there.
    pub(super) fn look_for_recorder(&mut self, leg: LegId, mut siprec: Siprec) {
        let (host, port, transport) = match way_to(&siprec.recorder.uri) {
            Ok(Way::Ask { host, port, transport }) => (host, port, transport),
            Ok(Way::Flow(flow)) => return self.try_recorder(leg, siprec, [flow].into()),
            Err(nobody) => {
                let end = End::Failed { code: nobody.code, text: nobody.text };
                return self.siprec_over(leg, siprec, &end);
            }
        };
        if let Some(flow) = self.flow_at_hand(&host, port, transport) {
            return self.try_recorder(leg, siprec, [flow].into());
        }
        let id = ResolveId(self.next_id());
        siprec.at = At::Resolving(id);
        self.beside.siprecs.by_resolve.insert(id, leg);
        self.put_siprec(leg, siprec);
        let random = self.random();
        self.push(Output::Resolve { id, host, port, transport, random });
    }

    /// DNS has answered a question about a recorder. False: it was none.
    pub(crate) fn siprec_resolved(&mut self, id: ResolveId, targets: &[Target]) -> bool {
        let Some(leg) = self.beside.siprecs.by_resolve.remove(&id) else { return false };
        self.current = Some(leg);
        let is_it = |siprec: &Siprec| matches!(siprec.at, At::Resolving(it) if it == id);
        let Some(siprec) = self.take_siprec(leg, is_it) else { return true };
        let flow = |target: &Target| {
            self.endpoint.flow_to(target.transport, target.remote, Some(target.local_ip))
        };
        let flows: VecDeque<_> = targets.iter().take(limit::TARGETS_MAX).filter_map(flow).collect();
        if flows.is_empty() {
            let text = format!("{} leads nowhere", siprec.recorder.uri);
            self.siprec_over(leg, siprec, &End::Failed { code: 13254, text });
        } else {
            self.try_recorder(leg, siprec, flows);
        }
        true
    }

    // === the INVITE ===

    /// Invites it at the first of these places; there is one at least.
    fn try_recorder(&mut self, leg: LegId, mut siprec: Siprec, mut flows: VecDeque<sip::Flow>) {
        let Some(flow) = flows.pop_front() else { return };
        let codecs = recorded_codecs(&self.config.codecs);
        let ports = siprec.tracks.iter().filter_map(|track| track.ports).map(|ports| ports.port);
        let (session, address) = (self.random() >> 2, self.media_address(flow));
        let mut offer = Tracks::new(session, address, ports, flow.remote.ip(), &codecs);
        let sdp = offer.offer();
        let Some(parties) = self.siprec_parties(leg, &siprec) else { return };
        let Some(of) = self.leg(leg) else { return };
        let body = parties.body(&siprec, of, &sdp);
        let invite = invite_of(of, &siprec, flow, body);
        siprec.known = Some(parties);
        let dialog = self.endpoint.invite(self.now.mono, invite);
        self.beside.siprecs.by_dialog.insert(dialog, leg);
        siprec.at = At::Calling { dialog, offer, others: flows };
        let until = self.after(limit::SIPREC_PATIENCE);
        siprec.deadline = Some(self.timers.set(until, Due::Siprec(leg)));
        self.put_siprec(leg, siprec);
        self.drain_transmits();
    }

    /// It has not answered for long enough.
    pub(crate) fn handle_siprec_silence(&mut self, leg: LegId, key: TimerKey) {
        let Some(siprec) = self.take_siprec(leg, |siprec| siprec.deadline == Some(key)) else {
            return;
        };
        self.leave_recorder(&siprec);
        self.recorder_refused(leg, siprec, Status::REQUEST_TIMEOUT);
    }

    /// It did not take the INVITE: another of its addresses may, unless it has spoken for all.
    fn recorder_refused(&mut self, leg: LegId, mut siprec: Siprec, status: Status) {
        self.timers.cancel(&mut siprec.deadline);
        let is_out = status == Status::REQUEST_TIMEOUT
            || status == Status::FLOW_FAILED
            || (500..600).contains(&status.0);
        let others = match &mut siprec.at {
            At::Calling { others, .. } => std::mem::take(others),
            At::Awaited | At::Resolving(_) | At::Recording { .. } => VecDeque::new(),
        };
        // Nothing is left to be cancelled.
        siprec.at = At::Awaited;
        if is_out && !others.is_empty() {
            return self.try_recorder(leg, siprec, others);
        }
        let text = match status {
            Status::REQUEST_TIMEOUT => "it does not answer".to_owned(),
            status => format!("it answers {}", status.0),
        };
        self.siprec_over(leg, siprec, &End::Failed { code: RECORDER, text });
    }

    // === what it says ===

    /// Something of a dialog that is no leg's.
    pub(crate) fn handle_siprec_event(&mut self, dialog: DialogId, event: Event) {
        let Some(&leg) = self.beside.siprecs.by_dialog.get(&dialog) else { return };
        self.current = Some(leg);
        // What could not be told before may be told now.
        self.mark_siprecs(leg);
        let is_it = |siprec: &Siprec| siprec.dialog() == Some(dialog);
        let Some(siprec) = self.take_siprec(leg, is_it) else { return };
        match event {
            Event::Answered { session, .. } => self.recorder_answered(leg, siprec, &session),
            Event::Failed { status, .. } => {
                self.forget_recorder_dialog(&siprec, dialog);
                self.recorder_refused(leg, siprec, status);
            }
            Event::Ended { by, .. } => {
                self.forget_recorder_dialog(&siprec, dialog);
                let end = match by {
                    EndedBy::Bye(_) => End::Stopped,
                    EndedBy::NoAck | EndedBy::Lost | EndedBy::Expired => {
                        End::Failed { code: RECORDER, text: "it is gone".to_owned() }
                    }
                };
                self.siprec_over(leg, siprec, &end);
            }
            Event::Reinvite { request, .. } => self.recorder_offers(leg, siprec, &request),
            Event::Acked { body, .. } => self.recorder_acked(leg, siprec, &body),
            Event::ReinviteAnswered { response, .. } => {
                self.recorder_answers_again(leg, siprec, &response.body());
            }
            Event::ReinviteFailed { .. } => self.exchange_over(leg, siprec),
            Event::Refresh { .. } => self.refresh_recorder(leg, siprec),
            Event::Provisional { .. }
            | Event::Cancelled { .. }
            | Event::Info { .. }
            | Event::Referred { .. }
            | Event::ReferProgress { .. }
            | Event::Received { .. }
            | Event::Invite { .. }
            | Event::Request { .. }
            | Event::Response { .. }
            | Event::Notified { .. }
            | Event::Unsubscribed { .. }
            | Event::Refer { .. } => self.put_siprec(leg, siprec),
        }
    }

    fn recorder_answered(&mut self, leg: LegId, mut siprec: Siprec, session: &[u8]) {
        self.timers.cancel(&mut siprec.deadline);
        let At::Calling { dialog, offer, .. } = &siprec.at else {
            return self.put_siprec(leg, siprec);
        };
        let (dialog, mut agreed) = (*dialog, offer.clone());
        if agreed.handle_answer(session).is_err() {
            let text = "its answer can not be used".to_owned();
            // Its dialog stands: it is left like any other.
            siprec.at = At::Recording { dialog, agreed, exchange: Exchange::None };
            return self.siprec_over(leg, siprec, &End::Failed { code: RECORDER, text });
        }
        siprec.at = At::Recording { dialog, agreed, exchange: Exchange::None };
        self.tell_siprec(&siprec, "siprec-started", None);
        self.feed_recorder(leg, siprec);
    }

    /// Its ports are in use as agreed, and put back.
    fn feed_recorder(&mut self, leg: LegId, mut siprec: Siprec) {
        let of = self.leg(leg).map(|leg| (leg.media.id, leg.media.host));
        let At::Recording { agreed, .. } = &siprec.at else { return self.put_siprec(leg, siprec) };
        let agreed: Vec<_> = (0..siprec.tracks.len()).map(|n| agreed.agreed(n).cloned()).collect();
        let mut orders = Vec::new();
        for (track, agreed) in siprec.tracks.iter_mut().zip(agreed) {
            let (Some(ports), Some((copied, host))) = (track.ports, of) else { continue };
            if agreed.is_some() && !std::mem::replace(&mut track.is_open, true) {
                orders.push((ports, media::Command::Open));
                if std::mem::replace(&mut track.host, host) != host {
                    orders.push((ports, media::Command::Move(host)));
                }
            }
            let is_wanted = agreed.is_some();
            orders.extend(agreed.map(|it| (ports, media::Command::Agree(Box::new(it)))));
            if std::mem::replace(&mut track.is_fed, is_wanted) != is_wanted {
                let feed = match is_wanted {
                    true => media::Feed::Copy(copied, track.way),
                    false => media::Feed::Nothing,
                };
                orders.push((ports, media::Command::Feed(feed)));
            }
        }
        for (ports, order) in orders {
            self.order_media(ports, order);
        }
        self.put_siprec(leg, siprec);
    }

    /// It pauses, goes on, wants it elsewhere, or wants our offer.
    fn recorder_offers(&mut self, leg: LegId, mut siprec: Siprec, request: &sip::Message) {
        let At::Recording { dialog, agreed, exchange } = &mut siprec.at else {
            return self.put_siprec(leg, siprec);
        };
        let dialog = *dialog;
        // An offer of ours that met theirs is given up; what it told is told anew.
        let is_ours = matches!(exchange, Exchange::Refresh | Exchange::Update);
        if is_ours && self.endpoint.withdraw_reinvite(dialog) {
            let was = std::mem::replace(exchange, Exchange::None);
            siprec.is_untold |= was == Exchange::Update;
        }
        if !request.has_body_of("application/sdp") {
            *exchange = Exchange::Delayed;
            let sdp = agreed.repeat();
            self.sip(|sip, now| sip.answer(now.mono, dialog, Some(Body::sdp(sdp)), &[]));
            return self.put_siprec(leg, siprec);
        }
        match agreed.handle_offer(&request.body()) {
            Ok(sdp) => {
                self.sip(|sip, now| sip.answer(now.mono, dialog, Some(Body::sdp(sdp)), &[]));
                self.feed_recorder(leg, siprec);
            }
            Err(refusal) => {
                let reply = Reply { status: refused(refusal), lines: Vec::new() };
                self.sip(|sip, now| sip.reject(now.mono, dialog, reply));
                self.put_siprec(leg, siprec);
            }
        }
    }

    /// The ACK of our 200 may bring the answer to the offer in it.
    fn recorder_acked(&mut self, leg: LegId, mut siprec: Siprec, body: &[u8]) {
        match &mut siprec.at {
            At::Recording { exchange, .. } if *exchange == Exchange::Delayed => {
                self.recorder_answers_again(leg, siprec, body);
            }
            At::Recording { .. } | At::Awaited | At::Resolving(_) | At::Calling { .. } => {
                self.put_siprec(leg, siprec);
            }
        }
    }

    /// The answer to another offer of ours; one that can not be used changes nothing.
    fn recorder_answers_again(&mut self, leg: LegId, mut siprec: Siprec, body: &[u8]) {
        if let At::Recording { agreed, exchange, .. } = &mut siprec.at {
            *exchange = Exchange::None;
            if agreed.handle_answer(body).is_ok() {
                return self.feed_recorder(leg, siprec);
            }
        }
        self.put_siprec(leg, siprec);
    }

    fn exchange_over(&mut self, leg: LegId, mut siprec: Siprec) {
        if let At::Recording { exchange, .. } = &mut siprec.at {
            *exchange = Exchange::None;
        }
        self.put_siprec(leg, siprec);
    }

    /// The session is to be refreshed by re-INVITE: our description goes out unchanged.
    fn refresh_recorder(&mut self, leg: LegId, mut siprec: Siprec) {
        if let At::Recording { dialog, agreed, exchange } = &mut siprec.at
            && *exchange == Exchange::None
        {
            let (dialog, sdp) = (*dialog, agreed.repeat());
            if self.sip(|sip, now| sip.reinvite(now.mono, dialog, Body::sdp(sdp))) {
                *exchange = Exchange::Refresh;
            }
        }
        self.put_siprec(leg, siprec);
    }

    // === the end ===

    /// Whatever is under way with it is over: BYE, CANCEL, or its address is not asked for any more.
    pub(super) fn leave_recorder(&mut self, siprec: &Siprec) {
        match &siprec.at {
            At::Awaited => {}
            At::Resolving(id) => {
                self.beside.siprecs.by_resolve.remove(id);
            }
            At::Calling { dialog, .. } => {
                let dialog = *dialog;
                self.forget_recorder_dialog(siprec, dialog);
                self.sip(|sip, now| sip.cancel(now.mono, dialog, &[]));
            }
            At::Recording { dialog, .. } => {
                let dialog = *dialog;
                // It may have gone by itself.
                if self.beside.siprecs.by_dialog.contains_key(&dialog) {
                    self.forget_recorder_dialog(siprec, dialog);
                    self.sip(|sip, now| sip.end(now.mono, dialog, &[]));
                }
            }
        }
    }

    /// Nothing of that dialog matters any more, but for ladders.
    fn forget_recorder_dialog(&mut self, siprec: &Siprec, dialog: DialogId) {
        if self.beside.siprecs.by_dialog.remove(&dialog).is_some() {
            let whose = (siprec.call, siprec.root, siprec.recorder.name.clone());
            self.traced.remember(dialog, whose, limit::TRACED_ENDED_LEGS_MAX);
        }
    }

    /// Whose ladder a recorder's messages belong to.
    pub(crate) fn siprec_of(&self, dialog: DialogId) -> Option<Whose> {
        let all = self.beside.siprecs.of.get(self.beside.siprecs.by_dialog.get(&dialog)?)?;
        let siprec = all.iter().find(|siprec| siprec.dialog() == Some(dialog))?;
        Some((siprec.call, siprec.root, siprec.recorder.name.clone()))
    }
}

/// What a recorder is offered: G.711 first, which all of them know.
fn recorded_codecs(all: &[Codec]) -> Vec<Codec> {
    let g711 = all.iter().filter(|codec| codec.is_g711());
    g711.chain(all.iter().filter(|codec| !codec.is_g711())).copied().collect()
}

fn invite_of(of: &Leg, siprec: &Siprec, flow: sip::Flow, body: Body) -> sip::endpoint::Invite {
    let host = of.sip.domain.clone().unwrap_or_else(|| host_of(flow.local.ip()));
    let lines: [Line; 2] =
        [("Require".into(), "siprec".to_owned()), ("Accept".into(), "application/sdp".to_owned())];
    let lines = lines.into_iter().chain(sid_lines(of)).chain(siprec.lines.iter().cloned());
    sip::endpoint::Invite {
        target: siprec.recorder.uri.clone(),
        flow,
        from: from_header(of.who.far(), &host),
        to: format!("<{}>", siprec.recorder.uri),
        routes: Vec::new(),
        lines: lines.collect(),
        body: Some(body),
        refer_allowed: false,
        contact_parameters: RECORDS,
        hops: of.sip.hops,
        credentials: siprec.recorder.credentials.clone(),
    }
}
