//! The scanning rules that every header shares: white space, tokens, quoting, lists, parameters.
//!
//! White space includes CR and LF here: inside a value they occur only as line folding, which the
//! parser has checked.
//! Not here: finding lines (`message::parse`), what the pieces mean (`header`, `uri`).
//! Source: RFC 3261 §25.1.

use std::borrow::Cow;

/// What a byte may be part of, as bits.
const TOKEN: u8 = 1;
const HOST: u8 = 2;
const LWS: u8 = 4;
const PLAIN: u8 = 8;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut n = 0usize;
    while n < 256 {
        let byte = n as u8;
        let mut class = 0;
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
        {
            class |= TOKEN;
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            class |= HOST;
        }
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            class |= LWS;
        }
        if byte > b' ' && !matches!(byte, b';' | b'"' | b',' | b'<' | b'>') {
            class |= PLAIN;
        }
        #[expect(clippy::indexing_slicing, reason = "n < 256, at compile time")]
        {
            classes[n] = class;
        }
        n += 1;
    }
    classes
};

fn is(byte: u8, class: u8) -> bool {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default() & class != 0
}

/// SP, HTAB, and the CR and LF of a fold.
pub(crate) fn is_lws(byte: u8) -> bool {
    is(byte, LWS)
}

/// A byte of a token.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    is(byte, TOKEN)
}

/// A byte of a host name or IPv4 address; phones put `_` there too.
pub(crate) fn is_host_byte(byte: u8) -> bool {
    is(byte, HOST)
}

/// A token of at least one byte.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// Without white space at the start.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_lws(*first)
    {
        bytes = rest;
    }
    bytes
}

/// Without white space at both ends.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let mut bytes = trim_start(bytes);
    while let [rest @ .., last] = bytes
        && is_lws(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Every fold made one space (RFC 3261 §7.3.1), trimmed.
pub(crate) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    let value = trim(value);
    if memchr::memchr2(b'\r', b'\n', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(trim(before));
        out.push(b' ');
        rest = trim(after);
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// An unsigned decimal number up to `max`, digits only.
pub(crate) fn number(digits: &[u8], max: u64) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let mut sum = 0u64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        // Saturation keeps an overlong number over every maximum.
        sum = sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    }
    (sum <= max).then_some(sum)
}

/// Like [`number`] for 32 bits (delta-seconds).
pub(crate) fn number_u32(digits: &[u8]) -> Option<u32> {
    number(digits, u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok())
}

/// Splits at the first `at`, which is expected near the start.
pub(crate) fn split_early(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let n = bytes.iter().position(|&b| b == at)?;
    let (before, after) = bytes.split_at_checked(n)?;
    Some((before, after.get(1..)?))
}

/// Splits at the first `at`.
pub(crate) fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let n = memchr::memchr(at, bytes)?;
    let (before, after) = bytes.split_at_checked(n)?;
    Some((before, after.get(1..)?))
}

/// The text up to the first white space, and the trimmed rest.
pub(crate) fn split_word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&b| is_lws(b)).unwrap_or(bytes.len());
    let (word, rest) = bytes.split_at(end);
    (word, trim(rest))
}

/// Where a quoted string that starts at the first byte (a quote) ends: one past its closing quote.
pub(crate) fn quoted_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The first `separator` that stands outside quotes and, if asked for, outside `<…>`.
fn find_outside(bytes: &[u8], separator: u8, angles: bool) -> Option<usize> {
    let mut at = 0;
    let mut inside = false;
    loop {
        let rest = bytes.get(at..)?;
        if inside {
            at += memchr::memchr(b'>', rest)? + 1;
            inside = false;
            continue;
        }
        at += memchr::memchr3(separator, b'"', if angles { b'<' } else { separator }, rest)?;
        match bytes.get(at) {
            Some(b'"') => at += quoted_end(bytes.get(at..)?)?,
            Some(b'<') if separator != b'<' => {
                inside = true;
                at += 1;
            }
            Some(_) | None => return Some(at),
        }
    }
}

/// The values of one header line, split at commas outside quotes and `<…>`, trimmed.
#[derive(Clone, Debug)]
pub(crate) struct List<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> List<'a> {
    pub(crate) fn new(value: &'a [u8]) -> Self {
        Self { rest: Some(value) }
    }
}

impl<'a> Iterator for List<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let all = self.rest.take()?;
        // Most lines hold one value: no comma, no need to look at quotes.
        let at = memchr::memchr(b',', all).and_then(|_| find_outside(all, b',', true));
        let Some(at) = at else { return Some(trim(all)) };
        let (value, after) = all.split_at_checked(at)?;
        self.rest = after.get(1..);
        Some(trim(value))
    }
}

/// A parameter: `name` or `name=value`. The value is as written, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    /// As written.
    pub name: &'a [u8],
    /// As written, trimmed; `None` without `=`.
    pub value: Option<&'a [u8]>,
}

/// Parameters after `;`, in order. The empty piece behind a last `;` is passed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a> {
    rest: &'a [u8],
    separator: u8,
}

impl<'a> Params<'a> {
    /// `bytes` begins behind the thing the parameters belong to, with `;` or nothing.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let bytes = trim(bytes);
        Self { rest: bytes.strip_prefix(b";").unwrap_or(bytes), separator: b';' }
    }

    /// Parameters separated by commas (credentials, challenges).
    pub(crate) fn commas(bytes: &'a [u8]) -> Self {
        Self { rest: trim(bytes), separator: b',' }
    }

    /// The first parameter of this name, case-insensitive.
    pub fn named(self, name: &str) -> Option<Param<'a>> {
        let mut all = self;
        all.find(|p| p.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The value of the first parameter of this name. Empty when it has none.
    pub fn value(self, name: &str) -> Option<&'a [u8]> {
        self.named(name).map(|p| p.value.unwrap_or_default())
    }

    /// Every piece behind `;` is `token` or `token=value`, the value a whole quoted string or
    /// without white space, quotes and list separators, and accepted; nothing stands empty but the
    /// end.
    pub(crate) fn are_good(self, mut accepts: impl FnMut(Param<'a>) -> bool) -> bool {
        let mut rest = trim_start(self.rest);
        while !rest.is_empty() {
            let Some((param, after)) = good_param(rest) else { return false };
            if !accepts(param) {
                return false;
            }
            rest = after;
        }
        true
    }
}

/// A good parameter and what follows it and its semicolon.
fn good_param(bytes: &[u8]) -> Option<(Param<'_>, &[u8])> {
    let end = bytes.iter().take_while(|&&b| is_token_byte(b)).count();
    let (name, rest) = bytes.split_at_checked(end).filter(|_| end > 0)?;
    let mut param = Param { name, value: None };
    let mut rest = trim_start(rest);
    if let [b'=', value @ ..] = rest {
        let value = trim_start(value);
        let end = match value.first() {
            Some(b'"') => quoted_end(value)?,
            Some(_) | None => value.iter().take_while(|&&b| is(b, PLAIN)).count(),
        };
        let (value, after) = value.split_at_checked(end)?;
        param.value = Some(value);
        rest = trim_start(after);
    }
    match rest {
        [] => Some((param, rest)),
        [b';', after @ ..] => Some((param, trim_start(after))),
        [_, ..] => None,
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Param<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = find_outside(self.rest, self.separator, false).unwrap_or(self.rest.len());
        let (piece, after) = self.rest.split_at_checked(end)?;
        self.rest = trim(after.get(1..).unwrap_or_default());
        Some(match split_once(piece, b'=') {
            Some((name, value)) => Param { name: trim(name), value: Some(trim(value)) },
            None => Param { name: trim(piece), value: None },
        })
    }
}

/// A quoted string without quotes and backslashes; anything else as it is.
pub(crate) fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let Some(inner) = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")) else {
        return Cow::Borrowed(value);
    };
    if memchr::memchr(b'\\', inner).is_none() {
        return unfold(inner);
    }
    let unfolded = unfold(inner);
    let mut out = Vec::with_capacity(unfolded.len());
    let mut bytes = unfolded.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next()),
            plain => out.push(plain),
        }
    }
    Cow::Owned(out)
}

/// Percent escapes decoded once; a `%` without two hex digits stays as it is.
pub(crate) fn percent_decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'%', bytes) else { return Cow::Borrowed(bytes) };
    let (plain, mut rest) = bytes.split_at(first);
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(plain);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%'
            && let [high, low, tail @ ..] = after
            && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
        {
            out.push(high * 16 + low);
            rest = tail;
        } else {
            out.push(byte);
        }
    }
    Cow::Owned(out)
}

/// The value of a hex digit.
pub(crate) fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(value: &str) -> Vec<String> {
        List::new(value.as_bytes()).map(|v| String::from_utf8_lossy(v).into_owned()).collect()
    }

    #[test]
    fn lists_split_outside_quotes_and_angles() {
        let cases: [(&str, &[&str]); 6] = [
            ("a, b ,c", &["a", "b", "c"]),
            ("\"x,y\" <sip:a,b@c>, <sip:d>", &["\"x,y\" <sip:a,b@c>", "<sip:d>"]),
            ("\"a\\\",b\", c", &["\"a\\\",b\"", "c"]),
            ("a,,b", &["a", "", "b"]),
            ("", &[""]),
            ("\"open, never closed", &["\"open, never closed"]),
        ];
        for (value, expected) in cases {
            assert_eq!(list(value), expected, "{value}");
        }
    }

    #[test]
    fn parameters_keep_quotes_and_order() {
        let params = Params::new(b" ; a=1;b ;\r\n c = \"x;y\"; d=;");
        let seen: Vec<_> = params
            .map(|p| {
                format!(
                    "{}={:?}",
                    p.name.escape_ascii(),
                    p.value.map(<[u8]>::escape_ascii).map(|v| v.to_string())
                )
            })
            .collect();
        assert_eq!(
            seen,
            ["a=Some(\"1\")", "b=None", "c=Some(\"\\\\\\\"x;y\\\\\\\"\")", "d=Some(\"\")"]
        );
        assert!(params.are_good(|_| true));
        assert!(!Params::new(b";;a").are_good(|_| true));
        assert!(!Params::new(b";a=\"x").are_good(|_| true));
        assert!(params.are_good(|p| p.value != Some(b"2")));
        assert!(!params.are_good(|p| p != Param { name: b"c", value: Some(b"\"x;y\"") }));
        assert_eq!(params.value("C"), Some(&b"\"x;y\""[..]));
    }

    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(&*percent_decode(b"a%2540%zz%4"), b"a%40%zz%4");
        assert_eq!(&*unquote(br#""a \"b\" \\ c""#), br#"a "b" \ c"#);
    }

    #[test]
    fn folds_become_one_space() {
        assert_eq!(&*unfold(b" a \r\n\t b\r\n c"), b"a b c");
    }

    #[test]
    fn numbers_have_digits_only() {
        assert_eq!(number(b"0068", 70), Some(68));
        for bad in [&b""[..], b"+1", b"-1", b"1 ", b"18446744073709551616", b"71"] {
            assert_eq!(number(bad, 70), None, "{bad:?}");
        }
    }
}
