//! The media plane of the world: the server's own, under the virtual clock.
//!
//! It is ticked only while somebody listens or a source is to come to its end, so that hours of
//! hold music cost nothing.
//! Not here: the phones' mouths and ears (`phone`).

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use legwork_call::io::SourceRequest;
use legwork_media as media;
use legwork_media::plane::{BUFFER_BYTES, Channel, Forward, Plane};
use legwork_media::tone;

/// Ports of the world's only media thread.
const PORTS: std::ops::RangeInclusive<u16> = 10_000..=19_999;
/// What hold music, speech and files are in the world, hertz: tones that ears can name.
const HOLD_MUSIC_HZ: u16 = 312;
const SPEECH_HZ: u16 = 912;
const FILE_HZ: u16 = 1_012;
/// Sounds of the server and a frequency each of them has, hertz.
pub const SOUNDS: [(&str, u32); 5] = [
    ("hold music", HOLD_MUSIC_HZ as u32),
    ("ringback", 440),
    ("British ringback", 450),
    ("speech", SPEECH_HZ as u32),
    ("a file", FILE_HZ as u32),
];

/// What came out of the plane.
#[derive(Debug)]
pub enum Heard {
    /// Send this packet from this port to there.
    Packet(u16, SocketAddr, Bytes),
    /// Tell the switch.
    Event(media::MediaId, media::Event),
}

/// One media thread's work.
#[derive(Debug)]
pub struct Sound {
    plane: Plane,
    is_listened_to: bool,
    /// Legs that are played something with an end.
    playing: BTreeSet<media::MediaId>,
    /// Legs towards which keys are pressed.
    pressing: BTreeSet<media::MediaId>,
    buffer: Vec<u8>,
    out: VecDeque<Heard>,
}

impl Sound {
    /// A plane whose clock begins now.
    pub fn new(now: Instant, seed: u64) -> Self {
        let mut plane = Plane::new(now, 0, &PORTS, seed);
        plane.set_hold_music(seconds(HOLD_MUSIC_HZ, 1));
        let buffer = vec![0; BUFFER_BYTES];
        let (playing, pressing, out) = (BTreeSet::new(), BTreeSet::new(), VecDeque::new());
        Self { plane, is_listened_to: false, playing, pressing, buffer, out }
    }

    /// An order of the switch.
    pub fn order(&mut self, now: Instant, id: media::MediaId, command: media::Command) {
        match command {
            media::Command::Feed(media::Feed::Source(_, times)) if times > 0 => {
                self.playing.insert(id);
            }
            media::Command::SendDigits(_) => {
                self.pressing.insert(id);
            }
            media::Command::Feed(_) => {
                self.playing.remove(&id);
            }
            media::Command::Close => {
                self.playing.remove(&id);
                self.pressing.remove(&id);
            }
            media::Command::Open | media::Command::Agree(_) => {}
        }
        self.plane.handle_command(now, id, command);
    }

    /// A packet to one of the plane's ports.
    pub fn packet(&mut self, now: Instant, port: u16, from: SocketAddr, packet: &[u8]) {
        let channel = if port.is_multiple_of(2) { Channel::Rtp } else { Channel::Rtcp };
        let Some(room) = self.buffer.get_mut(..packet.len()) else { return };
        room.copy_from_slice(packet);
        let (even, len) = (port & !1, packet.len());
        let buffer = &mut self.buffer;
        let forward = self.plane.handle_packet(now, even, channel, from, buffer, len);
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
        let matters = self.is_listened_to || !self.playing.is_empty() || !self.pressing.is_empty();
        self.plane.poll_timeout().filter(|_| matters)
    }

    /// A tick.
    pub fn tick(&mut self, now: Instant) {
        let out = &mut self.out;
        self.plane.tick(now, |forward: Forward, bytes| {
            if forward.channel == Channel::Rtp {
                let bytes = Bytes::copy_from_slice(bytes);
                out.push_back(Heard::Packet(forward.port, forward.to, bytes));
            }
        });
    }

    /// Prepares a source, a second long; false when it cannot be played.
    pub fn prepare(&mut self, id: media::SourceId, request: &SourceRequest) -> bool {
        let hz = match request {
            SourceRequest::Say { .. } => SPEECH_HZ,
            SourceRequest::Play { url } if url.contains("missing") => return false,
            SourceRequest::Play { .. } => FILE_HZ,
        };
        self.plane.set_source(id, seconds(hz, 1))
    }

    /// A source is not needed any more.
    pub fn forget(&mut self, id: media::SourceId) {
        self.plane.forget_source(id);
    }

    /// What it wants done.
    pub fn poll(&mut self) -> Option<Heard> {
        while let Some((id, event)) = self.plane.poll_event() {
            match event {
                media::Event::Played(_) => drop(self.playing.remove(&id)),
                media::Event::DigitsSent => drop(self.pressing.remove(&id)),
                media::Event::Digit(_) | media::Event::Closed => {}
            }
            self.out.push_back(Heard::Event(id, event));
        }
        self.out.pop_front()
    }
}

fn seconds(hz: u16, n: usize) -> std::sync::Arc<[i16]> {
    tone::sine(f32::from(hz), 8_000.0, n * tone::RATE_HZ as usize).into()
}
