//! One leg's media: what it is let in, what it is sent.
//!
//! Not here: which leg feeds which (`plane`), what is generated (`plane::speaking`), addresses
//! (`plane::remote`).
//! Source: RFC 3550, RFC 3551, RFC 4733.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::copies::Copies;
use super::listener::Listener;
use super::live::LiveSound;
use super::passing::{Clocks, Passing};
use super::playback::Playback;
use super::press::Pressing;
use super::remote::Remote;
use super::rooms::Rooms;
use super::seat::Seat;
use super::sources::Sound;
use super::speaker::Speaker;
use super::taps::Tapping;
use super::toning::Toning;
use super::{Channel, Forward, Random};
use crate::codec;
use crate::command::{Event, Feed, MediaId, SourceId, Speech, Track};
use crate::detect::Listening;
use crate::dtmf::{self, Keys, TelephoneEvent};
use crate::jitter::Content;
use crate::limit;
use crate::line::Line;
use crate::offer_answer::{Agreed, Codec};
use crate::rtcp::{self, Reception};
use crate::rtp::{self, HEADER_BYTES, Header};
use crate::sound::{Frame, Rate};
use crate::tap::{Hearing, Tap, TapId};

/// A leg is answered a report this often at most.
const REPORT_INTERVAL: Duration = Duration::from_secs(2);

/// The payload type of comfort noise (RFC 3389 §4).
const COMFORT_NOISE: u8 = 13;

#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: MediaId,
    /// What it is sent.
    pub(super) feed: Feed,
    /// Place of the leg that is sent what this one sends.
    pub(super) sink: Option<usize>,
    /// Place of the leg whose sink this one is.
    pub(super) source: Option<usize>,
    /// It is among those that tick.
    pub(super) ticks: bool,
    /// What its source sends is decoded, and encoded anew for it.
    pub(super) is_coded: bool,
    pub(super) agreed: Option<(Agreed, Remote)>,
    /// What the peer sends, where that is another of its codecs than the one agreed on.
    spoken: Option<Codec>,
    pub(super) playback: Option<Box<Playback>>,
    /// What it is said.
    pub(super) live: Option<Box<LiveSound>>,
    /// Keys under way to it: nothing else is heard meanwhile.
    pub(super) pressing: Option<Box<Pressing>>,
    /// A key of its source under way to it.
    pub(super) passing: Option<Box<Passing>>,
    /// Keys of its source that it hears as tones: it knows no telephone-events.
    pub(super) toning: Option<Box<Toning>>,
    /// While something is generated for it.
    pub(super) speaker: Option<Box<Speaker>>,
    /// While somebody listens to it.
    pub(super) listener: Option<Box<Listener>>,
    /// What is to be told of what it says.
    detectors: Option<Box<Listening>>,
    pub(super) taps: Vec<Tapping>,
    /// While it speaks in a room, or hears one.
    pub(super) seat: Option<Box<Seat>>,
    /// While it is copied, or copies another.
    pub(super) copies: Option<Box<Copies>>,
    pub(super) line: Line,
    keys: Keys,
    reception: Option<Reception>,
    reported: Option<Instant>,
    cname: u64,
}

/// Every call held has one: what few of them need is boxed.
const _: () = assert!(size_of::<Leg>() <= 512, "allocators round the next byte up to 640");

/// A proper packet.
#[derive(Debug)]
pub(super) struct Arrival {
    header: Header,
    payload: Range<usize>,
    what: What,
    /// A key that was pressed.
    pub(super) key: Option<u8>,
}

impl Arrival {
    /// Of sound.
    pub(super) fn codec(&self) -> Option<Codec> {
        match self.what {
            What::Audio(codec) => Some(codec),
            What::Event(_) | What::Noise => None,
        }
    }
}

/// What is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Audio(Codec),
    /// A telephone-event whose duration counts in this clock rate.
    Event(u32),
    /// Comfort noise (RFC 3389).
    Noise,
}

impl Leg {
    pub(super) fn new(id: MediaId, random: &mut Random) -> Self {
        let (numbers, ssrc) = (random.next(), random.next() as u32);
        Self {
            id,
            feed: Feed::Nothing,
            sink: None,
            source: None,
            ticks: false,
            is_coded: false,
            agreed: None,
            playback: None,
            live: None,
            pressing: None,
            passing: None,
            toning: None,
            speaker: None,
            spoken: None,
            listener: None,
            detectors: None,
            taps: Vec::new(),
            seat: None,
            copies: None,
            line: Line::new(ssrc, (numbers >> 32) as u16, numbers as u32),
            keys: Keys::default(),
            reception: None,
            reported: None,
            cname: random.next(),
        }
    }

    /// It has come from another thread: what is beside it there is not here.
    pub(super) fn arrive(&mut self) {
        (self.sink, self.source, self.ticks) = (None, None, false);
        if let Some(seat) = &mut self.seat {
            seat.arrive();
        }
        self.fit_source(None);
    }

    pub(super) fn agree(&mut self, agreed: Agreed) {
        self.line.set_clock(agreed.codec.clock_hz());
        let may_be = |codec: &Codec| agreed.also.iter().flatten().any(|(_, other)| other == codec);
        self.spoken = self.spoken.filter(may_be);
        if let Some(listener) = &mut self.listener {
            listener.set_codec(self.spoken.unwrap_or(agreed.codec));
        }
        let remote = match &self.agreed {
            Some((before, remote)) => remote.renewed(before, &agreed),
            None => Remote::new(&agreed),
        };
        self.agreed = Some((agreed, remote));
    }

    pub(super) fn codec(&self) -> Option<Codec> {
        self.agreed.as_ref().map(|(agreed, _)| agreed.codec)
    }

    /// What its peer sends.
    pub(super) fn spoken(&self) -> Option<Codec> {
        self.spoken.or_else(|| self.codec())
    }

    /// Its peer sends this from now on. False: as before, or as good as that.
    pub(super) fn speaks(&mut self, codec: Codec) -> bool {
        let before = self.spoken();
        let alike = |before: Codec| before == codec || before.is_g711() && codec.is_g711();
        if before.is_none_or(alike) {
            return false;
        }
        self.spoken = Some(codec);
        if let Some(listener) = &mut self.listener {
            listener.set_codec(codec);
        }
        true
    }

    /// Gives what fed it before.
    pub(super) fn set_feed(&mut self, feed: Feed, playback: Option<Box<Playback>>) -> Feed {
        self.line.interrupt();
        if let Some(speaker) = &mut self.speaker {
            speaker.cut();
        }
        self.playback = playback;
        self.live =
            if let Feed::Live(tap) = feed { Some(LiveSound::new(tap).into()) } else { None };
        self.passing = None;
        self.toning = None;
        let before = std::mem::replace(&mut self.feed, feed);
        self.fit_seat();
        before
    }

    /// What it says goes elsewhere from now on; or there, as before.
    pub(super) fn speak_there(&mut self, speech: Option<Speech>, is_as_before: bool) {
        let seat = self.seat.get_or_insert_default();
        if is_as_before {
            seat.speech = speech;
        } else {
            seat.take(speech);
        }
        self.fit_floor();
        self.fit_seat();
    }

    /// It has a seat exactly while it speaks in a room, or hears one.
    fn fit_seat(&mut self) {
        let hears = matches!(self.feed, Feed::Room(_));
        if hears {
            self.seat.get_or_insert_default();
        } else if self.speech().is_none() {
            self.seat = None;
        }
    }

    fn speech(&self) -> Option<Speech> {
        self.seat.as_ref().and_then(|seat| seat.speech)
    }

    /// Its jitter buffer is as deep as its room wants it.
    fn fit_floor(&mut self) {
        let depth = self.speech().map_or(Duration::ZERO, |speech| speech.jitter.depth());
        if let Some(listener) = &mut self.listener {
            listener.set_floor(depth);
        }
    }

    /// What it said in 20 ms is heard in its room.
    pub(super) fn speak_in(&mut self, rooms: &mut Rooms) {
        let Some(seat) = &mut self.seat else { return };
        if let Some(room) = seat.speech.and_then(|speech| rooms.room(speech.room)) {
            seat.speak(self.id, self.listener.as_deref(), room);
        }
    }

    /// The source is forgotten: it is heard to its end, or to where it got.
    pub(super) fn keep_source(&mut self, id: SourceId, sound: &Arc<Sound>) {
        if let Some(playback) = self.playback.as_mut().filter(|it| it.source == Some(id)) {
            playback.keep(sound);
        }
    }

    /// Presses these keys towards it.
    pub(super) fn press(&mut self, keys: &[u8]) {
        self.pressing.get_or_insert_default().add(keys);
    }

    /// Its sound is given away. False: there are too many who want it.
    pub(super) fn tap(&mut self, id: TapId, tap: Tap) -> bool {
        let room = self.taps.len() < limit::TAPS;
        if room {
            self.taps.push(Tapping::new(id, tap));
        }
        room
    }

    pub(super) fn hold_tap(&mut self, id: TapId, is_held: bool) {
        if let Some(tapping) = self.taps.iter_mut().find(|tapping| tapping.id == id) {
            tapping.hold(is_held);
        }
    }

    /// The tap is over: what it has.
    pub(super) fn untap(&mut self, id: TapId) -> Option<Tapping> {
        let place = self.taps.iter().position(|tapping| tapping.id == id)?;
        Some(self.taps.remove(place))
    }

    /// What is to be told of what it says.
    pub(super) fn hear(&mut self, hearing: &Hearing) {
        match &mut self.detectors {
            _ if hearing.is_nothing() => self.detectors = None,
            Some(detectors) => detectors.change(hearing),
            None => self.detectors = Some(Box::new(Listening::new(hearing))),
        }
    }

    /// It hears what this leg sends, if any: by relay, or by way of its sound.
    pub(super) fn fit_source(&mut self, source: Option<(usize, Option<Codec>)>) {
        self.source = source.map(|(place, _)| place);
        let codecs = (source.and_then(|(_, codec)| codec), self.codec());
        self.is_coded = match codecs {
            (Some(from), Some(to)) => from != to && !(from.is_g711() && to.is_g711()),
            (None, _) | (_, None) => false,
        };
        self.fit_speaker();
    }

    /// There is a speaker exactly while something is generated, in the right codec.
    pub(super) fn fit_speaker(&mut self) {
        let codec = self.codec().filter(|_| self.generates());
        if self.speaker.as_ref().map(|speaker| speaker.codec()) != codec {
            self.speaker = codec.map(|codec| Box::new(Speaker::new(codec)));
        }
    }

    /// It is listened to exactly while somebody wants it: it itself, or its sink.
    pub(super) fn fit_listener(&mut self, now: Instant, is_wanted_by_sink: bool) {
        let is_wanted = is_wanted_by_sink
            || self.detectors.is_some()
            || self.taps.iter().any(Tapping::hears_inbound)
            || self.speech().is_some()
            || self.is_copied(Track::Inbound);
        let codec = self.spoken().filter(|_| is_wanted);
        if self.listener.is_some() != codec.is_some() {
            self.listener = codec.map(|codec| Box::new(Listener::new(now, codec)));
            self.fit_floor();
        }
    }

    /// It wants to know what its source says.
    pub(super) fn wants_source(&self) -> bool {
        self.is_coded
            || self.taps.iter().any(Tapping::hears_outbound)
            || self.is_copied(Track::Outbound)
    }

    /// It is generated for, every 20 ms.
    pub(super) fn generates(&self) -> bool {
        let generated = match self.feed {
            Feed::Nothing => self.pressing.is_some(),
            Feed::Leg(_) => self.pressing.is_some() || self.is_coded || self.is_toning(),
            Feed::Silence
            | Feed::Source(..)
            | Feed::Ringback(_)
            | Feed::HoldMusic
            | Feed::Room(_)
            | Feed::Live(_)
            | Feed::Copy(..) => true,
        };
        generated && self.agreed.is_some()
    }

    /// It hears a key of its source as a tone.
    pub(super) fn is_toning(&self) -> bool {
        self.toning.as_ref().is_some_and(|toning| toning.is_on())
    }

    /// Something is to be done every 20 ms.
    pub(super) fn needs_ticks(&self) -> bool {
        self.generates()
            || self.listener.is_some()
            || self.detectors.is_some()
            || !self.taps.is_empty()
            || self.copies.is_some()
    }

    /// A packet it sent is heard, if somebody listens.
    pub(super) fn listen(&mut self, now: Instant, arrival: &Arrival, packet: &[u8]) {
        let Some(listener) = &mut self.listener else { return };
        let content = match arrival.what {
            What::Audio(codec) => Content::Sound(codec),
            What::Event(_) => Content::Event,
            What::Noise => Content::Noise,
        };
        let payload = packet.get(arrival.payload.clone()).unwrap_or_default();
        listener.put(now, &arrival.header, content, payload);
    }

    /// What it said in 20 ms: told, and kept for who wants it.
    pub(super) fn hear_tick(&mut self, at: Instant, events: &mut VecDeque<(MediaId, Event)>) {
        if let Some(listener) = &mut self.listener {
            listener.tick(at);
        }
        let Some(detectors) = &mut self.detectors else { return };
        let silence = Frame::silent(Rate::Narrow);
        let frame = self.listener.as_ref().map_or(&silence, |listener| &listener.frame);
        let has_events = self.agreed.as_ref().is_some_and(|(it, _)| it.telephone_event.is_some());
        let id = self.id;
        detectors.hear(frame, &mut |event| match event {
            // Its keys come as events, and may be heard beside them.
            Event::Digit(_) if has_events || events.len() >= limit::DIGITS => {}
            Event::Digit(_)
            | Event::DigitsSent
            | Event::Played(_)
            | Event::Voice(_)
            | Event::Answerer(_)
            | Event::Closed => events.push_back((id, event)),
        });
    }

    /// RTP and RTCP come on one port.
    pub(super) fn shares_port(&self) -> bool {
        self.agreed.as_ref().is_some_and(|(agreed, _)| agreed.rtcp_mux)
    }

    /// RTP arrived. None: it is not let in.
    pub(super) fn handle_rtp(
        &mut self,
        clock: Duration,
        from: SocketAddr,
        packet: &[u8],
    ) -> Option<Arrival> {
        let (agreed, remote) = self.agreed.as_mut()?;
        if !remote.admits_rtp(from) || !agreed.receive {
            return None;
        }
        let (header, payload) = rtp::parse(packet)?;
        let what = what(agreed, header.payload_type)?;
        remote.learn_rtp(from, agreed.rtcp_mux);
        let micros = u64::try_from(clock.as_micros()).unwrap_or(0);
        // Wraps on purpose, as timestamps do.
        let arrived = (micros * u64::from(agreed.codec.clock_hz()) / 1_000_000) as u32;
        match &mut self.reception {
            Some(reception) => reception.handle(&header, arrived),
            None => self.reception = Some(Reception::new(&header, arrived)),
        }
        let key = match what {
            What::Audio(_) | What::Noise => None,
            What::Event(_) => TelephoneEvent::parse(packet.get(payload.clone())?)
                .and_then(|event| self.keys.handle(&header, event)),
        };
        Some(Arrival { header, payload, what, key })
    }

    /// RTCP arrived. It is answered with a report of ours, not too often.
    pub(super) fn handle_rtcp(
        &mut self,
        now: Instant,
        clock: Duration,
        channel: Channel,
        from: SocketAddr,
        buffer: &mut [u8],
        len: usize,
    ) -> Option<Forward> {
        let (_, remote) = self.agreed.as_mut()?;
        let shared = channel == Channel::Rtp;
        let admitted = if shared { remote.rtp() == Some(from) } else { remote.admits_rtcp(from) };
        if !admitted {
            return None;
        }
        let received = rtcp::parse(buffer.get(..len)?)?;
        if !shared {
            remote.learn_rtcp(from);
        }
        let to = if shared { remote.rtp()? } else { remote.rtcp()? };
        if let Some(reception) = &mut self.reception {
            reception.handle_sender_report(now, received);
        }
        let early = |at| now.saturating_duration_since(at) < REPORT_INTERVAL;
        if self.reported.is_some_and(early) {
            return None;
        }
        self.reported = Some(now);
        let sender = rtcp::Sender {
            ssrc: self.line.ssrc(),
            elapsed: clock,
            timestamp: self.line.timestamp_at(now),
            sent: self.line.sent(),
            cname: self.cname,
        };
        let (report, len) = rtcp::write(now, &sender, self.reception.as_mut());
        buffer.get_mut(..len)?.copy_from_slice(report.get(..len)?);
        Some(Forward { port: self.id.port, channel, to, len })
    }

    /// What the leg `source` sent, passed on to this one: rewritten in place.
    pub(super) fn relay(
        &mut self,
        now: Instant,
        source: MediaId,
        arrival: &Arrival,
        packet: &mut [u8],
    ) -> Option<Forward> {
        let (agreed, remote) = self.agreed.as_ref()?;
        if self.feed != Feed::Leg(source) || self.pressing.is_some() || self.is_toning() {
            self.hear_key(now, source, arrival, packet);
            return None;
        }
        // Both peers named our own ports: what this leg sent came round (RFC 3550 §8.2), and would
        // for ever.
        if arrival.header.ssrc == self.line.ssrc() {
            return None;
        }
        let Some(to) = remote.rtp().filter(|_| agreed.send) else {
            // On hold: when it is over, time has passed.
            self.line.interrupt();
            return None;
        };
        let payload = packet.get_mut(arrival.payload.clone())?;
        let Some(payload_type) = converted(agreed, arrival.what, payload) else {
            self.line.skip(&arrival.header);
            self.hear_key(now, source, arrival, packet);
            return None;
        };
        let len = HEADER_BYTES + payload.len();
        if arrival.payload.start != HEADER_BYTES {
            packet.copy_within(arrival.payload.clone(), HEADER_BYTES);
        }
        let n_bytes = arrival.payload.len();
        self.line.relay(now, &arrival.header, payload_type, n_bytes)?.write(packet);
        Some(Forward { port: self.id.port, channel: Channel::Rtp, to, len })
    }

    /// A packet of a key of the leg `source`: this one hears it as a tone, if it knows no
    /// telephone-events.
    fn hear_key(&mut self, now: Instant, source: MediaId, arrival: &Arrival, packet: &[u8]) {
        let What::Event(clock_hz) = arrival.what else { return };
        let knows_events = self.agreed.as_ref().is_none_or(|(it, _)| it.telephone_event.is_some());
        if knows_events || self.feed != Feed::Leg(source) || self.pressing.is_some() {
            return;
        }
        let payload = packet.get(arrival.payload.clone()).unwrap_or_default();
        if let Some(event) = TelephoneEvent::parse(payload) {
            let toning = self.toning.get_or_insert_default();
            toning.handle(now, arrival.key, &arrival.header, event, clock_hz);
            self.fit_speaker();
        }
    }

    /// What the leg `source` sent, if it is coded for this one: its keys are passed on at once, in
    /// our numbers; its sound comes by way of its listener.
    pub(super) fn pass(
        &mut self,
        now: Instant,
        source: MediaId,
        arrival: &Arrival,
        packet: &mut [u8],
    ) -> Option<Forward> {
        let What::Event(from_hz) = arrival.what else {
            if let Some(passing) = &mut self.passing {
                passing.sound_follows();
            }
            return None;
        };
        let (agreed, remote) = self.agreed.as_ref()?;
        if self.feed != Feed::Leg(source) || self.pressing.is_some() {
            return None;
        }
        let to = remote.rtp().filter(|_| agreed.send)?;
        let Some((payload_type, _)) = agreed.telephone_event else {
            self.hear_key(now, source, arrival, packet);
            return None;
        };
        let event = TelephoneEvent::parse(packet.get(arrival.payload.clone())?)?;
        let clocks =
            Clocks { from_hz, to_hz: agreed.event_clock_hz, line_hz: agreed.codec.clock_hz() };
        let (line, from) = (&mut self.line, (&arrival.header, event, arrival.key.is_some()));
        let (header, event) =
            Passing::pass(&mut self.passing, now, line, payload_type, clocks, from)?;
        let bytes = event.bytes();
        let len = HEADER_BYTES + bytes.len();
        packet.get_mut(HEADER_BYTES..len)?.copy_from_slice(&bytes);
        header.write(packet);
        Some(Forward { port: self.id.port, channel: Channel::Rtp, to, len })
    }
}

/// What the peer means by a payload type. Beside the one agreed on, the peer may use its own
/// number for it, and G.711 of either law where one of them is agreed on: both are in our offers,
/// and not every phone keeps to the first of its answer.
fn what(agreed: &Agreed, payload_type: u8) -> Option<What> {
    let Agreed { codec, receive_payload, send_payload, telephone_event, .. } = agreed;
    if payload_type == *receive_payload {
        return Some(What::Audio(*codec));
    }
    if telephone_event.is_some_and(|(send, receive)| [send, receive].contains(&payload_type)) {
        return Some(What::Event(agreed.event_clock_hz));
    }
    let mut also = agreed.also.iter().flatten();
    if let Some((_, codec)) = also.find(|(payload, _)| *payload == payload_type) {
        return Some(What::Audio(*codec));
    }
    match payload_type {
        0 if codec.is_g711() => Some(What::Audio(Codec::Pcmu)),
        8 if codec.is_g711() => Some(What::Audio(Codec::Pcma)),
        COMFORT_NOISE if codec.clock_hz() == 8000 => Some(What::Noise),
        _ if payload_type == *send_payload => Some(What::Audio(*codec)),
        _ => None,
    }
}

/// Makes a payload one for the leg that agreed on this. Gives its payload type; none: it can not
/// be sent there.
fn converted(agreed: &Agreed, what: What, payload: &mut [u8]) -> Option<u8> {
    if payload.is_empty() {
        return None;
    }
    match what {
        What::Audio(codec) if codec == agreed.codec => Some(agreed.send_payload),
        What::Audio(codec) => {
            codec::convert(codec, agreed.codec, payload).then_some(agreed.send_payload)
        }
        What::Event(clock_hz) => {
            let (payload_type, _) = agreed.telephone_event?;
            dtmf::change_clock(clock_hz, agreed.event_clock_hz, payload);
            Some(payload_type)
        }
        What::Noise => agreed.comfort_noise.then_some(COMFORT_NOISE),
    }
}
