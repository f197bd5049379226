//! `<Gather>`: keys or speech are awaited, while prompts are heard and behind them.
//!
//! ```text
//!   prompts ──over──▶ Waiting ──timeout, nothing came──▶ next verb, or action with nothing
//!      │                │ ▲ └──key──▶ Waiting ──finishOnKey, numDigits, timeout──▶ action
//!      │ key, voice     │ │ key
//!      └────────────────┴─┘
//!                       └──voice──▶ Speaking ⇄ Hushed ──silence, too long──▶ Understanding ──▶ action
//! ```
//! What comes first decides: behind a key nobody listens for speech any more, behind speech keys mean nothing.
//! There is one deadline at a time, that of the run.
//! Not here: the prompts (`gather/prompts`), speech (`gather/speech`), hearing keys and voice
//! (`legwork-media`), understanding (crate `legwork`, `ears`).
//! Source: Twilio, "TwiML Voice: Gather".

mod prompts;
mod speech;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use legwork_media as media;
use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::ladder::What;
use crate::leg::LegId;
use crate::likelihood::part_of_one;
use crate::limit;
use crate::run::{Flow, Parameter, Step, Why, absolute};
use crate::timer::Due;
use crate::view::Waits;

use speech::Ear;

/// A `<Gather>` being run.
#[derive(Debug)]
pub(crate) struct Gathering {
    verb: twiml::Gather,
    /// Whose far end is listened to.
    leg: LegId,
    /// Not heard yet.
    prompts: VecDeque<twiml::Prompt>,
    at: At,
    /// Pressed so far.
    keys: String,
    /// The key of `finishOnKey` that was pressed.
    finished_on: Option<char>,
    /// Speech is listened to.
    ear: Option<Ear>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Audio of a prompt was asked for.
    Preparing { source: media::SourceId, times: u32 },
    /// It is heard.
    Playing { source: media::SourceId },
    /// A `<Pause>` between prompts.
    Pausing,
    /// For the first key or word, or the next key.
    Waiting,
    /// The far end speaks; since it began.
    Speaking { since: Instant },
    /// It has spoken, and stopped.
    Hushed { since: Instant },
    /// It has said what it had to say; the recogniser thinks.
    Understanding,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Came {
    Nothing,
    Keys,
    Speech { text: String, confidence: u16 },
}

impl Gathering {
    /// The prompt's audio is there: how often it is heard. None: another is awaited.
    pub(crate) fn play(&mut self, ready: media::SourceId) -> Option<u32> {
        match self.at {
            At::Preparing { source, times } if source == ready => {
                self.at = At::Playing { source };
                Some(times)
            }
            At::Preparing { .. }
            | At::Playing { .. }
            | At::Pausing
            | At::Waiting
            | At::Speaking { .. }
            | At::Hushed { .. }
            | At::Understanding => None,
        }
    }

    /// Audio of a prompt that is asked for or heard.
    pub(crate) const fn source(&self) -> Option<media::SourceId> {
        match self.at {
            At::Preparing { source, .. } | At::Playing { source } => Some(source),
            At::Pausing
            | At::Waiting
            | At::Speaking { .. }
            | At::Hushed { .. }
            | At::Understanding => None,
        }
    }

    /// What a bystander sees it wait for.
    pub(crate) const fn waits(&self) -> Waits {
        match self.at {
            At::Preparing { .. } => Waits::Source,
            At::Playing { .. } => Waits::Played,
            At::Pausing => Waits::Pause,
            At::Waiting | At::Speaking { .. } | At::Hushed { .. } | At::Understanding => {
                Waits::Input
            }
        }
    }

    const fn is_prompting(&self) -> bool {
        match self.at {
            At::Preparing { .. } | At::Playing { .. } | At::Pausing => true,
            At::Waiting | At::Speaking { .. } | At::Hushed { .. } | At::Understanding => false,
        }
    }

    /// Keys are listened for.
    pub(crate) fn hears_keys(&self) -> bool {
        self.verb.input.dtmf && self.at != At::Understanding
    }

    /// Whether a key means anything now.
    fn takes_keys(&self, now: Instant) -> bool {
        let is_first = match self.at {
            At::Speaking { since } | At::Hushed { since } => now - since <= limit::KEY_AS_VOICE,
            At::Understanding => false,
            At::Preparing { .. } | At::Playing { .. } | At::Pausing | At::Waiting => true,
        };
        self.verb.input.dtmf && is_first && !self.has_all_keys()
    }

    fn press(&mut self, key: char) {
        if self.verb.finish_on_key.contains(key) {
            self.finished_on = Some(key);
        } else {
            self.keys.push(key);
        }
    }

    fn has_all_keys(&self) -> bool {
        let most = self.verb.num_digits.and_then(|most| usize::try_from(most).ok());
        let most = most.unwrap_or(limit::GATHERED_KEYS_MAX).min(limit::GATHERED_KEYS_MAX);
        self.finished_on.is_some() || self.keys.len() >= most
    }

    const fn has_keys(&self) -> bool {
        self.finished_on.is_some() || !self.keys.is_empty()
    }

    /// What ended it, as the ladder of the call tells it: without what was pressed or said.
    fn shown(&self, came: &Came) -> String {
        match came {
            Came::Nothing => "gather: nothing came".to_owned(),
            Came::Speech { confidence, .. } => {
                format!("gather: speech, confidence {}", part_of_one(*confidence))
            }
            Came::Keys => {
                let n_keys = self.keys.len();
                let why = match self.finished_on {
                    Some(key) => format!("ended by {key}"),
                    None if self.has_all_keys() => "as many as were wanted".to_owned(),
                    None => "no more in time".to_owned(),
                };
                format!("gather: {why}, keys: {n_keys}")
            }
        }
    }

    /// What `action` is told.
    fn parameters(&self, came: Came) -> Vec<Parameter> {
        let mut told: Vec<Parameter> = Vec::with_capacity(3);
        let is_empty = came == Came::Nothing;
        if came == Came::Keys || is_empty && self.verb.input.dtmf {
            told.push(("Digits".into(), self.keys.clone()));
            told.push((
                "FinishedOnKey".into(),
                self.finished_on.map(String::from).unwrap_or_default(),
            ));
        }
        let (text, confidence) = match came {
            Came::Speech { text, confidence } => (text, confidence),
            Came::Nothing if self.verb.input.speech => (String::new(), 0),
            Came::Nothing | Came::Keys => return told,
        };
        told.push(("SpeechResult".into(), text));
        told.push(("Confidence".into(), part_of_one(confidence)));
        told.push(("Language".into(), self.verb.speech.language.clone()));
        told
    }
}

impl Calls {
    pub(crate) fn run_gather(&mut self, leg: LegId, mut verb: twiml::Gather) -> Flow {
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let prompts = std::mem::take(&mut verb.prompts).into();
        let barge_in = verb.barge_in;
        let (at, keys) = (At::Waiting, String::new());
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let gathering = Gathering { verb, leg, prompts, at, keys, finished_on: None, ear: None };
        run.step = Step::Gathering(Box::new(gathering));
        run.heard = true;
        self.listen_for_keys(leg);
        if barge_in {
            self.open_ear(leg);
        }
        self.next_prompt(leg);
        Flow::Waits
    }

    // === what comes ===

    /// The far end pressed a key.
    pub(crate) fn gather_hears(&mut self, leg: LegId, key: u8) {
        let now = self.now.mono;
        let Some(gathering) = self.gathering_mut(leg).filter(|it| it.takes_keys(now)) else {
            return;
        };
        gathering.press(char::from(key));
        let has_all = gathering.has_all_keys();
        let is_kept = gathering.is_prompting() && !gathering.verb.barge_in;
        self.time_passes(leg);
        self.shut_ear(leg);
        if is_kept {
            return;
        }
        self.stop_prompts(leg);
        if has_all {
            return self.end_gather(leg, Came::Keys);
        }
        self.await_input(leg);
    }

    /// For the first key or word, or the next key.
    fn await_input(&mut self, leg: LegId) {
        let Some(gathering) = self.gathering_mut(leg) else { return };
        gathering.at = At::Waiting;
        let wait = gathering.verb.timeout;
        self.feed(leg, media::Feed::Silence);
        self.set_gather_timer(leg, wait);
    }

    /// The deadline, in place of the one there was.
    fn set_gather_timer(&mut self, leg: LegId, wait: Duration) {
        let key = self.timers.set(self.after(wait), Due::Gather(leg));
        let run = self.leg_mut(leg).and_then(|leg| leg.run.as_mut());
        let mut old = match run {
            Some(run) => run.timer.replace(key),
            None => Some(key),
        };
        self.timers.cancel(&mut old);
    }

    pub(crate) fn handle_gather_due(&mut self, leg: LegId) {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        run.timer = None;
        let Step::Gathering(gathering) = &run.step else { return };
        let (at, has_keys) = (gathering.at, gathering.has_keys());
        if at != At::Waiting || !gathering.verb.timeout.is_zero() {
            run.in_a_row = 0;
        }
        match at {
            // These have no deadline.
            At::Preparing { .. } | At::Playing { .. } => {}
            At::Pausing => self.next_prompt(leg),
            At::Waiting if has_keys => self.end_gather(leg, Came::Keys),
            At::Waiting => self.end_gather(leg, Came::Nothing),
            At::Speaking { .. } | At::Hushed { .. } => self.understand(leg),
            At::Understanding => {
                self.alert(91340, Some(leg), Detail::none());
                self.end_gather(leg, Came::Nothing);
            }
        }
    }

    // === the end ===

    /// It is over: `action`, or the next verb.
    fn end_gather(&mut self, leg: LegId, came: Came) {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let Step::Gathering(gathering) = std::mem::replace(&mut run.step, Step::Ready) else {
            return;
        };
        let mut timer = run.timer.take();
        self.timers.cancel(&mut timer);
        self.forget_gathering(&gathering);
        self.listen_for_keys(leg);
        self.feed(leg, media::Feed::Nothing);
        if gathering.verb.debug {
            self.trace(leg, What::Decided(gathering.shown(&came)));
        }
        let is_told = came != Came::Nothing || gathering.verb.action_on_empty_result;
        match is_told.then(|| self.action_of_gather(leg, &gathering.verb)).flatten() {
            Some(hook) => {
                let told = gathering.parameters(came);
                self.fetch_document(leg, hook, Why::Action, told);
            }
            None => self.next_verb(leg),
        }
    }

    /// Whom to tell: the current document, if `action` does not say.
    fn action_of_gather(&mut self, leg: LegId, verb: &twiml::Gather) -> Option<Hook> {
        let base = self.leg(leg)?.run.as_ref()?.url.as_ref();
        let found = match &verb.action {
            Some(action) => absolute(base, action),
            None => base.map_or(Err(11100), |_| absolute(base, "")),
        };
        match found {
            Ok(url) => Some(Hook { url, method: verb.method }),
            Err(code) => {
                let action = verb.action.as_deref().unwrap_or_default();
                let text = format!("<Gather action=\"{action}\">.");
                self.alert(code, Some(leg), Detail::text(text));
                None
            }
        }
    }

    /// Nothing is awaited any more.
    pub(crate) fn forget_gathering(&mut self, gathering: &Gathering) {
        if let Some(source) = gathering.source() {
            self.forget_source(source);
        }
        if let Some(ear) = &gathering.ear {
            self.forget_tap(ear.tap);
        }
        self.hear(gathering.leg, |hearing| hearing.voice = false);
    }

    /// Another leg takes the place of the one that was listened to: what it had said is nothing to the new
    /// one, what it had pressed is kept.
    pub(crate) fn inherit_gathering(&mut self, run: &mut crate::run::Run, new: LegId) {
        let Step::Gathering(gathering) = &mut run.step else { return };
        gathering.leg = new;
        if let Some(source) = gathering.source() {
            self.index.by_source.insert(source, new);
        }
        if let (At::Understanding, Some(ear)) = (gathering.at, &gathering.ear) {
            self.index.by_tap.insert(ear.tap, new);
            return;
        }
        if let Some(ear) = &mut gathering.ear {
            self.forget_tap(ear.tap);
            ear.tap = self.tap_speech(new, ear.recognition(&gathering.verb));
        }
        if matches!(gathering.at, At::Speaking { .. } | At::Hushed { .. }) {
            gathering.at = At::Waiting;
            let key = self.timers.set(self.after(gathering.verb.timeout), Due::Gather(new));
            let mut old = run.timer.replace(key);
            self.timers.cancel(&mut old);
        }
    }

    /// Whether the leg is in `<Gather>`.
    pub(crate) fn gathers(&self, leg: LegId) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        run.is_some_and(|run| matches!(run.step, Step::Gathering(_)))
    }

    fn gathering_mut(&mut self, leg: LegId) -> Option<&mut Gathering> {
        let run = self.leg_mut(leg)?.run.as_mut()?;
        if let Step::Gathering(gathering) = &mut run.step { Some(gathering) } else { None }
    }
}

#[cfg(test)]
mod tests;
