//! Random scenarios: only what must always hold is checked. `SEED=n` replays one, `SEEDS=n` runs so
//! many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use legwork_sim::chaos;

const SEEDS: u64 = 10_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_the_rules_hold() {
    if let Some(seed) = number("SEED") {
        return chaos::run(seed);
    }
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    let run = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return;
            }
            if let Err(cause) = catch_unwind(AssertUnwindSafe(|| chaos::run(seed))) {
                eprintln!("replay: SEED={seed} cargo test -p legwork-sim whatever_happens");
                std::panic::resume_unwind(cause);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(run))));
}
