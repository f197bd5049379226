//! Silence at both ends of a recording, left out while it is written.
//!
//! Sound is judged in windows of 20 ms. A window is loud if the samples of one of its channels have a
//! root mean square of [`LOUD`] or more (−46 dB of full scale: well above the noise of a quiet line, well
//! below quiet speech); a single loud window is a click. From 100 ms before the first two loud windows
//! in a row to 100 ms behind the last two, all is kept.
//! Not here: the file (`recording/wav`).
//! Source: Twilio, "TwiML Voice: Record", `trim`; the numbers are ours.

use crate::recording::wav::Format;

/// What sound is, as opposed to silence: the root mean square of a window.
const LOUD: i64 = 160;
/// Loud windows in a row that make sound.
const WINDOWS: usize = 2;
/// Windows of silence that are kept before and behind sound: 100 ms.
const KEPT: usize = 5;

/// Passes on what is worth keeping.
#[derive(Debug)]
pub(crate) struct Trim {
    is_on: bool,
    channels: usize,
    /// Samples of a window, all channels.
    window: usize,
    /// Less than a window.
    rest: Vec<i16>,
    /// Before the first sound: the last windows.
    before: Vec<i16>,
    /// Loud windows in a row.
    run: usize,
    has_begun: bool,
    /// Samples passed on.
    passed: u64,
    /// Up to where there was sound.
    loud_until: u64,
}

impl Trim {
    /// Nothing has passed yet. Off: everything passes.
    pub(crate) fn new(is_on: bool, format: Format) -> Self {
        Self {
            is_on,
            channels: usize::from(format.channels),
            window: format.second() / 50,
            rest: Vec::new(),
            before: Vec::new(),
            run: 0,
            has_begun: false,
            passed: 0,
            loud_until: 0,
        }
    }

    /// Takes samples; what is worth keeping goes to `out`.
    pub(crate) fn take(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        if !self.is_on {
            self.pass(samples, out);
            return;
        }
        self.rest.extend_from_slice(samples);
        let rest = std::mem::take(&mut self.rest);
        let mut windows = rest.chunks_exact(self.window.max(1));
        for window in windows.by_ref() {
            self.take_window(window, out);
        }
        self.rest = windows.remainder().to_vec();
    }

    /// That was all: how many of the samples passed on are kept, counted from the first.
    pub(crate) fn end(&mut self, out: &mut Vec<i16>) -> u64 {
        let rest = std::mem::take(&mut self.rest);
        if self.has_begun || !self.is_on {
            self.pass(&rest, out);
        }
        if !self.is_on {
            return self.passed;
        }
        if !self.has_begun {
            return 0;
        }
        self.passed.min(self.loud_until + (KEPT * self.window) as u64)
    }

    fn take_window(&mut self, window: &[i16], out: &mut Vec<i16>) {
        self.run = if self.is_loud(window) { self.run + 1 } else { 0 };
        let has_sound = self.run >= WINDOWS;
        if self.has_begun {
            self.pass(window, out);
        } else {
            self.before.extend_from_slice(window);
            let most = (KEPT + WINDOWS) * self.window;
            let over = self.before.len().saturating_sub(most);
            self.before.drain(..over);
            if has_sound {
                self.has_begun = true;
                let before = std::mem::take(&mut self.before);
                self.pass(&before, out);
            }
        }
        if has_sound {
            self.loud_until = self.passed;
        }
    }

    fn pass(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        self.passed += samples.len() as u64;
        out.extend_from_slice(samples);
    }

    fn is_loud(&self, window: &[i16]) -> bool {
        is_loud(window, self.channels)
    }
}

fn is_loud(window: &[i16], channels: usize) -> bool {
    let of_channel = |channel: usize| window.iter().skip(channel).step_by(channels.max(1));
    let n = i64::try_from(window.len() / channels.max(1)).unwrap_or(i64::MAX);
    (0..channels).any(|channel| {
        let squares = of_channel(channel).map(|sample| i64::from(*sample).pow(2));
        squares.sum::<i64>() >= LOUD * LOUD * n
    })
}

/// The same of a recording that was written down to somewhere: how many of its samples are kept, so many as
/// [`Trim::end`] would have said. `read` gives windows from so many samples on; they are asked for from the
/// end, up to where there is sound.
///
/// # Errors
/// Those of `read`.
pub(crate) fn kept<E>(
    format: Format,
    samples: u64,
    mut read: impl FnMut(u64, usize) -> Result<Vec<i16>, E>,
) -> Result<u64, E> {
    let window = (format.second() / 50).max(1);
    let n_windows = samples / window as u64;
    // What the windows before must follow: the first of those behind.
    let mut is_loud_behind = false;
    let mut until = n_windows;
    while until > 0 {
        let from = until.saturating_sub(50);
        let n = usize::try_from(until - from).unwrap_or_default();
        let piece = read(from * window as u64, n * window)?;
        for (at, one) in piece.chunks_exact(window).enumerate().rev() {
            let is_loud = is_loud(one, usize::from(format.channels));
            if is_loud && is_loud_behind {
                let loud_until = from + at as u64 + WINDOWS as u64;
                return Ok(samples.min((loud_until + KEPT as u64) * window as u64));
            }
            is_loud_behind = is_loud;
        }
        until = from;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use legwork_media::tone;

    use super::*;

    const MONO: Format = Format { channels: 1, rate_hz: 8_000 };
    const DUAL: Format = Format { channels: 2, rate_hz: 8_000 };

    /// `-` silence, `n` the noise of a line, `s` speech, `q` quiet speech; 20 ms each.
    fn sound(pattern: &str) -> Vec<i16> {
        let level = |c| match c {
            '-' => 0.0,
            // −60, −40 and −20 dB of full scale.
            'n' => 32.7,
            'q' => 327.7,
            's' => 3_276.8,
            other => panic!("{other}"),
        };
        let window = |c| tone::sine(400.0, level(c) * std::f32::consts::SQRT_2, 160);
        pattern.chars().flat_map(window).collect()
    }

    /// Windows that are kept.
    fn kept(format: Format, sound: &[i16], piece: usize) -> usize {
        let mut trim = Trim::new(true, format);
        let mut out = Vec::new();
        for piece in sound.chunks(piece) {
            trim.take(piece, &mut out);
        }
        let keep = usize::try_from(trim.end(&mut out)).unwrap();
        assert!(keep <= out.len());
        // Whoever finds what was passed on keeps as much of it.
        let found = super::kept(format, out.len() as u64, |from, n| {
            let from = usize::try_from(from).unwrap();
            Ok::<_, ()>(out[from..from + n].to_vec())
        });
        assert_eq!(found, Ok(keep as u64));
        assert_eq!(keep % trim.window, 0);
        keep / trim.window
    }

    #[test]
    fn ends_are_silent_no_more() {
        let table: [(&str, usize); 14] = [
            ("", 0),
            ("----------", 0),
            ("nnnnnnnnnn", 0),
            // A click is no sound.
            ("---s------", 0),
            ("---ss-----", 3 + 2 + 5),
            ("----------ss----------", 5 + 2 + 5),
            ("----------qq----------", 5 + 2 + 5),
            ("nnnnnnnnnnssnnnnnnnnnn", 5 + 2 + 5),
            ("ss", 2),
            ("sssss---", 8),
            // In the middle it stays, and clicks at the ends are cut off.
            ("-s--------ss----------ss--------s-", 5 + 2 + 10 + 2 + 5),
            (&format!("ss{}", "-".repeat(120)), 2 + 5),
            (&format!("ss{}ss{}", "-".repeat(46), "-".repeat(51)), 2 + 46 + 2 + 5),
            (&format!("ss{}ss{}", "-".repeat(47), "-".repeat(51)), 2 + 47 + 2 + 5),
        ];
        for (pattern, expected) in table {
            for piece in [160, 7, 1_600] {
                assert_eq!(kept(MONO, &sound(pattern), piece), expected, "{pattern} by {piece}");
            }
        }
    }

    #[test]
    fn who_speaks_in_one_channel_is_heard() {
        let dual = |left: &str, right: &str| -> Vec<i16> {
            sound(left).into_iter().zip(sound(right)).flat_map(|(a, b)| [a, b]).collect()
        };
        assert_eq!(kept(DUAL, &dual("------------", "------qq----"), 320), 5 + 2 + 4);
        assert_eq!(kept(DUAL, &dual("------ss----", "------------"), 320), 5 + 2 + 4);
        assert_eq!(kept(DUAL, &dual("ss----------", "----------ss"), 320), 12);
        assert_eq!(kept(DUAL, &dual("------------", "------------"), 320), 0);
    }

    #[test]
    fn what_is_not_trimmed_passes_as_it_is() {
        let mut trim = Trim::new(false, MONO);
        let mut out = Vec::new();
        trim.take(&[0; 170], &mut out);
        assert_eq!((trim.end(&mut out), out.len()), (170, 170));
    }
}
