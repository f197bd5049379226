//! Sounds of English, in IPA or X-SAMPA, as espeak-ng writes them.
//!
//! Not here: other languages: their sounds are written otherwise, the text between the tags is read.
//! Source: the International Phonetic Alphabet; X-SAMPA, by Wells; espeak-ng, docs/phonemes.md.

/// IPA and espeak-ng's name, the longest first.
const IPA: &[(&str, &str)] = &[
    ("t͡ʃ", "tS"),
    ("d͡ʒ", "dZ"),
    ("tʃ", "tS"),
    ("dʒ", "dZ"),
    ("aɪ", "aI"),
    ("aʊ", "aU"),
    ("eɪ", "eI"),
    ("oʊ", "oU"),
    ("əʊ", "oU"),
    ("ɔɪ", "OI"),
    ("ɑː", "A:"),
    ("ɔː", "O:"),
    ("ɜː", "3:"),
    ("iː", "i:"),
    ("uː", "u:"),
    ("ɑ", "A:"),
    ("ɔ", "O:"),
    ("ɜ", "3:"),
    ("ɝ", "3:"),
    ("ɚ", "3"),
    ("ə", "@"),
    ("æ", "a"),
    ("a", "a"),
    ("ɒ", "0"),
    ("ʌ", "V"),
    ("ɛ", "E"),
    ("e", "E"),
    ("ɪ", "I"),
    ("i", "i:"),
    ("ʊ", "U"),
    ("u", "u:"),
    ("o", "oU"),
    ("ð", "D"),
    ("θ", "T"),
    ("ʃ", "S"),
    ("ʒ", "Z"),
    ("ŋ", "N"),
    ("ɡ", "g"),
    ("ɹ", "r"),
    ("ɾ", "t"),
    ("ˈ", "'"),
    ("ˌ", ","),
    (".", ""),
    ("ː", ""),
    ("ˑ", ""),
];

/// X-SAMPA and IPA, the longest first.
const X_SAMPA: &[(&str, &str)] = &[
    ("r\\", "ɹ"),
    ("@`", "ɚ"),
    ("3`", "ɝ"),
    ("A", "ɑ"),
    ("O", "ɔ"),
    ("3", "ɜ"),
    ("@", "ə"),
    ("{", "æ"),
    ("Q", "ɒ"),
    ("V", "ʌ"),
    ("E", "ɛ"),
    ("I", "ɪ"),
    ("U", "ʊ"),
    ("D", "ð"),
    ("T", "θ"),
    ("S", "ʃ"),
    ("Z", "ʒ"),
    ("N", "ŋ"),
    ("4", "ɾ"),
    ("\"", "ˈ"),
    ("%", "ˌ"),
    (":", "ː"),
];

/// What both write alike.
const PLAIN: &str = "bdfghjklmnprstvwz";

/// Sounds as espeak-ng writes them. None: an alphabet that is not here, or a sound that is not of English.
pub(super) fn espeak(alphabet: &str, sounds: &str) -> Option<String> {
    let ipa = match alphabet {
        "ipa" => sounds.trim().to_owned(),
        "x-sampa" => {
            replaced(X_SAMPA, sounds.trim(), |c| c.is_ascii_lowercase() || matches!(c, '.' | ' '))?
        }
        _ => return None,
    };
    let written = replaced(IPA, &ipa, |c| PLAIN.contains(c) || c == ' ')?;
    (!written.trim().is_empty()).then_some(written)
}

/// Every piece of `text` by its other name; `plain` characters stay.
fn replaced(table: &[(&str, &str)], text: &str, plain: impl Fn(char) -> bool) -> Option<String> {
    let mut written = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let row = table.iter().find_map(|(from, to)| Some((rest.strip_prefix(from)?, *to)));
        if let Some((behind, to)) = row {
            written.push_str(to);
            rest = behind;
        } else if plain(next) {
            written.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        } else {
            return None;
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_of_either_alphabet() {
        let table = [
            ("ipa", "pɪˈkɑːn", Some("pI'kA:n")),
            ("ipa", "ˈpi.kæn", Some("'pi:kan")),
            ("x-sampa", "pI\"kA:n", Some("pI'kA:n")),
            ("x-sampa", "\"pi.k{n", Some("'pi:kan")),
            ("ipa", "ˈtʃɛdə", Some("'tSEd@")),
            ("x-sampa", "\"tSEd@", Some("'tSEd@")),
            ("ipa", "]]<x", None),
            ("ipa", "ʁ", None),
            ("ipa", "", None),
            ("x-amazon-pinyin", "zhong1", None),
        ];
        for (alphabet, sounds, written) in table {
            assert_eq!(espeak(alphabet, sounds).as_deref(), written, "{alphabet} {sounds}");
        }
    }
}
