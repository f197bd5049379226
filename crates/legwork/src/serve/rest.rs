//! What is left when the last call is over, or may not go on: sessions that say goodbye, words that are still being
//! understood, callbacks.
//!
//! Not here: until when calls may go on (`serve`).
//! Source: RFC 6455 §7; docs/speech.md, docs/streams.md.

use legwork_call::Command;
use tokio::time::timeout;

use crate::ears::Ears;
use crate::limit;
use crate::recording::Recordings;
use crate::relay::Relays;
use crate::serve::inbox::Post;
use crate::serve::under_way::UnderWay;
use crate::streams::MediaStreams;

/// Everything that may outlive its call.
pub(crate) struct Rest {
    streams: MediaStreams,
    relays: Relays,
    ears: Ears,
    recordings: Recordings,
    pub(crate) callbacks: UnderWay,
}

impl Rest {
    /// Nothing is left yet.
    pub(crate) fn new(
        streams: &MediaStreams,
        relays: &Relays,
        ears: &Ears,
        recordings: &Recordings,
    ) -> Self {
        Self {
            streams: streams.clone(),
            relays: relays.clone(),
            ears: ears.clone(),
            recordings: recordings.clone(),
            callbacks: UnderWay::default(),
        }
    }

    /// No call is left: waits until all that they left behind is told, for a while at most.
    pub(crate) async fn over(&self, post: &Post) {
        let all = [
            self.streams.under_way(),
            self.relays.under_way(),
            self.ears.under_way(),
            self.recordings.under_way(),
            &self.callbacks,
        ];
        let over = async {
            // With its answer the engine has done what follows from all it was told before: that may be more.
            let mut answers = true;
            while answers {
                answers = post.order(Command::Stats).await.is_ok();
                if answers && all.iter().all(|it| it.is_over()) {
                    return;
                }
                for it in all {
                    it.over().await;
                }
            }
        };
        if timeout(limit::LAST_WORDS, over).await.is_err() {
            tracing::warn!("applications were not told all that was left of their calls");
        }
    }

    /// The engine has stopped: completes what can be completed, for a while at most.
    pub(crate) async fn end(&self) {
        self.streams.end();
        self.relays.end();
        let goodbyes = async {
            self.streams.under_way().over().await;
            self.relays.under_way().over().await;
            // Where calls were cut off, others had ended of themselves.
            self.callbacks.over().await;
        };
        // Who takes longer is cut off.
        let (_, ()) =
            tokio::join!(timeout(limit::WEBSOCKET_GOODBYE, goodbyes), self.recordings.end());
    }
}
