//! What everything but the UDP sockets tells the engine: two bounded queues and a bell.
//!
//! Not here: what the engine does with it (`engine`).
//! Source: ARCHITECTURE.md, "every queue has a limit".

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use legwork_call::io::{Document, FetchId, Input};
use legwork_call::{Answer, Command};
use legwork_sip as sip;
use tokio::sync::{mpsc, oneshot};

use crate::limit;
use crate::record::Written;

/// One event for the engine.
#[derive(Debug)]
pub enum Event {
    /// Goes to the switch as it is.
    Input(Input),
    /// A command and who waits for its answer.
    Command {
        /// What.
        command: Command,
        /// Who waits.
        reply: oneshot::Sender<Answer>,
    },
    /// A peer opened a connection.
    Opened {
        /// The connection.
        flow: sip::Flow,
        /// What is put here is sent on it.
        outbox: mpsc::Sender<Bytes>,
    },
    /// A connection is gone, or never was.
    Closed(sip::Flow),
    /// A document came; as it was written, for a recording.
    Fetched {
        /// The request.
        id: FetchId,
        /// The document.
        document: Box<Document>,
        /// How it was written.
        written: Written,
    },
    /// A fetch is over and there is nothing to tell of it.
    FetchOver(FetchId),
    /// Stop now.
    Stop,
}

/// Wakes the engine, once for any number of events.
#[derive(Debug)]
struct Bell {
    waker: mio::Waker,
    rung: AtomicBool,
}

impl Bell {
    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel)
            && let Err(error) = self.waker.wake()
        {
            // The next event rings again.
            self.rung.store(false, Ordering::Release);
            tracing::error!(%error, "the engine could not be woken");
        }
    }
}

/// The engine's end.
#[derive(Debug)]
pub struct Inbox {
    events: mpsc::Receiver<Event>,
    media: mpsc::Receiver<Event>,
    bell: Arc<Bell>,
}

/// Everybody else's end.
#[derive(Clone, Debug)]
pub struct Post {
    events: mpsc::Sender<Event>,
    media: mpsc::Sender<Event>,
    bell: Arc<Bell>,
    digits_dropped: Arc<AtomicU64>,
}

#[cfg(test)]
impl Inbox {
    /// The next event, once there is one.
    pub(crate) async fn wait(&mut self) -> Event {
        self.events.recv().await.unwrap()
    }
}

/// The engine is gone, or too busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// Both ends.
pub fn inbox(waker: mio::Waker) -> (Post, Inbox) {
    let (events, events_end) = mpsc::channel(limit::INBOX_MAX);
    let (media, media_end) = mpsc::channel(limit::MEDIA_INBOX_MAX);
    let bell = Arc::new(Bell { waker, rung: AtomicBool::new(false) });
    let post = Post { events, media, bell: Arc::clone(&bell), digits_dropped: Arc::default() };
    (post, Inbox { events: events_end, media: media_end, bell })
}

impl Post {
    /// Tells the engine; waits while its queue is full. False: the engine is gone.
    pub async fn send(&self, event: Event) -> bool {
        let sent = self.events.send(event).await.is_ok();
        self.bell.ring();
        sent
    }

    /// Tells the engine something of a media thread. With the queue full, a digit is dropped and
    /// counted; the rest waits, for it gives ports back.
    pub fn send_media(&self, input: Input) {
        let droppable = matches!(input, Input::Media { event: legwork_media::Event::Digit(_), .. });
        match self.media.try_send(Event::Input(input)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) if droppable => {
                self.digits_dropped.fetch_add(1, Ordering::Relaxed);
            }
            Err(mpsc::error::TrySendError::Full(event)) => {
                self.bell.ring();
                // Nobody is there to listen when this fails.
                let _ = self.media.blocking_send(event);
            }
            Err(mpsc::error::TrySendError::Closed(_)) => {}
        }
        self.bell.ring();
    }

    /// Digits dropped so far.
    pub fn digits_dropped(&self) -> u64 {
        self.digits_dropped.load(Ordering::Relaxed)
    }

    /// Orders something and waits for the answer.
    ///
    /// # Errors
    /// The engine is gone, or did not answer in [`limit::COMMAND_TIMEOUT`].
    pub async fn order(&self, command: Command) -> Result<Answer, NoAnswer> {
        let (reply, answer) = oneshot::channel();
        let ordered = async {
            self.send(Event::Command { command, reply }).await;
            answer.await
        };
        match tokio::time::timeout(limit::COMMAND_TIMEOUT, ordered).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(NoAnswer),
        }
    }
}

impl Inbox {
    /// Answers the bell: to be called before the queues are read.
    pub fn answer_bell(&self) {
        self.bell.rung.store(false, Ordering::SeqCst);
    }

    /// The next event of the media threads.
    pub fn next_media(&mut self) -> Option<Event> {
        self.media.try_recv().ok()
    }

    /// The next event of everybody else.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.media.is_empty()
    }
}
