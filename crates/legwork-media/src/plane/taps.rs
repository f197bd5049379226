//! What taps of a leg have gathered.
//!
//! Not here: what is done with it (the shell), what the leg hears and says (`plane::leg`).

use crate::limit;
use crate::resample::Fit;
use crate::sound::{FRAME_MAX, Frame, Rate};
use crate::tap::{Side, Tap, TapId};

/// A tap, and what it has not given away.
#[derive(Debug)]
pub(super) struct Tapping {
    pub(super) id: TapId,
    tap: Tap,
    is_held: bool,
    fits: [Fit; 2],
    /// Room for a piece, and what a late thread makes up for: what nobody takes beyond is lost.
    samples: Vec<i16>,
}

impl Tapping {
    pub(super) fn new(id: TapId, tap: Tap) -> Self {
        let frames = usize::from(tap.frames) + limit::CATCH_UP_TICKS as usize;
        let samples =
            Vec::with_capacity(frames * tap.rate.frame() * usize::from(tap.side.channels()));
        Self { id, tap, is_held: false, fits: [Fit::default(), Fit::default()], samples }
    }

    /// One that gives nothing but its end.
    pub(super) fn over(id: TapId) -> Self {
        let tap = Tap::new(Side::Inbound, Rate::Narrow);
        let (fits, samples) = ([Fit::default(), Fit::default()], Vec::new());
        Self { id, tap, is_held: false, fits, samples }
    }

    /// While held it gives silence.
    pub(super) fn hold(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    pub(super) fn hears_inbound(&self) -> bool {
        self.tap.side != Side::Outbound
    }

    pub(super) fn hears_outbound(&self) -> bool {
        self.tap.side != Side::Inbound
    }

    /// What the peer said and what it heard in these 20 ms.
    pub(super) fn hear(&mut self, inbound: &Frame, outbound: &Frame) {
        let [fit_in, fit_out] = &mut self.fits;
        let rate = self.tap.rate;
        let mut both = [0; 2 * FRAME_MAX];
        let mut n = rate.frame();
        let one = both.get_mut(..n).unwrap_or_default();
        match self.tap.side {
            Side::Inbound => one.copy_from_slice(fit_in.fit(inbound, rate).samples()),
            Side::Outbound => one.copy_from_slice(fit_out.fit(outbound, rate).samples()),
            Side::Mixed => {
                let (a, b) = (fit_in.fit(inbound, rate), fit_out.fit(outbound, rate));
                for ((to, a), b) in one.iter_mut().zip(a.samples()).zip(b.samples()) {
                    *to = a.saturating_add(*b);
                }
            }
            Side::Dual => {
                let (a, b) = (fit_in.fit(inbound, rate), fit_out.fit(outbound, rate));
                let pairs = a.samples().iter().zip(b.samples());
                for ([left, right], (a, b)) in both.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
                    (*left, *right) = (*a, *b);
                }
                n *= 2;
            }
        }
        if self.is_held {
            both.fill(0);
        }
        let room = self.samples.capacity() - self.samples.len();
        self.samples.extend(both.iter().take(n.min(room)));
    }

    /// There is a piece to be given away.
    pub(super) fn is_full(&self) -> bool {
        let frame = self.tap.rate.frame() * usize::from(self.tap.side.channels());
        self.samples.len() >= usize::from(self.tap.frames) * frame
    }

    /// What it has.
    pub(super) fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// It was given away.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
    }
}
