//! `record` of `<Dial>`: what is recorded of a conversation, and who is told.
//!
//! Not here: its attributes one by one (`attributes`); across transfers (`recordings/transfers`).
//! Source: Twilio, "TwiML Voice: Dial", `record`; twilio-voice 3.2, 6.1, 6.3.

use expect_test::expect;

use crate::check;

#[test]
fn action_and_the_end_of_the_dialled_call_tell_of_it() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="record-from-answer-dual" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip statusCallback="/status">sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            app /told ok
            app /status ok
            show RecordingUrl, RecordingSid, CallSid, CallDuration
            usera calls, agent-a answers
            wait 5s
            agent-a hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ·  recording begins, dual
            app     ◀── POST /told  CallSid=usera's  RecordingSid=RE000185353f1c1cb3b3a6b560cd66ff56  RecordingUrl=http://legwork.example/_/recordings/RE000185353f1c1cb3b3a6b560cd66ff56  RecordingStatus=in-progress
            … 5 s
            agent-a  ── BYE ──▶
            app     ◀── POST /status  CallSid=agent-a's  CallDuration=5  RecordingUrl=http://legwork.example/_/recordings/RE000185353f1c1cb3b3a6b560cd66ff56  RecordingSid=RE000185353f1c1cb3b3a6b560cd66ff56  RecordingDuration=5
            usera    ·  recording ends
            app     ◀── POST /done  CallSid=usera's  DialCallStatus=completed  DialSipResponseCode=200  RecordingUrl=http://legwork.example/_/recordings/RE000185353f1c1cb3b3a6b560cd66ff56  RecordingSid=RE000185353f1c1cb3b3a6b560cd66ff56  RecordingDuration=5
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /status  CallSid=usera's  CallDuration=5
            app     ◀── POST /told  CallSid=usera's  RecordingSid=RE000185353f1c1cb3b3a6b560cd66ff56  RecordingUrl=http://legwork.example/_/recordings/RE000185353f1c1cb3b3a6b560cd66ff56  RecordingStatus=completed  RecordingDuration=5
        "#]],
    );
}

#[test]
fn the_caller_hangs_up() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip statusCallback="/status">sip:agent-a</Sip></Dial>
            app /told ok
            app /status ok
            usera calls, agent-a answers
            wait 5s
            usera hangs up
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            usera    ── BYE ──▶
            app     ◀── POST /status
            agent-a ◀── BYE
            app     ◀── POST /status  RecordingDuration=5
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
        "#]],
    );
}

#[test]
fn nobody_answers_and_nothing_is_recorded() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" timeout="5" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            usera calls, agent-a rings
            wait 6s
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
            app     ◀── POST /done  DialCallStatus=no-answer  DialSipResponseCode=487
            agent-a  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_answers_and_the_ringing_is_recorded() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="record-from-ringing" timeout="5" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a rings
            wait 6s
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
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            agent-a ◀── CANCEL
            usera    ·  recording ends
            app     ◀── POST /done  DialCallStatus=no-answer  DialSipResponseCode=487  RecordingDuration=5
            agent-a  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
        "#]],
    );
}

#[test]
fn a_caller_who_is_not_answered_yet_has_no_ringing_to_be_recorded() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true" record="record-from-ringing" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            usera calls, agent-a rings 2s, answers
            wait 3s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 2 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 3 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
        "#]],
    );
}

#[test]
fn the_recorder_fails_and_the_two_talk_on() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            app /told ok
            recorder fails after 2s
            usera calls, agent-a answers
            wait 3s
            listen
            agent-a hangs up
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2 s
            app      ·  alert 91345 error
            usera    ·  recording ends
            app     ◀── POST /told  RecordingStatus=failed
            … 2.4 s
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_dialled_application() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Say>well</Say><Pause length="2"/>
            app /done <Hangup/>
            app /told ok
            show CallSid
            usera calls
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank  CallSid=AP00000000000000000000000000000001's
            app      ── 200  Say, Pause ──▶
            usera    ·  recording begins, mono
            app     ◀── POST /told  CallSid=usera's  RecordingStatus=in-progress
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2 s
            usera    ·  recording ends
            app     ◀── POST /done  CallSid=usera's  DialCallStatus=completed  RecordingDuration=3
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  CallSid=usera's  RecordingStatus=completed  RecordingDuration=3
        "#]],
    );
}

/// The caller is not answered yet when the application takes it over: it is recorded from its first sound on.
#[test]
fn a_dialled_application_that_answers_the_caller_later() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true" record="true" action="/done" recordingStatusCallback="/told"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Pause length="2"/><Say>hello</Say>
            app /done <Hangup/>
            app /told ok
            usera calls
            wait 10s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app     ◀── POST /bank
            app      ── 200  Pause, Say ──▶
            … 2 s
            usera   ◀── 200 OK
            usera    ·  recording begins, mono
            usera    ♪  audio of ours
            … 1 s
            usera    ·  recording ends
            app     ◀── POST /done  DialCallStatus=completed  RecordingDuration=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=1
        "#]],
    );
}

/// The end of its call tells of the recording, as that of a dialled phone does.
#[test]
fn the_end_of_a_dialled_application_tells_of_it() {
    check(
        &[r#"
            app /voice <Dial record="true" action="/done"><Application statusCallback="/ended">AP00000000000000000000000000000001</Application></Dial>
            app /bank <Pause length="2"/>
            app /done <Hangup/>
            app /ended ok
            show RecordingSid
            usera calls
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Pause ──▶
            usera    ·  recording begins, mono
            usera    ♪  silence
            … 2 s
            app     ◀── POST /ended  RecordingSid=RE0001637bcda8cac4cfecf66d22c18495  RecordingDuration=2
            usera    ·  recording ends
            app     ◀── POST /done  DialCallStatus=completed  RecordingSid=RE0001637bcda8cac4cfecf66d22c18495  RecordingDuration=2
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

/// Both are recorded, each for the call whose document dialled it.
#[test]
fn an_application_in_an_application() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true" record="true" recordingStatusCallback="/told"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial record="record-from-answer-dual" recordingStatusCallback="/told"><Application>AP00000000000000000000000000000002</Application></Dial>
            app /branch <Say>hello</Say>
            app /told ok
            show CallSid
            usera calls
            wait 10s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's
            app      ── 200  Dial ──▶
            app     ◀── POST /bank  CallSid=AP00000000000000000000000000000001's
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  recording begins, mono
            usera    ♪  ringback
            app     ◀── POST /branch  CallSid=AP00000000000000000000000000000002's
            app      ── 200  Say ──▶
            usera    ·  recording begins, dual
            usera    ♪  audio of ours
            … 1 s
            usera    ·  recording ends
            usera    ·  recording ends
            usera   ◀── BYE
            app     ◀── POST /told  CallSid=AP00000000000000000000000000000001's  RecordingStatus=completed  RecordingDuration=1
            app     ◀── POST /told  CallSid=usera's  RecordingStatus=completed  RecordingDuration=1
        "#]],
    );
}

#[test]
fn rest_sends_the_caller_elsewhere() {
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /other <Pause length="2"/>
            app /told ok
            usera calls, agent-a answers
            wait 3s
            rest redirects usera to /other
            wait 3s
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
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 3 s
            rest     ── redirects usera to /other ──▶
            usera    ·  recording ends
            agent-a ◀── BYE
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            usera    ♪  silence
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            … 1.8 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn another_phone_takes_the_place_of_who_dialled() {
    // Its recording ends there.
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a answers
            wait 3s
            userb replaces usera's call
            wait 3s
            agent-a hangs up
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 3 s
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of usera
            usera    ·  recording ends
            usera   ◀── BYE
            agent-a ⇄ userb
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            … 3 s
            agent-a  ── BYE ──▶
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200  RecordingDuration=3
            app      ── 200  Hangup ──▶
            userb   ◀── BYE
        "#]],
    );
}

#[test]
fn another_phone_takes_the_place_of_the_dialled_one() {
    // It goes on: it is of who dialled.
    check(
        &[r#"
            app /voice <Dial action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a answers
            wait 3s
            userb replaces agent-a's call
            wait 3s
            userb hangs up
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 3 s
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of agent-a
            agent-a ◀── BYE
            usera ⇄ userb
            … 3 s
            userb    ── BYE ──▶
            usera    ·  recording ends
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200  RecordingDuration=6
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=6
        "#]],
    );
}
