//! Where one utterance ends and the next begins, in sound that never ends.
//!
//! Not here: what hears a voice (`legwork_media::detect`), what was said (`dictation`).
//! Source: ours, by ear; Twilio, `<ConversationRelay>`, `speechTimeout`.

use std::time::Duration;

use legwork_media::detect::Listening;
use legwork_media::{Event, Frame, Hearing, Rate};

use crate::limit;

/// What the voice detector has waited for by the time it says that a voice has ended.
const HANG_OVER: Duration = Duration::from_millis(200);
const FRAME_TIME: Duration = Duration::from_millis(20);

/// Cuts sound of 16 kHz into utterances.
#[derive(Debug)]
pub(super) struct Cutter {
    voice: Listening,
    /// Of the utterance; while nobody speaks, the moment before one.
    sound: Vec<i16>,
    speaks: bool,
    /// Somebody has spoken in it.
    has_begun: bool,
    /// Frames of silence behind what was said, those the detector takes included.
    quiet: u32,
    /// So many end it.
    enough: u32,
}

impl Cutter {
    /// So much silence ends an utterance; the detector itself needs 200 ms.
    pub(super) fn new(silence: Duration) -> Self {
        let behind = silence.saturating_sub(HANG_OVER).as_millis() / FRAME_TIME.as_millis();
        Self {
            voice: Listening::new(&Hearing { voice: true, ..Hearing::default() }),
            sound: Vec::new(),
            speaks: false,
            has_begun: false,
            quiet: 0,
            enough: u32::try_from(behind).unwrap_or(u32::MAX).max(1),
        }
    }

    /// The next 20 ms, or what is left of them at the end: an utterance, if it has ended with them.
    pub(super) fn hear(&mut self, samples: &[i16]) -> Option<Vec<i16>> {
        let mut frame = Frame::silent(Rate::Wide);
        for (to, from) in frame.samples_mut().iter_mut().zip(samples) {
            *to = *from;
        }
        self.voice.hear(&frame, &mut |event| {
            if let Event::Voice(speaks) = event {
                self.speaks = speaks;
                self.quiet = 0;
            }
        });
        self.sound.extend_from_slice(samples);
        self.has_begun |= self.speaks;
        if !self.has_begun {
            let over = self.sound.len().saturating_sub(limit::UTTERANCE_LEAD);
            self.sound.drain(..over);
            return None;
        }
        if !self.speaks {
            self.quiet += 1;
        }
        let is_over = !self.speaks && self.quiet >= self.enough;
        (is_over || self.sound.len() >= limit::UTTERANCE_MAX).then(|| self.cut())
    }

    /// That was all.
    pub(super) fn end(&mut self) -> Option<Vec<i16>> {
        self.has_begun.then(|| self.cut())
    }

    /// What is being said, if anything is.
    pub(super) fn so_far(&self) -> Option<&[i16]> {
        self.has_begun.then_some(self.sound.as_slice())
    }

    fn cut(&mut self) -> Vec<i16> {
        (self.has_begun, self.quiet) = (false, 0);
        std::mem::take(&mut self.sound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many frames of a voice, or of nothing.
    fn frames(n: usize, is_voice: bool) -> impl Iterator<Item = Vec<i16>> {
        let sample = move |n: usize| match (is_voice, n % 40 < 20) {
            (false, _) => 0,
            (true, true) => 4_000,
            (true, false) => -4_000,
        };
        (0..n).map(move |_| (0..320).map(sample).collect())
    }

    /// Lengths in frames of the utterances of so many frames of voice and silence in turn.
    fn cut(silence: u64, turns: &[usize]) -> Vec<usize> {
        let mut cutter = Cutter::new(Duration::from_millis(silence));
        let mut is_voice = true;
        let mut found = Vec::new();
        for turn in turns {
            for frame in frames(*turn, is_voice) {
                found.extend(cutter.hear(&frame).map(|sound| sound.len() / 320));
                assert!(cutter.sound.len() <= limit::UTTERANCE_MAX);
            }
            is_voice = !is_voice;
        }
        found.extend(cutter.end().map(|sound| sound.len() / 320));
        found
    }

    #[test]
    fn utterances_end_in_silence() {
        let lead = limit::UTTERANCE_LEAD / 320;
        // 600 ms of silence: 30 frames.
        let table: [(&[usize], &[usize]); 6] = [
            (&[0, 500], &[]),
            (&[50, 30], &[50 + 30]),
            (&[50, 29], &[50 + 29]),
            (&[50, 25, 50, 100], &[50 + 25 + 50 + 30]),
            (&[50, 100, 50, 100], &[80, lead - 3 + 50 + 30]),
            // A click.
            (&[1, 100], &[]),
        ];
        for (turns, expected) in table {
            let found = cut(600, turns);
            let near = |(a, b): (&usize, &usize)| a.abs_diff(*b) <= 3;
            assert_eq!(found.len(), expected.len(), "{turns:?} {found:?}");
            assert!(found.iter().zip(expected).all(near), "{turns:?} {found:?}");
        }
    }

    #[test]
    fn who_never_stops_is_cut_off() {
        let most = limit::UTTERANCE_MAX / 320;
        assert_eq!(cut(600, &[2 * most + 10]), [most, most, 10]);
    }
}
