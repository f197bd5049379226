//! Every codec through its face: chains of them, losses, comfort noise, and bytes that mean harm.
//!
//! Not here: single filters and codecs (beside them), what is allocated (`tests/allocations.rs`).
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what the tests are made of is test code too"
)]

use std::f32::consts::TAU;

use legwork_media::codec::{Decoder, Encoder, PAYLOAD_BYTES, SOUND_MAX};
use legwork_media::offer_answer::Codec;
use legwork_media::{Frame, Rate, measure};

const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

/// 20 ms of a loss.
fn conceal(decoder: &mut Decoder, next: Option<&[u8]>, out: &mut [i16; SOUND_MAX]) -> usize {
    let n_samples = decoder.rate().frame();
    decoder.conceal(next, n_samples, out)
}

/// Frames of a tone.
fn tone(hz: f32, peak: f32, rate: Rate, n_frames: usize) -> Vec<Frame> {
    let mut n = 0.0_f32;
    let frame = || {
        let mut frame = Frame::silent(rate);
        for sample in frame.samples_mut() {
            *sample = (peak * (TAU * (n * hz / rate.hz() as f32).fract()).sin()) as i16;
            n += 1.0;
        }
        frame
    };
    std::iter::repeat_with(frame).take(n_frames).collect()
}

fn encode(codec: Codec, frames: &[Frame]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(codec);
    let payload = |frame: &Frame| {
        let mut payload = [0; PAYLOAD_BYTES];
        let n_bytes = encoder.encode(frame, &mut payload);
        payload[..n_bytes].to_vec()
    };
    frames.iter().map(payload).collect()
}

/// What a peer hears of payloads, some of them lost; `late` payloads are not there yet when the
/// one before them is.
fn decode(codec: Codec, payloads: &[Vec<u8>], lost: &[usize], late: bool) -> Vec<i16> {
    let mut decoder = Decoder::new(codec);
    let mut heard = Vec::new();
    let mut out = [0; SOUND_MAX];
    for (n, payload) in payloads.iter().enumerate() {
        let n_samples = if lost.contains(&n) {
            let next = payloads.get(n + 1).filter(|_| !late && !lost.contains(&(n + 1)));
            conceal(&mut decoder, next.map(Vec::as_slice), &mut out)
        } else {
            decoder.decode(payload, &mut out).unwrap()
        };
        assert_eq!(n_samples, decoder.rate().frame());
        heard.extend_from_slice(&out[..n_samples]);
    }
    heard
}

fn frames(samples: &[i16], rate: Rate) -> Vec<Frame> {
    let frame = |samples: &[i16]| {
        let mut frame = Frame::silent(rate);
        frame.samples_mut().copy_from_slice(samples);
        frame
    };
    samples.chunks_exact(rate.frame()).map(frame).collect()
}

/// Everything behind the first 400 ms, in which codecs learn.
fn learned(sound: &[i16], rate: Rate) -> &[i16] {
    &sound[20 * rate.frame()..]
}

fn rate_of(codec: Codec) -> Rate {
    Decoder::new(codec).rate()
}

#[test]
fn a_tone_keeps_its_level_and_frequency_through_all_codecs() {
    for hz in [440.0, 1000.0] {
        let mut sound = tone(hz, 8000.0, Rate::Narrow, 100);
        let want = -15.3;
        for codec in [Codec::Pcmu, Codec::Opus, Codec::G722, Codec::Pcma, Codec::Opus, Codec::Pcmu]
        {
            let heard = decode(codec, &encode(codec, &sound), &[], false);
            let rate = rate_of(codec);
            sound = frames(&heard, rate);
            let heard = learned(&heard, rate);
            let level = measure::tone_level(heard, rate.hz(), hz);
            assert!((level - want).abs() < 1.0, "{hz} {codec:?}: {level}");
            assert!((measure::level(heard) - want).abs() < 1.0, "{hz} {codec:?}");
            let heard_hz = measure::frequency(&heard[..rate.frame() * 10], rate.hz()).unwrap();
            assert!((heard_hz - hz).abs() < 2.0, "{hz} {codec:?}: {heard_hz}");
            assert_eq!(measure::longest_gap(heard, rate.hz()), 0, "{hz} {codec:?}");
        }
    }
}

/// A lost frame is heard as if it were there: the tone goes on, without a click. A frame left out
/// instead would be a jump of thousands.
#[test]
fn one_lost_frame_leaves_no_click_and_no_gap() {
    for codec in CODECS {
        let rate = rate_of(codec);
        for hz in [440.0, 1000.0] {
            let payloads = encode(codec, &tone(hz, 8000.0, rate, 60));
            let whole = decode(codec, &payloads, &[], false);
            let usual = measure::click(learned(&whole, rate), rate.hz(), hz);
            for late in [false, true] {
                let heard = decode(codec, &payloads, &[30, 40], late);
                let heard = learned(&heard, rate);
                let click = measure::click(heard, rate.hz(), hz);
                assert!(click < usual + 500.0, "{codec:?} {hz} {late}: {click}, usually {usual}");
                assert_eq!(measure::longest_gap(heard, rate.hz()), 0, "{codec:?} {hz}");
                let level = measure::level(&heard[10 * rate.frame()..][..rate.frame()]);
                // A tone is no speech to libopus: it makes no copies, and lets it fade at once.
                let most = if codec == Codec::Opus { 8.0 } else { 1.0 };
                assert!((level + 15.3).abs() < most, "{codec:?} {hz} {late}: {level}");
            }
        }
    }
}

/// When nothing comes any more it becomes quiet, step by step, and comes back without a click.
#[test]
fn a_long_loss_fades_out_and_in() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
        let rate = rate_of(codec);
        let payloads = encode(codec, &tone(440.0, 8000.0, rate, 60));
        let lost: Vec<usize> = (30..40).collect();
        let heard = decode(codec, &payloads, &lost, false);
        let levels: Vec<f32> = heard.chunks(rate.frame()).map(measure::level).collect();
        assert!(levels[30] > -18.0 && levels[31] < levels[30], "{codec:?} {levels:?}");
        assert!(levels[32] < levels[31] && levels[33] < -45.0, "{codec:?} {levels:?}");
        assert!(levels[39] < -45.0 && levels[40] > -20.0, "{codec:?} {levels:?}");
        let usual = measure::click(&heard[20 * rate.frame()..30 * rate.frame()], rate.hz(), 440.0);
        let click = measure::click(learned(&heard, rate), rate.hz(), 440.0);
        assert!(click < usual + 1200.0, "{codec:?}: {click}, usually {usual}");
    }
}

/// RFC 3389: the level the peer asks for, until it sends sound again.
#[test]
fn comfort_noise_is_as_loud_as_the_peer_says() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
        let payloads = encode(codec, &tone(440.0, 8000.0, rate_of(codec), 20));
        let mut decoder = Decoder::new(codec);
        let mut out = [0; SOUND_MAX];
        for payload in &payloads {
            decoder.decode(payload, &mut out).unwrap();
        }
        decoder.handle_comfort_noise(&[]);
        for (level, want) in [(60, -60.0), (127, measure::SILENCE_DB), (0, -50.0)] {
            decoder.handle_comfort_noise(&[level, 1, 2, 3]);
            conceal(&mut decoder, None, &mut out);
            for _ in 0..10 {
                let n_samples = conceal(&mut decoder, None, &mut out);
                let heard = measure::level(&out[..n_samples]);
                assert!((heard - want).abs() < 3.0, "{codec:?} {level}: {heard}");
            }
        }
        decoder.decode(&payloads[0], &mut out).unwrap();
        let n_samples = decoder.decode(&payloads[1], &mut out).unwrap();
        assert!(measure::level(&out[..n_samples]) > -20.0);
    }
}

/// A peer may put 10 to 120 ms into a packet.
#[test]
fn long_and_short_payloads() {
    let mut out = [0; SOUND_MAX];
    for (codec, per_ms) in [(Codec::Pcmu, 8), (Codec::Pcma, 8), (Codec::G722, 8)] {
        let mut decoder = Decoder::new(codec);
        for ms in [1, 10, 20, 30, 40, 60, 120] {
            let n_samples = decoder.decode(&vec![0x55; ms * per_ms], &mut out).unwrap();
            assert_eq!(n_samples, ms * decoder.rate().hz() as usize / 1000, "{codec:?} {ms}");
        }
        let n_samples = decoder.decode(&[0x55; 1500], &mut out).unwrap();
        assert_eq!(n_samples, 120 * decoder.rate().hz() as usize / 1000, "{codec:?}");
        assert_eq!(decoder.decode(&[], &mut out), None);
    }
    // Opus says its length itself: CELT of 2.5 to 20 ms, SILK of 60 ms, twice that, and once more.
    let mut decoder = Decoder::new(Codec::Opus);
    for (payload, n_samples) in [
        (vec![0xe0, 0xff, 0xfe], Some(40)),
        (vec![0xf8, 0xff, 0xfe], Some(320)),
        (vec![0x18, 0, 0], Some(960)),
        (vec![0x19, 0, 0, 0, 0], Some(1920)),
        (vec![0x1b, 0x03, 0, 0, 0, 0], None),
    ] {
        assert_eq!(decoder.decode(&payload, &mut out), n_samples, "{payload:x?}");
    }
}

/// Frames of both rates by turns, as when an announcement is played between what a peer says.
#[test]
fn the_rate_may_change_from_frame_to_frame() {
    for codec in CODECS {
        let (narrow, wide) =
            (tone(1000.0, 8000.0, Rate::Narrow, 100), tone(1000.0, 8000.0, Rate::Wide, 100));
        let turns = narrow.iter().zip(&wide).enumerate();
        let mixed: Vec<Frame> =
            turns.map(|(n, (a, b))| if n / 25 % 2 == 0 { *a } else { *b }).collect();
        let heard = decode(codec, &encode(codec, &mixed), &[], false);
        let rate = rate_of(codec);
        for piece in learned(&heard, rate).chunks(5 * rate.frame()) {
            let level = measure::level(piece);
            assert!((level + 15.3).abs() < 1.5, "{codec:?}: {level}");
        }
    }
}

#[test]
fn silence_is_silent_in_every_codec() {
    for codec in CODECS {
        for rate in [Rate::Narrow, Rate::Wide] {
            let payloads = encode(codec, &[Frame::silent(rate); 50]);
            let heard = decode(codec, &payloads, &[10, 11, 12, 30], false);
            assert!(measure::level(&heard) < -70.0, "{codec:?} {}", measure::level(&heard));
        }
    }
}

/// Opus stays within what it was told: 24 kbit/s, and a tenth for what it may exceed that by.
#[test]
fn opus_keeps_its_rate() {
    let mut random = 1_u32;
    let mut noise = tone(300.0, 4000.0, Rate::Wide, 250);
    for sample in noise.iter_mut().flat_map(Frame::samples_mut) {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample += (random >> 20) as i16;
    }
    let n_bytes: usize = encode(Codec::Opus, &noise).iter().map(Vec::len).sum();
    let bits = 8 * n_bytes / 5;
    assert!((12_000..=26_400).contains(&bits), "{bits}");
}

/// Any bytes of any length, good ones damaged, losses between them: nothing panics, and no more
/// sound comes out than there is room for.
#[test]
fn hostile_payloads_do_no_harm() {
    let mut random = 7_u32;
    let mut dice = |n: u32| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random % n
    };
    for codec in CODECS {
        let good = encode(codec, &tone(440.0, 30_000.0, Rate::Wide, 50));
        let mut decoder = Decoder::new(codec);
        let mut out = [0; SOUND_MAX];
        for round in 0..6000_usize {
            let mut payload = match dice(3) {
                0 => good[round % good.len()].clone(),
                1 => vec![dice(256) as u8; dice(1501) as usize],
                _ => (0..dice(1501)).map(|_| dice(256) as u8).collect(),
            };
            if let (true, n @ 1..) = (dice(2) == 0, payload.len()) {
                payload[dice(n as u32) as usize] ^= 1 << dice(8);
                payload.truncate(1 + dice(n as u32) as usize);
            }
            match dice(6) {
                0 => {
                    let next = (dice(2) == 0).then_some(payload.as_slice());
                    assert_eq!(conceal(&mut decoder, next, &mut out), decoder.rate().frame());
                }
                1 => decoder.handle_comfort_noise(&payload),
                _ => {
                    let n_samples = decoder.decode(&payload, &mut out);
                    assert!(n_samples.is_none_or(|n| n <= SOUND_MAX), "{codec:?} {payload:x?}");
                }
            }
        }
    }
}

/// A voice at 16 kHz: harmonics of 120 Hz that move, in syllables.
fn voice(n_frames: usize) -> Vec<Frame> {
    let mut frames = vec![Frame::silent(Rate::Wide); n_frames];
    let (mut turn, mut n) = (0.0_f32, 0.0_f32);
    for sample in frames.iter_mut().flat_map(Frame::samples_mut) {
        let time = n / 16_000.0;
        turn = (turn + (120.0 + 20.0 * (TAU * 0.7 * time).sin()) / 16_000.0).fract();
        let loud = 4000.0 * (TAU * 1.5 * time).sin().powi(2);
        let each = |k: u8| (TAU * turn * f32::from(k)).sin() / f32::from(k);
        *sample = (loud * (1..12).map(each).sum::<f32>()) as i16;
        n += 1.0;
    }
    frames
}

/// How far what is heard lies from what was meant, dB.
fn error(heard: &[i16], meant: &[i16]) -> f32 {
    let off: Vec<i16> = heard.iter().zip(meant).map(|(a, b)| a.saturating_sub(*b)).collect();
    measure::level(&off) - measure::level(meant)
}

/// Opus: the packet behind a lost one holds a second copy of what was lost.
#[test]
fn the_next_opus_packet_brings_back_a_lost_one() {
    let payloads = encode(Codec::Opus, &voice(200));
    let is_wide = |payload: &Vec<u8>| opus_bandwidth(payload) == Rate::Wide;
    assert!(payloads.iter().all(is_wide), "the copies must not cost the upper band");
    let meant = decode(Codec::Opus, &payloads, &[], false);
    let lost: Vec<usize> = (20..200).step_by(7).collect();
    let [copied, guessed] =
        [false, true].map(|late| error(&decode(Codec::Opus, &payloads, &lost, late), &meant));
    assert!(copied < -18.0 && guessed > copied + 6.0, "{copied} {guessed}");
}

/// Of a SILK payload (RFC 6716 §3.1).
fn opus_bandwidth(payload: &[u8]) -> Rate {
    match payload[0] >> 3 {
        0..4 => Rate::Narrow,
        8..12 => Rate::Wide,
        other => panic!("configuration {other}"),
    }
}

/// Of narrow sound nothing above 4 kHz is sent, which takes half the time.
#[test]
fn opus_is_told_what_there_is_to_hear() {
    for rate in [Rate::Narrow, Rate::Wide] {
        for payload in encode(Codec::Opus, &tone(440.0, 8000.0, rate, 20)) {
            assert_eq!(opus_bandwidth(&payload), rate);
        }
    }
}
