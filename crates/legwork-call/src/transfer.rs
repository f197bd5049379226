//! A phone asks for a transfer: REFER in, the application asked, the answer run on the one who stays.
//!
//! ```text
//!   REFER ──▶ Asking ──usable──▶ Running ──bridged, taken over──▶ over: transferor released
//!                │                  │
//!                └──unusable,───────┴──failed, timed out──▶ over: restored, or the document goes on
//!                   declined
//! ```
//! Not here: what may be asked (`admit`), what becomes of the initial call (`table`), a target that has been
//! consulted before (`attended`, `consultation`).
//! Source: the contract, `inbound-refer.md`; RFC 3515, RFC 5589.

pub(crate) mod admit;
pub(crate) mod attended;
pub(crate) mod consultation;
mod kept;
pub(crate) mod table;

use legwork_media as media;
use legwork_sip::Status;
use legwork_sip::event::SubscriptionId;
use legwork_twiml as twiml;
use legwork_twiml::problem::UNBUILT;

use crate::callback::{About, Outcome};
use crate::calls::{Calls, Detail, Subscriber};
use crate::config::Hook;
use crate::dial::Dialling;
use crate::hangup::Farewell;
use crate::io::Document;
use crate::ladder::What;
use crate::leg::{CallStatus, Doing, Leg, LegId};
use crate::limit;
use crate::run::{Failure, Run, Step, Why, absolute};
use crate::timer::{Due, TimerKey};

use admit::Admitted;
use attended::Attended;
use kept::Kept;
use table::{Event, InitialCall, initial_call};

/// Names one transfer. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TransferId(pub(crate) u64);

/// One pending transfer.
#[derive(Debug)]
pub(crate) struct Transfer {
    /// None once it has left or was released.
    pub(crate) transferor: Option<LegId>,
    pub(crate) transferee: LegId,
    /// The leg whose document holds the initial `<Dial>`: one of the two.
    pub(crate) parent: LegId,
    /// Its run, standing at that `<Dial>`, until the transfer is over.
    initial: Option<Run>,
    pub(crate) answer_on_bridge: bool,
    subscription: Option<SubscriptionId>,
    /// The last status told but 100.
    told: Option<Status>,
    /// A usable document has come.
    running: bool,
    pending: Option<TimerKey>,
    status_callback: Option<Hook>,
    /// `Referred-By` of the REFER, for `<Sip>` targets.
    pub(crate) referred_by: Option<String>,
    /// What its Replaces names.
    pub(crate) attended: Option<Box<Attended>>,
}

impl Transfer {
    /// The consultation leg that stands aside.
    pub(crate) fn consultation(&self) -> Option<LegId> {
        self.attended.as_ref()?.taken.as_ref()?.consultation()
    }

    /// The far party of a consultation leg that has left.
    pub(crate) fn kept(&self) -> Vec<LegId> {
        let kept = self.attended.as_ref().and_then(|attended| attended.kept.as_ref());
        kept.map(Kept::legs).unwrap_or_default()
    }

    /// Who stays, if the application has not answered yet.
    fn transferee_asked_for(&self) -> Option<LegId> {
        (!self.running).then_some(self.transferee)
    }

    /// Where the transferor is told how it gets on.
    pub(crate) const fn subscription(&self) -> Option<SubscriptionId> {
        self.subscription
    }

    /// The initial `<Dial>`.
    pub(crate) fn initial_dial_mut(&mut self) -> Option<&mut Dialling> {
        self.initial.as_mut()?.dialling_mut()
    }

    /// The run that stands at it.
    pub(crate) fn initial_run_mut(&mut self) -> Option<&mut Run> {
        self.initial.as_mut()
    }

    /// Can the initial call be taken up again?
    fn can_restore(&self) -> bool {
        self.answer_on_bridge && self.transferor.is_some() && self.initial.is_some()
    }
}

impl Calls {
    // === the beginning ===

    /// The transferor is parked, the transferee gets music, the application is asked.
    pub(crate) fn start_transfer(&mut self, admitted: Admitted) {
        let Admitted { transferor, transferee, parent, hook, subscription, .. } = admitted;
        let id = TransferId(self.next_id());
        let Some(mut run) = self.leg_mut(parent).and_then(|leg| leg.run.take()) else { return };
        self.hold_dial_recordings(&mut run, true);
        let Some(dialling) = run.dialling() else { return };
        let answer_on_bridge = dialling.verb.answer_on_bridge;
        let status_callback = self.status_callback_of(parent, dialling);
        let deadline = self.after(self.config.limits.transfer_pending);
        let pending = Some(self.timers.set(deadline, Due::TransferPending(id)));
        let transfer = Transfer {
            transferor: Some(transferor),
            transferee,
            parent,
            initial: Some(run),
            answer_on_bridge,
            subscription,
            told: None,
            running: false,
            pending,
            status_callback,
            referred_by: admitted.referred_by,
            attended: admitted.attended,
        };
        if let Some(consultation) = transfer.attended.as_ref().and_then(|named| named.ours()) {
            self.index.by_consultation.entry(consultation).or_insert(id);
        }
        self.transfers.insert(id, Box::new(transfer));
        if let Some(subscription) = subscription {
            let subscriber = Subscriber { transfer: id, leg: transferor };
            self.index.by_subscription.insert(subscription, subscriber);
        }
        if let Some(leg) = self.leg_mut(transferor) {
            leg.doing = Doing::Parked { transfer: id };
        }
        if let Some(leg) = self.leg_mut(transferee) {
            leg.doing = Doing::Alone;
            leg.run = Some(Run { transfer: Some(id), ..Run::new() });
        }
        self.listen_for_keys(parent);
        self.trace(transferor, What::Decided("parked".to_owned()));
        self.feed(transferor, media::Feed::Silence);
        self.feed(transferee, media::Feed::HoldMusic);
        self.alert_if_lost(id);
        self.fetch_document(transferee, hook, Why::Refer, admitted.parameters);
        if admitted.leaves {
            self.leave(transferor, Farewell::done());
        }
    }

    // === the application's answer ===

    /// The answer to the `referUrl`, or to a `<Redirect>` before anything was heard.
    pub(crate) fn refer_fetched(&mut self, id: TransferId, result: Result<Document, Failure>) {
        match result {
            Err(failure) => self.transfer_unusable(id, failure),
            Ok(document) => match table::read(&document.program) {
                table::Answer::Usable => self.transfer_usable(id, document),
                table::Answer::Declined => self.transfer_declined(id),
                table::Answer::HangsUp => self.transfer_hung_up(id),
                table::Answer::Unbuilt(name) => {
                    let text = format!("<{name}> is not there yet.");
                    let failure = Failure { code: UNBUILT, url: document.url };
                    self.alert_for(id, UNBUILT, Detail::text(text));
                    self.transfer_unusable(id, failure);
                }
            },
        }
    }

    fn transfer_usable(&mut self, id: TransferId, document: Document) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        let transferee = transfer.transferee;
        let first = !std::mem::replace(&mut transfer.running, true);
        if first {
            self.decide(id, Event::Fetched, Status(200));
        }
        self.run_document(transferee, document);
    }

    /// The answer cannot be used. Restored; or else the application handles it: fallback URL, `action` or
    /// next verb of the initial `<Dial>`; or else the call ends.
    pub(crate) fn transfer_unusable(&mut self, id: TransferId, failure: Failure) {
        let text = format!("({}).", failure.code);
        self.alert_for(id, 91307, Detail::text(text));
        if self.decide(id, Event::Unusable, Status(503)) != InitialCall::Restore {
            self.tell_transfer(id, Outcome { status: CallStatus::Failed, sip: Status(503) });
            self.application_handles(id, Some(failure));
        }
    }

    fn transfer_declined(&mut self, id: TransferId) {
        if self.decide(id, Event::Declined, Status(603)) != InitialCall::Restore {
            self.tell_transfer(id, Outcome { status: CallStatus::Failed, sip: Status(603) });
            self.application_handles(id, None);
        }
    }

    fn transfer_hung_up(&mut self, id: TransferId) {
        let Some(transferee) = self.transfer(id).map(|transfer| transfer.transferee) else {
            return;
        };
        self.decide(id, Event::HungUp, Status(603));
        self.succeed(id, Outcome { status: CallStatus::Completed, sip: Status(603) });
        self.leave(transferee, Farewell::done());
    }

    /// Nothing was restored: the run that holds the initial `<Dial>` goes on behind it, if it is the
    /// transferee's own; a leg that was dialled has no document to go on with, and ends.
    fn application_handles(&mut self, id: TransferId, failure: Option<Failure>) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        let (transferee, parent) = (transfer.transferee, transfer.parent);
        let initial = transfer.initial.take();
        self.end_transfer(id);
        let Some(run) = initial else {
            return self.leave(transferee, Farewell::fault(crate::alert::Fault::Application));
        };
        if parent != transferee {
            self.drop_initial(run);
            return self.leave(transferee, Farewell::done());
        }
        self.clear_step(transferee);
        if let Some(leg) = self.leg_mut(transferee) {
            leg.run = Some(run);
        }
        if self.end_overdue_application(transferee) {
            return;
        }
        if let Some(failure) = failure {
            self.forget_initial_dial(transferee);
            if self.ask_fallback(transferee, &failure) {
                return;
            }
        }
        self.conversation_over(transferee);
    }

    /// The initial `<Dial>` joins nobody any more, but its `action` is still to be asked.
    fn forget_initial_dial(&mut self, leg: LegId) {
        if let Some(dialling) = self.dialling_mut(leg) {
            dialling.bridged = None;
        }
    }

    // === the target ===

    /// The target rings: one NOTIFY of each kind, however many ring.
    pub(crate) fn transfer_progress(&mut self, id: TransferId, status: Status) {
        let status = if status.0 == 183 { status } else { Status(180) };
        let Some(transfer) = self.transfer_mut(id) else { return };
        let (subscription, told) = (transfer.subscription, transfer.told);
        // One that has left is told the result and nothing on the way there.
        if transfer.transferor.is_none() || told.is_some_and(|told| told >= status) {
            return;
        }
        transfer.told = Some(status);
        if let Some(subscription) = subscription {
            self.sip(|sip, now| sip.notify(now.mono, subscription, status, false));
        }
    }

    /// Transferee and target talk.
    pub(crate) fn transfer_bridged(&mut self, id: TransferId) {
        self.decide(id, Event::TargetBridged, Status(200));
        self.consultation_over(id);
        self.succeed(id, Outcome { status: CallStatus::InProgress, sip: Status(200) });
    }

    /// A verb other than `<Dial>` begins on this leg and takes its call over: if its document is the answer
    /// to a REFER, the transfer has succeeded.
    pub(crate) fn takes_over(&mut self, leg: LegId) {
        let Some(id) = self.pending_transfer_of(leg) else { return };
        self.decide(id, Event::TakenOver, Status(200));
        self.succeed(id, Outcome { status: CallStatus::InProgress, sip: Status(200) });
    }

    /// No target answered. True: restored, the document is not run on.
    pub(crate) fn transfer_target_failed(&mut self, id: TransferId, status: Status) -> bool {
        let call = CallStatus::of(status);
        if self.decide(id, Event::TargetFailed, status) == InitialCall::Restore {
            return true;
        }
        self.succeed(id, Outcome { status: call, sip: status });
        false
    }

    /// The document ended, or ended the call, without anyone having taken it over.
    pub(crate) fn transfer_document_ended(&mut self, id: TransferId) {
        let Some(transferee) = self.transfer(id).map(|transfer| transfer.transferee) else {
            return;
        };
        self.decide(id, Event::DocumentEnded, Status(200));
        self.succeed(id, Outcome { status: CallStatus::Completed, sip: Status(200) });
        self.leave(transferee, Farewell::done());
    }

    // === somebody leaves, or nothing happens ===

    /// The transferor hung up: the transfer goes on without it.
    pub(crate) fn transferor_left(&mut self, id: TransferId) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        transfer.transferor = None;
        self.end_initial_recordings(id);
    }

    /// The transferee hung up (and is gone): nobody is left to be transferred.
    pub(crate) fn transferee_left(&mut self, id: TransferId, gone: &Leg) {
        self.decide(id, Event::TransfereeLeft, Status(487));
        let outcome = Outcome { status: CallStatus::Canceled, sip: Status(487) };
        let hook = self.transfer_mut(id).and_then(|transfer| transfer.status_callback.take());
        if let Some(hook) = hook {
            self.tell_transfer_outcome(About::of(gone), hook, outcome);
        }
        self.succeed(id, outcome);
    }

    /// REST hung the transferor up, or its time is over: it is told and gets BYE; the transfer goes on without it.
    pub(crate) fn dismiss_transferor(&mut self, id: TransferId) {
        self.release_transferor(id, Status(200));
    }

    /// REST gave the transferor another document: it is told, and nothing is left to restore.
    pub(crate) fn transferor_redirected(&mut self, id: TransferId) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        transfer.transferor = None;
        if let Some(subscription) = transfer.subscription.take() {
            self.index.by_subscription.remove(&subscription);
            self.sip(|sip, now| sip.notify(now.mono, subscription, Status(200), true));
        }
        self.end_initial_recordings(id);
    }

    /// REST gave the transferee another document.
    pub(crate) fn transfer_redirected(&mut self, id: TransferId) {
        self.decide(id, Event::Redirected, Status(200));
        self.succeed(id, Outcome { status: CallStatus::Completed, sip: Status(200) });
    }

    pub(crate) fn handle_transfer_pending(&mut self, id: TransferId) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        transfer.pending = None;
        let transferee = transfer.transferee;
        self.alert_for(id, 91308, Detail::none());
        if self.decide(id, Event::TimedOut, Status(408)) != InitialCall::Restore {
            self.succeed(id, Outcome { status: CallStatus::NoAnswer, sip: Status(408) });
            self.leave(transferee, Farewell::done());
        }
    }

    /// The transferor's final NOTIFY was answered: now it gets its BYE.
    pub(crate) fn handle_notified(&mut self, subscription: SubscriptionId) {
        let Some(subscriber) = self.index.by_subscription.remove(&subscription) else { return };
        self.release_now(subscriber.leg);
    }

    /// The transferor does not listen any more; the transfer goes on.
    pub(crate) fn handle_unsubscribed(&mut self, subscription: SubscriptionId) {
        let Some(subscriber) = self.index.by_subscription.remove(&subscription) else { return };
        if let Some(transfer) = self.transfer_mut(subscriber.transfer) {
            transfer.subscription = None;
        }
        self.release_now(subscriber.leg);
    }

    // === the initial call ===

    /// What the table says, done: the transferor is told, and released, restored or kept.
    fn decide(&mut self, id: TransferId, event: Event, status: Status) -> InitialCall {
        let Some(transfer) = self.transfer(id) else { return InitialCall::Keep };
        let column = transfer.answer_on_bridge && (transfer.can_restore() || !event.fails());
        let verdict = initial_call(event, column);
        match verdict {
            InitialCall::Keep | InitialCall::Park => {}
            InitialCall::Release => self.release_transferor(id, status),
            InitialCall::Restore => {
                let declined = event == Event::Declined;
                let call = if declined { CallStatus::Failed } else { CallStatus::of(status) };
                self.restore(id, Outcome { status: call, sip: status });
            }
        }
        verdict
    }

    /// Final NOTIFY, then BYE once it was answered.
    fn release_transferor(&mut self, id: TransferId, status: Status) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        let subscription = transfer.subscription.take();
        let transferor = transfer.transferor.take();
        self.end_initial_recordings(id);
        if let Some(subscription) = subscription {
            self.sip(|sip, now| sip.notify(now.mono, subscription, status, true));
        }
        let Some(leg) = transferor else { return };
        if let Some(leg) = self.leg_mut(leg) {
            leg.doing = Doing::Leaving;
        }
        if subscription.is_none() {
            return self.leave(leg, Farewell::done());
        }
        let key = self.timers.set(self.after(limit::BYE_AFTER_NOTIFY), Due::Release(leg));
        let mut old = self.leg_mut(leg).and_then(|leg| leg.deadline.replace(key));
        self.timers.cancel(&mut old);
    }

    /// BYE to a transferor that has been told.
    pub(crate) fn release_now(&mut self, leg: LegId) {
        if self.leg(leg).is_some_and(|leg| leg.doing == Doing::Leaving) {
            self.leave(leg, Farewell::done());
        }
    }

    /// Transferor and transferee are joined again, as they were.
    fn restore(&mut self, id: TransferId, outcome: Outcome) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        let (transferee, parent) = (transfer.transferee, transfer.parent);
        let (transferor, subscription) = (transfer.transferor.take(), transfer.subscription.take());
        let initial = transfer.initial.take();
        let (Some(transferor), Some(mut initial)) = (transferor, initial) else { return };
        let limit_passed = initial.dialling().is_some_and(|dialling| dialling.limit_passed);
        let mut resumed = None;
        if let Some(mut run) = self.leg_mut(transferee).and_then(|leg| leg.run.take()) {
            resumed = self.give_back(id, &mut run);
            self.drop_run(run);
        }
        initial.transfer = None;
        self.hold_dial_recordings(&mut initial, false);
        if let Some(leg) = self.leg_mut(parent) {
            leg.run = Some(initial);
        }
        self.tell_transfer(id, outcome);
        self.end_transfer(id);
        self.trace(transferor, What::Decided("restored".to_owned()));
        self.join(transferor, transferee);
        if let Some(subscription) = subscription {
            self.sip(|sip, now| sip.notify(now.mono, subscription, outcome.sip, true));
        }
        if !self.end_overdue_application(parent) && limit_passed {
            self.hang_up_child(parent);
        }
        self.resume_consultation(resumed);
    }

    // === the end ===

    /// The transfer is over and nothing was restored: the initial `<Dial>` is forgotten.
    fn succeed(&mut self, id: TransferId, outcome: Outcome) {
        self.tell_transfer(id, outcome);
        let initial = self.transfer_mut(id).and_then(|transfer| transfer.initial.take());
        if let Some(run) = initial {
            self.drop_initial(run);
        }
        self.end_transfer(id);
    }

    fn end_transfer(&mut self, id: TransferId) {
        let resumed = self.give_back_from_leg(id);
        let kept = self.let_go_kept(id);
        self.unname(id);
        let Some(mut transfer) = self.transfers.remove(&id) else { return };
        self.timers.cancel(&mut transfer.pending);
        let run = self.leg_mut(transfer.transferee).and_then(|leg| leg.run.as_mut());
        if let Some(run) = run.filter(|run| run.transfer == Some(id)) {
            run.transfer = None;
        }
        self.resume_consultation(resumed);
        self.go_on_without(kept);
    }

    /// Not joined: what was taken over goes back.
    fn give_back_from_leg(&mut self, id: TransferId) -> Option<LegId> {
        let transferee = self.transfer(id)?.transferee;
        let mut run = self.leg_mut(transferee)?.run.take()?;
        let resumed = self.give_back(id, &mut run);
        self.leg_mut(transferee)?.run = Some(run);
        resumed
    }

    /// The same after a bug of ours.
    pub(crate) fn forget_transfer(&mut self, id: TransferId) {
        self.unname(id);
        let Some(transfer) = self.transfer_mut(id) else { return };
        let (initial, subscription) = (transfer.initial.take(), transfer.subscription.take());
        transfer.attended = None;
        if let Some(run) = initial {
            self.drop_initial(run);
        }
        if let Some(subscription) = subscription {
            self.index.by_subscription.remove(&subscription);
            let status = crate::alert::Fault::Us.status();
            self.sip(|sip, now| sip.notify(now.mono, subscription, status, true));
        }
        self.end_transfer(id);
    }

    /// Drops the run of the initial `<Dial>`; those it joined live on.
    fn drop_initial(&mut self, mut run: Run) {
        self.end_dial_recordings(&mut run);
        if let Step::Dialling(dialling) = &mut run.step {
            self.timers.cancel(&mut dialling.timeout);
            self.timers.cancel(&mut dialling.time_limit);
        }
        self.timers.cancel(&mut run.timer);
        self.drop_outer(run.outer.take());
    }

    /// Nothing can be restored any more: what the initial `<Dial>` recorded is over.
    pub(crate) fn end_initial_recordings(&mut self, id: TransferId) {
        let Some(mut run) = self.transfer_mut(id).and_then(|transfer| transfer.initial.take())
        else {
            return;
        };
        self.end_dial_recordings(&mut run);
        if let Some(transfer) = self.transfer_mut(id) {
            transfer.initial = Some(run);
        }
    }

    // === asked by others ===

    /// The pending transfer whose answer `leg` is running.
    pub(crate) fn pending_transfer_of(&self, leg: LegId) -> Option<TransferId> {
        self.leg(leg)?.run.as_ref()?.transfer
    }

    /// The same, if its initial call could still be restored.
    pub(crate) fn restorable_transfer_of(&self, leg: LegId) -> Option<TransferId> {
        // A dialled application is a target: what it answers is not the answer to the REFER.
        if self.application_rings(leg) {
            return None;
        }
        let id = self.pending_transfer_of(leg)?;
        self.transfer(id)?.can_restore().then_some(id)
    }

    /// Nothing of the answer has been heard yet: a redirected document still decides like the first.
    pub(crate) fn transfer_is_silent(&self, leg: LegId) -> bool {
        let silent = self.leg(leg).and_then(|leg| leg.run.as_ref()).is_some_and(|run| !run.heard);
        silent && self.restorable_transfer_of(leg).is_some()
    }

    /// `Referred-By` for the targets of a leg that runs the answer to a REFER.
    pub(crate) fn referred_by(&self, leg: LegId) -> Option<String> {
        self.transfer(self.pending_transfer_of(leg)?)?.referred_by.clone()
    }

    fn alert_for(&mut self, id: TransferId, code: u32, detail: Detail) {
        let transferee = self.transfer(id).map(|transfer| transfer.transferee);
        self.alert(code, transferee, detail);
    }

    fn tell_transfer(&mut self, id: TransferId, outcome: Outcome) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        let (transferee, hook) = (transfer.transferee, transfer.status_callback.take());
        let about = self.leg(transferee).map(About::of);
        if let (Some(about), Some(hook)) = (about, hook) {
            self.tell_transfer_outcome(about, hook, outcome);
        }
    }

    fn status_callback_of(&mut self, parent: LegId, dialling: &Dialling) -> Option<Hook> {
        let written = dialling.verb.refer_status_callback.as_ref()?;
        match absolute(dialling.base.as_ref(), written) {
            Ok(url) => Some(Hook { url, method: twiml::Method::Post }),
            Err(code) => {
                let text = format!("<Dial referStatusCallback=\"{written}\">.");
                self.alert(code, Some(parent), Detail::text(text));
                None
            }
        }
    }
}
