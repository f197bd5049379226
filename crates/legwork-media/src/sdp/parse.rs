//! Bytes to a session description.
//!
//! Not here: the model (`sdp`), the way back (`print`).
//! Source: RFC 8866 §5 and §9; more lenient where phones are.

use std::borrow::Cow;
use std::net::IpAddr;

use super::{Attribute, Connection, Encoding, Malformed, Media, Origin, Session};
use crate::limit;

impl<'a> Session<'a> {
    /// Reads a session description.
    ///
    /// Lines may end in LF alone, come in any order within their section, and `o=`, `s=`, `t=` may
    /// be missing. Lines of other types are skipped; so is a line that is not UTF-8, unless it is
    /// an `m=` line.
    ///
    /// # Errors
    /// It does not begin with `v=`, a line is not `x=…`, an `m=` line cannot be read (a port above
    /// 65535 for one), or a limit is exceeded.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > limit::SDP_BYTES {
            return Err(Malformed);
        }
        let mut session = Self::default();
        let mut n_lines = 0;
        for line in bytes.split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            n_lines += 1;
            let [kind, b'=', value @ ..] = line else { return Err(Malformed) };
            if n_lines > limit::SDP_LINES || (n_lines == 1 && *kind != b'v') {
                return Err(Malformed);
            }
            session.line(*kind, std::str::from_utf8(value).map_err(|_| Malformed))?;
        }
        if n_lines == 0 { Err(Malformed) } else { Ok(session) }
    }

    fn line(&mut self, kind: u8, value: Result<&'a str, Malformed>) -> Result<(), Malformed> {
        if kind == b'm' {
            if self.media.len() == limit::SDP_MEDIA {
                return Err(Malformed);
            }
            self.media.push(media(value?).ok_or(Malformed)?);
            return Ok(());
        }
        let Ok(value) = value else { return Ok(()) };
        let stream = self.media.last_mut();
        match kind {
            b'o' => self.origin = origin(value),
            b'c' => {
                let connection = match stream {
                    Some(stream) => &mut stream.connection,
                    None => &mut self.connection,
                };
                // Several `c=` are layers of a multicast session: the first is ours.
                *connection = connection.or_else(|| network_address(value));
            }
            b'a' => {
                let attributes = match stream {
                    Some(stream) => &mut stream.attributes,
                    None => &mut self.attributes,
                };
                attributes.push(attribute(value));
            }
            _ => {}
        }
        Ok(())
    }
}

fn origin(value: &str) -> Option<Origin<'_>> {
    let mut words = value.splitn(4, ' ');
    let (username, session_id, version) = (words.next()?, words.next()?, words.next()?);
    Some(Origin {
        username: Cow::Borrowed(username),
        session_id: Cow::Borrowed(session_id),
        version: Cow::Borrowed(version),
        address: network_address(words.next()?)?,
    })
}

/// `IN IP4 192.0.2.1/127`.
fn network_address(value: &str) -> Option<Connection<'_>> {
    let mut words = value.split_ascii_whitespace();
    let (_in, _family, address) = (words.next()?, words.next()?, words.next()?);
    let host = address.split('/').next()?;
    Some(host.parse().map_or(Connection::Name(host), Connection::Ip))
}

fn attribute(value: &str) -> Attribute<'_> {
    match value.split_once(':') {
        Some((name, value)) => Attribute::new(name.trim_end(), value),
        None => Attribute::flag(value.trim_end()),
    }
}

/// `audio 49170/2 RTP/AVP 0 8`.
fn media(value: &str) -> Option<Media<'_>> {
    let mut words = value.split_ascii_whitespace();
    let kind = words.next()?;
    let port = words.next()?.split('/').next()?.parse().ok()?;
    let transport = words.next()?;
    let formats: Vec<_> = words.map(Cow::Borrowed).take(limit::SDP_FORMATS + 1).collect();
    if formats.len() > limit::SDP_FORMATS {
        return None;
    }
    Some(Media { kind, port, transport, formats, connection: None, attributes: Vec::new() })
}

/// Value of `a=rtpmap`: `111 opus/48000/2`.
pub(super) fn encoding(value: &str) -> Option<Encoding<'_>> {
    let (payload, rest) = value.trim().split_once(' ')?;
    let mut parts = rest.trim().split('/');
    let name = parts.next()?;
    let clock_hz = parts.next()?.trim().parse().ok()?;
    let channels = match parts.next() {
        Some(channels) => channels.trim().parse().ok()?,
        None => 1,
    };
    Some(Encoding { payload: payload.parse().ok()?, name, clock_hz, channels })
}

/// Value of `a=rtcp`: `53020 IN IP4 126.16.64.4`.
pub(super) fn rtcp(value: &str) -> Option<(u16, Option<IpAddr>)> {
    let value = value.trim();
    let (port, address) = value.split_once(' ').unwrap_or((value, ""));
    let address = match network_address(address) {
        Some(Connection::Ip(ip)) => Some(ip),
        Some(Connection::Name(_)) | None => None,
    };
    Some((port.parse().ok()?, address))
}
