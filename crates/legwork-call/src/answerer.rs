//! Who answered: a human or a machine. Found out from the answer on, of legs we have called.
//!
//! ```text
//!   2xx ──▶ listened to ──▶ known ──▶ a call placed by REST: its document, which has waited
//!                                 └─▶ `AsyncAmd`, and nouns of `<Dial>`: the callback is told
//! ```
//! Not here: how it is heard (`legwork-media`, `detect`).
//! Source: Twilio, "Answering Machine Detection"; `docs/answering-machines.md`.

use std::time::{Duration, Instant};

use legwork_media as media;
use legwork_media::Answerer;
use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::command::MachineDetection;
use crate::ladder::What;
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::run::Parameter;
use crate::timer::{Due, TimerKey};

/// What is found out about one leg.
#[derive(Debug)]
pub(crate) struct Answering {
    wanted: MachineDetection,
    since: Instant,
    pub(crate) deadline: Option<TimerKey>,
    /// Who it was, and after how long that was known.
    known: Option<(Answerer, Duration)>,
}

impl Leg {
    /// `AnsweredBy` of its requests, once known.
    pub(crate) fn answered_by(&self) -> Option<&'static str> {
        self.answering.as_ref()?.known.map(|(answerer, _)| answerer.as_str())
    }

    /// Its document waits until it is known who answered.
    pub(crate) fn awaits_answerer(&self) -> bool {
        let waits =
            |answering: &Answering| answering.known.is_none() && !answering.wanted.asynchronous;
        self.answering.as_deref().is_some_and(waits)
    }
}

impl Calls {
    /// A leg we called has answered: it is listened to if somebody wants to know.
    pub(crate) fn detect_answerer(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        let Some(wanted) = leg.wanted.machine.take() else { return };
        if wanted.asynchronous && wanted.callback.is_none() {
            self.alert(21262, Some(id), Detail::none());
        }
        let rules = wanted.rules;
        let patience = rules.timeout + limit::ANSWERER_PATIENCE;
        let deadline = Some(self.timers.set(self.after(patience), Due::Answerer(id)));
        let since = self.now.mono;
        if let Some(leg) = self.leg_mut(id) {
            leg.answering =
                Some(Box::new(Answering { wanted: *wanted, since, deadline, known: None }));
        }
        self.hear(id, |hearing| hearing.machine = Some(rules));
    }

    /// The document of a call placed by REST waits for who answered. Its far end hears silence.
    pub(crate) fn awaits_answerer(&mut self, leg: LegId) -> bool {
        let waits = self.leg(leg).is_some_and(Leg::awaits_answerer);
        if waits {
            self.feed(leg, media::Feed::Silence);
        }
        waits
    }

    /// It is known who answered.
    pub(crate) fn handle_answerer(&mut self, id: LegId, answerer: Answerer) {
        let now = self.now.mono;
        let Some(leg) = self.leg_mut(id) else { return };
        let waited = leg.awaits_answerer();
        let Some(answering) = leg.answering.as_mut().filter(|of| of.known.is_none()) else {
            return;
        };
        let took = now.saturating_duration_since(answering.since);
        answering.known = Some((answerer, took));
        let mut deadline = answering.deadline.take();
        let hook = answering.wanted.callback.take();
        self.timers.cancel(&mut deadline);
        self.hear(id, |hearing| hearing.machine = None);
        self.trace(id, What::Decided(format!("answered by {}", answerer.as_str())));
        self.store(id);
        if waited {
            return self.begin_placed(id);
        }
        if let Some(hook) = hook {
            self.tell_answerer(id, hook);
        }
    }

    /// Nothing was heard of who answered for far too long.
    pub(crate) fn handle_answerer_late(&mut self, leg: LegId) {
        self.handle_answerer(leg, Answerer::Unknown);
    }

    /// `AnsweredBy` is a standard parameter; this goes with its first request.
    pub(crate) fn detection_took(&self, leg: LegId) -> Option<Parameter> {
        let (_, took) = self.leg(leg)?.answering.as_ref()?.known?;
        Some(("MachineDetectionDuration".into(), took.as_millis().to_string()))
    }
}

/// The rules of a noun.
pub(crate) fn rules(of: &twiml::MachineDetection) -> media::Machine {
    media::Machine {
        until_end: of.until_end,
        timeout: of.timeout,
        speech: of.speech,
        speech_end: of.speech_end,
        silence: of.silence,
    }
}
