//! CSeq, and the RAck of a PRACK that quotes one.
//!
//! Not here: which number comes next (`dialog`).
//! Source: RFC 3261 §8.1.1.5 and §20.16, RFC 3262 §7.2.

use crate::header::HeaderError;
use crate::{Method, scan};

/// A sequence number with its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CSeq {
    /// 0 to 2³¹−1.
    pub number: u32,
    /// The method; for an unknown one see [`CSeq::parse_raw`].
    pub method: Method,
}

impl CSeq {
    /// Reads a CSeq value.
    ///
    /// # Errors
    /// `Malformed`, also for a number of 2³¹ or more.
    pub fn parse(value: &[u8]) -> Result<Self, HeaderError> {
        Self::parse_raw(value).map(|(number, name)| Self { number, method: Method::parse(name) })
    }

    /// Reads a CSeq value; the method as written.
    ///
    /// # Errors
    /// `Malformed`, also for a number of 2³¹ or more.
    pub fn parse_raw(value: &[u8]) -> Result<(u32, &[u8]), HeaderError> {
        let (digits, name) = scan::split_word(scan::trim(value));
        let number = scan::number(digits, (1 << 31) - 1).and_then(|n| u32::try_from(n).ok());
        match number {
            Some(number) if scan::is_token(name) => Ok((number, name)),
            Some(_) | None => Err(HeaderError::Malformed),
        }
    }
}

/// Which reliable provisional response a PRACK acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RAck {
    /// The RSeq of the response.
    pub rseq: u32,
    /// The CSeq of the response.
    pub cseq: CSeq,
}

impl RAck {
    /// Reads a RAck value.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(value: &[u8]) -> Result<Self, HeaderError> {
        let (rseq, cseq) = scan::split_word(scan::trim(value));
        let rseq = scan::number_u32(rseq).ok_or(HeaderError::Malformed)?;
        Ok(Self { rseq, cseq: CSeq::parse(cseq)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_methods() {
        let parse = |v: &[u8]| CSeq::parse(v).ok().map(|c| (c.number, c.method));
        assert_eq!(parse(b"0009\r\n  INVITE"), Some((9, Method::Invite)));
        assert_eq!(parse(b"2147483647 BYE"), Some((2_147_483_647, Method::Bye)));
        assert_eq!(parse(b"0 X-Y"), Some((0, Method::Unknown)));
        for bad in ["2147483648 BYE", "1", "1 ", " INVITE", "-1 BYE", "1 IN VITE", "", "1 @"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        let long = format!("1 {}", "A".repeat(4000));
        assert_eq!(parse(long.as_bytes()), Some((1, Method::Unknown)));
    }

    #[test]
    fn rack() {
        let expected = RAck { rseq: 7, cseq: CSeq { number: 1, method: Method::Invite } };
        assert_eq!(RAck::parse(b"7 1 INVITE"), Ok(expected));
        assert_eq!(RAck::parse(b"7 INVITE"), Err(HeaderError::Malformed));
    }
}
