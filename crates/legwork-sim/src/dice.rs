//! Seeded chance: the same seed gives the same throws, on every machine and for ever.
//!
//! Not here: what is thrown for (`network`, `chaos`).
//! Source: SplitMix64 (Steele, Lea, Flood 2014).

use std::time::Duration;

/// A source of chance.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall as `seed` says.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.number() % n }
    }

    /// True `percent` times of a hundred.
    pub fn percent(&mut self, percent: u32) -> bool {
        percent > 0 && self.below(100) < u64::from(percent)
    }

    /// One of them; none of an empty list.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(usize::try_from(self.below(of.len() as u64)).unwrap_or(0))
    }

    /// A time between 0 and `longest`, in whole milliseconds.
    pub fn time(&mut self, longest: Duration) -> Duration {
        let ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX - 1);
        Duration::from_millis(self.below(ms + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same() {
        let throw = |seed| (0..4).map(move |_| 0).scan(Dice::new(seed), |d, _| Some(d.number()));
        assert!(throw(7).eq(throw(7)));
        assert!(!throw(7).eq(throw(8)));
    }

    #[test]
    fn percent_is_about_right() {
        let mut dice = Dice::new(1);
        let hits = (0..10_000).filter(|_| dice.percent(20)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert!(!(0..100).any(|_| dice.percent(0)));
    }
}
