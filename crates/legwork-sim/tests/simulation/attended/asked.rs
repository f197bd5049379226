//! What the application says to an attended transfer, and which dialogs may be named.
//!
//! Source: inbound-refer.md, section 4, "Attended transfer".

use expect_test::expect;

use super::{AGENT_A_CONSULTS, FALSE, TRUE};
use crate::{TO_B, check};

#[test]
fn somebody_else_is_dialled_and_the_consultation_stays() {
    check(
        &[
            TRUE,
            "app /refer <Dial><Sip>sip:agent-c</Sip></Dial>",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
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
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-c, agent-a hears agent-b, agent-b hears agent-a, agent-c hears usera
        "#]],
    );
}

#[test]
fn two_are_dialled_and_the_consultation_stays() {
    check(
        &[
            TRUE,
            "app /refer <Dial><Sip>sip:agent-c</Sip><Sip>sip:agent-b@bank.example.com</Sip></Dial>",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
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
            app      ── 200  Dial ──▶
            app      ·  alert 32009 error
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-c, agent-a hears agent-b, agent-b hears agent-a, agent-c hears usera
        "#]],
    );
}

#[test]
fn announced_before() {
    check(
        &[
            TRUE,
            "app /refer <Say>One moment</Say><Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
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
            app      ── 200  Say, Dial ──▶
            usera    ♪  audio of ours
            agent-a/2  ·  its far party is taken over
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            … 2.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn by_the_address_the_application_had_dialled() {
    check(
        &[
            FALSE,
            "app /refer <Dial><Sip>sip:agent-b</Sip></Dial>",
            AGENT_A_CONSULTS,
            "
            agent-a refers to <sip:whoever@10.9.9.9?Replaces={replaces}>
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:whoever@10.9.9.9?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:whoever@10.9.9.9?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2  ·  its far party is taken over
            agent-a/2 ◀── BYE
            usera ⇄ agent-b
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn by_the_identity_of_a_client() {
    check(
        &[
            FALSE,
            "app /refer <Dial><Client>agent-b</Client></Dial>",
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2  ·  its far party is taken over
            agent-a/2 ◀── BYE
            usera ⇄ agent-b
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// What phones write: both cases of escapes, tags in both orders, other headers, a parameter.
#[test]
fn in_every_form() {
    for form in [
        "<{address}?Replaces={call-id}%3bfrom-tag%3d{from-tag}%3bto-tag%3d{to-tag}>",
        "<{address}?Require=replaces&replaces={call-id}%3Bto-tag%3D{from-tag}%3Bfrom-tag%3D{to-tag}>",
        "<{address}?Lts-txfr=Yes&REPLACES={call-id};to-tag={to-tag};from-tag={from-tag}>",
        "<{address};Replaces={call-id}%3Bto-tag%3D{to-tag}%3Bfrom-tag%3D{from-tag}>",
        "{address}?Replaces={replaces}",
        "\"B, Agent\" <{address}?Replaces={replaces}%3Bearly-only>",
        "<sip:10.0.0.1?Replaces={replaces}>",
    ] {
        let ladder = legwork_sim::script::run(&format!(
            "{FALSE}
            app /refer <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            {AGENT_A_CONSULTS}
            agent-a refers to {form}
            listen"
        ));
        assert!(ladder.ends_with("usera hears agent-b, agent-b hears usera\n"), "{form}: {ladder}");
        assert!(!ladder.contains("INVITE"), "{form}: {ladder}");
    }
}

#[test]
fn of_a_consultation_without_a_far_party() {
    check(
        &[
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Say loop="99">Nobody is here</Say>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            "#,
            "
            agent-a holds, calls
            ---
            agent-a refers to <sip:agent-b?Replaces={replaces}>
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?Replaces=…>  ReferReplacesCallSid=agent-a's
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
            usera hears agent-b, agent-a hears speech, agent-b hears usera
        "#]],
    );
}

#[test]
fn of_a_dialog_that_is_gone() {
    check(
        &[
            TRUE,
            TO_B,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <sip:agent-b@bank.example.com?Replaces={call-id}%3Bto-tag%3D{to-tag}%3Bfrom-tag%3Dother>
            agent-b answers
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app      ·  alert 91306 error
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>
            app      ── 200  Dial ──▶
            agent-b/2 ◀── INVITE
            agent-b/2  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b/2  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn of_the_very_call_it_is_sent_in() {
    check(
        &[
            TRUE,
            TO_B,
            "
            ---
            agent-a refers to <sip:agent-b?Replaces={agent-a}>
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app      ·  alert 91306 error
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?Replaces=…>
            app      ── 200  Dial ──▶
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

/// AgentC has overheard the names of AgentA's dialog, but it is not hers.
#[test]
fn of_somebody_elses_call() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-c</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            agent-b calls, agent-c answers
            ---
            agent-c refers to <sip:agent-a?Replaces={agent-a}>
            listen
            "#],
        expect![[r#"
            agent-c  ── REFER <sip:agent-a?Replaces=…> ──▶
            agent-c ◀── 202 Accepted
            agent-c ◀── NOTIFY  100 Trying, active
            agent-c  ·  parked
            agent-c  ♪  silence
            agent-b  ♪  hold music
            app      ·  alert 91306 error
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-a?Replaces=…>
            app      ── 200  Dial ──▶
            agent-c ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── INVITE
            agent-c ◀── BYE
            agent-a/2  ── 180 Ringing ──▶
            agent-b  ♪  ringback
            usera hears agent-a, agent-a hears usera, agent-b hears ringback
        "#]],
    );
}

#[test]
fn both_legs_were_dialled_by_us() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" action="/over"><Sip>sip:agent-a</Sip></Dial>
            app /over <Say loop="50">bye</Say>
            app /refer <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            usera calls, agent-a answers
            agent-a holds
            agent-b calls, agent-a answers
            ---
            listen
            agent-a refers attended
            listen
            agent-b hangs up
            "#],
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
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_called_phone_that_still_rings_is_nobody_consulted() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" action="/over"><Sip>sip:agent-a</Sip></Dial>
            app /over <Say loop="50">bye</Say>
            app /refer <Dial><Sip>sip:agent-c</Sip></Dial>
            usera calls, agent-a answers
            agent-b calls, agent-a rings
            ---
            agent-a refers to <sip:agent-c?Replaces={replaces}>
            agent-c answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:agent-c?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-c?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            app      ·  alert 91306 error
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
fn and_again() {
    check(
        &[
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial action="/consulted"><Sip>sip:agent-b</Sip></Dial>
            app /voice <Dial action="/consulted"><Sip>sip:agent-c</Sip></Dial>
            app /refer <Dial referUrl="/again"><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            app /again <Dial><Sip>sip:agent-c@bank.example.com</Sip></Dial>
            usera calls, agent-a answers
            "#,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
            agent-b calls sip:agent-c@bank.example.com, agent-c answers
            agent-b refers attended
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            agent-b/2  ── INVITE ──▶
            agent-b/2 ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b/2 ◀── 200 OK
            agent-b/2  ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            agent-b/2 ⇄ agent-c
            agent-b  ── REFER <sip:agent-c@bank.example.com?Replaces=…> ──▶
            agent-b ◀── 202 Accepted
            agent-b ◀── NOTIFY  100 Trying, active
            agent-b  ·  parked
            agent-b  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /again  ReferTransferTarget=<sip:agent-c@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-b's
            app      ── 200  Dial ──▶
            agent-b ◀── NOTIFY  200 OK, terminated
            agent-b/2  ·  its far party is taken over
            agent-b/2 ◀── BYE
            usera ⇄ agent-c
            agent-b ◀── BYE
            usera hears agent-c, agent-c hears usera
            usera    ── BYE ──▶
            agent-c ◀── BYE
        "#]],
    );
}
