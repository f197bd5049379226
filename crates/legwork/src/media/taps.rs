//! Where the sound of taps goes: from the media threads to who records or understands it.
//!
//! Not here: what is done with it (`recording`, `ears`), what a tap is (`legwork_media::tap`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_media::TapId;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::limit;

/// What comes of a tap, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TapSound {
    /// Samples; of two channels in turn.
    Samples(Box<[i16]>),
    /// Samples that got lost, because whoever takes them was too slow.
    Lost(usize),
    /// That was all.
    End,
}

/// All taps that somebody takes something from; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taps(Arc<Mutex<HashMap<TapId, Taker>>>);

#[derive(Debug)]
struct Taker {
    sender: Sender<TapSound>,
    /// Samples that did not fit.
    lost: usize,
}

impl Taps {
    /// What this tap gives comes here from now on, until its end.
    pub(crate) fn open(&self, tap: TapId) -> Receiver<TapSound> {
        let (sender, receiver) = channel(limit::TAP_QUEUE_MAX);
        self.all().insert(tap, Taker { sender, lost: 0 });
        receiver
    }

    /// Nobody takes anything from it any more.
    pub(crate) fn forget(&self, tap: TapId) {
        self.all().remove(&tap);
    }

    /// A media thread has samples. Never waits: what does not fit is lost, and told as lost.
    pub(crate) fn give(&self, tap: TapId, samples: &[i16]) {
        let mut all = self.all();
        let Some(taker) = all.get_mut(&tap) else { return };
        let lost = std::mem::take(&mut taker.lost);
        if lost > 0 && taker.sender.try_send(TapSound::Lost(lost)).is_err() {
            taker.lost = lost + samples.len();
            return;
        }
        if taker.sender.try_send(TapSound::Samples(samples.into())).is_err() {
            taker.lost = samples.len();
        }
    }

    /// That was all.
    pub(crate) fn end(&self, tap: TapId) {
        // The receiver sees the end of the channel, too, if there is no room for the word.
        if let Some(taker) = self.all().remove(&tap) {
            let _ = taker.sender.try_send(TapSound::End);
        }
    }

    /// Nothing waits to be taken.
    #[cfg(test)]
    pub(crate) fn is_empty(&self, tap: TapId) -> bool {
        let all = self.all();
        all.get(&tap).is_none_or(|taker| taker.sender.capacity() == taker.sender.max_capacity())
    }

    /// Somebody takes something from it.
    #[cfg(test)]
    pub(crate) fn is_open(&self, tap: TapId) -> bool {
        self.all().contains_key(&tap)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<TapId, Taker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told_as_lost() {
        let taps = Taps::default();
        let mut receiver = taps.open(TapId(1));
        for _ in 0..limit::TAP_QUEUE_MAX + 2 {
            taps.give(TapId(1), &[1, 2]);
        }
        taps.give(TapId(2), &[9]);
        for _ in 0..limit::TAP_QUEUE_MAX {
            assert_eq!(receiver.try_recv(), Ok(TapSound::Samples([1, 2].into())));
        }
        taps.give(TapId(1), &[3]);
        taps.end(TapId(1));
        assert_eq!(receiver.try_recv(), Ok(TapSound::Lost(4)));
        assert_eq!(receiver.try_recv(), Ok(TapSound::Samples([3].into())));
        assert_eq!(receiver.try_recv(), Ok(TapSound::End));
    }
}
