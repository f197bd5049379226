//! Numbers that go out: which gateway takes them, who the caller is there.

use expect_test::expect;
use legwork_sim::script::play;
use legwork_sim::wire::Wire;
use legwork_sim::world::World;
use legwork_sip::header::Name;

use crate::check;

/// The INVITEs that went there.
fn invites<'a>(world: &'a World, name: &'a str) -> Vec<&'a Wire> {
    world.sent_to(name, "INVITE").filter(|wire| wire.method().is_some()).collect()
}

/// Request-URI, From, identity and privacy of the only INVITE to the carrier.
#[expect(clippy::unwrap_used, reason = "a test")]
fn asserted(scenario: &str) -> String {
    let mut world = play(scenario);
    let shown = {
        let invites = invites(&world, "carrier");
        assert_eq!(invites.len(), 1);
        let invite = invites.first().unwrap();
        let from = invite.header(Name::From).split(";tag=").next().unwrap_or_default().to_owned();
        let lines = [
            ("Request-URI", invite.uri().to_owned()),
            ("From", from),
            ("P-Asserted-Identity", invite.header(Name::PAssertedIdentity).to_owned()),
            ("Privacy", invite.header(Name::Privacy).to_owned()),
        ];
        let said = lines.iter().filter(|(_, value)| !value.is_empty());
        said.map(|(name, value)| format!("{name}: {value}\n")).collect()
    };
    world.finish();
    shown
}

#[test]
fn a_password_is_given_to_the_gateway_that_asks() {
    check(
        &["
            config trunk logs in
            carrier asks for the password of carrier.example
            app /voice <Dial><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 407 Proxy Authentication Required ──▶
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            usera ⇄ +8130000000
            usera hears carrier, carrier hears usera
        "#]],
    );
}

#[test]
fn a_password_is_for_its_realm_alone() {
    check(
        &["
            config trunk logs in at carrier.example
            carrier asks for the password of evil.example
            app /voice <Dial action=\"/action\"><Number>+8130000000</Number></Dial>
            app /action <Hangup/>
            show DialCallStatus
            usera calls
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 407 Proxy Authentication Required ──▶
            app     ◀── POST /action  DialCallStatus=failed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_gateway_that_fails_is_followed_by_the_next() {
    check(
        &["
            config trunk has carrier-b
            carrier answers INVITE with 503
            app /voice <Dial><Number>+8130000000</Number></Dial>
            usera calls, carrier-b answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 503 No ──▶
            app      ·  alert 32011 warning
            +8130000000  ·  tried at 10.0.0.10:5060
            carrier-b ◀── INVITE
            carrier-b  ── 180 Ringing ──▶
            carrier-b  ── 200 OK ──▶
            usera ⇄ +8130000000
            usera hears carrier-b, carrier-b hears usera
        "#]],
    );
}

#[test]
fn a_busy_number_is_not_asked_for_elsewhere() {
    check(
        &["
            config trunk has carrier-b
            app /voice <Dial action=\"/action\"><Number>+8130000000</Number></Dial>
            app /action <Hangup/>
            show DialCallStatus
            usera calls, carrier refuses 486
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 486 Busy Here ──▶
            app     ◀── POST /action  DialCallStatus=busy
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_gateway_known_to_be_down_is_passed_over() {
    check(
        &["
            config trunk has carrier-b
            config trunk watches 10s
            carrier answers OPTIONS with 503
            app /voice <Dial><Number>+8130000000</Number></Dial>
            wait 2s
            usera calls, carrier-b answers
            usera hangs up
            carrier answers OPTIONS with 200
            wait 12s
            usera calls, carrier answers
            "],
        expect![[r#"
            carrier ◀── OPTIONS
            carrier  ── 503 No to OPTIONS ──▶
            app      ·  alert 91330 error
            carrier-b ◀── OPTIONS
            … 1.1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier-b ◀── INVITE
            carrier-b  ── 180 Ringing ──▶
            carrier-b  ── 200 OK ──▶
            usera ⇄ +8130000000
            usera    ── BYE ──▶
            carrier-b ◀── BYE
            … 8.6 s
            carrier ◀── OPTIONS
            app      ·  alert 91331 warning
            carrier-b ◀── OPTIONS
            … 3.1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            usera ⇄ +8130000000
        "#]],
    );
}

#[test]
fn a_gateway_that_is_silent_is_down_after_five_seconds() {
    check(
        &["
            config trunk watches 10s
            carrier ignores OPTIONS
            wait 6s
            carrier answers OPTIONS with 404
            wait 12s
            "],
        expect![[r#"
            carrier ◀── OPTIONS
            … 5 s
            app      ·  alert 91330 error
            … 10 s
            carrier ◀── OPTIONS
            carrier  ── 404 No to OPTIONS ──▶
            app      ·  alert 91331 warning
        "#]],
    );
}

#[test]
fn all_down_is_as_if_none_were() {
    check(
        &["
            config trunk watches 10s
            carrier answers OPTIONS with 503
            wait 2s
            ---
            app /voice <Dial><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            carrier ◀── INVITE
            carrier  ── 180 Ringing ──▶
            carrier  ── 200 OK ──▶
            usera ⇄ +8130000000
        "#]],
    );
}

#[test]
fn what_is_no_number_is_not_sent() {
    for (number, code) in
        [("1-800-FLOWERS", 13_223), ("+1234567890123456", 13_223), ("110", 13_224)]
    {
        let ladder = legwork_sim::script::run(&format!(
            "app /voice <Dial><Number>{number}</Number></Dial>\nusera calls\nwait 1s"
        ));
        assert!(ladder.contains(&format!("alert {code}")), "{number}: {ladder}");
        assert!(!ladder.contains("carrier"), "{number}: {ladder}");
    }
}

#[test]
fn a_trunk_is_named_by_byoc() {
    for (name, is_there) in [("carrier", true), ("nobody", false)] {
        let ladder = legwork_sim::script::run(&format!(
            "app /voice <Dial><Number byoc=\"{name}\">+8130000000</Number></Dial>\nusera calls\n\
             wait 1s"
        ));
        assert_eq!(ladder.contains("carrier ◀── INVITE"), is_there, "{ladder}");
        assert_eq!(ladder.contains("alert 32400 error"), !is_there, "{ladder}");
    }
}

#[test]
fn a_caller_with_a_number_is_asserted() {
    let shown = asserted(
        r#"
        app /voice <Dial callerId="+815012345678"><Number>+81 3-0000-0000</Number></Dial>
        usera calls, carrier answers
        "#,
    );
    expect![[r#"
        Request-URI: sip:+81300000000@carrier;user=phone
        From: <sip:+815012345678@10.0.0.1;user=phone>
        P-Asserted-Identity: <sip:+815012345678@10.0.0.1;user=phone>
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_caller_without_a_number_has_the_trunks() {
    let shown = asserted(
        "
        config trunk shows +815099999999
        config trunk writes 0 for +81
        app /voice <Dial><Number>+8130000000</Number></Dial>
        usera calls, carrier answers
        ",
    );
    expect![[r#"
        Request-URI: sip:030000000@carrier;user=phone
        From: <sip:+815099999999@10.0.0.1;user=phone>
        P-Asserted-Identity: <sip:+815099999999@10.0.0.1;user=phone>
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_caller_who_hides_is_known_to_the_carrier_alone() {
    let shown = asserted(
        r#"
        app /voice <Dial callerId="anonymous"><Number>+8130000000</Number></Dial>
        usera calls, carrier answers
        "#,
    );
    expect![[r#"
        Request-URI: sip:+8130000000@carrier;user=phone
        From: "Anonymous" <sip:anonymous@anonymous.invalid>
        P-Asserted-Identity: <sip:+815012345678@10.0.0.1;user=phone>
        Privacy: id
    "#]]
    .assert_eq(&shown);
}

#[test]
fn identities_of_callers_are_not_passed_on() {
    let shown = asserted(
        "
        app /voice <Dial><Number>+8130000000</Number></Dial>
        usera calls sip:bank@bank.example.com with P-Asserted-Identity: <sip:+1911@x>; Privacy: id; \
         Remote-Party-ID: <sip:+1911@x>
        carrier answers
        ",
    );
    assert!(!shown.contains("1911"), "{shown}");
    assert!(shown.contains("P-Asserted-Identity: <sip:+815012345678@"), "{shown}");
}
