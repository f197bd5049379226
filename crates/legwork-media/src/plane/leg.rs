//! One leg's media: what it is let in, what it is sent.
//!
//! Not here: which leg feeds which (`plane`), addresses (`plane::remote`).
//! Source: RFC 3550, RFC 3551, RFC 4733.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::playback::Playback;
use super::press::{self, Pressing};
use super::remote::Remote;
use super::sources::{Sound, Sources};
use super::{Channel, Forward, Random};
use crate::codec::{self, FRAME_SAMPLES};
use crate::command::{Event, Feed, MediaId, SourceId};
use crate::dtmf::{Keys, TelephoneEvent};
use crate::line::Line;
use crate::offer_answer::{Agreed, Codec};
use crate::rtcp::{self, Reception};
use crate::rtp::{self, HEADER_BYTES, Header};
use crate::sound::{Frame, Rate};
use crate::tone::key;

/// How loud a key is, dBm0 without its sign.
const KEY_VOLUME: u8 = 10;

/// A leg is answered a report this often at most.
const REPORT_INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: MediaId,
    /// What it is sent.
    pub(super) feed: Feed,
    /// Place of the leg that is sent what this one sends.
    pub(super) sink: Option<usize>,
    /// It is among those generated for.
    pub(super) ticks: bool,
    agreed: Option<(Agreed, Remote)>,
    playback: Option<Playback>,
    /// Keys under way to it: nothing else is heard meanwhile.
    pressing: Option<Box<Pressing>>,
    line: Line,
    keys: Keys,
    reception: Option<Reception>,
    reported: Option<Instant>,
    cname: u64,
}

/// A proper packet.
#[derive(Debug)]
pub(super) struct Arrival {
    header: Header,
    payload: Range<usize>,
    what: What,
    /// A key that was pressed.
    pub(super) key: Option<u8>,
}

/// What is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Audio(Codec),
    /// A telephone-event, beside audio of this clock rate.
    Event(u32),
}

impl Leg {
    pub(super) fn new(id: MediaId, random: &mut Random) -> Self {
        let (numbers, ssrc) = (random.next(), random.next() as u32);
        Self {
            id,
            feed: Feed::Nothing,
            sink: None,
            ticks: false,
            agreed: None,
            playback: None,
            pressing: None,
            line: Line::new(ssrc, (numbers >> 32) as u16, numbers as u32),
            keys: Keys::default(),
            reception: None,
            reported: None,
            cname: random.next(),
        }
    }

    pub(super) fn agree(&mut self, agreed: Agreed) {
        self.line.set_clock(agreed.codec.clock_hz());
        let remote = match &self.agreed {
            Some((_, remote)) => remote.renewed(&agreed),
            None => Remote::new(&agreed),
        };
        self.agreed = Some((agreed, remote));
    }

    /// Gives what fed it before.
    pub(super) fn set_feed(&mut self, feed: Feed, playback: Option<Playback>) -> Feed {
        self.line.interrupt();
        self.playback = playback;
        std::mem::replace(&mut self.feed, feed)
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

    /// It is generated for, every 20 ms.
    pub(super) fn generates(&self) -> bool {
        let generated = match self.feed {
            Feed::Nothing | Feed::Leg(_) => self.pressing.is_some(),
            Feed::Silence | Feed::Source(..) | Feed::Ringback(_) | Feed::HoldMusic => true,
        };
        generated && self.agreed.is_some()
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
            What::Audio(_) => None,
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
        if self.feed != Feed::Leg(source) || self.pressing.is_some() {
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

    /// 20 ms of what is generated.
    pub(super) fn tick(
        &mut self,
        at: Instant,
        sources: &Sources,
        events: &mut VecDeque<(MediaId, Event)>,
        emit: &mut impl FnMut(Forward, &[u8]),
    ) {
        if let Some(pressing) = &mut self.pressing {
            if let Some(frame) = pressing.next_frame() {
                return self.send_key(at, frame, emit);
            }
            self.pressing = None;
            events.push_back((self.id, Event::DigitsSent));
            if !self.generates() {
                return;
            }
        }
        let frame = match &mut self.playback {
            Some(playback) => playback.next_frame(sources),
            None => None,
        };
        if frame.is_none()
            && let Some(playback) = self.playback.take()
        {
            self.feed = Feed::Silence;
            if let Some(source) = playback.source {
                events.push_back((self.id, Event::Played(source)));
            }
        }
        self.send_sound(at, frame.as_ref(), emit);
    }

    /// 20 ms of sound, or of silence.
    fn send_sound(
        &mut self,
        at: Instant,
        frame: Option<&Frame>,
        emit: &mut impl FnMut(Forward, &[u8]),
    ) {
        let Some((agreed, remote)) = &self.agreed else { return };
        let Some(to) = remote.rtp().filter(|_| agreed.send) else {
            self.line.interrupt();
            return;
        };
        let mut packet = [0; HEADER_BYTES + FRAME_SAMPLES];
        let Some(payload) = packet.last_chunk_mut::<FRAME_SAMPLES>() else { return };
        let n_bytes = match frame {
            Some(frame) => codec::encode(agreed.codec, &narrow(frame), payload),
            None => codec::silence(agreed.codec, payload),
        };
        self.line.generate(at, agreed.send_payload, n_bytes).write(&mut packet);
        let len = HEADER_BYTES + n_bytes;
        if let Some(packet) = packet.get(..len) {
            emit(Forward { port: self.id.port, channel: Channel::Rtp, to, len }, packet);
        }
    }

    /// 20 ms of a key: as an event, or as a tone if the peer knows none.
    fn send_key(
        &mut self,
        at: Instant,
        frame: press::Frame,
        emit: &mut impl FnMut(Forward, &[u8]),
    ) {
        let Some((agreed, remote)) = &self.agreed else { return };
        let Some((payload_type, _)) = agreed.telephone_event else {
            let mut sound = Frame::silent(Rate::Narrow);
            let Some((key, n)) = frame.sound() else { return self.send_sound(at, None, emit) };
            key::write(key, usize::from(n) * FRAME_SAMPLES, sound.samples_mut());
            return self.send_sound(at, Some(&sound), emit);
        };
        let Some((code, lasted, end)) = frame.event() else {
            return self.send_sound(at, None, emit);
        };
        let Some(to) = remote.rtp().filter(|_| agreed.send) else { return };
        let each = u16::try_from(agreed.codec.clock_hz() / 50).unwrap_or(0);
        let event = TelephoneEvent { code, end, volume: KEY_VOLUME, duration: lasted * each };
        let bytes = event.bytes();
        let mut packet = [0; HEADER_BYTES + 4];
        if let Some(payload) = packet.last_chunk_mut() {
            *payload = bytes;
        }
        let len = packet.len();
        self.line.event(at, payload_type, bytes.len(), lasted == 1).write(&mut packet);
        emit(Forward { port: self.id.port, channel: Channel::Rtp, to, len }, &packet);
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
        return Some(What::Event(codec.clock_hz()));
    }
    match payload_type {
        0 if codec.is_g711() => Some(What::Audio(Codec::Pcmu)),
        8 if codec.is_g711() => Some(What::Audio(Codec::Pcma)),
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
            (clock_hz == agreed.codec.clock_hz()).then_some(payload_type)
        }
    }
}

/// A frame at 8 kHz.
fn narrow(frame: &Frame) -> [i16; FRAME_SAMPLES] {
    let mut narrow = [0; FRAME_SAMPLES];
    let samples = frame.samples();
    let each = samples.len() / FRAME_SAMPLES;
    for (to, from) in narrow.iter_mut().zip(samples.chunks_exact(each.max(1))) {
        let sum: i32 = from.iter().map(|sample| i32::from(*sample)).sum();
        *to = (sum / each as i32) as i16;
    }
    narrow
}
