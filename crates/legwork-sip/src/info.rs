//! Keys in the body of an INFO, in the forms phones send: `application/dtmf-relay` with lines
//! `Signal=5` and `Duration=160`, and `application/dtmf` with the key alone.
//!
//! Not here: answering the INFO (`endpoint`), what a key does (`legwork-call`).
//! Source: no RFC; RFC 6086 §2 names the use. What phones and gateways send.

use crate::message::Message;
use crate::{limit, scan};

/// Media types of such a body.
const TYPES: [&str; 2] = ["application/dtmf-relay", "application/dtmf"];

/// The key that an INFO tells: one of `0-9*#A-D`. None: it tells none, or a flash of the hook.
pub fn key(info: &Message) -> Option<u8> {
    let is_known = TYPES.iter().any(|media_type| info.has_body_of(media_type));
    if is_known { key_of(&info.body()) } else { None }
}

/// The key of a body: that of its first `Signal`, or of its first line where there is none.
fn key_of(body: &[u8]) -> Option<u8> {
    if body.len() > limit::KEY_BODY_BYTES {
        return None;
    }
    let lines = || body.split(|byte| matches!(byte, b'\r' | b'\n')).map(scan::trim);
    let signal = lines().find_map(|line| {
        let at = line.iter().position(|byte| *byte == b'=')?;
        let (name, value) = line.split_at_checked(at)?;
        let value = value.get(1..)?;
        scan::trim(name).eq_ignore_ascii_case(b"signal").then(|| scan::trim(value))
    });
    let alone = || lines().find(|line| !line.is_empty());
    key_named(signal.or_else(alone)?)
}

/// As written, or by its event code (RFC 4733 §3.2).
fn key_named(name: &[u8]) -> Option<u8> {
    match *name {
        [key @ (b'0'..=b'9' | b'*' | b'#')] => Some(key),
        [key @ (b'A'..=b'D' | b'a'..=b'd')] => Some(key.to_ascii_uppercase()),
        [b'1', b'0'] => Some(b'*'),
        [b'1', b'1'] => Some(b'#'),
        [b'1', code @ b'2'..=b'5'] => Some(code - b'2' + b'A'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(media_type: &str, body: &str) -> Option<u8> {
        let text = format!(
            "INFO sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: <sip:a@h>;tag=a\r\n\
             To: <sip:b@h>;tag=b\r\nCall-ID: a\r\nCSeq: 2 INFO\r\nMax-Forwards: 70\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        key(&Message::parse(text.into()).unwrap())
    }

    #[test]
    fn the_forms_that_phones_send() {
        let relay = "application/dtmf-relay";
        for (media_type, body, key) in [
            (relay, "Signal=5\r\nDuration=160\r\n", Some(b'5')),
            (relay, "Signal=5\r\nDuration=160", Some(b'5')),
            (relay, "Signal= 5\r\nDuration= 160\r\n", Some(b'5')),
            (relay, "Signal = 5 \nDuration = 160\n", Some(b'5')),
            (relay, "signal=*\r\nduration=250\r\n", Some(b'*')),
            (relay, "Duration=160\r\nSignal=#\r\n", Some(b'#')),
            (relay, "Signal=10\r\n", Some(b'*')),
            (relay, "Signal=11\r\n", Some(b'#')),
            (relay, "Signal=12\r\n", Some(b'A')),
            (relay, "Signal=15\r\n", Some(b'D')),
            (relay, "Signal=d\r\n", Some(b'D')),
            ("Application/DTMF-Relay; charset=x", "Signal=1\r\n", Some(b'1')),
            ("application/dtmf", "5", Some(b'5')),
            ("application/dtmf", " 5\r\n", Some(b'5')),
            ("application/dtmf", "\r\n11\r\n", Some(b'#')),
            ("application/dtmf", "Signal=9\r\nDuration=100\r\n", Some(b'9')),
            (relay, "Signal=16\r\n", None),
            (relay, "Signal=hf\r\n", None),
            (relay, "Signal=\r\n", None),
            (relay, "Signal=55\r\n", None),
            (relay, "Duration=160\r\n", None),
            (relay, "\r\n", None),
            (relay, "", None),
            ("application/dtmf", "5 6", None),
            ("text/plain", "Signal=5\r\n", None),
            ("application/hook-flash", "Signal=5\r\n", None),
        ] {
            assert_eq!(info(media_type, body), key, "{media_type} {body:?}");
        }
    }

    #[test]
    fn a_body_has_its_limit() {
        let long = |n: usize| format!("{}\r\n{}", "Signal=5", "x".repeat(n - 10));
        assert_eq!(info("application/dtmf-relay", &long(limit::KEY_BODY_BYTES)), Some(b'5'));
        assert_eq!(info("application/dtmf-relay", &long(limit::KEY_BODY_BYTES + 1)), None);
    }
}
