//! G.711 A-law, a byte at a time.
//!
//! Not here: payloads (`codec`).
//! Source: ITU-T G.711 table 1.

/// Even bits are inverted on the line.
const INVERTED: u8 = 0x55;

/// A 16-bit sample as a byte.
pub const fn encode(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 { (0, !sample) } else { (0x80, sample) };
    let magnitude = magnitude as u16 >> 4;
    // Segments 0 and 1 are both linear.
    let coded = if magnitude < 32 {
        magnitude as u8
    } else {
        let top = 15 - magnitude.leading_zeros() as u8;
        ((top - 3) << 4) | ((magnitude >> (top - 4)) as u8 & 0x0f)
    };
    (sign | coded) ^ INVERTED
}

/// A byte as a 16-bit sample.
pub const fn decode(byte: u8) -> i16 {
    let byte = byte ^ INVERTED;
    let mantissa = ((byte & 0x0f) as i16) << 4;
    let magnitude = match (byte & 0x70) >> 4 {
        0 => mantissa + 8,
        segment => (mantissa + 0x108) << (segment - 1),
    };
    if byte & 0x80 != 0 { magnitude } else { -magnitude }
}
