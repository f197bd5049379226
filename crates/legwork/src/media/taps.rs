//! Where the sound of taps goes: from the media threads to who records, streams or understands it.
//!
//! Not here: what is done with it (`recording`, `streams`, `ears`), what a tap is (`legwork_media::tap`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_media::TapId;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::limit;

/// Room kept in a queue for its last words: what got lost, a mark, and that it has ended.
const LAST_WORDS: usize = 3;

/// What comes of a tap, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TapSound {
    /// Samples; of two channels in turn.
    Samples(Box<[i16]>),
    /// Samples that got lost, because whoever takes them was too slow.
    Lost(usize),
    /// What was said to its leg before that mark, and those before it, was heard, or cleared.
    Mark(u64),
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
    /// A mark that did not.
    reached: Option<u64>,
}

impl Taps {
    /// What this tap gives comes here from now on, until its end.
    pub(crate) fn open(&self, tap: TapId) -> Receiver<TapSound> {
        let (sender, receiver) = channel(limit::TAP_QUEUE_MAX + LAST_WORDS);
        self.all().insert(tap, Taker { sender, lost: 0, reached: None });
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
        taker.tell_mark(LAST_WORDS);
        taker.tell_lost(LAST_WORDS);
        let is_told = taker.lost == 0 && taker.has_room(LAST_WORDS);
        if !is_told || taker.sender.try_send(TapSound::Samples(samples.into())).is_err() {
            taker.lost += samples.len();
        }
    }

    /// A mark was reached, and all before it. Never waits: where there is no room, it is told with what
    /// follows.
    pub(crate) fn mark(&self, tap: TapId, number: u64) {
        if let Some(taker) = self.all().get_mut(&tap) {
            taker.reached = Some(number);
            taker.tell_mark(LAST_WORDS);
        }
    }

    /// That was all.
    pub(crate) fn end(&self, tap: TapId) {
        if let Some(mut taker) = self.all().remove(&tap) {
            // There is room for all: whoever took them has gone if they can not be sent.
            taker.tell_mark(0);
            taker.tell_lost(0);
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

impl Taker {
    /// Nobody else sends: there is more room than this, now and until something is sent.
    fn has_room(&self, besides: usize) -> bool {
        self.sender.capacity() > besides
    }

    /// Says which mark was reached, if so much room is left behind it.
    fn tell_mark(&mut self, besides: usize) {
        if let Some(number) = self.reached
            && self.has_room(besides)
            && self.sender.try_send(TapSound::Mark(number)).is_ok()
        {
            self.reached = None;
        }
    }

    /// Says what got lost, if so much room is left behind it.
    fn tell_lost(&mut self, besides: usize) {
        if self.lost > 0
            && self.has_room(besides)
            && self.sender.try_send(TapSound::Lost(self.lost)).is_ok()
        {
            self.lost = 0;
        }
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

    #[test]
    fn what_is_lost_at_the_very_end_is_told_too() {
        let taps = Taps::default();
        let mut receiver = taps.open(TapId(1));
        for _ in 0..limit::TAP_QUEUE_MAX + 3 {
            taps.give(TapId(1), &[1, 2]);
        }
        taps.end(TapId(1));
        for _ in 0..limit::TAP_QUEUE_MAX {
            assert_eq!(receiver.try_recv(), Ok(TapSound::Samples([1, 2].into())));
        }
        assert_eq!(receiver.try_recv(), Ok(TapSound::Lost(6)));
        assert_eq!(receiver.try_recv(), Ok(TapSound::End));
        assert!(receiver.try_recv().is_err());
    }

    #[test]
    fn a_mark_that_does_not_fit_is_told_with_what_follows() {
        let taps = Taps::default();
        let mut receiver = taps.open(TapId(1));
        (0..limit::TAP_QUEUE_MAX).for_each(|_| taps.give(TapId(1), &[1]));
        (1..=3).for_each(|number| taps.mark(TapId(1), number));
        taps.mark(TapId(2), 1);
        for _ in 0..limit::TAP_QUEUE_MAX {
            assert_eq!(receiver.try_recv(), Ok(TapSound::Samples([1].into())));
        }
        taps.give(TapId(1), &[2]);
        assert_eq!(receiver.try_recv(), Ok(TapSound::Mark(3)));
        (0..limit::TAP_QUEUE_MAX).for_each(|_| taps.give(TapId(1), &[1]));
        taps.mark(TapId(1), 4);
        taps.give(TapId(1), &[1]);
        taps.end(TapId(1));
        let rest: Vec<_> = std::iter::from_fn(|| receiver.try_recv().ok()).collect();
        let last = [TapSound::Mark(4), TapSound::Lost(2), TapSound::End];
        assert_eq!(rest[limit::TAP_QUEUE_MAX..], last);
    }
}
