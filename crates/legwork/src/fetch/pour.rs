//! A sound on its way from whoever serves it to whoever decodes it, while it comes.
//!
//! Not here: asking for it (`journey`), decoding it (`speech`).
//! Source: RFC 9111 §4.2 (freshness).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{AGE, CACHE_CONTROL, HeaderMap};
use tokio::sync::mpsc;
use url::Url;

use crate::fetch::failure::{Cause, Failure};
use crate::limit;

/// Twilio's code for a sound that can not be played: nobody wants the rest of it.
pub const UNWANTED: u32 = 13_420;

/// What is known before the first byte.
#[derive(Clone, Debug)]
pub struct Spout {
    /// Where it comes from, after redirects.
    pub url: Url,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `ETag` or `Last-Modified`. None: it can not be asked whether it still holds.
    pub mark: Option<String>,
    /// How long it may be played without asking again.
    pub freshness: Freshness,
}

/// How long an answer may be used without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Not at all, and nothing of it may be kept.
    Never,
    /// So long; none at all: it may be kept, and is asked about every time.
    For(Duration),
}

impl Freshness {
    /// From the head of an answer: `no-store`, `no-cache`, `max-age` less `Age`. What says nothing
    /// is fresh for a minute.
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(CACHE_CONTROL).iter();
        let lines: Vec<String> = lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()).to_ascii_lowercase())
            .collect();
        let words = || lines.iter().flat_map(|line| line.split(',')).map(str::trim);
        if words().any(|word| word == "no-store") {
            return Self::Never;
        }
        if words().any(|word| word == "no-cache" || word.starts_with("no-cache=")) {
            return Self::For(Duration::ZERO);
        }
        let age = words().find_map(|word| word.strip_prefix("max-age="));
        let Some(age) = age.and_then(|age| age.trim_matches('"').parse::<u64>().ok()) else {
            return Self::For(limit::SOUND_CACHE_AGE);
        };
        let old = headers.get(AGE).and_then(|age| age.to_str().ok()?.trim().parse::<u64>().ok());
        let left = Duration::from_secs(age.saturating_sub(old.unwrap_or_default()));
        Self::For(left.min(limit::SOUND_CACHE_AGE_MAX))
    }
}

/// What comes out.
#[derive(Debug)]
pub enum Piece {
    /// First.
    Spout(Box<Spout>),
    /// Then bytes, in order.
    Bytes(Bytes),
}

/// The end where a sound is poured in.
#[derive(Debug)]
pub struct Pour {
    sender: mpsc::Sender<Piece>,
    has_begun: AtomicBool,
}

impl Pour {
    /// Both ends. Pieces wait in between until they are taken, a few.
    pub fn new() -> (Self, mpsc::Receiver<Piece>) {
        let (sender, receiver) = mpsc::channel(limit::SOUND_QUEUE_MAX);
        (Self { sender, has_begun: AtomicBool::new(false) }, receiver)
    }

    /// Something has been poured.
    pub fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// Before the first byte.
    ///
    /// # Errors
    /// Nobody wants it any more.
    pub async fn begin(&self, spout: Spout) -> Result<(), Failure> {
        self.has_begun.store(true, Ordering::Relaxed);
        self.send(Piece::Spout(Box::new(spout))).await
    }

    /// The next bytes. Waits while those before are not taken.
    ///
    /// # Errors
    /// Nobody wants it any more.
    pub async fn pour(&self, bytes: Bytes) -> Result<(), Failure> {
        self.send(Piece::Bytes(bytes)).await
    }

    async fn send(&self, piece: Piece) -> Result<(), Failure> {
        let sent = self.sender.send(piece).await;
        sent.map_err(|_| Failure::new(UNWANTED, Cause::Lasting, "nobody wants it any more"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_an_answer_is_fresh() {
        let minute = Freshness::For(limit::SOUND_CACHE_AGE);
        let secs = |n| Freshness::For(Duration::from_secs(n));
        let table: [(&[(&'static str, &str)], Freshness); 9] = [
            (&[], minute),
            (&[("cache-control", "private")], minute),
            (&[("cache-control", "no-store")], Freshness::Never),
            (&[("cache-control", "max-age=60"), ("cache-control", "No-Store")], Freshness::Never),
            (&[("cache-control", "no-cache, max-age=60")], secs(0)),
            (&[("cache-control", "public, max-age=600")], secs(600)),
            (&[("cache-control", "max-age=600"), ("age", "590")], secs(10)),
            (&[("cache-control", "max-age=1"), ("age", "590")], secs(0)),
            (&[("cache-control", "max-age=999999999")], Freshness::For(limit::SOUND_CACHE_AGE_MAX)),
        ];
        for (lines, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            assert_eq!(Freshness::of(&headers), expected, "{lines:?}");
        }
    }
}
