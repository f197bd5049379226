//! A session description: read, written, read again; offered to us, and as the answer to our offer.
//!
//! Not here: what single descriptions must give (`legwork-media`, `sdp/tests`).
//! Source: RFC 8866, RFC 3264.

use std::net::{IpAddr, Ipv4Addr};

use legwork_media::offer_answer::Codec;
use legwork_media::sdp::Session;
use legwork_media::{Negotiation, limit};

/// Pieces of session descriptions.
pub(super) const DICTIONARY: &[&[u8]] = &[
    b"v=0\r\n",
    b"o=- 1 1 IN IP4 192.0.2.1\r\n",
    b"s=-\r\n",
    b"c=IN IP4 0.0.0.0\r\n",
    b"c=IN IP6 ::\r\n",
    b"c=IN IP4 192.0.2.1/127/3\r\n",
    b"t=0 0\r\n",
    b"m=audio 4000 RTP/AVP 0 8 101\r\n",
    b"m=audio 0 RTP/AVP 0\r\n",
    b"m=audio 4000/65535 RTP/SAVP 0\r\n",
    b"m=image 9 udptl t38\r\n",
    b"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    b"a=rtpmap:0 PCMU/8000\r\n",
    b"a=rtpmap:96 opus/48000/2\r\n",
    b"a=rtpmap:96 G722/8000\r\n",
    b"a=rtpmap:101 telephone-event/8000\r\n",
    b"a=rtpmap:4294967296 PCMU/8000\r\n",
    b"a=fmtp:4294967296 0-16\r\n",
    b"a=fmtp:101 0-\r\n",
    b"a=fmtp:\r\n",
    b"a=ptime:0\r\n",
    b"a=ptime:4294967295\r\n",
    b"a=maxptime:1\r\n",
    b"a=sendonly\r\n",
    b"a=recvonly\r\n",
    b"a=inactive\r\n",
    b"a=sendrecv\r\n",
    b"a=rtcp-mux\r\n",
    b"a=rtcp:65535 IN IP4 192.0.2.9\r\n",
    b"a=rtcp:65536\r\n",
    b"b=AS:-1\r\n",
    b"\r\n",
    b"\n",
    b" ",
    b"/",
    b"\0",
    b"\xff",
];

const OURS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const THEIRS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));
const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

/// Reads a description.
pub(super) fn run(bytes: &[u8]) {
    read_and_written(bytes);
    offered(bytes, &CODECS);
    offered(bytes, &CODECS[..1]);
    answered(bytes);
}

fn read_and_written(bytes: &[u8]) {
    let Ok(session) = Session::parse(bytes) else { return };
    assert!(session.media.len() <= limit::SDP_MEDIA);
    let text = session.to_string();
    // Writing may be longer than what was read (a line of its own for each), never unreadable.
    let again = Session::parse(text.as_bytes());
    let Ok(again) = again else {
        assert!(text.len() > limit::SDP_BYTES || text.lines().count() > limit::SDP_LINES, "{text}");
        return;
    };
    assert_eq!(again.media.len(), session.media.len());
    for (written, read) in again.media.iter().zip(&session.media) {
        assert!(read.formats.len() <= limit::SDP_FORMATS);
        // A line without formats is written with one: the grammar wants one.
        if !read.formats.is_empty() {
            assert_eq!(written.encodings(), read.encodings(), "{text}");
        }
        assert_eq!(written.rtcp(), read.rtcp(), "{text}");
        assert_eq!(again.direction_of(written), session.direction_of(read), "{text}");
    }
}

/// The peer offers it; what we answer is an answer to it.
fn offered(bytes: &[u8], codecs: &[Codec]) {
    let mut negotiation = Negotiation::new(1, OURS, 10_000, THEIRS);
    if negotiation.handle_offer(bytes, codecs).is_err() {
        assert!(negotiation.agreed().is_none());
        return;
    }
    let n_offered = Session::parse(bytes).map_or(0, |session| session.media.len());
    let answer = match negotiation.answer(None) {
        Ok((answer, agreed)) => {
            assert!(codecs.contains(&agreed.codec));
            assert!(agreed.send_payload < 128 && agreed.receive_payload < 128);
            answer
        }
        Err(refusal) => panic!("what was taken can not be answered: {refusal:?}"),
    };
    let Ok(session) = Session::parse(&answer) else { panic!("our answer is read: {answer:?}") };
    assert_eq!(session.media.len(), n_offered, "every line is answered (RFC 3264 §6)");
    assert_eq!(session.media.iter().filter(|media| media.port == 10_000).count(), 1);
    // The same again is answered the same, but for the version; and ours may follow.
    if negotiation.handle_offer(bytes, codecs).is_ok() {
        assert!(negotiation.answer(None).is_ok());
    }
    let offer = negotiation.offer(codecs);
    let Ok(session) = Session::parse(&offer) else { panic!("our offer is read: {offer:?}") };
    assert!(session.media.len() >= n_offered, "no line is ever left out (RFC 3264 §8)");
}

/// The peer answers our offer with it, twice.
fn answered(bytes: &[u8]) {
    let mut negotiation = Negotiation::new(2, OURS, 10_002, THEIRS);
    negotiation.offer(&CODECS);
    for _ in 0..2 {
        match negotiation.handle_answer(bytes) {
            Ok(agreed) => assert!(agreed.send_payload < 128),
            Err(_) => assert!(negotiation.agreed().is_none()),
        }
    }
    negotiation.withdraw();
    if negotiation.handle_offer(bytes, &CODECS).is_ok() {
        assert!(negotiation.answer(None).is_ok());
    }
}
