//! re-INVITEs: in order, crossing, refused; sessions the peer has forgotten.

use std::time::Duration;

use expect_test::expect;
use legwork_sip::endpoint::Reply;
use legwork_sip::{Status, Transport};

use crate::peer::Peer;
use crate::world::{World, millis, sdp};

#[test]
fn a_reinvite_is_answered() {
    let mut w = World::new(Transport::Udp);
    let (a, b) = w.call();
    assert!(w.a.reinvite(w.now, a, sdp()));
    assert!(!w.a.reinvite(w.now, a, sdp()));
    w.run();
    assert!(!w.b.reinvite(w.now, b, sdp()));
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.run();
    assert!(w.b.reinvite(w.now, b, sdp()));
    w.run();
    w.a.answer(w.now, a, Some(sdp()), &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Reinvite
        0.0 B ─▶ A 200 (INVITE) +sdp
        0.0 A: ReinviteAnswered
        0.0 A ─▶ B ACK
        0.0 B: Acked
        0.0 B ─▶ A INVITE +sdp
        0.0 A: Reinvite
        0.0 A ─▶ B 200 (INVITE) +sdp
        0.0 B: ReinviteAnswered
        0.0 B ─▶ A ACK
        0.0 A: Acked
    "#]]
    .assert_eq(&w.seen());
    w.finish(a);
}

#[test]
fn a_refused_reinvite_leaves_the_session() {
    let mut w = World::new(Transport::Udp);
    let (a, b) = w.call();
    w.a.reinvite(w.now, a, sdp());
    w.run();
    let status = Status::NOT_ACCEPTABLE_HERE;
    w.b.reject(w.now, b, Reply { status, lines: Vec::new() });
    w.wait(millis(100));
    w.a.end(w.now, a, &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Reinvite
        0.0 B ─▶ A 488 (INVITE)
        0.0 A: ReinviteFailed 488
        0.0 A ─▶ B ACK
        0.1 A ─▶ B BYE
        0.1 B: Ended Bye
        0.1 B ─▶ A 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn reinvites_cross() {
    let mut w = World::new(Transport::Udp);
    let (a, b) = w.call();
    w.hold = true;
    w.a.reinvite(w.now, a, sdp());
    w.b.reinvite(w.now, b, sdp());
    w.run();
    w.release();
    // B does not own the Call-ID and tries again first.
    w.wait(millis(2050));
    w.a.answer(w.now, a, Some(sdp()), &[]);
    w.wait(millis(2000));
    w.b.answer(w.now, b, Some(sdp()), &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B ─▶ A INVITE +sdp
        0.0 A ─▶ B 491 (INVITE)
        0.0 B ─▶ A 491 (INVITE)
        0.0 B ─▶ A ACK
        0.0 A ─▶ B ACK
        1.0 B ─▶ A INVITE +sdp
        1.0 A: Reinvite
        1.2 A ─▶ B 100 (INVITE)
        2.0 A ─▶ B 200 (INVITE) +sdp
        2.0 B: ReinviteAnswered
        2.0 B ─▶ A ACK
        2.0 A: Acked
        3.4 A ─▶ B INVITE +sdp
        3.4 B: Reinvite
        3.6 B ─▶ A 100 (INVITE)
        4.0 B ─▶ A 200 (INVITE) +sdp
        4.0 A: ReinviteAnswered
        4.0 A ─▶ B ACK
        4.0 B: Acked
    "#]]
    .assert_eq(&w.seen());
    w.finish(a);
}

#[test]
fn glare_without_end_is_told() {
    let mut w = World::new(Transport::Udp);
    let (a, b) = w.call();
    w.a.reinvite(w.now, a, sdp());
    for _ in 0..3 {
        w.wait(Duration::from_secs(5));
        w.b.reject(w.now, b, Reply { status: Status::REQUEST_PENDING, lines: Vec::new() });
    }
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Reinvite
        0.2 B ─▶ A 100 (INVITE)
        5.0 B ─▶ A 491 (INVITE)
        5.0 A ─▶ B ACK
        8.4 A ─▶ B INVITE +sdp
        8.4 B: Reinvite
        8.6 B ─▶ A 100 (INVITE)
        10.0 B ─▶ A 491 (INVITE)
        10.0 A ─▶ B ACK
        13.7 A ─▶ B INVITE +sdp
        13.7 B: Reinvite
        13.9 B ─▶ A 100 (INVITE)
        15.0 B ─▶ A 491 (INVITE)
        15.0 A: ReinviteFailed 491
        15.0 A ─▶ B ACK
    "#]]
    .assert_eq(&w.seen());
    w.finish(a);
}

#[test]
fn a_reinvite_is_tried_and_never_answered() {
    let mut w = Peer::new();
    let call = w.call();
    w.endpoint.reinvite(w.now, call, sdp());
    w.run();
    w.answer_last("INVITE", "100 Trying");
    w.wait(Duration::from_secs(33));
    w.answer_last("CANCEL", "200 OK");
    w.answer_last("INVITE", "487 Request Terminated");
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 100 (INVITE)
        32.0 ◀─ CANCEL
        32.5 ◀─ CANCEL again
        33.0 ─▶ 200 (CANCEL)
        33.0 ─▶ 487 (INVITE)
        33.0 event ReinviteFailed 487
        33.0 ◀─ ACK
    "#]]
    .assert_eq(&w.seen());
    w.end(call);
}

#[test]
fn a_reinvite_is_tried_and_nothing_comes_any_more() {
    let mut w = Peer::new();
    let call = w.call();
    w.endpoint.reinvite(w.now, call, sdp());
    w.run();
    w.answer_last("INVITE", "100 Trying");
    w.wait(Duration::from_secs(70));
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 100 (INVITE)
        32.0 ◀─ CANCEL
        32.5 ◀─ CANCEL again
        33.5 ◀─ CANCEL again
        35.5 ◀─ CANCEL again
        39.5 ◀─ CANCEL again
        43.5 ◀─ CANCEL again
        47.5 ◀─ CANCEL again
        51.5 ◀─ CANCEL again
        55.5 ◀─ CANCEL again
        59.5 ◀─ CANCEL again
        63.5 ◀─ CANCEL again
        64.0 event Ended Lost
        64.0 ◀─ BYE
        64.5 ◀─ BYE again
        65.5 ◀─ BYE again
        67.5 ◀─ BYE again
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn an_unhold_crosses_our_bye() {
    let mut w = World::new(Transport::Udp);
    let (a, b) = w.call();
    w.hold = true;
    w.b.end(w.now, b, &[]);
    w.a.reinvite(w.now, a, sdp());
    w.run();
    w.release();
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B ─▶ A BYE
        0.0 A: Ended Bye
        0.0 A ─▶ B 200 (BYE)
        0.0 B ─▶ A 481 (INVITE)
        0.0 A ─▶ B ACK
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn bye_while_their_reinvite_waits() {
    let mut w = World::new(Transport::Udp);
    let (a, _) = w.call();
    w.a.reinvite(w.now, a, sdp());
    w.run();
    w.a.end(w.now, a, &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Reinvite
        0.0 A ─▶ B BYE
        0.0 B: Ended Bye
        0.0 B ─▶ A 487 (INVITE)
        0.0 B ─▶ A 200 (BYE)
        0.0 A ─▶ B ACK
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn the_peer_has_forgotten_the_session() {
    let mut w = World::new(Transport::Udp);
    let (a, _) = w.call();
    w.b = World::new(Transport::Udp).b;
    w.a.reinvite(w.now, a, sdp());
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B ─▶ A 481 (INVITE)
        0.0 A: Ended Lost
        0.0 A ─▶ B ACK
        0.0 A ─▶ B BYE
        0.0 B ─▶ A 481 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn a_reinvite_nobody_answers_ends_the_session() {
    let mut w = World::new(Transport::Udp);
    let (a, _) = w.call();
    w.b = World::new(Transport::Udp).b;
    w.lose = vec!["INVITE +sdp"; 7];
    w.a.reinvite(w.now, a, sdp());
    w.wait(millis(32_100));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp ✗
        0.5 A ─▶ B INVITE +sdp again ✗
        1.5 A ─▶ B INVITE +sdp again ✗
        3.5 A ─▶ B INVITE +sdp again ✗
        7.5 A ─▶ B INVITE +sdp again ✗
        15.5 A ─▶ B INVITE +sdp again ✗
        31.5 A ─▶ B INVITE +sdp again ✗
        32.0 A: Ended Lost
        32.0 A ─▶ B BYE
        32.0 B ─▶ A 481 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}
