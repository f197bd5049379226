//! Transfers of one call in a row, and of every kind of call: each works, two legs remain after
//! each.
//!
//! Source: inbound-refer.md, section 2 and the last line of section 4.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn b_transfers_on_to_c() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial referUrl="/again" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
            app /again <Dial referUrl="/refer"><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            agent-b refers to sip:agent-c
            agent-c answers
            wait 3s
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
            … 3 s
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 202 Accepted
            agent-b ◀── NOTIFY  100 Trying, active
            agent-b  ·  parked
            agent-b  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /again  ReferTransferTarget=sip:agent-c
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-b ◀── NOTIFY  200 OK, terminated
            agent-b ◀── BYE
            … 3.4 s
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

const THREE_IN_A_ROW: &str = r#"
    app /refer <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
    app /refer <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-c</Sip></Dial>
    app /refer <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
    agent-a refers to sip:agent-b
    agent-b answers
    wait 3s
    agent-b refers to sip:agent-c
    agent-c answers
    wait 3s
    agent-c refers to sip:agent-a
    agent-a answers
    wait 3s
    listen
"#;

#[test]
fn three_in_a_row_and_back_to_a() {
    check(
        &[TRUE, THREE_IN_A_ROW],
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
            … 3 s
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 202 Accepted
            agent-b ◀── NOTIFY  100 Trying, active
            agent-b  ·  parked
            agent-b  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-c
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-b ◀── NOTIFY  200 OK, terminated
            agent-b ◀── BYE
            … 3 s
            agent-c  ── REFER sip:agent-a ──▶
            agent-c ◀── 202 Accepted
            agent-c ◀── NOTIFY  100 Trying, active
            agent-c  ·  parked
            agent-c  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-a
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-c ◀── NOTIFY  180 Ringing, active
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            agent-c ◀── NOTIFY  200 OK, terminated
            agent-c ◀── BYE
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn no_refer_url_on_the_newer_dial_603() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            agent-b refers to sip:agent-c
            wait 1s
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
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3 s
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 603 Decline
            app      ·  alert 13802 error
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn failed_then_tried_again_has_an_id() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
            listen
            agent-a refers to sip:agent-b
            agent-b answers
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
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
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_survivor_transfers_next() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial referUrl="/again" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
            app /again <Dial referUrl="/refer"><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            usera refers to sip:agent-c
            agent-c answers
            wait 3s
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
            … 3 s
            usera    ── REFER sip:agent-c ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-b  ♪  hold music
            app     ◀── POST /again  ReferTransferTarget=sip:agent-c
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-b  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            agent-b ⇄ agent-c
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            … 3.4 s
            agent-b hears agent-c, agent-c hears agent-b
        "#]],
    );
}

#[test]
fn parent_leaves_then_the_child_s_target_transfers() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial referUrl="/again" answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
            app /again <Dial referUrl="/refer"><Sip>sip:agent-c</Sip></Dial>
            usera refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            agent-b refers to sip:agent-c
            agent-c answers
            wait 3s
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
            usera   ◀── BYE
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 202 Accepted
            agent-b ◀── NOTIFY  100 Trying, active
            agent-b  ·  parked
            agent-b  ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /again  ReferTransferTarget=sip:agent-c
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            agent-b ◀── NOTIFY  180 Ringing, active
            agent-c  ── 200 OK ──▶
            agent-a ⇄ agent-c
            agent-b ◀── NOTIFY  200 OK, terminated
            agent-b ◀── BYE
            … 3.4 s
            agent-a hears agent-c, agent-c hears agent-a
        "#]],
    );
}

#[test]
fn the_newer_dial_false_the_older_true() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial referUrl="/again"><Sip>sip:agent-b</Sip></Dial>
            app /again 500
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            agent-b refers to sip:agent-c
            wait 3s
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
            … 3 s
            agent-b  ── REFER sip:agent-c ──▶
            agent-b ◀── 202 Accepted
            agent-b ◀── NOTIFY  100 Trying, active
            agent-b  ·  parked
            agent-b  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /again  ReferTransferTarget=sip:agent-c
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-b ◀── NOTIFY  503 Service Unavailable, terminated
            usera   ◀── BYE
            agent-b ◀── BYE
            … 3.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn p11_a_call_made_by_rest_is_transferred() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            rest calls usera with /voice
            usera answers, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
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
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn p11_the_caller_of_a_call_made_by_rest_transfers() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            rest calls usera with /voice
            usera answers, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 3s
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
            usera   ◀── BYE
            … 3.4 s
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn a_call_through_a_trunk_is_transferred() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            carrier  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            carrier  ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            carrier ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            agent-b hears carrier, carrier hears agent-b
        "#]],
    );
}

#[test]
fn a_number_behind_a_trunk_is_the_transferee() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            "#,
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            +8130000000  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            +8130000000  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            +8130000000 ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            … 3.4 s
            agent-b hears carrier, carrier hears agent-b
        "#]],
    );
}

#[test]
fn a_registered_client_transfers() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Client>agent-a</Client></Dial>
            agent-a registers
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            agent-a unregisters
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
            … 3.4 s
            usera hears agent-b, agent-b hears usera
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}
