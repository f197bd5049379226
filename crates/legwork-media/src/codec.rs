//! Payloads to sound and back, and one law of G.711 to the other.
//!
//! Not here: which codec is used (`offer_answer`), which payload is next (`plane`).
//! Source: ITU-T G.711, ITU-T G.722, RFC 6716.

mod conceal;
pub mod decoder;
pub mod encoder;
mod g722;
pub mod gsm;
mod noise;
pub mod pcma;
pub mod pcmu;

pub use decoder::{Decoder, SOUND_MAX, Sound};
pub use encoder::{Encoder, PAYLOAD_BYTES};

use crate::offer_answer::Codec;

/// Converts a G.711 payload in place. False: not both are G.711, nothing was done.
pub fn convert(from: Codec, to: Codec, payload: &mut [u8]) -> bool {
    let table = match (from, to) {
        (Codec::Pcmu, Codec::Pcma) => &PCMU_TO_PCMA,
        (Codec::Pcma, Codec::Pcmu) => &PCMA_TO_PCMU,
        // The same law, or a codec that is passed through.
        (_, _) => return from == to && from.is_g711(),
    };
    for byte in payload {
        *byte = converted(table, *byte);
    }
    true
}

#[expect(clippy::indexing_slicing, reason = "a byte indexes 256 entries")]
fn converted(table: &[u8; 256], byte: u8) -> u8 {
    table[usize::from(byte)]
}

#[expect(clippy::indexing_slicing, reason = "256 entries, when compiling")]
static PCMU_TO_PCMA: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = pcma::encode(pcmu::decode(byte as u8));
        byte += 1;
    }
    table
};

#[expect(clippy::indexing_slicing, reason = "256 entries, when compiling")]
static PCMA_TO_PCMU: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = pcmu::encode(pcma::decode(byte as u8));
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_of_both_laws() {
        for (byte, sample) in [(0xff, 0), (0x80, 32_124), (0x00, -32_124), (0xf0, 120)] {
            assert_eq!(pcmu::decode(byte), sample);
            assert_eq!(pcmu::encode(sample), byte);
        }
        for (byte, sample) in [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256)] {
            assert_eq!(pcma::decode(byte), sample);
            assert_eq!(pcma::encode(sample), byte);
        }
        assert_eq!((pcmu::encode(i16::MIN), pcmu::encode(i16::MAX)), (0x00, 0x80));
        assert_eq!((pcma::encode(i16::MIN), pcma::encode(i16::MAX)), (0x2a, 0xaa));
        assert_eq!((pcmu::encode(0), pcma::encode(0)), (0xff, 0xd5));
    }

    #[test]
    fn coding_is_the_inverse_of_decoding() {
        for byte in 0..=255 {
            // µ-law has a negative zero.
            let want = if byte == 0x7f { 0xff } else { byte };
            assert_eq!(pcmu::encode(pcmu::decode(byte)), want);
            assert_eq!(pcma::encode(pcma::decode(byte)), byte);
        }
    }

    #[test]
    fn coding_errs_by_half_a_step_at_most() {
        for sample in i16::MIN..=i16::MAX {
            let near = |decoded: i16| {
                let off = (i32::from(decoded) - i32::from(sample)).abs();
                off <= 16 + i32::from(sample).abs() / 32
            };
            assert!(near(pcmu::decode(pcmu::encode(sample))), "{sample}");
            assert!(near(pcma::decode(pcma::encode(sample))), "{sample}");
        }
    }

    #[test]
    fn one_law_becomes_the_other() {
        for byte in 0..=255_u8 {
            let mut payload = [byte];
            assert!(convert(Codec::Pcmu, Codec::Pcma, &mut payload));
            let (a, b) = (i32::from(pcmu::decode(byte)), i32::from(pcma::decode(payload[0])));
            assert!((a - b).abs() <= 16 + a.abs() / 32, "{byte}");
            assert!(convert(Codec::Pcma, Codec::Pcmu, &mut payload));
            let back = i32::from(pcmu::decode(payload[0]));
            assert!((a - back).abs() <= 16 + a.abs() / 16, "{byte}");
        }
        assert!(convert(Codec::Pcmu, Codec::Pcmu, &mut []));
        assert!(!convert(Codec::Pcmu, Codec::G722, &mut []));
        assert!(!convert(Codec::Opus, Codec::Opus, &mut []));
    }
}
