//! Keys as tones: two frequencies at once, for peers that know no telephone-events.
//!
//! Not here: telephone-events (`dtmf`).
//! Source: ITU-T Q.23 (frequencies), Q.24 (levels and lengths that are heard).

use std::f32::consts::TAU;

use super::RATE_HZ;

/// Hz, by the row of the key.
pub(crate) const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// Hz, by the column of the key.
pub(crate) const HIGH: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// Row by row.
pub(crate) const KEYS: &[u8; 16] = b"123A456B789C*0#D";

/// Peaks: the higher one loses more on its way, so it begins 2 dB louder.
const LEVELS: (f32, f32) = (6000.0, 7500.0);

/// The two frequencies of a key, Hz; none: it is no key.
pub fn frequencies(key: u8) -> Option<(f32, f32)> {
    let place = KEYS.iter().position(|known| *known == key)?;
    Some((*LOW.get(place / 4)?, *HIGH.get(place % 4)?))
}

/// `frame.len()` samples of a key's tone at 8 kHz, `from` samples after its beginning. Silence if
/// it is no key.
pub fn write(key: u8, from: usize, frame: &mut [i16]) {
    let Some((low, high)) = frequencies(key) else { return frame.fill(0) };
    // Whole Hz: every second is like the first, and small angles are exact ones.
    let from = from % RATE_HZ as usize;
    for (n, sample) in frame.iter_mut().enumerate() {
        let turn = TAU * (from + n) as f32 / RATE_HZ as f32;
        *sample = (LEVELS.0 * (turn * low).sin() + LEVELS.1 * (turn * high).sin()) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_their_frequencies() {
        for (key, both) in [
            (b'1', (697.0, 1209.0)),
            (b'0', (941.0, 1336.0)),
            (b'*', (941.0, 1209.0)),
            (b'#', (941.0, 1477.0)),
            (b'D', (941.0, 1633.0)),
            (b'5', (770.0, 1336.0)),
        ] {
            assert_eq!(frequencies(key), Some(both));
        }
        assert_eq!(frequencies(b'w'), None);
    }

    #[test]
    fn a_tone_in_pieces_is_one_tone() {
        let (mut whole, mut pieces) = ([0; 800], [0; 800]);
        write(b'7', 0, &mut whole);
        for (n, piece) in pieces.chunks_mut(160).enumerate() {
            write(b'7', 160 * n, piece);
        }
        assert_eq!(whole, pieces);
        write(b'x', 0, &mut whole);
        assert_eq!(whole, [0; 800]);
    }
}
