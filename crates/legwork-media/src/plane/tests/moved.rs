//! Legs of two planes in conversation, and parcels between them that take their time.

use super::rooms::aloud;
use super::*;
use crate::codec::pcmu;
use crate::command::{RoomCommand, RoomEvent, RoomId};
use crate::measure::tone_level;
use crate::tap::{Live, Side, Tap};

/// Two media threads, each with a phone at home there.
struct Two {
    planes: [Plane; 2],
    /// Parcels under way to each.
    parcels: [VecDeque<Parcel>; 2],
    /// They are held up.
    is_slow: bool,
    /// Where each port's sockets are.
    sockets: BTreeMap<u16, usize>,
    phones: Vec<Phone>,
    now: Instant,
    tapped: (Vec<i16>, u32),
    n_marks: u32,
}

impl Two {
    fn new() -> Self {
        let now = epoch();
        let plane =
            |thread: u8, first| Plane::new(now, thread, &(first..=first + 9), thread.into());
        Self {
            planes: [plane(0, 10_000), plane(1, 10_010)],
            parcels: Default::default(),
            is_slow: false,
            sockets: BTreeMap::new(),
            phones: Vec::new(),
            now,
            tapped: (Vec::new(), 0),
            n_marks: 0,
        }
    }

    /// A phone that says a tone, its leg at home on that thread.
    fn phone(&mut self, thread: u8, codec: Codec, hz: u16) -> MediaId {
        let n = self.phones.len() as u16;
        let id = MediaId { thread, port: 10_000 + 10 * u16::from(thread) + 2 * n, lease: 1 };
        let address = SocketAddr::new("192.0.2.1".parse().unwrap(), 4000 + 10 * n);
        let mouth = Some(Mouth::new(u32::from(n) + 70, codec, payload(codec), 101, hz));
        let ear = Ear::default();
        self.phones.push(Phone { id, address, mouth, ear, reports: 0, last: None });
        self.sockets.insert(id.port, thread.into());
        self.order(id, Command::Open);
        self.order(id, Command::Agree(Box::new(agreed(codec, address))));
        id
    }

    /// Orders go to the home of a leg.
    fn order(&mut self, id: MediaId, command: Command) {
        self.planes[usize::from(id.thread)].handle_command(self.now, id, command);
        self.deliver_parcels();
    }

    fn deliver_parcels(&mut self) {
        loop {
            for plane in 0..2 {
                while let Some((to, parcel)) = self.planes[plane].poll_parcel() {
                    if let Some(port) = parcel.port() {
                        assert_eq!(self.sockets.remove(&port), Some(plane), "they leave from here");
                    }
                    self.parcels[usize::from(to)].push_back(parcel);
                }
            }
            let to = self.parcels.iter().position(|parcels| !parcels.is_empty());
            let Some(to) = to.filter(|_| !self.is_slow) else { return };
            let parcel = self.parcels[to].pop_front().unwrap();
            if let Some(port) = parcel.port() {
                self.sockets.insert(port, to);
            }
            self.planes[to].handle_parcel(self.now, parcel);
        }
    }

    fn bridge(&mut self, a: MediaId, b: MediaId) {
        self.order(a, Command::Feed(Feed::Leg(b)));
        self.order(b, Command::Feed(Feed::Leg(a)));
    }

    fn run(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            for index in 0..self.phones.len() {
                let phone = &mut self.phones[index];
                let (port, from) = (phone.id.port, phone.address);
                let packet = phone.mouth.as_mut().map(Mouth::next_packet).unwrap();
                // Where nobody reads the sockets, what comes waits in them; here it is lost.
                let Some(at) = self.sockets.get(&port) else { continue };
                let (mut buffer, len) = ([0; BUFFER_BYTES], packet.len());
                buffer[..len].copy_from_slice(&packet);
                let plane = &mut self.planes[*at];
                let sent =
                    plane.handle_packet(self.now, port, Channel::Rtp, from, &mut buffer, len);
                if let Some(forward) = sent {
                    self.deliver(*at, forward, &buffer[..forward.len]);
                }
            }
            for at in 0..2 {
                let mut sent = Vec::new();
                self.planes[at].tick(self.now, |forward, packet| {
                    sent.push((forward, packet.to_vec()));
                });
                for (forward, packet) in sent {
                    self.deliver(at, forward, &packet);
                }
                self.planes[at].give_taps(|_, piece| match piece {
                    TapPiece::Samples(samples) => self.tapped.0.extend(samples),
                    TapPiece::Mark(_) => self.n_marks += 1,
                    TapPiece::End => self.tapped.1 += 1,
                });
            }
            self.now += TICK;
        }
    }

    fn deliver(&mut self, from: usize, forward: Forward, packet: &[u8]) {
        assert_eq!(self.sockets.get(&forward.port), Some(&from), "its sockets are there");
        let phone = self.phones.iter_mut().find(|phone| phone.address == forward.to);
        if let Some(phone) = phone.filter(|_| forward.channel == Channel::Rtp) {
            assert_eq!(forward.port, phone.id.port, "sent from the leg's own port");
            assert!(phone.ear.handle(packet));
        }
    }

    fn heard(&self, id: MediaId) -> Heard {
        self.phones.iter().find(|phone| phone.id == id).unwrap().ear.heard(200)
    }

    fn events(&mut self) -> [Vec<(MediaId, Event)>; 2] {
        self.planes.each_mut().map(|plane| std::iter::from_fn(|| plane.poll_event()).collect())
    }

    #[track_caller]
    fn unbroken(&self) {
        for phone in &self.phones {
            assert_eq!(phone.ear.breaks(), Breaks::default(), "{:?}", phone.id);
        }
    }
}

#[test]
fn whoever_moves_hears_and_is_heard_where_it_comes_to() {
    for (codecs, is_slow) in [
        ([Codec::Pcmu, Codec::Pcmu], false),
        ([Codec::Pcmu, Codec::G722], false),
        ([Codec::Pcmu, Codec::Pcma], true),
        ([Codec::G722, Codec::Pcma], true),
    ] {
        let mut w = Two::new();
        let (a, b) = (w.phone(0, codecs[0], 400), w.phone(1, codecs[1], 700));
        // On threads of their own they do not hear each other.
        w.bridge(a, b);
        w.run(400);
        assert_eq!(w.planes.each_ref().map(Plane::n_legs), [1, 1]);
        assert!(w.phones.iter().all(|phone| phone.ear.n_packets() == 0));
        w.is_slow = is_slow;
        w.order(b, Command::Move(0));
        w.order(b, Command::Feed(Feed::HoldMusic));
        w.bridge(a, b);
        w.run(60);
        w.is_slow = false;
        w.deliver_parcels();
        w.run(600);
        assert_eq!((w.heard(a), w.heard(b)), (Heard::Tone(700), Heard::Tone(400)), "{codecs:?}");
        assert_eq!(w.planes.each_ref().map(Plane::n_legs), [2, 0]);
        w.unbroken();
        // Its ports go home before they are free.
        w.order(b, Command::Close);
        assert_eq!(w.events(), [vec![], vec![(b, Event::Closed)]]);
        assert_eq!(w.sockets[&b.port], 1);
        w.order(a, Command::Close);
        assert_eq!(w.planes.each_ref().map(Plane::n_legs), [0, 0]);
        // And are used again there.
        let again = MediaId { lease: 2, ..b };
        w.order(again, Command::Open);
        assert_eq!(w.planes.each_ref().map(Plane::n_legs), [0, 1]);
    }
}

/// Somebody else comes first, takes it along, and sends it home again.
#[test]
fn a_guest_moves_on_and_comes_home() {
    for is_slow in [false, true] {
        let mut w = Two::new();
        let (a, b) = (w.phone(0, Codec::Pcmu, 400), w.phone(1, Codec::Pcmu, 700));
        let (c, tap) = (w.phone(1, Codec::Pcmu, 1300), TapId(1));
        w.order(a, Command::Tap(tap, Tap::new(Side::Inbound, Rate::Narrow)));
        w.run(400);
        for (to, with, hz) in [(1, b, Some(700)), (0, b, None), (1, c, Some(1300))] {
            w.is_slow = is_slow;
            w.order(a, Command::Move(to));
            w.bridge(a, with);
            w.run(40);
            w.is_slow = false;
            w.deliver_parcels();
            w.run(400);
            let n_packets = w.phones[0].ear.n_packets();
            w.run(400);
            match hz {
                Some(hz) => assert_eq!(w.heard(a), Heard::Tone(hz)),
                None => assert_eq!(w.phones[0].ear.n_packets(), n_packets, "who is not here"),
            }
            let n_legs = if to == 1 { [0, 3] } else { [1, 2] };
            assert_eq!(w.planes.each_ref().map(Plane::n_legs), n_legs);
        }
        w.order(a, Command::Untap(tap));
        w.run(20);
        assert_eq!(w.tapped.1, 1);
        // What it said all the while, but for what was lost on the way.
        let seconds = w.tapped.0.len() as f32 / 8_000.0;
        let all = if is_slow { 2.8..2.9 } else { 2.9..3.0 };
        assert!(all.contains(&seconds), "{seconds}");
        w.order(a, Command::Close);
        assert_eq!(w.events(), [vec![(a, Event::Closed)], vec![]]);
    }
}

/// Who speaks to it does not know where it is.
#[test]
fn what_is_said_to_it_moves_with_it() {
    for is_slow in [false, true] {
        let mut w = Two::new();
        let (a, tap) = (w.phone(1, Codec::Pcmu, 700), TapId(1));
        let second = |hz| tone::sine(hz, 8000.0, 8000).into_iter().map(pcmu::encode).collect();
        w.order(a, Command::Feed(Feed::Live(tap)));
        w.order(a, Command::Live(tap, Live::Sound(second(900.0))));
        w.run(400);
        w.is_slow = is_slow;
        w.order(a, Command::Move(0));
        w.order(a, Command::Live(tap, Live::Sound(second(1300.0))));
        w.order(a, Command::Live(tap, Live::Mark(1)));
        w.is_slow = false;
        w.deliver_parcels();
        w.run(400);
        assert_eq!(w.heard(a), Heard::Tone(900));
        w.run(1000);
        assert_eq!((w.heard(a), w.n_marks), (Heard::Tone(1300), 0));
        w.run(600);
        assert_eq!((w.heard(a), w.n_marks), (Heard::Silence, 1));
        w.unbroken();
    }
}

#[test]
fn it_is_closed_on_its_way() {
    let mut w = Two::new();
    let (a, b) = (w.phone(0, Codec::Pcmu, 400), w.phone(1, Codec::Pcmu, 700));
    w.is_slow = true;
    w.order(b, Command::Move(0));
    w.order(b, Command::Feed(Feed::Leg(a)));
    w.order(b, Command::Close);
    w.is_slow = false;
    w.deliver_parcels();
    assert_eq!(w.events(), [vec![], vec![(b, Event::Closed)]]);
    assert_eq!(w.planes.each_ref().map(Plane::n_legs), [1, 0]);
}

/// Parcels are held up for so long that it is told to come and go several times meanwhile.
#[test]
fn it_is_sent_to_and_fro_and_found_where_it_ends() {
    for ways in [&[0, 1][..], &[0, 1, 0], &[0, 1, 0, 1], &[0, 1, 0, 1, 0]] {
        let mut w = Two::new();
        let (a, b) = (w.phone(0, Codec::Pcmu, 400), w.phone(1, Codec::Pcmu, 700));
        w.order(a, Command::Move(1));
        w.is_slow = true;
        for to in ways {
            w.order(a, Command::Move(*to));
            w.order(a, Command::Feed(Feed::HoldMusic));
        }
        w.bridge(a, b);
        w.is_slow = false;
        w.deliver_parcels();
        let n_legs = if ways.len() % 2 == 0 { [0, 2] } else { [1, 1] };
        assert_eq!(w.planes.each_ref().map(Plane::n_legs), n_legs, "{ways:?}");
        w.run(400);
        let hears = if ways.len() % 2 == 0 { Heard::Tone(700) } else { Heard::Silence };
        assert_eq!(w.heard(a), hears, "{ways:?}");
        w.order(a, Command::Close);
        assert_eq!(w.events(), [vec![(a, Event::Closed)], vec![]], "{ways:?}");
        assert!(w.planes.iter().all(|plane| plane.abroad.is_empty()), "{ways:?}");
    }
}

/// A leg and its recorder move, one after the other: what is said meanwhile is lost to the recorder alone.
#[test]
fn a_recorder_goes_where_its_leg_goes() {
    let mut two = Two::new();
    let a = two.phone(0, Codec::Pcmu, 400);
    let recorder = two.phone(0, Codec::Pcmu, 0);
    let b = two.phone(1, Codec::Pcmu, 700);
    two.order(recorder, Command::Feed(Feed::Copy(a, crate::command::Track::Inbound)));
    two.run(400);
    assert_eq!(two.heard(recorder), Heard::Tone(400));
    two.order(a, Command::Move(1));
    two.bridge(a, b);
    two.run(400);
    assert_eq!(two.heard(recorder), Heard::Silence, "it is where its leg was");
    two.order(recorder, Command::Move(1));
    two.run(400);
    assert_eq!((two.heard(recorder), two.heard(b)), (Heard::Tone(400), Heard::Tone(400)));
    assert_eq!(two.heard(a), Heard::Tone(700));
}

/// A room lives on one thread; who is in it comes there, speaking, and goes again.
#[test]
fn a_leg_comes_to_a_room_on_another_thread() {
    let mut w = Two::new();
    let room = RoomId(1);
    let (a, b, c) =
        (w.phone(0, Codec::Pcmu, 400), w.phone(1, Codec::G722, 700), w.phone(1, Codec::Pcmu, 1300));
    w.planes[0].handle_room(w.now, room, RoomCommand::Open);
    w.planes[0].handle_room(w.now, room, RoomCommand::Watch(true));
    for id in [a, b, c] {
        if id.thread == 1 {
            w.order(id, Command::Move(0));
        }
        w.order(id, Command::Speak(aloud(room)));
        w.order(id, Command::Feed(Feed::Room(room)));
        w.run(200);
    }
    w.run(400);
    let hears = |w: &Two, id, hz: f32| {
        let phone = w.phones.iter().find(|phone| phone.id == id).unwrap();
        tone_level(&phone.ear.last_samples(400), 8000, hz) > -17.0
    };
    let all = |w: &Two| [a, b, c].map(|id| [400.0, 700.0, 1300.0].map(|hz| hears(w, id, hz)));
    let others = [[false, true, true], [true, false, true], [true, true, false]];
    assert_eq!(all(&w), others);
    // One goes home in mid-speech, still in a room that is not there; and comes back, held up.
    let speaks = |w: &mut Two| -> Vec<_> {
        std::iter::from_fn(|| w.planes[0].poll_room_event()).map(|(_, event)| event).collect()
    };
    assert_eq!(speaks(&mut w), [a, b, c].map(|id| RoomEvent::Speaks(id, true)));
    w.order(b, Command::Move(1));
    assert_eq!(speaks(&mut w), [RoomEvent::Speaks(b, false)]);
    w.run(600);
    assert_eq!(all(&w), [[false, false, true], [false; 3], [true, false, false]]);
    w.is_slow = true;
    w.order(b, Command::Move(0));
    w.order(b, Command::Speak(None));
    w.order(b, Command::Speak(aloud(room)));
    w.run(200);
    w.is_slow = false;
    w.deliver_parcels();
    w.run(600);
    assert_eq!(all(&w), others);
    w.planes[0].handle_room(w.now, room, RoomCommand::Close);
    [a, b, c].into_iter().for_each(|id| w.order(id, Command::Close));
    assert!(w.planes.iter().all(|plane| plane.n_legs() == 0 && plane.poll_timeout().is_none()));
    w.unbroken();
}
