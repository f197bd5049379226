//! Virtual time: it stands still until the world moves it to the next thing that happens.
//!
//! Not here: what happens next (`world`).

use std::time::{Duration, Instant, SystemTime};

use legwork_call::Now;

/// Both clocks of the world.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    now: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        let start = Instant::now();
        Self { start, now: start }
    }
}

impl Clock {
    /// The virtual instant.
    pub fn mono(&self) -> Instant {
        self.now
    }

    /// Both clocks; the wall shows 2026-11-01 00:00:00 UTC at the start.
    pub fn now(&self) -> Now {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_491_200) + self.elapsed();
        Now { mono: self.now, wall }
    }

    /// How much virtual time has passed.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Moves on to `at`; never back.
    pub fn move_to(&mut self, at: Instant) {
        self.now = self.now.max(at);
    }
}
