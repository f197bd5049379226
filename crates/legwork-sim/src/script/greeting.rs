//! `greets …`: what an answerer says, as sound.
//!
//! Not here: who it is taken for (`legwork-media`, `detect`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use std::time::Duration;

use legwork_media::tone::{self, babble};

use super::duration;

/// From its end to the beep.
const BEFORE_BEEP: Duration = Duration::from_millis(500);
/// How long a beep lasts, and a fax's tone.
const BEEP: Duration = Duration::from_millis(400);
const FAX: Duration = Duration::from_secs(3);
/// Their peak.
const LEVEL: f32 = 8_000.0;

/// `5s`, `5s after 1s`, `5s and beeps`, `as a fax`.
pub(super) fn samples(how: &[&str]) -> Vec<i16> {
    match how {
        ["as", "a", "fax"] => tone::sine(2_100.0, LEVEL, count(FAX)),
        [long] => babble::babble(count(duration(long)), 4),
        [long, "after", quiet] => {
            let mut samples = vec![0; count(duration(quiet))];
            samples.extend(babble::babble(count(duration(long)), 4));
            samples
        }
        [long, "and", "beeps"] => {
            let mut samples = babble::babble(count(duration(long)), 4);
            samples.resize(samples.len() + count(BEFORE_BEEP), 0);
            samples.extend(tone::sine(1_000.0, LEVEL, count(BEEP)));
            samples
        }
        _ => panic!("greets {}", how.join(" ")),
    }
}

fn count(time: Duration) -> usize {
    usize::try_from(time.as_millis()).unwrap_or(0) * (tone::RATE_HZ as usize / 1000)
}
