//! How a leg ends, and what that means for those it is joined with.
//!
//! Not here: why it ends (everybody else); what becomes of a dial or a transfer then (`dial`, `transfer`).
//! Source: RFC 3261 §15; Twilio, "Call resource", status values.

use legwork_media as media;
use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::{Line, Reply};

use crate::alert::Fault;
use crate::calls::Calls;
use crate::dial::outcome::Failed;
use crate::io::{Change, Output};
use crate::leg::{CallStatus, Direction, Doing, Leg, LegId};
use crate::limit;
use crate::trace::whose;

/// How a leg is sent off.
#[derive(Clone, Debug)]
pub(crate) struct Farewell {
    /// What an unanswered call ends as; an answered one is `completed`.
    pub(crate) status: CallStatus,
    pub(crate) sip: Goodbye,
    /// Who dialled it has been told, or must not be.
    pub(crate) quiet: bool,
}

/// What its far end is sent.
#[derive(Clone, Debug)]
pub(crate) enum Goodbye {
    /// Nothing: the dialog is over already.
    Gone,
    /// BYE; CANCEL while it is ringing; this status where it has not been answered.
    Say { status: Status, lines: Vec<Line> },
}

impl Farewell {
    /// The program is over.
    pub(crate) fn done() -> Self {
        Self::refuse(CallStatus::NoAnswer, Status(603))
    }

    /// A ringing call is refused so; an answered one gets BYE.
    pub(crate) fn refuse(status: CallStatus, with: Status) -> Self {
        let sip = Goodbye::Say { status: with, lines: Vec::new() };
        Self { status, sip, quiet: false }
    }

    /// Something failed by that fault.
    pub(crate) fn fault(fault: Fault) -> Self {
        Self::refuse(CallStatus::Failed, fault.status())
    }

    /// The far end has ended it.
    pub(crate) fn gone(status: CallStatus) -> Self {
        Self { status, sip: Goodbye::Gone, quiet: false }
    }

    /// A target that is not needed: another one answered.
    pub(crate) fn elsewhere() -> Self {
        let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
        let lines = vec![("Reason".into(), reason.to_owned())];
        let sip = Goodbye::Say { status: Status(487), lines };
        Self { status: CallStatus::Canceled, sip, quiet: true }
    }

    /// A target that is given up.
    pub(crate) fn given_up(status: CallStatus) -> Self {
        let sip = Goodbye::Say { status: Status(487), lines: Vec::new() };
        Self { status, sip, quiet: true }
    }

    /// These lines go with it.
    pub(crate) fn with(mut self, more: Vec<Line>) -> Self {
        if let Goodbye::Say { lines, .. } = &mut self.sip {
            lines.extend(more);
        }
        self
    }

    fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }
}

impl Calls {
    /// The leg ends; those it is joined with, those it dialled and who dialled it are told.
    pub(crate) fn leave(&mut self, id: LegId, farewell: Farewell) {
        let quiet = farewell.quiet;
        let status = farewell.status;
        let Some(mut leg) = self.remove_leg(id, farewell) else { return };
        if let Some(mut run) = leg.run.take() {
            let transfer = run.transfer;
            let resumed = transfer.and_then(|transfer| self.give_back(transfer, &mut run));
            self.tell_refer_cancelled(&leg, &run);
            self.message_hung_up(&leg, &run);
            self.relay_hung_up(&leg, &run);
            self.queued_hung_up(&leg, &run);
            self.drop_run(run);
            if let Some(transfer) = transfer {
                self.transferee_left(transfer, &leg);
            }
            self.resume_consultation(resumed);
        }
        match leg.doing {
            Doing::Alone | Doing::Kept { .. } | Doing::Leaving => {}
            Doing::Dialled { by } => {
                if !quiet {
                    let failed = Failed::of(&leg, target_ended(&leg, status), None);
                    self.target_failed(by, id, failed);
                }
            }
            // The run of the parent holds the dial: if that was this leg, the other has ended with it.
            Doing::Bridged { with } => self.dial_ended_by_child(with, id),
            Doing::Parked { transfer } => self.transferor_left(transfer),
            Doing::Consulted { transfer } => self.consultation_left(transfer),
        }
    }

    /// The leg ends and nobody is told.
    pub(crate) fn leave_quietly(&mut self, id: LegId, farewell: Farewell) {
        self.leave(id, farewell.quietly());
    }

    /// Takes the leg out: SIP, media, indexes, read model, the callback at its end.
    fn remove_leg(&mut self, id: LegId, farewell: Farewell) -> Option<Box<Leg>> {
        let mut leg = self.legs.remove(&id)?;
        self.timers.cancel(&mut leg.deadline);
        if let Some(answering) = &mut leg.answering {
            self.timers.cancel(&mut answering.deadline);
        }
        if let Some(pressed) = &mut leg.pressed {
            self.timers.cancel(&mut pressed.deadline);
        }
        if let Some(calling) = &mut leg.sip.calling {
            self.timers.cancel(&mut calling.patience);
        }
        leg.life.status = ended(&leg, farewell.status);
        leg.sip.response = leg.sip.response.or_else(|| final_answer(&leg, &farewell.sip));
        self.index.by_sid.remove(&leg.sid);
        if let Some(dialog) = leg.sip.dialog {
            self.index.by_dialog.remove(&dialog);
            self.traced.remember(dialog, whose(&leg), limit::TRACED_ENDED_LEGS_MAX);
        }
        self.say_goodbye(&leg, farewell.sip);
        self.free_media(&leg);
        self.recordings_over(&leg);
        self.streams_over(&leg);
        self.transcriptions_over(id);
        self.siprecs_over(id);
        if let Some(resolve) = leg.sip.resolve {
            self.index.by_resolve.remove(&resolve);
        }
        let row = leg.row(Some(self.now.wall));
        self.push(Output::Store(Change::Call(Box::new(row))));
        self.tell_end(&mut leg);
        Some(leg)
    }

    fn say_goodbye(&mut self, leg: &Leg, goodbye: Goodbye) {
        let (Some(dialog), Goodbye::Say { status, lines }) = (leg.sip.dialog, goodbye) else {
            return;
        };
        let inbound = leg.who.direction == Direction::Inbound;
        self.sip(|sip, now| {
            if inbound && !leg.is_answered() {
                sip.reject(now.mono, dialog, Reply { status, lines });
            } else if leg.is_answered() {
                sip.end(now.mono, dialog, &lines);
            } else {
                sip.cancel(now.mono, dialog, &lines);
            }
        });
    }

    fn free_media(&mut self, leg: &Leg) {
        let id = leg.media.id;
        self.index.by_media.remove(&id);
        if leg.media.open {
            self.order_media(id, media::Command::Close);
        } else {
            self.ports.give_back(id);
        }
    }

    /// The SIP side of the leg is over, not by us.
    pub(crate) fn handle_ended(&mut self, leg: LegId, by: &sip::event::EndedBy) {
        match by {
            sip::event::EndedBy::Bye(_)
            | sip::event::EndedBy::Lost
            | sip::event::EndedBy::Expired => {}
            sip::event::EndedBy::NoAck => {
                self.alert(32022, Some(leg), crate::calls::Detail::none());
            }
        }
        self.keep_far_party(leg);
        self.leave(leg, Farewell::gone(CallStatus::Completed));
    }
}

/// `CallStatus` of a leg that ends, given what it would end as without an answer.
fn ended(leg: &Leg, unanswered: CallStatus) -> CallStatus {
    match (leg.is_answered(), leg.who.direction, unanswered) {
        (true, _, _) => CallStatus::Completed,
        // Who calls us cannot be cancelled by us.
        (false, Direction::Inbound, CallStatus::Canceled) => CallStatus::NoAnswer,
        (false, Direction::Inbound | Direction::OutboundApi | Direction::OutboundDial, status) => {
            status
        }
    }
}

/// What a target was for its dial that ends before it was joined: one that answered was there, and did
/// not want to be joined, unless something failed.
fn target_ended(leg: &Leg, status: CallStatus) -> CallStatus {
    match status {
        CallStatus::Failed => CallStatus::Failed,
        CallStatus::Initiated
        | CallStatus::Ringing
        | CallStatus::InProgress
        | CallStatus::Completed
        | CallStatus::Busy
        | CallStatus::NoAnswer
        | CallStatus::Canceled => ended(leg, status),
    }
}

/// The final answer to the INVITE of a leg that never had another: ours, or the one to a CANCEL.
fn final_answer(leg: &Leg, goodbye: &Goodbye) -> Option<Status> {
    leg.sip.dialog?;
    match (leg.is_answered(), leg.who.direction, goodbye) {
        (true, _, _) => Some(Status(200)),
        (false, Direction::Inbound, Goodbye::Say { status, .. }) => Some(*status),
        (false, Direction::Inbound, Goodbye::Gone)
        | (false, Direction::OutboundApi | Direction::OutboundDial, _) => Some(Status(487)),
    }
}
