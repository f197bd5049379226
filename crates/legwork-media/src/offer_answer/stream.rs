//! What of the peer's description a negotiation uses: its m-lines and one audio stream.
//!
//! Not here: what is answered (`offer_answer`).
//! Source: RFC 3264 §6; targets refused: see `is_target`.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use super::{Codec, Refusal};
use crate::sdp::{Connection, Direction, Encoding, Media, Session};

/// Clock rates of telephone-events that are one: at another, how long a key lasts has no room in 16 bits, or
/// no measure.
const EVENT_HZ: RangeInclusive<u32> = 8000..=48_000;

/// An m-line as far as a refusal repeats it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) kind: String,
    pub(super) transport: String,
    pub(super) formats: Vec<String>,
}

impl Line {
    /// The one m-line of a session that we begin.
    pub(super) fn audio() -> Self {
        Self { kind: "audio".to_owned(), transport: "RTP/AVP".to_owned(), formats: Vec::new() }
    }
}

/// The peer's description, read.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    /// All its m-lines.
    pub(super) lines: Vec<Line>,
    /// The one we use.
    pub(super) stream: Stream,
}

/// The peer's audio stream.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    /// Which m-line it is.
    pub(super) index: usize,
    pub(super) rtp: SocketAddr,
    pub(super) rtcp: SocketAddr,
    pub(super) rtcp_mux: bool,
    pub(super) direction: Direction,
    /// Payload types and codecs we know, in the peer's order.
    pub(super) codecs: Vec<(u8, Codec)>,
    /// telephone-event: payload types and clock rates.
    pub(super) events: Vec<(u8, u32)>,
    /// Comfort noise is among its formats, under the only payload type it has.
    pub(super) comfort_noise: bool,
    /// Payload types used for anything at all, a bit each.
    pub(super) payloads: u128,
}

impl Remote {
    /// Reads the peer's description and takes its first audio stream with one of `codecs`, over
    /// plain RTP, at an address that `here` can reach.
    pub(super) fn read(sdp: &[u8], codecs: &[Codec], here: IpAddr) -> Result<Self, Refusal> {
        let session = Session::parse(sdp).map_err(|_| Refusal::Malformed)?;
        let mut refusal = Refusal::NoAudio;
        let streams = session.media.iter().enumerate();
        let stream = streams.filter_map(|(i, m)| Stream::read(&session, i, m, here)).find(|s| {
            let common = !s.codecs_among(codecs).is_empty();
            if !common {
                refusal = Refusal::NoCommonCodec;
            }
            common
        });
        let Some(stream) = stream else { return Err(refusal) };
        let lines = session.media.iter().map(|media| Line {
            kind: media.kind.to_owned(),
            transport: media.transport.to_owned(),
            formats: media.formats.iter().map(|format| format.clone().into_owned()).collect(),
        });
        Ok(Self { lines: lines.collect(), stream })
    }
}

impl Stream {
    /// None: not audio, refused, over a transport we do not have, or at no usable address.
    pub(super) fn read(
        session: &Session<'_>,
        index: usize,
        m: &Media<'_>,
        here: IpAddr,
    ) -> Option<Self> {
        let plain = ["RTP/AVP", "RTP/AVPF"].iter().any(|t| m.transport.eq_ignore_ascii_case(t));
        if !m.kind.eq_ignore_ascii_case("audio") || !plain || m.port == 0 {
            return None;
        }
        let ip = match session.connection_of(m)? {
            Connection::Ip(ip) => ip,
            // The hold of RFC 2543 as IPv6 writes it (RFC 6157 §5).
            Connection::Name(name) if name.ends_with(".invalid") => unspecified(here),
            Connection::Name(_) => return None,
        };
        if !ip.is_unspecified() && !is_target(ip, here) {
            return None;
        }
        let rtp = SocketAddr::new(ip, m.port);
        let rtcp_mux = m.has("rtcp-mux");
        let rtcp = match m.rtcp() {
            _ if rtcp_mux => rtp,
            Some((port, to)) if port != 0 => {
                SocketAddr::new(to.filter(|to| is_target(*to, here)).unwrap_or(ip), port)
            }
            Some(_) | None => SocketAddr::new(ip, m.port.saturating_add(1)),
        };
        let encodings = m.encodings();
        let codecs = encodings.iter().filter_map(|e| Some((e.payload, codec(e)?)));
        let events = encodings.iter().filter(|e| {
            e.name.eq_ignore_ascii_case("telephone-event") && EVENT_HZ.contains(&e.clock_hz)
        });
        Some(Self {
            index,
            rtp,
            rtcp,
            rtcp_mux,
            direction: session.direction_of(m),
            codecs: codecs.collect(),
            events: events.map(|e| (e.payload, e.clock_hz)).collect(),
            comfort_noise: m.formats.iter().any(|format| *format == "13")
                && encodings.iter().all(|e| e.payload != 13 || e.name.eq_ignore_ascii_case("CN")),
            payloads: encodings.iter().fold(0, |set, e| set | 1 << e.payload),
        })
    }

    /// Those of its codecs that are among these, in the peer's order.
    pub(super) fn codecs_among(&self, codecs: &[Codec]) -> Vec<(u8, Codec)> {
        self.codecs.iter().copied().filter(|(_, codec)| codecs.contains(codec)).collect()
    }

    /// Payload type and clock rate of the telephone-event that goes with a codec: of the same
    /// clock rate, or else any (a peer with Opus that lists only 8000 still presses keys).
    pub(super) fn event(&self, codec: Codec) -> Option<(u8, u32)> {
        let same = self.events.iter().find(|(_, clock_hz)| *clock_hz == codec.clock_hz());
        same.or_else(|| self.events.first()).copied()
    }
}

fn codec(encoding: &Encoding<'_>) -> Option<Codec> {
    let is = |name: &str| encoding.name.eq_ignore_ascii_case(name);
    match (encoding.clock_hz, encoding.channels) {
        (8000, 1) if is("PCMU") => Some(Codec::Pcmu),
        (8000, 1) if is("PCMA") => Some(Codec::Pcma),
        (8000, 1) if is("G722") => Some(Codec::G722),
        (48_000, 2) if is("opus") => Some(Codec::Opus),
        _ => None,
    }
}

fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    }
}

/// One machine's address, of our family. Refused: multicast, broadcast, the reserved ranges 0/8
/// and 240/4, and IPv4 dressed as IPv6 (mapped, compatible, NAT64), which slips past address rules.
fn is_target(ip: IpAddr, here: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, ..] = ip.octets();
            here.is_ipv4() && first != 0 && first < 224
        }
        IpAddr::V6(ip) => {
            let dressed = match ip.segments() {
                [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, ..] => true,
                [0, 0, 0, 0, 0, 0, high, low] => high != 0 || low > 1,
                _ => false,
            };
            here.is_ipv6() && !ip.is_multicast() && !ip.is_unspecified() && !dressed
        }
    }
}

/// An address that means nothing outside its own network: private, shared (CGNAT), loopback,
/// link-local, unique local.
///
/// Source: RFC 1918, RFC 6598, RFC 3927, RFC 4193.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
