//! Sound as the engine handles it: 20 ms of one channel at one of two rates.
//!
//! Not here: codecs (`codec`), changing the rate (`resample`).

/// Samples of a frame at the higher rate.
pub const FRAME_MAX: usize = 320;

/// How many samples a second of sound has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rate {
    /// 8,000: what G.711 carries.
    #[default]
    Narrow,
    /// 16,000: what G.722 carries, and what we let Opus carry.
    Wide,
}

impl Rate {
    /// Samples a second.
    pub const fn hz(self) -> u32 {
        match self {
            Self::Narrow => 8000,
            Self::Wide => 16_000,
        }
    }

    /// Samples of 20 ms.
    pub const fn frame(self) -> usize {
        match self {
            Self::Narrow => 160,
            Self::Wide => FRAME_MAX,
        }
    }
}

/// 20 ms of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    rate: Rate,
    samples: [i16; FRAME_MAX],
}

impl Frame {
    /// 20 ms of silence.
    pub const fn silent(rate: Rate) -> Self {
        Self { rate, samples: [0; FRAME_MAX] }
    }

    /// Its rate.
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// Its samples: 160 or 320.
    pub fn samples(&self) -> &[i16] {
        self.samples.get(..self.rate.frame()).unwrap_or_default()
    }

    /// The same, to be written.
    pub fn samples_mut(&mut self) -> &mut [i16] {
        self.samples.get_mut(..self.rate.frame()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_20_ms() {
        for rate in [Rate::Narrow, Rate::Wide] {
            let mut frame = Frame::silent(rate);
            assert_eq!(frame.samples().len() * 50, rate.hz() as usize);
            assert_eq!(frame.samples_mut().len(), rate.frame());
        }
    }
}
