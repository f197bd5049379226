//! RTP and RTCP: packets read, and a plane of legs that gets them in any order with any orders
//! between.
//!
//! Not here: what is heard (`legwork-media`, `plane/tests`).
//! Source: RFC 3550, RFC 4733; "RTP bleed": nothing is sent to whom no one named.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use legwork_media::ear::Ear;
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Forward, Plane};
use legwork_media::tone::RingTone;
use legwork_media::{Agreed, Command, Feed, Hearing, JitterSize, Live, MediaId, Rate, Side};
use legwork_media::{RoomCommand, RoomId, SourceId, Speech, Tap, TapId, TapPiece, Track};
use legwork_media::{limit, rtcp, rtp, wav};

/// Beginnings of packets.
pub(super) const DICTIONARY: &[&[u8]] = &[
    b"\x80\x00",
    b"\x80\x80",
    b"\x90\x00",
    b"\xa0\x00",
    b"\x8f\x08",
    b"\x80\x65",
    b"\x80\xe5",
    b"\x80\xc8\x00\x06",
    b"\x81\xc9\x00\x07",
    b"\x81\xca\x00\x06",
    b"\x80\xcb\x00\x01",
    b"\xbe\xde\x00\x01",
    b"\xff\xff",
    b"\x00\x00",
    b"\x00\x01\x00\x00\x21\x12\xa4\x42",
    b"RIFF",
    b"WAVEfmt ",
    b"data",
];

const LEGS: u8 = 4;
const ROOMS: u64 = 3;
const FIRST_PORT: u16 = 10_000;
/// Whoever nobody named.
const STRANGER: &str = "203.0.113.9:4000";

/// The first byte says how many bytes are one packet for the readers; all of them are a schedule
/// for a plane.
pub(super) fn run(bytes: &[u8]) {
    let mut ear = Ear::default();
    for packet in [bytes, bytes.get(1..).unwrap_or_default()] {
        if let Some((_, payload)) = rtp::parse(packet) {
            assert!(payload.start <= payload.end && payload.end <= packet.len());
        }
        black_box((rtcp::parse(packet), rtp::is_rtcp(packet), ear.handle(packet)));
    }
    if let Ok(samples) = wav::decode(bytes) {
        assert!(samples.len() <= limit::SOURCE_SAMPLES);
    }
    Schedule { rest: bytes, legs: Legs::new() }.run();
}

/// What is left to do, and to whom.
struct Schedule<'a> {
    rest: &'a [u8],
    legs: Legs,
}

/// A plane with legs.
struct Legs {
    plane: Plane,
    now: Instant,
    /// Named by an `Agree`, or learned of.
    heard_of: Vec<SocketAddr>,
    buffer: Box<[u8; BUFFER_BYTES]>,
}

impl Legs {
    fn new() -> Self {
        let now = Instant::now();
        let last = FIRST_PORT + 2 * u16::from(LEGS) - 1;
        let music = Arc::from([7; 160]);
        let mut plane = Plane::with_hold_music(now, 0, &(FIRST_PORT..=last), 1, music);
        plane.set_source(SourceId(1), Rate::Narrow, Arc::from([9; 400]));
        Self { plane, now, heard_of: Vec::new(), buffer: Box::new([0; BUFFER_BYTES]) }
    }

    fn order(&mut self, leg: u8, command: Command) {
        self.plane.handle_command(self.now, id(leg), command);
    }

    fn order_room(&mut self, room: u64, command: RoomCommand) {
        self.plane.handle_room(self.now, RoomId(room), command);
    }

    fn packet(&mut self, leg: u8, channel: Channel, from: SocketAddr, packet: &[u8]) {
        let len = packet.len().min(limit::PACKET_BYTES);
        for (to, byte) in self.buffer.iter_mut().zip(packet) {
            *to = *byte;
        }
        // What is learned comes from the machine that signals.
        if from.to_string() != STRANGER && !self.heard_of.contains(&from) {
            self.heard_of.push(from);
            self.heard_of.push(next_port(from));
        }
        let port = id(leg).port;
        let buffer = &mut self.buffer[..];
        let sent = self.plane.handle_packet(self.now, port, channel, from, buffer, len);
        if let Some(forward) = sent {
            self.check(forward);
        }
    }

    fn tick(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        let mut sent = Vec::new();
        self.plane.tick(self.now, |forward, packet| {
            assert!(rtp::parse(packet).is_some(), "what we generate is RTP");
            sent.push(forward);
        });
        let most = usize::from(LEGS) * limit::CATCH_UP_TICKS as usize;
        assert!(sent.len() <= most, "a burst of {}", sent.len());
        sent.into_iter().for_each(|forward| self.check(forward));
    }

    fn check(&self, forward: Forward) {
        assert!(self.heard_of.contains(&forward.to), "sent to {}, a stranger", forward.to);
        assert!(forward.len <= limit::PACKET_BYTES);
    }
}

impl Schedule<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    fn run(&mut self) {
        let mut n_events = 0;
        while !self.rest.is_empty() {
            let what = self.byte();
            let leg = (what >> 6) % LEGS;
            match what % 16 {
                0 => self.legs.order(leg, Command::Open),
                1 | 2 => self.agree(leg),
                3 => self.feed(leg),
                4 => {
                    let keys = [b'1', b'#', b'w', self.byte()].into();
                    self.legs.order(leg, Command::SendDigits(keys));
                }
                5 => self.legs.order(leg, Command::Close),
                6 => {
                    let ms = u64::from(self.byte());
                    self.legs.tick(if ms > 250 { 100_000 } else { ms });
                }
                7..=9 => self.packet(leg, Channel::Rtp),
                10 => self.packet(leg, Channel::Rtcp),
                11 => self.tap(leg),
                12 => {
                    let how = self.byte();
                    let bit = |n: u8| how >> n & 1 == 1;
                    let hearing = Hearing { keys: bit(0), voice: bit(1), machine: None };
                    self.legs.order(leg, Command::Hear(Box::new(hearing)));
                }
                13 => self.room(leg),
                _ => self.speech(leg),
            }
            while self.legs.plane.poll_event().is_some() {
                n_events += 1;
            }
            while self.legs.plane.poll_room_event().is_some() {
                n_events += 1;
            }
            self.legs.plane.give_taps(|tap, piece| match piece {
                TapPiece::Samples(samples) => assert!(samples.len() <= 4 * 10 * 320, "{tap:?}"),
                TapPiece::Mark(_) | TapPiece::End => {}
            });
        }
        assert!(n_events < 100_000, "{n_events} events");
        assert!(self.legs.plane.n_legs() <= usize::from(LEGS));
        (0..LEGS).for_each(|leg| self.legs.order(leg, Command::Close));
        (0..ROOMS).for_each(|room| self.legs.order_room(room, RoomCommand::Close));
        assert_eq!(self.legs.plane.n_legs(), 0);
        assert_eq!(self.legs.plane.poll_timeout(), None, "nothing is generated for nobody");
    }

    fn tap(&mut self, leg: u8) {
        let how = self.byte();
        let id = TapId(u64::from(how >> 5));
        let sides = [Side::Inbound, Side::Outbound, Side::Mixed, Side::Dual];
        let side = sides.get(usize::from(how & 3)).copied().unwrap_or(Side::Dual);
        let rate = if how & 4 == 0 { Rate::Narrow } else { Rate::Wide };
        self.legs.order(
            leg,
            match how >> 3 & 3 {
                0 => Command::Untap(id),
                1 => Command::HoldTap(id, how & 1 == 1),
                2 => Command::Live(id, live(how)),
                _ => Command::Tap(id, Tap { frames: 1 + how % 10, ..Tap::new(side, rate) }),
            },
        );
    }

    /// An order to a room, or a leg that speaks in one.
    fn room(&mut self, leg: u8) {
        let how = self.byte();
        let (room, more) = (u64::from(how & 3) % ROOMS, how >> 5);
        let source = match more {
            0 => SourceId::BEEP,
            1 => SourceId::BEEP_OUT,
            _ => SourceId(u64::from(more & 1)),
        };
        let jitter = if more & 1 == 0 { JitterSize::Off } else { JitterSize::Large };
        let tap = TapId(8 + u64::from(more >> 1));
        let speech = |only| Command::Speak(Some(Speech { room: RoomId(room), only, jitter }));
        match how >> 2 & 7 {
            0 => self.legs.order(leg, speech(None)),
            1 => self.legs.order(leg, speech((more < 4).then_some(id(more)))),
            2 => self.legs.order(leg, Command::Speak(None)),
            3 => self.legs.order_room(room, RoomCommand::Play(source, u32::from(more >> 1))),
            4 => {
                let rate = if more & 1 == 0 { Rate::Narrow } else { Rate::Wide };
                self.legs.order_room(room, RoomCommand::Tap(tap, Tap::new(Side::Dual, rate)));
            }
            5 => self.legs.order_room(room, RoomCommand::HoldTap(tap, more & 1 == 0)),
            6 => self.legs.order_room(
                room,
                match more {
                    0 => RoomCommand::Close,
                    1 | 2 => RoomCommand::Untap(tap),
                    _ => RoomCommand::Watch(more & 1 == 0),
                },
            ),
            _ => self.legs.order_room(room, RoomCommand::Open),
        }
    }

    fn agree(&mut self, leg: u8) {
        let how = self.byte();
        let bit = |n: u8| how >> n & 1 == 1;
        let codecs = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];
        let codec = codecs.get(usize::from(how & 3)).copied().unwrap_or(Codec::Pcmu);
        let remote_rtp = address(leg, u16::from(bit(2)) * 100);
        let mux = bit(3);
        let remote_rtcp = if mux { remote_rtp } else { next_port(remote_rtp) };
        let agreed = Agreed {
            remote_rtp,
            remote_rtcp,
            rtcp_mux: mux,
            codec,
            send_payload: how & 0x7f,
            receive_payload: if bit(4) { 8 } else { 0 },
            telephone_event: bit(5).then_some((101, 101)),
            event_clock_hz: if bit(3) { codec.clock_hz() } else { 8000 },
            comfort_noise: bit(6),
            send: bit(6) || !bit(3),
            receive: bit(7) || !bit(4),
            also: [None; 3],
            learn_from: (how == 0xff || how == 0x20).then_some(remote_rtp.ip()),
        };
        self.legs.heard_of.extend([remote_rtp, remote_rtcp]);
        self.legs.order(leg, Command::Agree(Box::new(agreed)));
    }

    fn feed(&mut self, leg: u8) {
        let what = self.byte();
        let feed = match what % 10 {
            0 => Feed::Nothing,
            1 => Feed::Silence,
            2 => Feed::HoldMusic,
            3 => Feed::Ringback(RingTone::default()),
            4 => Feed::Source(SourceId(u64::from(what >> 4)), u32::from(what >> 6)),
            5 => Feed::Room(RoomId(u64::from(what >> 6) % ROOMS)),
            6 => Feed::Copy(id(what >> 3), Track::Inbound),
            7 => Feed::Copy(id(what >> 3), Track::Outbound),
            8 => Feed::Live(TapId(u64::from(what >> 7))),
            _ => Feed::Leg(id(what >> 3)),
        };
        self.legs.order(leg, Command::Feed(feed));
    }

    /// A packet as it stands in the input: a length, then bytes.
    fn packet(&mut self, leg: u8, channel: Channel) {
        let len = usize::from(self.byte()).min(self.rest.len());
        let (packet, rest) = self.rest.split_at(len);
        self.rest = rest;
        let from = match packet.last() {
            Some(0xfe) => STRANGER.parse().ok(),
            Some(0xfd) => Some(address(leg, 40)),
            Some(_) | None => None,
        };
        let named = match channel {
            Channel::Rtp => address(leg, 0),
            Channel::Rtcp => next_port(address(leg, 0)),
        };
        self.legs.packet(leg, channel, from.unwrap_or(named), packet);
    }

    /// A packet as a phone sends it: payload type, and what is odd about its numbers.
    fn speech(&mut self, leg: u8) {
        let (kind, step) = (self.byte(), self.byte());
        let mut packet = [0xd5; 172];
        let header = rtp::Header {
            marker: kind & 0x80 != 0,
            payload_type: kind & 0x7f,
            sequence: u16::from(step) << (kind & 8),
            timestamp: u32::from(step) << (kind & 0x1f),
            ssrc: u32::from(leg) + u32::from(step >> 6),
        };
        header.write(&mut packet);
        let len = if kind & 0x7f == 101 { 16 } else { packet.len() };
        self.legs.packet(leg, Channel::Rtp, address(leg, 0), packet.get(..len).unwrap_or_default());
    }
}

fn id(leg: u8) -> MediaId {
    let leg = leg % LEGS;
    MediaId { thread: 0, port: FIRST_PORT + 2 * u16::from(leg), lease: 1 }
}

fn address(leg: u8, more: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, leg + 1], 4000 + more))
}

fn next_port(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port() + 1)
}

/// What an application says.
fn live(how: u8) -> Live {
    match how & 3 {
        0 => Live::Clear,
        1 => Live::Mark(how.into()),
        _ => Live::Sound(vec![how; usize::from(how) * 37].into()),
    }
}
