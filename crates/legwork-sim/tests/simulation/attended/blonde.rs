//! The far party still rings: it rings on for the transferee, and is joined at its answer.
//!
//! Source: refer-interop.md, lines 29, 40 and 41; inbound-refer.md, section 4.

use expect_test::expect;

use super::{FALSE, TO_CONSULTED, TRUE};
use crate::{TO_B, check};

/// AgentA takes UserA aside and calls AgentB, who rings. Her own call is answered only with AgentB's.
const AGENT_B_RINGS: &str = r#"
    agent-a holds, calls sip:agent-b@bank.example.com, agent-b rings
    ---
"#;

/// Her own call is early, too: the dialog she names is one that she has begun herself.
const EARLY: &str = r#"
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    app /voice <Dial answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
    usera calls, agent-a answers
"#;

#[test]
fn child_true_the_target_rings_on_and_answers() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            AGENT_B_RINGS,
            "
            listen
            agent-a refers attended
            wait 2s
            listen
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            usera hears nothing, agent-a hears ringback
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            … 2.4 s
            usera hears ringback, agent-a hears silence
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn child_false_the_target_rings_on_and_answers() {
    check(
        &[
            FALSE,
            TO_CONSULTED,
            AGENT_B_RINGS,
            "
            agent-a refers attended
            wait 2s
            listen
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2  ·  its far party is taken over
            agent-a/2 ◀── BYE
            usera    ♪  ringback
            agent-a ◀── BYE
            … 2.4 s
            usera hears ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn parent_true_the_target_rings_on_and_answers() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            "
            usera holds, calls sip:agent-b@bank.example.com, agent-b rings
            ---
            usera refers attended
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            usera    ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=usera's
            app      ── 200  Dial ──▶
            usera/2  ·  its far party is taken over
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            usera/2  ♪  silence
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera/2 ◀── BYE
            usera   ◀── BYE
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn an_early_dialog_of_her_own() {
    check(
        &[
            EARLY,
            TO_CONSULTED,
            AGENT_B_RINGS,
            "
            agent-a refers attended
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── 487 Request Terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn an_early_dialog_of_her_own_is_given_back() {
    check(
        &[
            EARLY,
            TO_CONSULTED,
            AGENT_B_RINGS,
            "
            agent-a refers attended
            agent-b refuses 486
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a/2 ◀── 603 Decline
            usera hears agent-a, agent-a hears nothing
        "#]],
    );
}

#[test]
fn child_true_the_target_is_busy_the_initial_call_is_back() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            AGENT_B_RINGS,
            "
            app /consulted <Say>busy</Say>
            agent-a refers attended
            agent-b refuses 486
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            app     ◀── POST /consulted  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 200  Say ──▶
            agent-a/2  ♪  audio of ours
            usera hears nothing, agent-a hears speech
        "#]],
    );
}

#[test]
fn child_false_the_target_is_busy() {
    check(
        &[
            FALSE,
            r#"app /refer <Dial action="/after"><Sip>sip:agent-b@bank.example.com</Sip></Dial>"#,
            "
            app /after <Say>nobody</Say>",
            AGENT_B_RINGS,
            "
            agent-a refers attended
            agent-b refuses 486
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2  ·  its far party is taken over
            agent-a/2 ◀── BYE
            usera    ♪  ringback
            agent-a ◀── BYE
            agent-b  ── 486 Busy Here ──▶
            app     ◀── POST /after  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera hears speech
        "#]],
    );
}

#[test]
fn the_target_does_not_answer_in_time() {
    check(
        &[
            TRUE,
            r#"
            app /consulted <Hangup/>
            app /refer <Dial timeout="5"><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            "#,
            AGENT_B_RINGS,
            "
            agent-a refers attended
            wait 6s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            … 5 s
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            app     ◀── POST /consulted  DialCallStatus=no-answer  DialSipResponseCode=487
            agent-b  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            agent-a/2 ◀── BYE
            … 1.4 s
            usera hears agent-a, agent-a hears nothing
        "#]],
    );
}

#[test]
fn with_early_media() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            "
            agent-a holds, calls sip:agent-b@bank.example.com, agent-b plays early media
            ---
            listen
            agent-a refers attended
            listen
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            usera hears nothing, agent-a hears agent-b, agent-b hears nothing
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            usera hears agent-b, agent-a hears silence, agent-b hears nothing
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_of_several_targets() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            app /refer <Dial><Sip>sip:sales@bank.example.com</Sip></Dial>
            usera calls, agent-a answers
            agent-a calls sip:sales@bank.example.com, agent-b rings, agent-c rings
            ---
            agent-a refers attended
            agent-b refuses 486
            agent-c answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:sales@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:sales@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            agent-b  ── 486 Busy Here ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn one_after_the_other() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial sequential="true"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            app /refer <Dial><Sip>sip:sales@bank.example.com</Sip></Dial>
            usera calls, agent-a answers
            agent-a calls sip:sales@bank.example.com, agent-b rings
            ---
            agent-a refers attended
            agent-b refuses 486
            agent-c answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:sales@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:sales@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            agent-b  ── 486 Busy Here ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn one_that_is_screened() {
    check(
        &[
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen <Pause length="3"/>
            usera calls, agent-a answers
            "#,
            TO_CONSULTED,
            "
            agent-a calls sip:agent-b@bank.example.com, agent-b answers
            ---
            agent-a refers attended
            listen
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            usera hears ringback, agent-a hears silence, agent-b hears silence
            … 2.6 s
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// AudioCodes: CANCEL of the consultation, then a REFER without Replaces.
#[test]
fn cancelled_and_referred_unattended() {
    check(
        &[
            EARLY,
            TO_B,
            AGENT_B_RINGS,
            "
            agent-a cancels
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a/2  ── CANCEL ──▶
            agent-a/2 ◀── 487 Request Terminated
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
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
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
