//! Speech in `<Gather>`: when it begins and ends, what is understood of it, who comes first.
//!
//! Source: Twilio, "TwiML Voice: Gather", `input`, `speechTimeout`.

use expect_test::expect;

use crate::check;

#[test]
fn speech_cuts_off_what_is_heard_and_is_told() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="auto" action="/done"><Say>why</Say><Say>do you call</Say></Gather>
            app /done <Hangup/>
            show Confidence, Language
            usera calls
            wait 500ms
            usera says "my card is lost" for 2s
            wait 5s
            "#],
        expect![[]],
    );
}

#[test]
fn speech_does_not_cut_off_what_may_not_be_interrupted() {
    check(
        &[r#"
            app /voice <Gather input="speech" bargeIn="false" speechTimeout="auto" action="/done"><Say>why</Say></Gather>
            app /done <Hangup/>
            show speech
            usera calls, says "too early" for 500ms
            wait 1500ms
            usera says "in time" for 1s
            wait 5s
            "#],
        expect![[]],
    );
}

#[test]
fn who_speaks_when_listening_begins_is_heard() {
    check(
        &[r#"
            app /voice <Gather input="speech" bargeIn="false" speechTimeout="auto" timeout="3" action="/done"><Say>why</Say></Gather><Say>nothing</Say>
            app /done <Hangup/>
            usera calls, says "I have begun" for 3s
            wait 1s
            usera says "and go on" for 2s
            wait 6s
            "#],
        expect![[]],
    );
}

#[test]
fn keys_come_first() {
    check(
        &[r#"
            app /voice <Gather input="dtmf speech" timeout="2" action="/done"/>
            app /done <Hangup/>
            show keys
            usera calls
            usera presses 1
            wait 500ms
            usera says "two" for 1s
            wait 4s
            "#],
        expect![[]],
    );
}

#[test]
fn speech_comes_first() {
    check(
        &[r#"
            app /voice <Gather input="dtmf speech" speechTimeout="2" action="/done"/>
            app /done <Hangup/>
            show keys
            usera calls, says "one" for 1s
            wait 1s
            usera presses 2 #
            wait 4s
            "#],
        expect![[]],
    );
}

#[test]
fn a_key_that_sounds_like_a_voice_is_a_key() {
    check(
        &[r#"
            app /voice <Gather input="dtmf speech" speechTimeout="2" numDigits="1" action="/done"/>
            app /done <Hangup/>
            show keys
            usera calls, says "beep" for 100ms
            wait 200ms
            usera presses 2
            wait 4s
            "#],
        expect![[]],
    );
}

#[test]
fn nothing_is_said() {
    check(
        &[r#"
            app /voice <Gather input="speech" timeout="2" action="/done"><Say>well</Say></Gather><Say>nothing</Say>
            usera calls
            wait 6s
            "#],
        expect![[]],
    );
}

#[test]
fn nothing_is_said_and_that_is_told() {
    check(
        &[r#"
            app /voice <Gather input="speech dtmf" timeout="2" actionOnEmptyResult="true" action="/done"/>
            app /done <Hangup/>
            show Confidence
            usera calls
            wait 4s
            "#],
        expect![[]],
    );
}

#[test]
fn nothing_is_understood() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="1" action="/done"/><Say>pardon</Say>
            recogniser understands nothing
            usera calls, says "mumble" for 1s
            wait 5s
            "#],
        expect![[]],
    );
}

#[test]
fn the_recogniser_fails() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="1" action="/done"/><Say>pardon</Say>
            recogniser fails
            usera calls, says "hello" for 1s
            wait 5s
            "#],
        expect![[]],
    );
}

#[test]
fn the_recogniser_takes_its_time() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="1" action="/done"/><Say>pardon</Say>
            app /done <Hangup/>
            recogniser takes 15s
            usera calls, says "hello" for 1s
            wait 20s
            "#],
        expect![[]],
    );
}

#[test]
fn the_recogniser_takes_too_long() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="1" action="/done"/><Say>pardon</Say>
            recogniser takes 30s
            usera calls, says "hello" for 1s
            wait 40s
            "#],
        expect![[]],
    );
}

#[test]
fn speech_has_an_end() {
    check(
        &[r#"
            app /voice <Gather input="speech" action="/done"/>
            app /done <Hangup/>
            usera calls, says "once upon a time" for 200s
            wait 100s
            "#],
        expect![[]],
    );
}

#[test]
fn the_caller_hangs_up_while_the_recogniser_thinks() {
    check(
        &[r#"
            app /voice <Gather input="speech" speechTimeout="1" action="/done"/>
            recogniser takes 3s
            usera calls, says "hello" for 1s
            wait 3s
            usera hangs up
            wait 5s
            "#],
        expect![[]],
    );
}
