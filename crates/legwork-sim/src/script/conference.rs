//! `rest conference NAME …`: what REST orders of conferences, in words; SIDs in documents.
//!
//! ```text
//! rest conference one ends | announces /news | kicks usera
//! rest conference one changes usera muted true, hold true /music, coaching agent-a | coaching false
//! rest conference one changes usera end_on_exit true, beep_on_exit false, waits /wait, announces /news
//! app /voice <Dial><Conference coach="{usera}">{conference one}</Conference></Dial>
//! ```
//! Who is changed is a phone, or else a label.
//! Not here: carrying it out (`legwork-call`, `conference`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use legwork_call::command::{Command, ConferenceChange, ConferenceOrder, ParticipantChange};

use super::{ACCOUNT, hook, sid_of};
use crate::world::World;

/// The order that these words stand for.
pub(super) fn order(world: &mut World, name: &str, words: &[&str]) -> Command {
    let Some(&conference) = world.conferences.get(name) else { panic!("no conference {name}") };
    let change = match words {
        ["ends"] => ConferenceChange::End,
        ["announces", path] => ConferenceChange::Announce(hook(path)),
        ["kicks", who] => ConferenceChange::Kick { who: participant(world, who) },
        ["changes", who, change @ ..] => {
            let (who, change) = (participant(world, who), change.join(" "));
            let change = Box::new(changed(world, &change));
            ConferenceChange::Participant { who, change }
        }
        _ => panic!("rest conference {name} {words:?}"),
    };
    Command::Conference(Box::new(ConferenceOrder { account: ACCOUNT, conference, change }))
}

fn participant(world: &mut World, who: &str) -> String {
    if world.who(who).is_some() { sid_of(world, who).to_string() } else { who.to_owned() }
}

fn changed(world: &mut World, text: &str) -> ParticipantChange {
    let mut change = ParticipantChange::default();
    for part in text.split(", ") {
        let words: Vec<&str> = part.split(' ').collect();
        let is = |word: &str| Some(word == "true");
        match words.as_slice() {
            ["muted", to] => change.muted = is(to),
            ["hold", to] => change.hold = is(to),
            ["hold", to, path] => (change.hold, change.hold_hook) = (is(to), Some(hook(path))),
            ["waits", path] => change.wait_hook = Some(hook(path)),
            ["coaching", "false"] => change.coaching = Some(false),
            ["coaching", who] => {
                change.coaching = Some(true);
                change.call_sid_to_coach = Some(sid_of(world, who));
            }
            ["end_on_exit", to] => change.end_on_exit = is(to),
            ["beep_on_exit", to] => change.beep_on_exit = is(to),
            ["announces", path] => change.announce = Some(hook(path)),
            _ => panic!("rest conference … changes … {part}"),
        }
    }
    change
}

/// The SIDs that a document names: `{usera}` is that of her call, `{conference one}` that of the newest
/// of this name.
pub(super) fn with_sids(world: &mut World, document: &str) -> String {
    let mut parts = document.split('{');
    let mut text = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once('}') else { panic!("{{{part}") };
        let sid = match name.strip_prefix("conference ") {
            Some(name) => world.conferences.get(name).map(ToString::to_string),
            None => Some(sid_of(world, name).to_string()),
        };
        text.push_str(&sid.unwrap_or_else(|| panic!("no {name}")));
        text.push_str(rest);
    }
    text
}
