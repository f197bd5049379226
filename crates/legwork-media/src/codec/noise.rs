//! Comfort noise: how loud the peer wants it, and noise.
//!
//! Not here: when it is heard (`conceal`).
//! Source: RFC 3389 §3 (the level; the spectrum is not read: ours is flat).

/// A full-scale square wave's root mean square: 0 dBov.
const OVERLOAD: f32 = 32_767.0;

/// Root mean square of the noise a payload asks for. None: it is empty.
pub(super) fn level(payload: &[u8]) -> Option<f32> {
    let below = payload.first()? & 0x7f;
    Some(OVERLOAD * 10_f32.powf(f32::from(below) / -20.0))
}

/// White noise without an end.
#[derive(Clone, Debug)]
pub(super) struct Noise(u32);

impl Default for Noise {
    fn default() -> Self {
        Self(0x2545_f491)
    }
}

impl Noise {
    /// The next sample of noise of this root mean square.
    ///
    /// Source: xorshift32, by Marsaglia.
    pub(super) fn sample(&mut self, rms: f32) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        // Evenly spread from −√3 to √3 it has a root mean square of 1.
        let evenly = self.0.cast_signed() as f32 / 2_147_483_648.0;
        evenly * 1.732_050_8 * rms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone;

    #[test]
    fn noise_is_as_loud_as_asked_for() {
        assert_eq!(level(&[]), None);
        for (payload, want) in [(vec![0], 32_767.0), (vec![20, 3], 3276.7), (vec![0x80 | 60], 32.8)]
        {
            let rms = level(&payload).unwrap();
            assert!((rms / want - 1.0).abs() < 0.01, "{rms}");
            let mut noise = Noise::default();
            let soft = rms.min(3000.0);
            let samples: Vec<i16> = (0..8000).map(|_| noise.sample(soft) as i16).collect();
            assert!((tone::rms(&samples) / soft - 1.0).abs() < 0.05);
        }
    }
}
