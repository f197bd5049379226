//! What holds inside every dialog, one test for each line of an RFC: target, routes, order, glare.
//!
//! Not here: rules for every request (`rules`); which transaction a message belongs to (`matching`).
//! Source: RFC 3261 §12.1, §12.2, §14; RFC 6086 §4.

use std::time::{Duration, Instant};

use legwork_sip::header::Name;
use legwork_sip::{Endpoint, Message};

use crate::forks::calling;
use crate::peer::Peer;
use crate::world::{config, sdp};

/// A request of the peer with a Contact of its own choice.
fn send_from(p: &mut Peer, method: &str, cseq: u32, contact: &str) {
    let tag = p.our_tag().to_owned();
    p.raw(&format!(
        "{method} sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKc{cseq}\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>;tag={tag}\nCall-ID: call\n\
         CSeq: {cseq} {method}\nContact: <{contact}>\nContent-Length: 0\n\n"
    ));
}

/// The Request-URI of the last request of this method.
fn sent_to(p: &Peer, method: &str) -> String {
    let is_it = |bytes: &&bytes::Bytes| bytes.starts_with(method.as_bytes());
    let bytes = p.sent.iter().rev().find(is_it).unwrap().clone();
    String::from_utf8_lossy(Message::parse(bytes).unwrap().uri()).into_owned()
}

#[test]
fn rfc3261_12_2_1_1_requests_that_move_the_target() {
    let mut p = Peer::new();
    let dialog = p.call();
    // A re-INVITE of the peer does.
    send_from(&mut p, "INVITE", 2, "sip:second@192.0.2.9");
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("ACK", 2, "");
    // INFO and OPTIONS do not.
    send_from(&mut p, "INFO", 3, "sip:info@192.0.2.9");
    send_from(&mut p, "OPTIONS", 4, "sip:options@192.0.2.9");
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    assert_eq!(sent_to(&p, "INVITE"), "sip:second@192.0.2.9");
    // The 2xx to one of ours does; its ACK goes there already.
    p.answer_as("INVITE", "200 OK", "peer", "Contact: <sip:third@192.0.2.9>\n");
    assert_eq!(sent_to(&p, "ACK"), "sip:third@192.0.2.9");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    assert_eq!(sent_to(&p, "BYE"), "sip:third@192.0.2.9");
    p.ok_to_last("BYE");
    p.settles();
}

/// A quoted string may hold NUL (RFC 3261 §25.1, quoted-pair): what we send carries it on.
#[test]
fn rfc3261_12_2_1_1_a_name_with_nul_stays_in_every_request() {
    let mut p = Peer::new();
    let (from, to) = ("\"N\\\0L\" <sip:p@example.com>;tag=peer", "\"\\\0\" <sip:n@example.com>");
    let route = "<sip:192.0.2.20;lr>;x=\"\\\0\"";
    let request = |method: &str, cseq: u32, to: &str| {
        format!(
            "{method} sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKn{cseq}\n\
             From: {from}\nTo: {to}\nCall-ID: call\nCSeq: {cseq} {method}\n\
             Record-Route: {route}\nContact: <sip:p@192.0.2.9>\nContent-Length: 0\n\n"
        )
    };
    p.raw(&request("INVITE", 1, to));
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.learn();
    let tagged = format!("{to};tag={}", p.our_tag());
    p.raw(&request("ACK", 1, &tagged));
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    let bye = Message::parse(p.sent.last().unwrap().clone()).unwrap();
    assert_eq!(bye.header(Name::From), Some(tagged.as_bytes()));
    assert_eq!(bye.header(Name::To), Some(from.as_bytes()));
    assert_eq!(bye.header(Name::Route), Some(route.as_bytes()));
    p.ok_to_last("BYE");
    p.settles();
}

#[test]
fn rfc3261_12_1_1_a_called_party_keeps_the_route_as_it_came() {
    let mut p = Peer::new();
    let routes = "Record-Route: <sip:192.0.2.20;lr>, <sip:192.0.2.21;lr>\n";
    p.send("INVITE", 1, routes);
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.learn();
    p.send("ACK", 1, "");
    // Made once: what a later request records changes nothing (§12.2).
    p.send("INVITE", 2, "Record-Route: <sip:192.0.2.99;lr>\n");
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("ACK", 2, "");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    let bye = p.last();
    let routes = "\r\nRoute: <sip:192.0.2.20;lr>\r\nRoute: <sip:192.0.2.21;lr>\r\n";
    assert!(bye.contains(routes) && !bye.contains("192.0.2.99"), "{bye}");
    p.ok_to_last("BYE");
    p.settles();
}

#[test]
fn rfc3261_12_2_2_a_dialog_is_all_three_of_its_names() {
    let mut p = Peer::new();
    let dialog = p.call();
    let tag = p.our_tag().to_owned();
    for (call_id, ours, theirs, status) in [
        ("call", tag.as_str(), "peer", "200"),
        ("other", &tag, "peer", "481"),
        ("call", &tag, "other", "481"),
        ("call", "other", "peer", "481"),
    ] {
        p.raw(&format!(
            "OPTIONS sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{call_id}{ours}{theirs}\n\
             From: <sip:p@example.com>;tag={theirs}\nTo: <sip:n@example.com>;tag={ours}\n\
             Call-ID: {call_id}\nCSeq: 9 OPTIONS\nContent-Length: 0\n\n"
        ));
        assert_eq!(p.last().split(' ').nth(1), Some(status), "{call_id} {ours} {theirs}");
    }
    p.end(dialog);
}

#[test]
fn rfc3261_14_2_a_second_invite_is_told_when_to_come_again() {
    let mut waits = Vec::new();
    for seed in 0..50 {
        let mut p = Peer::new();
        p.endpoint = Endpoint::new(config("192.0.2.1:5060", "n0001-"), seed);
        let dialog = p.call();
        p.send("INVITE", 2, "");
        p.send("INVITE", 3, "");
        let refusal = Message::parse(p.sent.last().unwrap().clone()).unwrap();
        assert_eq!(refusal.status().unwrap().0, 500);
        waits.push(refusal.retry_after().unwrap().unwrap());
        p.send("ACK", 3, "");
        p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
        p.run();
        p.send("ACK", 2, "");
        p.end(dialog);
    }
    assert!(waits.iter().all(|wait| *wait <= 10), "{waits:?}");
    assert!(waits.contains(&0) && waits.contains(&10), "drawn from all of them: {waits:?}");
}

/// How long a re-INVITE of ours that met one of the peer waits, in seconds.
fn pause_after_glare(p: &mut Peer, dialog: legwork_sip::event::DialogId) -> f64 {
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    p.answer_last("INVITE", "491 Request Pending");
    let (refused, sent) = (p.now, p.sent.len());
    let sent_again = |p: &Peer| p.sent.iter().skip(sent).any(|b| b.starts_with(b"INVITE"));
    while !sent_again(p) {
        let due: Instant = p.endpoint.poll_timeout().unwrap();
        assert!(due < refused + Duration::from_secs(5));
        p.now = due;
        p.endpoint.handle_timeout(due);
        p.run();
    }
    let pause = (p.now - refused).as_secs_f64();
    p.answer_as("INVITE", "200 OK", "peer", "Contact: <sip:p@192.0.2.9>\n");
    p.end(dialog);
    pause
}

#[test]
fn rfc3261_14_1_after_glare_the_owner_of_the_call_id_waits_longer() {
    let (mut owned, mut foreign) = (Vec::new(), Vec::new());
    for seed in 0..100 {
        let mut p = Peer::new();
        p.endpoint = Endpoint::new(config("192.0.2.1:5060", "n0001-"), seed);
        let dialog = calling(&mut p);
        p.answer_as("INVITE", "200 OK", "peer", "Contact: <sip:p@192.0.2.9>\n");
        owned.push(pause_after_glare(&mut p, dialog));

        let mut p = Peer::new();
        p.endpoint = Endpoint::new(config("192.0.2.1:5060", "n0001-"), seed);
        let dialog = p.call();
        foreign.push(pause_after_glare(&mut p, dialog));
    }
    for (pauses, from, to) in [(owned, 2.1, 4.0), (foreign, 0.0, 2.0)] {
        assert!(pauses.iter().all(|pause| (from..=to).contains(pause)), "{pauses:?}");
        let third = (to - from) / 3.0;
        for n in [0.0, 1.0, 2.0] {
            let part = from + n * third..=from + (n + 1.0) * third;
            assert!(pauses.iter().any(|pause| part.contains(pause)), "{part:?}: {pauses:?}");
        }
    }
}

/// We have no packages: one that asks for something is refused, INFO as it was before is not.
#[test]
fn rfc6086_4_2_2_info_packages_are_refused() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("INFO", 2, "Info-Package: foo\n");
    let refusal = p.last();
    assert!(refusal.starts_with("SIP/2.0 469 "), "{refusal}");
    assert!(refusal.contains("\r\nRecv-Info: \r\n"), "{refusal}");
    p.send("INFO", 3, "Content-Type: application/dtmf-relay\n");
    assert!(p.last().starts_with("SIP/2.0 200 "), "{}", p.last());
    p.end(dialog);
}
