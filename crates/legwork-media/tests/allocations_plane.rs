//! Nothing is allocated per packet or per tick: a plane of legs of every codec, tapped and heard.
//!
//! Not here: codecs by themselves (`tests/allocations.rs`); libopus, which works on the stack.
#![expect(unsafe_code, reason = "counting allocations needs a global allocator")]
#![expect(clippy::disallowed_methods, reason = "an Instant to begin with")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Plane, TICK};
use legwork_media::{
    Agreed, Command, Feed, Hearing, JitterSize, MediaId, Rate, RoomCommand, RoomId,
};
use legwork_media::{Side, SourceId, Speech, Tap, TapId};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const LEGS: [(Codec, u8); 6] = [
    (Codec::Pcmu, 0),
    (Codec::Opus, 111),
    (Codec::G722, 9),
    (Codec::Pcma, 8),
    (Codec::Pcmu, 0),
    (Codec::Pcma, 8),
];

fn id(n: usize) -> MediaId {
    MediaId { thread: 0, port: 10_000 + 2 * n as u16, lease: 1 }
}

fn address(n: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n as u16))
}

fn plane(start: Instant) -> Plane {
    let mut plane = Plane::new(start, 0, &(10_000..=10_019), 1);
    for (n, (codec, payload)) in LEGS.into_iter().enumerate() {
        let agreed = Agreed {
            remote_rtp: address(n),
            remote_rtcp: address(n),
            rtcp_mux: false,
            codec,
            send_payload: payload,
            receive_payload: payload,
            telephone_event: (n != 4).then_some((101, 101)),
            event_clock_hz: codec.clock_hz(),
            comfort_noise: n == 3,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        let hearing = Hearing { keys: true, voice: true, machine: None };
        let tap = Tap::new(Side::Dual, Rate::Wide);
        for command in [
            Command::Open,
            Command::Agree(Box::new(agreed)),
            Command::Hear(Box::new(hearing)),
            Command::Tap(TapId(n as u64), tap),
        ] {
            plane.handle_command(start, id(n), command);
        }
    }
    plane
}

#[test]
fn nothing_is_allocated_per_packet_or_tick() {
    let start = Instant::now();
    let mut plane = plane(start);
    plane.set_source(SourceId(1), Rate::Wide, vec![500; 16_000].into());
    // Coded both ways, played to, relayed, an echo; one knows no events and hears a key as a tone.
    for (n, feed) in [
        (0, Feed::Leg(id(1))),
        (1, Feed::Leg(id(0))),
        (2, Feed::Source(SourceId(1), 0)),
        (3, Feed::Leg(id(4))),
        (4, Feed::Leg(id(3))),
        (5, Feed::Leg(id(5))),
    ] {
        plane.handle_command(start, id(n), Command::Feed(feed));
    }
    let mouth = |n: usize, (codec, payload): (Codec, u8)| {
        let mut mouth = Mouth::new(n as u32, codec, payload, 101, 400);
        mouth.press(b'1');
        (0..200).map(|_| mouth.next_packet()).collect::<Vec<_>>()
    };
    let talks: Vec<_> = LEGS.into_iter().enumerate().map(|(n, leg)| mouth(n, leg)).collect();
    let mut buffer = [0; BUFFER_BYTES];
    let (mut n_sent, mut n_tapped, mut before) = (0_u32, 0_usize, 0);
    for round in 0..200_u32 {
        // The first packets fill the places of the buffers.
        if round == 140 {
            before = ALLOCATIONS.get();
        }
        let now = start + TICK * round;
        for (n, talk) in talks.iter().enumerate() {
            // One in twenty is lost, one in twenty comes late, one is comfort noise. Then all
            // pause.
            let is_lost = round % 20 == 3 || (150..170).contains(&round);
            let Some(packet) = talk.get(round as usize).filter(|_| !is_lost) else {
                continue;
            };
            let late = if round % 20 == 7 { TICK * 3 } else { Duration::ZERO };
            buffer[..packet.len()].copy_from_slice(packet);
            let (port, mut len) = (id(n).port, packet.len());
            if round % 20 == 11 {
                (buffer[1], buffer[12], len) = (13, 60, 13);
            }
            let at = now + late;
            plane.handle_packet(at, port, Channel::Rtp, address(n), &mut buffer, len);
        }
        plane.tick(now, |_, _| n_sent += 1);
        plane.give_taps(|_, _| n_tapped += 1);
        while plane.poll_event().is_some() {}
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(n_sent > 500 && n_tapped > 50, "{n_sent} {n_tapped}");
}

/// Legs of every codec in a room, two of them speaking, watched, recorded and played to.
#[test]
fn nothing_is_allocated_per_packet_or_tick_of_a_room() {
    let start = Instant::now();
    let mut plane = plane(start);
    let room = RoomId(1);
    plane.set_source(SourceId(1), Rate::Wide, vec![500; 16_000].into());
    let tap = Tap::new(Side::Inbound, Rate::Narrow);
    for command in [
        RoomCommand::Open,
        RoomCommand::Watch(true),
        RoomCommand::Tap(TapId(100), tap),
        RoomCommand::Play(SourceId(1), 0),
    ] {
        plane.handle_room(start, room, command);
    }
    for n in 0..LEGS.len() {
        let only = (n == 3).then_some(id(0));
        let speech = Speech { room, only, jitter: JitterSize::Large };
        plane.handle_command(start, id(n), Command::Speak(Some(speech)));
        plane.handle_command(start, id(n), Command::Feed(Feed::Room(room)));
    }
    let talks: Vec<Vec<_>> = (LEGS.into_iter().enumerate())
        .map(|(n, (codec, payload))| {
            let hz = if n == 0 || n == 3 { 400 } else { 0 };
            let mut mouth = Mouth::new(n as u32, codec, payload, 101, hz);
            (0..400).map(|_| mouth.next_packet()).collect()
        })
        .collect();
    let mut buffer = [0; BUFFER_BYTES];
    let (mut n_sent, mut n_tapped, mut before) = (0_u32, 0_usize, 0);
    for round in 0..400_u32 {
        // Whoever is silent has become one of many by then.
        if round == 300 {
            before = ALLOCATIONS.get();
        }
        let now = start + TICK * round;
        for (n, talk) in talks.iter().enumerate() {
            let Some(packet) = talk.get(round as usize) else { continue };
            buffer[..packet.len()].copy_from_slice(packet);
            let (port, len) = (id(n).port, packet.len());
            plane.handle_packet(now, port, Channel::Rtp, address(n), &mut buffer, len);
        }
        plane.tick(now, |_, _| n_sent += 1);
        plane.give_taps(|_, _| n_tapped += 1);
        while plane.poll_event().is_some() || plane.poll_room_event().is_some() {}
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(n_sent == 400 * LEGS.len() as u32 && n_tapped > 200, "{n_sent} {n_tapped}");
}
