//! What a usable answer does while the transferor is parked: answerOnBridge is true.
//!
//! Source: inbound-refer.md, section 4.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn p4_true_hangup_ends_both() {
    check(
        &[
            TRUE,
            "
            app /refer <Hangup/>
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
            app      ── 200  Hangup ──▶
            agent-a ◀── NOTIFY  603 Decline, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_verbs_before_the_dial_are_heard() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Say>one moment</Say><Pause length="2"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            listen
            agent-b answers
            wait 3s
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
            app      ── 200  Say, Pause, Dial ──▶
            usera    ♪  audio of ours
            usera hears speech, agent-a hears silence
            usera    ♪  silence
            … 2 s
            usera    ♪  hold music
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
fn true_redirect_to_a_dial() {
    check(
        &[
            TRUE,
            "
            app /refer <Redirect>/other</Redirect>
            app /other <Dial><Sip>sip:agent-b</Sip></Dial>
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
            app      ── 200  Redirect ──▶
            app     ◀── POST /other
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
fn p4_true_the_document_ends_without_a_verb_that_takes_over() {
    check(
        &[
            TRUE,
            "
            app /refer <Say>good bye</Say>
            agent-a refers to sip:agent-b
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
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            agent-a ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 4.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_several_nouns_the_first_to_answer() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings, agent-c rings 1s, answers
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
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn true_sequential_the_second() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial sequential="true"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings 1s, refuses 486, agent-c rings 1s, answers
            wait 3s
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
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            … 1 s
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn p2_true_no_answer() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            wait 8s
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
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p2_true_all_failed_busy_wins_over_no_answer() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-c refuses 486
            wait 8s
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
            agent-c ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 486 Busy Here ──▶
            … 5 s
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-b  ── 487 Request Terminated ──▶
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p2_true_a_6xx_wins() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial timeout="5"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b refuses 486, agent-c refuses 603
            wait 8s
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
            agent-c ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 180 Ringing ──▶
            agent-b  ── 486 Busy Here ──▶
            agent-c  ── 603 Decline ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            … 8.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p2_true_401_reads_as_403() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b refuses 401
            wait 8s
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
            agent-b  ── 401 No ──▶
            app      ·  alert 13244 warning
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  403 Forbidden, terminated
            … 8.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p2_true_503_reads_as_500() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b refuses 503
            wait 8s
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
            agent-b  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  500 Server Internal Error, terminated
            … 8.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p2_true_target_nobody_can_find() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:b@nowhere.example</Sip></Dial>
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
            app      ── 200  Dial ──▶
            app      ·  alert 13254 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  404 Not Found, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_target_failed_the_rest_of_the_document() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial action="/action"><Sip>sip:agent-b</Sip></Dial>
            app /action <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
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
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_target_failed_the_next_verb() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial><Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b refuses 486
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
            app      ── 200  Dial, Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_pending_for_ever_is_timed_out() {
    check(
        &[
            TRUE,
            r#"
            config transfer_pending 20s
            app /refer <Pause length="3600"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            wait 25s
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
            app      ── 200  Pause, Dial ──▶
            usera    ♪  silence
            … 20 s
            app      ·  alert 91308 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            … 5.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
