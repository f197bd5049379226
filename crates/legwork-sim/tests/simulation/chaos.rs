//! Random scenarios: only what must always hold is checked.
//!
//! `SEED=n` replays one with its ladder, up to the rule it breaks; `SEEDS=n FROM=m` runs so many from
//! there on (`make chaos`).
#![expect(clippy::print_stderr, clippy::unwrap_used, reason = "a test that says how far it is")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use legwork_sim::books::Tally;
use legwork_sim::chaos;

const SEEDS: u64 = 10_000;
/// So many broken seeds are enough for one run.
const BROKEN_MAX: usize = 20;
const PROGRESS: Duration = Duration::from_secs(10);

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[derive(Debug)]
struct Range {
    from: u64,
    seeds: u64,
    begun: Instant,
    next: AtomicU64,
    told: Mutex<Instant>,
    broken: Mutex<Vec<(u64, String)>>,
    tally: Mutex<Tally>,
}

impl Range {
    fn run(&self) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            if at >= self.seeds || self.broken.lock().unwrap().len() >= BROKEN_MAX {
                return;
            }
            let seed = self.from + at;
            match catch_unwind(AssertUnwindSafe(|| chaos::run(seed, false))) {
                Ok(tally) => *self.tally.lock().unwrap() += tally,
                Err(cause) => {
                    let text = cause.downcast_ref::<String>().cloned();
                    let text = text.or_else(|| Some((*cause.downcast_ref::<&str>()?).to_owned()));
                    let rule = text.unwrap_or_default().lines().next().unwrap_or("").to_owned();
                    eprintln!("replay: make chaos SEED={seed}");
                    self.broken.lock().unwrap().push((seed, rule));
                }
            }
            self.tell(at + 1);
        }
    }

    fn tell(&self, done: u64) {
        let mut told = self.told.lock().unwrap();
        if told.elapsed() >= PROGRESS {
            *told = Instant::now();
            eprintln!("{}", self.line(done));
        }
    }

    fn line(&self, done: u64) -> String {
        let (seconds, broken) = (self.begun.elapsed().as_secs(), self.broken.lock().unwrap().len());
        let rate = done / seconds.max(1);
        format!(
            "chaos: {done} of {} seeds from {}, {rate}/s, {broken} broken",
            self.seeds, self.from
        )
    }
}

#[test]
fn whatever_happens_the_rules_hold() {
    if let Some(seed) = number("SEED") {
        chaos::run(seed, true);
        return;
    }
    let now = Instant::now();
    let range = Range {
        from: number("FROM").unwrap_or(0),
        seeds: number("SEEDS").unwrap_or(SEEDS),
        begun: now,
        next: AtomicU64::new(0),
        told: Mutex::new(now),
        broken: Mutex::new(Vec::new()),
        tally: Mutex::default(),
    };
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = number("THREADS").and_then(|n| usize::try_from(n).ok()).unwrap_or(all);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(|| range.run()))));
    let done = range.next.load(Ordering::Relaxed).min(range.seeds);
    eprintln!("{}", range.line(done));
    let mut broken = range.broken.into_inner().unwrap();
    broken.sort();
    for (seed, rule) in &broken {
        eprintln!("{rule}\n  replay: make chaos SEED={seed}");
    }
    assert!(broken.is_empty(), "{} of {done} seeds are broken", broken.len());
    // Rules of what does not happen can not be broken.
    let Tally { accepted, several, completed, restored, taken, conferred } =
        range.tally.into_inner().unwrap();
    eprintln!(
        "transfers: {accepted} accepted, {completed} completed, {restored} restored; \
         {taken} taken from queues; {conferred} conferences"
    );
    let told = [("accepted", accepted), ("several", several), ("completed", completed)];
    let more =
        [("restored", restored), ("taken from queues", taken), ("into a conference", conferred)];
    for (what, count) in told.into_iter().chain(more) {
        let least = usize::try_from(done / 100).unwrap();
        assert!(count >= least, "of {done} seeds, calls {what}: {count}");
    }
}
