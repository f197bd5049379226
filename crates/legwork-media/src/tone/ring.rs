//! Ringing tones: what a caller hears while the far end rings, country by country.
//!
//! Not here: when it is heard (`legwork-call`, `dial`), how it is sent (`plane`).
//! Source: ITU-T E.180 Supplement 2, "Various tones used in national networks"; which countries:
//! Twilio, "TwiML Voice: Dial", `ringTone`.

use std::f32::consts::TAU;

use super::RATE_HZ;

/// Peak of each tone of several; one alone is half as loud again.
const LEVEL: f32 = 3000.0;

/// A country's ringing tone. The default is that of North America.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingTone(&'static Row);

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: &'static str,
    sound: Sound,
    /// Milliseconds of sound and of silence in turn, to be repeated.
    cadence_ms: &'static [u16],
}

/// Frequencies, Hz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    One(u16),
    Two(u16, u16),
    /// The first, whose loudness swings with the second.
    Swinging(u16, u16),
}

use Sound::{One, Swinging, Two};

const ONE_IN_FIVE: &[u16] = &[1000, 4000];
const ONE_IN_SIX: &[u16] = &[1000, 5000];
const ONE_IN_FOUR: &[u16] = &[1000, 3000];
const TWICE: &[u16] = &[400, 200, 400, 2000];

const US: Row = row("us", Two(440, 480), &[2000, 4000]);

const fn row(name: &'static str, sound: Sound, cadence_ms: &'static [u16]) -> Row {
    Row { name, sound, cadence_ms }
}

/// The first is the default, the others by name.
static TABLE: [Row; 40] = [
    US,
    row("at", One(420), ONE_IN_SIX),
    row("au", Two(413, 438), TWICE),
    row("be", One(425), ONE_IN_FOUR),
    row("bg", One(425), ONE_IN_FIVE),
    row("br", One(425), ONE_IN_FIVE),
    row("ch", One(425), ONE_IN_FIVE),
    row("cl", One(400), ONE_IN_FOUR),
    row("cn", One(450), ONE_IN_FIVE),
    row("cz", One(425), ONE_IN_FIVE),
    row("de", One(425), ONE_IN_FIVE),
    row("dk", One(425), ONE_IN_FIVE),
    row("ee", One(425), ONE_IN_FIVE),
    row("es", One(425), &[1500, 3000]),
    row("fi", One(425), ONE_IN_FIVE),
    row("fr", One(440), &[1500, 3500]),
    row("gr", One(425), ONE_IN_FIVE),
    row("hu", One(425), &[1250, 3750]),
    row("il", One(400), ONE_IN_FOUR),
    row("in", Swinging(400, 25), TWICE),
    row("it", One(425), ONE_IN_FIVE),
    row("jp", Swinging(400, 16), &[1000, 2000]),
    row("lt", One(425), ONE_IN_FIVE),
    row("mx", One(425), ONE_IN_FIVE),
    row("my", One(425), TWICE),
    row("nl", One(425), ONE_IN_FIVE),
    row("no", One(425), ONE_IN_FIVE),
    row("nz", Two(400, 450), TWICE),
    row("ph", Two(425, 480), ONE_IN_FIVE),
    row("pl", One(425), ONE_IN_FIVE),
    row("pt", One(425), ONE_IN_SIX),
    row("ru", One(425), ONE_IN_FIVE),
    row("se", One(425), ONE_IN_SIX),
    row("sg", Swinging(425, 24), TWICE),
    row("th", One(400), ONE_IN_FIVE),
    row("tw", Two(440, 480), &[1000, 2000]),
    row("uk", Two(400, 450), TWICE),
    row("us-old", Swinging(420, 40), &[2000, 4000]),
    row("ve", One(425), ONE_IN_FIVE),
    row("za", Swinging(400, 33), TWICE),
];

impl Default for RingTone {
    fn default() -> Self {
        Self::US
    }
}

impl RingTone {
    /// North America's.
    pub const US: Self = Self(&US);

    /// The tone of that name: `us`, `uk`, `us-old`, …; none: no such name.
    pub fn of(name: &str) -> Option<Self> {
        Self::all().find(|tone| tone.name() == name)
    }

    /// Every tone there is.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(Self)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// One turn of it, 8 kHz, to be repeated: 2.4 to 6 s.
    pub fn samples(self) -> Vec<i16> {
        let mut samples = Vec::new();
        for (index, ms) in self.0.cadence_ms.iter().enumerate() {
            let n = usize::from(*ms) * RATE_HZ as usize / 1000;
            let end = samples.len() + n;
            if index % 2 == 0 {
                samples.extend((0..n).map(|n| self.0.sound.at(n)));
            }
            samples.resize(end, 0);
        }
        samples
    }
}

impl Sound {
    fn at(self, n: usize) -> i16 {
        // A whole number of cycles a second: the phase stays exact however long it lasts.
        let wave = |hz: u16| {
            (TAU * ((n * usize::from(hz)) % RATE_HZ as usize) as f32 / RATE_HZ as f32).sin()
        };
        let level = match self {
            One(hz) => 1.5 * wave(hz),
            Two(low, high) => wave(low) + wave(high),
            Swinging(hz, by_hz) => (1.0 + 0.9 * wave(by_hz)) * wave(hz),
        };
        (LEVEL * level) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::super::rms;
    use super::*;

    /// What `ringTone` may say.
    const NAMES: &str = "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my \
                         nl no nz ph pl pt ru se sg th uk us us-old tw ve za";

    #[test]
    fn every_country_has_a_tone_and_no_other() {
        for name in NAMES.split_whitespace() {
            assert_eq!(RingTone::of(name).map(RingTone::name), Some(name));
        }
        assert_eq!(RingTone::all().count(), NAMES.split_whitespace().count());
        for name in ["", "US", "xx", "us-new"] {
            assert_eq!(RingTone::of(name), None, "{name}");
        }
        assert_eq!(RingTone::default().name(), "us");
    }

    #[test]
    fn a_turn_is_as_long_as_its_cadence_and_never_too_loud() {
        for tone in RingTone::all() {
            let samples = tone.samples();
            let ms: usize = tone.0.cadence_ms.iter().map(|ms| usize::from(*ms)).sum();
            assert_eq!(samples.len(), 8 * ms, "{}", tone.name());
            let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max();
            assert!((4000..6100).contains(&loudest.unwrap()), "{} {loudest:?}", tone.name());
            assert!(rms(&samples[samples.len() - 4000..]) < 1.0, "it ends in silence");
        }
    }
}
