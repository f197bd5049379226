//! Rates: how many calls, transfers and registrations a second are taken.
//!
//! Not here: what is answered above the rate (`inbound`, `transfer::admit`, `register`).

use std::collections::BTreeMap;
use std::time::Instant;

use crate::limit;
use crate::sid::AccountSid;

/// A bucket that fills with time: bursts of one second's worth pass.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Calls that may pass, in billionths.
    level: u128,
    at: Instant,
}

/// All buckets.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    calls: Option<Bucket>,
    refers: BTreeMap<AccountSid, Bucket>,
    /// Buckets of REFERs begin empty then.
    refers_from: Option<Instant>,
    account_calls: BTreeMap<AccountSid, Bucket>,
    registers: BTreeMap<String, Bucket>,
}

impl Rates {
    /// One more call of the whole server: within `per_second`?
    pub(crate) fn admits_call(&mut self, now: Instant, per_second: u32) -> bool {
        take(self.calls.get_or_insert_with(|| Bucket::full(now, per_second)), now, per_second)
    }

    /// One more call of that account.
    pub(crate) fn admits_account(&mut self, now: Instant, of: AccountSid, per_second: u32) -> bool {
        let full = Bucket::full(now, per_second);
        take(self.account_calls.entry(of).or_insert(full), now, per_second)
    }

    /// One more REGISTER of that address-of-record, its password being right.
    pub(crate) fn admits_register(&mut self, now: Instant, aor: &str) -> bool {
        let per_second = limit::REGISTERS_PER_SECOND;
        if let Some(bucket) = self.registers.get_mut(aor) {
            return take(bucket, now, per_second);
        }
        if self.registers.len() >= limit::REGISTER_RATES_MAX {
            self.registers.clear();
        }
        let full = Bucket::full(now, per_second);
        take(self.registers.entry(aor.to_owned()).or_insert(full), now, per_second)
    }

    /// Every bucket is full but, if there are too many of them, that of the REFERs.
    pub(crate) fn relive(&mut self, now: Instant, too_many_refers: bool) {
        *self = Self { refers_from: too_many_refers.then_some(now), ..Self::default() };
    }

    /// One more REFER of that account.
    pub(crate) fn admits_refer(&mut self, now: Instant, of: AccountSid, per_second: u32) -> bool {
        let full = match self.refers_from {
            Some(at) => Bucket { level: 0, at },
            None => Bucket::full(now, per_second),
        };
        take(self.refers.entry(of).or_insert(full), now, per_second)
    }
}

impl Bucket {
    fn full(now: Instant, per_second: u32) -> Self {
        Self { level: u128::from(per_second) * CALL, at: now }
    }
}

/// One call.
const CALL: u128 = 1_000_000_000;

fn take(bucket: &mut Bucket, now: Instant, per_second: u32) -> bool {
    let most = u128::from(per_second) * CALL;
    let passed = now.saturating_duration_since(bucket.at).as_nanos();
    bucket.level = (bucket.level + passed * u128::from(per_second)).min(most);
    bucket.at = now;
    let admits = bucket.level >= CALL;
    if admits {
        bucket.level -= CALL;
    }
    admits
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    fn a_second_fills_the_bucket_again() {
        let start = Instant::now();
        let mut rates = Rates::default();
        let admitted = (0..10).filter(|_| rates.admits_call(start, 3)).count();
        assert_eq!(admitted, 3);
        assert!(!rates.admits_call(start + Duration::from_millis(300), 3));
        let registered = (0..10).filter(|_| rates.admits_register(start, "a@b")).count();
        assert_eq!(registered, 5);
        assert!(rates.admits_register(start, "b@b"));
        for n in 0..limit::REGISTER_RATES_MAX {
            rates.admits_register(start, &n.to_string());
        }
        assert!(rates.registers.len() <= limit::REGISTER_RATES_MAX);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..10).filter(|_| rates.admits_call(later, 3)).count(), 3);
    }
}
