//! What a run of pocketsphinx found: words, how long they were and how well they fit.
//!
//! Not here: running it (`process`), what counts as understood (`sphinx`).
//! Source: pocketsphinx 5prealpha, `-backtrace yes`: per word its first and last frame of 10 ms, its
//! posterior probability and its acoustic score (a logarithm to the base 1.0001, in 1,024ths).

/// Nothing that is listened to is longer.
const FRAMES_MAX: u32 = 1_000_000;
/// Frames by which a word may begin late or end early.
const NEAR: u32 = 2;

/// A word as found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    /// As the dictionary has it.
    pub(crate) name: String,
    /// First and last frame of 10 ms.
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// That it was this word and none of those compared, 0 to 1.
    pub(crate) posterior: f32,
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Words, in order.
    pub(crate) words: Vec<Word>,
    /// How well everything fits, silence and noise included: the nearer to 0, the better. Of runs
    /// with a grammar only.
    pub(crate) acoustic: i64,
}

impl Found {
    /// Reads a log. What is no row of a word is passed over.
    pub(crate) fn read(log: &str) -> Self {
        let mut found = Self::default();
        for line in log.lines() {
            let Some((word, acoustic)) = row(line) else { continue };
            found.acoustic = found.acoustic.saturating_add(acoustic);
            let name = word.name.as_str();
            let is_filler = name.is_empty() || name.starts_with(['<', '[', '+']) || name == "SIL";
            if !is_filler {
                found.words.push(word);
            }
        }
        found
    }

    /// The posterior probability of a frame's word, on average.
    pub(crate) fn posterior(&self) -> f32 {
        let frames = |word: &Word| (word.last - word.first + 1) as f32;
        let all: f32 = self.words.iter().map(frames).sum();
        let sum: f32 = self.words.iter().map(|word| word.posterior * frames(word)).sum();
        (sum / all.max(1.0)).clamp(0.0, 1.0)
    }

    /// Whether this frame of 10 ms is in a word, or next to one.
    pub(crate) fn covers(&self, frame: u32) -> bool {
        let is_near = |word: &Word| {
            (word.first.saturating_sub(NEAR)..=word.last.saturating_add(NEAR)).contains(&frame)
        };
        self.words.iter().any(is_near)
    }

    /// The words in one line.
    pub(crate) fn text(&self) -> String {
        let names: Vec<&str> = self.words.iter().map(|word| word.name.as_str()).collect();
        names.join(" ")
    }
}

/// `word first last posterior acoustic language back`.
fn row(line: &str) -> Option<(Word, i64)> {
    let mut parts = line.split_ascii_whitespace();
    let name = parts.next()?;
    let (first, last): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let posterior: f32 = parts.next()?.parse().ok()?;
    let acoustic = parts.next()?.parse().ok()?;
    let _language: i64 = parts.next()?.parse().ok()?;
    let _back: i64 = parts.next()?.parse().ok()?;
    let (name, _) = name.split_once('(').unwrap_or((name, ""));
    let is_row = parts.next().is_none() && posterior.is_finite();
    let is_word = is_row && first <= last && last < FRAMES_MAX;
    let posterior = posterior.clamp(0.0, 1.0);
    is_word.then(|| (Word { name: name.to_owned(), first, last, posterior }, acoustic))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
INFO: pocketsphinx.c(1168): one the(2) (-5379)
word                 start end   pprob ascr       lscr       lback
INFO: ngram_search.c(1025): bestpath 0.00 CPU 0.000 xRT
<s>                  18    28    1.000 -200       0          1
one                  29    38    0.500 -400       -282       2
(NULL)               38    38    1.000 0          0          1
[NOISE]              39    54    0.548 -100       -202       3
the(2)               55    84    0.900 -300       -465       3
</s>                 85    153   1.000 -50        -154       3
";

    #[test]
    fn words_are_read_and_fillers_are_not() {
        let found = Found::read(LOG);
        assert_eq!(found.text(), "one the");
        assert_eq!(found.acoustic, -1050);
        let covered: Vec<u32> = (0..200).filter(|frame| found.covers(*frame)).collect();
        assert_eq!(covered, (27..=40).chain(53..=86).collect::<Vec<_>>());
        assert!((found.posterior() - 0.8).abs() < 0.001, "{}", found.posterior());
    }

    #[test]
    fn any_other_line_is_none() {
        for line in [
            "",
            "one",
            "one 1 2 nan -4 0 1",
            "one 2 0 1.0 -4 0 1",
            "one 0 4294967295 1.0 -4 0 1",
            "one 1 2 1.0 99999999999999999999 0 1",
            "one 1 2 1.0 -4 0 1 more",
            "\u{0} 1 2 inf -4 0 1",
        ] {
            assert_eq!(Found::read(line), Found::default(), "{line:?}");
        }
        assert_eq!(Found::default().posterior(), 0.0);
    }
}
