//! What sounds like speech and says nothing: for tests and the demo.
//!
//! A voice of 100 to 140 Hz through two formants, syllable by syllable, some of them hissed, with
//! short pauses between words.
//! Not here: speech (crate `legwork`, `speech`).

use std::f32::consts::{PI, TAU};

use super::RATE_HZ;

/// Formants of some vowels, Hz.
const VOWELS: [(f32, f32); 5] =
    [(730.0, 1090.0), (530.0, 1840.0), (390.0, 1990.0), (570.0, 840.0), (440.0, 1020.0)];
/// Samples of a syllable: 180 ms, of which the first 40 may hiss.
const SYLLABLE: usize = RATE_HZ as usize * 180 / 1000;
const HISS: usize = RATE_HZ as usize * 40 / 1000;
/// Samples of a pause: 100 ms, after every third syllable.
const PAUSE: usize = RATE_HZ as usize / 10;
/// Peak of a syllable, about.
const LEVEL: f32 = 9000.0;

/// So many samples of it at 8 kHz. The same seed gives the same.
pub fn babble(n_samples: usize, seed: u32) -> Vec<i16> {
    let mut dice = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut roll = move || {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        dice >> 16
    };
    let mut samples = Vec::with_capacity(n_samples + SYLLABLE + PAUSE);
    let mut n_syllables = 0;
    while samples.len() < n_samples {
        let vowel = VOWELS.get(roll() as usize % VOWELS.len()).copied().unwrap_or_default();
        let pitch = 100.0 + (roll() % 40) as f32;
        syllable(&mut samples, vowel, pitch, roll() % 3 == 0, &mut roll);
        n_syllables += 1;
        if n_syllables % 3 == 0 {
            samples.resize(samples.len() + PAUSE, 0);
        }
    }
    samples.truncate(n_samples);
    samples
}

/// One syllable: pulses of the voice, each ringing in both formants.
fn syllable(
    samples: &mut Vec<i16>,
    (first, second): (f32, f32),
    pitch: f32,
    hisses: bool,
    roll: &mut impl FnMut() -> u32,
) {
    let rate = RATE_HZ as f32;
    let mut since = 0.0_f32;
    for n in 0..SYLLABLE {
        let swell = (PI * n as f32 / SYLLABLE as f32).sin();
        // The pitch falls by a tenth: no syllable is a steady tone.
        let pitch = pitch * (1.05 - 0.1 * n as f32 / SYLLABLE as f32);
        since = (since + 1.0) % (rate / pitch);
        let time = since / rate;
        let ring = |hz: f32, damp: f32| (TAU * hz * time).sin() * (-time * damp).exp();
        let voice = ring(first, 250.0) + 0.5 * ring(second, 350.0) + 0.3 * ring(pitch, 60.0);
        let noise = 0.3 * (roll() as f32 / 32_768.0 - 1.0);
        let sound = if hisses && n < HISS { noise } else { voice };
        samples.push((LEVEL * swell * sound) as i16);
    }
}
