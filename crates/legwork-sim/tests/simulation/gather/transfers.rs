//! `<Gather>` as the answer to a REFER: it takes the call over, and the transfer has succeeded.
//!
//! Source: the contract, `inbound-refer.md` §4, "verbs that take over".

use expect_test::expect;

use crate::check;

#[test]
fn it_takes_the_call_over_answer_on_bridge() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/over"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Say>one moment</Say><Gather numDigits="1" action="/done"><Say>press</Say></Gather>
            app /told ok
            app /done <Dial><Sip>sip:agent-b</Sip></Dial>
            show keys
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 2s
            usera presses 1
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
            app      ── 200  Say, Gather ──▶
            usera    ♪  audio of ours
            … 1 s
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ── key 1 ──▶
            app     ◀── POST /done  Digits=1
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1.4 s
            usera hears agent-b, agent-b hears usera and key 1
        "#]],
    );
}

#[test]
fn it_takes_the_call_over_at_once() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" referStatusCallback="/told"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Gather numDigits="1" action="/done"/>
            app /told ok
            app /done <Hangup/>
            show keys
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            usera presses 1
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
            app      ── 200  Gather ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ♪  silence
            agent-a ◀── BYE
            usera    ── key 1 ──▶
            app     ◀── POST /done  Digits=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_dialled_party_is_the_transferee() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" action="/over"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Gather input="speech" speechTimeout="auto" action="/done"/>
            app /done <Hangup/>
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-a says "who is it" for 1s
            wait 4s
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Gather ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-a  ♪  silence
            usera   ◀── BYE
            agent-a  ── "who is it" ──▶
            … 2.2 s
            app     ◀── POST /done  SpeechResult=who is it
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn behind_a_redirect_it_takes_over_as_well() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Redirect>/other</Redirect>
            app /other <Gather timeout="1"/><Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 3s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Redirect ──▶
            app     ◀── POST /other
            app      ── 200  Gather, Hangup ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  silence
            agent-a ◀── BYE
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}
