//! Targets that are not asked for a while: they said so, or did not answer at all.
//!
//! Not here: what is tried instead (`reach`).
//! Source: RFC 3261 §21.5.4 (Retry-After), RFC 3263 §4.3.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use legwork_sip as sip;

use crate::limit;

/// Who is out, and until when.
#[derive(Debug, Default)]
pub(crate) struct Outages {
    until: BTreeMap<(sip::Transport, SocketAddr), Instant>,
}

impl Outages {
    /// The target is out for that long, at most [`limit::OUTAGE_MAX`]. Where too many are out already,
    /// it is not remembered, and asked again.
    pub(crate) fn note(&mut self, now: Instant, flow: sip::Flow, wait: Duration) {
        if self.until.len() >= limit::OUTAGES_MAX {
            self.until.retain(|_, until| *until > now);
        }
        let known = self.until.contains_key(&(flow.transport, flow.remote));
        if known || self.until.len() < limit::OUTAGES_MAX {
            let until = now + wait.min(limit::OUTAGE_MAX);
            self.until.insert((flow.transport, flow.remote), until);
        }
    }

    /// The target is out now.
    pub(crate) fn holds(&self, now: Instant, flow: sip::Flow) -> bool {
        self.until.get(&(flow.transport, flow.remote)).is_some_and(|until| *until > now)
    }

    /// These are out, and no others.
    pub(crate) fn relive(&mut self, now: Instant, out: &[sip::Flow]) {
        self.until.clear();
        out.iter().for_each(|flow| self.note(now, *flow, limit::OUTAGE_MAX));
    }

    /// It has taken a call.
    pub(crate) fn forget(&mut self, flow: sip::Flow) {
        self.until.remove(&(flow.transport, flow.remote));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(n: usize) -> sip::Flow {
        let port = u16::try_from(n % 60_000).unwrap() + 1;
        let ip = if n < 60_000 { [192, 0, 2, 1] } else { [192, 0, 2, 2] };
        let remote = SocketAddr::from((ip, port));
        let local = SocketAddr::from(([192, 0, 2, 9], 5060));
        sip::Flow { transport: sip::Transport::Udp, local, remote, connection: 0 }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn outages_end_by_themselves_and_by_an_answer() {
        let (mut outages, now) = (Outages::default(), Instant::now());
        outages.note(now, flow(1), Duration::from_secs(5));
        outages.note(now, flow(2), Duration::from_secs(86_400));
        let later = |s| now + Duration::from_secs(s);
        assert!(outages.holds(later(4), flow(1)));
        assert!(!outages.holds(later(5), flow(1)));
        let over_tcp = sip::Flow { transport: sip::Transport::Tcp, ..flow(1) };
        assert!(!outages.holds(now, over_tcp));
        assert!(!outages.holds(now + limit::OUTAGE_MAX, flow(2)));
        outages.forget(flow(2));
        assert!(!outages.holds(now, flow(2)));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn outages_are_bounded() {
        let (mut outages, now) = (Outages::default(), Instant::now());
        let second = Duration::from_secs(1);
        for n in 0..=limit::OUTAGES_MAX {
            outages.note(now, flow(n), second);
        }
        assert_eq!(outages.until.len(), limit::OUTAGES_MAX);
        assert!(!outages.holds(now, flow(limit::OUTAGES_MAX)));
        outages.note(now, flow(0), second * 9);
        assert!(outages.holds(now + second, flow(0)));
        outages.note(now + second, flow(limit::OUTAGES_MAX), second);
        assert_eq!(outages.until.len(), 2);
    }
}
