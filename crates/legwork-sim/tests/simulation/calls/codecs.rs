//! What legs speak that do not speak the same.
//!
//! Source: RFC 3264 §8; `inbound-refer.md` §4, "codecs". The same codec is passed through, any other
//! is converted: nobody is asked for another one by re-INVITE, and nobody hears nothing.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

const G722: &str = "
    config codecs g722
";

/// UserA has nothing but G.722, so AgentA takes it too.
const WIDE: &str = "
    config codecs g722
    usera speaks G722
    agent-a speaks PCMU and G722
";

#[test]
fn g722_is_passed_through() {
    check(
        &[WIDE, TRUE, "listen\nagent-a holds\nagent-a unholds\nlisten"],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn g722_is_passed_through_to_the_target() {
    check(
        &[
            WIDE,
            TO_B,
            TRUE,
            "agent-b speaks G722 and PCMU\nagent-a refers to sip:agent-b\nagent-b answers\nlisten",
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
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_target_speaks_something_else() {
    check(
        &[
            WIDE,
            TO_B,
            TRUE,
            "usera speaks G722 and PCMU
            agent-b speaks PCMU
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            usera holds
            usera unholds
            listen",
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
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_transferee_has_not_acknowledged_its_hold_when_the_target_answers() {
    check(
        &[
            WIDE,
            TO_B,
            TRUE,
            "agent-b speaks PCMU
            agent-a refers to sip:agent-b
            usera acks after 1s, holds, speaks G722 and PCMU
            agent-b answers
            wait 2s
            usera unholds
            listen",
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
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 2 s
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn an_offer_of_g722_alone_inside_a_g711_call() {
    check(
        &[G722, TRUE, "usera speaks G722\nusera holds\nlisten"],
        expect![[r#"
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            usera hears nothing, agent-a hears usera
        "#]],
    );
}

#[test]
fn an_offer_that_comes_late() {
    check(
        &[G722, "usera offers late, speaks G722 and PCMU", TRUE, "listen"],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_answer_to_a_late_offer_comes_after_the_target_s() {
    check(
        &[
            G722,
            "app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera offers late, speaks G722 and PCMU, acks after 1s
            ---
            usera calls, agent-a answers
            wait 2s
            listen",
        ],
        expect![[r#"
            usera    ── INVITE without offer ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 2.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_200_without_session_after_early_media() {
    check(
        &["app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            agent-a answers without session
            ---
            usera calls
            agent-a plays early media
            listen
            agent-a answers
            listen"],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            usera hears agent-a, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
