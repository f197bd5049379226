//! A recording lived through again: the same inputs at the same times, and the ladder they give.
//!
//! Deadlines that passed without anything to be seen have no line; they pass when they are due.
//! Not here: reading the file (`file`), printing (`cli`).

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use legwork_call::Switch;
use legwork_call::io::{Document, Input, Now, Output};

use crate::fetch::content;
use crate::limit;
use crate::record::config;
use crate::record::file::{Damaged, Recording};
use crate::record::line::{Clock, Time};
use crate::record::step::{What, Written};

/// What a step led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Its line in the file.
    pub line: usize,
    /// Since the first step.
    pub at: Duration,
    /// The SIP message that came in, if it was one.
    pub received: Option<Bytes>,
    /// The SIP messages that went out, retransmissions included.
    pub sent: Vec<Bytes>,
    /// The rows of the ladder.
    pub rows: Vec<String>,
}

/// The first step that did not lead to what it once did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its line in the file.
    pub line: usize,
    /// The row it led to; none: there was no more.
    pub recorded: Option<String>,
    /// The row it leads to now.
    pub replayed: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = |row: &Option<String>| row.clone().unwrap_or_else(|| "nothing".to_owned());
        let (recorded, replayed) = (row(&self.recorded), row(&self.replayed));
        write!(f, "{}: recorded `{}`, now `{}`", self.line, recorded.trim(), replayed.trim())
    }
}

/// Lives through it.
///
/// # Errors
/// A line can not be understood.
pub fn replay(recording: &Recording) -> Result<Vec<Played>, Damaged> {
    let mut replay = Replay::new(recording)?;
    let mut all = Vec::with_capacity(recording.steps.len());
    for (n, step) in recording.steps.iter().enumerate() {
        let line = n + 2;
        let what =
            step.input.read(&replay.clock, config::read).map_err(|text| Damaged::at(line, text))?;
        let mut played = Played { line, at: step.at.0, ..Played::default() };
        let now = replay.clock.now(step.at);
        let until = match &what {
            What::Tick(due) => *due,
            // All that was due had been done before.
            What::Message { .. }
            | What::FlowFailed(_)
            | What::Resolved { .. }
            | What::Fetched { .. }
            | What::SourceReady(_)
            | What::SourceFailed { .. }
            | What::SourceFlawed { .. }
            | What::Tapped { .. }
            | What::Relayed { .. }
            | What::Media { .. }
            | What::Command { .. }
            | What::Room { .. }
            | What::Reload(_) => now.mono + Duration::from_nanos(1),
        };
        replay.pass(until, &mut played).map_err(|text| Damaged::at(line, text))?;
        if let What::Message { bytes, .. } = &what {
            played.received = Some(bytes.clone());
        }
        replay.switch.relive(now, &step.moment());
        replay.switch.handle(now, input(what).map_err(|text| Damaged::at(line, text))?);
        replay.drain(&mut played);
        all.push(played);
    }
    Ok(all)
}

impl Recording {
    /// Where what a replay led to is not what is written.
    pub fn difference(&self, played: &[Played]) -> Option<Difference> {
        for (step, played) in self.steps.iter().zip(played) {
            let longest = step.rows.len().max(played.rows.len());
            let pairs = (0..longest).map(|n| (step.rows.get(n), played.rows.get(n)));
            if let Some((recorded, replayed)) = pairs.into_iter().find(|(a, b)| a != b) {
                return Some(Difference {
                    line: played.line,
                    recorded: recorded.cloned(),
                    replayed: replayed.cloned(),
                });
            }
        }
        None
    }

    /// The same with the rows of a replay.
    #[must_use]
    pub fn with_rows_of(mut self, played: &[Played]) -> Self {
        for (step, played) in self.steps.iter_mut().zip(played) {
            step.rows.clone_from(&played.rows);
        }
        self
    }
}

struct Replay {
    switch: Switch,
    clock: Clock,
    /// Deadlines that passed unseen.
    passed: usize,
}

impl Replay {
    fn new(recording: &Recording) -> Result<Self, Damaged> {
        let head = &recording.head;
        let config = config::read(&head.config).map_err(|text| Damaged::at(1, text))?;
        let began = Duration::from_millis(head.began_ms);
        let wall = SystemTime::UNIX_EPOCH
            .checked_add(began)
            .filter(|_| head.began_ms < FAR_FUTURE_MS)
            .ok_or_else(|| Damaged::at(1, "began_ms is too far away"))?;
        let clock = Clock(Now { mono: Instant::now(), wall });
        let mut switch = Switch::new(clock.0, config, 0);
        switch.observe();
        while switch.poll_output().is_some() {}
        Ok(Self { switch, clock, passed: 0 })
    }

    /// Everything that is due before `until` passes.
    fn pass(&mut self, until: Instant, played: &mut Played) -> Result<(), String> {
        while let Some(due) = self.switch.poll_timeout().filter(|due| *due < until) {
            self.passed += 1;
            if self.passed > limit::REPLAYED_DEADLINES_MAX {
                return Err("too many deadlines pass".to_owned());
            }
            let since = Time(due.saturating_duration_since(self.clock.0.mono));
            self.switch.handle(self.clock.now(since), Input::Tick);
            self.drain(played);
        }
        Ok(())
    }

    fn drain(&mut self, played: &mut Played) {
        while let Some(output) = self.switch.poll_output() {
            match output {
                Output::Transmit(transmit) => played.sent.push(transmit.bytes),
                Output::Trace(row) => played.rows.push(super::scrub::scrubbed(&row.to_string())),
                Output::Resolve { .. }
                | Output::Fetch(_)
                | Output::ForgetFetch(_)
                | Output::Media { .. }
                | Output::Room { .. }
                | Output::WantPorts { .. }
                | Output::Source { .. }
                | Output::ForgetSource(_)
                | Output::Tap { .. }
                | Output::ForgetTap(_)
                | Output::StreamKey { .. }
                | Output::Relay { .. }
                | Output::Reply { .. }
                | Output::Store(_) => {}
            }
        }
    }
}

/// The year 2100.
const FAR_FUTURE_MS: u64 = 4_102_444_800_000;

fn input(what: What) -> Result<Input, String> {
    Ok(match what {
        What::Message { flow, bytes } => Input::Message { flow, bytes },
        What::FlowFailed(flow) => Input::FlowFailed(flow),
        What::Resolved { id, targets } => Input::Resolved { id, targets },
        What::Fetched { id, result: Ok(written) } => {
            Input::Fetched { id, result: Ok(document(written)?) }
        }
        What::Fetched { id, result: Err(error) } => Input::Fetched { id, result: Err(error) },
        What::SourceReady(id) => Input::SourceReady { id },
        What::SourceFailed { id, code, text } => Input::SourceFailed { id, code, text },
        What::SourceFlawed { id, code, text } => Input::SourceFlawed { id, code, text },
        What::Tapped { tap, tapped } => Input::Tapped { tap, tapped },
        What::Relayed { id, event } => Input::Relayed { id, event },
        What::Media { media, event } => Input::Media { media, event },
        What::Command { id, command } => Input::Command { id, command: *command },
        What::Room { room, event } => Input::Room { room, event },
        What::Tick(_) => Input::Tick,
        What::Reload(config) => Input::Reload(Box::new(config.as_ref().clone())),
    })
}

fn document(written: Written) -> Result<Document, String> {
    let Written { url, status, took, content_type, body } = written;
    let (program, problems) = content::program(&url, status, content_type.as_deref(), &body)?;
    Ok(Document { url, program, problems, status, took })
}
