//! The little SDP a phone needs: one audio stream, keys, a direction.
//!
//! Not here: the server's SDP (`legwork-media`), from which this is apart so that one checks the
//! other.
//! Source: RFC 8866, RFC 3264.

use std::net::{IpAddr, SocketAddr};

use super::audio::Codec;

/// Who may speak, from the phone's own side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    #[default]
    SendRecv,
    /// Only the phone: hold.
    SendOnly,
    /// Only the other side.
    RecvOnly,
    /// Nobody: hold of both.
    Inactive,
    /// Hold the old way: `c=0.0.0.0` (RFC 2543).
    Zero,
}

impl Direction {
    fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive | Self::Zero => "inactive",
        }
    }

    fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    fn mirrored_for(self, offered: Self) -> Self {
        match (self.sends() && offered.receives(), offered.sends() && self.receives()) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// What a session description of the other side says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) rtp: SocketAddr,
    pub(super) codec: Codec,
    pub(super) events: Option<u8>,
    pub(super) direction: Direction,
}

/// The phone's own description.
pub(super) fn local(
    rtp: SocketAddr,
    version: u32,
    codecs: &[Codec],
    events: Option<u8>,
    direction: Direction,
) -> String {
    let ip = if direction == Direction::Zero { IpAddr::from([0, 0, 0, 0]) } else { rtp.ip() };
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    let mut sdp = format!(
        "v=0\r\no=phone 1 {version} IN {family} {}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {} RTP/AVP",
        rtp.ip(),
        rtp.port()
    );
    for codec in codecs {
        sdp.push_str(&format!(" {}", codec.payload()));
    }
    if let Some(events) = events {
        sdp.push_str(&format!(" {events}"));
    }
    sdp.push_str("\r\n");
    for codec in codecs {
        sdp.push_str(&format!("a=rtpmap:{} {}\r\n", codec.payload(), codec.name()));
    }
    if let Some(events) = events {
        let keys = format!("a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-16\r\n");
        sdp.push_str(&keys);
    }
    sdp.push_str(&format!("a=ptime:20\r\na={}\r\n", direction.attribute()));
    sdp
}

/// The direction of an answer: what was offered, as far as `wanted` goes.
pub(super) fn answer_direction(wanted: Direction, offered: Direction) -> Direction {
    wanted.mirrored_for(offered)
}

/// Reads the other side's description; none when no codec of `codecs` is in it.
pub(super) fn remote(body: &[u8], codecs: &[Codec]) -> Option<Remote> {
    let text = std::str::from_utf8(body).ok()?;
    let lines = || text.lines().map(str::trim_end);
    let mut connections = lines().filter_map(|line| line.strip_prefix("c="));
    let media = lines().find_map(|line| line.strip_prefix("m=audio "))?;
    let mut words = media.split(' ');
    let port: u16 = words.next()?.parse().ok()?;
    let payloads: Vec<u8> = words.skip(1).filter_map(|word| word.parse().ok()).collect();
    let codec = payloads.iter().find_map(|pt| codecs.iter().find(|c| c.payload() == *pt))?;
    let ip: IpAddr = connections.next_back()?.rsplit(' ').next()?.parse().ok()?;
    let events = lines().find_map(|line| {
        let (payload, name) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
        name.starts_with("telephone-event/8000").then(|| payload.parse().ok())?
    });
    let attribute = |name: &str| lines().any(|line| line == name);
    let direction = if ip.is_unspecified() {
        Direction::Zero
    } else if attribute("a=sendonly") {
        Direction::SendOnly
    } else if attribute("a=recvonly") {
        Direction::RecvOnly
    } else if attribute("a=inactive") {
        Direction::Inactive
    } else {
        Direction::SendRecv
    };
    Some(Remote { rtp: SocketAddr::new(ip, port), codec: *codec, events, direction })
}

/// Where the other side is in its streams beyond the first.
pub(super) fn others(body: &[u8]) -> Vec<SocketAddr> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let ip = text.lines().find_map(|line| line.strip_prefix("c=")?.trim_end().rsplit(' ').next());
    let Some(ip) = ip.and_then(|ip| ip.parse::<IpAddr>().ok()) else { return Vec::new() };
    let media = text.lines().filter_map(|line| line.strip_prefix("m=audio ")).skip(1);
    let ports = media.filter_map(|line| line.split(' ').next()?.parse().ok());
    ports.map(|port| SocketAddr::new(ip, port)).collect()
}

/// The same description with so many streams more, each like the first, on ports of its own.
pub(super) fn with_streams(mut sdp: String, rtp: SocketAddr, more: usize) -> String {
    let first = sdp.find("m=audio ").and_then(|at| sdp.get(at..)).unwrap_or_default().to_owned();
    let port = format!("m=audio {} ", rtp.port());
    for n in (1..=more).filter_map(|n| u16::try_from(n).ok()) {
        sdp.push_str(&first.replace(&port, &format!("m=audio {} ", rtp.port() + 2 * n)));
    }
    sdp
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTP: ([u8; 4], u16) = ([10, 0, 0, 2], 4_000);

    #[test]
    fn one_phone_reads_what_another_writes() {
        let both = [Codec::Pcmu, Codec::Pcma];
        let sdp = local(RTP.into(), 3, &both, Some(101), Direction::SendOnly);
        let read = remote(sdp.as_bytes(), &[Codec::Pcma]).unwrap();
        let rtp = SocketAddr::from(RTP);
        let direction = Direction::SendOnly;
        assert_eq!(read, Remote { rtp, codec: Codec::Pcma, events: Some(101), direction });
        assert_eq!(remote(b"m=audio 1 RTP/AVP 18\r\nc=IN IP4 10.0.0.2", &both), None);
    }

    #[test]
    fn holds_are_mirrored() {
        use Direction::{Inactive, RecvOnly, SendOnly, SendRecv, Zero};
        for (wanted, offered, answered) in [
            (SendRecv, SendRecv, SendRecv),
            (SendRecv, SendOnly, RecvOnly),
            (SendRecv, RecvOnly, SendOnly),
            (SendRecv, Inactive, Inactive),
            (SendRecv, Zero, Inactive),
            (SendOnly, SendRecv, SendOnly),
            (SendOnly, SendOnly, Inactive),
        ] {
            assert_eq!(answer_direction(wanted, offered), answered, "{wanted:?} {offered:?}");
        }
    }
}
