//! Session-Expires and Min-SE.
//!
//! Not here: negotiating and refreshing (`usage::refresh`).
//! Source: RFC 4028 §4 and §5.

use crate::header::HeaderError;
use crate::scan::{self, Params};

/// Who refreshes the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refresher {
    /// The side that sent the request of this transaction.
    Uac,
    /// The side that answers it.
    Uas,
}

impl Refresher {
    /// Its value in `refresher=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uac => "uac",
            Self::Uas => "uas",
        }
    }
}

/// How long a session lives without a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionExpires {
    /// Seconds.
    pub seconds: u32,
    /// Who refreshes, if said.
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    /// Reads a Session-Expires value.
    ///
    /// # Errors
    /// `Malformed` unless it starts with a number of 32 bits.
    pub fn parse(value: &[u8]) -> Result<Self, HeaderError> {
        let value = scan::trim(value);
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let (seconds, params) = value.split_at(end);
        let seconds = scan::number_u32(scan::trim(seconds)).ok_or(HeaderError::Malformed)?;
        let refresher = match Params::new(params).value("refresher") {
            Some(who) if who.eq_ignore_ascii_case(b"uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case(b"uas") => Some(Refresher::Uas),
            Some(_) | None => None,
        };
        Ok(Self { seconds, refresher })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_refresher() {
        let parse = |v: &'static str| SessionExpires::parse(v.as_bytes());
        let expected = SessionExpires { seconds: 1800, refresher: Some(Refresher::Uas) };
        assert_eq!(parse("1800;refresher=UAS"), Ok(expected));
        assert_eq!(parse("90"), Ok(SessionExpires { seconds: 90, refresher: None }));
        for bad in ["", "x", "-1", "4294967296"] {
            assert_eq!(parse(bad), Err(HeaderError::Malformed), "{bad}");
        }
    }
}
