//! UPDATE of the peer: with an offer and without, in early and confirmed dialogs.
//!
//! Not here: ours, which refresh sessions (`timers`); which forks may send one (`forks`).
//! Source: RFC 3311 §5.

use expect_test::expect;
use legwork_sip::Status;
use legwork_sip::endpoint::Reply;

use crate::forks::calling;
use crate::peer::{Peer, SDP};
use crate::world::sdp;

/// §5.2: answered by the endpoint; the remote target is refreshed.
#[test]
fn an_update_without_session_refreshes_the_target() {
    let mut p = Peer::new();
    let dialog = p.call();
    let tag = p.our_tag().to_owned();
    p.raw(&format!(
        "UPDATE sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKu\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>;tag={tag}\nCall-ID: call\n\
         CSeq: 2 UPDATE\nContact: <sip:moved@192.0.2.33>\nContent-Length: 0\n\n"
    ));
    expect![[r#"
        SIP/2.0 200 OK
        Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKu
        From: <sip:p@example.com>;tag=peer
        To: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        Call-ID: call
        CSeq: 2 UPDATE
        Contact: <sip:n@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        Server: test
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    assert!(p.last().starts_with("BYE sip:moved@192.0.2.33 "), "{}", p.last());
    p.ok_to_last("BYE");
    p.settles();
}

/// §5.2: an offer is answered in the 2xx, without an ACK, or refused with 488.
#[test]
fn an_update_with_an_offer() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("UPDATE", 2, SDP);
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("UPDATE", 3, SDP);
    let reply = Reply { status: Status::NOT_ACCEPTABLE_HERE, lines: Vec::new() };
    p.endpoint.reject(p.now, dialog, reply);
    p.run();
    p.send("INFO", 4, "");
    expect![[r#"
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ◀─ 200 (UPDATE) +sdp
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ◀─ 488 (UPDATE)
        0.0 ─▶ INFO
        0.0 event Info
        0.0 ◀─ 200 (INFO)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// §5.2: 500 and Retry-After while an offer of the peer waits, 491 while one of ours does.
#[test]
fn updates_that_cross_other_offers() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("UPDATE", 2, SDP);
    p.send("UPDATE", 3, SDP);
    assert!(p.last().contains("\r\nRetry-After: "), "{}", p.last());
    p.send("INVITE", 4, SDP);
    p.send("ACK", 4, "");
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("INVITE", 5, SDP);
    p.send("UPDATE", 6, SDP);
    p.send("UPDATE", 7, "");
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("ACK", 5, "");
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    p.send("UPDATE", 8, SDP);
    p.send("UPDATE", 9, "");
    p.answer_as("INVITE", "200 OK", "peer", SDP);
    p.send("UPDATE", 10, SDP);
    assert!(!p.endpoint.reinvite(p.now, dialog, sdp()), "theirs waits for its answer");
    p.send("BYE", 11, "");
    expect![[r#"
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ─▶ UPDATE +sdp
        0.0 ◀─ 500 (UPDATE)
        0.0 ─▶ INVITE +sdp
        0.0 ◀─ 500 (INVITE)
        0.0 ─▶ ACK
        0.0 ◀─ 200 (UPDATE) +sdp
        0.0 ─▶ INVITE +sdp
        0.0 event Reinvite
        0.0 ─▶ UPDATE +sdp
        0.0 ◀─ 500 (UPDATE)
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ ACK
        0.0 event Acked
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ UPDATE +sdp
        0.0 ◀─ 491 (UPDATE)
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ─▶ 200 (INVITE) +sdp
        0.0 event ReinviteAnswered
        0.0 ◀─ ACK
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ─▶ BYE
        0.0 event Ended Bye
        0.0 ◀─ 487 (UPDATE)
        0.0 ◀─ 200 (BYE)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

/// §5.1: before the answer to the first offer has come for good, none may follow it.
#[test]
fn updates_before_we_answer_a_call() {
    let mut p = Peer::new();
    p.send("INVITE", 1, &format!("Require: 100rel\n{SDP}"));
    let dialog = p.invited();
    p.endpoint.ring(p.now, dialog, Status::SESSION_PROGRESS, Some(sdp()), &[]);
    p.run();
    p.learn();
    let rseq = p.rseq();
    p.send("UPDATE", 2, SDP);
    p.send("PRACK", 3, &format!("RAck: {rseq} 1 INVITE\n"));
    p.send("UPDATE", 4, "");
    p.send("UPDATE", 5, SDP);
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 183 (INVITE) +sdp
        0.0 ─▶ UPDATE +sdp
        0.0 ◀─ 500 (UPDATE)
        0.0 ─▶ PRACK
        0.0 ◀─ 200 (PRACK)
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ◀─ 200 (UPDATE) +sdp
        0.0 ◀─ 200 (INVITE)
        0.0 ─▶ ACK
        0.0 event Acked
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

/// The same, when we call.
#[test]
fn updates_before_our_call_is_answered() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "183 Progress", "x", SDP);
    p.send_as("x", "UPDATE", 1, SDP);
    p.send_as("x", "UPDATE", 2, "");
    p.answer_as("INVITE", "183 Progress", "x", &format!("Require: 100rel\nRSeq: 1\n{SDP}"));
    p.send_as("x", "UPDATE", 3, SDP);
    p.endpoint.cancel(p.now, dialog, &[]);
    p.run();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.answer_as("INVITE", "487 Terminated", "x", "");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ─▶ UPDATE +sdp
        0.0 ◀─ 491 (UPDATE)
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ─▶ 183 (INVITE) +sdp
        0.0 event Provisional 183
        0.0 ◀─ PRACK
        0.0 ─▶ UPDATE +sdp
        0.0 event Reinvite
        0.0 ◀─ CANCEL
        0.0 ◀─ 200 (UPDATE) +sdp
        0.0 ─▶ 487 (INVITE)
        0.0 event Failed 487
        0.0 ◀─ ACK
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

/// An offer that nobody has answered when the call ends is not left waiting.
#[test]
fn an_update_waits_when_the_call_is_refused_or_given_up() {
    for given_up in [false, true] {
        let mut p = Peer::new();
        let dialog = calling(&mut p);
        let lines = format!("Require: 100rel\nRSeq: 1\n{SDP}");
        p.answer_as("INVITE", "183 Progress", "x", &lines);
        if given_up {
            p.endpoint.cancel(p.now, dialog, &[]);
            p.run();
        }
        p.send_as("x", "UPDATE", 3, SDP);
        let at_once = p.last().starts_with("SIP/2.0 481 ");
        assert_eq!(at_once, given_up, "{}", p.last());
        p.answer_as("INVITE", "486 Busy Here", "x", "");
        let log = p.seen();
        assert_eq!(log.contains("◀─ 487 (UPDATE)"), !given_up, "{log}");
        p.settles();
    }
}

#[test]
fn an_update_when_the_session_is_over() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.send("UPDATE", 2, "");
    assert!(p.last().starts_with("SIP/2.0 481 "), "{}", p.last());
    p.send("UPDATE", 3, SDP);
    assert!(p.last().starts_with("SIP/2.0 481 "), "{}", p.last());
    p.ok_to_last("BYE");
    p.settles();
}
