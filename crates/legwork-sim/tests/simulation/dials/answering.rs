//! When a call that comes in is answered: which first verb says 200, which lets it ring, which refuses it.
//!
//! Source: twilio-voice.md, section 3.1, "When is the call answered".

use expect_test::expect;

use crate::check;

#[test]
fn say_answers() {
    check(
        &["
            app /voice <Say>hello</Say>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
        "#]],
    );
}

#[test]
fn play_answers() {
    check(
        &["
            app /voice <Play>http://app.example/a.wav</Play>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Play ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
        "#]],
    );
}

#[test]
fn dial_answers() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            agent-a refuses 486
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 486 Busy Here ──▶
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
        "#]],
    );
}

#[test]
fn dial_with_answer_on_bridge_lets_it_ring() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            agent-a rings 1s, refuses 486
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 486 Busy Here ──▶
            usera   ◀── 603 Decline
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=603
        "#]],
    );
}

#[test]
fn dial_with_answer_on_bridge_answers_at_the_join() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            agent-a rings 1s, answers
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera    ── BYE ──▶
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn dial_with_answer_on_bridge_passes_early_media_on() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            agent-a plays early media, refuses 486
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            usera   ◀── 183 Session Progress
            agent-a  ── 486 Busy Here ──▶
            usera    ♪  ringback
            usera   ◀── 603 Decline
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=603
        "#]],
    );
}

#[test]
fn an_empty_say_is_a_pause_and_lets_it_ring() {
    check(
        &["
            app /voice <Say/><Dial><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 500ms
            agent-a answers
            usera hangs up
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Say, Dial ──▶
            app      ·  alert 13520 warning
            … 1 s
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ── BYE ──▶
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn pause_lets_it_ring() {
    check(
        &[r#"
            app /voice <Pause length="2"/><Say>hello</Say>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Pause, Say ──▶
            … 2 s
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
        "#]],
    );
}

#[test]
fn redirect_lets_it_ring() {
    check(
        &["
            app /voice <Redirect>/more</Redirect>
            app /status ok
            show CallStatus, SipResponseCode
            app /more <Pause/><Say>hello</Say>
            show CallStatus
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Redirect ──▶
            app     ◀── POST /more  CallStatus=ringing
            app      ── 200  Pause, Say ──▶
            … 1 s
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
        "#]],
    );
}

#[test]
fn reject() {
    check(
        &["
            app /voice <Reject/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Reject ──▶
            usera   ◀── 404 Not Found
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=404
        "#]],
    );
}

#[test]
fn reject_busy() {
    check(
        &[r#"
            app /voice <Reject reason="busy"/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Reject ──▶
            usera   ◀── 486 Busy Here
            app     ◀── POST /status  CallStatus=busy  SipResponseCode=486
        "#]],
    );
}

#[test]
fn reject_after_a_pause() {
    check(
        &[r#"
            app /voice <Pause/><Reject reason="busy"/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Pause, Reject ──▶
            … 1 s
            usera   ◀── 486 Busy Here
            app     ◀── POST /status  CallStatus=busy  SipResponseCode=486
        "#]],
    );
}

#[test]
fn reject_of_a_call_that_was_answered() {
    check(
        &["
            app /voice <Say>hello</Say><Reject/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Say, Reject ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  SipResponseCode=200
        "#]],
    );
}

#[test]
fn hangup() {
    check(
        &["
            app /voice <Hangup/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Hangup ──▶
            usera   ◀── 603 Decline
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=603
        "#]],
    );
}

#[test]
fn the_end_of_the_document() {
    check(
        &["
            app /voice <Pause/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Pause ──▶
            … 1 s
            usera   ◀── 603 Decline
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=603
        "#]],
    );
}

#[test]
fn nothing_at_all() {
    check(
        &["
            app /voice empty
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 204 ──▶
            usera   ◀── 603 Decline
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=603
        "#]],
    );
}

#[test]
fn the_application_fails() {
    check(
        &["
            app /voice 500
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 500 ──▶
            app      ·  alert 11200 error
            usera   ◀── 502 Bad Gateway
            app     ◀── POST /status  CallStatus=failed  SipResponseCode=502
        "#]],
    );
}

#[test]
fn the_caller_gives_up() {
    check(
        &[r#"
            app /voice <Pause length="5"/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Pause ──▶
            … 1 s
            usera    ── CANCEL ──▶
            usera   ◀── 487 Request Terminated
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=487
        "#]],
    );
}

#[test]
fn rest_ends_it() {
    check(
        &[r#"
            app /voice <Pause length="5"/>
            app /status ok
            show CallStatus, SipResponseCode
            usera calls
            wait 1s
            rest hangs up usera
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Pause ──▶
            … 1 s
            rest     ── hangs up usera ──▶
            usera   ◀── 603 Decline
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=603
        "#]],
    );
}
