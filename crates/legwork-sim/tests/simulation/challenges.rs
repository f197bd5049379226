//! Who is let in: passwords right, wrong, and another's.
//!
//! Source: twilio-voice.md 5.1; RFC 3261 §22; reliability.md 5, D and I.

use std::sync::Arc;

use expect_test::expect;
use legwork_call::config::{INBOUND_REALM, Trunk};
use legwork_call::io::Input;
use legwork_call::sid::AccountSid;
use legwork_sim::phone::Order;
use legwork_sim::script;
use legwork_sim::wire::Wire;
use legwork_sim::world::{SERVER, World};
use legwork_sip as sip;

use crate::check;

#[test]
fn rfc3261_22_4_a_wrong_password_32202() {
    check(
        &["show all\nagent-a logs in as agent-a with guess, registers"],
        expect![[r#"
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        app      ·  alert 32202 error
        agent-a ◀── 403 Forbidden to REGISTER
    "#]],
    );
}

/// Nobody learns from the answer who there is (AST-2018-008).
#[test]
fn an_unknown_user_is_answered_alike() {
    check(
        &["show all\nagent-a logs in as nobody with guess, registers"],
        expect![[r#"
        agent-a  ── REGISTER ──▶
        agent-a ◀── 401 Unauthorized to REGISTER
        agent-a  ── REGISTER ──▶
        app      ·  alert 32202 error
        agent-a ◀── 403 Forbidden to REGISTER
    "#]],
    );
}

/// After ten guesses even the right password waits; the alerts end too.
#[test]
fn the_eleventh_guess_is_not_looked_at() {
    let guesses = "agent-a registers\nwait 1s\n".repeat(10);
    check(
        &[
            "agent-a logs in as agent-a with guess\n",
            &guesses,
            "show all\n---\nagent-a registers, agent-a logs in as agent-a with agent-a, registers\n\
             wait 120s\nagent-a registers, unregisters",
        ],
        expect![[r#"
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 403 Forbidden to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 403 Forbidden to REGISTER
            … 120 s
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

/// AgentB guesses with the address of AgentA on its datagrams, by a nonce it was given, and by none.
#[test]
fn a_forged_source_locks_nobody_out() {
    let mut world = script::play("agent-b logs in as agent-a with guess, registers");
    let given = world.sent_to("agent-b", "REGISTER").find_map(|answer| {
        let asked = answer.line("WWW-Authenticate")?.to_owned();
        Some(asked.split_once("nonce=\"")?.1.split_once('"')?.0.to_owned())
    });
    let at_a = world.phone(1).config().sip;
    for (nth, nonce) in [given.unwrap(), "0".repeat(96)].iter().cycle().take(40).enumerate() {
        let forged = format!(
            "REGISTER sip:bank.example.com SIP/2.0\r\n\
             Via: SIP/2.0/UDP {at_a};rport;branch=z9hG4bKf{nth}\r\n\
             From: <sip:agent-a@bank.example.com>;tag=f\r\nTo: <sip:agent-a@bank.example.com>\r\n\
             Call-ID: f{nth}\r\nCSeq: 1 REGISTER\r\nContact: <sip:f@{at_a}>\r\n\
             Authorization: Digest username=\"agent-a\", realm=\"bank.example.com\", \
             nonce=\"{nonce}\", uri=\"sip:bank.example.com\", response=\"f\"\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let (transport, local) = (sip::Transport::Udp, SERVER);
        let flow = sip::Flow { transport, local, remote: at_a, connection: 0 };
        world.input(Input::Message { flow, bytes: forged.into() });
    }
    world.order(1, Order::Register(3600, Vec::new()));
    world.settle();
    let last = world.sent_to("agent-a", "REGISTER").filter_map(Wire::status).last();
    assert_eq!(last, Some(200));
    world.order(1, Order::Register(0, Vec::new()));
    world.settle();
    world.finish();
}

/// Two trunks known by credentials, of two accounts: a stranger does not learn who their users are.
#[test]
fn users_of_trunks_are_not_told_apart_from_nobody() {
    let mut config = script::config("");
    let users = config.domains[0].users.clone();
    let open = Trunk {
        ip_acl: Vec::new(),
        registration: None,
        users: vec![users[0].clone()],
        ..(*config.trunks[0]).clone()
    };
    let other = Trunk {
        account: AccountSid::from_bits(2),
        name: "other".to_owned(),
        users: vec![users[1].clone()],
        ..open.clone()
    };
    config.trunks = vec![Arc::new(open), Arc::new(other)];
    let mut world = World::new(config, 1);
    let from = world.phone(3).config().sip;
    for name in [users[0].username.as_str(), users[1].username.as_str(), "nobody-at-all"] {
        let invite = format!(
            "INVITE sip:+815012345678@{SERVER} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {from};rport;branch=z9hG4bK{name}\r\nFrom: <sip:x@y>;tag=x\r\n\
             To: <sip:+815012345678@{SERVER}>\r\nCall-ID: {name}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:x@{from}>\r\nProxy-Authorization: Digest username=\"{name}\", \
             realm=\"{INBOUND_REALM}\", nonce=\"0\", uri=\"sip:x\", response=\"0\"\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let (transport, local) = (sip::Transport::Udp, SERVER);
        let flow = sip::Flow { transport, local, remote: from, connection: 0 };
        world.input(Input::Message { flow, bytes: invite.into() });
    }
    let answers: Vec<_> = world.sent_to("agent-c", "INVITE").filter_map(Wire::status).collect();
    assert_eq!(answers, [407, 407, 407]);
}

/// The password is right, but it is another's (CVE-2025-47779).
#[test]
fn another_users_address_32106() {
    check(
        &["config challenge\nshow all\n---\n\
           agent-a logs in as agent-b with agent-b, registers, calls"],
        expect![[r#"
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            app      ·  alert 32106 error
            agent-a ◀── 403 Forbidden to REGISTER
            agent-a  ── INVITE ──▶
            agent-a ◀── 407 Proxy Authentication Required
            agent-a  ── ACK ──▶
            agent-a  ── INVITE ──▶
            app      ·  alert 32106 error
            agent-a ◀── 403 Forbidden
            agent-a  ── ACK ──▶
        "#]],
    );
}

/// The last hop is used up: a document that dials back to its own server ends here.
#[test]
fn rfc3261_20_22_no_hops_left_32006() {
    check(
        &["app /voice <Pause/>\n---\nusera calls sip:bank@bank.example.com with Max-Forwards: 0"],
        expect![[r#"
            usera    ── INVITE ──▶
            app      ·  alert 32006 warning
            usera   ◀── 483 Too Many Hops
        "#]],
    );
}

/// A phone is who its From says, or the user it has logged in as: what it asserts is not read.
#[test]
fn rfc3325_5_who_is_no_trunk_asserts_nothing() {
    check(
        &["app /voice <Hangup/>\nshow From, CallerName\n---\n\
           usera calls sip:bank@bank.example.com with \
           P-Asserted-Identity: \"Ana\" <sip:+8130000000@bank.example.com>; Privacy: id; \
           Remote-Party-ID: <sip:+8131111111@bank.example.com>;party=calling"],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  From=sip:usera@bank.example.com
            app      ── 200  Hangup ──▶
            usera   ◀── 603 Decline
        "#]],
    );
}
