//! Did you mean: the nearest of a list of names.
//!
//! Not here: the lists (`table` for TwiML, the configuration's own).
//! Source: optimal string alignment distance (insert, delete, replace, swap neighbours).

/// Longer names are typed by nobody: no suggestion for them.
const NAME_MAX: usize = 64;

/// The candidate that `name` was probably meant to be, if one is near: the same but for case, or
/// at most a third of its letters wrong.
///
/// The first of equally near ones.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = name.chars().take(NAME_MAX + 1).collect();
    if typed.is_empty() || typed.len() > NAME_MAX {
        return None;
    }
    candidates
        .into_iter()
        .filter_map(|candidate| Some((far(&typed, candidate)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The distance, case counting nothing, if it is small enough.
fn far(typed: &[char], candidate: &str) -> Option<usize> {
    let lower = |c: char| c.to_ascii_lowercase();
    let typed: Vec<char> = typed.iter().copied().map(lower).collect();
    let meant: Vec<char> = candidate.chars().take(NAME_MAX).map(lower).collect();
    let distance = distance(&typed, &meant);
    (distance <= typed.len().max(meant.len()) / 3).then_some(distance)
}

fn distance(a: &[char], b: &[char]) -> usize {
    // Rows of the table for the letter before last, the last and this one; an index is the number
    // of letters of `b` used.
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_a = None;
    for (i, &letter_a) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut left = i + 1;
        let mut last_b = None;
        for (j, &letter_b) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&above, j) + usize::from(letter_a != letter_b);
            let mut cell = replaced.min(at(&above, j + 1) + 1).min(left + 1);
            if last_a == Some(letter_b) && last_b == Some(letter_a) && j > 0 {
                cell = cell.min(at(&before, j - 1) + 1);
            }
            row.push(cell);
            left = cell;
            last_b = Some(letter_b);
        }
        before = above;
        above = row;
        last_a = Some(letter_a);
    }
    above.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let cases = [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("dial", "dial", 0),
            ("dail", "dial", 1),
            ("dal", "dial", 1),
            ("diall", "dial", 1),
            ("doal", "dial", 1),
            ("kitten", "sitting", 3),
            ("abcd", "badc", 2),
        ];
        for (a, b, want) in cases {
            let letters = |s: &str| s.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(a), &letters(b)), want, "{a} {b}");
        }
    }

    #[test]
    fn suggestions() {
        let names = ["Dial", "Say", "Play", "Pause", "answerOnBridge", "action"];
        let cases = [
            ("dial", Some("Dial")),
            ("Dail", Some("Dial")),
            ("SAY", Some("Say")),
            ("Plai", Some("Play")),
            ("answeronbridge", Some("answerOnBridge")),
            ("answerOnBrdige", Some("answerOnBridge")),
            ("Frobnicate", None),
            ("x", None),
            ("", None),
        ];
        for (typed, want) in cases {
            assert_eq!(nearest(typed, names), want, "{typed}");
        }
        assert_eq!(nearest(&"D".repeat(NAME_MAX + 1), ["D"]), None);
        assert_eq!(
            nearest(&"D".repeat(NAME_MAX), [&*"D".repeat(NAME_MAX)]).map(str::len),
            Some(64)
        );
    }
}
