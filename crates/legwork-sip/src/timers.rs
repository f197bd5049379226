//! Every deadline of an endpoint in one ordered structure.
//!
//! Not here: what a deadline is for (`transaction`, `endpoint`).

use std::collections::BTreeMap;
use std::time::Instant;

/// Names one set deadline. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey {
    at: Instant,
    number: u64,
}

impl TimerKey {
    /// When it is due.
    pub(crate) fn at(self) -> Instant {
        self.at
    }
}

/// Deadlines in order; of two for the same instant the one set first comes first.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    due: BTreeMap<TimerKey, T>,
    next: u64,
}

impl<T> Timers<T> {
    pub(crate) fn new() -> Self {
        Self { due: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn set(&mut self, at: Instant, what: T) -> TimerKey {
        let key = TimerKey { at, number: self.next };
        self.next += 1;
        self.due.insert(key, what);
        key
    }

    /// Takes a deadline away; nothing happens if it has passed or is `None`.
    pub(crate) fn cancel(&mut self, key: Option<TimerKey>) {
        if let Some(key) = key {
            self.due.remove(&key);
        }
    }

    /// The first deadline that has passed.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<T> {
        let first = self.due.first_entry()?;
        (first.key().at <= now).then(|| first.remove())
    }

    pub(crate) fn first(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(key, _)| key.at)
    }

    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn deadlines_come_in_order_and_can_be_taken_away() {
        let start = start();
        let mut timers = Timers::new();
        let late = timers.set(start + Duration::from_secs(2), "late");
        timers.set(start + Duration::from_secs(1), "early");
        timers.set(start + Duration::from_secs(1), "early too");
        let gone = timers.set(start, "gone");
        timers.cancel(Some(gone));
        timers.cancel(Some(gone));
        assert_eq!(timers.first(), Some(start + Duration::from_secs(1)));
        assert_eq!(timers.pop_due(start), None);
        let later = start + Duration::from_secs(9);
        assert_eq!(timers.pop_due(later), Some("early"));
        assert_eq!(timers.pop_due(later), Some("early too"));
        assert_eq!(timers.len(), 1);
        timers.cancel(Some(late));
        assert_eq!((timers.pop_due(later), timers.first()), (None, None));
    }
}
