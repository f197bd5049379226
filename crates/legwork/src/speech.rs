//! Speech and sound files as samples, prepared away from the engine's and the media's threads.
//!
//! Not here: playing them (`media`), what is said when (`legwork-call`).
//! Source: espeak-ng(1); Twilio, `<Say>` and `<Play>`, error codes 12400, 13420, 13520, 13521.

mod cache;
mod espeak;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use legwork_call::bare_url;
use legwork_call::io::{Input, SourceRequest};
use legwork_call::sid::AccountSid;
use legwork_media::{Rate, SourceId, wav};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use crate::fetch::Fetcher;
use crate::limit;
use crate::media::MediaThreads;
use crate::serve::inbox::{Event, Post};
use crate::speech::cache::Cache;

/// Sound as it is played: 8 kHz, one channel.
pub(crate) type Samples = Arc<[i16]>;

/// `Play` of something that is not a sound we know.
const UNKNOWN_SOUND: u32 = 13_420;
/// `Say` of too much.
const TOO_LONG: u32 = 13_521;
/// Our own failure.
const INTERNAL: u32 = 12_400;
/// Too much at a time.
const RETRIEVAL: u32 = 11_200;

/// Prepares sources; cheap to clone.
#[derive(Clone)]
pub struct Speech(Arc<Inner>);

struct Inner {
    runtime: Handle,
    post: Post,
    fetcher: Fetcher,
    media: MediaThreads,
    speakers: Semaphore,
    decoders: Semaphore,
    cache: Mutex<Cache>,
    /// Wanted and not yet ready.
    tasks: Mutex<HashMap<SourceId, Option<AbortHandle>>>,
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speech").finish_non_exhaustive()
    }
}

/// Why a source can not be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mute {
    pub(crate) code: u32,
    pub(crate) text: String,
}

impl Mute {
    fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

impl Speech {
    /// Without sounds.
    pub fn new(runtime: Handle, post: Post, fetcher: Fetcher, media: MediaThreads) -> Self {
        Self(Arc::new(Inner {
            runtime,
            post,
            fetcher,
            media,
            speakers: Semaphore::new(limit::SPEAKERS_MAX),
            decoders: Semaphore::new(limit::DECODERS_MAX),
            cache: Mutex::default(),
            tasks: Mutex::default(),
        }))
    }

    /// Prepares a source; `SourceReady` or `SourceFailed` follows.
    pub fn prepare(&self, id: SourceId, account: AccountSid, request: SourceRequest) {
        let mut tasks = self.tasks();
        let crowded = tasks.len() >= limit::SOURCES_MAX;
        let speech = self.clone();
        let task = self.0.runtime.spawn(async move {
            let sound = if crowded {
                Err(Mute::new(RETRIEVAL, "too many sounds are being prepared"))
            } else {
                speech.sound(account, &request).await
            };
            speech.deliver(id, sound).await;
        });
        tasks.insert(id, Some(task.abort_handle()));
    }

    /// A source is not needed any more.
    pub fn forget(&self, id: SourceId) {
        if let Some(Some(task)) = self.tasks().remove(&id) {
            task.abort();
        }
        self.0.media.forget_source(id);
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<SourceId, Option<AbortHandle>>> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn deliver(&self, id: SourceId, sound: Result<Samples, Mute>) {
        let input = {
            // Held while the source is added: a source forgotten meanwhile must not stay.
            let mut tasks = self.tasks();
            if tasks.remove(&id).is_none() {
                return;
            }
            match sound {
                Ok(samples) => {
                    self.0.media.add_source(id, Rate::Narrow, samples);
                    Input::SourceReady { id }
                }
                Err(Mute { code, text }) => Input::SourceFailed { id, code, text },
            }
        };
        self.0.post.send(Event::Input(input)).await;
    }

    async fn sound(&self, account: AccountSid, request: &SourceRequest) -> Result<Samples, Mute> {
        match request {
            SourceRequest::Say { voice, language, ssml } => self.say(voice, language, ssml).await,
            SourceRequest::Play { url } => self.play(account, url).await,
        }
    }

    async fn say(&self, voice: &str, language: &str, ssml: &str) -> Result<Samples, Mute> {
        if ssml.len() > limit::SSML_MAX {
            let text = format!("<Say> is longer than {} kB", limit::SSML_MAX / 1024);
            return Err(Mute::new(TOO_LONG, text));
        }
        let key = format!("say\n{voice}\n{language}\n{ssml}");
        if let Some(samples) = self.cache().find(Instant::now(), &key, None) {
            return Ok(samples);
        }
        let _turn = self.0.speakers.acquire().await;
        // Somebody may have said the same while we waited.
        if let Some(samples) = self.cache().find(Instant::now(), &key, None) {
            return Ok(samples);
        }
        let spoken = espeak::speak(voice, language, ssml).await;
        let spoken = spoken.map_err(|text| Mute::new(INTERNAL, text))?;
        let samples = self.decode(spoken.into()).await;
        let samples = samples.map_err(|text| Mute::new(INTERNAL, text))?;
        self.cache().insert(Instant::now(), key, &samples);
        Ok(samples)
    }

    async fn play(&self, account: AccountSid, url: &str) -> Result<Samples, Mute> {
        let key = format!("play\n{account}\n{url}");
        let age = Some(limit::SOUND_CACHE_AGE);
        if let Some(samples) = self.cache().find(Instant::now(), &key, age) {
            return Ok(samples);
        }
        let arrived = self.0.fetcher.sound(account, url).await;
        let arrived = arrived.map_err(|failure| Mute::new(failure.code, failure.text))?;
        let content_type = arrived.content_type.unwrap_or_default();
        let samples = self.decode(arrived.body).await.map_err(|why| {
            let text = format!(
                "{} can not be played ({why}; Content-Type `{}`): a WAV file is needed",
                bare_url(&arrived.url),
                content_type.escape_debug()
            );
            Mute::new(UNKNOWN_SOUND, text)
        })?;
        self.cache().insert(Instant::now(), key, &samples);
        Ok(samples)
    }

    /// Long files take long: not on the threads that answer webhooks.
    async fn decode(&self, file: bytes::Bytes) -> Result<Samples, String> {
        let _turn = self.0.decoders.acquire().await;
        let decoded = tokio::task::spawn_blocking(move || {
            wav::decode(&file).map(Samples::from).map_err(|error| error.to_string())
        });
        decoded.await.unwrap_or_else(|_| Err("the decoder failed".to_owned()))
    }
}
