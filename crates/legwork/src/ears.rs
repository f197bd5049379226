//! What callers say made into words, away from the engine's and the media's threads.
//!
//! Not here: when somebody is listened to and what comes of it (`legwork-call`, `verb/gather`), where the
//! sound comes from (`media::taps`).
//! Source: Twilio, `<Gather>`, error codes 13331, 13340; docs/speech.md.

mod dictation;
mod grammar;
mod listener;
mod loudness;
mod openai;
mod partials;
mod process;
mod profanity;
mod recogniser;
mod score;
mod scratch;
mod sphinx;
mod utterance;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_call::io::{Input, Recognition, Tapped};
use legwork_media::TapId;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::config;
use crate::ears::dictation::Dictation;
use crate::ears::listener::Listener;
use crate::ears::recogniser::Recogniser;
use crate::limit;
use crate::media::taps::Taps;
use crate::serve::inbox::{Event, Post};
use crate::serve::under_way::UnderWay;

/// Samples a second of what is listened to: taps for recognition are opened at this rate.
pub(crate) const RATE_HZ: usize = 16_000;

/// `<Gather>` in a language that nothing here understands.
const UNKNOWN_LANGUAGE: u32 = 13_331;
/// `<Gather>` that can not understand what is said.
const DEGRADED: u32 = 13_340;

/// Listens; cheap to clone.
#[derive(Clone)]
pub struct Ears(Arc<Inner>);

struct Inner {
    runtime: Handle,
    post: Post,
    taps: Taps,
    recogniser: Arc<Recogniser>,
    /// Listened to, or not yet understood.
    tasks: Mutex<HashMap<TapId, AbortHandle>>,
    under_way: UnderWay,
}

impl std::fmt::Debug for Ears {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ears").finish_non_exhaustive()
    }
}

/// What was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// In words; empty: nothing.
    pub(crate) text: String,
    /// In thousandths.
    pub(crate) confidence: u16,
}

/// Why nothing can be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deaf {
    pub(crate) code: u32,
    pub(crate) text: String,
}

impl Ears {
    /// Ears that listen to nothing yet.
    ///
    /// # Errors
    /// TLS can not be set up.
    pub(crate) fn new(
        runtime: Handle,
        post: Post,
        taps: Taps,
        config: &config::Recognition,
    ) -> Result<Self, rustls::Error> {
        let recogniser = Arc::new(Recogniser::new(config.clone())?);
        let (tasks, under_way) = (Mutex::default(), UnderWay::default());
        Ok(Self(Arc::new(Inner { runtime, post, taps, recogniser, tasks, under_way })))
    }

    /// Those who are listened to, or not yet understood.
    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// Takes new settings; what is being understood keeps the old ones.
    pub(crate) fn reload(&self, config: &config::Recognition) {
        self.0.recogniser.reload(config.clone());
    }

    /// Listens to a tap from now on; `Input::Tapped` follows.
    pub(crate) fn listen(&self, tap: TapId, asked: Recognition) {
        let mut tasks = self.tasks();
        let crowded = tasks.len() >= limit::RECOGNITIONS_MAX;
        let sound = self.0.taps.open(tap);
        let ears = self.clone();
        let under_way = self.0.under_way.begin();
        let task = self.0.runtime.spawn(async move {
            let _under_way = under_way;
            if crowded {
                let text = format!("{} callers are listened to already", limit::RECOGNITIONS_MAX);
                return ears.tell(tap, Tapped::Failed { code: DEGRADED, text }).await;
            }
            let recogniser = Arc::clone(&ears.0.recogniser);
            let mut listening = match asked.utterances {
                None => Listening::Once(Box::new(Listener::new(recogniser, asked, sound))),
                Some(silence) => {
                    let dictation = Dictation::new(recogniser, asked, silence, sound);
                    Listening::On(Box::new(dictation))
                }
            };
            loop {
                let tapped = listening.next().await;
                let goes_on = goes_on(&tapped);
                ears.tell(tap, tapped).await;
                if !goes_on {
                    return;
                }
            }
        });
        tasks.insert(tap, task.abort_handle());
    }

    /// Nobody wants to know any more; a tap that is not listened to is none of ours.
    pub(crate) fn forget(&self, tap: TapId) {
        if let Some(task) = self.tasks().remove(&tap) {
            task.abort();
            self.0.taps.forget(tap);
        }
    }

    async fn tell(&self, tap: TapId, tapped: Tapped) {
        let is_known = if goes_on(&tapped) {
            self.tasks().contains_key(&tap)
        } else {
            self.0.taps.forget(tap);
            self.tasks().remove(&tap).is_some()
        };
        if is_known {
            self.0.post.send(Event::Input(Input::Tapped { tap, tapped })).await;
        }
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<TapId, AbortHandle>> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How somebody is listened to.
enum Listening {
    /// Until the end, which is when all is understood.
    Once(Box<Listener>),
    /// Utterance after utterance.
    On(Box<Dictation>),
}

impl Listening {
    async fn next(&mut self) -> Tapped {
        match self {
            Self::Once(listener) => listener.next().await,
            Self::On(dictation) => dictation.next().await,
        }
    }
}

/// More comes of that tap.
const fn goes_on(tapped: &Tapped) -> bool {
    match tapped {
        Tapped::Partial { .. }
        | Tapped::Segment { .. }
        | Tapped::Missed { .. }
        | Tapped::Connected
        | Tapped::Flawed { .. } => true,
        Tapped::Recorded { .. }
        | Tapped::Understood { .. }
        | Tapped::Disconnected
        | Tapped::Failed { .. } => false,
    }
}

#[cfg(test)]
mod tests;
