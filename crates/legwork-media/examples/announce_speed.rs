//! How long a tick takes while 500 legs hear one announcement: `cargo run --release -p
//! legwork-media --example announce_speed`. There are 20,000 µs for it.
//!
//! Not here: sockets.
#![expect(clippy::print_stdout, reason = "its only output")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::net::SocketAddr;
use std::time::Instant;

use legwork_media::offer_answer::Codec;
use legwork_media::plane::{Plane, TICK};
use legwork_media::{Agreed, Command, Feed, MediaId, Rate, SourceId};

const LEGS: u16 = 500;
const TICKS: u32 = 1000;

fn main() {
    for (name, codec, rate) in [
        ("PCMU, from 16 kHz", Codec::Pcmu, Rate::Wide),
        ("PCMU, from 8 kHz", Codec::Pcmu, Rate::Narrow),
        ("G.722, from 16 kHz", Codec::G722, Rate::Wide),
    ] {
        announce(name, codec, rate);
    }
}

fn announce(name: &str, codec: Codec, rate: Rate) {
    let start = Instant::now();
    let mut plane = Plane::new(start, 0, &(10_000..=10_000 + 2 * LEGS - 1), 1);
    let samples: Vec<i16> = (0..rate.hz() as i32 * 10).map(|n| (n * 37 % 9000) as i16).collect();
    plane.set_source(SourceId(1), rate, samples.into());
    let payload = if codec == Codec::G722 { 9 } else { 0 };
    for n in 0..LEGS {
        let id = MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 };
        let address = SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n));
        let agreed = Agreed {
            remote_rtp: address,
            remote_rtcp: address,
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
        plane.handle_command(start, id, Command::Open);
        plane.handle_command(start, id, Command::Agree(Box::new(agreed)));
        plane.handle_command(start, id, Command::Feed(Feed::Source(SourceId(1), 0)));
    }
    let (mut longest, mut n_packets) = (0, 0_u32);
    let begin = Instant::now();
    for tick in 0..TICKS {
        let before = Instant::now();
        plane.tick(start + TICK * tick, |_, _| n_packets += 1);
        longest = longest.max(before.elapsed().as_micros());
    }
    let each = begin.elapsed().as_micros() / u128::from(TICKS);
    println!("{name}: {each} µs per tick, {longest} µs at most, {n_packets} packets");
}
