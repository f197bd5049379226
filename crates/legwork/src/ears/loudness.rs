//! How loud speech is, and speech alone, as loud as recognisers know it.
//!
//! Not here: when somebody begins and ends to speak in a call (`legwork-media`).
//! Source: ours, by measurement: the energy the en-US model of pocketsphinx starts from (`-cmninit`) is
//! that of speech of this loudness, and short utterances end before it has learnt another one. Held by the
//! table of `ears::tests`.

use legwork_media::tone::rms;

use crate::ears::RATE_HZ;

/// Root mean square of the loudest 20 ms, as models expect it.
const EXPECTED: f32 = 1_200.0;
/// The same of what is no speech, but a line at rest.
const REST: f32 = 40.0;
/// Quiet speech is not made louder than that: noise is not speech.
const GAIN_MAX: f32 = 12.0;
/// Root mean square of the noise under everything. A model has never heard that nothing at all is there, as
/// it is in the upper half of what came as G.711 and between the words of a good line, and takes it for
/// anything.
const FLOOR: f32 = 30.0;
/// Pieces in which it is looked where somebody speaks: 20 ms.
const PIECE: usize = RATE_HZ / 50;
/// Speech is what is so much quieter than its loudest piece, and this much before and behind it: of the
/// noise of a line while nobody speaks, words can be made.
const QUIET: f32 = 1.0 / 20.0;
const AROUND: usize = RATE_HZ / 4;
/// Silence before and behind: speech that fills everything is taken for noise.
const MARGIN: usize = RATE_HZ * 3 / 10;
/// What must have been part of a word, beside the loudest piece.
const LOUD: f32 = 1.0 / 10.0;
/// What recognisers count in: 10 ms.
const FRAME: usize = RATE_HZ / 100;

/// Sound as a recogniser wants it.
#[derive(Clone, Debug)]
pub(crate) struct Levelled {
    /// Little-endian samples.
    pub(crate) bytes: Vec<u8>,
    /// Of each 10 ms, whether somebody spoke.
    pub(crate) loud: Vec<bool>,
}

/// Sound without what is before and behind speech, levelled, with silence around it and a little noise
/// under it. None: nothing is heard in it.
pub(crate) fn levelled(sound: &[i16]) -> Option<Levelled> {
    let loudest = loudest(sound);
    if loudest < REST {
        return None;
    }
    let gain = (EXPECTED / loudest).min(GAIN_MAX);
    let margin = std::iter::repeat_n(&0, MARGIN);
    let sound = margin.clone().chain(speech(sound, loudest)).chain(margin);
    let mut noise = noise();
    // Saturates.
    let samples: Vec<i16> =
        sound.map(|sample| (f32::from(*sample) * gain + noise()) as i16).collect();
    let loud = samples.chunks(FRAME).map(|frame| rms(frame) > loudest * gain * LOUD).collect();
    Some(Levelled { bytes: samples.into_iter().flat_map(i16::to_le_bytes).collect(), loud })
}

/// From a moment before somebody speaks to a moment after.
fn speech(sound: &[i16], loudest: f32) -> &[i16] {
    let is_speech = |piece: &[i16]| rms(piece) > loudest * QUIET;
    let first = sound.chunks(PIECE).position(is_speech).unwrap_or_default() * PIECE;
    let behind = sound.rchunks(PIECE).position(is_speech).unwrap_or_default() * PIECE;
    let end = (sound.len() - behind + AROUND).min(sound.len());
    sound.get(first.saturating_sub(AROUND)..end).unwrap_or(sound)
}

/// Of every frequency as much; always the same.
fn noise() -> impl FnMut() -> f32 {
    let mut dice = 1_u32;
    // Of even distribution the root mean square is the peak by √3.
    let peak = FLOOR * 3.0_f32.sqrt();
    move || {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        peak * ((dice >> 16) as f32 / 32_768.0 - 1.0)
    }
}

/// Whether there is anything to be understood.
pub(crate) fn is_silent(sound: &[i16]) -> bool {
    loudest(sound) < REST
}

fn loudest(sound: &[i16]) -> f32 {
    sound.chunks(PIECE).map(rms).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whispers_and_shouts_become_alike() {
        for level in [200, 1_200, 20_000] {
            let sound: Vec<i16> =
                (0..1600).map(|n| if n % 2 == 0 { level } else { -level }).collect();
            let Levelled { bytes, loud } = levelled(&sound).unwrap();
            assert_eq!(bytes.len(), 2 * (sound.len() + 2 * MARGIN));
            let samples: Vec<i16> =
                bytes.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
            let (before, middle) = (&samples[..MARGIN], &samples[MARGIN..MARGIN + 1600]);
            assert!((rms(middle) - EXPECTED).abs() <= 5.0, "{level}: {}", rms(middle));
            assert!((rms(before) - FLOOR).abs() <= 1.0, "{}", rms(before));
            let is_loud = |n| (MARGIN..MARGIN + 1600).contains(&(n * FRAME));
            assert!(loud.iter().enumerate().all(|(n, loud)| *loud == is_loud(n)), "{loud:?}");
        }
        assert!(levelled(&[0; 16_000]).is_none() && levelled(&[]).is_none());
        assert!(is_silent(&[20; 16_000]) && !is_silent(&[i16::MIN; 320]));
        assert!(levelled(&[i16::MIN; 320]).is_some());
    }

    #[test]
    fn long_silence_around_speech_is_left_out() {
        let around = |before: usize, behind: usize| {
            let sound = [vec![3; before], vec![9_000; 3_200], vec![-3; behind]].concat();
            levelled(&sound).unwrap().loud.len()
        };
        let whole = (3_200 + 2 * (AROUND + MARGIN)) / FRAME;
        for (before, behind, expected) in [
            (AROUND, AROUND, whole),
            (100_000, 100_000, whole),
            (100_001, 99_999, whole + 2),
            (0, 100_000, whole - AROUND / FRAME),
            (100_000, 0, whole - AROUND / FRAME),
        ] {
            let length = around(before, behind);
            // To a piece of 20 ms on either side.
            assert!(
                (expected..=expected + 4).contains(&(length + 2)),
                "{before} {behind}: {length}"
            );
        }
    }
}
