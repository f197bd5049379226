//! Does a gateway live: what is known of it from its answers to OPTIONS.
//!
//! Any answer but 408 and 503 says that it lives. One address of it that does suffices; it is down
//! when all have been asked and none was.
//! Not here: sending the questions, deadlines (`trunk/watch`).
//! Source: RFC 3261 §11; RFC 3263 §4.3 for 503 as "the next one".

use std::time::{Duration, Instant, SystemTime};

use legwork_sip::Status;

use crate::io::Target;
use crate::timer::TimerKey;

/// What is known of a gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// It has not been asked, or not answered yet.
    #[default]
    Unknown,
    Up,
    Down,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One gateway being watched.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) state: State,
    /// When it last changed.
    pub(crate) since: Option<SystemTime>,
    /// From the last question to its answer.
    pub(crate) latency: Option<Duration>,
    /// The last answer; none: silence.
    pub(crate) answer: Option<Status>,
    /// The next question, or the end of patience with this one.
    pub(crate) timer: Option<TimerKey>,
    /// Its first state has been passed over or told.
    pub(crate) told: bool,
    asked: Option<Instant>,
    /// Addresses still to be asked in this round, the next one last.
    left: Vec<Target>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask there.
    Ask(Target),
    /// The round is over. Has the state changed?
    Over { changed: bool },
}

impl Watch {
    /// A question waits for its answer.
    pub(crate) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// A round begins: DNS is being asked.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.asked = Some(now);
        self.left.clear();
    }

    /// Where it may be.
    pub(crate) fn found(&mut self, now: Instant, wall: SystemTime, targets: &[Target]) -> Next {
        self.left = targets.iter().rev().copied().collect();
        self.go_on(now, wall, None)
    }

    /// An answer, or silence.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        wall: SystemTime,
        answer: Option<Status>,
    ) -> Next {
        let Some(asked) = self.asked else { return Next::Over { changed: false } };
        if answer.is_none_or(|status| matches!(status.0, 408 | 503)) {
            return self.go_on(now, wall, answer);
        }
        self.latency = Some(now.saturating_duration_since(asked));
        self.conclude(wall, State::Up, answer)
    }

    fn go_on(&mut self, now: Instant, wall: SystemTime, answer: Option<Status>) -> Next {
        match self.left.pop() {
            Some(target) => {
                self.asked = Some(now);
                Next::Ask(target)
            }
            None => {
                self.latency = None;
                self.conclude(wall, State::Down, answer)
            }
        }
    }

    fn conclude(&mut self, wall: SystemTime, state: State, answer: Option<Status>) -> Next {
        self.asked = None;
        self.answer = answer;
        let changed = self.state != state;
        if changed {
            self.state = state;
            self.since = Some(wall);
        }
        Next::Over { changed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use legwork_sip::Transport;

    fn target(last: u8) -> Target {
        Target {
            transport: Transport::Udp,
            remote: ([10, 0, 0, last], 5060).into(),
            local_ip: [10, 0, 0, 1].into(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn round(watch: &mut Watch, targets: &[Target], answers: &[Option<u16>]) -> Next {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        watch.begin(now);
        let mut next = watch.found(now, wall, targets);
        for answer in answers {
            assert!(matches!(next, Next::Ask(_)), "{next:?}");
            next = watch.answered(now, wall, answer.map(Status));
        }
        next
    }

    #[test]
    fn any_answer_but_408_and_503_is_life() {
        for (answer, state) in [
            (Some(200), State::Up),
            (Some(404), State::Up),
            (Some(405), State::Up),
            (Some(401), State::Up),
            (Some(500), State::Up),
            (Some(408), State::Down),
            (Some(503), State::Down),
            (None, State::Down),
        ] {
            let mut watch = Watch::default();
            assert_eq!(round(&mut watch, &[target(9)], &[answer]), Next::Over { changed: true });
            assert_eq!((watch.state, watch.answer), (state, answer.map(Status)));
            assert_eq!(round(&mut watch, &[target(9)], &[answer]), Next::Over { changed: false });
        }
    }

    #[test]
    fn one_address_that_lives_suffices() {
        let mut watch = Watch::default();
        let both = [target(9), target(10)];
        assert_eq!(round(&mut watch, &both, &[]), Next::Ask(target(9)));
        round(&mut watch, &both, &[None, Some(200)]);
        assert_eq!(watch.state, State::Up);
        round(&mut watch, &both, &[Some(503), None]);
        assert_eq!(watch.state, State::Down);
    }

    #[test]
    fn a_name_that_is_not_found_is_down() {
        let mut watch = Watch::default();
        assert_eq!(round(&mut watch, &[], &[]), Next::Over { changed: true });
        assert_eq!(watch.state, State::Down);
    }
}
