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
        RoomCommand::Quiet,
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
        assert_eq!(w.room_events(), if n == 1 { &played[..] } else { &[] });
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
        w.plane.handle_room(w.now, RoomId(n), RoomCommand::Quiet);
    }
    let room = RoomId(0);
    for n in 1..=limit::ROOM_PLAYS + 1 {
        w.plane.handle_room(w.now, room, RoomCommand::Play(SourceId::BEEP, 0));
        assert_eq!(w.plane.poll_room_event().is_some(), n > limit::ROOM_PLAYS, "{n}");
    }
    for n in 1..=limit::TAPS as u64 + 1 {
        w.plane.handle_room(w.now, room, RoomCommand::Tap(TapId(n), TAP));
        w.take_taps();
        assert_eq!(w.tapped.contains_key(&TapId(n)), n > limit::TAPS as u64, "{n}");
    }
}

/// 251 speak at once and hear: one is not heard, and one hears silence; as soon as another goes, it
/// is, and does.
#[test]
fn the_251st_is_not_heard_until_one_goes() {
    let start = epoch();
    let mut plane = Plane::new(start, 0, &(10_000..=10_599), 1);
    plane.handle_room(start, ROOM, RoomCommand::Open);
    let id = |n: u16| MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 };
    let address = |n: u16| SocketAddr::from(([192, 0, 2, 1], 4000 + 10 * n));
    let n_legs = limit::ROOM_LEGS as u16 + 1;
    for n in 0..n_legs {
        for command in [
            Command::Open,
            Command::Agree(Box::new(agreed(Codec::Pcmu, address(n)))),
            Command::Speak(aloud(ROOM)),
            Command::Feed(Feed::Room(ROOM)),
        ] {
            plane.handle_command(start, id(n), command);
        }
    }
    // All but the last say nothing that could be heard but that they are there: ±200 in turns, which
    // cancel each other out but for the odd one.
    let mut heard = Vec::new();
    for round in 0..40_u16 {
        let now = start + TICK * u32::from(round);
        if round == 20 {
            plane.handle_command(now, id(0), Command::Close);
            plane.handle_command(now, id(1), Command::Speak(None));
        }
        for n in 0..n_legs {
            let sample = if n + 1 == n_legs { 8000 } else { 200 - 400 * (n as i16 % 2) };
            let mut packet = [0; BUFFER_BYTES];
            let (sequence, timestamp) = (round, u32::from(round) * 160);
            rtp::Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 5 }
                .write(&mut packet);
            packet[12..172].fill(crate::codec::pcmu::encode(sample));
            let port = id(n).port;
            plane.handle_packet(now, port, Channel::Rtp, address(n), &mut packet, 172);
        }
        let mut loudest = [0; 2];
        plane.tick(now, |forward, packet| {
            let is_last = forward.port == id(n_legs - 1).port;
            let loud = packet[12..].iter().map(|byte| crate::codec::pcmu::decode(*byte)).max();
            let of = &mut loudest[usize::from(is_last)];
            *of = loud.unwrap().max(*of);
        });
        heard.push(loudest);
    }
    assert!(heard[..20].iter().all(|[others, _]| *others < 1000), "{heard:?}");
    assert!(heard[25..].iter().all(|[others, _]| *others > 7000), "{heard:?}");
}
