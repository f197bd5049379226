//! UPDATE of a party: hold and un-hold without re-INVITE, before and after the answer.
//!
//! Source: RFC 3311 §5.

use expect_test::expect;

use crate::check;

#[test]
fn hold_and_unhold_by_update() {
    check(
        &["
            agent-a takes UPDATE
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a holds by UPDATE
            listen
            agent-a unholds by UPDATE
            listen
            usera updates
            listen
            "],
        expect![[r#"
            agent-a  ── UPDATE ──▶
            usera hears agent-a, agent-a hears nothing
            agent-a  ── UPDATE ──▶
            usera hears agent-a, agent-a hears usera
            usera    ── UPDATE ──▶
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 3311 §5.1: the target changes its early media before it answers.
#[test]
fn an_update_before_the_answer() {
    check(
        &["
            agent-a rings reliably, takes UPDATE
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media
            listen
            agent-a holds by UPDATE
            agent-a unholds by UPDATE
            listen
            agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a ◀── PRACK
            agent-a  ── 183 Session Progress ──▶
            agent-a ◀── PRACK
            usera hears agent-a, agent-a hears nothing
            agent-a  ── UPDATE ──▶
            agent-a  ── UPDATE ──▶
            usera hears agent-a, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 3311 §5.2: not while our offer has no reliable answer.
#[test]
fn an_update_before_the_answer_too_early() {
    check(
        &["
            agent-a takes UPDATE
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media
            agent-a holds by UPDATE
            agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            agent-a  ── UPDATE ──▶
            agent-a ◀── 491 Request Pending to UPDATE
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// A caller that has our answer reliably may hold before the call is answered.
#[test]
fn the_caller_holds_before_the_answer() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls sip:bank@bank.example.com with Require: 100rel, agent-a plays early media
            usera holds by UPDATE
            usera unholds by UPDATE
            agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            usera    ── PRACK ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            usera   ◀── 183 Session Progress
            usera    ── PRACK ──▶
            usera    ── UPDATE ──▶
            usera    ── UPDATE ──▶
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// Parked, it is answered like a re-INVITE: silence, no conversation.
#[test]
fn a_parked_transferor_updates() {
    check(
        &[
            crate::TRUE,
            "
            app /refer <Pause length=\"5\"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a updates
            agent-a holds by UPDATE
            agent-a unholds by UPDATE
            listen
            wait 5s
            agent-b refuses 486
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Pause, Dial ──▶
            usera    ♪  silence
            agent-a  ── UPDATE ──▶
            agent-a  ── UPDATE ──▶
            agent-a  ── UPDATE ──▶
            usera hears silence, agent-a hears silence
            … 4.6 s
            usera    ♪  hold music
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
