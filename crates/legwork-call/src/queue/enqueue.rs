//! `<Enqueue>`: the caller waits in a queue until somebody takes it, it leaves, or is made to. And `<Leave>`.
//!
//! ```text
//!   Waiting ──<Dial><Queue>──▶ Taken ──its `url` is over──▶ Talking ──▶ action, next verb
//!     │  ▲                       │
//!     │  └──the agent is gone────┘
//!     └──<Leave>──▶ action, next verb     hang-up, REST: action is told
//! ```
//! `action` is asked when it is over. Where there is no call left for its answer, or another document is
//! run, it is told.
//! Not here: what is heard meanwhile (`queue/wait`), whoever takes the caller (`queue/dial`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Leave".

use std::time::{Duration, Instant};

use legwork_media as media;
use legwork_twiml as twiml;

use super::line::Place;
use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::leg::{Doing, Leg, LegId};
use crate::run::{Failure, Flow, Parameter, Run, Step, Why, absolute};
use crate::sid::{CallSid, QueueSid};

/// An `<Enqueue>` being run.
#[derive(Debug)]
pub(crate) struct Queued {
    /// Whose far end waits.
    pub(super) leg: LegId,
    pub(super) queue: QueueSid,
    pub(super) place: Place,
    pub(super) since: Instant,
    /// Its `action`.
    hook: Option<Hook>,
    pub(super) wait: Wait,
    pub(super) stage: Stage,
    /// When the document came that is run for who waits.
    pub(super) came: Instant,
}

/// What is heard in the queue.
#[derive(Clone, Debug)]
pub(super) enum Wait {
    Music,
    Silence,
    Ask(Hook),
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has its place.
    Waiting,
    /// That leg has taken it, and it hears first what that one's `<Queue>` wants it to hear.
    Taken { by: LegId, waited: Duration },
    /// It talks with who has taken it.
    Talking { waited: Duration },
}

/// `QueueResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Bridged,
    BridgingInProcess,
    Error,
    Hangup,
    Leave,
    Redirected,
    RedirectedFromBridged,
    QueueFull,
    SystemError,
}

impl Stage {
    /// What came of it, if the call ends there.
    const fn hung_up(self) -> Came {
        match self {
            Self::Waiting => Came::Hangup,
            Self::Taken { .. } => Came::BridgingInProcess,
            Self::Talking { .. } => Came::Bridged,
        }
    }

    /// The same if REST gives it another document.
    const fn redirected(self) -> Came {
        match self {
            Self::Waiting | Self::Taken { .. } => Came::Redirected,
            Self::Talking { .. } => Came::RedirectedFromBridged,
        }
    }
}

impl Came {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Bridged => "bridged",
            Self::BridgingInProcess => "bridging-in-process",
            Self::Error => "error",
            Self::Hangup => "hangup",
            Self::Leave => "leave",
            Self::Redirected => "redirected",
            Self::RedirectedFromBridged => "redirected-from-bridged",
            Self::QueueFull => "queue-full",
            Self::SystemError => "system-error",
        }
    }
}

impl Queued {
    /// It waits, and has not been taken.
    pub(crate) fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// Who has taken it and is not joined with it yet.
    pub(crate) const fn taken_by(&self) -> Option<LegId> {
        match self.stage {
            Stage::Taken { by, .. } => Some(by),
            Stage::Waiting | Stage::Talking { .. } => None,
        }
    }

    pub(crate) const fn at(&self) -> (QueueSid, Place) {
        (self.queue, self.place)
    }

    /// How long it has waited, until it was taken.
    pub(super) fn waited(&self, now: Instant) -> Duration {
        match self.stage {
            Stage::Waiting => now.saturating_duration_since(self.since),
            Stage::Taken { waited, .. } | Stage::Talking { waited } => waited,
        }
    }

    fn parameters(&self, came: Came, now: Instant) -> Vec<Parameter> {
        let waited = self.waited(now).as_secs();
        vec![
            ("QueueResult".into(), came.as_str().to_owned()),
            ("QueueSid".into(), self.queue.to_string()),
            ("QueueTime".into(), waited.to_string()),
        ]
    }
}

impl Run {
    /// Its `<Enqueue>`, be it that a document is run within that.
    pub(crate) fn queued(&self) -> Option<&Queued> {
        let run = self.waiting_at().unwrap_or(self);
        if let Step::Queued(queued) = &run.step { Some(queued) } else { None }
    }

    pub(super) fn queued_mut(&mut self) -> Option<&mut Queued> {
        let step = if self.waiting_at().is_some() {
            &mut self.waiting_at_mut()?.step
        } else {
            &mut self.step
        };
        if let Step::Queued(queued) = step { Some(queued) } else { None }
    }
}

impl Calls {
    pub(crate) fn run_enqueue(&mut self, leg: LegId, verb: &twiml::Enqueue) -> Flow {
        if self.is_screened(leg) {
            self.alert(13201, Some(leg), Detail::text("<Enqueue> can not stand there either."));
            let url = self.document_url(leg);
            self.document_failed(leg, Failure { code: 13201, url });
            return Flow::Waits;
        }
        let hook = self.hook_in_queue(leg, verb.action.as_deref(), verb.method, 14203);
        let queue = match self.queue_to_enter(leg, verb) {
            Ok(queue) => queue,
            Err(came) => return self.not_enqueued(leg, hook, came),
        };
        // A document answers when it has something to be heard; a transferee is there already.
        let answers_later = matches!(verb.wait, twiml::Wait::Ask(_));
        let answers_later = answers_later && self.pending_transfer_of(leg).is_none();
        if !answers_later && !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let wait = self.what_is_heard(leg, &verb.wait);
        if self.leg(leg).is_none_or(|leg| leg.run.is_none()) {
            return Flow::Waits;
        }
        let place = self.stand_in_line(queue, leg);
        let now = self.now.mono;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let (since, came, stage) = (now, now, Stage::Waiting);
        let queued = Queued { leg, queue, place, since, hook, wait, stage, came };
        run.step = Step::Queued(Box::new(queued));
        run.heard = true;
        if !self.serve_first_agent(queue) {
            self.hear_queue(leg);
        }
        Flow::Waits
    }

    /// The queue it names, which is made if there is none, and has room.
    fn queue_to_enter(&mut self, leg: LegId, verb: &twiml::Enqueue) -> Result<QueueSid, Came> {
        let account = self.leg(leg).map(|leg| leg.account).ok_or(Came::SystemError)?;
        if verb.name.is_empty() {
            return Err(Came::Error);
        }
        let seen = self.see_queue_named(account, &verb.name);
        match seen.sid {
            None => match self.make_queue(account, &verb.name, verb.max_size) {
                Some(queue) => Ok(queue),
                None => {
                    self.alert(91363, Some(leg), Detail::text(format!("{}.", verb.name)));
                    Err(Came::SystemError)
                }
            },
            Some(_) if u32::try_from(seen.size).is_ok_and(|size| size >= seen.max_size) => {
                let text = format!("{}: {} wait.", verb.name, seen.size);
                self.alert(14207, Some(leg), Detail::text(text));
                Err(Came::QueueFull)
            }
            Some(queue) => Ok(queue),
        }
    }

    /// It has no place: `action` is asked at once.
    fn not_enqueued(&mut self, leg: LegId, hook: Option<Hook>, came: Came) -> Flow {
        let Some(hook) = hook else { return Flow::Next };
        let told = vec![("QueueResult".into(), came.as_str().to_owned())];
        self.fetch_document(leg, hook, Why::Action, told);
        Flow::Waits
    }

    /// A URL of the document; one that can not be used counts as if it were not there.
    pub(super) fn hook_in_queue(
        &mut self,
        leg: LegId,
        written: Option<&str>,
        method: twiml::Method,
        code: u32,
    ) -> Option<Hook> {
        let written = written?;
        let base = self.leg(leg)?.run.as_ref()?.url.as_ref();
        match absolute(base, written) {
            Ok(url) => Some(Hook { url, method }),
            Err(found) => {
                let code = if found == 11100 { code } else { found };
                self.alert(code, Some(leg), Detail::text(format!("{written}.")));
                None
            }
        }
    }

    // === the end ===

    pub(crate) fn run_leave(&mut self, leg: LegId) -> Flow {
        if self.queued(leg).is_none_or(|queued| !queued.is_waiting()) {
            self.alert(91361, Some(leg), Detail::none());
            return Flow::Next;
        }
        self.stop_waiting(leg);
        self.end_queued(leg, Came::Leave)
    }

    /// `<Enqueue>` is over: `action`, or the next verb.
    pub(super) fn end_queued(&mut self, leg: LegId, came: Came) -> Flow {
        let now = self.now.mono;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let step = std::mem::replace(&mut run.step, Step::Ready);
        let Step::Queued(queued) = step else {
            run.step = step;
            return Flow::Waits;
        };
        let mut timer = run.timer.take();
        self.timers.cancel(&mut timer);
        self.give_place_up(queued.queue, queued.place);
        self.feed(leg, media::Feed::Nothing);
        let told = queued.parameters(came, now);
        let Some(hook) = queued.hook else { return Flow::Next };
        self.fetch_document(leg, hook, Why::Action, told);
        Flow::Waits
    }

    /// Who has taken the caller talks with it no longer: what is behind its `<Enqueue>` comes next.
    pub(crate) fn release_queued(&mut self, leg: LegId) {
        if let Some(of) = self.leg_mut(leg) {
            of.doing = Doing::Alone;
        }
        if self.end_queued(leg, Came::Bridged) == Flow::Next {
            self.next_verb(leg);
        }
    }

    /// The caller hung up, or was: `action` is told, for there is no call left for its document.
    pub(crate) fn queued_hung_up(&mut self, gone: &Leg, run: &Run) {
        let Some(queued) = run.queued() else { return };
        let told = queued.parameters(queued.stage.hung_up(), self.now.mono);
        if let Some(hook) = queued.hook.clone() {
            self.tell_outcome(About::of_run(gone, run), hook, told);
        }
    }

    /// The call of the application that is run on top is over: the same.
    pub(crate) fn queued_application_over(&mut self, leg: LegId) {
        self.tell_queued(leg, Stage::hung_up);
    }

    /// REST gives the call another document: `action` is told.
    pub(crate) fn queued_redirected(&mut self, leg: LegId, call: CallSid) {
        if self.leg(leg).is_some_and(|of| of.call_sid() == call) {
            self.tell_queued(leg, Stage::redirected);
        }
    }

    fn tell_queued(&mut self, leg: LegId, came: impl Fn(Stage) -> Came) {
        let now = self.now.mono;
        let Some(queued) = self.queued_mut(leg) else { return };
        let told = queued.parameters(came(queued.stage), now);
        let Some(hook) = queued.hook.take() else { return };
        if let Some(about) = self.about_document(leg) {
            self.tell_outcome(about, hook, told);
        }
    }

    /// Its run goes another way: nobody waits there any more.
    pub(crate) fn drop_queued(&mut self, queued: &Queued) {
        let leg = queued.leg;
        match queued.stage {
            Stage::Waiting => {
                self.give_place_up(queued.queue, queued.place);
            }
            Stage::Taken { by, .. } => {
                self.forget_taken(queued.queue, queued.place);
                self.taken_lost(by, leg);
            }
            Stage::Talking { .. } => {
                let Some(of) = self.leg_mut(leg) else { return };
                // Whoever has let the two go by itself has seen to the other one.
                let Doing::Bridged { with } = of.doing else { return };
                of.doing = Doing::Alone;
                self.dial_ended_by_child(with, leg);
            }
        }
    }

    /// Another leg comes in its place, and keeps the one in the queue.
    pub(crate) fn inherit_queued(&mut self, run: &mut Run, new: LegId) {
        let mut next = Some(run);
        while let Some(run) = next {
            if let Step::Queued(queued) = &mut run.step {
                queued.leg = new;
                self.timers.hand_over(run.timer, new);
                match queued.stage {
                    Stage::Waiting => self.seat_inherited(queued.queue, queued.place, new),
                    Stage::Taken { by, .. } => self.taken_replaced(by, new),
                    // Found by the other one's `<Dial>`.
                    Stage::Talking { .. } => {}
                }
            }
            next = run.outer.as_deref_mut().map(|outer| &mut outer.run);
        }
    }

    fn seat_inherited(&mut self, queue: QueueSid, place: Place, new: LegId) {
        if let Some(member) = self.give_place_up(queue, place) {
            self.put_member(queue, place, super::line::Member { leg: new, ..member });
        }
    }

    /// The leg's `<Enqueue>`, be it that a document is run within that.
    pub(super) fn queued(&self, leg: LegId) -> Option<&Queued> {
        self.leg(leg)?.run.as_ref()?.queued()
    }

    pub(super) fn queued_mut(&mut self, leg: LegId) -> Option<&mut Queued> {
        self.leg_mut(leg)?.run.as_mut()?.queued_mut()
    }
}
