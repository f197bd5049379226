//! What a bridge between PCMU and Opus costs beside its codecs: `cargo run --release -p
//! legwork-media --example transcode_speed`.
//!
//! The last line is for `bench/run`. Not here: sockets.
#![expect(clippy::print_stdout, reason = "its only output")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use legwork_media::codec::{Decoder, Encoder, PAYLOAD_BYTES, SOUND_MAX};
use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Plane, TICK};
use legwork_media::{Agreed, Command, Feed, Frame, MediaId};

const SIDES: [(Codec, u8); 2] = [(Codec::Pcmu, 0), (Codec::Opus, 111)];
/// 20 ms of a bridge, both ways.
const ROUNDS: usize = 3000;

fn main() {
    let talks = SIDES.map(|(codec, payload)| {
        let mut mouth = Mouth::new(u32::from(payload), codec, payload, 101, 400);
        (0..ROUNDS).map(|_| mouth.next_packet()).collect::<Vec<_>>()
    });
    // In turns, so that both have the same machine.
    let runs = (0..5).map(|_| (codecs(&talks), bridge(&talks)));
    let best = |(a, b): (Duration, Duration), (c, d)| (a.min(c), b.min(d));
    let (alone, bridged) = runs.reduce(best).unwrap_or_default();
    let packets = ROUNDS * SIDES.len();
    let each = |all: Duration| all.as_nanos() as f64 / packets as f64 / 1000.0;
    println!("bridge: {:.2} times the codecs", each(bridged) / each(alone));
    println!(
        "{{\"codecs_us_per_packet\":{:.3},\"bridge_us_per_packet\":{:.3}}}",
        each(alone),
        each(bridged)
    );
}

/// Decoding, fitting and encoding, and nothing else.
fn codecs(talks: &[Vec<Vec<u8>>; 2]) -> Duration {
    let mut decoders = SIDES.map(|(codec, _)| Decoder::new(codec));
    let mut encoders = [Encoder::new(Codec::Opus), Encoder::new(Codec::Pcmu)];
    let (mut sound, mut payload) = ([0; SOUND_MAX], [0; PAYLOAD_BYTES]);
    let begin = used();
    for round in 0..ROUNDS {
        for ((decoder, encoder), talk) in decoders.iter_mut().zip(&mut encoders).zip(talks) {
            let packet = talk.get(round).and_then(|packet| packet.get(12..)).unwrap_or_default();
            decoder.decode(packet, &mut sound);
            let mut frame = Frame::silent(decoder.rate());
            for (to, from) in frame.samples_mut().iter_mut().zip(&sound) {
                *to = *from;
            }
            encoder.encode(&frame, &mut payload);
        }
    }
    used().saturating_sub(begin)
}

fn bridge(talks: &[Vec<Vec<u8>>; 2]) -> Duration {
    let start = Instant::now();
    let mut plane = Plane::with_hold_music(start, 0, &(10_000..=10_003), 1, [0; 160].into());
    let id = |n: u16| MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 };
    let address = |n: u16| SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n));
    for (n, (codec, payload)) in (0..).zip(SIDES) {
        let agreed = Agreed {
            remote_rtp: address(n),
            remote_rtcp: address(n),
            rtcp_mux: false,
            codec,
            send_payload: payload,
            receive_payload: payload,
            telephone_event: Some((101, 101)),
            event_clock_hz: codec.clock_hz(),
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        plane.handle_command(start, id(n), Command::Open);
        plane.handle_command(start, id(n), Command::Agree(Box::new(agreed)));
    }
    for n in 0..2 {
        plane.handle_command(start, id(n), Command::Feed(Feed::Leg(id(n ^ 1))));
    }
    let (mut buffer, mut n_packets) = ([0; BUFFER_BYTES], 0);
    let begin = used();
    for round in 0..ROUNDS {
        let now = start + TICK * round as u32;
        for (n, talk) in (0..).zip(talks) {
            let Some(packet) = talk.get(round) else { continue };
            if let Some(room) = buffer.get_mut(..packet.len()) {
                room.copy_from_slice(packet);
            }
            let (port, len) = (id(n).port, packet.len());
            plane.handle_packet(now, port, Channel::Rtp, address(n), &mut buffer, len);
        }
        plane.tick(now, |_, _| n_packets += 1);
    }
    let took = used().saturating_sub(begin);
    assert_eq!(n_packets, ROUNDS * SIDES.len(), "a packet each way every 20 ms");
    took
}

/// Processor time of this thread, to about 4 ms.
fn used() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}
