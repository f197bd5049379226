//! Transfers with Replaces, as devices ask for them.
//!
//! Not here: what becomes of them (`attended`).
//! Source: refer-interop.md; inbound-refer.md section 4, "Attended transfer"; RFC 3891.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

/// UserA and AgentA talk; whoever calls then is connected with AgentB, and so is the transferee.
const CONSULTED: &str = r#"
    app /refer <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    app /voice <Dial><Sip>sip:agent-b</Sip></Dial>
    usera calls, agent-a answers
"#;

/// AgentA takes UserA aside and talks with AgentB. The ladder begins then.
const AGENT_A_CONSULTS: &str = "
    agent-a holds, calls sip:agent-b@bank.example.com, agent-b answers
    ---
";

/// The same, but AgentA's second call is not answered before AgentB answers: it rings.
const PROCEEDING: &str = r#"
    app /refer <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    app /voice <Dial answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
    usera calls, agent-a answers
    agent-a holds, calls sip:agent-b@bank.example.com, agent-b rings
    ---
"#;

#[test]
fn q09_sipjs_names_the_one_it_consulted() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            r#"
            agent-a refers to "Agent B" <{address}?Replaces={replaces}>
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER "Agent B" <sip:agent-b@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget="Agent B" <sip:agent-b@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
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
fn q12_snom_requires_replaces_among_the_headers() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <{address}?Replaces={replaces}&Require=replaces>
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Replaces=…&Require=replaces> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Replaces=…&Require=replaces>  ReferReplacesCallSid=agent-a's
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
fn q12_lync_adds_headers_of_its_own() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <{address}?Lts-txfr=Yes&Referred-By=%3Csip%3Aa%40b%3E&Replaces={replaces}>
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com?Lts-txfr=Yes&Referred-By=%3Csip%3Aa%40b%3E&Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com?Lts-txfr=Yes&Referred-By=%3Csip%3Aa%40b%3E&Replaces=…>  ReferReplacesCallSid=agent-a's
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
fn q13_sipjs_leaves_a_plus_in_its_tag() {
    check(
        &[
            CONSULTED,
            "
            agent-a has plus tags
            agent-a holds, calls sip:agent-b@bank.example.com, agent-b answers
            ---
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
fn q14_replaces_stands_among_the_parameters() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <{address};Replaces={replaces}>
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b@bank.example.com;Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b@bank.example.com;Replaces=…>  ReferReplacesCallSid=agent-a's
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
fn q15_sems_writes_the_other_tag_first() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <{address}?Replaces={call-id}%3bfrom-tag%3d{from-tag}%3bto-tag%3d{to-tag}>
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
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q15_baresip_sees_the_tags_from_the_other_side() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <{address}?Replaces={call-id}%3Bto-tag%3D{from-tag}%3Bfrom-tag%3D{to-tag}>
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
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q15_early_only_and_the_call_is_answered() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a refers to <{address}?Replaces={replaces}%3Bearly-only>
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
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q29_snom_transfers_while_the_target_rings() {
    check(
        &[
            PROCEEDING,
            "
            agent-a refers attended
            wait 1s
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── 487 Request Terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q34_cucm_joins_its_own_calls_and_hangs_up_both() {
    check(
        &[
            CONSULTED,
            AGENT_A_CONSULTS,
            "
            agent-a hangs up after the result
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
            agent-a/2  ·  its far party is taken over
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            agent-a  ── BYE ──▶
            agent-a  ── 481 Call/Transaction Does Not Exist to BYE ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q39_grandstream_names_an_address_nobody_dialled() {
    check(
        &[r#"
            app /refer <Dial><Sip>sip:1004@pbx.example.net</Sip></Dial>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            agent-a holds, calls sip:agent-b@bank.example.com, agent-b answers
            ---
            agent-a refers to <sip:1004@pbx.example.net?Replaces={replaces}>
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:1004@pbx.example.net?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:1004@pbx.example.net?Replaces=…>  ReferReplacesCallSid=agent-a's
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
fn q40_polycom_transfers_on_proceeding_and_the_target_is_busy() {
    check(
        &[
            PROCEEDING,
            "
            agent-a refers attended
            wait 1s
            agent-b refuses 486
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
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a/2 ◀── 603 Decline
            … 1.4 s
            usera hears agent-a, agent-a hears nothing
        "#]],
    );
}

#[test]
fn q40_yealink_transfers_while_it_rings_and_leaves() {
    check(
        &[
            PROCEEDING,
            "
            agent-a hangs up after 202
            agent-a refers attended
            wait 1s
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
            agent-a  ── BYE ──▶
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera    ♪  ringback
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── 487 Request Terminated
            agent-a  ── 481 No to NOTIFY ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q41_audiocodes_cancels_and_refers_without_replaces() {
    check(
        &[r#"
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            agent-a holds, calls sip:agent-b@bank.example.com, agent-b rings
            ---
            agent-a cancels
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            listen
            "#],
        expect![[r#"
            agent-a/2  ── CANCEL ──▶
            agent-a/2 ◀── 487 Request Terminated
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
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
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q12_snom_names_a_call_of_another_server() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE with Replaces
            agent-b  ── 481 Call/Transaction Does Not Exist ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  481 Call/Transaction Does Not Exist, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn q14_a_parameter_names_a_call_of_another_server() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b;replaces=1%3bto-tag%3d2%3bfrom-tag%3d3>
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b;replaces=1%3bto-tag%3d2%3bfrom-tag%3d3> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b;replaces=1%3bto-tag%3d2%3bfrom-tag%3d3>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE with Replaces
            agent-b  ── 481 Call/Transaction Does Not Exist ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  481 Call/Transaction Does Not Exist, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
