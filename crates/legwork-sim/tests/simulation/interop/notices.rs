//! What becomes of the notices: SUBSCRIBE, NOTIFYs refused, forms of REFER that few send.
//!
//! Source: inbound-refer.md, sections 4 and 5; refer-interop.md; RFC 3515 §2.4.4, RFC 6665 §4.2.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn true_refreshed_then_ended_by_the_subscriber() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b rings
            agent-a subscribes 600s
            agent-a subscribes 0s
            agent-b answers
            listen",
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
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  180 Ringing, terminated
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_ended_by_the_subscriber_and_the_target_fails() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-a subscribes 0s
            agent-b refuses 486
            listen",
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
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  180 Ringing, terminated
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_ended_by_the_subscriber() {
    check(
        &[
            "app /refer after 1s <Dial><Sip>sip:agent-b</Sip></Dial>",
            FALSE,
            "agent-a refers to sip:agent-b
            agent-a subscribes 0s
            agent-b answers
            listen",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  100 Trying, terminated
            … 1 s
            app      ── 200  Dial ──▶
            agent-a ◀── BYE
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn nothing_to_subscribe_to_without_a_refer_481() {
    check(
        &[TRUE, "agent-a subscribes 600s"],
        expect![[r#"
        agent-a  ── SUBSCRIBE ──▶
        agent-a ◀── 481 Call/Transaction Does Not Exist to SUBSCRIBE
    "#]],
    );
}

#[test]
fn credentials_are_asked_for_that_we_do_not_have() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a answers NOTIFY with 401, answers BYE with 407
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a  ── 401 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── 401 No to NOTIFY ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 401 No to NOTIFY ──▶
            agent-a ◀── BYE
            agent-a  ── 407 No to BYE ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q44_notify_answered_403() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a answers NOTIFY with 403
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
            listen",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a  ── 403 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_unhold_crosses_our_bye_481() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a holds
            agent-a refers to sip:agent-b
            network delays 100ms to agent-a
            agent-b answers &
            wait 150ms
            agent-a unholds
            wait 2s
            listen",
        ],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
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
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 481 Call/Transaction Does Not Exist
            … 2.6 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q17_compact_forms() {
    check(
        &[
            TO_B,
            TRUE,
            "show ReferredBy
            agent-a refers to nobody with r: <sip:agent-b>; b: <sip:agent-a@bank.example.com>",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b>  ReferredBy=<sip:agent-a@bank.example.com>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
        "#]],
    );
}

#[test]
fn q11_host_only() {
    check(
        &[TO_B, TRUE, "agent-a refers to <sip:2002>"],
        expect![[r#"
        agent-a  ── REFER <sip:2002> ──▶
        agent-a ◀── 202 Accepted
        agent-a ◀── NOTIFY  100 Trying, active
        agent-a  ·  parked
        agent-a  ♪  silence
        usera    ♪  hold music
        app     ◀── POST /refer  ReferTransferTarget=<sip:2002>
        app      ── 200  Dial ──▶
        agent-b ◀── INVITE
        agent-b  ── 180 Ringing ──▶
        usera    ♪  ringback
        agent-a ◀── NOTIFY  180 Ringing, active
    "#]],
    );
}

#[test]
fn q14_replaces_as_a_parameter() {
    check(
        &[TO_B, TRUE, "agent-a refers to <sip:agent-b;replaces=1%3bto-tag%3d2%3bfrom-tag%3d3>"],
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
        "#]],
    );
}

#[test]
fn the_transferee_is_named_to_the_target_of_the_calling_phone() {
    check(
        &[
            "show From, To, Direction",
            TO_B,
            TRUE,
            "usera refers to sip:agent-b
            agent-b answers
            listen",
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  Direction=outbound-dial  From=sip:usera@bank.example.com  To=sip:agent-a  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}
