//! Good inputs made bad: one seeded mutator for everything that is fuzzed on stable Rust.
//!
//! Not here: what is done with them (`fuzz`), coverage (libFuzzer's).

use std::ops::Range;

use crate::dice::Dice;

/// Numbers at which counters, buffers and signs have given way, as text.
const NUMBERS: [&[u8]; 14] = [
    b"0",
    b"-1",
    b"1",
    b"127",
    b"255",
    b"256",
    b"65535",
    b"65536",
    b"2147483648",
    b"4294967295",
    b"4294967296",
    b"18446744073709551616",
    b"00000000000000000000001",
    b"0x10",
];

/// The same as single bytes.
const BYTES: [u8; 8] = [0, 1, 0x20, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

/// Bytes behind which something new begins in one format or another.
const ENDS: &[u8] = b"\n>;,:=&?/ ";

/// Longest input made, bytes: as long as a message may be, and a little more.
const LENGTH_MAX: usize = 66_000;

/// Gives one mutated input after the other: the same seed, corpus and words give the same inputs.
#[derive(Debug)]
pub struct Mutator<'a> {
    dice: Dice,
    corpus: &'a [Vec<u8>],
    words: &'a [&'a [u8]],
    given: usize,
}

impl<'a> Mutator<'a> {
    /// Takes its inputs from `corpus` in turn, and puts `words` into them.
    pub fn new(seed: u64, corpus: &'a [Vec<u8>], words: &'a [&'a [u8]]) -> Self {
        Self { dice: Dice::new(seed), corpus, words, given: 0 }
    }

    /// The next input: one of the corpus, changed in one to six places.
    pub fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.corpus.get(self.given % self.corpus.len().max(1)).cloned();
        let input = input.get_or_insert_default();
        self.given += 1;
        for _ in 0..=self.dice.below(3) * self.dice.below(3) {
            self.change(input);
        }
        input.truncate(LENGTH_MAX);
        std::mem::take(input)
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let range = self.range(input, 40);
        match self.dice.below(12) {
            0 => drop(input.drain(range)),
            1 => self.flip(input),
            2 => {
                let byte = self.dice.pick(&BYTES).copied().unwrap_or(0);
                input.splice(range.start..range.start, [byte]);
            }
            3 => {
                let copy = input.get(range.clone()).unwrap_or_default().to_vec();
                input.splice(range.start..range.start, copy);
            }
            4 => put(input, range.start..range.start, self.word()),
            5 => put(input, range, self.word()),
            6 | 7 => {
                let at = self.behind_an_end(input);
                put(input, at..at, self.word());
            }
            8 => self.number(input),
            9 => self.splice(input, range),
            10 => self.cross(input),
            _ => input.truncate(range.start),
        }
    }

    /// Some of the input, at most so long; maybe nothing.
    fn range(&mut self, input: &[u8], longest: u64) -> Range<usize> {
        let at = self.below(input.len() + 1);
        at..(at + self.dice.below(longest) as usize).min(input.len())
    }

    fn below(&mut self, n: usize) -> usize {
        self.dice.below(n as u64) as usize
    }

    fn flip(&mut self, input: &mut [u8]) {
        let (at, bit) = (self.below(input.len()), self.dice.below(8));
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn word(&mut self) -> &'a [u8] {
        self.dice.pick(self.words).copied().unwrap_or_default()
    }

    /// A place behind a byte that ends something, looked for from anywhere.
    fn behind_an_end(&mut self, input: &[u8]) -> usize {
        let from = self.below(input.len());
        let rest = input.get(from..).unwrap_or_default();
        let end = rest.iter().position(|byte| ENDS.contains(byte));
        end.map_or(from, |end| from + end + 1)
    }

    /// Another number where one stands: a length, a port, a count; in text, or two bytes of it.
    fn number(&mut self, input: &mut Vec<u8>) {
        let from = self.below(input.len());
        let rest = input.get(from..).unwrap_or_default();
        let Some(start) = rest.iter().position(u8::is_ascii_digit) else {
            let bytes = self.dice.pick(&BYTES).copied().unwrap_or(0);
            let end = (from + 2).min(input.len());
            return put(input, from..end, &[bytes, bytes]);
        };
        let start = from + start;
        let digits = input.get(start..).unwrap_or_default();
        let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = self.dice.pick(&NUMBERS).copied().unwrap_or_default();
        put(input, start..start + len, number);
    }

    /// Something of another input in place of something of this one.
    fn splice(&mut self, input: &mut Vec<u8>, range: Range<usize>) {
        let corpus = self.corpus;
        let Some(other) = self.dice.pick(corpus) else { return };
        let piece = self.range(other, 120);
        put(input, range, other.get(piece).unwrap_or_default());
    }

    /// The beginning of this one and the end of another.
    fn cross(&mut self, input: &mut Vec<u8>) {
        let corpus = self.corpus;
        let Some(other) = self.dice.pick(corpus) else { return };
        let (keep, from) = (self.below(input.len() + 1), self.below(other.len() + 1));
        input.truncate(keep);
        input.extend_from_slice(other.get(from..).unwrap_or_default());
    }
}

/// These bytes in place of those.
fn put(input: &mut Vec<u8>, range: Range<usize>, bytes: &[u8]) {
    let end = range.end.min(input.len());
    input.splice(range.start.min(end)..end, bytes.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_inputs() {
        let corpus = [b"INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n".to_vec(), Vec::new()];
        let inputs = |seed| {
            let mut mutator = Mutator::new(seed, &corpus, &[b"\r\n"]);
            (0..500).map(|_| mutator.next_input()).collect::<Vec<_>>()
        };
        assert_eq!(inputs(1), inputs(1));
        assert_ne!(inputs(1), inputs(2));
        let changed = inputs(3).iter().filter(|input| !corpus.contains(input)).count();
        assert!(changed > 350, "{changed}");
        assert!(inputs(4).iter().all(|input| input.len() <= LENGTH_MAX));
    }

    #[test]
    fn an_empty_corpus_and_no_words_do_no_harm() {
        let mut mutator = Mutator::new(7, &[], &[]);
        for _ in 0..1_000 {
            assert!(mutator.next_input().len() < 100);
        }
    }
}
