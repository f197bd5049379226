//! The phone hangs up its consultation leg before the application has answered: the target rings on.
//!
//! Source: inbound-refer.md, section 4, "the transferor leaves at any time before the result"; refer-interop.md,
//! lines 1, 29 and 40.

use expect_test::expect;

use super::{FALSE, TRUE};
use crate::check;

const LATE: &str = "
    app /refer after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
";

/// AgentB rings; AgentA's second call was answered so that she hears it.
const RINGS: &str = "
    agent-a holds, calls sip:agent-b@bank.example.com, agent-b rings
    ---
";

#[test]
fn one_that_rings_rings_on() {
    check(
        &[
            FALSE,
            LATE,
            RINGS,
            "
            agent-a refers attended & hangs up
            agent-a hangs up
            wait 4s
            listen
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
            agent-a  ── BYE ──▶
            … 3 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  ringback
            agent-a  ── 481 No to NOTIFY ──▶
            … 1.4 s
            usera hears ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_that_rings_answers_before_the_application() {
    check(
        &[
            TRUE,
            LATE,
            RINGS,
            "
            agent-a refers attended & hangs up
            agent-b answers
            listen
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
            agent-b  ── 200 OK ──▶
            agent-b  ♪  hold music
            usera hears hold music, agent-a hears nothing, agent-b hears hold music
            … 2.6 s
            app      ── 200  Dial ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 1.8 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_that_rings_is_busy_before_the_application_answers() {
    check(
        &[
            TRUE,
            LATE,
            RINGS,
            "
            agent-a refers attended & hangs up
            agent-b refuses 486
            wait 4s
            agent-b refuses 486
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
            agent-b  ── 486 Busy Here ──▶
            … 3 s
            app      ── 200  Dial ──▶
            app      ·  alert 91306 error
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
        "#]],
    );
}

#[test]
fn one_that_rings_is_not_wanted() {
    check(
        &[
            TRUE,
            "
            app /refer after 3s <Dial><Sip>sip:agent-c</Sip></Dial>
            ",
            RINGS,
            "
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
            … 3 s
            app      ── 200  Dial ──▶
            agent-b ◀── CANCEL
            agent-c ◀── INVITE
            agent-b  ── 487 Request Terminated ──▶
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 1 s
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

/// A call of her own that is not answered yet: she cancels it.
#[test]
fn an_early_dialog_of_her_own() {
    check(
        &[
            r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            "#,
            LATE,
            RINGS,
            "
            agent-a refers attended & hangs up
            wait 4s
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
            agent-a/2  ── CANCEL ──▶
            agent-a/2 ◀── 487 Request Terminated
            agent-b  ·  kept for the transfer
            … 3 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  ringback
            agent-a ◀── BYE
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn several_ring_and_two_answer_before_the_application() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Sip url="/screen">sip:agent-b</Sip><Sip url="/screen">sip:agent-c</Sip></Dial>
            app /screen <Say>Press nothing</Say>
            app /refer after 3s <Dial><Sip>sip:sales@bank.example.com</Sip></Dial>
            usera calls, agent-a answers
            agent-a holds, calls sip:sales@bank.example.com, agent-b rings, agent-c rings
            ---
            agent-a refers attended & hangs up
            agent-b answers, agent-c answers
            wait 9s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:sales@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:sales@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── BYE ──▶
            agent-b  ·  kept for the transfer
            agent-c  ·  kept for the transfer
            agent-b  ── 200 OK ──▶
            agent-b  ♪  hold music
            agent-c  ── 200 OK ──▶
            agent-c  ♪  hold music
            … 3 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /screen
            app     ◀── POST /screen
            usera    ♪  ringback
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            app      ── 200  Say ──▶
            agent-b  ♪  audio of ours
            agent-c  ♪  audio of ours
            agent-c ◀── BYE
            usera ⇄ agent-b
            … 5.6 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
