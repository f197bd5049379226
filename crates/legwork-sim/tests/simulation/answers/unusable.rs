//! Answers of the application that cannot be used, and those that decline.
//!
//! Source: inbound-refer.md, section 4.

use expect_test::expect;

use crate::{FALSE, TRUE, check};

#[test]
fn p3_true_cannot_be_used_status_500() {
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
fn p7_false_cannot_be_used_status_500() {
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
fn p3_true_cannot_be_used_time_out() {
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
fn p7_false_cannot_be_used_time_out() {
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
fn p3_true_cannot_be_used_not_xml() {
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
fn p7_false_cannot_be_used_not_xml() {
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
fn p3_true_cannot_be_used_failing_redirect() {
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
fn p7_false_cannot_be_used_failing_redirect() {
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
fn p3_true_cannot_be_used_a_verb_not_built_yet() {
    check(
        &[
            TRUE,
            "
            app /refer <Pay/>
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
            app      ── 200  Pay ──▶
            app      ·  alert 13750 warning
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
fn p7_false_cannot_be_used_a_verb_not_built_yet() {
    check(
        &[
            FALSE,
            "
            app /refer <Pay/>
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
            app      ── 200  Pay ──▶
            app      ·  alert 13750 warning
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
fn p3_true_cannot_be_used_a_noun_not_built_yet() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><WhatsApp>+1</WhatsApp></Dial>
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
            app      ·  alert 13750 warning
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
fn p7_false_cannot_be_used_a_noun_not_built_yet() {
    check(
        &[
            FALSE,
            "
            app /refer <Dial><WhatsApp>+1</WhatsApp></Dial>
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
            app      ·  alert 13750 warning
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
fn p4_true_declined_by_reject() {
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
fn p4_true_declined_by_no_verb() {
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
fn p4_true_declined_by_nothing_at_all() {
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
