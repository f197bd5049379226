//! A session description to text.
//!
//! Not here: the model (`sdp`), the way back (`parse`).
//! Source: RFC 8866 §5.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;

use super::{Attribute, Connection, Media, Origin, Session};

impl Display for Session<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "v=0\r\n")?;
        if let Some(origin) = &self.origin {
            origin.fmt(f)?;
        }
        write!(f, "s=-\r\n")?;
        if let Some(connection) = &self.connection {
            write!(f, "c={connection}\r\n")?;
        }
        write!(f, "t=0 0\r\n")?;
        self.attributes.iter().try_for_each(|attribute| attribute.fmt(f))?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl Display for Origin<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { username, session_id, version, address } = self;
        write!(f, "o={username} {session_id} {version} {address}\r\n")
    }
}

impl Display for Connection<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip @ IpAddr::V4(_)) => write!(f, "IN IP4 {ip}"),
            Self::Ip(ip @ IpAddr::V6(_)) => write!(f, "IN IP6 {ip}"),
            Self::Name(name) => write!(f, "IN IP4 {name}"),
        }
    }
}

impl Display for Attribute<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "a={}:{value}\r\n", self.name),
            None => write!(f, "a={}\r\n", self.name),
        }
    }
}

impl Display for Media<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "m={} {} {}", self.kind, self.port, self.transport)?;
        self.formats.iter().try_for_each(|format| write!(f, " {format}"))?;
        if self.formats.is_empty() {
            // The grammar wants one.
            write!(f, " 0")?;
        }
        write!(f, "\r\n")?;
        if let Some(connection) = &self.connection {
            write!(f, "c={connection}\r\n")?;
        }
        self.attributes.iter().try_for_each(|attribute| attribute.fmt(f))
    }
}
