//! What phones do that are sent REFER, in words.
//!
//! ```text
//! agent-a follows REFER                           it calls whom it is told, and says how that gets on
//! agent-a answers REFER with 405 | ignores REFER | challenges REFER by 407
//! agent-a notifies 100 2s 180 200                 it calls nobody and only says so
//! agent-a notifies nothing                        nor does it say anything
//! agent-a notifies 100 answer 200                 its 202 comes behind the first
//! agent-a notifies - 200+ 486lf 180. .            no body, not terminated, LF, terminated, only that
//! agent-a names its notices [wrongly]             by `id`
//! ```
//!
//! When it hangs up is said as of any other phone: `hangs up after the result | 202`.
//! Not here: what it does then (`phone/referred`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use super::{duration, number};
use crate::phone::referred::{Act, Names, Notice};
use crate::world::World;

/// One habit; false: it is another sort of habit.
pub(super) fn habit(world: &mut World, who: usize, words: &[&str]) -> bool {
    let habits = &mut world.phone(who).habits.referred;
    match words {
        ["follows", "REFER"] => (habits.answer, habits.plays) = (Some(202), None),
        ["answers", "REFER", "with", status] => habits.answer = Some(number(status)),
        ["ignores", "REFER"] => habits.answer = None,
        ["challenges", "REFER", "by", status] => habits.challenge = Some(number(status)),
        ["notifies", words @ ..] => {
            let mut acts: Vec<Act> =
                words.iter().filter(|word| **word != "nothing").map(|word| act(word)).collect();
            if !acts.contains(&Act::Answer) {
                acts.insert(0, Act::Answer);
            }
            (habits.answer, habits.plays) = (Some(202), Some(acts));
        }
        ["names", "its", "notices"] => habits.names = Names::It,
        ["names", "its", "notices", "wrongly"] => habits.names = Names::Another,
        _ => return false,
    }
    true
}

fn act(word: &str) -> Act {
    let notice = |status, is_last, is_short| Act::Notify(Notice { status, is_last, is_short });
    let (digits, rest) =
        word.split_at(word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len()));
    let status = || Some(number(digits));
    match (digits, rest) {
        ("", "answer") => Act::Answer,
        ("", "-") => notice(None, false, false),
        ("", ".") => notice(None, true, false),
        (_, "") => notice(status(), number::<u16>(digits) >= 200, false),
        (_, "+") => notice(status(), false, false),
        (_, ".") => notice(status(), true, false),
        (_, "lf") => notice(status(), number::<u16>(digits) >= 200, true),
        (_, "s" | "ms") => Act::Pause(duration(word)),
        (_, _) => panic!("notifies {word}: what is that?"),
    }
}
