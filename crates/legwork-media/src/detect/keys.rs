//! Keys in band: two frequencies at once, one of four low and one of four high ones.
//!
//! Looked for every 10 ms in windows of 20 ms; two in a row that hold the same key are a press, three
//! without its end. How the phase turns from one window to the next tells the frequencies to a few Hz.
//! Not here: making them (`tone::key`), telephone-events (`dtmf`).
//! Source: ITU-T Q.23 (frequencies); Q.24, Annex A (levels, twist, lengths, tolerances).

use std::f32::consts::{PI, TAU};

use super::FRAME;
use super::beep::{fourier, hann, windowed};
use crate::tone::key::{HIGH, KEYS, LOW};

/// From one window to the next.
const HOP: usize = FRAME / 2;
/// Windows in a row that are a press: 30 ms of it, so 40 ms always.
const PRESSED: u8 = 2;
/// Windows in a row that are its end: 40 ms of a gap always, 20 ms never.
const RELEASED: u8 = 3;
/// Softest peak of either frequency: −27 dBm0; −25 must be heard.
const SOFTEST: f32 = 1000.0;
/// The higher one may be louder by 6 dB (4 must do), the lower one by 10 (8 must do); power.
const TWIST: (f32, f32) = (3.98, 10.0);
/// How far a frequency may be off: 1.5 % must do, 3.5 % must not.
const OFF: f32 = 0.022;
/// The share of the power that both have together: the rest is noise, 15 dB of it must do.
const SHARE: f32 = 0.8;
/// The second harmonic of the higher one, as a share of it: a voice has one, a key has none.
const HARMONIC: f32 = 0.05;
/// A press goes on while both have this share of their first power: −12 dB.
const HELD: f32 = 1.0 / 16.0;

/// Fourier sums of one window, low and high.
type Sums = ([(f32, f32); 4], [(f32, f32); 4]);

/// A key found in a window, and the weaker power of its frequencies.
#[derive(Clone, Copy, Debug)]
struct Found {
    row: usize,
    column: usize,
    power: f32,
}

impl Found {
    fn key(self) -> Option<u8> {
        KEYS.get(self.row * 4 + self.column).copied()
    }

    fn is_same(self, other: Self) -> bool {
        (self.row, self.column) == (other.row, other.column)
    }

    /// It may be soft or have a hole, but it goes on.
    fn goes_on(self, (low, high): &Sums) -> bool {
        let power =
            |sums: &[(f32, f32); 4], place: usize| sums.get(place).copied().map_or(0.0, square);
        power(low, self.row).min(power(high, self.column)) > self.power * HELD
    }
}

/// The keys of one leg.
#[derive(Debug)]
pub(super) struct Keys {
    window: [f32; FRAME],
    tail: [f32; HOP],
    before: Sums,
    /// Found in the window before, and how many windows in a row.
    near: Option<(Found, u8)>,
    /// What is pressed, and for how many windows it was not heard.
    pressed: Option<(Found, u8)>,
}

impl Default for Keys {
    fn default() -> Self {
        let before = ([(0.0, 0.0); 4], [(0.0, 0.0); 4]);
        Self { window: hann(), tail: [0.0; HOP], before, near: None, pressed: None }
    }
}

impl Keys {
    /// The next 20 ms; tells a key once per press.
    pub(super) fn hear(&mut self, samples: &[f32; FRAME], tell: &mut impl FnMut(u8)) {
        let mut across = [0.0; FRAME];
        let (first, second) = across.split_at_mut(HOP);
        first.copy_from_slice(&self.tail);
        if let (Some(head), Some(tail)) =
            (samples.first_chunk::<HOP>(), samples.last_chunk::<HOP>())
        {
            second.copy_from_slice(head);
            self.tail = *tail;
        }
        for window in [&across, samples] {
            if let Some(key) = self.hear_window(window) {
                tell(key);
            }
        }
    }

    fn hear_window(&mut self, samples: &[f32; FRAME]) -> Option<u8> {
        let windowed = windowed(samples, &self.window);
        let total: f32 = windowed.iter().map(|sample| sample * sample).sum();
        // Nothing of a key's power is in it.
        if total < SOFTEST * SOFTEST * FRAME as f32 * 3.0 / 16.0 * HELD {
            self.near = None;
            return self.missed();
        }
        let sums = (
            LOW.map(|hz| fourier(&windowed, turn(hz))),
            HIGH.map(|hz| fourier(&windowed, turn(hz))),
        );
        let found = find(&windowed, total, &sums, &self.before);
        self.before = sums;
        let goes_on = self.pressed.is_some_and(|(pressed, _)| pressed.goes_on(&sums));
        let Some(found) = found else {
            self.near = None;
            return if goes_on { self.held() } else { self.missed() };
        };
        if self.pressed.is_some_and(|(pressed, _)| pressed.is_same(found)) {
            return self.held();
        }
        let n_before = self.near.filter(|(near, _)| near.is_same(found)).map_or(0, |(_, n)| n);
        self.near = Some((found, n_before + 1));
        if n_before + 1 < PRESSED {
            return self.missed();
        }
        self.near = None;
        self.pressed = Some((found, 0));
        found.key()
    }

    fn held(&mut self) -> Option<u8> {
        if let Some((_, n_missed)) = &mut self.pressed {
            *n_missed = 0;
        }
        None
    }

    fn missed(&mut self) -> Option<u8> {
        if let Some((_, n_missed)) = &mut self.pressed {
            *n_missed += 1;
        }
        self.pressed.take_if(|(_, n_missed)| *n_missed >= RELEASED);
        None
    }
}

/// The key of a window, by all the rules.
fn find(windowed: &[f32; FRAME], total: f32, sums: &Sums, before: &Sums) -> Option<Found> {
    let (row, low) = loudest(&sums.0)?;
    let (column, high) = loudest(&sums.1)?;
    let (low_hz, high_hz) = (*LOW.get(row)?, *HIGH.get(column)?);
    let low_off = off(low, *before.0.get(row)?, low_hz);
    let high_off = off(high, *before.1.get(column)?, high_hz);
    if low_off.abs() > OFF * low_hz || high_off.abs() > OFF * high_hz {
        return None;
    }
    let (low, high) = (square(low) / seen(low_off), square(high) / seen(high_off));
    let softest = (SOFTEST * FRAME as f32 / 4.0).powi(2);
    if low.min(high) < softest || high > low * TWIST.0 || low > high * TWIST.1 {
        return None;
    }
    let whole = FRAME as f32 * total / 3.0;
    let harmonic = square(fourier(windowed, turn(2.0 * (high_hz + high_off))));
    let is_key = low + high > SHARE * whole && harmonic < HARMONIC * high.max(low);
    is_key.then_some(Found { row, column, power: low.min(high) })
}

fn loudest(sums: &[(f32, f32); 4]) -> Option<(usize, (f32, f32))> {
    sums.iter().copied().enumerate().max_by(|a, b| square(a.1).total_cmp(&square(b.1)))
}

/// How far a tone is off the frequency it was looked for at, Hz: by how much further than that its
/// phase has turned since the window before. Right within ±50 Hz.
fn off(now: (f32, f32), before: (f32, f32), hz: f32) -> f32 {
    let re = now.0 * before.0 + now.1 * before.1;
    let im = now.1 * before.0 - now.0 * before.1;
    let further = im.atan2(re) - turn(hz) * HOP as f32;
    let further = (further + PI).rem_euclid(TAU) - PI;
    further / TAU * 8000.0 / HOP as f32
}

/// The share of a tone's power that is seen so many Hz beside it.
fn seen(off: f32) -> f32 {
    let x = off * FRAME as f32 / 8000.0;
    if x.abs() < 1e-3 {
        return 1.0;
    }
    ((PI * x).sin() / (PI * x * (1.0 - x * x))).powi(2)
}

fn turn(hz: f32) -> f32 {
    TAU * hz / 8000.0
}

fn square((re, im): (f32, f32)) -> f32 {
    re * re + im * im
}
