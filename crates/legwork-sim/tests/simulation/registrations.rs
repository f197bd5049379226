//! Phones register, with and without luck, and are found.
//!
//! Source: twilio-voice.md 5.2; RFC 3261 §10.3, RFC 3327, RFC 5626.

use expect_test::expect;
use legwork_sim::script::play;
use legwork_sip::header::Name;

use crate::check;

#[test]
fn rfc3261_10_3_a_phone_registers() {
    check(
        &["show all\nagent-a registers\nagent-a unregisters"],
        expect![[r#"
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
    "#]],
    );
}

/// What is required is asked before who it is, and that before what is wanted.
#[test]
fn rfc3261_10_3_the_order_of_checks() {
    check(
        &["show all\n\
           agent-a registers with Contact: *; Require: nonsense\n\
           agent-a registers with Contact: *\n\
           agent-a logs in as agent-a with guess, registers with Contact: *\n\
           agent-a logs in as agent-b with agent-b, registers with Contact: *"],
        expect![[r#"
            agent-a  ── REGISTER ──▶
            agent-a ◀── 420 Bad Extension to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 400 Bad Request to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            app      ·  alert 32202 error
            agent-a ◀── 403 Forbidden to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            app      ·  alert 32106 error
            agent-a ◀── 403 Forbidden to REGISTER
        "#]],
    );
}

#[test]
fn rfc8599_4_1_1_push_parameters_come_back() {
    const CONTACT: &str =
        "sip:agent-b@10.0.0.4:5060;pn-provider=apns;pn-prid=00fc13adff78512;pn-param=X.com.example";
    let mut world = play(&format!(
        "app /voice <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>\n\
         agent-b registers with Contact: <{CONTACT}>\n\
         usera calls, agent-b answers, agent-b unregisters everything"
    ));
    let registered = world.sent_to("agent-b", "REGISTER").find(|w| w.status() == Some(200));
    assert_eq!(registered.unwrap().contact(), CONTACT);
    let invite = world.sent_to("agent-b", "INVITE").find(|wire| wire.method().is_some());
    assert_eq!(invite.unwrap().uri(), CONTACT);
    world.finish();
}

#[test]
fn registration_is_switched_off_32210() {
    check(
        &["config no registration\n---\nagent-a registers"],
        expect![[r#"
        agent-a  ── REGISTER ──▶
        app      ·  alert 32210 error
        agent-a ◀── 403 Forbidden to REGISTER
    "#]],
    );
}

#[test]
fn a_domain_without_users_32212() {
    check(
        &["config no users\n---\nagent-a registers"],
        expect![[r#"
        agent-a  ── REGISTER ──▶
        app      ·  alert 32212 warning
        agent-a ◀── 403 Forbidden to REGISTER
    "#]],
    );
}

/// Whoever is registered for ten devices already waits until one of them runs out.
#[test]
fn the_eleventh_device_32007() {
    let nth = |n: u32| {
        format!("agent-b registers with Contact: <sip:agent-b@10.0.0.4:70{n:02}>\nwait 1s\n")
    };
    let ten: String = (1..10).map(nth).collect();
    let eleventh = "agent-b registers\nwait 1s\nagent-b unregisters everything";
    check(
        &[&ten, "show all\n---\n", &nth(10), eleventh],
        expect![[r#"
        agent-b  ── REGISTER ──▶
        agent-b ◀── 401 Unauthorized to REGISTER
        agent-b  ── REGISTER ──▶
        agent-b ◀── 200 OK to REGISTER
        … 1 s
        agent-b  ── REGISTER ──▶
        agent-b ◀── 401 Unauthorized to REGISTER
        agent-b  ── REGISTER ──▶
        app      ·  alert 32007 warning
        agent-b ◀── 503 Service Unavailable to REGISTER
        … 1 s
        agent-b  ── REGISTER ──▶
        agent-b ◀── 401 Unauthorized to REGISTER
        agent-b  ── REGISTER ──▶
        agent-b ◀── 200 OK to REGISTER
    "#]],
    );
}

#[test]
fn the_sixth_registration_in_a_second_32008() {
    let six = "agent-a registers\n".repeat(6);
    check(
        &["show all\n---\n", &six, "wait 1s\nagent-a unregisters"],
        expect![[r#"
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        app      ·  alert 32008 warning
        agent-a ◀── 503 Service Unavailable to REGISTER
        … 1 s
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        agent-a ◀── 200 OK to REGISTER
    "#]],
    );
}

#[test]
fn rfc3327_5_3_calls_go_along_the_path() {
    let mut world = play(
        r#"
        app /voice <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
        agent-b registers with Path: <sip:edge.example;lr>; Supported: path
        usera calls, agent-b answers, agent-b unregisters
        "#,
    );
    let registered = world.sent_to("agent-b", "REGISTER").find(|w| w.status() == Some(200));
    assert_eq!(registered.unwrap().all(Name::Path).collect::<Vec<_>>(), ["<sip:edge.example;lr>"]);
    let invite = world.sent_to("agent-b", "INVITE").find(|wire| wire.method().is_some());
    assert_eq!(invite.unwrap().all(Name::Route).collect::<Vec<_>>(), ["<sip:edge.example;lr>"]);
    world.finish();
}

/// The proxy in between has lost its connection to the phone.
#[test]
fn rfc5626_5_3_a_lost_flow_is_forgotten() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            agent-b registers
            ---
            usera calls, agent-b refuses 430
            wait 1s
            usera calls"#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 430 No ──▶
            usera   ◀── BYE
            … 1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 32009 error
            usera   ◀── BYE
        "#]],
    );
}

/// Which of a phone's accounts is called stands in To; its own Contact tells it nothing, and Linphone takes
/// it for the identity it then refers by.
#[test]
fn rfc3261_8_1_1_2_a_registered_phone_is_called_by_its_address_of_record() {
    for noun in ["<Sip>sip:agent-a@bank.example.com</Sip>", "<Client>agent-a</Client>"] {
        let mut world = play(&format!(
            "app /voice <Dial>{noun}</Dial>\nagent-a registers\nusera calls, agent-a answers\nagent-a unregisters"
        ));
        let sent = world.sent_to("agent-a", "INVITE");
        let invites: Vec<_> = sent.filter(|wire| wire.method().is_some()).collect();
        assert_eq!(invites.len(), 1, "{noun}");
        assert_ne!(invites[0].uri(), "sip:agent-a@bank.example.com", "{noun}");
        assert_eq!(invites[0].header(Name::To), "<sip:agent-a@bank.example.com>", "{noun}");
        world.finish();
    }
}

/// A stranger of the same name, who names the phone's Contact in his To.
#[test]
fn who_is_not_registered_unregisters_nobody() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:agent-b@10.0.0.5</Sip></Dial>
            app /voice <Dial><Sip>sip:agent-b@bank.example.com</Sip></Dial>
            agent-b registers
            ---
            usera calls, agent-c refuses 430 with To: <sip:agent-b@10.0.0.4:5060>;tag=x
            wait 1s
            usera calls, agent-b answers, agent-b unregisters"#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 430 No ──▶
            usera   ◀── BYE
            … 1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-b  ── REGISTER ──▶
            agent-b ◀── 401 Unauthorized to REGISTER
            agent-b  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_domain_without_a_user_32223() {
    check(
        &["app /voice <Dial><Sip>sip:bank.example.com</Sip></Dial>\n---\nusera calls"],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 32223 error
            usera   ◀── BYE
        "#]],
    );
}
