//! 8 kHz to 16 kHz and back, as the sound comes.
//!
//! Not here: other rates, whole sounds (`resample`).
//! Source: half-band filter, a windowed sinc with a Kaiser window (β = 7): flat to 3.5 kHz, 6 dB
//! down at 4 kHz, 70 dB from 4.6 kHz on. Delays by 2 ms.

use crate::sound::{FRAME_MAX, Frame, Rate};

/// Taps of one of the two phases; the other phase is a delay.
const TAPS: usize = 32;

/// One half of the filter from its middle outwards, for the doubled rate; 1 is `1 << SHIFT`.
const HALF: [i16; TAPS / 2] =
    [10_398, -3379, 1927, -1274, 893, -640, 460, -328, 230, -157, 103, -65, 39, -21, 10, -4];

const SHIFT: u32 = 14;

const FILTER: [i16; TAPS] = mirrored();

/// Samples at 8 kHz that are handled at a time.
const PIECE: usize = FRAME_MAX / 2;

/// What of the past the filter needs.
const PAST: usize = TAPS - 1;

#[expect(clippy::indexing_slicing, reason = "both lengths are constants, when compiling")]
const fn mirrored() -> [i16; TAPS] {
    let mut filter = [0; TAPS];
    let mut n = 0;
    while n < TAPS / 2 {
        filter[TAPS / 2 + n] = HALF[n];
        filter[TAPS / 2 - 1 - n] = HALF[n];
        n += 1;
    }
    filter
}

/// From 8 to 16 kHz: 62 bytes of state.
#[derive(Clone, Debug)]
pub struct Doubler {
    past: [i16; PAST],
}

/// From 16 to 8 kHz: 124 bytes of state.
#[derive(Clone, Debug)]
pub struct Halver {
    even: [i16; PAST],
    odd: [i16; PAST],
}

impl Default for Doubler {
    fn default() -> Self {
        Self { past: [0; PAST] }
    }
}

impl Default for Halver {
    fn default() -> Self {
        Self { even: [0; PAST], odd: [0; PAST] }
    }
}

impl Doubler {
    /// The next samples, twice as many of them; what `wide` has no room for is lost.
    pub fn push(&mut self, narrow: &[i16], wide: &mut [i16]) {
        for (narrow, wide) in narrow.chunks(PIECE).zip(wide.chunks_mut(2 * PIECE)) {
            let mut line = [0; PAST + PIECE];
            fill(&mut line, &self.past, narrow.iter().copied());
            for (pair, window) in wide.chunks_exact_mut(2).zip(line.windows(TAPS)) {
                if let ([even, odd], Some(window)) = (pair, window.first_chunk()) {
                    *even = window[TAPS / 2 - 1];
                    *odd = rounded(filtered(window), SHIFT);
                }
            }
            keep(&mut self.past, &line, narrow.len());
        }
    }
}

impl Halver {
    /// The next samples, half as many of them; an odd one at the end, and what `narrow` has no
    /// room for, is lost.
    pub fn push(&mut self, wide: &[i16], narrow: &mut [i16]) {
        for (wide, narrow) in wide.chunks(2 * PIECE).zip(narrow.chunks_mut(PIECE)) {
            let (mut evens, mut odds) = ([0; PAST + PIECE], [0; PAST + PIECE]);
            let pairs = wide.as_chunks::<2>().0;
            fill(&mut evens, &self.even, pairs.iter().map(|[even, _]| *even));
            fill(&mut odds, &self.odd, pairs.iter().map(|[_, odd]| *odd));
            let middles = evens.iter().skip(TAPS / 2);
            for ((sample, window), middle) in narrow.iter_mut().zip(odds.windows(TAPS)).zip(middles)
            {
                if let Some(window) = window.first_chunk() {
                    let middle = i32::from(*middle) << SHIFT;
                    *sample = rounded(filtered(window) + middle, SHIFT + 1);
                }
            }
            keep(&mut self.even, &evens, pairs.len());
            keep(&mut self.odd, &odds, pairs.len());
        }
    }
}

/// Frames of either rate to one rate or the other: 188 bytes of state.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    doubler: Doubler,
    halver: Halver,
    /// Something is left in one of them.
    is_used: bool,
}

impl Fit {
    /// The next frame at this rate. One that has it already is given back as it is.
    pub fn fit(&mut self, frame: &Frame, rate: Rate) -> Frame {
        let mut fitted = Frame::silent(rate);
        match (frame.rate(), rate) {
            (Rate::Narrow, Rate::Wide) => self.doubler.push(frame.samples(), fitted.samples_mut()),
            (Rate::Wide, Rate::Narrow) => self.halver.push(frame.samples(), fitted.samples_mut()),
            (Rate::Narrow, Rate::Narrow) | (Rate::Wide, Rate::Wide) => {
                // What is left is not to be heard again behind this one.
                if self.is_used {
                    *self = Self::default();
                }
                return *frame;
            }
        }
        self.is_used = true;
        fitted
    }
}

/// The past, then what is new.
fn fill(line: &mut [i16], past: &[i16; PAST], new: impl Iterator<Item = i16>) {
    for (to, from) in line.iter_mut().zip(past.iter().copied().chain(new)) {
        *to = from;
    }
}

/// The past of what comes behind `n_new` more samples.
fn keep(past: &mut [i16; PAST], line: &[i16], n_new: usize) {
    if let Some(last) = line.get(n_new..).and_then(<[i16]>::first_chunk) {
        *past = *last;
    }
}

/// At most 1.22 × 2³⁰ of either sign; with a middle sample of the same scale still below 2³¹.
fn filtered(window: &[i16; TAPS]) -> i32 {
    FILTER.iter().zip(window).map(|(tap, sample)| i32::from(*tap) * i32::from(*sample)).sum()
}

fn rounded(sum: i32, shift: u32) -> i16 {
    let rounded = (sum + (1 << (shift - 1))) >> shift;
    rounded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}
