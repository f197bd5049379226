//! The phone hangs up its consultation leg before the application has answered: the far party waits.
//!
//! Not here: one that rings (`kept_ringing`).
//! Source: inbound-refer.md, section 4, "the transferor leaves at any time before the result"; refer-interop.md,
//! line 1.

use expect_test::expect;

use super::{AGENT_A_CONSULTS, FALSE, TRUE};
use crate::check;

const LATE: &str = "
    app /refer after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
";

/// UserA talks with AgentA, and so does AgentB, who has called: both have dialled AgentA.
const BOTH_CALLED: &str = r#"
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    app /voice <Dial referUrl="/refer" action="/consulted"><Sip>sip:agent-a</Sip></Dial>
    app /consulted <Say loop="50">bye</Say>
    usera calls, agent-a answers
    agent-a holds
    agent-b calls, agent-a answers
    ---
"#;

#[test]
fn yealink_hangs_up_both_right_after_the_202() {
    check(
        &[
            FALSE,
            LATE,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended & hangs up
            agent-a hangs up
            wait 1s
            listen
            wait 2s
            listen
            agent-b hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            agent-a  ── BYE ──▶
            … 1.4 s
            usera hears hold music, agent-b hears hold music
            … 1.6 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera ⇄ agent-b
            agent-a  ── 481 No to NOTIFY ──▶
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn true_both_are_hung_up() {
    check(
        &[
            TRUE,
            LATE,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended & hangs up
            agent-a hangs up
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            agent-a  ── BYE ──▶
            … 3 s
            app      ── 200  Dial ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 481 No to NOTIFY ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_that_had_called() {
    check(
        &[
            BOTH_CALLED,
            "
            app /refer after 3s <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            agent-a refers attended & hangs up
            agent-a hangs up
            wait 1s
            listen
            wait 3s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            agent-a  ── BYE ──▶
            … 1.4 s
            usera hears hold music, agent-b hears hold music
            … 1.6 s
            app      ── 200  Dial ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 481 No to NOTIFY ──▶
            … 1.8 s
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn one_that_had_called_and_is_not_wanted() {
    check(
        &[
            BOTH_CALLED,
            "
            show DialCallDuration
            app /refer after 3s <Dial><Sip>sip:agent-c</Sip></Dial>
            agent-a refers attended & hangs up
            wait 4s
            agent-c answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            … 3 s
            app      ── 200  Dial ──▶
            app     ◀── POST /consulted  DialCallStatus=completed  DialCallDuration=0  DialSipResponseCode=200
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            app      ── 200  Say ──▶
            agent-b  ♪  audio of ours
            … 1 s
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-c, agent-b hears speech, agent-c hears usera
        "#]],
    );
}

#[test]
fn somebody_else_is_dialled() {
    check(
        &[
            TRUE,
            "
            app /refer after 3s <Dial><Sip>sip:agent-c</Sip></Dial>
            ",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-a hangs up
            wait 3s
            agent-c answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            … 3 s
            app      ── 200  Dial ──▶
            agent-b ◀── BYE
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn true_the_application_fails() {
    check(
        &[
            TRUE,
            "
            app /refer 500
            ",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended & hangs up
            wait 1s
            agent-a unholds
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-b ◀── BYE
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            … 1 s
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_the_application_hangs_up() {
    check(
        &[
            FALSE,
            "
            app /refer after 3s <Hangup/>
            ",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended & hangs up
            wait 4s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            … 3 s
            app      ── 200  Hangup ──▶
            agent-a ◀── NOTIFY  603 Decline, terminated
            agent-b ◀── BYE
            usera   ◀── BYE
            agent-a ◀── BYE
            … 1.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn it_hangs_up_itself() {
    check(
        &[
            TRUE,
            LATE,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-a hangs up
            wait 1s
            agent-b hangs up
            wait 2s
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            … 1 s
            agent-b  ── BYE ──▶
            … 2 s
            app      ── 200  Dial ──▶
            app      ·  alert 91306 error
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
fn the_transferee_hangs_up() {
    check(
        &[
            BOTH_CALLED,
            "
            app /refer after 3s <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            agent-a refers attended & hangs up
            wait 1s
            usera hangs up
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            app     ◀── POST /consulted  DialCallStatus=completed  DialSipResponseCode=200
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            agent-b  ♪  audio of ours
            … 1.4 s
            agent-b hears speech
        "#]],
    );
}

#[test]
fn rest_redirects_it() {
    check(
        &[
            TRUE,
            LATE,
            "
            app /other <Say loop=\"50\">hello</Say>
            ",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-a hangs up
            rest redirects agent-b to /other
            wait 3s
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            rest     ── redirects agent-b to /other ──▶
            app     ◀── POST /other
            app      ── 200  Say ──▶
            agent-b  ♪  audio of ours
            … 3 s
            app      ── 200  Dial ──▶
            app      ·  alert 91306 error
            agent-b/2 ◀── INVITE
            agent-b/2  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b/2  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn it_refers_meanwhile() {
    check(
        &[
            BOTH_CALLED,
            "
            app /refer after 3s <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            agent-a refers attended & hangs up
            wait 1s
            agent-b refers to sip:agent-c
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            … 1 s
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 491 Request Pending
            … 2 s
            app      ── 200  Dial ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_application_does_not_answer_for_ever() {
    check(
        &[
            TRUE,
            "
            config transfer_pending 20s
            app /refer <Say loop=\"0\">One moment</Say><Dial><Sip>sip:agent-b</Sip></Dial>
            ",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended & hangs up
            agent-a hangs up
            wait 10s
            listen
            wait 11s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-b  ♪  hold music
            app      ── 200  Say, Dial ──▶
            usera    ♪  audio of ours
            agent-a  ── BYE ──▶
            … 10.4 s
            usera hears speech, agent-b hears hold music
            … 9.6 s
            app      ·  alert 91308 error
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            agent-b ◀── BYE
            usera   ◀── BYE
            agent-a  ── 481 No to NOTIFY ──▶
        "#]],
    );
}

/// AgentB, whom the REFER was about, has left; the consultation leg talks with AgentC now.
#[test]
fn one_who_came_after_is_not_meant() {
    check(
        &[
            TRUE,
            LATE,
            "
            app /consulted <Dial><Sip>sip:agent-c</Sip></Dial>
            ",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-b hangs up
            agent-c answers
            wait 3s
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-b  ── BYE ──▶
            app     ◀── POST /consulted  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Dial ──▶
            agent-a/2  ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            agent-a/2 ⇄ agent-c
            … 3 s
            app      ── 200  Dial ──▶
            app      ·  alert 91306 error
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-a hears agent-c, agent-b hears usera, agent-c hears agent-a
        "#]],
    );
}
