//! Session descriptions and packets of others: nothing panics, and what is made of each stands in a
//! golden file, one line for each.
//!
//! Not here: rules one by one (`src/sdp/tests.rs`, `src/plane/tests.rs`), mutations
//! (`legwork-sim`, `tests/mutations.rs`).
//! Source: sdp-transform and libwebrtc (`data/ORIGIN.md`); RFC 3264, RFC 3550; RFC 7983 §7 for what
//! shares a port with RTP.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use expect_test::expect_file;
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Plane};
use legwork_media::sdp::Session;
use legwork_media::{Agreed, Command, Feed, MediaId, Negotiation, rtcp, rtp};

const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

/// Names and bytes of a folder, in order: 2 before 10.
fn read_all(folder: &str) -> Vec<(String, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.sort_by_key(|path| (name(path).len(), name(path)));
    paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// What is read of a description, and what becomes of it as an offer to us.
fn description(bytes: &[u8]) -> String {
    let Ok(session) = Session::parse(bytes) else { return "no SDP".to_owned() };
    let mut out = String::new();
    for media in &session.media {
        let encodings = media.encodings();
        let names: Vec<_> =
            encodings.iter().map(|e| format!("{}={}/{}", e.payload, e.name, e.clock_hz)).collect();
        let direction = session.direction_of(media).name();
        let names = names.join(" ").escape_debug().to_string();
        write!(out, "{} {} {direction} [{names}], ", media.kind.escape_debug(), media.port)
            .unwrap();
    }
    let ours = "10.0.0.1".parse().unwrap();
    let mut negotiation = Negotiation::new(1, ours, 10_000, "192.0.2.1".parse().unwrap());
    match negotiation.handle_offer(bytes, &CODECS) {
        Err(refusal) => write!(out, "{refusal:?}"),
        Ok(()) => {
            let (answer, agreed) = negotiation.answer(None).unwrap();
            let answer = Session::parse(&answer).unwrap();
            assert_eq!(answer.media.len(), session.media.len(), "each line has its answer");
            write!(out, "{:?} to {}", agreed.codec, agreed.remote_rtp)
        }
    }
    .unwrap();
    out
}

fn descriptions(folder: &str) -> String {
    let mut out = String::new();
    for (name, bytes) in read_all(folder) {
        writeln!(out, "{name}: {}", description(&bytes)).unwrap();
        // Cut anywhere it may be less, never a panic.
        for cut in 0..bytes.len() {
            if let Ok(session) = Session::parse(&bytes[..cut]) {
                let text = session.to_string();
                let again = Session::parse(text.as_bytes()).unwrap();
                assert_eq!(again.media.len(), session.media.len(), "{name} cut at {cut}");
            }
        }
    }
    out
}

#[test]
fn descriptions_of_sdp_transform() {
    expect_file!["data/sdp-transform.verdicts"].assert_eq(&descriptions("sdp-transform"));
}

#[test]
fn descriptions_of_libwebrtc() {
    expect_file!["data/libwebrtc/sdp.verdicts"].assert_eq(&descriptions("libwebrtc/sdp"));
}

#[test]
fn rtp_of_libwebrtc() {
    let mut out = String::new();
    for (name, bytes) in read_all("libwebrtc/rtp") {
        let verdict = match rtp::parse(&bytes) {
            None => "not RTP".to_owned(),
            Some((header, payload)) => format!("{header:?}, payload {payload:?}"),
        };
        writeln!(out, "{name}: {} bytes, {verdict}", bytes.len()).unwrap();
    }
    expect_file!["data/libwebrtc/rtp.verdicts"].assert_eq(&out);
}

#[test]
fn rtcp_of_libwebrtc() {
    let mut out = String::new();
    for (name, bytes) in read_all("libwebrtc/rtcp") {
        let verdict = match rtcp::parse(&bytes) {
            None => "no compound RTCP".to_owned(),
            Some(received) => format!("{received:?}"),
        };
        writeln!(out, "{name}: {} bytes, {verdict}", bytes.len()).unwrap();
    }
    expect_file!["data/libwebrtc/rtcp.verdicts"].assert_eq(&out);
}

/// Whose a packet is, by its first byte.
///
/// Source: RFC 7983 §7, figure 3.
fn whose(packet: &[u8]) -> &'static str {
    match packet.first() {
        Some(0..=3) => "STUN",
        Some(16..=19) => "ZRTP",
        Some(20..=63) => "DTLS",
        Some(64..=79) => "TURN channel",
        Some(128..=191) => "RTP or RTCP",
        Some(_) => "nobody's",
        None => "empty",
    }
}

/// Two legs that hear each other; the first shares one port for RTP and RTCP, and has yet to learn
/// where its phone is.
struct Pair {
    plane: Plane,
    phone: SocketAddr,
}

const PORTS: [u16; 2] = [10_000, 10_002];

impl Pair {
    fn new() -> Self {
        let mut plane = Plane::new(Instant::now(), 0, &(10_000..=10_003), 1);
        let phone: SocketAddr = "192.0.2.1:4000".parse().unwrap();
        for (port, other) in [(PORTS[0], PORTS[1]), (PORTS[1], PORTS[0])] {
            let id = |port| MediaId { thread: 0, port, lease: 1 };
            let first = port == PORTS[0];
            let remote_rtp = if first { "192.168.1.1:9".parse().unwrap() } else { phone };
            let agreed = Agreed {
                remote_rtp,
                remote_rtcp: remote_rtp,
                rtcp_mux: true,
                codec: Codec::Pcmu,
                send_payload: 0,
                receive_payload: 0,
                telephone_event: None,
                event_clock_hz: 8000,
                comfort_noise: false,
                send: true,
                receive: true,
                also: [None; 3],
                learn_from: first.then_some(phone.ip()),
            };
            let now = Instant::now();
            plane.handle_command(now, id(port), Command::Open);
            plane.handle_command(now, id(port), Command::Agree(Box::new(agreed)));
            plane.handle_command(now, id(port), Command::Feed(Feed::Leg(id(other))));
        }
        Self { plane, phone }
    }

    /// Whether something comes of it.
    fn takes(&mut self, from: SocketAddr, channel: Channel, packet: &[u8]) -> bool {
        let mut buffer = [0; BUFFER_BYTES];
        let len = packet.len().min(BUFFER_BYTES - 1);
        buffer[..len].copy_from_slice(&packet[..len]);
        let now = Instant::now();
        let sent = self.plane.handle_packet(now, PORTS[0], channel, from, &mut buffer, len);
        sent.is_some() || self.plane.poll_event().is_some()
    }
}

/// We speak no ICE yet: such a datagram is answered by nobody, and teaches nothing.
#[test]
fn stun_of_libwebrtc() {
    let mut out = String::new();
    let speech = [&[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7][..], &[0xd5; 160]].concat();
    for (name, bytes) in read_all("libwebrtc/stun") {
        let mut pair = Pair::new();
        let stranger = SocketAddr::new(pair.phone.ip(), 5555);
        let taken = [Channel::Rtp, Channel::Rtcp].map(|c| pair.takes(stranger, c, &bytes));
        let verdict = if taken == [false; 2] { "dropped" } else { "taken" };
        let whose = whose(&bytes);
        writeln!(out, "{name}: {} bytes, {whose}, {verdict}", bytes.len()).unwrap();
        // Had the stranger's address been learned, the phone would not be heard now.
        let phone = pair.phone;
        assert!(pair.takes(phone, Channel::Rtp, &speech), "{name}: the phone is not heard");
    }
    expect_file!["data/libwebrtc/stun.verdicts"].assert_eq(&out);
    assert!(!out.contains("taken"), "{out}");
}

/// Every first byte of RFC 7983 that is not RTP's, as short and long packets.
#[test]
fn only_rtp_and_rtcp_get_in() {
    for first in (0..=127).chain(192..=255) {
        for len in [1, 12, 20, 172, 1500] {
            for second in [0, 101, 200, 201] {
                let mut packet = vec![0xd5; len];
                packet[0] = first;
                if let Some(byte) = packet.get_mut(1) {
                    *byte = second;
                }
                let mut pair = Pair::new();
                let phone = pair.phone;
                for channel in [Channel::Rtp, Channel::Rtcp] {
                    assert!(!pair.takes(phone, channel, &packet), "{}: {first}", whose(&packet));
                }
            }
        }
    }
}
