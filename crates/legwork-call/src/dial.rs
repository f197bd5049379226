//! `<Dial>`: ring targets, the first answer wins, join, and what comes after.
//!
//! Not here: whom a noun names (`dial/target`), what the legs' media do (`bridge`), transfer (`transfer`).
//! Source: Twilio, "TwiML Voice: Dial".

pub(crate) mod outcome;
pub(crate) mod target;

use std::collections::VecDeque;
use std::time::Instant;

use legwork_media as media;
use legwork_sip::Status;
use legwork_twiml as twiml;
use legwork_twiml::problem::UNBUILT;
use url::Url;

use crate::answer::RINGBACK;
use crate::bridge::fits;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, Doing, LegId};
use crate::run::{Failure, Flow, Step, Why, absolute};
use crate::sid::CallSid;
use crate::timer::{Due, TimerKey};

use outcome::{default_status, final_status};

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
    /// The child that answered while the parent's codec is made to fit.
    pub(crate) agreeing: Option<LegId>,
    /// The other one in conversation.
    pub(crate) bridged: Option<LegId>,
    pub(crate) bridged_at: Option<Instant>,
    /// Final answers of targets so far.
    pub(crate) failures: Vec<Status>,
    /// The child that the parent hears already.
    pub(crate) early: Option<LegId>,
    pub(crate) timeout: Option<TimerKey>,
    pub(crate) time_limit: Option<TimerKey>,
    /// `timeLimit` passed while the call was parked in a transfer.
    pub(crate) limit_passed: bool,
    /// The child that `action` tells of.
    pub(crate) last: Option<LastChild>,
}

/// What `action` tells of the dialled leg.
#[derive(Clone, Debug)]
pub(crate) struct LastChild {
    pub(crate) sid: CallSid,
    pub(crate) sip_call_id: String,
    pub(crate) response: Option<Status>,
}

impl Calls {
    pub(crate) fn run_dial(&mut self, leg: LegId, verb: Box<twiml::Dial>) -> Flow {
        let nouns = match &verb.nouns {
            twiml::Nouns::Ring(nouns) => VecDeque::from(nouns.clone()),
            twiml::Nouns::Unbuilt(noun) => {
                let text = format!("<Dial><{}> at {}:{}.", noun.name, noun.line, noun.column);
                self.alert(UNBUILT, Some(leg), Detail::text(text));
                let url = self.document_url(leg);
                self.document_failed(leg, Failure { code: UNBUILT, url });
                return Flow::Waits;
            }
        };
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
        let base = run.url.clone();
        run.step = Step::Dialling(Box::new(Dialling::new(verb, base, nouns, timeout)));
        // A transferee keeps its music until its target rings.
        let feed = if transferred { media::Feed::HoldMusic } else { RINGBACK };
        if self.leg(leg).is_some_and(crate::leg::Leg::is_answered) {
            self.feed(leg, feed);
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
            let rings = self.dialling_mut(leg).is_some_and(|dialling| !dialling.ringing.is_empty());
            if one && rings {
                return;
            }
        }
    }

    /// If nobody rings any more: the dial has failed.
    fn settle_dial(&mut self, leg: LegId) -> Flow {
        let Some(dialling) = self.dialling_mut(leg) else { return Flow::Waits };
        let open = !dialling.ringing.is_empty() || dialling.agreeing.is_some();
        if open || dialling.bridged.is_some() {
            return Flow::Waits;
        }
        if !dialling.waiting.is_empty() {
            self.restart_timeout(leg);
            self.ring_next(leg, true);
            return self.settle_dial(leg);
        }
        let status = final_status(&dialling.failures);
        self.dial_failed(leg, status)
    }

    /// A sequential dial gives each noun its own `timeout`.
    fn restart_timeout(&mut self, leg: LegId) {
        let Some(dialling) = self.dialling_mut(leg) else { return };
        let (mut old, wait) = (dialling.timeout.take(), dialling.verb.timeout);
        self.timers.cancel(&mut old);
        let key = self.timers.set(self.after(wait), Due::DialTimeout(leg));
        if let Some(dialling) = self.dialling_mut(leg) {
            dialling.timeout = Some(key);
        }
    }

    /// No target answered: of a pending transfer, that is its end; else `action` or the next verb.
    fn dial_failed(&mut self, leg: LegId, status: Status) -> Flow {
        if let Some(transfer) = self.pending_transfer_of(leg)
            && self.transfer_target_failed(transfer, status)
        {
            return Flow::Waits;
        }
        self.finish_dial(leg, CallStatus::of(status))
    }

    // === targets ===

    /// 18x from a target: the caller hears it ring, or hears what it sends.
    pub(crate) fn target_rings(&mut self, child: LegId, status: Status, sdp: &[u8]) {
        let Some(leg) = self.leg_mut(child) else { return };
        let Doing::Dialled { by } = leg.doing else { return };
        if leg.life.status == CallStatus::Initiated {
            leg.life.status = CallStatus::Ringing;
            self.store(child);
        }
        let early = !sdp.is_empty() && self.early_media(child, sdp);
        self.time_passes(by);
        let Some(dialling) = self.dialling_mut(by) else { return };
        let heard = dialling.early;
        if early && heard.is_none() {
            self.hear_early(by, child);
        } else if heard.is_none() && self.leg(by).is_some_and(crate::leg::Leg::is_answered) {
            self.feed(by, RINGBACK);
        }
        if let Some(transfer) = self.pending_transfer_of(by) {
            self.transfer_progress(transfer, status);
        }
    }

    /// The target's early media is agreed; the offer stays open for its 200.
    fn early_media(&mut self, child: LegId, sdp: &[u8]) -> bool {
        let Some(leg) = self.leg_mut(child) else { return false };
        if leg.media.before_early.is_some() {
            return true;
        }
        let before = leg.media.negotiation.clone();
        if leg.media.negotiation.handle_answer(sdp).is_err() {
            leg.media.negotiation = before;
            return false;
        }
        leg.media.before_early = Some(Box::new(before));
        self.open_media(child);
        self.agree_media(child);
        true
    }

    /// The caller hears the target before it answers.
    fn hear_early(&mut self, by: LegId, child: LegId) {
        let codec = self.codec_of(child);
        if !self.leg(by).is_some_and(crate::leg::Leg::is_answered) && !self.answer_early(by, codec)
        {
            return;
        }
        let (Some(a), Some(b)) = (self.codec_of(by), codec) else { return };
        let Some(media) = self.leg(child).map(|leg| leg.media.id) else { return };
        if !fits(a, b) {
            return;
        }
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.early = Some(child);
        }
        self.feed(by, media::Feed::Leg(media));
    }

    /// The target that was heard before its answer is gone: the others ring on.
    fn early_media_over(&mut self, by: LegId) {
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.early = None;
            self.feed(by, RINGBACK);
        }
    }

    /// Something that takes time happened: documents are counted anew.
    pub(crate) fn time_passes(&mut self, leg: LegId) {
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.in_a_row = 0;
        }
    }

    /// 2xx from a target: the others are cancelled, the caller is answered and joined with it.
    pub(crate) fn target_answered(&mut self, child: LegId, sdp: &[u8]) {
        let wall = self.now.wall;
        let Some(leg) = self.leg_mut(child) else { return };
        leg.life.answered = Some(wall);
        leg.life.status = CallStatus::InProgress;
        let before = leg.media.before_early.take();
        // Gateways that described their early media leave the answer out of the 200.
        let agreed_early = before.is_some() && sdp.is_empty();
        if let Some(before) = before.filter(|_| !agreed_early) {
            leg.media.negotiation = *before;
        }
        let agreed = agreed_early || leg.media.negotiation.handle_answer(sdp).is_ok();
        let doing = leg.doing;
        if agreed {
            self.open_media(child);
            self.agree_media(child);
        }
        self.store(child);
        let Doing::Dialled { by } = doing else { return self.call_answered(child, agreed) };
        self.time_passes(by);
        if !agreed {
            self.leave_quietly(child, Farewell::given_up(CallStatus::Failed));
            return self.target_failed(by, child, CallStatus::Failed, Some(Status(488)));
        }
        self.cancel_others(by, child);
        self.fit_codecs(by, child);
    }

    fn cancel_others(&mut self, by: LegId, winner: LegId) {
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.waiting.clear();
        let others = std::mem::take(&mut dialling.ringing);
        dialling.agreeing = Some(winner);
        let mut timeout = dialling.timeout.take();
        self.timers.cancel(&mut timeout);
        for other in others.into_iter().filter(|other| *other != winner) {
            self.leave(other, Farewell::elsewhere());
        }
    }

    /// Answers the caller if it still rings; where their codecs differ, the caller is offered the target's.
    pub(crate) fn fit_codecs(&mut self, by: LegId, child: LegId) {
        let Some(theirs) = self.codec_of(child) else { return };
        if !self.answer_leg(by, Some(theirs)) {
            return;
        }
        match self.codec_of(by) {
            Some(ours) if !fits(ours, theirs) => {
                self.reoffer(by, theirs);
            }
            // A delayed offer is agreed with the ACK.
            Some(_) | None => self.bridged(by, child),
        }
    }

    /// The leg took the codec offered, or did not: then a target that waits for it counts as failed with
    /// 488, and a conversation nobody could follow ends.
    pub(crate) fn reoffer_over(&mut self, leg: LegId, agreed: bool) {
        if agreed {
            return self.refit(leg);
        }
        match self.dialling_mut(leg).and_then(|dialling| dialling.agreeing) {
            Some(child) => self.reoffer_failed(leg, child),
            None if self.unfit_partner(leg).is_some() => {
                self.leave(leg, Farewell::fault(crate::alert::Fault::Peer));
            }
            None => {}
        }
    }

    fn reoffer_failed(&mut self, by: LegId, child: LegId) {
        self.leave_quietly(child, Farewell::given_up(CallStatus::Failed));
        self.target_failed(by, child, CallStatus::Failed, Some(Status(488)));
    }

    /// Caller and target talk.
    fn bridged(&mut self, by: LegId, child: LegId) {
        let now = self.now.mono;
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.agreeing = None;
        dialling.bridged = Some(child);
        dialling.bridged_at = Some(now);
        let limit = dialling.verb.time_limit;
        let key = self.timers.set(self.after(limit), Due::TimeLimit(by));
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.time_limit = Some(key);
        }
        self.remember_child(by, child, Some(Status(200)));
        self.join(by, child);
        if let Some(transfer) = self.pending_transfer_of(by) {
            self.transfer_bridged(transfer);
        }
    }

    /// A target refused, was not reached, or was taken away.
    pub(crate) fn target_failed(
        &mut self,
        by: LegId,
        child: LegId,
        as_call: CallStatus,
        response: Option<Status>,
    ) {
        let status = response.unwrap_or_else(|| default_status(as_call));
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.ringing.retain(|other| *other != child);
        if dialling.agreeing == Some(child) {
            dialling.agreeing = None;
        }
        dialling.failures.push(status);
        if let Some(last) = &mut dialling.last
            && last.response.is_none()
        {
            last.response = Some(status);
        }
        if dialling.early == Some(child) {
            self.early_media_over(by);
        }
        if self.settle_dial(by) == Flow::Next {
            self.next_verb(by);
        }
    }

    // === deadlines and the end ===

    /// Nobody answered in time.
    pub(crate) fn handle_dial_timeout(&mut self, leg: LegId) {
        let Some(dialling) = self.dialling_mut(leg) else { return };
        dialling.timeout = None;
        let (rung, early) = (std::mem::take(&mut dialling.ringing), dialling.early);
        self.time_passes(leg);
        if early.is_some_and(|early| rung.contains(&early)) {
            self.early_media_over(leg);
        }
        for child in rung {
            let dialog = self.leg(child).and_then(|child| child.sip.dialog);
            if dialog.is_some_and(|dialog| !self.endpoint.is_proceeding(dialog)) {
                self.alert_no_way(child, None);
            }
            self.remember_child(leg, child, Some(Status(408)));
            self.leave(child, Farewell::given_up(CallStatus::NoAnswer));
            if let Some(dialling) = self.dialling_mut(leg) {
                dialling.failures.push(Status(408));
            }
        }
        if self.settle_dial(leg) == Flow::Next {
            self.next_verb(leg);
        }
    }

    /// `timeLimit`: the target is hung up; the caller goes on. While parked it only counts.
    pub(crate) fn handle_time_limit(&mut self, leg: LegId) {
        // A transferee that is the parent may be dialling again: the limit is the initial one's.
        let bridged = self.dialling_mut(leg).filter(|dialling| dialling.bridged.is_some());
        if let Some(dialling) = bridged {
            dialling.time_limit = None;
            return self.hang_up_child(leg);
        }
        let parked = self.transfers.values_mut().find(|transfer| transfer.parent == leg);
        if let Some(dialling) = parked.and_then(|transfer| transfer.initial_dial_mut()) {
            dialling.time_limit = None;
            dialling.limit_passed = true;
        }
    }

    /// Ends the conversation by hanging up the dialled leg; the caller goes on.
    pub(crate) fn hang_up_child(&mut self, leg: LegId) {
        let Some(child) = self.dialling_mut(leg).and_then(|dialling| dialling.bridged) else {
            return;
        };
        self.leave(child, Farewell::done());
    }

    /// The other one in conversation is gone: if `parent` dialled it, its `<Dial>` is over.
    pub(crate) fn dial_ended_by_child(&mut self, parent: LegId, child: LegId) {
        let Some(dialling) = self.dialling_mut(parent) else { return };
        if dialling.bridged == Some(child)
            && self.finish_dial(parent, CallStatus::Completed) == Flow::Next
        {
            self.next_verb(parent);
        }
    }

    /// `<Dial>` is over: `action`, or the next verb.
    pub(crate) fn finish_dial(&mut self, leg: LegId, status: CallStatus) -> Flow {
        let now = self.now.mono;
        let Some(of) = self.leg_mut(leg) else { return Flow::Waits };
        of.doing = Doing::Alone;
        let Some(run) = &mut of.run else { return Flow::Waits };
        let Step::Dialling(mut dialling) = std::mem::replace(&mut run.step, Step::Ready) else {
            return Flow::Waits;
        };
        self.timers.cancel(&mut dialling.timeout);
        self.timers.cancel(&mut dialling.time_limit);
        self.feed(leg, media::Feed::Nothing);
        let Some(action) = &dialling.verb.action else { return Flow::Next };
        let Some(url) = absolute(dialling.base.as_ref(), action) else {
            self.alert(15004, Some(leg), Detail::text(format!("<Dial action=\"{action}\">.")));
            return Flow::Next;
        };
        let hook = Hook { url, method: dialling.verb.method };
        let parameters = outcome::action_parameters(&dialling, status, now);
        self.fetch_document(leg, hook, Why::Action, parameters);
        Flow::Waits
    }

    /// Ends a dial nobody waits for any more: whoever rings or talks through it is let go.
    pub(crate) fn drop_dialling(&mut self, mut dialling: Dialling) {
        self.timers.cancel(&mut dialling.timeout);
        self.timers.cancel(&mut dialling.time_limit);
        for child in dialling.ringing.drain(..).chain(dialling.agreeing) {
            self.leave(child, Farewell::given_up(CallStatus::Canceled));
        }
        if let Some(child) = dialling.bridged {
            self.leave_quietly(child, Farewell::done());
        }
    }

    pub(crate) fn dialling_mut(&mut self, leg: LegId) -> Option<&mut Dialling> {
        self.leg_mut(leg)?.run.as_mut()?.dialling_mut()
    }

    /// Notes what `action` will tell of `child`.
    pub(crate) fn remember_child(&mut self, by: LegId, child: LegId, response: Option<Status>) {
        let Some(leg) = self.leg(child) else { return };
        let last = LastChild { sid: leg.sid, sip_call_id: leg.sip.call_id.clone(), response };
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.last = Some(last);
        }
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
        let doing = leg.doing;
        let as_call = CallStatus::of(status);
        if let Doing::Dialled { by } = doing {
            self.remember_child(by, child, Some(status));
            self.leave_quietly(child, Farewell::gone(as_call));
            self.target_failed(by, child, as_call, Some(status));
        } else {
            self.leave(child, Farewell::gone(as_call));
        }
    }

    /// `*` of the caller, with `hangupOnStar`.
    pub(crate) fn handle_digit(&mut self, leg: LegId, digit: u8) {
        let Some(dialling) = self.dialling_mut(leg) else { return };
        if digit == b'*' && dialling.verb.hangup_on_star && dialling.bridged.is_some() {
            self.hang_up_child(leg);
        }
    }
}

impl Dialling {
    fn new(
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
            agreeing: None,
            bridged: None,
            bridged_at: None,
            failures: Vec::new(),
            early: None,
            timeout,
            time_limit: None,
            limit_passed: false,
            last: None,
        }
    }
}
