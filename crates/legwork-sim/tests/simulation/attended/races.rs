//! Somebody leaves, or something else happens, while an attended transfer is under way.
//!
//! Source: inbound-refer.md, section 4.

use expect_test::expect;

use super::{AGENT_A_CONSULTS, FALSE, TO_CONSULTED, TRUE};
use crate::check;

const LATE: &str = "
    app /refer after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
";

const RINGS: &str = "
    agent-a holds, calls sip:agent-b@bank.example.com, agent-b rings
    ---
";

#[test]
fn the_far_party_hangs_up_during_the_webhook() {
    check(
        &[
            TRUE,
            "
            app /consulted <Pause length=\"60\"/>
            ",
            LATE,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-b hangs up
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
            app      ── 200  Pause ──▶
            agent-a/2  ♪  silence
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
            usera hears agent-b, agent-a hears silence, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_transferor_hangs_up_both() {
    check(
        &[
            FALSE,
            TO_CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended & hangs up
            agent-a hangs up
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
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera ⇄ agent-b
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_consultation_leg_cancels_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            RINGS,
            "
            agent-a refers attended
            agent-a hangs up
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            agent-a/2  ── BYE ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn both_legs_of_the_transferor_hang_up_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            RINGS,
            "
            agent-a refers attended
            agent-a hangs up, hangs up
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            agent-a/2  ── BYE ──▶
            agent-a  ── BYE ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 481 No to NOTIFY ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn both_hang_up_and_the_target_refuses() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            RINGS,
            "
            agent-a refers attended
            agent-a hangs up, hangs up
            agent-b refuses 486
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            agent-a/2  ── BYE ──▶
            agent-a  ── BYE ──▶
            agent-b  ── 486 Busy Here ──▶
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera   ◀── BYE
            agent-a  ── 481 No to NOTIFY ──▶
            nobody talks
        "#]],
    );
}

#[test]
fn the_transferee_hangs_up_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            RINGS,
            "
            agent-a refers attended
            usera hangs up
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a/2  ♪  ringback
            agent-a ◀── BYE
            agent-b  ── 200 OK ──▶
            agent-a/2 ⇄ agent-b
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn the_transferee_hangs_up_during_the_webhook() {
    check(
        &[
            TRUE,
            LATE,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            usera hangs up
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
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a ◀── BYE
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn rest_redirects_the_transferee_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            "
            app /other <Say loop=\"50\">hello</Say>
            ",
            RINGS,
            "
            agent-a refers attended
            rest redirects usera to /other
            wait 1s
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            rest     ── redirects usera to /other ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2  ♪  ringback
            app     ◀── POST /other
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1.4 s
            usera hears speech, agent-a hears ringback
            agent-b  ── 200 OK ──▶
            agent-a/2 ⇄ agent-b
            usera hears speech, agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn rest_hangs_the_target_up_while_it_rings() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            "
            app /consulted <Hangup/>
            ",
            RINGS,
            "
            agent-a refers attended
            rest hangs up agent-b
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            rest     ── hangs up agent-b ──▶
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            app     ◀── POST /consulted  DialCallStatus=canceled  DialSipResponseCode=487
            agent-b  ── 487 Request Terminated ──▶
            app      ── 200  Hangup ──▶
            agent-a/2 ◀── BYE
            usera hears agent-a, agent-a hears nothing
        "#]],
    );
}

#[test]
fn rest_redirects_the_consultation_leg_while_the_target_rings() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            "
            app /other <Say loop=\"50\">hello</Say>
            ",
            RINGS,
            "
            agent-a refers attended
            rest redirects agent-a to /other
            wait 1s
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a/2  ♪  silence
            rest     ── redirects agent-a to /other ──▶
            app     ◀── POST /other
            app      ── 200  Say ──▶
            agent-a/2  ♪  audio of ours
            … 1.4 s
            usera hears ringback, agent-a hears speech
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-a hears speech, agent-b hears usera
        "#]],
    );
}

#[test]
fn referred_both_ways_at_once() {
    check(
        &[
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
            app /refer after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
            app /refer after 3s <Dial><Sip>sip:usera</Sip></Dial>
            usera calls, agent-a answers
            "#,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-a turns back, refers attended
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
            agent-a/2  ── REFER <sip:usera@bank.example.com?Replaces=…> ──▶
            agent-a/2 ◀── 202 Accepted
            agent-a/2 ◀── NOTIFY  100 Trying, active
            agent-a/2  ·  parked
            agent-a/2  ♪  silence
            agent-b  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:usera@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            … 3 s
            app      ── 200  Dial ──▶
            agent-a/2 ◀── NOTIFY  200 OK, terminated
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// Both had called AgentA, and her phone leaves as soon as it can.
#[test]
fn referred_both_ways_at_once_without_answer_on_bridge() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial referUrl="/refer" action="/never"><Sip>sip:agent-a</Sip></Dial>
            app /refer after 3s <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            app /refer after 3s <Dial><Sip>sip:usera@bank.example.com</Sip></Dial>
            usera calls, agent-a answers
            agent-a holds
            agent-b calls, agent-a answers
            ---
            agent-a refers attended
            agent-a turns back, refers attended
            wait 4s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            agent-a/2  ── REFER <sip:usera@bank.example.com?Replaces=…> ──▶
            agent-a/2 ◀── 202 Accepted
            agent-a/2 ◀── NOTIFY  100 Trying, active
            agent-a/2  ·  parked
            agent-a/2  ♪  silence
            agent-b  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:usera@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            … 3 s
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── NOTIFY  200 OK, terminated
            usera ⇄ agent-b
            agent-a ◀── BYE
            agent-a/2 ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// The far party moves to another phone while the application is asked: it is still meant.
#[test]
fn the_far_party_is_replaced_during_the_webhook() {
    check(
        &[
            TRUE,
            LATE,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-c replaces agent-b's call
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
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-b
            agent-b ◀── BYE
            agent-a/2 ⇄ agent-c
            … 3 s
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn the_two_speak_different_codecs() {
    check(
        &[
            "
            config codecs g722
            usera speaks G722
            agent-a speaks G722 and PCMU
            agent-b speaks PCMU
            ",
            TRUE,
            TO_CONSULTED,
            AGENT_A_CONSULTS,
            "
            usera speaks PCMU and G722
            listen
            agent-a refers attended
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            usera hears nothing, agent-a hears agent-b, agent-b hears agent-a
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
