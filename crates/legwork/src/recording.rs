//! Recordings of what is said in calls: written, kept, sent away, given out.
//!
//! ```text
//!   Output::Tap ──▶ writer ──▶ shelf (a folder) ──▶ upload ──▶ bucket (an object store)
//!                     │           │                                │
//!        Input::Tapped◀┘           └────────▶ api/recordings ◀──────┘   made: MP3, one channel
//! ```
//! What the engine tells of them (`Change::Recording`) and what became of their files meet in one card
//! each, which lies beside the sound.
//! Not here: recordings of SIP for replay (`record`), which is quite another thing; when a recording begins
//! and ends (`legwork-call`).
//! Source: Twilio, "Recordings Resource", "TwiML Voice: Record"; alerts 91345, 91346, 16111.

mod bucket;
mod card;
mod form;
mod made;
mod shelf;
mod trim;
mod upload;
mod wav;
mod wire;
mod writer;

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use legwork_call::io::{Input, Recording, RecordingRow, Tapped};
use legwork_call::sid::{AccountSid, CallSid, RecordingSid};
use legwork_media::{Rate, TapId};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

use crate::config;
use crate::limit;
use crate::media::taps::Taps;
use crate::recording::bucket::Bucket;
use crate::recording::card::Place;
use crate::recording::form::Form;
use crate::recording::made::Workshop;
use crate::recording::shelf::Shelf;
use crate::recording::upload::Queue;
use crate::recording::wav::Format;
use crate::recording::wire::Wire;
use crate::recording::writer::Order;
use crate::serve::inbox::{Event, Post};
use crate::serve::under_way::UnderWay;
use crate::store::Store;

pub(crate) use card::Card;
pub(crate) use made::{Media, NoMedia};

/// A recording could not be written: the disk is full, or broken.
const NOT_WRITTEN: u32 = 91_345;
/// Too many recordings at a time.
const TOO_MANY: u32 = 91_346;

/// All recordings; cheap to clone.
#[derive(Clone, Debug)]
pub struct Recordings(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ground: Arc<Ground>,
    runtime: Handle,
    post: Post,
    taps: Taps,
    /// One for each recording that may be made at a time.
    places: Arc<Semaphore>,
    n_places: usize,
    ending: watch::Sender<bool>,
    under_way: UnderWay,
}

/// What everybody who handles recordings stands on.
#[derive(Debug)]
struct Ground {
    shelf: Shelf,
    store: Arc<Store>,
    bucket: Option<Bucket>,
    keep_local: bool,
    free_space: u64,
    /// Few write at a time.
    writers: Semaphore,
    workshop: Workshop,
    uploads: Queue,
}

/// Why a recording came to nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    code: u32,
    text: String,
}

/// Why a recording was not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotDeleted {
    /// It is still being made.
    Growing,
    /// The disk or the object store refuses.
    Broken(String),
}

impl Recordings {
    /// Takes over the recordings of the folder. To be called within a runtime.
    ///
    /// # Errors
    /// The folder is there and can not be read, or the object store is named wrongly.
    pub(crate) fn new(
        config: &config::Recordings,
        tls: impl FnOnce() -> Result<rustls::ClientConfig, rustls::Error>,
        post: Post,
        taps: Taps,
        store: Arc<Store>,
    ) -> anyhow::Result<Self> {
        let bucket = match &config.store {
            Some(named) => {
                let wire = Wire::new(tls().context("no TLS")?);
                Some(Bucket::new(named, wire).context("recordings.store can not be used")?)
            }
            None => None,
        };
        let shelf = Shelf::open(&config.folder).with_context(|| {
            format!("the recordings in {} can not be read", config.folder.display())
        })?;
        let ground = Arc::new(Ground {
            shelf,
            store,
            bucket: bucket.clone(),
            keep_local: config.store.as_ref().is_some_and(|bucket| bucket.keep_local),
            free_space: config.free_space,
            writers: Semaphore::new(limit::AUDIO_WRITERS_MAX),
            workshop: Workshop::default(),
            uploads: Queue::default(),
        });
        tokio::spawn(write_cards(Arc::clone(&ground)));
        if let Some(bucket) = bucket {
            ground.shelf.complete().into_iter().for_each(|sid| ground.uploads.push(sid));
            for _ in 0..limit::UPLOADS_AT_ONCE {
                tokio::spawn(upload::carry(Arc::clone(&ground), bucket.clone()));
            }
        }
        let n_places = config.at_once;
        Ok(Self(Arc::new(Inner {
            ground,
            runtime: Handle::current(),
            post,
            taps,
            places: Arc::new(Semaphore::new(n_places)),
            n_places,
            ending: watch::Sender::new(false),
            under_way: UnderWay::default(),
        })))
    }

    /// Those that are being made.
    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// Writes down what a tap will give; `Tapped::Recorded` or `Tapped::Failed` follows, once. Never waits.
    pub(crate) fn begin(
        &self,
        tap: TapId,
        account: AccountSid,
        call: CallSid,
        recording: &Recording,
    ) {
        let sound = self.0.taps.open(tap);
        let sid = recording.sid;
        let row = RecordingRow {
            sid,
            account,
            call,
            conference: None,
            status: "in-progress",
            source: "",
            track: "",
            channels: recording.channels,
            started: recording.started,
            duration: None,
        };
        // The engine may have told more of it already.
        if self.0.ground.shelf.find_listed(sid).is_none() {
            self.put_row(&row);
        }
        let order = Order {
            sid,
            format: Format { channels: recording.channels, rate_hz: Rate::Narrow.hz() },
            trim: recording.trim,
            sound,
            ending: self.0.ending.subscribe(),
        };
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let recordings = self.clone();
        let under_way = self.0.under_way.begin();
        self.0.runtime.spawn(async move {
            let _under_way = under_way;
            let written = match &place {
                Ok(_) => writer::write(Arc::clone(&recordings.0.ground), order).await,
                Err(_) => Err(recordings.too_many()),
            };
            recordings.0.taps.forget(tap);
            let tapped = recordings.told(sid, written);
            recordings.0.post.send(Event::Input(Input::Tapped { tap, tapped })).await;
        });
    }

    fn too_many(&self) -> Failure {
        let most = self.0.n_places;
        let text = format!("{most} recordings are being made: raise recordings.at_once");
        Failure { code: TOO_MANY, text }
    }

    /// What the engine is told of a recording.
    fn told(&self, sid: RecordingSid, written: Result<Duration, Failure>) -> Tapped {
        let ground = &self.0.ground;
        let has_sound = ground.shelf.find_listed(sid).is_some_and(|card| card.has_sound());
        if ground.bucket.is_some() && has_sound {
            ground.uploads.push(sid);
        }
        match written {
            Ok(duration) => Tapped::Recorded { duration },
            Err(Failure { code, text }) => {
                ground.shelf.fail(sid);
                tracing::warn!(%sid, code, text, "a recording failed");
                Tapped::Failed { code, text }
            }
        }
    }

    /// The engine tells of a recording. Never waits.
    pub(crate) fn put_row(&self, row: &RecordingRow) {
        self.0.ground.shelf.put_row(row);
    }

    /// Completes what is being made, for a while at most: the server ends.
    pub(crate) async fn end(&self) {
        self.0.ending.send_replace(true);
        let all = u32::try_from(self.0.n_places).unwrap_or(u32::MAX);
        let complete = self.0.places.acquire_many(all);
        if tokio::time::timeout(limit::AUDIO_COMPLETED, complete).await.is_err() {
            tracing::warn!("the disk is too slow: recordings are completed at the next start");
        }
        let ground = Arc::clone(&self.0.ground);
        let saved = tokio::task::spawn_blocking(move || ground.shelf.save_dirty());
        if saved.await.is_err() {
            tracing::warn!("what is known of recordings is not written");
        }
    }

    /// Recordings of an account, newest first, of one call if it is named, at most so many.
    pub(crate) fn list(
        &self,
        account: AccountSid,
        call: Option<CallSid>,
        most: usize,
    ) -> Vec<Card> {
        self.0.ground.shelf.list(account, call, most)
    }

    /// One recording; none: there is none of that name.
    pub(crate) async fn find(&self, sid: RecordingSid) -> Option<Card> {
        let ground = Arc::clone(&self.0.ground);
        tokio::task::spawn_blocking(move || ground.shelf.find(sid)).await.ok().flatten()
    }

    /// Its sound, as WAV or MP3. `channels`: as many are wanted; none: as many as it has.
    pub(crate) async fn media(
        &self,
        card: &Card,
        mp3: bool,
        channels: Option<u16>,
    ) -> Result<Media, NoMedia> {
        made::media(&self.0.ground, card, mp3, channels).await
    }

    /// Removes a recording, its sound everywhere.
    pub(crate) async fn delete(&self, card: &Card) -> Result<(), NotDeleted> {
        if matches!(card.place, Place::Growing) || !card.is_over() {
            return Err(NotDeleted::Growing);
        }
        let ground = Arc::clone(&self.0.ground);
        let broken = |error: io::Error| NotDeleted::Broken(error.to_string());
        if let Some(bucket) = &ground.bucket {
            let endings = Form::ALL.map(Form::ending).into_iter().chain([bucket::CARD]);
            for ending in endings.filter(|_| card.place == Place::Store) {
                bucket.remove(card, ending).await.map_err(broken)?;
            }
        }
        let sid = card.sid;
        let removed = tokio::task::spawn_blocking(move || ground.shelf.forget(sid)).await;
        removed.map_err(io::Error::other).and_then(|removed| removed).map_err(broken)
    }
}

/// Writes what has changed of cards, for as long as the server runs.
async fn write_cards(ground: Arc<Ground>) {
    loop {
        ground.shelf.wait_for_changes().await;
        let there = Arc::clone(&ground);
        // A panic there is a bug that this loop survives.
        let _ = tokio::task::spawn_blocking(move || there.shelf.save_dirty()).await;
    }
}

/// A folder that is gone when the server ends.
#[derive(Debug)]
pub(crate) struct Ephemeral(PathBuf);

impl Ephemeral {
    /// A new one, which nobody else can read.
    pub(crate) fn new() -> io::Result<Self> {
        let name = |n: u32| format!("legwork-{}-{n}", std::process::id());
        let mut n = 0;
        loop {
            let path = std::env::temp_dir().join(name(n));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                // Of a server with the same number that was killed, or of somebody else.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && n < 100 => n += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Ephemeral {
    fn drop(&mut self) {
        // Whoever cleans the system up gets it otherwise.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
pub(crate) mod tests;
