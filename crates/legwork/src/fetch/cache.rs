//! Answers to GET kept to be asked about again: `If-None-Match`, `If-Modified-Since`, 304.
//!
//! Nothing is used without asking: whether an answer still holds, its application says.
//! Not here: samples kept ready to be played (`speech/cache`).
//! Source: RFC 9110 §13, RFC 9111 §3; Twilio, "Caching".

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};

/// Answers, the oldest of which go when there is no room.
#[derive(Debug)]
pub struct Cache {
    room: usize,
    kept: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    answers: HashMap<String, Arc<Kept>>,
    /// Keys, oldest first.
    order: VecDeque<String>,
    bytes: usize,
}

/// One answer.
#[derive(Debug)]
pub struct Kept {
    etag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// All of it.
    pub body: Bytes,
}

impl Kept {
    /// An answer worth keeping: it has a name or a date, and nobody forbids it.
    pub fn of(headers: &HeaderMap, content_type: Option<&str>, body: &Bytes) -> Option<Self> {
        let (etag, modified) = (headers.get(ETAG).cloned(), headers.get(LAST_MODIFIED).cloned());
        let forbidden = headers.get_all(CACHE_CONTROL).iter().any(|line| {
            let mut words = line.as_bytes().split(|byte| matches!(byte, b',' | b' '));
            words.any(|word| word.eq_ignore_ascii_case(b"no-store"))
        });
        if forbidden || (etag.is_none() && modified.is_none()) {
            return None;
        }
        // A copy: the original is part of a larger buffer.
        let body = Bytes::copy_from_slice(body);
        Some(Self { etag, modified, content_type: content_type.map(str::to_owned), body })
    }

    /// What tells this answer from others of its URL.
    pub fn mark(&self) -> Option<String> {
        let mark = self.etag.as_ref().or(self.modified.as_ref())?;
        Some(String::from_utf8_lossy(mark.as_bytes()).into_owned())
    }

    /// Asks whether it still holds.
    pub fn ask(&self, headers: &mut HeaderMap) {
        if let Some(etag) = &self.etag {
            headers.insert(IF_NONE_MATCH, etag.clone());
        }
        if let Some(modified) = &self.modified {
            headers.insert(IF_MODIFIED_SINCE, modified.clone());
        }
    }

    fn size(&self, key: &str) -> usize {
        let marks = [&self.etag, &self.modified].into_iter().flatten().map(HeaderValue::len);
        let content_type = self.content_type.as_ref().map_or(0, String::len);
        // The key stands twice, and the maps around it count, too.
        self.body.len() + marks.sum::<usize>() + content_type + 2 * key.len() + 256
    }
}

impl Cache {
    /// An empty one of `room` bytes.
    pub fn new(room: usize) -> Self {
        Self { room, kept: Mutex::default() }
    }

    /// What was answered there last.
    pub fn find(&self, key: &str) -> Option<Arc<Kept>> {
        let all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.answers.get(key).map(Arc::clone)
    }

    /// Keeps an answer, or forgets the one before. One that fills more than a quarter of the room is
    /// not kept.
    pub fn put(&self, key: String, answer: Option<Kept>) {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let All { answers, order, bytes } = &mut *all;
        if let Some(old) = answers.remove(&key) {
            *bytes = bytes.saturating_sub(old.size(&key));
            order.retain(|other| *other != key);
        }
        let Some(answer) = answer.filter(|answer| answer.size(&key) <= self.room / 4) else {
            return;
        };
        *bytes += answer.size(&key);
        order.push_back(key.clone());
        answers.insert(key, Arc::new(answer));
        while *bytes > self.room
            && let Some(oldest) = order.pop_front()
        {
            if let Some(old) = answers.remove(&oldest) {
                *bytes = bytes.saturating_sub(old.size(&oldest));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[(&'static str, &str)], body: &[u8]) -> Option<Kept> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        Kept::of(&headers, Some("text/xml"), &Bytes::copy_from_slice(body))
    }

    #[test]
    fn what_is_kept() {
        let table: [(&[(&'static str, &str)], bool); 6] = [
            (&[], false),
            (&[("etag", "\"1\"")], true),
            (&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")], true),
            (&[("etag", "\"1\""), ("cache-control", "private, max-age=0")], true),
            (&[("etag", "\"1\""), ("cache-control", "private,No-Store")], false),
            (
                &[("etag", "\"1\""), ("cache-control", "private"), ("cache-control", "no-store")],
                false,
            ),
        ];
        for (lines, expected) in table {
            assert_eq!(kept(lines, b"x").is_some(), expected, "{lines:?}");
        }
        let mut headers = HeaderMap::new();
        kept(&[("etag", "W/\"1\""), ("last-modified", "then")], b"").unwrap().ask(&mut headers);
        assert_eq!(headers.get(IF_NONE_MATCH).unwrap(), "W/\"1\"");
        assert_eq!(headers.get(IF_MODIFIED_SINCE).unwrap(), "then");
    }

    #[test]
    fn answers_grow_old_and_go() {
        let cache = Cache::new(16 * 1024);
        let large = vec![0; 4 * 1024 - 300];
        let put = |key: &str, body: &[u8]| {
            cache.put(key.to_owned(), kept(&[("etag", "\"1\"")], body));
        };
        for key in ["a", "b", "c", "d", "d"] {
            put(key, &large);
        }
        assert!(cache.find("a").is_some());
        put("e", &large);
        assert!(cache.find("a").is_none() && cache.find("b").is_some());
        put("f", &vec![0; 4 * 1024]);
        assert!(cache.find("f").is_none(), "too large to be kept");
        cache.put("b".to_owned(), None);
        assert!(cache.find("b").is_none());
        let all = cache.kept.lock().unwrap();
        assert_eq!(all.order, ["c", "d", "e"]);
        assert_eq!(all.bytes, 3 * all.answers.get("c").unwrap().size("c"));
    }
}
