//! What is heard in a leg's sound: speech and its end, keys, who answered.
//!
//! Time is counted in frames of 20 ms: the same frames tell the same events, however late they come.
//! Not here: keys as telephone-events (`dtmf`), which legs are listened to (`plane`), measuring whole
//! recordings (`tone`, `ear`).
//! Source: ITU-T Q.24 (keys); Twilio, "Answering Machine Detection"; `docs/answering-machines.md`.

mod beep;
mod keys;
mod machine;
mod voice;

use std::time::Duration;

use crate::command::Event;
use crate::sound::{Frame, Rate};
use crate::tap::{Hearing, Machine};

/// Samples of 20 ms at 8 kHz, at which everything here listens.
const FRAME: usize = 160;
/// How long a frame lasts.
const FRAME_TIME: Duration = Duration::from_millis(20);

/// The detectors of one leg. Those that are not wanted take no time and no memory.
#[derive(Debug, Default)]
pub struct Listening {
    keys: Option<Box<keys::Keys>>,
    voice: Option<Box<voice::Activity>>,
    machine: Option<(Machine, Option<Box<machine::Detector>>)>,
}

impl Listening {
    /// Nothing was heard yet.
    pub fn new(hearing: &Hearing) -> Self {
        let mut new = Self::default();
        new.change(hearing);
        new
    }

    /// Something else is to be told from now on; what stays wanted goes on as it is. An answerer
    /// that was told is told again only if the rules are others.
    pub fn change(&mut self, hearing: &Hearing) {
        let Hearing { keys, voice, machine } = hearing;
        self.keys = keys.then(|| self.keys.take().unwrap_or_default());
        self.voice = voice.then(|| self.voice.take().unwrap_or_default());
        let same = self.machine.take_if(|(rules, _)| Some(*rules) == *machine);
        let anew = || machine.map(|rules| (rules, Some(Box::new(machine::Detector::new(rules)))));
        self.machine = same.or_else(anew);
    }

    /// The leg said this: the next 20 ms, silence where nothing arrived. Tells `Digit` once per
    /// press, 40 ms after its begin at the latest; `Voice(true)` 60 ms after speech began,
    /// `Voice(false)` 200 ms after it ended; `Answerer` once.
    pub fn hear(&mut self, frame: &Frame, tell: &mut impl FnMut(Event)) {
        let samples = &narrow(frame);
        if let Some(keys) = &mut self.keys {
            keys.hear(samples, &mut |key| tell(Event::Digit(key)));
        }
        if let Some(speaks) = self.voice.as_mut().and_then(|voice| voice.hear(samples)) {
            tell(Event::Voice(speaks));
        }
        if let Some((_, detector)) = &mut self.machine
            && let Some(answerer) = detector.as_mut().and_then(|detector| detector.hear(samples))
        {
            *detector = None;
            tell(Event::Answerer(answerer));
        }
    }
}

/// A frame at 8 kHz. Of a wide one the mean of every two samples: what speech has above 4 kHz is
/// left in part, as noise.
fn narrow(frame: &Frame) -> [f32; FRAME] {
    let mut narrow = [0.0; FRAME];
    match frame.rate() {
        Rate::Narrow => {
            for (to, from) in narrow.iter_mut().zip(frame.samples()) {
                *to = f32::from(*from);
            }
        }
        Rate::Wide => {
            for (to, from) in narrow.iter_mut().zip(frame.samples().as_chunks::<2>().0) {
                *to = from.iter().map(|sample| f32::from(*sample)).sum::<f32>() / 2.0;
            }
        }
    }
    narrow
}

/// Mean square of some samples.
fn power(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
}

/// Whole frames of a time.
fn frames(time: Duration) -> u32 {
    u32::try_from(time.as_millis() / FRAME_TIME.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
