//! Tags, branches and Call-IDs of ours: the node's prefix and 64 random bits or more.
//!
//! Thirteen letters write 64 bits, so with a prefix of up to seven a tag has at most 20 characters.
//! A Call-ID has at most 32. Phones with small buffers stay within their limits.
//! Not here: looking things up by them (`receive`).
//! Source: RFC 3261 §8.1.1.4, §8.1.1.7, §19.3.

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::limit::TAG_PREFIX_MAX;

/// The start of every branch since RFC 3261.
pub(crate) const MAGIC_COOKIE: &str = "z9hG4bK";

const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Letters of 64 bits.
const WIDTH: usize = 13;

/// Source of everything random.
#[derive(Debug)]
pub(crate) struct Ids {
    rng: StdRng,
    prefix: String,
}

impl Ids {
    pub(crate) fn new(prefix: &str, seed: u64) -> Self {
        let is_good = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let prefix = prefix.chars().filter(is_good).take(TAG_PREFIX_MAX).collect();
        Self { rng: StdRng::seed_from_u64(seed), prefix }
    }

    pub(crate) fn throw_again(&mut self, seed: u64) {
        self.rng = StdRng::seed_from_u64(seed);
    }

    pub(crate) fn number(&mut self) -> u64 {
        rand::Rng::next_u64(&mut self.rng)
    }

    /// A number from `low` to `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.number() % (high.saturating_sub(low) + 1)
    }

    /// A tag for a response that opens no dialog.
    pub(crate) fn fresh_tag(&mut self) -> String {
        let number = self.number();
        self.tag_text(number)
    }

    pub(crate) fn tag_text(&self, tag: u64) -> String {
        let mut text = String::with_capacity(self.prefix.len() + WIDTH);
        text.push_str(&self.prefix);
        write(tag, &mut text);
        text
    }

    pub(crate) fn branch_text(&self, branch: u64) -> String {
        let mut text = String::with_capacity(MAGIC_COOKIE.len() + self.prefix.len() + WIDTH);
        text.push_str(MAGIC_COOKIE);
        text.push_str(&self.prefix);
        write(branch, &mut text);
        text
    }

    /// 26 letters of randomness, or what 32 characters leave room for.
    pub(crate) fn call_id(&mut self) -> String {
        let mut text = String::with_capacity(self.prefix.len() + 2 * WIDTH);
        text.push_str(&self.prefix);
        write(self.number(), &mut text);
        write(self.number(), &mut text);
        text.truncate(32);
        text
    }

    /// The tag, if it is one of ours.
    pub(crate) fn read_tag(&self, text: &[u8]) -> Option<u64> {
        read(text.strip_prefix(self.prefix.as_bytes())?)
    }

    /// The branch, if it is one of ours.
    pub(crate) fn read_branch(&self, text: &[u8]) -> Option<u64> {
        let text = text.strip_prefix(MAGIC_COOKIE.as_bytes())?;
        read(text.strip_prefix(self.prefix.as_bytes())?)
    }
}

fn write(number: u64, text: &mut String) {
    for n in (0..WIDTH).rev() {
        let digit = (number >> (5 * n)) & 31;
        let letter = usize::try_from(digit).ok().and_then(|d| LETTERS.get(d));
        text.push(char::from(letter.copied().unwrap_or(b'0')));
    }
}

fn read(letters: &[u8]) -> Option<u64> {
    if letters.len() != WIDTH {
        return None;
    }
    let mut number = 0u64;
    for letter in letters {
        let digit = LETTERS.iter().position(|l| l == letter)?;
        number = number.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut ids = Ids::new("n0001-", 7);
        for number in [0, 1, 31, 32, u64::MAX, ids.number()] {
            let text = ids.tag_text(number);
            assert!(text.len() <= 20, "{text}");
            assert_eq!(ids.read_tag(text.as_bytes()), Some(number));
            assert_eq!(ids.read_branch(ids.branch_text(number).as_bytes()), Some(number));
        }
        for bad in
            ["", "n0001-", "n0001-z000000000000", "n0001-000000000000A", "x0001-0000000000000"]
        {
            assert_eq!(ids.read_tag(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = |seed| Ids::new("n1-", seed).call_id();
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
        assert!(Ids::new("far-too-long a prefix", 1).call_id().len() <= 32);
    }
}
