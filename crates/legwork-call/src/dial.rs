//! `<Dial>`: ring targets, the first to be joined wins, and what comes after.
//!
//! Here: one `<Dial>` from its begin to its end. Not here: whom a noun names (`dial/target`), a target
//! that rings (`dial/ringing`), that has answered (`dial/answered`), that is screened (`dial/screen`), that
//! is an application (`dial/application`), its recording (`dial/record`), how many ends become one
//! (`dial/outcome`), what the legs' media do (`bridge`), transfer (`transfer`).
//! Source: Twilio, "TwiML Voice: Dial".

pub(crate) mod answered;
pub(crate) mod application;
pub(crate) mod headers;
pub(crate) mod outcome;
mod passport;
mod record;
pub(crate) mod ringing;
pub(crate) mod screen;
pub(crate) mod sip;
pub(crate) mod target;

use std::collections::VecDeque;

use legwork_media as media;
use legwork_sip::Status;
use legwork_twiml as twiml;
use url::Url;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, Doing, LegId};
use crate::queue::dial::AtQueue;
use crate::recording::Recorded;
use crate::run::{Failure, Flow, Parameter, Step, Why, absolute};
use crate::timer::{Due, TimerKey};

use outcome::{Failed, LastChild};

/// A `<Dial>` being run.
#[derive(Debug)]
pub(crate) struct Dialling {
    pub(crate) verb: Box<twiml::Dial>,
    /// What its relative URLs start from.
    pub(crate) base: Option<Url>,
    /// Nouns not tried yet (`sequential`).
    pub(crate) waiting: VecDeque<twiml::Noun>,
    /// Children that ring.
    pub(crate) ringing: Vec<LegId>,
    /// Children that have answered and are not fit to be joined yet: they are screened.
    pub(crate) answered: Vec<LegId>,
    /// The other one in conversation.
    pub(crate) bridged: Option<LegId>,
    /// Targets that will not be joined, so far.
    pub(crate) failures: Vec<Failed>,
    /// The child that the parent hears already.
    pub(crate) early: Option<LegId>,
    pub(crate) timeout: Option<TimerKey>,
    pub(crate) time_limit: Option<TimerKey>,
    /// `timeLimit` passed while the call was parked in a transfer.
    pub(crate) limit_passed: bool,
    /// The child that `action` tells of.
    pub(crate) last: Option<LastChild>,
    /// What is recorded of it.
    pub(crate) recording: Option<Recorded>,
    /// The queue it is for, if it is for one.
    pub(crate) queue: Option<Box<AtQueue>>,
}

impl Calls {
    pub(crate) fn run_dial(&mut self, leg: LegId, verb: Box<twiml::Dial>) -> Flow {
        let verb = match self.dial_attended(leg, verb) {
            Ok(flow) => return flow,
            Err(verb) => verb,
        };
        if self.is_screened(leg) {
            self.alert(13201, Some(leg), Detail::none());
            let url = self.document_url(leg);
            self.document_failed(leg, Failure { code: 13201, url });
            return Flow::Waits;
        }
        let mut queue = None;
        let verb = match self.dial_conference(leg, verb) {
            Ok(flow) => return flow,
            Err(verb) => verb,
        };
        let nouns = match &verb.nouns {
            twiml::Nouns::Ring(nouns) => VecDeque::from(nouns.clone()),
            twiml::Nouns::Unbuilt(noun) => {
                if self.run_unbuilt(leg, noun) == Flow::Waits {
                    return Flow::Waits;
                }
                // Like one that reaches nobody.
                VecDeque::new()
            }
            twiml::Nouns::Queue(noun) => {
                queue = Some(noun.clone());
                VecDeque::new()
            }
            twiml::Nouns::Conference(_) => VecDeque::new(),
        };
        self.check_passports(leg, &verb.passports);
        if !verb.answer_on_bridge && !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        let deadline = self.after(verb.timeout);
        let timeout = Some(self.timers.set(deadline, Due::DialTimeout(leg)));
        let sequential = verb.sequential;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let transferred = run.transfer.is_some();
        let rings = !nouns.is_empty() || queue.is_some();
        let base = run.url.clone();
        run.step = Step::Dialling(Box::new(Dialling::new(verb, base, nouns, timeout)));
        // A transferee keeps its music until its target rings.
        let feed = if transferred { media::Feed::HoldMusic } else { self.ringing_heard_by(leg) };
        if rings && self.leg(leg).is_some_and(crate::leg::Leg::is_answered) {
            self.feed(leg, feed);
        }
        if let Some(noun) = queue {
            return self.dial_queue(leg, &noun);
        }
        self.ring_next(leg, sequential);
        self.settle_dial(leg)
    }

    /// Rings the next noun, or all of them.
    fn ring_next(&mut self, leg: LegId, one: bool) {
        loop {
            let Some(dialling) = self.dialling_mut(leg) else { return };
            let Some(noun) = dialling.waiting.pop_front() else { return };
            self.ring_noun(leg, &noun);
            // None, too, of an application: its run is the leg's now.
            let rings = self.dialling_mut(leg).is_some_and(|dialling| !dialling.ringing.is_empty());
            if one && rings {
                return;
            }
        }
    }

    /// If nobody rings any more: the dial has failed.
    pub(crate) fn settle_dial(&mut self, leg: LegId) -> Flow {
        let Some(dialling) = self.dialling_mut(leg) else { return Flow::Waits };
        if dialling.children().next().is_some() {
            return Flow::Waits;
        }
        if !dialling.waiting.is_empty() {
            self.restart_timeout(leg);
            self.ring_next(leg, true);
            return self.settle_dial(leg);
        }
        let failed = outcome::one_of(&dialling.failures);
        dialling.last = failed.leg;
        self.dial_failed(leg, failed.status, failed.as_call)
    }

    /// A sequential dial gives each noun its own `timeout`.
    pub(crate) fn restart_timeout(&mut self, leg: LegId) {
        let Some(dialling) = self.dialling_mut(leg) else { return };
        let (mut old, wait) = (dialling.timeout.take(), dialling.verb.timeout);
        self.timers.cancel(&mut old);
        let key = self.timers.set(self.after(wait), Due::DialTimeout(leg));
        if let Some(dialling) = self.dialling_mut(leg) {
            dialling.timeout = Some(key);
        }
    }

    /// No target was joined: of a pending transfer, that is its end; else `action` or the next verb.
    pub(crate) fn dial_failed(&mut self, leg: LegId, status: Status, as_call: CallStatus) -> Flow {
        if let Some(transfer) = self.pending_transfer_of(leg)
            && self.transfer_target_failed(transfer, status)
        {
            return Flow::Waits;
        }
        self.finish_dial(leg, as_call)
    }

    // === targets ===

    /// A target refused, was not reached, or was taken away.
    pub(crate) fn target_failed(&mut self, by: LegId, child: LegId, mut failed: Failed) {
        let ended = self.now.wall;
        if let Some(last) = &mut failed.leg {
            last.ended = Some(ended);
        }
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.forget(child);
        dialling.failures.push(failed);
        if dialling.early == Some(child) {
            self.early_media_over(by);
        }
        if self.settle_dial(by) == Flow::Next {
            self.next_verb(by);
        }
    }

    /// The leg is let go and counts as a failed target.
    pub(crate) fn give_up_target(
        &mut self,
        by: LegId,
        child: LegId,
        as_call: CallStatus,
        status: Status,
    ) {
        let Some(leg) = self.leg(child) else { return };
        let failed = Failed::of(leg, as_call, Some(status));
        self.leave_quietly(child, Farewell::given_up(as_call));
        self.target_failed(by, child, failed);
    }

    /// Something that takes time happened: documents are counted anew.
    pub(crate) fn time_passes(&mut self, leg: LegId) {
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.in_a_row = 0;
        }
    }

    // === deadlines and the end ===

    /// Who still rings has not answered in time; who has answered is not concerned.
    pub(crate) fn handle_dial_timeout(&mut self, leg: LegId) {
        if self.application_rings(leg) {
            return self.application_unanswered(leg);
        }
        if self.queue_timeout(leg) {
            return;
        }
        let Some(dialling) = self.dialling_mut(leg) else { return };
        dialling.timeout = None;
        let (rung, early) = (std::mem::take(&mut dialling.ringing), dialling.early);
        self.time_passes(leg);
        if early.is_some_and(|early| rung.contains(&early)) {
            self.early_media_over(leg);
        }
        for child in rung {
            self.time_out(child);
            let Some(of) = self.leg(child) else { continue };
            let failed = Failed::of(of, CallStatus::NoAnswer, Some(Status(408)));
            self.leave(child, Farewell::given_up(CallStatus::NoAnswer));
            if let Some(dialling) = self.dialling_mut(leg) {
                dialling.failures.push(failed);
            }
        }
        if self.settle_dial(leg) == Flow::Next {
            self.next_verb(leg);
        }
    }

    /// What its INVITE ends as that is not answered in time: 487, for it is cancelled; 408 if nothing at all
    /// was said to it, which is an alert.
    pub(crate) fn time_out(&mut self, child: LegId) {
        let dialog = self.leg(child).and_then(|child| child.sip.dialog);
        let rings = dialog.is_some_and(|dialog| self.endpoint.is_proceeding(dialog));
        if dialog.is_some() && !rings {
            self.alert_no_way(child, None);
        }
        if let Some(of) = self.leg_mut(child) {
            of.sip.response = Some(if rings { Status(487) } else { Status(408) });
        }
    }

    /// `timeLimit`: the target is hung up; the caller goes on. While parked it only counts.
    pub(crate) fn handle_time_limit(&mut self, leg: LegId, key: TimerKey) {
        if self.conference_limit(leg, key) {
            return;
        }
        // The leg may be at another `<Dial>` by now: the limit is that of the one that has this key.
        let is_it = |dialling: &&mut Dialling| dialling.time_limit == Some(key);
        if let Some(dialling) = self.dialling_mut(leg).filter(is_it) {
            dialling.time_limit = None;
            return self.hang_up_child(leg);
        }
        let initial =
            self.transfers.values_mut().filter_map(|transfer| transfer.initial_dial_mut());
        if let Some(dialling) = initial.into_iter().find(is_it) {
            dialling.time_limit = None;
            dialling.limit_passed = true;
        }
    }

    /// Ends the conversation by hanging up the dialled leg; the caller goes on.
    pub(crate) fn hang_up_child(&mut self, leg: LegId) {
        if self.part_from_queued(leg) {
            return;
        }
        let Some(child) = self.dialling_mut(leg).and_then(|dialling| dialling.bridged) else {
            return;
        };
        self.leave(child, Farewell::done());
    }

    /// The other one in conversation is gone: if `parent` dialled it, its `<Dial>` is over.
    pub(crate) fn dial_ended_by_child(&mut self, parent: LegId, child: LegId) {
        let Some(dialling) = self.dialling_mut(parent) else { return };
        if dialling.bridged == Some(child) {
            self.conversation_over(parent);
        }
    }

    /// They have talked: what is behind the `<Dial>` of this leg comes next.
    pub(crate) fn conversation_over(&mut self, parent: LegId) {
        if self.finish_dial(parent, CallStatus::Completed) == Flow::Next {
            self.next_verb(parent);
        }
    }

    /// `<Dial>` is over: `action`, or the next verb.
    pub(crate) fn finish_dial(&mut self, leg: LegId, status: CallStatus) -> Flow {
        let now = self.now.wall;
        let Some(of) = self.leg_mut(leg) else { return Flow::Waits };
        of.doing = Doing::Alone;
        let Some(run) = &mut of.run else { return Flow::Waits };
        let Step::Dialling(mut dialling) = std::mem::replace(&mut run.step, Step::Ready) else {
            return Flow::Waits;
        };
        self.timers.cancel(&mut dialling.timeout);
        self.timers.cancel(&mut dialling.time_limit);
        self.end_dial_recording(&mut dialling);
        self.leave_dialled_queue(&mut dialling);
        self.listen_for_keys(leg);
        self.feed(leg, media::Feed::Nothing);
        if dialling.verb.action.is_none() {
            return Flow::Next;
        }
        let mut told = outcome::action_parameters(&dialling, status, now);
        told.extend(dialling.queue.iter().flat_map(|at| at.parameters()));
        if let Some(recorded) = dialling.recording {
            told.extend(self.recording_parameters(recorded));
        }
        self.ask_action(leg, &dialling.verb, dialling.base.as_ref(), told)
    }

    /// `action` of a `<Dial>` that is over is told that; without one, the next verb is run.
    pub(crate) fn ask_action(
        &mut self,
        leg: LegId,
        verb: &twiml::Dial,
        base: Option<&Url>,
        told: Vec<Parameter>,
    ) -> Flow {
        let Some(action) = &verb.action else { return Flow::Next };
        match absolute(base, action) {
            Ok(url) => {
                let hook = Hook { url, method: verb.method };
                self.fetch_document(leg, hook, Why::Action, told);
                Flow::Waits
            }
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Dial action=\"{action}\">.")));
                Flow::Next
            }
        }
    }

    /// Ends a dial nobody waits for any more: whoever rings or talks through it is let go.
    pub(crate) fn drop_dialling(&mut self, mut dialling: Dialling) {
        self.timers.cancel(&mut dialling.timeout);
        self.timers.cancel(&mut dialling.time_limit);
        self.end_dial_recording(&mut dialling);
        self.leave_dialled_queue(&mut dialling);
        match (dialling.bridged.take(), &dialling.queue) {
            (Some(child), None) => self.leave_quietly(child, Farewell::done()),
            (Some(caller), Some(_)) => self.release_queued(caller),
            (None, _) => {}
        }
        for child in dialling.children() {
            self.leave(child, Farewell::given_up(CallStatus::Canceled));
        }
    }

    pub(crate) fn dialling_mut(&mut self, leg: LegId) -> Option<&mut Dialling> {
        self.leg_mut(leg)?.run.as_mut()?.dialling_mut()
    }

    /// A target that says nothing at all, or that it is broken.
    pub(crate) fn alert_no_way(&mut self, child: LegId, answer: Option<Status>) {
        let Some(leg) = self.leg(child) else { return };
        let request = Some(format!("INVITE {}", leg.who.to));
        let response = answer.map(|status| status.to_string());
        self.alert(32011, Some(child), Detail { text: None, request, response });
    }

    /// A target's final answer other than 2xx.
    pub(crate) fn handle_target_refused(&mut self, child: LegId, status: Status) {
        let Some(leg) = self.leg(child) else { return };
        if matches!(status, Status(401 | 407)) && !leg.sip.trunk {
            self.alert(13244, Some(child), Detail::text(format!("{}.", leg.who.to)));
        }
        let Some(leg) = self.leg_mut(child) else { return };
        leg.sip.response = Some(status);
        let as_call = CallStatus::of(status);
        if let Doing::Dialled { by } = leg.doing {
            let failed = Failed::of(leg, as_call, Some(status));
            self.leave_quietly(child, Farewell::gone(as_call));
            self.target_failed(by, child, failed);
        } else {
            self.leave(child, Farewell::gone(as_call));
        }
    }

    /// `*` of the caller, with `hangupOnStar`. False: it means nothing here.
    pub(crate) fn dial_hears(&mut self, leg: LegId, digit: u8) -> bool {
        let ends =
            |dialling: &mut Dialling| dialling.verb.hangup_on_star && dialling.bridged.is_some();
        let is_meant = digit == b'*' && self.dialling_mut(leg).is_some_and(ends);
        if is_meant {
            self.hang_up_child(leg);
        }
        is_meant
    }
}

/// Those a `<Dial>` rings or has yet to ring, on their way to another one.
#[derive(Debug)]
pub(crate) struct Targets {
    ringing: Vec<LegId>,
    answered: Vec<LegId>,
    waiting: VecDeque<twiml::Noun>,
    failures: Vec<Failed>,
}

impl Targets {
    /// Those there are already.
    pub(crate) fn legs(&self) -> impl Iterator<Item = LegId> + use<'_> {
        self.ringing.iter().chain(&self.answered).copied()
    }

    /// Who of them has answered; it is known of none what becomes of that.
    pub(crate) fn answered(&self) -> Vec<LegId> {
        self.answered.clone()
    }

    /// These are left. False: nobody is, and nobody is yet to be rung.
    pub(crate) fn become_those(&mut self, ringing: Vec<LegId>, answered: Vec<LegId>) -> bool {
        (self.ringing, self.answered) = (ringing, answered);
        self.legs().next().is_some() || !self.waiting.is_empty()
    }
}

impl Dialling {
    pub(crate) fn new(
        verb: Box<twiml::Dial>,
        base: Option<Url>,
        waiting: VecDeque<twiml::Noun>,
        timeout: Option<TimerKey>,
    ) -> Self {
        Self {
            verb,
            base,
            waiting,
            ringing: Vec::new(),
            answered: Vec::new(),
            bridged: None,
            failures: Vec::new(),
            early: None,
            timeout,
            time_limit: None,
            limit_passed: false,
            last: None,
            recording: None,
            queue: None,
        }
    }

    /// That leg is no target of its any more; who is joined already is none.
    pub(crate) fn forget(&mut self, target: LegId) {
        self.ringing.retain(|other| *other != target);
        self.answered.retain(|other| *other != target);
    }

    /// Takes away whom it rings; it has no targets then.
    pub(crate) fn take_targets(&mut self) -> Targets {
        self.early = None;
        Targets {
            ringing: std::mem::take(&mut self.ringing),
            answered: std::mem::take(&mut self.answered),
            waiting: std::mem::take(&mut self.waiting),
            failures: std::mem::take(&mut self.failures),
        }
    }

    /// Takes away who rings and who is yet to be rung; who has answered stays.
    pub(crate) fn take_ringing(&mut self) -> Targets {
        let Targets { ringing, answered, waiting, failures } = self.take_targets();
        self.answered = answered;
        Targets { ringing, answered: Vec::new(), waiting, failures }
    }

    /// Gets the targets of another one; gives their legs.
    pub(crate) fn give_targets(&mut self, targets: Targets) -> Vec<LegId> {
        self.ringing = targets.ringing;
        self.answered = targets.answered;
        self.waiting = targets.waiting;
        self.failures = targets.failures;
        self.children().collect()
    }

    /// Every leg it holds, whatever has become of it so far.
    pub(crate) fn children(&self) -> impl Iterator<Item = LegId> + use<'_> {
        let unjoined = self.ringing.iter().chain(&self.answered).copied();
        unjoined.chain(self.bridged)
    }
}
