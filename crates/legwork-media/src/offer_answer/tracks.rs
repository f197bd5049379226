//! Audio streams that we only send, all in one description, each with a label: what a session recorder is
//! offered.
//!
//! Not here: who is recorded and what else the recorder is told (`legwork-call`, `siprec`), a leg's own
//! negotiation (`offer_answer`).
//! Source: RFC 7866 §7.1.1, RFC 4574, RFC 3264.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;

use super::stream::Stream;
use super::{Agreed, Codec, Described, Refusal, agree};
use crate::sdp::{Attribute, Connection, Direction, Media, Origin, Session};

/// One recorder's negotiation.
#[derive(Clone, Debug)]
pub struct Tracks {
    session_id: u64,
    address: IpAddr,
    signalling: IpAddr,
    codecs: Vec<Codec>,
    tracks: Vec<Track>,
    /// M-lines of the peer beyond ours, refused: what each is, and its transport.
    others: Vec<(String, String)>,
    version: u64,
    /// What we described last.
    local: Bytes,
}

/// How a track is described: its codecs by payload type, and its direction.
type Sent = (Vec<(u8, Codec)>, Direction);

#[derive(Clone, Debug)]
struct Track {
    port: u16,
    agreed: Option<Agreed>,
}

impl Tracks {
    /// `session_id` for `o=`; `address` and `ports` are ours, one a track; `signalling` is the IP the
    /// recorder signals from. `codecs` are offered in this order.
    pub fn new(
        session_id: u64,
        address: IpAddr,
        ports: impl IntoIterator<Item = u16>,
        signalling: IpAddr,
        codecs: &[Codec],
    ) -> Self {
        let tracks = ports.into_iter().map(|port| Track { port, agreed: None }).collect();
        let codecs = codecs.to_vec();
        let (others, local) = (Vec::new(), Bytes::new());
        Self { session_id, address, signalling, codecs, tracks, others, version: 0, local }
    }

    /// Our offer: every track sendonly, labelled 1 and on. Word for word the last one if nothing has
    /// changed since.
    pub fn offer(&mut self) -> Bytes {
        let codecs: Vec<_> = self.codecs.iter().map(|c| (c.preferred_payload(), *c)).collect();
        let lines = self.tracks.iter().map(|_| Some((codecs.clone(), Direction::SendOnly)));
        self.describe(&lines.collect::<Vec<_>>())
    }

    /// What we described last, unchanged: a session refresh.
    pub fn repeat(&self) -> Bytes {
        self.local.clone()
    }

    /// The recorder's answer to our offer: each m-line may be taken, held or refused.
    ///
    /// # Errors
    /// It can not be read, or takes none of them; what was agreed before still holds.
    pub fn handle_answer(&mut self, sdp: &[u8]) -> Result<(), Refusal> {
        let read = self.read(sdp)?;
        let agreed: Vec<_> =
            read.iter().map(|it| it.as_ref().map(|it| self.agreed_of(it))).collect();
        if agreed.iter().all(Option::is_none) {
            return Err(Refusal::NoAudio);
        }
        for (track, agreed) in self.tracks.iter_mut().zip(agreed) {
            track.agreed = agreed;
        }
        Ok(())
    }

    /// The recorder's own offer, to pause or to go on elsewhere: our answer, and what is agreed by it.
    ///
    /// # Errors
    /// It can not be read, leaves out m-lines of ours or takes none of them; nothing changes.
    pub fn handle_offer(&mut self, sdp: &[u8]) -> Result<Bytes, Refusal> {
        let session = Session::parse(sdp).map_err(|_| Refusal::Malformed)?;
        let read = self.read(sdp)?;
        if read.iter().all(Option::is_none) {
            return Err(Refusal::NoCommonCodec);
        }
        let others = session.media.iter().skip(self.tracks.len());
        self.others = others.map(|m| (m.kind.to_owned(), m.transport.to_owned())).collect();
        let mut lines = Vec::new();
        for (n, stream) in read.into_iter().enumerate() {
            let agreed = stream.map(|stream| self.agreed_of(&stream));
            lines.push(agreed.as_ref().map(|agreed| {
                let is_sent = if agreed.send { Direction::SendOnly } else { Direction::Inactive };
                (vec![(agreed.send_payload, agreed.codec)], is_sent)
            }));
            if let Some(track) = self.tracks.get_mut(n) {
                track.agreed = agreed;
            }
        }
        Ok(self.describe(&lines))
    }

    /// What holds for a track; none: the recorder has refused it.
    pub fn agreed(&self, track: usize) -> Option<&Agreed> {
        self.tracks.get(track)?.agreed.as_ref()
    }

    /// The stream of each of our m-lines, where there is one that can be sent.
    fn read(&self, sdp: &[u8]) -> Result<Vec<Option<Stream>>, Refusal> {
        let session = Session::parse(sdp).map_err(|_| Refusal::Malformed)?;
        if session.media.len() < self.tracks.len() {
            return Err(Refusal::Malformed);
        }
        let media = session.media.iter().enumerate().take(self.tracks.len());
        let streams = media.map(|(n, media)| Stream::read(&session, n, media, self.address));
        let common = |stream: &Stream| !stream.codecs_among(&self.codecs).is_empty();
        Ok(streams.map(|stream| stream.filter(common)).collect())
    }

    fn agreed_of(&self, stream: &Stream) -> Agreed {
        let in_use = self.tracks.get(stream.index).and_then(|track| track.agreed.as_ref());
        let in_use = in_use.map(|agreed| agreed.codec);
        let offered = stream.codecs_among(&self.codecs);
        let chosen = offered.iter().find(|(_, codec)| Some(*codec) == in_use);
        // `read` has left out those without any.
        let (payload, codec) =
            chosen.or_else(|| offered.first()).copied().unwrap_or((0, Codec::Pcmu));
        let mut agreed = agree(self.signalling, stream, codec, (payload, payload), None);
        (agreed.receive, agreed.comfort_noise) = (false, false);
        agreed
    }

    /// One line a track: its codecs and direction; none: refused.
    fn describe(&mut self, lines: &[Option<Sent>]) -> Bytes {
        if self.version > 0 && self.print(lines, self.version) == self.local {
            return self.local.clone();
        }
        self.version += 1;
        self.local = self.print(lines, self.version).into();
        self.local.clone()
    }

    fn print(&self, lines: &[Option<Sent>], version: u64) -> String {
        let here = Connection::Ip(self.address);
        let origin = Origin {
            username: Cow::Borrowed("-"),
            session_id: Cow::Owned(self.session_id.to_string()),
            version: Cow::Owned(version.to_string()),
            address: here,
        };
        let mut media = Vec::new();
        for (n, (track, line)) in self.tracks.iter().zip(lines).enumerate() {
            let Some((codecs, direction)) = line else {
                media.push(refused("audio", "RTP/AVP"));
                continue;
            };
            let (codecs, direction) = (codecs.clone(), *direction);
            let described = Described { codecs, events: Vec::new(), direction, rtcp_mux: false };
            let (formats, mut attributes) = described.lines();
            attributes.push(Attribute::new("label", (n + 1).to_string()));
            media.push(Media {
                port: track.port,
                formats,
                attributes,
                ..refused("audio", "RTP/AVP")
            });
        }
        media.extend(self.others.iter().map(|(kind, transport)| refused(kind, transport)));
        let session =
            Session { origin: Some(origin), connection: Some(here), attributes: vec![], media };
        session.to_string()
    }
}

fn refused<'a>(kind: &'a str, transport: &'a str) -> Media<'a> {
    let (formats, attributes) = (Vec::new(), Vec::new());
    Media { kind, port: 0, transport, formats, connection: None, attributes }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9));

    fn tracks() -> Tracks {
        Tracks::new(7, HERE, [4000, 4002], THERE, &[Codec::Pcmu, Codec::Pcma])
    }

    fn theirs(lines: &str) -> String {
        let lines = lines.replace('\n', "\r\n");
        format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n{lines}\r\n"
        )
    }

    fn agreed(tracks: &Tracks) -> [Option<(u16, Codec, bool)>; 2] {
        let one = |n| tracks.agreed(n).map(|it| (it.remote_rtp.port(), it.codec, it.send));
        [one(0), one(1)]
    }

    #[test]
    fn every_track_is_offered_with_a_label() {
        let mut tracks = tracks();
        let offer = tracks.offer();
        let text = String::from_utf8(offer.to_vec()).unwrap().replace('\r', "");
        expect![[r#"
            v=0
            o=- 7 1 IN IP4 192.0.2.1
            s=-
            c=IN IP4 192.0.2.1
            t=0 0
            m=audio 4000 RTP/AVP 0 8
            a=rtpmap:0 PCMU/8000
            a=rtpmap:8 PCMA/8000
            a=ptime:20
            a=sendonly
            a=label:1
            m=audio 4002 RTP/AVP 0 8
            a=rtpmap:0 PCMU/8000
            a=rtpmap:8 PCMA/8000
            a=ptime:20
            a=sendonly
            a=label:2
        "#]]
        .assert_eq(&text);
        assert_eq!((tracks.offer(), tracks.repeat()), (offer.clone(), offer));
    }

    #[test]
    fn what_answers_to_it_mean() {
        let (mu, a) = (Codec::Pcmu, Codec::Pcma);
        let table = [
            (
                "m=audio 6000 RTP/AVP 8\na=recvonly\nm=audio 6002 RTP/AVP 0\na=recvonly",
                Ok([Some((6000, a, true)), Some((6002, mu, true))]),
            ),
            (
                "m=audio 6000 RTP/AVP 0\na=inactive\nm=audio 0 RTP/AVP 0",
                Ok([Some((6000, mu, false)), None]),
            ),
            // It has nothing to say; whoever says so is not believed.
            (
                "m=audio 6000 RTP/AVP 0\nm=audio 6002 RTP/AVP 0\na=sendonly",
                Ok([Some((6000, mu, true)), Some((6002, mu, false))]),
            ),
            ("m=audio 0 RTP/AVP 0\nm=audio 0 RTP/AVP 0", Err(Refusal::NoAudio)),
            ("m=audio 6000 RTP/AVP 18\nm=audio 6002 RTP/SAVP 0", Err(Refusal::NoAudio)),
            ("m=audio 6000 RTP/AVP 0", Err(Refusal::Malformed)),
        ];
        for (answer, expected) in table {
            let mut tracks = tracks();
            tracks.offer();
            let answered = tracks.handle_answer(theirs(answer).as_bytes());
            assert_eq!(answered.map(|()| agreed(&tracks)), expected, "{answer}");
            let hears = (0..2).any(|n| tracks.agreed(n).is_some_and(|it| it.receive));
            assert!(!hears, "{answer}");
        }
        assert_eq!(tracks().handle_answer(b"hello"), Err(Refusal::Malformed));
    }

    #[test]
    fn a_recorder_may_pause_and_go_on_elsewhere() {
        let mut tracks = tracks();
        tracks.offer();
        let both = "m=audio 6000 RTP/AVP 8\nm=audio 6002 RTP/AVP 0";
        tracks.handle_answer(theirs(both).as_bytes()).unwrap();
        let pause =
            "m=audio 6000 RTP/AVP 0 8\na=inactive\nm=audio 0 RTP/AVP 0\nm=video 6004 RTP/AVP 99";
        let answer = tracks.handle_offer(theirs(pause).as_bytes()).unwrap();
        let answer = String::from_utf8(answer.to_vec()).unwrap();
        let lines: Vec<_> = answer.lines().filter(|l| !l.starts_with("a=rtpmap")).skip(5).collect();
        let expected = [
            "m=audio 4000 RTP/AVP 8",
            "a=ptime:20",
            "a=inactive",
            "a=label:1",
            "m=audio 0 RTP/AVP 0",
            "m=video 0 RTP/AVP 0",
        ];
        assert_eq!(lines, expected);
        assert_eq!(agreed(&tracks), [Some((6000, Codec::Pcma, false)), None]);
        let on = "m=audio 7000 RTP/AVP 8\na=recvonly\nm=audio 7002 RTP/AVP 0\na=recvonly";
        tracks.handle_offer(theirs(on).as_bytes()).unwrap();
        let expected = [Some((7000, Codec::Pcma, true)), Some((7002, Codec::Pcmu, true))];
        assert_eq!(agreed(&tracks), expected);
        for (offer, refusal) in [
            ("m=audio 7000 RTP/AVP 8", Refusal::Malformed),
            ("m=audio 0 RTP/AVP 8\nm=audio 7002 RTP/AVP 18", Refusal::NoCommonCodec),
        ] {
            assert_eq!(tracks.handle_offer(theirs(offer).as_bytes()), Err(refusal));
            assert_eq!(agreed(&tracks), expected, "as before");
        }
    }
}
