//! What we advertise, and how requests find their dialog: OPTIONS, Allow, route sets, connections.
//!
//! Source: refer-interop.md; RFC 3261 §11, §12.2, §18.2.2.

use expect_test::expect;

use crate::{TO_B, check};

#[test]
fn q24_teams_looks_for_refer_on_both_legs() {
    check(
        &[r#"
            show lines Allow, Supported
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
            Supported: timer, 100rel, norefersub, replaces
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
            Supported: timer, 100rel, norefersub, replaces
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
            Supported: timer, 100rel, norefersub, replaces
            usera ⇄ agent-a
        "#]],
    );
}

#[test]
fn q25_teams_asks_for_options() {
    check(
        &["
            show lines Allow, Supported, Contact
            usera asks options
            "],
        expect![[r#"
            usera    ── OPTIONS ──▶
            Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
            Supported: timer, 100rel, norefersub, replaces
            Contact: <sip:legwork@10.0.0.1:5060>
        "#]],
    );
}

#[test]
fn q26_teams_connects_anew_for_every_request() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera reconnects for every request
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            "#,
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn q27_avaya_stands_behind_a_proxy() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            show lines Route
            usera is behind the proxy
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            "#,
        ],
        expect![[r#"
            proxy    ── REFER sip:agent-b ──▶
            proxy   ◀── 202 Accepted
            proxy   ◀── NOTIFY  100 Trying, active
            Route: <sip:10.0.0.7:5060;lr>
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            proxy   ◀── NOTIFY  180 Ringing, active
            Route: <sip:10.0.0.7:5060;lr>
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            proxy   ◀── NOTIFY  200 OK, terminated
            Route: <sip:10.0.0.7:5060;lr>
            proxy   ◀── BYE
            Route: <sip:10.0.0.7:5060;lr>
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn q42_ip_office_refers_because_options_say_so() {
    check(
        &["
            config trunk refers
            show lines Allow
            carrier asks options
            "],
        expect![[r#"
            carrier  ── OPTIONS ──▶
            Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        "#]],
    );
}

#[test]
fn q42_ip_office_does_not_refer_where_options_do_not_say_so() {
    check(
        &["
            show lines Allow
            carrier asks options
            "],
        expect![[r#"
            carrier  ── OPTIONS ──▶
            Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        "#]],
    );
}
