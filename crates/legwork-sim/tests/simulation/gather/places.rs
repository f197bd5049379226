//! Where `<Gather>` may stand, and what may happen to its call meanwhile.
//!
//! Source: Twilio, "TwiML Voice: Gather", "Number", `url`; "Call resource: update".

use expect_test::expect;

use crate::check;

#[test]
fn a_called_party_takes_the_call_by_a_key() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Gather numDigits="1" action="/take"><Say>press 1</Say></Gather><Hangup/>
            app /take empty
            show keys
            usera calls, agent-a answers
            wait 500ms
            agent-a presses 1
            wait 500ms
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
            app      ── 200  Gather, Hangup ──▶
            agent-a  ♪  audio of ours
            agent-a  ── key 1 ──▶
            agent-a  ♪  silence
            app     ◀── POST /take  Digits=1
            app      ── 204 ──▶
            usera ⇄ agent-a
            usera hears agent-a and key 1, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_called_party_that_presses_nothing_is_not_joined() {
    check(
        &[r#"
            app /voice <Dial action="/done"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Gather numDigits="1" timeout="2" action="/take"><Say>press 1</Say></Gather><Hangup/>
            app /done <Hangup/>
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
            app     ◀── POST /screen
            app      ── 200  Gather, Hangup ──▶
            agent-a  ♪  audio of ours
            … 1 s
            agent-a  ♪  silence
            … 2 s
            agent-a ◀── BYE
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_dialled_application_gathers() {
    check(
        &[r#"
            app /voice <Dial hangupOnStar="true" action="/done"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Gather action="/account" numDigits="2"><Say>well</Say></Gather>
            app /account <Gather finishOnKey="*" action="/account"/>
            app /done <Hangup/>
            show keys
            usera calls
            wait 500ms
            usera presses 4 2
            wait 500ms
            usera presses 7 *
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Gather ──▶
            usera    ♪  audio of ours
            usera    ── key 4 ──▶
            usera    ♪  silence
            usera    ── key 2 ──▶
            app     ◀── POST /account  Digits=42
            app      ── 200  Gather ──▶
            usera    ♪  silence
            usera    ── key 7 ──▶
            usera    ── key * ──▶
            app     ◀── POST /done  DialCallStatus=completed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn inline_without_a_url_has_nobody_to_tell() {
    check(
        &[r#"
            rest calls usera running <Gather numDigits="1"/><Say>nobody knows</Say>
            show keys
            usera answers
            wait 1s
            usera presses 1
            wait 3s
            "#],
        expect![[r#"
            rest     ── calls usera running <Gather numDigits="1"/><Say>nobody knows</Say> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 1 s
            usera    ── key 1 ──▶
            app      ·  alert 11100 error
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn inline_with_a_relative_url_has_nothing_to_start_from() {
    check(
        &[r#"
            rest calls usera running <Gather input="dtmf speech" numDigits="1" action="/done" partialResultCallback="/p"/>
            show keys
            usera answers
            wait 1s
            usera presses 1
            wait 3s
            "#],
        expect![[r#"
            rest     ── calls usera running <Gather input="dtmf speech" numDigits="1" action="/done" partialResultCallback="/p"/> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app      ·  alert 15004 error
            usera    ♪  silence
            … 1 s
            usera    ── key 1 ──▶
            app      ·  alert 15004 error
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn inline_with_an_absolute_url_is_told() {
    check(
        &[r#"
            app /done <Hangup/>
            rest calls usera running <Gather numDigits="1" action="http://app.example/done"/>
            show keys
            usera answers
            wait 1s
            usera presses 1
            wait 3s
            "#],
        expect![[r#"
            rest     ── calls usera running <Gather numDigits="1" action="http://app.example/done"/> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 1 s
            usera    ── key 1 ──▶
            app     ◀── POST /done  Digits=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_sends_the_call_elsewhere_meanwhile() {
    check(
        &[r#"
            app /voice <Gather input="dtmf speech" action="/done"><Say>well</Say></Gather>
            app /other <Say>elsewhere</Say>
            show keys
            usera calls
            wait 300ms
            usera says "wait" for 1s
            rest redirects usera to /other
            usera presses 1
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── "wait" ──▶
            usera    ♪  silence
            … 1 s
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera    ── key 1 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_ends_the_call_meanwhile() {
    check(
        &[r#"
            app /voice <Gather input="speech" action="/done"><Say>well</Say></Gather>
            usera calls
            wait 300ms
            rest hangs up usera
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_meanwhile() {
    check(
        &[r#"
            app /voice <Gather input="dtmf speech" action="/done"/>
            show keys
            usera calls
            usera presses 1
            wait 200ms
            usera hangs up
            wait 10s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── key 1 ──▶
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn another_phone_takes_the_callers_place() {
    check(
        &[r#"
            app /voice <Gather action="/done" numDigits="2"/>
            app /done <Hangup/>
            show keys
            usera calls
            usera presses 1
            wait 200ms
            userb replaces usera's call
            wait 1s
            userb presses 2
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── key 1 ──▶
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of usera
            userb    ♪  silence
            usera   ◀── BYE
            … 1 s
            userb    ── key 2 ──▶
            app     ◀── POST /done  Digits=12
            app      ── 200  Hangup ──▶
            userb   ◀── BYE
        "#]],
    );
}

#[test]
fn another_phone_takes_the_place_of_one_that_speaks() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="auto" timeout="3" action="/done"><Say loop="5">well</Say></Gather>
            app /done <Hangup/>
            usera calls, says "I am" for 60s
            userb replaces usera's call
            wait 1s
            userb says "I am somebody else" for 1s
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── "I am" ──▶
            usera    ♪  silence
            … 1 s
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of usera
            userb    ♪  silence
            usera   ◀── BYE
            … 2 s
            userb    ── "I am somebody else" ──▶
            … 2.2 s
            app     ◀── POST /done  SpeechResult=I am somebody else
            app      ── 200  Hangup ──▶
            userb   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_may_not_transfer_meanwhile() {
    check(
        &[r#"
            app /voice <Gather timeout="2"/>
            usera calls
            usera refers to sip:agent-b
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
            … 2 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_held_call_still_hears_keys() {
    check(
        &[r#"
            app /voice <Gather numDigits="1" action="/done"/>
            app /done <Hangup/>
            show keys
            usera calls, holds
            usera presses 1
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            usera    ── key 1 ──▶
            app     ◀── POST /done  Digits=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn another_phone_takes_the_place_of_a_called_party_that_is_asked() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Gather numDigits="1" action="/take"><Say loop="3">press 1</Say></Gather><Hangup/>
            app /take empty
            show keys
            usera calls, agent-a answers
            wait 500ms
            userb replaces agent-a's call
            wait 500ms
            listen
            userb presses 1
            wait 500ms
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
            app      ── 200  Gather, Hangup ──▶
            agent-a  ♪  audio of ours
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of agent-a
            agent-a ◀── BYE
            usera hears ringback, userb hears speech
            userb    ── key 1 ──▶
            userb    ♪  silence
            app     ◀── POST /take  Digits=1
            app      ── 204 ──▶
            usera ⇄ userb
            usera hears userb and key 1, userb hears usera
        "#]],
    );
}

#[test]
fn another_phone_takes_the_place_of_a_called_party_that_is_told() {
    check(
        &[r#"
            app /voice <Dial><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Say loop="3">a call for you</Say>
            usera calls, agent-a answers
            wait 500ms
            userb replaces agent-a's call
            wait 500ms
            listen
            wait 10s
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
            app      ── 200  Say ──▶
            agent-a  ♪  audio of ours
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of agent-a
            agent-a ◀── BYE
            usera hears ringback, userb hears speech
            … 2.1 s
            usera ⇄ userb
            … 8.3 s
            usera hears userb, userb hears usera
        "#]],
    );
}
