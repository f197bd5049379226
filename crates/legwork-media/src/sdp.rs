//! Session descriptions as a small lenient model: the lines that audio needs, typed where used.
//!
//! Not here: what is offered and answered (`offer_answer`).
//! Source: RFC 8866; `a=rtcp` RFC 3605.

mod parse;
mod print;

use std::borrow::Cow;
use std::net::IpAddr;

/// A session description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session<'a> {
    /// `o=`; none when missing or not six words.
    pub origin: Option<Origin<'a>>,
    /// `c=` of the session.
    pub connection: Option<Connection<'a>>,
    /// `a=` of the session, in order.
    pub attributes: Vec<Attribute<'a>>,
    /// `m=` with what belongs to it, in order.
    pub media: Vec<Media<'a>>,
}

/// `o=`: who described the session, and which version this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// User name, `-` when there is none.
    pub username: Cow<'a, str>,
    /// Session id: a number of any length.
    pub session_id: Cow<'a, str>,
    /// Version: a number of any length.
    pub version: Cow<'a, str>,
    /// Address of the machine.
    pub address: Connection<'a>,
}

/// An address as SDP writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection<'a> {
    /// A literal; a TTL or count behind it is dropped.
    Ip(IpAddr),
    /// Anything else, as a rule a host name.
    Name(&'a str),
}

/// `a=name` or `a=name:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Before the colon.
    pub name: &'a str,
    /// Behind the colon.
    pub value: Option<Cow<'a, str>>,
}

/// `m=` and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media<'a> {
    /// `audio`, `video`, `image`, …
    pub kind: &'a str,
    /// Port; 0 is a stream that is refused or over.
    pub port: u16,
    /// `RTP/AVP`, …
    pub transport: &'a str,
    /// Payload types, or whatever the transport calls formats.
    pub formats: Vec<Cow<'a, str>>,
    /// `c=` of this stream.
    pub connection: Option<Connection<'a>>,
    /// `a=` of this stream, in order.
    pub attributes: Vec<Attribute<'a>>,
}

/// What `a=rtpmap` says of a payload type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding<'a> {
    /// Payload type, 0–127.
    pub payload: u8,
    /// Name, in any case.
    pub name: &'a str,
    /// Clock rate.
    pub clock_hz: u32,
    /// Channels; 1 when not written.
    pub channels: u8,
}

/// Who may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    SendRecv,
    /// The one who describes.
    SendOnly,
    /// The other.
    RecvOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    /// The attribute's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// The same, said by the other side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::SendRecv => Self::SendRecv,
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::Inactive => Self::Inactive,
        }
    }

    /// The one who describes may send.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// The one who describes may be sent to.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    fn among(attributes: &[Attribute<'_>]) -> Option<Self> {
        let all = [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive];
        attributes.iter().find_map(|a| all.into_iter().find(|d| a.name == d.name()))
    }
}

/// These bytes are no session description, or one beyond our limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<'a> Attribute<'a> {
    /// `a=name`.
    pub fn flag(name: &'a str) -> Self {
        Self { name, value: None }
    }

    /// `a=name:value`.
    pub fn new(name: &'a str, value: impl Into<Cow<'a, str>>) -> Self {
        Self { name, value: Some(value.into()) }
    }
}

impl<'a> Session<'a> {
    /// Where a stream is: its own `c=`, else the session's.
    pub fn connection_of(&self, media: &Media<'a>) -> Option<Connection<'a>> {
        media.connection.or(self.connection)
    }

    /// Who may send on a stream: its own attribute, else the session's, else both.
    pub fn direction_of(&self, media: &Media<'_>) -> Direction {
        Direction::among(&media.attributes)
            .or_else(|| Direction::among(&self.attributes))
            .unwrap_or(Direction::SendRecv)
    }
}

impl Media<'_> {
    /// Has this attribute, with or without value.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|a| a.name == name)
    }

    /// Value of the first attribute of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name == name)?.value.as_deref()
    }

    /// The payload types of the `m=` line in its order, with what is known of each: what
    /// `a=rtpmap` says, else the static assignments we use. Others are left out.
    ///
    /// Source: RFC 3551 §6 for 0, 8 and 9.
    pub fn encodings(&self) -> Vec<Encoding<'_>> {
        let mut mapped = [None; 128];
        for attribute in self.attributes.iter().filter(|a| a.name == "rtpmap") {
            let encoding = attribute.value.as_deref().and_then(parse::encoding);
            let slot = encoding.and_then(|e| mapped.get_mut(usize::from(e.payload)));
            if let Some(slot) = slot {
                // The first line counts, so a repetition cannot rename a format.
                *slot = slot.or(encoding);
            }
        }
        let payloads = self.formats.iter().filter_map(|format| format.parse::<u8>().ok());
        payloads
            .filter_map(|payload| {
                let slot = mapped.get_mut(usize::from(payload))?;
                let encoding = slot.or_else(|| assigned(payload))?;
                // Taken once: the same payload type twice in the `m=` line says nothing new.
                *slot = Some(Encoding { name: "", ..encoding });
                (!encoding.name.is_empty()).then_some(encoding)
            })
            .collect()
    }

    /// Port and, if written, address of `a=rtcp`. None when it is missing or unusable.
    pub fn rtcp(&self) -> Option<(u16, Option<IpAddr>)> {
        parse::rtcp(self.value("rtcp")?)
    }
}

/// Static payload types of the encodings we know.
fn assigned(payload: u8) -> Option<Encoding<'static>> {
    let name = match payload {
        0 => "PCMU",
        8 => "PCMA",
        9 => "G722",
        _ => return None,
    };
    Some(Encoding { payload, name, clock_hz: 8000, channels: 1 })
}

#[cfg(test)]
mod tests;
