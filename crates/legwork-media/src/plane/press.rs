//! Keys being pressed towards a leg: what each 20 ms of it are.
//!
//! Not here: the packets (`plane::leg`), the keys of a peer (`dtmf`).
//! Source: RFC 4733 §2.5.1 (the end is said three times); ITU-T Q.24 (40 ms are heard, a gap of 40 ms
//! tells two keys apart: twice as long and more is safe); Twilio, "TwiML Voice: Number", `sendDigits`.

use std::collections::VecDeque;

use crate::{dtmf, limit};

/// Frames a key sounds: 100 ms.
const SOUNDS: u16 = 5;
/// Frames in which its event is sent: the end three times.
const EVENTS: u16 = SOUNDS + 2;
/// Frames from one key to the next: 200 ms.
const EACH: u16 = 10;
/// Frames of `w`: half a second.
const WAIT: u16 = 25;

/// Keys that wait, and how far the first one is.
#[derive(Debug, Default)]
pub(super) struct Pressing {
    keys: VecDeque<u8>,
    frame: u16,
}

/// What 20 ms are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Nothing is heard.
    Gap,
    /// So many frames after a key was pressed.
    Key { key: u8, frame: u16 },
}

impl Frame {
    /// Its part of the key's event: code, how many frames it has lasted by the end of this one,
    /// and whether that was all.
    pub(super) fn event(self) -> Option<(u8, u16, bool)> {
        let Self::Key { key, frame } = self else { return None };
        let lasted = (frame + 1).min(SOUNDS);
        Some((dtmf::code(key)?, lasted, lasted == SOUNDS)).filter(|_| frame < EVENTS)
    }

    /// Its part of the key's tone: the key, and frames since its beginning.
    pub(super) fn sound(self) -> Option<(u8, u16)> {
        match self {
            Self::Key { key, frame } if frame < SOUNDS => Some((key, frame)),
            Self::Key { .. } | Self::Gap => None,
        }
    }
}

impl Pressing {
    /// Presses these after those that wait: `0-9*#A-D`, and `w`, which waits. Others are passed
    /// over, and what is beyond the limit. No keys at all: those that wait are forgotten, the one that
    /// sounds comes to its end.
    pub(super) fn add(&mut self, keys: &[u8]) {
        if keys.is_empty() {
            self.keys.truncate(usize::from(self.frame > 0));
        }
        let known = keys.iter().filter(|key| **key == b'w' || dtmf::code(**key).is_some());
        let room = limit::KEYS_SENT.saturating_sub(self.keys.len());
        self.keys.extend(known.take(room).map(|key| match key {
            b'w' => b'w',
            key => key.to_ascii_uppercase(),
        }));
    }

    /// What the next 20 ms are; none: all is pressed.
    pub(super) fn next_frame(&mut self) -> Option<Frame> {
        let key = *self.keys.front()?;
        let frame = self.frame;
        let (lasts, now) = match key {
            b'w' => (WAIT, Frame::Gap),
            key => (EACH, Frame::Key { key, frame }),
        };
        self.frame += 1;
        if self.frame == lasts {
            self.frame = 0;
            self.keys.pop_front();
        }
        Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(keys: &str) -> Vec<Frame> {
        let mut pressing = Pressing::default();
        pressing.add(keys.as_bytes());
        std::iter::from_fn(|| pressing.next_frame()).collect()
    }

    #[test]
    fn a_key_is_a_tenth_of_a_second_and_its_end_is_said_thrice() {
        let all = frames("#");
        assert_eq!(all.len(), 10);
        let events: Vec<_> = all.iter().filter_map(|frame| frame.event()).collect();
        let lasted = [1, 2, 3, 4, 5, 5, 5];
        assert_eq!(events, lasted.map(|n| (11, n, n == 5)));
        let sounds: Vec<_> = all.iter().filter_map(|frame| frame.sound()).collect();
        assert_eq!(sounds, [0, 1, 2, 3, 4].map(|n| (b'#', n)));
    }

    #[test]
    fn what_waits_is_forgotten_and_what_sounds_ends() {
        let mut pressing = Pressing::default();
        pressing.add(b"1w2");
        pressing.next_frame();
        pressing.add(b"");
        assert_eq!(std::iter::from_fn(|| pressing.next_frame()).count(), usize::from(EACH) - 1);
        pressing.add(b"12");
        pressing.add(b"");
        assert_eq!(pressing.next_frame(), None);
    }

    #[test]
    fn a_wait_is_half_a_second() {
        assert_eq!(frames("ww").len(), 50);
        assert_eq!(frames("1w2").len(), 45);
        assert!(frames("w").iter().all(|frame| frame.event().is_none()));
    }

    #[test]
    fn what_is_no_key_is_passed_over_and_more_than_the_limit_too() {
        assert_eq!(frames("").len(), 0);
        assert_eq!(frames("x -\u{e9}").len(), 0);
        let many = "5".repeat(limit::KEYS_SENT + 1);
        assert_eq!(frames(&many).len(), 10 * limit::KEYS_SENT);
        assert_eq!(frames(&many[1..]).len(), 10 * limit::KEYS_SENT);
    }
}
