//! Values that are written as text in the configuration, each with its unit and range.
//!
//! Not here: which key takes which (`file`), what they add up to (`meaning`).
//! Source: the configuration reference in the README.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use legwork_call::config::{Identity, Network};
use legwork_call::sid::AccountSid;
use legwork_media::offer_answer::Codec;
use legwork_sip::Transport;
use legwork_sip::uri::Uri;
use legwork_twiml::Method;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use url::Url;

/// A value with a notation of its own.
pub trait Notation: Sized {
    /// What it looks like, for the error message.
    const LIKE: &'static str;

    /// Reads it. Nothing: it is not that.
    fn read(text: &str) -> Option<Self>;
}

/// A value written as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<T>(pub T);

impl<'de, T: Notation> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsString<T>(std::marker::PhantomData<T>);

        impl<T: Notation> Visitor<'_> for AsString<T> {
            type Value = Text<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a string: {}", T::LIKE)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
                let unfit = || E::custom(format_args!("`{text}` is not {}", T::LIKE));
                T::read(text.trim()).map(Text).ok_or_else(unfit)
            }
        }

        deserializer.deserialize_str(AsString(std::marker::PhantomData))
    }
}

/// A length of time: whole `ms`, `s`, `m`, `h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period(pub Duration);

impl Notation for Period {
    const LIKE: &'static str = "a length of time such as \"15s\", \"500ms\", \"30m\" or \"1h\"";

    fn read(text: &str) -> Option<Self> {
        let at = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(at);
        let number: u64 = number.parse().ok()?;
        let ms = match unit.trim() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        Some(Self(Duration::from_millis(number.checked_mul(ms)?)))
    }
}

/// Where SIP is listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SipListen {
    /// A transport that is built.
    Built(Transport, SocketAddr),
    /// `tls://`, not built yet.
    Tls(SocketAddr),
}

impl Notation for SipListen {
    const LIKE: &'static str =
        "udp://, tcp:// or tls:// with an IP address and a port, such as \"udp://0.0.0.0:5060\"";

    fn read(text: &str) -> Option<Self> {
        let (scheme, address) = text.split_once("://")?;
        let address = address.parse().ok()?;
        match scheme {
            "udp" => Some(Self::Built(Transport::Udp, address)),
            "tcp" => Some(Self::Built(Transport::Tcp, address)),
            "tls" => Some(Self::Tls(address)),
            _ => None,
        }
    }
}

/// A name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DnsServer(pub SocketAddr);

impl Notation for DnsServer {
    const LIKE: &'static str =
        "the IP address of a name server, such as \"192.0.2.53\" or \"127.0.0.1:5300\"";

    fn read(text: &str) -> Option<Self> {
        let standard = || Some(SocketAddr::new(text.parse().ok()?, 53));
        let address: SocketAddr = text.parse().ok().or_else(standard)?;
        (address.port() != 0).then_some(Self(address))
    }
}

/// Where HTTP is listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpListen {
    /// `https`, not built yet.
    pub tls: bool,
    /// The address.
    pub address: SocketAddr,
}

impl Notation for HttpListen {
    const LIKE: &'static str =
        "http:// or https:// with an IP address and a port, such as \"http://127.0.0.1:8080\"";

    fn read(text: &str) -> Option<Self> {
        let (scheme, address) = text.trim_end_matches('/').split_once("://")?;
        let tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        Some(Self { tls, address: address.parse().ok()? })
    }
}

/// A range of UDP ports, both ends included: the first even, the last odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    /// The first, even.
    pub first: u16,
    /// The last, odd.
    pub last: u16,
}

impl PortRange {
    /// How many ports it has.
    pub fn len(self) -> usize {
        usize::from(self.last).saturating_sub(usize::from(self.first)) + 1
    }

    /// It has none: never so.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl Notation for PortRange {
    const LIKE: &'static str =
        "a range of at least 4 ports from 1024 on that begins even, such as \"10000-59999\"";

    fn read(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        // An even last port would be an RTP port without its RTCP port.
        let last = if last % 2 == 0 { last.checked_sub(1)? } else { last };
        let range = Self { first, last };
        (first >= 1024 && first % 2 == 0 && last > first && range.len() >= 4).then_some(range)
    }
}

impl Notation for Network {
    const LIKE: &'static str = "an address or a range such as \"192.0.2.1\" or \"198.51.100.0/24\"";

    fn read(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok()?,
            None => longest,
        };
        (prefix <= longest).then_some(Self { address, prefix })
    }
}

impl Notation for IpAddr {
    const LIKE: &'static str = "an IP address such as \"203.0.113.10\"";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Notation for AccountSid {
    const LIKE: &'static str = "an account SID: AC and 32 lower-case hex digits";

    fn read(text: &str) -> Option<Self> {
        Self::from_str(text).ok()
    }
}

impl Notation for Codec {
    const LIKE: &'static str = "one of \"PCMU\", \"PCMA\", \"G722\", \"opus\"";

    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "pcmu" => Some(Self::Pcmu),
            "pcma" => Some(Self::Pcma),
            "g722" => Some(Self::G722),
            "opus" => Some(Self::Opus),
            _ => None,
        }
    }
}

impl Notation for Method {
    const LIKE: &'static str = "\"GET\" or \"POST\"";

    fn read(text: &str) -> Option<Self> {
        match text {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            _ => None,
        }
    }
}

/// Who understands callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The program.
    PocketSphinx,
    /// An endpoint that speaks OpenAI's API, and the program where it does not answer.
    OpenAi,
}

impl Notation for Engine {
    const LIKE: &'static str = "\"pocketsphinx\" or \"openai\"";

    fn read(text: &str) -> Option<Self> {
        match text {
            "pocketsphinx" => Some(Self::PocketSphinx),
            "openai" => Some(Self::OpenAi),
            _ => None,
        }
    }
}

/// An absolute `http` or `https` URL, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl(pub String);

impl Notation for WebUrl {
    const LIKE: &'static str = "an absolute URL such as \"https://app.example.com/voice\"";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
        usable.then(|| Self(text.to_owned()))
    }
}

/// An absolute URL of a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSocketUrl(pub String);

impl Notation for WebSocketUrl {
    const LIKE: &'static str = "a WebSocket's URL such as \"wss://agent.example.com/stream\"";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let usable = matches!(url.scheme(), "ws" | "wss") && url.has_host();
        usable.then(|| Self(text.to_owned()))
    }
}

/// A bucket of an S3-compatible store, and what stands before the names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketUrl {
    /// The bucket.
    pub bucket: String,
    /// Without slashes at its ends; empty: none.
    pub prefix: String,
}

impl Notation for BucketUrl {
    const LIKE: &'static str =
        "a bucket such as \"s3://bank-recordings\" or \"s3://bank/recordings\"";

    fn read(text: &str) -> Option<Self> {
        let (bucket, prefix) = match text.strip_prefix("s3://")?.split_once('/') {
            Some((bucket, prefix)) => (bucket, prefix.trim_matches('/')),
            None => (text.strip_prefix("s3://")?, ""),
        };
        let is_name =
            |b: u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_');
        let fits = (3..=63).contains(&bucket.len()) && bucket.bytes().all(is_name);
        let parts = || prefix.split('/');
        let fits_prefix = prefix.is_empty()
            || prefix.len() <= 256
                && parts().all(|part| !matches!(part, "" | "." | ".."))
                && parts().all(|part| part.bytes().all(is_name));
        let prefix = prefix.to_owned();
        (fits && fits_prefix).then(|| Self { bucket: bucket.to_owned(), prefix })
    }
}

/// So many bytes: whole `kB`, `MB`, `GB`, powers of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl Notation for Size {
    const LIKE: &'static str = "a size such as \"256MB\" or \"1GB\"";

    fn read(text: &str) -> Option<Self> {
        let at = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(at);
        let bytes: u64 = match unit.trim() {
            "kB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(bytes).map(Self)
    }
}

/// A phone number as E.164 writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct E164(pub String);

impl Notation for E164 {
    const LIKE: &'static str = "a number in E.164 form such as \"+815012345678\"";

    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fits = (3..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

/// Which numbers go out through a trunk: E.164, `*` at the end for any rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPattern(pub String);

impl Notation for NumberPattern {
    const LIKE: &'static str = "a number or the start of numbers such as \"+81*\" or \"*\"";

    fn read(text: &str) -> Option<Self> {
        let head = text.strip_suffix('*').unwrap_or(text);
        let digits = head.strip_prefix('+').unwrap_or(head);
        let fits =
            !text.is_empty() && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

/// The start of numbers: `+` and digits, or either, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix(pub String);

impl Notation for Prefix {
    const LIKE: &'static str = "the start of a number such as \"+81\", \"0\" or \"+\"";

    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let fits = digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }
}

impl Notation for Identity {
    const LIKE: &'static str = "one of \"pai\", \"rpid\", \"none\"";

    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "pai" => Some(Self::Pai),
            "rpid" => Some(Self::Rpid),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// A SIP or SIPS URI, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipUri(pub String);

impl Notation for SipUri {
    const LIKE: &'static str = "a SIP URI such as \"sip:sbc.carrier.example;transport=tcp\"";

    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:"))?;
        let plain = rest.bytes().all(|b| b > b' ' && b < 0x7f && !matches!(b, b'<' | b'>' | b'"'));
        let whole = plain && !rest.is_empty() && Uri::parse(text.as_bytes()).is_ok();
        whole.then(|| Self(text.to_owned()))
    }
}

/// A host name or IP literal, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(pub String);

impl Notation for HostName {
    const LIKE: &'static str = "a host name such as \"bank.example.com\"";

    fn read(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= 253
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        fits.then(|| Self(text.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers() {
        let table = [
            ("192.0.2.53", Some("192.0.2.53:53")),
            ("127.0.0.1:5300", Some("127.0.0.1:5300")),
            ("2001:db8::53", Some("[2001:db8::53]:53")),
            ("[::1]:5300", Some("[::1]:5300")),
            ("dns.example", None),
            ("", None),
        ];
        for (text, expected) in table {
            let expected = expected.map(|at| DnsServer(at.parse().unwrap()));
            assert_eq!(DnsServer::read(text), expected, "{text}");
        }
    }

    fn period(text: &str) -> Option<u128> {
        Period::read(text).map(|p| p.0.as_millis())
    }

    #[test]
    fn periods_need_a_unit() {
        let table = [
            ("15s", Some(15_000)),
            ("500ms", Some(500)),
            ("30m", Some(1_800_000)),
            ("1h", Some(3_600_000)),
            ("0s", Some(0)),
            ("15", None),
            ("s", None),
            ("", None),
            ("-1s", None),
            ("1.5s", None),
            ("15 sec", None),
            ("18446744073709551615h", None),
        ];
        for (text, expected) in table {
            assert_eq!(period(text), expected, "{text}");
        }
    }

    #[test]
    fn port_ranges_are_pairs() {
        let table = [
            ("10000-59999", Some((10_000, 59_999))),
            ("10000-60000", Some((10_000, 59_999))),
            ("10000-10003", Some((10_000, 10_003))),
            ("10000-10002", None),
            ("10001-20000", None),
            ("80-2000", None),
            ("2000-1000", None),
            ("10000", None),
            ("10000-70000", None),
        ];
        for (text, expected) in table {
            assert_eq!(PortRange::read(text).map(|r| (r.first, r.last)), expected, "{text}");
        }
    }

    #[test]
    fn networks_know_their_family() {
        let table = [
            ("127.0.0.0/8", Some(8)),
            ("192.0.2.1", Some(32)),
            ("::1", Some(128)),
            ("2001:db8::/32", Some(32)),
            ("192.0.2.0/33", None),
            ("192.0.2.0/", None),
            ("bank", None),
        ];
        for (text, expected) in table {
            assert_eq!(Network::read(text).map(|n| n.prefix), expected, "{text}");
        }
    }

    #[test]
    fn sip_uris_have_a_host() {
        for (text, fits) in [
            ("sip:sbc.example;transport=tcp", true),
            ("sips:[2001:db8::1]:5061", true),
            ("sip:", false),
            ("sip:a@", false),
            ("sip:sbc.example:99999", false),
            ("tel:+81", false),
            ("sip:a b", false),
        ] {
            assert_eq!(SipUri::read(text).is_some(), fits, "{text}");
        }
    }

    #[test]
    fn buckets_have_names_and_prefixes() {
        for (text, expected) in [
            ("s3://bank", Some(("bank", ""))),
            ("s3://bank/", Some(("bank", ""))),
            ("s3://bank/a/b/", Some(("bank", "a/b"))),
            ("s3://ba", None),
            ("s3://ba nk", None),
            ("s3://bank/../x", None),
            ("s3://bank/a//b", None),
            ("https://bank", None),
            ("bank", None),
        ] {
            let found = BucketUrl::read(text);
            let found = found.as_ref().map(|url| (url.bucket.as_str(), url.prefix.as_str()));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn sizes_have_a_unit() {
        for (text, bytes) in [
            ("256MB", Some(256_000_000)),
            ("1 GB", Some(1_000_000_000)),
            ("0kB", Some(0)),
            ("1GiB", None),
            ("1", None),
            ("99999999999999GB", None),
            ("-1MB", None),
        ] {
            assert_eq!(Size::read(text).map(|size| size.0), bytes, "{text}");
        }
    }

    #[test]
    fn prefixes_are_starts_of_numbers() {
        for (text, fits) in
            [("+81", true), ("0", true), ("+", true), ("", true), ("8 1", false), ("#31#", false)]
        {
            assert_eq!(Prefix::read(text).is_some(), fits, "{text}");
        }
    }

    #[test]
    fn listeners_are_addresses() {
        assert!(matches!(
            SipListen::read("udp://[::1]:5060"),
            Some(SipListen::Built(Transport::Udp, _))
        ));
        assert!(matches!(SipListen::read("tls://0.0.0.0:5061"), Some(SipListen::Tls(_))));
        assert_eq!(SipListen::read("udp://localhost:5060"), None);
        assert_eq!(SipListen::read("sctp://0.0.0.0:5060"), None);
        assert!(HttpListen::read("http://127.0.0.1:8080/").is_some_and(|l| !l.tls));
        assert_eq!(HttpListen::read("127.0.0.1:8080"), None);
    }
}
