//! Complete recordings on their way to the object store: a queue, and a few who carry.
//!
//! A store that does not answer is asked again, less and less often, up to once a minute; meanwhile
//! recordings stay here and are served from here.
//! Not here: the store (`recording/bucket`).
//! Source: Twilio, "Error and Warning Dictionary", 16111.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use legwork_call::alert::{Alert, entry};
use legwork_call::sid::RecordingSid;
use tokio::sync::Notify;

use crate::limit;
use crate::log;
use crate::recording::Ground;
use crate::recording::bucket::{Bucket, CARD};
use crate::recording::card::{Card, Place};
use crate::recording::form::Form;
use crate::recording::shelf::remove;

/// A recording did not get there.
const UPLOAD_FAILED: u32 = 16_111;
/// Pauses between tries.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<VecDeque<RecordingSid>>,
    more: Notify,
    /// The owner has been told that the store does not take anything.
    told: AtomicBool,
}

impl Queue {
    /// One more recording is complete. What finds no room waits for the next start.
    pub(super) fn push(&self, sid: RecordingSid) {
        let mut waiting = self.waiting();
        if waiting.len() >= limit::UPLOADS_WAITING_MAX {
            tracing::warn!(%sid, "too many recordings wait for the object store: it stays here");
            return;
        }
        waiting.push_back(sid);
        drop(waiting);
        self.more.notify_one();
    }

    async fn next(&self) -> RecordingSid {
        loop {
            let next = self.waiting().pop_front();
            if let Some(sid) = next {
                return sid;
            }
            self.more.notified().await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<RecordingSid>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries recordings to the store for as long as the server runs.
pub(super) async fn carry(ground: Arc<Ground>, bucket: Bucket) {
    let mut pause = PAUSES.0;
    loop {
        let sid = ground.uploads.next().await;
        let Some(card) = ground.shelf.find(sid).filter(|card| card.place == Place::Folder) else {
            continue;
        };
        match carry_one(&ground, &bucket, &card).await {
            Ok(()) => {
                pause = PAUSES.0;
                ground.uploads.told.store(false, Ordering::Relaxed);
            }
            Err(error) => {
                tracing::warn!(%sid, %error, "a recording did not get to the object store");
                if !ground.uploads.told.swap(true, Ordering::Relaxed) {
                    tell(&ground, &card, &error);
                }
                // The others have their turn first.
                ground.uploads.push(sid);
                tokio::time::sleep(pause).await;
                pause = (2 * pause).min(PAUSES.1);
            }
        }
    }
}

async fn carry_one(ground: &Arc<Ground>, bucket: &Bucket, card: &Card) -> io::Result<()> {
    let sid = card.sid;
    let wav = Form::default();
    let path = ground.shelf.path(sid, wav);
    bucket.put(card, wav.ending(), wav.content_type(), &path).await?;
    let about = Card { place: Place::Store, ..card.clone() };
    bucket.put_card(&about).await?;
    if ground.shelf.find(sid).is_none() {
        // Deleted meanwhile.
        bucket.remove(card, CARD).await?;
        return bucket.remove(card, wav.ending()).await;
    }
    let (there, keep) = (Arc::clone(ground), ground.keep_local);
    // Only now is it sure that nobody needs what is here.
    let settled = tokio::task::spawn_blocking(move || {
        there.shelf.change(sid, |card| card.place = Place::Store)?;
        if keep {
            return Ok(());
        }
        Form::ALL.into_iter().try_for_each(|form| remove(&there.shelf.path(sid, form)))
    });
    settled.await.map_err(io::Error::other)?
}

fn tell(ground: &Ground, card: &Card, error: &io::Error) {
    let alert = Alert {
        code: UPLOAD_FAILED,
        level: entry(UPLOAD_FAILED).level,
        text: format!("a recording did not get to the object store, and is tried again: {error}"),
        account: Some(card.account),
        call: Some(card.call),
        at: SystemTime::now(),
        request: None,
        response: None,
    };
    log::alert(&alert);
    ground.store.put_alert(alert);
}
