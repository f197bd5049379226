//! `statusCallback` of a noun: what is told of a dialled leg, when, and in which order.
//!
//! Source: twilio-voice.md, sections 3.3 and 6.1.

use expect_test::expect;

use crate::check;

#[test]
fn every_step_is_told() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a rings 2s, answers
            wait 3s
            agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            … 2 s
            agent-a  ── 200 OK ──▶
            app     ◀── POST /told  CallStatus=in-progress  SequenceNumber=2
            usera ⇄ agent-a
            … 3 s
            agent-a  ── BYE ──▶
            app     ◀── POST /told  CallStatus=completed  CallDuration=3  SequenceNumber=3  SipResponseCode=200
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn every_parameter_of_the_end() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackMethod="GET">sip:agent-a</Sip></Dial>
            app /told ok
            show CallSid, ParentCallSid, Direction, CallStatus, From, To, Caller, Called, ApiVersion
            show CallDuration, Duration, Timestamp, CallbackSource, SequenceNumber, SipResponseCode
            usera calls, agent-a answers
            wait 61s
            ---
            agent-a hangs up
            "#],
        expect![[r#"
            agent-a  ── BYE ──▶
            app     ◀── GET /told  ApiVersion=2010-04-01  CallSid=agent-a's  CallStatus=completed  Called=sip:agent-a  Caller=sip:usera@bank.example.com  Direction=outbound-dial  From=sip:usera@bank.example.com  To=sip:agent-a  ParentCallSid=usera's  CallDuration=61  Duration=2  Timestamp=Sun, 01 Nov 2026 00:01:01 +0000  CallbackSource=call-progress-events  SequenceNumber=0  SipResponseCode=200
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn only_the_end_unless_said() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a answers
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
            app     ◀── POST /told  CallStatus=completed  CallDuration=1  SequenceNumber=0  SipResponseCode=200
        "#]],
    );
}

#[test]
fn only_what_was_asked_for() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="answered">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a answers
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /told  CallStatus=in-progress  SequenceNumber=0
            usera ⇄ agent-a
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn busy() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a refuses 486
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-a  ── 486 Busy Here ──▶
            app     ◀── POST /told  CallStatus=busy  CallDuration=0  SequenceNumber=2  SipResponseCode=486
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn declined() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a refuses 603
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-a  ── 603 Decline ──▶
            app     ◀── POST /told  CallStatus=busy  CallDuration=0  SequenceNumber=2  SipResponseCode=603
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn unavailable() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a refuses 480
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-a  ── 480 Temporarily Unavailable ──▶
            app     ◀── POST /told  CallStatus=failed  CallDuration=0  SequenceNumber=2  SipResponseCode=480
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn not_answered_in_time() {
    check(
        &[r#"
            app /voice <Dial timeout="5"><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a rings
            wait 6s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            … 5 s
            agent-a ◀── CANCEL
            app     ◀── POST /told  CallStatus=no-answer  CallDuration=0  SequenceNumber=2  SipResponseCode=487
            usera   ◀── BYE
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn the_caller_gives_up() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a rings
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── CANCEL
            app     ◀── POST /told  CallStatus=canceled  CallDuration=0  SequenceNumber=2  SipResponseCode=487
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn rest_ends_it_before_the_answer() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            app /action <Hangup/>
            usera calls, agent-a rings
            wait 1s
            rest hangs up agent-a
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            … 1 s
            rest     ── hangs up agent-a ──▶
            agent-a ◀── CANCEL
            app     ◀── POST /told  CallStatus=canceled  CallDuration=0  SequenceNumber=2  SipResponseCode=487
            app     ◀── POST /action  CallStatus=in-progress  DialCallStatus=canceled  DialSipResponseCode=487
            agent-a  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn another_one_answered() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-b rings, answers
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            agent-a ◀── CANCEL
            app     ◀── POST /told  CallStatus=canceled  CallDuration=0  SequenceNumber=2  SipResponseCode=487
            usera ⇄ agent-b
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn no_such_host() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:x@nowhere.example</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            app      ·  alert 13254 error
            app     ◀── POST /told  CallStatus=failed  CallDuration=0  SequenceNumber=1  SipResponseCode=404
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_registered_nothing_told() {
    check(
        &[r#"
            app /voice <Dial><Client statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">nobody</Client></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 32009 error
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_number() {
    check(
        &[r#"
            app /voice <Dial><Number statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">+81312345678</Number></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, carrier answers
            wait 1s
            carrier hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            carrier  ── 200 OK ──▶
            app     ◀── POST /told  CallStatus=in-progress  SequenceNumber=2
            usera ⇄ +81312345678
            … 1 s
            carrier  ── BYE ──▶
            app     ◀── POST /told  CallStatus=completed  CallDuration=1  SequenceNumber=3  SipResponseCode=200
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn each_of_several_counts_for_itself() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-b</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            usera calls, agent-a rings, agent-b rings, agent-a refuses 486, agent-b answers
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-b  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-a  ── 486 Busy Here ──▶
            app     ◀── POST /told  CallStatus=busy  CallDuration=0  SequenceNumber=2  SipResponseCode=486
            agent-b  ── 200 OK ──▶
            app     ◀── POST /told  CallStatus=in-progress  SequenceNumber=2
            usera ⇄ agent-b
            … 1 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
            app     ◀── POST /told  CallStatus=completed  CallDuration=1  SequenceNumber=3  SipResponseCode=200
        "#]],
    );
}

#[test]
fn screened_out_is_completed() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen" statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /told ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
            app /screen <Hangup/>
            usera calls, agent-a answers
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  CallStatus=initiated  SequenceNumber=0
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            app     ◀── POST /told  CallStatus=ringing  SequenceNumber=1
            agent-a  ── 200 OK ──▶
            app     ◀── POST /told  CallStatus=in-progress  SequenceNumber=2
            app     ◀── POST /screen  CallStatus=in-progress
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
            app     ◀── POST /told  CallStatus=completed  CallDuration=0  SequenceNumber=3  SipResponseCode=200
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_callback_that_is_not_taken_raises_an_alert() {
    check(
        &[r#"
            app /voice <Dial><Sip statusCallback="/told">sip:agent-a</Sip></Dial>
            app /told 500
            usera calls, agent-a answers
            wait 1s
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
            … 1 s
            agent-a  ── BYE ──▶
            app     ◀── POST /told
            usera   ◀── BYE
            app      ── 500 ──▶
            app      ·  alert 15003 warning
        "#]],
    );
}

#[test]
fn a_relative_one_in_inline_twiml_is_not_there() {
    check(
        &[r#"
            rest calls usera running <Dial><Sip statusCallback="/told">sip:agent-a</Sip></Dial>
            usera answers, agent-a answers
            wait 1s
            agent-a hangs up
            "#],
        expect![[r#"
            rest     ── calls usera running <Dial><Sip statusCallback="/told">sip:agent-a</Sip></Dial> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  ringback
            app      ·  alert 15004 error
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 1 s
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn both_legs_of_a_transfer_as_ever() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip statusCallback="/told" statusCallbackEvent="answered completed">sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip statusCallback="/told" statusCallbackEvent="answered completed">sip:agent-b</Sip></Dial>
            app /told ok
            show CallSid, CallStatus, SequenceNumber
            usera calls, agent-a answers
            wait 1s
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  CallSid=usera's  CallStatus=in-progress  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            app     ◀── POST /told  CallSid=agent-b's  CallStatus=in-progress  SequenceNumber=0
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            app     ◀── POST /told  CallSid=agent-a's  CallStatus=completed  SequenceNumber=1
            … 1 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
            app     ◀── POST /told  CallSid=agent-b's  CallStatus=completed  SequenceNumber=1
        "#]],
    );
}

#[test]
fn the_dialled_one_that_stays_is_told_at_its_own_end() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            show CallSid, CallStatus, SequenceNumber
            usera calls, agent-a answers
            wait 1s
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 1s
            agent-a hangs up
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  CallSid=agent-a's  CallStatus=in-progress  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            usera   ◀── BYE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            … 1 s
            agent-a  ── BYE ──▶
            app     ◀── POST /told  CallSid=agent-a's  CallStatus=completed  SequenceNumber=3
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn the_domain_is_told_at_the_end_only() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, SequenceNumber, CallDuration, Duration, CallbackSource, SipResponseCode
            usera calls, agent-a answers
            wait 2s
            usera hangs up
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 2 s
            usera    ── BYE ──▶
            app     ◀── POST /status  CallStatus=completed  CallDuration=2  Duration=1  CallbackSource=call-progress-events  SequenceNumber=0  SipResponseCode=200
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn the_domain_is_told_of_a_caller_that_gives_up() {
    check(
        &[r#"
            app /voice <Pause length="5"/>
            app /status ok
            show CallStatus, SequenceNumber, CallDuration, SipResponseCode
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
            app     ◀── POST /status  CallStatus=no-answer  CallDuration=0  SequenceNumber=0  SipResponseCode=487
        "#]],
    );
}
