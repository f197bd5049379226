//! Sound being played to one leg, a frame at a time.
//!
//! Not here: the sounds (`plane::sources`), how it is sent (`plane::leg`).

use std::sync::Arc;

use super::sources::{Sound, Sources};
use crate::command::SourceId;
use crate::sound::Frame;

/// A sound and how far it has been heard.
#[derive(Debug)]
pub(super) struct Playback {
    sound: Arc<Sound>,
    /// The piece that is heard, and samples of it that were.
    piece: usize,
    position: usize,
    /// Times still to be begun; none: for ever.
    left: Option<u32>,
    /// The source whose end is told.
    pub(super) source: Option<SourceId>,
}

impl Playback {
    /// So many times over; 0 is for ever.
    pub(super) fn new(sound: Arc<Sound>, times: u32, source: Option<SourceId>) -> Self {
        Self { sound, piece: 0, position: 0, left: times.checked_sub(1), source }
    }

    /// The next frame, filled up with silence at its end, and where more has yet to come. None: it
    /// is over.
    pub(super) fn next_frame(&mut self, sources: &Sources) -> Option<Frame> {
        let mut frame = Frame::silent(self.sound.rate);
        let mut room = frame.samples_mut();
        let wanted = room.len();
        while !room.is_empty() {
            let Some(piece) = self.sound.piece(self.piece) else {
                if self.find_more(sources) {
                    continue;
                }
                break;
            };
            let rest = piece.get(self.position..).unwrap_or_default();
            let n = rest.len().min(room.len());
            let (now, later) = room.split_at_mut(n);
            now.copy_from_slice(rest.get(..n).unwrap_or_default());
            room = later;
            self.position += n;
            if self.position >= piece.len() {
                (self.piece, self.position) = (self.piece + 1, 0);
            }
        }
        let filled = wanted - room.len();
        (filled > 0 || !self.sound.is_whole).then_some(frame)
    }

    /// The source is forgotten; this was all of it.
    pub(super) fn keep(&mut self, sound: &Arc<Sound>) {
        if !self.sound.is_whole && sound.rate == self.sound.rate {
            self.sound = Arc::clone(sound);
        }
    }

    /// Behind the last piece: what has come since, or its beginning again.
    fn find_more(&mut self, sources: &Sources) -> bool {
        if !self.sound.is_whole {
            let more = self.source.and_then(|id| sources.more(id));
            // Its rate stays what it was; another sound of that name is not this one.
            let Some(more) = more.filter(|more| more.rate == self.sound.rate) else {
                // Forgotten before it was whole: that was all.
                Arc::make_mut(&mut self.sound).is_whole = true;
                return true;
            };
            self.sound = Arc::clone(more);
            if self.sound.piece(self.piece).is_some() {
                return true;
            }
            if !self.sound.is_whole {
                return false;
            }
        }
        match &mut self.left {
            Some(0) => return false,
            Some(left) => *left -= 1,
            None => {}
        }
        (self.piece, self.position) = (0, 0);
        !self.sound.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::Rate;

    fn sources() -> Sources {
        Sources::new(vec![0].into())
    }

    fn frames(n_samples: usize, times: u32) -> usize {
        let sound = Sound::whole(Rate::Narrow, vec![1; n_samples].into());
        let mut playback = Playback::new(sound.into(), times, None);
        std::iter::from_fn(|| playback.next_frame(&sources())).take(100).count()
    }

    #[test]
    fn it_ends_when_it_should() {
        let table = [
            ((0, 1), 0),
            ((0, 0), 0),
            ((1, 1), 1),
            ((160, 1), 1),
            ((161, 1), 2),
            ((160, 3), 3),
            ((100, 3), 2),
            ((7, 0), 100),
        ];
        for ((n_samples, times), n_frames) in table {
            assert_eq!(frames(n_samples, times), n_frames, "{n_samples} {times}");
        }
    }

    #[test]
    fn repetitions_have_no_seam() {
        let samples: Vec<i16> = (1..=100).collect();
        let sound = Sound::whole(Rate::Narrow, samples.clone().into());
        let mut playback = Playback::new(sound.into(), 2, None);
        let first = playback.next_frame(&sources()).unwrap();
        let second = playback.next_frame(&sources()).unwrap();
        let heard = [first.samples(), second.samples()].concat();
        assert_eq!(heard[..200], [samples.clone(), samples].concat());
        assert!(heard[200..].iter().all(|sample| *sample == 0));
        assert!(playback.next_frame(&sources()).is_none());
    }

    fn firsts(playback: &mut Playback, sources: &Sources, n: usize) -> Vec<Option<i16>> {
        let frame = || playback.next_frame(sources).map(|frame| frame.samples()[0]);
        std::iter::repeat_with(frame).take(n).collect()
    }

    #[test]
    fn it_begins_with_its_first_piece_and_waits_for_the_next() {
        let (id, mut sources) = (SourceId(1), sources());
        let piece = |sample: i16| Arc::<[i16]>::from(vec![sample; 320]);
        assert!(sources.begin(id, Rate::Wide));
        let mut playback = Playback::new(sources.find(id), 2, Some(id));
        assert_eq!(firsts(&mut playback, &sources, 2), [Some(0); 2]);
        assert!(sources.extend(id, piece(1)) && sources.extend(id, piece(2)));
        assert_eq!(firsts(&mut playback, &sources, 3), [Some(1), Some(2), Some(0)]);
        assert!(sources.extend(id, piece(3)));
        sources.end(id);
        assert!(!sources.extend(id, piece(4)), "it is whole");
        let again = [Some(3), Some(1), Some(2), Some(3), None];
        assert_eq!(firsts(&mut playback, &sources, 5), again);
    }

    #[test]
    fn forgotten_before_it_is_whole_it_ends_where_it_got() {
        let (id, mut sources) = (SourceId(1), sources());
        sources.begin(id, Rate::Narrow);
        sources.extend(id, vec![1; 320].into());
        let mut playback = Playback::new(sources.find(id), 1, Some(id));
        assert_eq!(firsts(&mut playback, &sources, 1), [Some(1)]);
        sources.forget(id);
        assert_eq!(firsts(&mut playback, &sources, 2), [Some(1), None]);
    }
}
