//! Stories of legs on one plane, told by what their phones hear.
//!
//! Not here: single rules that need no plane (beside their code).

mod coded;
mod copied;
mod keys;
mod live;
mod made;
mod moved;
mod room_orders;
mod rooms;
mod tapped;

use std::collections::BTreeMap;

use super::*;
use crate::ear::{Breaks, Ear};
use crate::epoch::epoch;
use crate::mouth::Mouth;
use crate::offer_answer::{Agreed, Codec};
use crate::rtcp;
use crate::tone::{Heard, RingTone};

struct Phone {
    id: MediaId,
    address: SocketAddr,
    mouth: Option<Mouth>,
    ear: Ear,
    reports: usize,
    /// The last packet.
    last: Option<Vec<u8>>,
}

struct World {
    plane: Plane,
    now: Instant,
    phones: Vec<Phone>,
    strays: Vec<Forward>,
    /// What came of each tap, and how many ends.
    tapped: BTreeMap<TapId, (Vec<i16>, u32)>,
    marks: Vec<(TapId, u64)>,
    /// Packets of `say`.
    said: u32,
}

impl World {
    fn new() -> Self {
        let now = epoch();
        let plane = Plane::new(now, 0, &(10_000..=10_019), 1);
        Self {
            plane,
            now,
            phones: Vec::new(),
            strays: Vec::new(),
            tapped: BTreeMap::new(),
            marks: Vec::new(),
            said: 0,
        }
    }

    /// A phone that says a tone, on a leg of its own that is fed nothing yet.
    fn phone(&mut self, codec: Codec, hz: u16) -> MediaId {
        let n = self.phones.len() as u16;
        let id = MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 };
        let address = SocketAddr::new("192.0.2.1".parse().unwrap(), 4000 + 10 * n);
        let mouth = Some(Mouth::new(u32::from(n) + 70, codec, payload(codec), 101, hz));
        let mut ear = Ear::default();
        ear.expect_opus(payload(Codec::Opus));
        self.phones.push(Phone { id, address, mouth, ear, reports: 0, last: None });
        self.order(id, Command::Open);
        self.order(id, Command::Agree(Box::new(agreed(codec, address))));
        id
    }

    fn order(&mut self, id: MediaId, command: Command) {
        self.plane.handle_command(self.now, id, command);
        self.take_taps();
    }

    fn take_taps(&mut self) {
        self.plane.give_taps(|tap, piece| {
            let (samples, ends) = self.tapped.entry(tap).or_default();
            assert_eq!(*ends, 0, "nothing comes after the end");
            match piece {
                TapPiece::Samples(more) => samples.extend(more),
                TapPiece::Mark(number) => self.marks.push((tap, number)),
                TapPiece::End => *ends += 1,
            }
        });
    }

    fn feed(&mut self, id: MediaId, feed: Feed) {
        self.order(id, Command::Feed(feed));
    }

    fn bridge(&mut self, a: MediaId, b: MediaId) {
        self.feed(a, Feed::Leg(b));
        self.feed(b, Feed::Leg(a));
    }

    /// Time passes: who has a mouth speaks, the plane ticks.
    fn run(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            for index in 0..self.phones.len() {
                let phone = &mut self.phones[index];
                let (port, from) = (phone.id.port, phone.address);
                if let Some(packet) = phone.mouth.as_mut().map(Mouth::next_packet) {
                    self.send(port, Channel::Rtp, from, &packet);
                }
            }
            if self.plane.poll_timeout().is_some_and(|due| due <= self.now) {
                let mut sent = Vec::new();
                self.plane.tick(self.now, |forward, packet| sent.push((forward, packet.to_vec())));
                for (forward, packet) in sent {
                    self.deliver(forward, &packet);
                }
            }
            self.take_taps();
            self.now += TICK;
        }
    }

    fn send(&mut self, port: u16, channel: Channel, from: SocketAddr, packet: &[u8]) -> bool {
        let mut buffer = [0; BUFFER_BYTES];
        buffer[..packet.len()].copy_from_slice(packet);
        let forward =
            self.plane.handle_packet(self.now, port, channel, from, &mut buffer, packet.len());
        if let Some(forward) = forward {
            self.deliver(forward, &buffer[..forward.len]);
        }
        forward.is_some()
    }

    /// A phone without a mouth says this, in PCMU.
    fn say(&mut self, id: MediaId, sound: &[i16]) {
        let from = self.of(id).address;
        for frame in sound.as_chunks::<160>().0 {
            self.said += 1;
            let mut packet = [0; 172];
            let (sequence, timestamp) = (self.said as u16, self.said * 160);
            rtp::Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 5 }
                .write(&mut packet);
            for (byte, sample) in packet[12..].iter_mut().zip(frame) {
                *byte = crate::codec::pcmu::encode(*sample);
            }
            self.send(id.port, Channel::Rtp, from, &packet);
            self.run(20);
        }
    }

    fn deliver(&mut self, forward: Forward, packet: &[u8]) {
        let rtcp = SocketAddr::new(forward.to.ip(), forward.to.port().wrapping_sub(1));
        for phone in &mut self.phones {
            if phone.address == forward.to && forward.channel == Channel::Rtp {
                assert_eq!(forward.port, phone.id.port, "sent from the leg's own port");
                assert!(phone.ear.handle(packet));
                phone.last = Some(packet.to_vec());
                return;
            }
            if phone.address == rtcp && forward.channel == Channel::Rtcp {
                assert!(rtcp::parse(packet).is_some());
                phone.reports += 1;
                return;
            }
        }
        self.strays.push(forward);
    }

    /// What a phone heard in the last 200 ms.
    fn heard(&self, id: MediaId) -> Heard {
        self.of(id).ear.heard(200)
    }

    fn of(&self, id: MediaId) -> &Phone {
        self.phones.iter().find(|phone| phone.id == id).unwrap()
    }

    fn of_mut(&mut self, id: MediaId) -> &mut Phone {
        self.phones.iter_mut().find(|phone| phone.id == id).unwrap()
    }

    fn events(&mut self) -> Vec<(MediaId, Event)> {
        std::iter::from_fn(|| self.plane.poll_event()).collect()
    }

    #[track_caller]
    fn unbroken(&self) {
        for phone in &self.phones {
            assert_eq!(phone.ear.breaks(), Breaks::default(), "{:?}", phone.id);
        }
    }
}

fn payload(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::G722 => 9,
        Codec::Opus => 111,
    }
}

fn agreed(codec: Codec, address: SocketAddr) -> Agreed {
    let payload = payload(codec);
    Agreed {
        remote_rtp: address,
        remote_rtcp: SocketAddr::new(address.ip(), address.port() + 1),
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
    }
}

/// The largest step from one sample to the next.
fn step(samples: &[i16]) -> u16 {
    samples.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max().unwrap_or(0)
}

fn tone_of(heard: Heard) -> u16 {
    let Heard::Tone(hz) = heard else { panic!("{heard:?}") };
    hz
}

#[test]
fn two_phones_hear_each_other() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.run(100);
    assert_eq!(w.of(a).ear.n_packets(), 0, "nothing is sent before it is ordered");
    w.bridge(a, b);
    w.run(400);
    assert_eq!((w.heard(a), w.heard(b)), (Heard::Tone(700), Heard::Tone(400)));
    assert_eq!(w.plane.poll_timeout(), None, "a relay needs no ticks");
    w.unbroken();
}

#[test]
fn the_laws_of_g711_are_converted() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcma, 700));
    w.bridge(a, b);
    w.run(400);
    assert!(tone_of(w.heard(a)).abs_diff(700) <= 5);
    assert!(tone_of(w.heard(b)).abs_diff(400) <= 5);
    assert_eq!(w.of(a).ear.last().unwrap().payload_type, 0);
    assert_eq!(w.of(b).ear.last().unwrap().payload_type, 8);
    // A phone that answers with one law and sends the other is understood.
    w.of_mut(a).mouth = Some(Mouth::new(70, Codec::Pcma, 8, 101, 900));
    w.run(400);
    assert_eq!(w.heard(b), Heard::Tone(900));
}

/// The story of a transfer, from the transferee's ear: announcement, ringback, hold music, the
/// transferor, silence, the target. One SSRC, no gap in sequence, timestamps that only go on.
#[test]
fn whatever_feeds_a_leg_its_line_goes_on() {
    let mut w = World::new();
    let source = SourceId(5);
    assert!(w.plane.set_source(source, Rate::Narrow, tone::sine(1000.0, 8000.0, 4000).into()));
    let (user, agent) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcma, 700));
    let target = w.phone(Codec::Pcmu, 1300);
    w.feed(user, Feed::Source(source, 2));
    w.run(20);
    let (start, first) = (w.now, w.of(user).ear.last().unwrap());
    w.run(380);
    assert_eq!(w.heard(user), Heard::Tone(1000));
    assert_eq!(w.events(), []);
    w.run(900);
    assert_eq!(w.events(), [(user, Event::Played(source))]);
    assert_eq!(w.heard(user), Heard::Silence);
    w.feed(user, Feed::Ringback(RingTone::default()));
    w.run(400);
    assert_eq!(w.heard(user), Heard::Ringback);
    w.bridge(user, agent);
    w.run(400);
    assert_eq!((w.heard(user), w.heard(agent)), (Heard::Tone(700), Heard::Tone(400)));
    // The agent is parked, the user waits.
    w.feed(agent, Feed::Silence);
    w.feed(user, Feed::HoldMusic);
    w.run(400);
    assert_eq!(w.heard(agent), Heard::Silence);
    assert!(matches!(w.heard(user), Heard::Tone(_) | Heard::Other));
    w.feed(user, Feed::Nothing);
    let before = w.of(user).ear.n_packets();
    w.run(1000);
    assert_eq!(w.of(user).ear.n_packets(), before);
    w.bridge(user, target);
    w.run(400);
    assert_eq!((w.heard(user), w.heard(target)), (Heard::Tone(1300), Heard::Tone(400)));
    assert_eq!(w.heard(agent), Heard::Silence, "nobody feeds the parked leg");
    w.unbroken();
    // Timestamps went on with the time, nothing and all.
    let passed = w.of(user).ear.last().unwrap().timestamp.wrapping_sub(first.timestamp);
    let real = (w.now.duration_since(start).as_millis() * 8) as u32;
    assert!(passed.abs_diff(real) <= 3 * 160, "{passed} {real}");
}

#[test]
fn a_marker_says_that_something_new_begins() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.feed(a, Feed::Silence);
    w.run(20);
    assert!(w.of(a).ear.last().unwrap().marker);
    w.run(20);
    assert!(!w.of(a).ear.last().unwrap().marker);
    w.bridge(a, b);
    w.run(20);
    assert!(w.of(a).ear.last().unwrap().marker);
    w.bridge(a, b);
    w.run(20);
    assert!(!w.of(a).ear.last().unwrap().marker, "the same order again changes nothing");
}

#[test]
fn a_leg_on_hold_gets_nothing_and_time_passes() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    w.run(200);
    let hold = Agreed { send: false, ..agreed(Codec::Pcmu, w.of(b).address) };
    w.order(b, Command::Agree(Box::new(hold.clone())));
    let before = (w.of(b).ear.n_packets(), w.of(b).ear.last().unwrap());
    w.run(1000);
    assert_eq!(w.of(b).ear.n_packets(), before.0);
    assert_eq!(w.heard(a), Heard::Tone(700), "its own hold music is heard");
    // Neither does it get what we generate; but a source comes to its end.
    w.plane.set_source(SourceId(1), Rate::Narrow, vec![9; 800].into());
    w.feed(b, Feed::Source(SourceId(1), 1));
    w.run(200);
    assert_eq!(w.of(b).ear.n_packets(), before.0);
    assert_eq!(w.events(), [(b, Event::Played(SourceId(1)))]);
    w.bridge(a, b);
    w.order(b, Command::Agree(Box::new(Agreed { send: true, ..hold })));
    w.run(200);
    assert_eq!(w.heard(b), Heard::Tone(400));
    let resumed = w.of(b).ear.last().unwrap();
    let passed = resumed.timestamp.wrapping_sub(before.1.timestamp);
    assert_eq!(passed, 8 * 1400, "1.2 s on hold, 0.2 s of talk");
    w.unbroken();
    // Hold as RFC 2543 has it: nowhere.
    let nowhere = SocketAddr::new("0.0.0.0".parse().unwrap(), 4000);
    w.order(b, Command::Agree(Box::new(agreed(Codec::Pcmu, nowhere))));
    w.run(200);
    assert_eq!(w.strays, []);
    // A peer that said it would not send is not heard.
    let quiet = Agreed { receive: false, ..agreed(Codec::Pcmu, w.of(a).address) };
    w.order(a, Command::Agree(Box::new(quiet)));
    let packet = Mouth::new(1, Codec::Pcmu, 0, 101, 400).next_packet();
    assert!(!w.send(a.port, Channel::Rtp, w.of(a).address, &packet));
}

#[test]
fn only_the_signalled_address_is_heard() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    let talk = Mouth::new(1, Codec::Pcmu, 0, 101, 400).next_packet();
    let (report, len) = report();
    for from in ["192.0.2.1:4002", "192.0.2.66:4000", "203.0.113.1:9"] {
        let from = from.parse().unwrap();
        assert!(!w.send(a.port, Channel::Rtp, from, &talk), "{from}");
        assert!(!w.send(a.port, Channel::Rtcp, from, &report[..len]), "{from}");
    }
    // Not even from there: what is no RTP, an unknown payload type, nothing at all, four bytes of
    // RTCP, RTCP on a port that is not shared, a pair of ports that is not in use.
    let from = w.of(a).address;
    let mut unknown = talk.clone();
    unknown[1] = 77;
    for packet in [&[][..], &[0x80], &talk[..11], &talk[..12], &unknown, &report[..len]] {
        assert!(!w.send(a.port, Channel::Rtp, from, packet), "{packet:?}");
    }
    let rtcp = SocketAddr::new(from.ip(), from.port() + 1);
    assert!(!w.send(a.port, Channel::Rtcp, rtcp, &[0x80, 200, 0, 0]));
    assert!(!w.send(10_018, Channel::Rtp, from, &talk));
    assert!(!w.send(10_020, Channel::Rtp, from, &talk));
    assert!(!w.send(10_001, Channel::Rtp, from, &talk));
    assert!(w.send(a.port, Channel::Rtp, from, &talk));
    assert_eq!(w.strays, []);
}

fn report() -> ([u8; rtcp::REPORT_BYTES], usize) {
    let elapsed = Duration::from_secs(1);
    let sender = rtcp::Sender { ssrc: 70, elapsed, timestamp: 0, sent: (1, 160), cname: 1 };
    rtcp::write(epoch(), &sender, None)
}

#[test]
fn an_address_behind_nat_is_learned_once() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    let outside = w.of(a).address;
    let private = "10.0.0.5:6000".parse().unwrap();
    let mut nat = Agreed { learn_from: Some(outside.ip()), ..agreed(Codec::Pcmu, private) };
    w.order(a, Command::Agree(Box::new(nat.clone())));
    w.bridge(a, b);
    // Rubbish teaches nothing, nor does RTCP, nor a voice from anywhere else.
    let (report, len) = report();
    let thief: SocketAddr = "203.0.113.66:666".parse().unwrap();
    let talk = Mouth::new(1, Codec::Pcmu, 0, 101, 400).next_packet();
    assert!(!w.send(a.port, Channel::Rtp, outside, &[0x82; 60]));
    assert!(!w.send(a.port, Channel::Rtp, thief, &talk));
    assert!(!w.send(a.port, Channel::Rtcp, thief, &report[..len]));
    w.run(400);
    assert_eq!((w.heard(a), w.heard(b)), (Heard::Tone(700), Heard::Tone(400)));
    // Locked: nobody else is followed, not even the signalled address.
    for from in [thief, private, SocketAddr::new(outside.ip(), 1)] {
        assert!(!w.send(a.port, Channel::Rtp, from, &talk), "{from}");
    }
    // A hold re-INVITE with the same address does not open it again.
    nat.send = false;
    w.order(a, Command::Agree(Box::new(nat.clone())));
    nat.send = true;
    w.order(a, Command::Agree(Box::new(nat.clone())));
    assert!(!w.send(a.port, Channel::Rtp, thief, &talk));
    w.run(200);
    assert_eq!(w.heard(a), Heard::Tone(700));
    w.unbroken();
    // RTCP: from the machine learned, once.
    let (one, two) = (SocketAddr::new(outside.ip(), 9), SocketAddr::new(outside.ip(), 10));
    assert!(!w.send(a.port, Channel::Rtcp, thief, &report[..len]));
    assert!(w.send(a.port, Channel::Rtcp, one, &report[..len]));
    w.now += Duration::from_secs(3);
    assert!(!w.send(a.port, Channel::Rtcp, two, &report[..len]));
    assert!(w.send(a.port, Channel::Rtcp, one, &report[..len]));
    assert!(w.strays.iter().skip(1).all(|stray| stray.to == one));
    // Another address in a new negotiation is learned anew.
    nat.remote_rtp = "10.0.0.5:7000".parse().unwrap();
    w.order(a, Command::Agree(Box::new(nat)));
    assert!(!w.send(a.port, Channel::Rtp, thief, &talk));
    assert!(w.send(a.port, Channel::Rtp, one, &talk));
}

#[test]
fn a_loopback_address_of_elsewhere_is_not_sent_to() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    let lo: SocketAddr = "127.0.0.1:6000".parse().unwrap();
    let from = Some(w.of(a).address.ip());
    let nat = Agreed { learn_from: from, ..agreed(Codec::Pcmu, lo) };
    w.order(a, Command::Agree(Box::new(nat)));
    w.of_mut(a).mouth = None;
    w.feed(a, Feed::Silence);
    w.run(100);
    assert_eq!(w.strays, []);
    w.of_mut(a).mouth = Some(Mouth::new(1, Codec::Pcmu, 0, 101, 400));
    w.run(100);
    assert!(w.of(a).ear.n_packets() > 0);
    assert_eq!(w.strays, []);
}

#[test]
fn what_a_leg_sends_does_not_come_round_to_it() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    w.run(100);
    let ours = w.of(b).ear.last().unwrap();
    let mut packet = [0xff; 172];
    // The peer of `a` named the port of `b` as its own.
    ours.write(&mut packet);
    assert!(!w.send(a.port, Channel::Rtp, w.of(a).address, &packet));
    // An echo on the side it was sent to is a voice like any other.
    assert!(w.send(b.port, Channel::Rtp, w.of(b).address, &packet));
}

#[test]
fn keys_are_told_and_passed_on() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    let c = w.phone(Codec::Pcmu, 0);
    let other = Agreed { telephone_event: Some((96, 101)), ..agreed(Codec::Pcmu, w.of(b).address) };
    w.order(b, Command::Agree(Box::new(other)));
    w.bridge(a, b);
    w.run(100);
    for key in b"1*#D1" {
        w.of_mut(a).mouth.as_mut().unwrap().press(*key);
    }
    let mut payload_types = Vec::new();
    for _ in 0..50 {
        w.run(20);
        payload_types.push(w.of(b).ear.last().unwrap().payload_type);
    }
    assert_eq!(payload_types.iter().filter(|payload| **payload == 96).count(), 35);
    let keys: Vec<_> = b"1*#D1".iter().map(|key| (a, Event::Digit(*key))).collect();
    assert_eq!(w.events(), keys);
    w.unbroken();
    // To a leg without telephone-event they are tones, and no event.
    let deaf = Agreed { telephone_event: None, ..agreed(Codec::Pcmu, w.of(c).address) };
    w.order(c, Command::Agree(Box::new(deaf)));
    w.bridge(a, c);
    w.run(100);
    w.of_mut(a).mouth.as_mut().unwrap().press(b'7');
    w.run(400);
    assert_eq!(w.of(c).ear.keys(), b"");
    assert_eq!(w.events(), [(a, Event::Digit(b'7'))]);
    assert_eq!(w.heard(c), Heard::Tone(400));
    w.unbroken();
}

/// RFC 3389: to a leg whose peer lists it, comfort noise goes on; to others it is left out, and the
/// numbers close up. Who hears the leg by way of its sound hears the noise (`plane::listener`).
#[test]
fn comfort_noise_is_passed_on_to_who_lists_it() {
    for (codec, comfort_noise) in [(Codec::Pcmu, true), (Codec::Pcma, true), (Codec::Pcma, false)] {
        let mut w = World::new();
        let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(codec, 700));
        let how = Agreed { comfort_noise, ..agreed(codec, w.of(b).address) };
        w.order(b, Command::Agree(Box::new(how)));
        w.bridge(a, b);
        w.run(100);
        let from = w.of(a).address;
        let noise = [0x80, 13, 0, 6, 0, 0, 3, 0x20, 0, 0, 0, 70, 60];
        assert_eq!(w.send(a.port, Channel::Rtp, from, &noise), comfort_noise, "{codec:?}");
        let last = w.of(b).last.as_ref().unwrap();
        assert_eq!((last[1], last.last()) == (13, Some(&60)), comfort_noise, "{codec:?}");
        let mut mouth = Mouth::new(70, Codec::Pcmu, 0, 101, 400);
        (0..6).for_each(|_| drop(mouth.next_packet()));
        w.of_mut(a).mouth = Some(mouth);
        w.run(200);
        assert!(tone_of(w.heard(b)).abs_diff(400) <= 5);
        w.unbroken();
    }
}

#[test]
fn rtcp_is_answered_not_too_often() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    w.run(200);
    let (report, len) = report();
    let rtcp = SocketAddr::new(w.of(a).address.ip(), w.of(a).address.port() + 1);
    assert!(w.send(a.port, Channel::Rtcp, rtcp, &report[..len]));
    assert!(!w.send(a.port, Channel::Rtcp, rtcp, &report[..len]));
    w.run(2000);
    assert!(w.send(a.port, Channel::Rtcp, rtcp, &report[..len]));
    assert_eq!((w.of(a).reports, w.of(b).reports), (2, 0));
    // On a shared port, too.
    let shared = Agreed {
        rtcp_mux: true,
        remote_rtcp: w.of(b).address,
        ..agreed(Codec::Pcmu, w.of(b).address)
    };
    w.order(b, Command::Agree(Box::new(shared)));
    let mut buffer = [0; BUFFER_BYTES];
    buffer[..len].copy_from_slice(&report[..len]);
    let from = w.of(b).address;
    let answer =
        w.plane.handle_packet(w.now, b.port, Channel::Rtp, from, &mut buffer, len).unwrap();
    assert_eq!((answer.channel, answer.to, answer.port), (Channel::Rtp, from, b.port));
    assert!(rtcp::parse(&buffer[..answer.len]).is_some());
}

#[test]
fn orders_to_an_earlier_use_are_ignored_but_a_close_is_answered() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    let old = MediaId { lease: 0, ..a };
    w.feed(old, Feed::Nothing);
    w.order(old, Command::Close);
    assert_eq!(w.events(), [(old, Event::Closed)]);
    w.feed(a, Feed::Leg(MediaId { lease: 9, ..b }));
    w.feed(a, Feed::Leg(b));
    w.run(200);
    assert_eq!(w.heard(a), Heard::Tone(700));
    w.order(a, Command::Close);
    assert_eq!(w.events(), [(a, Event::Closed)]);
    assert_eq!(w.plane.n_legs(), 1);
    let heard = (w.of(a).ear.n_packets(), w.of(b).ear.n_packets());
    w.run(200);
    assert_eq!((w.of(a).ear.n_packets(), w.of(b).ear.n_packets()), heard);
    // Its ports are used again: nothing of before is left.
    let next = MediaId { lease: 2, ..a };
    w.order(next, Command::Open);
    w.run(100);
    assert_eq!(w.of(b).ear.n_packets(), heard.1);
    w.order(MediaId { thread: 3, ..a }, Command::Close);
    w.order(MediaId { port: 1, ..a }, Command::Close);
    w.order(MediaId { port: 10_001, ..a }, Command::Close);
    assert_eq!(w.events(), []);
}

#[test]
fn a_tick_that_comes_late_catches_up_within_bounds() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    w.feed(a, Feed::HoldMusic);
    w.run(20);
    let mut count = |after_ms| {
        w.now += Duration::from_millis(after_ms);
        let mut n = 0;
        w.plane.tick(w.now, |_, _| n += 1);
        n
    };
    assert_eq!(count(0), 1);
    assert_eq!(count(10), 0);
    assert_eq!(count(90), 5);
    assert_eq!(count(60_000), limit::CATCH_UP_TICKS);
    assert_eq!(count(20), 1);
}

#[test]
fn sources_are_bounded() {
    let mut w = World::new();
    let one: Arc<[i16]> = vec![1].into();
    for id in 0..limit::SOURCES {
        assert!(w.plane.set_source(SourceId(id as u64), Rate::Narrow, Arc::clone(&one)));
    }
    let more = SourceId(limit::SOURCES as u64);
    assert!(!w.plane.set_source(more, Rate::Narrow, Arc::clone(&one)));
    assert!(w.plane.set_source(SourceId(0), Rate::Narrow, Arc::clone(&one)), "again is not more");
    w.plane.forget_source(SourceId(0));
    assert!(w.plane.set_source(more, Rate::Narrow, one));
    let long = |n: usize| Arc::<[i16]>::from(vec![0; n]);
    w.plane.forget_source(more);
    assert!(w.plane.set_source(SourceId(0), Rate::Narrow, long(limit::SOURCE_SAMPLES)));
    assert!(!w.plane.set_source(SourceId(0), Rate::Narrow, long(limit::SOURCE_SAMPLES + 1)));
    // What is not there counts as played.
    let a = w.phone(Codec::Pcmu, 400);
    w.feed(a, Feed::Source(more, 0));
    w.run(40);
    assert_eq!(w.events(), [(a, Event::Played(more))]);
    // A source of pieces is as long as another, and of so many pieces.
    let piece = |n: usize| Arc::<[i16]>::from(vec![0; n]);
    assert!(!w.plane.begin_source(SourceId(u64::MAX - 1), Rate::Wide));
    assert!(w.plane.begin_source(SourceId(0), Rate::Wide));
    assert!(w.plane.extend_source(SourceId(0), piece(2 * limit::SOURCE_SAMPLES)));
    assert!(!w.plane.extend_source(SourceId(0), piece(1)));
    assert!(w.plane.begin_source(SourceId(0), Rate::Narrow), "anew");
    for _ in 0..limit::SOURCE_PIECES {
        assert!(w.plane.extend_source(SourceId(0), piece(1)));
    }
    assert!(!w.plane.extend_source(SourceId(0), piece(1)));
    w.plane.end_source(SourceId(0));
    // Digits that nobody polls are bounded, too.
    let mut mouth = Mouth::new(7, Codec::Pcmu, 0, 101, 0);
    for _ in 0..limit::DIGITS + 1 {
        mouth.press(b'1');
    }
    for _ in 0..7 * (limit::DIGITS + 1) {
        let packet = mouth.next_packet();
        w.send(a.port, Channel::Rtp, w.of(a).address, &packet);
    }
    assert_eq!(w.events().len(), limit::DIGITS);
}

#[test]
fn the_beep_is_always_there() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    w.feed(a, Feed::Source(SourceId::BEEP, 1));
    w.run(240);
    assert_eq!(w.heard(a), Heard::Tone(1400));
    w.run(20);
    assert_eq!(w.events(), []);
    w.run(20);
    assert_eq!(w.events(), [(a, Event::Played(SourceId::BEEP))]);
}

#[test]
fn a_source_of_pieces_is_played_from_its_first_to_its_end() {
    let mut w = World::new();
    let (a, source) = (w.phone(Codec::Pcmu, 400), SourceId(1));
    w.plane.begin_source(source, Rate::Narrow);
    w.feed(a, Feed::Source(source, 1));
    w.run(200);
    assert_eq!(w.heard(a), Heard::Silence);
    let piece: Arc<[i16]> = tone::sine(1000.0, 8000.0, 4000).into();
    w.plane.extend_source(source, Arc::clone(&piece));
    w.run(400);
    assert_eq!(w.heard(a), Heard::Tone(1000));
    w.plane.extend_source(source, piece);
    w.plane.end_source(source);
    w.plane.forget_source(source);
    w.run(600);
    assert_eq!((w.heard(a), w.events()), (Heard::Tone(1000), vec![]));
    w.run(20);
    assert_eq!(w.events(), [(a, Event::Played(source))]);
    w.unbroken();
}

#[test]
fn headers_with_csrc_and_padding_are_passed_on_plain() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 0), w.phone(Codec::Pcma, 0));
    w.bridge(a, b);
    let mut packet = Mouth::new(1, Codec::Pcmu, 0, 101, 500).next_packet();
    packet.splice(12..12, [1, 2, 3, 4]);
    packet.extend([0, 0, 3]);
    packet[0] = 0x80 | 0x20 | 1;
    let from = w.of(a).address;
    assert!(w.send(a.port, Channel::Rtp, from, &packet));
    assert_eq!(w.of(b).ear.last_samples(1000).len(), 160);
}
