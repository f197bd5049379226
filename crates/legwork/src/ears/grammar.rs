//! `hints` made into a grammar and a pronouncing dictionary of its words, and back into the hints as
//! they were written.
//!
//! Words get names of our own in both: nothing an application writes reaches the grammar.
//! Not here: running it (`sphinx`).
//! Source: Twilio, `<Gather>`, `hints` and its class tokens; JSpeech Grammar Format 1.0; the dictionary's
//! form: CMUdict, `word phone phone …`, further pronunciations as `word(2)`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use crate::limit;

/// Zero, more often. So short that it is found in the ends of other digits: it must fit much better.
const OH: &str = "oh";
const OH_WEIGHT: &str = "/0.001/";
/// Names of the digits, spoken.
const DIGITS: [&[&str]; 10] = [
    &["zero", OH],
    &["one"],
    &["two"],
    &["three"],
    &["four"],
    &["five"],
    &["six"],
    &["seven"],
    &["eight"],
    &["nine"],
];
/// What is ordered by voice, for `numbers_and_commands`.
const COMMANDS: &str = "yes, no, okay, cancel, stop, start, help, repeat, go back, next, continue, \
                        start over, main menu, operator, agent, goodbye";
const MONTHS: &str = "January, February, March, April, May, June, July, August, September, October, \
                      November, December";
const DAYS: &str = "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, \
                    twelfth, thirteenth, fourteenth, fifteenth, sixteenth, seventeenth, eighteenth, \
                    nineteenth, twentieth, twenty first, twenty second, twenty third, twenty fourth, \
                    twenty fifth, twenty sixth, twenty seventh, twenty eighth, twenty ninth, thirtieth, \
                    thirty first";

/// One word of a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// What is shown when it was said; as it is spoken, in words of the dictionary.
    Word { shown: String, spoken: Vec<String> },
    /// Any number of digits.
    Digits,
}

/// What may be said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phrases(Vec<Vec<Part>>);

/// The files of a grammar, and the way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grammar {
    /// Of the phrases.
    pub(crate) phrases: String,
    /// Of any sounds in any order: what the phrases are measured by.
    pub(crate) sounds: String,
    /// For both.
    pub(crate) dictionary: String,
    /// What each word of ours is shown as.
    shown: HashMap<String, String>,
}

impl Phrases {
    /// Reads `hints` and `speechModel`.
    pub(crate) fn new(hints: &str, speech_model: &str) -> Self {
        let mut phrases = Self::default();
        let mut seen = HashSet::new();
        let commands = (speech_model == "numbers_and_commands").then_some(COMMANDS);
        if commands.is_some() {
            phrases.0.push(vec![Part::Digits]);
        }
        for hint in hints.split(',').chain(commands.iter().flat_map(|all| all.split(','))) {
            match hint.trim() {
                "$MONTH" => MONTHS.split(',').for_each(|month| phrases.add(&mut seen, month)),
                "$DAY" => DAYS.split(',').for_each(|day| phrases.add(&mut seen, day)),
                hint => phrases.add(&mut seen, hint),
            }
        }
        phrases
    }

    /// Nothing in particular is expected.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, seen: &mut HashSet<String>, phrase: &str) {
        let is_full = self.0.len() >= limit::HINTS_MAX;
        let words: Vec<&str> = phrase.split_whitespace().take(limit::HINT_WORDS_MAX).collect();
        let parts: Vec<Part> = words.iter().filter_map(|word| part(word)).collect();
        if !parts.is_empty() && !is_full && seen.insert(words.join(" ").to_lowercase()) {
            self.0.push(parts);
        }
    }

    /// The grammar with the words that are in this dictionary. None: not one phrase has any.
    pub(crate) fn grammar(&self, dictionary: &str) -> Option<Grammar> {
        let (pronounced, phones) = look_up(dictionary, &self.words());
        let mut grammar = Grammar::default();
        let mut alternatives = Vec::new();
        for (n, phrase) in self.0.iter().enumerate() {
            let mut names = Vec::new();
            for (m, part) in phrase.iter().enumerate() {
                match part {
                    Part::Digits => names.push("<digits>".to_owned()),
                    Part::Word { shown, spoken } => {
                        // The first of several spoken words stands for what is written.
                        let mut shown = Some(shown);
                        for (k, word) in spoken.iter().enumerate() {
                            let Some(ways) = pronounced.get(word.as_str()) else { continue };
                            let name = format!("w{n}_{m}_{k}");
                            grammar.pronounce(&name, ways);
                            let text = shown.take().cloned().unwrap_or_default();
                            grammar.shown.insert(name.clone(), text);
                            names.push(name);
                        }
                    }
                }
            }
            if !names.is_empty() {
                alternatives.push(names.join(" "));
            }
        }
        let digits = grammar.digits(&pronounced);
        if digits.is_empty() {
            alternatives.retain(|phrase| !phrase.contains("<digits>"));
        }
        if alternatives.is_empty() {
            return None;
        }
        grammar.phrases = format!(
            "#JSGF V1.0;\ngrammar phrases;\npublic <said> = <phrase>+;\n<phrase> = {};\n",
            alternatives.join(" | ")
        );
        if !digits.is_empty() {
            // Writing to a string never fails.
            let _ = writeln!(grammar.phrases, "<digits> = ({})+;", digits.join(" | "));
        }
        let sounds = grammar.sounds(&phones);
        grammar.sounds =
            format!("#JSGF V1.0;\ngrammar sounds;\npublic <said> = ({})+;\n", sounds.join(" | "));
        Some(grammar)
    }

    /// All words to be looked up.
    fn words(&self) -> HashSet<&str> {
        let mut words = HashSet::new();
        for part in self.0.iter().flatten() {
            match part {
                Part::Word { spoken, .. } => words.extend(spoken.iter().map(String::as_str)),
                Part::Digits => words.extend(DIGITS.iter().flat_map(|names| names.iter())),
            }
        }
        words
    }
}

impl Grammar {
    fn pronounce(&mut self, name: &str, ways: &[&str]) {
        for (n, phones) in ways.iter().enumerate() {
            // Writing to a string never fails.
            let _ = match n {
                0 => writeln!(self.dictionary, "{name} {phones}"),
                n => writeln!(self.dictionary, "{name}({}) {phones}", n + 1),
            };
        }
    }

    /// Names of the digits that can be pronounced, each with its weight.
    fn digits(&mut self, pronounced: &HashMap<&str, Vec<&str>>) -> Vec<String> {
        let mut names = Vec::new();
        for (digit, spoken) in DIGITS.iter().enumerate() {
            for word in *spoken {
                let Some(ways) = pronounced.get(word) else { continue };
                let (name, weight) = match *word {
                    OH => (format!("d{digit}o"), OH_WEIGHT),
                    _ => (format!("d{digit}"), "/1/"),
                };
                self.pronounce(&name, ways);
                names.push(format!("{weight} {name}"));
            }
        }
        names
    }

    fn sounds(&mut self, phones: &BTreeSet<&str>) -> Vec<String> {
        let mut names = Vec::new();
        for (n, phone) in phones.iter().enumerate() {
            let name = format!("p{n}");
            self.pronounce(&name, &[phone]);
            names.push(name);
        }
        names
    }

    /// How many phrases these words of ours are, one behind the other; digits belong to what is before.
    pub(crate) fn phrases_in<'a>(words: impl Iterator<Item = &'a str>) -> usize {
        let mut last: Option<(usize, usize, usize)> = None;
        let mut count = 0;
        for word in words {
            let Some(place) = place(word) else {
                count = count.max(1);
                continue;
            };
            let goes_on = match last {
                Some(last) => place.0 == last.0 && place > last,
                None => count > 0 && place.1 > 0,
            };
            if !goes_on {
                count += 1;
            }
            last = Some(place);
        }
        count
    }

    /// Our words as the application wrote them, digits as a number.
    pub(crate) fn shown<'a>(&self, words: impl Iterator<Item = &'a str>) -> String {
        let mut text = String::new();
        let mut in_digits = false;
        for word in words {
            let digit = word.strip_prefix('d').and_then(|rest| rest.get(..1));
            let shown = match digit {
                Some(digit) => digit,
                None => self.shown.get(word).map_or("", String::as_str),
            };
            if shown.is_empty() {
                continue;
            }
            let goes_on = text.is_empty() || (in_digits && digit.is_some());
            if !goes_on {
                text.push(' ');
            }
            text.push_str(shown);
            in_digits = digit.is_some();
        }
        text
    }
}

/// Which phrase a word of ours is of, and where in it. None: a digit.
fn place(name: &str) -> Option<(usize, usize, usize)> {
    let mut numbers = name.strip_prefix('w')?.split('_').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

/// A word of a hint. None: there is nothing in it to be said.
fn part(word: &str) -> Option<Part> {
    if let Some(class) = word.strip_prefix('$') {
        let is_number = matches!(
            class,
            "OOV_CLASS_DIGIT_SEQUENCE" | "FULLPHONENUM" | "POSTALCODE" | "ADDRESSNUM" | "OPERAND"
        );
        return is_number.then_some(Part::Digits);
    }
    let is_between = |c: char| !c.is_alphanumeric() && c != '\'';
    let spoken: Vec<String> =
        word.split(is_between).filter(|word| !word.is_empty()).flat_map(spoken).collect();
    (!spoken.is_empty()).then(|| Part::Word { shown: word.to_owned(), spoken })
}

/// A written word in words of the dictionary: digits one by one.
fn spoken(word: &str) -> Vec<String> {
    if word.bytes().all(|b| b.is_ascii_digit()) {
        let digits = word.chars().filter_map(|c| c.to_digit(10)).map(|digit| digit as usize);
        let names = digits.filter_map(|digit| DIGITS.get(digit)?.first());
        return names.take(limit::HINT_WORDS_MAX).map(|name| (*name).to_owned()).collect();
    }
    vec![word.to_lowercase()]
}

/// How these words are pronounced, and all phones there are.
fn look_up<'a>(
    dictionary: &'a str,
    words: &HashSet<&'a str>,
) -> (HashMap<&'a str, Vec<&'a str>>, BTreeSet<&'a str>) {
    let mut pronounced: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut phones = BTreeSet::new();
    for line in dictionary.lines().filter(|line| !line.starts_with(";;;")) {
        let Some((word, sounds)) = line.split_once([' ', '\t']) else { continue };
        let sounds = sounds.trim();
        let fits = |phone: &str| phone.bytes().all(|b| b.is_ascii_graphic());
        if sounds.is_empty() || !sounds.split_ascii_whitespace().all(fits) {
            continue;
        }
        phones.extend(sounds.split_ascii_whitespace().filter(|phone| *phone != "SIL"));
        let word = word.split_once('(').map_or(word, |(word, _)| word);
        if words.contains(word) {
            pronounced.entry(word).or_default().push(sounds);
        }
    }
    (pronounced, phones)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const DICTIONARY: &str = "\
'bout B AW T
hours AW ER Z
hours(2) AW R Z
oh OW
one W AH N
one(2) HH W AH N
opening OW P AH N IH NG
press P R EH S
zero Z IH R OW
;;; COMMENT
broken
";

    #[test]
    fn hints_become_a_grammar() {
        let phrases = Phrases::new(
            " Opening Hours,press 1,, xyzzy,OPENING  hours, $OOV_CLASS_DIGIT_SEQUENCE, $MONEY, ; }",
            "",
        );
        let grammar = phrases.grammar(DICTIONARY).unwrap();
        expect![[r#"
            #JSGF V1.0;
            grammar phrases;
            public <said> = <phrase>+;
            <phrase> = w0_0_0 w0_1_0 | w1_0_0 w1_1_0 | <digits>;
            <digits> = (/1/ d0 | /0.001/ d0o | /1/ d1)+;
        "#]]
        .assert_eq(&grammar.phrases);
        expect![[r#"
            #JSGF V1.0;
            grammar sounds;
            public <said> = (p0 | p1 | p2 | p3 | p4 | p5 | p6 | p7 | p8 | p9 | p10 | p11 | p12 | p13 | p14 | p15)+;
        "#]]
        .assert_eq(&grammar.sounds);
        let own = grammar.dictionary.lines().filter(|line| !line.starts_with('p'));
        expect![[r#"
            w0_0_0 OW P AH N IH NG
            w0_1_0 AW ER Z
            w0_1_0(2) AW R Z
            w1_0_0 P R EH S
            w1_1_0 W AH N
            w1_1_0(2) HH W AH N
            d0 Z IH R OW
            d0o OW
            d1 W AH N
            d1(2) HH W AH N"#]]
        .assert_eq(&own.collect::<Vec<_>>().join("\n"));
        let table = [
            (&["w0_0_0", "w0_1_0"][..], "Opening Hours"),
            (&["w1_0_0", "w1_1_0", "d0o", "d1", "d1"], "press 1 011"),
            (&["d1", "w0_0_0", "d0"], "1 Opening 0"),
            (&["p1", "nothing", "d"], ""),
            (&[], ""),
        ];
        for (words, expected) in table {
            assert_eq!(grammar.shown(words.iter().copied()), expected);
        }
    }

    #[test]
    fn phrases_are_counted() {
        let table = [
            (&[][..], 0),
            (&["w3_0_0", "w3_1_0", "w3_1_1"], 1),
            (&["w3_0_0", "w3_0_0"], 2),
            (&["w3_0_0", "w3_1_0", "w3_0_0", "w3_1_0"], 2),
            (&["w3_0_0", "w4_0_0", "w11_0_0"], 3),
            (&["d1", "d0o", "d3"], 1),
            (&["w3_0_0", "d1", "d2", "w3_2_0"], 1),
            (&["d1", "w3_1_0"], 1),
            (&["d1", "w3_0_0"], 2),
        ];
        for (words, expected) in table {
            assert_eq!(Grammar::phrases_in(words.iter().copied()), expected, "{words:?}");
        }
    }

    #[test]
    fn hints_of_unknown_words_are_no_grammar() {
        for hints in ["", " , ,", "xyzzy", "$OOV_CLASS_ALPHANUMERIC_SEQUENCE", "<said>"] {
            assert_eq!(Phrases::new(hints, "phone_call").grammar(DICTIONARY), None, "{hints}");
        }
        assert!(Phrases::new(",", "default").is_empty());
        assert_eq!(Phrases::new("$FULLPHONENUM", "").grammar("hours AW ER Z"), None);
    }

    #[test]
    fn numbers_and_commands_need_no_hints() {
        let grammar = Phrases::new("hours", "numbers_and_commands").grammar(DICTIONARY).unwrap();
        assert!(grammar.phrases.contains("<phrase> = <digits> | w1_0_0;"), "{}", grammar.phrases);
        assert_eq!(Phrases::new("$MONTH,$DAY", "").0.len(), 12 + 31);
    }

    #[test]
    fn hints_are_bounded() {
        let many: Vec<String> = (0..limit::HINTS_MAX + 2).map(|n| format!("h{n}")).collect();
        assert_eq!(Phrases::new(&many.join(","), "").0.len(), limit::HINTS_MAX);
        let long = "a ".repeat(limit::HINT_WORDS_MAX + 5);
        assert_eq!(Phrases::new(&long, "").0[0].len(), limit::HINT_WORDS_MAX);
        let number = "1".repeat(1_000);
        let Part::Word { spoken, .. } = part(&number).unwrap() else { panic!("digits") };
        assert_eq!(spoken.len(), limit::HINT_WORDS_MAX);
    }
}
