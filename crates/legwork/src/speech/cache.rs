//! Sounds kept for another time: bounded in bytes, the oldest go first.
//!
//! Not here: where they come from (`speech`).
//! Source: ours.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::limit;
use crate::speech::Samples;

/// The sounds.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    sounds: HashMap<String, Kept>,
    /// Keys, oldest first.
    order: VecDeque<String>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    samples: Samples,
    since: Instant,
}

/// What a sound takes, bytes: its key stands twice, and the maps around it count, too.
fn size(key: &str, samples: &Samples) -> usize {
    samples.len() * size_of::<i16>() + 2 * key.len() + 256
}

impl Cache {
    /// A sound, if it is here and not older than `age`.
    pub(crate) fn find(&self, now: Instant, key: &str, age: Option<Duration>) -> Option<Samples> {
        let kept = self.sounds.get(key)?;
        let fresh = age.is_none_or(|age| now.saturating_duration_since(kept.since) < age);
        fresh.then(|| kept.samples.clone())
    }

    /// Keeps a sound. One that fills more than a quarter of the room is not kept.
    pub(crate) fn insert(&mut self, now: Instant, key: String, samples: &Samples) {
        let more = size(&key, samples);
        if more > limit::SOUND_CACHE_MAX / 4 {
            return;
        }
        let kept = Kept { samples: samples.clone(), since: now };
        self.bytes += more;
        match self.sounds.insert(key.clone(), kept) {
            Some(old) => self.bytes = self.bytes.saturating_sub(size(&key, &old.samples)),
            None => self.order.push_back(key),
        }
        while self.bytes > limit::SOUND_CACHE_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(old) = self.sounds.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(size(&oldest, &old.samples));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_grow_old_and_go() {
        let mut cache = Cache::default();
        let now = Instant::now();
        let quarter: Samples = vec![0; limit::SOUND_CACHE_MAX / 8 - 129].into();
        for key in ["a", "b", "c", "d"] {
            cache.insert(now, key.to_owned(), &quarter);
        }
        assert!(cache.find(now, "a", None).is_some());
        cache.insert(now, "d".to_owned(), &quarter);
        assert!(cache.find(now, "a", None).is_some(), "nothing was added");
        cache.insert(now, "e".to_owned(), &vec![0; 1].into());
        assert!(cache.find(now, "a", None).is_none());
        assert!(cache.find(now, "b", None).is_some());
        assert_eq!(cache.bytes, 3 * size("b", &quarter) + size("e", &vec![0; 1].into()));
        let age = Duration::from_secs(60);
        assert!(cache.find(now + age, "b", None).is_some());
        assert!(cache.find(now + age, "b", Some(age)).is_none());
        cache.insert(now, "f".to_owned(), &vec![0; limit::SOUND_CACHE_MAX / 4].into());
        assert!(cache.find(now, "f", None).is_none(), "too large to be kept");
    }

    #[test]
    fn long_names_of_short_sounds_count() {
        let mut cache = Cache::default();
        let blip: Samples = vec![0; 1].into();
        let name = "x".repeat(1024 * 1024);
        for n in 0..100 {
            cache.insert(Instant::now(), format!("{n}{name}"), &blip);
        }
        assert!(cache.sounds.len() < 33, "{}", cache.sounds.len());
        assert_eq!(cache.sounds.len(), cache.order.len());
    }
}
