//! G.722 at 64 kbit/s: two bands of 4 kHz, each with a predictor that follows the sound.
//!
//! Not here: payloads that are lost (`conceal`), other rates (`resample`).
//! Source: ITU-T G.722 (11/1988), mode 1; names of blocks and tables are the recommendation's.

mod band;

use band::{High, Low};

/// One half of the filter that splits and joins the bands (table 11); its sum is 4096.
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// Pairs of samples that one output of the filter needs beside the newest.
const PAST: usize = QMF.len() - 1;

/// Pairs of samples handled at a time: 20 ms.
const PIECE: usize = 160;

/// Sound at 16 kHz to payloads.
#[derive(Clone, Debug, Default)]
pub(super) struct Encoder {
    low: Low,
    high: High,
    even: [i16; PAST],
    odd: [i16; PAST],
}

impl Encoder {
    /// The next samples: one byte for each two. What `payload` has no room for is not encoded.
    /// Gives the number of bytes.
    pub(super) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let pairs = samples.as_chunks::<2>().0;
        for (pairs, bytes) in pairs.chunks(PIECE).zip(payload.chunks_mut(PIECE)) {
            let (mut evens, mut odds) = ([0; PAST + PIECE], [0; PAST + PIECE]);
            fill(&mut evens, &self.even, pairs.iter().map(|[even, _]| *even));
            fill(&mut odds, &self.odd, pairs.iter().map(|[_, odd]| *odd));
            let windows = evens.windows(QMF.len()).zip(odds.windows(QMF.len()));
            for (byte, (evens, odds)) in bytes.iter_mut().zip(windows).take(pairs.len()) {
                let (even, odd) = (filtered(evens.iter()), filtered(odds.iter().rev()));
                let low = self.low.encode((odd + even) >> 14);
                let high = self.high.encode((odd - even) >> 14);
                *byte = (high << 6) | low;
            }
            keep(&mut self.even, &evens, pairs.len());
            keep(&mut self.odd, &odds, pairs.len());
        }
        pairs.len().min(payload.len())
    }
}

/// Payloads to sound at 16 kHz.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoder {
    low: Low,
    high: High,
    sums: [i16; PAST],
    differences: [i16; PAST],
}

impl Decoder {
    /// The next bytes: two samples for each. What `samples` has no room for is not decoded. Gives
    /// the number of samples.
    pub(super) fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        let pairs = samples.as_chunks_mut::<2>().0;
        let n_pairs = pairs.len().min(payload.len());
        for (pairs, bytes) in pairs.chunks_mut(PIECE).zip(payload.chunks(PIECE)) {
            let (mut sums, mut differences) = ([0; PAST + PIECE], [0; PAST + PIECE]);
            let bands = bytes.iter().take(pairs.len()).map(|byte| {
                let low = self.low.decode(byte & 0x3f);
                let high = self.high.decode(byte >> 6);
                // Both have 15 bits: it fits.
                ((low + high) as i16, (low - high) as i16)
            });
            let mut lines = (&mut sums, &mut differences);
            fill_both(&mut lines, (&self.sums, &self.differences), bands);
            let windows = sums.windows(QMF.len()).zip(differences.windows(QMF.len()));
            for ([even, odd], (sums, differences)) in pairs.iter_mut().zip(windows) {
                *even = saturated(filtered(differences.iter().rev()) >> 11);
                *odd = saturated(filtered(sums.iter()) >> 11);
            }
            let n_new = bytes.len().min(pairs.len());
            keep(&mut self.sums, &sums, n_new);
            keep(&mut self.differences, &differences, n_new);
        }
        2 * n_pairs
    }
}

type Line = [i16; PAST + PIECE];

/// The past, then what is new.
fn fill(line: &mut Line, past: &[i16; PAST], new: impl Iterator<Item = i16>) {
    for (to, from) in line.iter_mut().zip(past.iter().copied().chain(new)) {
        *to = from;
    }
}

/// The same of two lines at once.
fn fill_both(
    (one, two): &mut (&mut Line, &mut Line),
    (past_one, past_two): (&[i16; PAST], &[i16; PAST]),
    new: impl Iterator<Item = (i16, i16)>,
) {
    let past = past_one.iter().copied().zip(past_two.iter().copied());
    for ((one, two), (a, b)) in one.iter_mut().zip(two.iter_mut()).zip(past.chain(new)) {
        (*one, *two) = (a, b);
    }
}

/// The past of what comes behind `n_new` more pairs.
fn keep(past: &mut [i16; PAST], line: &Line, n_new: usize) {
    if let Some(last) = line.get(n_new..).and_then(<[i16]>::first_chunk) {
        *past = *last;
    }
}

fn filtered<'a>(window: impl Iterator<Item = &'a i16>) -> i32 {
    QMF.iter().zip(window).map(|(tap, sample)| tap * i32::from(*sample)).sum()
}

fn saturated(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests;
