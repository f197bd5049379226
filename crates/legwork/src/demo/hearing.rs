//! What a piece of sound is, in the words of the story.
//!
//! Not here: decoding RTP (`legwork_media::ear`), tones by calculation (`legwork_media::tone`).

use std::fmt;

use legwork_media::tone::{self, Heard};

use crate::demo::contract::Party;

/// As much sound as is listened to, ms.
pub(crate) const WINDOW_MS: u32 = 160;
/// As much of it as is looked for in the hold music, samples.
const SNIPPET: usize = 400;
/// Tones are found within so many Hz.
const NEAR_HZ: u16 = 5;
/// The hold music is recognised when this alike; 1 is the same.
const ALIKE: f32 = 0.9;

/// What a party hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// It is not connected, and no sound comes.
    Gone,
    /// It is in a call from which no packet comes.
    Nothing,
    /// Packets of silence: the leg is kept alive.
    Silence,
    /// The server's own.
    HoldMusic,
    /// The server's own.
    Ringback,
    /// Another party's tone, and nothing beside it.
    Tone(Party),
    /// Anything else.
    Other(String),
}

impl fmt::Display for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("is not connected"),
            Self::Nothing => f.write_str("hears nothing, no packet comes"),
            Self::Silence => f.write_str("hears silence"),
            Self::HoldMusic => f.write_str("hears hold music"),
            Self::Ringback => f.write_str("hears ringback (440 + 480 Hz)"),
            Self::Tone(of) => write!(f, "hears {}'s tone ({} Hz)", of.name(), of.tone_hz()),
            Self::Other(what) => write!(f, "hears {what}"),
        }
    }
}

/// Knows the sounds of the story.
pub(crate) struct Hearing {
    hold_music: Vec<f32>,
}

impl Hearing {
    /// With the hold music in its ear.
    pub(crate) fn new() -> Self {
        let music = tone::hold_music();
        let seam = music.iter().take(SNIPPET);
        Self { hold_music: music.iter().chain(seam).map(|sample| f32::from(*sample)).collect() }
    }

    /// What this is; 8 kHz, at least 100 ms.
    pub(crate) fn name(&self, samples: &[i16]) -> Sound {
        let hz = match tone::heard(samples) {
            Heard::Silence => return Sound::Silence,
            Heard::Ringback => return Sound::Ringback,
            Heard::Tone(hz) => Some(hz),
            Heard::Other => None,
        };
        let speaks = |party: &Party| hz.is_some_and(|hz| party.tone_hz().abs_diff(hz) <= NEAR_HZ);
        if let Some(party) = Party::ALL.into_iter().find(speaks) {
            return Sound::Tone(party);
        }
        if self.is_hold_music(samples) {
            return Sound::HoldMusic;
        }
        Sound::Other(
            hz.map_or_else(|| "several sounds".to_owned(), |hz| format!("a tone of {hz} Hz")),
        )
    }

    /// The newest samples stand somewhere in the hold music.
    fn is_hold_music(&self, samples: &[i16]) -> bool {
        let start = samples.len().saturating_sub(SNIPPET);
        let snippet: Vec<f32> =
            samples.iter().skip(start).map(|sample| f32::from(*sample)).collect();
        let own = dot(&snippet, &snippet);
        // Its highest note lasts 8 samples: every second place is near enough.
        self.hold_music.windows(snippet.len().max(1)).step_by(2).any(|place| {
            let both = dot(place, &snippet);
            both > 0.0 && both * both > ALIKE * ALIKE * own * dot(place, place)
        })
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_of_the_story_is_known() {
        let hearing = Hearing::new();
        let tone = |hz| tone::sine(hz, 8000.0, 1280);
        let mix = |a: Vec<i16>, b: Vec<i16>| a.iter().zip(b).map(|(a, b)| a + b).collect();
        let music = tone::hold_music();
        let table: Vec<(&str, Vec<i16>, Sound)> = vec![
            ("UserA", tone(1012.0), Sound::Tone(Party::UserA)),
            ("AgentA", tone(812.0), Sound::Tone(Party::AgentA)),
            ("AgentB", tone(612.0), Sound::Tone(Party::AgentB)),
            ("two of them", mix(tone(612.0), tone(812.0)), Sound::Other("several sounds".into())),
            ("a stranger", tone(700.0), Sound::Other("a tone of 700 Hz".into())),
            ("nobody", vec![0; 1280], Sound::Silence),
            ("ringback", tone::RingTone::US.samples()[..1280].to_vec(), Sound::Ringback),
            ("music", music[20_001..21_281].to_vec(), Sound::HoldMusic),
            ("its seam", [&music[63_000..], &music[..280]].concat(), Sound::HoldMusic),
            (
                "music and AgentA",
                mix(music[..1280].to_vec(), tone(812.0)),
                Sound::Tone(Party::AgentA),
            ),
        ];
        for (what, samples, sound) in table {
            assert_eq!(hearing.name(&samples), sound, "{what}");
        }
    }
}
