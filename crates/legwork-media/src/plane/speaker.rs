//! What we make a leg hear: frames to payloads, without a click where one sound follows another.
//!
//! Not here: which sound it is (`plane::speaking`), codecs (`codec`).

use crate::codec::{Encoder, PAYLOAD_BYTES};
use crate::offer_answer::Codec;
use crate::resample::Fit;
use crate::sound::{Frame, Rate};

/// A seam takes this part of a second.
const SEAM: u32 = 200;

/// What a frame is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// Silence.
    Nothing,
    /// What the leg is fed.
    Feed,
    /// A key as a tone.
    Key,
}

/// The encoder of one leg.
#[derive(Debug)]
pub(super) struct Speaker {
    encoder: Encoder,
    fit: Fit,
    /// What was said last, at the codec's rate.
    last: Frame,
    voice: Voice,
    /// The rate of that, before it was fitted.
    heard: Rate,
    is_cut: bool,
}

impl Speaker {
    pub(super) fn new(codec: Codec) -> Self {
        let encoder = Encoder::new(codec);
        let last = Frame::silent(encoder.rate());
        let (voice, heard) = (Voice::Nothing, encoder.rate());
        Self { encoder, fit: Fit::default(), last, voice, heard, is_cut: true }
    }

    pub(super) fn codec(&self) -> Codec {
        self.encoder.codec()
    }

    /// What follows is another sound.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Nothing was said for 20 ms, or something else than sound.
    pub(super) fn pause(&mut self) {
        self.last = Frame::silent(self.encoder.rate());
        self.is_cut = true;
    }

    /// What follows needs no seam, if it goes on with that voice at 16 kHz.
    pub(super) fn goes_on_with(&self, voice: Voice) -> bool {
        !self.is_cut && self.voice == voice && self.heard == Rate::Wide
    }

    /// The peer was sent what that one, of the same codec, said in these 20 ms.
    pub(super) fn follow(&mut self, other: &Self) {
        self.fit.clone_from(&other.fit);
        (self.last, self.voice, self.heard) = (other.last, other.voice, other.heard);
        self.is_cut = other.is_cut;
        self.encoder.follow(&other.encoder);
    }

    /// The next 20 ms: bytes of the payload.
    pub(super) fn say(
        &mut self,
        voice: Voice,
        frame: &Frame,
        payload: &mut [u8; PAYLOAD_BYTES],
    ) -> usize {
        self.encoder.resume(&self.last);
        // Who speaks may change its codec: fitted, a sound comes 2 ms later.
        let is_other = self.voice != voice || self.heard != frame.rate();
        let is_cut = std::mem::take(&mut self.is_cut) || is_other;
        (self.voice, self.heard) = (voice, frame.rate());
        let rate = self.encoder.rate();
        if is_cut {
            // What is left in the filter is of another sound.
            self.fit = Fit::default();
            let fitted = self.fit.fit(&swelling(frame), rate);
            self.last = join(&self.last, &fitted);
        } else if frame.rate() == rate {
            self.last = *frame;
        } else {
            self.last = self.fit.fit(frame, rate);
        }
        self.encoder.encode_fitted(frame.rate(), &self.last, payload)
    }

    /// What was said last.
    pub(super) fn said(&self) -> &Frame {
        &self.last
    }
}

/// A sound's first frame: it swells for 5 ms.
pub(super) fn swelling(frame: &Frame) -> Frame {
    let mut swelling = *frame;
    let n = frame.rate().hz() / SEAM;
    for (index, sample) in (0..n).zip(swelling.samples_mut()) {
        *sample = (i32::from(*sample) * index.cast_signed() / n.cast_signed()) as i16;
    }
    swelling
}

/// Leads over from what was said before, of the same rate: for 5 ms its end is heard backwards and
/// fading beside what is new.
pub(super) fn join(before: &Frame, new: &Frame) -> Frame {
    let mut joined = *new;
    let n = new.rate().hz() / SEAM;
    let tail = before.samples().iter().rev();
    for ((index, sample), tail) in (0..n).zip(joined.samples_mut()).zip(tail) {
        let left = (n - index).cast_signed();
        let fading = i32::from(*tail) * left / (n.cast_signed() + 1);
        *sample = sample.saturating_add(fading as i16);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seam_has_no_step() {
        for rate in [Rate::Narrow, Rate::Wide] {
            let (mut before, mut new) = (Frame::silent(rate), Frame::silent(rate));
            before.samples_mut().fill(8000);
            new.samples_mut().fill(-8000);
            let new = join(&before, &swelling(&new));
            let all = [&[8000], new.samples()].concat();
            let step = all.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max();
            assert!(step <= Some(400), "{rate:?} {step:?}");
            assert!(new.samples()[rate.frame() / 4..].iter().all(|sample| *sample == -8000));
        }
    }

    /// Who speaks changes from a narrow codec to a wide one and back in the middle of a tone.
    #[test]
    fn a_change_of_the_rate_has_no_step() {
        for codec in [Codec::Pcmu, Codec::G722] {
            let mut speaker = Speaker::new(codec);
            let mut all = Vec::new();
            for n in 0..9_u8 {
                let rate = if n / 3 == 1 { Rate::Wide } else { Rate::Narrow };
                let mut frame = Frame::silent(rate);
                let each = 1.0 / rate.hz() as f32;
                for (at, sample) in (0_u16..).zip(frame.samples_mut()) {
                    // Through zero, where it is steepest, from one frame to the next.
                    let seconds = f32::from(n) * 0.02 + f32::from(at) * each;
                    *sample = (12_000.0 * (std::f32::consts::TAU * 50.0 * seconds).sin()) as i16;
                }
                speaker.say(Voice::Feed, &frame, &mut [0; PAYLOAD_BYTES]);
                all.extend(
                    speaker.said().samples().iter().step_by(speaker.last.rate().frame() / 160),
                );
            }
            let step = all.windows(2).map(|pair: &[i16]| pair[0].abs_diff(pair[1])).max().unwrap();
            assert!(step < 1500, "{codec:?} {step}");
        }
    }
}
