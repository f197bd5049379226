//! Streams: `<Start><Stream>`, `<Stop><Stream>`, `<Connect><Stream>`.
//!
//! Not here: their attributes one by one (`attributes`), the messages (crate `legwork`, `streams`).
//! Source: Twilio, "TwiML Voice: Stream", "Start", "Stop", "Connect"; twilio-voice 3.6.

use expect_test::expect;

use crate::{TRUE, check};

#[test]
fn a_call_is_the_applications_until_it_says_goodbye() {
    check(
        &[r#"
            app /voice <Connect action="/next"><Stream url="wss://app.example/s" statusCallback="/told"><Parameter name="a" value="1"/></Stream></Connect><Say>not heard</Say>
            app /next <Say>goodbye</Say>
            app /told ok
            usera calls
            wait 1s
            listen
            stream speaks 2s
            stream marks 1
            wait 1s
            listen
            wait 2s
            usera presses 1 #
            stream speaks 60s
            stream marks 2
            wait 2s
            stream clears
            listen
            stream errs
            stream closes
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect, Say ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound  a=1
            usera    ·  stream begins, inbound
            app     ◀── POST /told  StreamEvent=stream-started
            usera    ·  stream connected
            … 1.4 s
            usera hears silence
            stream   ── media, 2s ──▶
            stream   ── mark 1 ──▶
            … 1.4 s
            usera hears the application
            stream  ◀── mark 1
            … 1.4 s
            stream  ◀── key 1
            stream   ── media, 60s ──▶
            stream   ── mark 2 ──▶
            stream  ◀── key #
            … 2 s
            stream   ── clear ──▶
            stream  ◀── mark 2
            usera hears silence
            stream   ── nonsense ──▶
            app      ·  alert 31950 warning
            stream   ── close ──▶
            usera    ·  stream ends
            app     ◀── POST /told  StreamEvent=stream-stopped
            app     ◀── POST /next
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn beside_a_conversation_until_it_is_stopped() {
    check(
        &[r#"
            app /voice <Start><Stream name="a" url="wss://app.example/s" track="both_tracks" statusCallback="/told"/></Start><Dial action="/next"><Sip>sip:agent-a</Sip></Dial>
            app /next <Say>one moment</Say><Stop><Stream name="a"/><Stream name="a"/></Stop><Pause/>
            app /told ok
            usera calls, agent-a answers
            wait 1s
            listen
            agent-a hangs up
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound and outbound
            usera    ·  stream begins, both ways
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  StreamEvent=stream-started
            usera    ·  stream connected
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            app     ◀── POST /next  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Say, Stop, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ·  stream ends
            app     ◀── POST /told  StreamEvent=stream-stopped
            app      ·  alert 31900 warning
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn without_a_name_it_is_stopped_by_the_one_it_is_told_under() {
    check(
        &[r#"
            show StreamName
            app /voice <Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Say>hello</Say><Stop><Stream name="MZ0001412a4de2c53d74542cf335173764"/></Stop><Pause/>
            app /told ok
            usera calls
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Stop, Pause ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            app     ◀── POST /told  StreamName=MZ0001412a4de2c53d74542cf335173764  StreamEvent=stream-started
            usera    ·  stream connected
            usera    ♪  audio of ours
            … 1 s
            usera    ·  stream ends
            app     ◀── POST /told  StreamName=MZ0001412a4de2c53d74542cf335173764  StreamEvent=stream-stopped
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn it_begins_with_the_answer_and_ends_with_the_call() {
    check(
        &[r#"
            app /voice <Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
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
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            usera ⇄ agent-a
            app     ◀── POST /told  StreamEvent=stream-started
            usera    ·  stream connected
            … 2 s
            usera    ── BYE ──▶
            app     ◀── POST /told  StreamEvent=stream-stopped
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_call_that_is_never_answered_has_none() {
    check(
        &[r#"
            app /voice <Start><Stream name="a" url="wss://app.example/s" statusCallback="/told"/></Start><Stop><Stream name="a"/></Stop><Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Reject/>
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Stop, Start, Reject ──▶
            usera   ◀── 404 Not Found
        "#]],
    );
}

#[test]
fn who_is_not_there_is_told_and_the_document_goes_on() {
    check(
        &[r#"
            app /voice <Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Connect action="/next"><Stream url="wss://app.example/s" statusCallback="/told"/></Connect>
            app /next <Say>nobody is there</Say>
            app /told ok
            stream refuses 31902
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Connect ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            app      ·  alert 31902 error
            usera    ·  stream fails
            app     ◀── POST /told  StreamEvent=stream-error  StreamError=31902 the scenario says so
            app      ·  alert 31902 error
            usera    ·  stream fails
            app     ◀── POST /told  StreamEvent=stream-error  StreamError=31902 the scenario says so
            app     ◀── POST /next
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_breaks_off_is_told_and_the_document_goes_on() {
    check(
        &[r#"
            app /voice <Connect><Stream url="wss://app.example/s" statusCallback="/told"/></Connect><Say>goodbye</Say>
            app /told ok
            usera calls
            wait 1s
            stream breaks
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect, Say ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            app     ◀── POST /told  StreamEvent=stream-started
            usera    ·  stream connected
            … 1 s
            stream   ── nothing, and is gone ──▶
            app      ·  alert 31903 error
            usera    ·  stream fails
            app     ◀── POST /told  StreamEvent=stream-error  StreamError=31903 the connection is gone
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn there_are_so_many_and_no_more_and_names_are_told_apart() {
    check(
        &[r#"
            app /voice <Start><Stream name="a" url="wss://app.example/1" track="both_tracks"/><Stream name="a" url="wss://app.example/2"/><Stream url="wss://app.example/3"/><Stream url="wss://app.example/4" track="both_tracks"/><Stream url="wss://app.example/5" track="outbound_track"/><Stream url="wss://app.example/6"/></Start><Connect><Stream name="a" url="wss://app.example/7"/></Connect><Connect><Stream name="b" url="wss://app.example/8"/></Connect>
            show alerts
            usera calls
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Connect, Connect ──▶
            app      ·  alert 31900 error
            A stream could not be had as it was wanted. A stream is called "a" already. Give streams of one call names of their own, and stop those there are.
            app      ·  alert 31960 error
            More streams of one call than it may have. One both ways, and four tracks one way, at a time.
            app      ·  alert 31960 error
            More streams of one call than it may have. One both ways, and four tracks one way, at a time.
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/1  inbound and outbound
            usera    ·  stream begins, both ways
            stream  ◀── wss://app.example/3  inbound
            usera    ·  stream begins, inbound
            stream  ◀── wss://app.example/5  outbound
            usera    ·  stream begins, outbound
            app      ·  alert 31900 error
            A stream could not be had as it was wanted. A stream is called "a" already. Give streams of one call names of their own, and stop those there are.
            stream  ◀── wss://app.example/8  inbound
            usera    ·  stream begins, inbound
            usera    ·  stream connected
            usera    ·  stream connected
            usera    ·  stream connected
            usera    ·  stream connected
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn rest_takes_the_call_away() {
    check(
        &[r#"
            app /voice <Connect action="/next"><Stream url="wss://app.example/s" statusCallback="/told"/></Connect>
            app /told ok
            app /other <Say>something else</Say>
            usera calls
            wait 1s
            rest redirects usera to /other
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            app     ◀── POST /told  StreamEvent=stream-started
            usera    ·  stream connected
            … 1 s
            rest     ── redirects usera to /other ──▶
            usera    ·  stream ends
            app     ◀── POST /told  StreamEvent=stream-stopped
            app     ◀── POST /other
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_transfer_has_succeeded_when_the_application_takes_the_call() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Connect><Stream url="wss://app.example/s"/></Connect>
            agent-a refers to sip:agent-b
            wait 1s
            stream speaks 5s
            wait 1s
            listen
            stream closes
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
            app      ── 200  Connect ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            agent-a ◀── BYE
            usera    ·  stream connected
            … 1 s
            stream   ── media, 5s ──▶
            … 1.4 s
            usera hears the application
            stream   ── close ──▶
            usera    ·  stream ends
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn one_that_began_before_survives_a_transfer() {
    check(
        &[r#"
            app /voice <Start><Stream url="wss://app.example/s" statusCallback="/told"/></Start><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /told  StreamEvent=stream-stopped
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn keys_in_band_and_by_info_are_told_once() {
    check(
        &[r#"
            app /voice <Connect><Stream url="wss://app.example/s"/></Connect>
            usera calls
            usera presses 5 by INFO
            wait 1s
            usera presses 7
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            stream  ◀── wss://app.example/s  inbound
            usera    ·  stream begins, inbound
            usera    ·  stream connected
            usera    ── INFO ──▶
            stream  ◀── key 5
            … 1 s
            stream  ◀── key 7
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn another_phone_in_the_callers_place_is_connected_anew() {
    check(
        &[r#"
            app /voice <Connect><Stream url="wss://app.example/s" statusCallback="/told"/></Connect>
            app /told ok
            usera calls
            wait 1s
            ---
            agent-c replaces usera's call
            wait 1s
            stream speaks 5s
            wait 1s
            listen
            stream closes
            wait 1s
            "#],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            usera    ·  stream ends
            app     ◀── POST /told  StreamEvent=stream-stopped
            stream  ◀── wss://app.example/s  inbound
            agent-c  ·  stream begins, inbound
            usera   ◀── BYE
            app     ◀── POST /told  StreamEvent=stream-started
            agent-c  ·  stream connected
            … 1 s
            stream   ── media, 5s ──▶
            … 1.4 s
            agent-c hears the application
            stream   ── close ──▶
            agent-c  ·  stream ends
            app     ◀── POST /told  StreamEvent=stream-stopped
            agent-c ◀── BYE
        "#]],
    );
}
