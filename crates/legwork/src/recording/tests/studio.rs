//! Recordings with everything they stand on: a folder, taps, the engine's inbox.
//!
//! Not here: what is expected of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use legwork_call::io::{Input, Recording, Tapped};
use legwork_call::sid::{AccountSid, CallSid, RecordingSid};
use legwork_media::TapId;
use mio::{Poll, Token, Waker};

use crate::config::{self, development};
use crate::media::taps::Taps;
use crate::recording::Recordings;
use crate::serve::inbox::{Event, Inbox, Post, inbox};
use crate::store::Store;

pub(crate) const MINE: AccountSid = development::ACCOUNT;
pub(crate) const CALL: CallSid = CallSid::from_bits(7);
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Studio {
    pub(crate) folder: PathBuf,
    pub(crate) recordings: Recordings,
    pub(crate) taps: Taps,
    pub(crate) store: Arc<Store>,
    config: config::Recordings,
    inbox: Inbox,
    post: Post,
    _poll: Poll,
    /// The folder stays: somebody else looks at it.
    kept: bool,
}

pub(crate) fn sid(n: u64) -> RecordingSid {
    RecordingSid::from_bits(n.into())
}

pub(crate) fn tap(n: u64) -> TapId {
    TapId(n)
}

impl Studio {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, |_| ())
    }

    pub(crate) fn with(name: &str, change: impl FnOnce(&mut config::Recordings)) -> Self {
        let name = format!("legwork-studio-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        let mut config = development::config(5060, 8080, false, None).recordings;
        config.folder = folder;
        config.free_space = 0;
        change(&mut config);
        Self::of(config)
    }

    /// One with this configuration, whatever its folder holds.
    pub(crate) fn of(config: config::Recordings) -> Self {
        let poll = Poll::new().unwrap();
        let (post, inbox) = inbox(Waker::new(poll.registry(), Token(0)).unwrap());
        let (taps, store) = (Taps::default(), Arc::new(Store::default()));
        let recordings = Recordings::new(
            &config,
            crate::fetch::tls,
            post.clone(),
            taps.clone(),
            Arc::clone(&store),
        );
        Self {
            folder: config.folder.clone(),
            recordings: recordings.unwrap(),
            taps,
            store,
            config,
            inbox,
            post,
            _poll: poll,
            kept: false,
        }
    }

    /// After a restart.
    pub(crate) fn again(self) -> Self {
        let config = self.config.clone();
        self.leave();
        Self::of(config)
    }

    /// The folder stays as it is.
    pub(crate) fn leave(mut self) {
        self.kept = true;
    }

    pub(crate) fn post(&self) -> Post {
        self.post.clone()
    }

    /// A recording and a tap of this number.
    pub(crate) fn begin(&self, n: u64, channels: u16, trim: bool) {
        let started = SystemTime::UNIX_EPOCH + Duration::from_secs(n);
        let recording = Recording { sid: sid(n), channels, trim, started };
        self.recordings.begin(tap(n), MINE, CALL, &recording);
    }

    /// All that comes of a tap, as fast as it is taken.
    pub(crate) async fn say(&self, n: u64, samples: &[i16]) {
        for piece in samples.chunks(1_600) {
            self.taps.give(tap(n), piece);
            self.until_taken(n).await;
        }
        self.taps.end(tap(n));
    }

    /// Whatever was given is taken.
    pub(crate) async fn until_taken(&self, n: u64) {
        self.until("the task takes what was given", || self.taps.is_empty(tap(n))).await;
    }

    pub(crate) async fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "{what}");
            tokio::task::yield_now().await;
        }
    }

    /// The next thing the engine is told.
    pub(crate) async fn told(&mut self) -> (TapId, Tapped) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(Event::Input(Input::Tapped { tap, tapped })) = self.inbox.next_event() {
                return (tap, tapped);
            }
            assert!(Instant::now() < deadline, "nothing is told");
            tokio::task::yield_now().await;
        }
    }

    /// What is in a complete file, by channel.
    pub(crate) fn heard(&self, n: u64) -> Vec<Vec<i16>> {
        channels(&std::fs::read(self.folder.join(format!("{}.wav", sid(n)))).unwrap())
    }

    /// The names in the folder, SIDs as numbers.
    pub(crate) fn files(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let short = |name: String| {
            let (sid, ending) = name.split_once('.').unwrap();
            format!("{}.{ending}", sid.trim_start_matches("RE").trim_start_matches('0'))
        };
        let mut names: Vec<String> = names.map(short).collect();
        names.sort();
        names
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Samples of a WAV file, by channel; its head fits what is behind it.
pub(crate) fn channels(file: &[u8]) -> Vec<Vec<i16>> {
    assert_eq!(&file[..4], b"RIFF");
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    assert!(word(40) <= file.len() - 44 && word(4) == word(40) + 36, "{} {}", word(4), word(40));
    let n = usize::from(file[22]);
    let mut channels = vec![Vec::new(); n];
    for (at, pair) in file[44..44 + word(40)].chunks_exact(2).enumerate() {
        channels[at % n].push(i16::from_le_bytes([pair[0], pair[1]]));
    }
    channels
}
