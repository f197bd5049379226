//! Names and numbers replaced by made-up ones of equal length, the same for the same.
//!
//! Of a number the last six digits are made up, so that rules for prefixes still hold and every notation
//! of it stays one number. Whose names and numbers those are is read from the URIs of the recording.
//! What is said, display names and `X-…` headers become `x`. Hosts and addresses stay.
//! Not here: secrets, which are taken out in any case (`scrub`).

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

/// Digits of a number that are made up.
const MADE_UP: usize = 6;
/// A number has more than those; shorter ones are names.
const NUMBER_MIN: usize = 7;
/// Words that stand before or in URIs and are never names.
const WORDS: [&str; 12] = [
    "sip",
    "sips",
    "tel",
    "client",
    "http",
    "https",
    "udp",
    "tcp",
    "anonymous",
    "legwork",
    "sim",
    "-",
];

/// Who is called what instead.
#[derive(Debug)]
pub(super) struct Aliases {
    dice: RandomState,
    names: HashMap<String, String>,
    /// By the last six digits.
    numbers: HashMap<String, String>,
    taken: BTreeSet<String>,
}

impl Aliases {
    /// Nobody is known yet. The same `dice` give the same people the same names, mostly.
    pub(super) fn new(dice: RandomState) -> Self {
        Self { dice, names: HashMap::new(), numbers: HashMap::new(), taken: BTreeSet::new() }
    }

    // === whom there is ===

    /// Learns the users of all URIs in a text.
    pub(super) fn learn_from(&mut self, text: &str) {
        for scheme in
            ["sip:", "sips:", "tel:", "client:", "sip%3A", "Client>", "Number>", "Identity>"]
        {
            let mut rest = text;
            while let Some((_, behind)) = rest.split_once(scheme) {
                rest = behind;
                let end = behind.find(|c| !is_of_word(c)).unwrap_or(behind.len());
                let (word, after) = behind.split_at(end);
                let is_user = !scheme.starts_with("sip")
                    || after.starts_with('@')
                    || after.starts_with("%40");
                if is_user {
                    self.learn(word);
                }
            }
        }
    }

    /// Learns one name or number.
    pub(super) fn learn(&mut self, user: &str) {
        if let Some(tail) = tail(user) {
            if !self.numbers.contains_key(tail) {
                let made_up = self.make_up(tail);
                self.numbers.insert(tail.to_owned(), made_up);
            }
        } else if user.chars().any(char::is_alphanumeric)
            && !WORDS.contains(&&*user.to_ascii_lowercase())
        {
            let user = user.to_ascii_lowercase();
            if !self.names.contains_key(&user) {
                let made_up = self.make_up(&user);
                self.names.insert(user, made_up);
            }
        }
    }

    /// A name like that one, of nobody yet if there are any left.
    fn make_up(&mut self, like: &str) -> String {
        let mut made_up = String::new();
        for turn in 0..100_u32 {
            let mut dice = self.dice.hash_one((like, turn));
            made_up = like
                .chars()
                .map(|c| {
                    dice = dice.rotate_left(13).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    alike(c, dice >> 32)
                })
                .collect();
            if !self.names.contains_key(&made_up) && self.taken.insert(made_up.clone()) {
                break;
            }
        }
        made_up
    }

    // === saying it ===

    /// A text in which the known ones have their other names.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_of_word) {
            let (before, behind) = rest.split_at(start);
            out.push_str(before);
            // `%3A` ends where the name begins.
            let escape =
                out.ends_with('%') && behind.bytes().take(2).all(|b| b.is_ascii_hexdigit());
            let behind = match behind.split_at_checked(2).filter(|_| escape) {
                Some((digits, rest)) => {
                    out.push_str(digits);
                    rest
                }
                None => behind,
            };
            let end = behind.find(|c| !is_of_word(c)).unwrap_or(behind.len());
            let (word, after) = behind.split_at(end);
            let before = out.as_str();
            let is_name = before.is_empty()
                || before.ends_with([':', '>', '"', '\'', '<'])
                || before.ends_with("\no=")
                || before.ends_with("%3A")
                || after.starts_with('@')
                || after.starts_with("%40");
            match self.names.get(&word.to_ascii_lowercase()).filter(|_| is_name) {
                Some(other) => out.push_str(&in_case_of(word, other)),
                None => out.push_str(&self.apply_numbers(word)),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn apply_numbers(&self, word: &str) -> String {
        let mut out = String::with_capacity(word.len());
        let mut rest = word;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, behind) = rest.split_at(start);
            out.push_str(before);
            let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            let (digits, after) = behind.split_at(end);
            match tail(digits).and_then(|tail| self.numbers.get(tail)) {
                Some(other) => {
                    out.push_str(digits.get(..digits.len() - MADE_UP).unwrap_or_default());
                    out.push_str(other);
                }
                None => out.push_str(digits),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The same of a SIP message: display names and headers of whoever made it, too.
    pub(super) fn apply_to_message(&self, message: &str) -> String {
        let (head, body) = message.split_once("\r\n\r\n").unwrap_or((message, ""));
        let lines: Vec<String> = head.split("\r\n").map(mask_header).collect();
        let mut whole = lines.join("\r\n");
        if message.len() > head.len() {
            whole.push_str("\r\n\r\n");
            whole.push_str(body);
        }
        self.apply(&whole)
    }

    /// The same of TwiML: what is said, too.
    pub(super) fn apply_to_document(&self, document: &str) -> String {
        let mut out = String::with_capacity(document.len());
        let mut rest = document;
        while let Some(at) = rest.find("<Say") {
            let end = rest.get(at..).and_then(|said| said.find("</Say")).map(|end| at + end);
            let Some((before, behind)) = end.map(|end| rest.split_at(end)) else { break };
            let (keep, said) = before.split_at(at);
            out.push_str(keep);
            out.push_str(&mask_said(said));
            rest = behind;
        }
        out.push_str(rest);
        self.apply(&out)
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '!' | '~' | '*')
}

/// The last digits of a number; none: it is a name.
fn tail(user: &str) -> Option<&str> {
    let digits = user.strip_prefix('+').unwrap_or(user);
    let is_number = digits.len() >= NUMBER_MIN && digits.bytes().all(|b| b.is_ascii_digit());
    digits.get(digits.len().checked_sub(MADE_UP)?..).filter(|_| is_number)
}

/// A character of the same kind.
fn alike(c: char, dice: u64) -> char {
    let of = |first: u8, many: u64| char::from(first + u8::try_from(dice % many).unwrap_or(0));
    match c {
        '0'..='9' => of(b'0', 10),
        'a'..='z' => of(b'a', 26),
        'A'..='Z' => of(b'A', 26),
        other => other,
    }
}

fn in_case_of(word: &str, other: &str) -> String {
    let pairs = word.chars().zip(other.chars());
    pairs.map(|(c, o)| if c.is_ascii_uppercase() { o.to_ascii_uppercase() } else { o }).collect()
}

fn mask(text: &str) -> String {
    let hidden = |c: char| if c.is_alphanumeric() && c.is_ascii() { 'x' } else { c };
    text.chars().map(hidden).collect()
}

/// A display name, or a header that only its maker understands.
fn mask_header(line: &str) -> String {
    const OWN: [&str; 3] = ["user-to-user", "subject", "organization"];
    let Some((name, value)) = line.split_once(':') else { return line.to_owned() };
    let lower = name.trim().to_ascii_lowercase();
    if OWN.contains(&lower.as_str()) || lower.starts_with("x-") {
        return format!("{name}:{}", mask(value));
    }
    match value.split_once('<') {
        Some((display, rest)) if !display.contains([':', '=']) => {
            format!("{name}:{}<{rest}", mask(display))
        }
        Some(_) | None => line.to_owned(),
    }
}

/// Text between tags; entities stay whole.
fn mask_said(said: &str) -> String {
    let (mut in_tag, mut in_entity) = (false, false);
    let hidden = |c: char| {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            '&' => in_entity = true,
            ';' => in_entity = false,
            _ => {}
        }
        if in_tag || in_entity || !c.is_ascii_alphanumeric() { c } else { 'x' }
    };
    said.chars().map(hidden).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aliases(learnt: &str) -> Aliases {
        let mut aliases = Aliases::new(RandomState::new());
        aliases.learn_from(learnt);
        aliases
    }

    #[test]
    fn a_number_is_one_number_in_every_notation() {
        let aliases = aliases("INVITE sip:+815012345678@gw SIP/2.0");
        let said = aliases.apply("<sip:+815012345678@gw> tel:05012345678 12345 m=audio 10000");
        let (first, rest) = said.split_once("@gw> tel:").unwrap();
        let made_up = first.strip_prefix("<sip:+815012").unwrap();
        assert_ne!(made_up, "345678");
        assert_eq!(rest, format!("05012{made_up} 12345 m=audio 10000"));
    }

    #[test]
    fn a_name_is_one_name_where_it_names() {
        let aliases = aliases("From: <sip:Alexander@bank>;tag=1 <Client>bob</Client> sip:host;x");
        let name = aliases.names["alexander"].clone();
        assert_eq!(name.len(), 9);
        assert_ne!(name, "alexander");
        assert_eq!(aliases.apply("alexander@bank"), format!("{name}@bank"));
        assert_eq!(aliases.apply("alexander"), name);
        assert_eq!(aliases.apply("to=sip%3Aalexander%40bank"), format!("to=sip%3A{name}%40bank"));
        assert_eq!(aliases.apply("the alexander road"), "the alexander road");
        assert_eq!(aliases.apply("<Client>bob</Client>").len(), "<Client>bob</Client>".len());
        assert_eq!(aliases.apply("sip:host;x"), "sip:host;x");
        let upper = aliases.apply("sip:ALEXANDER@x");
        assert_eq!(upper, format!("sip:{}@x", name.to_ascii_uppercase()));
    }

    #[test]
    fn what_names_people_is_masked() {
        let aliases = aliases("");
        let message = "INVITE sip:b SIP/2.0\r\nFrom: \"Ann Lee\" <sip:a@b>;tag=1\r\nX-Customer: 4711\r\n\
                       Contact: <sip:a@b>\r\nCall-ID: 1\r\n\r\nv=0\r\n";
        let masked = "INVITE sip:b SIP/2.0\r\nFrom: \"xxx xxx\" <sip:a@b>;tag=1\r\nX-Customer: xxxx\r\n\
                      Contact: <sip:a@b>\r\nCall-ID: 1\r\n\r\nv=0\r\n";
        assert_eq!(aliases.apply_to_message(message), masked);
        let said = "<Response><Say voice=\"man\">Hi <b>Ann</b> &amp; Bo</Say><Hangup/></Response>";
        let left = "<Response><Say voice=\"man\">xx <b>xxx</b> &amp; xx</Say><Hangup/></Response>";
        assert_eq!(aliases.apply_to_document(said), left);
    }
}
