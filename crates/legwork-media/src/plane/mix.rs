//! Sounds added up, and brought back to 16 bits without a click.
//!
//! Not here: whose sounds they are (`plane::room`).
//! Source: a soft knee; what is below it stays as it is, so that a sound taken out again is gone.

use crate::sound::{FRAME_MAX, Frame, Rate};

/// From here on a sample counts less and less: −2.5 dB of full scale.
const KNEE: i32 = 24_576;

/// What is left above the knee for everything there.
const LEFT: i32 = i16::MAX as i32 - KNEE;

/// 20 ms of any number of sounds, 16 kHz.
#[derive(Clone, Debug)]
pub(super) struct Mix {
    samples: [i32; FRAME_MAX],
    is_silent: bool,
}

impl Mix {
    pub(super) const fn silent() -> Self {
        Self { samples: [0; FRAME_MAX], is_silent: true }
    }

    /// One sound more, 16 kHz.
    pub(super) fn add(&mut self, frame: &Frame) {
        self.is_silent = false;
        for (sum, sample) in self.samples.iter_mut().zip(frame.samples()) {
            *sum += i32::from(*sample);
        }
    }

    /// One that was added is taken out again.
    pub(super) fn take_out(&mut self, frame: &Frame) {
        for (sum, sample) in self.samples.iter_mut().zip(frame.samples()) {
            *sum -= i32::from(*sample);
        }
    }

    /// Nothing is in it any more.
    pub(super) fn clear(&mut self) {
        if !self.is_silent {
            *self = Self::silent();
        }
    }

    /// All of it together, 16 kHz.
    pub(super) fn frame(&self) -> Frame {
        let mut frame = Frame::silent(Rate::Wide);
        if self.is_silent {
            return frame;
        }
        let loudest = self.samples.iter().fold(0, |most, sample| most.max(sample.abs()));
        let pairs = frame.samples_mut().iter_mut().zip(&self.samples);
        if loudest <= KNEE {
            pairs.for_each(|(to, sample)| *to = *sample as i16);
        } else {
            pairs.for_each(|(to, sample)| *to = softened(*sample));
        }
        frame
    }
}

/// A sample of any size as one of 16 bits: the same below the knee, and the curve has no corner.
fn softened(sample: i32) -> i16 {
    let above = sample.abs() - KNEE;
    if above <= 0 {
        return sample as i16;
    }
    let size = KNEE + LEFT - LEFT * LEFT / (above + LEFT);
    (size * sample.signum()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constant(sample: i16) -> Frame {
        let mut frame = Frame::silent(Rate::Wide);
        frame.samples_mut().fill(sample);
        frame
    }

    #[test]
    fn what_is_taken_out_is_gone() {
        let mut mix = Mix::silent();
        for sample in [30_000, -31_000, 12_345] {
            mix.add(&constant(sample));
        }
        let mut without = mix.clone();
        without.take_out(&constant(30_000));
        let mut others = Mix::silent();
        others.add(&constant(-31_000));
        others.add(&constant(12_345));
        assert_eq!(without.frame(), others.frame());
        mix.clear();
        assert_eq!(mix.frame(), constant(0));
    }

    #[test]
    fn nothing_wraps_and_the_curve_only_rises() {
        let most = 300 * 32_768;
        let mut before = i16::MIN;
        for sample in (-most..=most).step_by(37) {
            let now = softened(sample);
            assert!(now >= before, "{sample}");
            before = now;
        }
        for (sample, is) in [(0, 0), (KNEE, 24_576), (-KNEE, -24_576), (KNEE + 80, 24_656)] {
            assert_eq!(softened(sample), is, "{sample}");
        }
        assert!(softened(32_767) > 28_000 && softened(most) > 32_700);
        assert!(softened(-32_768) < -28_000 && softened(-most) < -32_700);
    }
}
