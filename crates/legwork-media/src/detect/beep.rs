//! A steady tone: a machine's beep, a fax.
//!
//! Not here: what it means (`detect::machine`), keys (`detect::keys`).

use std::f32::consts::{PI, TAU};

use super::{FRAME, power};

/// Softer than this, −45 dB of full scale, is not looked at; mean square.
const SOFTEST: f32 = 184.0 * 184.0;
/// A tone has this share of the power at one frequency.
const SHARE: f32 = 0.9;
/// A steady one stays so near its first frequency, Hz.
const DRIFT: f32 = 15.0;
/// And its power within such a ratio: 4 dB.
const SWELL: f32 = 2.5;

/// A tone that sounds now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tone {
    /// Its frequency, ±5 Hz.
    pub(super) hz: f32,
    /// For how long it has been steady, frames: at least 1.
    pub(super) frames: u32,
    power: f32,
}

/// Follows the tone of one leg.
#[derive(Debug)]
pub(super) struct Tones {
    window: [f32; FRAME],
    now: Option<Tone>,
}

impl Default for Tones {
    fn default() -> Self {
        Self { window: hann(), now: None }
    }
}

impl Tones {
    /// The next 20 ms: the tone that sounds in it.
    pub(super) fn hear(&mut self, samples: &[f32; FRAME]) -> Option<Tone> {
        let power = power(samples);
        let hz = (power > SOFTEST).then(|| self.frequency(samples)).flatten();
        self.now = hz.map(|hz| {
            let same = |old: &Tone| {
                let ratio = power / old.power;
                (old.hz - hz).abs() < DRIFT && (SWELL.recip()..SWELL).contains(&ratio)
            };
            let first = Tone { hz, frames: 0, power };
            let old = self.now.filter(same).unwrap_or(first);
            Tone { frames: old.frames.saturating_add(1), ..old }
        });
        self.now
    }

    /// The frequency of a tone, if it is one. A tone is foretold by x(n) = c·x(n−1) − x(n−2), with
    /// c = 2·cos ω; the c that fits best is tried.
    fn frequency(&self, samples: &[f32; FRAME]) -> Option<f32> {
        let (mut product, mut square) = (0.0_f32, 0.0_f32);
        for window in samples.windows(3) {
            let [before, sample, next] = *window else { continue };
            product += (before + next) * sample;
            square += sample * sample;
        }
        let half = product / (2.0 * square);
        if !(-1.0..=1.0).contains(&half) {
            return None;
        }
        let turn = half.acos();
        let windowed = windowed(samples, &self.window);
        let total: f32 = windowed.iter().map(|sample| sample * sample).sum();
        let (re, im) = fourier(&windowed, turn);
        let share = 3.0 * (re * re + im * im) / (FRAME as f32 * total);
        (share > SHARE).then_some(turn / TAU * 8000.0)
    }
}

/// The Hann window of a frame.
pub(super) fn hann() -> [f32; FRAME] {
    std::array::from_fn(|n| (PI * (n as f32 + 0.5) / FRAME as f32).sin().powi(2))
}

/// A frame, windowed.
pub(super) fn windowed(samples: &[f32; FRAME], window: &[f32; FRAME]) -> [f32; FRAME] {
    let mut windowed = *samples;
    for (sample, weight) in windowed.iter_mut().zip(window) {
        *sample *= weight;
    }
    windowed
}

/// The Fourier sum at one frequency, `turn` per sample, by Goertzel: turned by as much for every
/// frame, so the turn between two frames is right.
pub(super) fn fourier(samples: &[f32; FRAME], turn: f32) -> (f32, f32) {
    let (sin, cos) = turn.sin_cos();
    let (mut one, mut two) = (0.0_f32, 0.0_f32);
    for sample in samples {
        let next = sample + 2.0 * cos * one - two;
        (one, two) = (next, one);
    }
    (one - cos * two, sin * two)
}
