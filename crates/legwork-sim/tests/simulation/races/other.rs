//! REFER before the ACK, REST transfers, glare, a bad network.
//!
//! Source: reliability.md, section 3.0; inbound-refer.md, section 4.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn r7_refer_before_the_ack_of_the_callee() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            network drops 2 ACK to agent-a
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
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
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn r7_refer_before_the_ack_of_the_caller() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera acks after 3s
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 5s
            listen
            "#,
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            … 3 s
            usera   ◀── BYE
            … 2.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn r9_rest_transfers_like_a_refer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            rest transfers agent-a to sip:agent-b
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            rest     ── transfers agent-a to sip:agent-b ──▶
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn r9_rest_redirects_a_plain_bridge() {
    check(
        &[
            TRUE,
            "
            app /other <Dial><Sip>sip:agent-c</Sip></Dial>
            rest redirects usera to /other
            agent-c answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            rest     ── redirects usera to /other ──▶
            agent-a ◀── BYE
            app     ◀── POST /other
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
fn glare_of_reinvites_relayed() {
    check(
        &[
            TRUE,
            "
            agent-a holds & usera holds
            wait 6s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            … 6.4 s
            usera hears nothing, agent-a hears nothing
        "#]],
    );
}

#[test]
fn a_transfer_over_a_bad_network() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network loses 30%, doubles 20%, reorders 20%
            agent-a refers to sip:agent-b
            agent-b rings, answers
            wait 20s
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
            … 1.1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 19.3 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
