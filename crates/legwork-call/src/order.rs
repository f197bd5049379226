//! Orders of REST and the command line, carried out.
//!
//! Not here: their shapes (`command`).
//! Source: Twilio, "Call resource: update"; in a transfer `inbound-refer` §4 ("REST in between").

use legwork_media as media;
use legwork_sip::Status;

use crate::calls::{Calls, Detail};
use crate::command::{Answer, Command, Start, Stats};
use crate::dial::outcome::Failed;
use crate::hangup::Farewell;
use crate::io::CommandId;
use crate::leg::{CallStatus, Doing, Leg, LegId};
use crate::sid::CallSid;

impl Calls {
    pub(crate) fn handle_command(&mut self, id: CommandId, command: Command) {
        let answer = match command {
            Command::Call(call) => self.place_call(*call),
            Command::Hangup { call } => self.order_hangup(call),
            Command::Cancel { call } => self.order_cancel(call),
            Command::Transfer { call, target } => self.order_transfer(call, target),
            Command::Redirect { call, start } => self.order_redirect(call, start),
            Command::Stats => Answer::Stats(self.stats()),
            Command::Dequeue { account, queue, call, start } => {
                self.order_dequeue(account, &queue, call, start)
            }
            Command::Conference(order) => self.order_conference(*order),
        };
        self.reply(id, answer);
    }

    // === live calls ===

    fn order_hangup(&mut self, call: CallSid) -> Answer {
        let Some(&leg) = self.index.by_sid.get(&call) else { return no_such(call) };
        self.current = Some(leg);
        let Some(of) = self.leg(leg) else { return no_such(call) };
        let doing = of.doing;
        if of.sid != call {
            let ended = self.end_application_named(leg, call);
            return if ended { Answer::Done } else { transferred() };
        }
        self.leave_by_order(leg);
        match doing {
            // The transfer goes on without it: it is told, gets BYE, and counts as left.
            Doing::Parked { transfer } => self.dismiss_transferor(transfer),
            Doing::Dialled { .. } => {
                self.leave(
                    leg,
                    Farewell { quiet: false, ..Farewell::given_up(CallStatus::Canceled) },
                );
            }
            Doing::Alone
            | Doing::Bridged { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => {
                self.leave(leg, Farewell::refuse(CallStatus::Canceled, Status(603)));
            }
        }
        Answer::Done
    }

    /// Ends a call that still rings.
    fn order_cancel(&mut self, call: CallSid) -> Answer {
        let Some(&leg) = self.index.by_sid.get(&call) else { return no_such(call) };
        if self.leg(leg).is_some_and(|of| is_in_progress(of, call)) {
            return refused(400, 21220, "The call is in progress: complete it instead.");
        }
        self.order_hangup(call)
    }

    fn order_redirect(&mut self, call: CallSid, start: Start) -> Answer {
        let Some(&leg) = self.index.by_sid.get(&call) else { return no_such(call) };
        self.current = Some(leg);
        let Some(of) = self.leg(leg) else { return no_such(call) };
        // An application that rings has not said yet what it runs, or may not take the call at all.
        if !of.is_answered() || !is_in_progress(of, call) || of.doing == Doing::Leaving {
            return refused(400, 21220, "The call is not in progress.");
        }
        let doing = of.doing;
        if of.sid != call && !self.runs_application(leg, call) {
            return transferred();
        }
        if let Some(transfer) = self.pending_transfer_of(leg) {
            self.transfer_redirected(transfer);
        }
        if let Doing::Parked { transfer } = doing {
            self.transferor_redirected(transfer);
        }
        if let Doing::Consulted { transfer } = doing {
            self.consultation_left(transfer);
        }
        self.queued_redirected(leg, call);
        self.unpile(leg, call);
        self.unbridge(leg, doing);
        self.stop_digits(leg);
        if let Some(of) = self.leg_mut(leg) {
            // What it would have begun with once its keys are pressed, or it is known who answered.
            of.start = None;
        }
        self.begin(leg, start, Vec::new());
        Answer::Done
    }

    /// The leg goes another way: the one it dialled ends with its dial, the one that dialled it goes on.
    fn unbridge(&mut self, leg: LegId, doing: Doing) {
        if let Some(of) = self.leg_mut(leg) {
            of.doing = Doing::Alone;
        }
        match doing {
            Doing::Bridged { with } => {
                // The other one may live on: it is not heard while the new document is fetched.
                self.feed(leg, media::Feed::Nothing);
                self.clear_step(leg);
                if let Some(last) = self.dialling_mut(with).and_then(|d| d.last.as_mut()) {
                    last.redirected = true;
                }
                self.dial_ended_by_child(with, leg);
            }
            // It has answered, and is screened or waits for the caller's codec: for its dial it is lost.
            Doing::Dialled { by } => {
                let Some(of) = self.leg(leg) else { return };
                let mut failed = Failed::of(of, CallStatus::Completed, Some(Status(487)));
                if let Some(last) = &mut failed.leg {
                    last.redirected = true;
                }
                self.target_failed(by, leg, failed);
                if let Some(of) = self.leg_mut(leg) {
                    // What the noun that dialled it still wanted is over.
                    (of.wanted.digits, of.wanted.screen) = (None, None);
                }
            }
            Doing::Alone
            | Doing::Parked { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => {}
        }
    }

    fn order_transfer(&mut self, call: CallSid, target: String) -> Answer {
        let Some(&leg) = self.index.by_sid.get(&call) else { return no_such(call) };
        self.current = Some(leg);
        if target.len() > self.config.limits.refer_to_max {
            return refused(400, 91302, "The target is longer than limits.refer_to_max.");
        }
        match self.admit(leg) {
            Ok(mut admitted) => {
                admitted.parameters.push(("ReferTransferTarget".into(), target));
                admitted.parameters.push(("ReferCallSid".into(), call.to_string()));
                self.start_transfer(admitted);
                Answer::Done
            }
            Err(refusal) => {
                let code = refusal.alert.unwrap_or(21220);
                let entry = crate::alert::entry(code);
                let text = format!("{} {}", entry.what, entry.cure);
                if let Some(code) = refusal.alert {
                    self.alert(code, Some(leg), Detail::none());
                }
                Answer::Refused { status: 409, code, text }
            }
        }
    }

    // === what lives ===

    pub(crate) fn stats(&self) -> Stats {
        let (sip, index) = (self.endpoint.counts(), &self.index);
        let (names, resolves) = self.siprec_counts();
        Stats {
            legs: self.legs.len(),
            dialogs: sip.dialogs,
            transactions: sip.transactions,
            timers: sip.timers + self.timers.len(),
            ports: self.ports.in_use(),
            transfers: self.transfers.len(),
            fetches: index.by_fetch.len(),
            sources: index.by_source.len(),
            taps: index.by_tap.len() + self.conferences.by_tap.len(),
            resolves: index.by_resolve.len() + self.trunks.resolving() + resolves,
            subscriptions: index.by_subscription.len(),
            queued: self.queues.len(),
            names: index.by_sid.len() + index.by_dialog.len() + index.by_media.len() + names,
            bindings: self.registrar.len(),
            conferences: self.conferences.len(),
            adrift: self.adrift(),
            bugs: self.bugs,
        }
    }
}

/// Has the call been answered, the leg's or that of an application on it? Only the topmost of those rings.
fn is_in_progress(leg: &Leg, call: CallSid) -> bool {
    match leg.application_call() {
        Some(top) if top.sid == call => top.is_answered(),
        Some(_) | None => leg.sid != call || leg.is_answered(),
    }
}

/// The call of an application that was dialled by a leg that is parked, or whose partner is.
fn transferred() -> Answer {
    refused(400, 21220, "The call is being transferred.")
}

fn no_such(call: CallSid) -> Answer {
    Answer::Refused { status: 404, code: 20404, text: format!("There is no live call {call}.") }
}

pub(crate) fn refused(status: u16, code: u32, text: &str) -> Answer {
    Answer::Refused { status, code, text: text.to_owned() }
}
