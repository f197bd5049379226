//! One caller listened to: sound is kept until its end, and understood now and then on the way if
//! that is wanted.
//!
//! Not here: understanding (`recogniser`).
//! Source: Twilio, `<Gather>`, `partialResultCallback`.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use legwork_call::io::{Recognition, Tapped};
use tokio::sync::mpsc::Receiver;

use crate::ears::recogniser::Recogniser;
use crate::ears::{Deaf, Heard, loudness};
use crate::limit;
use crate::media::taps::TapSound;

/// An understanding under way.
type Thought = Pin<Box<dyn Future<Output = Option<Heard>> + Send>>;

/// One caller listened to.
pub(crate) struct Listener {
    recogniser: Arc<Recogniser>,
    asked: Arc<Recognition>,
    receiver: Receiver<TapSound>,
    /// Of one channel, at most [`limit::HEARD_MAX`].
    pub(super) sound: Vec<i16>,
    /// Nothing was said yet.
    is_silent: bool,
    /// Samples there were when it was last tried to understand them.
    tried: usize,
    thought: Option<Thought>,
    /// What was understood last on the way, and what was told.
    last: String,
    told: Option<(String, String)>,
}

/// What happened next.
enum Next {
    Sound(Option<TapSound>),
    Thought(Option<Heard>),
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
            tried: 0,
            thought: None,
            last: String::new(),
            told: None,
        }
    }

    /// What is understood next: partial results, then one that is none. Dropped: whatever was
    /// under way ends.
    pub(crate) async fn next(&mut self) -> Tapped {
        loop {
            match self.wait().await {
                Next::Sound(Some(TapSound::Samples(samples))) => self.take(&samples),
                // Where sound got lost nothing is put in its place: words are not made of silence.
                Next::Sound(Some(TapSound::Lost(_) | TapSound::Mark(_))) => {}
                Next::Sound(Some(TapSound::End) | None) => return self.end().await,
                Next::Thought(heard) => {
                    self.thought = None;
                    if let Some(partial) = heard.and_then(|heard| self.partial(&heard.text)) {
                        return partial;
                    }
                }
            }
        }
    }

    /// Sound comes before thoughts: what waits for us is bounded.
    async fn wait(&mut self) -> Next {
        poll_fn(|cx| {
            if let Poll::Ready(sound) = self.receiver.poll_recv(cx) {
                return Poll::Ready(Next::Sound(sound));
            }
            match &mut self.thought {
                Some(thought) => thought.as_mut().poll(cx).map(Next::Thought),
                None => Poll::Pending,
            }
        })
        .await
    }

    pub(super) fn take(&mut self, samples: &[i16]) {
        if self.is_silent && loudness::is_silent(samples) {
            // Who waits for long before speaking is heard to the end.
            let over = self.sound.len().saturating_sub(limit::SILENCE_KEPT);
            self.sound.drain(..over);
            self.tried = 0;
        } else {
            self.is_silent = false;
        }
        let room = limit::HEARD_MAX.saturating_sub(self.sound.len());
        self.sound.extend_from_slice(samples.get(..room).unwrap_or(samples));
        let is_due = self.sound.len() >= self.tried + limit::PARTIAL_STEP
            && self.sound.len() <= limit::PARTIAL_HEARD_MAX;
        if self.asked.partial && self.thought.is_none() && is_due && !self.is_silent {
            self.tried = self.sound.len();
            let (recogniser, asked) = (Arc::clone(&self.recogniser), Arc::clone(&self.asked));
            let sound = self.sound.clone();
            self.thought = Some(Box::pin(async move {
                // What fails now is told at the end.
                recogniser.understand_if_idle(&asked, &sound).await?.ok()
            }));
        }
    }

    /// A partial result, if it tells anything new.
    fn partial(&mut self, text: &str) -> Option<Tapped> {
        let (stable, unstable) = split(&self.last, text);
        text.clone_into(&mut self.last);
        let news = (stable.to_owned(), unstable.to_owned());
        if text.is_empty() || self.told.as_ref() == Some(&news) {
            return None;
        }
        self.told = Some(news.clone());
        Some(Tapped::Partial { stable: news.0, unstable: news.1 })
    }

    async fn end(&mut self) -> Tapped {
        self.thought = None;
        let sound = std::mem::take(&mut self.sound);
        match self.recogniser.understand(&self.asked, &sound).await {
            Ok(Heard { text, confidence }) => Tapped::Understood { text, confidence },
            Err(Deaf { code, text }) => Tapped::Failed { code, text },
        }
    }
}

/// The words at the start of `text` that were there before, and the rest.
fn split<'a>(before: &str, text: &'a str) -> (&'a str, &'a str) {
    let mut old = before.split(' ');
    let mut at = 0;
    for word in text.split(' ') {
        if old.next() != Some(word) {
            break;
        }
        at += word.len() + 1;
    }
    let stable = text.get(..at.min(text.len())).unwrap_or_default().trim_end();
    (stable, text.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_is_what_two_results_begin_with() {
        let table = [
            ("", "", ("", "")),
            ("", "one", ("", "one")),
            ("one", "one", ("one", "")),
            ("one", "one two", ("one", "two")),
            ("one to", "one two three", ("one", "two three")),
            ("one two three", "one two", ("one two", "")),
            ("on", "one", ("", "one")),
            ("für alle", "für alles", ("für", "alles")),
        ];
        for (before, text, expected) in table {
            assert_eq!(split(before, text), expected, "{before} → {text}");
        }
    }
}
