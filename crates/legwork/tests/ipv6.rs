//! A call over `[::1]`, heard; relayed to a phone on 127.0.0.1 and back.
//!
//! Not here: names that have both kinds of addresses (`legwork_sip::locate`).
//! Source: RFC 3261 §25.1 (brackets), RFC 4566 §5.7 (`IN IP6`), RFC 5118.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/app.rs"]
mod app;
#[path = "dns/peer.rs"]
mod peer;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use app::App;
use legwork_media::ear::Ear;
use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::tone::Heard;
use peer::{Peer, Request};
use server::{PATIENCE, Server, configuration, said};

/// A peer with a voice.
struct Phone {
    peer: Peer,
    media: UdpSocket,
    server: SocketAddr,
    ear: Ear,
    mouth: Mouth,
}

impl Phone {
    fn new(ip: &str, hz: u16) -> Self {
        let media = UdpSocket::bind(format!("{ip}:0")).unwrap();
        // Both wait half a packet for the other: nobody talks faster than real time.
        media.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        Self {
            peer: Peer::new(ip.trim_matches(['[', ']'])),
            server: media.local_addr().unwrap(),
            media,
            ear: Ear::default(),
            mouth: Mouth::new(u32::from(hz), Codec::Pcmu, 0, 101, hz),
        }
    }

    /// Takes the next call; it must be of this family.
    fn answers(&mut self, family: &str) -> Request {
        let invite = self.peer.called();
        let ip = invite.line(&format!("c=IN {family} ")).parse().unwrap();
        let port = invite.line("m=audio ").split(' ').next().unwrap().parse().unwrap();
        self.server = SocketAddr::new(ip, port);
        let here = self.media.local_addr().unwrap();
        let sdp = format!(
            "v=0\r\no=- 1 1 IN {family} {0}\r\ns=-\r\nc=IN {family} {0}\r\nt=0 0\r\n\
             m=audio {1} RTP/AVP 0\r\n",
            here.ip(),
            here.port()
        );
        let length = sdp.len();
        let rest =
            format!("Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{sdp}");
        self.peer.answer(&invite, "200 OK", &rest);
        invite
    }

    fn talk(&mut self) {
        self.media.send_to(&self.mouth.next_packet(), self.server).unwrap();
        let mut buffer = [0; 2048];
        while let Ok((len, from)) = self.media.recv_from(&mut buffer) {
            assert_eq!(from, self.server);
            self.ear.handle(&buffer[..len]);
        }
    }
}

#[test]
fn phones_of_both_families_hear_each_other() {
    let configuration = configuration(&App::start(), &[])
        .replace("\"tcp://127.0.0.1:0\"", "\"udp://[::1]:0\"")
        .replace("listen_address = \"127.0.0.1\"", "listen_address = [\"127.0.0.1\", \"::1\"]");
    let server = Server::start_with("ipv6", &configuration);
    let (mut six, mut four) = (Phone::new("[::1]", 400), Phone::new("127.0.0.1", 700));
    let (to, then) = (six.peer.address(), four.peer.address());
    let twiml = format!("<Response><Dial><Sip>sip:four@{then}</Sip></Dial></Response>");
    let to = format!("sip:six@{to}");
    let placed = server.command(&["call", "sip:a@calls.example", &to, "--twiml", &twiml]);
    let sid = said(&placed, 0).trim().to_owned();
    let invite = six.answers("IP6");
    assert!(invite.line("Via:").starts_with("SIP/2.0/UDP [::1]:"), "{}", invite.text);
    assert!(invite.line("Contact:").contains("@[::1]:"), "{}", invite.text);
    assert!(invite.text.starts_with(&format!("INVITE {to} SIP/2.0")), "{}", invite.text);
    four.answers("IP4");
    let deadline = Instant::now() + PATIENCE;
    let hears = |phone: &Phone, hz| phone.ear.heard(200) == Heard::Tone(hz);
    while !(hears(&six, 700) && hears(&four, 400)) {
        assert!(Instant::now() < deadline, "nothing is heard: {}", server.trace(&sid));
        six.talk();
        four.talk();
    }
    said(&server.command(&["hangup", &sid]), 0);
}
