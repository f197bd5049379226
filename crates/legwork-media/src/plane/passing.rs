//! A peer's key on its way to a leg with another codec: its telephone-event in our numbers.
//!
//! Not here: keys of our own (`plane::press`), telling them (`dtmf`).
//! Source: RFC 4733 §2.5.1.3 (long events) and §2.5.1.4 (the end said three times).

use std::time::{Duration, Instant};

use crate::dtmf::TelephoneEvent;
use crate::line::Line;
use crate::rtp::Header;

/// A key of which nothing is heard for this long is over; once its end was heard, for this long.
const SILENT: Duration = Duration::from_millis(100);
const ENDED: Duration = Duration::from_millis(60);

/// A packet this far behind the newest came late; further behind, its sender counts anew.
const LATE_MAX: u32 = 5 * 48_000;

/// The key that was passed on last.
#[derive(Debug)]
pub(super) struct Passing {
    from: Header,
    code: u8,
    /// It lasted so long before this segment of it, in the sender's clock.
    before: u32,
    /// Our segment: its timestamp, and how long the key lasted before it, in our clock.
    timestamp: u32,
    passed: u32,
    has_ended: bool,
    /// Sound follows it.
    is_over: bool,
    heard: Instant,
}

/// How the clock changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    pub(super) from_hz: u32,
    pub(super) to_hz: u32,
    /// Of our timestamps.
    pub(super) line_hz: u32,
}

impl Passing {
    /// Passes on one packet of an event, the first of a press or not: its header and payload. None:
    /// it says nothing new.
    pub(super) fn pass(
        key: &mut Option<Box<Self>>,
        now: Instant,
        line: &mut Line,
        payload_type: u8,
        clocks: Clocks,
        (from, event, is_press): (&Header, TelephoneEvent, bool),
    ) -> Option<(Header, TelephoneEvent)> {
        let known = key.as_mut().filter(|key| key.from.ssrc == from.ssrc && !is_press);
        let step = known.as_ref().map(|key| from.timestamp.wrapping_sub(key.from.timestamp));
        match (known, step) {
            (Some(key), Some(0)) => return key.go_on(now, line, payload_type, clocks, event),
            (Some(_), Some(step)) if step.wrapping_neg() <= LATE_MAX => return None,
            // The next segment of a long one; its sender may stop a few frames before it is full.
            (Some(key), Some(step))
                if (0xf000..=0x1_0000).contains(&step)
                    && !(from.marker || key.has_ended || key.is_over)
                    && key.code == event.code =>
            {
                key.before = key.before.saturating_add(step);
                key.from = *from;
                return key.go_on(now, line, payload_type, clocks, event);
            }
            (_, _) => {}
        }
        let bytes = event.bytes().len();
        let header = line.event(now, payload_type, bytes, true);
        let new = key.insert(Box::new(Self {
            from: *from,
            code: event.code,
            before: 0,
            timestamp: header.timestamp,
            passed: 0,
            has_ended: event.end,
            is_over: false,
            heard: now,
        }));
        let event = new.in_our_clock(clocks, event);
        Some((header, event))
    }

    fn go_on(
        &mut self,
        now: Instant,
        line: &mut Line,
        payload_type: u8,
        clocks: Clocks,
        event: TelephoneEvent,
    ) -> Option<(Header, TelephoneEvent)> {
        if self.is_over {
            return None;
        }
        self.heard = now;
        self.has_ended |= event.end;
        let event = self.in_our_clock(clocks, event);
        let header = line.event_of(now, payload_type, event.bytes().len(), self.timestamp);
        if event.duration == u16::MAX && !event.end {
            // It is full: the next packet is of another segment, right behind this one.
            let full = u64::from(u16::MAX) * u64::from(clocks.line_hz);
            let full = full / u64::from(clocks.to_hz.max(1));
            // Wraps on purpose, as timestamps do.
            self.timestamp = self.timestamp.wrapping_add(full as u32);
            self.passed = self.passed.saturating_add(u32::from(u16::MAX));
        }
        Some((header, event))
    }

    /// The event in our clock, as far as there is room in this segment.
    fn in_our_clock(&self, clocks: Clocks, event: TelephoneEvent) -> TelephoneEvent {
        let lasted = u64::from(self.before) + u64::from(event.duration);
        let lasted = lasted * u64::from(clocks.to_hz) / u64::from(clocks.from_hz.max(1));
        let here = lasted.saturating_sub(u64::from(self.passed));
        let duration = u16::try_from(here).unwrap_or(u16::MAX);
        // An end is said in the segment it lies in: the sender says it three times.
        let end = event.end && here < u64::from(u16::MAX);
        TelephoneEvent { end, duration, ..event }
    }

    /// The key is under way: there is no sound beside it.
    pub(super) fn is_under_way(&self, now: Instant) -> bool {
        let patience = if self.has_ended { ENDED } else { SILENT };
        !self.is_over && now.saturating_duration_since(self.heard) < patience
    }

    /// Its sender speaks again.
    pub(super) fn sound_follows(&mut self) {
        self.is_over = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epoch::epoch;

    const UP: Clocks = Clocks { from_hz: 8000, to_hz: 48_000, line_hz: 48_000 };
    const DOWN: Clocks = Clocks { from_hz: 48_000, to_hz: 8000, line_hz: 8000 };

    /// Passes on events, a packet every 20 ms: timestamp, duration, end, marker of what comes out.
    fn pass(clocks: Clocks, packets: &[(u32, u16, bool, bool)]) -> Vec<(u32, u16, bool, bool)> {
        let (mut key, mut line) = (None, Line::new(1, 0, 0));
        line.set_clock(clocks.line_hz);
        let mut now = epoch();
        let passed = packets.iter().filter_map(|&(timestamp, duration, end, marker)| {
            now += Duration::from_millis(20);
            let from = Header { marker, payload_type: 101, sequence: 0, timestamp, ssrc: 9 };
            let event = TelephoneEvent { code: 5, end, volume: 10, duration };
            let (header, event) =
                Passing::pass(&mut key, now, &mut line, 110, clocks, (&from, event, false))?;
            Some((header.timestamp, event.duration, event.end, header.marker))
        });
        passed.collect()
    }

    #[test]
    fn a_key_keeps_its_length_and_its_end() {
        let packets = [
            (1000, 160, false, true),
            (1000, 320, false, false),
            (1000, 480, true, false),
            (1000, 480, true, false),
            (1000, 480, true, false),
            (1800, 160, false, true),
        ];
        let got = pass(UP, &packets);
        let want = [960, 1920, 2880, 2880, 2880, 960];
        assert_eq!(got.iter().map(|packet| packet.1).collect::<Vec<_>>(), want);
        let flags: Vec<_> = got.iter().map(|packet| (packet.2, packet.3)).collect();
        let of_packets: Vec<_> = packets.iter().map(|packet| (packet.2, packet.3)).collect();
        assert_eq!(flags, of_packets);
        assert!(got[..5].iter().all(|packet| packet.0 == got[0].0));
        assert_eq!(got[5].0 - got[0].0, 5 * 960, "as much later as it came");
    }

    /// A key of 2 s is one segment at 8 kHz and two at 48 kHz.
    #[test]
    fn rfc4733_2_5_1_3_a_long_key_is_cut_into_segments() {
        let packets: Vec<_> =
            (1..=103).map(|n: u16| (0, n.min(100) * 160, n >= 100, n == 1)).collect();
        let got = pass(UP, &packets);
        assert_eq!(got.len(), packets.len());
        let (first, second): (Vec<_>, Vec<_>) =
            got.iter().copied().partition(|packet| packet.0 == got[0].0);
        assert_eq!(first.last().map(|last| (last.1, last.2)), Some((u16::MAX, false)));
        assert!(second.iter().all(|packet| packet.0 == got[0].0 + 0xffff && !packet.3));
        let whole = 0xffff + u32::from(second.last().unwrap().1);
        assert_eq!((whole, second.iter().filter(|packet| packet.2).count()), (96_000, 4));
        // And back: two segments become one.
        let back = pass(DOWN, &got);
        assert!(back.iter().all(|packet| packet.0 == back[0].0));
        assert!(back.windows(2).all(|pair| pair[0].1 <= pair[1].1));
        assert_eq!(back.last().map(|last| (last.1, last.2)), Some((16_000, true)));
        assert_eq!(back.iter().filter(|packet| packet.3).count(), 1);
    }

    #[test]
    fn what_comes_late_is_not_pressed_again() {
        let packets =
            [(5000, 160, false, true), (4000, 480, true, false), (5000, 320, true, false)];
        assert_eq!(pass(UP, &packets).len(), 2);
    }
}
