//! GSM 06.10 full rate, decoded: 33 bytes are 160 samples at 8 kHz.
//!
//! Not here: encoding; no phone of ours speaks it, files do.
//! Source: ETSI EN 300 961 (GSM 06.10), §5.3 and its tables; RFC 3551 §4.5.8 (order of the bits).

/// Bytes of a frame.
pub const FRAME_BYTES: usize = 33;
/// Samples of a frame.
pub const FRAME_SAMPLES: usize = 160;
/// Bytes of two frames as a WAV file packs them.
pub const PAIR_BYTES: usize = 65;

/// Bits of the eight log-area ratios.
const LAR_BITS: [u32; 8] = [6, 6, 5, 5, 4, 4, 3, 3];
/// Least of each ratio (table 4.1).
const MIC: [i16; 8] = [-32, -32, -16, -16, -8, -8, -4, -4];
const B: [i16; 8] = [0, 0, 2048, -2560, 94, -1792, -341, -1144];
const INVERSE_A: [i16; 8] = [13_107, 13_107, 13_107, 13_107, 19_223, 17_476, 31_454, 29_708];
/// Gains of the long-term predictor (table 4.3b).
const GAINS: [i16; 4] = [3277, 11_469, 21_299, 32_767];
/// Mantissas of the block's maximum (table 4.6).
const FACTORS: [i16; 8] = [18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767];

/// Longest lag of the long-term predictor.
const LAG_MAX: usize = 120;
const LAG_MIN: usize = 40;
/// Samples of a quarter of a frame.
const QUARTER: usize = 40;

/// One stream being decoded.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// The last residuals, and room for 40 more.
    residual: [i16; LAG_MAX + QUARTER],
    lag: usize,
    /// Log-area ratios of the frame before.
    ratios: [i16; 8],
    /// The lattice's memory.
    lattice: [i16; 9],
    /// De-emphasis' memory.
    last: i16,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            residual: [0; LAG_MAX + QUARTER],
            lag: LAG_MIN,
            ratios: [0; 8],
            lattice: [0; 9],
            last: 0,
        }
    }
}

/// A frame as its parameters.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    ratios: [i16; 8],
    quarters: [Quarter; 4],
}

#[derive(Clone, Copy, Debug, Default)]
struct Quarter {
    lag: usize,
    gain: usize,
    grid: usize,
    maximum: i16,
    pulses: [i16; 13],
}

/// Bits, the most or the least significant of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    least_first: bool,
}

impl Bits<'_> {
    fn take(&mut self, n: u32) -> i16 {
        let mut value = 0;
        for i in 0..n {
            let byte = self.bytes.get(self.at / 8).copied().unwrap_or_default();
            let place = self.at % 8;
            if self.least_first {
                value |= i16::from(byte >> place & 1) << i;
            } else {
                value = value << 1 | i16::from(byte >> (7 - place) & 1);
            }
            self.at += 1;
        }
        value
    }

    fn frame(&mut self) -> Frame {
        let mut frame = Frame::default();
        for (ratio, bits) in frame.ratios.iter_mut().zip(LAR_BITS) {
            *ratio = self.take(bits);
        }
        for quarter in &mut frame.quarters {
            quarter.lag = usize::from(self.take(7).unsigned_abs());
            quarter.gain = usize::from(self.take(2).unsigned_abs());
            quarter.grid = usize::from(self.take(2).unsigned_abs());
            quarter.maximum = self.take(6);
            for pulse in &mut quarter.pulses {
                *pulse = self.take(3);
            }
        }
        frame
    }
}

impl Decoder {
    /// One frame of 33 bytes. None: it does not begin with the four bits that every frame has.
    pub fn decode(&mut self, bytes: &[u8; FRAME_BYTES]) -> Option<[i16; FRAME_SAMPLES]> {
        let mut bits = Bits { bytes, at: 0, least_first: false };
        (bits.take(4) == 0xd).then(|| self.frame(&bits.frame()))
    }

    /// Two frames, as they stand in a WAV file (format 0x31).
    pub fn decode_pair(&mut self, bytes: &[u8; PAIR_BYTES]) -> [[i16; FRAME_SAMPLES]; 2] {
        let mut bits = Bits { bytes, at: 0, least_first: true };
        let first = bits.frame();
        let second = bits.frame();
        [self.frame(&first), self.frame(&second)]
    }

    fn frame(&mut self, frame: &Frame) -> [i16; FRAME_SAMPLES] {
        let mut samples = [0; FRAME_SAMPLES];
        for (quarter, out) in frame.quarters.iter().zip(samples.chunks_exact_mut(QUARTER)) {
            let excited = excitation(quarter);
            self.predict(quarter, &excited, out);
        }
        let ratios = ratios(&frame.ratios);
        self.filter(&ratios, &mut samples);
        self.ratios = ratios;
        for sample in &mut samples {
            self.last = sample.saturating_add(rounded(self.last, 28_180));
            *sample = self.last.saturating_add(self.last) & !7;
        }
        samples
    }

    /// The long-term predictor (§5.3.2).
    fn predict(&mut self, quarter: &Quarter, excited: &[i16; QUARTER], out: &mut [i16]) {
        if (LAG_MIN..=LAG_MAX).contains(&quarter.lag) {
            self.lag = quarter.lag;
        }
        let gain = GAINS.get(quarter.gain).copied().unwrap_or_default();
        for (k, (excited, out)) in excited.iter().zip(out).enumerate() {
            let before = self.residual.get(LAG_MAX + k - self.lag).copied().unwrap_or_default();
            let sample = excited.saturating_add(rounded(gain, before));
            if let Some(place) = self.residual.get_mut(LAG_MAX + k) {
                *place = sample;
            }
            *out = sample;
        }
        self.residual.copy_within(QUARTER.., 0);
    }

    /// The short-term synthesis filter (§5.3.4), its ratios gliding from the last frame's.
    fn filter(&mut self, ratios: &[i16; 8], samples: &mut [i16; FRAME_SAMPLES]) {
        let before = self.ratios;
        let glide = |mix: fn(i16, i16) -> i16| {
            let mut reflections = [0; 8];
            for ((to, old), new) in reflections.iter_mut().zip(before).zip(ratios) {
                *to = reflection(mix(old, *new));
            }
            reflections
        };
        let parts: [(usize, [i16; 8]); 4] = [
            (13, glide(|old, new| (old >> 2).saturating_add(new >> 2).saturating_add(old >> 1))),
            (14, glide(|old, new| (old >> 1).saturating_add(new >> 1))),
            (13, glide(|old, new| (old >> 2).saturating_add(new >> 2).saturating_add(new >> 1))),
            (120, glide(|_, new| new)),
        ];
        let mut samples = samples.iter_mut();
        for (n, reflections) in parts {
            for sample in samples.by_ref().take(n) {
                *sample = self.step(&reflections, *sample);
            }
        }
    }

    fn step(&mut self, reflections: &[i16; 8], sample: i16) -> i16 {
        let mut value = sample;
        for (i, reflection) in reflections.iter().enumerate().rev() {
            let held = self.lattice.get(i).copied().unwrap_or_default();
            value = value.saturating_sub(rounded(*reflection, held));
            if let Some(next) = self.lattice.get_mut(i + 1) {
                *next = held.saturating_add(rounded(*reflection, value));
            }
        }
        if let Some(first) = self.lattice.first_mut() {
            *first = value;
        }
        value
    }
}

/// Product of two fractions, rounded.
fn rounded(a: i16, b: i16) -> i16 {
    if a == i16::MIN && b == i16::MIN {
        return i16::MAX;
    }
    ((i32::from(a) * i32::from(b) + 16_384) >> 15) as i16
}

/// The pulses of a quarter where they stand (§5.3.1).
fn excitation(quarter: &Quarter) -> [i16; QUARTER] {
    let mut exponent = if quarter.maximum > 15 { (quarter.maximum >> 3) - 1 } else { 0 };
    let mut mantissa = quarter.maximum - (exponent << 3);
    if mantissa == 0 {
        (exponent, mantissa) = (-4, 7);
    } else {
        while mantissa <= 7 {
            mantissa = mantissa << 1 | 1;
            exponent -= 1;
        }
        mantissa -= 8;
    }
    let factor = FACTORS.get(usize::from(mantissa.unsigned_abs())).copied().unwrap_or_default();
    let shift = 6 - exponent;
    let half = if shift > 0 { 1 << (shift - 1) } else { 0 };
    let mut excited = [0; QUARTER];
    for (i, pulse) in quarter.pulses.iter().enumerate() {
        let value = rounded(factor, (2 * pulse - 7) << 12).saturating_add(half) >> shift;
        if let Some(place) = excited.get_mut(quarter.grid + 3 * i) {
            *place = value;
        }
    }
    excited
}

/// Log-area ratios as they were before coding (§5.3.3).
fn ratios(coded: &[i16; 8]) -> [i16; 8] {
    let mut ratios = [0; 8];
    let tables = MIC.iter().zip(B).zip(INVERSE_A);
    for ((to, coded), ((least, b), inverse)) in ratios.iter_mut().zip(coded).zip(tables) {
        let value = ((coded + least) << 10).saturating_sub(b << 1);
        let value = rounded(inverse, value);
        *to = value.saturating_add(value);
    }
    ratios
}

/// A reflection coefficient.
fn reflection(ratio: i16) -> i16 {
    let size = if ratio == i16::MIN { i16::MAX } else { ratio.abs() };
    let value = match size {
        ..11_059 => size << 1,
        11_059..20_070 => size + 11_059,
        20_070.. => (size >> 2).saturating_add(26_112),
    };
    if ratio < 0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{Heard, heard, rms};

    /// A second of 440 Hz, a quarter of full scale, coded by another's encoder (libgsm by way of sox).
    const TONE: &[u8] = include_bytes!("gsm/tone.gsm");

    fn decoded(file: &[u8]) -> Vec<i16> {
        let mut decoder = Decoder::default();
        let (frames, _) = file.as_chunks::<FRAME_BYTES>();
        frames.iter().flat_map(|frame| decoder.decode(frame).unwrap()).collect()
    }

    #[test]
    fn a_tone_stays_what_it_is() {
        let samples = decoded(TONE);
        assert_eq!(samples.len(), 50 * FRAME_SAMPLES);
        let middle = &samples[800..7200];
        assert_eq!(heard(middle), Heard::Tone(440));
        let level = rms(middle) / (8192.0 / 2.0_f32.sqrt());
        assert!((0.85..1.15).contains(&level), "{level}");
    }

    #[test]
    fn either_order_of_bits_is_the_same_sound() {
        // The same bits, put together as a WAV file has them.
        let mut pair = [0; PAIR_BYTES];
        let mut put = 0;
        for frame in TONE.chunks_exact(FRAME_BYTES).take(2) {
            let mut bits = Bits { bytes: frame, at: 4, least_first: false };
            let quarters = [7, 2, 2, 6].into_iter().chain([3; 13]);
            let fields = LAR_BITS.into_iter().chain((0..4).flat_map(|_| quarters.clone()));
            for n in fields {
                let value = bits.take(n);
                for i in 0..n {
                    pair[put / 8] |= ((value >> i & 1) as u8) << (put % 8);
                    put += 1;
                }
            }
        }
        assert_eq!(put, 8 * PAIR_BYTES);
        let [first, second] = Decoder::default().decode_pair(&pair);
        assert_eq!(decoded(TONE)[..320], [first, second].concat());
    }

    #[test]
    fn garbage_does_no_harm() {
        let mut decoder = Decoder::default();
        assert!(decoder.decode(&[0; FRAME_BYTES]).is_none());
        let mut seed = 1_u32;
        for _ in 0..5000 {
            let mut frame = [0; FRAME_BYTES];
            for byte in &mut frame {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (seed >> 24) as u8;
            }
            frame[0] = 0xd0 | frame[0] & 0xf;
            assert!(decoder.decode(&frame).is_some());
        }
        for byte in [0x00, 0xff] {
            let mut frame = [byte; FRAME_BYTES];
            frame[0] = 0xd0 | byte & 0xf;
            for _ in 0..100 {
                assert!(decoder.decode(&frame).is_some());
            }
        }
    }
}
