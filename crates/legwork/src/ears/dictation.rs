//! One who is listened to for long: utterance after utterance is understood, in order, while the next is
//! heard.
//!
//! A recogniser that fails loses one utterance, not the call: it is told each time, and only if it fails
//! again and again, nobody listens any more.
//! Not here: where an utterance ends (`utterance`), understanding (`recogniser`).
//! Source: Twilio, `<Transcription>`, `<ConversationRelay>`; docs/speech.md.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use legwork_call::io::{Recognition, Tapped};
use tokio::sync::mpsc::Receiver;

use crate::ears::partials::Partials;
use crate::ears::recogniser::Recogniser;
use crate::ears::utterance::Cutter;
use crate::ears::{DEGRADED, Deaf, Heard, UNKNOWN_LANGUAGE};
use crate::limit;
use crate::media::taps::TapSound;

/// Samples of 20 ms.
const FRAME: usize = 320;

type Thought = Pin<Box<dyn Future<Output = Result<Heard, Deaf>> + Send>>;

/// One who is listened to.
pub(crate) struct Dictation {
    recogniser: Arc<Recogniser>,
    asked: Arc<Recognition>,
    receiver: Receiver<TapSound>,
    cutter: Cutter,
    /// What is being said began then.
    began: Option<Instant>,
    partials: Partials,
    /// Said, and not yet understood: at most [`limit::UTTERANCES_WAITING_MAX`].
    pub(super) waiting: VecDeque<Utterance>,
    /// Utterances that found no room there.
    lost: u32,
    /// It is being understood, and began then.
    thought: Option<(Instant, Thought)>,
    /// Failures in a row.
    failures: u32,
    has_ended: bool,
}

/// What was said, when it began.
pub(super) struct Utterance {
    sound: Vec<i16>,
    began: Instant,
}

/// What happened next.
enum Next {
    Sound(Option<TapSound>),
    /// Of what began so long ago.
    Heard(Result<Heard, Deaf>, Duration),
    Partial(Option<Tapped>),
}

impl Dictation {
    /// Listens to what comes there; so much silence ends an utterance.
    pub(crate) fn new(
        recogniser: Arc<Recogniser>,
        asked: Recognition,
        silence: Duration,
        receiver: Receiver<TapSound>,
    ) -> Self {
        Self {
            recogniser,
            asked: Arc::new(asked),
            receiver,
            cutter: Cutter::new(silence),
            began: None,
            partials: Partials::default(),
            waiting: VecDeque::new(),
            lost: 0,
            thought: None,
            failures: 0,
            has_ended: false,
        }
    }

    /// What is understood next: `Understood` or `Failed` is the last. Dropped: whatever was under way
    /// ends.
    pub(crate) async fn next(&mut self) -> Tapped {
        loop {
            self.think();
            if self.lost > 0 {
                let text = format!("{} utterances were not understood: too many wait", self.lost);
                self.lost = 0;
                return Tapped::Missed { code: DEGRADED, text };
            }
            if self.has_ended && self.thought.is_none() {
                return Tapped::Understood { text: String::new(), confidence: 0 };
            }
            match poll_fn(|cx| self.poll(cx)).await {
                Next::Sound(Some(TapSound::Samples(samples))) => self.take(&samples),
                // Where sound got lost nothing is put in its place: words are not made of silence.
                Next::Sound(Some(TapSound::Lost(_) | TapSound::Mark(_))) | Next::Partial(None) => {}
                Next::Sound(Some(TapSound::End) | None) => {
                    self.has_ended = true;
                    let last = self.cutter.end();
                    self.keep(last);
                }
                Next::Partial(Some(partial)) => return partial,
                Next::Heard(Ok(Heard { text, confidence }), age) => {
                    self.failures = 0;
                    if !text.trim().is_empty() {
                        return Tapped::Segment { text, confidence, age };
                    }
                }
                Next::Heard(Err(deaf), _) => return self.failed(deaf),
            }
        }
    }

    /// Sound comes first, for what waits for us is bounded.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        if !self.has_ended
            && let Poll::Ready(sound) = self.receiver.poll_recv(cx)
        {
            return Poll::Ready(Next::Sound(sound));
        }
        if let Some((began, thought)) = &mut self.thought
            && let Poll::Ready(heard) = thought.as_mut().poll(cx)
        {
            let age = began.elapsed();
            self.thought = None;
            return Poll::Ready(Next::Heard(heard, age));
        }
        self.partials.poll(cx).map(Next::Partial)
    }

    pub(super) fn take(&mut self, samples: &[i16]) {
        for frame in samples.chunks(FRAME) {
            let ended = self.cutter.hear(frame);
            if ended.is_some() || self.cutter.so_far().is_some() {
                self.began.get_or_insert_with(Instant::now);
            }
            self.keep(ended);
        }
        // Nothing is told of an utterance before all is of the one it follows.
        let is_behind = self.thought.is_some() || !self.waiting.is_empty();
        if let Some(sound) = self.cutter.so_far().filter(|_| !is_behind) {
            self.partials.consider(&self.recogniser, &self.asked, sound);
        }
    }

    /// An utterance has ended.
    fn keep(&mut self, ended: Option<Vec<i16>>) {
        let Some(sound) = ended else { return };
        let began = self.began.take().unwrap_or_else(Instant::now);
        self.partials = Partials::default();
        if self.waiting.len() < limit::UTTERANCES_WAITING_MAX {
            self.waiting.push_back(Utterance { sound, began });
        } else {
            self.lost += 1;
        }
    }

    /// One at a time: what was said first is told first.
    fn think(&mut self) {
        if self.thought.is_some() {
            return;
        }
        let Some(Utterance { sound, began }) = self.waiting.pop_front() else { return };
        let (recogniser, asked) = (Arc::clone(&self.recogniser), Arc::clone(&self.asked));
        let thought = Box::pin(async move { recogniser.understand(&asked, &sound).await });
        self.thought = Some((began, thought));
    }

    fn failed(&mut self, Deaf { code, text }: Deaf) -> Tapped {
        self.failures += 1;
        // Another utterance is of the same language.
        let is_hopeless = code == UNKNOWN_LANGUAGE || self.failures >= limit::FAILURES_IN_A_ROW_MAX;
        if is_hopeless { Tapped::Failed { code, text } } else { Tapped::Missed { code, text } }
    }
}
