//! A peer's keys as tones, for a leg that knows no telephone-events.
//!
//! Not here: keys passed on as events (`plane::passing`), keys of our own (`plane::press`).
//! Source: RFC 4733 §2.5.1.3 (long events), §2.6 (gateways); ITU-T Q.24 (40 ms are heard, a gap of
//! 40 ms tells two keys apart).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::dtmf::TelephoneEvent;
use crate::limit;
use crate::rtp::Header;

/// A key of which nothing is heard for this long is over, if its end was lost.
const SILENT: Duration = Duration::from_millis(100);
/// Frames a key sounds at least: 80 ms.
const SHORTEST: u32 = 4;
/// Frames between two keys at least: 60 ms.
const GAP: u32 = 3;

/// Keys that sound, one after the other.
#[derive(Debug, Default)]
pub(super) struct Toning {
    keys: VecDeque<Key>,
    /// Frames of the gap behind the last one that are still to come.
    gap: u32,
}

#[derive(Debug)]
struct Key {
    key: u8,
    /// Of its segment, and how long it lasted before that, in the sender's clock.
    timestamp: u32,
    before: u32,
    /// Frames it lasted as far as is known, and frames that were heard of it.
    lasts: u32,
    n_heard: u32,
    has_ended: bool,
    told: Instant,
}

/// What 20 ms are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing is heard: another key follows.
    Gap,
    /// So many frames after the key began.
    Key(u8, u32),
}

impl Toning {
    /// A packet of an event; `key` is what it presses, if it is the first of a press. Counted in
    /// this clock.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        key: Option<u8>,
        from: &Header,
        event: TelephoneEvent,
        clock_hz: u32,
    ) {
        if let Some(key) = key
            && self.keys.len() < limit::KEYS_TONED
        {
            self.keys.push_back(Key {
                key,
                timestamp: from.timestamp,
                before: 0,
                lasts: 0,
                n_heard: 0,
                has_ended: false,
                told: now,
            });
        }
        // Those of an earlier one are known: its end, said again.
        let code = crate::dtmf::key(event.code);
        let Some(last) = self.keys.back_mut().filter(|last| Some(last.key) == code) else { return };
        let step = from.timestamp.wrapping_sub(last.timestamp);
        if step > 0x1_0000 {
            return;
        }
        (last.timestamp, last.before) = (from.timestamp, last.before.saturating_add(step));
        let lasted = last.before.saturating_add(u32::from(event.duration));
        last.lasts = last.lasts.max(lasted.div_ceil((clock_hz / 50).max(1)));
        last.has_ended |= event.end;
        last.told = now;
    }

    /// Something is to be heard of a key.
    pub(super) fn is_on(&self) -> bool {
        !self.keys.is_empty()
    }

    /// What the next 20 ms are. None: no key sounds.
    pub(super) fn next_frame(&mut self, now: Instant) -> Option<Tone> {
        let key = self.keys.front_mut()?;
        if self.gap > 0 {
            self.gap -= 1;
            return Some(Tone::Gap);
        }
        let frame = key.n_heard;
        key.n_heard += 1;
        let is_held = !key.has_ended && now.saturating_duration_since(key.told) < SILENT;
        if key.n_heard >= key.lasts.max(SHORTEST) && !is_held {
            let key = self.keys.pop_front()?.key;
            self.gap = if self.keys.is_empty() { 0 } else { GAP };
            return Some(Tone::Key(key, frame));
        }
        Some(Tone::Key(key.key, frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtmf::Keys;
    use crate::epoch::epoch;

    const TICK: Duration = Duration::from_millis(20);

    /// One packet of an event a tick: timestamp, code, duration, end. What is heard: a key, or a
    /// point where there is none.
    fn heard(clock_hz: u32, packets: &[Option<(u32, u8, u16, bool)>]) -> String {
        let (mut toning, mut keys, mut now) = (Toning::default(), Keys::default(), epoch());
        let ticks = packets.iter().copied().chain([None; 40]).map(|packet| {
            if let Some((timestamp, code, duration, end)) = packet {
                let event = TelephoneEvent { code, end, volume: 10, duration };
                let (payload_type, sequence) = (101, 0);
                let from = Header { marker: false, payload_type, sequence, timestamp, ssrc: 1 };
                let key = keys.handle(&from, event);
                toning.handle(now, key, &from, event, clock_hz);
            }
            now += TICK;
            match toning.next_frame(now) {
                Some(Tone::Key(key, _)) => char::from(key),
                Some(Tone::Gap) => '_',
                None => '.',
            }
        });
        let heard: String = ticks.collect();
        heard.trim_end_matches('.').to_owned()
    }

    fn press(timestamp: u32, code: u8, each: u16, n: u16) -> Vec<Option<(u32, u8, u16, bool)>> {
        let packet = |n_sent: u16| Some((timestamp, code, n_sent.min(n) * each, n_sent >= n));
        (1..n + 3).map(packet).collect()
    }

    #[test]
    fn a_key_sounds_as_long_as_it_was_pressed() {
        assert_eq!(heard(8000, &press(0, 5, 160, 5)), "55555");
        assert_eq!(heard(48_000, &press(0, 5, 960, 12)), "5".repeat(12));
        assert_eq!(heard(8000, &press(0, 11, 160, 1)), "####", "80 ms at least");
        // Its beginning lost: not its length.
        assert_eq!(heard(8000, &press(0, 5, 160, 10)[6..]), "5".repeat(10));
        // Its end lost.
        let cut = heard(8000, &press(0, 5, 160, 10)[..9]);
        assert!((9..=15).contains(&cut.len()), "{cut}");
    }

    #[test]
    fn keys_have_a_gap_between_them_and_flash_is_none() {
        let two = [press(0, 1, 160, 4), press(960, 1, 160, 4)].concat();
        assert_eq!(heard(8000, &two), "1111..1111");
        // All at once: behind a network that held them back.
        let burst: Vec<_> = (0..20).map(|n| Some((n * 1600, n as u8 % 10, 800, true))).collect();
        let heard_of = heard(8000, &burst);
        assert!(heard_of.starts_with("00000___11111___22222"), "{heard_of}");
        assert_eq!(heard(8000, &press(0, 16, 160, 5)), "");
    }

    #[test]
    fn rfc4733_2_5_1_3_a_long_key_is_one_tone() {
        let first = (1..=409).map(|n: u32| Some((0, 7, (n * 160).min(0xffff) as u16, false)));
        let second = (1..=10).map(|n: u16| Some((0xffff, 7, n * 160, n == 10)));
        let packets: Vec<_> = first.chain(second).collect();
        let heard = heard(8000, &packets);
        assert!(heard.chars().all(|key| key == '7'), "{heard}");
        assert_eq!(heard.len(), 420, "8.19 s and 0.2 s");
    }

    #[test]
    fn keys_that_wait_are_bounded() {
        let mut toning = Toning::default();
        let event = TelephoneEvent { code: 1, end: true, volume: 0, duration: 0xffff };
        for n in 0..1000 {
            let from = Header {
                marker: true,
                payload_type: 101,
                sequence: 0,
                timestamp: n * 9000,
                ssrc: 1,
            };
            toning.handle(epoch(), Some(b'1'), &from, event, 8000);
        }
        assert_eq!(toning.keys.len(), limit::KEYS_TONED);
    }
}
