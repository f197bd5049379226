//! The far party has answered: it is joined with the transferee at once, whichever leg refers.

use expect_test::expect;

use super::{AGENT_A_CONSULTS, FALSE, TO_CONSULTED, TRUE, USERA_CONSULTS};
use crate::check;

#[test]
fn child_true_the_consulted_one_is_joined() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            AGENT_A_CONSULTS,
            "
            listen
            agent-a refers attended
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
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn child_false_the_consulted_one_is_joined() {
    check(
        &[
            FALSE,
            TO_CONSULTED,
            AGENT_A_CONSULTS,
            "
            listen
            agent-a refers attended
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
fn parent_true_the_consulted_one_is_joined() {
    check(
        &[
            TRUE,
            TO_CONSULTED,
            USERA_CONSULTS,
            "
            listen
            usera refers attended
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-b, agent-a hears nothing, agent-b hears usera
            usera    ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=usera's
            app      ── 200  Dial ──▶
            usera/2  ·  its far party is taken over
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera/2 ◀── BYE
            usera   ◀── BYE
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn parent_false_the_consulted_one_is_joined() {
    check(
        &[
            FALSE,
            TO_CONSULTED,
            USERA_CONSULTS,
            "
            listen
            usera refers attended
            listen
            ",
        ],
        expect![[r#"
            usera hears agent-b, agent-a hears nothing, agent-b hears usera
            usera    ── REFER <sip:agent-b@bank.example.com?Replaces=…> ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=usera's
            app      ── 200  Dial ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            usera/2  ·  its far party is taken over
            usera/2 ◀── BYE
            agent-a ⇄ agent-b
            usera   ◀── BYE
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}
