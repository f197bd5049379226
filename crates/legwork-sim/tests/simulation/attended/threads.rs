//! Legs of calls that live on different media threads come together.

use expect_test::expect;

use super::{AGENT_A_CONSULTS, TO_CONSULTED, TRUE};
use crate::check;

const TWO: &str = "config media_threads 2";

/// UserA's call lives on one media thread, AgentA's second call on another; what UserA and AgentB then say
/// is heard all the same.
#[test]
fn who_is_joined_from_two_media_threads_is_heard() {
    check(
        &[
            TWO,
            TRUE,
            TO_CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers attended
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
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

/// AgentC takes AgentA's place in a call of another thread.
#[test]
fn who_takes_a_place_from_another_media_thread_is_heard() {
    check(
        &[
            TWO,
            TRUE,
            "
            ---
            agent-c replaces agent-a's call
            listen
            agent-c hangs up
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            agent-a ◀── BYE
            usera ⇄ agent-c
            usera hears agent-c, agent-c hears usera
            agent-c  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}
