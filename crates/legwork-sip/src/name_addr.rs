//! `name-addr` and bare `addr-spec` with header parameters: From, To, Contact, Route, ….
//!
//! Not here: the URI itself (`uri`); what one header demands beyond this (`header`).
//! Source: RFC 3261 §20.10, §25.1.

use std::borrow::Cow;

use crate::header::HeaderError;
use crate::scan::{self, Param, Params};
use crate::uri::Uri;

/// One address with its display name and header parameters.
#[derive(Clone, Copy, Debug)]
pub struct NameAddr<'a> {
    raw: &'a [u8],
    display: &'a [u8],
    uri: Uri<'a>,
    params: Params<'a>,
    bare: bool,
}

impl<'a> NameAddr<'a> {
    /// Reads one address. In a bare one everything from the first `;` on is header parameters, and
    /// a `?` is refused (RFC 3261 §20).
    ///
    /// Display names need not be tokens (phones send what they like), but an unquoted one has no
    /// comma, semicolon or quote.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(value: &'a [u8]) -> Result<Self, HeaderError> {
        Self::parse_if(value, |_| true)
    }

    /// Like `parse`, and all header parameters must be accepted.
    pub(crate) fn parse_if(
        value: &'a [u8],
        accepts: impl FnMut(Param<'a>) -> bool,
    ) -> Result<Self, HeaderError> {
        let parsed = Self::parse_loose(value)?;
        if parsed.bare && parsed.uri.has_headers() {
            return Err(HeaderError::Malformed);
        }
        if !parsed.params.are_good(accepts) {
            return Err(HeaderError::Malformed);
        }
        Ok(parsed)
    }

    /// Like `parse`, but a bare URI may have headers, and parameters are not looked at.
    pub(crate) fn parse_loose(value: &'a [u8]) -> Result<Self, HeaderError> {
        let raw = scan::trim(value);
        let open = open_angle(raw).ok_or(HeaderError::Malformed)?;
        let Some(open) = open else {
            let end = memchr::memchr(b';', raw).unwrap_or(raw.len());
            let (uri, params) = raw.split_at(end);
            let uri = Uri::parse(scan::trim(uri))?;
            return Ok(Self { raw, display: b"", uri, params: Params::new(params), bare: true });
        };
        let (display, rest) = raw.split_at(open);
        let rest = rest.get(1..).unwrap_or_default();
        let (uri, params) = scan::split_once(rest, b'>').ok_or(HeaderError::Malformed)?;
        let params = scan::trim(params);
        if !matches!(params.first(), None | Some(b';')) {
            return Err(HeaderError::Malformed);
        }
        Ok(Self {
            raw,
            display: scan::trim(display),
            uri: Uri::parse(uri)?,
            params: Params::new(params),
            bare: false,
        })
    }

    /// The whole value as written, trimmed.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// The URI.
    pub fn uri(&self) -> Uri<'a> {
        self.uri
    }

    /// The display name without quotes and escapes; `None` when there is none or it is empty.
    pub fn display_name(&self) -> Option<Cow<'a, [u8]>> {
        let name = match self.display.first()? {
            b'"' => scan::unquote(self.display),
            _ => scan::unfold(self.display),
        };
        (!name.is_empty()).then_some(name)
    }

    /// The `tag` parameter, if it has a value.
    pub fn tag(&self) -> Option<&'a [u8]> {
        self.param("tag").filter(|tag| !tag.is_empty())
    }

    /// The header parameters.
    pub fn params(&self) -> Params<'a> {
        self.params
    }

    /// The first header parameter of this name, case-insensitive; an empty value when it has none.
    pub fn param(&self, name: &str) -> Option<&'a [u8]> {
        self.params.value(name)
    }

    /// The `expires` parameter of a Contact, in seconds.
    ///
    /// # Errors
    /// `Malformed` when it is no number of 32 bits.
    pub fn expires(&self) -> Result<Option<u32>, HeaderError> {
        match self.param("expires") {
            None => Ok(None),
            Some(digits) => scan::number_u32(digits).map(Some).ok_or(HeaderError::Malformed),
        }
    }

    /// The address stands without angle brackets.
    pub fn is_bare(&self) -> bool {
        self.bare
    }
}

/// Where `<` stands behind a good display name; `Some(None)` for a bare address.
fn open_angle(raw: &[u8]) -> Option<Option<usize>> {
    if raw.first() == Some(&b'<') {
        return Some(Some(0));
    }
    if raw.first() == Some(&b'"') {
        let end = scan::quoted_end(raw)?;
        let rest = raw.get(end..)?;
        let blank = rest.iter().take_while(|&&b| scan::is_lws(b)).count();
        return (rest.get(blank) == Some(&b'<')).then_some(Some(end + blank));
    }
    // A `;` that comes first belongs to a bare address, whatever its parameters hold.
    let Some(first) = memchr::memchr3(b'<', b';', b'"', raw) else { return Some(None) };
    match raw.get(first) {
        Some(b'<') => {
            let display = raw.get(..first)?;
            (!display.iter().any(|b| matches!(b, b',' | b'>'))).then_some(Some(first))
        }
        Some(b';') => Some(None),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &str) -> String {
        match NameAddr::parse(value.as_bytes()) {
            Err(error) => format!("{error:?}"),
            Ok(n) => format!(
                "{} | {} | {}",
                n.display_name().map_or_else(|| "-".to_owned(), |d| d.escape_ascii().to_string()),
                n.uri().as_bytes().escape_ascii(),
                n.tag().map_or_else(|| "-".to_owned(), |t| t.escape_ascii().to_string()),
            ),
        }
    }

    #[test]
    fn addresses() {
        let table = [
            ("sip:a@h;tag=1", "- | sip:a@h | 1"),
            ("<sip:a@h;x=1>;tag=2", "- | sip:a@h;x=1 | 2"),
            ("caller<sip:a@h>;tag=323", "caller | sip:a@h | 323"),
            ("Dr. A/B (c) <sip:a@h>", "Dr. A/B (c) | sip:a@h | -"),
            ("\"a, \\\"b\\\" <x>\"  <sip:a@h>\r\n ;\r\n tag = 3", "a, \"b\" <x> | sip:a@h | 3"),
            ("\"\" <sip:a@h>;", "- | sip:a@h | -"),
            ("Bell, Alexander <sip:a@h>;tag=43", "Malformed"),
            ("\"Mr. J. User <sip:a@h>", "Malformed"),
            ("sip:user@example.com?Route=%3Csip:sip.example.com%3E", "Malformed"),
            (
                "<sip:user@example.com?Route=%3Csip:x%3E>",
                "- | sip:user@example.com?Route=%3Csip:x%3E | -",
            ),
            ("\"Joe\" <sip:joe@example.org>;;;;", "Malformed"),
            ("<sip:a@h> x", "Malformed"),
            ("<sip:a@h", "Malformed"),
            ("/", "Malformed"),
            ("", "Malformed"),
            ("< sip:a@h >", "Malformed"),
            ("sip:a@h;+sip.instance=\"<urn:x>\"", "- | sip:a@h | -"),
            ("a;b <sip:a@h>", "Malformed"),
            ("isbn:2983792873", "- | isbn:2983792873 | -"),
        ];
        for (value, expected) in table {
            let expected = expected.replace('"', "\\\"");
            assert_eq!(show(value), expected, "{value}");
        }
    }

    #[test]
    fn latin_1_and_nul_in_a_display_name_do_no_harm() {
        let n = NameAddr::parse(b"\"J\xfcrg\0\" <sip:a@h>;tag=1").unwrap();
        assert_eq!(n.display_name().as_deref(), Some(&b"J\xfcrg\0"[..]));
    }

    #[test]
    fn expires_of_a_contact() {
        let expires = |v: &'static str| NameAddr::parse(v.as_bytes()).unwrap().expires();
        assert_eq!(expires("<sip:a@h>;expires=60"), Ok(Some(60)));
        assert_eq!(expires("<sip:a@h>"), Ok(None));
        assert_eq!(expires("<sip:a@h>;expires=280297596632815"), Err(HeaderError::Malformed));
        assert_eq!(expires("<sip:a@h>;expires=-1"), Err(HeaderError::Malformed));
    }
}
