//! SIP, SIPS and TEL URIs, as borrowed views; any other scheme is kept whole.
//!
//! Not here: name-addr and header parameters (`name_addr`); whom a URI means (`legwork-call`).
//! Source: RFC 3261 §19.1 and §25.1, RFC 3966, RFC 5118 §4.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use crate::header::HeaderError;
use crate::scan::{self, Param, Params};

/// The bytes are no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadUri;

impl From<BadUri> for HeaderError {
    fn from(_: BadUri) -> Self {
        Self::Malformed
    }
}

/// What stands before the first colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    /// Any other; answered 416 where it matters.
    Other,
}

/// A URI and where its parts are.
#[derive(Clone, Copy, Debug)]
pub struct Uri<'a> {
    raw: &'a [u8],
    scheme: Scheme,
    user: Option<&'a [u8]>,
    password: Option<&'a [u8]>,
    host: &'a [u8],
    port: Option<u16>,
    params: &'a [u8],
    headers: &'a [u8],
}

/// One `name=value` behind the `?` of a URI, both decoded once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriHeader<'a> {
    /// Decoded.
    pub name: Cow<'a, [u8]>,
    /// Decoded; empty without `=`.
    pub value: Cow<'a, [u8]>,
    /// Both as written, with the `=`.
    pub raw: &'a [u8],
}

impl<'a> Uri<'a> {
    /// Reads one URI, without angle brackets and white space around it.
    ///
    /// The user part may be empty, absent, or hold any byte but white space, controls, quotes and
    /// angle brackets; it ends at the first `@`. A host is a name, an IPv4 address or a bracketed
    /// IPv6 address.
    ///
    /// # Errors
    /// [`BadUri`] without a scheme, with a byte no URI may hold, or with a bad host or port.
    pub fn parse(raw: &'a [u8]) -> Result<Self, BadUri> {
        let is_bad = |b: u8| b <= b' ' || b == 0x7f || b == b'"' || b == b'<' || b == b'>';
        // Without an early exit this runs over many bytes at once.
        if raw.iter().fold(false, |bad, &b| bad | is_bad(b)) {
            return Err(BadUri);
        }
        let (name, rest) = scan::split_early(raw, b':').ok_or(BadUri)?;
        let scheme = Scheme::of(name).ok_or(BadUri)?;
        let empty = Self {
            raw,
            scheme,
            user: None,
            password: None,
            host: b"",
            port: None,
            params: b"",
            headers: b"",
        };
        match scheme {
            Scheme::Sip | Scheme::Sips => empty.sip(rest),
            Scheme::Tel => empty.tel(rest),
            Scheme::Other => Ok(empty),
        }
    }

    fn sip(mut self, rest: &'a [u8]) -> Result<Self, BadUri> {
        let rest = match scan::split_once(rest, b'@') {
            Some((userinfo, rest)) => {
                match scan::split_once(userinfo, b':') {
                    Some((user, password)) => {
                        (self.user, self.password) = (Some(user), Some(password));
                    }
                    None => self.user = Some(userinfo),
                }
                rest
            }
            None => rest,
        };
        let end = memchr::memchr2(b';', b'?', rest).unwrap_or(rest.len());
        let (host_port, tail) = rest.split_at(end);
        if !tail.is_empty() {
            (self.params, self.headers) = scan::split_once(tail, b'?').unwrap_or((tail, b""));
        }
        (self.host, self.port) = host_and_port(host_port).ok_or(BadUri)?;
        Ok(self)
    }

    fn tel(mut self, rest: &'a [u8]) -> Result<Self, BadUri> {
        let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
        let (number, params) = rest.split_at(end);
        if number.is_empty() {
            return Err(BadUri);
        }
        self.user = Some(number);
        self.params = params;
        Ok(self)
    }

    /// The whole URI as written.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The user part as written, without password; the number of a `tel:` URI. May be empty.
    pub fn user(&self) -> Option<&'a [u8]> {
        self.user
    }

    /// The user part with escapes decoded once.
    pub fn user_decoded(&self) -> Option<Cow<'a, [u8]>> {
        self.user.map(scan::percent_decode)
    }

    /// What stands between the first colon of the user part and `@`.
    pub fn password(&self) -> Option<&'a [u8]> {
        self.password
    }

    /// The host as written, IPv6 with brackets. Empty for `tel:` and unknown schemes.
    pub fn host(&self) -> &'a [u8] {
        self.host
    }

    /// The port, 1 to 65535, if written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The URI parameters, as written.
    pub fn params(&self) -> Params<'a> {
        Params::new(self.params)
    }

    /// The first URI parameter of this name, case-insensitive; an empty value when it has none.
    pub fn param(&self, name: &str) -> Option<&'a [u8]> {
        self.params().value(name)
    }

    /// Something stands behind a `?`.
    pub fn has_headers(&self) -> bool {
        !self.headers.is_empty()
    }

    /// The headers behind `?`, in order, each decoded once.
    ///
    /// # Errors
    /// Each item: `Malformed` when the decoded name or value holds CR, LF or NUL, so that nothing
    /// can be smuggled into a message.
    pub fn headers(&self) -> impl Iterator<Item = Result<UriHeader<'a>, HeaderError>> + use<'a> {
        let bad = |bytes: &[u8]| memchr::memchr3(b'\r', b'\n', 0, bytes).is_some();
        self.headers.split(|&b| b == b'&').filter(|piece| !piece.is_empty()).map(move |raw| {
            let (name, value) = scan::split_once(raw, b'=').unwrap_or((raw, b""));
            let (name, value) = (scan::percent_decode(name), scan::percent_decode(value));
            if bad(&name) || bad(&value) {
                return Err(HeaderError::Malformed);
            }
            Ok(UriHeader { name, value, raw })
        })
    }

    /// The first header behind `?` of this name, case-insensitive, decoded once.
    pub fn header(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.headers()
            .flatten()
            .find(|h| h.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|h| h.value)
    }

    /// Equal by RFC 3261 §19.1.4 (`tel:` by RFC 3966 §4, other schemes byte by byte).
    pub fn is_equivalent(&self, other: &Uri<'_>) -> bool {
        if self.scheme != other.scheme {
            return false;
        }
        match self.scheme {
            Scheme::Other => self.raw == other.raw,
            Scheme::Tel => {
                digits(self.user).eq(digits(other.user))
                    && params_match(self, other, &["phone-context", "ext", "isub"])
            }
            Scheme::Sip | Scheme::Sips => {
                same_escaped(self.user, other.user)
                    && same_escaped(self.password, other.password)
                    && self.host.eq_ignore_ascii_case(other.host)
                    && self.port == other.port
                    && params_match(self, other, &["user", "ttl", "method", "maddr", "transport"])
                    && headers_match(self, other)
            }
        }
    }
}

impl Scheme {
    fn of(name: &[u8]) -> Option<Self> {
        if name.eq_ignore_ascii_case(b"sip") {
            return Some(Self::Sip);
        }
        if name.eq_ignore_ascii_case(b"sips") {
            return Some(Self::Sips);
        }
        if name.eq_ignore_ascii_case(b"tel") {
            return Some(Self::Tel);
        }
        let tail = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let good = name.first().is_some_and(u8::is_ascii_alphabetic) && name.iter().all(tail);
        good.then_some(Self::Other)
    }
}

/// `host [":" port]`, white space around the colon allowed (Via has it).
pub(crate) fn host_and_port(bytes: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let bytes = scan::trim(bytes);
    let host_end = if bytes.first() == Some(&b'[') {
        let end = memchr::memchr(b']', bytes)?;
        let literal = std::str::from_utf8(bytes.get(1..end)?).ok()?;
        literal.parse::<Ipv6Addr>().ok()?;
        end + 1
    } else {
        let end = bytes.iter().take_while(|&&b| scan::is_host_byte(b)).count();
        if end == 0 {
            return None;
        }
        end
    };
    let (host, rest) = bytes.split_at_checked(host_end)?;
    let rest = scan::trim_start(rest);
    if rest.is_empty() {
        return Some((host, None));
    }
    let digits = scan::trim_start(rest.strip_prefix(b":")?);
    let port = scan::number(digits, u64::from(u16::MAX)).and_then(|n| u16::try_from(n).ok())?;
    (port != 0).then_some((host, Some(port)))
}

/// The address a host literally is, IPv6 with or without brackets.
pub fn address(host: &[u8]) -> Option<IpAddr> {
    let host = host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]")).unwrap_or(host);
    let address = std::str::from_utf8(host).ok()?.parse::<IpAddr>().ok()?;
    Some(address.to_canonical())
}

/// An address as a host stands in a URI or a Via: `192.0.2.1`, `[2001:db8::1]`.
pub fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

/// The digits of a telephone number without visual separators.
fn digits(number: Option<&[u8]>) -> impl Iterator<Item = u8> {
    number
        .unwrap_or_default()
        .iter()
        .filter(|b| !matches!(b, b'-' | b'.' | b'(' | b')'))
        .map(u8::to_ascii_lowercase)
}

/// Case-sensitive; an escape equals its character unless that is reserved.
fn same_escaped(a: Option<&[u8]>, b: Option<&[u8]>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Unreserved(a).eq(Unreserved(b)),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Bytes with escapes of unreserved characters decoded; the second field marks kept escapes.
struct Unreserved<'a>(&'a [u8]);

impl Iterator for Unreserved<'_> {
    type Item = (u8, bool);

    fn next(&mut self) -> Option<(u8, bool)> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        if byte == b'%'
            && let [high, low, tail @ ..] = rest
            && let (Some(high), Some(low)) = (scan::hex_digit(*high), scan::hex_digit(*low))
        {
            self.0 = tail;
            let decoded = high * 16 + low;
            let reserved = matches!(
                decoded,
                b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b','
            );
            return Some((decoded, reserved));
        }
        Some((byte, false))
    }
}

/// Parameters in both must match; those named must be in both or in neither.
fn params_match(a: &Uri<'_>, b: &Uri<'_>, decisive: &[&str]) -> bool {
    let same = |p: Param<'_>, q: Param<'_>| {
        let (p, q) = (p.value.unwrap_or_default(), q.value.unwrap_or_default());
        scan::percent_decode(p).eq_ignore_ascii_case(&scan::percent_decode(q))
    };
    let covered = |one: &Uri<'_>, two: &Uri<'_>| {
        one.params().take(PARAMS_COMPARED).all(|p| {
            match two.params().find(|q| q.name.eq_ignore_ascii_case(p.name)) {
                Some(q) => same(p, q),
                None => !decisive.iter().any(|d| p.name.eq_ignore_ascii_case(d.as_bytes())),
            }
        })
    };
    covered(a, b) && covered(b, a)
}

/// Keeps comparing two hostile URIs linear.
const PARAMS_COMPARED: usize = 32;

/// The same headers with the same values, in any order.
fn headers_match(a: &Uri<'_>, b: &Uri<'_>) -> bool {
    let covered = |one: &Uri<'_>, two: &Uri<'_>| {
        one.headers().take(PARAMS_COMPARED).flatten().all(|h| {
            two.headers()
                .flatten()
                .any(|g| g.name.eq_ignore_ascii_case(&h.name) && g.value == h.value)
        })
    };
    a.headers == b.headers || (covered(a, b) && covered(b, a))
}

#[cfg(test)]
mod tests;
