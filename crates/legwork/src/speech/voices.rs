//! Whose voice a name is: language and gender, and from there a voice of whoever speaks.
//!
//! Not here: speaking (`espeak`, `endpoint`).
//! Source: Twilio, "Text-to-Speech", voices and languages; Amazon Polly and Google Cloud
//! Text-to-Speech, lists of voices (genders); `espeak-ng --voices`; docs/voices.md.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Language, gender and name of every voice of another engine, by language.
const NAMES: &str = include_str!("voices/names.tsv");

/// What speaks when nothing is said.
const DEFAULT_LANGUAGE: &str = "en-US";

/// Languages and the voices of espeak-ng that speak them, where the tag itself is not one. A
/// language without a voice of its own is spoken by that of one written much alike.
const ESPEAK: &[(&str, &str)] = &[
    ("ar-AE", "ar"),
    ("ar-XA", "ar"),
    ("arb", "ar"),
    ("cmn-CN", "cmn"),
    ("cmn-Hans-CN", "cmn"),
    ("cmn-TW", "cmn"),
    ("de-AT", "de"),
    ("en-AU", "en-gb"),
    ("en-CA", "en-us"),
    ("en-GB", "en-gb"),
    ("en-GB-WLS", "en-gb-x-gbcwmd"),
    ("en-IE", "en-gb-scotland"),
    ("en-IN", "en-gb"),
    ("en-NZ", "en-gb"),
    ("en-US", "en-us"),
    ("en-ZA", "en-gb"),
    ("es-MX", "es-419"),
    ("es-US", "es-419"),
    ("fil-PH", "id"),
    ("fr-BE", "fr-be"),
    ("fr-CA", "fr-fr"),
    ("fr-CH", "fr-ch"),
    ("fr-FR", "fr-fr"),
    ("gl-ES", "es"),
    ("pt-BR", "pt-br"),
    ("yue-CN", "yue"),
    ("zh-CN", "cmn"),
    ("zh-HK", "yue"),
    ("zh-TW", "cmn"),
];

/// Who sounds how: variants of espeak-ng's voices. The first of men is the voice itself.
const MEN: [&str; 7] = ["", "+m3", "+m1", "+m7", "+m2", "+m4", "+m6"];
const WOMEN: [&str; 4] = ["+f3", "+f2", "+f4", "+f1"];
/// Of more people than there are variants the others speak a little lower, then higher: `-p`.
const PITCHES: [u8; 3] = [50, 42, 58];

/// A man's or a woman's voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Gender {
    /// `m`
    Man,
    /// `f`
    Woman,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Speaker {
    /// A tag: `en-US`.
    pub(crate) language: String,
    pub(crate) gender: Gender,
    /// Which one of those of this language and gender.
    pub(crate) number: usize,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    language: &'static str,
    gender: Gender,
    number: usize,
}

static ROWS: LazyLock<HashMap<String, Row>> = LazyLock::new(|| {
    let mut rows = HashMap::new();
    let mut people: HashMap<(&str, Gender), Vec<&str>> = HashMap::new();
    for (language, gender, name) in names() {
        let known = people.entry((language, gender)).or_default();
        let person = person(name);
        let number = known.iter().position(|other| *other == person).unwrap_or_else(|| {
            known.push(person);
            known.len() - 1
        });
        rows.insert(name.to_ascii_lowercase(), Row { language, gender, number });
    }
    rows
});

/// Language, gender and name, in order.
fn names() -> impl Iterator<Item = (&'static str, Gender, &'static str)> {
    NAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (language, rest) = line.split_once('\t')?;
        let (gender, name) = rest.split_once('\t')?;
        let gender = if gender == "f" { Gender::Woman } else { Gender::Man };
        Some((language, gender, name))
    })
}

/// What voices of one person have in common: the same person may be had in several qualities.
fn person(name: &str) -> &str {
    let name = name.split_once('.').map_or(name, |(_, name)| name);
    let quality = ["-Neural", "-Generative", "-Long-Form"].into_iter();
    quality.filter_map(|end| name.strip_suffix(end)).next().unwrap_or_else(|| {
        // Google's letters and stars.
        name.rsplit('-').next().unwrap_or(name)
    })
}

/// Who speaks `language` (empty: none was named) with the voice of this name. False: no such voice is
/// known, and the default speaks.
pub(crate) fn find(voice: &str, language: &str) -> (Speaker, bool) {
    let of = |own: &str, gender, number| {
        let language = [language, own, DEFAULT_LANGUAGE].into_iter().find(|one| !one.is_empty());
        Speaker { language: language.unwrap_or_default().to_owned(), gender, number }
    };
    match voice.to_ascii_lowercase().as_str() {
        "man" | "" => (of("", Gender::Man, 0), true),
        "woman" => (of("", Gender::Woman, 0), true),
        "alice" => (of("", Gender::Woman, 1), true),
        name => match ROWS.get(name) {
            Some(row) => (of(row.language, row.gender, row.number), true),
            None => (of("", Gender::Man, 0), false),
        },
    }
}

/// A voice of espeak-ng, and its pitch (0 to 99, 50 as it is): those to try, best first.
pub(crate) fn espeak(speaker: &Speaker) -> (Vec<String>, u8) {
    let variants: &[&str] = match speaker.gender {
        Gender::Man => &MEN,
        Gender::Woman => &WOMEN,
    };
    let variant = variants.get(speaker.number % variants.len()).copied().unwrap_or_default();
    let round = speaker.number / variants.len();
    let pitch = PITCHES.get(round % PITCHES.len()).copied().unwrap_or(50);
    let voices = espeak_languages(&speaker.language);
    (voices.into_iter().map(|voice| format!("{voice}{variant}")).collect(), pitch)
}

/// The voices of espeak-ng for a language tag, best first, without variant.
pub(crate) fn espeak_languages(language: &str) -> Vec<String> {
    let known = ESPEAK.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(language));
    if let Some((_, voice)) = known {
        return vec![(*voice).to_owned()];
    }
    let tag: String = language
        .chars()
        .take(16)
        .map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() })
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let tag = tag.trim_matches('-');
    let base = tag.split('-').next().unwrap_or("");
    if tag.is_empty() {
        return vec!["en-us".to_owned()];
    }
    let mut voices = vec![tag.to_owned()];
    if base.len() >= 2 && base != tag {
        voices.push(base.to_owned());
    }
    voices
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use expect_test::expect_file;

    use super::*;

    #[test]
    fn names_have_language_and_gender() {
        let table = [
            ("man", "", "en-US", Gender::Man, true),
            ("woman", "de-DE", "de-DE", Gender::Woman, true),
            ("alice", "fr-FR", "fr-FR", Gender::Woman, true),
            ("Polly.Mathieu", "", "fr-FR", Gender::Man, true),
            ("Polly.Joanna-Neural", "", "en-US", Gender::Woman, true),
            ("polly.joanna", "es-MX", "es-MX", Gender::Woman, true),
            ("Google.de-DE-Standard-B", "", "de-DE", Gender::Man, true),
            ("Polly.Nobody", "de-DE", "de-DE", Gender::Man, false),
        ];
        for (voice, language, spoken, gender, known) in table {
            let (speaker, is_known) = find(voice, language);
            assert_eq!((speaker.language.as_str(), speaker.gender), (spoken, gender), "{voice}");
            assert_eq!(is_known, known, "{voice}");
        }
        let number = |voice: &str| find(voice, "").0.number;
        assert_ne!(number("woman"), number("alice"));
        assert_eq!(number("Polly.Joanna"), number("Polly.Joanna-Neural"));
        assert_eq!(number("Google.de-DE-Standard-B"), number("Google.de-DE-Wavenet-B"));
    }

    #[test]
    fn languages_have_voices() {
        let table: [(&str, &[&str]); 9] = [
            ("en-US", &["en-us"]),
            ("de-DE", &["de-de", "de"]),
            ("ja-JP", &["ja-jp", "ja"]),
            ("de", &["de"]),
            ("zh-CN", &["cmn"]),
            ("EN-gb", &["en-gb"]),
            ("", &["en-us"]),
            ("--version", &["version"]),
            ("../../x y", &["xy"]),
        ];
        for (language, expected) in table {
            assert_eq!(espeak_languages(language), expected, "{language}");
        }
    }

    #[test]
    fn people_of_one_language_differ() {
        let mut voices: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in ["Danielle", "Ivy", "Joanna", "Kendra", "Kimberly", "Ruth", "Salli"] {
            let (speaker, _) = find(&format!("Polly.{name}"), "");
            voices.entry(format!("{:?}", espeak(&speaker))).or_default().push(name);
        }
        assert!(voices.len() >= 6, "{voices:?}");
    }

    #[test]
    fn every_name_is_known_once() {
        assert_eq!(names().count(), 897);
        assert_eq!(ROWS.len(), 897);
        for (language, gender, name) in names() {
            let (speaker, known) = find(name, "");
            assert!(known, "{name}");
            assert_eq!((speaker.language.as_str(), speaker.gender), (language, gender), "{name}");
        }
    }

    /// `docs/voices.md`, written from the table.
    #[test]
    fn the_page_shows_the_table() {
        let mut page = include_str!("voices/head.md").to_owned();
        let mut languages: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
        for (language, gender, name) in names() {
            let [men, women] = languages.entry(language).or_default();
            let of = if gender == Gender::Man { men } else { women };
            of.push(name);
        }
        for (language, [men, women]) in languages {
            let voice = espeak_languages(language).pop().unwrap();
            writeln!(page, "\n## {language}\n\nespeak-ng: `{voice}`").unwrap();
            for (who, names) in [("Women", women), ("Men", men)] {
                if !names.is_empty() {
                    writeln!(page, "\n{who}: {}", names.join(", ")).unwrap();
                }
            }
        }
        expect_file!["../../../../docs/voices.md"].assert_eq(&page);
    }

    /// Every language that is documented has a voice where espeak-ng is installed.
    #[test]
    fn espeak_has_a_voice_for_every_language() {
        let Ok(listed) = std::process::Command::new("espeak-ng").arg("--voices").output() else {
            eprintln!("skipped: espeak-ng is not installed");
            return;
        };
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let known: Vec<&str> =
            listed.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
        for (language, ..) in names() {
            let voices = espeak_languages(language);
            assert!(voices.iter().any(|voice| known.contains(&voice.as_str())), "{language}");
        }
    }
}
