//! `<Sip>`: several URIs in turn, user names and passwords.
//!
//! Source: Twilio, "TwiML Voice: Sip"; twilio-voice.md 3.3 and 5.4.

use expect_test::expect;

use crate::check;

#[test]
fn the_lowest_priority_is_tried_first_then_the_next() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip><Uri priority="20">sip:agent-b</Uri><Uri priority="10">sip:agent-a</Uri></Sip></Dial>
            app /after empty
            show DialSipResponseCode
            usera calls, agent-a refuses 503, agent-b answers
            listen
            agent-b hangs up
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
            agent-a  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            agent-a  ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            app     ◀── POST /after  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn one_leg_and_one_status_when_all_fail() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip><Uri>sip:agent-a</Uri><Uri priority="11">sip:agent-b</Uri></Sip></Dial>
            app /after empty
            show DialSipResponseCode
            usera calls, agent-a refuses 503, agent-b refuses 486
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
            agent-a  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            agent-a  ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 486 Busy Here ──▶
            app     ◀── POST /after  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_refusal_by_a_person_is_the_end() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip><Uri>sip:agent-a</Uri><Uri priority="11">sip:agent-b</Uri></Sip></Dial>
            app /after empty
            usera calls, agent-a refuses 486
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
            agent-a  ── 486 Busy Here ──▶
            app     ◀── POST /after  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_uri_that_is_none_is_passed_over() {
    check(
        &[r#"
            app /voice <Dial><Sip><Uri>x</Uri><Uri>sip:agent-a?X-A=1</Uri><Uri>sips:agent-b</Uri></Sip></Dial>
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 13243 warning
            app      ·  alert 32114 warning
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn registered_phones_among_several() {
    check(
        &[r#"
            app /voice <Dial><Sip><Uri priority="1">sip:agent-a@bank.example.com</Uri><Uri priority="2">sip:agent-b</Uri></Sip></Dial>
            agent-a registers
            ---
            usera calls, agent-a refuses 500, agent-b answers
            listen
            agent-a unregisters
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
            agent-a  ── 500 No ──▶
            app      ·  alert 32011 warning
            agent-a  ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-b, agent-b hears usera
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_challenge_is_answered_with_the_name_and_password_of_the_noun() {
    check(
        &[r#"
            app /voice <Dial><Sip username="agent-a" password="agent-a">sip:agent-a</Sip></Dial>
            show all
            agent-a challenges
            usera calls, agent-a answers
            agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            usera    ── ACK ──▶
            agent-a  ── 401 Unauthorized ──▶
            agent-a ◀── ACK
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            agent-a ◀── ACK
            usera ⇄ agent-a
            agent-a  ── BYE ──▶
            agent-a ◀── 200 OK to BYE
            usera   ◀── BYE
            usera    ── 200 OK to BYE ──▶
        "#]],
    );
}

#[test]
fn a_wrong_password_is_tried_once() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip username="agent-a" password="guess">sip:agent-a</Sip></Dial>
            app /after empty
            show all
            agent-a challenges
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            usera    ── ACK ──▶
            agent-a  ── 401 Unauthorized ──▶
            agent-a ◀── ACK
            agent-a ◀── INVITE
            agent-a  ── 401 Unauthorized ──▶
            agent-a ◀── ACK
            app      ·  alert 13244 warning
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=401
            app      ── 204 ──▶
            usera   ◀── BYE
            usera    ── 200 OK to BYE ──▶
        "#]],
    );
}

#[test]
fn no_password_no_answer_to_a_challenge() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip>sip:agent-a</Sip></Dial>
            app /after empty
            agent-a challenges
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 401 Unauthorized ──▶
            app      ·  alert 13244 warning
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=401
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn credentials_are_for_their_own_uri() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip><Uri>sip:agent-a</Uri><Uri priority="11" username="agent-a" password="agent-a">sip:agent-b</Uri></Sip></Dial>
            app /after empty
            agent-a challenges
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 401 Unauthorized ──▶
            app      ·  alert 13244 warning
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=401
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_password_that_is_too_long_is_left_out() {
    let password = "p".repeat(256);
    let voice = format!(
        r#"app /voice <Dial><Sip username="agent-a" password="{password}">sip:agent-a</Sip></Dial>"#
    );
    check(
        &[&voice, "\nusera calls, agent-a answers\nlisten"],
        expect![[r#"
        usera    ── INVITE ──▶
        usera   ◀── 180 Ringing
        app     ◀── POST /voice
        app      ── 200  Dial ──▶
        app      ·  alert 13249 warning
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
