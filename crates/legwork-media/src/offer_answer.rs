//! One leg's SDP negotiation: offers and answers, what was agreed, who holds.
//!
//! Not here: SDP lines (`sdp`), what is read of the peer's (`offer_answer::stream`), when to offer
//! (`legwork-call`).
//! Source: RFC 3264; RFC 4317 for examples; `a=rtcp-mux` RFC 5761.

mod stream;
mod tracks;

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use crate::sdp::{Attribute, Connection, Direction, Media, Origin, Session};
use stream::{Line, Remote, Stream};
pub use tracks::Tracks;

/// An audio encoding we know, in order of preference of the default configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus, of which we use one channel.
    Opus,
}

impl Codec {
    /// G.711, either law: what is converted in place, byte by byte.
    pub fn is_g711(self) -> bool {
        match self {
            Self::Pcmu | Self::Pcma => true,
            Self::G722 | Self::Opus => false,
        }
    }

    /// Rate of its RTP timestamps. G.722 says 8000 and means 16000 (RFC 3551 §4.5.2).
    pub fn clock_hz(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => 8000,
            Self::Opus => 48_000,
        }
    }

    fn encoding_name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU/8000",
            Self::Pcma => "PCMA/8000",
            Self::G722 => "G722/8000",
            Self::Opus => "opus/48000/2",
        }
    }

    /// The payload type we like to receive it with.
    fn preferred_payload(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
            Self::Opus => 111,
        }
    }
}

/// What both sides agreed on: all a media thread needs to send and to understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Where RTP goes; port 0 or an unspecified address: nowhere (RFC 2543 hold).
    pub remote_rtp: SocketAddr,
    /// Where RTCP goes.
    pub remote_rtcp: SocketAddr,
    /// RTP and RTCP share the RTP port.
    pub rtcp_mux: bool,
    /// The encoding, both ways.
    pub codec: Codec,
    /// Payload type we send the codec with.
    pub send_payload: u8,
    /// Payload type the peer sends the codec with (equal but for odd peers).
    pub receive_payload: u8,
    /// What else the peer may send: other codecs that our offer and its answer have, by payload type
    /// (RFC 3264 §6.1).
    pub also: [Option<(u8, Codec)>; 3],
    /// telephone-event: payload type we send, payload type we receive.
    pub telephone_event: Option<(u8, u8)>,
    /// The clock rate in which telephone-events last, Hz. Timestamps count in the codec's, which
    /// may be another: phones with Opus often know but telephone-event/8000.
    pub event_clock_hz: u32,
    /// The peer lists comfort noise, payload type 13: it is sent on to it. We list none: who does
    /// asks for pauses in what it hears and in what is recorded.
    pub comfort_noise: bool,
    /// We may send (the peer does not hold us).
    pub send: bool,
    /// The peer may send.
    pub receive: bool,
    /// The signalled address may be behind a NAT (it is private, and signalling came from another
    /// one): learn it once, from the first packets that come from it or from here.
    pub learn_from: Option<IpAddr>,
}

/// Why an offer or answer is not usable: each is a 488 to the peer (400 for `Malformed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not SDP.
    Malformed,
    /// No audio stream, or only over transports we do not have.
    NoAudio,
    /// No encoding in common.
    NoCommonCodec,
    /// An answer without an offer, or an offer inside an offer.
    OutOfOrder,
}

/// One leg's negotiation state.
#[derive(Clone, Debug)]
pub struct Negotiation {
    session_id: u64,
    address: IpAddr,
    port: u16,
    signalling: IpAddr,
    state: State,
    /// Our payload types, ours to keep for the whole session (RFC 3264 §8.3.2).
    payloads: Payloads,
    /// Every m-line of the session, answered or refused: none is ever left out again.
    lines: Vec<Line>,
    /// Which of `lines` is ours.
    audio: usize,
    /// Highest version given to a description of ours.
    version: u64,
    /// What we described in the session that holds, and its version.
    established: Option<(u64, Bytes)>,
    /// What we described last, withdrawn or not, and its version.
    last: Option<(u64, Bytes)>,
    agreed: Option<Agreed>,
    offered: Vec<Codec>,
}

#[derive(Clone, Debug)]
enum State {
    /// Nothing pending and nothing an answer could belong to.
    Stable,
    /// Our offer waits for its answer.
    Offering(Vec<Codec>),
    /// Our offer was answered; a later answer to it (200 after 183) may still differ.
    Answered(Vec<Codec>),
    /// The peer's offer waits for ours, and what it may be answered with.
    Offered(Box<Remote>, Vec<Codec>),
}

/// Our audio stream, before it is written down.
struct Described {
    codecs: Vec<(u8, Codec)>,
    /// telephone-event: payload type and clock rate.
    events: Vec<(u8, u32)>,
    direction: Direction,
    rtcp_mux: bool,
}

/// Our payload types where they are not static.
#[derive(Clone, Copy, Debug)]
struct Payloads {
    opus: u8,
    event_8k: u8,
    event_48k: u8,
}

impl Negotiation {
    /// `session_id` for `o=`; `address` and `port` are ours; `signalling` is the IP the peer
    /// signals from.
    pub fn new(session_id: u64, address: IpAddr, port: u16, signalling: IpAddr) -> Self {
        let opus = Codec::Opus.preferred_payload();
        Self {
            session_id,
            address,
            port,
            signalling,
            state: State::Stable,
            payloads: Payloads { opus, event_8k: 101, event_48k: 110 },
            lines: vec![Line::audio()],
            audio: 0,
            version: 0,
            established: None,
            last: None,
            agreed: None,
            offered: Vec::new(),
        }
    }

    /// Our offer: audio with these codecs, telephone-event, sendrecv. Repeats the last session's
    /// version when nothing changed, else version + 1.
    ///
    /// Ends what else was pending: our earlier offer, or one of the peer that was refused.
    pub fn offer(&mut self, codecs: &[Codec]) -> Bytes {
        let mut events = Vec::new();
        for clock_hz in [8000, 48_000] {
            if codecs.iter().any(|codec| codec.clock_hz() == clock_hz) {
                events.push((self.payloads.event(clock_hz), clock_hz));
            }
        }
        let text = self.describe(&Described {
            codecs: codecs.iter().map(|&codec| (self.payloads.codec(codec), codec)).collect(),
            events,
            direction: Direction::SendRecv,
            rtcp_mux: false,
        });
        self.state = State::Offering(codecs.to_vec());
        text
    }

    /// What we described in the session that holds, word for word, as an offer: a session refresh
    /// (RFC 4028 §7.4). None: nothing holds, or another exchange is not over.
    pub fn repeat(&mut self) -> Option<Bytes> {
        let codecs = match (&self.state, &self.agreed) {
            (State::Answered(codecs), _) => codecs.clone(),
            (State::Stable, Some(agreed)) => vec![agreed.codec],
            (State::Stable, None) | (State::Offering(_) | State::Offered(..), _) => return None,
        };
        let (version, text) = self.established.clone()?;
        self.last = Some((version, text.clone()));
        self.state = State::Offering(codecs);
        Some(text)
    }

    /// Gives up our offer: the re-INVITE was refused. Also drops an offer of the peer that we
    /// refused.
    pub fn withdraw(&mut self) {
        self.state = State::Stable;
    }

    /// The peer's answer to our offer.
    ///
    /// Deviation from RFC 3264: a second answer to the same offer (another SDP in the 200 than in
    /// the 183, as gateways do) replaces the first, until the next offer of either side.
    ///
    /// # Errors
    /// What the peer sent is unusable, or we did not offer. What was agreed before still holds,
    /// and the offer waits on.
    pub fn handle_answer(&mut self, sdp: &[u8]) -> Result<&Agreed, Refusal> {
        let codecs = match &self.state {
            State::Offering(codecs) | State::Answered(codecs) => codecs.clone(),
            State::Stable | State::Offered(..) => return Err(Refusal::OutOfOrder),
        };
        let Remote { stream, .. } = Remote::read(sdp, &codecs, self.address)?;
        // The peer lists what it likes best first; all of it is something we offered.
        let Some(&(send_payload, codec)) = stream.codecs_among(&codecs).first() else {
            return Err(Refusal::NoCommonCodec);
        };
        let event = stream.event(codec);
        let event = event.map(|(p, clock_hz)| ((p, self.payloads.event(clock_hz)), clock_hz));
        let payloads = (send_payload, self.payloads.codec(codec));
        let mut agreed = agree(self.signalling, &stream, codec, payloads, event);
        let others = stream.codecs_among(&codecs).into_iter().map(|(_, codec)| codec);
        let others = others.filter(|other| *other != codec).map(|o| (self.payloads.codec(o), o));
        for (place, other) in agreed.also.iter_mut().zip(others) {
            *place = Some(other);
        }
        self.established.clone_from(&self.last);
        self.state = State::Answered(codecs);
        Ok(self.agreed.insert(agreed))
    }

    /// The peer's offer. Checks that it can be answered with one of `codecs`; nothing is agreed
    /// yet.
    ///
    /// # Errors
    /// It can not be answered, or another offer is pending.
    pub fn handle_offer(&mut self, sdp: &[u8], codecs: &[Codec]) -> Result<(), Refusal> {
        match &self.state {
            State::Stable | State::Answered(_) => {}
            State::Offering(_) | State::Offered(..) => return Err(Refusal::OutOfOrder),
        }
        let remote = Remote::read(sdp, codecs, self.address)?;
        self.offered = remote.stream.codecs.iter().map(|&(_, codec)| codec).collect();
        self.state = State::Offered(Box::new(remote), codecs.to_vec());
        Ok(())
    }

    /// Codecs of the pending (else the last) offer of the peer that we know too, in the peer's
    /// order.
    pub fn offered_codecs(&self) -> Vec<Codec> {
        self.offered.clone()
    }

    /// Our answer to the pending offer. `prefer`, which the partner speaks, if it is offered, or for
    /// G.711 its other law; else what is in use, else G.711, else what the peer likes best. All m-lines are
    /// answered, all but one audio refused with port 0. Directions mirrored (sendonly→recvonly, inactive→inactive,
    /// c=0.0.0.0 kept as hold).
    ///
    /// # Errors
    /// No offer is pending.
    pub fn answer(&mut self, prefer: Option<Codec>) -> Result<(Bytes, &Agreed), Refusal> {
        let State::Offered(remote, codecs) = std::mem::replace(&mut self.state, State::Stable)
        else {
            return Err(Refusal::OutOfOrder);
        };
        let Remote { lines, stream } = *remote;
        let in_use = self.agreed.as_ref().map(|agreed| agreed.codec);
        let offered = stream.codecs_among(&codecs);
        let Some((payload, codec)) = choose(&offered, prefer, in_use) else {
            return Err(Refusal::NoCommonCodec);
        };
        self.payloads.adopt(&stream);
        self.lines = lines;
        self.audio = stream.index;
        let event = stream.event(codec);
        let text = self.describe(&Described {
            codecs: vec![(payload, codec)],
            events: event.into_iter().collect(),
            direction: stream.direction.mirrored(),
            rtcp_mux: stream.rtcp_mux,
        });
        let event = event.map(|(payload, clock_hz)| ((payload, payload), clock_hz));
        let agreed = agree(self.signalling, &stream, codec, (payload, payload), event);
        self.established.clone_from(&self.last);
        Ok((text, self.agreed.insert(agreed)))
    }

    /// What holds now.
    pub fn agreed(&self) -> Option<&Agreed> {
        self.agreed.as_ref()
    }

    /// Our last session description, unchanged: session refresh, answer in a later 18x/2xx, our
    /// offer as long as it is pending. A withdrawn offer does not count.
    pub fn local(&self) -> Option<Bytes> {
        let holds = match self.state {
            State::Offering(_) => &self.last,
            State::Stable | State::Answered(_) | State::Offered(..) => &self.established,
        };
        holds.as_ref().map(|(_version, text)| text.clone())
    }

    /// The whole description: all m-lines in their order, one of them ours, the rest refused.
    /// Its version is that of an equal description before, else a new one.
    fn describe(&mut self, ours: &Described) -> Bytes {
        let is_same = |(version, text): &(u64, Bytes)| self.print(ours, *version) == *text;
        let same = self.established.clone().filter(is_same);
        if let Some((version, text)) = same.or_else(|| self.last.clone().filter(is_same)) {
            self.last = Some((version, text.clone()));
            return text;
        }
        self.version += 1;
        let text = Bytes::from(self.print(ours, self.version));
        self.last = Some((self.version, text.clone()));
        text
    }

    fn print(&self, ours: &Described, version: u64) -> String {
        let here = Connection::Ip(self.address);
        let origin = Origin {
            username: Cow::Borrowed("-"),
            session_id: Cow::Owned(self.session_id.to_string()),
            version: Cow::Owned(version.to_string()),
            address: here,
        };
        let media = self.lines.iter().map(|line| Media {
            kind: &line.kind,
            port: 0,
            transport: &line.transport,
            formats: line.formats.iter().map(|format| Cow::Borrowed(&**format)).collect(),
            connection: None,
            attributes: Vec::new(),
        });
        let mut media: Vec<_> = media.collect();
        if let Some(audio) = media.get_mut(self.audio) {
            audio.port = self.port;
            (audio.formats, audio.attributes) = ours.lines();
        }
        let session =
            Session { origin: Some(origin), connection: Some(here), attributes: vec![], media };
        session.to_string()
    }
}

/// What is agreed on with a stream of a peer that signals from there.
fn agree(
    signalling: IpAddr,
    stream: &Stream,
    codec: Codec,
    (send_payload, receive_payload): (u8, u8),
    event: Option<((u8, u8), u32)>,
) -> Agreed {
    let (ip, signalling) = (stream.rtp.ip(), signalling.to_canonical());
    let nowhere = ip.is_unspecified();
    let behind_nat = stream::is_private(ip) && ip != signalling;
    Agreed {
        remote_rtp: stream.rtp,
        remote_rtcp: stream.rtcp,
        rtcp_mux: stream.rtcp_mux,
        codec,
        send_payload,
        receive_payload,
        also: [None; 3],
        telephone_event: event.map(|(payloads, _)| payloads),
        event_clock_hz: event.map_or_else(|| codec.clock_hz(), |(_, clock_hz)| clock_hz),
        comfort_noise: stream.comfort_noise,
        send: stream.direction.receives() && !nowhere,
        receive: stream.direction.sends(),
        learn_from: behind_nat.then_some(signalling),
    }
}

impl Described {
    /// Formats and attributes of the m-line.
    fn lines(&self) -> (Vec<Cow<'static, str>>, Vec<Attribute<'static>>) {
        let mut formats = Vec::new();
        let mut attributes = Vec::new();
        for &(payload, codec) in &self.codecs {
            formats.push(Cow::Owned(payload.to_string()));
            let name = codec.encoding_name();
            attributes.push(Attribute::new("rtpmap", format!("{payload} {name}")));
            if codec == Codec::Opus {
                attributes.push(Attribute::new("fmtp", format!("{payload} useinbandfec=1")));
            }
        }
        for &(payload, clock_hz) in &self.events {
            formats.push(Cow::Owned(payload.to_string()));
            let name = format!("{payload} telephone-event/{clock_hz}");
            attributes.push(Attribute::new("rtpmap", name));
            attributes.push(Attribute::new("fmtp", format!("{payload} 0-16")));
        }
        attributes.push(Attribute::new("ptime", "20"));
        attributes.push(Attribute::flag(self.direction.name()));
        if self.rtcp_mux {
            attributes.push(Attribute::flag("rtcp-mux"));
        }
        (formats, attributes)
    }
}

impl Payloads {
    fn codec(self, codec: Codec) -> u8 {
        match codec {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => codec.preferred_payload(),
            Codec::Opus => self.opus,
        }
    }

    fn event(self, clock_hz: u32) -> u8 {
        if clock_hz == 48_000 { self.event_48k } else { self.event_8k }
    }

    /// Takes over the payload types the peer chose, and moves ours out of their way.
    fn adopt(&mut self, stream: &Stream) {
        let opus = stream.codecs.iter().find(|(_, codec)| *codec == Codec::Opus);
        let event = |hz| stream.events.iter().find(|(_, clock_hz)| *clock_hz == hz);
        let choices = [
            (opus.map(|(payload, _)| *payload), &mut self.opus),
            (event(8000).map(|(payload, _)| *payload), &mut self.event_8k),
            (event(48_000).map(|(payload, _)| *payload), &mut self.event_48k),
        ];
        let mut taken = stream.payloads;
        for (theirs, ours) in choices {
            let free = (96..=127).find(|payload| taken & (1 << payload) == 0);
            *ours = match theirs {
                Some(payload) => payload,
                None if taken & (1 << *ours) == 0 => *ours,
                None => free.unwrap_or(*ours),
            };
            taken |= 1 << *ours;
        }
    }
}

/// The codec to answer with: what the partner speaks; if that is G.711, its other law, which costs
/// next to nothing; what is in use; G.711, for most of those it will talk with speak that; what the
/// peer likes best.
fn choose(
    offered: &[(u8, Codec)],
    partner: Option<Codec>,
    in_use: Option<Codec>,
) -> Option<(u8, Codec)> {
    let find = |wanted: Option<Codec>| offered.iter().find(|(_, codec)| Some(*codec) == wanted);
    let other_law = || {
        partner.filter(|codec| codec.is_g711())?;
        offered.iter().find(|(_, codec)| codec.is_g711())
    };
    let best = find(partner).or_else(other_law).or_else(|| find(in_use));
    let g711 = || offered.iter().find(|(_, codec)| codec.is_g711());
    best.or_else(g711).or_else(|| offered.first()).copied()
}

#[cfg(test)]
mod tests;
