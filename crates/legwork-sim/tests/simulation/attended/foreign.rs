//! The consultation was no call of ours: AgentA has called AgentB directly.
//!
//! Source: inbound-refer.md, section 4; RFC 5589 §7; RFC 3891.

use expect_test::expect;

use super::{FALSE, TRUE};
use crate::check;

const DIRECTLY: &str = "
    agent-a holds, calls sip:agent-b@10.0.0.4, agent-b answers
    ---
";

const TO_THERE: &str = "
    app /refer <Dial><Sip>sip:agent-b@10.0.0.4</Sip></Dial>
";

#[test]
fn true_the_invite_names_the_dialog() {
    check(
        &[
            TRUE,
            TO_THERE,
            DIRECTLY,
            "
            listen
            agent-a refers attended
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            usera hears nothing, agent-a hears agent-b, agent-b hears agent-a
            agent-a  ── REFER <sip:agent-b@10.0.0.4?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@10.0.0.4?Replaces=…>
            app      ── 200  Dial ──▶
            agent-b/2 ◀── INVITE with Replaces
            agent-b/2  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_the_invite_names_the_dialog() {
    check(
        &[
            FALSE,
            TO_THERE,
            DIRECTLY,
            "
            agent-a refers attended
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@10.0.0.4?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@10.0.0.4?Replaces=…>
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b/2 ◀── INVITE with Replaces
            agent-a ◀── BYE
            agent-b/2  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_target_does_not_know_it() {
    check(
        &[
            TRUE,
            TO_THERE,
            DIRECTLY,
            "
            agent-a turns back
            agent-a refers to <sip:agent-b@10.0.0.4?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@10.0.0.4?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@10.0.0.4?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>
            app      ── 200  Dial ──▶
            agent-b/2 ◀── INVITE with Replaces
            agent-b  ── 481 Call/Transaction Does Not Exist ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  481 Call/Transaction Does Not Exist, terminated
            usera hears agent-a, agent-a hears nothing, agent-b hears nothing
        "#]],
    );
}

#[test]
fn somebody_else_is_called_as_ever() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-c</Sip></Dial>
            ",
            DIRECTLY,
            "
            agent-a refers attended
            agent-c answers
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@10.0.0.4?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@10.0.0.4?Replaces=…>
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
