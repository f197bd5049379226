//! Credentials in URLs: `Basic` at once, `Digest` where the application asks for it.
//!
//! Not here: asking again (`journey`), the digest itself (`legwork-sip`, whose grammar is HTTP's).
//! Source: RFC 7617, RFC 7616; Twilio, "Webhooks Security", "HTTP Authentication".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use legwork_sip::digest::{Answer, Challenge, Ha1};
use legwork_sip::header::Name;
use legwork_sip::message::Builder;
use legwork_sip::{Message, Status};
use url::Url;

/// Challenges read of one answer.
const CHALLENGES_MAX: usize = 8;

/// User name and password of a URL. None: it has none.
fn credentials(url: &Url) -> Option<(String, String)> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    Some((decode(url.username()), decode(url.password().unwrap_or(""))))
}

/// `%40` is an at sign; a plus is a plus.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte =
            digits.filter(|_| first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = after.get(if byte.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `Authorization: Basic` for the credentials of a URL.
pub fn basic(url: &Url) -> Option<HeaderValue> {
    let (username, password) = credentials(url)?;
    let value = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// `Authorization: Digest` for the credentials of a URL; `nc` counts from 1.
pub fn digest(
    url: &Url,
    method: &str,
    challenge: &Challenge,
    nc: u32,
    number: u128,
) -> Option<HeaderValue> {
    let (username, password) = credentials(url)?;
    let ha1 = Ha1::new(&username, &challenge.realm, &password);
    let answer = Answer {
        username: &username,
        ha1: &ha1,
        method,
        uri: &url[url::Position::BeforePath..url::Position::AfterQuery],
        cnonce: &format!("{number:032x}"),
        nc,
    };
    let mut value = HeaderValue::try_from(challenge.answer(&answer)?).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The challenge that an answer of 401 makes and we can answer: SHA-256 before MD5.
pub fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let mut response = Builder::response(Status::UNAUTHORIZED);
    let lines = headers.get_all(WWW_AUTHENTICATE).iter();
    for one in lines.flat_map(|line| challenges(line.as_bytes())).take(CHALLENGES_MAX) {
        response.header("WWW-Authenticate", one);
    }
    Challenge::best(&Message::parse(response.finish()).ok()?, Name::WwwAuthenticate, None)
}

/// The challenges of one line. HTTP, other than SIP, lets them share it: one begins behind a comma
/// where a word is followed by a blank instead of an equals sign.
fn challenges(line: &[u8]) -> Vec<&[u8]> {
    let mut begins = vec![0];
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in line.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted && begins_challenge(line.get(at + 1..).unwrap_or_default()) => {
                begins.push(at + 1);
            }
            _ => {}
        }
    }
    let ends = begins.iter().skip(1).map(|at| at - 1).chain([line.len()]);
    begins.iter().zip(ends).filter_map(|(&from, to)| line.get(from..to)).collect()
}

fn begins_challenge(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let word =
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let after = text.get(word..).unwrap_or_default();
    let blank = after.first() == Some(&b' ');
    word > 0 && blank && after.trim_ascii_start().first() != Some(&b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_decoded() {
        let table = [
            ("user:pass", "user:pass"),
            ("user:p%40ss+1=&", "user:p@ss+1=&"),
            ("%C3%BC:%", "ü:%"),
            ("only", "only:"),
            (":secret", ":secret"),
        ];
        for (typed, meant) in table {
            let url = Url::parse(&format!("https://{typed}@a.example/x")).unwrap();
            let expected = format!("Basic {}", STANDARD.encode(meant));
            assert_eq!(basic(&url).unwrap(), expected.as_str(), "{typed}");
        }
        assert_eq!(basic(&Url::parse("https://a.example/x").unwrap()), None);
    }

    #[test]
    fn challenges_share_lines() {
        let table: [(&str, &[&str]); 4] = [
            ("Basic realm=\"a, b\"", &["Basic realm=\"a, b\""]),
            (
                "Basic realm=\"a\", Digest realm=\"b\", nonce=\"n\"",
                &["Basic realm=\"a\"", " Digest realm=\"b\", nonce=\"n\""],
            ),
            (
                "Digest realm = \"\\\", Digest x\", nonce=\"n\"",
                &["Digest realm = \"\\\", Digest x\", nonce=\"n\""],
            ),
            ("", &[""]),
        ];
        for (line, expected) in table {
            let found = challenges(line.as_bytes());
            let found: Vec<&str> = found.iter().map(|c| std::str::from_utf8(c).unwrap()).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_published_digest_is_answered() {
        let mut headers = HeaderMap::new();
        let line = "Basic realm=\"x\", Digest realm=\"http-auth@example.org\", qop=\"auth, \
                    auth-int\", algorithm=SHA-256, nonce=\"abc\", opaque=\"FQ\"";
        headers.append(WWW_AUTHENTICATE, line.parse().unwrap());
        let challenge = challenge(&headers).unwrap();
        let url = Url::parse("http://Mufasa:Circle%20of%20Life@a.example/dir?x=1#rc=1").unwrap();
        let answer = digest(&url, "GET", &challenge, 1, 7).unwrap();
        let answer = answer.to_str().unwrap();
        for part in [
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"abc\"",
            "uri=\"/dir?x=1\"",
            "algorithm=SHA-256",
            "qop=auth, nc=00000001",
            "cnonce=\"00000000000000000000000000000007\"",
            "opaque=\"FQ\"",
        ] {
            assert!(answer.contains(part), "{part} in {answer}");
        }
        headers.clear();
        headers.append(WWW_AUTHENTICATE, "Basic realm=\"x\"".parse().unwrap());
        assert_eq!(super::challenge(&headers), None);
    }
}
