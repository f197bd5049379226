//! Other sample rates to 8 and 16 kHz: whole sounds, and sounds that come in pieces.
//!
//! Not here: 8 to 16 kHz and back on the way through (`half_band`), files (`wav`).
//! Source: windowed-sinc interpolation, a polyphase filter with a Blackman window.

mod half_band;

use std::f64::consts::{PI, TAU};

pub use half_band::{Doubler, Fit, Halver};

use crate::sound::Rate;

/// What is converted from.
pub const RATES_HZ: [u32; 9] =
    [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/// Highest frequency kept whole, as a part of the lower of both rates: of 8 kHz, 3600 Hz, and from
/// 4000 Hz on little is left.
const CUTOFF: f64 = 0.45;

/// Zero crossings of the sinc on either side: its reach.
const CROSSINGS: f64 = 24.0;

/// A sound at 8 kHz. Of a rate that is not one of `RATES_HZ` nothing is left.
pub fn to_8k(rate_hz: u32, samples: Vec<i16>) -> Vec<i16> {
    to(Rate::Narrow, rate_hz, samples)
}

/// A sound of so many samples a second, at this rate. Of a rate that is not one of `RATES_HZ`
/// nothing is left.
pub fn to(rate: Rate, rate_hz: u32, samples: Vec<i16>) -> Vec<i16> {
    if rate_hz == rate.hz() {
        return samples;
    }
    let Some(mut importer) = Importer::new(rate_hz, rate) else { return Vec::new() };
    let mut out = Vec::with_capacity(importer.len_of(samples.len()));
    importer.push(&samples, &mut out);
    importer.finish(&mut out);
    out
}

/// Brings a sound that comes in pieces to our rate; however it is cut, it comes out the same.
///
/// Up to 150 kB, for its filters.
#[derive(Clone, Debug)]
pub struct Importer {
    /// Filters by how far behind an input an output lies; none: the rate is ours already.
    phases: Vec<Vec<f32>>,
    /// Output n lies at input `n * step / phases.len()`.
    step: usize,
    /// Inputs on either side of an output that it depends on.
    reach: usize,
    /// Inputs not done with, and before them the silence before the first.
    line: Vec<f32>,
    /// Where in the line the next output's filter begins, and its phase.
    place: usize,
    phase: usize,
    n_in: usize,
    n_out: usize,
}

impl Importer {
    /// From so many samples a second to this rate. None: it is not one of `RATES_HZ`.
    pub fn new(from_hz: u32, rate: Rate) -> Option<Self> {
        if !RATES_HZ.contains(&from_hz) {
            return None;
        }
        let divisor = gcd(from_hz, rate.hz());
        let (n_phases, step) = ((rate.hz() / divisor) as usize, (from_hz / divisor) as usize);
        let cutoff = CUTOFF * f64::from(from_hz.min(rate.hz())) / f64::from(from_hz);
        let is_ours = from_hz == rate.hz();
        let reach = if is_ours { 0 } else { (CROSSINGS / (2.0 * cutoff)).ceil() as usize };
        let fraction = |phase| phase as f64 / n_phases as f64;
        let phases = if is_ours { 0..0 } else { 0..n_phases };
        Some(Self {
            phases: phases.map(|phase| taps(cutoff, reach, fraction(phase))).collect(),
            step,
            reach,
            line: vec![0.0; reach],
            place: 0,
            phase: 0,
            n_in: 0,
            n_out: 0,
        })
    }

    /// The next piece; what of it can be said already is added to `out`.
    pub fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        if self.phases.is_empty() {
            return out.extend_from_slice(samples);
        }
        self.n_in += samples.len();
        self.line.extend(samples.iter().map(|&sample| f32::from(sample)));
        self.run(usize::MAX, out);
    }

    /// There is nothing more: the end of the sound, and the importer is new again.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        let left = self.len_of(self.n_in).saturating_sub(self.n_out);
        // Silence behind the end stands for what the last filters look forward to.
        let n_ahead = if self.phases.is_empty() { 0 } else { self.reach + 2 };
        self.line.resize(self.line.len() + n_ahead, 0.0);
        self.run(left, out);
        self.line.clear();
        self.line.resize(self.reach, 0.0);
        (self.place, self.phase, self.n_in, self.n_out) = (0, 0, 0, 0);
    }

    /// Samples that so many become.
    fn len_of(&self, n_samples: usize) -> usize {
        n_samples * self.phases.len() / self.step
    }

    fn run(&mut self, most: usize, out: &mut Vec<i16>) {
        let mut n_left = most;
        while n_left > 0 {
            let Some(taps) = self.phases.get(self.phase) else { break };
            let Some(window) = self.line.get(self.place..self.place + taps.len()) else { break };
            let sum: f32 = taps.iter().zip(window).map(|(tap, sample)| tap * sample).sum();
            out.push(sum.round() as i16);
            self.phase += self.step;
            self.place += self.phase / self.phases.len();
            self.phase %= self.phases.len();
            self.n_out += 1;
            n_left -= 1;
        }
        let done = self.place.min(self.line.len());
        self.line.drain(..done);
        self.place -= done;
    }
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
mod tests;
