//! `<Record>`: how it ends, what came of it, and what else happens meanwhile.
//!
//! Not here: its attributes one by one (`attributes`); in a transfer (`recordings/transfers`).
//! Source: Twilio, "TwiML Voice: Record".

use expect_test::expect;

use crate::check;

#[test]
fn a_message_is_left() {
    check(
        &[r#"
            app /voice <Say>leave a message</Say><Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/><Say>never said</Say>
            app /done <Say>thank you</Say>
            app /told ok
            show RecordingUrl, RecordingSid, RecordingStartTime
            usera calls
            wait 2s
            usera says "call me back" for 2s
            wait 8s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Record, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingSid=RE0001412a4de2c53d74542cf335173764  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingStatus=in-progress  RecordingStartTime=Sun, 01 Nov 2026 00:00:01 +0000
            usera    ── "call me back" ──▶
            … 7 s
            usera    ·  recording ends
            app     ◀── POST /told  RecordingSid=RE0001412a4de2c53d74542cf335173764  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingStatus=completed  RecordingDuration=8  RecordingStartTime=Sun, 01 Nov 2026 00:00:01 +0000
            app     ◀── POST /done  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingSid=RE0001412a4de2c53d74542cf335173764  RecordingDuration=8
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_spoke_and_the_next_verb_is_run() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/><Say>nobody there</Say>
            app /told ok
            recorder hears silence
            usera calls
            wait 8s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            usera    ·  recording ends
            app     ◀── POST /told  RecordingStatus=absent  RecordingDuration=0
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_and_action_is_told() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done <Say>never said</Say>
            app /told ok
            show CallStatus, RecordingUrl
            usera calls
            wait 3s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingStatus=in-progress
            … 2.7 s
            usera    ── BYE ──▶
            app     ◀── POST /told  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingStatus=completed  RecordingDuration=3
            app     ◀── POST /done  CallStatus=completed  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingDuration=3  Digits=hangup
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_having_said_nothing() {
    // Nothing was kept, so nobody is told where it is.
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /told ok
            recorder hears silence
            usera calls
            wait 3s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2.7 s
            usera    ── BYE ──▶
            app     ◀── POST /told  RecordingStatus=absent  RecordingDuration=0
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_behind_its_key() {
    check(
        &[r#"
            app /voice <Record action="/done"/>
            app /done ok
            recorder takes 3s
            usera calls
            wait 3s
            usera presses 4
            wait 500ms
            usera hangs up
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 2.7 s
            usera    ·  recording ends
            usera    ── BYE ──▶
            … 2.5 s
            app     ◀── POST /done  RecordingDuration=3  Digits=4
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_while_action_is_asked() {
    check(
        &[r#"
            app /voice <Record action="/done"/>
            app /done after 3s <Say>never said</Say>
            usera calls
            wait 3s
            usera presses 4
            wait 500ms
            usera hangs up
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 2.7 s
            usera    ·  recording ends
            app     ◀── POST /done  RecordingDuration=3  Digits=4
            usera    ── BYE ──▶
            … 2.7 s
            app      ── 200  Say ──▶
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_in_the_beep() {
    check(
        &[r#"
            app /voice <Record action="/done"/>
            usera calls
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn the_recorder_fails_and_the_next_verb_is_run() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/><Say>sorry</Say>
            app /told ok
            recorder fails after 2s
            usera calls
            wait 8s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2 s
            app      ·  alert 91345 error
            usera    ·  recording ends
            app     ◀── POST /told  RecordingStatus=failed
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_recorder_fails_behind_the_end_of_the_call() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /told ok
            recorder fails after 4s
            recorder takes 30s
            usera calls
            wait 3s
            usera hangs up
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2.7 s
            usera    ── BYE ──▶
            … 1.3 s
            app      ·  alert 91345 error
            app     ◀── POST /told  RecordingStatus=failed
        "#]],
    );
}

#[test]
fn the_recorder_takes_its_time() {
    // The caller waits ten seconds; then action is told what our clock says.
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done <Hangup/>
            app /told ok
            recorder takes 20s
            usera calls
            wait 40s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            usera    ·  recording ends
            … 10 s
            app     ◀── POST /done  RecordingDuration=5
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 10 s
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
        "#]],
    );
}

#[test]
fn the_recorder_never_says_anything() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done <Hangup/>
            app /told ok
            recorder says nothing
            usera calls
            wait 80s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            usera    ·  recording ends
            … 10 s
            app     ◀── POST /done  RecordingDuration=5
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 50 s
            app      ·  alert 91341 error
            app     ◀── POST /told  RecordingStatus=failed
        "#]],
    );
}

#[test]
fn rest_sends_the_call_elsewhere() {
    // What was said is kept; action is not asked.
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /other <Say>somewhere else</Say>
            app /told ok
            usera calls
            wait 3s
            rest redirects usera to /other
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2.7 s
            rest     ── redirects usera to /other ──▶
            usera    ·  recording ends
            app     ◀── POST /other
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_ends_the_call() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done ok
            app /told ok
            usera calls
            wait 3s
            rest hangs up usera
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2.7 s
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            app     ◀── POST /done  RecordingDuration=3  Digits=hangup
        "#]],
    );
}

#[test]
fn inline_without_action() {
    check(
        &[r#"
            usera answers by itself after 1s
            rest calls usera running <Record/><Say>goodbye</Say>
            wait 12s
            "#],
        expect![[r#"
            rest     ── calls usera running <Record/><Say>goodbye</Say> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            usera    ── 200 OK ──▶
            app      ·  alert 11100 error
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 5 s
            usera    ·  recording ends
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_callback_that_is_no_url() {
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="http://[x"/>
            app /done <Hangup/>
            usera calls
            wait 8s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            app      ·  alert 13256 warning
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 5 s
            usera    ·  recording ends
            app     ◀── POST /done  RecordingDuration=5
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_called_party_leaves_one_before_the_join() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Record maxLength="2" action="/kept" finishOnKey=""/>
            app /kept empty
            usera calls, agent-a answers
            wait 4s
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
            app     ◀── POST /screen
            app      ── 200  Record ──▶
            agent-a  ♪  a beep
            agent-a  ♪  silence
            agent-a  ·  recording begins, inbound
            … 2 s
            agent-a  ·  recording ends
            app     ◀── POST /kept  RecordingDuration=2
            app      ── 204 ──▶
            usera ⇄ agent-a
            … 1.9 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_dialled_application_takes_one() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Record action="/kept" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /kept <Hangup/>
            app /after <Hangup/>
            app /told ok
            show CallSid
            usera calls
            wait 8s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank  CallSid=AP00000000000000000000000000000001's
            app      ── 200  Record ──▶
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  CallSid=AP00000000000000000000000000000001's  RecordingStatus=in-progress
            … 5 s
            usera    ·  recording ends
            app     ◀── POST /told  CallSid=AP00000000000000000000000000000001's  RecordingStatus=completed  RecordingDuration=5
            app     ◀── POST /kept  CallSid=AP00000000000000000000000000000001's  RecordingDuration=5
            app      ── 200  Hangup ──▶
            app     ◀── POST /after  CallSid=usera's  DialCallStatus=completed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn another_phone_takes_the_callers_place() {
    // What was said so far is the message.
    check(
        &[r#"
            app /voice <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done <Say>thank you</Say>
            app /told ok
            usera calls
            wait 3s
            userb replaces usera's call
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2.7 s
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of usera
            userb    ♪  silence
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            app     ◀── POST /done  RecordingDuration=3
            app      ── 200  Say ──▶
            userb    ♪  audio of ours
            userb   ◀── BYE
        "#]],
    );
}

#[test]
fn another_phone_takes_the_callers_place_while_action_is_still_to_be_asked() {
    check(
        &[r#"
            app /voice <Record action="/done"/>
            app /done <Say>thank you</Say>
            recorder takes 2s
            usera calls
            wait 3s
            usera presses 1
            wait 500ms
            userb replaces usera's call
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 2.7 s
            usera    ·  recording ends
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of usera
            userb    ♪  silence
            usera   ◀── BYE
            … 1.5 s
            app     ◀── POST /done  RecordingDuration=3  Digits=1
            app      ── 200  Say ──▶
            userb    ♪  audio of ours
            userb   ◀── BYE
        "#]],
    );
}

#[test]
fn a_transcript_of_a_short_message() {
    check(
        &[r#"
            app /voice <Record action="/done" transcribe="true" transcribeCallback="/words"/>
            app /done <Hangup/>
            app /words ok
            usera calls
            wait 500ms
            usera says "hi" for 500ms
            wait 200ms
            usera presses 1
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            usera    ── "hi" ──▶
            usera    ·  recording ends
            app      ·  alert 13617 warning
            app     ◀── POST /words  TranscriptionText=  TranscriptionStatus=failed
            app     ◀── POST /done  RecordingDuration=1  Digits=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_transcript_that_fails() {
    check(
        &[r#"
            app /voice <Record action="/done" transcribe="true" transcribeCallback="/words"/>
            app /done <Hangup/>
            app /words ok
            recogniser fails
            usera calls
            wait 1s
            usera says "hello" for 2s
            wait 10s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            usera    ── "hello" ──▶
            … 7 s
            usera    ·  recording ends
            app     ◀── POST /done  RecordingDuration=8
            app      ·  alert 13340 error
            app     ◀── POST /words  TranscriptionText=  TranscriptionStatus=failed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_transcript_behind_the_end_of_the_call() {
    check(
        &[r#"
            app /voice <Record action="/done" transcribe="true" transcribeCallback="/words"/>
            app /done ok
            app /words ok
            show CallStatus, TranscriptionUrl, RecordingUrl
            recogniser takes 3s
            usera calls
            wait 1s
            usera says "call me back" for 3s
            wait 2s
            usera hangs up
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            usera    ── "call me back" ──▶
            … 3 s
            usera    ── BYE ──▶
            app     ◀── POST /done  CallStatus=completed  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764  RecordingDuration=4  Digits=hangup
            … 2.8 s
            app     ◀── POST /words  CallStatus=completed  TranscriptionText=call me back  TranscriptionStatus=completed  TranscriptionUrl=http://legwork.example/_/transcriptions/TR0001637bcda8cac4cfecf66d22c18495  RecordingUrl=http://legwork.example/_/recordings/RE0001412a4de2c53d74542cf335173764
        "#]],
    );
}

#[test]
fn no_transcript_of_nothing() {
    check(
        &[r#"
            app /voice <Record action="/done" transcribe="true" transcribeCallback="/words"/>
            recorder hears silence
            usera calls
            wait 10s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 5 s
            usera    ·  recording ends
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_recogniser_that_says_nothing_fails_the_transcript() {
    check(
        &[r#"
            app /voice <Record action="/done" transcribe="true" transcribeCallback="/words"/>
            app /done <Hangup/>
            app /words ok
            recogniser takes 80s
            usera calls
            wait 80s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 5 s
            usera    ·  recording ends
            app     ◀── POST /done  RecordingDuration=5
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 59.8 s
            app      ·  alert 91340 error
            app     ◀── POST /words  TranscriptionText=  TranscriptionStatus=failed
        "#]],
    );
}
