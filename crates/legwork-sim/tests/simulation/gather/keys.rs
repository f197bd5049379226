//! Keys of `<Gather>`: beside prompts, behind them, too late, none at all.
//!
//! Source: Twilio, "TwiML Voice: Gather".

use expect_test::expect;

use crate::check;

#[test]
fn the_call_is_answered_and_prompts_are_heard_in_order() {
    check(
        &[r#"
            app /voice <Gather action="/done"><Say>one</Say><Pause length="2"/><Play loop="2">/a.wav</Play></Gather><Say>nothing</Say>
            show keys
            usera calls
            wait 12s
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
            … 1.8 s
            usera    ♪  silence
            … 5 s
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_key_cuts_off_what_is_heard() {
    check(
        &[r#"
            app /voice <Gather action="/done" timeout="2"><Say loop="0">one</Say><Say>two</Say></Gather>
            app /done <Hangup/>
            show keys
            usera calls
            wait 2500ms
            listen
            usera presses 1
            wait 100ms
            listen
            usera presses 2
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 2.9 s
            usera hears speech
            usera    ── key 1 ──▶
            usera    ♪  silence
            usera hears silence
            usera    ── key 2 ──▶
            … 2 s
            app     ◀── POST /done  Digits=12
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_key_cuts_off_a_pause_and_audio_that_is_not_there_yet() {
    check(
        &[r#"
            app /voice <Gather action="/two" numDigits="1"><Pause length="10"/><Say>two</Say></Gather>
            app /two <Gather action="/done" numDigits="1"><Say>three</Say></Gather>
            app /done <Hangup/>
            show keys
            usera calls
            wait 1s
            usera presses 1 &
            wait 140ms
            usera presses 2
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            … 1 s
            usera    ── key 1 ──▶
            app     ◀── POST /two  Digits=1
            app      ── 200  Gather ──▶
            usera    ♪  audio of ours
            usera    ── key 2 ──▶
            usera    ♪  silence
            app     ◀── POST /done  Digits=2
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_that_do_not_interrupt_are_kept() {
    check(
        &[r#"
            app /voice <Gather action="/done" bargeIn="false" timeout="2"><Say>one</Say></Gather>
            app /done <Hangup/>
            show keys
            usera calls
            usera presses 1 2
            wait 2s
            usera presses 3
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── key 1 ──▶
            usera    ── key 2 ──▶
            usera    ♪  silence
            … 1.2 s
            usera    ── key 3 ──▶
            … 2 s
            app     ◀── POST /done  Digits=123
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_that_end_it_wait_for_the_prompts_that_may_not_be_interrupted() {
    check(
        &[r#"
            app /voice <Gather action="/done" bargeIn="false"><Say>one</Say><Say>two</Say></Gather>
            app /done <Hangup/>
            show keys
            usera calls
            usera presses 1 # 2
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── key 1 ──▶
            usera    ── key # ──▶
            usera    ── key 2 ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /done  Digits=1
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_key_of_finish_on_key_alone_is_told() {
    check(
        &[r#"
            app /voice <Gather action="/done"/>
            app /done <Hangup/>
            show keys, FinishedOnKey
            usera calls
            usera presses #
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── key # ──▶
            app     ◀── POST /done  Digits=  FinishedOnKey=#
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn no_key_ends_it_where_none_is_named() {
    check(
        &[r#"
            app /voice <Gather action="/done" finishOnKey="" timeout="1"/>
            app /done <Hangup/>
            show keys, FinishedOnKey
            usera calls
            usera presses * 0 #
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── key * ──▶
            usera    ── key 0 ──▶
            usera    ── key # ──▶
            … 1 s
            app     ◀── POST /done  Digits=*0#  FinishedOnKey=
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn without_time_only_the_prompts_count() {
    check(
        &[r#"
            app /voice <Gather action="/done" timeout="0"><Say>one</Say></Gather><Gather timeout="0"/><Say>nothing</Say>
            usera calls
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather, Gather, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ♪  silence
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn documents_that_gather_nothing_in_no_time_end() {
    let scenario = r#"
        app /voice <Gather timeout="0"/><Redirect/>
        usera calls
        wait 10s
        "#;
    let ladder = legwork_sim::script::run(scenario);
    assert_eq!(ladder.matches("POST /voice").count(), 101);
    assert!(ladder.ends_with("app      ·  alert 11215 error\nusera   ◀── BYE\n"), "{ladder}");
}

#[test]
fn keys_between_two_verbs_are_lost() {
    check(
        &[r#"
            app /voice <Say>wait</Say><Gather timeout="1" action="/done"/>
            app /done <Hangup/>
            show keys
            usera calls
            usera presses 1 2
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            usera    ── key 1 ──▶
            usera    ── key 2 ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_in_speech_only_mean_nothing() {
    check(
        &[r#"
            app /voice <Gather input="speech" timeout="2" action="/done"/>
            app /done <Hangup/>
            show keys
            usera calls
            usera presses 1 2 #
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
            usera    ── key 2 ──▶
            usera    ── key # ──▶
            … 1.6 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn audio_that_is_missing_is_told_and_listening_goes_on() {
    check(
        &[r#"
            app /voice <Gather numDigits="1" action="/done"><Play>/missing.wav</Play><Play>http://[/a.wav</Play><Say voice="Bob">well</Say><Dial>1</Dial></Gather>
            app /done <Hangup/>
            show keys
            usera calls
            wait 3s
            usera presses 7
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            app      ·  alert 13321 warning
            app      ·  alert 13320 warning
            usera   ◀── 200 OK
            app      ·  alert 11200 error
            app      ·  alert 11100 error
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2 s
            usera    ── key 7 ──▶
            app     ◀── POST /done  Digits=7
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn an_empty_say_is_a_pause() {
    check(
        &[r#"
            app /voice <Gather timeout="1"><Say/><Say>one</Say></Gather>
            usera calls
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Gather ──▶
            app      ·  alert 13520 warning
            usera   ◀── 200 OK
            usera    ♪  silence
            … 1 s
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}
