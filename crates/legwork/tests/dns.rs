//! Where a call goes when its host is a name: a real server asks a real name server and tries what it
//! is told.
//!
//! Not here: the order of questions and targets (`legwork_sip::locate`), what leads to the next target
//! (the simulation).
//! Source: RFC 3263 §4; Twilio, error 13254.

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
#[path = "dns/zone.rs"]
mod zone;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use app::App;
use peer::Peer;
use server::{PATIENCE, Server, configuration, said, until};
use zone::Zone;

fn start(name: &str, zone: &Zone, timeout: Duration) -> Server {
    let keys = zone.keys(timeout);
    let configuration = configuration(&App::start(), &[]);
    Server::start_with(name, &configuration.replace("[media]", &format!("{keys}[media]")))
}

const LONG: Duration = Duration::from_secs(6);

/// Places a call; its SID.
fn call(server: &Server, to: &str) -> String {
    let twiml = "<Response><Hangup/></Response>";
    let placed = server.command(&["call", "sip:a@calls.example", to, "--twiml", twiml]);
    said(&placed, 0).trim().to_owned()
}

/// The ladder of a call, once this stands in it. A call that is still looked for has none.
fn trace(server: &Server, call: &str, what: &str) -> String {
    until(what, PATIENCE, || {
        let output = server.command(&["trace", call]);
        let ladder = String::from_utf8_lossy(&output.stdout).into_owned();
        ladder.contains(what).then_some(ladder)
    })
}

#[test]
fn the_second_target_after_silence_and_after_503() {
    let (mut one, mut two) = (Peer::new("127.0.0.1"), Peer::new("127.0.0.1"));
    let zone = Zone::start(&format!(
        "naptr sbc.test 10 10 s SIP+D2T _sip._tcp.other.test
         naptr sbc.test 20 10 s SIP+D2U _sip._udp.sbc.test
         srv _sip._udp.sbc.test 1 0 {} one.test
         srv _sip._udp.sbc.test 2 0 {} two.test
         a one.test 127.0.0.1
         a two.test 127.0.0.1",
        one.address().port(),
        two.address().port()
    ));
    let server = start("dns-second", &zone, LONG);
    let sid = call(&server, "sip:desk@sbc.test");
    let first = one.called();
    assert!(first.text.starts_with("INVITE sip:desk@sbc.test SIP/2.0"), "{}", first.text);
    one.answer(&first, "503 Service Unavailable", "Retry-After: 300\r\n");
    let request = two.called();
    two.answer(&request, "486 Busy Here", "");
    let ladder = trace(&server, &sid, "486 Busy Here");
    assert!(ladder.contains("alert 32011"), "{ladder}");
    // It said when to come again.
    let sid = call(&server, "sip:desk@sbc.test");
    let again = two.called();
    assert_eq!(one.called_within(Duration::from_millis(100)).map(|request| request.text), None);
    two.answer(&again, "486 Busy Here", "");
    trace(&server, &sid, "is out: passed over");
    server.is_back_at_the_baseline();
}

#[test]
fn the_second_target_after_silence_or_a_refused_connection() {
    let (mut silent, mut two) = (Peer::new("127.0.0.1"), Peer::new("127.0.0.1"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let zone = Zone::start(&format!(
        "srv _sip._udp.silent.test 1 0 {} h.test
         srv _sip._udp.silent.test 2 0 {} h.test
         naptr closed.test 1 1 s SIP+D2T _sip._tcp.closed.test
         naptr closed.test 2 1 s SIP+D2U _sip._udp.closed.test
         srv _sip._tcp.closed.test 1 0 {} h.test
         srv _sip._udp.closed.test 1 0 {} h.test
         a h.test 127.0.0.1",
        silent.address().port(),
        two.address().port(),
        closed.port(),
        two.address().port(),
    ));
    let server = start("dns-silent", &zone, LONG);
    let placed = Instant::now();
    call(&server, "sip:desk@closed.test");
    let request = two.called();
    two.answer(&request, "486 Busy Here", "");
    assert!(placed.elapsed() < Duration::from_secs(4), "a refusal is told at once");
    let sid = call(&server, "sip:desk@silent.test");
    silent.called();
    let request = two.called();
    two.answer(&request, "486 Busy Here", "");
    trace(&server, &sid, "486 Busy Here");
}

#[test]
fn names_that_lead_nowhere_are_alerts() {
    let zone =
        Zone::start("servfail broken.test\nsilent slow.test\nsrv _sip._udp.off.test 0 0 0 .");
    let server = start("dns-nowhere", &zone, Duration::from_secs(1));
    for host in ["no-such.test", "broken.test", "slow.test:5060", "off.test"] {
        let placed = Instant::now();
        let sid = call(&server, &format!("sip:desk@{host}"));
        trace(&server, &sid, "alert 13254");
        assert!(placed.elapsed() < Duration::from_secs(10), "{host}");
    }
    server.is_back_at_the_baseline();
}

#[test]
fn weights_share_out_the_calls_and_answers_are_remembered() {
    let (mut one, mut two) = (Peer::new("127.0.0.1"), Peer::new("127.0.0.1"));
    let zone = Zone::start(&format!(
        "srv _sip._udp.sbc.test 1 50 {} one.test
         srv _sip._udp.sbc.test 1 50 {} two.test
         a one.test 127.0.0.1
         a two.test 127.0.0.1",
        one.address().port(),
        two.address().port()
    ));
    let server = start("dns-weights", &zone, LONG);
    let mut counts = [0; 2];
    for _ in 0..24 {
        let sid = call(&server, "sip:desk@sbc.test");
        until("a call", PATIENCE, || {
            [&mut one, &mut two].into_iter().zip(&mut counts).find_map(|(peer, count)| {
                let request = peer.called_within(Duration::from_millis(20))?;
                peer.answer(&request, "486 Busy Here", "");
                *count += 1;
                Some(())
            })
        });
        trace(&server, &sid, "486 Busy Here");
    }
    // Chance leaves one out once in eight million runs.
    assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
    assert_eq!(zone.asked_for_srv("_sip._udp.sbc.test"), 1);
    assert_eq!(zone.asked_for_srv("_sip._tcp.sbc.test"), 1);
}

#[test]
fn localhost_needs_no_name_server() {
    let mut peer = Peer::new("127.0.0.1");
    let zone = Zone::start("");
    let server = start("dns-localhost", &zone, LONG);
    let sid = call(&server, &format!("sip:desk@localhost:{}", peer.address().port()));
    let request = peer.called();
    peer.answer(&request, "486 Busy Here", "");
    trace(&server, &sid, "486 Busy Here");
}
