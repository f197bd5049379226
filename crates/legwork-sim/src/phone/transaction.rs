//! The tiny transaction behaviour of a phone: send again until answered, answer again when asked
//! again.
//!
//! Not here: what is asked and answered (`outgoing`, `incoming`). Apart from `legwork_sip`'s
//! transactions, so that one checks the other; forking, TCP and timers that only keep memory are
//! left out.
//! Source: RFC 3261 §17, RFC 6026.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::call::CallNo;
use super::sdp::Direction;

/// First interval of retransmission.
pub(super) const T1: Duration = Duration::from_millis(500);
/// Longest interval, but for INVITE.
pub(super) const T2: Duration = Duration::from_secs(4);
/// Nobody answers any more: 64·T1.
pub(super) const GIVE_UP: Duration = Duration::from_secs(32);
/// How many answers are remembered.
pub(super) const ANSWERS_MAX: usize = 64;

/// What a request of the phone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Register,
    Invite(CallNo),
    Reinvite(CallNo, Direction),
    Update(CallNo, Direction),
    Bye(CallNo),
    Refer(CallNo),
    Other,
}

/// A request of the phone without a final answer yet.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) branch: String,
    pub(super) method: &'static str,
    pub(super) purpose: Purpose,
    pub(super) bytes: Bytes,
    pub(super) to: SocketAddr,
    pub(super) authorized: bool,
    /// A CANCEL waits for the first provisional answer.
    pub(super) cancel_wanted: bool,
    pub(super) is_proceeding: bool,
    pub(super) again: Repeat,
}

/// When something is sent again, and until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat {
    pub(super) next: Option<Instant>,
    pub(super) interval: Duration,
    pub(super) until: Option<Instant>,
    longest: Duration,
}

/// What a `Repeat` wants at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    Send,
    GiveUp,
}

impl Repeat {
    /// T1, doubled up to T2 (INVITE requests: without end), for 64·T1.
    pub(super) fn new(now: Instant, is_invite: bool) -> Self {
        let longest = if is_invite { GIVE_UP } else { T2 };
        Self { next: Some(now + T1), interval: T1, until: Some(now + GIVE_UP), longest }
    }

    /// Nothing is sent again, and it does not end by itself: an INVITE that rings.
    pub(super) fn hold(&mut self) {
        (self.next, self.until) = (None, None);
    }

    /// Only every T2 from now on.
    pub(super) fn slow_down(&mut self) {
        self.interval = T2;
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next.into_iter().chain(self.until).min()
    }

    pub(super) fn poll(&mut self, now: Instant) -> Due {
        if self.until.is_some_and(|until| until <= now) {
            return Due::GiveUp;
        }
        match self.next {
            Some(next) if next <= now => {
                self.interval = (self.interval * 2).min(self.longest);
                self.next = Some(now + self.interval);
                Due::Send
            }
            Some(_) | None => Due::Nothing,
        }
    }
}

/// A request of the other side and what the phone answered.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) branch: String,
    pub(super) method: String,
    pub(super) call: Option<CallNo>,
    pub(super) cseq: u32,
    pub(super) to: SocketAddr,
    /// The newest answer, or nothing yet.
    pub(super) bytes: Option<Bytes>,
    pub(super) is_final: bool,
    /// A final answer to INVITE is sent until its ACK.
    pub(super) again: Option<Repeat>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bye_is_sent_eleven_times_in_all() {
        let start = Instant::now();
        let mut again = Repeat::new(start, false);
        let (mut sent, mut end) = (1, start);
        while let Some(at) = again.deadline() {
            match again.poll(at) {
                Due::Send => sent += 1,
                Due::GiveUp => {
                    (again.next, again.until, end) = (None, None, at);
                }
                Due::Nothing => panic!("woken for nothing"),
            }
        }
        assert_eq!((sent, end - start), (11, GIVE_UP));
    }
}
