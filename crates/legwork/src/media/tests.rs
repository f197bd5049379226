//! Real sockets on loopback: two phones and one media thread.
//!
//! Not here: what is heard when (`legwork_media::plane`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use legwork_media::ear::Ear;
use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::tone::Heard;
use legwork_media::{Agreed, Event, Feed, JitterSize, RoomCommand, RoomEvent, RoomId, Speech};

use super::*;
use crate::config::PortRange;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn start(first: u16, last: u16, threads: u8) -> (MediaThreads, Receiver<Input>) {
    let (tell, told) = mpsc::channel();
    let media = config::Media {
        listen_addresses: vec![LOOPBACK],
        ports: PortRange { first, last },
        hold_music: None,
    };
    let sink = Arc::new(move |input| tell.send(input).unwrap());
    (MediaThreads::start(&media, threads, sink).unwrap(), told)
}

fn next(told: &Receiver<Input>) -> Input {
    told.recv_timeout(Duration::from_secs(5)).unwrap()
}

fn ports(told: &Receiver<Input>) -> (u8, Vec<u16>) {
    let Input::Ports { thread, ports } = next(told) else { panic!("no ports") };
    (thread, ports)
}

fn event(told: &Receiver<Input>) -> (MediaId, Event) {
    let Input::Media { media, event } = next(told) else { panic!("no event") };
    (media, event)
}

struct Phone {
    socket: UdpSocket,
    leg: MediaId,
    ear: Ear,
    mouth: Mouth,
}

impl Phone {
    fn new(media: &MediaThreads, leg: MediaId, hz: u16) -> Self {
        let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        media.command(leg, Command::Open);
        let agreed = Agreed {
            remote_rtp: address,
            remote_rtcp: address,
            rtcp_mux: true,
            codec: Codec::Pcmu,
            send_payload: 0,
            receive_payload: 0,
            telephone_event: Some((101, 101)),
            event_clock_hz: 8000,
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        media.command(leg, Command::Agree(Box::new(agreed)));
        let mouth = Mouth::new(u32::from(leg.port), Codec::Pcmu, 0, 101, hz);
        Self { socket, leg, ear: Ear::default(), mouth }
    }

    fn talk(&mut self) {
        let to = SocketAddr::new(LOOPBACK, self.leg.port);
        self.socket.send_to(&self.mouth.next_packet(), to).unwrap();
    }

    fn listen(&mut self) {
        let mut buffer = [0; 2048];
        while let Ok((len, from)) = self.socket.recv_from(&mut buffer) {
            assert_eq!(from.port(), self.leg.port);
            self.ear.handle(&buffer[..len]);
        }
    }
}

/// Both talk and listen until this is so.
fn until(phones: &mut [Phone], done: impl Fn(&[Phone]) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !done(phones) {
        assert!(Instant::now() < deadline, "nothing of the kind is heard");
        for phone in phones.iter_mut() {
            phone.talk();
        }
        // The socket's own patience: no packet means the next turn.
        let wait = &phones[0].socket;
        wait.set_nonblocking(false).unwrap();
        wait.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let _ = wait.peek_from(&mut [0]);
        wait.set_nonblocking(true).unwrap();
        phones.iter_mut().for_each(Phone::listen);
    }
}

#[test]
fn two_phones_over_loopback() {
    let (media, told) = start(18_000, 18_063, 1);
    let (_, free) = ports(&told);
    let leg = |n: usize| MediaId { thread: 0, port: free[n], lease: 1 };
    let mut phones = [Phone::new(&media, leg(0), 400), Phone::new(&media, leg(1), 700)];
    let tone = Arc::from(legwork_media::tone::sine(1000.0, 8000.0, 8000));
    media.add_source(SourceId(1), Rate::Narrow, tone);
    media.command(leg(0), Command::Feed(Feed::Source(SourceId(1), 1)));
    until(&mut phones, |phones| phones[0].ear.heard(200) == Heard::Tone(1000));
    until(&mut phones, |phones| phones[0].ear.heard(200) == Heard::Silence);
    assert_eq!(event(&told), (leg(0), Event::Played(SourceId(1))));
    media.command(leg(0), Command::Feed(Feed::Leg(leg(1))));
    media.command(leg(1), Command::Feed(Feed::Leg(leg(0))));
    until(&mut phones, |phones| {
        let heard = [&phones[0], &phones[1]].map(|phone| phone.ear.heard(200));
        heard == [Heard::Tone(700), Heard::Tone(400)]
    });
    assert_eq!(phones[0].ear.breaks().ssrc, 0);
    phones[0].mouth.press(b'5');
    until(&mut phones, |phones| phones[1].ear.last().is_some_and(|h| h.payload_type == 101));
    assert_eq!(event(&told), (leg(0), Event::Digit(b'5')));
    media.command(leg(0), Command::Close);
    media.command(leg(1), Command::Close);
    assert_eq!(event(&told), (leg(0), Event::Closed));
    assert_eq!(event(&told), (leg(1), Event::Closed));
}

/// A leg goes to another thread and is heard there, sockets and all; its ports come home.
#[test]
fn a_leg_moves_to_another_thread() {
    let (media, told) = start(18_200, 18_263, 2);
    let mut free = [ports(&told), ports(&told)];
    free.sort();
    for lease in 1..4 {
        let [here, there] = [0, 1].map(|thread: u8| {
            let port = free[usize::from(thread)].1[0];
            MediaId { thread, port, lease }
        });
        let mut phones = [Phone::new(&media, here, 400), Phone::new(&media, there, 700)];
        media.command(here, Command::Feed(Feed::HoldMusic));
        media.command(there, Command::Feed(Feed::HoldMusic));
        until(&mut phones, |phones| phones.iter().all(|phone| phone.ear.n_packets() > 5));
        media.command(here, Command::Feed(Feed::Leg(there)));
        media.command(there, Command::Move(0));
        media.command(there, Command::Feed(Feed::Leg(here)));
        until(&mut phones, |phones| {
            let heard = [&phones[0], &phones[1]].map(|phone| phone.ear.heard(200));
            heard == [Heard::Tone(700), Heard::Tone(400)]
        });
        assert!(phones.iter().all(|phone| phone.ear.breaks().ssrc == 0));
        media.command(there, Command::Close);
        assert_eq!(event(&told), (there, Event::Closed));
        media.command(here, Command::Close);
        assert_eq!(event(&told), (here, Event::Closed));
    }
}

/// Two conversations, each on a thread of its own; then one of each is joined with one of the other, and
/// either of them moves.
#[test]
fn whoever_moves_is_heard_at_once() {
    let (media, told) = start(18_300, 18_399, 2);
    let mut free = [ports(&told), ports(&told)];
    free.sort();
    for lease in 1..=20 {
        let id = |thread: u8, n: usize| {
            let port = free[usize::from(thread)].1[n];
            MediaId { thread, port, lease }
        };
        let legs = [id(0, 0), id(0, 1), id(1, 0), id(1, 1)];
        let [a, partner_of_a, partner_of_b, b] = legs;
        let tones = [400, 600, 600, 700];
        let mut n = 0;
        let mut phones = legs.map(|leg| {
            n += 1;
            Phone::new(&media, leg, tones[n - 1])
        });
        for (one, other) in [(a, partner_of_a), (partner_of_b, b)] {
            media.command(one, Command::Feed(Feed::Leg(other)));
            media.command(other, Command::Feed(Feed::Leg(one)));
        }
        until(&mut phones, |phones| phones.iter().all(|phone| phone.ear.n_packets() > 5));
        media.command(partner_of_a, Command::Feed(Feed::Silence));
        media.command(a, Command::Feed(Feed::HoldMusic));
        let (stays, moves) = if lease % 2 == 0 { (a, b) } else { (b, a) };
        media.command(moves, Command::Move(stays.thread));
        media.command(moves, Command::Feed(Feed::Leg(stays)));
        media.command(stays, Command::Feed(Feed::Leg(moves)));
        media.command(partner_of_b, Command::Feed(Feed::Nothing));
        until(&mut phones, |phones| {
            let heard = [&phones[0], &phones[3]].map(|phone| phone.ear.heard(200));
            heard == [Heard::Tone(700), Heard::Tone(400)]
        });
        legs.iter().for_each(|leg| media.command(*leg, Command::Close));
        let mut closed: Vec<_> = legs.iter().map(|_| event(&told)).collect();
        closed.sort_by_key(|(leg, _)| *leg);
        assert_eq!(closed, legs.map(|leg| (leg, Event::Closed)));
    }
}

/// Three in a room, one of them from another thread; its events are told.
#[test]
fn a_room_over_loopback() {
    let (media, told) = start(18_400, 18_463, 2);
    let mut free = [ports(&told), ports(&told)];
    free.sort();
    let id = |thread: u8, n: usize| {
        let port = free[usize::from(thread)].1[n];
        MediaId { thread, port, lease: 1 }
    };
    let legs = [id(0, 0), id(0, 1), id(1, 0)];
    let mut tones = [400, 700, 1300].into_iter();
    let mut phones = legs.map(|leg| Phone::new(&media, leg, tones.next().unwrap()));
    let room = RoomId(1);
    media.room(0, room, RoomCommand::Open);
    media.room(0, room, RoomCommand::Play(SourceId::BEEP, 1));
    for leg in legs {
        if leg.thread != 0 {
            media.command(leg, Command::Move(0));
        }
        let speech = Speech { room, only: None, jitter: JitterSize::default() };
        media.command(leg, Command::Speak(Some(speech)));
        media.command(leg, Command::Feed(Feed::Room(room)));
    }
    until(&mut phones, |phones| {
        let hears = |phone: &Phone, hz: f32| {
            let heard = phone.ear.last_samples(200);
            legwork_media::measure::tone_level(&heard, 8000, hz) > -20.0
        };
        let heard = phones.iter().map(|phone| [400.0, 700.0, 1300.0].map(|hz| hears(phone, hz)));
        heard.eq([[false, true, true], [true, false, true], [true, true, false]])
    });
    let Input::Room { room: of, event: played } = next(&told) else { panic!("no event") };
    assert_eq!((of, played), (room, RoomEvent::Played(SourceId::BEEP)));
    media.room(0, room, RoomCommand::Close);
    for leg in legs {
        media.command(leg, Command::Close);
        assert_eq!(event(&told), (leg, Event::Closed));
    }
}

#[test]
fn ports_are_shared_out_and_run_out() {
    let taken = UdpSocket::bind((LOOPBACK, 18_103)).unwrap();
    let (media, told) = start(18_100, 18_115, 2);
    let (mut first, mut second) = (ports(&told), ports(&told));
    if first.0 == 1 {
        std::mem::swap(&mut first, &mut second);
    }
    // 18103 is somebody else's, so 18102 is no use.
    assert_eq!(first, (0, vec![18_100, 18_104, 18_106]));
    assert_eq!(second, (1, vec![18_108, 18_110, 18_112, 18_114]));
    media.want_ports(1);
    assert_eq!(ports(&told), (1, vec![]));
    drop(media);
    assert!(told.recv().is_err(), "the threads have ended");
    assert!(UdpSocket::bind((LOOPBACK, 18_100)).is_ok());
    drop(taken);
}

#[test]
fn what_can_not_start_says_why() {
    let start = |first, last, threads, hold_music: Option<&str>| {
        let media = config::Media {
            listen_addresses: vec![LOOPBACK],
            ports: PortRange { first, last },
            hold_music: hold_music.map(Into::into),
        };
        MediaThreads::start(&media, threads, Arc::new(|_| {})).map_err(|e| format!("{e:#}"))
    };
    let error = start(18_200, 18_203, 3, None).unwrap_err();
    assert!(error.contains("media.rtp_ports"), "{error}");
    let error = start(18_200, 18_203, 1, Some("no/such.wav")).unwrap_err();
    assert!(error.contains("media.hold_music = no/such.wav"), "{error}");
}
