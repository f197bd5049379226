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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
            usera hangs up
            wait 10s
            "#],
        expect![[]],
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
            userb replaces usera's call
            wait 1s
            userb presses 2
            wait 1s
            "#],
        expect![[]],
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
        expect![[]],
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
        expect![[]],
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
            usera unholds
            usera presses 1
            wait 1s
            "#],
        expect![[]],
    );
}
