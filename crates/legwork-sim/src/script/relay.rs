//! What is said of sessions with an agent: how the application takes them, and what it says.
//!
//! Not here: doing it (`world/relays`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use legwork_call::io::relay::{RelayEvent, RelayTold};

use super::{duration, number};
use crate::world::World;

/// One line, behind `agent `.
pub(super) fn line(world: &mut World, rest: &str) {
    let (verb, words) = rest.split_once(' ').unwrap_or((rest, ""));
    match verb {
        "takes" => world.relays.takes = duration(words),
        "refuses" => world.relays.refuses = Some(number(words)),
        "lasts" => world.relays.lasts = Some(duration(words)),
        "answers" => world.relays.answers = Some(text(words)),
        "works" => world.relays.works(),
        "says" => world.relay_says(&format!("text {words}"), RelayEvent::Told(text(words))),
        "plays" => {
            let play = RelayTold::Play {
                source: words.to_owned(),
                times: 1,
                interruptible: None,
                preemptible: None,
            };
            world.relay_says(&format!("play {words}"), RelayEvent::Told(play));
        }
        "presses" => {
            let press = RelayTold::SendDigits { digits: words.to_owned() };
            world.relay_says(&format!("sendDigits {words}"), RelayEvent::Told(press));
        }
        "changes" => {
            let (tts, transcription) = words.split_once(" and ").unwrap_or((words, words));
            let language = RelayTold::Language {
                tts: Some(tts.to_owned()),
                transcription: Some(transcription.to_owned()),
            };
            world.relay_says(&format!("language {words}"), RelayEvent::Told(language));
        }
        "ends" => {
            let handoff = (!words.is_empty()).then(|| words.to_owned());
            world.relay_says(rest, RelayEvent::Told(RelayTold::End { handoff }));
        }
        "errs" => {
            let text = "no JSON".to_owned();
            world.relay_says("nonsense", RelayEvent::Malformed { text });
        }
        "closes" => world.relay_says("close", RelayEvent::Closed),
        _ => panic!("agent {rest}"),
    }
}

/// `"words"`, and how: `and goes on`, `in de-DE`, `[not] to be interrupted`, `to be preempted`.
fn text(words: &str) -> RelayTold {
    let Some((token, how)) = words.strip_prefix('"').and_then(|rest| rest.rsplit_once('"')) else {
        panic!("agent says {words}")
    };
    let language = how.split(" in ").nth(1).map(|rest| rest.split(' ').next().unwrap_or(rest));
    RelayTold::Text {
        token: token.to_owned(),
        last: !how.contains("goes on"),
        language: language.map(str::to_owned),
        interruptible: how
            .contains("to be interrupted")
            .then_some(!how.contains("not to be interrupted")),
        preemptible: how.contains("to be preempted").then_some(true),
    }
}
