//! Refer-To: where a transferor wants the call to go.
//!
//! Not here: what becomes of it (`legwork-call`).
//! Source: RFC 3515 §2.1; the length rule counts neither `Replaces` nor `Require`, which the phone
//! adds by itself in an attended transfer.

use std::borrow::Cow;

use crate::header::HeaderError;
use crate::header::replaces::Replaces;
use crate::message::Message;
use crate::name_addr::NameAddr;
use crate::uri::{Scheme, Uri, UriHeader};
use crate::{header, scan};

/// The one Refer-To of a request.
#[derive(Clone, Debug)]
pub struct ReferTo<'a> {
    /// The value unfolded and trimmed, otherwise byte for byte. Always UTF-8.
    raw: Cow<'a, str>,
}

impl<'a> ReferTo<'a> {
    /// The Refer-To of a message.
    ///
    /// # Errors
    /// `Missing`, `Several` (also as a list in one line), `NotUtf8`, or `Malformed`.
    pub fn of(message: &'a Message) -> Result<Self, HeaderError> {
        let mut lines = message.headers(header::Name::ReferTo);
        let value = lines.next().ok_or(HeaderError::Missing)?;
        if lines.next().is_some() {
            return Err(HeaderError::Several);
        }
        Self::parse(value)
    }

    /// Reads one value: name-addr, or a bare URI in which `;…` are header parameters (only the
    /// first `?` part counts as URI headers).
    ///
    /// # Errors
    /// `Several` for a list, `NotUtf8`, or `Malformed`.
    pub fn parse(value: &'a [u8]) -> Result<Self, HeaderError> {
        let raw = match scan::unfold(value) {
            Cow::Borrowed(raw) => std::str::from_utf8(raw).map(Cow::Borrowed).ok(),
            Cow::Owned(raw) => String::from_utf8(raw).map(Cow::Owned).ok(),
        };
        let raw = raw.ok_or(HeaderError::NotUtf8)?;
        // A comma in a bare URI's user part is not a list; two addresses are.
        let mut list = scan::List::new(raw.as_bytes());
        list.next();
        if list.next().is_some_and(|second| NameAddr::parse_loose(second).is_ok()) {
            return Err(HeaderError::Several);
        }
        let address = NameAddr::parse_loose(raw.as_bytes())?;
        if address.uri().headers().any(|h| h.is_err()) {
            return Err(HeaderError::Malformed);
        }
        Ok(Self { raw })
    }

    /// The value unfolded and trimmed, otherwise byte for byte: what the application is told.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    fn address(&self) -> Result<NameAddr<'_>, HeaderError> {
        NameAddr::parse_loose(self.raw.as_bytes())
    }

    /// The URI, headers included.
    ///
    /// # Errors
    /// None on a value that was parsed.
    pub fn uri(&self) -> Result<Uri<'_>, HeaderError> {
        self.address().map(|a| a.uri())
    }

    /// The scheme of the URI: anything but sip, sips and tel is answered 416.
    pub fn scheme(&self) -> Scheme {
        self.uri().map_or(Scheme::Other, |uri| uri.scheme())
    }

    /// Bytes that count against the limit: `raw` without the URI headers `Replaces` and `Require`
    /// and the `?` or `&` before them.
    pub fn counted_len(&self) -> usize {
        let Ok(uri) = self.uri() else { return self.raw.len() };
        let free = |name: &[u8]| {
            name.eq_ignore_ascii_case(b"Replaces") || name.eq_ignore_ascii_case(b"Require")
        };
        let uncounted: usize =
            uri.headers().flatten().filter(|h| free(&h.name)).map(|h| h.raw.len() + 1).sum();
        self.raw.len().saturating_sub(uncounted)
    }

    /// The `method` the transferor asks for, of the URI or (bare form) of the header. `None` means
    /// INVITE; anything but INVITE is answered 603.
    pub fn method(&self) -> Option<&[u8]> {
        let address = self.address().ok()?;
        let uri = address.uri();
        uri.param("method").or_else(|| address.param("method").filter(|_| address.is_bare()))
    }

    /// `method` is absent or INVITE.
    pub fn is_invite(&self) -> bool {
        self.method().is_none_or(|m| m.eq_ignore_ascii_case(b"INVITE"))
    }

    /// The dialog an attended transfer replaces: from a URI header, else from a parameter of that
    /// name (seen in the field), escapes decoded once. `+` stays `+`.
    ///
    /// # Errors
    /// `Malformed` when there is one that can not be read.
    pub fn replaces(&self) -> Result<Option<Replaces>, HeaderError> {
        let Some(value) = self.replaces_raw()? else { return Ok(None) };
        Replaces::parse(&scan::percent_decode(&value)).map(Some)
    }

    /// The same as it stands, escapes taken for what they are not: a Call-ID may hold a `%` that a
    /// phone did not escape. None: it can not be read so, or there is none.
    pub fn replaces_unescaped(&self) -> Option<Replaces> {
        Replaces::parse(&self.replaces_raw().ok()??).ok()
    }

    fn replaces_raw(&self) -> Result<Option<Cow<'_, [u8]>>, HeaderError> {
        let address = self.address()?;
        let is_it = |h: &UriHeader<'_>| h.name.eq_ignore_ascii_case(b"Replaces");
        if let Some(header) = address.uri().headers().flatten().find(is_it) {
            let (_, value) = scan::split_once(header.raw, b'=').unwrap_or_default();
            return Ok(Some(Cow::Borrowed(value)));
        }
        let param = address.uri().param("Replaces").or_else(|| address.param("Replaces"));
        Ok(param.map(scan::unquote))
    }
}

#[cfg(test)]
mod tests;
