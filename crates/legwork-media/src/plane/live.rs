//! Sound that comes for one leg while it is heard, as long as the leg is: what an application says.
//!
//! What has been heard is forgotten. When it runs dry, a moment's worth is let gather before it goes
//! on, so that pieces that come at its own pace make no gaps. Where it ends in the middle of a frame it
//! fades.
//! Not here: who says it, and how (the shell).
//! Source: Twilio, "Media Streams: WebSocket messages", `media`, `mark`, `clear`.

use std::collections::VecDeque;

use crate::codec::pcmu;
use crate::limit;
use crate::sound::{Frame, Rate};
use crate::tap::{Live, TapId};

/// Let gather when it has run dry: so many samples, or for so many ticks.
const GATHERED: usize = 3 * Rate::Narrow.frame();
const GATHERING: u8 = 3;

/// For so many samples it fades: 5 ms. A piece that is shorter and followed by nothing is not heard:
/// what came before fades.
const FADING: usize = Rate::Narrow.frame() / 4;

/// Room that is kept when it has run dry, bytes.
const ROOM_KEPT: usize = 16 * 1024;

/// Marks that were reached, and whose.
pub(super) type Reached = VecDeque<(TapId, u64)>;

/// What has come and was not heard yet.
#[derive(Debug)]
pub(super) struct LiveSound {
    of: TapId,
    /// In µ-law.
    sound: VecDeque<u8>,
    /// Samples that were heard or cleared since it began.
    gone: u64,
    /// Marks, and behind how many samples since it began they stand.
    marks: VecDeque<(u64, u64)>,
    is_heard: bool,
    /// What is heard next does not go on from what was heard last.
    pub(super) is_cut: bool,
    /// Ticks since the first piece came that is not heard yet.
    waited: u8,
}

impl LiveSound {
    /// Nothing has come yet.
    pub(super) fn new(of: TapId) -> Self {
        let (sound, marks) = (VecDeque::new(), VecDeque::new());
        Self { of, sound, gone: 0, marks, is_heard: false, is_cut: false, waited: 0 }
    }

    /// Somebody says something; that it is another one who may speak here is nothing to us.
    pub(super) fn take(&mut self, of: TapId, live: &Live, reached: &mut Reached) {
        if of != self.of {
            return;
        }
        match live {
            Live::Sound(bytes) => {
                let room = limit::LIVE_SAMPLES.saturating_sub(self.sound.len());
                self.sound.extend(bytes.get(..room).unwrap_or(bytes));
            }
            Live::Mark(number) if self.marks.len() < limit::LIVE_MARKS => {
                self.marks.push_back((self.gone + self.sound.len() as u64, *number));
                self.tell(reached);
            }
            Live::Mark(number) => tell(reached, of, *number),
            Live::Clear => {
                self.break_off();
                self.tell(reached);
            }
        }
    }

    /// The next frame. None: there is nothing to be heard.
    pub(super) fn next_frame(&mut self, reached: &mut Reached) -> Option<Frame> {
        if self.sound.is_empty() {
            return None;
        }
        if !self.is_heard {
            self.waited += 1;
            if self.sound.len() < GATHERED && self.waited <= GATHERING {
                return None;
            }
            self.is_heard = true;
        }
        let n = self.sound.len().min(Rate::Narrow.frame());
        let frame = (n >= FADING).then(|| self.next_samples(n));
        if n < Rate::Narrow.frame() {
            self.break_off();
        } else if self.sound.is_empty() {
            self.run_dry();
        }
        self.tell(reached);
        frame
    }

    /// So many samples, which fade if they are less than a frame.
    fn next_samples(&mut self, n: usize) -> Frame {
        let mut frame = Frame::silent(Rate::Narrow);
        for (to, byte) in frame.samples_mut().iter_mut().zip(self.sound.drain(..n)) {
            *to = pcmu::decode(byte);
        }
        self.gone += n as u64;
        self.is_cut = false;
        if n < Rate::Narrow.frame() {
            let ends = frame.samples_mut().iter_mut().take(n).rev();
            for (left, sample) in (1..=FADING as i32).zip(ends) {
                *sample = (i32::from(*sample) * left / (FADING as i32 + 1)) as i16;
            }
        }
        frame
    }

    /// What is left is not heard, nor does what follows go on from it.
    fn break_off(&mut self) {
        self.gone += self.sound.len() as u64;
        self.is_cut = true;
        self.run_dry();
    }

    fn run_dry(&mut self) {
        self.sound.clear();
        self.sound.shrink_to(ROOM_KEPT);
        (self.is_heard, self.waited) = (false, 0);
    }

    fn tell(&mut self, reached: &mut Reached) {
        while let Some((_, number)) = self.marks.pop_front_if(|(at, _)| *at <= self.gone) {
            tell(reached, self.of, number);
        }
    }
}

fn tell(reached: &mut Reached, of: TapId, number: u64) {
    if reached.len() < limit::MARKS_REACHED {
        reached.push_back((of, number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF: TapId = TapId(7);

    struct Heard {
        live: LiveSound,
        reached: Reached,
    }

    impl Heard {
        fn new() -> Self {
            Self { live: LiveSound::new(OF), reached: Reached::new() }
        }

        fn take(&mut self, live: Live) {
            self.live.take(OF, &live, &mut self.reached);
        }

        fn say(&mut self, n_samples: usize) {
            self.take(Live::Sound(vec![pcmu::encode(1000); n_samples].into()));
        }

        /// Samples heard in each of so many ticks.
        fn ticks(&mut self, n: usize) -> Vec<usize> {
            let count = |frame: Frame| frame.samples().iter().filter(|it| **it != 0).count();
            let tick = || self.live.next_frame(&mut self.reached).map_or(0, count);
            std::iter::repeat_with(tick).take(n).collect()
        }

        fn reached(&mut self) -> Vec<u64> {
            self.reached
                .drain(..)
                .map(|(of, number)| (of == OF).then_some(number).unwrap())
                .collect()
        }
    }

    #[test]
    fn pieces_of_any_length_are_heard_without_a_seam() {
        let mut heard = Heard::new();
        for n in [1, 758, 3, 0, 198] {
            heard.say(n);
        }
        assert_eq!(heard.ticks(7), [160, 160, 160, 160, 160, 160, 0]);
    }

    #[test]
    fn what_comes_at_its_own_pace_has_no_gaps() {
        let mut heard = Heard::new();
        let mut all = Vec::new();
        // The first piece just before a tick, the second just behind the next.
        for n in [1, 0, 2, 1, 1, 0, 2, 1] {
            (0..n).for_each(|_| heard.say(160));
            all.extend(heard.ticks(1));
        }
        assert_eq!(all, [0, 0, 160, 160, 160, 160, 160, 160]);
        // A short one is not kept waiting for ever, and the rest is silence.
        heard.ticks(3);
        heard.say(80);
        assert_eq!(heard.ticks(5), [0, 0, 0, 80, 0]);
    }

    #[test]
    fn a_mark_is_told_when_what_stands_before_it_was_heard() {
        let mut heard = Heard::new();
        heard.take(Live::Mark(1));
        assert_eq!(heard.reached(), [1], "nothing stands before it");
        heard.say(480);
        heard.take(Live::Mark(2));
        heard.say(10);
        heard.take(Live::Mark(3));
        heard.ticks(2);
        assert_eq!(heard.reached(), [] as [u64; 0]);
        heard.ticks(1);
        assert_eq!(heard.reached(), [2]);
        heard.ticks(1);
        assert_eq!(heard.reached(), [3]);
    }

    #[test]
    fn what_is_cleared_is_not_heard_and_its_marks_are_told() {
        let mut heard = Heard::new();
        heard.say(8000);
        heard.take(Live::Mark(1));
        heard.take(Live::Mark(2));
        heard.ticks(5);
        heard.take(Live::Clear);
        assert_eq!((heard.reached(), heard.ticks(5)), (vec![1, 2], vec![0; 5]));
        heard.say(480);
        heard.take(Live::Mark(3));
        assert_eq!((heard.ticks(4), heard.reached()), (vec![160, 160, 160, 0], vec![3]));
    }

    #[test]
    fn it_is_bounded_and_what_was_heard_is_forgotten() {
        let mut heard = Heard::new();
        (0..3).for_each(|_| heard.say(limit::LIVE_SAMPLES / 2));
        assert_eq!(heard.live.sound.len(), limit::LIVE_SAMPLES);
        for number in 0..=limit::LIVE_MARKS as u64 {
            heard.take(Live::Mark(number));
        }
        assert_eq!(heard.reached(), [limit::LIVE_MARKS as u64], "one too many to wait");
        heard.take(Live::Clear);
        assert_eq!(heard.reached().len(), limit::LIVE_MARKS);
        assert!(heard.live.sound.capacity() <= 2 * ROOM_KEPT);
        for number in 0..=limit::MARKS_REACHED as u64 {
            heard.take(Live::Mark(number));
        }
        assert_eq!(heard.reached().len(), limit::MARKS_REACHED);
        // Another's is not heard.
        heard.live.take(TapId(8), &Live::Sound([1; 480].into()), &mut heard.reached);
        assert_eq!(heard.ticks(1), [0]);
    }
}
