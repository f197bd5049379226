//! REFER from the peer, and the notices of what becomes of it.
//!
//! B is the transferor, written by hand where the endpoint sends no REFER of its own.

use std::time::Duration;

use expect_test::expect;
use legwork_sip::Status;
use legwork_sip::endpoint::Reply;

use crate::peer::Peer;
use crate::world::millis;

#[test]
fn accepted_told_and_over() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    let subscription = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.run();
    p.ok_to_last("NOTIFY");
    p.endpoint.notify(p.now, subscription, Status::RINGING, false);
    p.run();
    p.endpoint.notify(p.now, subscription, Status::OK, true);
    p.run();
    p.ok_to_last("NOTIFY");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.ok_to_last("NOTIFY");
    p.ok_to_last("BYE");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ◀─ NOTIFY refer Active SIP/2.0 180 Ringing
        0.0 ─▶ 200 (NOTIFY)
        0.0 ◀─ NOTIFY refer Terminated SIP/2.0 200 OK
        0.0 ◀─ BYE
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=true
        0.0 ─▶ 200 (BYE)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn the_202_and_the_first_notify_in_full() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    p.sent.clear();
    p.endpoint.accept_refer(p.now, p.referred(), true);
    p.run();
    let text: Vec<String> =
        p.sent.iter().map(|b| String::from_utf8_lossy(b).into_owned()).collect();
    expect![[r#"
        SIP/2.0 202 Accepted
        Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKp3;rport=5060;received=192.0.2.9
        From: <sip:p@example.com>;tag=peer
        To: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        Call-ID: call
        CSeq: 2 REFER
        Contact: <sip:n@192.0.2.1:5060>
        Server: test
        Content-Length: 0

        NOTIFY sip:p@192.0.2.9 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-78q0dc62ysr6s;rport
        Max-Forwards: 70
        From: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        To: <sip:p@example.com>;tag=peer
        Call-ID: call
        CSeq: 1 NOTIFY
        Contact: <sip:n@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        User-Agent: test
        Event: refer
        Subscription-State: active;expires=900
        Content-Type: message/sipfrag;version=2.0
        Content-Length: 20

        SIP/2.0 100 Trying
    "#]]
    .assert_eq(&text.concat().replace("\r\n", "\n"));
    p.ok_to_last("NOTIFY");
    p.end(dialog);
}

#[test]
fn the_second_refer_of_a_dialog_has_an_id() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "");
    p.endpoint.reply(p.now, p.referred(), Reply { status: Status::BAD_REQUEST, lines: vec![] });
    p.send("REFER", 3, "Refer-To: <sip:b@example.com>\n");
    p.again();
    let subscription = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.run();
    p.again();
    p.ok_to_last("NOTIFY");
    p.endpoint.notify(p.now, subscription, Status::BUSY_HERE, true);
    p.run();
    p.ok_to_last("NOTIFY");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 400 (REFER)
        0.0 ─▶ REFER
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer;id=3 Active SIP/2.0 100 Trying
        0.0 ─▶ REFER
        0.0 ◀─ 202 (REFER) again
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ◀─ NOTIFY refer;id=3 Terminated SIP/2.0 486 Busy Here
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=true
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn without_notices_the_refer_sub_is_echoed() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\nRefer-Sub: false\n");
    assert_eq!(p.endpoint.accept_refer(p.now, p.referred(), false), None);
    p.run();
    assert!(p.last().contains("\r\nRefer-Sub: false\r\n"), "{}", p.last());
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_481_to_the_notify_ends_the_subscription_only() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    let subscription = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.run();
    p.answer_last("NOTIFY", "481 Gone");
    p.endpoint.notify(p.now, subscription, Status::OK, true);
    p.send("OPTIONS", 3, "");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 481 (NOTIFY)
        0.0 event Unsubscribed
        0.0 ─▶ OPTIONS
        0.0 ◀─ 200 (OPTIONS)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_notify_that_nobody_answers() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    p.endpoint.accept_refer(p.now, p.referred(), true);
    p.wait(Duration::from_secs(33));
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        1.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        3.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        7.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        11.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        15.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        19.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        23.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        27.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        31.5 ◀─ NOTIFY refer Active SIP/2.0 100 Trying again
        32.0 event Unsubscribed
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_notice_is_given_after_the_transferor_left() {
    let mut p = Peer::new();
    p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    let subscription = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.run();
    p.ok_to_last("NOTIFY");
    p.send("BYE", 3, "");
    p.send("BYE", 4, "");
    p.wait(millis(5000));
    p.endpoint.notify(p.now, subscription, Status::OK, true);
    p.run();
    p.answer_last("NOTIFY", "481 Gone");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ─▶ BYE
        0.0 event Ended Bye
        0.0 ◀─ 200 (BYE)
        0.0 ─▶ BYE
        0.0 ◀─ 481 (BYE)
        5.0 ◀─ NOTIFY refer Terminated SIP/2.0 200 OK
        5.0 ─▶ 481 (NOTIFY)
        5.0 event Notified last=true
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn a_refer_pending_at_the_bye_gets_487() {
    let mut p = Peer::new();
    p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    p.send("BYE", 3, "");
    assert_eq!(p.endpoint.accept_refer(p.now, p.referred(), true), None);
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ─▶ BYE
        0.0 event Ended Bye
        0.0 ◀─ 487 (REFER)
        0.0 ◀─ 200 (BYE)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn the_subscriber_refreshes_and_leaves() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    p.endpoint.accept_refer(p.now, p.referred(), true);
    p.run();
    p.ok_to_last("NOTIFY");
    p.send("SUBSCRIBE", 3, "Event: refer\nExpires: 100\n");
    p.ok_to_last("NOTIFY");
    p.send("SUBSCRIBE", 4, "Event: refer;id=2\nExpires: 100\n");
    p.send("SUBSCRIBE", 5, "Event: presence\n");
    p.send("SUBSCRIBE", 6, "Event: refer\nExpires: 0\n");
    p.ok_to_last("NOTIFY");
    p.send("SUBSCRIBE", 7, "Event: refer\nExpires: 0\n");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ─▶ SUBSCRIBE
        0.0 ◀─ 200 (SUBSCRIBE)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ─▶ SUBSCRIBE
        0.0 ◀─ 481 (SUBSCRIBE)
        0.0 ─▶ SUBSCRIBE
        0.0 ◀─ 489 (SUBSCRIBE)
        0.0 ─▶ SUBSCRIBE
        0.0 event Unsubscribed
        0.0 ◀─ 200 (SUBSCRIBE)
        0.0 ◀─ NOTIFY refer Terminated SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 ─▶ SUBSCRIBE
        0.0 ◀─ 481 (SUBSCRIBE)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_subscription_runs_out() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    p.endpoint.accept_refer(p.now, p.referred(), true);
    p.run();
    p.ok_to_last("NOTIFY");
    p.wait(Duration::from_secs(901));
    p.ok_to_last("NOTIFY");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        900.0 event Unsubscribed
        900.0 ◀─ NOTIFY refer Terminated SIP/2.0 100 Trying
        900.5 ◀─ NOTIFY refer Terminated SIP/2.0 100 Trying again
        901.0 ─▶ 200 (NOTIFY)
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn too_many_refers_at_once() {
    let mut p = Peer::new();
    let dialog = p.call();
    for n in 0..9 {
        p.send("REFER", 2 + n, "Refer-To: <sip:b@example.com>\n");
    }
    let last = p.last();
    assert!(last.starts_with("SIP/2.0 500 ") && last.contains("\r\nRetry-After: "), "{last}");
    p.end(dialog);
}

#[test]
fn a_refer_before_the_answer() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let dialog = p.invited();
    p.endpoint.ring(p.now, dialog, Status::RINGING, None, &[]);
    p.run();
    p.learn();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    p.endpoint.reply(p.now, p.referred(), Reply { status: Status::FORBIDDEN, lines: vec![] });
    p.send("REFER", 3, "Refer-To: <sip:b@example.com>\n");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.0 ◀─ 180 (INVITE)
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 403 (REFER)
        0.0 ◀─ 603 (INVITE)
        0.0 ◀─ 487 (REFER)
        0.0 ─▶ ACK
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn two_subscriptions_live_side_by_side() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    let one = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.run();
    p.ok_to_last("NOTIFY");
    p.send("REFER", 3, "Refer-To: <sip:c@example.com>\n");
    let two = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.run();
    p.ok_to_last("NOTIFY");
    p.endpoint.notify(p.now, one, Status::BUSY_HERE, true);
    p.run();
    p.ok_to_last("NOTIFY");
    p.endpoint.notify(p.now, two, Status::OK, true);
    p.run();
    p.ok_to_last("NOTIFY");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer;id=3 Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=false
        0.0 ◀─ NOTIFY refer Terminated SIP/2.0 486 Busy Here
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=true
        0.0 ◀─ NOTIFY refer;id=3 Terminated SIP/2.0 200 OK
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=true
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn states_that_come_too_fast_are_skipped() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("REFER", 2, "Refer-To: <sip:b@example.com>\n");
    let subscription = p.endpoint.accept_refer(p.now, p.referred(), true).unwrap();
    p.endpoint.notify(p.now, subscription, Status::RINGING, false);
    p.endpoint.notify(p.now, subscription, Status::OK, true);
    p.endpoint.notify(p.now, subscription, Status::RINGING, false);
    p.run();
    p.ok_to_last("NOTIFY");
    p.ok_to_last("NOTIFY");
    expect![[r#"
        0.0 ─▶ REFER
        0.0 event Refer
        0.0 ◀─ 202 (REFER)
        0.0 ◀─ NOTIFY refer Active SIP/2.0 100 Trying
        0.0 ─▶ 200 (NOTIFY)
        0.0 ◀─ NOTIFY refer Terminated SIP/2.0 200 OK
        0.0 ─▶ 200 (NOTIFY)
        0.0 event Notified last=true
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}
