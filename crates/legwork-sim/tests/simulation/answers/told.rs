//! What the application is asked and told around a transfer: webhook, callbacks, the initial Dial.
//!
//! Source: inbound-refer.md, section 4.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn outcome_told_success_and_no_action_of_the_initial_dial() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            agent-b hangs up
            wait 1s
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
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn outcome_told_failure_and_the_action_after_the_restored_call() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
            listen
            agent-a hangs up
            wait 1s
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
            agent-b  ── 486 Busy Here ──▶
            app     ◀── POST /told  ReferCallStatus=busy  NotifySipResponseCode=486
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn outcome_told_declined() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            app /refer <Reject/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Reject ──▶
            app     ◀── POST /told  ReferCallStatus=failed  NotifySipResponseCode=603
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
        "#]],
    );
}

#[test]
fn outcome_told_cannot_be_used() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            app /refer 500
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            app     ◀── POST /told  ReferCallStatus=failed  NotifySipResponseCode=503
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
        "#]],
    );
}

#[test]
fn outcome_told_transferee_gone() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings
            usera hangs up
            wait 3s
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
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            app     ◀── POST /told  ReferCallStatus=canceled  NotifySipResponseCode=487
            agent-b  ── 487 Request Terminated ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn time_limit_runs_on_and_takes_effect_on_the_restored_call() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action" timeLimit="10"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            wait 3s
            agent-a refers to sip:agent-b
            agent-b rings 4s, refuses 486
            listen
            wait 5s
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
            … 4 s
            agent-b  ── 486 Busy Here ──▶
            app     ◀── POST /told  ReferCallStatus=busy  NotifySipResponseCode=486
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera hears agent-a, agent-a hears usera
            … 2.6 s
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 2.8 s
            nobody talks
        "#]],
    );
}

#[test]
fn time_limit_does_not_end_a_parked_call() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action" timeLimit="10"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings 12s
            listen
            agent-b answers
            wait 1s
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
            … 12.4 s
            usera hears ringback, agent-a hears silence
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn star_is_dead_while_parked() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action" hangupOnStar="true"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings
            usera presses 10
            agent-a presses 10
            wait 1s
            agent-b answers
            wait 3s
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_fallback_url_first() {
    check(
        &[
            FALSE,
            "
            app /refer 500
            app /fallback <Dial><Sip>sip:agent-c</Sip></Dial>
            show ErrorUrl
            agent-a refers to sip:agent-b
            agent-c answers
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            app     ◀── POST /fallback  ErrorCode=11200  ErrorUrl=http://app.example/refer
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn true_no_fallback_url() {
    check(
        &[
            TRUE,
            "
            app /refer 500
            app /fallback <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_without_fallback_the_action_of_the_initial_dial() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /refer 500
            app /action <Dial><Sip>sip:agent-c</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-c answers
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn false_without_action_the_next_verb_of_the_initial_document() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial><Dial><Sip>sip:agent-c</Sip></Dial>
            app /refer 500
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-c answers
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-a ◀── BYE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn relative_refer_url_is_resolved_against_the_document() {
    check(
        &[r#"
            app /sub/voice <Dial referUrl="refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /sub/refer <Dial><Sip>sip:agent-b</Sip></Dial>
            rest calls usera with /sub/voice
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
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
            app     ◀── POST /sub/refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn relative_refer_url_of_inline_twiml_is_not_there() {
    check(
        &[r#"
            rest calls usera running <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 1s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 15004 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn absolute_refer_url_of_inline_twiml_by_get() {
    check(
        &[
            TO_B,
            r#"
            rest calls usera running <Dial referUrl="http://app.example/refer?x=1" referMethod="GET" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
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
            app     ◀── GET /refer?x=1  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn webhook_parameters_from_the_child_leg() {
    check(
        &[
            TRUE,
            TO_B,
            r#"
            show CallSid, ParentCallSid, From, To, Direction, CallStatus, ReferCallSid, ReferredBy, SipHeader_X-Case, SipHeader_User-to-User
            agent-a refers to "Agent B" <sip:agent-b?X-Case=42&User-to-User=a%3Bb> with X-Case: 43; User-to-User: 0a
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER "Agent B" <sip:agent-b?X-Case=42&User-to-User=a%3Bb> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  CallSid=usera's  CallStatus=in-progress  Direction=inbound  From=sip:usera@bank.example.com  To=sip:bank@bank.example.com  ReferTransferTarget="Agent B" <sip:agent-b?X-Case=42&User-to-User=a%3Bb>  SipHeader_User-to-User=0a  SipHeader_X-Case=43  ReferredBy=<sip:agent-a@bank.example.com>  ReferCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn webhook_parameters_from_the_parent_leg() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show CallSid, ParentCallSid, From, To, Direction, CallStatus, ReferCallSid, ReferredBy
            usera refers to sip:agent-b
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  CallSid=agent-a's  CallStatus=in-progress  Direction=outbound-dial  From=sip:usera@bank.example.com  To=sip:agent-a  ParentCallSid=usera's  ReferTransferTarget=sip:agent-b  ReferredBy=<sip:usera@bank.example.com>  ReferCallSid=usera's
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
        "#]],
    );
}
