//! `<say-as>`: digits, dates and the like as words.
//!
//! In English what is written becomes words; in other languages ordinals as they are written there,
//! the rest as numbers in their order. What is not written as it should be is read as it is.
//! Not here: how either engine is told (`ssml`).
//! Source: W3C, "SSML 1.0 say-as attribute values" (dates, times); Amazon Polly, "say-as".

use crate::speech::ssml::is_english;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Parts of a whole, by their number.
const PARTS: [(u32, &str, &str); 11] = [
    (2, "half", "halves"),
    (3, "third", "thirds"),
    (4, "quarter", "quarters"),
    (5, "fifth", "fifths"),
    (6, "sixth", "sixths"),
    (7, "seventh", "sevenths"),
    (8, "eighth", "eighths"),
    (9, "ninth", "ninths"),
    (10, "tenth", "tenths"),
    (16, "sixteenth", "sixteenths"),
    (100, "hundredth", "hundredths"),
];

/// Units, of one and of many.
const UNITS: [(&str, &str, &str); 30] = [
    ("mm", "millimeter", "millimeters"),
    ("cm", "centimeter", "centimeters"),
    ("m", "meter", "meters"),
    ("km", "kilometer", "kilometers"),
    ("in", "inch", "inches"),
    ("ft", "foot", "feet"),
    ("yd", "yard", "yards"),
    ("mi", "mile", "miles"),
    ("mg", "milligram", "milligrams"),
    ("g", "gram", "grams"),
    ("kg", "kilogram", "kilograms"),
    ("oz", "ounce", "ounces"),
    ("lb", "pound", "pounds"),
    ("lbs", "pound", "pounds"),
    ("ml", "milliliter", "milliliters"),
    ("l", "liter", "liters"),
    ("ms", "millisecond", "milliseconds"),
    ("s", "second", "seconds"),
    ("sec", "second", "seconds"),
    ("min", "minute", "minutes"),
    ("h", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("mph", "mile per hour", "miles per hour"),
    ("km/h", "kilometer per hour", "kilometers per hour"),
    ("hz", "hertz", "hertz"),
    ("khz", "kilohertz", "kilohertz"),
    ("kb", "kilobyte", "kilobytes"),
    ("mb", "megabyte", "megabytes"),
    ("gb", "gigabyte", "gigabytes"),
    ("%", "percent", "percent"),
];

/// What stands in addresses, in short and whole.
const STREETS: [(&str, &str); 18] = [
    ("st", "Street"),
    ("ave", "Avenue"),
    ("blvd", "Boulevard"),
    ("rd", "Road"),
    ("dr", "Drive"),
    ("ln", "Lane"),
    ("ct", "Court"),
    ("pl", "Place"),
    ("sq", "Square"),
    ("hwy", "Highway"),
    ("pkwy", "Parkway"),
    ("apt", "Apartment"),
    ("ste", "Suite"),
    ("fl", "Floor"),
    ("n", "North"),
    ("s", "South"),
    ("e", "East"),
    ("w", "West"),
];

/// How it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// These words.
    Words(String),
    /// Letter by letter.
    Spelled(String),
    /// Not at all.
    Silence,
}

/// `text` as `interpret-as` and `format` want it, in this language.
pub(super) fn read(what: &str, format: &str, text: &str, language: &str) -> Said {
    let text = text.trim();
    let english = is_english(language);
    let words = match what {
        "characters" | "spell-out" => return Said::Spelled(text.to_owned()),
        "expletive" => return Said::Silence,
        "cardinal" | "number" => cardinal(text),
        "ordinal" => ordinal(text, language),
        "digits" => Some(apart(text)),
        "telephone" => Some(telephone(text, english)),
        "fraction" if english => fraction(text),
        "unit" if english => unit(text),
        "date" => date(format, text, english),
        "time" if english => time(text),
        "address" if english => Some(address(text)),
        _ => None,
    };
    Said::Words(words.unwrap_or_else(|| text.to_owned()))
}

/// A number without what groups its digits.
fn cardinal(text: &str) -> Option<String> {
    let is_number = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ' | '-' | '.'));
    is_number.then(|| text.replace([',', ' '], ""))
}

/// As its language writes it: espeak-ng and others read that.
fn ordinal(text: &str, language: &str) -> Option<String> {
    let n: u64 = text.replace(',', "").parse().ok()?;
    let base = language.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    Some(match base.as_str() {
        "en" => english_ordinal(n),
        "de" | "da" | "nb" | "no" | "fi" | "cs" | "sk" | "pl" | "hu" | "tr" | "is" => {
            format!("{n}.")
        }
        "es" | "it" | "pt" | "gl" => format!("{n}º"),
        "fr" if n == 1 => "1er".to_owned(),
        "fr" | "nl" => format!("{n}e"),
        _ => n.to_string(),
    })
}

fn english_ordinal(n: u64) -> String {
    let end = match (n % 10, n % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        (_, _) => "th",
    };
    format!("{n}{end}")
}

/// Digit by digit.
fn apart(text: &str) -> String {
    let digits: Vec<String> =
        text.chars().filter(|c| !c.is_whitespace()).map(String::from).collect();
    digits.join(" ")
}

/// Digit by digit, with a breath where something stands between.
fn telephone(text: &str, english: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in text.chars() {
        let word = match c {
            '+' if english => "plus".to_owned(),
            '#' if english => "pound".to_owned(),
            '*' if english => "star".to_owned(),
            c if c.is_alphanumeric() || matches!(c, '+' | '#' | '*') => c.to_string(),
            _ => {
                if let Some(last) = words.last_mut()
                    && !last.ends_with(',')
                {
                    last.push(',');
                }
                continue;
            }
        };
        words.push(word);
    }
    words.join(" ").trim_end_matches(',').to_owned()
}

/// `3/4`, `1+1/2`.
fn fraction(text: &str) -> Option<String> {
    let (whole, part) = match text.split_once('+') {
        Some((whole, part)) => (Some(whole.trim().parse::<u64>().ok()?), part),
        None => (None, text),
    };
    let (above, below) = part.split_once('/')?;
    let (above, below) = (above.trim().parse::<u64>().ok()?, below.trim().parse::<u32>().ok()?);
    let words = match PARTS.iter().find(|(n, ..)| *n == below) {
        Some((_, one, _)) if above == 1 => format!("1 {one}"),
        Some((_, _, many)) => format!("{above} {many}"),
        None => format!("{above} over {below}"),
    };
    Some(match whole {
        Some(whole) => format!("{whole} and {words}"),
        None => words,
    })
}

/// `10ft`, `1/2 in`.
fn unit(text: &str) -> Option<String> {
    let at = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (number, name) = (text.get(..at)?.trim(), text.get(at..)?.trim());
    let name = name.to_ascii_lowercase();
    let (_, one, many) = UNITS.iter().find(|(short, ..)| *short == name)?;
    let of = if number == "1" { one } else { many };
    let number =
        fraction(number).map_or_else(|| number.to_owned(), |words| format!("{words} of a"));
    let of = if number.ends_with("of a") { one } else { of };
    Some(format!("{number} {of}"))
}

/// A date in the order that `format` says: `mdy`, `ym`, `d`, `yyyymmdd`.
fn date(format: &str, text: &str, english: bool) -> Option<String> {
    let parts: Vec<(char, u32)> = if format == "yyyymmdd" {
        let digits = [('y', text.get(..4)?), ('m', text.get(4..6)?), ('d', text.get(6..8)?)];
        if text.len() != 8 {
            return None;
        }
        // Question marks stand for what is not told.
        let told = digits.into_iter().filter(|(_, digits)| !digits.contains('?'));
        told.map(|(part, digits)| Some((part, digits.parse().ok()?))).collect::<Option<_>>()?
    } else {
        let numbers = text.split(['/', '-', '.', ' ']).filter(|part| !part.is_empty());
        let numbers: Vec<u32> = numbers.map(|n| n.parse().ok()).collect::<Option<_>>()?;
        if format.is_empty() || numbers.len() != format.len() {
            return None;
        }
        format.chars().zip(numbers).collect()
    };
    let part = |which: char| parts.iter().find(|(part, _)| *part == which).map(|(_, n)| *n);
    if !english {
        let numbers: Vec<String> = parts.iter().map(|(_, n)| n.to_string()).collect();
        return Some(numbers.join(" "));
    }
    let month = match part('m') {
        Some(month) => Some(*MONTHS.get(usize::try_from(month.checked_sub(1)?).ok()?)?),
        None => None,
    };
    let day = part('d').map(|day| english_ordinal(day.into()));
    // Two digits are of this century or the last.
    let year = part('y').map(|year| match year {
        0..=49 => 2000 + year,
        50..=99 => 1900 + year,
        year => year,
    });
    let mut words: Vec<String> = month.map(str::to_owned).into_iter().chain(day).collect();
    if let (Some(last), Some(_)) = (words.last_mut(), year) {
        last.push(',');
    }
    words.extend(year.map(|year| year.to_string()));
    Some(words.join(" "))
}

/// `1'21"` lasts, `14:30`, `2:30pm` and `9am` are times of day.
fn time(text: &str) -> Option<String> {
    let many = |n: u32, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    if let Some((minutes, seconds)) = text.split_once('\'') {
        let minutes = many(minutes.trim().parse().ok()?, "minute");
        let seconds = seconds.trim().trim_end_matches(['"', '\'']);
        if seconds.is_empty() {
            return Some(minutes);
        }
        return Some(format!("{minutes} {}", many(seconds.parse().ok()?, "second")));
    }
    let lower = text.to_ascii_lowercase().replace('.', "");
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, " A M"),
        (None, Some(clock)) => (clock, " P M"),
        (None, None) => (lower.as_str(), ""),
    };
    let mut numbers = clock.trim().split(':').map(|n| n.trim().parse::<u32>().ok());
    let hour = numbers.next()??;
    let rest: Vec<u32> = numbers.collect::<Option<_>>()?;
    let words = match rest.as_slice() {
        [] | [0] if half.is_empty() => format!("{hour} o'clock"),
        [] | [0] => hour.to_string(),
        [minute @ 1..=9] => format!("{hour} oh {minute}"),
        [minute] => format!("{hour} {minute}"),
        [minute, second] => format!("{hour} {minute} and {}", many(*second, "second")),
        _ => return None,
    };
    Some(words + half)
}

fn address(text: &str) -> String {
    let words = text.split_whitespace().enumerate().map(|(n, word)| {
        let bare = word.trim_end_matches([',', '.']);
        let comma = if word.ends_with(',') { "," } else { "" };
        let lower = bare.to_ascii_lowercase();
        match STREETS.iter().find(|(short, _)| *short == lower) {
            // "St" at the front is a saint.
            Some((_, whole)) if n > 0 => format!("{whole}{comma}"),
            // Four digits and more of a house or a postcode, two by two or one by one.
            None if bare.len() >= 5 && bare.bytes().all(|b| b.is_ascii_digit()) => {
                format!("{}{comma}", apart(bare))
            }
            Some(_) | None => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_in_words() {
        let table = [
            ("cardinal", "", "1,234", "en-US", "1234"),
            ("number", "", "12 apples", "en-US", "12 apples"),
            ("ordinal", "", "1", "en-US", "1st"),
            ("ordinal", "", "112", "en-GB", "112th"),
            ("ordinal", "", "23", "en-GB", "23rd"),
            ("ordinal", "", "2", "de-DE", "2."),
            ("ordinal", "", "1", "fr-FR", "1er"),
            ("ordinal", "", "4", "es-MX", "4º"),
            ("ordinal", "", "4", "ja-JP", "4"),
            ("ordinal", "", "first", "en", "first"),
            ("digits", "", "1234", "de-DE", "1 2 3 4"),
            ("telephone", "", "+1 (415) 555-0100", "en-US", "plus 1, 4 1 5, 5 5 5, 0 1 0 0"),
            ("telephone", "", "+49 30", "de-DE", "+ 4 9, 3 0"),
            ("fraction", "", "1/2", "en", "1 half"),
            ("fraction", "", "3/4", "en", "3 quarters"),
            ("fraction", "", "2+7/32", "en", "2 and 7 over 32"),
            ("fraction", "", "x/y", "en", "x/y"),
            ("unit", "", "1ft", "en", "1 foot"),
            ("unit", "", "10 ft", "en", "10 feet"),
            ("unit", "", "1/2 mi", "en", "1 half of a mile"),
            ("unit", "", "3 apples", "en", "3 apples"),
            ("date", "mdy", "3/4/2026", "en-US", "March 4th, 2026"),
            ("date", "dmy", "3-4-98", "en-GB", "April 3rd, 1998"),
            ("date", "ym", "2026-12", "en", "December, 2026"),
            ("date", "md", "12/24", "en", "December 24th"),
            ("date", "d", "2", "en", "2nd"),
            ("date", "y", "2026", "en", "2026"),
            ("date", "yyyymmdd", "20260304", "en", "March 4th, 2026"),
            ("date", "yyyymmdd", "????0922", "en", "September 22nd"),
            ("date", "mdy", "13/1/2026", "en", "13/1/2026"),
            ("date", "mdy", "soon", "en", "soon"),
            ("date", "dmy", "3.4.2026", "de-DE", "3 4 2026"),
            ("time", "", "1'21\"", "en", "1 minute 21 seconds"),
            ("time", "", "14:30", "en", "14 30"),
            ("time", "", "2:05pm", "en", "2 oh 5 P M"),
            ("time", "", "9 a.m.", "en", "9 A M"),
            ("time", "", "9:00", "en", "9 o'clock"),
            ("time", "", "noon", "en", "noon"),
            (
                "address",
                "",
                "150 N Main St., Apt 3, 94105",
                "en",
                "150 North Main Street, Apartment 3, 9 4 1 0 5",
            ),
            ("unit", "", "10 ft", "de", "10 ft"),
            ("nothing", "", "x", "en", "x"),
        ];
        for (what, format, text, language, words) in table {
            let said = Said::Words(words.to_owned());
            assert_eq!(read(what, format, text, language), said, "{what} {text} {language}");
        }
        assert_eq!(read("characters", "", "aB1", "en"), Said::Spelled("aB1".to_owned()));
        assert_eq!(read("expletive", "", "darn", "en"), Said::Silence);
    }
}
