//! Secrets taken out of whatever is written into a recording: passwords, hashes of them, keys.
//!
//! Every character is replaced by one other, so lengths stay as they were.
//! Not here: names and numbers (`alias`).
//! Source: RFC 7616 §3.4, RFC 4568 §9.1 (`a=crypto`), RFC 8839 §5.4 (`ice-pwd`), RFC 3986 §3.2.1.

/// What a recorded text says without the secrets in it. It is text after all, when the bytes are not:
/// what is replaced is ASCII.
pub(super) fn scrub(text: &mut [u8]) {
    for_each_line(text, |line, folded| {
        let name = header_name(line);
        if is_credentials(name) || folded.is_some_and(is_credentials) {
            hide_credentials(line, folded.is_some());
        } else if name.eq_ignore_ascii_case(b"a=crypto") {
            hide_behind(line, b"inline");
        } else if is_key(name) {
            hide_after_colon(line);
        }
    });
    hide_password_attributes(text);
    hide_userinfo(text);
    hide_query_secrets(text);
}

/// Lines of SDP that are a key.
fn is_key(name: &[u8]) -> bool {
    const KEYS: [&[u8]; 5] = [b"a=ice-pwd", b"a=key-mgmt", b"k=base64", b"k=clear", b"k=uri"];
    KEYS.iter().any(|key| name.eq_ignore_ascii_case(key))
}

/// Calls `each` with every line and, where it goes on with the one before, the name of that.
fn for_each_line(text: &mut [u8], mut each: impl FnMut(&mut [u8], Option<&[u8]>)) {
    let mut name: Vec<u8> = Vec::new();
    for line in text.split_mut(|b| *b == b'\n') {
        if line.first().is_some_and(|b| matches!(b, b' ' | b'\t')) {
            each(line, Some(&name));
        } else {
            each(line, None);
            name = header_name(line).to_vec();
        }
    }
}

fn header_name(line: &[u8]) -> &[u8] {
    let colon = line.iter().position(|b| *b == b':').unwrap_or(0);
    line.get(..colon).unwrap_or_default().trim_ascii()
}

fn is_credentials(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"authorization") || name.eq_ignore_ascii_case(b"proxy-authorization")
}

fn hide(bytes: &mut [u8]) {
    for byte in bytes {
        if !byte.is_ascii_whitespace() && !matches!(*byte, b'"' | b',' | b'=' | b';') {
            *byte = b'0';
        }
    }
}

/// Parameters of credentials that tell nothing of the password.
const HARMLESS: [&[u8]; 6] = [b"username", b"realm", b"uri", b"algorithm", b"qop", b"nc"];

/// Leaves who it is and where; a folded line may begin inside a value.
fn hide_credentials(line: &mut [u8], folded: bool) {
    let start = if folded { 0 } else { header_name_end(line) };
    let Some(value) = line.get_mut(start..) else { return };
    let digest =
        value.trim_ascii_start().get(..6).is_some_and(|b| b.eq_ignore_ascii_case(b"digest"));
    if !digest && !folded {
        return hide(value);
    }
    let mut quoted = false;
    let parts = value.split_mut(|b| {
        quoted ^= *b == b'"';
        *b == b',' && !quoted
    });
    for part in parts {
        let name_end = part.iter().position(|b| *b == b'=').unwrap_or(0);
        let name = part.get(..name_end).unwrap_or_default().trim_ascii().to_ascii_lowercase();
        let name = name.strip_prefix(b"digest").unwrap_or(&name).trim_ascii_start();
        // With more quotes than one pair, what stands behind may belong to another parameter.
        let is_one_value = part.iter().filter(|b| **b == b'"').count() <= 2;
        if !(is_one_value && HARMLESS.contains(&name))
            && let Some(value) = part.get_mut(name_end..)
        {
            hide(value);
        }
    }
}

fn header_name_end(line: &[u8]) -> usize {
    line.iter().position(|b| *b == b':').map_or(0, |colon| colon + 1)
}

fn hide_behind(line: &mut [u8], word: &[u8]) {
    if let Some(at) = find(line, word, 0)
        && let Some(rest) = line.get_mut(at + word.len() + 1..)
    {
        hide(rest);
    }
}

fn hide_after_colon(line: &mut [u8]) {
    let start = header_name_end(line);
    if let Some(rest) = line.get_mut(start..) {
        hide(rest);
    }
}

fn find(text: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(word.len()).position(|part| part.eq_ignore_ascii_case(word)).map(|at| from + at)
}

/// `password="…"` of TwiML.
fn hide_password_attributes(text: &mut [u8]) {
    const NAME: &[u8] = b"password";
    let mut from = 0;
    while let Some(at) = find(text, NAME, from) {
        from = at + NAME.len();
        let Some(rest) = text.get_mut(from..) else { return };
        let mut blank = 0;
        while rest.get(blank).is_some_and(|b| b.is_ascii_whitespace() || *b == b'=') {
            blank += 1;
        }
        let has_equals = rest.get(..blank).is_some_and(|skipped| skipped.contains(&b'='));
        let Some(quote) = rest.get(blank).copied().filter(|b| has_equals && b"\"'".contains(b))
        else {
            continue;
        };
        let value = rest.get_mut(blank + 1..).unwrap_or_default();
        let end = value.iter().position(|b| *b == quote).unwrap_or(value.len());
        // Entities would not be whole any more: every character becomes a letter.
        value.iter_mut().take(end).for_each(|b| *b = b'x');
    }
}

/// The password in `https://user:password@host` and `sip:user:password@host`.
fn hide_userinfo(text: &mut [u8]) {
    for (scheme, ends) in
        [(&b"://"[..], &b"@/?#<>\"\\"[..]), (b"sip:", SIP_ENDS), (b"sips:", SIP_ENDS)]
    {
        let mut from = 0;
        while let Some(at) = find(text, scheme, from) {
            from = at + scheme.len();
            let Some(rest) = text.get_mut(from..) else { return };
            let end = rest.iter().position(|b| b.is_ascii_whitespace() || ends.contains(b));
            let Some(userinfo) = end.filter(|end| rest.get(*end) == Some(&b'@')) else { continue };
            let Some(userinfo) = rest.get_mut(..userinfo) else { return };
            if let Some(colon) = userinfo.iter().position(|b| *b == b':')
                && let Some(password) = userinfo.get_mut(colon + 1..)
                && !is_port(password)
            {
                password.iter_mut().for_each(|b| *b = b'x');
            }
        }
    }
}

/// What ends the user of a SIP URI: nothing that may stand in a password (RFC 3261 §25.1).
const SIP_ENDS: &[u8] = b"@<>\"\\";

/// `5060;lr` and `5060?Replaces=`: the colon stood before a port, and the `@` further on is of something
/// else.
fn is_port(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    digits > 0 && text.get(digits).is_some_and(|b| b";?/,".contains(b))
}

/// `?token=…` and `&api_key=…` of a URL: what its name says must not be told.
fn hide_query_secrets(text: &mut [u8]) {
    const NAMES: [&[u8]; 7] =
        [b"token", b"secret", b"password", b"passwd", b"key", b"signature", b"auth"];
    let mut start = None;
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        at += 1;
        match (byte, start) {
            (b'?' | b'&', _) => start = Some(at),
            (b'=', Some(from)) => {
                start = None;
                let name = text.get(from..at - 1).unwrap_or_default().to_ascii_lowercase();
                if NAMES.iter().any(|end| name.ends_with(end)) {
                    at = hide_until(text, at, b"&#<>\"'");
                }
            }
            (b'-' | b'_' | b'.', _) => {}
            // `&amp;` of XML is one sign.
            (b';', Some(from)) if text.get(from..at - 1) == Some(b"amp") => start = Some(at),
            _ if byte.is_ascii_alphanumeric() => {}
            _ => start = None,
        }
    }
}

/// Up to a blank or one of those; tells where that is.
fn hide_until(text: &mut [u8], from: usize, ends: &[u8]) -> usize {
    let rest = text.get_mut(from..).unwrap_or_default();
    let end = rest.iter().position(|b| b.is_ascii_whitespace() || ends.contains(b));
    let end = end.unwrap_or(rest.len());
    rest.iter_mut().take(end).for_each(|b| *b = b'x');
    from + end
}

/// The same of a string.
pub(super) fn scrubbed(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    scrub(&mut bytes);
    // A character of several bytes may have been hidden in part.
    String::from_utf8(bytes).unwrap_or_else(|error| {
        String::from_utf8_lossy(error.as_bytes()).replace(char::REPLACEMENT_CHARACTER, "x")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_gone_and_lengths_are_not() {
        for (text, left) in [
            (
                "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"ab,c\", uri=\"sip:b\", \
                 response=\"deadbeef\", cnonce=\"xy\", nc=00000001, qop=auth\r\nTo: <sip:b>",
                "Authorization: Digest username=\"a\", realm=\"r\", nonce=\"00,0\", uri=\"sip:b\", \
                 response=\"00000000\", cnonce=\"00\", nc=00000001, qop=auth\r\nTo: <sip:b>",
            ),
            (
                "proxy-authorization : Bearer abc.def\r\nX: y",
                "proxy-authorization : 000000 0000000\r\nX: y",
            ),
            (
                "Authorization: Digest realm=\"r\",\r\n response=\"beef\",\r\n\tnonce=\"a\"\r\nX: beef",
                "Authorization: Digest realm=\"r\",\r\n response=\"0000\",\r\n\tnonce=\"0\"\r\nX: beef",
            ),
            (
                "a=crypto:1 AES_CM_128 inline:c2VjcmV0|2^20\r\na=ice-pwd:abc\r\n",
                "a=crypto:1 AES_CM_128 inline:0000000000000\r\na=ice-pwd:000\r\n",
            ),
            (
                "<Sip username=\"u\" password='p&amp;\"q'>sip:a@b</Sip> password",
                "<Sip username=\"u\" password='xxxxxxxx'>sip:a@b</Sip> password",
            ),
            (
                "https://u:p%40q@h/x?a:b@c and sip:u:p@h sip:u@h:1",
                "https://u:xxxxx@h/x?a:b@c and sip:u:x@h sip:u@h:1",
            ),
            ("http://h:80/a@b sip:", "http://h:80/a@b sip:"),
            (
                "https://u:a,b;c'd&amp;e@h/ <sip:u:p,q&amp;r$@h> sip:u;x=1/2?:p@h",
                "https://u:xxxxxxxxxxxxx@h/ <sip:u:xxxxxxxxxx@h> sip:u;x=1/2?:x@h",
            ),
            (
                "<sip:h:5060;lr>,<sip:h:5060?Replaces=a@b> sip:h:5060;x=a@b sip:u:5060@h",
                "<sip:h:5060;lr>,<sip:h:5060?Replaces=a@b> sip:h:5060;x=a@b sip:u:xxxx@h",
            ),
            (
                "http://h/v?Token=a%20b&x=1&amp;api_key=q&tokens=1#f <a b='/x?secret=s'/> token=a",
                "http://h/v?Token=xxxxx&x=1&amp;api_key=x&tokens=1#f <a b='/x?secret=x'/> token=a",
            ),
            (
                "Authorization: Digest username=\"a\\\"b\", response=\"beef\", realm=\"r\"",
                "Authorization: Digest username=\"00\"0\", 00000000=\"0000\", 00000=\"0\"",
            ),
            (
                "k=clear:abc\r\nk=prompt\r\na=key-mgmt:mikey AQ+/\r\n",
                "k=clear:000\r\nk=prompt\r\na=key-mgmt:00000 0000\r\n",
            ),
            ("password=\"é\" password=\"", "password=\"xx\" password=\""),
        ] {
            assert_eq!(scrubbed(text), left);
            assert_eq!(scrubbed(text).len(), text.len());
        }
    }

    #[test]
    fn any_bytes_are_borne() {
        for seed in 0..200_u8 {
            let mut bytes: Vec<u8> = (0..200_u8)
                .map(|n| b"\"':@=, \npassword"[usize::from(n.wrapping_mul(seed)) % 16])
                .collect();
            scrub(&mut bytes);
            assert_eq!(bytes.len(), 200);
        }
    }
}
