//! Calls that go well, and calls that nobody answers.

use std::time::Duration;

use expect_test::expect;
use legwork_sip::endpoint::Reply;
use legwork_sip::{Status, Transport};

use crate::world::{RINGING, World, millis, sdp};

#[test]
fn a_call_is_made_and_ended_by_the_caller() {
    let mut w = World::new(Transport::Udp);
    let a = w.invite(Some(sdp()));
    let b = w.invited();
    w.b.ring(w.now, b, RINGING, None, &[]);
    w.wait(millis(3000));
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.wait(millis(1000));
    w.a.end(w.now, a, &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 180 (INVITE)
        0.0 A: Provisional 180
        3.0 B ─▶ A 200 (INVITE) +sdp
        3.0 A: Answered
        3.0 A ─▶ B ACK
        3.0 B: Acked
        4.0 A ─▶ B BYE
        4.0 B: Ended Bye
        4.0 B ─▶ A 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn a_call_is_ended_by_the_callee() {
    let mut w = World::new(Transport::Udp);
    let (_, b) = w.call();
    w.b.end(w.now, b, &[("Reason".into(), "Q.850;cause=16".to_owned())]);
    expect![[r#"
        0.0 B ─▶ A BYE
        0.0 A: Ended Bye
        0.0 A ─▶ B 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn on_a_stream_nothing_is_repeated_but_the_2xx() {
    let mut w = World::new(Transport::Tcp);
    let a = w.invite(Some(sdp()));
    let b = w.invited();
    w.lose = vec!["ACK"];
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.wait(millis(2000));
    w.a.end(w.now, a, &[]);
    w.wait(millis(2000));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 200 (INVITE) +sdp
        0.0 A: Answered
        0.0 A ─▶ B ACK ✗
        0.5 B ─▶ A 200 (INVITE) +sdp again
        0.5 A ─▶ B ACK again
        0.5 B: Acked
        2.0 A ─▶ B BYE
        2.0 B: Ended Bye
        2.0 B ─▶ A 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn an_unanswered_invite_gets_100_after_200_ms() {
    let mut w = World::new(Transport::Udp);
    w.invite(Some(sdp()));
    w.wait(millis(700));
    let b = w.invited();
    w.b.reject(w.now, b, Reply { status: Status::BUSY_HERE, lines: Vec::new() });
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.2 B ─▶ A 100 (INVITE)
        0.7 B ─▶ A 486 (INVITE)
        0.7 A: Failed 486
        0.7 A ─▶ B ACK
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn nobody_answers() {
    let mut w = World::new(Transport::Udp);
    w.lose = vec!["INVITE +sdp"; 9];
    w.invite(Some(sdp()));
    w.wait(Duration::from_secs(40));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp ✗
        0.5 A ─▶ B INVITE +sdp again ✗
        1.5 A ─▶ B INVITE +sdp again ✗
        3.5 A ─▶ B INVITE +sdp again ✗
        7.5 A ─▶ B INVITE +sdp again ✗
        15.5 A ─▶ B INVITE +sdp again ✗
        31.5 A ─▶ B INVITE +sdp again ✗
        32.0 A: Failed 408
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn nowhere_to_send_it() {
    let mut w = World::new(Transport::Udp);
    w.lose = vec!["INVITE +sdp"];
    w.invite(Some(sdp()));
    w.a.handle_flow_failed(w.now, w.flow_a);
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp ✗
        0.0 A: Failed 503
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn lost_messages_are_sent_again() {
    let mut w = World::new(Transport::Udp);
    w.lose = vec!["INVITE +sdp", "180 (INVITE)", "200 (INVITE) +sdp", "ACK", "BYE", "200 (BYE)"];
    let a = w.invite(Some(sdp()));
    w.wait(millis(600));
    let b = w.invited();
    w.b.ring(w.now, b, RINGING, None, &[]);
    w.wait(millis(1000));
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.wait(millis(3000));
    w.a.end(w.now, a, &[]);
    w.wait(millis(5000));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp ✗
        0.5 A ─▶ B INVITE +sdp again
        0.5 B: Invite
        0.6 B ─▶ A 180 (INVITE) ✗
        1.5 A ─▶ B INVITE +sdp again
        1.5 B ─▶ A 180 (INVITE) again
        1.5 A: Provisional 180
        1.6 B ─▶ A 200 (INVITE) +sdp ✗
        2.1 B ─▶ A 200 (INVITE) +sdp again
        2.1 A: Answered
        2.1 A ─▶ B ACK ✗
        3.1 B ─▶ A 200 (INVITE) +sdp again
        3.1 A ─▶ B ACK again
        3.1 B: Acked
        4.6 A ─▶ B BYE ✗
        5.1 A ─▶ B BYE again
        5.1 B: Ended Bye
        5.1 B ─▶ A 200 (BYE) ✗
        6.1 A ─▶ B BYE again
        6.1 B ─▶ A 200 (BYE) again
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn a_failure_is_repeated_until_its_ack() {
    let mut w = World::new(Transport::Udp);
    w.lose = vec!["603 (INVITE)", "ACK"];
    w.invite(Some(sdp()));
    let b = w.invited();
    w.b.end(w.now, b, &[]);
    w.wait(millis(4000));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 603 (INVITE) ✗
        0.5 A ─▶ B INVITE +sdp again
        0.5 B ─▶ A 603 (INVITE) again
        0.5 B ─▶ A 603 (INVITE) again
        0.5 A: Failed 603
        0.5 A ─▶ B ACK ✗
        0.5 A ─▶ B ACK again
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn a_2xx_without_ack_ends_the_call() {
    let mut w = World::new(Transport::Udp);
    w.invite(Some(sdp()));
    let b = w.invited();
    w.lose = vec!["ACK"; 20];
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.wait(Duration::from_secs(33));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 200 (INVITE) +sdp
        0.0 A: Answered
        0.0 A ─▶ B ACK ✗
        0.5 B ─▶ A 200 (INVITE) +sdp again
        0.5 A ─▶ B ACK again ✗
        1.5 B ─▶ A 200 (INVITE) +sdp again
        1.5 A ─▶ B ACK again ✗
        3.5 B ─▶ A 200 (INVITE) +sdp again
        3.5 A ─▶ B ACK again ✗
        7.5 B ─▶ A 200 (INVITE) +sdp again
        7.5 A ─▶ B ACK again ✗
        11.5 B ─▶ A 200 (INVITE) +sdp again
        11.5 A ─▶ B ACK again ✗
        15.5 B ─▶ A 200 (INVITE) +sdp again
        15.5 A ─▶ B ACK again ✗
        19.5 B ─▶ A 200 (INVITE) +sdp again
        19.5 A ─▶ B ACK again ✗
        23.5 B ─▶ A 200 (INVITE) +sdp again
        23.5 A ─▶ B ACK again ✗
        27.5 B ─▶ A 200 (INVITE) +sdp again
        27.5 A ─▶ B ACK again ✗
        31.5 B ─▶ A 200 (INVITE) +sdp again
        31.5 A ─▶ B ACK again ✗
        32.0 B: Ended NoAck
        32.0 B ─▶ A BYE
        32.0 A: Ended Bye
        32.0 A ─▶ B 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.lose.clear();
    w.settles();
}

#[test]
fn a_delayed_offer_is_answered_in_the_ack() {
    let mut w = World::new(Transport::Udp);
    let a = w.invite(None);
    let b = w.invited();
    w.b.answer(w.now, b, Some(sdp()), &[]);
    expect![[r#"
        0.0 A ─▶ B INVITE
        0.0 B: Invite
        0.0 B ─▶ A 200 (INVITE) +sdp
        0.0 A: Answered
        0.0 A ─▶ B ACK
        0.0 B: Acked
    "#]]
    .assert_eq(&w.seen());
    w.finish(a);
}

#[test]
fn the_callee_may_not_say_bye_before_the_ack() {
    let mut w = World::new(Transport::Udp);
    w.invite(Some(sdp()));
    let b = w.invited();
    w.lose = vec!["ACK"];
    w.b.answer(w.now, b, Some(sdp()), &[]);
    w.b.end(w.now, b, &[]);
    w.wait(millis(1000));
    expect![[r#"
        0.0 A ─▶ B INVITE +sdp
        0.0 B: Invite
        0.0 B ─▶ A 200 (INVITE) +sdp
        0.0 A: Answered
        0.0 A ─▶ B ACK ✗
        0.5 B ─▶ A 200 (INVITE) +sdp again
        0.5 A ─▶ B ACK again
        0.5 B ─▶ A BYE
        0.5 A: Ended Bye
        0.5 A ─▶ B 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

#[test]
fn both_say_bye_at_once() {
    let mut w = World::new(Transport::Udp);
    let (a, b) = w.call();
    w.hold = true;
    w.a.end(w.now, a, &[]);
    w.b.end(w.now, b, &[]);
    w.run();
    w.release();
    expect![[r#"
        0.0 A ─▶ B BYE
        0.0 B ─▶ A BYE
        0.0 A ─▶ B 200 (BYE)
        0.0 B ─▶ A 200 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}
