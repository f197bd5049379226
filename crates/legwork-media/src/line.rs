//! A leg's own RTP line: one SSRC, one run of sequence numbers and timestamps, whatever feeds it.
//!
//! Not here: payloads, addresses (`plane`).
//! Source: RFC 3550 §5.1 and §7.1 (a translator keeps gaps and order of what it passes on).

use std::time::{Duration, Instant};

use crate::rtp::Header;

/// How far sequence numbers of one stream may jump before it counts as a new stream
/// (RFC 3550 A.1, `MAX_DROPOUT`).
const SEQUENCE_JUMP_MAX: u16 = 3000;

/// How far timestamps may stray from the real time between two packets of one stream.
const STRAY_MAX: Duration = Duration::from_secs(2);

/// What a leg is sent, as its receiver sees it.
#[derive(Clone, Debug)]
pub struct Line {
    ssrc: u32,
    clock_hz: u32,
    /// Of the next new packet.
    sequence: u16,
    /// Of the newest packet sent, and when that was; if it has the timestamp of those before, when
    /// the first of them was.
    timestamp: u32,
    sent: Option<Instant>,
    /// The next packet begins a talkspurt.
    fresh: bool,
    relay: Option<Relay>,
    packets: u32,
    octets: u32,
}

/// How the stream passed on maps to ours.
#[derive(Clone, Copy, Debug)]
struct Relay {
    ssrc: u32,
    sequence_offset: u16,
    timestamp_offset: u32,
    /// First number of ours used for it: older packets came before the change and are dropped.
    floor: u16,
    newest_sequence: u16,
    newest_timestamp: u32,
}

/// How far `a` is ahead of `b`.
fn ahead(a: u16, b: u16) -> i16 {
    a.wrapping_sub(b).cast_signed()
}

impl Line {
    /// A line that begins here; all three should be random.
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            clock_hz: 8000,
            sequence,
            timestamp,
            sent: None,
            fresh: true,
            relay: None,
            packets: 0,
            octets: 0,
        }
    }

    /// Its SSRC.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Packets and payload bytes sent so far, for sender reports.
    pub fn sent(&self) -> (u32, u32) {
        (self.packets, self.octets)
    }

    /// Timestamps count in this rate from now on.
    pub fn set_clock(&mut self, clock_hz: u32) {
        self.clock_hz = clock_hz;
    }

    /// What feeds it changes, or pauses: the next packet begins anew.
    pub fn interrupt(&mut self) {
        self.fresh = true;
        self.relay = None;
    }

    /// The timestamp of something sampled now: real time since the newest packet passed, and a
    /// frame at least.
    pub fn timestamp_at(&self, now: Instant) -> u32 {
        let Some(sent) = self.sent else { return self.timestamp };
        let elapsed = now.saturating_duration_since(sent).max(Duration::from_millis(20));
        self.timestamp.wrapping_add(self.ticks(elapsed))
    }

    /// Header of the next packet of our own making.
    pub fn generate(&mut self, now: Instant, payload_type: u8, payload_bytes: usize) -> Header {
        self.relay = None;
        let header = Header {
            marker: self.fresh,
            payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp_at(now),
            ssrc: self.ssrc,
        };
        self.note(now, &header, payload_bytes);
        header
    }

    /// Header of the next packet of a telephone-event of ours, which may have begun with an earlier
    /// one: all packets of an event have the timestamp of its beginning (RFC 4733 §2.5.1).
    pub fn event(&mut self, now: Instant, payload_type: u8, bytes: usize, begins: bool) -> Header {
        if begins {
            self.fresh = true;
            return self.generate(now, payload_type, bytes);
        }
        self.event_of(now, payload_type, bytes, self.timestamp)
    }

    /// Header of a packet of the event that began at this timestamp, or of a segment of it.
    pub fn event_of(&mut self, now: Instant, payload_type: u8, bytes: usize, began: u32) -> Header {
        let (fresh, timestamp, sent) = (self.fresh, self.timestamp, self.sent);
        let header =
            Header { marker: false, timestamp: began, ..self.generate(now, payload_type, bytes) };
        // Time is counted from the event's beginning, or from the sound behind it.
        (self.fresh, self.timestamp, self.sent) = (fresh, timestamp, sent);
        header
    }

    /// Header to pass a packet on with. None: it is from before a change and comes too late.
    pub fn relay(
        &mut self,
        now: Instant,
        from: &Header,
        payload_type: u8,
        payload_bytes: usize,
    ) -> Option<Header> {
        let relay = match self.relay {
            Some(relay) if self.continues(now, &relay, from) => relay,
            Some(_) | None => self.start_relay(now, from),
        };
        let sequence = from.sequence.wrapping_add(relay.sequence_offset);
        if ahead(sequence, relay.floor) < 0 {
            return None;
        }
        let header = Header {
            marker: from.marker || self.fresh,
            payload_type,
            sequence,
            timestamp: from.timestamp.wrapping_add(relay.timestamp_offset),
            ssrc: self.ssrc,
        };
        self.note(now, &header, payload_bytes);
        self.advance(relay, from);
        Some(header)
    }

    /// A packet of the stream passed on is left out on purpose: the numbers close up behind it.
    pub fn skip(&mut self, from: &Header) {
        let Some(relay) = self.relay.filter(|relay| relay.ssrc == from.ssrc) else { return };
        let jump = ahead(from.sequence, relay.newest_sequence);
        if jump > 0 && jump.unsigned_abs() <= SEQUENCE_JUMP_MAX {
            let sequence_offset = relay.sequence_offset.wrapping_sub(1);
            self.advance(Relay { sequence_offset, ..relay }, from);
        }
    }

    fn start_relay(&mut self, now: Instant, from: &Header) -> Relay {
        self.fresh = true;
        Relay {
            ssrc: from.ssrc,
            sequence_offset: self.sequence.wrapping_sub(from.sequence),
            timestamp_offset: self.timestamp_at(now).wrapping_sub(from.timestamp),
            floor: self.sequence,
            newest_sequence: from.sequence,
            newest_timestamp: from.timestamp,
        }
    }

    /// The packet belongs to the stream we pass on, and that did not start over.
    fn continues(&self, now: Instant, relay: &Relay, from: &Header) -> bool {
        let jump = ahead(from.sequence, relay.newest_sequence);
        if from.ssrc != relay.ssrc || jump.unsigned_abs() > SEQUENCE_JUMP_MAX {
            return false;
        }
        let step = from.timestamp.wrapping_sub(relay.newest_timestamp).cast_signed();
        if step.unsigned_abs() <= self.clock_hz {
            return true;
        }
        let Some(sent) = self.sent else { return false };
        let elapsed = self.ticks(now.saturating_duration_since(sent));
        let stray = step.wrapping_sub(elapsed.cast_signed());
        stray.unsigned_abs() <= self.ticks(STRAY_MAX)
    }

    fn advance(&mut self, relay: Relay, from: &Header) {
        let newer = ahead(from.sequence, relay.newest_sequence) >= 0;
        self.relay = Some(if newer {
            let newest_sequence = from.sequence;
            Relay { newest_sequence, newest_timestamp: from.timestamp, ..relay }
        } else {
            relay
        });
    }

    fn note(&mut self, now: Instant, header: &Header, payload_bytes: usize) {
        self.fresh = false;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(payload_bytes).unwrap_or(0));
        if ahead(header.sequence, self.sequence) >= 0 {
            self.sequence = header.sequence.wrapping_add(1);
            // A key that is held repeats its timestamp: time is counted from its beginning.
            if self.sent.is_none() || header.timestamp != self.timestamp {
                self.timestamp = header.timestamp;
                self.sent = Some(now);
            }
        }
    }

    fn ticks(&self, time: Duration) -> u32 {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // Wraps on purpose, as timestamps do.
        (micros.wrapping_mul(u64::from(self.clock_hz)) / 1_000_000) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(ssrc: u32, sequence: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 0, sequence, timestamp, ssrc }
    }

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn numbers_go_on_over_every_change() {
        let start = crate::epoch::epoch();
        let mut line = Line::new(1, 65_534, u32::MAX - 100);
        let a = line.generate(start, 0, 160);
        let b = line.generate(after(start, 20), 0, 160);
        line.interrupt();
        let c = line.relay(after(start, 1020), &header(9, 500, 77), 8, 160).unwrap();
        let d = line.relay(after(start, 1040), &header(9, 501, 237), 8, 160).unwrap();
        let e = line.relay(after(start, 1060), &header(10, 3, 1), 8, 160).unwrap();
        let all = [a, b, c, d, e];
        assert_eq!(all.map(|h| h.sequence), [65_534, 65_535, 0, 1, 2]);
        let first = u32::MAX - 100;
        assert_eq!(all.map(|h| h.timestamp.wrapping_sub(first)), [0, 160, 8160, 8320, 8480]);
        assert_eq!(all.map(|h| h.marker), [true, false, true, false, true]);
        assert!(all.iter().all(|h| h.ssrc == 1));
    }

    #[test]
    fn an_event_keeps_its_timestamp_and_sound_goes_on_behind_it() {
        let start = crate::epoch::epoch();
        let mut line = Line::new(1, 10, 1000);
        let at = |n: u64| after(start, 20 * n);
        let a = line.generate(at(0), 0, 160);
        let event: Vec<_> = (1..4).map(|n| line.event(at(n), 101, 4, n == 1)).collect();
        let b = line.generate(at(4), 0, 160);
        assert_eq!(event.iter().map(|h| h.timestamp).collect::<Vec<_>>(), [1160; 3]);
        assert_eq!(event.iter().map(|h| h.marker).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(event.iter().map(|h| h.sequence).collect::<Vec<_>>(), [11, 12, 13]);
        assert_eq!((a.timestamp, b.timestamp, b.sequence, b.marker), (1000, 1640, 14, false));
    }

    #[test]
    fn loss_and_order_of_a_relayed_stream_are_kept() {
        let start = crate::epoch::epoch();
        let mut line = Line::new(1, 100, 0);
        let mut relay = |sequence: u16| {
            let from = header(9, sequence, u32::from(sequence) * 160);
            line.relay(start, &from, 0, 160).map(|h| h.sequence)
        };
        let got = [10, 11, 13, 12, 12, 20, 9].map(&mut relay);
        let want = [Some(100), Some(101), Some(103), Some(102), Some(102), Some(110), None];
        assert_eq!(got, want);
    }

    #[test]
    fn packets_left_out_leave_no_gap() {
        let mut line = Line::new(1, 100, 0);
        let start = crate::epoch::epoch();
        let mut numbers = Vec::new();
        for n in 0..10 {
            let from = header(9, 10 + n, u32::from(n) * 160);
            if n % 3 == 1 {
                line.skip(&from);
                continue;
            }
            numbers.push(line.relay(start, &from, 0, 160).unwrap().sequence);
        }
        assert_eq!(numbers, [100, 101, 102, 103, 104, 105, 106]);
    }

    #[test]
    fn a_stream_that_starts_over_goes_on() {
        let start = crate::epoch::epoch();
        let mut line = Line::new(1, 100, 1000);
        line.relay(start, &header(9, 10, 0), 0, 160).unwrap();
        // Sequence jumps, same SSRC.
        let a = line.relay(after(start, 20), &header(9, 40_000, 160), 0, 160).unwrap();
        assert_eq!((a.sequence, a.timestamp, a.marker), (101, 1160, true));
        // Timestamp jumps, same SSRC.
        let b = line.relay(after(start, 40), &header(9, 40_001, 9_999_999), 0, 160).unwrap();
        assert_eq!((b.sequence, b.timestamp, b.marker), (102, 1320, true));
        // Ten seconds of silence are no jump.
        let from = header(9, 40_002, 9_999_999 + 80_000);
        let c = line.relay(after(start, 10_040), &from, 0, 160).unwrap();
        assert_eq!((c.sequence, c.timestamp, c.marker), (103, 81_320, false));
    }
}
