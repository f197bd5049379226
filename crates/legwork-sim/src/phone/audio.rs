//! What a phone says and hears: one sine tone out, or what it is given to say, RTP both ways, tones found
//! by Goertzel.
//!
//! Not here: where RTP goes and when (`phone`). G.711 is written anew, so that one checks the other;
//! G.722 and Opus are the server's own (`legwork_media::codec`).
//! Source: ITU-T G.711; RFC 3550 §5.1; RFC 4733 §2.3.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use legwork_media::codec::{Decoder, Encoder, PAYLOAD_BYTES, SOUND_MAX};
use legwork_media::{Frame, Rate, offer_answer};

/// Samples a second.
pub(super) const RATE_HZ: f64 = 8_000.0;
/// Samples in one packet of 20 ms.
pub(super) const PACKET_SAMPLES: usize = 160;
/// How long one is.
const PACKET_MS: u128 = 20;
/// What the ear remembers: one second.
const EAR_MAX: usize = 8_000;

/// An encoding a phone speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 µ-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
    /// G.722, payload type 9.
    G722,
    /// Opus, payload type 111.
    Opus,
}

impl Codec {
    /// Its static payload type.
    pub fn payload(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
            Self::Opus => 111,
        }
    }

    /// Its name in session descriptions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU/8000",
            Self::Pcma => "PCMA/8000",
            Self::G722 => "G722/8000",
            Self::Opus => "opus/48000/2",
        }
    }

    /// How far a packet takes its timestamps.
    fn ticks(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 160,
            Self::Opus => 960,
        }
    }

    /// As the server knows it.
    fn shared(self) -> offer_answer::Codec {
        match self {
            Self::Pcmu => offer_answer::Codec::Pcmu,
            Self::Pcma => offer_answer::Codec::Pcma,
            Self::G722 => offer_answer::Codec::G722,
            Self::Opus => offer_answer::Codec::Opus,
        }
    }
}

fn mulaw(sample: i16) -> u8 {
    let (sign, magnitude) =
        if sample < 0 { (0x80, -i32::from(sample)) } else { (0, sample.into()) };
    let biased = magnitude.min(32_635) + 132;
    let exponent = (0..8).rev().find(|e| biased >> (e + 7) != 0).unwrap_or(0);
    let mantissa = (biased >> (exponent + 3)) & 0x0f;
    !u8::try_from(sign | (exponent << 4) | mantissa).unwrap_or(0)
}

fn from_mulaw(byte: u8) -> i16 {
    let byte = i32::from(!byte);
    let magnitude = ((((byte & 0x0f) << 3) + 132) << ((byte >> 4) & 7)) - 132;
    let value = if byte & 0x80 != 0 { -magnitude } else { magnitude };
    i16::try_from(value).unwrap_or(i16::MAX)
}

fn alaw(sample: i16) -> u8 {
    let (sign, magnitude) =
        if sample < 0 { (0, -i32::from(sample) - 1) } else { (0x80, i32::from(sample)) };
    let magnitude = magnitude.clamp(0, 32_767) >> 3;
    let exponent = (1..8).rev().find(|e| magnitude >> (e + 4) != 0).unwrap_or(0);
    let shift = exponent.max(1);
    let mantissa = (magnitude >> shift) & 0x0f;
    u8::try_from(sign | (exponent << 4) | mantissa).unwrap_or(0) ^ 0x55
}

fn from_alaw(byte: u8) -> i16 {
    let byte = i32::from(byte ^ 0x55);
    let (exponent, mantissa) = ((byte >> 4) & 7, byte & 0x0f);
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    let value = if byte & 0x80 != 0 { magnitude } else { -magnitude };
    i16::try_from(value).unwrap_or(i16::MAX)
}

/// One side of an RTP session: a tone in packets of 20 ms, keys between them.
#[derive(Debug)]
pub(super) struct Mouth {
    hz: u32,
    sample: u64,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    key: Option<(u8, u8)>,
    /// Of what is not G.711.
    encoder: Option<Encoder>,
    saying: VecDeque<i16>,
    /// When the last packet was.
    spoke: Option<Instant>,
}

impl Mouth {
    pub(super) fn new(hz: u32, ssrc: u32) -> Self {
        Self {
            hz,
            sample: 0,
            ssrc,
            sequence: 0,
            timestamp: 0,
            key: None,
            encoder: None,
            saying: VecDeque::new(),
            spoke: None,
        }
    }

    /// The next packet is of now: what was not sent since the last one has taken its time.
    pub(super) fn catch_up(&mut self, now: Instant, codec: Codec) {
        let since = self.spoke.replace(now).map_or(Duration::ZERO, |spoke| now - spoke);
        let n_left_out = (since.as_millis() / PACKET_MS).saturating_sub(1);
        let n_left_out = u32::try_from(n_left_out).unwrap_or(u32::MAX);
        self.timestamp = self.timestamp.wrapping_add(n_left_out.wrapping_mul(codec.ticks()));
    }

    /// Presses a key: the next five packets say so.
    pub(super) fn press(&mut self, key: u8) {
        self.key = Some((key, 0));
    }

    /// Says this instead of its tone.
    pub(super) fn say(&mut self, samples: Vec<i16>) {
        self.saying = samples.into();
    }

    pub(super) fn is_saying(&self) -> bool {
        !self.saying.is_empty()
    }

    /// Nobody is there to hear the key, or what is said.
    pub(super) fn release(&mut self) {
        self.key = None;
        self.saying.clear();
    }

    pub(super) fn is_pressing(&self) -> bool {
        self.key.is_some()
    }

    /// The next packet: of the pressed key if there is one and `events` can say it, else of the
    /// tone.
    pub(super) fn packet(&mut self, codec: Codec, events: Option<u8>) -> Bytes {
        if let (Some((key, step)), Some(payload)) = (self.key, events) {
            return self.key_packet(key, step, payload);
        }
        self.key = None;
        let mut out = self.header(codec.payload(), false, PAYLOAD_BYTES + 12);
        let mut sound = [0; PACKET_SAMPLES];
        sound.fill_with(|| self.next_sample());
        match codec {
            Codec::Pcmu => out.extend(sound.map(mulaw)),
            Codec::Pcma => out.extend(sound.map(alaw)),
            Codec::G722 | Codec::Opus => out.extend_from_slice(&self.encoded(codec, &sound)),
        }
        self.timestamp = self.timestamp.wrapping_add(codec.ticks());
        out.freeze()
    }

    fn encoded(&mut self, codec: Codec, sound: &[i16]) -> Vec<u8> {
        let same = self.encoder.take().filter(|encoder| encoder.codec() == codec.shared());
        let encoder = self.encoder.insert(same.unwrap_or_else(|| Encoder::new(codec.shared())));
        let mut frame = Frame::silent(Rate::Narrow);
        frame.samples_mut().copy_from_slice(sound);
        let mut payload = [0; PAYLOAD_BYTES];
        let len = encoder.encode(&frame, &mut payload);
        payload.get(..len).unwrap_or_default().to_vec()
    }

    fn key_packet(&mut self, key: u8, step: u8, payload: u8) -> Bytes {
        let mut out = self.header(payload, step == 0, 16);
        let end = step >= 2;
        let duration = 160 * (u16::from(step.min(2)) + 1);
        out.put_u8(key);
        out.put_u8(if end { 0x8a } else { 0x0a });
        out.put_u16(duration);
        self.key = Some((key, step + 1));
        if step == 4 {
            self.key = None;
            self.timestamp = self.timestamp.wrapping_add(5 * PACKET_SAMPLES as u32);
        }
        out.freeze()
    }

    fn header(&mut self, payload: u8, marker: bool, capacity: usize) -> BytesMut {
        let mut out = BytesMut::with_capacity(capacity);
        out.put_u8(0x80);
        out.put_u8(payload | if marker { 0x80 } else { 0 });
        out.put_u16(self.sequence);
        out.put_u32(self.timestamp);
        out.put_u32(self.ssrc);
        self.sequence = self.sequence.wrapping_add(1);
        out
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "amplitude 8,000; a phase needs no more than 52 bits"
    )]
    fn next_sample(&mut self) -> i16 {
        if let Some(sample) = self.saying.pop_front() {
            return sample;
        }
        let value = (TAU * f64::from(self.hz) * (self.sample as f64) / RATE_HZ).sin();
        self.sample += 1;
        (value * 8_000.0) as i16
    }
}

/// What came in lately, decoded.
#[derive(Debug, Default)]
pub(super) struct Ear {
    samples: Vec<i16>,
    pub(super) packets: u64,
    line: Option<(u32, u16, u32)>,
    /// Streams that began, sequence numbers that did not follow, timestamps that went back: a leg
    /// must keep one line.
    pub(super) breaks: u32,
    /// Keys pressed, each once.
    pub(super) keys: Vec<u8>,
    key_at: Option<u32>,
    /// The key whose tone is to be heard now.
    key_tone: Option<u8>,
    /// Of what is not G.711.
    decoder: Option<Decoder>,
}

/// Hz of a key's tone, by its row and its column.
const ROWS: [u32; 4] = [697, 770, 852, 941];
const COLUMNS: [u32; 3] = [1209, 1336, 1477];
/// Keys by row and column, as telephone-events count them.
const TONE_KEYS: [[u8; 3]; 4] = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 0, 11]];

/// How long a key sounds where no event can say it, samples.
const KEY_SAMPLES: u32 = 800;

/// The two tones of a key, named as telephone-events name it, and a moment of nothing.
#[expect(clippy::cast_possible_truncation, reason = "amplitude 16,000")]
pub(super) fn key_tone(key: u8) -> Vec<i16> {
    let rows = TONE_KEYS.iter().zip(ROWS);
    let place = rows.flat_map(|(keys, row)| keys.iter().zip(COLUMNS).map(move |at| (row, at)));
    let found = place.into_iter().find(|(_, (name, _))| **name == key);
    let Some((row, (_, column))) = found else { return Vec::new() };
    let tone = |hz: u32, n: u32| (TAU * f64::from(hz) * f64::from(n) / RATE_HZ).sin() * 8_000.0;
    let sound = (0..KEY_SAMPLES).map(|n| (tone(row, n) + tone(column, n)) as i16);
    sound.chain(std::iter::repeat_n(0, PACKET_SAMPLES * 2)).collect()
}

impl Ear {
    /// Forgets what it heard, not where the line stands.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
        self.packets = 0;
    }

    /// A new call: a new line may begin.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Hears one packet: sound, or a key of payload type `events`; others only count.
    pub(super) fn hear(&mut self, packet: &[u8], events: u8) {
        let Some((header, payload)) = packet.split_first_chunk::<12>() else { return };
        let [flags, kind, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *header;
        if flags >> 6 != 2 || (64..96).contains(&(kind & 0x7f)) {
            return;
        }
        let timestamp = u32::from_be_bytes([t0, t1, t2, t3]);
        let at = (u32::from_be_bytes([c0, c1, c2, c3]), u16::from_be_bytes([s0, s1]), timestamp);
        if let Some((ssrc, sequence, before)) = self.line {
            let goes_back = timestamp.wrapping_sub(before) > u32::MAX / 2;
            let follows = sequence.wrapping_add(1) == at.1 && !goes_back;
            self.breaks += u32::from(ssrc != at.0 || !follows);
        }
        self.line = Some(at);
        self.packets += 1;
        if kind & 0x7f == events && self.key_at != Some(timestamp) && self.keys.len() < 64 {
            self.key_at = Some(timestamp);
            self.keys.extend(payload.first());
        }
        let codec = match kind & 0x7f {
            0 => Codec::Pcmu,
            8 => Codec::Pcma,
            9 => Codec::G722,
            111 => Codec::Opus,
            _ => return,
        };
        match codec {
            Codec::Pcmu => self.samples.extend(payload.iter().map(|byte| from_mulaw(*byte))),
            Codec::Pcma => self.samples.extend(payload.iter().map(|byte| from_alaw(*byte))),
            Codec::G722 | Codec::Opus => self.decode(codec, payload),
        }
        self.hear_key_tone();
        let over = self.samples.len().saturating_sub(EAR_MAX);
        self.samples.drain(..over);
    }

    fn decode(&mut self, codec: Codec, payload: &[u8]) {
        let same = self.decoder.take().filter(|decoder| decoder.codec() == codec.shared());
        let decoder = self.decoder.insert(same.unwrap_or_else(|| Decoder::new(codec.shared())));
        let mut sound = [0; SOUND_MAX];
        let n_samples = decoder.decode(payload, &mut sound).unwrap_or(0);
        // Nothing that is said here comes near 4 kHz: every other sample of 16,000 a second will do.
        self.samples.extend(sound.iter().take(n_samples).step_by(2));
    }

    /// A key is heard once the last 50 ms are nothing but its tone.
    fn hear_key_tone(&mut self) {
        let start = self.samples.len().saturating_sub(400);
        let window = self.samples.get(start..).unwrap_or(&[]);
        let place =
            first_loud(window, &ROWS).and_then(|row| Some((row, first_loud(window, &COLUMNS)?)));
        let key = place.and_then(|(row, column)| TONE_KEYS.get(row)?.get(column).copied());
        if key.is_some() && self.key_tone.is_none() && self.keys.len() < 64 {
            self.keys.extend(key);
        }
        self.key_tone = key;
    }

    /// Which of these tones the last 100 ms hold: each at least a fifth as strong as a phone's own
    /// tone.
    pub(super) fn tones(&self, candidates: &[u32]) -> Vec<u32> {
        let start = self.samples.len().saturating_sub(800);
        let window = self.samples.get(start..).unwrap_or(&[]);
        let is_there = |hz: &&u32| strength(window, **hz) > 1_600.0;
        candidates.iter().filter(is_there).copied().collect()
    }
}

/// The first of these tones that is as loud as one of a key's two is.
fn first_loud<const N: usize>(window: &[i16], tones: &[u32; N]) -> Option<usize> {
    strengths(window, tones).iter().position(|strength| *strength > 4_000.0)
}

fn strength(window: &[i16], hz: u32) -> f64 {
    let [strength] = strengths(window, &[hz]);
    strength
}

/// Amplitudes of some frequencies, side by side. Source: G. Goertzel 1958.
#[expect(clippy::cast_precision_loss, reason = "at most 800 samples")]
fn strengths<const N: usize>(window: &[i16], tones: &[u32; N]) -> [f64; N] {
    if window.len() < 400 {
        return [0.0; N];
    }
    let twice_cos = tones.map(|hz| 2.0 * (TAU * f64::from(hz) / RATE_HZ).cos());
    let mut states = [(0.0_f64, 0.0_f64); N];
    for sample in window {
        let sample = f64::from(*sample);
        for ((a, b), twice_cos) in states.iter_mut().zip(&twice_cos) {
            (*a, *b) = (sample + twice_cos * *a - *b, *a);
        }
    }
    let mut strengths = [0.0; N];
    for ((strength, (a, b)), twice_cos) in strengths.iter_mut().zip(states).zip(&twice_cos) {
        let power = a * a + b * b - twice_cos * a * b;
        *strength = 2.0 * power.max(0.0).sqrt() / window.len() as f64;
    }
    strengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_says_the_other_hears() {
        for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
            let (mut mouth, mut ear) = (Mouth::new(612, 1), Ear::default());
            (0..10).for_each(|_| ear.hear(&mouth.packet(codec, None), 101));
            assert_eq!(ear.tones(&[425, 612, 700]), [612], "{codec:?}");
            assert_eq!((ear.packets, ear.breaks), (10, 0));
        }
    }

    #[test]
    fn codecs_come_back_within_their_error() {
        for sample in (-32_000..32_000_i16).step_by(97) {
            for back in [from_mulaw(mulaw(sample)), from_alaw(alaw(sample))].map(i32::from) {
                let allowed = i32::from(sample).abs() / 16 + 16;
                assert!((back - i32::from(sample)).abs() <= allowed, "{sample} {back}");
            }
        }
    }

    #[test]
    fn a_key_is_five_packets_of_one_event() {
        let mut mouth = Mouth::new(612, 1);
        mouth.press(11);
        let packets: Vec<_> = (0..5).map(|_| mouth.packet(Codec::Pcmu, Some(101))).collect();
        assert!(!mouth.is_pressing());
        let mut ear = Ear::default();
        packets.iter().for_each(|packet| ear.hear(packet, 101));
        assert_eq!(ear.keys, [11]);
        assert!(packets.iter().all(|p| p.len() == 16 && p[1] & 0x7f == 101 && p[12] == 11));
        assert!(packets.windows(2).all(|pair| pair[0][4..8] == pair[1][4..8]));
        assert_eq!(packets.iter().filter(|p| p[13] & 0x80 != 0).count(), 3);
    }

    #[test]
    fn silence_is_no_tone_and_a_gap_is_a_break() {
        let mut ear = Ear::default();
        let mut packet = vec![0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9];
        packet.extend([0xff; 160]);
        (0..3).for_each(|_| ear.hear(&packet, 101));
        assert_eq!(ear.tones(&[425, 612]), [0; 0]);
        assert_eq!((ear.packets, ear.breaks), (3, 2));
    }
}
