//! Forms of recordings made on demand, each once, and found where they are.
//!
//! Not here: how they are made (`recording/form`), what is answered (`api/recordings`).
//! Source: ours.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_call::sid::RecordingSid;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Location;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::limit;
use crate::recording::Ground;
use crate::recording::card::{Card, Place};
use crate::recording::form::Form;
use crate::recording::shelf::remove;
use crate::recording::writer::has_room;

/// What can be sent.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    /// Who has it.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Where.
    pub(crate) at: Location,
    /// Bytes.
    pub(crate) size: u64,
    /// What it is.
    pub(crate) form: Form,
}

/// Why there is nothing to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoMedia {
    /// There is no sound, or not yet.
    None,
    /// It has one channel.
    NotDual,
    /// It is being made: ask again.
    Later,
    /// It can not be read.
    Broken(String),
}

/// Forms being made.
#[derive(Debug)]
pub(super) struct Workshop {
    makers: Semaphore,
    /// Whoever asks for the same waits for the same.
    making: Mutex<Making>,
}

/// What is made, and how it went once it is.
type Making = HashMap<(RecordingSid, Form), watch::Receiver<Option<Made>>>;

/// How it went.
type Made = Result<(), String>;

impl Default for Workshop {
    fn default() -> Self {
        Self { makers: Semaphore::new(limit::AUDIO_MAKERS_MAX), making: Mutex::default() }
    }
}

impl Workshop {
    fn making(&self) -> MutexGuard<'_, Making> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sound of a recording in a form, made if it is not there yet. `channels`: as many are wanted.
pub(super) async fn media(
    ground: &Arc<Ground>,
    card: &Card,
    mp3: bool,
    channels: Option<u16>,
) -> Result<Media, NoMedia> {
    if !card.has_sound() {
        return Err(NoMedia::None);
    }
    if channels.is_some_and(|wanted| wanted > card.channels) {
        return Err(NoMedia::NotDual);
    }
    let form = Form { mono: channels == Some(1) && card.channels > 1, mp3 };
    if let Some(found) = find(ground, card, form).await? {
        return Ok(found);
    }
    if form == Form::default() {
        return Err(NoMedia::Broken("its file is gone".to_owned()));
    }
    let mut making = make(ground, card, form)?;
    let made = timeout(limit::AUDIO_MADE_WITHIN, making.wait_for(Option::is_some)).await;
    match made.map(|made| made.map(|made| made.clone())) {
        Ok(Ok(Some(Ok(())))) => find(ground, card, form).await?.ok_or(NoMedia::Later),
        Ok(Ok(Some(Err(why)))) => Err(NoMedia::Broken(why)),
        Ok(Ok(None) | Err(_)) | Err(_) => Err(NoMedia::Later),
    }
}

/// Where this form is, if it is anywhere.
async fn find(ground: &Ground, card: &Card, form: Form) -> Result<Option<Media>, NoMedia> {
    let broken = |error: object_store::Error| NoMedia::Broken(error.to_string());
    let path = std::path::absolute(ground.shelf.path(card.sid, form));
    let path = path.map_err(|error| NoMedia::Broken(error.to_string()))?;
    let at = Location::from_absolute_path(path).map_err(|error| broken(error.into()))?;
    let here: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
    let there = ground.bucket.as_ref().filter(|_| card.place == Place::Store);
    let there = there.map(|bucket| (bucket.store(), bucket.location(card, form.ending())));
    for (store, at) in [Some((here, at)), there].into_iter().flatten() {
        match store.head(&at).await {
            Ok(about) => return Ok(Some(Media { store, at, size: about.size, form })),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(broken(error)),
        }
    }
    Ok(None)
}

/// Begins to make a form, unless somebody has.
fn make(
    ground: &Arc<Ground>,
    card: &Card,
    form: Form,
) -> Result<watch::Receiver<Option<Made>>, NoMedia> {
    let key = (card.sid, form);
    let mut making = ground.workshop.making();
    if let Some(one) = making.get(&key) {
        return Ok(one.clone());
    }
    if making.len() >= limit::AUDIO_MAKING_MAX {
        return Err(NoMedia::Later);
    }
    let (done, waiting) = watch::channel(None);
    making.insert(key, waiting.clone());
    drop(making);
    let (ground, card) = (Arc::clone(ground), card.clone());
    // Goes on when nobody waits any more: whoever asks again finds it.
    tokio::spawn(async move {
        let made = really_make(&ground, &card, form).await;
        if let Err(error) = &made {
            tracing::warn!(sid = %card.sid, %error, "a form of a recording could not be made");
        }
        ground.workshop.making().remove(&key);
        done.send_replace(Some(made.map_err(|error| error.to_string())));
    });
    Ok(waiting)
}

async fn really_make(ground: &Arc<Ground>, card: &Card, form: Form) -> io::Result<()> {
    let _turn = ground.workshop.makers.acquire().await;
    let fetched = ground.shelf.part(card.sid, "fetched");
    let part = ground.shelf.part(card.sid, form.ending());
    let result = make_there(ground, card, form, (&fetched, &part)).await;
    // Whatever went wrong, a disk that is full has room for something else.
    remove(&part)?;
    remove(&fetched)?;
    result
}

async fn make_there(
    ground: &Arc<Ground>,
    card: &Card,
    form: Form,
    (fetched, part): (&Path, &Path),
) -> io::Result<()> {
    let sid = card.sid;
    has_room(ground)?;
    let original = ground.shelf.path(sid, Form::default());
    let is_here = original.exists();
    let from = if is_here { original } else { fetched.to_owned() };
    if let Some(bucket) = ground.bucket.as_ref().filter(|_| !is_here) {
        bucket.fetch(card, Form::default().ending(), fetched).await?;
    }
    let job = {
        let part = part.to_owned();
        move || remove(&part).and_then(|()| form.make(&from, &part))
    };
    tokio::task::spawn_blocking(job).await.map_err(io::Error::other)??;
    match &ground.bucket {
        // What is not kept here goes where the recording is.
        Some(bucket) if !is_here => {
            bucket.put(card, form.ending(), form.content_type(), part).await?;
            if ground.shelf.find(sid).is_none() {
                // Deleted meanwhile.
                bucket.remove(card, form.ending()).await?;
            }
        }
        Some(_) | None => {
            let to = ground.shelf.path(sid, form);
            std::fs::rename(part, &to)?;
            if ground.shelf.find(sid).is_none() {
                remove(&to)?;
            }
        }
    }
    Ok(())
}
