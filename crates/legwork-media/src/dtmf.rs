//! Keys pressed during a call: telephone-event read, written, and told once per press.
//!
//! Not here: passing them on (`plane`).
//! Source: RFC 4733 §2.3 and §2.5.

use crate::rtp::Header;

/// The sixteen keys in the order of their event codes.
const KEYS: &[u8; 16] = b"0123456789*#ABCD";

/// A packet this far behind the newest, in units of the clock and in packets, came late; further
/// behind, or ahead in one of them, its sender has begun to count anew.
const LATE_MAX: u32 = 5 * 48_000;
const LATE_PACKETS_MAX: u16 = 250;

/// A telephone-event payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// Event code: 0–15 are keys, 16 is flash.
    pub code: u8,
    /// The last packet of the event.
    pub end: bool,
    /// Level as 0 to −63 dBm0, without its sign.
    pub volume: u8,
    /// Time since the packet's timestamp, in units of the clock.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Reads a payload. Redundant events behind the first are not looked at.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[code, flags, high, low] = payload.first_chunk::<4>()?;
        Some(Self {
            code,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// As a payload.
    pub fn bytes(&self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, (self.volume & 0x3f) | (u8::from(self.end) << 7), high, low]
    }
}

/// Lets a payload's duration count in another clock rate; one that has no room is the longest.
pub fn change_clock(from_hz: u32, to_hz: u32, payload: &mut [u8]) {
    let Some(event) = TelephoneEvent::parse(payload).filter(|_| from_hz != to_hz) else { return };
    let duration = u64::from(event.duration) * u64::from(to_hz) / u64::from(from_hz.max(1));
    let duration = u16::try_from(duration).unwrap_or(u16::MAX);
    if let Some(payload) = payload.first_chunk_mut() {
        *payload = TelephoneEvent { duration, ..event }.bytes();
    }
}

/// The key of an event code: one of `0-9*#A-D`.
pub fn key(code: u8) -> Option<u8> {
    KEYS.get(usize::from(code)).copied()
}

/// The event code of a key.
pub fn code(key: u8) -> Option<u8> {
    let index = KEYS.iter().position(|&known| known == key.to_ascii_uppercase())?;
    u8::try_from(index).ok()
}

/// What one stream pressed last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    last: Option<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    ssrc: u32,
    timestamp: u32,
    /// Of its newest packet.
    sequence: u16,
    code: u8,
    ended: bool,
}

impl Keys {
    /// An event arrived: the key, if this is a new press. A press is told by its timestamp, so
    /// repeated and reordered packets change nothing; a key held so long that its duration ran
    /// over goes on in a segment with a new timestamp and is still the same press.
    pub fn handle(&mut self, header: &Header, event: TelephoneEvent) -> Option<u8> {
        let press = Press {
            ssrc: header.ssrc,
            timestamp: header.timestamp,
            sequence: header.sequence,
            code: event.code,
            ended: event.end,
        };
        let Some(last) = self.last.filter(|last| last.ssrc == press.ssrc) else {
            self.last = Some(press);
            return key(press.code);
        };
        let step = press.timestamp.wrapping_sub(last.timestamp);
        let is_newer = press.sequence.wrapping_sub(last.sequence).cast_signed() > 0;
        if step == 0 && (press.code == last.code || !last.ended || !is_newer) {
            let ended = last.ended || press.ended && press.code == last.code;
            let sequence = if is_newer { press.sequence } else { last.sequence };
            self.last = Some(Press { ended, sequence, ..last });
            return None;
        }
        let behind = last.timestamp.wrapping_sub(press.timestamp);
        let n_behind = last.sequence.wrapping_sub(press.sequence);
        if (1..=LATE_MAX).contains(&behind) && n_behind <= LATE_PACKETS_MAX {
            return None;
        }
        self.last = Some(press);
        // A segment ends when the duration is full; senders stop up to a few frames before.
        let full = (0xf000..=0x1_0000).contains(&step);
        let goes_on = full && !header.marker && !last.ended && last.code == press.code;
        if goes_on { None } else { key(press.code) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(
        timestamp: u32,
        code: u8,
        duration: u16,
        marker: bool,
        end: bool,
    ) -> (Header, [u8; 4]) {
        let header = Header { marker, payload_type: 101, sequence: 0, timestamp, ssrc: 1 };
        (header, TelephoneEvent { code, end, volume: 10, duration }.bytes())
    }

    fn pressed(packets: &[(Header, [u8; 4])]) -> String {
        let mut keys = Keys::default();
        let told = packets.iter().filter_map(|(header, payload)| {
            keys.handle(header, TelephoneEvent::parse(payload).unwrap())
        });
        told.map(char::from).collect()
    }

    #[test]
    fn keys_and_codes() {
        assert_eq!(
            (key(0), key(10), key(11), key(15)),
            (Some(b'0'), Some(b'*'), Some(b'#'), Some(b'D'))
        );
        assert_eq!((key(16), key(255)), (None, None));
        assert_eq!((code(b'#'), code(b'a'), code(b'x')), (Some(11), Some(12), None));
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
    }

    /// Event, E, R, volume, duration; R says nothing, and what follows is redundant.
    #[test]
    fn rfc4733_2_3_the_fields_of_an_event() {
        let event = TelephoneEvent { code: 5, end: true, volume: 10, duration: 800 };
        assert_eq!(event.bytes(), [5, 0x8a, 0x03, 0x20]);
        for payload in [&[5, 0x8a, 0x03, 0x20][..], &[5, 0xca, 0x03, 0x20], &[5, 0x8a, 3, 32, 9]] {
            assert_eq!(TelephoneEvent::parse(payload), Some(event), "{payload:?}");
        }
        let quietest = TelephoneEvent { code: 0, end: false, volume: 63, duration: 0xffff };
        assert_eq!(TelephoneEvent::parse(&[0, 0x3f, 0xff, 0xff]), Some(quietest));
    }

    #[test]
    fn a_press_is_told_once() {
        let p = [
            packet(1000, 5, 160, true, false),
            packet(1000, 5, 320, false, false),
            packet(1000, 5, 480, false, true),
            packet(1000, 5, 480, false, true),
            packet(1000, 5, 480, false, true),
        ];
        assert_eq!(pressed(&p), "5");
        // Whatever is lost, as long as one packet arrives.
        for one in p {
            assert_eq!(pressed(&[one]), "5");
        }
        // Out of order, behind the next key.
        let next = packet(3000, 5, 160, true, false);
        assert_eq!(pressed(&[p[0], next, p[4], p[4], next]), "55");
    }

    #[test]
    fn timestamps_that_begin_anew_or_wrap_are_presses() {
        let p = [
            packet(u32::MAX - 10, 1, 160, true, false),
            packet(2000, 2, 160, true, false),
            // Late.
            packet(u32::MAX - 10, 1, 480, false, true),
            packet(900_000_000, 3, 160, true, true),
            // After a hold, for some phones.
            packet(5000, 4, 160, true, true),
            packet(5000, 4, 160, true, true),
        ];
        assert_eq!(pressed(&p), "1234");
    }

    /// Some gateways give keys that follow each other one timestamp.
    #[test]
    fn another_key_with_the_timestamp_of_the_one_before_is_a_press() {
        let at = |sequence: u16, code: u8, end: bool| {
            let (header, payload) = packet(1000, code, 480, false, end);
            (Header { sequence, ..header }, payload)
        };
        let p = [at(1, 5, false), at(2, 5, true), at(3, 5, true), at(4, 6, false), at(5, 6, true)];
        assert_eq!(pressed(&p), "56");
        // What comes late of the first is no third.
        assert_eq!(pressed(&[p[0], p[1], p[3], p[2], p[4], p[2]]), "56");
        // Two keys at once are one.
        assert_eq!(pressed(&[at(1, 5, false), at(2, 6, false), at(3, 5, false)]), "5");
    }

    /// After a re-INVITE some phones count from zero, in one of both or in both.
    #[test]
    fn a_sender_that_counts_anew_is_heard() {
        let at = |sequence: u16, timestamp: u32| {
            let (header, payload) = packet(timestamp, 5, 480, true, true);
            (Header { sequence, ..header }, payload)
        };
        assert_eq!(pressed(&[at(1000, 100_000), at(1001, 0)]), "55");
        assert_eq!(pressed(&[at(1000, 100_000), at(1, 0)]), "55");
        assert_eq!(pressed(&[at(1000, 100_000), at(1, 101_000)]), "55");
        assert_eq!(pressed(&[at(1000, 100_000), at(990, 99_000)]), "5", "late");
    }

    #[test]
    fn the_same_key_twice_is_two_presses() {
        let again = [packet(1000, 5, 480, false, true), packet(2000, 5, 480, false, true)];
        assert_eq!(pressed(&again), "55");
        // All end packets of the first lost.
        let again = [packet(1000, 5, 480, true, false), packet(2000, 5, 160, false, false)];
        assert_eq!(pressed(&again), "55");
    }

    #[test]
    fn a_key_held_for_long_is_one_press() {
        let held = [
            packet(1000, 7, 160, true, false),
            packet(1000, 7, 0xffff, false, false),
            packet(1000 + 0xffff, 7, 160, false, false),
            packet(1000 + 0xffff, 7, 0xffff, false, false),
            packet(1000 + 2 * 0xffff, 7, 160, false, true),
        ];
        assert_eq!(pressed(&held), "7");
    }

    #[test]
    fn flash_and_unknown_events_are_no_keys() {
        assert_eq!(pressed(&[packet(1, 16, 1, true, false), packet(9, 200, 1, true, false)]), "");
    }
}
