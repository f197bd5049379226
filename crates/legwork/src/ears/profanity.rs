//! Words that are not shown: their first letter, then asterisks.
//!
//! Not here: what else is made of words.
//! Source: Twilio, `<Gather>`, `profanityFilter`; the list is ours: English, and short on purpose.

/// How hidden words begin, and whether others that go on from there are hidden, too.
const HIDDEN: &[(&str, bool)] = &[
    ("arsehole", true),
    ("asshole", true),
    ("bastard", true),
    ("bitch", true),
    ("bollocks", false),
    ("bullshit", true),
    ("cock", false),
    ("cocksucker", true),
    ("cunt", true),
    ("dickhead", true),
    ("fuck", true),
    ("motherfuck", true),
    ("piss", false),
    ("pissed", false),
    ("pussy", false),
    ("shit", true),
    ("slut", true),
    ("twat", true),
    ("wank", true),
    ("whore", true),
];

/// The text with such words masked.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        if is_hidden(word) {
            let mut letters = word.chars();
            out.extend(letters.next());
            out.extend(letters.map(|letter| if letter.is_alphanumeric() { '*' } else { letter }));
        } else {
            out.push_str(word);
        }
    }
    out
}

fn is_hidden(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let is = |(start, and_more): &(&str, bool)| {
        word.strip_prefix(start).is_some_and(|rest| *and_more || rest.is_empty())
    };
    HIDDEN.iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_masked_and_others_are_not() {
        let table = [
            ("sales please", "sales please"),
            ("oh shit", "oh s***"),
            ("Fucking, hell", "F******, hell"),
            ("a cocktail and a class", "a cocktail and a class"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(masked(text), expected);
        }
    }
}
