//! Session timers: agreed in both roles, refreshed by either side, run out.
//!
//! Not here: the table of who refreshes and the times (`usage::refresh`).
//! Source: RFC 4028 §7 to §10.

use std::time::Duration;

use expect_test::{Expect, expect};
use legwork_sip::Transport;
use legwork_sip::event::DialogId;

use crate::forks::calling;
use crate::peer::{Peer, SDP};
use crate::world::{World, sdp};

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A call of the endpoint's, answered with these lines.
fn made(p: &mut Peer, lines: &str) -> DialogId {
    let dialog = calling(p);
    p.answer_as("INVITE", "200 OK", "peer", &format!("Contact: <sip:p@192.0.2.9>\n{lines}"));
    p.seen();
    dialog
}

/// A call of the peer with these lines; gives what the 200 says of timers.
fn taken(p: &mut Peer, lines: &str) -> (DialogId, String) {
    p.send("INVITE", 1, &format!("{SDP}{lines}"));
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.learn();
    let said = said(p);
    p.send("ACK", 1, "");
    p.seen();
    (dialog, said)
}

/// What the endpoint's last message says of timers.
fn said(p: &Peer) -> String {
    let names = ["Session-Expires", "Min-SE", "Require"];
    let last = p.last();
    let lines = last.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
    lines.collect::<Vec<_>>().join(", ")
}

fn is_there(p: &Peer, dialog: DialogId) -> bool {
    p.endpoint.call_id(dialog).is_some()
}

#[expect(clippy::needless_pass_by_value, reason = "so that `expect!` stands in the call")]
fn check(p: &mut Peer, expected: Expect) {
    expected.assert_eq(&p.seen());
}

/// §9: who is to refresh, as agreed in our 200; §10: or else the session ends.
#[test]
fn a_caller_that_does_not_refresh() {
    let mut p = Peer::new();
    let (_, said) = taken(&mut p, "Supported: timer\nSession-Expires: 90\nMin-SE: 90\n");
    assert_eq!(said, "Session-Expires: 90;refresher=uac, Require: timer");
    p.wait(seconds(59));
    check(&mut p, expect![[""]]);
    p.wait(seconds(2));
    check(
        &mut p,
        expect![[r#"
        60.0 event Ended Expired
        60.0 ◀─ BYE
        60.5 ◀─ BYE again
    "#]],
    );
    p.ok_to_last("BYE");
    p.settles();
}

#[test]
fn a_caller_that_refreshes_lives() {
    let mut p = Peer::new();
    let (dialog, _) = taken(&mut p, "Supported: timer\nSession-Expires: 90;refresher=uac\n");
    let lines = "Supported: timer\nSession-Expires: 90;refresher=uac\n";
    for n in 0..5 {
        p.wait(seconds(45));
        if n % 2 == 0 {
            p.send("UPDATE", 2 + n, lines);
        } else {
            p.send("INVITE", 2 + n, &format!("{lines}{SDP}"));
            p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
            p.run();
        }
        assert_eq!(said(&p), "Session-Expires: 90;refresher=uac, Require: timer");
        p.send("ACK", 2 + n, "");
    }
    p.end(dialog);
}

/// §9: a caller without timers is not troubled with any, unless a proxy asked for one.
#[test]
fn a_caller_that_knows_no_timers() {
    let mut p = Peer::new();
    let (dialog, said) = taken(&mut p, "");
    assert_eq!(said, "");
    p.wait(seconds(10_000));
    assert!(is_there(&p, dialog));
    p.end(dialog);
    let mut p = Peer::new();
    let (dialog, said) = taken(&mut p, "Session-Expires: 600\n");
    assert_eq!(said, "Session-Expires: 600;refresher=uas");
    p.wait(seconds(301));
    check(
        &mut p,
        expect![[r#"
        300.0 event Refresh
    "#]],
    );
    p.end(dialog);
}

/// §7.4: we refresh at half, by UPDATE where the peer allows it.
#[test]
fn our_refresh_by_update_in_full() {
    let mut p = Peer::new();
    let lines = "Supported: timer\nSession-Expires: 600;refresher=uas\nAllow: INVITE, UPDATE\n";
    let (dialog, said) = taken(&mut p, lines);
    assert_eq!(said, "Session-Expires: 600;refresher=uas, Require: timer");
    p.wait(seconds(300));
    expect![[r#"
        UPDATE sip:p@192.0.2.9 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-78q0dc62ysr6s;rport
        Max-Forwards: 70
        From: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        To: <sip:p@example.com>;tag=peer
        Call-ID: call
        CSeq: 1 UPDATE
        Contact: <sip:n@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        Session-Expires: 600;refresher=uac
        Min-SE: 90
        User-Agent: test
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.answer_as("UPDATE", "200 OK", "peer", "Session-Expires: 200;refresher=uac\n");
    p.wait(seconds(99));
    check(
        &mut p,
        expect![[r#"
        300.0 ◀─ UPDATE
        300.0 ─▶ 200 (UPDATE)
    "#]],
    );
    p.wait(seconds(2));
    check(
        &mut p,
        expect![[r#"
        400.0 ◀─ UPDATE
        400.5 ◀─ UPDATE again
    "#]],
    );
    // The peer takes over.
    p.answer_as("UPDATE", "200 OK", "peer", "Session-Expires: 200;refresher=uas\n");
    p.wait(seconds(160));
    check(
        &mut p,
        expect![[r#"
        401.0 ─▶ 200 (UPDATE)
    "#]],
    );
    p.send("UPDATE", 2, "Supported: timer\nSession-Expires: 200;refresher=uac\n");
    p.wait(seconds(160));
    check(
        &mut p,
        expect![[r#"
        561.0 ─▶ UPDATE
        561.0 ◀─ 200 (UPDATE)
    "#]],
    );
    p.end(dialog);
}

/// §7.4: where it takes no UPDATE, its owner is asked for the description as it is.
#[test]
fn our_refresh_by_reinvite() {
    let mut p = Peer::new();
    let dialog = made(&mut p, "Session-Expires: 600;refresher=uac\nAllow: INVITE\n");
    p.wait(seconds(301));
    check(
        &mut p,
        expect![[r#"
        300.0 event Refresh
    "#]],
    );
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    assert_eq!(said(&p), "Session-Expires: 600;refresher=uac, Min-SE: 90");
    p.answer_as("INVITE", "200 OK", "peer", "Session-Expires: 600;refresher=uac\n");
    p.seen();
    p.wait(seconds(299));
    check(&mut p, expect![[""]]);
    p.wait(seconds(2));
    check(
        &mut p,
        expect![[r#"
        601.0 event Refresh
    "#]],
    );
    // Nobody does anything about it: asked again at half of what is left, then the end.
    p.wait(seconds(600));
    check(
        &mut p,
        expect![[r#"
        735.0 event Refresh
        802.0 event Refresh
        835.5 event Refresh
        852.2 event Refresh
        869.0 event Ended Expired
        869.0 ◀─ BYE
        869.5 ◀─ BYE again
        870.5 ◀─ BYE again
        872.5 ◀─ BYE again
        876.5 ◀─ BYE again
        880.5 ◀─ BYE again
        884.5 ◀─ BYE again
        888.5 ◀─ BYE again
        892.5 ◀─ BYE again
        896.5 ◀─ BYE again
        900.5 ◀─ BYE again
    "#]],
    );
    p.ok_to_last("BYE");
    p.settles();
}

/// §10, RFC 5057 §5: what a refused refresh means.
#[test]
fn refreshes_that_are_refused() {
    for (status, lines, expected) in [
        ("405 No", "", "event Refresh"),
        ("501 No", "", "event Refresh"),
        ("481 No", "", "event Ended Lost"),
        ("408 No", "", "event Ended Lost"),
        ("500 No", "", ""),
        ("491 No", "", ""),
        ("422 No", "Min-SE: 3600\n", "◀─ UPDATE"),
        ("422 No", "", ""),
        ("422 No", "Min-SE: 4000000000\n", ""),
    ] {
        let mut p = Peer::new();
        let dialog = made(&mut p, "Session-Expires: 600;refresher=uac\nAllow: UPDATE\n");
        p.wait(seconds(300));
        p.seen();
        p.answer_as("UPDATE", status, "peer", lines);
        let log = p.seen();
        let after = log.lines().nth(1).unwrap_or_default();
        assert!(after.ends_with(expected) && after.is_empty() == expected.is_empty(), "{log}");
        match status {
            "481 No" | "408 No" => {
                p.ok_to_last("BYE");
                p.settles();
                continue;
            }
            "422 No" if lines == "Min-SE: 3600\n" => {
                assert_eq!(said(&p), "Session-Expires: 3600;refresher=uac, Min-SE: 3600");
                p.answer_as("UPDATE", "422 No", "peer", "Min-SE: 7200\n");
                assert!(p.last().starts_with("UPDATE"), "once is enough");
            }
            "500 No" | "491 No" => {
                p.wait(seconds(135));
                assert!(p.seen().contains("UPDATE"), "once more at half of what is left");
            }
            _ => {}
        }
        p.end(dialog);
    }
}

#[test]
fn a_refresh_nobody_answers() {
    let mut p = Peer::new();
    made(&mut p, "Session-Expires: 600;refresher=uac\nAllow: UPDATE\n");
    p.wait(seconds(333));
    check(
        &mut p,
        expect![[r#"
        300.0 ◀─ UPDATE
        300.5 ◀─ UPDATE again
        301.5 ◀─ UPDATE again
        303.5 ◀─ UPDATE again
        307.5 ◀─ UPDATE again
        311.5 ◀─ UPDATE again
        315.5 ◀─ UPDATE again
        319.5 ◀─ UPDATE again
        323.5 ◀─ UPDATE again
        327.5 ◀─ UPDATE again
        331.5 ◀─ UPDATE again
        332.0 event Ended Lost
        332.0 ◀─ BYE
        332.5 ◀─ BYE again
    "#]],
    );
    p.ok_to_last("BYE");
    p.settles();
}

/// §7.1, §7.2: what our INVITE asks for, and what becomes of it.
#[test]
fn what_a_2xx_to_our_invite_says() {
    for (lines, first) in [
        ("", None),
        ("Session-Expires: 1800;refresher=uas\n", Some((1768, "Ended Expired"))),
        ("Session-Expires: 1800;refresher=uac\n", Some((900, "Refresh"))),
        ("Session-Expires: 1800\n", Some((900, "Refresh"))),
        ("Session-Expires: 1\n", Some((45, "Refresh"))),
        ("Session-Expires: x\n", None),
    ] {
        let mut p = Peer::new();
        let dialog = made(&mut p, lines);
        match first {
            None => {
                p.wait(seconds(10_000));
                assert_eq!(p.seen(), "", "{lines}");
            }
            Some((at, event)) => {
                p.wait(seconds(at - 1));
                assert_eq!(p.seen(), "", "{lines}");
                p.wait(seconds(2));
                assert!(p.seen().contains(event), "{lines}");
            }
        }
        p.endpoint.end(p.now, dialog, &[]);
        p.run();
        p.ok_to_last("BYE");
        p.settles();
    }
}

/// §7.3: 422 is met once, with a new CSeq in the same call.
#[test]
fn our_invite_is_too_brief_422() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "422 Too Small", "x", "Min-SE: 3600\n");
    expect![[r#"
        INVITE sip:bob@example.com SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKn0001-5v4nw2a31gnzb;rport
        Max-Forwards: 70
        From: <sip:alice@example.org>;tag=n0001-03cdrzcq0sgfq
        To: <sip:bob@example.com>
        Call-ID: n0001-aea4dzfad31x8bz1h63505yhst
        CSeq: 2 INVITE
        Contact: <sip:alice@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        User-Agent: test
        Session-Expires: 3600
        Min-SE: 3600
        Content-Type: application/sdp
        Content-Length: 36

        v=0
        o=- 1 1 IN IP4 192.0.2.1
        s=-
    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    let lines = "Contact: <sip:p@192.0.2.9>\nSession-Expires: 3600;refresher=uas\n";
    p.answer_as("INVITE", "200 OK", "peer", lines);
    assert!(p.last().contains("\r\nCSeq: 2 ACK\r\n"), "{}", p.last());
    check(
        &mut p,
        expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 422 (INVITE)
        0.0 ◀─ ACK
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 200 (INVITE)
        0.0 event Answered
        0.0 ◀─ ACK
    "#]],
    );
    p.end(dialog);

    let mut p = Peer::new();
    calling(&mut p);
    p.answer_as("INVITE", "422 Too Small", "x", "Min-SE: 3600\n");
    p.answer_as("INVITE", "422 Too Small", "y", "Min-SE: 7200\n");
    check(
        &mut p,
        expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 422 (INVITE)
        0.0 ◀─ ACK
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 422 (INVITE)
        0.0 event Failed 422
        0.0 ◀─ ACK
    "#]],
    );
    p.settles();

    for min_se in ["", "Min-SE: 4000000000\n", "Min-SE: 60\n"] {
        let mut p = Peer::new();
        calling(&mut p);
        p.answer_as("INVITE", "422 Too Small", "x", min_se);
        assert!(p.seen().contains("event Failed 422"), "{min_se}");
        p.settles();
    }
}

/// §7.3: who has given up does not call again.
#[test]
fn our_invite_is_too_brief_when_it_was_cancelled() {
    let mut p = Peer::new();
    let dialog = calling(&mut p);
    p.answer_as("INVITE", "180 Ringing", "x", "");
    p.endpoint.cancel(p.now, dialog, &[]);
    p.run();
    p.ok_to_last("CANCEL");
    p.answer_as("INVITE", "422 Too Small", "x", "Min-SE: 3600\n");
    check(
        &mut p,
        expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 180 (INVITE)
        0.0 event Provisional 180
        0.0 ◀─ CANCEL
        0.0 ─▶ 200 (CANCEL)
        0.0 ─▶ 422 (INVITE)
        0.0 event Failed 422
        0.0 ◀─ ACK
    "#]],
    );
    p.settles();
}

/// §9: a re-INVITE or UPDATE below 90 s gets 422; the session stays.
#[test]
fn a_refresh_of_the_peer_that_is_too_brief() {
    let mut p = Peer::new();
    let (dialog, _) = taken(&mut p, "Supported: timer\nSession-Expires: 90\n");
    for (cseq, method) in [(2, "UPDATE"), (3, "INVITE")] {
        p.send(method, cseq, "Supported: timer\nSession-Expires: 89\n");
        assert!(p.last().starts_with("SIP/2.0 422 "), "{}", p.last());
        assert_eq!(said(&p), "Min-SE: 90");
        p.send("ACK", cseq, "");
    }
    p.end(dialog);
}

/// Two of us keep a call alive for hours, and notice when one is gone.
#[test]
fn two_endpoints_keep_a_call() {
    let mut w = World::new(Transport::Udp);
    let (a, _) = w.call();
    w.wait(seconds(7300));
    let refreshes = w.seen();
    assert_eq!(refreshes.matches("A ─▶ B UPDATE").count(), 8, "{refreshes}");
    assert_eq!(w.a.counts().timers, 1, "one deadline for a call that stands");
    w.b = World::new(Transport::Udp).b;
    w.wait(seconds(1000));
    expect![[r#"
        8100.0 A ─▶ B UPDATE
        8100.0 B ─▶ A 481 (UPDATE)
        8100.0 A: Ended Lost
        8100.0 A ─▶ B BYE
        8100.0 B ─▶ A 481 (BYE)
    "#]]
    .assert_eq(&w.seen());
    assert!(w.a.call_id(a).is_none());
    w.settles();
}

/// The one that waits for refreshes notices that the other is gone.
#[test]
fn the_one_that_does_not_refresh_notices_too() {
    let mut w = World::new(Transport::Udp);
    w.call();
    w.a = World::new(Transport::Udp).a;
    w.wait(seconds(1800));
    expect![[r#"
        1768.0 B: Ended Expired
        1768.0 B ─▶ A BYE
        1768.0 A ─▶ B 481 (BYE)
    "#]]
    .assert_eq(&w.seen());
    w.settles();
}

/// A refresh and the end of the call cross: nothing stays.
#[test]
fn a_refresh_crosses_bye() {
    let mut p = Peer::new();
    let dialog = made(&mut p, "Session-Expires: 600;refresher=uac\nAllow: UPDATE\n");
    p.wait(seconds(300));
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    p.answer_last("UPDATE", "481 Gone");
    p.ok_to_last("BYE");
    check(
        &mut p,
        expect![[r#"
        300.0 ◀─ UPDATE
        300.0 ◀─ BYE
        300.0 ─▶ 481 (UPDATE)
        300.0 ─▶ 200 (BYE)
    "#]],
    );
    p.settles();
}
