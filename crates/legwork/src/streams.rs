//! Streams of calls: sound to applications by WebSocket, and theirs to the call.
//!
//! Not here: when there is one and who is told (`legwork-call`, `stream`), where the sound comes from and goes
//! (`media`).
//! Source: Twilio, "TwiML Voice: Stream"; docs/streams.md.

mod ahead;
mod message;
mod talk;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_call::io::{Input, Streaming, Tapped};
use legwork_call::sid::{AccountSid, CallSid};
use legwork_media::TapId;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

use crate::fetch::Fetcher;
use crate::limit;
use crate::media::MediaThreads;
use crate::media::taps::TapSound;
use crate::serve::inbox::{Event, Post};
use crate::serve::under_way::UnderWay;
use crate::streams::message::Source;
use crate::streams::talk::{Ends, Talk};
use crate::websocket::{self, Trouble};

/// Streams calls; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct MediaStreams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    runtime: Handle,
    post: Post,
    media: MediaThreads,
    fetcher: Fetcher,
    /// Those that are not over, goodbyes included.
    tasks: Mutex<HashMap<TapId, Task>>,
    under_way: UnderWay,
}

#[derive(Debug)]
struct Task {
    abort: AbortHandle,
    keys: Sender<u8>,
}

impl MediaStreams {
    /// Nothing is streamed yet.
    pub(crate) fn new(runtime: Handle, post: Post, media: MediaThreads, fetcher: Fetcher) -> Self {
        let (tasks, under_way) = (Mutex::default(), UnderWay::default());
        Self(Arc::new(Inner { runtime, post, media, fetcher, tasks, under_way }))
    }

    /// Those that are not over, goodbyes included.
    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// The server ends: says goodbye in all of them.
    pub(crate) fn end(&self) {
        let taps: Vec<TapId> = self.tasks().keys().copied().collect();
        taps.into_iter().for_each(|tap| self.0.media.taps().end(tap));
    }

    /// Streams what a tap will give; `Input::Tapped` follows. Never waits.
    pub(crate) fn begin(
        &self,
        tap: TapId,
        account: AccountSid,
        call: CallSid,
        streaming: Box<Streaming>,
    ) {
        let sound = self.0.media.taps().open(tap);
        let (keys, keys_end) = channel(limit::STREAM_KEYS_MAX);
        let mut tasks = self.tasks();
        let is_crowded = tasks.len() >= limit::STREAMS_MAX;
        let streams = self.clone();
        let under_way = self.0.under_way.begin();
        let task = self.0.runtime.spawn(async move {
            let _under_way = under_way;
            let end = if is_crowded {
                let text = format!("{} streams are under way already", limit::STREAMS_MAX);
                Tapped::Failed { code: 31_960, text }
            } else {
                let source = Source { sid: streaming.sid, account, call };
                let ends = Ends { sound, keys: keys_end };
                streams.stream(tap, source, streaming, ends).await
            };
            streams.0.media.taps().forget(tap);
            // The engine has forgotten it where it ended the stream itself, and passes this over.
            streams.tell(tap, end).await;
            streams.tasks().remove(&tap);
        });
        tasks.insert(tap, Task { abort: task.abort_handle(), keys });
    }

    async fn stream(
        &self,
        tap: TapId,
        source: Source,
        streaming: Box<Streaming>,
        mut ends: Ends,
    ) -> Tapped {
        let connected = tokio::select! {
            connected = websocket::connect(&self.0.fetcher, source.account, &streaming.url) => {
                connected
            }
            () = over(&mut ends.sound) => return Tapped::Disconnected,
        };
        let socket = match connected {
            Ok(socket) => socket,
            Err(Trouble { code, text }) => return Tapped::Failed { code, text },
        };
        while ends.keys.try_recv().is_ok() {}
        self.tell(tap, Tapped::Connected).await;
        let talk = Talk::new(self.0.media.clone(), tap, source, streaming);
        talk.hold(socket, &mut ends, &self.0.post).await
    }

    /// The far end pressed a key.
    pub(crate) fn key(&self, tap: TapId, key: u8) {
        if let Some(task) = self.tasks().get(&tap)
            && task.keys.try_send(key).is_err()
        {
            tracing::debug!(tap = tap.0, "a key is lost: its application does not read");
        }
    }

    /// Nobody wants to know any more; a tap that is not streamed is none of ours.
    pub(crate) fn forget(&self, tap: TapId) {
        if let Some(task) = self.tasks().remove(&tap) {
            task.abort.abort();
            self.0.media.taps().forget(tap);
        }
    }

    async fn tell(&self, tap: TapId, tapped: Tapped) {
        self.0.post.send(Event::Input(Input::Tapped { tap, tapped })).await;
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<TapId, Task>> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until the leg is over; what it says meanwhile nobody hears.
async fn over(sound: &mut Receiver<TapSound>) {
    while let Some(TapSound::Samples(_) | TapSound::Lost(_) | TapSound::Mark(_)) =
        sound.recv().await
    {}
}

#[cfg(test)]
mod tests;
