//! Documents within a verb: a run of their own on top of the run that stands at the verb.
//!
//! ```text
//!   leg.run ──▶ run of the nested document ──outer──▶ run that stands at `<Dial>`, `<Enqueue>`, …
//! ```
//! Events of the leg go to the run on top. When that is over, or its verb is, the one below is uncovered.
//! A pending transfer belongs to the run on top; who waits has none any more.
//! Not here: what a dialled application is (`dial/application`), what is waited for (`queue`, `conference`).
//! Source: Twilio, "TwiML Voice: Application", "Enqueue", "Conference" (`waitUrl`).

use legwork_media as media;
use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::config::Hook;
use crate::dial::application::ApplicationCall;
use crate::leg::LegId;
use crate::limit;
use crate::queue::enqueue::Queued;
use crate::run::{Parameter, Run, Step, Why};
use crate::timer::Due;

/// What lies below the run of a nested document.
#[derive(Debug)]
pub(crate) struct Outer {
    /// What the document above is.
    pub(crate) above: Above,
    /// The run below, standing at its verb.
    pub(crate) run: Run,
}

/// What a nested document is.
#[derive(Debug)]
pub(crate) enum Above {
    /// That of a dialled application, about a call of its own.
    Application(Box<ApplicationCall>),
    /// What somebody hears who waits: it is about the same call, and the verb below says what comes of it.
    Waiting,
}

/// How the document of somebody who waits ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// It was run to its end.
    Ended,
    /// It could not be had, or not be used: an alert has said so.
    Failed,
}

impl Outer {
    /// The call the document above is about, if it has one of its own.
    pub(crate) fn call(&self) -> Option<&ApplicationCall> {
        match &self.above {
            Above::Application(call) => Some(call),
            Above::Waiting => None,
        }
    }
}

impl Run {
    /// What lies below, from the top.
    pub(crate) fn pile(&self) -> impl Iterator<Item = &Outer> {
        std::iter::successors(self.outer.as_deref(), |outer| outer.run.outer.as_deref())
    }

    /// The run that stands at the verb within which this document is run for somebody who waits.
    pub(crate) fn waiting_at(&self) -> Option<&Self> {
        match self.outer.as_deref()? {
            Outer { above: Above::Waiting, run } => Some(run),
            Outer { above: Above::Application(_), .. } => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn waiting_at_mut(&mut self) -> Option<&mut Self> {
        match self.outer.as_deref_mut()? {
            Outer { above: Above::Waiting, run } => Some(run),
            Outer { above: Above::Application(_), .. } => None,
        }
    }
}

impl Calls {
    /// Asks for a document to be run while the leg stands at its verb.
    pub(crate) fn fetch_waiting(&mut self, leg: LegId, hook: Hook, more: Vec<Parameter>) {
        self.cover(leg);
        self.fetch_document(leg, hook, Why::Wait, more);
    }

    /// Puts an empty run on top, unless there is one.
    pub(crate) fn cover(&mut self, leg: LegId) {
        let Some(of) = self.leg_mut(leg) else { return };
        if of.run.as_ref().is_none_or(|run| run.waiting_at().is_some()) {
            return;
        }
        let Some(run) = of.run.take() else { return };
        let (in_a_row, url) = (run.in_a_row, run.url.clone());
        let outer = Some(Box::new(Outer { above: Above::Waiting, run }));
        of.run = Some(Run { in_a_row, url, outer, ..Run::new() });
    }

    /// The document of who waits is over: what comes of that the verb below says. False: it runs none.
    pub(crate) fn waiting_over(&mut self, leg: LegId, how: Waited) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        let Some(below) = run.and_then(Run::waiting_at) else { return false };
        match below.step {
            Step::Queued(_) => {
                self.stop_waiting(leg);
                self.queue_heard(leg, how);
            }
            Step::Conferring(_) => self.conference_document_over(leg, how),
            Step::Ready
            | Step::Fetching { .. }
            | Step::Preparing { .. }
            | Step::Playing { .. }
            | Step::Pressing(_)
            | Step::Pausing
            | Step::Dialling(_)
            | Step::Referring(_)
            | Step::Recording(_)
            | Step::Echoing
            | Step::Gathering(_)
            | Step::Connected(_) => {
                self.stop_waiting(leg);
                self.next_verb(leg);
            }
        }
        true
    }

    /// Is the document it runs one for somebody who waits?
    pub(crate) fn runs_for_who_waits(&self, leg: LegId) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        run.is_some_and(|run| run.waiting_at().is_some())
    }

    /// Has who waits been led through many documents, none of which took time, and would be for ever?
    pub(crate) fn goes_in_circles(&self, leg: LegId) -> bool {
        let Some(run) = self.leg(leg).and_then(|leg| leg.run.as_ref()) else { return false };
        if run.waiting_at().is_none() || run.in_a_row < limit::WAIT_DOCUMENTS_AT_ONCE_MAX {
            return false;
        }
        run.queued().is_some_and(Queued::is_waiting) || self.waits_in_conference(leg)
    }

    /// Who waits hears music before this verb, which leads to the next document, is run.
    pub(crate) fn pause_waiting(&mut self, leg: LegId, verb: twiml::Verb) {
        if !self.answer_leg(leg, None) {
            return;
        }
        let key = self.timers.set(self.after(limit::WAIT_AGAIN), Due::PauseOver(leg));
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        run.verbs.push_front(verb);
        run.step = Step::Pausing;
        run.timer = Some(key);
        // The next document that takes no time waits, too.
        run.in_a_row = limit::WAIT_DOCUMENTS_AT_ONCE_MAX - 1;
        self.feed(leg, media::Feed::HoldMusic);
    }

    /// Ends the document of who waits: the leg stands at the verb below. False: it runs no such document.
    pub(crate) fn stop_waiting(&mut self, leg: LegId) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        run.is_some_and(|run| run.waiting_at().is_some()) && self.uncover(leg).is_some()
    }

    /// Ends the document on top, whatever it is doing. The leg stands at the verb below.
    pub(crate) fn uncover(&mut self, leg: LegId) -> Option<Above> {
        let run = self.leg_mut(leg)?.run.as_mut()?;
        let Outer { above, run: below } = *run.outer.take()?;
        let mut top = std::mem::replace(run, below);
        run.in_a_row = top.in_a_row;
        run.transfer = top.transfer.take();
        self.drop_run(top);
        self.listen_for_keys(leg);
        Some(above)
    }
}
