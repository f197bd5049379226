//! How a `<Dial>` ends, and what its `action` is told: a story for each end.
//!
//! Source: twilio-voice.md, section 3.2 (`action`) and 5.7.

use expect_test::expect;

use crate::check;

#[test]
fn completed() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            agent-a adds X-Why: here; Y-Not: there
            usera calls, agent-a answers
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
            … 3 s
            agent-a  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-a's  DialCallDuration=3  DialBridged=true  DialSipCallId=agent-a's  DialSipResponseCode=200  DialSipHeader_X-Why=here
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn completed_by_the_star() {
    check(
        &[r#"
            app /voice <Dial action="/action" hangupOnStar="true"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a answers
            wait 3s
            usera presses 10
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
            … 3 s
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-a's  DialCallDuration=3  DialBridged=true  DialSipCallId=agent-a's  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_star_of_the_called_party_is_not_heard() {
    check(
        &[r#"
            app /voice <Dial action="/action" hangupOnStar="true"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a answers
            wait 1s
            agent-a presses 10
            wait 1s
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
            … 2.4 s
            usera hears agent-a and key 10, agent-a hears usera
        "#]],
    );
}

#[test]
fn completed_by_the_time_limit() {
    check(
        &[r#"
            app /voice <Dial action="/action" timeLimit="5"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a answers
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
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 5 s
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-a's  DialCallDuration=5  DialBridged=true  DialSipCallId=agent-a's  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn busy() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            agent-a adds X-Why: lunch
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
            app     ◀── POST /action  DialCallStatus=busy  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=486  DialSipHeader_X-Why=lunch
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn declined() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a refuses 603
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
            agent-a  ── 603 Decline ──▶
            app     ◀── POST /action  DialCallStatus=busy  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=603
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn no_answer() {
    check(
        &[r#"
            app /voice <Dial action="/action" timeout="5"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
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
            app     ◀── POST /action  DialCallStatus=no-answer  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=487
            agent-a  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn timed_out_by_the_target() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a refuses 408
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
            agent-a  ── 408 No ──▶
            app     ◀── POST /action  DialCallStatus=no-answer  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=408
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn failed() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a refuses 404
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
            agent-a  ── 404 Not Found ──▶
            app     ◀── POST /action  DialCallStatus=failed  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=404
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn unavailable_is_failed() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a refuses 480
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
            agent-a  ── 480 Temporarily Unavailable ──▶
            app     ◀── POST /action  DialCallStatus=failed  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=480
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
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
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
            app     ◀── POST /action  DialCallStatus=failed  DialCallSid=sip:x@nowhere.example's  DialBridged=false  DialSipResponseCode=404
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_registered() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Client>nobody</Client></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
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
            app     ◀── POST /action  DialCallStatus=failed  DialBridged=false
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn canceled_by_rest() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a rings
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
            … 1 s
            rest     ── hangs up agent-a ──▶
            agent-a ◀── CANCEL
            app     ◀── POST /action  DialCallStatus=canceled  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=487
            agent-a  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn completed_by_rest() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
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
            usera ⇄ agent-a
            … 1 s
            rest     ── hangs up agent-a ──▶
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-a's  DialCallDuration=1  DialBridged=true  DialSipCallId=agent-a's  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_called_party_is_redirected() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            app /other <Pause length="2"/>
            usera calls, agent-a answers
            wait 2s
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
            usera ⇄ agent-a
            … 2 s
            rest     ── redirects agent-a to /other ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-a's  DialBridged=true  DialSipCallId=agent-a's  DialSipResponseCode=200
            app     ◀── POST /other
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 2 s
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_number_has_no_sip_side() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Number>+81312345678</Number></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            carrier adds X-Why: here
            usera calls, carrier answers
            wait 2s
            carrier hangs up
            wait 1s
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
            usera ⇄ +81312345678
            … 2 s
            carrier  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=carrier's  DialCallDuration=2  DialBridged=true
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_client_has_no_sip_side() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Client>agent-a</Client></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            agent-a registers
            usera calls, agent-a answers
            wait 2s
            agent-a hangs up, unregisters
            wait 1s
            "#],
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
            … 2 s
            agent-a  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-a's  DialCallDuration=2  DialBridged=true
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn of_several_the_one_whose_status_it_is() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            agent-a adds X-Why: lunch
            agent-b adds X-Why: moved
            usera calls, agent-a refuses 486, agent-b refuses 404
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 486 Busy Here ──▶
            agent-b  ── 404 Not Found ──▶
            app     ◀── POST /action  DialCallStatus=busy  DialCallSid=agent-a's  DialBridged=false  DialSipCallId=agent-a's  DialSipResponseCode=486  DialSipHeader_X-Why=lunch
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn of_several_the_one_that_was_joined() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            agent-a adds X-Why: lunch
            agent-b adds X-Why: here
            usera calls, agent-a refuses 486, agent-b answers
            wait 1s
            agent-b hangs up
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
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 486 Busy Here ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1 s
            agent-b  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialCallSid=agent-b's  DialCallDuration=1  DialBridged=true  DialSipCallId=agent-b's  DialSipResponseCode=200  DialSipHeader_X-Why=here
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_and_nothing_more_is_asked() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            show DialCallSid, DialCallDuration, DialBridged, DialSipCallId, DialSipHeader_X-Why
            usera calls, agent-a rings
            wait 1s
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
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn urls_that_are_none_are_told() {
    check(
        &[r#"
            app /voice <Play>http://[a</Play><Dial action="http://[b"><Sip url="http://[c">sip:agent-a</Sip></Dial><Dial referUrl="http://[d" referStatusCallback="http://[e"><Sip>sip:agent-b</Sip></Dial><Redirect>http://[f</Redirect>
            usera calls, agent-b answers
            agent-b refers to sip:agent-a
            agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Play, Dial, Dial, Redirect ──▶
            app      ·  alert 11100 error
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 11100 error
            app      ·  alert 11100 error
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-b  ── REFER sip:agent-a ──▶
            agent-b ◀── 603 Decline
            app      ·  alert 11100 error
            agent-b  ── BYE ──▶
            app      ·  alert 11100 error
            usera   ◀── BYE
        "#]],
    );
}
