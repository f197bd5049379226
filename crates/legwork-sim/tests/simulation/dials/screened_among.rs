//! A called party is screened while others ring, REST gives orders, or a transfer waits for it.
//!
//! Source: twilio-voice.md, section 3.2, "Called-party screening"; inbound-refer.md, section 4.

use expect_test::expect;

use crate::check;

#[test]
fn two_are_screened_the_first_to_take_the_call_wins() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/slow">sip:agent-a</Sip><Sip url="/fast">sip:agent-b</Sip></Dial>
            app /slow <Pause length="5"/>
            app /fast <Pause length="2"/>
            usera calls, agent-a rings, agent-b rings, agent-a answers, agent-b answers
            wait 3s
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /slow
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            agent-b  ── 200 OK ──▶
            app     ◀── POST /fast
            app      ── 200  Pause ──▶
            agent-b  ♪  silence
            … 2 s
            agent-a ◀── BYE
            usera ⇄ agent-b
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_is_screened_another_without_url_wins() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /screen <Pause length="5"/>
            usera calls, agent-a rings, agent-b rings, agent-a answers
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 1 s
            agent-b  ── 200 OK ──▶
            agent-a ◀── BYE
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_is_screened_out_the_other_rings_on() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen <Hangup/>
            app /screen <Pause/>
            usera calls, agent-a rings, agent-b rings, agent-a answers
            wait 1s
            agent-b answers
            wait 2s
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
            … 1 s
            agent-b  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-b  ♪  silence
            … 1 s
            usera ⇄ agent-b
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn timeout_is_for_those_who_ring() {
    check(
        &[r#"
            app /voice <Dial timeout="5"><Sip url="/screen">sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /screen <Pause length="6"/>
            usera calls, agent-a rings, agent-b rings, agent-a answers
            wait 8s
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 5 s
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
            … 1 s
            usera ⇄ agent-a
            … 2.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn sequential_goes_on_after_one_that_is_screened_out() {
    check(
        &[r#"
            app /voice <Dial sequential="true" timeout="5"><Sip url="/screen">sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /screen <Pause length="8"/><Hangup/>
            usera calls, agent-a answers
            wait 9s
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
            app     ◀── POST /screen
            app      ── 200  Pause, Hangup ──▶
            agent-a  ♪  silence
            … 8 s
            agent-a ◀── BYE
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
fn one_that_was_screened_out_lasted_as_long_as_it_did() {
    check(
        &[r#"
            show DialCallDuration, DialBridged
            app /voice <Dial sequential="true" action="/after"><Sip url="/screen">sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /screen <Pause length="2"/><Hangup/>
            app /after empty
            usera calls, agent-a answers
            agent-b rings 5s
            agent-b refuses 404
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
            app      ── 200  Pause, Hangup ──▶
            agent-a  ♪  silence
            … 2 s
            agent-a ◀── BYE
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            … 5 s
            agent-b  ── 404 Not Found ──▶
            app     ◀── POST /after  DialCallStatus=completed  DialCallDuration=2  DialBridged=false  DialSipResponseCode=200
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_refers_while_one_is_screened() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Pause length="5"/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            usera refers to sip:agent-b
            wait 5s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 491 Request Pending
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 491 Request Pending
            … 5 s
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn rest_ends_the_one_that_is_screened() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen <Pause length="5"/>
            show DialBridged, DialCallDuration
            usera calls, agent-a answers
            wait 1s
            rest hangs up agent-a
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
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 1 s
            rest     ── hangs up agent-a ──▶
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialCallDuration=1  DialBridged=false  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_redirects_the_one_that_is_screened() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen <Pause length="5"/>
            app /other <Pause length="2"/>
            show DialBridged, DialCallDuration
            usera calls, agent-a answers
            wait 1s
            rest redirects agent-a to /other
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
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 1 s
            rest     ── redirects agent-a to /other ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialBridged=false  DialSipResponseCode=200
            app     ◀── POST /other
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app      ── 200  Pause ──▶
            … 2 s
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn rest_redirects_the_caller_meanwhile() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Pause length="5"/>
            app /other <Pause length="2"/>
            usera calls, agent-a answers
            wait 1s
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
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 1 s
            rest     ── redirects usera to /other ──▶
            agent-a ◀── BYE
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 2 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_transferor_is_kept_until_its_target_is_screened() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen <Pause length="2"/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            listen
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-b  ♪  silence
            … 1.4 s
            usera hears ringback, agent-a hears silence, agent-b hears silence
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 2.8 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn a_target_that_is_screened_out_restores_the_call() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen <Pause length="2"/><Hangup/>
            usera calls, agent-a answers
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
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Pause, Hangup ──▶
            agent-b  ♪  silence
            … 2 s
            agent-b ◀── BYE
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_target_that_cannot_be_screened_restores_the_call() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen 500
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 500 ──▶
            app      ·  alert 11200 error
            agent-b ◀── BYE
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  500 Server Internal Error, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn screening_without_end_times_the_transfer_out() {
    check(
        &[r#"
            config transfer_pending 20s
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen <Pause length="60"/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 21s
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-b  ♪  silence
            … 19.9 s
            app      ·  alert 91308 error
            agent-b ◀── BYE
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            … 1.5 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
