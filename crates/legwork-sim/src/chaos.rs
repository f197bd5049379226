//! Random scenarios by seed: random acts of random phones, applications, networks and operators at
//! random times. Only what must always hold is checked, after every step.
//!
//! To add to what may happen: a row in `chaos/acts`, `chaos/documents` or `chaos/habits`. That changes
//! what every seed does; a bug once found is kept as a ladder.
//! Not here: the checks (`books`, `World::finish`).

mod acts;
mod documents;
mod habits;

use std::net::IpAddr;
use std::time::Duration;

use crate::books::Tally;
use crate::dice::Dice;
use crate::hearing;
use crate::network::Quality;
use crate::phone::{Order, State};
use crate::script;
use crate::world::World;

/// Those who talk while everything else goes wrong.
const BYSTANDERS: [(usize, [u8; 4]); 2] = [(6, [10, 0, 0, 6]), (7, [10, 0, 0, 16])];
/// One seed in so many listens, too: sound is what costs most.
const LISTENS_ONE_IN: u64 = 40;
/// Acts of one scenario, at most.
const ACTS_MAX: u64 = 20;

/// Runs the scenario of this seed; `keeps_ladder` for somebody to read. Tells what happened in it.
///
/// # Panics
/// When a rule is broken.
pub fn run(seed: u64, keeps_ladder: bool) -> Tally {
    let mut dice = Dice::new(seed);
    let mut world = open(seed, &mut dice);
    world.ladder.is_kept = keeps_ladder;
    world.ladder.shows_all = true;
    world.noticed = Some(Vec::new());
    world.books.expect_outcomes();
    let listens = seed.is_multiple_of(LISTENS_ONE_IN);
    if !listens {
        world.sound.be_deaf();
    }
    documents::add_routes(&mut world, &mut dice);
    // Where everything is odd, few transfers come far: half of the worlds are mostly plain.
    let is_plain = dice.percent(50);
    for who in 0..5 {
        if is_plain && dice.percent(85) {
            habits::choose_plain(&mut world, &mut dice, who);
        } else {
            habits::choose(&mut world, &mut dice, who);
        }
    }
    habits::choose_recorder(&mut world, &mut dice);
    let places = ["agent-c", "agent-a"].map(str::to_owned).to_vec();
    world.add_name("sbc.example.com", Duration::from_millis(5), places);
    if dice.percent(30) {
        begin_bystanders(&mut world);
    }
    if !is_plain || dice.percent(30) {
        world.network.set_quality(None, habits::quality(&mut dice));
    }
    acts::begin(&mut world, &mut dice);
    if dice.percent(70) {
        let talks = |world: &mut World| world.phone(0).state() == Some(State::Talking);
        world.run_until(Duration::from_secs(8), talks);
        world.run_for(dice.time(Duration::from_millis(60)));
    }
    if is_plain {
        acts::begin_transfer(&mut world, &mut dice);
    }
    for _ in 0..dice.below(ACTS_MAX) {
        wait(&mut world, &mut dice);
        acts::act(&mut world, &mut dice);
        if listens && dice.percent(40) {
            world.run_for(dice.time(Duration::from_secs(2)));
            if let Err(broken) = hearing::check(&mut world) {
                world.broken(&broken);
            }
        }
    }
    let longest = if dice.percent(90) { 5 } else { 200 };
    world.run_for(dice.time(Duration::from_secs(longest)));
    world.finish();
    world.books.tally()
}

/// A world with a configuration of chance.
fn open(seed: u64, dice: &mut Dice) -> World {
    let mut config = "config codecs g722\n".to_owned();
    for (percent, line) in [
        (20, "config trunk refers\n"),
        (15, "config trunk registers\n"),
        (15, "config trunk watches 10s\n"),
        (10, "config challenge\n"),
        (10, "config transfer_pending 20s\n"),
        (5, "config calls_per_second 2\n"),
        (5, "config calls 3\n"),
        (3, "config no enhanced features\n"),
        (50, "config recorder backup at sip:sbc.example.com\n"),
    ] {
        if dice.percent(percent) {
            config.push_str(line);
        }
    }
    if seed % 2 == 1 {
        config.push_str("config media_threads 2\n");
    }
    let ports = dice.percent(5).then(|| usize::try_from(dice.below(8)).unwrap_or(0));
    let mut world = World::with_ports(script::config(&config), seed, ports);
    if dice.percent(20) {
        let longest = if dice.percent(70) { 30 } else { 600 };
        world.lag = dice.time(Duration::from_millis(longest));
    }
    world
}

/// Two who talk on a good network: whatever happens to the others is none of their business.
fn begin_bystanders(world: &mut World) {
    for (who, ip) in BYSTANDERS {
        world.network.set_quality(Some(IpAddr::from(ip)), Quality::default());
        world.phone(who).habits.answers_after = Some(Duration::ZERO);
    }
    let start = script::rest::inline("<Dial><Sip>sip:agent-d</Sip></Dial>");
    world.command(script::rest::place_call("userb", start, ""));
    let talk = |world: &mut World| {
        BYSTANDERS.iter().all(|(who, _)| world.phone(*who).state() == Some(State::Talking))
    };
    // Not where the limits of this world are too narrow.
    if world.run_until(Duration::from_secs(2), talk) {
        world.run_for(Duration::from_millis(50));
        world.books.stand_by(BYSTANDERS.map(|(_, ip)| IpAddr::from(ip)).to_vec());
    }
}

/// Until the next act: no time at all, some, until a phone notices something, or up to the very
/// instant of a deadline, which has not been noticed yet.
fn wait(world: &mut World, dice: &mut Dice) {
    match dice.below(12) {
        0 | 1 => {}
        2..=6 => world.run_for(dice.time(Duration::from_millis(60))),
        7 | 8 => world.run_for(dice.time(Duration::from_millis(6_000))),
        9 | 10 => {
            world.noticed = Some(Vec::new());
            let notices =
                |world: &mut World| world.noticed.as_ref().is_some_and(|seen| !seen.is_empty());
            world.run_until(Duration::from_secs(5), notices);
        }
        _ => world.run_to_deadline(Duration::from_secs(20)),
    }
}

/// The phone is told this, and one time in ten told so twice.
fn order(world: &mut World, dice: &mut Dice, who: usize, order: Order) {
    let twice = dice.percent(10).then(|| order.clone());
    world.order(who, order);
    if let Some(again) = twice {
        world.order(who, again);
    }
}
