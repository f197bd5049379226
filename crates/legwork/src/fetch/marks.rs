//! What marks one request among others: the idempotency token, and `traceparent` where it is wanted.
//!
//! Not here: signatures (`sign`).
//! Source: Twilio, `I-Twilio-Idempotency-Token`; W3C, "Trace Context", §3.2.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::{HeaderMap, HeaderValue};
use legwork_call::sid::CallSid;

/// Gives numbers that do not come again, of this process or another.
#[derive(Debug, Default)]
pub struct Numbers {
    next: AtomicU64,
    high: RandomState,
    low: RandomState,
}

impl Numbers {
    /// The next one.
    pub fn next(&self) -> u128 {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        u128::from(self.high.hash_one(n)) << 64 | u128::from(self.low.hash_one(n))
    }
}

/// The marks of one request of the switch: its retries and redirects bear the same.
#[derive(Clone, Debug)]
pub struct Marks {
    /// None never: it is made of hex digits.
    token: Option<HeaderValue>,
    trace: Option<HeaderValue>,
}

impl Marks {
    /// New marks. With a call, its trace: all requests about one call are one trace, whose id is the
    /// call's SID without `CA`.
    pub fn new(number: u128, traced: Option<CallSid>) -> Self {
        let trace = traced.and_then(|call| {
            let sid = call.to_string();
            // The id of our side is never zero.
            let ours = (number as u64) | 1;
            HeaderValue::try_from(format!("00-{}-{ours:016x}-01", sid.get(2..)?)).ok()
        });
        Self { token: HeaderValue::try_from(uuid(number)).ok(), trace }
    }

    /// Writes them.
    pub fn write(&self, headers: &mut HeaderMap) {
        if let Some(token) = &self.token {
            headers.insert("i-twilio-idempotency-token", token.clone());
        }
        if let Some(trace) = &self.trace {
            headers.insert("traceparent", trace.clone());
        }
    }
}

/// RFC 9562, version 4.
fn uuid(number: u128) -> String {
    let version = number & !(0xf000 << 64) & !(0xc000 << 48) | 0x4000 << 64 | 0x8000 << 48;
    let hex = format!("{version:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_uuids_and_traces_are_calls() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        let numbers = Numbers::default();
        assert_ne!(numbers.next(), numbers.next());
        let mut headers = HeaderMap::new();
        let call = CallSid::from_bits(0xab);
        Marks::new(0x10, Some(call)).write(&mut headers);
        let trace = "00-000000000000000000000000000000ab-0000000000000011-01";
        assert_eq!(headers.get("traceparent").unwrap(), trace);
        headers.clear();
        Marks::new(0x10, None).write(&mut headers);
        assert_eq!(headers.len(), 1);
    }
}
