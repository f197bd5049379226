//! What a room costs a media thread: `cargo run --release -p legwork-media --example room_speed`.
//!
//! Everything but sockets: packets of all who are in it, jitter buffers, decoding, the mix, encoding, a
//! packet for each. The last line is for `bench/run`. Not here: sockets.
#![expect(clippy::print_stdout, reason = "its only output")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Plane, TICK};
use legwork_media::{
    Agreed, Command, Feed, JitterSize, MediaId, RoomCommand, RoomId, Speech, TapId, tap,
};

/// 20 ms of a room, and those before that bring it to its pace.
const ROUNDS: usize = 1500;
const WARM: usize = 250;

const PCMU: (Codec, u8) = (Codec::Pcmu, 0);
const OPUS: (Codec, u8) = (Codec::Opus, 111);

fn main() {
    let rooms = [
        ("100 PCMU, 3 speak", PCMU, 100, 3),
        ("250 PCMU, 3 speak", PCMU, 250, 3),
        ("100 PCMU, all speak", PCMU, 100, 100),
        ("100 Opus, 3 speak", OPUS, 100, 3),
    ];
    let shares = rooms.map(|(name, codec, n_legs, n_speak)| {
        let best = (0..3).map(|_| room(codec, n_legs, n_speak)).min().unwrap_or_default();
        let each = best / (ROUNDS - WARM) as u32;
        let share = 100.0 * each.as_secs_f64() / TICK.as_secs_f64();
        println!("{name}: {:.0} µs each 20 ms, {share:.2} % of a core", each.as_secs_f64() * 1e6);
        share
    });
    let [of_100, of_250, all, opus] = shares;
    println!(
        "{{\"percent_of_100\":{of_100:.3},\"percent_of_250\":{of_250:.3},\
         \"percent_all_speak\":{all:.3},\"percent_of_100_opus\":{opus:.3}}}"
    );
}

fn id(n: u16) -> MediaId {
    MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 }
}

fn address(n: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n))
}

/// A room with a recording, everybody's packets every 20 ms; the first ones say tones.
fn room((codec, payload): (Codec, u8), n_legs: u16, n_speak: u16) -> Duration {
    let start = Instant::now();
    let mut plane = Plane::with_hold_music(start, 0, &(10_000..=10_999), 1, [0; 160].into());
    let room = RoomId(1);
    plane.handle_room(start, room, RoomCommand::Open);
    let recorded = tap::Tap::new(tap::Side::Inbound, legwork_media::Rate::Narrow);
    plane.handle_room(start, room, RoomCommand::Tap(TapId(1), recorded));
    for n in 0..n_legs {
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
        let speech = Speech { room, only: None, jitter: JitterSize::Large };
        for command in [
            Command::Open,
            Command::Agree(Box::new(agreed)),
            Command::Speak(Some(speech)),
            Command::Feed(Feed::Room(room)),
        ] {
            plane.handle_command(start, id(n), command);
        }
    }
    let talk = |n: u16| {
        let hz = if n < n_speak { 300 + 10 * n } else { 0 };
        let mut mouth = Mouth::new(u32::from(n), codec, payload, 101, hz);
        (0..50).map(|_| mouth.next_packet()).collect::<Vec<_>>()
    };
    let talks: Vec<_> = (0..n_legs).map(talk).collect();
    let mut buffer = [0; BUFFER_BYTES];
    let (mut begin, mut n_sent) = (Duration::ZERO, 0_usize);
    for round in 0..ROUNDS {
        if round == WARM {
            begin = used();
        }
        let now = start + TICK * round as u32;
        for (n, talk) in (0..).zip(&talks) {
            let Some(packet) = talk.get(round % 50) else { continue };
            if let Some(room) = buffer.get_mut(..packet.len()) {
                room.copy_from_slice(packet);
            }
            renumber(&mut buffer, round, codec);
            let (port, len) = (id(n).port, packet.len());
            plane.handle_packet(now, port, Channel::Rtp, address(n), &mut buffer, len);
        }
        plane.tick(now, |_, _| n_sent += 1);
        plane.give_taps(|_, _| {});
        while plane.poll_event().is_some() {}
    }
    let took = used().saturating_sub(begin);
    assert_eq!(n_sent, ROUNDS * usize::from(n_legs), "a packet for each every 20 ms");
    took
}

/// The same second again and again: its numbers go on.
fn renumber(packet: &mut [u8], round: usize, codec: Codec) {
    let (sequence, timestamp) = (round as u16, round as u32 * (codec.clock_hz() / 50));
    let numbers = sequence.to_be_bytes().into_iter().chain(timestamp.to_be_bytes());
    packet.iter_mut().skip(2).zip(numbers).for_each(|(to, byte)| *to = byte);
}

/// Processor time of this thread, to about 4 ms.
fn used() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}
