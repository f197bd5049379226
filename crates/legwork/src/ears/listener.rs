//! One caller listened to: sound is kept until its end, and understood now and then on the way if
//! that is wanted.
//!
//! Not here: understanding (`recogniser`), utterance after utterance (`dictation`).
//! Source: Twilio, `<Gather>`.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use legwork_call::io::{Recognition, Tapped};
use tokio::sync::mpsc::Receiver;

use crate::ears::partials::Partials;
use crate::ears::recogniser::Recogniser;
use crate::ears::{Deaf, Heard, loudness};
use crate::limit;
use crate::media::taps::TapSound;

/// One caller listened to.
pub(crate) struct Listener {
    recogniser: Arc<Recogniser>,
    asked: Arc<Recognition>,
    receiver: Receiver<TapSound>,
    /// Of one channel, at most [`limit::HEARD_MAX`].
    pub(super) sound: Vec<i16>,
    /// Nothing was said yet.
    is_silent: bool,
    partials: Partials,
}

/// What happened next.
enum Next {
    Sound(Option<TapSound>),
    Partial(Option<Tapped>),
}

impl Listener {
    /// Listens to what comes there.
    pub(crate) fn new(
        recogniser: Arc<Recogniser>,
        asked: Recognition,
        receiver: Receiver<TapSound>,
    ) -> Self {
        Self {
            recogniser,
            asked: Arc::new(asked),
            receiver,
            sound: Vec::new(),
            is_silent: true,
            partials: Partials::default(),
        }
    }

    /// What is understood next: partial results, then one that is none. Dropped: whatever was
    /// under way ends.
    pub(crate) async fn next(&mut self) -> Tapped {
        loop {
            match self.wait().await {
                Next::Sound(Some(TapSound::Samples(samples))) => self.take(&samples),
                // Where sound got lost nothing is put in its place: words are not made of silence.
                Next::Sound(Some(TapSound::Lost(_) | TapSound::Mark(_))) | Next::Partial(None) => {}
                Next::Sound(Some(TapSound::End) | None) => return self.end().await,
                Next::Partial(Some(partial)) => return partial,
            }
        }
    }

    /// Sound comes before thoughts: what waits for us is bounded.
    async fn wait(&mut self) -> Next {
        poll_fn(|cx| {
            if let Poll::Ready(sound) = self.receiver.poll_recv(cx) {
                return Poll::Ready(Next::Sound(sound));
            }
            self.partials.poll(cx).map(Next::Partial)
        })
        .await
    }

    pub(super) fn take(&mut self, samples: &[i16]) {
        if self.is_silent && loudness::is_silent(samples) {
            // Who waits for long before speaking is heard to the end.
            let over = self.sound.len().saturating_sub(limit::SILENCE_KEPT);
            self.sound.drain(..over);
            self.partials.begin_anew();
        } else {
            self.is_silent = false;
        }
        let room = limit::HEARD_MAX.saturating_sub(self.sound.len());
        self.sound.extend_from_slice(samples.get(..room).unwrap_or(samples));
        if !self.is_silent {
            self.partials.consider(&self.recogniser, &self.asked, &self.sound);
        }
    }

    async fn end(&mut self) -> Tapped {
        self.partials = Partials::default();
        let sound = std::mem::take(&mut self.sound);
        match self.recogniser.understand(&self.asked, &sound).await {
            Ok(Heard { text, confidence }) => Tapped::Understood { text, confidence },
            Err(Deaf { code, text }) => Tapped::Failed { code, text },
        }
    }
}
