//! Two lines of one phone: turning from one call to the other, REFER that names one in the other, INVITE
//! with Replaces.
//!
//! Not here: every other thing a phone can be told (`script`).

use super::{call, person, refer};
use crate::phone::Order;
use crate::world::{PEOPLE, World};

/// Does as told; false: that is no such order.
pub(super) fn clause(world: &mut World, who: usize, words: &[&str]) -> bool {
    match words {
        ["turns", "back"] => world.order(who, Order::TurnBack),
        ["replaces", of, "call", more @ ..] => {
            let of = person(world, of.trim_end_matches("'s"));
            let (early, more) = match more {
                ["early-only", more @ ..] => (";early-only", more),
                more => ("", more),
            };
            let named = world.phone(of).replaces().unwrap_or_default();
            let lines = more.join(" ").replacen("with ", "", 1);
            let lines = format!("Replaces: {named}{early}; Require: replaces; {lines}");
            call(world, who, "sip:bank@bank.example.com", &lines);
        }
        ["refers", "attended", more @ ..] => {
            let rest = format!("<{{address}}?Replaces={{replaces}}> {}", more.join(" "));
            refer(world, who, rest.trim_end());
        }
        _ => return false,
    }
    true
}

/// `{agent-a}` in a Refer-To: the names of the dialog she has, escaped, overheard.
pub(super) fn overhear(world: &mut World, targets: &mut [String]) {
    for (who, (name, ..)) in PEOPLE.iter().enumerate() {
        let overheard = format!("{{{name}}}");
        if targets.iter().any(|target| target.contains(&overheard)) {
            let named = world.phone(who).replaces().unwrap_or_default();
            let named = named.replace(';', "%3B").replace('=', "%3D");
            targets.iter_mut().for_each(|target| *target = target.replace(&overheard, &named));
        }
    }
}
