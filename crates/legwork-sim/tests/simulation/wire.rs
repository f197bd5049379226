//! What a ladder does not show: headers of what we send, on transfers and around them.
//!
//! Source: inbound-refer.md, section 5; RFC 3515 §2.4, RFC 3892 §2.2.

use legwork_sim::script::play;
use legwork_sim::wire::Wire;
use legwork_sim::world::World;
use legwork_sip::header::Name;

use crate::{TO_B, TRUE};

fn world(rest: &str) -> World {
    play(&[TRUE, TO_B, rest].concat())
}

fn requests<'a>(world: &'a World, name: &'a str, method: &'a str) -> Vec<&'a Wire> {
    world.sent_to(name, method).filter(|wire| wire.method().is_some()).collect()
}

fn lists(wire: &Wire, name: Name, token: &str) -> bool {
    wire.all(name).flat_map(|value| value.split(',')).any(|value| value.trim() == token)
}

#[test]
fn allow_and_supported_stand_where_phones_look_for_them() {
    let mut world = world("usera asks options");
    let to_usera = world.sent_to("usera", "INVITE").filter(|wire| wire.status() == Some(200));
    let options = world.sent_to("usera", "OPTIONS").filter(|wire| wire.status() == Some(200));
    let invite = world.sent_to("agent-a", "INVITE").filter(|wire| wire.method().is_some());
    let all: Vec<_> = to_usera.chain(options).chain(invite).collect();
    assert_eq!(all.len(), 3);
    for wire in all {
        assert!(lists(wire, Name::Allow, "REFER"), "{}", wire.summary());
        assert!(lists(wire, Name::Allow, "NOTIFY"), "{}", wire.summary());
        assert!(lists(wire, Name::Supported, "norefersub"), "{}", wire.summary());
        assert!(!wire.contact().is_empty(), "{}", wire.summary());
    }
    world.finish();
}

#[test]
fn trunks_are_not_told_that_they_may_refer() {
    let mut world = play(
        r#"
        app /voice <Dial referUrl="/refer"><Number>+8130000000</Number></Dial>
        usera calls, carrier answers
        "#,
    );
    let invites = requests(&world, "carrier", "INVITE");
    assert_eq!(invites.len(), 1);
    assert!(!lists(invites[0], Name::Allow, "REFER"));
    world.finish();
}

#[test]
fn notify_is_as_phones_need_it() {
    let mut world = world("agent-a refers to sip:agent-b\nagent-b answers\nwait 3s");
    let notifies = requests(&world, "agent-a", "NOTIFY");
    assert!(notifies.len() >= 2);
    for notify in &notifies {
        assert_eq!(notify.header(Name::Event), "refer");
        assert_eq!(notify.header(Name::ContentType), "message/sipfrag;version=2.0");
        assert!(notify.body().ends_with(b"\r\n"));
        assert!(!notify.contact().is_empty());
    }
    let state = |at: usize| notifies[at].header(Name::SubscriptionState);
    assert_eq!(state(0), "active;expires=900");
    assert_eq!(state(notifies.len() - 1), "terminated;reason=noresource");
    world.finish();
}

#[test]
fn the_second_refer_of_a_dialog_has_an_id() {
    let mut world = world(
        "agent-a refers to nobody
        agent-a refers to sip:agent-b
        agent-b answers
        wait 3s",
    );
    let events: Vec<_> = requests(&world, "agent-a", "NOTIFY")
        .iter()
        .map(|notify| notify.header(Name::Event).to_owned())
        .collect();
    assert!(!events.is_empty());
    // The phone's own CSeq counts its REFERs: the refused one was 1, this one is 2.
    assert!(events.iter().all(|event| event == "refer;id=2"), "{events:?}");
    world.finish();
}

#[test]
fn the_target_is_called_in_the_name_of_the_transferee() {
    let mut world = world("agent-a refers to sip:agent-b\nagent-b answers\nwait 1s");
    let invites = requests(&world, "agent-b", "INVITE");
    assert_eq!(invites.len(), 1);
    assert!(
        invites[0].header(Name::From).contains("sip:usera@"),
        "{}",
        invites[0].header(Name::From)
    );
    assert_eq!(invites[0].header(Name::ReferredBy), "<sip:agent-a@bank.example.com>");
    assert!(!invites[0].body().is_empty());
    world.finish();
}

#[test]
fn referred_by_is_not_told_to_trunks() {
    let mut world = play(
        &[
            TRUE,
            "app /refer <Dial><Number>+8130000000</Number></Dial>
            agent-a refers to <tel:+8130000000>
            carrier answers
            wait 1s",
        ]
        .concat(),
    );
    let invites = requests(&world, "carrier", "INVITE");
    assert_eq!(invites.len(), 1);
    assert_eq!(invites[0].header(Name::ReferredBy), "");
    world.finish();
}

#[test]
fn a_held_transferor_does_not_make_the_target_held() {
    let mut world = world("agent-a holds\nagent-a refers to sip:agent-b\nagent-b answers\nwait 1s");
    let invites = requests(&world, "agent-b", "INVITE");
    let offer = String::from_utf8_lossy(invites[0].body()).into_owned();
    for direction in ["sendonly", "recvonly", "inactive"] {
        assert!(!offer.contains(direction), "{offer}");
    }
    world.finish();
}

#[test]
fn call_ids_and_tags_are_short() {
    let mut world = world("agent-a refers to sip:agent-b\nagent-b answers\nwait 1s");
    let invites = requests(&world, "agent-b", "INVITE");
    assert!(invites[0].call_id().len() <= 32, "{}", invites[0].call_id());
    let tag = invites[0].from_tag().unwrap_or_default();
    assert!((1..=20).contains(&tag.len()) && tag.starts_with("n0001-"), "{tag}");
    world.finish();
}

#[test]
fn too_many_refers_are_told_when_to_come_again() {
    let mut world = world(
        "config calls_per_second 1
        wait 3s
        agent-a refers to sip:agent-b
        agent-b refuses 486
        agent-a refers to sip:agent-b",
    );
    let answers: Vec<_> = world.sent_to("agent-a", "REFER").collect();
    let statuses: Vec<_> = answers.iter().filter_map(|wire| wire.status()).collect();
    assert_eq!(statuses, [202, 500]);
    assert!(!answers[1].header(Name::RetryAfter).is_empty());
    world.finish();
}

#[test]
fn refer_sub_false_is_echoed() {
    let mut world = world("agent-a refers to sip:agent-b with Refer-Sub: false\nagent-b answers");
    let answers: Vec<_> = world.sent_to("agent-a", "REFER").collect();
    assert_eq!(answers[0].header(Name::ReferSub), "false");
    assert!(requests(&world, "agent-a", "NOTIFY").is_empty());
    world.finish();
}

/// RFC 7332: loops through servers like this one end like those through proxies.
#[test]
fn rfc7332_4_a_call_made_for_another_has_one_hop_less() {
    let mut world = play(
        r#"
        app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
        app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
        usera calls sip:bank@bank.example.com with Max-Forwards: 5
        agent-a answers
        agent-a refers to sip:agent-b
        agent-b answers
        "#,
    );
    for name in ["agent-a", "agent-b"] {
        let invites = requests(&world, name, "INVITE");
        assert_eq!(invites[0].header(Name::MaxForwards), "4", "{name}");
    }
    world.finish();
}

#[test]
fn rfc3326_2_whoever_was_slower_is_told_why() {
    let mut world = play(
        r#"
        app /voice <Dial><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
        usera calls, agent-a rings, agent-b answers
        "#,
    );
    let cancels = requests(&world, "agent-a", "CANCEL");
    let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
    assert_eq!(cancels[0].header(Name::Reason), reason);
    world.finish();
}

/// Two tries of one leg are two transactions and say the same.
#[test]
fn rfc3263_4_3_each_try_is_a_transaction_of_its_own() {
    let mut world = play(
        r#"
        dns sbc.example.com agent-a agent-b
        app /voice <Dial><Sip>sip:desk@sbc.example.com?X-Case=7</Sip></Dial>
        agent-a does not ring
        usera calls, agent-a refuses 503, agent-b answers
        "#,
    );
    {
        let first = world.sent_to("agent-a", "INVITE").next().unwrap();
        let second = world.sent_to("agent-b", "INVITE").next().unwrap();
        assert_eq!(first.uri(), second.uri());
        assert_eq!(first.added_lines(), second.added_lines());
        assert_ne!(first.branch(), second.branch());
    }
    world.finish();
}
