//! Sounds played into a room one after the other, without a click between them.
//!
//! Not here: the room (`plane::room`), how far one sound has been heard (`plane::playback`).

use std::collections::VecDeque;

use super::playback::Playback;
use super::sources::{Sound, Sources};
use super::strand::Strand;
use crate::command::SourceId;
use crate::limit;
use crate::sound::Frame;

/// The first is played, the others wait.
#[derive(Debug, Default)]
pub(super) struct PlayQueue {
    plays: VecDeque<Playback>,
    strand: Strand,
}

impl PlayQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.plays.is_empty()
    }

    /// One more, behind the others. False: too many wait.
    pub(super) fn push(&mut self, playback: Playback) -> bool {
        let has_room = self.plays.len() < limit::ROOM_PLAYS;
        if has_room {
            self.plays.push_back(playback);
        }
        has_room
    }

    /// The source is forgotten: it is heard to its end, or to where it got.
    pub(super) fn keep_source(&mut self, id: SourceId, sound: &std::sync::Arc<Sound>) {
        for playback in self.plays.iter_mut().filter(|playback| playback.source == Some(id)) {
            playback.keep(sound);
        }
    }

    /// The next 20 ms at 16 kHz; none: nothing is played. Tells what was heard to its end.
    pub(super) fn next_frame(
        &mut self,
        sources: &Sources,
        mut tell: impl FnMut(SourceId),
    ) -> Option<Frame> {
        while let Some(playback) = self.plays.front_mut() {
            if let Some(frame) = playback.next_frame(sources) {
                return Some(*self.strand.next(&frame));
            }
            if let Some(source) = self.plays.pop_front().and_then(|playback| playback.source) {
                tell(source);
            }
            self.strand.cut();
        }
        self.strand.end()
    }
}
