//! A phone's mouth: a tone and keys as one RTP stream, a packet every 20 ms.
//!
//! Not here: what a leg is sent (`plane`). Used by tests and by the demo's phones.
//! Source: RFC 4733 §2.5 for keys.

use std::collections::VecDeque;

use crate::codec::{Encoder, PAYLOAD_BYTES};
use crate::dtmf::{self, TelephoneEvent};
use crate::offer_answer::Codec;
use crate::rtp::{HEADER_BYTES, Header};
use crate::sound::{Frame, Rate};
use crate::tone;

/// Packets of a key: 100 ms, and its end said three times.
const KEY_PACKETS: u16 = 5;

/// What one phone sends.
#[derive(Debug)]
pub struct Mouth {
    encoder: Encoder,
    /// Of 20 ms in its timestamps.
    ticks: u16,
    payload_type: u8,
    event_payload_type: u8,
    header: Header,
    /// One second of the tone.
    sound: Vec<i16>,
    position: usize,
    keys: VecDeque<u8>,
    /// Packets of the first key already sent.
    n_sent: u16,
}

impl Mouth {
    /// Says this tone (0 is silence) in this codec. Tones of whole Hz have no seam.
    pub fn new(ssrc: u32, codec: Codec, payload_type: u8, event_payload_type: u8, hz: u16) -> Self {
        let header = Header { marker: true, payload_type, sequence: 1, timestamp: 0, ssrc };
        let sound = tone::sine(f32::from(hz), 8000.0, tone::RATE_HZ as usize);
        let (position, n_sent, keys) = (0, 0, VecDeque::new());
        let ticks = u16::try_from(codec.clock_hz() / 50).unwrap_or(0);
        let encoder = Encoder::new(codec);
        Self {
            encoder,
            ticks,
            payload_type,
            event_payload_type,
            header,
            sound,
            position,
            keys,
            n_sent,
        }
    }

    /// Presses a key after those already pressed. What is no key is ignored.
    pub fn press(&mut self, key: u8) {
        self.keys.extend(dtmf::code(key));
    }

    /// The packet of the next 20 ms.
    pub fn next_packet(&mut self) -> Vec<u8> {
        let mut packet = vec![0; HEADER_BYTES];
        let header = match self.keys.front().copied() {
            Some(code) => self.key_packet(code, &mut packet),
            None => self.sound_packet(&mut packet),
        };
        header.write(&mut packet);
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.marker = false;
        packet
    }

    fn sound_packet(&mut self, packet: &mut Vec<u8>) -> Header {
        let mut frame = Frame::silent(Rate::Narrow);
        for sample in frame.samples_mut() {
            *sample = self.sound.get(self.position).copied().unwrap_or(0);
            self.position = (self.position + 1) % self.sound.len().max(1);
        }
        let mut payload = [0; PAYLOAD_BYTES];
        let n_bytes = self.encoder.encode(&frame, &mut payload);
        packet.extend(payload.iter().take(n_bytes));
        let header = Header { payload_type: self.payload_type, ..self.header };
        self.header.timestamp = self.header.timestamp.wrapping_add(u32::from(self.ticks));
        header
    }

    fn key_packet(&mut self, code: u8, packet: &mut Vec<u8>) -> Header {
        self.n_sent += 1;
        let end = self.n_sent > KEY_PACKETS - 1;
        let duration = self.n_sent.min(KEY_PACKETS) * self.ticks;
        packet.extend(TelephoneEvent { code, end, volume: 10, duration }.bytes());
        let marker = self.n_sent == 1;
        let header = Header { marker, payload_type: self.event_payload_type, ..self.header };
        if self.n_sent == KEY_PACKETS + 2 {
            self.keys.pop_front();
            self.n_sent = 0;
            let passed = u32::from(KEY_PACKETS + 2) * u32::from(self.ticks);
            self.header.timestamp = self.header.timestamp.wrapping_add(passed);
        }
        header
    }
}
