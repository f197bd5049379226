//! A phone's ear: one received RTP stream, decoded, named and checked for breaks.
//!
//! Not here: the sounds themselves (`tone`). Used by tests and by the demo's phones.

use std::collections::VecDeque;

use crate::codec::{Decoder, SOUND_MAX};
use crate::dtmf::{Keys, TelephoneEvent};
use crate::offer_answer::Codec;
use crate::sound::Rate;
use crate::tone::Heard;
use crate::{limit, rtp, tone};

/// What one phone received.
#[derive(Debug, Default)]
pub struct Ear {
    /// Of what came last.
    decoder: Option<Decoder>,
    /// Payload type of Opus, if it is expected.
    opus: Option<u8>,
    samples: VecDeque<i16>,
    last: Option<rtp::Header>,
    n_packets: u32,
    breaks: Breaks,
    keys: Keys,
    pressed: Vec<u8>,
}

/// What a stream must not do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaks {
    /// The SSRC changed.
    pub ssrc: u32,
    /// A sequence number did not follow the one before.
    pub sequence: u32,
    /// A timestamp did not lie ahead of the one before (events repeat theirs and do not count).
    pub timestamp: u32,
}

impl Ear {
    /// Opus is heard, too, under this payload type.
    pub fn expect_opus(&mut self, payload_type: u8) {
        self.opus = Some(payload_type);
    }

    /// RTP arrived. False: not RTP. Sound is heard of payload types 0, 8 and 9, and of Opus where it
    /// is expected, keys of other dynamic ones; others only count.
    pub fn handle(&mut self, packet: &[u8]) -> bool {
        let Some((header, payload)) = rtp::parse(packet) else { return false };
        let payload = packet.get(payload).unwrap_or_default();
        let codec = match header.payload_type {
            0 => Some(Codec::Pcmu),
            8 => Some(Codec::Pcma),
            9 => Some(Codec::G722),
            other if self.opus == Some(other) => Some(Codec::Opus),
            _ => None,
        };
        self.n_packets += 1;
        if let Some(last) = self.last {
            let step = header.timestamp.wrapping_sub(last.timestamp).cast_signed();
            self.breaks.ssrc += u32::from(header.ssrc != last.ssrc);
            self.breaks.sequence += u32::from(header.sequence != last.sequence.wrapping_add(1));
            self.breaks.timestamp += u32::from(codec.is_some() && step <= 0);
        }
        self.last = Some(header);
        let Some(codec) = codec else {
            self.hear_key(&header, payload);
            return true;
        };
        self.hear_sound(codec, payload);
        let excess = self.samples.len().saturating_sub(limit::EAR_SAMPLES);
        self.samples.drain(..excess);
        true
    }

    fn hear_sound(&mut self, codec: Codec, payload: &[u8]) {
        let same = self.decoder.take().filter(|decoder| decoder.codec() == codec);
        let decoder = self.decoder.insert(same.unwrap_or_else(|| Decoder::new(codec)));
        let mut sound = [0; SOUND_MAX];
        let n_samples = decoder.decode(payload, &mut sound).unwrap_or(0);
        let sound = sound.iter().take(n_samples);
        match decoder.rate() {
            Rate::Narrow => self.samples.extend(sound),
            // The tones that are told apart lie far below 4 kHz: nothing folds back onto them.
            Rate::Wide => self.samples.extend(sound.step_by(2)),
        }
    }

    fn hear_key(&mut self, header: &rtp::Header, payload: &[u8]) {
        let event = TelephoneEvent::parse(payload).filter(|_| header.payload_type >= 96);
        let key = event.and_then(|event| self.keys.handle(header, event));
        if self.pressed.len() < limit::EAR_KEYS {
            self.pressed.extend(key);
        }
    }

    /// The first 256 keys pressed, each once: `0-9*#A-D`.
    pub fn keys(&self) -> &[u8] {
        &self.pressed
    }

    /// What the last so many milliseconds of it are.
    pub fn heard(&self, ms: u32) -> Heard {
        tone::heard(&self.last_samples(ms))
    }

    /// The last so many milliseconds, 8 kHz; fewer if fewer arrived.
    pub fn last_samples(&self, ms: u32) -> Vec<i16> {
        let wanted = ms as usize * tone::RATE_HZ as usize / 1000;
        let skipped = self.samples.len().saturating_sub(wanted);
        self.samples.iter().skip(skipped).copied().collect()
    }

    /// Forgets the sound, not the stream: what is heard from now on counts.
    pub fn clear(&mut self) {
        self.samples.clear();
    }

    /// Packets so far.
    pub fn n_packets(&self) -> u32 {
        self.n_packets
    }

    /// Header of the newest packet.
    pub fn last(&self) -> Option<rtp::Header> {
        self.last
    }

    /// What the stream did that it must not; all zero on a line without loss.
    pub fn breaks(&self) -> Breaks {
        self.breaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mouth::Mouth;

    #[test]
    fn a_mouth_is_heard_in_every_codec() {
        let codecs = [(Codec::Pcmu, 0), (Codec::Pcma, 8), (Codec::G722, 9), (Codec::Opus, 111)];
        for (codec, payload_type) in codecs {
            let mut mouth = Mouth::new(7, codec, payload_type, 101, 600);
            let mut ear = Ear::default();
            ear.expect_opus(111);
            for _ in 0..20 {
                ear.handle(&mouth.next_packet());
            }
            mouth.press(b'5');
            for _ in 0..12 {
                ear.handle(&mouth.next_packet());
            }
            assert_eq!(ear.heard(100), Heard::Tone(600), "{codec:?}");
            assert_eq!((ear.keys(), ear.breaks()), (&b"5"[..], Breaks::default()), "{codec:?}");
        }
    }
}
