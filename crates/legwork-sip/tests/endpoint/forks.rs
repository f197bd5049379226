//! Our INVITE is answered from several places; routes that come with the answer.

use expect_test::expect;
use legwork_sip::endpoint::Invite;
use legwork_sip::event::DialogId;

use crate::peer::Peer;
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
        hops: None,
        credentials: None,
    };
    let dialog = p.endpoint.invite(p.now, invite);
    p.run();
    dialog
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
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, INFO, SUBSCRIBE
        Supported: norefersub
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
