//! What a usable answer does once the transferor is gone: answerOnBridge is not set.
//!
//! Source: inbound-refer.md, section 4.

use expect_test::expect;

use crate::{FALSE, TO_B, check};

#[test]
fn false_hangup_ends_both() {
    check(
        &[
            FALSE,
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
fn false_verbs_before_the_dial_are_heard() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera    ♪  audio of ours
            usera hears speech
            usera    ♪  silence
            … 2 s
            usera    ♪  hold music
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
fn false_redirect_to_a_dial() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /other
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
fn false_the_document_ends_without_a_verb_that_takes_over() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera    ♪  audio of ours
            usera   ◀── BYE
            … 4.5 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_several_nouns_the_first_to_answer() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-c ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-c  ── 180 Ringing ──▶
            … 1 s
            agent-c  ── 200 OK ──▶
            agent-b ◀── CANCEL
            usera ⇄ agent-c
            agent-b  ── 487 Request Terminated ──▶
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn false_sequential_the_second() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            … 1 s
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn p6_false_no_answer() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 5 s
            agent-b ◀── CANCEL
            usera   ◀── BYE
            agent-b  ── 487 Request Terminated ──▶
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p6_false_all_failed_busy_wins_over_no_answer() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-c ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 486 Busy Here ──▶
            … 5 s
            agent-b ◀── CANCEL
            usera   ◀── BYE
            agent-b  ── 487 Request Terminated ──▶
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p6_false_a_6xx_wins() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-c ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-c  ── 180 Ringing ──▶
            agent-b  ── 486 Busy Here ──▶
            agent-c  ── 603 Decline ──▶
            usera   ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p6_false_401_reads_as_403() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 401 No ──▶
            app      ·  alert 13244 warning
            usera   ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p6_false_503_reads_as_500() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            usera   ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p6_false_target_nobody_can_find() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            app      ·  alert 13254 error
            usera   ◀── BYE
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p6_false_target_failed_the_rest_of_the_document() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 486 Busy Here ──▶
            app     ◀── POST /action  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            … 1.4 s
            usera hears ringback
        "#]],
    );
}

#[test]
fn p6_false_target_failed_the_next_verb() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 486 Busy Here ──▶
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            … 1.4 s
            usera hears ringback
        "#]],
    );
}

#[test]
fn false_pending_for_ever_is_timed_out() {
    check(
        &[
            FALSE,
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
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  silence
            agent-a ◀── BYE
            … 20 s
            app      ·  alert 91308 error
            usera   ◀── BYE
            … 5.4 s
            nobody talks
        "#]],
    );
}
