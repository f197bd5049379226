//! The media plane of the world: the server's own, under the virtual clock.
//!
//! It is ticked only while somebody listens or a source is to come to its end, so that hours of
//! hold music cost nothing.
//! Not here: the phones' mouths and ears (`phone`).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_call::io::SourceRequest;
use legwork_media as media;
use legwork_media::plane::{BUFFER_BYTES, Channel, Forward, Plane};
use legwork_media::tone;

/// Even ports of the world's media threads: this first one, and the others in turns behind it.
const FIRST_PORT: u16 = 10_000;
/// Ports of each of them.
const THREAD_PORTS: u16 = 10_000;
/// How long every source is.
const SOURCE: Duration = Duration::from_secs(1);
/// What hold music, speech and files are in the world, hertz: tones that ears can name.
const HOLD_MUSIC_HZ: u16 = 312;
const SPEECH_HZ: u16 = 912;
const FILE_HZ: u16 = 1_012;
/// And what applications say by streams.
pub const APPLICATION_HZ: u16 = 1_212;
/// Sounds of the server and a frequency each of them has, hertz.
pub const SOUNDS: [(&str, u32); 6] = [
    ("hold music", HOLD_MUSIC_HZ as u32),
    ("ringback", 440),
    ("British ringback", 450),
    ("speech", SPEECH_HZ as u32),
    ("a file", FILE_HZ as u32),
    ("the application", APPLICATION_HZ as u32),
];

/// What came out of the plane.
#[derive(Debug)]
pub enum Heard {
    /// Send this packet from this port to there.
    Packet(u16, SocketAddr, Bytes),
    /// Tell the switch.
    Event(media::MediaId, media::Event),
    /// Tell the switch of a room.
    Room(media::RoomId, media::RoomEvent),
    /// A mark of an application was reached.
    Mark(u64),
}

/// One media thread's work.
#[derive(Debug)]
pub struct Sound {
    planes: Vec<Plane>,
    /// Planes of legs that have moved, by port.
    hosts: BTreeMap<u16, usize>,
    /// The ports each will bind next.
    next_ports: Vec<u16>,
    is_listened_to: bool,
    /// Nobody will ever listen: nothing is generated, and what has an end just takes its time.
    is_deaf: bool,
    /// Who answered, and that a beep is over, is never told.
    keeps_silent: bool,
    ends: Vec<(Instant, media::MediaId, media::SourceId)>,
    /// What is played in rooms takes its time, too; one after the other, and beeps beside it.
    room_ends: Vec<(Instant, media::RoomId, media::SourceId)>,
    /// What is played in rooms, and rooms that tell who speaks.
    room_plays: BTreeMap<media::RoomId, RoomPlays>,
    watched: BTreeSet<media::RoomId>,
    /// Legs that are played something with an end.
    playing: BTreeSet<media::MediaId>,
    /// Legs to which an application has said something.
    told: BTreeSet<media::MediaId>,
    /// Legs towards which keys are pressed.
    pressing: BTreeSet<media::MediaId>,
    /// Legs of which it is to be told who answered, or what they press in band.
    heard: BTreeSet<media::MediaId>,
    buffer: Vec<u8>,
    out: VecDeque<Heard>,
}

/// What is played in a room.
#[derive(Debug, Default)]
struct RoomPlays {
    /// Sounds with an end that is still to come.
    left: usize,
    is_endless: bool,
    /// All that were ever ordered.
    ordered: u32,
}

impl Sound {
    /// Planes of so many media threads, at least one, whose clocks begin now.
    pub fn new(now: Instant, threads: u8, seed: u64) -> Self {
        let plane = |thread: u8| {
            let first = first_port(thread);
            let ports = first..=first + (THREAD_PORTS - 1);
            let seed = seed ^ u64::from(thread);
            Plane::with_hold_music(now, thread, &ports, seed, second_of(HOLD_MUSIC_HZ))
        };
        let threads = 0..threads.max(1);
        let next_ports = threads.clone().map(first_port).collect();
        let (planes, hosts) = (threads.map(plane).collect(), BTreeMap::new());
        let buffer = vec![0; BUFFER_BYTES];
        let (playing, pressing, out) = (BTreeSet::new(), BTreeSet::new(), VecDeque::new());
        Self {
            planes,
            hosts,
            next_ports,
            is_listened_to: false,
            is_deaf: false,
            keeps_silent: false,
            ends: Vec::new(),
            room_ends: Vec::new(),
            room_plays: BTreeMap::new(),
            watched: BTreeSet::new(),
            playing,
            told: BTreeSet::new(),
            pressing,
            heard: BTreeSet::new(),
            buffer,
            out,
        }
    }

    /// How many media threads there are.
    pub fn threads(&self) -> u8 {
        u8::try_from(self.planes.len()).unwrap_or(u8::MAX)
    }

    /// So many more even ports of that thread.
    pub fn bind(&mut self, thread: u8, count: usize) -> Vec<u16> {
        let Some(next) = self.next_ports.get_mut(usize::from(thread)) else { return Vec::new() };
        let bound: Vec<u16> = (*next..).step_by(2).take(count).collect();
        *next += 2 * bound.len() as u16;
        bound
    }

    /// Who answers, and the end of beeps, will never be told.
    pub fn keep_silent(&mut self) {
        self.keeps_silent = true;
    }

    /// Nobody will ever listen.
    pub fn be_deaf(&mut self) {
        self.is_deaf = true;
    }

    /// An order of the switch.
    pub fn order(&mut self, now: Instant, id: media::MediaId, mut command: media::Command) {
        if self.is_deaf {
            self.order_deaf(now, id, &mut command);
        }
        match command {
            media::Command::Feed(media::Feed::Source(_, times)) if times > 0 => {
                self.playing.insert(id);
                self.told.remove(&id);
            }
            media::Command::SendDigits(_) => {
                self.pressing.insert(id);
            }
            media::Command::Feed(_) => {
                self.playing.remove(&id);
                self.told.remove(&id);
            }
            media::Command::Close => {
                self.ends.retain(|(_, of, _)| *of != id);
                self.playing.remove(&id);
                self.told.remove(&id);
                self.pressing.remove(&id);
                self.heard.remove(&id);
            }
            media::Command::Hear(ref hearing) => {
                self.heard.remove(&id);
                if !self.is_deaf && (hearing.machine.is_some() || hearing.keys) {
                    self.heard.insert(id);
                }
            }
            media::Command::Live(..) => {
                self.told.insert(id);
            }
            media::Command::Open
            | media::Command::Agree(_)
            | media::Command::Tap(..)
            | media::Command::HoldTap(..)
            | media::Command::Speak(_)
            | media::Command::Move(_)
            | media::Command::Untap(_) => {}
        }
        if let Some(plane) = self.planes.get_mut(usize::from(id.thread)) {
            plane.handle_command(now, id, command);
        }
        self.hand_over(now);
    }

    /// An order of the switch to a room of that thread.
    pub fn order_room(
        &mut self,
        now: Instant,
        thread: u8,
        room: media::RoomId,
        command: media::RoomCommand,
    ) {
        match command {
            media::RoomCommand::Play(source, times) if self.is_deaf => {
                if times > 0 {
                    let is_behind = |of, other: media::SourceId| {
                        of == room && other.is_beep() == source.is_beep()
                    };
                    let plays = self.room_ends.iter().filter(|(_, of, it)| is_behind(*of, *it));
                    let begins = plays.map(|(at, ..)| *at).max().unwrap_or(now).max(now);
                    self.room_ends.push((begins + SOURCE * times, room, source));
                }
                return;
            }
            media::RoomCommand::Play(_, times) => {
                let plays = self.room_plays.entry(room).or_default();
                plays.left += usize::from(times > 0);
                plays.is_endless |= times == 0;
                plays.ordered += 1;
            }
            media::RoomCommand::Close => {
                self.room_ends.retain(|(_, of, _)| *of != room);
                self.room_plays.remove(&room);
                self.watched.remove(&room);
            }
            media::RoomCommand::Watch(is_on) => {
                self.watched.remove(&room);
                if is_on && !self.is_deaf {
                    self.watched.insert(room);
                }
            }
            media::RoomCommand::Open
            | media::RoomCommand::Tap(..)
            | media::RoomCommand::HoldTap(..)
            | media::RoomCommand::Untap(_) => {}
        }
        if let Some(plane) = self.planes.get_mut(usize::from(thread)) {
            plane.handle_room(now, room, command);
        }
    }

    /// What one plane has for another.
    fn hand_over(&mut self, now: Instant) {
        while let Some((to, parcel)) = self.planes.iter_mut().find_map(Plane::poll_parcel) {
            let to = usize::from(to);
            if let Some(port) = parcel.port() {
                self.hosts.insert(port, to);
            }
            if let Some(plane) = self.planes.get_mut(to) {
                plane.handle_parcel(now, parcel);
            }
        }
    }

    fn host(&mut self, port: u16) -> Option<&mut Plane> {
        let home = usize::from(port.saturating_sub(FIRST_PORT) / THREAD_PORTS);
        self.planes.get_mut(self.hosts.get(&port).copied().unwrap_or(home))
    }

    /// What would be generated is not; a source takes as long as it would.
    fn order_deaf(&mut self, now: Instant, id: media::MediaId, command: &mut media::Command) {
        if let media::Command::Speak(speech) = command {
            *speech = None;
        }
        let media::Command::Feed(feed) = command else { return };
        self.ends.retain(|(_, of, _)| *of != id);
        match feed {
            media::Feed::Source(source, times) if *times > 0 => {
                self.ends.push((now + SOURCE * *times, id, *source));
            }
            media::Feed::Leg(_) => return,
            media::Feed::Nothing
            | media::Feed::Silence
            | media::Feed::Source(..)
            | media::Feed::Ringback(_)
            | media::Feed::HoldMusic
            | media::Feed::Room(_)
            | media::Feed::Live(_)
            | media::Feed::Copy(..) => {}
        }
        *feed = media::Feed::Nothing;
    }

    /// A packet to one of the plane's ports.
    pub fn packet(&mut self, now: Instant, port: u16, from: SocketAddr, packet: &[u8]) {
        let channel = if port.is_multiple_of(2) { Channel::Rtp } else { Channel::Rtcp };
        let mut buffer = std::mem::take(&mut self.buffer);
        let Some(room) = buffer.get_mut(..packet.len()) else { return };
        room.copy_from_slice(packet);
        let (even, len) = (port & !1, packet.len());
        let plane = self.host(even);
        let forward =
            plane.and_then(|it| it.handle_packet(now, even, channel, from, &mut buffer, len));
        self.buffer = buffer;
        if let Some(forward) = forward.filter(|forward| forward.channel == Channel::Rtp) {
            let bytes = self.buffer.get(..forward.len).unwrap_or_default();
            let bytes = Bytes::copy_from_slice(bytes);
            self.out.push_back(Heard::Packet(forward.port, forward.to, bytes));
        }
    }

    /// Somebody listens from now on, or nobody.
    pub fn listen(&mut self, is_on: bool) {
        self.is_listened_to = is_on;
    }

    /// When the next tick is due.
    pub fn next_tick(&self) -> Option<Instant> {
        let legs = [&self.playing, &self.told, &self.pressing, &self.heard];
        let matters = self.is_listened_to
            || legs.iter().any(|legs| !legs.is_empty())
            || self.room_plays.values().any(|plays| plays.left > 0)
            || !self.watched.is_empty();
        let ends = self.ends.iter().map(|(at, ..)| *at);
        let ends = ends.chain(self.room_ends.iter().map(|(at, ..)| *at)).min();
        let ticks = self.planes.iter().filter_map(Plane::poll_timeout).min();
        ticks.filter(|_| matters).into_iter().chain(ends).min()
    }

    /// A tick.
    pub fn tick(&mut self, now: Instant) {
        while let Some(at) = self.ends.iter().position(|(at, ..)| *at <= now) {
            let (_, id, source) = self.ends.remove(at);
            self.out.push_back(Heard::Event(id, media::Event::Played(source)));
        }
        while let Some(at) = self.room_ends.iter().position(|(at, ..)| *at <= now) {
            let (_, room, source) = self.room_ends.remove(at);
            self.out.push_back(Heard::Room(room, media::RoomEvent::Played(source)));
        }
        let out = &mut self.out;
        for plane in &mut self.planes {
            plane.tick(now, |forward: Forward, bytes| {
                if forward.channel == Channel::Rtp {
                    let bytes = Bytes::copy_from_slice(bytes);
                    out.push_back(Heard::Packet(forward.port, forward.to, bytes));
                }
            });
        }
    }

    /// Keys are pressed towards that leg.
    pub fn is_pressing(&self, id: media::MediaId) -> bool {
        self.pressing.contains(&id)
    }

    /// Something is played in that room.
    pub fn plays_in(&self, room: media::RoomId) -> bool {
        self.room_plays.get(&room).is_some_and(|plays| plays.left > 0 || plays.is_endless)
    }

    /// How often something was ordered to be played in that room.
    pub fn times_played(&self, room: media::RoomId) -> u32 {
        self.room_plays.get(&room).map_or(0, |plays| plays.ordered)
    }

    /// Prepares a source, a second long; false when it cannot be played.
    pub fn prepare(&mut self, id: media::SourceId, request: &SourceRequest) -> bool {
        let hz = match request {
            SourceRequest::Say { .. } => SPEECH_HZ,
            SourceRequest::Play { url } if url.contains("missing") => return false,
            SourceRequest::Play { .. } => FILE_HZ,
        };
        let set = |plane: &mut Plane| plane.set_source(id, media::Rate::Narrow, second_of(hz));
        let set: Vec<bool> = self.planes.iter_mut().map(set).collect();
        set.into_iter().all(|it| it)
    }

    /// A source is not needed any more.
    pub fn forget(&mut self, id: media::SourceId) {
        self.planes.iter_mut().for_each(|plane| plane.forget_source(id));
    }

    /// What it wants done.
    pub fn poll(&mut self) -> Option<Heard> {
        // Nobody in the world takes what is tapped.
        let out = &mut self.out;
        self.planes.iter_mut().for_each(|plane| {
            plane.give_taps(|_, piece| match piece {
                media::TapPiece::Mark(number) => out.push_back(Heard::Mark(number)),
                media::TapPiece::Samples(_) | media::TapPiece::End => {}
            });
        });
        while let Some((id, event)) = self.planes.iter_mut().find_map(Plane::poll_event) {
            match event {
                media::Event::Played(_) => drop(self.playing.remove(&id)),
                media::Event::DigitsSent => drop(self.pressing.remove(&id)),
                media::Event::Digit(_)
                | media::Event::Voice(_)
                | media::Event::Answerer(_)
                | media::Event::Closed => {}
            }
            let is_kept = match event {
                media::Event::Answerer(_) | media::Event::Played(media::SourceId::BEEP) => {
                    self.keeps_silent
                }
                media::Event::Played(_)
                | media::Event::DigitsSent
                | media::Event::Digit(_)
                | media::Event::Voice(_)
                | media::Event::Closed => false,
            };
            if !is_kept {
                self.out.push_back(Heard::Event(id, event));
            }
        }
        while let Some((room, event)) = self.planes.iter_mut().find_map(Plane::poll_room_event) {
            if let media::RoomEvent::Played(_) = event
                && let Some(plays) = self.room_plays.get_mut(&room)
            {
                plays.left = plays.left.saturating_sub(1);
            }
            self.out.push_back(Heard::Room(room, event));
        }
        self.out.pop_front()
    }
}

/// The first port of a media thread.
fn first_port(thread: u8) -> u16 {
    FIRST_PORT + THREAD_PORTS * u16::from(thread)
}

/// A second of a tone; each is computed once, for there are thousands of worlds.
fn second_of(hz: u16) -> Arc<[i16]> {
    static TONES: Mutex<BTreeMap<u16, Arc<[i16]>>> = Mutex::new(BTreeMap::new());
    let compute = || tone::sine(f32::from(hz), 8_000.0, tone::RATE_HZ as usize).into();
    let mut tones = TONES.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(tones.entry(hz).or_insert_with(compute))
}
