//! Speech in a `<Gather>`: listened to, its end found, understood by somebody else.
//!
//! Not here: where a voice begins and ends (`legwork-media`, `detect`), the recogniser (crate `legwork`, `ears`).
//! Source: Twilio, "TwiML Voice: Gather", `speechTimeout`, `maxSpeechTime`, `partialResultCallback`.

use legwork_media as media;
use legwork_twiml as twiml;

use super::{At, Came};
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::{Purpose, Recognition, Tapped};
use crate::leg::{Leg, LegId};
use crate::likelihood::{part_of_one, stability};
use crate::limit;
use crate::run::{Parameter, absolute};
use crate::sid::CallSid;

/// Speech that is listened to.
#[derive(Debug)]
pub(super) struct Ear {
    pub(super) tap: media::TapId,
    /// Told what is understood so far.
    partial: Option<Hook>,
    /// How often that was.
    times_told: u32,
}

impl Ear {
    /// How what it hears is to be understood.
    pub(super) fn recognition(&self, verb: &twiml::Gather) -> Recognition {
        recognition(verb, self.partial.is_some())
    }
}

fn recognition(verb: &twiml::Gather, partial: bool) -> Recognition {
    Recognition {
        language: verb.speech.language.clone(),
        hints: verb.speech.hints.clone(),
        speech_model: verb.speech.model.clone(),
        provider: String::new(),
        settings: Vec::new(),
        profanity_filter: verb.speech.profanity_filter,
        partial,
        utterances: None,
    }
}

impl Calls {
    /// Listens to speech from now on, if that is wanted and not done yet.
    pub(super) fn open_ear(&mut self, leg: LegId) {
        let wants = |it: &&mut super::Gathering| it.verb.input.speech && it.ear.is_none();
        let Some(gathering) = self.gathering_mut(leg).filter(wants) else { return };
        let partial = gathering.verb.speech.partial.clone();
        let mut recognition = recognition(&gathering.verb, false);
        let partial = partial.and_then(|ask| self.partial_hook(leg, &ask));
        recognition.partial = partial.is_some();
        let tap = self.tap_speech(leg, recognition);
        if let Some(gathering) = self.gathering_mut(leg) {
            gathering.ear = Some(Ear { tap, partial, times_told: 0 });
        }
    }

    fn partial_hook(&mut self, leg: LegId, ask: &twiml::Ask) -> Option<Hook> {
        let base = self.leg(leg)?.run.as_ref()?.url.as_ref();
        match absolute(base, &ask.url) {
            Ok(url) => Some(Hook { url, method: ask.method }),
            Err(code) => {
                let text = format!("<Gather partialResultCallback=\"{}\">.", ask.url);
                self.alert(code, Some(leg), Detail::text(text));
                None
            }
        }
    }

    /// What the leg says goes to a recogniser from now on.
    pub(super) fn tap_speech(&mut self, leg: LegId, recognition: Recognition) -> media::TapId {
        let tap = media::Tap::new(media::Side::Inbound, media::Rate::Wide);
        let call = self.leg(leg).map_or(CallSid::from_bits(0), Leg::call_sid);
        let tap = self.open_tap(leg, call, tap, Purpose::Recognise(Box::new(recognition)));
        self.hear(leg, |hearing| hearing.voice = true);
        tap
    }

    /// Speech is of no use any more.
    pub(super) fn shut_ear(&mut self, leg: LegId) {
        let ear = self.gathering_mut(leg).and_then(|gathering| gathering.ear.take());
        let Some(ear) = ear else { return };
        self.hear(leg, |hearing| hearing.voice = false);
        self.forget_tap(ear.tap);
    }

    // === what is heard ===

    /// The far end began to speak, or stopped.
    pub(crate) fn gather_voice(&mut self, leg: LegId, speaks: bool) {
        let now = self.now.mono;
        let Some(gathering) = self.gathering_mut(leg).filter(|it| it.ear.is_some()) else {
            return;
        };
        let since = match (gathering.at, speaks) {
            (At::Preparing { .. } | At::Playing { .. } | At::Pausing | At::Waiting, true) => now,
            (At::Hushed { since }, true) | (At::Speaking { since }, false) => since,
            (
                At::Preparing { .. }
                | At::Playing { .. }
                | At::Pausing
                | At::Waiting
                | At::Hushed { .. },
                false,
            )
            | (At::Speaking { .. }, true)
            | (At::Understanding, _) => return,
        };
        self.stop_prompts(leg);
        self.time_passes(leg);
        let Some(gathering) = self.gathering_mut(leg) else { return };
        gathering.at = if speaks { At::Speaking { since } } else { At::Hushed { since } };
        let longest = gathering.verb.speech.longest.unwrap_or(limit::SPEECH_MAX);
        let left = (since + longest).saturating_duration_since(now);
        let wait = if speaks { left } else { left.min(silence_of(&gathering.verb)) };
        self.set_gather_timer(leg, wait);
    }

    /// It has said what it had to say.
    pub(super) fn understand(&mut self, leg: LegId) {
        let Some(gathering) = self.gathering_mut(leg) else { return };
        gathering.at = At::Understanding;
        let Some(tap) = gathering.ear.as_ref().map(|ear| ear.tap) else { return };
        self.hear(leg, |hearing| hearing.voice = false);
        self.listen_for_keys(leg);
        self.close_tap(tap);
        self.set_gather_timer(leg, limit::UNDERSTANDING_MAX);
    }

    // === what is understood ===

    /// Something came of a tap of the leg: is it the one of its `<Gather>`?
    pub(crate) fn gather_tapped(&mut self, leg: LegId, tap: media::TapId, tapped: Tapped) {
        let ear = self.gathering_mut(leg).and_then(|gathering| gathering.ear.as_ref());
        if ear.is_none_or(|ear| ear.tap != tap) {
            return;
        }
        match tapped {
            // Not of what is understood as a whole.
            Tapped::Recorded { .. }
            | Tapped::Segment { .. }
            | Tapped::Missed { .. }
            | Tapped::Connected
            | Tapped::Disconnected
            | Tapped::Flawed { .. } => {}
            Tapped::Partial { stable, unstable } => self.understood_so_far(leg, stable, unstable),
            Tapped::Understood { text, confidence } if !text.trim().is_empty() => {
                self.stop_prompts(leg);
                self.end_gather(leg, Came::Speech { text, confidence });
            }
            Tapped::Understood { .. } => self.nothing_understood(leg),
            Tapped::Failed { code, text } => {
                self.alert(code, Some(leg), Detail::text(text));
                self.nothing_understood(leg);
            }
        }
    }

    /// The recogniser has nothing, and no more to say: as if nothing had been said. Keys may still come if
    /// speech has not ended yet.
    fn nothing_understood(&mut self, leg: LegId) {
        let Some(at) = self.gathering_mut(leg).map(|gathering| gathering.at) else { return };
        match at {
            At::Understanding => self.end_gather(leg, Came::Nothing),
            At::Speaking { .. } | At::Hushed { .. } => {
                self.shut_ear(leg);
                self.await_input(leg);
            }
            At::Preparing { .. } | At::Playing { .. } | At::Pausing | At::Waiting => {
                self.shut_ear(leg);
            }
        }
    }

    fn understood_so_far(&mut self, leg: LegId, stable: String, unstable: String) {
        let Some(gathering) = self.gathering_mut(leg) else { return };
        let language = gathering.verb.speech.language.clone();
        let Some(ear) = &mut gathering.ear else { return };
        let Some(hook) = ear.partial.clone() else { return };
        let number = ear.times_told;
        ear.times_told += 1;
        let stability = stability(&stable, &unstable);
        let told: Vec<Parameter> = vec![
            ("SequenceNumber".into(), number.to_string()),
            ("StableSpeechResult".into(), stable),
            ("UnstableSpeechResult".into(), unstable),
            ("Stability".into(), part_of_one(stability)),
            ("Language".into(), language),
        ];
        self.tell_partial(leg, hook, told);
    }
}

/// How much silence ends speech.
fn silence_of(verb: &twiml::Gather) -> std::time::Duration {
    match verb.speech.timeout {
        twiml::SpeechTimeout::AsTimeout => verb.timeout,
        twiml::SpeechTimeout::After(silence) => silence,
        twiml::SpeechTimeout::Auto => limit::SPEECH_TIMEOUT_AUTO,
    }
}
