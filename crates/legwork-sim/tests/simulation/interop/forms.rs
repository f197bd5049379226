//! Forms of Refer-To, progress and media as peers send them, by their numbers.
//!
//! Source: refer-interop.md.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn q8_bare_with_a_parameter_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b;user=phone
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b;user=phone ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b;user=phone
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
fn q9_display_name_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            r#"
            agent-a refers to "Agent B" <sip:agent-b>
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER "Agent B" <sip:agent-b> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget="Agent B" <sip:agent-b>
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
fn q10_no_user_vendor_parameters_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b:5060;transport=udp;x-m=8:orgid:abc>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b:5060;transport=udp;x-m=8:orgid:abc> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b:5060;transport=udp;x-m=8:orgid:abc>
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
fn q12_require_replaces_among_the_headers_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>
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
        "#]],
    );
}

#[test]
fn q28_tel_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <tel:+8130000000>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <tel:+8130000000> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<tel:+8130000000>
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
fn q32_quoted_reason_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            r#"
            agent-a refers to <sip:agent-b>;reason="send_to_vm"
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b>;reason="send_to_vm" ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b>;reason="send_to_vm"
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
fn q43_phone_context_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:7042;phone-context=bank@agent-b;user=phone>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:7042;phone-context=bank@agent-b;user=phone> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:7042;phone-context=bank@agent-b;user=phone>
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
fn q35_headers_with_plus_is_verbatim() {
    check(
        &[TRUE, TO_B, "
            agent-a refers to <sip:agent-b?X-Genesys-ExternalCallID=1+2%20a&User-to-User=a%3Bencoding%3Dhex>
            agent-b answers
            wait 1s
            "],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?X-Genesys-ExternalCallID=1+2%20a&User-to-User=a%3Bencoding%3Dhex> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?X-Genesys-ExternalCallID=1+2%20a&User-to-User=a%3Bencoding%3Dhex>
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
fn sips_is_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sips:agent-b
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sips:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sips:agent-b
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
fn q18_no_referred_by_is_normal() {
    check(
        &[
            TRUE,
            TO_B,
            "
            usera refers to sip:agent-b
            agent-b answers
            wait 1s
            ",
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
        "#]],
    );
}

#[test]
fn progress_is_told_once_however_many_ring() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings, agent-c rings 1s
            agent-c answers
            wait 3s
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
            agent-c ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 180 Ringing ──▶
            … 1 s
            agent-c  ── 200 OK ──▶
            agent-b ◀── CANCEL
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b  ── 487 Request Terminated ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn progress_183_is_told_as_183() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-b does not ring
            agent-a refers to sip:agent-b
            agent-b plays early media
            wait 1s
            listen
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
            agent-b  ── 183 Session Progress ──▶
            agent-a ◀── NOTIFY  183 Session Progress, active
            … 1.4 s
            usera hears agent-b, agent-a hears silence, agent-b hears nothing
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
fn codecs_of_target_and_transferee_differ() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-b speaks PCMA
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
fn the_target_answers_with_a_hold() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b answers
            agent-b holds
            wait 3s
            listen
            agent-b unholds
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
            agent-b  ── re-INVITE sendonly ──▶
            agent-b ◀── 200 OK
            … 3.4 s
            usera hears agent-b, agent-b hears nothing
            agent-b  ── re-INVITE ──▶
            agent-b ◀── 200 OK
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q31_notify_after_our_bye_is_over() {
    check(
        &[
            FALSE,
            TO_B,
            "
            network delays 50ms to agent-a
            agent-a refers to sip:agent-b
            agent-a hangs up
            agent-b answers
            wait 40s
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 40.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_first_notify_is_lost() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network drops 2 NOTIFY to agent-a
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
            wait 5s
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
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 4.9 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_202_is_lost() {
    check(
        &[
            TRUE,
            TO_B,
            "
            network drops 1 202 to agent-a
            agent-a refers to sip:agent-b
            agent-b rings 1s, answers
            wait 5s
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
            … 1 s
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
fn our_bye_is_lost() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            network drops 2 BYE to agent-a
            agent-b answers
            wait 5s
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
            … 5.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
