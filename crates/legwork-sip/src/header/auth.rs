//! Credentials and challenges: a scheme word and its parameters.
//!
//! Not here: computing and checking digests (`digest`).
//! Source: RFC 3261 §20.7, §20.27, §20.28, §20.44.

use std::borrow::Cow;

use crate::header::HeaderError;
use crate::scan::{self, Params};

/// The value of Authorization, Proxy-Authorization, WWW-Authenticate or Proxy-Authenticate.
#[derive(Clone, Copy, Debug)]
pub struct Auth<'a> {
    scheme: &'a [u8],
    params: Params<'a>,
}

impl<'a> Auth<'a> {
    /// Reads one header line's value.
    ///
    /// # Errors
    /// `Malformed` unless it starts with a token.
    pub fn parse(value: &'a [u8]) -> Result<Self, HeaderError> {
        let (scheme, params) = scan::split_word(scan::trim(value));
        if !scan::is_token(scheme) {
            return Err(HeaderError::Malformed);
        }
        Ok(Self { scheme, params: Params::commas(params) })
    }

    /// The scheme word, `Digest` in any case.
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case(b"Digest")
    }

    /// The first parameter of this name, case-insensitive, without quotes.
    pub fn param(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.params.value(name).map(scan::unquote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_quotes() {
        let auth =
            Auth::parse(b"digest username=\"a\\\"b\", realm=\"x, y\",\r\n nc=00000001, qop = auth")
                .unwrap();
        assert!(auth.is_digest());
        let param = |name: &str| auth.param(name).map(Cow::into_owned);
        assert_eq!(param("username"), Some(b"a\"b".to_vec()));
        assert_eq!(param("Realm"), Some(b"x, y".to_vec()));
        assert_eq!(param("qop"), Some(b"auth".to_vec()));
        assert_eq!(param("nc"), Some(b"00000001".to_vec()));
        assert_eq!(param("opaque"), None);
        assert!(!Auth::parse(b"NoOneKnowsThisScheme opaque-data=here").unwrap().is_digest());
        assert!(Auth::parse(b"").is_err());
    }
}
