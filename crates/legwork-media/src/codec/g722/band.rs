//! One band of G.722: its quantizer, which grows and shrinks with the sound, and its predictor.
//!
//! Not here: how the bands are split (`g722`).
//! Source: ITU-T G.722 clause 6.2; tables 14 to 20.

/// Decision levels of the low band (LL6), from the second on; in 1/4096 of the scale.
const LEVELS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];

/// What the 6 bits of the low band mean (QQ6).
const STEPS_6: [i32; 64] = [
    -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192,
    -10_232, -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168,
    -2776, -2400, -2032, -1688, -1360, -1040, -728, 24_808, 21_904, 19_008, 16_704, 14_984, 13_512,
    12_280, 11_192, 10_232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168,
    2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];

/// What the upper 4 of them mean to the predictor (QQ4).
const STEPS_4: [i32; 16] = [
    0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200, 20_456, 12_896, 8968, 6288, 4240, 2584,
    1200, 0,
];

/// By how much they change the logarithm of the scale (WL).
const GROWTH_4: [i32; 16] =
    [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];

/// What the 2 bits of the high band mean (QQ2), and by how much they change the logarithm (WH).
const STEPS_2: [i32; 4] = [-7408, -1616, 7408, 1616];
const GROWTH_2: [i32; 4] = [798, -214, 798, -214];

/// Decision level of the high band, in 1/4096 of the scale.
const LEVEL_HIGH: i32 = 564;

/// 2048 × 2^(n/32) (ILA and ILB).
const POWERS: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

/// Largest logarithms of the scale.
const LOG_MAX_LOW: i32 = 18_432;
const LOG_MAX_HIGH: i32 = 22_528;

/// 0 to 4 kHz: 6 bits.
#[derive(Clone, Debug)]
pub(super) struct Low {
    scale: Scale,
    predictor: Predictor,
}

/// 4 to 8 kHz: 2 bits.
#[derive(Clone, Debug)]
pub(super) struct High {
    scale: Scale,
    predictor: Predictor,
}

impl Default for Low {
    fn default() -> Self {
        Self { scale: Scale { log: 0, value: 32 }, predictor: Predictor::default() }
    }
}

impl Default for High {
    fn default() -> Self {
        Self { scale: Scale { log: 0, value: 8 }, predictor: Predictor::default() }
    }
}

impl Low {
    pub(super) fn encode(&mut self, sample: i32) -> u8 {
        let error = saturated(sample - self.predictor.next);
        let magnitude = if error < 0 { -(error + 1) } else { error };
        let level = LEVELS.partition_point(|level| magnitude >= (level * self.scale.value) >> 12);
        let level = level as u8 + 1;
        let code = match (error < 0, level) {
            (false, level) => 62 - level,
            (true, 1 | 2) => 64 - level,
            (true, level) => 34 - level,
        };
        self.follow(code);
        code
    }

    pub(super) fn decode(&mut self, code: u8) -> i32 {
        let step = (self.scale.value * entry(&STEPS_6, code)) >> 15;
        let sample = (self.predictor.next + step).clamp(-16_384, 16_383);
        self.follow(code);
        sample
    }

    fn follow(&mut self, code: u8) {
        let step = (self.scale.value * entry(&STEPS_4, code >> 2)) >> 15;
        self.scale.grow(entry(&GROWTH_4, code >> 2), LOG_MAX_LOW, 8);
        self.predictor.follow(step);
    }
}

impl High {
    pub(super) fn encode(&mut self, sample: i32) -> u8 {
        let error = saturated(sample - self.predictor.next);
        let magnitude = if error < 0 { -(error + 1) } else { error };
        let is_large = magnitude >= (LEVEL_HIGH * self.scale.value) >> 12;
        let code = match (error < 0, is_large) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        self.follow(code);
        code
    }

    pub(super) fn decode(&mut self, code: u8) -> i32 {
        let step = (self.scale.value * entry(&STEPS_2, code)) >> 15;
        let sample = (self.predictor.next + step).clamp(-16_384, 16_383);
        self.follow(code);
        sample
    }

    fn follow(&mut self, code: u8) {
        let step = (self.scale.value * entry(&STEPS_2, code)) >> 15;
        self.scale.grow(entry(&GROWTH_2, code), LOG_MAX_HIGH, 10);
        self.predictor.follow(step);
    }
}

/// How large a quantizer's steps are (blocks LOGSCL and SCALEL, LOGSCH and SCALEH).
#[derive(Clone, Debug)]
struct Scale {
    log: i32,
    value: i32,
}

impl Scale {
    fn grow(&mut self, by: i32, max: i32, shift: i32) {
        self.log = (((self.log * 127) >> 7) + by).clamp(0, max);
        let power = entry(&POWERS, (self.log >> 6) as u8 & 31);
        let shift = shift - (self.log >> 11);
        self.value = if shift < 0 { power << -shift } else { power >> shift } << 2;
    }
}

/// Two poles and six zeros, and what they expect next (block 4).
#[derive(Clone, Debug, Default)]
struct Predictor {
    /// What comes next, and the zeros' part in it.
    next: i32,
    next_zeros: i32,
    /// The poles, and the last two samples as they were rebuilt.
    poles: [i32; 2],
    rebuilt: [i32; 2],
    /// The signs of the last two samples as the zeros alone explain them: negative.
    partly: [bool; 2],
    /// The zeros, and the last six differences.
    zeros: [i32; 6],
    differences: [i32; 6],
}

impl Predictor {
    /// A sample differed by this from what was expected.
    fn follow(&mut self, difference: i32) {
        let rebuilt = saturated(self.next + difference);
        let partly = saturated(self.next_zeros + difference) < 0;
        self.move_poles(partly);
        self.partly = [partly, self.partly[0]];
        self.rebuilt = [rebuilt, self.rebuilt[0]];
        self.move_zeros(difference);
        let [d1, d2, d3, d4, d5, _] = self.differences;
        self.differences = [difference, d1, d2, d3, d4, d5];
        self.expect();
    }

    /// Blocks UPPOL1 and UPPOL2.
    fn move_poles(&mut self, partly: bool) {
        let [first, second] = self.poles;
        let [is_like_last, is_like_one_before] = self.partly.map(|before| before == partly);
        let slope = saturated(first << 2);
        let slope = if is_like_last { -slope } else { slope }.min(32_767) >> 7;
        let pull = if is_like_one_before { 128 } else { -128 };
        let second = (slope + pull + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);
        let pull = if is_like_last { 192 } else { -192 };
        let most = 15_360 - second;
        let first = (((first * 32_640) >> 15) + pull).clamp(-most, most);
        self.poles = [first, second];
    }

    /// Block UPZERO.
    fn move_zeros(&mut self, difference: i32) {
        let pull = if difference == 0 { 0 } else { 128 };
        for (zero, before) in self.zeros.iter_mut().zip(&self.differences) {
            let pull = if (*before < 0) == (difference < 0) { pull } else { -pull };
            *zero = saturated(((*zero * 32_640) >> 15) + pull);
        }
    }

    /// Blocks FILTEP and FILTEZ.
    fn expect(&mut self) {
        let part = |factor: &i32, of: &i32| (factor * saturated(2 * of)) >> 15;
        let poles: i32 = self.poles.iter().zip(&self.rebuilt).map(|(a, r)| part(a, r)).sum();
        let zeros: i32 = self.zeros.iter().zip(&self.differences).map(|(b, d)| part(b, d)).sum();
        self.next_zeros = saturated(zeros);
        self.next = saturated(saturated(poles) + self.next_zeros);
    }
}

fn saturated(value: i32) -> i32 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))
}

fn entry<const N: usize>(table: &[i32; N], index: u8) -> i32 {
    table.get(usize::from(index)).copied().unwrap_or(0)
}
