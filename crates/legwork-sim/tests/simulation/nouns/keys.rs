//! `sendDigits` of `<Number>`: keys pressed after the answer, before the join, and who hears what.
//!
//! Source: Twilio, "TwiML Voice: Number", `sendDigits`; RFC 4733.

use expect_test::expect;

use crate::check;

#[test]
fn keys_are_pressed_before_the_two_are_joined() {
    check(
        &[r#"
            app /voice <Dial><Number sendDigits="1w2#">+15551234567</Number></Dial>
            usera calls, carrier answers
            listen
            wait 2s
            listen
            "#],
        expect![[""]],
    );
}

#[test]
fn who_knows_no_events_hears_tones() {
    check(
        &[r#"
            app /voice <Dial><Number sendDigits="ww159*0#">+15551234567</Number></Dial>
            carrier knows no events
            usera calls, carrier answers
            wait 3s
            listen
            "#],
        expect![[""]],
    );
}

#[test]
fn the_caller_is_answered_when_the_keys_are_pressed() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Number sendDigits="12">+15551234567</Number></Dial>
            usera calls, carrier answers
            wait 1s
            listen
            "#],
        expect![[""]],
    );
}

#[test]
fn keys_come_before_the_screening() {
    check(
        &[r#"
            app /voice <Dial><Number sendDigits="9" url="/screen">+15551234567</Number></Dial>
            app /screen <Pause length="1"/>
            usera calls, carrier answers
            wait 3s
            listen
            "#],
        expect![[""]],
    );
}

#[test]
fn the_called_one_hangs_up_among_the_keys() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Number sendDigits="wwww">+15551234567</Number></Dial>
            app /after empty
            show DialBridged
            usera calls, carrier answers
            wait 1s
            carrier hangs up
            "#],
        expect![[""]],
    );
}

#[test]
fn the_caller_hangs_up_among_the_keys() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Number sendDigits="wwww">+15551234567</Number></Dial>
            app /after empty
            usera calls, carrier answers
            wait 1s
            usera hangs up
            "#],
        expect![[""]],
    );
}

#[test]
fn a_re_invite_among_the_keys_joins_nobody_early() {
    check(
        &[r#"
            app /voice <Dial><Number sendDigits="wwww">+15551234567</Number></Dial>
            usera calls, carrier answers
            wait 1s
            usera holds, unholds
            wait 2s
            listen
            "#],
        expect![[""]],
    );
}

#[test]
fn who_answers_meanwhile_without_keys_is_faster() {
    check(
        &[r#"
            app /voice <Dial><Number sendDigits="wwww">+15551234567</Number><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings, carrier answers
            wait 1s
            agent-a answers
            listen
            "#],
        expect![[""]],
    );
}

#[test]
fn what_is_no_key_is_told_and_left_out() {
    let long = "1".repeat(33);
    for digits in ["12a", "1 2", "+1", &long] {
        let voice = format!(
            r#"app /voice <Dial><Number sendDigits="{digits}">+15551234567</Number></Dial>"#
        );
        let scenario = format!("{voice}\nusera calls, carrier answers\nlisten");
        let ladder = legwork_sim::script::run(&scenario);
        assert!(ladder.contains("alert 13222 warning"), "{digits}\n{ladder}");
        assert!(ladder.contains("usera ⇄ +15551234567"), "{digits}\n{ladder}");
        assert!(!ladder.contains("keys"), "{digits}\n{ladder}");
    }
}
