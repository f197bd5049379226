//! Messages that cross, and those that never come.
//!
//! Source: refer-interop.md, below its table; RFC 3261 §9.1, §13.3.1.4, §15.1.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn s2_bye_crosses_our_re_invite() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Pause length="100"/><Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls sip:bank@bank.example.com with Supported: timer; Session-Expires: 90;refresher=uas
            agent-a answers
            ---
            agent-a refers to sip:agent-b
            network delays 100ms to usera
            wait 45s
            usera hangs up
            wait 3s
            listen
            "#],
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
            … 45 s
            usera   ◀── re-INVITE
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a ◀── BYE
            usera    ── 481 Call/Transaction Does Not Exist ──▶
            … 3.5 s
            nobody talks
        "#]],
    );
}

#[test]
fn s3_the_transferee_never_acknowledges_its_hold() {
    check(
        &[
            TO_B,
            r#"
            config codecs g722
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera speaks G722
            agent-a speaks PCMU and G722
            usera calls, agent-a answers
            ---
            usera speaks G722 and PCMU
            agent-b speaks PCMU
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            usera acks never
            usera holds
            wait 40s
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 1 s
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            … 32 s
            usera   ◀── BYE
            app      ·  alert 32022 error
            agent-b ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn s3_the_caller_never_acknowledges() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera acks never
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 40s
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 32 s
            usera   ◀── BYE
            app      ·  alert 32022 error
            agent-b ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn s4_cancel_crosses_the_answer_of_the_target() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            network delays 100ms to agent-b
            agent-b answers & usera hangs up
            wait 3s
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a ◀── BYE
            agent-b  ── 200 OK ──▶
            agent-b ◀── BYE
            … 3.6 s
            nobody talks
        "#]],
    );
}
