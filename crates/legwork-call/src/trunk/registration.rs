//! Telling a carrier where we are, and going on doing so: one registration as a machine.
//!
//! A binding is refreshed after 50 to 90 % of its life; a failure is tried again at the next address
//! of the registrar, then after 5 s, doubling up to 10 minutes, by chance somewhat sooner. As long as
//! the binding lives, a failed refresh is no more than that.
//! Not here: sending REGISTER, deadlines (`trunk/watch`); phones that register with us (`register`).
//! Source: RFC 3261 §10.2; RFC 5626 §4.5 for the waiting; RFC 3263 §4.3.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use legwork_sip::limit::CHALLENGES_ANSWERED_MAX;
use legwork_sip::locate::DEFAULT_PORT;
use legwork_sip::{Status, Transport};

use crate::io::Target;
use crate::limit;
use crate::timer::TimerKey;

/// The first wait after a failure.
const BACK_OFF: Duration = Duration::from_secs(5);
/// The longest of our own.
const BACK_OFF_MAX: Duration = Duration::from_secs(600);
/// The longest a registrar may ask for with Retry-After.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Never answered yet.
    Trying,
    Registered,
    /// Refused, or lost.
    Failed,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Registered => "registered",
            Self::Failed => "failed",
        }
    }
}

/// What is read in an answer to REGISTER.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    pub(crate) status: Status,
    /// For how long our Contact is bound.
    pub(crate) granted_s: Option<u32>,
    pub(crate) min_expires_s: Option<u32>,
    pub(crate) retry_after_s: Option<u32>,
    /// The number of the request answered.
    pub(crate) cseq: u32,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// REGISTER there, for `asked_s`.
    Send(Target),
    /// Begin anew after so long.
    Wait(Duration),
}

/// One registration.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) state: State,
    /// When it last changed.
    pub(crate) since: Option<SystemTime>,
    /// How long the binding lives.
    pub(crate) until: Option<(Instant, SystemTime)>,
    /// The last answer; 408 is silence.
    pub(crate) answer: Option<Status>,
    /// One for all REGISTERs (RFC 3261 §10.2).
    pub(crate) call_id: String,
    /// The number used last.
    pub(crate) cseq: Option<u32>,
    /// For how long is asked.
    pub(crate) asked_s: u32,
    /// The next REGISTER, or the end of patience with this one.
    pub(crate) timer: Option<TimerKey>,
    /// Where the registrar is: calls may come from there.
    pub(crate) targets: Vec<Target>,
    /// Its first state has been passed over or told.
    pub(crate) told: bool,
    /// Which of them is being asked.
    at: usize,
    failures: u32,
    /// A 423 has been obeyed in this round.
    raised: bool,
    asking: bool,
}

impl Registration {
    pub(crate) fn new(call_id: String, expires_s: u32) -> Self {
        Self {
            state: State::Trying,
            since: None,
            until: None,
            answer: None,
            call_id,
            cseq: None,
            asked_s: expires_s,
            timer: None,
            targets: Vec::new(),
            told: false,
            at: 0,
            failures: 0,
            raised: false,
            asking: false,
        }
    }

    /// The registrar there knows where we are; none: no registrar does.
    pub(crate) fn relive(&mut self, from: Option<IpAddr>) {
        self.state = if from.is_some() { State::Registered } else { State::Trying };
        let target = |ip| Target {
            transport: Transport::Udp,
            remote: SocketAddr::new(ip, DEFAULT_PORT),
            local_ip: ip,
        };
        self.targets = from.map(target).into_iter().collect();
    }

    /// A question, to DNS or the registrar, waits for its answer.
    pub(crate) fn is_asking(&self) -> bool {
        self.asking
    }

    /// The highest number that may have been used: a REGISTER without an answer yet, and its answers to
    /// challenges, count.
    pub(crate) fn highest_cseq(&self) -> Option<u32> {
        let under_way = if self.asking { 1 + u32::from(CHALLENGES_ANSWERED_MAX) } else { 0 };
        let highest = self.cseq.unwrap_or(0).saturating_add(under_way);
        (highest > 0).then_some(highest)
    }

    /// A round begins: DNS is being asked.
    pub(crate) fn begin(&mut self) {
        self.asking = true;
        self.raised = false;
    }

    /// Where the registrar is. The one that answered last is asked first.
    pub(crate) fn found(&mut self, now: Instant, targets: Vec<Target>, random: u64) -> Next {
        let last = self.targets.get(self.at).copied();
        if targets.is_empty() {
            return self.fail(now, Status::REQUEST_TIMEOUT, None, random);
        }
        self.targets = targets;
        self.at = self.targets.iter().position(|t| Some(*t) == last).unwrap_or(0);
        self.targets.rotate_left(self.at);
        self.at = 0;
        self.send(now, random)
    }

    /// An answer of the registrar, or its silence (408).
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        wall: SystemTime,
        reply: Reply,
        random: u64,
    ) -> Next {
        self.cseq = Some(reply.cseq);
        self.answer = Some(reply.status);
        let lives_s = reply.granted_s.unwrap_or(self.asked_s).min(limit::REGISTRATION_S_MAX);
        match reply.status.0 {
            200..=299 if lives_s > 0 => {
                let life = Duration::from_secs(u64::from(lives_s));
                self.until = Some((now + life, wall + life));
                self.asking = false;
                self.failures = 0;
                let percent = 50 + u32::try_from(random % 41).unwrap_or(0);
                Next::Wait((life * percent / 100).max(Duration::from_secs(1)))
            }
            423 if !self.raised
                && reply.min_expires_s.is_some_and(|least| {
                    least > self.asked_s && least <= limit::REGISTRATION_S_MAX
                }) =>
            {
                self.raised = true;
                self.asked_s = reply.min_expires_s.unwrap_or(self.asked_s);
                self.send(now, random)
            }
            408 | 503 if self.at + 1 < self.targets.len() => {
                self.at += 1;
                self.send(now, random)
            }
            _ => self.fail(now, reply.status, reply.retry_after_s, random),
        }
    }

    fn send(&mut self, now: Instant, random: u64) -> Next {
        match self.targets.get(self.at) {
            Some(target) => Next::Send(*target),
            None => self.fail(now, Status::REQUEST_TIMEOUT, None, random),
        }
    }

    /// The round has failed: when the next one begins.
    pub(crate) fn fail(
        &mut self,
        now: Instant,
        status: Status,
        retry_after_s: Option<u32>,
        random: u64,
    ) -> Next {
        self.asking = false;
        self.at = 0;
        self.answer = Some(status);
        let doubled = BACK_OFF.saturating_mul(1 << self.failures.min(7)).min(BACK_OFF_MAX);
        self.failures = self.failures.saturating_add(1);
        let percent = 50 + u32::try_from(random % 51).unwrap_or(0);
        let mut wait = doubled * percent / 100;
        if let Some(seconds) = retry_after_s {
            wait = wait.max(Duration::from_secs(u64::from(seconds)).min(RETRY_AFTER_MAX));
        }
        // The end of a binding is not slept through.
        if let Some((until, _)) = self.until.filter(|(until, _)| *until > now) {
            wait = wait.min(until - now);
        }
        Next::Wait(wait)
    }

    /// How it stands now. True: that has changed.
    pub(crate) fn settle(&mut self, now: Instant, wall: SystemTime) -> bool {
        let lives = self.until.is_some_and(|(until, _)| until > now);
        let state = match (lives, self.failures) {
            (true, _) => State::Registered,
            (false, 0) => self.state,
            (false, _) => State::Failed,
        };
        let changed = state != self.state;
        if changed {
            self.state = state;
            self.since = Some(wall);
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use legwork_sip::Transport;

    const WALL: SystemTime = SystemTime::UNIX_EPOCH;

    fn target(last: u8) -> Target {
        Target {
            transport: Transport::Udp,
            remote: ([10, 0, 0, last], 5060).into(),
            local_ip: [10, 0, 0, 1].into(),
        }
    }

    fn reply(status: u16) -> Reply {
        let none = None;
        Reply {
            status: Status(status),
            granted_s: none,
            min_expires_s: none,
            retry_after_s: none,
            cseq: 1,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn some_instant() -> Instant {
        Instant::now()
    }

    fn asking(now: Instant) -> Registration {
        let mut registration = Registration::new("id".to_owned(), 600);
        registration.begin();
        let next = registration.found(now, vec![target(9)], 0);
        assert_eq!(next, Next::Send(target(9)));
        registration
    }

    fn seconds(next: Next) -> f64 {
        match next {
            Next::Wait(wait) => wait.as_secs_f64(),
            Next::Send(_) => panic!("it does not wait"),
        }
    }

    #[test]
    fn a_binding_is_refreshed_within_its_life() {
        let now = some_instant();
        for (granted, random, wait) in [
            (None, 0, 300.0),
            (None, 40, 540.0),
            (Some(60), 0, 30.0),
            (Some(1), 0, 1.0),
            (Some(u32::MAX), 0, f64::from(limit::REGISTRATION_S_MAX) / 2.0),
        ] {
            let mut registration = asking(now);
            let reply = Reply { granted_s: granted, ..reply(200) };
            assert!((seconds(registration.answered(now, WALL, reply, random)) - wait).abs() < 0.01);
            assert!(registration.settle(now, WALL));
            assert_eq!(registration.state, State::Registered);
        }
    }

    #[test]
    fn too_brief_is_asked_again_for_longer_once() {
        let now = some_instant();
        let mut registration = asking(now);
        let brief = |min| Reply { min_expires_s: Some(min), ..reply(423) };
        assert_eq!(registration.answered(now, WALL, brief(1_800), 0), Next::Send(target(9)));
        assert_eq!(registration.asked_s, 1_800);
        assert!(seconds(registration.answered(now, WALL, brief(3_600), 0)) > 2.0);
        // What is not longer, or beyond reason, is a refusal.
        for min in [600, limit::REGISTRATION_S_MAX + 1] {
            assert!(seconds(asking(now).answered(now, WALL, brief(min), 0)) > 2.0);
        }
        let longest = brief(limit::REGISTRATION_S_MAX);
        assert_eq!(asking(now).answered(now, WALL, longest, 0), Next::Send(target(9)));
    }

    #[test]
    fn no_number_is_used_twice() {
        let now = some_instant();
        let mut registration = Registration::new("id".to_owned(), 600);
        assert_eq!(registration.highest_cseq(), None);
        registration.begin();
        registration.found(now, vec![target(9)], 0);
        assert_eq!(registration.highest_cseq(), Some(3), "asked, and challenged twice");
        registration.answered(now, WALL, Reply { cseq: 2, ..reply(200) }, 0);
        assert_eq!(registration.highest_cseq(), Some(2));
    }

    #[test]
    fn failures_are_tried_again_ever_later() {
        let now = some_instant();
        let mut registration = asking(now);
        for wait in [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, 600.0] {
            registration.begin();
            registration.found(now, vec![target(9)], 0);
            let next = registration.answered(now, WALL, reply(403), 50);
            assert!((seconds(next) - wait).abs() < 0.01, "{next:?} {wait}");
        }
        assert!(registration.settle(now, WALL));
        assert_eq!(registration.state, State::Failed);
        let mut sooner = asking(now);
        assert!((seconds(sooner.answered(now, WALL, reply(403), 0)) - 2.5).abs() < 0.01);
    }

    #[test]
    fn a_registrar_may_say_when_to_come_again() {
        let now = some_instant();
        for (asked, wait) in [(120, 120.0), (1, 5.0), (100_000, 3_600.0)] {
            let reply = Reply { retry_after_s: Some(asked), ..reply(503) };
            let next = asking(now).answered(now, WALL, reply, 50);
            assert!((seconds(next) - wait).abs() < 0.01, "{next:?}");
        }
    }

    #[test]
    fn silence_is_followed_by_the_next_address() {
        let now = some_instant();
        let mut registration = Registration::new("id".to_owned(), 600);
        registration.begin();
        registration.found(now, vec![target(9), target(10)], 0);
        assert_eq!(registration.answered(now, WALL, reply(408), 0), Next::Send(target(10)));
        registration.answered(now, WALL, reply(200), 0);
        registration.begin();
        let next = registration.found(now, vec![target(9), target(10)], 0);
        assert_eq!(next, Next::Send(target(10)), "the one that answered comes first");
        assert_eq!(registration.answered(now, WALL, reply(503), 0), Next::Send(target(9)));
        assert!(seconds(registration.answered(now, WALL, reply(503), 0)) > 2.0);
    }

    #[test]
    fn a_failed_refresh_is_no_loss_while_the_binding_lives() {
        let now = some_instant();
        let mut registration = asking(now);
        registration.answered(now, WALL, Reply { granted_s: Some(60), ..reply(200) }, 0);
        assert!(registration.settle(now, WALL));
        let late = now + Duration::from_secs(58);
        registration.begin();
        registration.found(late, vec![target(9)], 0);
        let wait = seconds(registration.answered(late, WALL, reply(403), 50));
        assert!((wait - 2.0).abs() < 0.01, "{wait}: until the end of the binding");
        assert!(!registration.settle(late, WALL));
        let over = now + Duration::from_secs(60);
        assert!(registration.settle(over, WALL));
        assert_eq!(registration.state, State::Failed);
    }

    #[test]
    fn a_registrar_that_is_not_found_is_looked_for_again() {
        let now = some_instant();
        let mut registration = Registration::new("id".to_owned(), 600);
        registration.begin();
        assert!(seconds(registration.found(now, Vec::new(), 50)) > 4.0);
        assert!(registration.settle(now, WALL));
        assert_eq!(registration.state, State::Failed);
    }
}
