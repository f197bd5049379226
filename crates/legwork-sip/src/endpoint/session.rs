//! Inside a confirmed dialog: re-INVITEs of the peer, ACK, BYE of either side.
//!
//! Not here: re-INVITEs of ours (`caller`), REFER (`refers`, `referrals`).
//! Source: RFC 3261 §13.3.1.4, §14.2, §15; RFC 5057.

use std::time::Instant;

use bytes::Bytes;

use super::check::Refusal;
use super::receive::server_key;
use super::transactions::Outgoing;
use super::write::{Answer, Request};
use super::{Deadline, Endpoint, Line};
use crate::dialog::cseq_number;
use crate::event::{DialogId, EndedBy, Event};
use crate::flow::Transmit;
use crate::transaction::{Machine, PATIENCE, Purpose, Step, T2, Tell, TransactionId};
use crate::usage::invite::{Arrival, Bye, End, State, Unacked};
use crate::{Message, Method, Status};

impl Endpoint {
    /// An INVITE inside a dialog.
    pub(crate) fn reinvite_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: Message,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let refusal = match dialog.invite.invited() {
            Arrival::Take | Arrival::TakeAsAck => {
                let unacked = dialog.invite.unacked.take();
                dialog.invite.theirs = Some(id);
                dialog.path.refresh(&request);
                dialog.learn_allowed(&request);
                if let Some(unacked) = unacked {
                    self.stop_repeating(&unacked);
                    self.events.push_back(Event::Acked { dialog: dialog_id, body: Bytes::new() });
                }
                self.events.push_back(Event::Reinvite { dialog: dialog_id, request });
                self.send_held_refer(now, dialog_id);
                return;
            }
            Arrival::Glare => Refusal::new(Status::REQUEST_PENDING),
            Arrival::Overlap => {
                Refusal::busy(Status::SERVER_INTERNAL_ERROR, self.ids.between(0, 10))
            }
            Arrival::Gone => Refusal::new(Status::CALL_DOES_NOT_EXIST),
        };
        self.refuse(now, id, refusal);
    }

    // === our 2xx and its ACK ===

    /// Repeats a 2xx until its ACK comes.
    pub(crate) fn await_ack(&mut self, now: Instant, id: DialogId, mut unacked: Unacked) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        unacked.again = Some(self.timers.set(now + unacked.pause, Deadline::Success(id)));
        unacked.give_up = Some(self.timers.set(now + PATIENCE, Deadline::NoAck(id)));
        if let Some(old) = dialog.invite.unacked.replace(Box::new(unacked)) {
            self.stop_repeating(&old);
        }
    }

    fn stop_repeating(&mut self, unacked: &Unacked) {
        self.timers.cancel(unacked.again);
        self.timers.cancel(unacked.give_up);
    }

    /// Time to send our 2xx again.
    pub(crate) fn success_due(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(unacked) = dialog.invite.unacked.as_deref_mut() else { return };
        self.transmits.push_back(Transmit {
            flow: unacked.flow,
            bytes: unacked.response.clone(),
            dialog: Some(id),
            again: true,
        });
        unacked.pause = (unacked.pause * 2).min(T2);
        unacked.again = Some(self.timers.set(now + unacked.pause, Deadline::Success(id)));
    }

    /// No ACK came for our 2xx.
    pub(crate) fn ack_missing(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(unacked) = dialog.invite.unacked.take() else { return };
        self.timers.cancel(unacked.again);
        match dialog.invite.state {
            State::Confirmed => {
                self.events.push_back(Event::Ended { dialog: id, by: EndedBy::NoAck });
                self.send_bye(now, id, &[]);
            }
            State::Leaving => self.send_held_bye(now, id),
            State::Early | State::Ending | State::Over => {}
        }
    }

    /// ACK: of a failure, which its transaction wants, or of a 2xx, which the dialog wants.
    pub(crate) fn ack_in(&mut self, now: Instant, request: &Message) {
        if let Some(id) = self.transactions.find(&server_key(request, Method::Invite))
            && let Some(transaction) = self.transactions.find_mut(id)
        {
            let step = match &mut transaction.machine {
                Machine::ServerInvite(machine) => machine.ack(),
                Machine::ServerOther(_) | Machine::ClientInvite(_) | Machine::ClientOther(_) => {
                    Step::NOTHING
                }
            };
            let told = self.apply(now, id, step, false);
            if told.is_none_or(|told| told.tell != Tell::Message) {
                return;
            }
        }
        let Some(dialog_id) = self.find_dialog(request) else { return };
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let cseq = cseq_number(request);
        let fits = |unacked: &mut Box<Unacked>| unacked.cseq == cseq;
        let Some(unacked) = dialog.invite.unacked.take_if(fits) else { return };
        let state = dialog.invite.state;
        dialog.invite.reliable = None;
        self.stop_repeating(&unacked);
        self.events.push_back(Event::Received { dialog: dialog_id, bytes: request.bytes() });
        match state {
            State::Confirmed => {
                let body = request.body();
                self.events.push_back(Event::Acked { dialog: dialog_id, body });
                self.send_held_refer(now, dialog_id);
            }
            State::Leaving => self.send_held_bye(now, dialog_id),
            State::Early | State::Ending | State::Over => {}
        }
    }

    // === the end ===

    /// BYE of the peer.
    pub(crate) fn bye_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: Message,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let early = dialog.invite.state == State::Early;
        let bye = dialog.invite.bye();
        if bye == Bye::Gone {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        }
        self.clear_invites(now, dialog_id);
        self.refuse_pending(now, dialog_id);
        self.send_answer(now, id, Answer::new(Status::OK));
        if bye == Bye::Ends {
            let dialog = dialog_id;
            self.events.push_back(if early {
                Event::Cancelled { dialog }
            } else {
                Event::Ended { dialog, by: EndedBy::Bye(request) }
            });
        }
        self.settle(dialog_id);
    }

    /// Nothing more will come of the INVITEs under way: the session ends.
    fn clear_invites(&mut self, now: Instant, id: DialogId) {
        self.stop_timers(id);
        self.referral_outlives(now, id);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let (theirs, offered) = (dialog.invite.theirs.take(), dialog.invite.offered.take());
        if let Some(unacked) = dialog.invite.unacked.take() {
            self.timers.cancel(unacked.again);
            self.timers.cancel(unacked.give_up);
        }
        match dialog.invite.ours.as_deref() {
            Some(ours) if ours.transaction.is_some() => self.give_up_later(now, id),
            Some(ours) => {
                self.timers.cancel(ours.timer);
                dialog.invite.ours = None;
            }
            None => {}
        }
        if let Some(theirs) = theirs {
            self.answer_invite(now, theirs, id, Status::REQUEST_TERMINATED, None, &[]);
        }
        if let Some(offered) = offered {
            self.refuse(now, offered, Refusal::new(Status::REQUEST_TERMINATED));
        }
    }

    /// Ends the INVITE usage in whatever state it is: BYE when confirmed (held back until the ACK
    /// came or timed out where RFC 3261 §15 asks for it), CANCEL when calling, 603 when not yet
    /// answered. No event follows.
    pub fn end(&mut self, now: Instant, dialog_id: DialogId, lines: &[Line]) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        match dialog.invite.end() {
            End::Refuse(id) => {
                dialog.invite.theirs = None;
                dialog.invite.state = State::Over;
                self.answer_invite(now, id, dialog_id, Status::DECLINE, None, lines);
                self.refuse_pending(now, dialog_id);
                self.settle(dialog_id);
            }
            End::Cancel => self.cancel(now, dialog_id, lines),
            End::Bye => self.send_bye(now, dialog_id, lines),
            End::Wait => dialog.invite.bye_lines = lines.to_vec(),
            End::Nothing => {}
        }
    }

    fn send_held_bye(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let lines = std::mem::take(&mut dialog.invite.bye_lines);
        self.send_bye(now, id, &lines);
    }

    /// The peer does not know the session any more, or can not be reached.
    pub(crate) fn lost(&mut self, now: Instant, id: DialogId) {
        self.events.push_back(Event::Ended { dialog: id, by: EndedBy::Lost });
        self.send_bye(now, id, &[]);
    }

    /// Ends a session by BYE. The owner knows, or is being told.
    pub(crate) fn send_bye(&mut self, now: Instant, id: DialogId, lines: &[Line]) {
        self.clear_invites(now, id);
        let branch = self.ids.number();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.invite.state = State::Ending;
        dialog.invite.silent = true;
        let cseq = dialog.next_cseq();
        let branch_text = self.ids.branch_text(branch);
        let request = Request { lines, ..Request::inside(dialog, Method::Bye, cseq, &branch_text) };
        let out = Outgoing {
            method: Method::Bye,
            purpose: Purpose::Bye,
            dialog: Some(id),
            flow: request.way.flow,
            branch,
            bytes: request.write(&self.config),
        };
        if self.start_client(now, out).is_none() {
            self.bye_done(id);
        }
    }

    /// Our BYE was answered, or will not be.
    pub(crate) fn bye_done(&mut self, id: DialogId) {
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            dialog.invite.state = State::Over;
            self.settle(id);
        }
    }
}
