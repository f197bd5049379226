//! Lost sound put back: what was heard last goes on for a while, then the noise behind it.
//!
//! Not here: Opus, which conceals on its own (`decoder`); which packets are lost (`plane`).
//! Source: ITU-T G.711 Appendix I, from which it differs: nothing is delayed, for the jump at the
//! beginning is smoothed into what follows; periods are blended wherever they meet.

use super::noise::Noise;
use crate::sound::Rate;

/// What was heard last, as far as it is looked at: 50 ms at 16 kHz.
const PAST: usize = 800;

/// Shortest and longest period looked for, ms: voices of 200 Hz down to 66 Hz, and others by a
/// multiple of theirs.
const PERIOD_MS: (usize, usize) = (5, 15);

/// Sound that is compared with itself a period before, ms.
const COMPARED_MS: usize = 20;

/// Most periods gone through before the first is heard again: one alone would hum.
const PERIODS: usize = 3;

/// The jump at the beginning is spread over so many ms.
const SMOOTHED_MS: usize = 4;

/// As loud as it was for so many ms, gone after so many.
const FADE_MS: (usize, usize) = (10, 60);

/// The same where the peer said that it will be silent.
const SETTLE_MS: (usize, usize) = (0, 10);

/// The loudest that is still noise and not a sound: −50 dBov.
const NOISE_MAX: f32 = 104.0;

/// Longest lead-over to what is heard again, samples: 10 ms at 16 kHz.
const LEAD_OVER: usize = 160;

/// One received stream's.
#[derive(Clone, Debug)]
pub(super) struct Concealment {
    per_ms: usize,
    past: [i16; PAST],
    loss: Option<Loss>,
    /// The past as it was when the loss began.
    source: [i16; PAST],
    noise: Noise,
    /// How loud the noise behind the sound is: root mean square.
    floor: f32,
    /// The peer said that it is silent.
    settled: bool,
}

/// A loss that is not over.
#[derive(Clone, Copy, Debug)]
struct Loss {
    /// Samples so far.
    n_samples: usize,
    /// Length of a period, samples.
    period: usize,
    /// Where in the source we are; never at its end.
    position: usize,
    /// Periods to go back at the end of the source.
    n_periods: usize,
    /// By how much the first sample misses what it should have been.
    jump: f32,
    /// As loud as it was until the one, gone at the other; samples.
    fade: (usize, usize),
}

impl Concealment {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            per_ms: rate.hz() as usize / 1000,
            past: [0; PAST],
            loss: None,
            source: [0; PAST],
            noise: Noise::default(),
            floor: 0.0,
            settled: false,
        }
    }

    /// The next sound has arrived. Behind a loss its beginning is changed.
    pub(super) fn heard(&mut self, sound: &mut [i16]) {
        self.settled = false;
        self.listen(sound);
        if let Some(loss) = self.loss.take() {
            self.lead_over(loss, sound);
        }
        self.keep(sound);
    }

    /// The peer is silent from now on, but for noise of this root mean square.
    pub(super) fn settle(&mut self, level: f32) {
        self.settled = true;
        self.floor = level.min(NOISE_MAX);
    }

    /// Writes what is lost.
    pub(super) fn conceal(&mut self, sound: &mut [i16]) {
        let mut loss = self.loss.unwrap_or_else(|| self.begin());
        self.go_on(&mut loss, sound);
        self.loss = Some(loss);
        self.keep(sound);
    }

    fn begin(&mut self) -> Loss {
        self.source = self.past;
        let period = self.period();
        let before = PAST - period;
        let at = |place: usize| self.source.get(place).map_or(0.0, |&sample| f32::from(sample));
        let (hold, end) = if self.settled { SETTLE_MS } else { FADE_MS };
        Loss {
            n_samples: 0,
            period,
            position: before,
            n_periods: 1,
            jump: at(PAST - 1) - at(before - 1),
            fade: (hold * self.per_ms, end * self.per_ms),
        }
    }

    /// The past going on.
    fn go_on(&mut self, loss: &mut Loss, sound: &mut [i16]) {
        let blended = loss.period / 4;
        let smoothed = SMOOTHED_MS * self.per_ms;
        let at = |place: usize| self.source.get(place).map_or(0.0, |&sample| f32::from(sample));
        for sample in sound {
            let (hold, end) = loss.fade;
            let left = end.saturating_sub(loss.n_samples.max(hold));
            let loud = left as f32 / (end - hold) as f32;
            let mut voice = 0.0;
            if left > 0 {
                let back = loss.n_periods * loss.period;
                voice = at(loss.position);
                // The end of the source becomes what comes before the place it goes back to.
                let behind = PAST - loss.position;
                if behind <= blended {
                    let new = 1.0 - (behind as f32 - 0.5) / blended as f32;
                    voice += new * (at(loss.position - back) - voice);
                }
                if loss.n_samples < smoothed {
                    voice += loss.jump * (1.0 - loss.n_samples as f32 / smoothed as f32);
                }
                loss.position += 1;
                if loss.position == PAST {
                    loss.position -= back;
                    loss.n_periods = (loss.n_periods + 1).min(PERIODS);
                }
            }
            *sample = (loud * voice + self.noise.sample((1.0 - loud) * self.floor)) as i16;
            loss.n_samples += 1;
        }
    }

    /// Blends what would have gone on into what is heard again: 5 ms, 10 ms behind a long loss.
    fn lead_over(&mut self, mut loss: Loss, sound: &mut [i16]) {
        let length = if loss.n_samples > 20 * self.per_ms { 10 } else { 5 } * self.per_ms;
        let mut gone_on = [0; LEAD_OVER];
        let length = length.min(sound.len());
        let Some(gone_on) = gone_on.get_mut(..length) else { return };
        self.go_on(&mut loss, gone_on);
        for (n, (sample, old)) in sound.iter_mut().zip(gone_on).enumerate() {
            let new = (n as f32 + 0.5) / length as f32;
            let old = f32::from(*old);
            *sample = (old + new * (f32::from(*sample) - old)) as i16;
        }
    }

    /// How loud the noise behind the sound is: the least heard lately.
    fn listen(&mut self, sound: &[i16]) {
        let sum: i64 = sound.iter().map(|&sample| i64::from(sample) * i64::from(sample)).sum();
        let rms = (sum as f32 / sound.len().max(1) as f32).sqrt();
        self.floor = rms.min(self.floor * 1.02 + 0.1).min(NOISE_MAX);
    }

    fn keep(&mut self, sound: &[i16]) {
        let new = sound.get(sound.len().saturating_sub(PAST)..).unwrap_or_default();
        self.past.copy_within(new.len().., 0);
        if let Some(room) = self.past.get_mut(PAST - new.len()..) {
            room.copy_from_slice(new);
        }
    }

    /// After how many samples the last 20 ms are most like themselves; first every other one is
    /// tried, then the neighbours of the best.
    fn period(&self) -> usize {
        let (least, most) = (PERIOD_MS.0 * self.per_ms, PERIOD_MS.1 * self.per_ms);
        let likeness = |period: usize, step: usize| {
            (period, self.likeness(period, COMPARED_MS * self.per_ms, step))
        };
        let best = |a: &(usize, f32), b: &(usize, f32)| a.1.total_cmp(&b.1);
        let coarse = (least..=most).step_by(2).map(|period| likeness(period, 2)).max_by(best);
        let near = coarse.map_or(most, |(period, _)| period);
        let fine = (near.max(least + 1) - 1..=(near + 1).min(most)).map(|p| likeness(p, 1));
        fine.max_by(best).map_or(most, |(period, _)| period)
    }

    /// Correlation of the end with what lies a period before, in relation to its strength.
    fn likeness(&self, period: usize, length: usize, step: usize) -> f32 {
        let end = self.source.get(PAST - length..).unwrap_or_default();
        let before = self.source.get(PAST - length - period..PAST - period).unwrap_or_default();
        let (mut product, mut strength) = (0.0_f32, 1.0_f32);
        for (a, b) in end.iter().zip(before).step_by(step) {
            let (a, b) = (f32::from(*a), f32::from(*b));
            product += a * b;
            strength += b * b;
        }
        product / strength.sqrt()
    }
}
