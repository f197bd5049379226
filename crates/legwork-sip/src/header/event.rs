//! Event: the package of a subscription.
//!
//! Not here: the state of the subscription (`subscription_state`, `usage`).
//! Source: RFC 6665 §8.2.1, RFC 3515 §2.4.6.

use crate::header::HeaderError;
use crate::scan::{self, Params};

/// An event package with its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventType<'a> {
    /// `refer`, `dialog`, …: case-sensitive.
    pub package: &'a [u8],
    /// The `id` parameter: of a REFER subscription, the CSeq number of that REFER.
    pub id: Option<&'a [u8]>,
}

impl<'a> EventType<'a> {
    /// Reads an Event value.
    ///
    /// # Errors
    /// `Malformed` unless the package is a token.
    pub fn parse(value: &'a [u8]) -> Result<Self, HeaderError> {
        let value = scan::trim(value);
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let (package, params) = value.split_at(end);
        let package = scan::trim(package);
        if !scan::is_token(package) {
            return Err(HeaderError::Malformed);
        }
        Ok(Self { package, id: Params::new(params).value("id") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_ids() {
        let refer = EventType::parse(b"refer ; id=93809824").unwrap();
        assert_eq!((refer.package, refer.id), (&b"refer"[..], Some(&b"93809824"[..])));
        assert_eq!(EventType::parse(b"dialog").unwrap().id, None);
        assert_eq!(EventType::parse(b";id=1"), Err(HeaderError::Malformed));
        assert_eq!(EventType::parse(b""), Err(HeaderError::Malformed));
    }
}
