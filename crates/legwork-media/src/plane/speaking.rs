//! What is generated for a leg, 20 ms at a time, and what its taps hear of it.
//!
//! Not here: packets passed on (`plane::leg`), which leg feeds which (`plane`).
//! Source: RFC 3550, RFC 4733.

use std::collections::VecDeque;
use std::time::Instant;

use super::leg::Leg;
use super::live::Reached;
use super::press;
use super::rooms::Rooms;
use super::sources::Sources;
use super::speaker::Voice;
use super::toning::Tone;
use super::{Channel, Forward};
use crate::codec::PAYLOAD_BYTES;
use crate::command::{Event, Feed, MediaId, RoomId};
use crate::dtmf::TelephoneEvent;
use crate::rtp::HEADER_BYTES;
use crate::sound::{Frame, Rate};
use crate::tone::key;

/// How loud a key is, dBm0 without its sign.
const KEY_VOLUME: u8 = 10;

/// Where a tick's packets and events go.
pub(super) struct Out<'a> {
    pub(super) emit: &'a mut dyn FnMut(Forward, &[u8]),
    pub(super) events: &'a mut VecDeque<(MediaId, Event)>,
    pub(super) marks: &'a mut Reached,
}

/// What there is to be heard beside legs.
pub(super) struct Around<'a> {
    pub(super) sources: &'a Sources,
    pub(super) rooms: &'a mut Rooms,
}

impl Leg {
    /// 20 ms. `heard` is what its source said in them, if it wants to know. True: a tap has a
    /// piece to give away.
    pub(super) fn tick(
        &mut self,
        at: Instant,
        heard: Option<&Frame>,
        around: &mut Around<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        let was_said = self.speak(at, heard, around, out);
        if let Some(seat) = &mut self.seat {
            seat.forget_own();
        }
        if self.taps.is_empty() && self.copies.is_none() {
            return false;
        }
        let silence = Frame::silent(Rate::Narrow);
        let said = match (&self.speaker, was_said) {
            (Some(speaker), true) => speaker.said(),
            (_, true) | (Some(_), false) => &silence,
            // Passed on as it came.
            (None, false) => heard.filter(|_| self.may_send()).unwrap_or(&silence),
        };
        let inbound = self.listener.as_ref().map_or(&silence, |listener| &listener.frame);
        if let Some(copies) = &mut self.copies {
            copies.keep(inbound, said);
        }
        let mut is_full = false;
        for tapping in &mut self.taps {
            tapping.hear(inbound, said);
            is_full |= tapping.is_full();
        }
        is_full
    }

    /// True: the speaker said something.
    fn speak(
        &mut self,
        at: Instant,
        heard: Option<&Frame>,
        around: &mut Around<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        if let Some(pressing) = &mut self.pressing
            && self.agreed.is_some()
        {
            if let Some(frame) = pressing.next_frame() {
                return self.send_key(at, frame, out);
            }
            self.pressing = None;
            out.events.push_back((self.id, Event::DigitsSent));
        }
        match self.toning.as_mut().and_then(|toning| toning.next_frame(at)) {
            Some(Tone::Key(key, n)) => return self.send_tone(at, key, n as usize, out),
            Some(Tone::Gap) => return self.send_silence(at, out),
            None => {}
        }
        if !self.generates() {
            self.speaker = None;
            return false;
        }
        if self.passing.as_ref().is_some_and(|passing| passing.is_under_way(at)) {
            if let Some(speaker) = &mut self.speaker {
                speaker.pause();
            }
            return false;
        }
        let frame = match self.feed {
            Feed::Leg(_) => heard.copied(),
            Feed::Nothing | Feed::Silence => None,
            Feed::Copy(..) => self.copies.as_ref().and_then(|copies| copies.taken()),
            Feed::Room(room) => return self.hear_room(at, room, around.rooms, out),
            Feed::Source(..) | Feed::Ringback(_) | Feed::HoldMusic => {
                self.play(around.sources, out)
            }
            Feed::Live(_) => self.hear_said(out),
        };
        match frame {
            Some(frame) => self.send_sound(at, Voice::Feed, &frame, out),
            None => self.send_silence(at, out),
        }
    }

    /// The next frame of what it is played. None: it is over.
    fn play(&mut self, sources: &Sources, out: &mut Out<'_>) -> Option<Frame> {
        let frame = self.playback.as_mut().and_then(|playback| playback.next_frame(sources));
        if frame.is_none() {
            self.feed = Feed::Silence;
            if let Some(source) = self.playback.take().and_then(|playback| playback.source) {
                out.events.push_back((self.id, Event::Played(source)));
            }
        }
        frame
    }

    /// The next frame of what it is said. None: nothing is.
    fn hear_said(&mut self, out: &mut Out<'_>) -> Option<Frame> {
        let live = self.live.as_mut()?;
        let is_cut = live.is_cut;
        let frame = live.next_frame(out.marks)?;
        if let Some(speaker) = self.speaker.as_mut().filter(|_| is_cut) {
            speaker.cut();
        }
        Some(frame)
    }

    /// 20 ms of what is said in a room, without what this leg says there. True: it was sent.
    fn hear_room(
        &mut self,
        at: Instant,
        room: RoomId,
        rooms: &mut Rooms,
        out: &mut Out<'_>,
    ) -> bool {
        let room = rooms.room(room).and_then(|room| room.hears().then_some(room));
        let (Some(room), Some(seat), Some(speaker)) = (room, &mut self.seat, &mut self.speaker)
        else {
            return self.send_silence(at, out);
        };
        let is_new = seat.own(room.id).is_some()
            || room.whispers_to(self.id)
            || !speaker.goes_on_with(Voice::Feed);
        if seat.is_alone(is_new, speaker.codec()) {
            let frame = room.heard_by(self.id, seat);
            return self.send_sound(at, Voice::Feed, &frame, out);
        }
        let Some((agreed, remote)) = &self.agreed else { return false };
        let Some(to) = remote.rtp().filter(|_| agreed.send) else {
            self.line.interrupt();
            speaker.pause();
            return false;
        };
        let shared = room.share(speaker);
        let mut packet = [0; HEADER_BYTES + PAYLOAD_BYTES];
        let len = HEADER_BYTES + shared.len();
        let Some(payload) = packet.get_mut(HEADER_BYTES..len) else { return false };
        payload.copy_from_slice(shared);
        self.line.generate(at, agreed.send_payload, shared.len()).write(&mut packet);
        if let Some(packet) = packet.get(..len) {
            (out.emit)(Forward { port: self.id.port, channel: Channel::Rtp, to, len }, packet);
        }
        true
    }

    /// 20 ms of sound. True: it was sent.
    fn send_sound(&mut self, at: Instant, voice: Voice, frame: &Frame, out: &mut Out<'_>) -> bool {
        let Some((agreed, remote)) = &self.agreed else { return false };
        let Some(speaker) = &mut self.speaker else { return false };
        let Some(to) = remote.rtp().filter(|_| agreed.send) else {
            // On hold: when it is over, time has passed.
            self.line.interrupt();
            speaker.pause();
            return false;
        };
        let mut packet = [0; HEADER_BYTES + PAYLOAD_BYTES];
        let Some(payload) = packet.last_chunk_mut::<PAYLOAD_BYTES>() else { return false };
        let n_bytes = speaker.say(voice, frame, payload);
        self.line.generate(at, agreed.send_payload, n_bytes).write(&mut packet);
        let len = HEADER_BYTES + n_bytes;
        if let Some(packet) = packet.get(..len) {
            (out.emit)(Forward { port: self.id.port, channel: Channel::Rtp, to, len }, packet);
        }
        true
    }

    fn send_silence(&mut self, at: Instant, out: &mut Out<'_>) -> bool {
        let rate = self.speaker.as_ref().map_or(Rate::Narrow, |speaker| speaker.said().rate());
        self.send_sound(at, Voice::Nothing, &Frame::silent(rate), out)
    }

    /// 20 ms of a key: as an event, or as a tone if the peer knows none.
    fn send_key(&mut self, at: Instant, frame: press::Frame, out: &mut Out<'_>) -> bool {
        let Some((agreed, remote)) = &self.agreed else { return false };
        let Some((payload_type, _)) = agreed.telephone_event else {
            let Some((key, n)) = frame.sound() else { return self.send_silence(at, out) };
            return self.send_tone(at, key, usize::from(n), out);
        };
        let Some((code, lasted, end)) = frame.event() else { return self.send_silence(at, out) };
        if let Some(speaker) = &mut self.speaker {
            speaker.pause();
        }
        let Some(to) = remote.rtp().filter(|_| agreed.send) else { return false };
        let each = u16::try_from(agreed.event_clock_hz / 50).unwrap_or(0);
        let event =
            TelephoneEvent { code, end, volume: KEY_VOLUME, duration: lasted.saturating_mul(each) };
        let bytes = event.bytes();
        let mut packet = [0; HEADER_BYTES + 4];
        if let Some(payload) = packet.last_chunk_mut() {
            *payload = bytes;
        }
        let len = packet.len();
        self.line.event(at, payload_type, bytes.len(), lasted == 1).write(&mut packet);
        (out.emit)(Forward { port: self.id.port, channel: Channel::Rtp, to, len }, &packet);
        false
    }

    /// 20 ms of a key's tone, so many frames after its beginning.
    fn send_tone(&mut self, at: Instant, key: u8, n_frames: usize, out: &mut Out<'_>) -> bool {
        let mut sound = Frame::silent(Rate::Narrow);
        key::write(key, n_frames * Rate::Narrow.frame(), sound.samples_mut());
        self.send_sound(at, Voice::Key, &sound, out)
    }

    /// It may be sent something.
    fn may_send(&self) -> bool {
        let agreed = self.agreed.as_ref();
        agreed.is_some_and(|(agreed, remote)| agreed.send && remote.rtp().is_some())
    }
}
