//! One Via value: transport, sent-by, branch.
//!
//! Not here: writing our own Via and filling in `received` and `rport` (`message::print`).
//! Source: RFC 3261 §20.42, RFC 3581.

use crate::header::HeaderError;
use crate::scan::{self, Params};
use crate::uri;

/// One hop of a message's way.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    raw: &'a [u8],
    transport: &'a [u8],
    host: &'a [u8],
    port: Option<u16>,
    params: Params<'a>,
}

impl<'a> Via<'a> {
    /// Reads one Via value.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn parse(value: &'a [u8]) -> Result<Self, HeaderError> {
        let raw = scan::trim(value);
        Self::read(raw).ok_or(HeaderError::Malformed)
    }

    fn read(raw: &'a [u8]) -> Option<Self> {
        // Nearly everyone writes it so; RFC 3261 §25.1 allows blanks and any case.
        let rest = match raw.strip_prefix(b"SIP/2.0/") {
            Some(rest) => rest,
            None => odd_protocol(raw)?,
        };
        let rest = scan::trim_start(rest);
        let word = rest.iter().take_while(|&&b| scan::is_token_byte(b)).count();
        let (transport, rest) = rest.split_at_checked(word)?;
        let blank = rest.first().copied().is_some_and(scan::is_lws);
        let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
        let (sent_by, params) = rest.split_at(end);
        let (host, port) = uri::host_and_port(sent_by)?;
        let params = Params::new(params);
        let good = word > 0 && blank && params.are_good(|_| true);
        good.then_some(Self { raw, transport, host, port, params })
    }

    /// The whole value as written, trimmed.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// `UDP`, `TCP`, `TLS`, `WS`, `WSS`, or any other token.
    pub fn transport(&self) -> &'a [u8] {
        self.transport
    }

    /// The host of sent-by, IPv6 with brackets.
    pub fn host(&self) -> &'a [u8] {
        self.host
    }

    /// The port of sent-by, if written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The branch, if it has a value.
    pub fn branch(&self) -> Option<&'a [u8]> {
        self.params.value("branch").filter(|branch| !branch.is_empty())
    }

    /// The branch if it starts with the magic cookie and has more behind it (RFC 3261 §8.1.1.7).
    pub fn magic_branch(&self) -> Option<&'a [u8]> {
        let is_magic = |b: &&[u8]| {
            b.split_at_checked(7)
                .is_some_and(|(c, id)| c.eq_ignore_ascii_case(b"z9hG4bK") && !id.is_empty())
        };
        self.branch().filter(is_magic)
    }

    /// `rport` is there, with or without a value.
    pub fn has_rport(&self) -> bool {
        self.params.named("rport").is_some()
    }

    /// The value of `rport`.
    pub fn rport(&self) -> Option<u16> {
        let digits = self.params.value("rport")?;
        scan::number(digits, u64::from(u16::MAX)).and_then(|n| u16::try_from(n).ok())
    }

    /// The value of `received`: an address, IPv6 with or without brackets (RFC 5118 §4.5).
    pub fn received(&self) -> Option<&'a [u8]> {
        self.params.value("received")
    }

    /// All parameters.
    pub fn params(&self) -> Params<'a> {
        self.params
    }
}

/// What follows `SIP / 2.0 /`.
fn odd_protocol(raw: &[u8]) -> Option<&[u8]> {
    let (name, rest) = scan::split_early(raw, b'/')?;
    let (version, rest) = scan::split_early(rest, b'/')?;
    let known = scan::trim(name).eq_ignore_ascii_case(b"SIP") && scan::trim(version) == b"2.0";
    known.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &str) -> String {
        let Ok(via) = Via::parse(value.as_bytes()) else { return "bad".to_owned() };
        format!(
            "{} {} {:?} {} {} {:?} {}",
            via.transport().escape_ascii(),
            via.host().escape_ascii(),
            via.port(),
            via.branch().unwrap_or(b"-").escape_ascii(),
            via.has_rport(),
            via.rport(),
            via.received().unwrap_or(b"-").escape_ascii(),
        )
    }

    #[test]
    fn vias() {
        let table = [
            ("SIP/2.0/UDP h;branch=z9hG4bK1;rport", "UDP h None z9hG4bK1 true None -"),
            (
                "SIP / 2.0\r\n /TCP     spindle.example.com  : 99 ;\r\n  branch  =   z9hG4bK9ikj8",
                "TCP spindle.example.com Some(99) z9hG4bK9ikj8 false None -",
            ),
            (
                "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];rport=5",
                "UDP [2001:db8::9:1] None - true Some(5) [2001:db8::9:255]",
            ),
            ("SIP/2.0/UDP h;received=2001:db8::9:255", "UDP h None - false None 2001:db8::9:255"),
            ("SIP/2.0/UNKNOWN h;branch=", "UNKNOWN h None - false None -"),
            ("SIP/2.0/UDP 192.0.2.15;;,;,,", "bad"),
            ("SIP/3.0/UDP h", "bad"),
            ("SIP/2.0/UDP", "bad"),
            ("SIP/2.0/UDP h:99999", "bad"),
            ("SIP/2.0/UDP h;branch=\"a", "bad"),
            ("", "bad"),
        ];
        for (value, expected) in table {
            assert_eq!(show(value), expected, "{value}");
        }
    }

    #[test]
    fn a_magic_branch_has_more_than_the_cookie() {
        let magic = |v: &'static str| Via::parse(v.as_bytes()).unwrap().magic_branch().is_some();
        assert!(magic("SIP/2.0/UDP h;branch=z9hG4bKa"));
        assert!(!magic("SIP/2.0/UDP h;branch=z9hG4bK"));
        assert!(!magic("SIP/2.0/UDP h;branch=390skdjuw"));
    }
}
