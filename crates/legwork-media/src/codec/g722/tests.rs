//! G.722 against golden bytes and against what a good codec does to sounds.
//!
//! Not here: losses and other rates (`tests/codecs.rs`).

use super::*;
use crate::measure;

/// Noise, loud and soft by turns.
fn babble(n_samples: usize) -> Vec<i16> {
    let mut random = 1_u32;
    let noise = std::iter::repeat_with(|| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) as u16 as i16
    });
    let loud = |(n, sample): (usize, i16)| match n / 500 % 4 {
        0 => sample >> 2,
        1 => sample >> 8,
        2 => sample >> 13,
        _ => sample >> 1,
    };
    noise.enumerate().map(loud).take(n_samples).collect()
}

fn encoded(samples: &[i16]) -> Vec<u8> {
    let mut payload = vec![0; samples.len() / 2];
    assert_eq!(Encoder::default().encode(samples, &mut payload), payload.len());
    payload
}

fn decoded(payload: &[u8]) -> Vec<i16> {
    let mut samples = vec![0; 2 * payload.len()];
    assert_eq!(Decoder::default().decode(payload, &mut samples), samples.len());
    samples
}

/// FNV-1a.
fn digest(bytes: impl IntoIterator<Item = u8>) -> u32 {
    bytes
        .into_iter()
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn tone(hz: f32, peak: f32) -> Vec<i16> {
    let turn = std::f32::consts::TAU * hz / 16_000.0;
    (0..8000_u16).map(|n| (peak * (turn * f32::from(n)).sin()) as i16).collect()
}

/// The numbers are those of SpanDSP 0.0.6 for the same sound and the same bytes.
#[test]
fn every_bit_is_the_recommendations() {
    let samples = babble(16_000);
    let payload = encoded(&samples);
    assert_eq!(payload[..8], [155, 36, 132, 32, 132, 32, 143, 9]);
    assert_eq!(digest(payload.iter().copied()), 0x674e_1ecc);
    let back = decoded(&payload);
    assert_eq!(digest(back.iter().flat_map(|sample| sample.to_le_bytes())), 0xc635_c158);
}

#[test]
fn a_sound_in_pieces_is_one_sound() {
    let samples = babble(4000);
    let whole = encoded(&samples);
    let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
    let (mut pieces, mut back) = (Vec::new(), Vec::new());
    for piece in samples.chunks(74) {
        let mut payload = [0; 37];
        let n_bytes = encoder.encode(piece, &mut payload);
        pieces.extend_from_slice(&payload[..n_bytes]);
        let mut sound = [0; 74];
        let n_samples = decoder.decode(&payload[..n_bytes], &mut sound);
        back.extend_from_slice(&sound[..n_samples]);
    }
    assert_eq!(pieces, whole);
    assert_eq!(back, decoded(&whole));
}

#[test]
fn tones_of_both_bands_come_through() {
    for (hz, noise_db) in [(300.0, 30.0), (1000.0, 30.0), (3000.0, 25.0), (6000.0, 12.0)] {
        let sound = tone(hz, 8000.0);
        let back = decoded(&encoded(&sound));
        // Its beginning is still being learned.
        let (sound, back) = (&sound[800..], &back[800..]);
        let level = measure::tone_level(back, 16_000, hz);
        assert!((level - measure::level(sound)).abs() < 0.5, "{hz}: {level}");
        // All that is not the tone: power of the whole without the tone's.
        let power = |db: f32| 10_f32.powf(db / 10.0);
        let rest = power(measure::level(back)) - power(level);
        let distance = level - 10.0 * rest.max(1e-12).log10();
        assert!(distance > noise_db, "{hz}: {distance}");
    }
}

#[test]
fn the_loudest_does_not_come_round() {
    let back = decoded(&encoded(&tone(500.0, 32_767.0)));
    let largest = back.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max();
    assert!(largest < Some(12_000), "{largest:?}");
}

#[test]
fn silence_stays_silent() {
    let back = decoded(&encoded(&[0; 3200]));
    assert!(back.iter().all(|sample| sample.abs() <= 4), "{:?}", back.iter().max());
    // What is sent for silence when nothing is encoded.
    let back = decoded(&[0xfd; 1600]);
    assert!(back[1600..].iter().all(|sample| sample.abs() <= 4));
}

#[test]
fn what_has_no_room_is_left_out() {
    let mut encoder = Encoder::default();
    assert_eq!(encoder.encode(&[0; 321], &mut [0; 200]), 160);
    assert_eq!(encoder.encode(&[0; 320], &mut [0; 7]), 7);
    assert_eq!(encoder.encode(&[], &mut [0; 7]), 0);
    let mut decoder = Decoder::default();
    assert_eq!(decoder.decode(&[0; 200], &mut [0; 320]), 320);
    assert_eq!(decoder.decode(&[0; 10], &mut [0; 7]), 6);
    assert_eq!(decoder.decode(&[], &mut [0; 7]), 0);
}
