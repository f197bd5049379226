//! Refer-To, Referred-By and what stands beside them, as devices write them.
//!
//! Source: refer-interop.md; RFC 3515 §2.1, RFC 3261 §20.

use expect_test::expect;
use legwork_sim::script::play;
use legwork_sim::wire::Wire;

use crate::{TO_B, TRUE, check};

#[test]
fn q08_baresip_refers_without_brackets() {
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
fn q09_sipjs_names_the_target() {
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
fn q10_teams_refers_to_no_user() {
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
fn q11_sipdroid_refers_to_a_host() {
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
fn q17_asterisk_refers_in_compact_form() {
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
fn q18_jssip_names_no_referrer() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show ReferredBy
            show lines Referred-By
            usera names no referrer
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
fn q28_pbx_refers_to_a_tel_uri() {
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
fn q32_digium_sends_to_voice_mail() {
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
fn q35_genesys_puts_headers_in_the_uri() {
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
fn q43_polycom_refers_with_a_phone_context() {
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
fn q10_teams_names_the_referrer_with_parameters() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show ReferredBy
            show lines Referred-By
            agent-a refers to <sip:sip.pstnhub.microsoft.com:5061;transport=tls;x-m=8:orgid:7f3a> with Referred-By: <sip:sip.pstnhub.microsoft.com:5061;transport=tls;x-t=QWJj;x-ti=MTIz;x-tt=aHR0cHM6Ly9hcGk=>
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:sip.pstnhub.microsoft.com:5061;transport=tls;x-m=8:orgid:7f3a> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:sip.pstnhub.microsoft.com:5061;transport=tls;x-m=8:orgid:7f3a>  ReferredBy=<sip:sip.pstnhub.microsoft.com:5061;transport=tls;x-t=QWJj;x-ti=MTIz;x-tt=aHR0cHM6Ly9hcGk=>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            Referred-By: <sip:sip.pstnhub.microsoft.com:5061;transport=tls;x-t=QWJj;x-ti=MTIz;x-tt=aHR0cHM6Ly9hcGk=>
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
fn q11_sipdroid_sends_a_host_and_the_application_dials_a_phone() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:2002>
            agent-b answers
            wait 1s
            listen
            ",
        ],
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
fn q32_digium_sends_to_voice_mail_unquoted() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b>;reason=send_to_vm
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b>;reason=send_to_vm ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b>;reason=send_to_vm
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
        "#]],
    );
}

#[test]
fn q33_linphone_refers_outside_any_dialog() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers anew to sip:agent-b
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 403 Forbidden
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn q35_genesys_says_it_in_a_header_too() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show SipHeader_X-Genesys-ExternalCallID
            agent-a refers to <sip:agent-b?X-Genesys-ExternalCallID=1+2%20a> with X-Genesys-ExternalCallID: 1+2 a
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?X-Genesys-ExternalCallID=1+2%20a> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?X-Genesys-ExternalCallID=1+2%20a>  SipHeader_X-Genesys-ExternalCallID=1+2 a
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
        "#]],
    );
}

#[test]
fn p12_headers_of_a_refer_to_reach_the_application_verbatim() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b?User-to-User=56a390f3%3Bencoding%3Dhex&X-Case=a%20b+c&Replaces=1%40h%3Bto-tag%3D2%3Bfrom-tag%3D3>
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?User-to-User=56a390f3%3Bencoding%3Dhex&X-Case=a%20b+c&Replaces=1%40h%3Bto-tag%3D2%3Bfrom-tag%3D3> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?User-to-User=56a390f3%3Bencoding%3Dhex&X-Case=a%20b+c&Replaces=1%40h%3Bto-tag%3D2%3Bfrom-tag%3D3>
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
fn s1_method_invite_is_told_and_not_dialled() {
    let mut world = play(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b;method=INVITE;user=phone</Sip></Dial>
            agent-a refers to <sip:agent-b;method=INVITE>
            agent-b answers
            ",
        ]
        .concat(),
    );
    expect![[r#"
        agent-a  ── REFER <sip:agent-b;method=INVITE> ──▶
        agent-a ◀── 202 Accepted
        agent-a ◀── NOTIFY  100 Trying, active
        agent-a  ·  parked
        agent-a  ♪  silence
        usera    ♪  hold music
        app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b;method=INVITE>
        app      ── 200  Dial ──▶
        agent-b ◀── INVITE
        agent-b  ── 180 Ringing ──▶
        usera    ♪  ringback
        agent-a ◀── NOTIFY  180 Ringing, active
        agent-b  ── 200 OK ──▶
        usera ⇄ agent-b
        agent-a ◀── NOTIFY  200 OK, terminated
        agent-a ◀── BYE
    "#]]
    .assert_eq(&world.ladder.print());
    let uris: Vec<_> = world.sent_to("agent-b", "INVITE").map(Wire::uri).collect();
    assert_eq!(uris, ["sip:agent-b;user=phone"]);
    world.finish();
}

#[test]
fn q10_teams_is_dialled_as_it_asked() {
    let mut world = play(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b:5060;transport=udp;x-m=8:orgid:7f3a</Sip></Dial>
            agent-a refers to <sip:agent-b:5060;transport=udp;x-m=8:orgid:7f3a>
            agent-b answers
            ",
        ]
        .concat(),
    );
    let uris: Vec<_> = world.sent_to("agent-b", "INVITE").map(Wire::uri).collect();
    assert_eq!(uris, ["sip:agent-b:5060;transport=udp;x-m=8:orgid:7f3a"]);
    world.finish();
}
