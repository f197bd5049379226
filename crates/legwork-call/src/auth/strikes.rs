//! Who has guessed too often: wrong answers by address and user name.
//!
//! The address is the one the nonce was given to: that of a datagram can be forged.
//! Not here: what is wrong (`auth`). Whoever is out is refused without a look at the answer; who has not
//! answered yet is challenged as ever.
//! Source: reliability: toll fraud.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use crate::limit;

type Guesser = (IpAddr, String);

/// Wrong answers of the last minute or two, in two halves: the older one is forgotten when the younger
/// one is full, or old.
#[derive(Debug, Default)]
pub(crate) struct Strikes {
    young: BTreeMap<Guesser, u32>,
    old: BTreeMap<Guesser, u32>,
    begun: Option<Instant>,
}

impl Strikes {
    /// One more wrong answer.
    pub(crate) fn note(&mut self, now: Instant, source: IpAddr, username: &str) {
        self.turn(now);
        let guesser = guesser(source, username);
        if self.young.len() >= limit::STRIKES_REMEMBERED_MAX / 2
            && !self.young.contains_key(&guesser)
        {
            self.old = std::mem::take(&mut self.young);
        }
        *self.young.entry(guesser).or_default() += 1;
    }

    /// Has it had all its tries?
    pub(crate) fn is_out(&mut self, now: Instant, source: IpAddr, username: &str) -> bool {
        self.turn(now);
        let guesser = guesser(source, username);
        let seen = [&self.young, &self.old].map(|half| half.get(&guesser).copied().unwrap_or(0));
        seen.iter().sum::<u32>() >= limit::STRIKES_MAX
    }

    fn turn(&mut self, now: Instant) {
        let begun = *self.begun.get_or_insert(now);
        let age = now.saturating_duration_since(begun);
        if age < limit::STRIKES_FOR {
            return;
        }
        self.old = std::mem::take(&mut self.young);
        if age >= 2 * limit::STRIKES_FOR {
            self.old.clear();
        }
        self.begun = Some(now);
    }
}

/// No user has a longer name than that.
fn guesser(source: IpAddr, username: &str) -> Guesser {
    (source.to_canonical(), username.chars().take(limit::USERNAME_MAX).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn ten_tries_and_a_minute_to_wait() {
        let now = start();
        let mut strikes = Strikes::default();
        for _ in 0..limit::STRIKES_MAX {
            assert!(!strikes.is_out(now, HERE, "a"));
            strikes.note(now, HERE, "a");
        }
        assert!(strikes.is_out(now, HERE, "a"));
        assert!(!strikes.is_out(now, HERE, "b"));
        assert!(!strikes.is_out(now, "127.0.0.2".parse().unwrap(), "a"));
        assert!(strikes.is_out(now + limit::STRIKES_FOR, HERE, "a"));
        assert!(!strikes.is_out(now + 2 * limit::STRIKES_FOR + Duration::from_secs(1), HERE, "a"));
    }

    #[test]
    fn memory_has_an_end() {
        let now = start();
        let mut strikes = Strikes::default();
        for n in 0..2 * limit::STRIKES_REMEMBERED_MAX {
            strikes.note(now, HERE, &format!("{n}{}", "x".repeat(1000)));
            assert!(strikes.young.len() + strikes.old.len() <= limit::STRIKES_REMEMBERED_MAX);
        }
        let longest = strikes.young.keys().map(|(_, name)| name.len()).max();
        assert_eq!(longest, Some(limit::USERNAME_MAX));
    }
}
