//! Keys the far end of a leg presses: each told once, however it came.
//!
//! A phone may say a key twice: in its sound (as telephone-event, or tones where those are listened
//! for) and by INFO. The second within 300 ms is the same press. What comes by INFO no media thread
//! can pass on: it is pressed towards whom the leg talks with, unless the leg's sound says keys. Of a phone
//! that knows telephone-events the first one by INFO waits for 300 ms, to see whether it does.
//! Not here: what a key does (`dial`, `verb`), keys we press (`digits`).
//! Source: RFC 4733; RFC 6086 §2; `legwork-sip`, `info`.

use std::time::Instant;

use crate::calls::Calls;
use crate::conference::Conferring;
use crate::leg::{Doing, Leg, LegId};
use crate::limit;
use crate::run::Step;
use crate::timer::{Due, TimerKey};

/// How a key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// In the sound of the leg.
    Sound,
    /// In the body of an INFO.
    Info,
}

/// A key that was said one way.
#[derive(Clone, Copy, Debug)]
struct Press {
    key: u8,
    by: By,
    at: Instant,
}

/// What a leg has pressed lately.
#[derive(Debug, Default)]
pub(crate) struct Pressed {
    recent: Vec<Press>,
    /// Its sound says keys.
    by_sound: bool,
    /// Its sound has said nothing beside an INFO.
    by_info: bool,
    /// Came by INFO, and may yet come in its sound.
    waiting: String,
    /// Whom they were pressed towards.
    towards: Option<LegId>,
    /// Until then.
    pub(crate) deadline: Option<TimerKey>,
}

impl Pressed {
    /// Is it a press of its own? Each press excuses one that comes the other way.
    fn is_new(&mut self, key: u8, by: By, at: Instant) -> bool {
        self.by_sound |= by == By::Sound;
        self.recent.retain(|press| at.saturating_duration_since(press.at) <= limit::SAME_PRESS);
        let same = self.recent.iter().position(|press| press.key == key && press.by != by);
        if let Some(same) = same {
            self.recent.remove(same);
            return false;
        }
        if self.recent.len() < limit::RECENT_PRESSES_MAX {
            self.recent.push(Press { key, by, at });
        }
        true
    }
}

impl Leg {
    /// A key in its sound means something, and comes as nothing else. While its document goes on it is listened
    /// to further, so that a tone that ended one verb is no key to the next.
    pub(crate) fn hears_keys(&self) -> bool {
        let events = self.media.negotiation.agreed().and_then(|agreed| agreed.telephone_event);
        let Some(run) = self.run.as_ref().filter(|_| self.media.open && events.is_none()) else {
            return false;
        };
        let talks = matches!(self.doing, Doing::Bridged { .. });
        let goes_on = !talks && self.media.hearing.as_ref().is_some_and(|hearing| hearing.keys);
        let by_step = match &run.step {
            Step::Dialling(dialling) => {
                talks && dialling.verb.hangup_on_star && dialling.bridged.is_some()
            }
            Step::Gathering(gathering) => gathering.hears_keys(),
            Step::Recording(message) => message.hears_keys(),
            Step::Connected(connected) => connected.hears_keys(),
            Step::Ready
            | Step::Fetching { .. }
            | Step::Preparing { .. }
            | Step::Playing { .. }
            | Step::Pressing(_)
            | Step::Pausing
            | Step::Referring(_)
            | Step::Queued(_)
            | Step::Echoing
            | Step::Conferring(_) => false,
        };
        let confers = run.conferring().is_some_and(Conferring::ends_by_star);
        by_step || goes_on || confers || run.ended_by_star().is_some()
    }
}

impl Calls {
    /// Keys in the leg's sound are told from now on if they mean something, and only then.
    pub(crate) fn listen_for_keys(&mut self, id: LegId) {
        let Some(leg) = self.leg(id) else { return };
        let hears = leg.hears_keys();
        self.hear(id, |hearing| hearing.keys = hears);
    }

    /// The far end pressed a key.
    pub(crate) fn key_pressed(&mut self, id: LegId, key: u8, by: By) {
        let now = self.now.mono;
        let Some(leg) = self.leg_mut(id) else { return };
        let pressed = leg.pressed.get_or_insert_default();
        let is_new = pressed.is_new(key, by, now);
        if by == By::Sound {
            pressed.waiting.clear();
            let mut deadline = pressed.deadline.take();
            self.timers.cancel(&mut deadline);
        }
        if !is_new {
            return;
        }
        self.handle_digit(id, key);
        if by == By::Info {
            self.pass_key_on(id, key);
        }
    }

    /// A key that came by INFO, for whom the leg talks with, if the end of that was not what it meant.
    fn pass_key_on(&mut self, id: LegId, key: u8) {
        let until = self.after(limit::SAME_PRESS);
        let Some(leg) = self.leg_mut(id) else { return };
        let Doing::Bridged { with } = leg.doing else { return };
        let agreed = leg.media.negotiation.agreed();
        let knows_events = agreed.is_some_and(|agreed| agreed.telephone_event.is_some());
        let pressed = leg.pressed.get_or_insert_default();
        if pressed.by_sound {
            return;
        }
        if pressed.by_info || !knows_events {
            return self.send_digits(with, char::from(key).encode_utf8(&mut [0; 4]));
        }
        if pressed.towards.replace(with) != Some(with) {
            pressed.waiting.clear();
        }
        if pressed.waiting.len() >= limit::RECENT_PRESSES_MAX {
            return;
        }
        pressed.waiting.push(char::from(key));
        if pressed.deadline.is_none() {
            let deadline = self.timers.set(until, Due::Info(id));
            if let Some(leg) = self.leg_mut(id) {
                leg.pressed.get_or_insert_default().deadline = Some(deadline);
            }
        }
    }

    /// The leg's sound has said nothing beside its INFO: nor will it.
    pub(crate) fn handle_info_alone(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        let doing = leg.doing;
        let Some(pressed) = &mut leg.pressed else { return };
        (pressed.deadline, pressed.by_info) = (None, true);
        let (keys, towards) = (std::mem::take(&mut pressed.waiting), pressed.towards);
        if let Doing::Bridged { with } = doing
            && towards == Some(with)
        {
            self.send_digits(with, &keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Of keys with their way and time, ms: those that are told.
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn told(presses: &[(char, By, u64)]) -> String {
        let begin = Instant::now();
        let mut pressed = Pressed::default();
        let new = presses.iter().filter(|(key, by, at)| {
            pressed.is_new(u8::try_from(*key).unwrap(), *by, begin + Duration::from_millis(*at))
        });
        new.map(|(key, ..)| *key).collect()
    }

    #[test]
    fn one_press_said_twice_is_one() {
        use By::{Info, Sound};
        for (presses, want) in [
            (&[('5', Sound, 0), ('5', Info, 50)][..], "5"),
            (&[('5', Info, 0), ('5', Sound, 300)], "5"),
            (&[('5', Info, 0), ('5', Sound, 301)], "55"),
            (&[('5', Sound, 0), ('6', Info, 50)], "56"),
            (&[('5', Sound, 0), ('5', Sound, 100)], "55"),
            (&[('5', Info, 0), ('5', Info, 100)], "55"),
            // Fast fingers, and INFO lags behind.
            (&[('5', Sound, 0), ('5', Sound, 150), ('5', Info, 160), ('5', Info, 250)], "55"),
            (&[('1', Sound, 0), ('2', Sound, 90), ('1', Info, 120), ('2', Info, 200)], "12"),
        ] {
            assert_eq!(told(presses), want, "{presses:?}");
        }
    }

    #[test]
    fn what_is_remembered_has_a_limit() {
        let n = u64::try_from(limit::RECENT_PRESSES_MAX).unwrap();
        let mut presses: Vec<_> = (0..=n).map(|at| ('1', By::Sound, at)).collect();
        presses.extend((0..=n).map(|at| ('1', By::Info, 100 + at)));
        assert_eq!(told(&presses).len(), limit::RECENT_PRESSES_MAX + 2);
    }
}
