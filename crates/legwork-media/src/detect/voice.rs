//! When somebody speaks: energy above a floor that follows the noise of the line.
//!
//! Sounds that are no speech count too: music, tones. Noise does not, if it is soft or even: what
//! hisses begins no speech, and raises the floor.
//! Not here: what is said (a recogniser), whether it is a machine that speaks (`detect::machine`).

use super::{FRAME, power};

/// Frames of sound that are speech: 60 ms.
pub(super) const ONSET: u32 = 3;
/// Frames without that are its end: 200 ms.
pub(super) const HANG_OVER: u32 = 10;

/// Softer than this, −48 dB of full scale, is silence whatever it is; mean square.
const SILENCE: f32 = 130.0 * 130.0;
/// The floor does not rise above −34 dB of full scale: what is louder is not the line's noise.
const FLOOR_MAX: f32 = 650.0 * 650.0;
/// Sound is so many times the floor: 9 dB.
const ABOVE: f32 = 8.0;
/// Frames whose least loud one tells the floor: 0.8 s.
const BLOCK: u32 = 40;
/// Noise can hardly be foretold from the two samples before; below this it is noise: 3 dB.
const EVEN: f32 = 2.0;

/// What was heard so far.
#[derive(Debug)]
pub(super) struct Activity {
    floor: f32,
    /// Least loud of this block and of the one before.
    low: (f32, f32),
    block: u32,
    speaks: bool,
    /// Frames in a row against what `speaks` says.
    against: u32,
}

impl Default for Activity {
    fn default() -> Self {
        Self { floor: 0.0, low: (f32::MAX, 0.0), block: 0, speaks: false, against: 0 }
    }
}

impl Activity {
    /// The next 20 ms: true, speech began `ONSET` ago; false, it ended `HANG_OVER` ago.
    pub(super) fn hear(&mut self, samples: &[f32; FRAME]) -> Option<bool> {
        let power = power(samples);
        let is_sound = power > SILENCE.max(self.floor * ABOVE);
        let is_even = foretold(samples) < EVEN;
        self.follow(power, is_even);
        let against = match (self.speaks, is_sound) {
            // Hissing neither begins speech nor interrupts its beginning.
            (false, true) if is_even => return None,
            (false, true) | (true, false) => self.against + 1,
            (false, false) | (true, true) => 0,
        };
        self.against = against;
        if against < if self.speaks { HANG_OVER } else { ONSET } {
            return None;
        }
        self.against = 0;
        self.speaks = !self.speaks;
        Some(self.speaks)
    }

    /// Somebody speaks, or did a moment ago.
    pub(super) fn speaks(&self) -> bool {
        self.speaks
    }

    /// The floor falls at once, and rises to the least loud frame of the last second; with even
    /// noise within a few frames.
    fn follow(&mut self, power: f32, is_even: bool) {
        self.low.0 = self.low.0.min(power);
        self.block += 1;
        if self.block == BLOCK {
            self.low = (f32::MAX, self.low.0);
            self.block = 0;
        }
        let least = self.low.0.min(self.low.1);
        let floor = if is_even { self.floor + 0.3 * (power - self.floor) } else { self.floor };
        self.floor = floor.max(least).min(power).min(FLOOR_MAX);
    }
}

/// How much of the power the two samples before foretell: 1 nothing, more for speech and music,
/// without end for a tone.
fn foretold(samples: &[f32; FRAME]) -> f32 {
    let lag =
        |n: usize| samples.iter().zip(samples.iter().skip(n)).map(|(a, b)| a * b).sum::<f32>();
    let (zero, one, two) = (lag(0), lag(1), lag(2));
    if zero <= 0.0 {
        return 1.0;
    }
    let first = one / zero;
    let left = zero * (1.0 - first * first);
    if left <= 0.0 {
        return f32::MAX;
    }
    let second = (two - first * one) / left;
    zero / (left * (1.0 - second * second)).max(f32::MIN_POSITIVE)
}
