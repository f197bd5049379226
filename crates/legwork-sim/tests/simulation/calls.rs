//! Calls without a transfer: how they begin, what is heard, how they end.
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
            wait 1s
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
            … 1 s
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
            app     ◀── POST /action  DialCallStatus=no-answer  DialSipResponseCode=408
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
fn star_ends_the_dialled_call() {
    check(
        &[r#"
            app /voice <Dial hangupOnStar="true" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            usera presses 10
            wait 1s
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
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn time_limit_ends_the_dialled_call() {
    check(
        &[r#"
            app /voice <Dial timeLimit="5"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            wait 7s
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
            … 5 s
            agent-a ◀── BYE
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_are_relayed() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            usera presses 5
            wait 1s
            listen
            agent-a presses 7
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
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 1.4 s
            usera hears agent-a, agent-a hears usera and key 5
            … 1.4 s
            usera hears agent-a and key 7, agent-a hears usera and key 5
        "#]],
    );
}

#[test]
fn different_codecs_still_hear_each_other() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera speaks PCMA, agent-a speaks PCMU
            usera calls, agent-a answers
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn no_common_codec_with_the_caller_488() {
    check(
        &["
            config codecs pcma
            usera speaks PCMU
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 488 Not Acceptable Here
        "#]],
    );
}

#[test]
fn no_common_codec_with_the_target() {
    check(
        &["
            config codecs pcma
            agent-a speaks PCMU
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls
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
            agent-a  ── 488 Not Acceptable Here ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn an_offer_that_comes_late() {
    check(
        &["
            usera offers late
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE without offer ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn an_offer_that_comes_late_answer_on_bridge() {
    check(
        &[r#"
            usera offers late
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE without offer ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn hold_and_unhold() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a holds
            listen
            agent-a unholds
            listen
            usera holds inactive
            listen
            usera unholds
            listen
            agent-a holds zero
            listen
            agent-a unholds
            listen
            "],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears nothing
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
            usera    ── re-INVITE inactive ──▶
            usera   ◀── 200 OK
            agent-a  ♪  hold music
            usera hears nothing, agent-a hears hold music
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            usera hears agent-a, agent-a hears usera
            agent-a  ── re-INVITE c=0.0.0.0 ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            usera hears hold music, agent-a hears nothing
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_call_over_a_bad_network() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            network loses 30%, doubles 20%, reorders 20%
            usera calls, agent-a rings, answers
            wait 10s
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
            … 1.5 s
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 10.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_200_without_ack_is_ended_after_32_s() {
    check(
        &["
            usera acks never
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            wait 40s
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 32 s
            usera   ◀── BYE
            app      ·  alert 32022 error
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_phone_that_dies_is_noticed_at_the_next_request() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            agent-a dies
            usera hangs up
            wait 40s
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn options_are_answered() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show all
            usera asks options
            "],
        expect![[r#"
            usera    ── OPTIONS ──▶
            usera   ◀── 200 OK to OPTIONS
        "#]],
    );
}

#[test]
fn reject_and_busy() {
    check(
        &[r#"
            app /voice <Reject/>
            app /voice <Reject reason="busy"/>
            usera calls
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Reject ──▶
            usera   ◀── 404 Not Found
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Reject ──▶
            usera   ◀── 486 Busy Here
        "#]],
    );
}

#[test]
fn hangup_pause_and_the_end_of_the_document() {
    check(
        &[r#"
            app /voice <Hangup/>
            app /voice <Pause length="2"/>
            usera calls
            wait 1s
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Hangup ──▶
            usera   ◀── 603 Decline
            … 1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
            … 2 s
            usera   ◀── 603 Decline
        "#]],
    );
}

#[test]
fn say_and_play() {
    check(
        &["
            app /voice <Say>hello</Say><Play>http://app.example/a.wav</Play><Pause/><Hangup/>
            usera calls
            listen
            wait 500ms
            listen
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Play, Pause, Hangup ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera hears speech
            usera    ♪  audio of ours
            usera hears a file
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_file_that_cannot_be_played_is_passed_over() {
    check(
        &["
            app /voice <Play>http://app.example/missing.wav</Play><Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Play, Dial ──▶
            usera   ◀── 200 OK
            app      ·  alert 11200 error
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn redirect() {
    check(
        &[r#"
            app /voice <Redirect method="GET">/other?x=1</Redirect>
            app /other <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Redirect ──▶
            app     ◀── GET /other?x=1
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_application_fails_and_the_fallback_helps() {
    check(
        &["
            app /voice 500
            app /fallback <Dial><Sip>sip:agent-a</Sip></Dial>
            show ErrorUrl
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /fallback  ErrorCode=11200  ErrorUrl=http://app.example/voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_application_fails_without_fallback() {
    check(
        &["
            app /voice times out
            usera calls
            wait 20s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            … 15 s
            app      ── no answer ──▶
            app      ·  alert 11205 error
            usera   ◀── 502 Bad Gateway
        "#]],
    );
}

#[test]
fn the_application_answers_nonsense() {
    check(
        &["
            app /voice broken <Response><Dial>
            usera calls
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  nothing ──▶
            app      ·  alert 12100 error
            usera   ◀── 502 Bad Gateway
        "#]],
    );
}

#[test]
fn status_callbacks_of_the_call() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, CallDuration, CallSid
            usera calls, agent-a rings, answers
            wait 3s
            usera hangs up
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 3 s
            usera    ── BYE ──▶
            app     ◀── POST /status  CallSid=usera's  CallStatus=completed  CallDuration=3
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_registered_client_is_reached() {
    check(
        &["
            app /voice <Dial><Client>agent-a</Client></Dial>
            agent-a registers
            usera calls, agent-a answers
            listen
            agent-a unregisters
            "],
        expect![[r#"
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
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
            usera hears agent-a, agent-a hears usera
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_registered_address_is_reached() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a@bank.example.com</Sip></Dial>
            agent-a registers
            usera calls, agent-a answers
            listen
            agent-a unregisters
            wait 1s
            "],
        expect![[r#"
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
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
            usera hears agent-a, agent-a hears usera
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_client_that_is_not_registered() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Client>agent-a</Client></Dial>
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
            app      ·  alert 32009 error
            app     ◀── POST /action  DialCallStatus=failed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_number_goes_out_through_the_trunk() {
    check(
        &[r#"
            app /voice <Dial callerId="+815012345678"><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            usera ⇄ +8130000000
            usera hears carrier, carrier hears usera
        "#]],
    );
}

#[test]
fn plain_text_is_a_number() {
    check(
        &["
            app /voice <Dial>+8130000000</Dial>
            usera calls, carrier answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            usera ⇄ +8130000000
            usera hears carrier, carrier hears usera
        "#]],
    );
}

#[test]
fn a_call_comes_in_through_the_trunk() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show From, To, CallStatus, Direction
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            listen
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing  Direction=inbound  From=sip:carrier@bank.example.com  To=+815012345678
            app      ── 200  Dial ──▶
            carrier ◀── 200 OK
            carrier  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            carrier ⇄ agent-a
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn rest_places_a_call() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show Direction
            rest calls usera with /voice
            usera rings 1s, answers, agent-a answers
            listen
            rest hangs up usera
            wait 1s
            "],
        expect![[r#"
            rest     ── calls usera with /voice ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            usera    ── 200 OK ──▶
            app     ◀── POST /voice  Direction=outbound-api
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn rest_places_a_call_to_a_number() {
    check(
        &["
            rest calls +8130000000 running <Dial><Sip>sip:agent-a</Sip></Dial>
            carrier answers, agent-a answers
            listen
            "],
        expect![[r#"
            rest     ── calls +8130000000 running <Dial><Sip>sip:agent-a</Sip></Dial> ──▶
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            +8130000000  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            +8130000000 ⇄ agent-a
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn rest_places_a_call_that_is_busy() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            rest calls usera with /voice
            usera refuses 486
            wait 1s
            "],
        expect![[r#"
            rest     ── calls usera with /voice ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 486 Busy Here ──▶
        "#]],
    );
}

#[test]
fn rest_gives_up_a_call_that_rings() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            rest calls usera with /voice
            usera rings 1s
            rest hangs up usera
            wait 1s
            "],
        expect![[r#""#]],
    );
}

#[test]
fn rest_redirects_a_call() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /other <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            rest redirects usera to /other
            agent-b answers
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
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            rest     ── redirects usera to /other ──▶
            agent-a ◀── BYE
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn sip_headers_reach_the_application_and_the_target() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a?X-Case=42</Sip></Dial>
            show SipHeader_X-Case, SipHeader_User-to-User
            usera calls sip:bank@bank.example.com with X-Case: 7; User-to-User: 0a
            agent-a answers
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  SipHeader_User-to-User=0a  SipHeader_X-Case=7
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
        "#]],
    );
}

#[test]
fn a_challenged_call_is_answered_with_credentials() {
    check(
        &["
            config challenge
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 407 Proxy Authentication Required
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
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
