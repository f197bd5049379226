//! Reliable provisional responses: ours, one after the other until each PRACK; and those of the
//! forks of an INVITE of ours.
//!
//! ```text
//!            ring                     PRACK
//!   nothing ──────► one is under way ───────► the next of those that wait, else the 2xx held
//!                     │  ▲                    back for it, else nothing
//!                     └──┘ ring: waits; T1, 2·T1, …: again; 64·T1: the INVITE has failed
//! ```
//!
//! Not here: the messages (`endpoint`: `prack`).
//! Source: RFC 3262 §3, §4.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::endpoint::{Body, Line};
use crate::flow::Flow;
use crate::header::cseq::RAck;
use crate::timers::TimerKey;
use crate::transaction::{PATIENCE, T1};
use crate::{Method, Status, limit};

/// A 1xx its owner wants sent.
#[derive(Debug)]
pub(crate) struct Ringing {
    pub(crate) status: Status,
    pub(crate) body: Option<Body>,
    pub(crate) lines: Vec<Line>,
}

/// A reliable 1xx of ours, sent.
#[derive(Debug)]
pub(crate) struct Unpracked {
    pub(crate) response: Bytes,
    pub(crate) flow: Flow,
    /// It answers the offer in the INVITE.
    pub(crate) has_session: bool,
    status: Status,
    pause: Duration,
    until: Instant,
    /// None once the INVITE has its final answer: a PRACK may still come.
    pub(crate) again: Option<TimerKey>,
}

/// The reliable 1xx of ours to one INVITE.
#[derive(Debug)]
pub(crate) struct Reliable {
    /// Of the one sent last.
    rseq: u32,
    /// Of the INVITE.
    cseq: u32,
    pub(crate) under_way: Option<Unpracked>,
    waiting: VecDeque<Ringing>,
    /// What the 2xx will have that waits for a PRACK.
    pub(crate) held: Option<(Option<Body>, Vec<Line>)>,
    /// The peer has our answer to its offer: it acknowledged the 1xx that had it.
    pub(crate) agreed: bool,
}

impl Reliable {
    /// `rseq`: of the first one, 1 to 2³¹−1; `cseq`: of the INVITE.
    pub(crate) fn new(rseq: u32, cseq: u32) -> Self {
        Self {
            rseq: rseq.wrapping_sub(1),
            cseq,
            under_way: None,
            waiting: VecDeque::new(),
            held: None,
            agreed: false,
        }
    }

    /// A 1xx to send. Gives it back with its number if it may go out now.
    pub(crate) fn ring(&mut self, ringing: Ringing) -> Option<(u32, Ringing)> {
        let said = match (self.waiting.back(), &self.under_way) {
            (Some(last), _) => Some((last.status, last.body.is_some())),
            (None, Some(sent)) => Some((sent.status, sent.has_session)),
            (None, None) => None,
        };
        if said == Some((ringing.status, ringing.body.is_some())) {
            // It is being said already.
            return None;
        }
        if self.under_way.is_none() {
            return Some(self.numbered(ringing));
        }
        if self.waiting.len() < limit::RINGS_WAITING_MAX {
            self.waiting.push_back(ringing);
        }
        None
    }

    fn numbered(&mut self, ringing: Ringing) -> (u32, Ringing) {
        self.rseq = self.rseq.wrapping_add(1);
        (self.rseq, ringing)
    }

    /// It went out. Gives when it is due again.
    pub(crate) fn sent(
        &mut self,
        now: Instant,
        status: Status,
        has_session: bool,
        response: Bytes,
        flow: Flow,
    ) -> Instant {
        let until = now + PATIENCE;
        let (pause, again) = (T1, None);
        let sent = Unpracked { response, flow, has_session, status, pause, until, again };
        self.under_way = Some(sent);
        now + T1
    }

    /// A PRACK names the one under way (RFC 3262 §3).
    pub(crate) fn is_named(&self, rack: RAck) -> bool {
        self.under_way.is_some()
            && rack.rseq == self.rseq
            && rack.cseq.number == self.cseq
            && rack.cseq.method == Method::Invite
    }

    /// The PRACK came.
    pub(crate) fn acknowledged(&mut self) -> Option<Unpracked> {
        let sent = self.under_way.take()?;
        self.agreed |= sent.has_session;
        Some(sent)
    }

    /// The next one, if it may go out now.
    pub(crate) fn next(&mut self) -> Option<(u32, Ringing)> {
        if self.under_way.is_some() || self.held.is_some() {
            return None;
        }
        let ringing = self.waiting.pop_front()?;
        Some(self.numbered(ringing))
    }

    /// A 2xx may not go out before the PRACK (RFC 3262 §3).
    pub(crate) fn holds_success(&self) -> bool {
        self.under_way.as_ref().is_some_and(|sent| sent.has_session)
    }

    /// The INVITE has its final answer: nothing is sent again. Gives the timer to stop.
    pub(crate) fn finish(&mut self) -> Option<TimerKey> {
        self.waiting.clear();
        self.held = None;
        self.under_way.as_mut()?.again.take()
    }
}

impl Unpracked {
    /// It was sent again. Gives when it is due the next time; none: it has been long enough.
    pub(crate) fn repeated(&mut self, now: Instant) -> Option<Instant> {
        self.pause *= 2;
        (now < self.until).then_some(self.until.min(now + self.pause))
    }

    /// Nobody acknowledged it in 64·T1.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now >= self.until
    }
}

/// What of an early dialog that an INVITE of ours made must be known: one of perhaps several.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) tag: Box<[u8]>,
    /// Of the last reliable 1xx that was acknowledged.
    pub(crate) rseq: Option<u32>,
    /// The session description it sent last; empty: none yet.
    pub(crate) session: Bytes,
    /// It has made an offer of its own since: its 2xx says nothing new of the session.
    pub(crate) settled: bool,
    /// The last request it sent.
    pub(crate) remote_cseq: Option<u32>,
}

/// What a 1xx to an INVITE of ours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Sent once, for what it is worth.
    Plain,
    /// Reliable, the next in order: to be acknowledged.
    Next,
    /// Reliable, and known, out of order, or of one fork too many: passed over.
    Stale,
}

/// Takes note of a 1xx of the fork `tag`. `rseq`: it is reliable.
pub(crate) fn hear(forks: &mut Vec<Fork>, tag: &[u8], rseq: Option<u32>, session: Bytes) -> Heard {
    if rseq.is_none() && session.is_empty() {
        return Heard::Plain;
    }
    let known = forks.iter().any(|fork| *fork.tag == *tag);
    if !known && forks.len() < limit::FORKS_MAX {
        let tag = tag.into();
        let session = Bytes::new();
        forks.push(Fork { tag, rseq: None, session, settled: false, remote_cseq: None });
    }
    let Some(fork) = forks.iter_mut().find(|fork| *fork.tag == *tag) else {
        return if rseq.is_some() { Heard::Stale } else { Heard::Plain };
    };
    if let Some(rseq) = rseq {
        if fork.rseq.is_some_and(|last| last.checked_add(1) != Some(rseq)) {
            return Heard::Stale;
        }
        fork.rseq = Some(rseq);
    }
    if !session.is_empty() {
        fork.session = session;
    }
    if rseq.is_some() { Heard::Next } else { Heard::Plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Transport;
    use crate::header::cseq::CSeq;

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn start() -> Instant {
        Instant::now()
    }

    fn ringing(status: u16, body: bool) -> Ringing {
        let body = body.then(|| Body::sdp("v=0"));
        Ringing { status: Status(status), body, lines: Vec::new() }
    }

    fn send(reliable: &mut Reliable, now: Instant, status: u16, body: bool) -> Instant {
        let at = "192.0.2.1:5060".parse().unwrap();
        let flow = Flow { transport: Transport::Udp, local: at, remote: at, connection: 0 };
        reliable.sent(now, Status(status), body, Bytes::new(), flow)
    }

    fn rack(rseq: u32, number: u32, method: Method) -> RAck {
        RAck { rseq, cseq: CSeq { number, method } }
    }

    /// RFC 3262 §3: no second one before the first was acknowledged.
    #[test]
    fn one_after_the_other() {
        let mut reliable = Reliable::new(7, 3);
        assert_eq!(reliable.ring(ringing(180, false)).unwrap().0, 7);
        send(&mut reliable, start(), 180, false);
        assert!(reliable.ring(ringing(180, false)).is_none(), "said already");
        assert!(reliable.ring(ringing(183, true)).is_none() && reliable.next().is_none());
        assert!(!reliable.holds_success(), "only a session holds the 2xx back");
        for (rseq, cseq, method, named) in [
            (7, 3, Method::Invite, true),
            (8, 3, Method::Invite, false),
            (7, 4, Method::Invite, false),
            (7, 3, Method::Bye, false),
        ] {
            assert_eq!(reliable.is_named(rack(rseq, cseq, method)), named);
        }
        assert!(reliable.acknowledged().is_some() && !reliable.agreed);
        assert!(!reliable.is_named(rack(7, 3, Method::Invite)), "once");
        assert_eq!(reliable.next().unwrap().0, 8);
        send(&mut reliable, start(), 183, true);
        assert!(reliable.holds_success());
        assert!(reliable.acknowledged().is_some() && reliable.agreed && !reliable.holds_success());
        assert!(reliable.next().is_none());
    }

    #[test]
    fn those_that_wait_have_a_maximum() {
        let mut reliable = Reliable::new(1, 1);
        reliable.ring(ringing(180, false));
        send(&mut reliable, start(), 180, false);
        for n in 0..10 {
            reliable.ring(ringing(181 + n % 2, false));
        }
        let mut sent = 0;
        while reliable.acknowledged().is_some()
            && let Some((_, next)) = reliable.next()
        {
            send(&mut reliable, start(), next.status.0, false);
            sent += 1;
        }
        assert_eq!(sent, limit::RINGS_WAITING_MAX);
    }

    /// RFC 3262 §3: T1 doubled each time, given up after 64·T1.
    #[test]
    fn repeated_with_doubled_pauses() {
        let begin = start();
        let mut reliable = Reliable::new(1, 1);
        reliable.ring(ringing(180, false));
        let mut due = Some(send(&mut reliable, begin, 180, false));
        let mut seen = Vec::new();
        let sent = reliable.under_way.as_mut().unwrap();
        while let Some(at) = due {
            seen.push((at - begin).as_millis());
            due = if sent.is_over(at) { None } else { sent.repeated(at) };
        }
        assert_eq!(seen, [500, 1500, 3500, 7500, 15_500, 31_500, 32_000]);
        assert!(reliable.finish().is_none() && reliable.is_named(rack(1, 1, Method::Invite)));
    }

    /// RFC 3262 §4: in order, each once, in each early dialog by itself.
    #[test]
    fn forks_count_by_themselves() {
        let mut forks = Vec::new();
        let mut heard_of = |tag: &str, rseq: Option<u32>| {
            hear(&mut forks, tag.as_bytes(), rseq, Bytes::from_static(b"v=0"))
        };
        for (tag, rseq, heard) in [
            ("a", Some(100), Heard::Next),
            ("b", Some(7), Heard::Next),
            ("a", Some(100), Heard::Stale),
            ("a", Some(102), Heard::Stale),
            ("a", Some(101), Heard::Next),
            ("a", Some(100), Heard::Stale),
            ("a", None, Heard::Plain),
            ("b", Some(8), Heard::Next),
            ("c", None, Heard::Plain),
            ("c", Some(u32::MAX), Heard::Next),
            ("c", Some(0), Heard::Stale),
        ] {
            assert_eq!(heard_of(tag, rseq), heard, "{tag} {rseq:?}");
        }
        for n in 0..20 {
            let heard = heard_of(&n.to_string(), Some(1));
            let fits = n < limit::FORKS_MAX - 3;
            assert_eq!(heard, if fits { Heard::Next } else { Heard::Stale }, "{n}");
        }
        assert_eq!(heard_of("more", None), Heard::Plain);
        assert_eq!(forks.len(), limit::FORKS_MAX);
        let mut none = Vec::new();
        assert_eq!(hear(&mut none, b"x", None, Bytes::new()), Heard::Plain);
        assert!(none.is_empty(), "a plain 180 takes no memory");
    }
}
