//! `passports`: PASSporTs that go with the INVITEs of a `<Dial>`, each as an `Identity` header.
//!
//! The application has signed them; they are read as far as the header needs it, and verified by whoever
//! gets the call.
//! Not here: their signatures and claims.
//! Source: RFC 8225 §3, §4, §7 (compact form); RFC 8224 §4 (`Identity`); RFC 4648 §5.

use crate::calls::{Calls, Detail};
use crate::leg::LegId;
use crate::limit::PASSPORT_MAX;

/// One is none, or has no header that says where its certificate is.
const INVALID: u32 = 32020;

impl Calls {
    /// An alert if one of them is none.
    pub(crate) fn check_passports(&mut self, leg: LegId, passports: &[String]) {
        let wrong = passports.iter().position(|passport| identity(passport).is_none());
        if let Some(n) = wrong {
            let text = format!("<Dial passports>: number {}.", n + 1);
            self.alert(INVALID, Some(leg), Detail::text(text));
        }
    }
}

/// What `Identity` says for it: the token, where its certificate is, how it is signed, and what sort it is.
pub(crate) fn identity(passport: &str) -> Option<String> {
    let mut parts = passport.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let is_whole = [claims, signature].iter().all(|part| !part.is_empty() && is_base64url(part));
    if !is_whole || passport.len() > PASSPORT_MAX {
        return None;
    }
    let head = members(&String::from_utf8(decoded(head)?).ok()?)?;
    let member = |name: &str| head.iter().find(|(it, _)| it == name).map(|(_, value)| &**value);
    let info = member("x5u").filter(|url| is_url(url))?;
    let alg = member("alg").filter(|alg| is_token(alg))?;
    let mut identity = format!("{passport};info=<{info}>;alg={alg}");
    if let Some(ppt) = member("ppt") {
        is_token(ppt).then_some(())?;
        identity.push_str(&format!(";ppt=\"{ppt}\""));
    }
    Some(identity)
}

fn is_token(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// Nothing in it can end the brackets it stands in.
fn is_url(value: &str) -> bool {
    value.starts_with("https://")
        && value.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b))
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|b| digit(b).is_some())
}

fn digit(b: u8) -> Option<u32> {
    let (from, first) = match b {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'-' => (b'-', 62),
        b'_' => (b'_', 63),
        _ => return None,
    };
    Some(u32::from(b - from) + first)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for four in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for b in four {
            bits = bits << 6 | digit(*b)?;
        }
        bits <<= 6 * (4 - four.len());
        let [_, rest @ ..] = bits.to_be_bytes();
        bytes.extend(rest.into_iter().take(four.len().saturating_sub(1)));
    }
    Some(bytes)
}

/// The members of a JSON object whose values are all text, as headers of PASSporTs are.
fn members(json: &str) -> Option<Vec<(String, String)>> {
    let mut rest = json.trim().strip_prefix('{')?;
    let mut members = Vec::new();
    loop {
        let (name, behind) = string(rest)?;
        let (value, behind) = string(behind.trim_start().strip_prefix(':')?)?;
        members.push((name, value));
        rest = behind.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => return (rest == "}").then_some(members),
        }
    }
}

/// Text in quotes, and what stands behind it.
fn string(json: &str) -> Option<(String, &str)> {
    let inner = json.trim_start().strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, inner.get(at + 1..)?)),
            '\\' => match chars.next()? {
                (_, c @ ('"' | '\\' | '/')) => text.push(c),
                // Nothing that a header of one needs.
                _ => return None,
            },
            c => text.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` in the letters of a token.
    fn encoded(text: &str) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut out = String::new();
        for three in text.as_bytes().chunks(3) {
            let mut bits = [0; 4];
            bits[1..=three.len()].copy_from_slice(three);
            let bits = u32::from_be_bytes(bits);
            for n in 0..=three.len() {
                out.push(char::from(DIGITS[(bits >> (18 - 6 * n)) as usize & 63]));
            }
        }
        out
    }

    fn of(head: &str) -> Option<String> {
        let head = encoded(head);
        let identity = identity(&format!("{head}.eyJ9.c2ln"))?;
        Some(identity.strip_prefix(&format!("{head}.eyJ9.c2ln;")).unwrap().to_owned())
    }

    #[test]
    fn what_its_header_says_is_repeated() {
        let shaken =
            r#"{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://c.example/a.pem"}"#;
        let expected = "info=<https://c.example/a.pem>;alg=ES256;ppt=\"shaken\"";
        assert_eq!(of(shaken).as_deref(), Some(expected));
        let plain = r#" { "x5u" : "https:\/\/c.example\/a" , "alg":"ES256" } "#;
        assert_eq!(of(plain).as_deref(), Some("info=<https://c.example/a>;alg=ES256"));
    }

    #[test]
    fn what_is_none_is_left_out() {
        for head in [
            "",
            "{}",
            "x",
            r#"{"alg":"ES256"}"#,
            r#"{"x5u":"https://a"}"#,
            r#"{"alg":"ES256","x5u":"http://a"}"#,
            r#"{"alg":"ES256","x5u":"https://a>;ppt=x"}"#,
            r#"{"alg":"ES256","x5u":"https://a\r\nRoute: x"}"#,
            "{\"alg\":\"ES256\",\"x5u\":\"https://a\r\nRoute: x\"}",
            r#"{"alg":"ES;256","x5u":"https://a"}"#,
            r#"{"alg":"ES256","x5u":"https://a","ppt":""}"#,
            r#"{"alg":"ES256","x5u":"https://a","n":1}"#,
            r#"{"alg":"ES256","x5u":"https://a""#,
            r#"{"alg":"ES256","x5u":"https://a"}}"#,
        ] {
            assert_eq!(of(head), None, "{head}");
        }
        let head = encoded(r#"{"alg":"ES256","x5u":"https://a"}"#);
        for passport in ["", "a", "a.b", "..", &format!("{head}.."), &format!("{head}.a.b.c")] {
            assert_eq!(identity(passport), None, "{passport}");
        }
        assert_eq!(identity(&format!("{head}.a b.c")), None);
        let claims = "a".repeat(PASSPORT_MAX - head.len() - 3);
        assert!(identity(&format!("{head}.{claims}.c")).is_some());
        assert_eq!(identity(&format!("{head}.{claims}a.c")), None);
    }
}
