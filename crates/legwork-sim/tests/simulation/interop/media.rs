//! What is heard across a transfer, and in which stream.
//!
//! Source: refer-interop.md; RFC 3550 §5.1.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn codecs_of_target_and_transferee_differ() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-b speaks PCMA
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
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
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_target_answers_with_a_hold() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b answers
            agent-b holds
            wait 3s
            listen
            agent-b unholds
            wait 1s
            listen
            ",
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
            agent-b  ── re-INVITE sendonly ──▶
            agent-b ◀── 200 OK
            … 3.4 s
            usera hears agent-b, agent-b hears nothing
            agent-b  ── re-INVITE ──▶
            agent-b ◀── 200 OK
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// Talk, hold, hold music, ringback, the target: every packet the transferee hears follows the last.
#[test]
fn q46_blink_hears_one_stream_from_one_end_to_the_other() {
    check(
        &[
            TRUE,
            "
            app /refer after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
            listen throughout
            wait 1s
            listen
            agent-a holds
            agent-a refers to sip:agent-b
            listen throughout
            wait 1s
            listen
            listen throughout
            wait 2s
            agent-b rings 1s
            listen
            listen throughout
            agent-b answers
            wait 2s
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            … 1.4 s
            usera hears hold music, agent-a hears nothing
            … 1.6 s
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 1.8 s
            usera hears ringback, agent-a hears nothing
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 2.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q46_linphone_is_given_back_in_the_same_stream() {
    check(
        &[
            TRUE,
            TO_B,
            "
            listen throughout
            wait 1s
            agent-a refers to sip:agent-b
            wait 500ms
            agent-b rings 3s, refuses 486
            wait 2s
            listen
            ",
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
            … 3.5 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 2.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
