//! The built server as a session recording client: SIPp is the recorder, whose two streams are heard.
//!
//! Not here: recorders that fail, transfers (the simulation, `siprec`).
//! Source: RFC 7866 §6.1, §7.1; docs/siprec.md.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "real/app.rs"]
mod app;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/sipp.rs"]
mod sipp;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/wav.rs"]
mod wav;

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use legwork_media::ear::Ear;
use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::tone::Heard;

use app::App;
use server::{PATIENCE, Server, configuration, free_port, is_installed, until};
use sipp::Sipp;

/// Where RTP comes in, and what is heard in it.
struct Listener {
    socket: UdpSocket,
    ear: Ear,
    from: Option<SocketAddr>,
}

impl Listener {
    fn new() -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", free_port())).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, ear: Ear::default(), from: None }
    }

    fn port(&self) -> String {
        self.socket.local_addr().unwrap().port().to_string()
    }

    /// Takes what has come in.
    fn hear(&mut self) {
        let mut packet = [0; 2048];
        while let Ok((len, from)) = self.socket.recv_from(&mut packet) {
            self.from = Some(from);
            assert!(self.ear.handle(packet.get(..len).unwrap()), "RTP that can be heard");
        }
    }
}

/// UserA, who says a tone, and both streams of the recorder.
struct Sound {
    usera: Listener,
    mouth: Mouth,
    inbound: Listener,
    outbound: Listener,
    next: Instant,
}

impl Sound {
    fn new() -> Self {
        let mouth = Mouth::new(7, Codec::Pcmu, 0, 101, 400);
        let (usera, inbound, outbound) = (Listener::new(), Listener::new(), Listener::new());
        Self { usera, mouth, inbound, outbound, next: Instant::now() }
    }

    /// Says what is due, and takes what has come in.
    fn pass(&mut self) {
        for listener in [&mut self.usera, &mut self.inbound, &mut self.outbound] {
            listener.hear();
        }
        let Some(to) = self.usera.from else { return };
        self.next = self.next.max(Instant::now() - Duration::from_millis(200));
        while self.next <= Instant::now() {
            self.usera.socket.send_to(&self.mouth.next_packet(), to).unwrap();
            self.next += Duration::from_millis(20);
        }
    }
}

/// A server whose account has one recorder, at that port; calls are recorded.
fn server(app: &App, recorder: u16) -> Server {
    let recorder = format!(
        "[[recorder]]\nname = \"archive\"\nuri = \"sip:recorder@127.0.0.1:{recorder}\"\n\
         username = \"legwork\"\npassword = \"secret\"\n"
    );
    let configuration = configuration(app, &[]) + &recorder;
    let command = Command::new(env!("CARGO_BIN_EXE_legwork"));
    Server::start_by(command, "siprec", &configuration, &["--record", "recorded"])
}

#[test]
fn a_recorder_hears_each_party_in_a_stream_of_its_own() {
    if !is_installed("sipp", "sip-tester", "siprec") {
        return;
    }
    let app = App::start();
    app.put("/tone.wav", "audio/wav", wav::tone_file(1000, 20));
    let told = app.url("/told");
    app.answers_calls_to(
        "bank",
        &format!(
            "<Start><Siprec name=\"case\" statusCallback=\"{told}\">\
             <Parameter name=\"Case\" value=\"9\"/></Siprec></Start>\
             <Play>{}</Play>",
            app.url("/tone.wav")
        ),
    );
    app.twiml("/told", "");
    let port = free_port();
    let server = server(&app, port);
    let mut sound = Sound::new();
    let ports = [("inbound", sound.inbound.port()), ("outbound", sound.outbound.port())];
    let keys = ports.each_ref().map(|(key, port)| (*key, port.as_str()));
    let recorder = Sipp::listens_on(port, &server, "siprec", "siprec/records", &keys);
    let at = sound.usera.port();
    let usera = Sipp::calls_as(&server, "siprec", "bank", "siprec/usera-calls", &[("sound", &at)]);

    until("both streams", PATIENCE, || {
        sound.pass();
        let heard = |listener: &Listener| listener.ear.heard(500);
        let both = (heard(&sound.inbound), heard(&sound.outbound));
        (both == (Heard::Tone(400), Heard::Tone(1000))).then_some(())
    });
    let hears = sound.usera.ear.heard(200);
    assert_eq!(hears, Heard::Tone(1000), "the call does not notice");
    let started = app.asked("/told");
    assert_eq!(started.parameter("SiprecEvent"), "siprec-started");
    assert_eq!(started.parameter("SiprecName"), "case");
    assert!(started.parameter("SiprecSid").starts_with("SR"));
    let ladder = server.trace(started.parameter("CallSid"));
    assert!(ladder.contains("archive"), "{ladder}");

    let hang_up = server.command(&["hangup", started.parameter("CallSid")]);
    assert!(hang_up.status.success(), "{hang_up:?}");
    usera.ends_well();
    recorder.ends_well();
    server.is_back_at_the_baseline();
    server.recordings_replay(1, &[]);
}
