//! Rooms and orders in any order: what is not there, what is closed in use, too many of all.
//!
//! Not here: what is heard when all is as it should be (`rooms`).

use super::rooms::{ROOM, aloud};
use super::*;
use crate::command::{RoomCommand, RoomEvent, RoomId};
use crate::tap::{Side, Tap};

const TAP: Tap = Tap::new(Side::Inbound, Rate::Narrow);

#[test]
fn a_leg_may_come_before_its_room() {
    let mut w = World::new();
    let [a, b] = [400, 700].map(|hz| w.phone(Codec::Pcmu, hz));
    w.join(a);
    w.join(b);
    w.run(500);
    assert_eq!(w.heard(a), Heard::Silence);
    w.room(RoomCommand::Open);
    w.run(500);
    w.hears(a, &[700], &[400]);
    // Closed under them; and opened again.
    w.room(RoomCommand::Close);
    w.run(500);
    assert_eq!((w.heard(a), w.heard(b)), (Heard::Silence, Heard::Silence));
    w.room(RoomCommand::Open);
    w.run(500);
    w.hears(b, &[400], &[700]);
    w.unbroken();
}

#[test]
fn what_is_ordered_of_no_room_is_over_at_once() {
    let mut w = World::new();
    for (n, command) in [
        RoomCommand::Play(SourceId::BEEP, 1),
        RoomCommand::Tap(TapId(1), TAP),
        RoomCommand::HoldTap(TapId(1), true),
        RoomCommand::Untap(TapId(1)),
        RoomCommand::Watch(true),
        RoomCommand::Close,
    ]
    .into_iter()
    .enumerate()
    {
        w.room(command);
        let played = [RoomEvent::Played(SourceId::BEEP)];
        assert_eq!(w.room_events(), if n == 0 { &played[..] } else { &[] });
    }
    assert_eq!(w.tapped[&TapId(1)], (Vec::new(), 1));
    assert_eq!(w.plane.poll_timeout(), None);
}

#[test]
fn taps_end_with_their_room() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    w.room(RoomCommand::Tap(TapId(1), TAP));
    w.run(100);
    w.room(RoomCommand::Close);
    assert_eq!(w.tapped[&TapId(1)], (vec![0; 800], 1));
    assert_eq!(w.plane.poll_timeout(), None);
}

#[test]
fn rooms_plays_and_taps_are_bounded() {
    let mut w = World::new();
    for n in 0..=limit::ROOMS as u64 {
        w.plane.handle_room(w.now, RoomId(n), RoomCommand::Open);
        w.plane.handle_room(w.now, RoomId(n), RoomCommand::Play(SourceId(404), 1));
        assert_eq!(w.plane.poll_room_event().is_some(), n == limit::ROOMS as u64);
        w.plane.handle_room(w.now, RoomId(n), RoomCommand::Watch(true));
    }
    let room = RoomId(1);
    let plays = RoomId(limit::ROOMS as u64 - 1);
    for source in [SourceId(404), SourceId::BEEP] {
        for n in 1..=limit::ROOM_PLAYS + 1 {
            // One waits there already.
            let waits = n + usize::from(!source.is_beep()) <= limit::ROOM_PLAYS;
            w.plane.handle_room(w.now, plays, RoomCommand::Play(source, 0));
            assert_eq!(w.plane.poll_room_event().is_none(), waits, "{source:?} {n}");
        }
    }
    for n in 1..=limit::TAPS as u64 + 1 {
        w.plane.handle_room(w.now, room, RoomCommand::Tap(TapId(n), TAP));
        w.take_taps();
        assert_eq!(w.tapped.contains_key(&TapId(n)), n > limit::TAPS as u64, "{n}");
    }
}

/// More legs than a room has places for, all of which speak and hear.
struct Crowd {
    plane: Plane,
    now: Instant,
    n_packets: u16,
    /// What the first of them heard.
    heard: Vec<i16>,
}

const CROWD: u16 = limit::ROOM_LEGS as u16 + 1;
const LAST: u16 = CROWD - 1;

fn in_crowd(n: u16) -> MediaId {
    MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 }
}

impl Crowd {
    fn new() -> Self {
        let now = epoch();
        let plane = Plane::new(now, 0, &(10_000..=10_599), 1);
        let mut crowd = Self { plane, now, n_packets: 0, heard: Vec::new() };
        crowd.plane.handle_room(now, ROOM, RoomCommand::Open);
        for n in 0..CROWD {
            let agreed = agreed(Codec::Pcmu, Self::address(n));
            for command in [
                Command::Open,
                Command::Agree(Box::new(agreed)),
                Command::Speak(aloud(ROOM)),
                Command::Feed(Feed::Room(ROOM)),
            ] {
                crowd.order(n, command);
            }
        }
        crowd
    }

    fn address(n: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 4000 + 10 * n))
    }

    fn order(&mut self, n: u16, command: Command) {
        self.plane.handle_command(self.now, in_crowd(n), command);
    }

    /// 20 ms in which each says this. Gives the loudest that the last one heard, and any other.
    fn says(&mut self, sample: impl Fn(u16) -> i16) -> [i16; 2] {
        for n in 0..CROWD {
            let mut packet = [0; BUFFER_BYTES];
            let (sequence, timestamp) = (self.n_packets, u32::from(self.n_packets) * 160);
            rtp::Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 5 }
                .write(&mut packet);
            packet[12..172].fill(crate::codec::pcmu::encode(sample(n)));
            let (port, from) = (in_crowd(n).port, Self::address(n));
            self.plane.handle_packet(self.now, port, Channel::Rtp, from, &mut packet, 172);
        }
        let (mut loudest, heard) = ([0; 2], &mut self.heard);
        self.plane.tick(self.now, |forward, packet| {
            let sound = packet[12..].iter().map(|byte| crate::codec::pcmu::decode(*byte));
            let of = &mut loudest[usize::from(forward.port != in_crowd(LAST).port)];
            *of = sound.clone().max().unwrap().max(*of);
            if forward.port == in_crowd(0).port {
                heard.extend(sound);
            }
        });
        self.n_packets += 1;
        self.now += TICK;
        loudest
    }
}

/// ±200 in turns: they cancel each other out but for the odd one.
fn murmur(n: u16) -> i16 {
    200 - 400 * (n as i16 % 2)
}

/// 251 speak at once and hear: one is not heard, and one hears silence; as soon as another goes, it
/// is, and does.
#[test]
fn the_251st_is_not_heard_until_one_goes() {
    let mut crowd = Crowd::new();
    // All but the last say nothing that could be heard but that they are there.
    let sample = |n| if n == LAST { 8000 } else { murmur(n) };
    let crowded: Vec<_> = (0..20).map(|_| crowd.says(sample)).collect();
    assert!(crowded.iter().all(|[_, others]| *others < 1000), "{crowded:?}");
    crowd.order(0, Command::Close);
    crowd.order(1, Command::Speak(None));
    let roomy: Vec<_> = (0..20).map(|_| crowd.says(sample)).collect();
    assert!(roomy[5..].iter().all(|[_, others]| *others > 7000), "{roomy:?}");
}

/// A voice for which there is no place any more fades; where there is one again, it swells.
#[test]
fn the_251st_does_not_click() {
    let mut crowd = Crowd::new();
    for round in 0..160 {
        let all_speak = round % 80 >= 40;
        let sample = |n| if n == LAST { 8000 } else { murmur(n) * i16::from(all_speak) };
        let [_, loudest] = crowd.says(sample);
        if round % 40 > 35 {
            assert_eq!(loudest > 7000, !all_speak, "{round}: {loudest}");
        }
    }
    assert!(step(&crowd.heard) < 600, "{}", step(&crowd.heard));
}

/// Who speaks where nobody asks for a long time is told up to a limit; what was played always is.
#[test]
fn what_waits_to_be_told_is_bounded() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    w.room(RoomCommand::Watch(true));
    let one = w.phone(Codec::Pcmu, 400);
    for _ in 0..limit::ROOM_SPEAKS / 2 + 1 {
        w.order(one, Command::Speak(aloud(ROOM)));
        w.run(200);
        w.order(one, Command::Speak(None));
    }
    w.room(RoomCommand::Play(SourceId(404), 1));
    w.run(20);
    let told = w.room_events();
    assert_eq!(told.len(), limit::ROOM_SPEAKS + 1);
    assert_eq!(told.last(), Some(&RoomEvent::Played(SourceId(404))));
}
