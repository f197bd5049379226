//! What the application's answer does: used, not usable, declined, late, and what is told of it.
//!
//! Source: inbound-refer.md, section 4, "What the application's answer does" and "The webhook".

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn true_cannot_be_used_status_500() {
    check(
        &[
            TRUE,
            "
            app /refer 500
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
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
fn false_cannot_be_used_status_500() {
    check(
        &[
            FALSE,
            "
            app /refer 500
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
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
fn true_cannot_be_used_time_out() {
    check(
        &[
            TRUE,
            "
            app /refer times out
            agent-a refers to sip:agent-b
            wait 16s
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
            … 15 s
            app      ── no answer ──▶
            app      ·  alert 11205 error
            app      ·  alert 91307 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            … 4.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_cannot_be_used_time_out() {
    check(
        &[
            FALSE,
            "
            app /refer times out
            agent-a refers to sip:agent-b
            wait 16s
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
            … 15 s
            app      ── no answer ──▶
            app      ·  alert 11205 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 4.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_cannot_be_used_not_xml() {
    check(
        &[
            TRUE,
            "
            app /refer broken <Response><Dial>
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
            app      ── 200  nothing ──▶
            app      ·  alert 12100 error
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
fn false_cannot_be_used_not_xml() {
    check(
        &[
            FALSE,
            "
            app /refer broken <Response><Dial>
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
            app      ── 200  nothing ──▶
            app      ·  alert 12100 error
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
fn true_cannot_be_used_failing_redirect() {
    check(
        &[
            TRUE,
            "
            app /refer <Redirect>/gone</Redirect>
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
            app      ── 200  Redirect ──▶
            app     ◀── POST /gone
            app      ── 404 ──▶
            app      ·  alert 11200 error
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
fn false_cannot_be_used_failing_redirect() {
    check(
        &[
            FALSE,
            "
            app /refer <Redirect>/gone</Redirect>
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
            app      ── 200  Redirect ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /gone
            agent-a ◀── BYE
            app      ── 404 ──▶
            app      ·  alert 11200 error
            usera   ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_cannot_be_used_a_verb_not_built_yet() {
    check(
        &[
            TRUE,
            "
            app /refer <Gather/>
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
            app      ── 200  Gather ──▶
            app      ·  alert 13750 error
            app      ·  alert 13750 error
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
fn false_cannot_be_used_a_verb_not_built_yet() {
    check(
        &[
            FALSE,
            "
            app /refer <Gather/>
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
            app      ── 200  Gather ──▶
            app      ·  alert 13750 error
            app      ·  alert 13750 error
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
fn true_cannot_be_used_a_noun_not_built_yet() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Conference>room</Conference></Dial>
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
            app      ·  alert 13750 error
            app      ·  alert 13750 error
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
fn false_cannot_be_used_a_noun_not_built_yet() {
    check(
        &[
            FALSE,
            "
            app /refer <Dial><Conference>room</Conference></Dial>
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
            app      ·  alert 13750 error
            app      ·  alert 13750 error
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
fn true_declined_by_reject() {
    check(
        &[
            TRUE,
            "
            app /refer <Reject/>
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
            app      ── 200  Reject ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_declined_by_reject() {
    check(
        &[
            FALSE,
            "
            app /refer <Reject/>
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
            app      ── 200  Reject ──▶
            agent-a ◀── NOTIFY  603 Decline, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_declined_by_no_verb() {
    check(
        &[
            TRUE,
            "
            app /refer ok
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
            app      ── 200  nothing ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_declined_by_no_verb() {
    check(
        &[
            FALSE,
            "
            app /refer ok
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
            app      ── 200  nothing ──▶
            agent-a ◀── NOTIFY  603 Decline, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_declined_by_nothing_at_all() {
    check(
        &[
            TRUE,
            "
            app /refer empty
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
            app      ── 204 ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_declined_by_nothing_at_all() {
    check(
        &[
            FALSE,
            "
            app /refer empty
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
            app      ── 204 ──▶
            agent-a ◀── NOTIFY  603 Decline, terminated
            usera   ◀── BYE
            agent-a ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn true_hangup_ends_both() {
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
fn true_the_document_ends_without_a_verb_that_takes_over() {
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
fn true_no_answer() {
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
fn true_all_failed_busy_wins_over_no_answer() {
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
fn true_a_6xx_wins() {
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
fn true_401_reads_as_403() {
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
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  403 Forbidden, terminated
            … 8.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_503_reads_as_500() {
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
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  500 Server Internal Error, terminated
            … 8.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_target_nobody_can_find() {
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
fn false_no_answer() {
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
fn false_all_failed_busy_wins_over_no_answer() {
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
fn false_a_6xx_wins() {
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
fn false_401_reads_as_403() {
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
            usera   ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_503_reads_as_500() {
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
            usera   ◀── BYE
            … 8.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn false_target_nobody_can_find() {
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
fn false_target_failed_the_rest_of_the_document() {
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
fn false_target_failed_the_next_verb() {
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

#[test]
fn outcome_told_success_and_no_action_of_the_initial_dial() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            agent-b hangs up
            wait 1s
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
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn outcome_told_failure_and_the_action_after_the_restored_call() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
            listen
            agent-a hangs up
            wait 1s
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
            app     ◀── POST /told  ReferCallStatus=busy  NotifySipResponseCode=486
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn outcome_told_declined() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            app /refer <Reject/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Reject ──▶
            app     ◀── POST /told  ReferCallStatus=busy  NotifySipResponseCode=603
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
        "#]],
    );
}

#[test]
fn outcome_told_cannot_be_used() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            app /refer 500
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            app     ◀── POST /told  ReferCallStatus=failed  NotifySipResponseCode=503
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
        "#]],
    );
}

#[test]
fn outcome_told_transferee_gone() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings
            usera hangs up
            wait 3s
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
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-b  ── 487 Request Terminated ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn time_limit_runs_on_and_takes_effect_on_the_restored_call() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action" timeLimit="10"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            wait 3s
            agent-a refers to sip:agent-b
            agent-b rings 4s, refuses 486
            listen
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
            … 4 s
            agent-b  ── 486 Busy Here ──▶
            app     ◀── POST /told  ReferCallStatus=busy  NotifySipResponseCode=486
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera hears agent-a, agent-a hears usera
            … 2.6 s
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 2.8 s
            nobody talks
        "#]],
    );
}

#[test]
fn time_limit_does_not_end_a_parked_call() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action" timeLimit="10"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings 12s
            listen
            agent-b answers
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
            … 12.4 s
            usera hears ringback, agent-a hears silence
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn star_is_dead_while_parked() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" referStatusCallback="/told" action="/action" hangupOnStar="true"><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            app /action <Hangup/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings
            usera presses 10
            agent-a presses 10
            wait 1s
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /told  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_fallback_url_first() {
    check(
        &[
            FALSE,
            "
            app /refer 500
            app /fallback <Dial><Sip>sip:agent-c</Sip></Dial>
            show ErrorUrl
            agent-a refers to sip:agent-b
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            app     ◀── POST /fallback  ErrorCode=11200  ErrorUrl=http://app.example/refer
            agent-a ◀── BYE
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
fn true_no_fallback_url() {
    check(
        &[
            TRUE,
            "
            app /refer 500
            app /fallback <Dial><Sip>sip:agent-c</Sip></Dial>
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
            app      ── 500 ──▶
            app      ·  alert 11200 error
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
fn false_without_fallback_the_action_of_the_initial_dial() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /refer 500
            app /action <Dial><Sip>sip:agent-c</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-c answers
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            agent-a ◀── BYE
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
fn false_without_action_the_next_verb_of_the_initial_document() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial><Dial><Sip>sip:agent-c</Sip></Dial>
            app /refer 500
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-c answers
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-a ◀── BYE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn false_declined_goes_on_as_unusable_without_alert() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Reject/>
            app /action <Dial><Sip>sip:agent-c</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-c answers
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Reject ──▶
            agent-a ◀── NOTIFY  603 Decline, terminated
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            agent-a ◀── BYE
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
fn relative_refer_url_is_resolved_against_the_document() {
    check(
        &[r#"
            app /sub/voice <Dial referUrl="refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /sub/refer <Dial><Sip>sip:agent-b</Sip></Dial>
            rest calls usera with /sub/voice
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /sub/refer  ReferTransferTarget=sip:agent-b
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
fn relative_refer_url_of_inline_twiml_is_not_there() {
    check(
        &[r#"
            rest calls usera running <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 1s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 15004 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn absolute_refer_url_of_inline_twiml_by_get() {
    check(
        &[
            TO_B,
            r#"
            rest calls usera running <Dial referUrl="http://app.example/refer?x=1" referMethod="GET" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
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
            app     ◀── GET /refer?x=1  ReferTransferTarget=sip:agent-b
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
fn webhook_parameters_from_the_child_leg() {
    check(
        &[
            TRUE,
            TO_B,
            r#"
            show CallSid, ParentCallSid, From, To, Direction, CallStatus, ReferCallSid, ReferredBy, SipHeader_X-Case, SipHeader_User-to-User
            agent-a refers to "Agent B" <sip:agent-b?X-Case=42&User-to-User=a%3Bb> with X-Case: 43; User-to-User: 0a
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER "Agent B" <sip:agent-b?X-Case=42&User-to-User=a%3Bb> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  CallSid=usera's  CallStatus=in-progress  Direction=inbound  From=sip:usera@bank.example.com  To=sip:bank@bank.example.com  ReferTransferTarget="Agent B" <sip:agent-b?X-Case=42&User-to-User=a%3Bb>  SipHeader_User-to-User=0a  SipHeader_X-Case=43  ReferredBy=<sip:agent-a@bank.example.com>  ReferCallSid=agent-a's
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
fn webhook_parameters_from_the_parent_leg() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show CallSid, ParentCallSid, From, To, Direction, CallStatus, ReferCallSid, ReferredBy
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
            app     ◀── POST /refer  CallSid=agent-a's  CallStatus=in-progress  Direction=outbound-dial  From=sip:usera@bank.example.com  To=sip:agent-a  ParentCallSid=usera's  ReferTransferTarget=sip:agent-b  ReferredBy=<sip:usera@bank.example.com>  ReferCallSid=usera's
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
