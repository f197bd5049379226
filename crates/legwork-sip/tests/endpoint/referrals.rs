//! REFER of ours, and the notices of what becomes of it.
//!
//! Source: RFC 3515, RFC 6665 §4.1, RFC 4488; refer-interop lines 6, 7, 27, 30, 31.

use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use legwork_sip::Message;
use legwork_sip::digest::Credentials;
use legwork_sip::endpoint::Invite;
use legwork_sip::event::DialogId;
use legwork_sip::header::Name;

use crate::peer::{Peer, SDP};
use crate::world::sdp;

const TARGET: &str = "sip:b@example.com?User-to-User=1%3Bencoding%3Dhex";

/// The endpoint refers its peer.
fn refer(p: &mut Peer, dialog: DialogId) -> bool {
    let sent = p.endpoint.refer(p.now, dialog, TARGET, &[]);
    p.run();
    sent
}

/// A call of the peer, and a REFER to it.
fn referred() -> (Peer, DialogId) {
    let mut p = Peer::new();
    let dialog = p.call();
    assert!(refer(&mut p, dialog));
    (p, dialog)
}

/// A NOTIFY of the peer, whose CSeq is a number that grows.
fn notify(p: &mut Peer, cseq: u32, event: &str, state: &str, body: &str) {
    let tag = p.our_tag().to_owned();
    let length = body.len();
    p.raw(&format!(
        "NOTIFY sip:n@192.0.2.1 SIP/2.0\n\
         Via: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKn{cseq}\n\
         Max-Forwards: 70\n\
         From: <sip:p@example.com>;tag=peer\n\
         To: <sip:n@example.com>;tag={tag}\n\
         Call-ID: call\n\
         CSeq: {cseq} NOTIFY\n\
         Contact: <sip:p@192.0.2.9>\n\
         Event: {event}\n\
         Subscription-State: {state}\n\
         Content-Type: message/sipfrag\n\
         Content-Length: {length}\n\n{body}"
    ));
}

#[test]
fn a_refer_in_full() {
    let (p, _) = referred();
    expect![[r#"
        REFER sip:p@192.0.2.9 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-78q0dc62ysr6s;rport
        Max-Forwards: 70
        From: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        To: <sip:p@example.com>;tag=peer
        Call-ID: call
        CSeq: 1 REFER
        Contact: <sip:n@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        User-Agent: test
        Refer-To: <sip:b@example.com?User-to-User=1%3Bencoding%3Dhex>
        Referred-By: <sip:n@example.com>
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace('\r', ""));
}

#[test]
fn accepted_told_and_over() {
    let (mut p, dialog) = referred();
    p.answer_last("REFER", "202 Accepted");
    notify(&mut p, 2, "refer", "active;expires=60", "SIP/2.0 100 Trying ");
    notify(&mut p, 3, "refer", "active;expires=60", "SIP/2.0 180 Ringing ");
    notify(&mut p, 4, "refer", "terminated;reason=noresource", "SIP/2.0 200 OK ");
    notify(&mut p, 5, "refer", "terminated;reason=noresource", "SIP/2.0 200 OK ");
    expect![[r#"
        0.0 ◀─ REFER
        0.0 ─▶ 202 (REFER)
        0.0 event Referred 202
        0.0 ─▶ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 event ReferProgress 100
        0.0 ◀─ 200 (NOTIFY)
        0.0 ─▶ NOTIFY refer Active SIP/2.0 180 Ringing
        0.0 event ReferProgress 180
        0.0 ◀─ 200 (NOTIFY)
        0.0 ─▶ NOTIFY refer Terminated SIP/2.0 200 OK
        0.0 event ReferProgress 200, last
        0.0 ◀─ 200 (NOTIFY)
        0.0 ─▶ NOTIFY refer Terminated SIP/2.0 200 OK
        0.0 ◀─ 481 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// Where the newest request of that method went.
fn sent_to(p: &Peer, method: &str) -> String {
    let is_it = |bytes: &&bytes::Bytes| bytes.starts_with(method.as_bytes());
    let bytes = p.sent.iter().rev().find(is_it).unwrap().clone();
    String::from_utf8_lossy(Message::parse(bytes).unwrap().uri()).into_owned()
}

#[test]
fn the_answer_and_the_notices_move_the_target() {
    let (mut p, dialog) = referred();
    p.answer_as("REFER", "202 Accepted", "peer", "Contact: <sip:second@192.0.2.9>\n");
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    assert_eq!(sent_to(&p, "INVITE"), "sip:second@192.0.2.9");
    p.answer_as("INVITE", "200 OK", "peer", "");
    // `notify` has another Contact.
    notify(&mut p, 2, "refer", "terminated;reason=noresource", "SIP/2.0 200 OK ");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    assert_eq!(sent_to(&p, "BYE"), "sip:p@192.0.2.9");
    p.ok_to_last("BYE");
    p.settles();
}

#[test]
fn bodies_of_phones() {
    for (body, told) in [
        ("SIP/2.0 486", "486, last"),
        ("sip/2.0 486 Busy Here", "486, last"),
        ("SIP/2.0 486 Busy Here\n", "486, last"),
        ("SIP/2.0 486 Busy Here\nServer: x\nContact: <sip:b@h>\n\n", "486, last"),
        ("\nSIP/2.0 180 Ringing\n", "180"),
        ("", "nothing"),
        ("<xml/>", "nothing"),
    ] {
        let (mut p, dialog) = referred();
        p.answer_last("REFER", "202 Accepted");
        p.seen();
        notify(&mut p, 2, "refer;id=1", "active", body);
        let seen = p.seen();
        assert!(seen.contains("◀─ 200 (NOTIFY)"), "{body}: {seen}");
        assert!(seen.contains(&format!("event ReferProgress {told}\n")), "{body}: {seen}");
        p.end(dialog);
    }
}

#[test]
fn a_notify_overtakes_the_202() {
    let (mut p, dialog) = referred();
    notify(&mut p, 2, "refer;id=1", "active", "SIP/2.0 100 Trying ");
    notify(&mut p, 3, "refer;id=1", "terminated", "SIP/2.0 200 OK ");
    p.answer_last("REFER", "202 Accepted");
    notify(&mut p, 4, "refer;id=1", "terminated", "SIP/2.0 200 OK ");
    expect![[r#"
        0.0 ◀─ REFER
        0.0 ─▶ NOTIFY refer;id=1 Active SIP/2.0 100 Trying
        0.0 event ReferProgress 100
        0.0 ◀─ 200 (NOTIFY)
        0.0 ─▶ NOTIFY refer;id=1 Terminated SIP/2.0 200 OK
        0.0 event ReferProgress 200, last
        0.0 ◀─ 200 (NOTIFY)
        0.0 ─▶ 202 (REFER)
        0.0 event Referred 202
        0.0 ─▶ NOTIFY refer;id=1 Terminated SIP/2.0 200 OK
        0.0 ◀─ 481 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn refused_redirected_or_not_answered() {
    for (status, told) in [
        ("405 Method Not Allowed", "405"),
        ("302 Moved Temporarily", "302"),
        ("603 Decline", "603"),
        ("401 Unauthorized", "401"),
    ] {
        let (mut p, dialog) = referred();
        p.seen();
        p.answer_last("REFER", status);
        let seen = p.seen();
        assert!(seen.ends_with(&format!("event Referred {told}, no notices\n")), "{seen}");
        // Of no subscription.
        notify(&mut p, 2, "refer", "active", "SIP/2.0 100 Trying ");
        assert!(p.seen().contains("◀─ 481 (NOTIFY)"));
        p.end(dialog);
    }
    let (mut p, dialog) = referred();
    p.wait(Duration::from_secs(33));
    assert!(p.seen().ends_with("32.0 event Referred 408, no notices\n"));
    p.end(dialog);
}

#[test]
fn a_phone_that_will_not_tell() {
    let (mut p, dialog) = referred();
    p.answer_as("REFER", "202 Accepted", "peer", "Refer-Sub: false\n");
    notify(&mut p, 2, "refer", "terminated", "SIP/2.0 200 OK ");
    expect![[r#"
        0.0 ◀─ REFER
        0.0 ─▶ 202 (REFER)
        0.0 event Referred 202, no notices
        0.0 ─▶ NOTIFY refer Terminated SIP/2.0 200 OK
        0.0 ◀─ 481 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn one_at_a_time_and_the_second_has_its_own_id() {
    let (mut p, dialog) = referred();
    assert!(!refer(&mut p, dialog));
    p.answer_last("REFER", "202 Accepted");
    assert!(!refer(&mut p, dialog));
    // Nothing is heard, and the owner gives up.
    p.endpoint.forget_refer(p.now, dialog);
    assert!(refer(&mut p, dialog));
    p.answer_last("REFER", "202 Accepted");
    p.seen();
    notify(&mut p, 2, "refer", "active", "SIP/2.0 180 Ringing ");
    notify(&mut p, 3, "refer;id=1", "active", "SIP/2.0 486 Busy Here ");
    notify(&mut p, 4, "refer;id=2", "active", "SIP/2.0 100 Trying ");
    notify(&mut p, 5, "refer;id=2", "terminated", "SIP/2.0 200 OK ");
    expect![[r#"
        0.0 ─▶ NOTIFY refer Active SIP/2.0 180 Ringing
        0.0 ◀─ 481 (NOTIFY)
        0.0 ─▶ NOTIFY refer;id=1 Active SIP/2.0 486 Busy Here
        0.0 ◀─ 481 (NOTIFY)
        0.0 ─▶ NOTIFY refer;id=2 Active SIP/2.0 100 Trying
        0.0 event ReferProgress 100
        0.0 ◀─ 200 (NOTIFY)
        0.0 ─▶ NOTIFY refer;id=2 Terminated SIP/2.0 200 OK
        0.0 event ReferProgress 200, last
        0.0 ◀─ 200 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_refer_waits_for_the_ack() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    assert!(refer(&mut p, dialog));
    p.learn();
    // Nothing was sent that it could be about.
    notify(&mut p, 2, "refer", "active", "SIP/2.0 100 Trying ");
    p.send("ACK", 1, "");
    p.answer_last("REFER", "202 Accepted");
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ◀─ 481 (NOTIFY)
        0.0 ─▶ ACK
        0.0 event Acked
        0.0 ◀─ REFER
        0.0 ─▶ 202 (REFER)
        0.0 event Referred 202
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);

    // It is not sent where the call ends first.
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    assert!(refer(&mut p, dialog));
    p.learn();
    p.endpoint.end(p.now, dialog, &[]);
    p.send("ACK", 1, "");
    p.ok_to_last("BYE");
    assert!(!p.seen().contains("REFER"));
    p.settles();
}

#[test]
fn there_is_no_session() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let dialog = p.invited();
    assert!(!refer(&mut p, dialog));
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.learn();
    p.send("ACK", 1, "");
    p.endpoint.end(p.now, dialog, &[]);
    assert!(!refer(&mut p, dialog));
    p.ok_to_last("BYE");
    p.settles();
}

#[test]
fn notices_behind_the_bye_are_answered_for_a_while() {
    let (mut p, dialog) = referred();
    p.answer_last("REFER", "202 Accepted");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.ok_to_last("BYE");
    p.seen();
    notify(&mut p, 2, "refer", "active", "SIP/2.0 180 Ringing ");
    p.wait(Duration::from_secs(31));
    notify(&mut p, 3, "refer", "active", "SIP/2.0 183 Progress ");
    p.wait(Duration::from_secs(2));
    notify(&mut p, 4, "refer", "terminated", "SIP/2.0 200 OK ");
    expect![[r#"
        0.0 ─▶ NOTIFY refer Active SIP/2.0 180 Ringing
        0.0 ◀─ 200 (NOTIFY)
        31.0 ─▶ NOTIFY refer Active SIP/2.0 183 Progress
        31.0 ◀─ 200 (NOTIFY)
        33.0 ─▶ NOTIFY refer Terminated SIP/2.0 200 OK
        33.0 ◀─ 481 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.settles();

    // The last one ends it, whoever sent the BYE.
    let (mut p, _) = referred();
    p.send("BYE", 2, "");
    p.answer_last("REFER", "202 Accepted");
    p.seen();
    notify(&mut p, 3, "refer", "terminated", "SIP/2.0 200 OK ");
    assert!(p.seen().ends_with("0.0 ◀─ 200 (NOTIFY)\n"));
    assert_eq!(p.endpoint.counts().dialogs, 0);
    p.settles();
}

#[test]
fn other_packages_and_broken_ones() {
    let (mut p, dialog) = referred();
    p.answer_last("REFER", "202 Accepted");
    p.seen();
    notify(&mut p, 2, "dialog", "active", "");
    notify(&mut p, 3, "refer", ";", "");
    expect![[r#"
        0.0 ─▶ NOTIFY dialog Active 
        0.0 ◀─ 489 (NOTIFY)
        0.0 ─▶ NOTIFY refer ? 
        0.0 ◀─ 400 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// A call of the endpoint's through two proxies, with a password.
fn called() -> (Peer, DialogId) {
    let mut p = Peer::new();
    let invite = Invite {
        target: "sip:b@192.0.2.9".to_owned(),
        flow: p.flow,
        from: "\"Bank\" <sip:a@192.0.2.1>".to_owned(),
        to: "<sip:b@192.0.2.9>".to_owned(),
        routes: Vec::new(),
        lines: Vec::new(),
        body: Some(sdp()),
        refer_allowed: true,
        contact_parameters: "",
        hops: None,
        credentials: Some(Arc::new(Credentials {
            username: "acme".to_owned(),
            password: "secret".to_owned(),
            realm: None,
        })),
    };
    let dialog = p.endpoint.invite(p.now, invite);
    p.run();
    let lines = format!(
        "Record-Route: <sip:192.0.2.9;lr;p=1>, <sip:192.0.2.9:5062;lr;p=2>\n\
         Contact: <sip:b@192.0.2.9:5064>\n{SDP}"
    );
    p.answer_as("INVITE", "200 OK", "peer", &lines);
    assert!(refer(&mut p, dialog));
    (p, dialog)
}

fn line(p: &Peer, name: Name) -> Vec<String> {
    let message = Message::parse(p.sent.last().unwrap().clone()).unwrap();
    message.headers(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

#[test]
fn it_goes_the_way_of_the_dialog() {
    let (mut p, dialog) = called();
    assert!(p.last().starts_with("REFER sip:b@192.0.2.9:5064 SIP/2.0\r\n"));
    let routes = ["<sip:192.0.2.9:5062;lr;p=2>", "<sip:192.0.2.9;lr;p=1>"];
    assert_eq!(line(&p, Name::Route), routes);
    assert_eq!(line(&p, Name::ReferTo), [format!("<{TARGET}>")]);
    assert_eq!(line(&p, Name::ReferredBy), ["<sip:a@192.0.2.1>"]);
    p.answer_last("REFER", "202 Accepted");
    p.end(dialog);
}

#[test]
fn a_challenge_is_answered_in_the_same_dialog() {
    let (mut p, dialog) = called();
    assert_eq!(line(&p, Name::CSeq), ["2 REFER"]);
    p.seen();
    let asks = |nonce: &str| format!("WWW-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\"\n");
    p.answer_as("REFER", "401 Unauthorized", "peer", &asks("n1"));
    assert_eq!(line(&p, Name::CSeq), ["3 REFER"]);
    assert_eq!(line(&p, Name::ReferTo), [format!("<{TARGET}>")]);
    assert_eq!(line(&p, Name::Authorization).len(), 1);
    assert!(!p.seen().contains("Referred"));
    p.answer_as("REFER", "401 Unauthorized", "peer", &asks("n2"));
    assert!(p.seen().ends_with("event Referred 401, no notices\n"));
    p.end(dialog);
}

#[test]
fn subscriptions_given_up_do_not_pile_up() {
    let (mut p, dialog) = referred();
    p.answer_last("REFER", "202 Accepted");
    for _ in 0..3 {
        p.endpoint.forget_refer(p.now, dialog);
        assert!(refer(&mut p, dialog));
        p.answer_last("REFER", "202 Accepted");
    }
    let timers = p.endpoint.counts().timers;
    p.endpoint.forget_refer(p.now, dialog);
    p.endpoint.forget_refer(p.now, dialog);
    assert_eq!(p.endpoint.counts().timers, timers + 1);
    p.end(dialog);
}
