//! Our INVITE is answered from several places; routes that come with the answer.

use expect_test::expect;
use legwork_sip::Event;
use legwork_sip::endpoint::Invite;
use legwork_sip::event::DialogId;

use crate::peer::{Peer, SDP};
use crate::world::{millis, sdp};

pub(crate) fn calling(p: &mut Peer) -> DialogId {
    let invite = Invite {
        target: "sip:bob@example.com".to_owned(),
        flow: p.flow,
        from: "<sip:alice@example.org>".to_owned(),
        to: "<sip:bob@example.com>".to_owned(),
        routes: Vec::new(),
        lines: Vec::new(),
        body: Some(sdp()),
        refer_allowed: false,
        contact_parameters: "",
        hops: None,
        credentials: None,
    };
    let dialog = p.endpoint.invite(p.now, invite);
    p.run();
    dialog
}

/// What the owner is told the answer to its offer is.
pub(crate) fn session(p: &Peer) -> String {
    let session = p.events.iter().find_map(|event| match event {
        Event::Answered { session, .. } => Some(session.clone()),
        _ => None,
    });
    String::from_utf8(session.expect("an answer").to_vec()).unwrap()
}

#[test]
fn the_first_2xx_wins() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "180 Ringing", "one", "Contact: <sip:one@192.0.2.11>\n");
    p.answer_as("INVITE", "183 Progress", "two", "Contact: <sip:two@192.0.2.12>\n");
    p.answer_as("INVITE", "200 OK", "two", "Contact: <sip:two@192.0.2.12>\n");
    p.answer_as("INVITE", "200 OK", "one", "Contact: <sip:one@192.0.2.11>\n");
    assert!(p.last().starts_with("BYE sip:one@192.0.2.11 "), "{}", p.last());
    p.ok_to_last("BYE");
    p.answer_as("INVITE", "200 OK", "two", "Contact: <sip:two@192.0.2.12>\n");
    p.answer_as("INVITE", "200 OK", "one", "Contact: <sip:one@192.0.2.11>\n");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 180 (INVITE)
        0.0 event Provisional 180
        0.0 ─▶ 183 (INVITE)
        0.0 event Provisional 183
        0.0 ─▶ 200 (INVITE)
        0.0 event Answered
        0.0 ◀─ ACK
        0.0 ─▶ 200 (INVITE)
        0.0 ◀─ ACK
        0.0 ◀─ BYE
        0.0 ─▶ 200 (BYE)
        0.0 ─▶ 200 (INVITE)
        0.0 ◀─ ACK again
        0.0 ─▶ 200 (INVITE)
        0.0 ◀─ ACK again
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_strict_router_gets_the_request() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let lines = "Contact: <sip:bob@192.0.2.12>\n\
                 Record-Route: <sip:192.0.2.20;lr>, <sip:192.0.2.21>\n";
    p.answer_as("INVITE", "200 OK", "x", lines);
    expect![[r#"
        ACK sip:192.0.2.21 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-5v4nw2a31gnzb;rport
        Route: <sip:192.0.2.20;lr>
        Route: <sip:bob@192.0.2.12>
        Max-Forwards: 70
        From: <sip:alice@example.org>;tag=n0001-03cdrzcq0sgfq
        To: <sip:bob@example.com>;tag=x
        Call-ID: n0001-aea4dzfad31x8bz1h63505yhst
        CSeq: 1 ACK
        User-Agent: test
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.end(dialog);
}

#[test]
fn an_invite_in_full() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    expect![[r#"
        INVITE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-78q0dc62ysr6s;rport
        Max-Forwards: 70
        From: <sip:alice@example.org>;tag=n0001-03cdrzcq0sgfq
        To: <sip:bob@example.com>
        Call-ID: n0001-aea4dzfad31x8bz1h63505yhst
        CSeq: 1 INVITE
        Contact: <sip:alice@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        Session-Expires: 1800
        Min-SE: 90
        User-Agent: test
        Content-Type: application/sdp
        Content-Length: 36

        v=0
        o=- 1 1 IN IP4 192.0.2.1
        s=-
    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.answer_as("INVITE", "486 Busy Here", "x", "");
    expect![[r#"
        ACK sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-78q0dc62ysr6s;rport
        Max-Forwards: 70
        From: <sip:alice@example.org>;tag=n0001-03cdrzcq0sgfq
        To: <sip:bob@example.com>;tag=x
        Call-ID: n0001-aea4dzfad31x8bz1h63505yhst
        CSeq: 1 ACK
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.wait(millis(1));
    p.endpoint.end(p.now, dialog, &[]);
    p.settles();
}

#[test]
fn phones_behind_nat_are_reached_where_they_were_heard() {
    let mut p = Peer::new();
    p.flow.remote = "198.51.100.4:40123".parse().unwrap();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "200 OK", "x", "Contact: <sip:bob@192.168.1.5:5060>\n");
    p.endpoint.end(p.now, dialog, &[]);
    let bye = p.endpoint.poll_transmit().unwrap();
    assert_eq!(bye.flow.remote, p.flow.remote);
    assert!(bye.bytes.starts_with(b"BYE sip:bob@192.168.1.5:5060 "));
    p.settles();
}

/// RFC 3261 §13.2.2.4: ended although the session it came too late for is over as well.
#[test]
fn a_2xx_of_a_further_fork_after_the_dialog_is_gone() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "200 OK", "one", "Contact: <sip:one@192.0.2.11>\n");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.ok_to_last("BYE");
    assert_eq!(p.endpoint.counts().dialogs, 0);
    let lines = "Contact: <sip:two@192.0.2.12>\nRecord-Route: <sip:192.0.2.20;lr>\n";
    p.answer_as("INVITE", "200 OK", "two", lines);
    let bye = p.last();
    assert!(bye.starts_with("BYE sip:two@192.0.2.12 "), "{bye}");
    assert!(bye.contains("\r\nRoute: <sip:192.0.2.20;lr>\r\n"), "{bye}");
    assert!(bye.contains("\r\nTo: <sip:bob@example.com>;tag=two\r\n"), "{bye}");
    p.ok_to_last("BYE");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 200 (INVITE)
        0.0 event Answered
        0.0 ◀─ ACK
        0.0 ◀─ BYE
        0.0 ─▶ 200 (BYE)
        0.0 ─▶ 200 (INVITE)
        0.0 ◀─ ACK
        0.0 ◀─ BYE
        0.0 ─▶ 200 (BYE)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

/// RFC 3261 §13.2.2.4 with RFC 3262 §4: each early dialog is acknowledged by itself; the one that
/// answers brings its route, its target and the session it described before.
#[test]
fn forks_that_ring_reliably() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let ring = |rseq: u32, host: u8| {
        format!(
            "{SDP}Require: 100rel\nRSeq: {rseq}\nContact: <sip:x@192.0.2.{host}>\n\
             Record-Route: <sip:192.0.2.{};lr>\n",
            host + 10
        )
    };
    p.answer_as("INVITE", "183 Progress", "one", &ring(1, 11));
    let prack = p.last();
    assert!(
        prack.starts_with("PRACK sip:x@192.0.2.11 ")
            && prack.contains("Route: <sip:192.0.2.21;lr>")
    );
    p.answer_as("INVITE", "183 Progress", "two", &ring(7000, 12));
    let prack = p.last();
    assert!(
        prack.starts_with("PRACK sip:x@192.0.2.12 ")
            && prack.contains("Route: <sip:192.0.2.22;lr>")
    );
    assert!(prack.contains("\r\nRAck: 7000 1 INVITE\r\n") && prack.contains(";tag=two\r\n"));
    let lines = "Contact: <sip:x@192.0.2.12>\nRecord-Route: <sip:192.0.2.22;lr>\n";
    p.answer_as("INVITE", "200 OK", "two", lines);
    let ack = p.last();
    assert!(ack.starts_with("ACK sip:x@192.0.2.12 ") && ack.contains(";tag=two\r\n"));
    assert_eq!(session(&p), "v=0");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    assert!(p.last().starts_with("BYE sip:x@192.0.2.12 "));
    p.ok_to_last("BYE");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.0 ─▶ 200 (INVITE)
        0.0 event Answered
        0.0 ◀─ ACK
        0.0 ◀─ BYE
        0.0 ─▶ 200 (BYE)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

/// Seed 65641 of the random scenarios: the BYE to the further fork had the CSeq of its PRACK, and any
/// phone refuses that with 500.
#[test]
fn a_further_fork_that_rang_reliably_is_ended_behind_its_prack() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let cseq = |text: &str| -> u32 {
        let line = text.lines().find_map(|line| line.strip_prefix("CSeq: ")).unwrap();
        line.split(' ').next().unwrap().parse().unwrap()
    };
    let ring = format!("{SDP}Require: 100rel\nRSeq: 1\nContact: <sip:x@192.0.2.11>\n");
    p.answer_as("INVITE", "183 Progress", "one", &ring);
    let prack = p.last();
    assert!(prack.starts_with("PRACK "), "{prack}");
    p.ok_to_last("PRACK");
    p.answer_as("INVITE", "200 OK", "two", "Contact: <sip:x@192.0.2.12>\n");
    p.answer_as("INVITE", "200 OK", "one", "Contact: <sip:x@192.0.2.11>\n");
    let bye = p.last();
    assert!(bye.starts_with("BYE sip:x@192.0.2.11 "), "{bye}");
    assert!(cseq(&bye) > cseq(&prack), "{bye}");
    p.ok_to_last("BYE");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.ok_to_last("BYE");
    p.settles();
}

/// A fork that described nothing before answers: what another one described is not its own.
#[test]
fn a_200_without_session_of_a_fork_that_never_had_one() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "183 Progress", "one", SDP);
    p.answer_as("INVITE", "200 OK", "two", "Contact: <sip:x@192.0.2.12>\n");
    assert_eq!(session(&p), "");
    p.end(dialog);
}

/// Requests of early dialogs find it by the tag of each fork, and count each by itself.
#[test]
fn forks_send_requests_before_the_answer() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let ring = |rseq| format!("{SDP}Require: 100rel\nRSeq: {rseq}\nContact: <sip:x@192.0.2.11>\n");
    p.answer_as("INVITE", "183 Progress", "one", &ring(1));
    p.answer_as("INVITE", "183 Progress", "two", &ring(1));
    for (tag, cseq, lines) in
        [("one", 9, ""), ("two", 4, ""), ("one", 8, ""), ("one", 10, SDP), ("two", 5, SDP)]
    {
        p.send_as(tag, "UPDATE", cseq, lines);
        p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
        p.run();
    }
    p.send_as("three", "UPDATE", 1, "");
    p.answer_as("INVITE", "200 OK", "two", &format!("{SDP}Contact: <sip:x@192.0.2.12>\n"));
    assert_eq!(session(&p), "v=0");
    p.send_as("two", "OPTIONS", 5, "");
    p.send_as("two", "OPTIONS", 6, "");
    p.send_as("one", "OPTIONS", 11, "");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ─▶ UPDATE
        0.0 ◀─ 500 (UPDATE)
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ◀─ 200 (UPDATE) +sdp
        0.0 ─▶ UPDATE +sdp
        0.0 ◀─ 491 (UPDATE)
        0.0 ─▶ UPDATE
        0.0 ◀─ 481 (UPDATE)
        0.0 ─▶ 200 (INVITE) +sdp
        0.0 event Answered
        0.0 ◀─ ACK
        0.0 ─▶ OPTIONS
        0.0 ◀─ 482 (OPTIONS)
        0.0 ─▶ OPTIONS
        0.0 ◀─ 200 (OPTIONS)
        0.0 ─▶ OPTIONS
        0.0 ◀─ 481 (OPTIONS)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// RFC 3261 §13.2.1: the fork that made another offer since has its 2xx read without a session.
#[test]
fn a_200_of_the_fork_that_offered_anew() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let lines = format!("{SDP}Require: 100rel\nRSeq: 1\nContact: <sip:x@192.0.2.11>\n");
    p.answer_as("INVITE", "183 Progress", "one", &lines);
    p.send_as("one", "UPDATE", 1, SDP);
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.answer_as("INVITE", "200 OK", "one", &format!("{SDP}Contact: <sip:x@192.0.2.11>\n"));
    assert_eq!(session(&p), "");
    p.end(dialog);
}
