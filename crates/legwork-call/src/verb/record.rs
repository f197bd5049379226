//! `<Record>`: the caller leaves a message.
//!
//! ```text
//!   beep ──▶ recorded ──key, silence, maxLength──▶ awaits what came of it ──▶ action
//!               │                                        └──nothing, failed──▶ next verb
//!               └──hangs up──▶ action is told
//! ```
//! The silence that ends it counts from its very beginning. Where nothing but silence ends it the caller
//! did not speak, and the next verb is run: what is trimmed is nothing then, and what is not trimmed is kept,
//! but no message. A document that comes from elsewhere in
//! between (REST) keeps what was recorded, and `action` is not asked.
//! Not here: the recording itself (`recording`); voice and keys in sound (`legwork-media`).
//! Source: Twilio, "TwiML Voice: Record".

use std::time::Instant;

use legwork_media as media;
use legwork_twiml as twiml;

use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::ladder::What;
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::recording::{Outcome, Recorded, Source, ToldOf, Wanted};
use crate::run::{Flow, Run, Step, Why, absolute};
use crate::timer::Due;

/// A `<Record>` being run.
#[derive(Debug)]
pub(crate) struct Message {
    verb: Box<twiml::Record>,
    /// Its `action`.
    hook: Option<Hook>,
    told: Option<ToldOf>,
    transcribe: Option<Hook>,
    stage: Stage,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The caller hears the beep.
    Beeping,
    /// What it says is recorded, until then at most.
    Speaking { recorded: Recorded, until: Instant, has_spoken: bool },
    /// What came of that is awaited.
    Over { recorded: Recorded, by: End },
}

/// What ended a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Key(u8),
    /// Its length, the silence behind it, or another leg.
    Time,
    /// Silence from its beginning on, all of which is kept.
    Silence,
}

impl End {
    const fn key(self) -> Option<u8> {
        match self {
            Self::Key(key) => Some(key),
            Self::Time | Self::Silence => None,
        }
    }
}

impl Message {
    /// The caller still hears the beep.
    pub(crate) const fn beeps(&self) -> bool {
        matches!(self.stage, Stage::Beeping)
    }

    /// Keys are listened for.
    pub(crate) fn hears_keys(&self) -> bool {
        matches!(self.stage, Stage::Speaking { .. }) && !self.verb.finish_on_key.is_empty()
    }

    fn recorded(&self) -> Option<Recorded> {
        match self.stage {
            Stage::Beeping => None,
            Stage::Speaking { recorded, .. } | Stage::Over { recorded, .. } => Some(recorded),
        }
    }
}

impl Calls {
    pub(crate) fn run_record(&mut self, leg: LegId, verb: Box<twiml::Record>) -> Flow {
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let base = self.leg(leg).and_then(|leg| leg.run.as_ref()?.url.clone());
        let told = self.told_of(leg, base.as_ref(), &verb.keep);
        let action = verb.action.as_deref().unwrap_or("");
        let url = match (&verb.action, &base) {
            (None, None) => Err(11100),
            (Some(_), _) | (None, Some(_)) => absolute(base.as_ref(), action),
        };
        let hook = match url {
            Ok(url) => Some(Hook { url, method: verb.method }),
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Record action=\"{action}\">.")));
                None
            }
        };
        let transcribe = self.transcribe_hook(leg, &verb);
        let beeps = verb.play_beep;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let message = Message { verb, hook, told, transcribe, stage: Stage::Beeping };
        run.step = Step::Recording(Box::new(message));
        run.heard = true;
        run.in_a_row = 0;
        if !beeps {
            return self.begin_message(leg);
        }
        self.feed(leg, media::Feed::Source(media::SourceId::BEEP, 1));
        self.trace(leg, What::Hears("a beep".into()));
        self.await_message(leg, self.after(limit::BEEP_PATIENCE));
        Flow::Waits
    }

    fn transcribe_hook(&mut self, leg: LegId, verb: &twiml::Record) -> Option<Hook> {
        let written = verb.transcribe_callback.as_ref().filter(|_| verb.transcribe)?;
        let base = self.leg(leg).and_then(|leg| leg.run.as_ref()?.url.as_ref());
        match absolute(base, written) {
            Ok(url) => Some(Hook { url, method: twiml::Method::Post }),
            Err(code) => {
                let text = format!("<Record transcribeCallback=\"{written}\">.");
                self.alert(code, Some(leg), Detail::text(text));
                None
            }
        }
    }

    /// The beep is over.
    pub(crate) fn handle_beeped(&mut self, leg: LegId) {
        if self.message(leg).is_some_and(|message| message.beeps())
            && self.begin_message(leg) == Flow::Next
        {
            self.next_verb(leg);
        }
    }

    fn begin_message(&mut self, leg: LegId) -> Flow {
        self.feed(leg, media::Feed::Silence);
        let Some(message) = self.message(leg) else { return Flow::Waits };
        let wanted = Wanted {
            source: Source::RecordVerb,
            sides: twiml::Sides::Inbound,
            trim: message.verb.keep.trim,
            told: message.told.take(),
        };
        let (longest, timeout) = (message.verb.max_length, message.verb.timeout);
        let (transcribes, hook) = (message.verb.transcribe, message.transcribe.take());
        let Some(recorded) = self.begin_recording(leg, wanted) else {
            self.clear_step(leg);
            return Flow::Next;
        };
        self.wait_for_recording(recorded.tap, Some(leg));
        if transcribes {
            self.begin_transcript(leg, recorded, hook);
        }
        let until = self.after(longest);
        if let Some(message) = self.message(leg) {
            message.stage = Stage::Speaking { recorded, until, has_spoken: false };
        }
        self.hear(leg, |hearing| hearing.voice = timeout.is_some());
        self.listen_for_keys(leg);
        let silence = timeout.map(|timeout| self.after(timeout));
        self.await_message(leg, silence.map_or(until, |silence| silence.min(until)));
        Flow::Waits
    }

    /// The next deadline of the leg's `<Record>`.
    fn await_message(&mut self, leg: LegId, deadline: Instant) {
        let mut key = Some(self.timers.set(deadline, Due::Message(leg)));
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            std::mem::swap(&mut run.timer, &mut key);
        }
        self.timers.cancel(&mut key);
    }

    pub(crate) fn handle_message_due(&mut self, leg: LegId) {
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.timer = None;
        }
        let now = self.now.mono;
        let trims = self.message(leg).is_some_and(|message| message.verb.keep.trim);
        match self.message(leg).map(|message| message.stage) {
            // Its end was never told.
            Some(Stage::Beeping) => self.handle_beeped(leg),
            Some(Stage::Speaking { until, has_spoken, .. }) => {
                let is_silence = !has_spoken && !trims && now < until;
                self.end_message(leg, if is_silence { End::Silence } else { End::Time });
            }
            Some(Stage::Over { recorded, .. }) => {
                self.wait_for_recording(recorded.tap, None);
                self.message_over(leg, None);
            }
            None => {}
        }
    }

    // === what the caller does ===

    /// It speaks, or is silent.
    pub(crate) fn message_heard(&mut self, leg: LegId, speaks: bool) {
        let now = self.now.mono;
        let Some(message) = self.message(leg) else { return };
        let Stage::Speaking { until, has_spoken, .. } = &mut message.stage else { return };
        let until = *until;
        *has_spoken |= speaks;
        let silence = message.verb.timeout.filter(|_| !speaks).map(|timeout| now + timeout);
        self.await_message(leg, silence.map_or(until, |silence| silence.min(until)));
    }

    /// It pressed a key. True: that was meant for its `<Record>`.
    pub(crate) fn message_hears_key(&mut self, leg: LegId, key: u8) -> bool {
        let Some(message) = self.message(leg) else { return false };
        let ends = message.verb.finish_on_key.bytes().any(|end| end == key);
        if !ends || !matches!(message.stage, Stage::Speaking { .. }) {
            return false;
        }
        self.end_message(leg, End::Key(key));
        true
    }

    /// Nothing more is recorded.
    fn end_message(&mut self, leg: LegId, by: End) {
        let Some(Stage::Speaking { mut recorded, .. }) =
            self.message(leg).map(|message| message.stage)
        else {
            return;
        };
        self.time_passes(leg);
        self.stop_hearing_message(leg);
        self.close_recording(&mut recorded);
        if let Some(message) = self.message(leg) {
            message.stage = Stage::Over { recorded, by };
        }
        self.listen_for_keys(leg);
        self.await_message(leg, self.after(limit::MESSAGE_PATIENCE));
    }

    fn stop_hearing_message(&mut self, leg: LegId) {
        self.hear(leg, |hearing| hearing.voice = false);
    }

    // === the end ===

    /// It is known what came of the recording that the leg's `<Record>` waits for.
    pub(crate) fn record_over(&mut self, leg: LegId, tap: media::TapId, outcome: Outcome) {
        let waits = self.message(leg).and_then(|message| message.recorded());
        if waits.is_some_and(|recorded| recorded.tap == tap) {
            self.time_passes(leg);
            self.message_over(leg, Some(outcome));
        }
    }

    /// `<Record>` is over: `action`, or the next verb where nothing was recorded. None: it is not known yet
    /// what came of it.
    fn message_over(&mut self, leg: LegId, outcome: Option<Outcome>) {
        let Some(message) = self.message(leg) else { return };
        let hook = message.hook.take();
        let (recorded, by) = match message.stage {
            Stage::Beeping => (None, End::Time),
            Stage::Speaking { recorded, .. } => (Some(recorded), End::Time),
            Stage::Over { recorded, by } => (Some(recorded), by),
        };
        let length = match outcome {
            Some(Outcome::Completed(length)) => Some(length),
            Some(Outcome::Absent | Outcome::Failed) | None => None,
        };
        let is_there = match outcome {
            Some(Outcome::Completed(_)) | None => by != End::Silence,
            Some(Outcome::Absent | Outcome::Failed) => false,
        };
        self.stop_hearing_message(leg);
        self.clear_step(leg);
        self.feed(leg, media::Feed::Nothing);
        match (hook, recorded) {
            (Some(hook), Some(recorded)) if is_there => {
                let told = self.message_parameters(recorded, length, by.key());
                self.fetch_document(leg, hook, Why::Outcome, told);
            }
            (Some(_) | None, _) => self.next_verb(leg),
        }
    }

    /// The caller hung up, or was: `action` is told, for there is no call left for its document.
    pub(crate) fn message_hung_up(&mut self, gone: &Leg, run: &Run) {
        let Step::Recording(message) = &run.step else { return };
        let (recorded, by) = match message.stage {
            Stage::Beeping => return,
            Stage::Speaking { recorded, .. } => (recorded, End::Time),
            Stage::Over { recorded, by } => (recorded, by),
        };
        let digits =
            by.key().map_or_else(|| "hangup".to_owned(), |key| char::from(key).to_string());
        let about = About::of_run(gone, run);
        let hook = message.hook.clone().filter(|_| by != End::Silence);
        self.tell_action_later(recorded.tap, about, hook, digits);
    }

    /// Nobody waits for what comes of it any more; what was recorded is kept.
    pub(crate) fn drop_message(&mut self, message: &Message) {
        let Some(mut recorded) = message.recorded() else { return };
        if let Some(&leg) = self.index.by_tap.get(&recorded.tap) {
            self.stop_hearing_message(leg);
        }
        self.wait_for_recording(recorded.tap, None);
        self.close_recording(&mut recorded);
    }

    /// Another leg comes in its place: what was said so far is the message.
    pub(crate) fn inherit_message(&mut self, run: &mut Run, new: LegId) {
        let now = self.now.mono;
        let Step::Recording(message) = &mut run.step else { return };
        let (recorded, by) = match message.stage {
            Stage::Beeping => return,
            Stage::Speaking { recorded, .. } => (recorded, End::Time),
            Stage::Over { recorded, by } => (recorded, by),
        };
        message.stage = Stage::Over { recorded, by };
        self.timers.cancel(&mut run.timer);
        run.timer = Some(self.timers.set(now + limit::MESSAGE_PATIENCE, Due::Message(new)));
        self.wait_for_recording(recorded.tap, Some(new));
    }

    fn message(&mut self, leg: LegId) -> Option<&mut Message> {
        let run = self.leg_mut(leg)?.run.as_mut()?;
        if let Step::Recording(message) = &mut run.step { Some(message) } else { None }
    }
}
