//! How long one packet takes through a plane: `cargo run --release -p legwork-media --example
//! relay_speed`.
//!
//! Not here: sockets, which cost some hundred times as much.
#![expect(clippy::print_stdout, reason = "its only output")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Plane};
use legwork_media::{Agreed, Command, Feed, MediaId};

const LEGS: u16 = 1000;
const ROUNDS: u32 = 2000;

fn main() {
    for (name, codecs) in [
        ("PCMU to PCMU", [Codec::Pcmu, Codec::Pcmu]),
        ("PCMU to PCMA and back", [Codec::Pcmu, Codec::Pcma]),
    ] {
        let (n_packets, took) = relay(codecs);
        println!("{name}: {} ns per packet", took.as_nanos() / u128::from(n_packets.max(1)));
    }
}

/// Packets passed on, and how long it took.
fn relay(codecs: [Codec; 2]) -> (u32, Duration) {
    let start = Instant::now();
    let mut plane = Plane::new(start, 0, &(10_000..=10_000 + 2 * LEGS - 1), 1);
    let id = |n: u16| MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 };
    let address = |n: u16| SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n));
    let mut talks = Vec::new();
    for (n, codec) in (0..LEGS).zip(codecs.into_iter().cycle()) {
        let payload = if codec == Codec::Pcma { 8 } else { 0 };
        let agreed = Agreed {
            remote_rtp: address(n),
            remote_rtcp: address(n),
            rtcp_mux: false,
            codec,
            send_payload: payload,
            receive_payload: payload,
            telephone_event: Some((101, 101)),
            event_clock_hz: 8000,
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        plane.handle_command(start, id(n), Command::Open);
        plane.handle_command(start, id(n), Command::Agree(Box::new(agreed)));
        talks.push((n, Mouth::new(u32::from(n), codec, payload, 101, 400).next_packet()));
    }
    for n in 0..LEGS {
        plane.handle_command(start, id(n), Command::Feed(Feed::Leg(id(n ^ 1))));
    }
    let mut buffer = [0; BUFFER_BYTES];
    let mut n_forwards = 0;
    let begin = Instant::now();
    for round in 0..ROUNDS {
        let now = start + Duration::from_millis(20) * round;
        for (n, talk) in &talks {
            // Numbers and time go on as a phone's do.
            if let Some(room) = buffer.get_mut(..talk.len()) {
                room.copy_from_slice(talk);
            }
            let (sequence, timestamp) = (round as u16, round * 160);
            for (to, from) in buffer.iter_mut().skip(2).zip(sequence.to_be_bytes()) {
                *to = from;
            }
            for (to, from) in buffer.iter_mut().skip(4).zip(timestamp.to_be_bytes()) {
                *to = from;
            }
            let (port, from) = (id(*n).port, address(*n));
            let forward =
                plane.handle_packet(now, port, Channel::Rtp, from, &mut buffer, talk.len());
            n_forwards += u32::from(forward.is_some());
        }
    }
    (n_forwards, begin.elapsed())
}
