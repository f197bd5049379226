//! Programs, registrations, trunks, REST and callbacks of calls without a transfer.
//!
//! Source: Twilio, "TwiML Voice: <Dial>"; twilio-voice.md, sections 3.1 to 3.3.

use expect_test::expect;

use crate::check;

#[test]
fn options_are_answered() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show all
            usera asks options
            "],
        expect![[r#"
            usera    ── OPTIONS ──▶
            usera   ◀── 200 OK to OPTIONS
        "#]],
    );
}

#[test]
fn what_every_webhook_tells() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show AccountSid, ApiVersion, CallStatus, Called, Caller, Direction, From, To
            show ParentCallSid, ForwardedFrom, CallerName, SipDomain, SipDomainSid, SipSourceIp
            show SipHeader_X-Case, SipHeader_User-to-User, SipHeader_Other
            usera calls sip:bank@bank.example.com with Diversion: "B" <sip:+815011112222@carrier>;reason=unconditional; X-Case: 7; User-to-User: 31; Other: no
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  AccountSid=AC00000000000000000000000000000001  ApiVersion=2010-04-01  CallStatus=ringing  Called=sip:bank@bank.example.com  Caller=sip:usera@bank.example.com  Direction=inbound  From=sip:usera@bank.example.com  To=sip:bank@bank.example.com  ForwardedFrom=+815011112222  SipDomain=bank.example.com  SipDomainSid=SDe76a330470e9d360847d87dfc78a41fb  SipSourceIp=10.0.0.2  SipHeader_User-to-User=31  SipHeader_X-Case=7
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
        "#]],
    );
}

#[test]
fn reject_and_busy() {
    check(
        &[r#"
            app /voice <Reject/>
            app /voice <Reject reason="busy"/>
            usera calls
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Reject ──▶
            usera   ◀── 404 Not Found
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Reject ──▶
            usera   ◀── 486 Busy Here
        "#]],
    );
}

#[test]
fn hangup_pause_and_the_end_of_the_document() {
    check(
        &[r#"
            app /voice <Hangup/>
            app /voice <Pause length="2"/>
            usera calls
            wait 1s
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Hangup ──▶
            usera   ◀── 603 Decline
            … 1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
            … 2 s
            usera   ◀── 603 Decline
        "#]],
    );
}

#[test]
fn say_and_play() {
    check(
        &["
            app /voice <Say>hello</Say><Play>http://app.example/a.wav</Play><Pause/><Hangup/>
            usera calls
            listen
            wait 500ms
            listen
            wait 3s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Play, Pause, Hangup ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera hears speech
            usera    ♪  audio of ours
            usera hears a file
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_file_that_cannot_be_played_is_passed_over() {
    check(
        &["
            app /voice <Play>http://app.example/missing.wav</Play><Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Play, Dial ──▶
            usera   ◀── 200 OK
            app      ·  alert 11200 error
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn redirect() {
    check(
        &[r#"
            app /voice <Redirect method="GET">/other?x=1</Redirect>
            app /other <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Redirect ──▶
            app     ◀── GET /other?x=1
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_application_fails_and_the_fallback_helps() {
    check(
        &["
            app /voice 500
            app /fallback <Dial><Sip>sip:agent-a</Sip></Dial>
            show ErrorUrl
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /fallback  ErrorCode=11200  ErrorUrl=http://app.example/voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_application_fails_without_fallback() {
    check(
        &["
            app /voice times out
            usera calls
            wait 20s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            … 15 s
            app      ── no answer ──▶
            app      ·  alert 11205 error
            usera   ◀── 502 Bad Gateway
        "#]],
    );
}

#[test]
fn the_application_answers_nonsense() {
    check(
        &["
            app /voice broken <Response><Dial>
            usera calls
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  nothing ──▶
            app      ·  alert 12100 error
            usera   ◀── 502 Bad Gateway
        "#]],
    );
}

#[test]
fn status_callbacks_of_the_call() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /status ok
            show CallStatus, CallDuration, CallSid
            usera calls, agent-a rings, answers
            wait 3s
            usera hangs up
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's  CallStatus=ringing
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 3 s
            usera    ── BYE ──▶
            app     ◀── POST /status  CallSid=usera's  CallStatus=completed  CallDuration=3
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_registered_client_is_reached() {
    check(
        &["
            app /voice <Dial><Client>agent-a</Client></Dial>
            agent-a registers
            usera calls, agent-a answers
            listen
            agent-a unregisters
            "],
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
            usera hears agent-a, agent-a hears usera
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_registered_address_is_reached() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a@bank.example.com</Sip></Dial>
            agent-a registers
            usera calls, agent-a answers
            listen
            agent-a unregisters
            wait 1s
            "],
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
            usera hears agent-a, agent-a hears usera
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_client_that_is_not_registered() {
    check(
        &[r#"
            app /voice <Dial action="/action"><Client>agent-a</Client></Dial>
            app /action <Hangup/>
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
            app     ◀── POST /action  DialCallStatus=failed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_number_goes_out_through_the_trunk() {
    check(
        &[r#"
            app /voice <Dial callerId="+815012345678"><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            listen
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
            usera ⇄ +8130000000
            usera hears carrier, carrier hears usera
        "#]],
    );
}

#[test]
fn plain_text_is_a_number() {
    check(
        &["
            app /voice <Dial>+8130000000</Dial>
            usera calls, carrier answers
            listen
            "],
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
            usera ⇄ +8130000000
            usera hears carrier, carrier hears usera
        "#]],
    );
}

#[test]
fn a_call_comes_in_through_the_trunk() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show From, To, CallStatus, Direction
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            listen
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing  Direction=inbound  From=sip:carrier@bank.example.com  To=+815012345678
            app      ── 200  Dial ──▶
            carrier ◀── 200 OK
            carrier  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            carrier ⇄ agent-a
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn rest_places_a_call() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show Direction
            rest calls usera with /voice
            usera rings 1s, answers, agent-a answers
            listen
            rest hangs up usera
            wait 1s
            "],
        expect![[r#"
            rest     ── calls usera with /voice ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            usera    ── 200 OK ──▶
            app     ◀── POST /voice  Direction=outbound-api
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn rest_places_a_call_to_a_number() {
    check(
        &["
            rest calls +8130000000 running <Dial><Sip>sip:agent-a</Sip></Dial>
            carrier answers, agent-a answers
            listen
            "],
        expect![[r#"
            rest     ── calls +8130000000 running <Dial><Sip>sip:agent-a</Sip></Dial> ──▶
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            +8130000000  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            +8130000000 ⇄ agent-a
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn rest_places_a_call_that_is_busy() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            rest calls usera with /voice
            usera refuses 486
            wait 1s
            "],
        expect![[r#"
            rest     ── calls usera with /voice ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 486 Busy Here ──▶
        "#]],
    );
}

#[test]
fn rest_gives_up_a_call_that_rings() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            rest calls usera with /voice
            usera rings 1s
            rest hangs up usera
            wait 1s
            "],
        expect![[r#"
            rest     ── calls usera with /voice ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            … 1 s
            rest     ── hangs up usera ──▶
            usera   ◀── CANCEL
            usera    ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn rest_redirects_a_call() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /other <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            rest redirects usera to /other
            agent-b answers
            wait 1s
            listen
            "],
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
            rest     ── redirects usera to /other ──▶
            agent-a ◀── BYE
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn sip_headers_reach_the_application_and_the_target() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a?X-Case=42</Sip></Dial>
            show SipHeader_X-Case, SipHeader_User-to-User
            usera calls sip:bank@bank.example.com with X-Case: 7; User-to-User: 0a
            agent-a answers
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  SipHeader_User-to-User=0a  SipHeader_X-Case=7
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
        "#]],
    );
}

#[test]
fn a_challenged_call_is_answered_with_credentials() {
    check(
        &["
            config challenge
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 407 Proxy Authentication Required
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
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn parameters_of_hangup_and_reject_are_headers_of_the_goodbye() {
    check(
        &[r#"
            app /voice <Say>goodbye</Say><Hangup><Parameter name="Case" value="42"/><Parameter name="X-Twilio-CallSid" value="1"/></Hangup>
            app /voice <Hangup><Parameter name="X-Case" value="43"/></Hangup>
            app /voice <Reject reason="busy"><Parameter name="Case" value="44"/></Reject>
            app /voice <Say>goodbye</Say><Reject><Parameter name="Case" value="45"/></Reject>
            show lines X-Case
            show alerts
            usera calls
            wait 2s
            usera calls
            usera calls
            usera calls
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Hangup ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            app      ·  alert 32113 warning
            A header may not be set by an application; it is not sent. X-Twilio-CallSid. Send X-… (not X-Twilio-…), User-to-User, Remote-Party-ID, P-Preferred-Identity or P-Called-Party-ID.
            usera   ◀── BYE
            X-Case: 42
            … 1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Hangup ──▶
            usera   ◀── 603 Decline
            X-Case: 43
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Reject ──▶
            usera   ◀── 486 Busy Here
            X-Case: 44
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Reject ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            X-Case: 45
        "#]],
    );
}
