//! `<Sim>`: a SIM of the configuration, an unknown one, and no transfers.
//!
//! Source: twilio-voice.md 3.3; interface.md, `[[sim]]`; inbound-refer.md 2.

use expect_test::expect;

use crate::check;

#[test]
fn a_sim_is_called_where_the_configuration_says() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sim>HS00000000000000000000000000000001</Sim></Dial>
            app /after empty
            usera calls, agent-c answers
            listen
            agent-c hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera ⇄ imsi-001
            usera hears agent-c, agent-c hears usera
            agent-c  ── BYE ──▶
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn an_unknown_sim() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sim>HS00000000000000000000000000000009</Sim></Dial>
            app /after empty
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 13258 error
            app     ◀── POST /after  DialCallStatus=failed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn p10_a_sim_does_not_transfer_and_is_not_transferred() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sim>HS00000000000000000000000000000001</Sim></Dial>
            usera calls, agent-c answers
            ---
            agent-c refers to sip:agent-b
            usera refers to sip:agent-b
            listen
            "#],
        expect![[r#"
            agent-c  ── REFER sip:agent-b ──▶
            agent-c ◀── 603 Decline
            app      ·  alert 91301 error
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 91301 error
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}
