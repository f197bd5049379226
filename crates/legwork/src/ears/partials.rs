//! What is understood while somebody still speaks: tried now and then, told if it is new.
//!
//! Not here: whose sound it is (`listener`, `dictation`), understanding (`recogniser`).
//! Source: Twilio, `<Gather>`, `partialResultCallback`, `<Transcription>`, `partialResults`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use legwork_call::io::{Recognition, Tapped};

use crate::ears::Heard;
use crate::ears::recogniser::Recogniser;
use crate::limit;

/// An understanding under way.
type Thought = Pin<Box<dyn Future<Output = Option<Heard>> + Send>>;

/// What is understood of one utterance before its end.
#[derive(Default)]
pub(super) struct Partials {
    /// Samples there were when it was last tried to understand them.
    tried: usize,
    thought: Option<Thought>,
    /// What was understood last, and what was told.
    last: String,
    told: Option<(String, String)>,
}

impl Partials {
    /// There is so much sound by now: it is tried, if that is due and nobody waits for a whole one.
    pub(super) fn consider(
        &mut self,
        recogniser: &Arc<Recogniser>,
        asked: &Arc<Recognition>,
        sound: &[i16],
    ) {
        let is_due = sound.len() >= self.tried + limit::PARTIAL_STEP
            && sound.len() <= limit::PARTIAL_HEARD_MAX;
        if !asked.partial || self.thought.is_some() || !is_due {
            return;
        }
        self.tried = sound.len();
        let (recogniser, asked) = (Arc::clone(recogniser), Arc::clone(asked));
        let sound = sound.to_vec();
        self.thought = Some(Box::pin(async move {
            // What fails now is told at the end.
            recogniser.understand_if_idle(&asked, &sound).await?.ok()
        }));
    }

    /// What was said so far was nothing.
    pub(super) fn begin_anew(&mut self) {
        self.tried = 0;
    }

    /// A partial result, if one is there that tells anything new.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Tapped>> {
        let Some(thought) = &mut self.thought else { return Poll::Pending };
        let Poll::Ready(heard) = thought.as_mut().poll(cx) else { return Poll::Pending };
        self.thought = None;
        Poll::Ready(heard.and_then(|heard| self.partial(&heard.text)))
    }

    fn partial(&mut self, text: &str) -> Option<Tapped> {
        let (stable, unstable) = split(&self.last, text);
        let news = (stable.to_owned(), unstable.to_owned());
        text.clone_into(&mut self.last);
        if text.is_empty() || self.told.as_ref() == Some(&news) {
            return None;
        }
        self.told = Some(news.clone());
        Some(Tapped::Partial { stable: news.0, unstable: news.1 })
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
