//! From what was kept of a conversation to its file: secrets taken out, names made up if asked for.
//!
//! Not here: what a secret is (`scrub`), whose name is what (`alias`).

use std::collections::BTreeSet;
use std::hash::RandomState;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use legwork_call::config::Config;

use super::line::Base64;
use crate::record::alias::{Aliases, mask_keys};
use crate::record::config;
use crate::record::file::Recording;
use crate::record::line::{
    CallLine, ChangeLine, Clock, Content, FORMAT, FoundLine, Head, HookLine, InputLine, Order,
    Seed, StartLine, StepLine,
};
use crate::record::replay::replay;
use crate::record::scrub::{scrub, scrubbed};
use crate::record::writer::Talk;

/// Names made up have made another call of it.
const NOT_ALIKE: &str = "with made-up names it is not the same call";

/// The file of a conversation, without secrets.
pub(super) fn recording(talk: &Talk) -> Option<Recording> {
    let first = talk.steps.first()?;
    let clock = Clock(first.now);
    let accounts: BTreeSet<_> = talk.calls.iter().map(|(_, account)| *account).collect();
    let whole = |whole: &Config| scrubbed(&config::write(whole, &accounts, |_| true));
    let mut steps = Vec::with_capacity(talk.steps.len());
    for step in &talk.steps {
        let mut step = StepLine {
            at: clock.time(step.now.mono),
            seed: Seed(step.moment.seed),
            serial: step.moment.serial,
            lease: step.moment.lease,
            found: FoundLine::of(&step.moment.found),
            input: InputLine::of(&step.what, &clock, whole),
            rows: step.rows.iter().map(|row| scrubbed(row)).collect(),
        };
        for_each_text(&mut step.input, &mut |text, _| *text = scrubbed(text));
        for phone in &mut step.found.phones {
            phone.contact = scrubbed(&phone.contact);
            phone.path.iter_mut().for_each(|path| *path = scrubbed(path));
        }
        if let Some(Content::Base64(Base64(bytes))) = content(&mut step.input) {
            let mut clean = bytes.to_vec();
            scrub(&mut clean);
            *bytes = Bytes::from(clean);
        }
        steps.push(step);
    }
    let began = first.now.wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut recording = Recording {
        head: Head {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began_ms: u64::try_from(began.as_millis()).unwrap_or(0),
            calls: talk.calls.iter().map(|(sid, _)| sid.to_string()).collect(),
            redacted: false,
            incomplete: talk.missing.iter().map(|why| (*why).to_owned()).collect(),
            config: String::new(),
        },
        steps,
    };
    let text = recording.write();
    let written = config::write(&talk.config, &accounts, |name| text.contains(name));
    recording.head.config = scrubbed(&written);
    Some(recording)
}

/// The same with names and numbers made up. Its rows are those of its own replay; should they not be
/// those of the call but for the names, it says so.
pub(super) fn redacted(mut recording: Recording, dice: &RandomState) -> Recording {
    let mut aliases = Aliases::new(dice.clone());
    let head = &mut recording.head;
    learn_from_config(&mut aliases, &head.config);
    for step in &mut recording.steps {
        for_each_text(&mut step.input, &mut |text, kind| match kind {
            Kind::Config => learn_from_config(&mut aliases, text),
            Kind::Document => aliases.learn_from_document(text),
            Kind::Message | Kind::Other => aliases.learn_from(text),
        });
        for phone in &step.found.phones {
            aliases.learn(phone.aor.split('@').next().unwrap_or(""));
            aliases.learn_from(&phone.contact);
        }
        if let InputLine::Order { order, .. } = &step.input
            && let Order::Call(call) = order.as_ref()
        {
            aliases.learn(&call.from);
            aliases.learn(&call.to);
        }
    }
    head.config = aliases.apply(&head.config);
    head.redacted = true;
    for step in &mut recording.steps {
        for_each_text(&mut step.input, &mut |text, kind| {
            *text = match kind {
                Kind::Message => aliases.apply_to_message(text),
                Kind::Document => aliases.apply_to_document(text),
                Kind::Config | Kind::Other => aliases.apply(text),
            };
        });
        // Whatever it is, nobody can say whose names are in it.
        if let Some(Content::Base64(Base64(bytes))) = content(&mut step.input) {
            *bytes = Bytes::new();
        }
        mask_pressed(&mut step.input);
        step.found.sender = step.found.sender.take().map(|sender| aliases.apply(&sender));
        for phone in &mut step.found.phones {
            phone.aor = aliases.apply(&phone.aor);
            phone.contact = aliases.apply(&phone.contact);
            phone.path.iter_mut().for_each(|path| *path = aliases.apply(path));
        }
    }
    let shapes = |recording: &Recording| -> Vec<Vec<String>> {
        let of = |step: &StepLine| step.rows.iter().map(|row| shape(row)).collect();
        recording.steps.iter().map(of).collect()
    };
    let before = shapes(&recording);
    let mut recording = match replay(&recording) {
        Ok(played) => recording.with_rows_of(&played),
        // What can not be replayed shows nobody's name, either.
        Err(_) => recording.with_rows_of(&vec![Default::default(); before.len()]),
    };
    if shapes(&recording) != before {
        recording.head.incomplete.push(NOT_ALIKE.to_owned());
    }
    recording
}

/// Keys that were pressed or are to be: they may be an account's number, or a card's.
fn mask_pressed(input: &mut InputLine) {
    match input {
        InputLine::Digit { digit: key @ 0..=9, .. } => *key = 0,
        InputLine::Order { order, .. } => {
            if let Order::Call(call) = order.as_mut()
                && let Some(keys) = &mut call.send_digits
            {
                *keys = mask_keys(keys);
            }
        }
        InputLine::Digit { .. }
        | InputLine::Message { .. }
        | InputLine::Document(_)
        | InputLine::FlowFailed(_)
        | InputLine::Resolved { .. }
        | InputLine::NoDocument(_)
        | InputLine::SourceReady(_)
        | InputLine::SourceFailed { .. }
        | InputLine::SourceFlawed { .. }
        | InputLine::DigitsSent(_)
        | InputLine::Played { .. }
        | InputLine::Closed(_)
        | InputLine::Voice { .. }
        | InputLine::Answerer { .. }
        | InputLine::Recorded { .. }
        | InputLine::Partial { .. }
        | InputLine::Segment { .. }
        | InputLine::Missed { .. }
        | InputLine::Understood { .. }
        | InputLine::TapFailed { .. }
        | InputLine::TapFlawed { .. }
        | InputLine::StreamConnected(_)
        | InputLine::StreamDisconnected(_)
        | InputLine::Relay { .. }
        | InputLine::Tick { .. }
        | InputLine::RoomPlayed { .. }
        | InputLine::RoomSpeaks { .. }
        | InputLine::Reload { .. } => {}
    }
}

/// Users and numbers that a configuration names outside of URIs.
fn learn_from_config(aliases: &mut Aliases, config: &str) {
    aliases.learn_from(config);
    for line in config.lines() {
        for key in ["username", "phone_number", "from_user", "caller_id"] {
            let mut rest = line;
            while let Some((_, behind)) = rest.split_once(key) {
                let value = behind.trim_start_matches([' ', '=']);
                aliases.learn(value.split('"').nth(1).unwrap_or(""));
                rest = behind;
            }
        }
    }
}

/// A row without the names in it: which way, and the first word.
fn shape(row: &str) -> String {
    for mark in [" ◀── ", "  ── ", "  ♪  ", "  ·  "] {
        if let Some((_, what)) = row.split_once(mark) {
            return format!("{mark}{}", what.split(' ').next().unwrap_or(""));
        }
    }
    "⇄".to_owned()
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Message,
    Document,
    Config,
    Other,
}

fn content(input: &mut InputLine) -> Option<&mut Content> {
    match input {
        InputLine::Message { content, .. } => Some(content),
        InputLine::Document(document) => Some(&mut document.content),
        InputLine::FlowFailed(_)
        | InputLine::Resolved { .. }
        | InputLine::NoDocument(_)
        | InputLine::SourceReady(_)
        | InputLine::SourceFailed { .. }
        | InputLine::SourceFlawed { .. }
        | InputLine::Digit { .. }
        | InputLine::DigitsSent(_)
        | InputLine::Played { .. }
        | InputLine::Closed(_)
        | InputLine::Voice { .. }
        | InputLine::Answerer { .. }
        | InputLine::Recorded { .. }
        | InputLine::Partial { .. }
        | InputLine::Segment { .. }
        | InputLine::Missed { .. }
        | InputLine::Understood { .. }
        | InputLine::TapFailed { .. }
        | InputLine::TapFlawed { .. }
        | InputLine::StreamConnected(_)
        | InputLine::StreamDisconnected(_)
        | InputLine::Relay { .. }
        | InputLine::Order { .. }
        | InputLine::Tick { .. }
        | InputLine::RoomPlayed { .. }
        | InputLine::RoomSpeaks { .. }
        | InputLine::Reload { .. } => None,
    }
}

/// Every text of an input that others have written.
fn for_each_text(input: &mut InputLine, each: &mut impl FnMut(&mut String, Kind)) {
    match input {
        InputLine::Message { content: Content::Text(text), .. } => each(text, Kind::Message),
        InputLine::Document(document) => {
            each(&mut document.url, Kind::Other);
            if let Content::Text(text) = &mut document.content {
                each(text, Kind::Document);
            }
        }
        InputLine::NoDocument(none) => {
            each(&mut none.url, Kind::Other);
            each(&mut none.text, Kind::Other);
        }
        InputLine::SourceFailed { text, .. }
        | InputLine::SourceFlawed { text, .. }
        | InputLine::TapFailed { text, .. }
        | InputLine::TapFlawed { text, .. }
        | InputLine::Segment { text, .. }
        | InputLine::Missed { text, .. }
        | InputLine::Understood { text, .. } => each(text, Kind::Other),
        InputLine::Partial { stable, unstable, .. } => {
            each(stable, Kind::Other);
            each(unstable, Kind::Other);
        }
        InputLine::Relay { event, .. } => {
            if let Some(text) = event.text_mut() {
                each(text, Kind::Other);
            }
        }
        InputLine::Reload { config } => each(config, Kind::Config),
        InputLine::Order { order, .. } => match order.as_mut() {
            Order::Call(call) => for_each_text_of_call(call, each),
            Order::Redirect { start, .. } => for_each_text_of_start(start, each),
            Order::Transfer { target, .. } => each(target, Kind::Other),
            Order::Dequeue { queue, start, .. } => {
                each(queue, Kind::Other);
                for_each_text_of_start(start, each);
            }
            Order::Conference(order) => for_each_text_of_change(&mut order.change, each),
            Order::Hangup { .. } | Order::Cancel { .. } | Order::Stats => {}
        },
        InputLine::Message { content: Content::Base64(_), .. }
        | InputLine::StreamConnected(_)
        | InputLine::StreamDisconnected(_)
        | InputLine::FlowFailed(_)
        | InputLine::Resolved { .. }
        | InputLine::SourceReady(_)
        | InputLine::Digit { .. }
        | InputLine::DigitsSent(_)
        | InputLine::Played { .. }
        | InputLine::Closed(_)
        | InputLine::Voice { .. }
        | InputLine::Answerer { .. }
        | InputLine::Recorded { .. }
        | InputLine::RoomPlayed { .. }
        | InputLine::RoomSpeaks { .. }
        | InputLine::Tick { .. } => {}
    }
}

fn for_each_text_of_call(call: &mut CallLine, each: &mut impl FnMut(&mut String, Kind)) {
    each(&mut call.from, Kind::Other);
    each(&mut call.to, Kind::Other);
    if let Some(username) = &mut call.username {
        each(username, Kind::Other);
    }
    let status = call.status.as_mut().map(|status| &mut status.hook);
    let answerer = call.machine.as_mut().and_then(|machine| machine.callback.as_mut());
    let recording = call.record.as_mut().and_then(|record| record.status.as_mut());
    let recording = recording.map(|status| &mut status.hook);
    let hooks = [call.fallback.as_mut(), call.refer.as_mut(), status, answerer, recording];
    for HookLine { url, .. } in hooks.into_iter().flatten() {
        each(url, Kind::Other);
    }
    for_each_text_of_start(&mut call.start, each);
}

fn for_each_text_of_change(change: &mut ChangeLine, each: &mut impl FnMut(&mut String, Kind)) {
    match change {
        ChangeLine::End => {}
        ChangeLine::Announce(hook) => each(&mut hook.url, Kind::Other),
        ChangeLine::Kick { who } => each(who, Kind::Other),
        ChangeLine::Participant { who, change } => {
            each(who, Kind::Other);
            let hooks = [&mut change.hold_hook, &mut change.wait_hook, &mut change.announce];
            for hook in hooks.into_iter().flatten() {
                each(&mut hook.url, Kind::Other);
            }
        }
    }
}

fn for_each_text_of_start(start: &mut StartLine, each: &mut impl FnMut(&mut String, Kind)) {
    match start {
        StartLine::Url { hook, .. } => each(&mut hook.url, Kind::Other),
        StartLine::Twiml(text) => each(text, Kind::Document),
    }
}
