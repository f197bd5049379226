//! Where a sentence ends, and how much of one is heard in a while.
//!
//! Not here: whose sentences they are, and when they are heard (`relay/talk`).
//! Source: ours, by ear.

use std::time::Duration;

use crate::limit;

/// Characters heard in a second: 150 to 160 words of English a minute.
const CHARACTERS_A_SECOND: u128 = 15;

/// Cuts the first sentence off, and with it the blanks behind: it, and the rest. None: it may go on.
pub(super) fn first(text: &str) -> Option<(&str, &str)> {
    text.split_at_checked(end_of_first(text)?)
}

/// Behind a mark and the blank that follows it, or where it becomes too long.
fn end_of_first(text: &str) -> Option<usize> {
    let mut marked = false;
    let mut blank = None;
    for (at, c) in text.char_indices() {
        if c == '\n' || marked && c.is_whitespace() {
            return Some(at + c.len_utf8());
        }
        if matches!(c, '。' | '！' | '？') {
            return Some(at + c.len_utf8());
        }
        if c.is_whitespace() {
            blank = Some(at + c.len_utf8());
        }
        // Quotation marks and brackets close a sentence with its mark.
        marked = matches!(c, '.' | '!' | '?' | '…' | ';' | ':')
            || marked && matches!(c, '"' | '\'' | ')' | '”' | '’');
        if at >= limit::RELAY_SENTENCE_MAX {
            return blank.or_else(|| Some(at + c.len_utf8()));
        }
    }
    None
}

/// The words that can be heard in so much time.
pub(super) fn heard_of(text: &str, time: Duration) -> &str {
    let characters = time.as_millis() * CHARACTERS_A_SECOND / 1_000;
    let characters = usize::try_from(characters).unwrap_or(usize::MAX);
    let Some((end, _)) = text.char_indices().nth(characters) else { return text };
    let begun = text.get(..end).unwrap_or(text);
    // A word that has begun is not heard.
    begun.rfind(char::is_whitespace).and_then(|at| begun.get(..at)).unwrap_or("").trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_heard_as_fast_as_people_speak() {
        let text = "one two three four";
        let table = [
            (0, ""),
            (200, ""),
            (300, "one"),
            (600, "one two"),
            (1_100, "one two three"),
            (1_200, text),
        ];
        for (ms, heard) in table {
            assert_eq!(heard_of(text, Duration::from_millis(ms)), heard, "{ms}");
        }
        assert_eq!(heard_of(text, Duration::MAX), text);
    }
}
