//! A length of sound in parts: what sounds in it, one after another, from when and how long.
//!
//! Not here: naming what is heard at one moment (`hearing`), measuring (`legwork_media::measure`).

use std::fmt;

use legwork_media::measure::{level, tone_level};
use legwork_media::tone::RATE_HZ;

use crate::demo::contract::Party;
use crate::demo::hearing::{Hearing, Sound};

/// Looked at at a time, samples: 100 ms.
const WINDOW: usize = 800;
/// From one look to the next, samples: 20 ms.
const STEP: usize = 160;
/// What is looked for in the hold music, samples.
const LOOK: usize = 1280;
/// What is shorter is where one sound gives way to the next, ms.
const SHORTEST_MS: u32 = 160;
/// What pauses no longer goes on, ms.
const PAUSE_MS: u32 = 700;
/// Softer is silence, dB.
const SILENCE_DB: f32 = -46.0;
/// A tone that is so much softer than all together is not one of its sounds, dB.
const BESIDE_DB: f32 = -15.0;
/// Tones are all there is if they make up so much of the power.
const SHARE: f32 = 0.7;
/// The two of the server's ringback, Hz.
const RINGBACK_HZ: [f32; 2] = [440.0, 480.0];

/// One of the tones of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The server's.
    Ringback,
    /// A party's.
    Of(Party),
}

impl Tone {
    const ALL: [Self; 4] =
        [Self::Ringback, Self::Of(Party::UserA), Self::Of(Party::AgentA), Self::Of(Party::AgentB)];
}

/// What sounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Neither tones nor hold music: a voice.
    Voice,
    /// The server's own.
    HoldMusic,
    /// These at once, and nothing beside them.
    Tones(Vec<Tone>),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tones = match self {
            Self::Voice => return f.write_str("a voice"),
            Self::HoldMusic => return f.write_str("hold music"),
            Self::Tones(tones) => tones,
        };
        let name = |tone: &Tone| match tone {
            Tone::Ringback => "ringback (440 + 480 Hz)".to_owned(),
            Tone::Of(party) => format!("{}'s tone ({} Hz)", party.name(), party.tone_hz()),
        };
        f.write_str(&tones.iter().map(name).collect::<Vec<_>>().join(" with "))
    }
}

/// One part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// What it is.
    pub(crate) what: What,
    /// From when, ms.
    pub(crate) from_ms: u32,
    /// How long, ms.
    pub(crate) ms: u32,
    /// How loud, dB of full scale.
    pub(crate) db: f32,
}

impl Part {
    /// When it is over, ms.
    pub(crate) fn until_ms(&self) -> u32 {
        self.from_ms + self.ms
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.1} s", self.what, f64::from(self.ms) / 1000.0)
    }
}

/// Parts as they are told.
pub(crate) fn list(parts: &[Part]) -> String {
    let words: Vec<_> = parts.iter().map(ToString::to_string).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// What there is to be heard in this, 8 kHz. Silence is left out.
pub(crate) fn parts(samples: &[i16], hearing: &Hearing) -> Vec<Part> {
    let mut parts: Vec<Run> = Vec::new();
    for run in runs(samples) {
        if run.tones.is_none() {
            continue;
        }
        match parts.last_mut() {
            Some(last) if last.tones == run.tones && run.from_ms - last.until_ms < PAUSE_MS => {
                last.until_ms = run.until_ms;
            }
            Some(_) | None if run.ms() >= SHORTEST_MS => parts.push(run),
            Some(_) | None => {}
        }
    }
    parts.into_iter().map(|run| run.named(samples, hearing)).collect()
}

/// Looks that see the same.
struct Run {
    /// None: silence. Empty: other sound than tones.
    tones: Option<Vec<Tone>>,
    from_ms: u32,
    until_ms: u32,
}

impl Run {
    fn ms(&self) -> u32 {
        self.until_ms - self.from_ms
    }

    fn named(self, samples: &[i16], hearing: &Hearing) -> Part {
        let at = |ms: u32| ms as usize * RATE_HZ as usize / 1000;
        let sound = samples.get(at(self.from_ms)..at(self.until_ms)).unwrap_or_default();
        let (from_ms, ms, db) = (self.from_ms, self.ms(), level(sound));
        let middle = sound.len() / 2;
        let look = sound.get(middle.saturating_sub(LOOK)..middle).unwrap_or_default();
        let what = match self.tones {
            Some(tones) if !tones.is_empty() => What::Tones(tones),
            Some(_) | None if hearing.name(look) == Sound::HoldMusic => What::HoldMusic,
            Some(_) | None => What::Voice,
        };
        Part { what, from_ms, ms, db }
    }
}

fn runs(samples: &[i16]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let step_ms = STEP as u32 * 1000 / RATE_HZ;
    // A look tells of the step in its middle.
    let mut from_ms = (WINDOW - STEP) as u32 / 2 * 1000 / RATE_HZ;
    for window in samples.windows(WINDOW).step_by(STEP) {
        let tones = tones(window);
        let until_ms = from_ms + step_ms;
        match runs.last_mut() {
            Some(last) if last.tones == tones => last.until_ms = until_ms,
            Some(_) | None => runs.push(Run { tones, from_ms, until_ms }),
        }
        from_ms = until_ms;
    }
    runs
}

/// The tones of a window; none: it is silent. Empty: they are not all of it.
fn tones(window: &[i16]) -> Option<Vec<Tone>> {
    let all = level(window);
    if all < SILENCE_DB {
        return None;
    }
    let mut explained = 0.0;
    let mut found = Vec::new();
    for tone in Tone::ALL {
        let of = |hz| tone_level(window, RATE_HZ, hz) - all;
        let levels = match tone {
            Tone::Ringback => RINGBACK_HZ.map(of).to_vec(),
            Tone::Of(party) => vec![of(f32::from(party.tone_hz()))],
        };
        if levels.iter().all(|db| *db > BESIDE_DB) {
            found.push(tone);
            explained += levels.iter().map(|db| 10.0_f32.powf(db / 10.0)).sum::<f32>();
        }
    }
    if explained < SHARE {
        found.clear();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use legwork_media::tone::{self, RingTone, babble};

    use super::*;

    fn sine(party: Party, ms: usize) -> Vec<i16> {
        tone::sine(party.tone_hz().into(), 8000.0, ms * 8)
    }

    fn mix(a: &[i16], b: &[i16]) -> Vec<i16> {
        a.iter().zip(b).map(|(a, b)| a.midpoint(*b)).collect()
    }

    #[test]
    fn a_story_in_its_parts() {
        let quiet = |ms: usize| vec![0; ms * 8];
        let ringback = RingTone::US.samples();
        let story = [
            quiet(300),
            babble::babble(16_000, 1),
            quiet(500),
            ringback[..8000].to_vec(),
            sine(Party::AgentA, 1200),
            tone::hold_music()[..4000].to_vec(),
            mix(&sine(Party::UserA, 800), &ringback[..6400]),
            mix(&sine(Party::UserA, 1500), &sine(Party::AgentB, 1500)),
            quiet(200),
        ]
        .concat();
        let parts = parts(&story, &Hearing::new());
        let whats: Vec<_> = parts.iter().map(|part| part.what.clone()).collect();
        let (user_a, agent_b) = (Tone::Of(Party::UserA), Tone::Of(Party::AgentB));
        let expected = [
            What::Voice,
            What::Tones(vec![Tone::Ringback]),
            What::Tones(vec![Tone::Of(Party::AgentA)]),
            What::HoldMusic,
            What::Tones(vec![Tone::Ringback, user_a]),
            What::Tones(vec![user_a, agent_b]),
        ];
        assert_eq!(whats, expected, "{}", list(&parts));
        for (part, ms) in parts.iter().zip([2000, 1000, 1200, 500, 800, 1500]) {
            assert!(part.ms.abs_diff(ms) <= 200, "{part} {ms}");
        }
        assert!((parts[2].db + 15.3).abs() < 0.5, "{}", parts[2].db);
        assert_eq!(list(&parts[2..3]), "AgentA's tone (812 Hz) 1.2 s");
    }

    #[test]
    fn silence_has_no_parts() {
        let hearing = Hearing::new();
        for silence in [vec![], vec![0; 10], vec![5; 8000]] {
            assert_eq!(parts(&silence, &hearing), []);
        }
        assert_eq!(list(&[]), "nothing");
    }
}
