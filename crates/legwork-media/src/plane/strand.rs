//! One sound's way into a mix: at 16 kHz, without a click where it begins and ends.
//!
//! Not here: the mix (`plane::mix`), which sound it is (`plane::seat`, `plane::room`).

use super::speaker::{join, swelling};
use crate::resample::Fit;
use crate::sound::{Frame, Rate};

/// A sound that comes 20 ms at a time, with pauses.
#[derive(Debug)]
pub(super) struct Strand {
    fit: Fit,
    /// What was heard of it last, 16 kHz; silence in a pause.
    last: Frame,
    /// Its rate.
    rate: Rate,
    is_on: bool,
    is_cut: bool,
}

impl Default for Strand {
    fn default() -> Self {
        let last = Frame::silent(Rate::Wide);
        Self { fit: Fit::default(), last, rate: Rate::Wide, is_on: false, is_cut: true }
    }
}

impl Strand {
    /// What follows is another sound, or its beginning was not heard.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// The next 20 ms at 16 kHz.
    pub(super) fn next(&mut self, frame: &Frame) -> &Frame {
        let is_cut = std::mem::take(&mut self.is_cut) || (self.is_on && self.rate != frame.rate());
        if is_cut || !self.is_on {
            // What is left in the filter is long over.
            self.fit = Fit::default();
        }
        (self.rate, self.is_on) = (frame.rate(), true);
        self.last = match is_cut {
            true => join(&self.last, &self.fit.fit(&swelling(frame), Rate::Wide)),
            false => self.fit.fit(frame, Rate::Wide),
        };
        &self.last
    }

    /// Nothing follows for now: 20 ms in which it fades. None: it was silent before.
    pub(super) fn end(&mut self) -> Option<Frame> {
        if !std::mem::take(&mut self.is_on) {
            return None;
        }
        let silence = Frame::silent(Rate::Wide);
        let last = std::mem::replace(&mut self.last, silence);
        Some(join(&last, &silence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest step of a loud sound cut at its beginning and end.
    fn step(rate: Rate) -> u16 {
        let mut strand = Strand::default();
        let mut loud = Frame::silent(rate);
        loud.samples_mut().fill(8000);
        let mut all = vec![0];
        for _ in 0..3 {
            all.extend(strand.next(&loud).samples());
        }
        all.extend(strand.end().unwrap().samples());
        assert!(strand.end().is_none());
        all.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max().unwrap()
    }

    #[test]
    fn it_begins_and_ends_without_a_step() {
        for rate in [Rate::Narrow, Rate::Wide] {
            assert!(step(rate) <= 200, "{rate:?} {}", step(rate));
        }
    }

    #[test]
    fn behind_a_pause_it_begins_at_once() {
        let mut strand = Strand::default();
        let mut loud = Frame::silent(Rate::Wide);
        strand.next(&loud);
        strand.end();
        loud.samples_mut().fill(8000);
        assert_eq!(strand.next(&loud), &loud, "its first sound is not made softer");
    }
}
