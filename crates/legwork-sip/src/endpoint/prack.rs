//! Reliable provisional responses: ours with their retransmission, those of the peer with our PRACK.
//!
//! Where the caller only supports 100rel, ours go out unreliably: a lost 183 costs an announcement,
//! a PRACK that never comes would cost the call.
//! Not here: which one may go out now (`usage::reliable`).
//! Source: RFC 3262 §3, §4.

use std::time::Instant;

use bytes::Bytes;

use super::check::Refusal;
use super::transactions::Outgoing;
use super::write::{Answer, Request};
use super::{Body, Deadline, Endpoint, Line};
use crate::dialog::{Path, Us, contact_uri, reversed_routes, to_tag};
use crate::event::{DialogId, Event};
use crate::flow::{Flow, Transmit};
use crate::header::Name;
use crate::transaction::{Purpose, TransactionId};
use crate::usage::invite::State;
use crate::usage::reliable::{self, Heard, Reliable, Ringing};
use crate::{Message, Method, Status};

/// The INVITE wants its provisional responses acknowledged.
fn wants_prack(invite: &Message) -> bool {
    invite.lists(Name::Require, "100rel")
}

impl Endpoint {
    // === we are called ===

    /// Sends 180 or 183 (any 1xx but 100) with To tag and Contact: reliably where the caller
    /// requires it, then one after the other; not at all where it does and made no offer.
    pub fn ring(
        &mut self,
        now: Instant,
        dialog_id: DialogId,
        status: Status,
        body: Option<Body>,
        lines: &[Line],
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let Some(id) = dialog.invite.theirs else { return };
        if !status.is_provisional() || status <= Status::TRYING {
            return;
        }
        let request = self.transactions.find_ref(id).and_then(|t| t.request.as_deref());
        let Some(request) = request else { return };
        if !wants_prack(request) {
            self.answer_invite(now, id, dialog_id, status, body.as_ref(), lines);
            return;
        }
        // A re-INVITE is answered without ringing. Without an offer in the INVITE the first reliable
        // response would have to bring ours: that waits for the 2xx.
        if dialog.invite.state != State::Early || request.body().is_empty() {
            return;
        }
        let cseq = crate::dialog::cseq_number(request);
        let reliable = dialog.invite.reliable.get_or_insert_with(|| {
            let first = u32::try_from(self.ids.between(1, (1 << 31) - 1)).unwrap_or(1);
            Box::new(Reliable::new(first, cseq))
        });
        let ringing = Ringing { status, body, lines: lines.to_vec() };
        if let Some((rseq, ringing)) = reliable.ring(ringing) {
            self.ring_reliably(now, id, dialog_id, rseq, &ringing);
        }
    }

    fn ring_reliably(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        rseq: u32,
        ringing: &Ringing,
    ) {
        let Ringing { status, body, lines } = ringing;
        let Some(dialog) = self.dialogs.get(&dialog_id) else { return };
        let Some(transaction) = self.transactions.find_ref(id) else { return };
        let flow = transaction.flow;
        let tag = self.ids.tag_text(dialog_id.0);
        let contact = self.config.contact_of(&dialog.path.us, &flow);
        let answer = Answer {
            to_tag: Some(&tag),
            contact: Some(&contact),
            allow: Some(super::write::allow(dialog.refer_allowed)),
            rseq: Some(rseq),
            lines,
            body: body.as_ref(),
            ..Answer::new(*status)
        };
        let Some(bytes) = self.send_answer(now, id, answer) else { return };
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let Some(reliable) = dialog.invite.reliable.as_deref_mut() else { return };
        let due = reliable.sent(now, *status, body.is_some(), bytes, flow);
        if let Some(sent) = &mut reliable.under_way {
            sent.again = Some(self.timers.set(due, Deadline::Ringing(dialog_id)));
        }
    }

    /// No PRACK came: the 1xx goes out again, or the INVITE has failed.
    pub(crate) fn ringing_due(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(reliable) = dialog.invite.reliable.as_deref_mut() else { return };
        let Some(sent) = &mut reliable.under_way else { return };
        sent.again = None;
        if dialog.invite.state != State::Early {
            return;
        }
        if sent.is_over(now) {
            return self.not_acknowledged(now, id);
        }
        let (flow, bytes) = (sent.flow, sent.response.clone());
        self.transmits.push_back(Transmit { flow, bytes, dialog: Some(id), again: true });
        sent.again = sent.repeated(now).map(|due| self.timers.set(due, Deadline::Ringing(id)));
    }

    /// The caller hears what we say, but does not say so (RFC 3262 §3).
    fn not_acknowledged(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(invite) = dialog.invite.theirs.take() else { return };
        dialog.invite.state = State::Over;
        self.answer_invite(now, invite, id, Status::SERVER_TIME_OUT, None, &[]);
        self.events.push_back(Event::Cancelled { dialog: id });
        self.refuse_pending(now, id);
        self.settle(id);
    }

    /// PRACK inside a dialog.
    pub(crate) fn prack_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: Message,
    ) {
        let Ok(rack) = request.rack() else {
            return self.refuse(now, id, Refusal::broken(Status::BAD_REQUEST, "no good RAck"));
        };
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let reliable = dialog.invite.reliable.as_deref_mut();
        let Some(reliable) = reliable.filter(|reliable| reliable.is_named(rack)) else {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        };
        let sent = reliable.acknowledged();
        self.timers.cancel(sent.and_then(|sent| sent.again));
        dialog.path.refresh(&request);
        let early = dialog.invite.state == State::Early;
        if request.body().is_empty() {
            self.send_answer(now, id, Answer::new(Status::OK));
        } else if !early || !reliable.agreed || dialog.invite.offered.is_some() {
            // There is nothing it could be an answer to, nor may it offer now.
            self.refuse(now, id, Refusal::new(Status::NOT_ACCEPTABLE_HERE));
        } else {
            dialog.invite.offered = Some(id);
            self.events.push_back(Event::Reinvite { dialog: dialog_id, request });
        }
        self.ring_on(now, dialog_id);
    }

    /// Sends what waited for a PRACK, or for the answer to the offer in it.
    pub(crate) fn ring_on(&mut self, now: Instant, dialog_id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if dialog.invite.offered.is_some() || dialog.invite.state != State::Early {
            return;
        }
        let Some(id) = dialog.invite.theirs else { return };
        let Some(reliable) = dialog.invite.reliable.as_deref_mut() else { return };
        if let Some((rseq, ringing)) = reliable.next() {
            self.ring_reliably(now, id, dialog_id, rseq, &ringing);
        } else if !reliable.holds_success()
            && let Some((body, lines)) = reliable.held.take()
        {
            self.answer(now, dialog_id, body, &lines);
        }
    }

    // === we call ===

    /// A 1xx to our INVITE. False: a reliable one that is to be passed over.
    pub(crate) fn heard_provisional(
        &mut self,
        now: Instant,
        id: DialogId,
        response: &Message,
        flow: Flow,
    ) -> bool {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let Some(ours) = dialog.invite.ours.as_deref_mut() else { return false };
        let wanted = ours.reliable && response.lists(Name::Require, "100rel");
        let rseq = if wanted { response.rseq().ok().flatten() } else { None };
        let tag = to_tag(response).unwrap_or_default();
        let is_sdp = response.has_body_of("application/sdp");
        let session = if is_sdp { response.body() } else { Bytes::new() };
        match reliable::hear(&mut ours.forks, tag, rseq, session) {
            Heard::Plain => true,
            Heard::Stale => false,
            Heard::Next => {
                let cseq = ours.cseq;
                self.send_prack(now, id, response, flow, [rseq.unwrap_or_default(), cseq]);
                true
            }
        }
    }

    /// Acknowledges a reliable 1xx in the early dialog that it makes.
    fn send_prack(
        &mut self,
        now: Instant,
        id: DialogId,
        response: &Message,
        flow: Flow,
        [rseq, invite]: [u32; 2],
    ) {
        let branch = self.ids.number();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let cseq = dialog.next_cseq();
        let path = Path {
            routes: reversed_routes(response),
            target: contact_uri(response).unwrap_or(&dialog.path.target).into(),
            flow,
            us: Us::default(),
        };
        // Inside a confirmed dialog its own route set holds.
        let early = dialog.invite.state == State::Early;
        let to = response.unfolded(Name::To).unwrap_or_default();
        let branch_text = self.ids.branch_text(branch);
        let inside = Request::inside(dialog, Method::Prack, cseq, &branch_text);
        let request = Request {
            way: if early { path.way() } else { dialog.path.way() },
            to: &to,
            lines: &[("RAck".into(), format!("{rseq} {invite} INVITE"))],
            ..inside
        };
        let out = Outgoing {
            method: Method::Prack,
            purpose: Purpose::Nobody,
            dialog: Some(id),
            flow: request.way.flow,
            branch,
            bytes: request.write(&self.config),
        };
        self.start_client(now, out);
    }
}
