//! SIDs: two letters and 32 hex digits, as Twilio's. Digits 1–4 are the node slot.
//!
//! Source: Twilio, "Security Identifiers"; the slot lets any node of a cluster find a call's owner.

use std::fmt;
use std::str::FromStr;

/// A string that is not a SID of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASid;

impl fmt::Display for NotASid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a SID: two letters and 32 lower-case hex digits are needed")
    }
}

impl std::error::Error for NotASid {}

macro_rules! sid {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u128);

        impl $name {
            /// From its 32 digits as a number.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{:032x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotASid;

            fn from_str(s: &str) -> Result<Self, NotASid> {
                let digits = s.strip_prefix($prefix).ok_or(NotASid)?;
                let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
                if digits.len() != 32 || !digits.bytes().all(hex) {
                    return Err(NotASid);
                }
                u128::from_str_radix(digits, 16).map(Self).map_err(|_| NotASid)
            }
        }
    };
}

sid!(
    /// `CA…`: one leg.
    CallSid,
    "CA"
);
sid!(
    /// `AC…`: an account.
    AccountSid,
    "AC"
);
