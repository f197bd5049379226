//! The INVITE usage, row by row.
//!
//! Source: RFC 3261 §13, §14, §15.

use expect_test::{Expect, expect};

use super::*;
use crate::flow::Transport;

const STATES: [State; 5] =
    [State::Early, State::Confirmed, State::Leaving, State::Ending, State::Over];

fn ours() -> Ours {
    Ours { transaction: Some(TransactionId(1)), ..Ours::new(1, None, true) }
}

fn unacked(first: bool, offers: bool) -> Option<Box<Unacked>> {
    let at = "192.0.2.1:5060".parse().unwrap();
    let flow = Flow { transport: Transport::Udp, local: at, remote: at, connection: 0 };
    Some(Box::new(Unacked::new(1, Bytes::new(), flow, first, offers)))
}

/// Asks usages in all states the same thing; as callee (their INVITE waits) and as caller when
/// early.
fn check(prepare: fn(&mut InviteUsage), ask: fn(&mut InviteUsage) -> String, expected: Expect) {
    let mut text = String::new();
    let early = [
        ("callee", InviteUsage::callee(TransactionId(2))),
        ("caller", InviteUsage::caller(ours())),
    ];
    let later = STATES.into_iter().skip(1).map(|state| {
        ("", InviteUsage { state, theirs: None, ..InviteUsage::callee(TransactionId(2)) })
    });
    for (who, mut usage) in early.into_iter().chain(later) {
        prepare(&mut usage);
        let before = usage.state;
        let said = ask(&mut usage);
        text.push_str(&format!("{before:?} {who} → {:?}: {said}\n", usage.state));
    }
    expected.assert_eq(&text);
}

fn nothing(_: &mut InviteUsage) {}

#[test]
fn an_invite_of_the_peer() {
    let ask = |usage: &mut InviteUsage| format!("{:?}", usage.invited());
    check(
        nothing,
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Take
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.ours = Some(Box::new(ours())),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Glare
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(true, true),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Glare
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(true, false),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: TakeAsAck
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
}

#[test]
fn a_bye_of_the_peer() {
    check(
        nothing,
        |usage| format!("{:?}", usage.bye()),
        expect![[r#"
        Early callee → Over: Ends
        Early caller → Early: Gone
        Confirmed  → Over: Ends
        Leaving  → Over: Crosses
        Ending  → Ending: Crosses
        Over  → Over: Gone
    "#]],
    );
}

#[test]
fn the_owner_ends_it() {
    let ask = |usage: &mut InviteUsage| format!("{:?} then {:?}", usage.end(), usage.end());
    check(
        nothing,
        ask,
        expect![[r#"
        Early callee → Early: Refuse(TransactionId(2)) then Nothing
        Early caller → Early: Cancel then Nothing
        Confirmed  → Ending: Bye then Nothing
        Leaving  → Leaving: Nothing then Nothing
        Ending  → Ending: Nothing then Nothing
        Over  → Over: Nothing then Nothing
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(true, false),
        ask,
        expect![[r#"
        Early callee → Early: Refuse(TransactionId(2)) then Nothing
        Early caller → Early: Cancel then Nothing
        Confirmed  → Leaving: Wait then Nothing
        Leaving  → Leaving: Nothing then Nothing
        Ending  → Ending: Nothing then Nothing
        Over  → Over: Nothing then Nothing
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(false, false),
        ask,
        expect![[r#"
        Early callee → Early: Refuse(TransactionId(2)) then Nothing
        Early caller → Early: Cancel then Nothing
        Confirmed  → Ending: Bye then Nothing
        Leaving  → Leaving: Nothing then Nothing
        Ending  → Ending: Nothing then Nothing
        Over  → Over: Nothing then Nothing
    "#]],
    );
}

#[test]
fn a_reinvite_of_ours() {
    let ask = |usage: &mut InviteUsage| usage.may_reinvite().to_string();
    check(
        nothing,
        ask,
        expect![[r#"
        Early callee → Early: false
        Early caller → Early: false
        Confirmed  → Confirmed: true
        Leaving  → Leaving: false
        Ending  → Ending: false
        Over  → Over: false
    "#]],
    );
    check(
        |usage| usage.theirs = Some(TransactionId(3)),
        ask,
        expect![[r#"
        Early callee → Early: false
        Early caller → Early: false
        Confirmed  → Confirmed: false
        Leaving  → Leaving: false
        Ending  → Ending: false
        Over  → Over: false
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(false, false),
        ask,
        expect![[r#"
        Early callee → Early: false
        Early caller → Early: false
        Confirmed  → Confirmed: false
        Leaving  → Leaving: false
        Ending  → Ending: false
        Over  → Over: false
    "#]],
    );
}

/// RFC 3311 §5.2: 491 while an offer of ours waits, 500 while one of theirs does.
#[test]
fn an_offer_by_update() {
    let ask = |usage: &mut InviteUsage| format!("{:?}", usage.updated(b"peer"));
    check(
        nothing,
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Take
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.offered = Some(TransactionId(3)),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Overlap
        Confirmed  → Confirmed: Overlap
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.ours = Some(Box::new(ours())),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Glare
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(false, true),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Glare
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
    check(
        |usage| usage.unacked = unacked(true, false),
        ask,
        expect![[r#"
        Early callee → Early: Overlap
        Early caller → Early: Glare
        Confirmed  → Confirmed: Take
        Leaving  → Leaving: Gone
        Ending  → Ending: Gone
        Over  → Over: Gone
    "#]],
    );
}

/// RFC 3311 §5.1: in an early dialog once the first offer has been answered reliably.
#[test]
fn an_offer_by_update_in_an_early_dialog() {
    let mut callee = InviteUsage::callee(TransactionId(2));
    callee.reliable = Some(Box::new(Reliable::new(1, 1)));
    assert_eq!(callee.updated(b"peer"), Arrival::Overlap);
    if let Some(reliable) = &mut callee.reliable {
        reliable.agreed = true;
    }
    assert_eq!(callee.updated(b"peer"), Arrival::Take);
    let mut forks = Vec::new();
    for (tag, rseq) in [(&b"plain"[..], None), (b"peer", Some(1))] {
        crate::usage::reliable::hear(&mut forks, tag, rseq, Bytes::from_static(b"v=0"));
    }
    let mut caller = InviteUsage::caller(Ours { forks, ..ours() });
    assert_eq!(caller.updated(b"peer"), Arrival::Glare, "another fork is heard");
    if let Some(ours) = &mut caller.ours {
        ours.forks.remove(0);
    }
    assert_eq!(caller.updated(b"peer"), Arrival::Take);
    assert_eq!(caller.updated(b"other"), Arrival::Glare);
}
