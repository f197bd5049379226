//! Whom a `<Dial>` names and what it wants of them: every noun, every attribute of its own.
//!
//! Not here: what nouns have in common (`screening`, `callbacks`), ringing and ends (`calls`).

mod application;
mod application_ends;
mod application_transfers;
mod keys;
mod ringing;
mod sim;
mod sip;
mod uris;

use expect_test::Expect;
use legwork_sim::script::play;
use legwork_sim::world::PEOPLE;

/// Runs scenarios one by one; their ladders stand below each other.
#[expect(clippy::needless_pass_by_value, reason = "so that `expect!` stands in the call")]
fn stories(scenarios: &[&str], ladders: Expect) {
    let all: Vec<_> = scenarios.iter().map(|scenario| legwork_sim::script::run(scenario)).collect();
    ladders.assert_eq(&all.join("\n"));
}

/// A call whose document dials `dial`, until nothing more happens.
fn dialled(dial: &str) -> legwork_sim::world::World {
    play(&format!("app /voice {dial}\napp /after empty\nusera calls\nwait 2s"))
}

/// The alerts of a world, as `code level`.
fn alerts(world: &legwork_sim::world::World) -> Vec<String> {
    let ladder = world.ladder.print();
    let lines = ladder.lines().filter_map(|line| line.split_once("·  alert "));
    lines.map(|(_, alert)| alert.to_owned()).collect()
}

/// Everybody but the caller who was sent an INVITE.
fn called(world: &legwork_sim::world::World) -> Vec<&'static str> {
    let names = PEOPLE.iter().map(|(name, ..)| *name).filter(|name| *name != "usera");
    names.filter(|name| world.sent_to(name, "INVITE").any(|it| it.method().is_some())).collect()
}
