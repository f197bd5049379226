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
            +15551234567  ·  keys 1w2#
            usera hears ringback, carrier hears silence and key 1
            usera ⇄ +15551234567
            … 1.7 s
            usera hears carrier, carrier hears usera and key 1 and key 2 and key 11
        "#]],
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
            +15551234567  ·  keys ww159*0#
            … 2.2 s
            usera ⇄ +15551234567
            … 1.2 s
            usera hears carrier, carrier hears usera and key 1 and key 5 and key 9 and key 10 and key 0 and key 11
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            +15551234567  ·  keys 12
            usera   ◀── 200 OK
            usera ⇄ +15551234567
            … 1 s
            usera hears carrier, carrier hears usera and key 1 and key 2
        "#]],
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
            +15551234567  ·  keys 9
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            +15551234567  ♪  silence
            … 1 s
            usera ⇄ +15551234567
            … 2.2 s
            usera hears carrier, carrier hears usera and key 9
        "#]],
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
            +15551234567  ·  keys wwww
            … 1 s
            carrier  ── BYE ──▶
            app     ◀── POST /after  DialCallStatus=completed  DialBridged=false
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
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
            +15551234567  ·  keys wwww
            … 1 s
            usera    ── BYE ──▶
            carrier ◀── BYE
        "#]],
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
            +15551234567  ·  keys wwww
            … 1 s
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            … 1 s
            usera ⇄ +15551234567
            … 1.4 s
            usera hears carrier, carrier hears usera
        "#]],
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
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            agent-a ◀── INVITE
            carrier  ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            +15551234567  ·  keys wwww
            … 1 s
            agent-a  ── 200 OK ──▶
            carrier ◀── BYE
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
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
