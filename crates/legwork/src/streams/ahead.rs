//! How much of what an application has said waits to be heard.
//!
//! Not here: the sound itself (`legwork_media::plane`), how often it may say something
//! (`websocket::pace`).

use std::time::{Duration, Instant};

use legwork_media::Rate;

use crate::limit;

/// What one sample takes to be heard.
const SAMPLE: Duration = Duration::from_micros(1_000_000 / Rate::Narrow.hz() as u64);

/// An account of it: it is heard as time passes.
#[derive(Debug)]
pub(super) struct Ahead {
    heard_by: Instant,
}

impl Ahead {
    /// Nothing waits.
    pub(super) fn new(now: Instant) -> Self {
        Self { heard_by: now }
    }

    /// So many samples more. False: too much would wait, they are left out.
    pub(super) fn say(&mut self, now: Instant, n_samples: usize) -> bool {
        let lasts = SAMPLE.saturating_mul(u32::try_from(n_samples).unwrap_or(u32::MAX));
        let waits = self.heard_by.saturating_duration_since(now) + lasts;
        let fits = waits <= limit::SAID_MAX;
        if fits {
            self.heard_by = now + waits;
        }
        fits
    }

    /// Nothing waits any more.
    pub(super) fn clear(&mut self, now: Instant) {
        self.heard_by = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plane keeps as many, and would cut off the rest without a word.
    const MOST: usize = legwork_media::limit::LIVE_SAMPLES;

    #[test]
    fn the_smallest_pieces_count_as_the_largest_do() {
        for piece in [1, 7, 8, 160, 100_000, MOST] {
            let now = Instant::now();
            let mut ahead = Ahead::new(now);
            let n = (0..=MOST).take_while(|_| ahead.say(now, piece)).count();
            assert_eq!(n, MOST / piece, "{piece}");
            // What has been heard waits no more.
            let later = now + Duration::from_secs(60);
            assert!(ahead.say(later, 60 * 8000) && !ahead.say(later, piece.max(8000)), "{piece}");
            ahead.clear(later);
            assert!(ahead.say(later, MOST));
            assert!(!ahead.say(later, 1));
        }
    }
}
