//! CANCEL, and what crosses it.

use std::time::Duration;

use expect_test::expect;
use legwork_sip::Transport;

use crate::world::{RINGING, World, millis, sdp};

#[test]
fn a_ringing_call_is_given_up() {
    let mut w = World::new(Transport::Udp);
    let a = w.invite(Some(sdp()));
    let b = w.invited();
    w.b.ring(w.now, b, RINGING, None, &[]);
    w.run();
    w.a.cancel(w.now, a, &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 180 (INVITE)
        0.0 A: Provisional 180
        0.0 A ─▶ B CANCEL
        0.0 B: Cancelled
        0.0 B ─▶ A 200 (CANCEL)
        0.0 B ─▶ A 487 (INVITE)
        0.0 A: Failed 487
        0.0 A ─▶ B ACK
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn a_cancel_waits_for_a_provisional_response() {
    let mut w = World::new(Transport::Udp);
    let a = w.invite(Some(sdp()));
    w.a.end(w.now, a, &[]);
    w.wait(millis(300));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.2 B ─▶ A 100 (INVITE)
        0.2 A ─▶ B CANCEL
        0.2 B: Cancelled
        0.2 B ─▶ A 200 (CANCEL)
        0.2 B ─▶ A 487 (INVITE)
        0.2 A ─▶ B ACK
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn a_2xx_crosses_the_cancel() {
    let mut w = World::new(Transport::Udp);
    let a = w.invite(Some(sdp()));
    let b = w.invited();
    w.b.ring(w.now, b, RINGING, None, &[]);
    w.run();
    w.hold = true;
    w.a.cancel(w.now, a, &[]);
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.run();
    w.release();
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 180 (INVITE)
        0.0 A: Provisional 180
        0.0 A ─▶ B CANCEL
        0.0 B ─▶ A 200 (INVITE) +sdp
        0.0 A: Failed 487
        0.0 A ─▶ B ACK
        0.0 A ─▶ B BYE
        0.0 B: Acked
        0.0 B: Ended Bye
        0.0 B ─▶ A 200 (CANCEL)
        0.0 B ─▶ A 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn nothing_comes_after_the_cancel() {
    let mut w = World::new(Transport::Udp);
    let a = w.invite(Some(sdp()));
    let b = w.invited();
    w.b.ring(w.now, b, RINGING, None, &[]);
    w.run();
    w.seen();
    w.lose = vec!["CANCEL"; 20];
    w.a.cancel(w.now, a, &[]);
    w.wait(Duration::from_secs(33));
    w.b.end(w.now, b, &[]);
    expect![[r#"
        0.0 A ─▶ B CANCEL ✗
        0.5 A ─▶ B CANCEL again ✗
        1.5 A ─▶ B CANCEL again ✗
        3.5 A ─▶ B CANCEL again ✗
        7.5 A ─▶ B CANCEL again ✗
        11.5 A ─▶ B CANCEL again ✗
        15.5 A ─▶ B CANCEL again ✗
        19.5 A ─▶ B CANCEL again ✗
        23.5 A ─▶ B CANCEL again ✗
        27.5 A ─▶ B CANCEL again ✗
        31.5 A ─▶ B CANCEL again ✗
        32.0 A: Failed 487
        33.0 B ─▶ A 603 (INVITE)
    "#]]
    .assert_eq(&w.seen());
    w.lose.clear();
    w.settles();
}
