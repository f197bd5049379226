//! Recordings across transfers: that of the initial `<Dial>` is silent while the transfer is pending, ends at
//! the success point, and goes on where the call is given back. Verbs that record take the call over.
//!
//! Source: `inbound-refer` §4, "the initial `<Dial>` meanwhile", "verbs that take over".

use expect_test::expect;

use crate::check;

#[test]
fn true_it_ends_when_the_target_is_there() {
    check(
        &[r#"
            app /voice <Dial action="/done" referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            agent-b rings 2s, answers
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 2 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera    ·  recording ends
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=4
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_it_goes_on_when_the_target_is_busy() {
    check(
        &[r#"
            app /voice <Dial action="/done" referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            agent-b rings 2s, refuses 486
            wait 3s
            agent-a hangs up
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 2 s
            agent-b  ── 486 Busy Here ──▶
            usera    ·  recording goes on
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 3 s
            agent-a  ── BYE ──▶
            usera    ·  recording ends
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200  RecordingDuration=7
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=7
        "#]],
    );
}

#[test]
fn false_it_ends_with_the_document() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" record="record-from-answer-dual" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer after 1s <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            wait 2s
            agent-b answers
            wait 3s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            … 1 s
            app      ── 200  Dial ──▶
            usera    ·  recording ends
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn false_and_no_document_its_action_tells_of_it() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" action="/done" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer 500
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            wait 3s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            usera    ·  recording ends
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200  RecordingDuration=2
            agent-a ◀── BYE
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=2
        "#]],
    );
}

#[test]
fn the_caller_transfers_and_its_own_leg_was_recorded() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            usera refers to sip:agent-b
            agent-b rings 2s, answers
            wait 3s
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            … 2 s
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera    ·  recording ends
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=4
        "#]],
    );
}

#[test]
fn the_caller_transfers_and_it_fails() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            usera refers to sip:agent-b
            agent-b refuses 486
            wait 2s
            agent-a hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            usera    ·  recording goes on
            usera    ·  restored
            usera ⇄ agent-a
            usera   ◀── NOTIFY  486 Busy Here, terminated
            … 2 s
            agent-a  ── BYE ──▶
            usera    ·  recording ends
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=4
        "#]],
    );
}

#[test]
fn the_transferor_leaves_and_it_ends_there() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            agent-b rings 1s
            agent-a hangs up
            wait 1s
            agent-b answers
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
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
            agent-a  ── BYE ──▶
            usera    ·  recording ends
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 481 No to NOTIFY ──▶
        "#]],
    );
}

#[test]
fn the_new_conversation_has_one_of_its_own() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial record="record-from-answer-dual" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent" action="/done"><Sip>sip:agent-b</Sip></Dial>
            app /done <Hangup/>
            show RecordingChannels
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            agent-b hangs up
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
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
            usera    ·  recording begins, dual
            app     ◀── POST /told  RecordingStatus=in-progress  RecordingChannels=2
            usera    ·  recording ends
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=2  RecordingChannels=1
            … 3 s
            agent-b  ── BYE ──▶
            usera    ·  recording ends
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200  RecordingDuration=3
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3  RecordingChannels=2
        "#]],
    );
}

#[test]
fn an_attended_transfer_ends_both() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial referUrl="/refer" answerOnBridge="true" record="true" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"><Sip>sip:agent-b</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a calls, agent-b answers
            wait 2s
            agent-a refers attended
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a/2  ── INVITE ──▶
            agent-a/2 ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            agent-a/2 ◀── 200 OK
            agent-a/2 ⇄ agent-b
            agent-a/2  ·  recording begins, mono
            app     ◀── POST /told  RecordingStatus=in-progress
            … 2 s
            agent-a  ── REFER <sip:bank@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            usera    ·  recording is silent
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:bank@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera ⇄ agent-b
            usera    ·  recording ends
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=4
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=2
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn a_message_takes_the_call_over() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            wait 8s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Record ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  a beep
            agent-a ◀── BYE
            usera    ♪  silence
            usera    ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            usera    ·  recording ends
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
            app     ◀── POST /done  RecordingDuration=5
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_message_of_a_dialled_party_that_was_left() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Record action="/done" recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/>
            app /done <Hangup/>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            usera refers to sip:agent-b
            wait 8s
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Record ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-a  ♪  a beep
            usera   ◀── BYE
            agent-a  ♪  silence
            agent-a  ·  recording begins, inbound
            app     ◀── POST /told  RecordingStatus=in-progress
            … 5 s
            agent-a  ·  recording ends
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
            app     ◀── POST /done  RecordingDuration=5
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_recording_that_is_started_does_not_take_it_over() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Start><Recording recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/></Start><Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 2s
            ---
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 2s
            agent-a hangs up
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
            app      ── 200  Start, Dial ──▶
            usera    ·  recording begins, dual
            app     ◀── POST /told  RecordingStatus=in-progress
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 2 s
            agent-a  ── BYE ──▶
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=2
        "#]],
    );
}
