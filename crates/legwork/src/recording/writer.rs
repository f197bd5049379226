//! One recording from its first sample to a complete file: a task that waits, and threads that write.
//!
//! ```text
//!   media thread ── tap, 20 s ──▶ task: trims, gathers a second ──▶ a thread: writes it, heads it
//! ```
//! A disk that is slow costs sound, which is silent then and counted; one that is full ends this recording
//! and keeps what there is. Nobody else notices either.
//! Not here: the file (`recording/wav`), what is kept of it (`recording/trim`).
//! Source: ours; alert 91345.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use legwork_call::sid::RecordingSid;
use rustix::fs::statvfs;
use tokio::sync::mpsc::Receiver;
use tokio::sync::watch;

use crate::media::taps::TapSound;
use crate::recording::card::{Place, ms};
use crate::recording::form::Form;
use crate::recording::shelf::{Shelf, remove};
use crate::recording::trim::Trim;
use crate::recording::wav::{Format, Growing};
use crate::recording::{Failure, Ground, NOT_WRITTEN};

/// What is to be written.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) sid: RecordingSid,
    pub(super) format: Format,
    pub(super) trim: bool,
    pub(super) sound: Receiver<TapSound>,
    /// It is time to end, whatever else comes.
    pub(super) ending: watch::Receiver<bool>,
}

/// Where a recording stands.
struct Writing {
    sid: RecordingSid,
    ground: Arc<Ground>,
    growing: Option<Growing>,
}

/// Writes a recording; how long it is.
pub(super) async fn write(ground: Arc<Ground>, mut order: Order) -> Result<Duration, Failure> {
    let sid = order.sid;
    let mut writing = Writing { sid, ground, growing: None };
    if let Err(error) = writing.create(order.format, order.trim).await {
        // What matters was told: this only says that there is nothing.
        let _ = writing.complete(0, 0, true).await;
        return Err(not_written(&error));
    }
    let mut trim = Trim::new(order.trim, order.format);
    let (mut gathered, mut lost) = (Vec::new(), 0);
    let second = order.format.second();
    let failed = loop {
        let piece = tokio::select! {
            piece = order.sound.recv() => piece,
            _ = order.ending.wait_for(|ending| *ending) => None,
        };
        match piece {
            Some(TapSound::Samples(samples)) => trim.take(&samples, &mut gathered),
            Some(TapSound::Lost(samples)) => {
                if lost == 0 {
                    tracing::warn!(%sid, "the disk is too slow: parts of a recording are silent");
                }
                lost += samples;
                if let Err(error) = writing.silence(samples, second, &mut trim).await {
                    break Some(error);
                }
            }
            // Nobody says anything back to a recording.
            Some(TapSound::Mark(_)) => {}
            Some(TapSound::End) | None => break None,
        }
        if gathered.len() >= second
            && let Err(error) = writing.append(std::mem::take(&mut gathered)).await
        {
            break Some(error);
        }
    };
    let keep = trim.end(&mut gathered);
    let failed = match failed {
        Some(error) => Some(error),
        None => writing.append(gathered).await.err(),
    };
    let lost = order.format.duration(2 * lost as u64);
    let complete = writing.complete(2 * keep, ms(lost), failed.is_some()).await;
    match (failed, complete) {
        (None, Ok(duration)) => Ok(duration),
        (Some(error), _) | (None, Err(error)) => Err(not_written(&error)),
    }
}

fn not_written(error: &io::Error) -> Failure {
    let text = format!("the recording could not be written any further: {error}");
    Failure { code: NOT_WRITTEN, text }
}

impl Writing {
    /// Does something that waits for the disk, with few others at a time.
    async fn on_disk<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&Ground, &mut Option<Growing>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let _turn = self.ground.writers.acquire().await;
        let (ground, mut growing) = (Arc::clone(&self.ground), self.growing.take());
        let done = tokio::task::spawn_blocking(move || {
            let result = job(&ground, &mut growing);
            (result, growing)
        });
        let (result, growing) = done.await.map_err(io::Error::other)?;
        self.growing = growing;
        result
    }

    async fn create(&mut self, format: Format, trim: bool) -> io::Result<()> {
        let sid = self.sid;
        self.on_disk(move |ground, growing| {
            ground.shelf.folder()?;
            has_room(ground)?;
            // First: a file without its card is nobody's.
            ground.shelf.change(sid, |card| {
                card.place = Place::Growing;
                card.trim = trim;
            })?;
            *growing = Some(Growing::create(&ground.shelf.growing(sid), format)?);
            Ok(())
        })
        .await
    }

    async fn append(&mut self, samples: Vec<i16>) -> io::Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        self.on_disk(move |ground, growing| {
            has_room(ground)?;
            growing.as_mut().map_or(Ok(()), |growing| growing.append(&samples))
        })
        .await
    }

    /// What got lost is silence, a second at a time.
    async fn silence(&mut self, samples: usize, second: usize, trim: &mut Trim) -> io::Result<()> {
        let mut left = samples;
        while left > 0 {
            let now = left.min(second.max(1));
            let mut gathered = Vec::new();
            trim.take(&vec![0; now], &mut gathered);
            self.append(gathered).await?;
            left -= now;
        }
        Ok(())
    }

    /// Closes the file, with so many bytes of sound at most, and gives it its name.
    async fn complete(
        &mut self,
        keep: u64,
        lost_ms: u64,
        has_failed: bool,
    ) -> io::Result<Duration> {
        let sid = self.sid;
        let complete = move |ground: &Ground, growing: &mut Option<Growing>| {
            let duration = close(&ground.shelf, sid, growing.take(), keep)?;
            let written = ground.shelf.change(sid, |card| {
                if has_failed {
                    "failed".clone_into(&mut card.status);
                }
                card.lost_ms = lost_ms;
                card.end((!duration.is_zero()).then(|| ms(duration)));
            });
            // The sound is whole, and tells all that is needed to whoever mends it.
            if let Err(error) = written {
                tracing::error!(%sid, %error, "what is known of a recording can not be written");
            }
            Ok(duration)
        };
        self.on_disk(complete).await
    }
}

fn close(
    shelf: &Shelf,
    sid: RecordingSid,
    growing: Option<Growing>,
    keep: u64,
) -> io::Result<Duration> {
    let path = shelf.growing(sid);
    let Some(growing) = growing.filter(|growing| growing.data().min(keep) > 0) else {
        remove(&path)?;
        return Ok(Duration::ZERO);
    };
    let (_, duration) = growing.finish(keep)?;
    std::fs::rename(&path, shelf.path(sid, Form::default()))?;
    Ok(duration)
}

/// The disk has the room that is to be left on it.
pub(super) fn has_room(ground: &Ground) -> io::Result<()> {
    let about = statvfs(ground.shelf.folder()?)?;
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    if free < ground.free_space {
        let text = format!("less than recordings.free_space is free: {} MB", free / 1_000_000);
        return Err(io::Error::new(io::ErrorKind::StorageFull, text));
    }
    Ok(())
}
