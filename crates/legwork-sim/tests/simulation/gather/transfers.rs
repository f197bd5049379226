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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
    );
}
