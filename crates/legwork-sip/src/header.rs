//! Header names, and one file for each header that is read in detail.
//!
//! Not here: finding header lines (`message::parse`); writing them (`message::print`).
//! Source: RFC 3261 §20 and the IANA registry of SIP header fields.

pub mod auth;
pub mod cseq;
pub mod event;
pub mod refer_to;
pub mod replaces;
pub mod session_expires;
pub mod subscription_state;
pub mod via;

pub use crate::scan::{Param, Params};

/// Why a header can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderError {
    /// It is not there.
    Missing,
    /// It is there more than once and may not be.
    Several,
    /// It does not follow its grammar, or a number in it is out of range.
    Malformed,
    /// It must be UTF-8 and is not.
    NotUtf8,
}

macro_rules! names {
    ($($name:ident $text:literal $compact:literal,)+) => {
        /// Names of the headers this crate knows, compact forms included.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Name {
            $(#[doc = concat!("`", $text, "`.")] $name,)+
            /// Any other; look it up by text with `Message::named`.
            Other,
        }

        impl Name {
            /// The full name in its usual spelling. Empty for `Other`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other => "",
                }
            }
        }

        /// Every name with its compact form (0 for none).
        const NAMES: &[(Name, &str, u8)] = &[$((Name::$name, $text, $compact),)+];
    };
}

names! {
    To "To" b't',
    Via "Via" b'v',
    Date "Date" 0,
    From "From" b'f',
    Path "Path" 0,
    CSeq "CSeq" 0,
    RAck "RAck" 0,
    RSeq "RSeq" 0,
    Allow "Allow" 0,
    Event "Event" b'o',
    Route "Route" 0,
    Accept "Accept" 0,
    MinSe "Min-SE" 0,
    Reason "Reason" 0,
    Server "Server" 0,
    CallId "Call-ID" b'i',
    Contact "Contact" b'm',
    Expires "Expires" 0,
    Privacy "Privacy" 0,
    Require "Require" 0,
    Subject "Subject" b's',
    Warning "Warning" 0,
    Identity "Identity" b'y',
    ReferTo "Refer-To" b'r',
    Replaces "Replaces" 0,
    CallInfo "Call-Info" 0,
    Diversion "Diversion" 0,
    ReferSub "Refer-Sub" 0,
    Supported "Supported" b'k',
    Timestamp "Timestamp" 0,
    AlertInfo "Alert-Info" 0,
    UserAgent "User-Agent" 0,
    MinExpires "Min-Expires" 0,
    ReferredBy "Referred-By" b'b',
    RetryAfter "Retry-After" 0,
    Unsupported "Unsupported" 0,
    AllowEvents "Allow-Events" b'u',
    ContentType "Content-Type" b'c',
    HistoryInfo "History-Info" 0,
    MaxForwards "Max-Forwards" 0,
    MimeVersion "MIME-Version" 0,
    RecordRoute "Record-Route" 0,
    UserToUser "User-to-User" 0,
    Authorization "Authorization" 0,
    ProxyRequire "Proxy-Require" 0,
    ServiceRoute "Service-Route" 0,
    TargetDialog "Target-Dialog" 0,
    AcceptContact "Accept-Contact" b'a',
    ContentLength "Content-Length" b'l',
    AcceptEncoding "Accept-Encoding" 0,
    AcceptLanguage "Accept-Language" 0,
    RemotePartyId "Remote-Party-ID" 0,
    SessionExpires "Session-Expires" b'x',
    ContentEncoding "Content-Encoding" b'e',
    WwwAuthenticate "WWW-Authenticate" 0,
    ContentLanguage "Content-Language" 0,
    ProxyAuthenticate "Proxy-Authenticate" 0,
    SubscriptionState "Subscription-State" 0,
    AuthenticationInfo "Authentication-Info" 0,
    ContentDisposition "Content-Disposition" 0,
    PAssertedIdentity "P-Asserted-Identity" 0,
    ProxyAuthorization "Proxy-Authorization" 0,
    PPreferredIdentity "P-Preferred-Identity" 0,
}

/// One of 256 places for a name, from its length, first, middle and last byte. The factors keep the
/// known names apart; a test watches that.
const fn place(len: usize, first: u8, middle: u8, last: u8) -> u8 {
    const fn fold(byte: u8) -> u8 {
        byte | 0x20
    }
    (len as u8)
        .wrapping_mul(2)
        .wrapping_add(fold(first).wrapping_mul(27))
        .wrapping_add(fold(middle).wrapping_mul(2))
        .wrapping_add(fold(last))
}

/// For each place the name that may stand there.
const PLACES: [(Name, &str); 256] = {
    let mut places = [(Name::Other, ""); 256];
    let mut n = 0;
    #[expect(clippy::indexing_slicing, reason = "n < NAMES.len(), no name is empty")]
    while n < NAMES.len() {
        let (name, full, _) = NAMES[n];
        let text = full.as_bytes();
        let len = text.len();
        places[place(len, text[0], text[len / 2], text[len - 1]) as usize] = (name, full);
        n += 1;
    }
    places
};

/// Names by compact form, `a` to `z`.
const COMPACT: [Name; 26] = {
    let mut compact = [Name::Other; 26];
    let mut n = 0;
    #[expect(clippy::indexing_slicing, reason = "letters a to z, at compile time")]
    while n < NAMES.len() {
        if NAMES[n].2 != 0 {
            compact[(NAMES[n].2 - b'a') as usize] = NAMES[n].0;
        }
        n += 1;
    }
    compact
};

impl Name {
    /// Reads a name, full or compact, in any case.
    pub fn of(text: &[u8]) -> Self {
        if let [letter] = text {
            let n = (letter | 0x20).wrapping_sub(b'a');
            return COMPACT.get(usize::from(n)).copied().unwrap_or(Self::Other);
        }
        let (Some(first), Some(middle), Some(last)) =
            (text.first(), text.get(text.len() / 2), text.last())
        else {
            return Self::Other;
        };
        let place = place(text.len(), *first, *middle, *last);
        let Some((name, full)) = PLACES.get(usize::from(place)) else { return Self::Other };
        let full = full.as_bytes();
        // Nearly everyone writes the usual spelling; comparing that is cheaper.
        if full == text || full.eq_ignore_ascii_case(text) { *name } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case() {
        for (name, full, _) in NAMES {
            assert_eq!(Name::of(full.as_bytes()), *name, "{full}");
            assert_eq!(Name::of(full.to_uppercase().as_bytes()), *name, "{full}");
            assert_eq!(Name::of(full.to_lowercase().as_bytes()), *name, "{full}");
            assert_eq!(name.as_str(), *full);
        }
        for other in
            ["", "X", "X-Via", "Vio", "1", "@", "P-Preferred-Identities", "Call\rID", "To\0"]
        {
            assert_eq!(
                Name::of(other.as_bytes()),
                if other == "X" { Name::SessionExpires } else { Name::Other }
            );
        }
    }

    #[test]
    fn compact_forms() {
        let forms = "imftvclskerbxouay";
        let expected = [
            Name::CallId,
            Name::Contact,
            Name::From,
            Name::To,
            Name::Via,
            Name::ContentType,
            Name::ContentLength,
            Name::Subject,
            Name::Supported,
            Name::ContentEncoding,
            Name::ReferTo,
            Name::ReferredBy,
            Name::SessionExpires,
            Name::Event,
            Name::AllowEvents,
            Name::AcceptContact,
            Name::Identity,
        ];
        for (letter, name) in forms.bytes().zip(expected) {
            assert_eq!(Name::of(&[letter]), name);
            assert_eq!(Name::of(&[letter.to_ascii_uppercase()]), name);
        }
    }
}
