//! How a dialled call begins and ends: answered, busy, cancelled, the first of several.
//!
//! Source: Twilio, "TwiML Voice: <Dial>"; twilio-voice.md, sections 3.1 to 3.3.

use expect_test::expect;

use crate::check;

#[test]
fn answered_talked_and_ended_by_the_caller() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings 2s, answers
            listen
            usera hangs up
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
            … 2 s
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn answered_talked_and_ended_by_the_callee() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings 2s, answers
            listen
            agent-a hangs up
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
            … 2 s
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn answer_on_bridge_keeps_the_caller_ringing() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings 2s
            listen
            agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 2.4 s
            nobody talks
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn without_answer_on_bridge_the_caller_hears_ringback() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
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
            usera hears ringback
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn early_media_of_the_target_is_heard() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media
            listen
            agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            usera   ◀── 183 Session Progress
            usera hears agent-a, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn busy() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            usera calls, agent-a refuses 486
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 486 Busy Here ──▶
            app     ◀── POST /action  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn busy_without_action_ends() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a refuses 486
            wait 1s
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
            agent-a  ── 486 Busy Here ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn busy_and_the_next_verb() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial><Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a refuses 486, agent-b answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial, Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 486 Busy Here ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn no_answer() {
    check(
        &[r#"
            app /voice <Dial timeout="5" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            usera calls, agent-a rings
            wait 8s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 5 s
            agent-a ◀── CANCEL
            app     ◀── POST /action  DialCallStatus=no-answer  DialSipResponseCode=487
            agent-a  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_is_there() {
    check(
        &[r#"
            app /voice <Dial timeout="600" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            agent-a dies
            usera calls
            wait 40s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            … 32 s
            app      ·  alert 32011 warning
            app     ◀── POST /action  DialCallStatus=no-answer  DialSipResponseCode=408
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn no_such_host() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:x@nowhere.example</Sip></Dial>
            app /action <Hangup/>
            usera calls
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 13254 error
            app     ◀── POST /action  DialCallStatus=failed  DialSipResponseCode=404
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_cancels_while_the_target_rings() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings 1s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            usera    ── CANCEL ──▶
            usera   ◀── 487 Request Terminated
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn the_caller_cancels_while_the_application_is_asked() {
    check(
        &["
            app /voice after 5s <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls
            wait 1s
            usera hangs up
            wait 6s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            … 1 s
            usera    ── CANCEL ──▶
            usera   ◀── 487 Request Terminated
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_while_the_target_rings() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings 1s
            usera hangs up
            wait 1s
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
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn the_target_answers_as_the_caller_cancels() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings 1s
            agent-a answers & usera hangs up
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera    ── CANCEL ──▶
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn several_ring_the_first_to_answer_wins() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a rings, agent-b rings 1s, answers
            wait 1s
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            … 1 s
            agent-b  ── 200 OK ──▶
            agent-a ◀── CANCEL
            usera ⇄ agent-b
            agent-a  ── 487 Request Terminated ──▶
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn both_answer_at_once_one_wins() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a rings, agent-b rings 1s
            agent-a answers & agent-b answers
            wait 1s
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 200 OK ──▶
            agent-b ◀── CANCEL
            usera ⇄ agent-a
            agent-b  ── 200 OK ──▶
            agent-b ◀── BYE
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn sequential_takes_the_next_after_busy_and_no_answer() {
    check(
        &[r#"
            app /voice <Dial sequential="true" timeout="5"><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            usera calls, agent-a refuses 486, agent-b rings, agent-c rings, answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 486 Busy Here ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            … 5 s
            agent-b ◀── CANCEL
            agent-c ◀── INVITE
            agent-b  ── 487 Request Terminated ──▶
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn the_action_after_a_call_tells_how_it_went() {
    check(
        &[r#"
            app /voice <Dial action="/action" method="GET"><Sip>sip:agent-a</Sip></Dial>
            app /action <Dial><Sip>sip:agent-b</Sip></Dial>
            show DialCallDuration
            usera calls, agent-a answers
            wait 3s
            agent-a hangs up
            agent-b answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 3 s
            agent-a  ── BYE ──▶
            app     ◀── GET /action  DialCallStatus=completed  DialCallDuration=3  DialSipResponseCode=200
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn rfc3263_4_nobody_else_waits_for_a_name() {
    check(
        &[r#"
            dns slow.example.com after 3s agent-b
            app /voice <Dial><Sip>sip:desk@slow.example.com</Sip></Dial>
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls
            agent-c calls, agent-a answers
            wait 3s
            agent-b answers
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            … 1 s
            agent-c  ── INVITE ──▶
            agent-c ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-c ◀── 200 OK
            agent-c  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 200 OK ──▶
            agent-c ⇄ agent-a
            … 1 s
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            … 3 s
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
        "#]],
    );
}
