//! Sounds made by calculation, and hearing which tone a sound is.
//!
//! Not here: ringing tones (`tone::ring`), keys (`tone::key`), what resembles speech
//! (`tone::babble`), who is played what (`plane`), whole streams (`ear`).

pub mod babble;
pub mod key;
pub mod ring;

pub use ring::RingTone;

use std::f32::consts::{PI, TAU};

/// Samples per second of everything here.
pub const RATE_HZ: u32 = 8000;

/// Below this root mean square it is silent: −50 dB of full scale.
const SILENCE_RMS: f32 = 100.0;

/// What a piece of sound is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing to be heard, or nothing arrived.
    Silence,
    /// One tone, so many Hz, ±5.
    Tone(u16),
    /// 440 and 480 Hz together.
    Ringback,
    /// Anything else: speech, music, two tones at once.
    Other,
}

/// A tone, 8 kHz. `level` is its peak, up to 32767; it begins and ends at zero crossings only if
/// its frequency makes it so.
pub fn sine(hz: f32, level: f32, n_samples: usize) -> Vec<i16> {
    let step = TAU * hz / RATE_HZ as f32;
    let mut phase = 0.0_f32;
    let samples = std::iter::repeat_with(|| {
        let sample = level * phase.sin();
        phase = (phase + step) % TAU;
        sample as i16
    });
    samples.take(n_samples).collect()
}

/// Notes of the hold music, Hz: broken chords of C, A minor, F and G.
const MELODY: [[f32; 4]; 4] = [
    [261.63, 329.63, 392.0, 523.25],
    [220.0, 261.63, 329.63, 440.0],
    [174.61, 220.0, 261.63, 349.23],
    [196.0, 246.94, 293.66, 392.0],
];

/// Hold music: soft plucked chords, 8 s to be repeated without a seam.
pub fn hold_music() -> Vec<i16> {
    let beat = RATE_HZ as usize / 4;
    let length = 32 * beat;
    let mut mix = vec![0.0_f32; length];
    let notes = MELODY.iter().flat_map(|[a, b, c, d]| [a, b, c, d, c, d, c, b]);
    for (index, note) in notes.enumerate() {
        // A note rings for four beats, over the loop's end into its beginning.
        let start = index * beat;
        for n in 0..4 * beat {
            let time = n as f32 / RATE_HZ as f32;
            let attack = (time * 100.0).min(1.0);
            let release = ((4 * beat - n) as f32 / beat as f32).min(1.0);
            let envelope = attack * release * (-time * 4.0).exp();
            let wave = (TAU * note * time).sin() + 0.3 * (2.0 * TAU * note * time).sin();
            if let Some(sample) = mix.get_mut((start + n) % length) {
                *sample += 2500.0 * envelope * wave;
            }
        }
    }
    mix.into_iter().map(|sample| sample as i16).collect()
}

/// Root mean square of a sound.
pub fn rms(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (sum / samples.len() as f64).sqrt() as f32
}

/// What this is. Wants 100 ms at least; shorter is silence or `Other`.
pub fn heard(samples: &[i16]) -> Heard {
    if rms(samples) < SILENCE_RMS {
        return Heard::Silence;
    }
    if samples.len() < RATE_HZ as usize / 10 {
        return Heard::Other;
    }
    // A Hann window keeps a tone's energy within two steps of its own frequency.
    let windowed = window(samples);
    let total: f32 = windowed.iter().map(|sample| sample * sample).sum();
    let share = |hz: f32| 1.5 * goertzel(&windowed, hz) / (total * samples.len() as f32);
    // Both at once, and hardly anything else.
    let (low, high) = (share(440.0), share(480.0));
    if low.min(high) > 0.3 {
        return Heard::Ringback;
    }
    let step = RATE_HZ as f32 / samples.len() as f32;
    let n_steps = (3600.0 / step) as usize;
    let coarse = (0..n_steps).map(|n| n as f32 * step).filter(|hz| *hz >= 100.0);
    let loudest = |a: &(f32, f32), b: &(f32, f32)| a.1.total_cmp(&b.1);
    let Some((near, _)) = coarse.map(|hz| (hz, share(hz))).max_by(loudest) else {
        return Heard::Other;
    };
    let fine = (-10..=10).map(|n| near + step * n as f32 / 10.0);
    match fine.map(|hz| (hz, share(hz))).max_by(loudest) {
        Some((hz, share)) if share > 0.7 => Heard::Tone(hz.round() as u16),
        Some(_) | None => Heard::Other,
    }
}

fn window(samples: &[i16]) -> Vec<f32> {
    let length = samples.len() as f32;
    let hann = |n: usize| (PI * (n as f32 + 0.5) / length).sin().powi(2);
    samples.iter().enumerate().map(|(n, &sample)| f32::from(sample) * hann(n)).collect()
}

/// Energy of one frequency: the squared magnitude of its Fourier sum, both signs of it.
fn goertzel(samples: &[f32], hz: f32) -> f32 {
    let coefficient = 2.0 * (TAU * hz / RATE_HZ as f32).cos();
    let (mut one, mut two) = (0.0_f32, 0.0_f32);
    for sample in samples {
        let next = sample + coefficient * one - two;
        (one, two) = (next, one);
    }
    2.0 * (one * one + two * two - coefficient * one * two)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(a: &[i16], b: &[i16]) -> Vec<i16> {
        a.iter().zip(b).map(|(a, b)| a / 2 + b / 2).collect()
    }

    #[test]
    fn tones_are_heard_within_five_hertz() {
        for hz in [150_u16, 297, 400, 440, 613, 1000, 1633, 2500, 3300] {
            for (level, n_samples) in [(300.0, 800), (8000.0, 1600), (30_000.0, 4000)] {
                let heard = heard(&sine(f32::from(hz), level, n_samples));
                let Heard::Tone(got) = heard else { panic!("{hz} {n_samples}: {heard:?}") };
                assert!(hz.abs_diff(got) <= 5, "{hz}: {got}");
            }
        }
    }

    #[test]
    fn what_is_no_tone() {
        assert_eq!(heard(&[]), Heard::Silence);
        assert_eq!(heard(&[20; 1600]), Heard::Silence);
        assert_eq!(heard(&sine(440.0, 8000.0, 200)), Heard::Other);
        let two = mixed(&sine(400.0, 8000.0, 1600), &sine(700.0, 8000.0, 1600));
        assert_eq!(heard(&two), Heard::Other);
        let mut noise = 1_u32;
        let noise: Vec<i16> = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 18) as i16
        })
        .take(1600)
        .collect();
        assert_eq!(heard(&noise), Heard::Other);
    }

    #[test]
    fn ringback_is_two_seconds_of_two_tones() {
        let samples = RingTone::default().samples();
        assert_eq!(samples.len(), 48_000);
        for at in [0, 4000, 14_000] {
            assert_eq!(heard(&samples[at..at + 1600]), Heard::Ringback);
        }
        assert_eq!(heard(&samples[16_000..]), Heard::Silence);
    }

    #[test]
    fn hold_music_is_soft_and_has_no_seam() {
        let samples = hold_music();
        let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!((2000..12_000).contains(&loudest), "{loudest}");
        for piece in samples.chunks(1600) {
            assert_ne!(heard(piece), Heard::Silence);
        }
        let seam = samples[0].abs_diff(*samples.last().unwrap());
        assert!(seam < 1500, "{seam}");
    }
}
