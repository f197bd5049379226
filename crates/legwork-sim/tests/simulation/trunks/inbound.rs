//! Numbers that come in.

use expect_test::expect;

use crate::check;

#[test]
fn what_a_carrier_writes_finds_the_number() {
    for called in [
        "sip:+815012345678@10.0.0.1;user=phone",
        "sip:815012345678@10.0.0.1",
        "sip:00815012345678@10.0.0.1",
        "sip:05012345678;phone-context=+81@10.0.0.1;user=phone",
        "sip:+81-50-1234-5678@10.0.0.1",
    ] {
        let ladder = legwork_sim::script::run(&format!(
            "app /voice <Hangup/>\nshow To\ncarrier calls {called}\nwait 1s"
        ));
        assert!(ladder.contains("POST /voice  To=+815012345678"), "{called}\n{ladder}");
    }
}

#[test]
fn a_national_number_is_read_as_it_is_written() {
    check(
        &["
            config trunk writes 0 for +81
            app /voice <Hangup/>
            show From, To
            carrier calls sip:05012345678@10.0.0.1 with P-Asserted-Identity: <sip:0330000000@carrier>
            wait 1s
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  From=+81330000000  To=+815012345678
            app      ── 200  Hangup ──▶
            carrier ◀── 603 Decline
        "#]],
    );
}

#[test]
fn the_caller_is_who_the_trunk_says() {
    check(
        &["
            app /voice <Hangup/>
            show From, CallerName, ForwardedFrom
            carrier calls sip:+815012345678@10.0.0.1 with \
             P-Asserted-Identity: \"Ana Ito\" <sip:+8130000000@carrier>; \
             Diversion: <sip:+8131111111@carrier>
            wait 1s
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  From=+8130000000  ForwardedFrom=+8131111111  CallerName=Ana Ito
            app      ── 200  Hangup ──▶
            carrier ◀── 603 Decline
        "#]],
    );
}

#[test]
fn a_caller_may_hide() {
    check(
        &["
            app /voice <Hangup/>
            show From, Caller, CallerName
            carrier calls sip:+815012345678@10.0.0.1 with \
             P-Asserted-Identity: \"Ana Ito\" <sip:+8130000000@carrier>; Privacy: id
            wait 1s
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  Caller=anonymous  From=anonymous
            app      ── 200  Hangup ──▶
            carrier ◀── 603 Decline
        "#]],
    );
}

#[test]
fn an_unknown_number_is_not_found() {
    check(
        &["carrier calls sip:+815000000000@10.0.0.1\nwait 1s"],
        expect![[r#"
            carrier  ── INVITE ──▶
            app      ·  alert 32101 warning
            carrier ◀── 404 Not Found
        "#]],
    );
}

#[test]
fn strangers_reach_no_number() {
    check(
        &["
            config trunk has no list
            carrier calls sip:+815012345678@10.0.0.1
            wait 1s
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            app      ·  alert 32201 error
            carrier ◀── 403 Forbidden
        "#]],
    );
}

#[test]
fn a_carrier_is_known_by_its_password() {
    check(
        &["
            config trunk has users
            config trunk has no list
            app /voice <Hangup/>
            show To, SipUsername
            carrier calls sip:+815012345678@10.0.0.1
            wait 1s
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 407 Proxy Authentication Required
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  To=+815012345678  SipUsername=carrier
            app      ── 200  Hangup ──▶
            carrier ◀── 603 Decline
        "#]],
    );
}

#[test]
fn with_list_and_password_both_are_asked_for() {
    check(
        &["
            config trunk has users
            app /voice <Hangup/>
            show SipUsername
            carrier calls sip:+815012345678@10.0.0.1
            wait 1s
            ---
            carrier-b calls sip:+815012345678@10.0.0.1
            wait 1s
            "],
        expect![[r#"
            carrier-b  ── INVITE ──▶
            app      ·  alert 32201 error
            carrier-b ◀── 403 Forbidden
        "#]],
    );
}
