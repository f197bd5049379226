//! INVITE, we are the UAS: a call comes in.
//!
//! Not here: ringing (`prack`), INVITEs inside a dialog, ACK and BYE (`session`).
//! Source: RFC 3261 §9.2, §13.3.

use std::time::Instant;

use super::check::Refusal;
use super::receive::server_key;
use super::write::{Answer, allow};
use super::{Body, Endpoint, Line, Reply};
use crate::dialog::{Dialog, cseq_number};
use crate::event::{DialogId, Event};
use crate::flow::Flow;
use crate::transaction::{Machine, TransactionId};
use crate::usage::invite::{InviteUsage, State, Unacked};
use crate::{Message, Method, Status, limit};

impl Endpoint {
    /// A new call.
    pub(crate) fn invite_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        flow: Flow,
        request: Message,
    ) {
        if self.dialogs.len() >= limit::DIALOGS_MAX {
            return self.refuse(now, id, Refusal::busy(Status::SERVICE_UNAVAILABLE, 10));
        }
        if !self.transactions.note_call(id, &request) {
            return self.refuse(now, id, Refusal::new(Status::LOOP_DETECTED));
        }
        let dialog_id = self.next_dialog();
        let tag = self.ids.tag_text(dialog_id.0);
        let usage = InviteUsage::callee(id);
        let dialog = Dialog::invited(&tag, &request, flow, usage);
        self.dialogs.insert(dialog_id, dialog);
        self.received(id, dialog_id, &request);
        self.events.push_back(Event::Invite { dialog: dialog_id, request, flow });
    }

    /// Sends 200 to the pending INVITE or re-INVITE, and again until the ACK comes; or to the
    /// pending UPDATE or PRACK with an offer. Waits for the PRACK of a 1xx that had a session, and
    /// then leaves the session out, which the caller has (RFC 3262 §3).
    pub fn answer(
        &mut self,
        now: Instant,
        dialog_id: DialogId,
        body: Option<Body>,
        lines: &[Line],
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if let Some(offered) = dialog.invite.offered.take() {
            self.answer_invite(now, offered, dialog_id, Status::OK, body.as_ref(), lines);
            return self.ring_on(now, dialog_id);
        }
        let first = dialog.invite.state == State::Early;
        let reliable = dialog.invite.reliable.as_deref_mut().filter(|_| first);
        let mut body = body;
        if let Some(reliable) = reliable {
            if reliable.holds_success() {
                reliable.held = Some((body, lines.to_vec()));
                return;
            }
            body = body.filter(|_| !reliable.agreed);
        }
        let Some(id) = dialog.invite.theirs.take() else { return };
        let request = self.transactions.find_ref(id).and_then(|t| t.request.as_deref());
        let Some(request) = request else { return };
        let (cseq, offers) = (cseq_number(request), request.body().is_empty());
        if first {
            dialog.invite.state = State::Confirmed;
        }
        let status = Status::OK;
        let Some(bytes) = self.answer_invite(now, id, dialog_id, status, body.as_ref(), lines)
        else {
            return;
        };
        let Some(flow) = self.transactions.find_ref(id).map(|transaction| transaction.flow) else {
            return;
        };
        self.await_ack(now, dialog_id, Unacked::new(cseq, bytes, flow, first, offers));
    }

    /// Refuses the pending INVITE (the dialog is gone), or re-INVITE, UPDATE or PRACK with an offer
    /// (the session stays).
    pub fn reject(&mut self, now: Instant, dialog_id: DialogId, reply: Reply) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if !reply.status.is_failure() {
            return;
        }
        if let Some(offered) = dialog.invite.offered.take() {
            let Reply { status, lines } = reply;
            self.refuse(now, offered, Refusal { status, lines });
            return self.ring_on(now, dialog_id);
        }
        let Some(id) = dialog.invite.theirs.take() else { return };
        if dialog.invite.state == State::Early {
            dialog.invite.state = State::Over;
        }
        self.answer_invite(now, id, dialog_id, reply.status, None, &reply.lines);
        self.refuse_pending(now, dialog_id);
        self.settle(dialog_id);
    }

    /// A response to an INVITE or UPDATE of the peer, or its PRACK with an offer, with what belongs
    /// to a dialog.
    pub(crate) fn answer_invite(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        status: Status,
        body: Option<&Body>,
        lines: &[Line],
    ) -> Option<bytes::Bytes> {
        let dialog = self.dialogs.get(&dialog_id)?;
        let transaction = self.transactions.find_ref(id)?;
        let tag = self.ids.tag_text(dialog_id.0);
        let opens = !status.is_failure();
        let request = transaction.request.as_deref();
        let is_invite = request.is_some_and(|request| request.method() == Method::Invite);
        let granted = request.filter(|_| status.is_success());
        let granted = granted.and_then(|request| Self::granted(&dialog.invite, request));
        let contact = opens.then(|| self.config.contact_of(&dialog.path.us, &transaction.flow));
        let answer = Answer {
            status,
            to_tag: Some(&tag),
            contact: contact.as_deref(),
            allow: opens.then(|| allow(dialog.refer_allowed)),
            session: granted.flatten(),
            rseq: None,
            lines,
            body,
        };
        let bytes = self.send_answer(now, id, answer);
        if let Some(terms) = granted {
            self.session_granted(now, dialog_id, terms);
        }
        if is_invite && status.is_final() {
            self.stop_ringing(dialog_id);
        }
        bytes
    }

    /// The INVITE has its final answer.
    fn stop_ringing(&mut self, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if let Some(reliable) = dialog.invite.reliable.as_deref_mut() {
            self.timers.cancel(reliable.finish());
        }
    }

    /// CANCEL (RFC 3261 §9.2). `id` is its own transaction.
    pub(crate) fn cancel_in(&mut self, now: Instant, id: TransactionId, request: &Message) {
        let Some(invite) = self.transactions.find(&server_key(request, Method::Invite)) else {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        };
        let Some(transaction) = self.transactions.find_ref(invite) else { return };
        let pending = match &transaction.machine {
            Machine::ServerInvite(machine) => machine.is_pending(),
            Machine::ServerOther(_) | Machine::ClientInvite(_) | Machine::ClientOther(_) => false,
        };
        let dialog_id = transaction.dialog;
        let tag = dialog_id.map(|dialog| self.ids.tag_text(dialog.0));
        if let Some(dialog_id) = dialog_id
            && self.dialogs.contains_key(&dialog_id)
        {
            self.received(id, dialog_id, request);
        }
        self.send_answer(now, id, Answer { to_tag: tag.as_deref(), ..Answer::new(Status::OK) });
        let Some(dialog_id) = dialog_id.filter(|_| pending) else { return };
        self.answer_invite(now, invite, dialog_id, Status::REQUEST_TERMINATED, None, &[]);
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        dialog.invite.theirs = None;
        if dialog.invite.state == State::Early {
            dialog.invite.state = State::Over;
            self.events.push_back(Event::Cancelled { dialog: dialog_id });
            self.refuse_pending(now, dialog_id);
            self.settle(dialog_id);
        }
    }
}
