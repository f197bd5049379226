//! A human or a machine: by how long the answerer speaks before falling silent.
//!
//! Tones are no speech here. Not here: who wants to know (`legwork-call`).
//! Source: Twilio, "Answering Machine Detection"; rules and figures: `docs/answering-machines.md`.

use super::beep::{Tone, Tones};
use super::voice::{Activity, HANG_OVER, ONSET};
use super::{FRAME, frames};
use crate::tap::{Answerer, Machine};

/// A tone is told from a vowel by now.
const TONE: u32 = 2;
/// A tone of so many frames behind speech is a beep: 160 ms.
const BEEP: u32 = 8;
/// A beep that goes on for longer is not waited for: 2 s.
const BEEP_MAX: u32 = 100;
/// A fax's tone lasts so long at least: 400 ms of the 500 that a calling one sends.
const FAX: u32 = 20;
/// Frequencies of a beep, Hz.
const BEEPS: std::ops::RangeInclusive<f32> = 350.0..=2600.0;
/// Calling and called fax, Hz, each with its tolerance (ITU-T T.30 §4.3.3: 38 and 15; and ours).
const FAXES: [(f32, f32); 2] = [(1100.0, 43.0), (2100.0, 20.0)];

/// What was heard so far of one answerer.
#[derive(Debug)]
pub(super) struct Detector {
    rules: Machine,
    /// Frames since it answered.
    now: u32,
    speech: Activity,
    tones: Tones,
    /// First and last frame of its greeting.
    greeting: Option<(u32, u32)>,
    is_machine: bool,
    beeps: bool,
}

impl Detector {
    /// It has just answered.
    pub(super) fn new(rules: Machine) -> Self {
        Self {
            rules,
            now: 0,
            speech: Activity::default(),
            tones: Tones::default(),
            greeting: None,
            is_machine: false,
            beeps: false,
        }
    }

    /// The next 20 ms: who it is, once that is known.
    pub(super) fn hear(&mut self, samples: &[f32; FRAME]) -> Option<Answerer> {
        self.now = self.now.saturating_add(1);
        let tone = self.tones.hear(samples).filter(|tone| tone.frames >= TONE);
        self.follow(samples, tone.is_some());
        let by_tone = self.by_tone(tone);
        by_tone.or_else(|| self.by_speech(tone.is_some())).or_else(|| self.by_time())
    }

    /// Where the greeting began, and how far it goes.
    fn follow(&mut self, samples: &[f32; FRAME], is_tone: bool) {
        let change = self.speech.hear(if is_tone { &[0.0; FRAME] } else { samples });
        match change {
            Some(true) => {
                let since = self.now.saturating_sub(ONSET);
                self.greeting = Some((self.greeting.map_or(since, |(first, _)| first), self.now));
            }
            Some(false) => {
                let until = self.now.saturating_sub(HANG_OVER);
                self.greeting = self.greeting.map(|(first, _)| (first, until));
            }
            None if self.speech.speaks() => {
                self.greeting = self.greeting.map(|(first, _)| (first, self.now));
            }
            None => {}
        }
    }

    /// A fax's tone before anything is said, or a beep behind it.
    fn by_tone(&mut self, tone: Option<Tone>) -> Option<Answerer> {
        if self.greeting.is_none() {
            let Tone { hz, frames, .. } = tone?;
            let is_fax = FAXES.iter().any(|(fax, tolerance)| (fax - hz).abs() <= *tolerance);
            return (is_fax && frames >= FAX).then_some(Answerer::Fax);
        }
        let sounds = tone.filter(|tone| BEEPS.contains(&tone.hz)).map_or(0, |tone| tone.frames);
        self.beeps |= sounds >= BEEP;
        match (self.beeps, self.rules.until_end) {
            (true, false) => Some(Answerer::MachineStart),
            // The message is recorded from its end on.
            (true, true) => {
                (!(BEEP..BEEP_MAX).contains(&sounds)).then_some(Answerer::MachineEndBeep)
            }
            (false, _) => None,
        }
    }

    /// Speech, or the silence behind it.
    fn by_speech(&mut self, is_tone: bool) -> Option<Answerer> {
        let (first, last) = self.greeting?;
        let behind = if self.speech.speaks() { HANG_OVER } else { 0 };
        let spoken = last.saturating_sub(behind).saturating_sub(first);
        self.is_machine |= spoken > frames(self.rules.speech);
        if self.is_machine && !self.rules.until_end {
            return Some(Answerer::MachineStart);
        }
        let silent = self.now - last;
        let is_over = silent >= frames(self.rules.speech_end) && !is_tone && !self.speech.speaks();
        let who = if self.is_machine { Answerer::MachineEndSilence } else { Answerer::Human };
        is_over.then_some(who)
    }

    fn by_time(&self) -> Option<Answerer> {
        let is_silent = self.greeting.is_none() && self.now >= frames(self.rules.silence);
        if self.now >= frames(self.rules.timeout) && self.is_machine {
            return Some(Answerer::MachineEndOther);
        }
        let is_late = self.now >= frames(self.rules.timeout);
        (is_silent || is_late).then_some(Answerer::Unknown)
    }
}
