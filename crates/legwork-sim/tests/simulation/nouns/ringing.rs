//! `ringTone`: what the caller hears while the target rings.
//!
//! Not here: the tones of all countries (`legwork-media`, `plane::tests`).
//! Source: Twilio, "TwiML Voice: Dial", `ringTone`; inbound-refer.md 4.

use expect_test::expect;

use crate::{TRUE, check};

#[test]
fn the_ringing_tone_of_a_country() {
    check(
        &[r#"
            app /voice <Dial ringTone="uk"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            listen
            agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback uk
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            usera hears British ringback
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn an_unknown_country_is_told_and_the_usual_one_is_heard() {
    check(
        &[r#"
            app /voice <Dial ringTone="atlantis"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app      ·  alert 13220 warning
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            usera hears ringback
        "#]],
    );
}

#[test]
fn it_is_heard_instead_of_early_media() {
    check(
        &[r#"
            app /voice <Dial ringTone="uk"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media
            listen
            agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback uk
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            usera hears British ringback, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_caller_not_answered_yet_hears_it_too() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true" ringTone="uk"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            listen
            agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            usera   ◀── 183 Session Progress
            usera    ♪  ringback uk
            usera hears British ringback
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_caller_who_offers_late_goes_on_hearing_its_own() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true" ringTone="uk"><Sip>sip:agent-a</Sip></Dial>
            usera offers late, calls, agent-a rings 2s, answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE without offer ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 2 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_transferee_hears_it_once_the_target_rings() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial ringTone="uk"><Sip>sip:agent-b</Sip></Dial>
            agent-b does not ring
            agent-a refers to sip:agent-b
            listen
            agent-b plays early media
            listen
            agent-b answers
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            usera hears hold music, agent-a hears silence
            agent-b  ── 183 Session Progress ──▶
            usera    ♪  ringback uk
            agent-a ◀── NOTIFY  183 Session Progress, active
            usera hears British ringback, agent-a hears silence, agent-b hears nothing
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn when_one_that_was_heard_is_gone_another_one_is() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a plays early media, agent-b plays early media
            listen
            agent-a refuses 486
            listen
            agent-b refuses 486
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-b ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            agent-b  ── 183 Session Progress ──▶
            usera hears agent-a, agent-a hears nothing, agent-b hears nothing
            agent-a  ── 486 Busy Here ──▶
            usera hears agent-b, agent-b hears nothing
            agent-b  ── 486 Busy Here ──▶
            usera    ♪  ringback
            usera   ◀── BYE
        "#]],
    );
}
