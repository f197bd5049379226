//! Everything that can happen at the same moment: R1 to R12 and hanging up at every step.
//!
//! Source: reliability.md, section 3.0; inbound-refer.md, section 4.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn true_r1_second_refer_while_the_webhook_is_asked() {
    check(
        &[
            TRUE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a refers to sip:agent-c
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
            agent-a  ── REFER sip:agent-c ──▶
            agent-a ◀── 491 Request Pending
            … 2 s
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
fn true_r2_transferor_hangs_up_while_the_webhook_is_asked() {
    check(
        &[
            TRUE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a hangs up
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
            agent-a  ── BYE ──▶
            usera hears hold music
            … 1.6 s
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a  ── 481 No to NOTIFY ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r2_parent_transferor_hangs_up_while_the_webhook_is_asked() {
    check(
        &[
            TRUE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            usera refers to sip:agent-b
            usera hangs up
            agent-b answers
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
            usera    ── BYE ──▶
            … 2 s
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera    ── 481 No to NOTIFY ──▶
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn true_r2_transferor_hangs_up_and_the_webhook_fails() {
    check(
        &[
            TRUE,
            "
            app /refer after 2s 500
            agent-a refers to sip:agent-b
            agent-a hangs up
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
            agent-a  ── BYE ──▶
            … 2 s
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            usera   ◀── BYE
            agent-a  ── 481 No to NOTIFY ──▶
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_transferee_hangs_up_while_the_webhook_is_asked() {
    check(
        &[
            TRUE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            usera hangs up
            wait 5s
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
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn true_r3_transferee_hangs_up_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s
            usera hangs up
            wait 5s
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
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-b  ── 487 Request Terminated ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn true_transferor_hangs_up_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s
            agent-a hangs up
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
            … 1 s
            agent-a  ── BYE ──▶
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
fn true_transferor_hangs_up_and_the_target_fails() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s
            agent-a hangs up
            agent-b refuses 486
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
            agent-a  ── BYE ──▶
            agent-b  ── 486 Busy Here ──▶
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera   ◀── BYE
            agent-a  ── 481 No to NOTIFY ──▶
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_r4_byes_cross_at_the_result() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a hangs up after the result
            agent-a refers to sip:agent-b
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
            agent-a  ── BYE ──▶
            agent-a  ── 481 Call/Transaction Does Not Exist to BYE ──▶
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r5_notify_answered_481() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a answers NOTIFY with 481
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
            agent-a  ── 481 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── BYE
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r5_notify_answered_489() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a answers NOTIFY with 489
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
            agent-a  ── 489 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── 489 No to NOTIFY ──▶
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 489 No to NOTIFY ──▶
            agent-a ◀── BYE
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r5_notify_not_answered() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a ignores NOTIFY
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
            wait 5s
            listen
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 2 s
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
            … 40.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r6_refer_sent_again_asks_once() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network drops 3 202 to agent-a
            agent-a refers to sip:agent-b
            wait 5s
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
            … 5 s
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
fn true_r8_refer_on_the_early_dialog_of_the_target() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b refers to sip:agent-c
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
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 403 Forbidden
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
fn true_r9_rest_ends_the_transferee() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            rest hangs up usera
            wait 5s
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
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            agent-b ◀── CANCEL
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-b  ── 487 Request Terminated ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn true_r9_rest_ends_the_transferor() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            rest hangs up agent-a
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
            rest     ── hangs up agent-a ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r9_rest_ends_the_target() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            rest hangs up agent-b
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
            rest     ── hangs up agent-b ──▶
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-b  ── 487 Request Terminated ──▶
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_r9_rest_redirects_the_transferee() {
    check(
        &[
            TRUE,
            TO_B,
            "
            app /other <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            rest redirects usera to /other
            agent-c answers
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
            rest     ── redirects usera to /other ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── CANCEL
            app     ◀── POST /other
            agent-a ◀── BYE
            agent-b  ── 487 Request Terminated ──▶
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn true_r9_rest_redirects_the_transferor() {
    check(
        &[
            TRUE,
            TO_B,
            "
            app /other <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            rest redirects agent-a to /other
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
            rest     ── redirects agent-a to /other ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            agent-a  ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-a hears ringback, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r10_hold_crosses_the_refer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds & agent-a refers to sip:agent-b
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
fn true_r10_unhold_after_the_202() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-a unholds
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
            agent-a  ── re-INVITE ──▶
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
fn true_r10_unhold_after_the_failure() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-b refuses 486
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
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_r11_transferor_dies_silently() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a dies
            agent-b answers
            wait 60s
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
            … 2 s
            agent-a ◀── BYE
            … 58.4 s
            usera hears agent-b, agent-a hears nothing, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_r11_transferee_dies_silently() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            usera dies
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
            usera hears nothing, agent-b hears nothing
        "#]],
    );
}

#[test]
fn true_r12_the_webhook_answers_after_fourteen_seconds() {
    check(
        &[
            TRUE,
            "
            app /refer after 14s <Dial><Sip>sip:agent-b</Sip></Dial>
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
            … 14 s
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
fn true_target_answers_as_the_transferee_hangs_up() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b answers & usera hangs up
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
            usera    ── BYE ──▶
            agent-b ◀── BYE
            agent-a ◀── BYE
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_target_answers_as_the_transferor_hangs_up() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b answers & agent-a hangs up
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
            agent-a  ── BYE ──▶
            agent-a  ── 481 No to NOTIFY ──▶
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_target_answers_and_hangs_up_at_once() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b answers & agent-b hangs up
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
            agent-b  ── BYE ──▶
            usera   ◀── BYE
            agent-a ◀── BYE
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_everybody_hangs_up_at_once() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a hangs up & usera hangs up & agent-b hangs up
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
            agent-a  ── BYE ──▶
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-b  ── 603 Decline ──▶
            agent-a  ── 481 No to NOTIFY ──▶
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_target_answers_just_after_its_time_out() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip></Dial>
            agent-b answers by itself after 4998ms
            agent-a refers to sip:agent-b
            wait 10s
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
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 5 s
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            agent-b  ── 200 OK ──▶
            agent-b ◀── BYE
            … 5.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_the_200_of_the_target_crosses_the_cancel() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip></Dial>
            agent-b answers by itself after 5s
            network delays 20ms to agent-b
            agent-a refers to sip:agent-b
            wait 10s
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
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 5 s
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            agent-b  ── 487 Request Terminated ──▶
            … 5.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_r1_second_refer_while_the_webhook_is_asked() {
    check(
        &[
            FALSE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a refers to sip:agent-c
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
            agent-a  ── REFER sip:agent-c ──▶
            agent-a ◀── 491 Request Pending
            … 2 s
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
fn false_r2_transferor_hangs_up_while_the_webhook_is_asked() {
    check(
        &[
            FALSE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a hangs up
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
            agent-a  ── BYE ──▶
            usera hears hold music
            … 1.6 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a  ── 481 No to NOTIFY ──▶
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
fn false_r2_parent_transferor_hangs_up_while_the_webhook_is_asked() {
    check(
        &[
            FALSE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            usera refers to sip:agent-b
            usera hangs up
            agent-b answers
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
            usera    ── BYE ──▶
            … 2 s
            app      ── 200  Dial ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            usera    ── 481 No to NOTIFY ──▶
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn false_r2_transferor_hangs_up_and_the_webhook_fails() {
    check(
        &[
            FALSE,
            "
            app /refer after 2s 500
            agent-a refers to sip:agent-b
            agent-a hangs up
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
            agent-a  ── BYE ──▶
            … 2 s
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            usera   ◀── BYE
            agent-a  ── 481 No to NOTIFY ──▶
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_transferee_hangs_up_while_the_webhook_is_asked() {
    check(
        &[
            FALSE,
            "
            app /refer after 2s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            usera hangs up
            wait 5s
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
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn false_r3_transferee_hangs_up_while_the_target_rings() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s
            usera hangs up
            wait 5s
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
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn false_transferor_hangs_up_while_the_target_rings() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s
            agent-a hangs up
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_transferor_hangs_up_and_the_target_fails() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings 1s
            agent-a hangs up
            agent-b refuses 486
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
fn false_r4_byes_cross_at_the_result() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a hangs up after the result
            agent-a refers to sip:agent-b
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-a  ── BYE ──▶
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a  ── 481 Call/Transaction Does Not Exist to BYE ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r5_notify_answered_481() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a answers NOTIFY with 481
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
            agent-a  ── 481 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── BYE
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r5_notify_answered_489() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a answers NOTIFY with 489
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
            agent-a  ── 489 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a  ── 489 No to NOTIFY ──▶
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r5_notify_not_answered() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a ignores NOTIFY
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
            wait 5s
            listen
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1 s
            agent-a ◀── BYE
            … 4.4 s
            usera hears agent-b, agent-b hears usera
            … 40.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r6_refer_sent_again_asks_once() {
    check(
        &[
            FALSE,
            TO_B,
            "
            network drops 3 202 to agent-a
            agent-a refers to sip:agent-b
            wait 5s
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
            … 5 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r8_refer_on_the_early_dialog_of_the_target() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b refers to sip:agent-c
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
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 403 Forbidden
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r9_rest_ends_the_transferee() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            rest hangs up usera
            wait 5s
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
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn false_r9_rest_ends_the_transferor() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            rest hangs up agent-a
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
            rest     ── hangs up agent-a ──▶
            rest    ◀── 404  20404
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r9_rest_ends_the_target() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            rest hangs up agent-b
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
            rest     ── hangs up agent-b ──▶
            agent-b ◀── CANCEL
            usera   ◀── BYE
            agent-b  ── 487 Request Terminated ──▶
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_r9_rest_redirects_the_transferee() {
    check(
        &[
            FALSE,
            TO_B,
            "
            app /other <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            rest redirects usera to /other
            agent-c answers
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
            rest     ── redirects usera to /other ──▶
            agent-b ◀── CANCEL
            app     ◀── POST /other
            agent-b  ── 487 Request Terminated ──▶
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn false_r9_rest_redirects_the_transferor() {
    check(
        &[
            FALSE,
            TO_B,
            "
            app /other <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            rest redirects agent-a to /other
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
            rest     ── redirects agent-a to /other ──▶
            rest    ◀── 404  20404
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r10_hold_crosses_the_refer() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds & agent-a refers to sip:agent-b
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
fn false_r10_unhold_after_the_202() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-a unholds
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
fn false_r10_unhold_after_the_failure() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a holds
            agent-a refers to sip:agent-b
            agent-b refuses 486
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
            agent-b  ── 486 Busy Here ──▶
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_r11_transferor_dies_silently() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a dies
            agent-b answers
            wait 60s
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
            … 60.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_r11_transferee_dies_silently() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            usera dies
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5.4 s
            usera hears nothing, agent-b hears nothing
        "#]],
    );
}

#[test]
fn false_r12_the_webhook_answers_after_fourteen_seconds() {
    check(
        &[
            FALSE,
            "
            app /refer after 14s <Dial><Sip>sip:agent-b</Sip></Dial>
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
            … 14 s
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
fn false_target_answers_as_the_transferee_hangs_up() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b answers & usera hangs up
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera    ── BYE ──▶
            agent-b ◀── BYE
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_target_answers_as_the_transferor_hangs_up() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b answers & agent-a hangs up
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_target_answers_and_hangs_up_at_once() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-b answers & agent-b hangs up
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-b  ── BYE ──▶
            usera   ◀── BYE
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_everybody_hangs_up_at_once() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a hangs up & usera hangs up & agent-b hangs up
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-b  ── 603 Decline ──▶
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_target_answers_just_after_its_time_out() {
    check(
        &[
            FALSE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip></Dial>
            agent-b answers by itself after 4998ms
            agent-a refers to sip:agent-b
            wait 10s
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 5 s
            agent-b ◀── CANCEL
            usera   ◀── BYE
            agent-b  ── 200 OK ──▶
            agent-b ◀── BYE
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_the_200_of_the_target_crosses_the_cancel() {
    check(
        &[
            FALSE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip></Dial>
            agent-b answers by itself after 5s
            network delays 20ms to agent-b
            agent-a refers to sip:agent-b
            wait 10s
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 5 s
            agent-b ◀── CANCEL
            usera   ◀── BYE
            agent-b  ── 487 Request Terminated ──▶
            … 5.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn r7_refer_before_the_ack_of_the_callee() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            network drops 2 ACK to agent-a
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 5s
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

#[test]
fn r7_refer_before_the_ack_of_the_caller() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera acks after 3s
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 5s
            listen
            "#,
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
            … 3 s
            usera   ◀── BYE
            … 2.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn r9_rest_transfers_like_a_refer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            rest transfers agent-a to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            rest     ── transfers agent-a to sip:agent-b ──▶
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn r9_rest_redirects_a_plain_bridge() {
    check(
        &[
            TRUE,
            "
            app /other <Dial><Sip>sip:agent-c</Sip></Dial>
            rest redirects usera to /other
            agent-c answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            rest     ── redirects usera to /other ──▶
            agent-a ◀── BYE
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn glare_of_reinvites_relayed() {
    check(
        &[
            TRUE,
            "
            agent-a holds & usera holds
            wait 6s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            … 6.4 s
            usera hears nothing, agent-a hears nothing
        "#]],
    );
}

#[test]
fn a_transfer_over_a_bad_network() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network loses 30%, doubles 20%, reorders 20%
            agent-a refers to sip:agent-b
            agent-b rings, answers
            wait 20s
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
            … 1.1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 19.3 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
