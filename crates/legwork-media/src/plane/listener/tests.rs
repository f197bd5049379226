//! What a leg hears where its peer says nothing, says less, or says it all at once.
//!
//! Not here: the buffer's own rules (`jitter`), codecs by themselves (`tests/codecs.rs`).
//! Source: RFC 3389; RFC 6716 §2.1.9 (discontinuous transmission).

use super::*;
use crate::codec::{Encoder, PAYLOAD_BYTES};
use crate::epoch::epoch;
use crate::measure;
use crate::tone;

const TICK: Duration = Duration::from_millis(20);

/// One peer and who hears it.
struct Hearing {
    listener: Listener,
    now: Instant,
    codec: Codec,
    n_sent: u32,
    heard: Vec<i16>,
}

impl Hearing {
    fn new(codec: Codec) -> Self {
        let now = epoch();
        let (n_sent, heard) = (0, Vec::new());
        Self { listener: Listener::new(now, codec), now, codec, n_sent, heard }
    }

    /// The peer sent this 20 ms ago for every tick that passed since.
    fn put(&mut self, sequence: u16, content: Content, payload: &[u8]) {
        let timestamp = self.n_sent * (self.codec.clock_hz() / 50);
        let header = Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 7 };
        self.listener.put(self.now, &header, content, payload);
    }

    fn tick(&mut self) {
        self.listener.tick(self.now);
        self.heard.extend(self.listener.frame.samples());
        self.now += TICK;
        self.n_sent += 1;
    }

    fn rate(&self) -> Rate {
        self.listener.decoder.rate()
    }

    /// Levels of 20 ms each, dB, from that second on.
    fn levels(&self, from_ms: usize) -> Vec<f32> {
        let from = from_ms * self.rate().hz() as usize / 1000;
        self.heard[from..].chunks(self.rate().frame()).map(measure::level).collect()
    }

    /// The largest step between two samples from there on.
    fn step(&self, from_ms: usize) -> u16 {
        let from = from_ms * self.rate().hz() as usize / 1000;
        let pairs = self.heard[from..].windows(2);
        pairs.map(|pair| pair[0].abs_diff(pair[1])).max().unwrap_or(0)
    }
}

/// A room: noise of this level, and above it a voice for the first so many ms.
fn room(rate: Rate, noise_db: f32, voice_ms: usize, ms: usize) -> Vec<Frame> {
    let n = ms * rate.hz() as usize / 1000;
    let voice_n = voice_ms * rate.hz() as usize / 1000;
    let (mut seed, peak) = (9_u32, 32_767.0 * 10_f32.powf(noise_db / 20.0) * 3_f32.sqrt());
    let mut turn = 0.0_f32;
    let mut samples = (0..n).map(|at| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = ((seed >> 16) as f32 / 32_768.0 - 1.0) * peak;
        turn = (turn + 150.0 / rate.hz() as f32).fract();
        let second = at as f32 / rate.hz() as f32;
        let loud = if at < voice_n { 6000.0 * (second * 9.0).sin().max(0.0) } else { 0.0 };
        let voice: f32 =
            (1..9).map(|k| (std::f32::consts::TAU * turn * k as f32).sin() / k as f32).sum();
        (loud * voice + noise) as i16
    });
    let frame = || {
        let mut frame = Frame::silent(rate);
        frame.samples_mut().iter_mut().for_each(|to| *to = samples.next().unwrap_or(0));
        frame
    };
    std::iter::repeat_with(frame).take(ms / 20).collect()
}

fn payloads(codec: Codec, frames: &[Frame]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(codec);
    let payload = |frame: &Frame| {
        let mut payload = [0; PAYLOAD_BYTES];
        let n = encoder.encode(frame, &mut payload);
        payload[..n].to_vec()
    };
    frames.iter().map(payload).collect()
}

/// A peer that stops sending where it is silent: the noise of its room goes on, whether it says how
/// loud that is or not. No hole, no click.
#[test]
fn a_pause_is_as_noisy_as_the_room() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
        for says in [false, true] {
            let mut hearing = Hearing::new(codec);
            let frames = room(hearing.rate(), -58.0, 3000, 6000);
            let payloads = payloads(codec, &frames);
            let mut sequence = 0;
            for n in 0..600 {
                // It speaks, is silent for seven seconds, speaks again.
                if let Some(payload) = payloads.get(if n < 500 { n } else { n - 500 })
                    && !(250..550).contains(&n)
                {
                    hearing.put(sequence, Content::Sound(codec), payload);
                    sequence += 1;
                } else if says && n < 550 && n % 10 == 0 {
                    hearing.put(sequence, Content::Noise, &[58]);
                    sequence += 1;
                }
                hearing.tick();
            }
            let pause = &hearing.levels(5300)[..270];
            let (least, most) = pause
                .iter()
                .fold((0.0_f32, -100.0_f32), |(least, most), db| (least.min(*db), most.max(*db)));
            assert!(least > -63.0 && most < -53.0, "{codec:?} {says} {least} {most}");
            let around = hearing.step(4900);
            assert!(around <= hearing.step(500).max(2500), "{codec:?} {says} {around}");
        }
    }
}

/// Opus with pauses (DTX): a frame of noise every 400 ms, which goes on between them.
#[test]
fn rfc6716_2_1_9_pauses_of_opus_are_no_holes() {
    let frames = room(Rate::Wide, -55.0, 2000, 8000);
    let mut encoder =
        opus::Encoder::new(16_000, opus::Channels::Mono, opus::Application::Voip).unwrap();
    encoder.set_bitrate(opus::Bitrate::Bits(24_000)).unwrap();
    encoder.set_dtx(true).unwrap();
    let mut hearing = Hearing::new(Codec::Opus);
    let (mut sequence, mut n_left_out) = (0, 0);
    for frame in &frames {
        let mut payload = [0; 400];
        let n = encoder.encode(frame.samples(), &mut payload).unwrap();
        if n > 2 {
            hearing.put(sequence, Content::Sound(Codec::Opus), &payload[..n]);
            sequence += 1;
        } else {
            n_left_out += 1;
        }
        hearing.tick();
    }
    assert!(n_left_out > 100, "{n_left_out}");
    let pause = hearing.levels(4000);
    assert!(pause.iter().all(|db| (-70.0..-50.0).contains(db)), "{pause:?}");
}

/// Before there is anything, and for a peer that never speaks, it is silent.
#[test]
fn who_was_never_heard_is_silent() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        let mut hearing = Hearing::new(codec);
        (0..50).for_each(|_| hearing.tick());
        assert!(hearing.heard.iter().all(|sample| *sample == 0), "{codec:?}");
    }
}

/// A network that held everything back for 600 ms: what is left out to catch up leaves no click.
#[test]
fn what_is_left_out_leaves_no_click() {
    for codec in [Codec::Pcmu, Codec::G722, Codec::Opus] {
        let mut hearing = Hearing::new(codec);
        let hz = 425.0;
        let sine = tone::sine(hz, 8000.0, 48_000);
        let frames: Vec<Frame> = sine
            .chunks(160)
            .map(|piece| {
                let mut frame = Frame::silent(Rate::Narrow);
                frame.samples_mut().copy_from_slice(piece);
                frame
            })
            .collect();
        let mut held = Vec::new();
        for (n, payload) in payloads(codec, &frames).into_iter().enumerate() {
            held.push((n, payload));
            if !(100..130).contains(&n) {
                for (n, payload) in held.drain(..) {
                    hearing.n_sent = n as u32;
                    hearing.put(n as u16, Content::Sound(codec), &payload);
                }
            }
            hearing.tick();
        }
        // From the burst on; the tone's own step is 2700 at 8 kHz.
        let step = hearing.step(2640);
        assert!(step < 4500, "{codec:?} {step}");
        let gap = measure::longest_gap(
            &hearing.heard[2700 * hearing.rate().hz() as usize / 1000..],
            hearing.rate().hz(),
        );
        assert_eq!(gap, 0, "{codec:?}");
    }
}

/// The peer changes its codec in the middle of a tone.
#[test]
fn another_codec_in_the_middle_leaves_no_click() {
    for (one, other) in [
        (Codec::Pcmu, Codec::G722),
        (Codec::G722, Codec::Pcma),
        (Codec::Pcmu, Codec::Opus),
        (Codec::Opus, Codec::Pcmu),
    ] {
        let mut hearing = Hearing::new(one);
        let sine = tone::sine(50.0, 12_000.0, 16_000);
        let frames: Vec<Frame> = sine
            .chunks(160)
            .map(|piece| {
                let mut frame = Frame::silent(Rate::Narrow);
                frame.samples_mut().copy_from_slice(piece);
                frame
            })
            .collect();
        let (before, after) = (payloads(one, &frames[..51]), payloads(other, &frames[51..]));
        let mut frames = Vec::new();
        for (n, payload) in before.iter().chain(&after).enumerate() {
            let codec = if n < before.len() { one } else { other };
            if n == before.len() {
                hearing.listener.set_codec(codec);
                hearing.codec = codec;
            }
            hearing.put(n as u16, Content::Sound(codec), payload);
            hearing.tick();
            frames.push(hearing.listener.frame);
        }
        let steps = frames.windows(2).flat_map(|pair| {
            let seam = [*pair[0].samples().last().unwrap(), pair[1].samples()[0]];
            let inner = pair[1].samples().windows(2).map(|two| two[0].abs_diff(two[1]));
            inner.chain([seam[0].abs_diff(seam[1])]).collect::<Vec<_>>()
        });
        let step = steps.skip(160 * 20).max().unwrap();
        assert!(step < 2000, "{one:?} {other:?} {step}");
    }
}
