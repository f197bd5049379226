//! A tone in every format: frequency, level, length, no clicks; and what is no sound.

use std::io::Cursor;

use legwork_media::codec::{pcma, pcmu};
use legwork_media::resample;
use legwork_media::tone::{Heard, heard, rms};

use super::*;

const HZ: f64 = 440.0;
const PEAK: f64 = 8192.0;

macro_rules! sound {
    ($name:literal) => {
        ($name, include_bytes!(concat!("sounds/", $name)).as_slice())
    };
}

/// What came out, and how it ended.
fn decoded(file: &[u8], hint: &Hint) -> (Option<Rate>, Vec<i16>, Result<(), Broken>) {
    let (mut rate, mut samples) = (None, Vec::new());
    let ended = decode(Cursor::new(file.to_vec()), hint, |of, piece| {
        assert!(rate.is_none_or(|rate| rate == of));
        rate = Some(of);
        samples.extend(piece);
        true
    });
    (rate, samples, ended)
}

fn named(content_type: &str, extension: &str) -> Hint {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Hint { content_type: some(content_type), extension: some(extension) }
}

/// It is the tone: frequency, level, length, no clicks.
fn check(name: &str, rate: Rate, samples: &[i16]) {
    let hz = rate.hz() as usize;
    assert!(samples.len().abs_diff(hz) < hz / 10, "{name}: {} samples at {hz}", samples.len());
    let narrow = resample::to_8k(rate.hz(), samples.to_vec());
    let middle = &narrow[1200..6800];
    assert_eq!(heard(middle), Heard::Tone(440), "{name}");
    let level = 20.0 * (f64::from(rms(middle)) / (PEAK / 2_f64.sqrt())).log10();
    assert!(level.abs() < 1.0, "{name}: {level} dB");
    // A sine of this level rises no faster than this.
    let steepest = PEAK * HZ / 8000.0 * std::f64::consts::TAU;
    let step = middle.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max().unwrap();
    assert!(f64::from(step) < 1.3 * steepest, "{name}: a click of {step}");
}

fn sine(hz: u32, n: u32) -> f64 {
    PEAK * (f64::from(n) * HZ / f64::from(hz) * std::f64::consts::TAU).sin()
}

/// A WAV file of a second, of samples written by `write`.
fn wav(tag: u16, hz: u32, channels: u16, bits: u16, write: impl Fn(f64) -> Vec<u8>) -> Vec<u8> {
    let data: Vec<u8> =
        (0..hz).flat_map(|n| write(sine(hz, n)).repeat(usize::from(channels))).collect();
    let frame = channels * bits / 8;
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    file.extend([tag.to_le_bytes(), channels.to_le_bytes()].concat());
    file.extend([hz.to_le_bytes(), (hz * u32::from(frame)).to_le_bytes()].concat());
    file.extend([frame.to_le_bytes(), bits.to_le_bytes()].concat());
    file.extend(b"LIST\x04\0\0\0abcd");
    file.extend(b"data");
    file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    file.extend(data);
    file
}

fn linear(sample: f64) -> Vec<u8> {
    (sample as i16).to_le_bytes().to_vec()
}

#[test]
fn every_kind_of_wav() {
    let full = 32_768.0;
    let table: Vec<(&str, Vec<u8>, Rate)> = vec![
        ("16 bits", wav(1, 8000, 1, 16, linear), Rate::Narrow),
        ("stereo", wav(1, 44_100, 2, 16, linear), Rate::Wide),
        ("wide", wav(1, 16_000, 1, 16, linear), Rate::Wide),
        ("8 bits", wav(1, 8000, 1, 8, |s| vec![(s / 256.0 + 128.0) as u8]), Rate::Narrow),
        (
            "24 bits",
            wav(1, 48_000, 1, 24, |s| ((s * 256.0) as i32).to_le_bytes()[..3].to_vec()),
            Rate::Wide,
        ),
        (
            "32 bits",
            wav(1, 22_050, 1, 32, |s| ((s * 65_536.0) as i32).to_le_bytes().to_vec()),
            Rate::Wide,
        ),
        (
            "float",
            wav(3, 24_000, 1, 32, |s| ((s / full) as f32).to_le_bytes().to_vec()),
            Rate::Wide,
        ),
        ("µ-law", wav(7, 8000, 1, 8, |s| vec![pcmu::encode(s as i16)]), Rate::Narrow),
        ("A-law", wav(6, 8000, 1, 8, |s| vec![pcma::encode(s as i16)]), Rate::Narrow),
    ];
    for (name, file, expected) in table {
        let (rate, samples, ended) = decoded(&file, &Hint::default());
        assert_eq!((rate, ended), (Some(expected), Ok(())), "{name}");
        check(name, expected, &samples);
    }
}

#[test]
fn every_other_format() {
    let table = [
        (sound!("ima.wav"), named("audio/wav", ""), Rate::Narrow),
        (sound!("ms.wav"), named("", "wav"), Rate::Narrow),
        (sound!("gsm.wav"), named("audio/x-wav", ""), Rate::Narrow),
        (sound!("tone.mp3"), named("audio/mpeg", ""), Rate::Wide),
        (sound!("tone.mp3"), named("application/octet-stream", ""), Rate::Wide),
        (sound!("tone.flac"), named("audio/wav", "wav"), Rate::Wide),
        (sound!("tone.ogg"), named("application/ogg", ""), Rate::Wide),
        (sound!("tone.opus"), named("audio/ogg", ""), Rate::Wide),
        (sound!("tone.aiff"), named("audio/aiff", ""), Rate::Wide),
        (sound!("tone.aifc"), named("audio/x-aifc", ""), Rate::Narrow),
        (sound!("tone.gsm"), named("audio/x-gsm; a=b", ""), Rate::Narrow),
        (sound!("tone.gsm"), named("application/octet-stream", "gsm"), Rate::Narrow),
        (sound!("tone.au"), named("audio/basic", "au"), Rate::Narrow),
        (sound!("tone.ulaw"), named("audio/basic", ""), Rate::Narrow),
        (sound!("tone.ulaw"), named("", "ulaw"), Rate::Narrow),
    ];
    for ((name, file), hint, expected) in table {
        let (rate, samples, ended) = decoded(file, &hint);
        assert_eq!((rate, ended), (Some(expected), Ok(())), "{name}");
        check(name, expected, &samples);
    }
}

#[test]
fn what_is_no_sound_is_refused() {
    let page = b"<!doctype html><html><body>404 not found</body></html>";
    let empty_wav = wav(1, 8000, 1, 16, |_| Vec::new());
    let odd_rate = wav(1, 11_111, 1, 16, linear);
    let table: [(&[u8], Hint); 7] = [
        (b"", named("audio/wav", "")),
        (page, named("audio/mpeg", "mp3")),
        (b"hello", named("", "")),
        (&[0; 500], named("audio/mpeg", "")),
        (&[0; 500], named("audio/gsm", "")),
        (&empty_wav, named("", "")),
        (&odd_rate, named("", "")),
    ];
    for (file, hint) in table {
        let (_, samples, ended) = decoded(file, &hint);
        assert!(matches!(ended, Err(Broken::Unknown(_))), "{hint:?}: {ended:?}");
        assert!(samples.is_empty());
    }
}

/// Names, files, their extension.
fn all_kinds() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut files = vec![
        ("16 bits", wav(1, 8000, 1, 16, linear), ""),
        (
            "24 bits",
            wav(1, 48_000, 2, 24, |s| ((s * 256.0) as i32).to_le_bytes()[..3].to_vec()),
            "",
        ),
        ("µ-law", wav(7, 8000, 1, 8, |s| vec![pcmu::encode(s as i16)]), ""),
    ];
    let others = [
        (sound!("ima.wav"), ""),
        (sound!("ms.wav"), ""),
        (sound!("gsm.wav"), ""),
        (sound!("tone.mp3"), ""),
        (sound!("tone.flac"), ""),
        (sound!("tone.ogg"), ""),
        (sound!("tone.opus"), ""),
        (sound!("tone.aiff"), ""),
        (sound!("tone.aifc"), ""),
        (sound!("tone.gsm"), "gsm"),
        (sound!("tone.au"), "au"),
    ];
    files.extend(others.map(|((name, file), extension)| (name, file.to_vec(), extension)));
    files
}

#[test]
fn what_is_cut_off_is_heard_as_far_as_it_goes_and_told() {
    for (name, file, extension) in all_kinds() {
        let (_, whole, ended) = decoded(&file, &named("", extension));
        assert_eq!(ended, Ok(()), "{name}");
        let (_, samples, ended) = decoded(&file[..file.len() * 2 / 3], &named("", extension));
        // A frame of Vorbis may be a quarter of a second; of Opus nothing is heard before its page is whole.
        let least = if matches!(name, "tone.ogg" | "tone.opus") { 0 } else { whole.len() / 2 };
        assert!((least..whole.len() * 3 / 4).contains(&samples.len()), "{name}: {}", samples.len());
        // This MP3 file has no head that would say how long it is.
        let is_told = matches!(ended, Err(Broken::Midway(_) | Broken::Unknown(_)));
        assert!(is_told || name == "tone.mp3", "{name}: {ended:?}");
    }
}

#[test]
fn a_size_that_nobody_knew_is_none() {
    for size in [0x7fff_f000_u32, 0x7fff_ffff, 0xffff_ffff] {
        for (tag, bits) in [(1, 16), (7, 8)] {
            let mut file = wav(tag, 8000, 1, bits, |s| match tag {
                1 => linear(s),
                _ => vec![pcmu::encode(s as i16)],
            });
            let at = file.windows(4).position(|four| four == b"data").unwrap() + 4;
            file[at..at + 4].copy_from_slice(&size.to_le_bytes());
            let (rate, samples, ended) = decoded(&file, &Hint::default());
            assert_eq!((rate, ended), (Some(Rate::Narrow), Ok(())), "{tag} {size:x}");
            check("of a pipe", Rate::Narrow, &samples);
        }
    }
}

#[test]
fn heads_that_lie_do_no_harm() {
    let good = wav(3, 16_000, 2, 32, |s| ((s / 32_768.0) as f32).to_le_bytes().to_vec());
    let change = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let (zero, all) = ([0; 4], [0xff; 4]);
    let table = [
        ("fmt of 0 bytes", change(16, &zero)),
        ("fmt of 4 GB", change(16, &all)),
        ("no tag", change(20, &zero[..2])),
        ("no channels", change(22, &zero[..2])),
        ("65,535 channels", change(22, &all[..2])),
        ("9 channels", change(22, &[9, 0])),
        ("no rate", change(24, &zero)),
        ("4 GHz", change(24, &all)),
        ("1 Hz", change(24, &[1, 0, 0, 0])),
        ("frames of 0 bytes", change(32, &zero[..2])),
        ("frames of 64 kB", change(32, &all[..2])),
        ("0 bits", change(34, &zero[..2])),
        ("65,535 bits", change(34, &all[..2])),
        ("LIST of 4 GB", change(40, &all)),
    ];
    for (name, file) in table {
        let (_, samples, ended) = decoded(&file, &Hint::default());
        assert!(ended.is_err() || samples.len() < 40_000, "{name}: {}, {ended:?}", samples.len());
    }
    // What is no number is silence.
    for sample in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
        let file = wav(3, 16_000, 1, 32, |_| sample.to_le_bytes().to_vec());
        let (_, samples, ended) = decoded(&file, &Hint::default());
        assert_eq!((samples.len(), ended), (16_000, Ok(())), "{sample}");
        assert!(!sample.is_nan() || samples.iter().all(|sample| *sample == 0));
    }
}

#[test]
fn changed_bytes_do_no_harm() {
    let files = [
        sound!("tone.mp3"),
        sound!("tone.flac"),
        sound!("tone.ogg"),
        sound!("tone.opus"),
        sound!("ima.wav"),
        sound!("gsm.wav"),
        sound!("tone.aiff"),
    ];
    let mut seed = 7_u32;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    for (name, file) in files {
        for _ in 0..60 {
            let mut changed = file.to_vec();
            for _ in 0..=next(12) {
                let at =
                    if next(2) == 0 { next(64.min(changed.len())) } else { next(changed.len()) };
                changed[at] = next(256) as u8;
            }
            let (_, samples, _) = decoded(&changed, &named("audio/mpeg", ""));
            assert!(samples.len() <= 60 * 16_000, "{name}");
        }
    }
}

#[test]
fn forty_minutes_are_enough() {
    let most = limit_samples();
    let file = io::repeat(0xff).take(most as u64 + 5000);
    let mut n = 0;
    let ended = decode(file, &named("audio/basic", ""), |_, piece| {
        n += piece.len();
        true
    });
    assert_eq!((n, ended), (most, Err(Broken::TooLong)));
    let mut n = 0;
    let ended = decode(io::repeat(0xff), &named("audio/basic", ""), |_, _| {
        n += 1;
        n < 3
    });
    assert_eq!(ended, Err(Broken::Unwanted));
}

fn limit_samples() -> usize {
    crate::limit::SOUND_SECONDS_MAX * 8000
}

#[test]
fn types_of_sounds() {
    for content_type in ["audio/wav", "Audio/X; y=z", "application/ogg", "binary/octet-stream", ""]
    {
        assert!(is_sound(Some(content_type)), "{content_type}");
    }
    assert!(is_sound(None));
    for content_type in ["text/html", "application/json", "image/png", "text/plain; charset=utf-8"]
    {
        assert!(!is_sound(Some(content_type)), "{content_type}");
    }
}
