//! Telling a carrier where we are.

use expect_test::expect;
use legwork_sim::script::play;
use legwork_sip::header::Name;

use crate::check;

#[test]
fn a_registration_is_made_and_refreshed() {
    check(
        &["
            config trunk registers
            carrier asks for the password of carrier.example
            wait 601s
            "],
        expect![[r#"
            carrier ◀── REGISTER
            carrier  ── 401 Unauthorized to REGISTER ──▶
            carrier ◀── REGISTER
            … 318 s
            carrier ◀── REGISTER
            carrier  ── 401 Unauthorized to REGISTER ──▶
            carrier ◀── REGISTER
        "#]],
    );
}

#[test]
fn a_registration_goes_on_in_one_call_id() {
    let mut world = play(
        "config trunk registers
        carrier asks for the password of carrier.example
        wait 601s",
    );
    {
        let sent: Vec<_> = world.sent_to("carrier", "REGISTER").collect();
        assert!(sent.len() >= 4, "{}", sent.len());
        for (at, register) in sent.iter().enumerate() {
            assert_eq!(register.call_id(), sent[0].call_id());
            assert_eq!(register.cseq().0, u32::try_from(at + 1).unwrap());
            assert_eq!(register.uri(), "sip:carrier");
            assert_eq!(register.header(Name::Expires), "600");
            assert!(register.header(Name::To).contains("sip:acme@carrier.example"));
            assert_eq!(register.contact(), "sip:acme@10.0.0.1:5060");
        }
        let row = world.trunks["carrier"].registration.as_ref().unwrap();
        assert_eq!((row.state, row.answer), ("registered", Some(200)));
    }
    world.finish();
}

#[test]
fn too_brief_a_registration_is_made_longer() {
    check(
        &["
            config trunk registers
            carrier registers for at least 1800s
            wait 2s
            "],
        expect![[r#"
            carrier ◀── REGISTER
            carrier  ── 423 Interval Too Brief to REGISTER ──▶
            carrier ◀── REGISTER
        "#]],
    );
}

#[test]
fn a_refusal_is_told_once_and_tried_again_ever_later() {
    check(
        &["
            config trunk registers
            carrier answers REGISTER with 403
            wait 60s
            carrier answers REGISTER with 200
            wait 60s
            "],
        expect![[r#"
            carrier ◀── REGISTER
            carrier  ── 403 No to REGISTER ──▶
            app      ·  alert 91332 error
            … 3.8 s
            carrier ◀── REGISTER
            carrier  ── 403 No to REGISTER ──▶
            … 8.4 s
            carrier ◀── REGISTER
            carrier  ── 403 No to REGISTER ──▶
            … 12.8 s
            carrier ◀── REGISTER
            carrier  ── 403 No to REGISTER ──▶
            … 28 s
            carrier ◀── REGISTER
            carrier  ── 403 No to REGISTER ──▶
            … 53.6 s
            carrier ◀── REGISTER
            app      ·  alert 91333 warning
        "#]],
    );
}

#[test]
fn a_wrong_password_is_not_given_again_and_again() {
    check(
        &["
            config trunk registers
            config trunk logs in at carrier.example
            carrier asks for the password of evil.example
            wait 8s
            "],
        expect![[r#"
            carrier ◀── REGISTER
            carrier  ── 401 Unauthorized to REGISTER ──▶
            app      ·  alert 91332 error
            … 3.8 s
            carrier ◀── REGISTER
            carrier  ── 401 Unauthorized to REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_registrar_that_is_gone_is_lost_when_the_binding_ends() {
    let mut world = play(
        "config trunk registers
        wait 2s
        carrier dies
        wait 590s",
    );
    let state = |world: &legwork_sim::world::World| {
        world.trunks["carrier"].registration.as_ref().map(|row| row.state)
    };
    assert_eq!(state(&world), Some("registered"));
    world.run_for(std::time::Duration::from_secs(200));
    assert_eq!(state(&world), Some("failed"));
    world.finish();
}

#[test]
fn a_trunk_that_is_taken_away_is_unregistered() {
    let mut world = play("config trunk registers\nwait 2s");
    world.finish();
    let last = world.sent_to("carrier", "REGISTER").last().unwrap();
    assert_eq!(last.header(Name::Expires), "0");
}

#[test]
fn a_server_that_drains_is_unregistered() {
    let mut world = play("config trunk registers\nwait 2s");
    world.input(legwork_call::Input::Drain);
    world.run_for(std::time::Duration::from_secs(1));
    let row = world.trunks["carrier"].registration.clone().unwrap();
    assert_eq!(row.state, "ended");
    world.finish();
    let zeros = world.sent_to("carrier", "REGISTER").filter(|r| r.header(Name::Expires) == "0");
    assert_eq!(zeros.count(), 1);
}

#[test]
fn the_registrar_calls_our_contact() {
    check(
        &["
            config trunk registers
            config trunk has no list
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            show From, To
            wait 2s
            ---
            carrier calls sip:acme@10.0.0.1 with P-Called-Party-ID: <tel:+81-50-1234-5678>
            agent-a answers
            "],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice  From=sip:carrier@bank.example.com  To=+815012345678
            app      ── 200  Dial ──▶
            carrier ◀── 200 OK
            carrier  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            carrier ⇄ agent-a
        "#]],
    );
}
