//! Phones as they really transfer: the quirks that apply, by their numbers.
//!
//! Source: refer-interop.md.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn true_q1_bye_280_ms_after_the_202() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            wait 280ms
            agent-a hangs up
            agent-b rings 1s, answers
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
            agent-a  ── BYE ──▶
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 481 No to NOTIFY ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_q1_bye_right_after_the_202() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a hangs up after 202
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
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
            agent-a  ── BYE ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── 481 No to NOTIFY ──▶
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_q4_the_phone_never_hangs_up() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b answers
            wait 40s
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
            … 40.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_q16_refer_sub_false() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b with Refer-Sub: false
            agent-b rings, answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_q16_refer_sub_false_and_the_target_fails() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b with Refer-Sub: false
            agent-b rings, refuses 486
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 486 Busy Here ──▶
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_q16_norefersub_supported_alone_means_nothing() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b with Supported: norefersub
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
fn true_q19_hold_before_the_refer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
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
fn true_q19_hold_inactive_before_the_refer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds inactive
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE inactive ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
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
fn true_q43_hold_zero_before_the_refer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds zero
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE c=0.0.0.0 ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
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
fn true_q19_hold_after_the_202() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a holds
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
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
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
fn true_q20_notify_refused_only_at_the_end() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a answers NOTIFY with 481
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
            agent-a  ── 481 No to NOTIFY ──▶
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_q45_recovery_by_reinvite_after_the_failure() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-b rings, refuses 503
            agent-a unholds
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
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
            agent-b  ── 503 Service Unavailable ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  500 Server Internal Error, terminated
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_q1_bye_280_ms_after_the_202() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            wait 280ms
            agent-a hangs up
            agent-b rings 1s, answers
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1.3 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q1_bye_right_after_the_202() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a hangs up after 202
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
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
            agent-a  ── BYE ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a  ── 481 No to NOTIFY ──▶
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q4_the_phone_never_hangs_up() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b answers
            wait 40s
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 40.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q16_refer_sub_false() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b with Refer-Sub: false
            agent-b rings, answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q16_refer_sub_false_and_the_target_fails() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b with Refer-Sub: false
            agent-b rings, refuses 486
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 486 Busy Here ──▶
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_q16_norefersub_supported_alone_means_nothing() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b with Supported: norefersub
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q19_hold_before_the_refer() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q19_hold_inactive_before_the_refer() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds inactive
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE inactive ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q43_hold_zero_before_the_refer() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds zero
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE c=0.0.0.0 ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q19_hold_after_the_202() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a holds
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q20_notify_refused_only_at_the_end() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a answers NOTIFY with 481
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_q45_recovery_by_reinvite_after_the_failure() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-b rings, refuses 503
            agent-a unholds
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 503 Service Unavailable ──▶
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn q8_bare_with_a_parameter_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b;user=phone
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b;user=phone ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b;user=phone
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q9_display_name_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            r#"
            agent-a refers to "Agent B" <sip:agent-b>
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER "Agent B" <sip:agent-b> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget="Agent B" <sip:agent-b>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q10_no_user_vendor_parameters_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b:5060;transport=udp;x-m=8:orgid:abc>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b:5060;transport=udp;x-m=8:orgid:abc> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b:5060;transport=udp;x-m=8:orgid:abc>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q12_require_replaces_among_the_headers_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q28_tel_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <tel:+8130000000>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <tel:+8130000000> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<tel:+8130000000>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q32_quoted_reason_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            r#"
            agent-a refers to <sip:agent-b>;reason="send_to_vm"
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b>;reason="send_to_vm" ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b>;reason="send_to_vm"
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q43_phone_context_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:7042;phone-context=bank@agent-b;user=phone>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:7042;phone-context=bank@agent-b;user=phone> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:7042;phone-context=bank@agent-b;user=phone>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q35_headers_with_plus_is_verbatim() {
    check(
        &[TRUE, TO_B, "
            agent-a refers to <sip:agent-b?X-Genesys-ExternalCallID=1+2%20a&User-to-User=a%3Bencoding%3Dhex>
            agent-b answers
            wait 1s
            "],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?X-Genesys-ExternalCallID=1+2%20a&User-to-User=a%3Bencoding%3Dhex> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?X-Genesys-ExternalCallID=1+2%20a&User-to-User=a%3Bencoding%3Dhex>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn sips_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sips:agent-b
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sips:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sips:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q18_no_referred_by_is_normal() {
    check(
        &[
            TRUE,
            TO_B,
            "
            usera refers to sip:agent-b
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn progress_is_told_once_however_many_ring() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings, agent-c rings 1s
            agent-c answers
            wait 3s
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
            agent-c ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 180 Ringing ──▶
            … 1 s
            agent-c  ── 200 OK ──▶
            agent-b ◀── CANCEL
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b  ── 487 Request Terminated ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn progress_183_is_told_as_183() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-b does not ring
            agent-a refers to sip:agent-b
            agent-b plays early media
            wait 1s
            listen
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
            agent-b  ── 183 Session Progress ──▶
            agent-a ◀── NOTIFY  183 Session Progress, active
            … 1.4 s
            usera hears nothing, agent-a hears silence
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

#[test]
fn q31_notify_after_our_bye_is_over() {
    check(
        &[
            FALSE,
            TO_B,
            "
            network delays 50ms to agent-a
            agent-a refers to sip:agent-b
            agent-a hangs up
            agent-b answers
            wait 40s
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 40.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_first_notify_is_lost() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network drops 2 NOTIFY to agent-a
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
            wait 5s
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 4.9 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_202_is_lost() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network drops 1 202 to agent-a
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
            wait 5s
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn our_bye_is_lost() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            network drops 2 BYE to agent-a
            agent-b answers
            wait 5s
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
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
