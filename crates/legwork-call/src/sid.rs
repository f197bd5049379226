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
    /// `RE…`: a recording.
    RecordingSid,
    "RE"
);
sid!(
    /// `CF…`: a conference.
    ConferenceSid,
    "CF"
);
sid!(
    /// `TR…`: what was said in a recording.
    TranscriptionSid,
    "TR"
);
sid!(
    /// `MZ…`: a stream.
    StreamSid,
    "MZ"
);
sid!(
    /// `GT…`: words told while they are said.
    RealtimeTranscriptionSid,
    "GT"
);
sid!(
    /// `VX…`: a conversation with an application's agent.
    SessionSid,
    "VX"
);
sid!(
    /// `QU…`: a queue.
    QueueSid,
    "QU"
);
sid!(
    /// `SR…`: a session recorded by a recorder elsewhere.
    SiprecSid,
    "SR"
);
sid!(
    /// `SD…`: a SIP domain.
    DomainSid,
    "SD"
);
sid!(
    /// `AC…`: an account.
    AccountSid,
    "AC"
);

impl SiprecSid {
    /// Its 32 digits as a number.
    pub(crate) const fn bits(self) -> u128 {
        self.0
    }
}

impl DomainSid {
    /// Of the domain of that name, in any case: always the same, in every process (FNV-1a, 128 bits).
    pub fn of(account: AccountSid, name: &str) -> Self {
        const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let name = name.bytes().map(|byte| byte.to_ascii_lowercase());
        let bytes = account.0.to_be_bytes().into_iter().chain(name);
        Self(bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_keeps_its_sid() {
        let (one, two) = (AccountSid::from_bits(1), AccountSid::from_bits(2));
        let sid = DomainSid::of(one, "bank.example.com");
        assert_eq!(sid.to_string(), "SDe76a330470e9d360847d87dfc78a41fb");
        assert_eq!(sid, DomainSid::of(one, "BANK.example.com"));
        assert_ne!(sid, DomainSid::of(two, "bank.example.com"));
        assert_ne!(sid, DomainSid::of(one, "bank.example.org"));
    }
}
