//! Sound being played to one leg, a frame at a time.
//!
//! Not here: how it is sent (`plane::leg`).

use std::sync::Arc;

use crate::codec::FRAME_SAMPLES;
use crate::command::SourceId;

/// A sound and how far it has been heard.
#[derive(Debug)]
pub(super) struct Playback {
    samples: Arc<[i16]>,
    position: usize,
    /// Times still to be begun; none: for ever.
    left: Option<u32>,
    /// The source whose end is told.
    pub(super) source: Option<SourceId>,
}

impl Playback {
    /// So many times over; 0 is for ever.
    pub(super) fn new(samples: Arc<[i16]>, times: u32, source: Option<SourceId>) -> Self {
        let left = times.checked_sub(1);
        Self { samples, position: 0, left, source }
    }

    /// The next frame, filled up with silence at its end. None: it is over.
    pub(super) fn next_frame(&mut self) -> Option<[i16; FRAME_SAMPLES]> {
        let mut frame = [0; FRAME_SAMPLES];
        let mut filled = 0;
        while let Some(room) = frame.get_mut(filled..).filter(|room| !room.is_empty()) {
            if self.position == self.samples.len() && !self.rewind() {
                break;
            }
            let rest = self.samples.get(self.position..).unwrap_or_default();
            let n = rest.len().min(room.len());
            for (to, from) in room.iter_mut().zip(rest) {
                *to = *from;
            }
            filled += n;
            self.position += n;
        }
        (filled > 0).then_some(frame)
    }

    fn rewind(&mut self) -> bool {
        match &mut self.left {
            Some(0) => return false,
            Some(left) => *left -= 1,
            None => {}
        }
        self.position = 0;
        !self.samples.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(n_samples: usize, times: u32) -> usize {
        let mut playback = Playback::new(vec![1; n_samples].into(), times, None);
        std::iter::from_fn(|| playback.next_frame()).take(100).count()
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
        let mut playback = Playback::new(samples.clone().into(), 2, None);
        let first = playback.next_frame().unwrap();
        let second = playback.next_frame().unwrap();
        let heard: Vec<i16> = first.into_iter().chain(second).collect();
        assert_eq!(heard[..200], [samples.clone(), samples].concat());
        assert!(heard[200..].iter().all(|sample| *sample == 0));
        assert!(playback.next_frame().is_none());
    }
}
