//! Transfers with Replaces, as devices ask for them.
//!
//! Source: refer-interop.md; RFC 3891.

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn q12_snom_requires_replaces_among_the_headers() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>
            agent-b answers
            wait 1s
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn q14_replaces_stands_among_the_parameters() {
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
        "#]],
    );
}
