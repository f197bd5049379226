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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── "my card is lost" ──▶
            usera    ♪  silence
            … 3.2 s
            app     ◀── POST /done  SpeechResult=my card is lost  Confidence=0.912  Language=en-US
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            spoken by man in its own language: why
            usera    ♪  audio of ours
            usera    ── "too early" ──▶
            … 1 s
            understood in en-US by default
            usera    ♪  silence
            … 1 s
            usera    ── "in time" ──▶
            … 2.2 s
            app     ◀── POST /done  SpeechResult=in time
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── "I have begun" ──▶
            … 1 s
            usera    ♪  silence
            … 1 s
            usera    ── "and go on" ──▶
            … 2.2 s
            app     ◀── POST /done  SpeechResult=and go on
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── key 1 ──▶
            usera    ── "two" ──▶
            … 1.5 s
            app     ◀── POST /done  Digits=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "one" ──▶
            … 2 s
            usera    ── key 2 ──▶
            usera    ── key # ──▶
            … 1 s
            app     ◀── POST /done  SpeechResult=one
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "beep" ──▶
            usera    ── key 2 ──▶
            app     ◀── POST /done  Digits=2
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2 s
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            … 2 s
            app     ◀── POST /done  Digits=  SpeechResult=  Confidence=0.0
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "mumble" ──▶
            … 2.2 s
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "hello" ──▶
            … 2.2 s
            app      ·  alert 13340 error
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "hello" ──▶
            … 17 s
            app     ◀── POST /done  SpeechResult=hello
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "hello" ──▶
            … 22 s
            app      ·  alert 91340 error
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "once upon a time" ──▶
            … 60.2 s
            app     ◀── POST /done  SpeechResult=once upon a time
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── "hello" ──▶
            … 4 s
            usera    ── BYE ──▶
        "#]],
    );
}
