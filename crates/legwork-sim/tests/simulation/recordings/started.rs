//! `<Start><Recording>`: a recording beside everything else.
//!
//! Not here: its attributes one by one (`attributes`).
//! Source: Twilio, "TwiML Voice: Start", "Recording".

use expect_test::expect;

use crate::check;

#[test]
fn it_survives_documents_and_ends_with_the_call() {
    check(
        &[r#"
            app /voice <Start><Recording recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/></Start><Say>hello</Say><Redirect>/next</Redirect>
            app /next <Dial><Sip>sip:agent-a</Sip></Dial><Say>goodbye</Say>
            app /told ok
            usera calls
            agent-a answers
            wait 3s
            agent-a hangs up
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Redirect ──▶
            usera   ◀── 200 OK
            usera    ·  recording begins, dual
            app     ◀── POST /told  RecordingStatus=in-progress
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /next
            app      ── 200  Dial, Say ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 3 s
            agent-a  ── BYE ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
        "#]],
    );
}

#[test]
fn it_begins_with_the_answer_that_comes_later() {
    check(
        &[r#"
            app /voice <Start><Recording recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/></Start><Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            usera calls, agent-a rings 2s, answers
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 2 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera    ·  recording begins, dual
            app     ◀── POST /told  RecordingStatus=in-progress
            usera ⇄ agent-a
            … 2 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=2
        "#]],
    );
}

#[test]
fn a_call_that_is_never_answered_has_none() {
    check(
        &[r#"
            app /voice <Start><Recording recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/></Start><Reject/>
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Reject ──▶
            usera   ◀── 404 Not Found
        "#]],
    );
}

#[test]
fn two_at_a_time_are_one_too_many() {
    check(
        &[r#"
            app /voice <Start><Recording/><Recording/></Start><Say>hello</Say><Start><Recording/></Start><Say>hello</Say>
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Start, Say ──▶
            app      ·  alert 16108 error
            usera   ◀── 200 OK
            usera    ·  recording begins, dual
            usera    ♪  audio of ours
            … 1 s
            app      ·  alert 16108 error
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn beside_it_a_message_and_a_conversation_are_recorded() {
    check(
        &[r#"
            app /voice <Start><Recording recordingStatusCallback="/all"/></Start><Record action="/then" maxLength="2" recordingStatusCallback="/told"/>
            app /then <Dial record="true" recordingStatusCallback="/told"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /all ok
            show RecordingSource
            usera calls
            wait 3s
            agent-a answers
            wait 3s
            agent-a hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Record ──▶
            usera   ◀── 200 OK
            usera    ·  recording begins, dual
            usera    ♪  a beep
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 2 s
            usera    ·  recording ends
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=2  RecordingSource=RecordVerb
            app     ◀── POST /then  RecordingDuration=2
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera    ·  recording begins, mono
            … 3 s
            agent-a  ── BYE ──▶
            usera    ·  recording ends
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3  RecordingSource=DialVerb
            app     ◀── POST /all  RecordingStatus=completed  RecordingDuration=6  RecordingSource=StartCallRecordingTwiML
        "#]],
    );
}

#[test]
fn of_a_call_placed_by_rest() {
    check(
        &[r#"
            app /told ok
            usera answers by itself after 1s
            rest calls usera running <Start><Recording recordingStatusCallback="http://app.example/told"/></Start><Say>hello</Say>
            wait 4s
            "#],
        expect![[r#"
            rest     ── calls usera running <Start><Recording recordingStatusCallback="http://app.example/told"/></Start><Say>hello</Say> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            usera    ── 200 OK ──▶
            usera    ·  recording begins, dual
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=1
        "#]],
    );
}

#[test]
fn it_goes_on_through_a_transfer_of_the_other_side() {
    check(
        &[r#"
            app /voice <Start><Recording recordingStatusCallback="/told" recordingStatusCallbackEvent="in-progress completed absent"/></Start><Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            wait 1s
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            usera hangs up
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=4
        "#]],
    );
}

#[test]
fn rest_asks_for_it() {
    check(
        &[r#"
            app /voice <Say>hello</Say>
            app /told ok
            app /status ok
            show RecordingSource, RecordingChannels, RecordingTrack
            usera answers by itself after 1s
            rest calls usera with /voice; record dual /told; status_callback /status
            wait 4s
            "#],
        expect![[r#"
            rest     ── calls usera with /voice; record dual /told; status_callback /status ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            usera    ── 200 OK ──▶
            usera    ·  recording begins, dual
            app     ◀── POST /told  RecordingStatus=in-progress  RecordingChannels=2  RecordingSource=OutboundAPI  RecordingTrack=both
            app     ◀── POST /voice
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            app     ◀── POST /status  RecordingDuration=1
            app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=1  RecordingChannels=2  RecordingSource=OutboundAPI  RecordingTrack=both
        "#]],
    );
}

#[test]
fn rest_asks_for_it_and_nobody_answers() {
    check(
        &[r#"
            app /voice <Say>hello</Say>
            app /status ok
            rest calls usera with /voice; record inbound /told; timeout 3; status_callback /status
            wait 4s
            "#],
        expect![[r#"
            rest     ── calls usera with /voice; record inbound /told; timeout 3; status_callback /status ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 3 s
            usera   ◀── CANCEL
            app     ◀── POST /status
            usera    ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn five_of_one_call_are_one_too_many() {
    // Asked for by REST, started, of two conversations with applications; then a message.
    check(
        &[r#"
            app /voice <Start><Recording/></Start><Dial record="true"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial record="true"><Application>AP00000000000000000000000000000002</Application></Dial>
            app /branch <Record playBeep="false"/><Say>sorry</Say>
            usera answers by itself after 1s
            rest calls usera with /voice; record
            wait 4s
            "#],
        expect![[r#"
            rest     ── calls usera with /voice; record ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            usera    ── 200 OK ──▶
            usera    ·  recording begins, mono
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera    ·  recording begins, dual
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ·  recording begins, mono
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Record, Say ──▶
            usera    ·  recording begins, mono
            usera    ♪  silence
            app      ·  alert 16108 error
            usera    ♪  audio of ours
            usera    ·  recording ends
            usera    ·  recording ends
            usera   ◀── BYE
        "#]],
    );
}
