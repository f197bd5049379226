//! Sounds kept for another time: bounded in bytes, the oldest go first.
//!
//! Not here: sounds being made (`shelf`), files as they came (`fetch/cache`).
//! Source: ours.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use legwork_media::Rate;

use crate::limit;

/// A sound.
#[derive(Clone, Debug)]
pub(crate) struct Sound {
    pub(crate) rate: Rate,
    pub(crate) samples: Arc<[i16]>,
    /// Until when it is played without asking. None: for ever.
    pub(crate) until: Option<Instant>,
    /// What tells it from others of its URL.
    pub(crate) mark: Option<String>,
}

impl Sound {
    /// It need not be asked about.
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// The sounds.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    sounds: HashMap<Arc<str>, Sound>,
    /// Keys, oldest first.
    order: VecDeque<Arc<str>>,
    bytes: usize,
}

/// What a sound takes, bytes: the maps around it count, too.
fn size(key: &str, sound: &Sound) -> usize {
    let mark = sound.mark.as_ref().map_or(0, String::len);
    sound.samples.len() * size_of::<i16>() + key.len() + mark + 256
}

impl Cache {
    /// A sound, if it is here, fresh or not.
    pub(crate) fn find(&self, key: &str) -> Option<&Sound> {
        self.sounds.get(key)
    }

    /// It still holds.
    pub(crate) fn refresh(&mut self, key: &str, until: Option<Instant>) {
        if let Some(sound) = self.sounds.get_mut(key) {
            sound.until = until;
        }
    }

    /// Keeps a sound. One that fills more than a quarter of the room is not kept.
    pub(crate) fn insert(&mut self, key: &Arc<str>, sound: Sound) {
        let more = size(key, &sound);
        if more > limit::SOUND_CACHE_MAX / 4 {
            return self.remove(key);
        }
        self.bytes += more;
        match self.sounds.insert(Arc::clone(key), sound) {
            Some(old) => self.bytes = self.bytes.saturating_sub(size(key, &old)),
            None => self.order.push_back(Arc::clone(key)),
        }
        while self.bytes > limit::SOUND_CACHE_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(old) = self.sounds.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(size(&oldest, &old));
            }
        }
    }

    /// Forgets a sound.
    pub(crate) fn remove(&mut self, key: &str) {
        if let Some(old) = self.sounds.remove(key) {
            self.bytes = self.bytes.saturating_sub(size(key, &old));
            self.order.retain(|other| **other != *key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sound(n_samples: usize) -> Sound {
        let samples = vec![0; n_samples].into();
        Sound { rate: Rate::Wide, samples, until: None, mark: None }
    }

    #[test]
    fn sounds_grow_old_and_go() {
        let mut cache = Cache::default();
        let quarter = limit::SOUND_CACHE_MAX / 8 - 129;
        let mut insert = |key: &str, n| {
            cache.insert(&key.into(), sound(n));
            let known: Vec<bool> =
                ["a", "b", "c", "d", "e"].iter().map(|key| cache.find(key).is_some()).collect();
            (known, cache.bytes)
        };
        for key in ["a", "b", "c", "d", "d"] {
            insert(key, quarter);
        }
        assert_eq!(insert("d", quarter).0, [true, true, true, true, false], "nothing was added");
        let (known, bytes) = insert("e", 1);
        assert_eq!(known, [false, true, true, true, true]);
        assert_eq!(bytes, 3 * size("b", &sound(quarter)) + size("e", &sound(1)));
        let (known, _) = insert("e", limit::SOUND_CACHE_MAX / 4);
        assert!(!known[4], "too large to be kept, and the one before is out of date");
        cache.remove("b");
        assert_eq!(cache.bytes, 2 * size("b", &sound(quarter)));
        assert_eq!(cache.order.len(), 2);
    }

    #[test]
    fn what_is_not_fresh_is_asked_about() {
        let mut cache = Cache::default();
        let now = Instant::now();
        cache.insert(&"a".into(), Sound { until: Some(now), ..sound(1) });
        let is_fresh = |cache: &Cache| cache.find("a").is_some_and(|sound| sound.is_fresh(now));
        assert!(!is_fresh(&cache));
        cache.refresh("a", Some(now + Duration::from_secs(1)));
        assert!(is_fresh(&cache));
    }

    #[test]
    fn long_names_of_short_sounds_count() {
        let mut cache = Cache::default();
        let name = "x".repeat(1024 * 1024);
        for n in 0..100 {
            cache.insert(&format!("{n}{name}").into(), sound(1));
        }
        assert!(cache.sounds.len() < 65, "{}", cache.sounds.len());
        assert_eq!(cache.sounds.len(), cache.order.len());
    }
}
