//! What the loop tells of each of its steps, if calls are recorded.
//!
//! Not here: whose step it was and what becomes of it (`record`).

use std::time::{Duration, Instant};

use legwork_call::Switch;
use legwork_call::io::{Input, Now, Output};
use legwork_call::moment::Moment;

use crate::config::Config;
use crate::fetch::journey::Arrived;
use crate::record::{self, Book, Scribe, What, Written};
use crate::serve::Options;

/// Begins to record, if that is wanted: what the engine tells, and who writes it.
pub(crate) fn start(
    options: &Options,
    config: &Config,
    switch: &mut Switch,
) -> anyhow::Result<(Option<Box<Recorder>>, Option<Scribe>)> {
    let Some(record) = &options.record else { return Ok((None, None)) };
    let (book, scribe) = record::start(record, config.switch.clone())?;
    Ok((Some(Box::new(Recorder::new(switch, book))), Some(scribe)))
}

/// Beside the switch while calls are recorded.
#[derive(Debug)]
pub(crate) struct Recorder {
    book: Book,
    /// The document that comes next, as it was written.
    pub(crate) written: Option<Written>,
    step: Option<(Now, Moment, Option<What>)>,
}

impl Recorder {
    /// Watches the switch from now on.
    pub(crate) fn new(switch: &mut Switch, book: Book) -> Self {
        switch.observe();
        Self { book, written: None, step: None }
    }

    /// The switch is about to be handed that. `due`: the first deadline, if it has passed.
    pub(crate) fn begin(
        &mut self,
        switch: &mut Switch,
        now: Now,
        input: &Input,
        due: Option<Instant>,
    ) {
        let is_document = matches!(input, Input::Fetched { .. });
        let written = if is_document { self.written.take() } else { None };
        let moment = switch.begin_step(super::seed());
        self.step = Some((now, moment, What::of(input, written, due)));
    }

    /// That came of it.
    pub(crate) fn see(&mut self, output: &Output) {
        self.book.see(output);
    }

    /// All has been seen.
    pub(crate) fn end(&mut self, switch: &mut Switch) {
        let found = switch.end_step();
        if let Some((now, moment, what)) = self.step.take() {
            self.book.end_step(now, Moment { found, ..moment }, what);
        }
    }
}

/// A document as it came.
pub(crate) fn written(arrived: Arrived, took: Duration) -> Written {
    Written {
        url: arrived.url.into(),
        status: arrived.status,
        took,
        content_type: arrived.content_type,
        body: arrived.body,
    }
}
