//! Rates: how many calls and transfers a second are taken.
//!
//! Not here: what is answered above the rate (`inbound`, `transfer::admit`).

use std::collections::BTreeMap;
use std::time::Instant;

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
    account_calls: BTreeMap<AccountSid, Bucket>,
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

    /// One more REFER of that account.
    pub(crate) fn admits_refer(&mut self, now: Instant, of: AccountSid, per_second: u32) -> bool {
        let full = Bucket::full(now, per_second);
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
        let later = start + Duration::from_secs(1);
        assert_eq!((0..10).filter(|_| rates.admits_call(later, 3)).count(), 3);
    }
}
