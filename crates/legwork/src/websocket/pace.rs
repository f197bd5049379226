//! How fast an application's messages are taken: who sends more waits, and so does its TCP.
//!
//! Not here: how much may wait of what they ask for (`limit`, `streams`, `relay`).

use std::time::Duration;

use tokio::time::Instant;

/// Messages a second.
#[derive(Debug)]
pub(crate) struct Pace {
    a_second: u32,
    since: Instant,
    taken: u32,
}

impl Pace {
    /// So many, and no more, in one second.
    pub(crate) fn new(a_second: u32) -> Self {
        Self { a_second, since: Instant::now(), taken: 0 }
    }

    /// Until another may be taken. Nothing is lost where it is not waited for.
    pub(crate) async fn ready(&self) {
        if self.taken >= self.a_second {
            tokio::time::sleep_until(self.over()).await;
        }
    }

    /// One was taken.
    pub(crate) fn took(&mut self) {
        if Instant::now() >= self.over() {
            (self.since, self.taken) = (Instant::now(), 0);
        }
        self.taken += 1;
    }

    fn over(&self) -> Instant {
        self.since + Duration::from_secs(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_sends_more_waits_for_the_next_second() {
        let began = Instant::now();
        let mut pace = Pace::new(3);
        let mut taken = Vec::new();
        for _ in 0..8 {
            pace.ready().await;
            pace.took();
            taken.push(began.elapsed().as_secs());
        }
        assert_eq!(taken, [0, 0, 0, 1, 1, 1, 2, 2]);
    }
}
