//! Phones call each other directly, without a server: what one does, the other must understand.

use std::time::Duration;

use super::*;
use crate::network::{Quality, Trap};
use crate::world::World;

/// Two phones of a world, by number.
const A: usize = 0;
const B: usize = 1;

fn call_from(from: usize, to_octet: u8, world: &mut World) {
    world.order(from, Order::Call(format!("sip:b@10.0.0.{to_octet}"), Vec::new()));
}

fn state(world: &mut World, who: usize) -> Option<State> {
    world.phone(who).state()
}

fn talking() -> World {
    let mut world = World::without_switch(1);
    call_from(A, 3, &mut world);
    world.settle();
    assert_eq!(state(&mut world, B), Some(State::Ringing));
    world.order(B, Order::Answer);
    world.settle();
    assert_eq!([A, B].map(|who| state(&mut world, who)), [Some(State::Talking); 2]);
    world
}

fn hears(world: &mut World) -> [Option<Vec<u32>>; 2] {
    for who in [A, B] {
        world.order(who, Order::Speak(true));
    }
    world.run_for(Duration::from_millis(200));
    for who in [A, B] {
        world.phone(who).listen_anew();
    }
    world.run_for(Duration::from_millis(200));
    for who in [A, B] {
        world.order(who, Order::Speak(false));
    }
    [A, B].map(|who| world.phone(who).hears(&[412, 512, 612]))
}

#[test]
fn they_call_talk_and_hang_up() {
    let mut world = talking();
    assert_eq!(hears(&mut world), [Some(vec![512]), Some(vec![412])]);
    world.order(B, Order::HangUp);
    world.run_for(Duration::from_secs(1));
    assert_eq!([A, B].map(|who| state(&mut world, who)), [None; 2]);
    world.finish();
}

#[test]
fn a_call_is_refused_and_another_cancelled() {
    let mut world = World::without_switch(1);
    call_from(A, 3, &mut world);
    world.settle();
    world.order(B, Order::Refuse(486));
    world.settle();
    assert_eq!([A, B].map(|who| state(&mut world, who)), [None; 2]);
    call_from(A, 3, &mut world);
    world.order(A, Order::HangUp);
    world.settle();
    assert_eq!([A, B].map(|who| state(&mut world, who)), [None; 2]);
    world.finish();
}

#[test]
fn a_200_that_crosses_the_cancel_is_ended_by_bye() {
    let mut world = World::without_switch(1);
    call_from(A, 3, &mut world);
    world.settle();
    world.order(B, Order::Answer);
    world.order(A, Order::HangUp);
    world.run_for(Duration::from_secs(1));
    assert_eq!([A, B].map(|who| state(&mut world, who)), [None; 2]);
    world.finish();
}

#[test]
fn hold_silences_and_unhold_brings_back() {
    for direction in [Direction::SendOnly, Direction::Inactive, Direction::Zero] {
        let mut world = talking();
        world.order(A, Order::Reinvite(direction));
        world.settle();
        let heard_by_b = (direction == Direction::SendOnly).then(|| vec![412]);
        assert_eq!(hears(&mut world), [None, heard_by_b], "{direction:?}");
        world.order(A, Order::Reinvite(Direction::SendRecv));
        world.settle();
        assert_eq!(hears(&mut world), [Some(vec![512]), Some(vec![412])], "{direction:?}");
        world.finish();
    }
}

#[test]
fn a_bad_network_is_survived() {
    for seed in 0..200 {
        let mut world = World::without_switch(seed);
        let bad = Quality { loss: 20, duplicate: 20, reorder: 30, ..Quality::default() };
        world.network.set_quality(None, bad);
        world.phone(B).habits.answers_after = Some(Duration::from_millis(seed * 7));
        call_from(A, 3, &mut world);
        let both =
            |world: &mut World| [A, B].map(|who| state(world, who)) == [Some(State::Talking); 2];
        assert!(world.run_until(Duration::from_secs(31), both), "seed {seed}");
        world.finish();
    }
}

#[test]
fn nobody_there_is_given_up_after_32_s() {
    let mut world = World::without_switch(1);
    world.phone(B).habits.is_dead = true;
    call_from(A, 3, &mut world);
    world.run_for(Duration::from_millis(31_900));
    assert_eq!(state(&mut world, A), Some(State::Calling));
    world.run_for(Duration::from_millis(200));
    assert_eq!(state(&mut world, A), None);
    world.finish();
}

#[test]
fn an_ack_that_never_comes_ends_the_call() {
    let mut world = World::without_switch(1);
    world.phone(A).habits.acks_after = None;
    world.phone(B).habits.answers_after = Some(Duration::ZERO);
    call_from(A, 3, &mut world);
    world.run_for(Duration::from_millis(33_000));
    assert_eq!([A, B].map(|who| state(&mut world, who)), [None; 2]);
    world.finish();
}

#[test]
fn a_late_offer_is_answered_in_the_ack() {
    let mut world = World::without_switch(1);
    world.phone(A).habits.offers_late = true;
    world.phone(B).habits.answers_after = Some(Duration::ZERO);
    call_from(A, 3, &mut world);
    world.settle();
    assert_eq!(hears(&mut world), [Some(vec![512]), Some(vec![412])]);
    world.finish();
}

#[test]
fn without_a_common_codec_there_is_no_call() {
    let mut world = World::without_switch(1);
    world.phone(A).set_codecs(vec![Codec::Pcma]);
    world.phone(B).set_codecs(vec![Codec::Pcmu]);
    call_from(A, 3, &mut world);
    world.settle();
    assert_eq!([A, B].map(|who| state(&mut world, who)), [None; 2]);
    world.finish();
}

#[test]
fn keys_are_heard_once_each() {
    let mut world = talking();
    for key in [1, 11] {
        world.order(A, Order::Press(key));
        world.run_for(Duration::from_millis(300));
    }
    assert_eq!(world.phone(B).keys_heard(), [1, 11]);
    world.finish();
}

#[test]
fn a_lost_200_is_sent_again() {
    let mut world = World::without_switch(1);
    world.network.add_trap(Trap { what: "200".to_owned(), from: None, to: None, count: 2 });
    world.phone(B).habits.answers_after = Some(Duration::ZERO);
    call_from(A, 3, &mut world);
    world.run_for(Duration::from_millis(1_400));
    assert_eq!(state(&mut world, A), Some(State::Calling));
    world.run_for(Duration::from_millis(400));
    assert_eq!(state(&mut world, A), Some(State::Talking));
    world.finish();
}

#[test]
fn reinvites_that_cross_are_both_refused() {
    let mut world = talking();
    world.order(A, Order::Reinvite(Direction::SendOnly));
    world.order(B, Order::Reinvite(Direction::SendOnly));
    world.settle();
    assert_eq!(hears(&mut world), [Some(vec![512]), Some(vec![412])]);
    world.finish();
}
