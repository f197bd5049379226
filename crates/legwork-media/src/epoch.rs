//! Where virtual time begins in tests.
//!
//! Not here: anything that is built into the crate.

use std::time::Instant;

/// Some instant; tests only add to it.
#[expect(clippy::disallowed_methods, reason = "the only way to make an Instant; never compared")]
pub(crate) fn epoch() -> Instant {
    Instant::now()
}
