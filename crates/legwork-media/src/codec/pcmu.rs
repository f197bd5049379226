//! G.711 µ-law, a byte at a time.
//!
//! Not here: payloads (`codec`).
//! Source: ITU-T G.711 table 2.

/// What is added before the logarithm, in 16-bit samples.
const BIAS: i16 = 132;

/// A 16-bit sample as a byte; the loudest are clipped.
pub const fn encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs();
    let magnitude = if magnitude > 32_635 { 32_635 } else { magnitude } + BIAS as u16;
    // The bias sees to it that bit 7 or a higher one is set.
    let exponent = 8 - magnitude.leading_zeros() as u8;
    let mantissa = (magnitude >> (exponent + 3)) as u8 & 0x0f;
    !(sign | (exponent << 4) | mantissa)
}

/// A byte as a 16-bit sample.
pub const fn decode(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((((byte & 0x0f) as i16) << 3) + BIAS) << ((byte & 0x70) >> 4);
    if byte & 0x80 != 0 { BIAS - magnitude } else { magnitude - BIAS }
}
