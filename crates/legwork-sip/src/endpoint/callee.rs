//! INVITE, we are the UAS: a call comes in.
//!
//! Not here: INVITEs inside a dialog, ACK and BYE (`session`).
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

    /// Sends 180 or 183 (any 1xx but 100) with To tag and Contact.
    pub fn ring(
        &mut self,
        now: Instant,
        dialog: DialogId,
        status: Status,
        body: Option<Body>,
        lines: &[Line],
    ) {
        let usage = self.dialogs.get(&dialog).map(|dialog| &dialog.invite);
        let Some(id) = usage.and_then(|usage| usage.theirs) else { return };
        if status.is_provisional() && status > Status::TRYING {
            self.answer_invite(now, id, dialog, status, body.as_ref(), lines);
        }
    }

    /// Sends 200 to the pending INVITE or re-INVITE, and again until the ACK comes.
    pub fn answer(
        &mut self,
        now: Instant,
        dialog_id: DialogId,
        body: Option<Body>,
        lines: &[Line],
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let Some(id) = dialog.invite.theirs.take() else { return };
        let first = dialog.invite.state == State::Early;
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

    /// Refuses the pending INVITE (the dialog is gone) or re-INVITE (the session stays).
    pub fn reject(&mut self, now: Instant, dialog_id: DialogId, reply: Reply) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if !reply.status.is_failure() {
            return;
        }
        let Some(id) = dialog.invite.theirs.take() else { return };
        if dialog.invite.state == State::Early {
            dialog.invite.state = State::Over;
        }
        self.answer_invite(now, id, dialog_id, reply.status, None, &reply.lines);
        self.refuse_pending_refers(now, dialog_id);
        self.settle(dialog_id);
    }

    /// A response to an INVITE of the peer, with what belongs to a dialog.
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
        let contact = opens.then(|| self.config.contact(&dialog.path.user, &transaction.flow));
        let answer = Answer {
            status,
            to_tag: Some(&tag),
            contact: contact.as_deref(),
            allow: opens.then(|| allow(dialog.refer_allowed)),
            lines,
            body,
        };
        self.send_answer(now, id, answer)
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
            self.refuse_pending_refers(now, dialog_id);
            self.settle(dialog_id);
        }
    }
}
