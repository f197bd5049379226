//! Other sample rates to 8 kHz.
//!
//! Not here: files (`wav`).
//! Source: windowed-sinc interpolation, a polyphase filter with a Blackman window.

use std::f64::consts::{PI, TAU};

use crate::tone::RATE_HZ;

/// What is converted from.
pub const RATES_HZ: [u32; 9] =
    [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// Highest frequency kept whole; from 4000 Hz on little is left.
const CUTOFF_HZ: f64 = 3600.0;

/// Zero crossings of the sinc on either side: its reach.
const CROSSINGS: f64 = 24.0;

/// A sound at 8 kHz. Of a rate that is not one of `RATES_HZ` nothing is left.
pub fn to_8k(rate_hz: u32, samples: Vec<i16>) -> Vec<i16> {
    if rate_hz == RATE_HZ {
        return samples;
    }
    if !RATES_HZ.contains(&rate_hz) {
        return Vec::new();
    }
    let divisor = gcd(rate_hz, RATE_HZ);
    // Output sample n lies at input position n * step / n_phases.
    let (n_phases, step) = ((RATE_HZ / divisor) as usize, (rate_hz / divisor) as usize);
    let cutoff = CUTOFF_HZ / f64::from(rate_hz);
    let reach = (CROSSINGS / (2.0 * cutoff)).ceil() as usize;
    let phases: Vec<Vec<f32>> =
        (0..n_phases).map(|phase| taps(cutoff, reach, phase as f64 / n_phases as f64)).collect();
    // Silence on both sides spares every sample the question where it is.
    let mut padded = vec![0.0; reach];
    padded.extend(samples.iter().map(|&sample| f32::from(sample)));
    padded.resize(samples.len() + 2 * reach + 1, 0.0);
    let n_out = samples.len() * n_phases / step;
    let out = (0..n_out).map(|n| {
        let position = n * step;
        let taps = phases.get(position % n_phases).map(Vec::as_slice).unwrap_or_default();
        let window = padded.get(position / n_phases..).unwrap_or_default();
        let sum: f32 = taps.iter().zip(window).map(|(tap, sample)| tap * sample).sum();
        sum.round() as i16
    });
    out.collect()
}

/// The filter for outputs that lie this part of a sample behind an input, 0 to 1.
fn taps(cutoff: f64, reach: usize, fraction: f64) -> Vec<f32> {
    let reach = reach as f64;
    let tap = |n: usize| {
        let x = n as f64 - reach - fraction;
        let sinc = if x == 0.0 { 2.0 * cutoff } else { (TAU * cutoff * x).sin() / (PI * x) };
        let phase = PI * x / (reach + 1.0);
        sinc * (0.42 + 0.5 * phase.cos() + 0.08 * (2.0 * phase).cos())
    };
    let taps: Vec<f64> = (0..=2 * reach as usize + 1).map(tap).collect();
    // The window shaves a little off; a constant shall stay what it is.
    let sum: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| (tap / sum) as f32).collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_and_lengths_are_kept() {
        for rate_hz in RATES_HZ {
            let samples = to_8k(rate_hz, vec![5000; rate_hz as usize]);
            assert_eq!(samples.len(), 8000);
            assert!(samples[100..7900].iter().all(|s| s.abs_diff(5000) <= 20), "{rate_hz}");
        }
        assert_eq!(to_8k(48_000, vec![]), []);
        assert_eq!(to_8k(7, vec![1, 2, 3]), []);
    }
}
