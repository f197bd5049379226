//! `url` of a noun: the called party hears a document of its own before the two are joined.
//!
//! Source: twilio-voice.md, section 3.2, "Called-party screening"; inbound-refer.md, section 4.

use expect_test::expect;

use crate::check;

#[test]
fn the_called_party_hears_its_document_then_the_two_are_joined() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Say>a call for you</Say><Pause/>
            show CallSid, ParentCallSid, Direction, CallStatus
            usera calls, agent-a rings 1s, answers
            wait 300ms
            listen
            wait 2s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's  CallStatus=ringing  Direction=inbound
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen  CallSid=agent-a's  CallStatus=in-progress  Direction=outbound-dial  ParentCallSid=usera's
            app      ── 200  Say, Pause ──▶
            agent-a  ♪  audio of ours
            usera hears ringback, agent-a hears speech
            agent-a  ♪  silence
            … 1 s
            usera ⇄ agent-a
            … 1.3 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn with_answer_on_bridge_the_caller_rings_until_the_join() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Pause length="2"/>
            usera calls, agent-a rings 1s, answers
            wait 3s
            listen
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
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 2 s
            usera   ◀── 200 OK
            usera ⇄ agent-a
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn early_media_ends_where_screening_begins() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Say>a call for you</Say>
            usera calls, agent-a plays early media
            listen
            agent-a answers
            listen
            wait 2s
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
            usera hears agent-a, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera    ♪  ringback
            app     ◀── POST /screen
            app      ── 200  Say ──▶
            agent-a  ♪  audio of ours
            usera hears ringback, agent-a hears speech
            usera   ◀── 200 OK
            usera ⇄ agent-a
            … 1.8 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn an_empty_document_takes_the_call() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen empty
            usera calls, agent-a answers
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
            app      ── 204 ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_redirect_goes_on_screening() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Redirect>/screen/more</Redirect>
            app /screen/more <Pause/>
            usera calls, agent-a answers
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
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Redirect ──▶
            app     ◀── POST /screen/more
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 1 s
            usera ⇄ agent-a
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn its_hangup_leaves_the_two_apart() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen <Pause/><Hangup/>
            show DialBridged, DialCallDuration
            usera calls, agent-a answers
            wait 2s
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
            … 1 s
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialCallDuration=1  DialBridged=false  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_called_party_hangs_up_while_screened() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen <Pause length="10"/>
            show DialBridged, DialCallDuration
            usera calls, agent-a answers
            wait 2s
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
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 2 s
            agent-a  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialCallDuration=2  DialBridged=false  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_called_party_hangs_up_while_the_application_is_asked() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen after 3s <Pause/>
            show DialBridged
            usera calls, agent-a answers
            wait 1s
            agent-a hangs up
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
            … 1 s
            agent-a  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialBridged=false  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_while_the_called_party_is_screened() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Pause length="10"/>
            usera calls, agent-a answers
            wait 2s
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
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 2 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_dial_there_fails_it() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen <Dial><Sip>sip:agent-b</Sip></Dial>
            show DialBridged
            usera calls, agent-a answers
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
            app      ── 200  Dial ──▶
            app      ·  alert 13201 error
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=failed  DialBridged=false  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn no_document_no_call() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen 500
            show DialBridged
            usera calls, agent-a answers
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=failed  DialBridged=false  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_broken_document_fails_it() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen broken <Response>
            usera calls, agent-a answers
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
            app      ── 200  nothing ──▶
            app      ·  alert 12100 error
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=failed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_verb_that_is_not_there_yet_is_passed_over() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            app /screen <Pay/>
            usera calls, agent-a answers
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
            app      ── 200  Pay ──▶
            app      ·  alert 13750 warning
            usera ⇄ agent-a
        "#]],
    );
}

#[test]
fn headers_of_its_answer_are_told() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Pause/>
            show SipHeader_X-Agent, SipHeader_User-to-User
            agent-a adds X-Agent: 7; User-to-User: 3132;encoding=hex
            usera calls, agent-a answers
            wait 2s
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
            app     ◀── POST /screen  SipHeader_User-to-User=3132;encoding=hex  SipHeader_X-Agent=7
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 1 s
            usera ⇄ agent-a
        "#]],
    );
}

#[test]
fn a_relative_url_in_inline_twiml_names_nobody() {
    check(
        &[r#"
            rest calls usera running <Dial action="http://app.example/action"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /action <Hangup/>
            usera answers
            wait 1s
            "#],
        expect![[r#"
            rest     ── calls usera running <Dial action="http://app.example/action"><Sip url="/screen">sip:agent-a</Sip></Dial> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  ringback
            app      ·  alert 15004 error
            app     ◀── POST /action  DialCallStatus=failed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}
