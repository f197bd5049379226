//! Reliable provisional responses: ours to a caller that requires them, and those to our INVITE.
//!
//! Not here: several early dialogs (`forks`).
//! Source: RFC 3262 §3, §4, §5.

use std::time::Duration;

use expect_test::expect;
use legwork_sip::Status;
use legwork_sip::endpoint::{Invite, Reply};
use legwork_sip::event::DialogId;

use crate::forks::{calling, session};
use crate::peer::{Peer, SDP};
use crate::world::{RINGING, millis, sdp};

const REQUIRED: &str = "Require: 100rel\nContent-Type: application/sdp\n";

/// The endpoint is called by a peer that requires 100rel.
fn called(p: &mut Peer) -> DialogId {
    p.send("INVITE", 1, REQUIRED);
    p.invited()
}

fn ring(p: &mut Peer, dialog: DialogId, status: u16, with_session: bool) {
    p.endpoint.ring(p.now, dialog, Status(status), with_session.then(sdp), &[]);
    p.run();
    if p.last().starts_with("SIP/2.0") {
        p.learn();
    }
}

fn prack(p: &mut Peer, cseq: u32, rseq: u32, lines: &str) {
    p.send("PRACK", cseq, &format!("RAck: {rseq} 1 INVITE\n{lines}"));
}

fn answer(p: &mut Peer, dialog: DialogId) {
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
}

#[test]
fn a_reliable_180_in_full() {
    let mut p = Peer::new();
    let dialog = called(&mut p);
    ring(&mut p, dialog, 180, false);
    expect![[r#"
        SIP/2.0 180 Ringing
        Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKp1;rport=5060;received=192.0.2.9
        From: <sip:p@example.com>;tag=peer
        To: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        Call-ID: call
        CSeq: 1 INVITE
        Contact: <sip:n@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        Require: 100rel
        RSeq: 1856306078
        Server: test
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.send("ACK", 1, "");
    p.settles();
}

/// §3: T1 doubled each time until the PRACK; no second one before that.
#[test]
fn ringing_is_repeated_until_its_prack_and_the_next_one_waits() {
    let mut p = Peer::new();
    let dialog = called(&mut p);
    ring(&mut p, dialog, 180, false);
    ring(&mut p, dialog, 180, false);
    ring(&mut p, dialog, 183, true);
    p.wait(millis(2000));
    let rseq = p.rseq();
    prack(&mut p, 2, rseq, "");
    assert_eq!(p.rseq(), rseq + 1);
    prack(&mut p, 3, rseq + 1, "");
    answer(&mut p, dialog);
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 180 (INVITE)
        0.5 ◀─ 180 (INVITE) again
        1.5 ◀─ 180 (INVITE) again
        2.0 ─▶ PRACK
        2.0 ◀─ 200 (PRACK)
        2.0 ◀─ 183 (INVITE) +sdp
        2.0 ─▶ PRACK
        2.0 ◀─ 200 (PRACK)
        2.0 ◀─ 200 (INVITE)
        2.0 ─▶ ACK
        2.0 event Acked
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// §3: the 2xx waits for the PRACK of the 1xx that had the answer, and repeats nothing of it.
#[test]
fn a_200_waits_for_the_prack_of_its_session() {
    let mut p = Peer::new();
    let dialog = called(&mut p);
    ring(&mut p, dialog, 183, true);
    let rseq = p.rseq();
    answer(&mut p, dialog);
    p.wait(millis(700));
    prack(&mut p, 2, rseq, "");
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 183 (INVITE) +sdp
        0.5 ◀─ 183 (INVITE) +sdp again
        0.7 ─▶ PRACK
        0.7 ◀─ 200 (PRACK)
        0.7 ◀─ 200 (INVITE)
        0.7 ─▶ ACK
        0.7 event Acked
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// §3: it need not wait for one without a session, whose PRACK may still come.
#[test]
fn a_200_does_not_wait_for_a_plain_180() {
    let mut p = Peer::new();
    let dialog = called(&mut p);
    ring(&mut p, dialog, 180, false);
    let rseq = p.rseq();
    answer(&mut p, dialog);
    p.wait(millis(700));
    prack(&mut p, 2, rseq, "");
    p.send("ACK", 1, "");
    prack(&mut p, 3, rseq, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 180 (INVITE)
        0.0 ◀─ 200 (INVITE) +sdp
        0.5 ◀─ 200 (INVITE) +sdp again
        0.7 ─▶ PRACK
        0.7 ◀─ 200 (PRACK)
        0.7 ─▶ ACK
        0.7 event Acked
        0.7 ─▶ PRACK
        0.7 ◀─ 481 (PRACK)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// §3: 64·T1 without PRACK: the INVITE is refused with a 5xx, also where its 2xx waits.
#[test]
fn ringing_nobody_acknowledges_504() {
    let expected = expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 183 (INVITE) +sdp
        0.5 ◀─ 183 (INVITE) +sdp again
        1.5 ◀─ 183 (INVITE) +sdp again
        3.5 ◀─ 183 (INVITE) +sdp again
        7.5 ◀─ 183 (INVITE) +sdp again
        15.5 ◀─ 183 (INVITE) +sdp again
        31.5 ◀─ 183 (INVITE) +sdp again
        32.0 event Cancelled
        32.0 ◀─ 504 (INVITE)
        32.5 ◀─ 504 (INVITE) again
        33.0 ─▶ ACK
    "#]];
    for answered in [false, true] {
        let mut p = Peer::new();
        let dialog = called(&mut p);
        ring(&mut p, dialog, 183, true);
        if answered {
            answer(&mut p, dialog);
        }
        p.wait(Duration::from_secs(33));
        p.send("ACK", 1, "");
        expected.assert_eq(&p.seen());
        p.settles();
    }
}

/// §3: 481 where no reliable 1xx waits for it; 400 without a RAck.
#[test]
fn a_prack_that_fits_nothing() {
    let mut p = Peer::new();
    let dialog = called(&mut p);
    ring(&mut p, dialog, 180, false);
    let rseq = p.rseq();
    p.send("PRACK", 2, &format!("RAck: {} 1 INVITE\n", rseq + 1));
    p.send("PRACK", 3, &format!("RAck: {rseq} 2 INVITE\n"));
    p.send("PRACK", 4, &format!("RAck: {rseq} 1 BYE\n"));
    p.send("PRACK", 5, "");
    prack(&mut p, 6, rseq, "");
    p.again();
    prack(&mut p, 7, rseq, "");
    answer(&mut p, dialog);
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 180 (INVITE)
        0.0 ─▶ PRACK
        0.0 ◀─ 481 (PRACK)
        0.0 ─▶ PRACK
        0.0 ◀─ 481 (PRACK)
        0.0 ─▶ PRACK
        0.0 ◀─ 481 (PRACK)
        0.0 ─▶ PRACK
        0.0 ◀─ 400 (PRACK)
        0.0 ─▶ PRACK
        0.0 ◀─ 200 (PRACK)
        0.0 ─▶ PRACK
        0.0 ◀─ 200 (PRACK) again
        0.0 ─▶ PRACK
        0.0 ◀─ 481 (PRACK)
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ ACK
        0.0 event Acked
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// §5: an offer in the PRACK is answered in its 2xx, before the 2xx to the INVITE.
#[test]
fn a_prack_may_bring_an_offer() {
    for refused in [false, true] {
        let mut p = Peer::new();
        let dialog = called(&mut p);
        ring(&mut p, dialog, 183, true);
        let rseq = p.rseq();
        answer(&mut p, dialog);
        prack(&mut p, 2, rseq, SDP);
        if refused {
            let reply = Reply { status: Status::NOT_ACCEPTABLE_HERE, lines: Vec::new() };
            p.endpoint.reject(p.now, dialog, reply);
        } else {
            p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
        }
        p.run();
        p.send("ACK", 1, "");
        let log = p.seen();
        let (before, after) = if refused {
            ("488 (PRACK)", "200 (INVITE)")
        } else {
            ("200 (PRACK) +sdp", "200 (INVITE)")
        };
        assert!(log.find(before).unwrap() < log.find(after).unwrap(), "{log}");
        assert!(!log.contains("200 (INVITE) +sdp"), "{log}");
        p.end(dialog);
    }
    // Nothing was answered yet: there is nothing to offer anew.
    let mut p = Peer::new();
    let dialog = called(&mut p);
    ring(&mut p, dialog, 180, false);
    let rseq = p.rseq();
    prack(&mut p, 2, rseq, SDP);
    assert!(p.last().starts_with("SIP/2.0 488 "), "{}", p.last());
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.send("ACK", 1, "");
    p.settles();
}

#[test]
fn a_call_ends_while_ringing_waits_for_its_prack() {
    for (what, status) in [("CANCEL", "487"), ("BYE", "487"), ("refuse", "486"), ("end", "603")] {
        let mut p = Peer::new();
        let dialog = called(&mut p);
        ring(&mut p, dialog, 183, true);
        ring(&mut p, dialog, 180, false);
        match what {
            "CANCEL" => {
                let invite = "CANCEL sip:n@192.0.2.1 SIP/2.0\n\
                     Via: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKp1\n\
                     From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\n\
                     Call-ID: call\nCSeq: 1 CANCEL\nContent-Length: 0\n\n";
                p.raw(invite);
            }
            "BYE" => p.send("BYE", 2, ""),
            "refuse" => {
                let reply = Reply { status: Status::BUSY_HERE, lines: Vec::new() };
                p.endpoint.reject(p.now, dialog, reply);
            }
            _ => p.endpoint.end(p.now, dialog, &[]),
        }
        p.run();
        let log = p.seen();
        assert!(log.contains(&format!("◀─ {status} (INVITE)")), "{what}: {log}");
        p.wait(millis(600));
        assert!(!p.seen().contains("183"), "{what}: not repeated any more");
        p.send("ACK", 1, "");
        p.settles();
    }
}

/// Supported alone: sent once, unreliably. A lost 183 costs an announcement, a PRACK that never
/// comes would cost the call.
#[test]
fn who_only_supports_it_is_rung_unreliably() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "Supported: 100rel\nContent-Type: application/sdp\n");
    let dialog = p.invited();
    ring(&mut p, dialog, 183, true);
    assert!(!p.last().contains("RSeq") && !p.last().contains("Require"), "{}", p.last());
    p.wait(millis(5000));
    answer(&mut p, dialog);
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 183 (INVITE) +sdp
        5.0 ◀─ 200 (INVITE) +sdp
        5.0 ─▶ ACK
        5.0 event Acked
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// RFC 3261 §13.2.1: the first reliable response to an INVITE without offer would have to bring one.
#[test]
fn who_requires_it_without_an_offer_is_not_rung() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "Require: 100rel\n");
    let dialog = p.invited();
    p.endpoint.ring(p.now, dialog, RINGING, None, &[]);
    p.wait(millis(300));
    answer(&mut p, dialog);
    p.learn();
    p.send("ACK", 1, SDP);
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.2 ◀─ 100 (INVITE)
        0.3 ◀─ 200 (INVITE) +sdp
        0.3 ─▶ ACK +sdp
        0.3 event Acked +sdp
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

// === we call ===

#[test]
fn a_prack_in_full() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let lines = "Require: 100rel\nRSeq: 988789\nContact: <sip:bob@192.0.2.12>\n\
                 Record-Route: <sip:192.0.2.20;lr>, <sip:192.0.2.21;lr>\n";
    p.answer_as("INVITE", "180 Ringing", "x", lines);
    expect![[r#"
        PRACK sip:bob@192.0.2.12 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-5v4nw2a31gnzb;rport
        Route: <sip:192.0.2.21;lr>
        Route: <sip:192.0.2.20;lr>
        Max-Forwards: 70
        From: <sip:alice@example.org>;tag=n0001-03cdrzcq0sgfq
        To: <sip:bob@example.com>;tag=x
        Call-ID: n0001-aea4dzfad31x8bz1h63505yhst
        CSeq: 2 PRACK
        User-Agent: test
        RAck: 988789 1 INVITE
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.ok_to_last("PRACK");
    p.answer_as("INVITE", "486 Busy Here", "x", "");
    p.endpoint.end(p.now, dialog, &[]);
    p.settles();
}

/// §4: each once, in order; what is repeated or out of order is passed over.
#[test]
fn reliable_ringing_is_acknowledged_in_order() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    let mut rings = |status: &str, rseq: u32, more: &str| {
        let lines = format!("Require: 100rel\nRSeq: {rseq}\nContact: <sip:bob@192.0.2.12>\n{more}");
        p.answer_as("INVITE", status, "x", &lines);
    };
    rings("180 Ringing", 5, "");
    rings("180 Ringing", 5, "");
    rings("183 Progress", 7, SDP);
    rings("183 Progress", 6, SDP);
    rings("183 Progress", 7, SDP);
    p.wait(millis(600));
    p.answer_as("INVITE", "200 OK", "x", "Contact: <sip:bob@192.0.2.12>\n");
    assert_eq!(session(&p), "v=0");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 180 (INVITE)
        0.0 event Provisional 180
        0.0 ◀─ PRACK
        0.0 ─▶ 180 (INVITE)
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.5 ◀─ PRACK again
        0.5 ◀─ PRACK again
        0.5 ◀─ PRACK again
        0.6 ─▶ 200 (INVITE)
        0.6 event Answered
        0.6 ◀─ ACK
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// A reliable 1xx to an INVITE without offer would bring one: such an INVITE does not allow it.
#[test]
fn an_invite_without_offer_does_not_support_100rel() {
    let mut p = Peer::new();
    let invite = Invite {
        target: "sip:bob@example.com".to_owned(),
        flow: p.flow,
        from: "<sip:alice@example.org>".to_owned(),
        to: "<sip:bob@example.com>".to_owned(),
        routes: Vec::new(),
        lines: Vec::new(),
        body: None,
        refer_allowed: true,
        contact_parameters: "",
        credentials: None,
        hops: None,
    };
    let dialog = p.endpoint.invite(p.now, invite);
    p.run();
    assert!(p.last().contains("\r\nSupported: timer, norefersub, replaces\r\n"), "{}", p.last());
    p.answer_as("INVITE", "183 Progress", "x", &format!("Require: 100rel\nRSeq: 1\n{SDP}"));
    assert!(p.last().starts_with("INVITE "), "not acknowledged: {}", p.last());
    p.endpoint.cancel(p.now, dialog, &[]);
    p.run();
    p.ok_to_last("CANCEL");
    p.answer_as("INVITE", "487 Terminated", "x", "");
    p.settles();
}

/// A call given up is acknowledged until its final answer all the same.
#[test]
fn reliable_ringing_after_cancel() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "180 Ringing", "x", "");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.answer_as("INVITE", "183 Progress", "x", "Require: 100rel\nRSeq: 1\n");
    p.answer_as("INVITE", "487 Terminated", "x", "");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 180 (INVITE)
        0.0 event Provisional 180
        0.0 ◀─ CANCEL
        0.0 ─▶ 183 (INVITE)
        0.0 ◀─ PRACK
        0.0 ─▶ 487 (INVITE)
        0.0 ◀─ ACK
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

/// A reliable 1xx to a re-INVITE is acknowledged, and nobody is told.
#[test]
fn reliable_ringing_of_a_reinvite() {
    let mut p = Peer::new();
    let dialog = p.call();
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    let lines = "Require: 100rel\nRSeq: 7\nContact: <sip:p@192.0.2.9>\n";
    p.answer_as("INVITE", "183 Progress", "peer", lines);
    assert!(p.last().contains("\r\nRAck: 7 1 INVITE\r\n"), "{}", p.last());
    p.answer_as("INVITE", "200 OK", "peer", SDP);
    p.send("INFO", 2, "");
    p.send("INFO", 2, "");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 183 (INVITE)
        0.0 ◀─ PRACK
        0.0 ─▶ 200 (INVITE) +sdp
        0.0 event ReinviteAnswered
        0.0 ◀─ ACK
        0.0 ─▶ INFO
        0.0 event Info
        0.0 ◀─ 200 (INFO)
        0.0 ─▶ INFO
        0.0 ◀─ 482 (INFO)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn ringing_between_two_endpoints() {
    let mut w = crate::world::World::new(legwork_sip::Transport::Udp);
    let a = w.invite(Some(sdp()));
    let b = w.invited();
    w.b.ring(w.now, b, RINGING, None, &[]);
    w.run();
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.run();
    assert!(!w.seen().contains("PRACK"), "nobody requires it");
    w.finish(a);
}
