//! `rest …`: what REST orders, in words.
//!
//! Not here: carrying it out (`legwork-call`, `order`), HTTP (crate `legwork`, `api`).
#![expect(clippy::panic, reason = "a scenario that cannot be read or done fails its test")]

use std::time::Duration;

use legwork_call::command::{
    Answer, CallRecording, Command, MachineDetection, Start, StatusCallback,
};
use legwork_call::ladder::What;
use legwork_call::{NewCall, limit};
use legwork_media as media;
use legwork_twiml as twiml;

use super::{ACCOUNT, duration, hook, number, sid_of};
use crate::world::World;

/// One order.
pub(super) fn clause(world: &mut World, rest: &str) {
    let words: Vec<&str> = rest.split(' ').collect();
    let command = match words.as_slice() {
        ["hangs", "up", name] => Command::Hangup { call: sid_of(world, name) },
        ["cancels", name] => Command::Cancel { call: sid_of(world, name) },
        ["redirects", name, "to", path] => {
            Command::Redirect { call: sid_of(world, name), start: url(path) }
        }
        ["takes", name, "from", queue, "to", path] => Command::Dequeue {
            account: ACCOUNT,
            queue: (*queue).to_owned(),
            call: (*name != "Front").then(|| sid_of(world, name)),
            start: url(path),
        },
        ["transfers", name, "to", target] => {
            Command::Transfer { call: sid_of(world, name), target: (*target).to_owned() }
        }
        ["conference", name, words @ ..] => super::conference::order(world, name, words),
        ["calls", to, "with", ..] => {
            let asked = rest.split_once(" with ").map_or("", |(_, asked)| asked);
            let (path, more) = asked.split_once(';').unwrap_or((asked, ""));
            place_call(to, url(path), more)
        }
        ["calls", to, "running", ..] => {
            let verbs = rest.split_once(" running ").map_or("", |(_, verbs)| verbs);
            let end = verbs.rfind('>').map_or(0, |at| at + 1);
            let (verbs, more) = verbs.split_at(end);
            place_call(to, inline(verbs), more)
        }
        _ => panic!("rest {rest}"),
    };
    let at = world.clock.elapsed();
    world.ladder.row(at, "rest", &What::Sent(rest.to_owned()));
    if let Answer::Refused { status, code, .. } = world.command(command) {
        world.ladder.row(at, "rest", &What::Got(format!("{status}  {code}")));
    }
}

/// A call to be placed; `more`: its parameters, `;` between.
pub(crate) fn place_call(to: &str, start: Start, more: &str) -> Command {
    let mut call = NewCall {
        account: ACCOUNT,
        from: "+815012345678".to_owned(),
        to: if to.starts_with(['+', 'c']) { to.to_owned() } else { format!("sip:{to}") },
        start,
        fallback: None,
        status: None,
        timeout: limit::CALL_TIMEOUT,
        time_limit: limit::CALL_TIME_LIMIT,
        send_digits: None,
        machine: None,
        record: None,
        refer: None,
        credentials: None,
    };
    for parameter in more.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()) {
        let words: Vec<&str> = parameter.split(' ').collect();
        match words.as_slice() {
            ["timeout", seconds] => call.timeout = Duration::from_secs(number(seconds)),
            ["time_limit", seconds] => call.time_limit = Duration::from_secs(number(seconds)),
            ["send_digits", digits] => call.send_digits = Some((*digits).to_owned()),
            ["machine_detection", how @ ..] => call.machine = Some(Box::new(machine(how))),
            ["record", how @ ..] => call.record = Some(Box::new(recording(how))),
            ["refer_url", path] => call.refer = Some(hook(path)),
            ["fallback_url", path] => call.fallback = Some(hook(path)),
            ["from", from] => call.from = (*from).to_owned(),
            ["status_callback", path, events @ ..] => {
                call.status = Some(StatusCallback { hook: hook(path), events: told(events) });
            }
            ["twiml", "too"] => {
                if let Start::Url { both, .. } = &mut call.start {
                    *both = true;
                }
            }
            ["sip_auth", username, password] => {
                call.credentials = Some(((*username).to_owned(), (*password).to_owned()));
            }
            _ => panic!("rest calls … {parameter}"),
        }
    }
    Command::Call(Box::new(call))
}

/// `Enable` or `DetectMessageEnd`, then `timeout 3s`, `speech 1s`, `speech_end 500ms`, `silence 2s`,
/// `async` or `async PATH`.
fn machine(how: &[&str]) -> MachineDetection {
    let seconds = Duration::from_secs;
    let mut rules = media::Machine {
        until_end: how.first() == Some(&"DetectMessageEnd"),
        timeout: seconds(30),
        speech: Duration::from_millis(2400),
        speech_end: Duration::from_millis(1200),
        silence: seconds(5),
    };
    let (mut asynchronous, mut callback) = (false, None);
    let mut words = how.iter().skip(1);
    while let Some(word) = words.next() {
        let mut time = || duration(words.next().copied().unwrap_or(""));
        match *word {
            "timeout" => rules.timeout = time(),
            "speech" => rules.speech = time(),
            "speech_end" => rules.speech_end = time(),
            "silence" => rules.silence = time(),
            "async" => asynchronous = true,
            path if path.starts_with('/') => callback = Some(hook(path)),
            other => panic!("machine_detection {other}"),
        }
    }
    MachineDetection { rules, asynchronous, callback }
}

/// `dual`, `inbound`, `outbound`, `untrimmed`, and `PATH`, which is told everything.
fn recording(how: &[&str]) -> CallRecording {
    let (mut sides, mut trim, mut status) = (twiml::Sides::Mixed, true, None);
    for word in how {
        match *word {
            "dual" => sides = twiml::Sides::Dual,
            "inbound" => sides = twiml::Sides::Inbound,
            "outbound" => sides = twiml::Sides::Outbound,
            "untrimmed" => trim = false,
            path if path.starts_with('/') => {
                let all =
                    twiml::RecordingEvents { in_progress: true, completed: true, absent: true };
                status = Some((hook(path), all));
            }
            other => panic!("record {other}"),
        }
    }
    CallRecording { sides, trim, status }
}

fn told(events: &[&str]) -> twiml::CallEvents {
    twiml::CallEvents {
        initiated: events.contains(&"initiated"),
        ringing: events.contains(&"ringing"),
        answered: events.contains(&"answered"),
        completed: events.is_empty() || events.contains(&"completed"),
    }
}

pub(crate) fn url(path: &str) -> Start {
    Start::Url { hook: hook(path), both: false }
}

pub(crate) fn inline(verbs: &str) -> Start {
    let written = format!("<Response>{verbs}</Response>");
    let (program, problems) = twiml::parse(written.as_bytes());
    Start::Twiml { program, problems, written: written.into() }
}
