//! How long 20 ms take through each codec: `cargo run --release -p legwork-media --example
//! codec_speed`.
//!
//! Not here: packets and sockets (`relay_speed`).
#![expect(clippy::print_stdout, reason = "its only output")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::f32::consts::TAU;
use std::hint::black_box;
use std::time::{Duration, Instant};

use legwork_media::codec::{Decoder, Encoder, PAYLOAD_BYTES, SOUND_MAX};
use legwork_media::offer_answer::Codec;
use legwork_media::resample::Fit;
use legwork_media::{Frame, Rate};

/// Frames of a round: 10 s.
const FRAMES: usize = 500;

/// Rounds, of which the fastest counts.
const ROUNDS: usize = 20;

const CODECS: [(&str, Codec); 4] =
    [("PCMU", Codec::Pcmu), ("PCMA", Codec::Pcma), ("G.722", Codec::G722), ("Opus", Codec::Opus)];

/// 20 ms of a loss.
fn conceal(decoder: &mut Decoder, next: Option<&[u8]>, out: &mut [i16; SOUND_MAX]) -> usize {
    let n_samples = decoder.rate().frame();
    decoder.conceal(next, n_samples, out)
}

fn main() {
    for (rate, called) in [(Rate::Narrow, "8 kHz"), (Rate::Wide, "16 kHz")] {
        let sound = babble(rate);
        for (name, codec) in CODECS {
            let mut encoder = Encoder::new(codec);
            let mut payloads = vec![[0; PAYLOAD_BYTES]; FRAMES];
            let mut lengths = vec![0; FRAMES];
            let took = fastest(|| {
                for ((frame, payload), n_bytes) in sound.iter().zip(&mut payloads).zip(&mut lengths)
                {
                    *n_bytes = encoder.encode(black_box(frame), payload);
                }
            });
            println!("{name} encode, {called}: {} µs", each(took));
            if rate == encoder.rate() || codec == Codec::Opus {
                let mut decoder = Decoder::new(codec);
                let mut out = [0; SOUND_MAX];
                let took = fastest(|| {
                    for (payload, n_bytes) in payloads.iter().zip(&lengths) {
                        let payload = payload.get(..*n_bytes).unwrap_or_default();
                        black_box(decoder.decode(black_box(payload), &mut out));
                    }
                });
                println!("{name} decode, {called}: {} µs", each(took));
                let took = fastest(|| {
                    for _ in 0..FRAMES {
                        black_box(conceal(&mut decoder, None, &mut out));
                    }
                });
                println!("{name} conceal: {} µs", each(took));
            }
        }
        let other = if rate == Rate::Narrow { Rate::Wide } else { Rate::Narrow };
        let mut fit = Fit::default();
        let took = fastest(|| {
            for frame in &sound {
                black_box(fit.fit(black_box(frame), other));
            }
        });
        println!("{called} fitted to the other rate: {} µs", each(took));
    }
}

/// Something like speech: a voice's harmonics, syllable by syllable, with hiss.
fn babble(rate: Rate) -> Vec<Frame> {
    let hz = rate.hz() as f32;
    let mut noise = 1_u32;
    let mut n = 0.0_f32;
    let mut next = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let time = n / hz;
        n += 1.0;
        let loud = 4000.0 * (TAU * 2.0 * time).sin().max(0.0);
        let pitch = 120.0 + 20.0 * (TAU * 0.7 * time).sin();
        let voice: f32 =
            (1..12_u8).map(|k| (TAU * pitch * f32::from(k) * time).sin() / f32::from(k)).sum();
        (loud * voice + (noise >> 16) as f32 / 400.0) as i16
    };
    let frames = std::iter::repeat_with(|| {
        let mut frame = Frame::silent(rate);
        frame.samples_mut().fill_with(&mut next);
        frame
    });
    frames.take(FRAMES).collect()
}

fn fastest(mut work: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    });
    rounds.min().unwrap_or_default()
}

/// Microseconds of one frame, with two decimals.
fn each(took: Duration) -> String {
    format!("{:.2}", took.as_secs_f64() * 1e6 / FRAMES as f64)
}
