//! How loud speech is, and speech made as loud as recognisers know it.
//!
//! Not here: finding where somebody speaks (`legwork-media`).
//! Source: ours, by measurement: the energy the en-US model of pocketsphinx starts from (`-cmninit`) is
//! that of speech of this loudness, and short utterances end before it has learnt another one.

use crate::ears::RATE_HZ;

/// Root mean square of the loudest 20 ms, as models expect it.
const EXPECTED: f32 = 1_200.0;
/// The same of what is no speech, but a line at rest.
const REST: f32 = 40.0;
/// Quiet speech is not made louder than that: noise is not speech.
const GAIN_MAX: f32 = 12.0;
/// Silence before and behind: speech that fills everything is taken for noise.
const MARGIN: usize = RATE_HZ * 3 / 10;

/// The sound as bytes of a recogniser: little-endian, levelled, with silence around it. None: nothing
/// is heard in it.
pub(crate) fn levelled(sound: &[i16]) -> Option<Vec<u8>> {
    let loudest = loudest(sound);
    if loudest < REST {
        return None;
    }
    let gain = (EXPECTED / loudest).min(GAIN_MAX);
    let mut bytes = vec![0; MARGIN * 2];
    bytes.reserve(sound.len() * 2 + MARGIN * 2);
    for sample in sound {
        // Saturates.
        bytes.extend_from_slice(&((f32::from(*sample) * gain) as i16).to_le_bytes());
    }
    bytes.resize(bytes.len() + MARGIN * 2, 0);
    Some(bytes)
}

/// Whether there is anything to be understood.
pub(crate) fn is_silent(sound: &[i16]) -> bool {
    loudest(sound) < REST
}

fn loudest(sound: &[i16]) -> f32 {
    sound.chunks(RATE_HZ / 50).map(legwork_media::tone::rms).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whispers_and_shouts_become_alike() {
        for level in [200, 1_200, 20_000] {
            let sound: Vec<i16> =
                (0..1600).map(|n| if n % 2 == 0 { level } else { -level }).collect();
            let bytes = levelled(&sound).unwrap();
            assert_eq!(bytes.len(), 2 * (sound.len() + 2 * MARGIN));
            let middle = i16::from_le_bytes([bytes[MARGIN * 2], bytes[MARGIN * 2 + 1]]);
            assert!((middle - 1_200).abs() <= 2, "{level}: {middle}");
        }
        assert!(levelled(&[0; 16_000]).is_none() && levelled(&[]).is_none());
        assert!(is_silent(&[20; 16_000]) && !is_silent(&[i16::MIN; 320]));
        assert!(levelled(&[i16::MIN; 320]).is_some());
    }
}
