//! Recordings: what a phone heard, in the order it heard it; and tones to speak.
//!
//! Not here: the phone that records (`baresip`), hearing one piece (`legwork_media::tone`).
//! Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF WAVE).

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use legwork_media::tone::{self, Heard, RATE_HZ};
use legwork_media::{Rate, measure, resample};

use crate::server::{PATIENCE, until};

/// So long a piece of sound is named.
const PIECE: usize = RATE_HZ as usize / 5;

/// A tone that lasts longer than any test.
pub(crate) fn tone_file(hz: u16, seconds: usize) -> Vec<u8> {
    let samples = tone::sine(f32::from(hz), 8000.0, seconds * RATE_HZ as usize);
    legwork_media::wav::encode(RATE_HZ, &samples)
}

/// How loud it is, dB: a sine with a peak of 8000.
const LEVEL_DB: f32 = -15.3;

/// So long is a header of one format and nothing else.
const HEADER: usize = 44;
/// Where such a header says how many samples there are in a second.
const SAYS_RATE: Range<usize> = 24..28;

/// What somebody has recorded, as it stands in the file.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    rate_hz: u32,
    samples: Vec<i16>,
}

impl Recording {
    /// A 16-bit WAV file of one channel that may still be written: its header may not know its length yet, or be
    /// left blank until the end, and then it is of this rate.
    pub(crate) fn read(path: &Path, else_hz: u32) -> Self {
        let file = std::fs::read(path).unwrap_or_default();
        let header = file.get(..file.len().min(4 * HEADER)).unwrap_or_default();
        let data = header.windows(4).position(|four| four == b"data");
        let said = header.get(SAYS_RATE).map(|four| u32::from_le_bytes(four.try_into().unwrap()));
        let data = file.get(data.map_or(HEADER, |at| at + 8)..).unwrap_or_default();
        Self {
            rate_hz: said.filter(|hz| *hz > 0).unwrap_or(else_hz),
            samples: data.chunks_exact(2).map(|p| i16::from_le_bytes([p[0], p[1]])).collect(),
        }
    }

    /// What comes behind so many samples of 8 kHz.
    pub(crate) fn since(mut self, n: usize) -> Self {
        let n = n * self.rate_hz as usize / RATE_HZ as usize;
        self.samples.drain(..n.min(self.samples.len()));
        self
    }

    /// All of it, 16 kHz.
    pub(crate) fn wide(self) -> Vec<i16> {
        resample::to(Rate::Wide, self.rate_hz, self.samples)
    }

    /// All of it, 8 kHz.
    pub(crate) fn samples(self) -> Vec<i16> {
        resample::to_8k(self.rate_hz, self.samples)
    }

    /// Its last samples, so many at 8 kHz, if there are as many.
    fn last(&self, n: usize) -> Option<Vec<i16>> {
        let n = n * self.rate_hz as usize / RATE_HZ as usize;
        let last = self.samples.get(self.samples.len().checked_sub(n)?..)?;
        Some(resample::to_8k(self.rate_hz, last.to_vec()))
    }
}

/// What was heard, in order: each sound once however long it lasted, and what lasted a single piece left
/// out, since it may hold the end of one sound and the beginning of the next.
pub(crate) fn story(samples: &[i16]) -> Vec<Heard> {
    let pieces: Vec<Heard> =
        samples.chunks_exact(PIECE).map(|piece| rounded(tone::heard(piece))).collect();
    let lasting = pieces.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]);
    let mut story: Vec<Heard> = lasting.collect();
    story.dedup();
    story
}

/// What is heard at the end of a recording, if that lasts already; long enough to be part of its `story`.
fn now(recording: &Recording) -> Option<Heard> {
    let last = recording.last(3 * PIECE)?;
    let mut heard = last.chunks_exact(PIECE).map(|piece| rounded(tone::heard(piece)));
    let first = heard.next()?;
    heard.all(|next| next == first).then_some(first)
}

/// Waits until somebody has heard this for a while; else tells what was heard, and what `said` says.
pub(crate) fn wait_for(
    wanted: Heard,
    who: &str,
    heard: impl Fn() -> Recording,
    said: impl Fn() -> String,
) {
    let what = format!("{who} hears {wanted:?}");
    let mut last = None;
    let deadline = Instant::now() + PATIENCE;
    until(&what, PATIENCE, || {
        let recording = heard();
        last = now(&recording);
        if last == Some(wanted) {
            return Some(());
        }
        assert!(
            Instant::now() < deadline - Duration::from_secs(1),
            "{what}, but heard {last:?}; {:?}\n{}",
            story(&recording.samples()),
            said()
        );
        None
    });
}

/// The tones among what was heard, in order, Hz.
pub(crate) fn tones(samples: &[i16]) -> Vec<u16> {
    let tone = |heard| match heard {
        Heard::Tone(hz) => Some(hz),
        Heard::Silence | Heard::Ringback | Heard::Other => None,
    };
    story(samples).into_iter().filter_map(tone).collect()
}

/// This tone is in a sound of 8 kHz, hardly anything else, and it is as loud as `tone_file` makes it, within
/// 1 dB. A phone on a busy machine may stumble: so it is most pieces that must be right, and no other tone may
/// be in any.
pub(crate) fn is_mostly(samples: &[i16], hz: u16, who: &str) {
    let pieces = || samples.chunks_exact(PIECE);
    let heard: Vec<Heard> = pieces().map(|piece| rounded(tone::heard(piece))).collect();
    let right = heard.iter().filter(|heard| **heard == Heard::Tone(hz)).count();
    let wrong = heard.iter().any(|heard| matches!(heard, Heard::Tone(other) if *other != hz));
    assert!(!wrong && right > 0 && right * 4 >= heard.len() * 3, "{who}: {hz} Hz is {heard:?}");
    let level = |piece| measure::tone_level(piece, RATE_HZ, f32::from(hz));
    let mut levels: Vec<f32> = pieces().map(level).collect();
    levels.sort_by(f32::total_cmp);
    let median = levels[levels.len() / 2];
    assert!((median - LEVEL_DB).abs() < 1.0, "{who}: {median} dB, not {LEVEL_DB}");
}

/// Tones are heard within five hertz.
fn rounded(heard: Heard) -> Heard {
    match heard {
        Heard::Tone(hz) => Heard::Tone((hz + 5) / 10 * 10),
        Heard::Silence | Heard::Ringback | Heard::Other => heard,
    }
}
