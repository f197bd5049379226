//! Whole sounds, pieces of them, and what the filters keep and take away.
//!
//! Not here: what codecs do to sounds (`tests/codecs.rs`).

use super::*;
use crate::sound::Frame;
use crate::{measure, tone};

fn sine(rate_hz: u32, hz: f32, n_samples: usize) -> Vec<i16> {
    let turn = f64::from(hz) * TAU / f64::from(rate_hz);
    (0..n_samples).map(|n| (20_000.0 * (turn * n as f64).sin()) as i16).collect()
}

/// Level of 20,000 peak, dB.
const TONE_DB: f32 = -7.3;

fn is_near(level: f32, want: f32, by: f32) -> bool {
    (level - want).abs() <= by
}

#[test]
fn constants_and_lengths_are_kept() {
    for rate_hz in RATES_HZ {
        for rate in [Rate::Narrow, Rate::Wide] {
            let samples = to(rate, rate_hz, vec![5000; rate_hz as usize]);
            assert_eq!(samples.len(), rate.hz() as usize);
            let inner = &samples[200..samples.len() - 200];
            assert!(inner.iter().all(|s| s.abs_diff(5000) <= 20), "{rate_hz} {rate:?}");
        }
    }
    assert_eq!(to_8k(48_000, vec![]), []);
    assert_eq!(to_8k(7, vec![1, 2, 3]), []);
    assert_eq!(to(Rate::Wide, 0, vec![1, 2, 3]), []);
}

#[test]
fn tones_stay_and_what_is_too_high_goes() {
    for rate_hz in RATES_HZ {
        for rate in [Rate::Narrow, Rate::Wide] {
            let highest = 0.42 * rate_hz.min(rate.hz()) as f32;
            for hz in [300.0, 1000.0, highest] {
                let sound = to(rate, rate_hz, sine(rate_hz, hz, rate_hz as usize));
                let level = measure::tone_level(&sound, rate.hz(), hz);
                assert!(is_near(level, TONE_DB, 0.5), "{rate_hz} {rate:?} {hz}: {level}");
                assert!(is_near(measure::level(&sound), TONE_DB, 0.5), "{rate_hz} {rate:?} {hz}");
            }
            let over = 0.52 * rate.hz() as f32;
            if over < 0.5 * rate_hz as f32 {
                let sound = to(rate, rate_hz, sine(rate_hz, over, rate_hz as usize));
                let level = measure::level(&sound[400..sound.len() - 400]);
                assert!(level < TONE_DB - 60.0, "{rate_hz} {rate:?}: {level}");
            }
        }
    }
}

#[test]
fn pieces_become_what_the_whole_becomes() {
    for (rate_hz, rate) in
        [(44_100, Rate::Narrow), (44_100, Rate::Wide), (8000, Rate::Wide), (16_000, Rate::Wide)]
    {
        let sound = sine(rate_hz, 440.0, 10_007);
        let whole = to(rate, rate_hz, sound.clone());
        let mut importer = Importer::new(rate_hz, rate).unwrap();
        for size in [1, 7, 160, 5000, 20_000] {
            let mut out = Vec::new();
            for piece in sound.chunks(size) {
                importer.push(piece, &mut out);
            }
            importer.finish(&mut out);
            assert_eq!(out, whole, "{rate_hz} {rate:?} {size}");
        }
        let mut out = Vec::new();
        importer.finish(&mut out);
        assert_eq!(out, []);
    }
    assert!(Importer::new(9000, Rate::Wide).is_none());
}

/// What was said early does not wait for the end: at most its filter's reach is held back.
#[test]
fn an_importer_holds_little_back() {
    let mut importer = Importer::new(48_000, Rate::Narrow).unwrap();
    let mut out = Vec::new();
    for n in 1..=50 {
        importer.push(&[100; 960], &mut out);
        assert!(160 * n - out.len() <= 40, "{n}: {}", out.len());
        assert!(importer.line.len() < 960, "{}", importer.line.len());
    }
}

#[test]
fn the_half_band_filters_are_flat_and_steep() {
    for (hz, doubled, halved) in [
        (100.0, 0.1, 0.1),
        (1000.0, 0.1, 0.1),
        (3000.0, 0.1, 0.1),
        (3400.0, 0.1, 0.1),
        (3500.0, 0.2, 0.2),
    ] {
        let mut wide = vec![0; 16_000];
        Doubler::default().push(&sine(8000, hz, 8000), &mut wide);
        let level = measure::tone_level(&wide, 16_000, hz);
        assert!(is_near(level, TONE_DB, doubled), "{hz}: {level}");
        // The picture of the tone above 4 kHz.
        let picture = measure::tone_level(&wide, 16_000, 8000.0 - hz);
        assert!(hz > 3400.0 || picture < TONE_DB - 60.0, "{hz}: {picture}");
        let mut narrow = vec![0; 8000];
        Halver::default().push(&sine(16_000, hz, 16_000), &mut narrow);
        let level = measure::tone_level(&narrow, 8000, hz);
        assert!(is_near(level, TONE_DB, halved), "{hz}: {level}");
    }
    for hz in [4600.0, 5000.0, 6000.0, 7900.0] {
        let mut narrow = vec![0; 8000];
        Halver::default().push(&sine(16_000, hz, 16_000), &mut narrow);
        let level = measure::level(&narrow[100..]);
        assert!(level < TONE_DB - 60.0, "{hz}: {level}");
    }
}

#[test]
fn half_band_filters_do_not_mind_how_the_sound_is_cut() {
    let sound = sine(8000, 440.0, 1600);
    let mut whole = vec![0; 3200];
    Doubler::default().push(&sound, &mut whole);
    let mut back = vec![0; 1600];
    Halver::default().push(&whole, &mut back);
    let (mut doubler, mut halver) = (Doubler::default(), Halver::default());
    let (mut at, mut wide, mut narrow) = (0, [0; 1000], [0; 500]);
    for size in [1, 7, 160, 161, 400, 31, 840] {
        doubler.push(&sound[at..at + size], &mut wide[..(2 * size).min(1000)]);
        if size > 500 {
            break;
        }
        assert_eq!(wide[..2 * size], whole[2 * at..2 * (at + size)]);
        halver.push(&wide[..2 * size], &mut narrow);
        assert_eq!(narrow[..size], back[at..at + size]);
        at += size;
    }
    // There and back it is what it was, 4 ms later.
    let late = &back[31..];
    assert!(late.iter().zip(&sound).skip(100).all(|(a, b)| a.abs_diff(*b) <= 8));
    // The loudest does not come round.
    let mut wide = [0; 640];
    Doubler::default().push(&[i16::MAX; 320], &mut wide);
    assert!(wide.iter().skip(70).all(|sample| *sample >= 32_700));
    let square: Vec<i16> = (0..640).map(|n| if n % 2 == 0 { i16::MIN } else { i16::MAX }).collect();
    Halver::default().push(&square, &mut back);
    Halver::default().push(&[i16::MIN; 640], &mut back);
    assert!(back[40..320].iter().all(|sample| *sample <= -32_700));
}

#[test]
fn frames_are_fitted() {
    let mut fit = Fit::default();
    let mut frame = Frame::silent(Rate::Narrow);
    frame.samples_mut().copy_from_slice(&tone::sine(1000.0, 8000.0, 160));
    assert_eq!(fit.fit(&frame, Rate::Narrow), frame);
    let wide = fit.fit(&fit.clone().fit(&frame, Rate::Wide), Rate::Wide);
    assert_eq!(wide.rate(), Rate::Wide);
    assert!(measure::level(&wide.samples()[100..]) > -16.0);
    assert_eq!(fit.fit(&wide, Rate::Narrow).rate(), Rate::Narrow);
}

/// A sound, a pause that needs no filter, and silence: nothing of the sound is heard again.
#[test]
fn nothing_is_left_in_a_filter_behind_a_pause() {
    for (from, to) in [(Rate::Narrow, Rate::Wide), (Rate::Wide, Rate::Narrow)] {
        let (mut fit, mut loud) = (Fit::default(), Frame::silent(from));
        loud.samples_mut().fill(9000);
        fit.fit(&loud, to);
        fit.fit(&Frame::silent(to), to);
        assert_eq!(fit.fit(&Frame::silent(from), to), Frame::silent(to), "{from:?}");
    }
}
