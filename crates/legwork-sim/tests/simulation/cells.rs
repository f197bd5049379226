//! The ten cells of the transfer table, from each leg, proven by what each party hears.
//!
//! Source: inbound-refer.md, section 3.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn p1_child_true_fetched_the_initial_call_stays_connected() {
    check(
        &[
            TRUE,
            TO_B,
            "
            listen
            agent-a refers to sip:agent-b
            agent-b rings
            listen
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
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
            usera hears ringback, agent-a hears silence
            … 1.4 s
            usera hears ringback, agent-a hears silence
        "#]],
    );
}

#[test]
fn p5_child_false_fetched_the_initial_call_is_disconnected() {
    check(
        &[
            FALSE,
            TO_B,
            "
            listen
            agent-a refers to sip:agent-b
            agent-b rings
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
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
            usera hears ringback
        "#]],
    );
}

#[test]
fn p1_child_true_target_answers_the_initial_call_ends_now() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 3s, answers
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
            … 3 s
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
fn p5_child_false_target_answers_after_the_transferor_has_gone() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 3s, answers
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
            … 3 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn p2_child_true_target_fails_the_initial_call_is_back() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s, refuses 486
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
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p6_child_false_target_fails_the_transferee_is_alone_and_ends() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s, refuses 486
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
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p3_child_true_refer_url_unreachable_the_initial_call_is_back() {
    check(
        &[
            TRUE,
            "
            app /refer unreachable
            agent-a refers to sip:agent-b
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
            app      ── unreachable ──▶
            app      ·  alert 11202 error
            app      ·  alert 91307 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p7_child_false_refer_url_unreachable_everything_ends() {
    check(
        &[
            FALSE,
            "
            app /refer unreachable
            agent-a refers to sip:agent-b
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
            app      ── unreachable ──▶
            app      ·  alert 11202 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p8_child_true_no_refer_url_nothing_changes() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 13802 error
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p8_child_false_no_refer_url_nothing_changes() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 3s
            listen
            "],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 13802 error
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p1_parent_true_fetched_the_initial_call_stays_connected() {
    check(
        &[
            TRUE,
            TO_B,
            "
            listen
            usera refers to sip:agent-b
            agent-b rings
            listen
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
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
            usera hears silence, agent-a hears ringback
            … 1.4 s
            usera hears silence, agent-a hears ringback
        "#]],
    );
}

#[test]
fn p5_parent_false_fetched_the_initial_call_is_disconnected() {
    check(
        &[
            FALSE,
            TO_B,
            "
            listen
            usera refers to sip:agent-b
            agent-b rings
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            usera   ◀── BYE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            agent-a hears ringback
        "#]],
    );
}

#[test]
fn p1_parent_true_target_answers_the_initial_call_ends_now() {
    check(
        &[
            TRUE,
            TO_B,
            "
            usera refers to sip:agent-b
            agent-b rings 3s, answers
            wait 3s
            listen
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
            … 3 s
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn p5_parent_false_target_answers_after_the_transferor_has_gone() {
    check(
        &[
            FALSE,
            TO_B,
            "
            usera refers to sip:agent-b
            agent-b rings 3s, answers
            wait 3s
            listen
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
            usera   ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            usera   ◀── BYE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            … 3 s
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn p2_parent_true_target_fails_the_initial_call_is_back() {
    check(
        &[
            TRUE,
            TO_B,
            "
            usera refers to sip:agent-b
            agent-b rings 1s, refuses 486
            wait 3s
            listen
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
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            usera    ·  restored
            usera ⇄ agent-a
            usera   ◀── NOTIFY  486 Busy Here, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p6_parent_false_target_fails_the_transferee_is_alone_and_ends() {
    check(
        &[
            FALSE,
            TO_B,
            "
            usera refers to sip:agent-b
            agent-b rings 1s, refuses 486
            wait 3s
            listen
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
            usera   ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            usera   ◀── BYE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p3_parent_true_refer_url_unreachable_the_initial_call_is_back() {
    check(
        &[
            TRUE,
            "
            app /refer unreachable
            usera refers to sip:agent-b
            wait 3s
            listen
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
            app      ── unreachable ──▶
            app      ·  alert 11202 error
            app      ·  alert 91307 error
            usera    ·  restored
            usera ⇄ agent-a
            usera   ◀── NOTIFY  503 Service Unavailable, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p7_parent_false_refer_url_unreachable_everything_ends() {
    check(
        &[
            FALSE,
            "
            app /refer unreachable
            usera refers to sip:agent-b
            wait 3s
            listen
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
            app      ── unreachable ──▶
            app      ·  alert 11202 error
            app      ·  alert 91307 error
            usera   ◀── NOTIFY  503 Service Unavailable, terminated
            agent-a ◀── BYE
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p8_parent_true_no_refer_url_nothing_changes() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            wait 3s
            listen
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p8_parent_false_no_refer_url_nothing_changes() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            wait 3s
            listen
            "],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
