//! Names and numbers replaced by made-up ones of equal length, the same for the same.
//!
//! Of a number the last six digits are made up, so that rules for prefixes still hold and every notation
//! of it stays one number. Whose names and numbers those are is read from the URIs of the recording.
//! What is said, display names, `X-…` headers and what devices are called become `x`. Hosts and
//! addresses stay.
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

    /// Learns the users of all URIs in a text, and the numbers that say that they are numbers.
    pub(super) fn learn_from(&mut self, text: &str) {
        const BEFORE: [&str; 11] = [
            "sip:",
            "sips:",
            "tel:",
            "client:",
            "sip%3A",
            "Client>",
            "Number>",
            "Identity>",
            "callerId=\"",
            "callerId='",
            "username=\"",
        ];
        for plus in ["+", "%2B", "%2b"] {
            for behind in text.split(plus).skip(1) {
                let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
                if let Some(digits) = behind.get(..end).filter(|digits| tail(digits).is_some()) {
                    self.learn(digits);
                }
            }
        }
        for scheme in BEFORE {
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
                } else if scheme == "sip:" && after.starts_with(['%', ':', ';']) {
                    self.learn_pieces(behind);
                }
            }
        }
    }

    /// The same of TwiML, which writes numbers in many ways.
    pub(super) fn learn_from_document(&mut self, document: &str) {
        let plain = plain_numbers(document);
        self.learn_from(&plain);
        let texts = plain.split('>').filter_map(|part| part.split('<').next());
        texts.filter(|text| tail(text).is_some()).for_each(|number| self.learn(number));
    }

    /// Learns a user with escapes in it, or with a password or parameters behind it: word by word.
    fn learn_pieces(&mut self, text: &str) {
        let end = text.find(|c: char| c.is_whitespace() || "@<>\"?/".contains(c));
        let Some((user, after)) = end.map(|end| text.split_at(end)) else { return };
        if !after.starts_with('@') {
            return;
        }
        let mut user = user.split([':', ';']).next().unwrap_or("");
        while let Some((word, escape)) = user.split_once('%') {
            self.learn(word);
            user = escape.get(2..).unwrap_or("");
        }
        self.learn(user);
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
            let is_free = made_up != like && !self.names.contains_key(&made_up);
            if is_free && self.taken.insert(made_up.clone()) {
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
                // A letter of another alphabet.
                Some((digits, rest)) if digits >= "80" => {
                    out.push_str("78");
                    rest
                }
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
                || ends_in_escape(before)
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
        let mut masked = String::with_capacity(message.len());
        let mut header = String::new();
        let mut lines = message.split_inclusive('\n');
        for line in lines.by_ref() {
            // A folded line is one more of the same header.
            if !line.starts_with([' ', '\t']) {
                masked.push_str(&mask_header(&header));
                header.clear();
            }
            header.push_str(line);
            if line.trim_end_matches(['\r', '\n']).is_empty() {
                break;
            }
        }
        masked.push_str(&mask_header(&header));
        lines.for_each(|line| masked.push_str(&mask_body(line)));
        self.apply(&masked)
    }

    /// The same of TwiML: what is said, too, and what is noted beside.
    pub(super) fn apply_to_document(&self, document: &str) -> String {
        let said = mask_between(document, "<Say", "</Say", mask_said);
        let noted = mask_between(&said, "<!--", "-->", mask);
        let keys = mask_between(&noted, "sendDigits=\"", "\"", mask_keys);
        let plain = plain_numbers(&keys);
        self.apply(&plain)
    }
}

/// The text with everything between those two said otherwise.
fn mask_between(text: &str, begin: &str, end: &str, masked: fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(begin) {
        let Some(at) = behind.find(end) else { break };
        let (within, after) = behind.split_at(at);
        out.push_str(before);
        // With what it begins with: a tag may be open.
        let begun = format!("{begin}{within}");
        out.push_str(begin);
        out.push_str(masked(&begun).get(begin.len()..).unwrap_or_default());
        // Its own end must not begin another.
        let (end, after) = after.split_at(end.len());
        out.push_str(end);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `<Number>+81 50-1234-5678</Number>` without what only helps the eye.
fn plain_numbers(document: &str) -> String {
    let mut parts = document.split('>');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push('>');
        let end = part.find('<').unwrap_or(part.len());
        let (text, tag) = part.split_at(end);
        let is_number = text.chars().filter(char::is_ascii_digit).count() >= NUMBER_MIN
            && text.chars().all(|c| c.is_ascii_digit() || " +-.()".contains(c));
        if is_number {
            out.extend(text.chars().filter(|c| !" -.()".contains(*c)));
        } else {
            out.push_str(text);
        }
        out.push_str(tag);
    }
    out
}

/// Keys to be pressed: digits that may be an account's or a card's.
pub(super) fn mask_keys(keys: &str) -> String {
    keys.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

fn ends_in_escape(text: &str) -> bool {
    let escape = text.len().checked_sub(3).and_then(|at| text.get(at..));
    escape
        .and_then(|escape| escape.strip_prefix('%'))
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
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

/// As many bytes as before: bodies have their length told elsewhere.
fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_masked(&mut out, c));
    out
}

fn push_masked(out: &mut String, c: char) {
    if c.is_ascii() {
        out.push(if c.is_ascii_alphanumeric() { 'x' } else { c });
    } else {
        out.extend(std::iter::repeat_n('x', c.len_utf8()));
    }
}

/// A display name, what a device is called, or a header that only its maker understands.
fn mask_header(header: &str) -> String {
    const OWN: [&str; 6] =
        ["user-to-user", "subject", "s", "organization", "geolocation", "p-access-network-info"];
    const DEVICE: [&str; 2] = ["user-agent", "server"];
    // What stands in quotes there must stay as it is.
    const QUOTING: [&str; 2] = ["content-type", "c"];
    let Some((name, value)) = header.split_once(':') else { return header.to_owned() };
    let lower = name.trim().to_ascii_lowercase();
    let masked = if OWN.contains(&lower.as_str()) || lower.starts_with("x-") {
        mask(value)
    } else if DEVICE.contains(&lower.as_str()) {
        mask_between(value, "(", ")", mask)
    } else if name.trim_end().contains(' ')
        || lower.contains("auth")
        || QUOTING.contains(&lower.as_str())
    {
        value.to_owned()
    } else {
        mask_display(value)
    };
    format!("{name}:{masked}")
}

/// Whatever is quoted outside of `<>`, and words before a `<`.
fn mask_display(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let (mut in_uri, mut in_quotes, mut escaped) = (false, false, false);
    // Where the words before the next `<` begin, unless they are something else.
    let mut words = Some(0);
    for c in value.chars() {
        if in_quotes {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            in_quotes = !ends;
            push_masked(&mut out, c);
            continue;
        }
        match c {
            '"' if !in_uri => in_quotes = true,
            '<' => {
                if let Some(shown) = words.take().and_then(|at: usize| out.get(at..)).map(mask) {
                    out.truncate(out.len() - shown.len());
                    out.push_str(&shown);
                }
                in_uri = true;
            }
            '>' => in_uri = false,
            ',' if !in_uri => words = Some(out.len() + 1),
            ':' | '=' | ';' if !in_uri => words = None,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// A line of a body: names in SDP, and keys pressed.
fn mask_body(line: &str) -> String {
    match line.split_once('=') {
        Some(("s" | "i" | "u" | "e" | "p", value)) => {
            format!("{}={}", line.get(..1).unwrap_or(""), mask(value))
        }
        Some(("o", value)) => {
            let (user, rest) = value.split_at(value.find(' ').unwrap_or(0));
            format!("o={}{rest}", mask(user))
        }
        Some((name, value)) if name.trim().eq_ignore_ascii_case("signal") => {
            format!("{name}={}", mask_keys(value))
        }
        // A key alone: `application/dtmf`.
        None if line.trim().len() <= 2 => mask_keys(line),
        Some(_) | None => line.to_owned(),
    }
}

/// Text between tags; entities stay whole.
fn mask_said(said: &str) -> String {
    let (mut in_tag, mut in_entity) = (false, false);
    let mut out = String::with_capacity(said.len());
    for c in said.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            '&' => in_entity = true,
            ';' => in_entity = false,
            _ => {}
        }
        if in_tag || in_entity {
            out.push(c);
        } else {
            push_masked(&mut out, c);
        }
    }
    out
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
        let said = "<Response><Say voice=\"man\">Hi <b>Ann</b> &amp; Bo</Say><!-- Ann --><Hangup/>";
        let left = "<Response><Say voice=\"man\">xx <b>xxx</b> &amp; xx</Say><!-- xxx --><Hangup/>";
        assert_eq!(aliases.apply_to_document(said), left);
    }

    #[test]
    fn however_a_header_is_written_it_names_nobody() {
        let aliases = aliases("");
        for (header, left) in [
            ("X-Customer: Ann\r\n\tLee\r\n", "X-Customer: xxx\r\n\txxx\r\n"),
            ("f: \"Ann\r\n Lee\" <sip:a@b>\r\n", "f: \"xxx\r\n xxx\" <sip:a@b>\r\n"),
            ("From: \"Dr: \\\"Ann\\\"\" <sip:a@b>\n", "From: \"xx: \\\"xxx\\\"\" <sip:a@b>\n"),
            ("To : Ann Lee <sip:a@b>\n", "To : xxx xxx <sip:a@b>\n"),
            ("From: 李 <sip:a@b>\r\n", "From: xxx <sip:a@b>\r\n"),
            (
                "P-Asserted-Identity: \"Ann\" <sip:a@b>;x=\"y\", Bo <tel:1>\r\n",
                "P-Asserted-Identity: \"xxx\" <sip:a@b>;x=\"x\", xx <tel:1>\r\n",
            ),
            (
                "Contact: <sip:a@b>;+sip.instance=\"<urn:uuid:0a>\"\r\n",
                "Contact: <sip:a@b>;+sip.instance=\"<xxx:xxxx:xx>\"\r\n",
            ),
            (
                "User-Agent: Phone/5.1 (Ann's tablet) lib/2\r\n",
                "User-Agent: Phone/5.1 (xxx'x xxxxxx) lib/2\r\n",
            ),
            ("Content-Type: a/b;boundary=\"c\"\r\n", "Content-Type: a/b;boundary=\"c\"\r\n"),
            (
                "WWW-Authenticate: Digest realm=\"r\"\r\n",
                "WWW-Authenticate: Digest realm=\"r\"\r\n",
            ),
            ("\r\no=ann 1 2 IN\r\ns=Ann\r\nt=0 0\r\n", "\r\no=xxx 1 2 IN\r\ns=xxx\r\nt=0 0\r\n"),
            ("\nSignal=5\r\nDuration=160\r\n", "\nSignal=0\r\nDuration=160\r\n"),
            ("\r\n5", "\r\n0"),
            ("\r\n11\r\n", "\r\n00\r\n"),
        ] {
            let before = "INVITE sip:b SIP/2.0\r\n";
            let masked = aliases.apply_to_message(&format!("{before}{header}"));
            assert_eq!(masked, format!("{before}{left}"));
            assert_eq!(masked.len(), before.len() + header.len());
        }
    }

    #[test]
    fn numbers_and_names_are_found_wherever_a_document_has_them() {
        for document in [
            "<Dial callerId=\"05012345678\">",
            "<Dial callerId='+815012345678'>",
            "<Dial>05012345678</Dial>",
            "<Dial><Number url=\"/x\">+81 50-1234-5678</Number></Dial>",
            "<Number sendDigits=\"345678\">110</Number>",
            "<Redirect>/x?to=%2B815012345678</Redirect>",
            "<Sip>sip:345678%20ann@h</Sip><Sip>sip:ann;x=1@h</Sip>",
            "<Sip>sip:%E5%B1%B1@h</Sip>",
        ] {
            let mut aliases = Aliases::new(RandomState::new());
            aliases.learn_from_document(document);
            let said = aliases.apply_to_document(document);
            for part in ["345678", "5678", "ann", "E5", "B1"] {
                assert!(!said.contains(part), "{document}: {said}");
            }
        }
    }
}
