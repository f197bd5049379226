//! Sound judged as sound: how loud, which frequency, clicks and gaps.
//!
//! Not here: naming what is heard (`tone::heard`). Used by tests and by the demo.

use std::f32::consts::{PI, TAU};

use crate::tone;

/// What silence measures, dB.
pub const SILENCE_DB: f32 = -100.0;

/// Below this root mean square it is a gap: −50 dB of full scale.
const GAP_RMS: f32 = 100.0;

/// Gaps are looked for in pieces of so many parts of a second: 5 ms.
const PIECES_A_SECOND: u32 = 200;

/// How loud it is: root mean square, dB of a full-scale square wave; −100 for silence.
pub fn level(samples: &[i16]) -> f32 {
    decibels(tone::rms(samples))
}

/// How loud one frequency in it is, in the measure of `level`; right for tones that last.
pub fn tone_level(samples: &[i16], rate_hz: u32, hz: f32) -> f32 {
    decibels((power(samples, rate_hz, hz)).sqrt())
}

/// Its loudest frequency from 50 Hz on, Hz; of a tone of 100 ms within 1 Hz. None: it is silent.
pub fn frequency(samples: &[i16], rate_hz: u32) -> Option<f32> {
    let seconds = samples.len() as f32 / rate_hz as f32;
    let n_steps = samples.len() as u32;
    if tone::rms(samples) < 1.0 {
        return None;
    }
    // Half as far apart as two tones must be to be told apart.
    let coarse = (0..n_steps).map(|n| n as f32 / (2.0 * seconds));
    let near = loudest(samples, rate_hz, coarse.filter(|hz| *hz >= 50.0))?;
    let fine = (-50..=50_i16).map(|n| near + f32::from(n) / (100.0 * seconds));
    loudest(samples, rate_hz, fine)
}

/// The largest jump in it that a tone of this frequency does not explain, in samples' units: what
/// each sample differs by from where the two before it lead. Noise counts up to four times its
/// peak.
pub fn click(samples: &[i16], rate_hz: u32, hz: f32) -> f32 {
    let turn = 2.0 * (TAU * hz / rate_hz as f32).cos();
    let triples = samples.windows(3).filter_map(<[i16]>::first_chunk);
    let misses = triples.map(|[a, b, c]| f32::from(*c) - turn * f32::from(*b) + f32::from(*a));
    misses.fold(0.0, |most: f32, miss| most.max(miss.abs()))
}

/// The longest silence in it, ms, to the next lower 5.
pub fn longest_gap(samples: &[i16], rate_hz: u32) -> u32 {
    let (mut longest, mut lasts) = (0, 0);
    for piece in samples.chunks((rate_hz / PIECES_A_SECOND).max(1) as usize) {
        lasts = if tone::rms(piece) < GAP_RMS { lasts + 1 } else { 0 };
        longest = longest.max(lasts);
    }
    longest * 1000 / PIECES_A_SECOND
}

fn decibels(rms: f32) -> f32 {
    (20.0 * (rms / 32_767.0).log10()).max(SILENCE_DB)
}

fn loudest(samples: &[i16], rate_hz: u32, all: impl Iterator<Item = f32>) -> Option<f32> {
    let measured = all.map(|hz| (hz, power(samples, rate_hz, hz)));
    measured.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(hz, _)| hz)
}

/// Mean square of one frequency. A Hann window keeps what is around it out.
fn power(samples: &[i16], rate_hz: u32, hz: f32) -> f32 {
    let (step, length) = (f64::from(TAU * hz / rate_hz as f32), samples.len().max(1) as f32);
    let (mut real, mut imaginary) = (0.0_f32, 0.0_f32);
    for (n, &sample) in samples.iter().enumerate() {
        let window = 2.0 * (PI * (n as f32 + 0.5) / length).sin().powi(2);
        // Far into a sound an angle needs more digits.
        let (sin, cos) = ((n as f64 * step) % f64::from(TAU)).sin_cos();
        real += window * f32::from(sample) * cos as f32;
        imaginary += window * f32::from(sample) * sin as f32;
    }
    2.0 * (real * real + imaginary * imaginary) / (length * length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tones_level_and_frequency() {
        for (hz, peak) in [(440.0, 8000.0_f32), (1000.0, 300.0), (3000.0, 30_000.0)] {
            let sound = tone::sine(hz, peak, 1600);
            let want = 20.0 * (peak / 2.0_f32.sqrt() / 32_767.0).log10();
            assert!((level(&sound) - want).abs() < 0.1, "{hz}");
            assert!((tone_level(&sound, 8000, hz) - want).abs() < 0.1, "{hz}");
            assert!(tone_level(&sound, 8000, hz + 200.0) < want - 50.0, "{hz}");
            let got = frequency(&sound, 8000).unwrap();
            assert!((got - hz).abs() < 1.0, "{hz}: {got}");
        }
        assert_eq!(level(&[0; 100]), SILENCE_DB);
        assert_eq!(level(&[]), SILENCE_DB);
        assert_eq!(frequency(&[0; 100], 8000), None);
        assert_eq!(frequency(&[], 8000), None);
    }

    #[test]
    fn a_click_in_a_tone() {
        let mut sound = tone::sine(440.0, 8000.0, 1600);
        assert!(click(&sound, 8000, 440.0) < 5.0);
        sound[800] += 500;
        assert!(click(&sound, 8000, 440.0) > 500.0);
        // Ten samples are missing.
        let mut sound = tone::sine(440.0, 8000.0, 1600);
        sound.drain(800..810);
        assert!(click(&sound, 8000, 440.0) > 2000.0);
    }

    #[test]
    fn a_gap_in_a_tone() {
        let mut sound = tone::sine(440.0, 8000.0, 1600);
        assert_eq!(longest_gap(&sound, 8000), 0);
        sound[400..720].fill(0);
        assert_eq!(longest_gap(&sound, 8000), 40);
    }
}
