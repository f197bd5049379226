//! The thread that keeps recordings in memory until their calls are over, and writes them.
//!
//! Not here: whose an input is (`book`), the folder (`folder`).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use legwork_call::config::Config;
use legwork_call::io::Now;
use legwork_call::moment::Moment;
use legwork_call::sid::{AccountSid, CallSid};

use crate::limit;
use crate::record::Options;
use crate::record::book::{Book, Note, QUIET, TalkId};
use crate::record::folder::{Folder, Room};
use crate::record::form::{recording, redacted};
use crate::record::step::{Step, What};

/// The writer's thread; ends when its book is dropped, and has written everything then.
#[derive(Debug)]
pub struct Scribe(JoinHandle<()>);

impl Scribe {
    /// Waits until everything is written.
    pub fn finish(self) {
        // Its panic has been told.
        let _ = self.0.join();
    }
}

/// Begins to record.
///
/// # Errors
/// Nothing can be written there.
pub fn start(options: &Options, config: Config) -> anyhow::Result<(Book, Scribe)> {
    let room = Room { files: limit::RECORDINGS_MAX, bytes: limit::RECORDINGS_BYTES_MAX };
    let folder = Folder::open(&options.folder, room).with_context(|| {
        format!("--record: nothing can be written to {}", options.folder.display())
    })?;
    let (notes, inbox): (SyncSender<Note>, _) = sync_channel(limit::RECORD_QUEUE_MAX);
    let under_way = Arc::new(AtomicUsize::new(0));
    let arrived = Arc::clone(&under_way);
    let mut writer = Writer::new(folder, options.redact, Arc::new(config));
    let thread = std::thread::Builder::new()
        .name("legwork-record".to_owned())
        .spawn(move || writer.run(&inbox, &arrived))
        .context("no thread for recordings")?;
    Ok((Book::new(notes, under_way), Scribe(thread)))
}

/// A recording that grows.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) config: Arc<Config>,
    pub(super) first: CallSid,
    /// Its legs, and whose they are.
    pub(super) calls: Vec<(CallSid, AccountSid)>,
    pub(super) steps: Vec<Step>,
    weight: usize,
    is_full: bool,
    pub(super) missing: BTreeSet<&'static str>,
    /// All its legs have ended by then.
    over: Option<Instant>,
}

struct Writer {
    folder: Folder,
    redact: bool,
    dice: RandomState,
    config: Arc<Config>,
    talks: BTreeMap<TalkId, Talk>,
    weight: usize,
    /// The last file could not be written.
    is_failing: bool,
    is_crowded: bool,
}

const CUT: &str = "it was longer than a recording may be";
const LOST: &str = "the disk was too slow for what follows";
const SHARED: &str = "another call had the same input";
const ENDED: &str = "the call went on when the server ended";
const NO_ROOM: &str = "there was no memory left for recordings";

impl Writer {
    fn new(folder: Folder, redact: bool, config: Arc<Config>) -> Self {
        Self {
            folder,
            redact,
            dice: RandomState::new(),
            config,
            talks: BTreeMap::new(),
            weight: 0,
            is_failing: false,
            is_crowded: false,
        }
    }

    fn run(&mut self, notes: &Receiver<Note>, under_way: &AtomicUsize) {
        let mut looked = Instant::now();
        loop {
            match notes.recv_timeout(LOOK_EVERY) {
                Ok(note) => {
                    if let Note::Step { step, .. } = &note {
                        under_way.fetch_sub(step.weight(), Ordering::Relaxed);
                    }
                    self.take(note);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = Instant::now();
            if now.saturating_duration_since(looked) >= LOOK_EVERY {
                looked = now;
                self.write_quiet(now);
            }
        }
        for id in self.talks.keys().copied().collect::<Vec<_>>() {
            self.write(id);
        }
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Begin(id, first) => {
                let talk = Talk {
                    config: Arc::clone(&self.config),
                    first,
                    calls: Vec::new(),
                    steps: Vec::new(),
                    weight: 0,
                    is_full: false,
                    missing: BTreeSet::new(),
                    over: None,
                };
                self.talks.insert(id, talk);
            }
            Note::Step { talk, step, new, is_over, is_shared } => {
                let over = is_over.then_some(step.now.mono);
                self.keep(talk, *step);
                if let Some(talk) = self.talks.get_mut(&talk) {
                    talk.calls.extend(new);
                    talk.over = over;
                    if is_shared {
                        talk.missing.insert(SHARED);
                    }
                }
            }
            Note::Join(into, other) => self.join(into, other),
            Note::Gap(id) => {
                if let Some(talk) = self.talks.get_mut(&id) {
                    talk.missing.insert(LOST);
                    talk.is_full = true;
                }
            }
            Note::Lost(id) => {
                if let Some(talk) = self.talks.get_mut(&id) {
                    talk.missing.insert(LOST);
                    talk.is_full = true;
                    talk.over.get_or_insert_with(Instant::now);
                }
            }
            Note::Config(now, config) => {
                for id in self.talks.keys().copied().collect::<Vec<_>>() {
                    let now = self.not_before_the_last(id, now);
                    let what = What::Reload(Arc::clone(&config));
                    self.keep(id, Step { now, moment: Moment::default(), what, rows: Vec::new() });
                }
                self.config = config;
            }
        }
    }

    /// What found the queue full is told later than it was: the steps of a file are in order.
    fn not_before_the_last(&mut self, id: TalkId, now: Now) -> Now {
        let Some(talk) = self.talks.get_mut(&id) else { return now };
        let Some(last) = talk.steps.last().filter(|last| last.now.mono > now.mono) else {
            return now;
        };
        talk.missing.insert(LOST);
        last.now
    }

    /// One more step, if there is room for it.
    fn keep(&mut self, id: TalkId, step: Step) {
        let Some(talk) = self.talks.get_mut(&id) else { return };
        if talk.is_full {
            return;
        }
        let weight = step.weight();
        let too_long = talk.steps.len() >= limit::RECORDED_INPUTS_MAX
            || talk.weight + weight > limit::RECORDING_BYTES_MAX;
        let no_room = self.weight + weight > limit::RECORDINGS_MEMORY_MAX;
        if too_long || no_room {
            // What follows a hole could not be understood.
            talk.is_full = true;
            talk.missing.insert(if no_room { NO_ROOM } else { CUT });
            if no_room && !self.is_crowded {
                tracing::warn!("no memory is left for recordings: calls are recorded in part");
                self.is_crowded = true;
            }
            return;
        }
        talk.weight += weight;
        self.weight += weight;
        talk.steps.push(step);
    }

    fn join(&mut self, into: TalkId, other: TalkId) {
        let Some(gone) = self.talks.remove(&other) else { return };
        let Some(talk) = self.talks.get_mut(&into) else {
            self.weight = self.weight.saturating_sub(gone.weight);
            return;
        };
        talk.steps.extend(gone.steps);
        talk.steps.sort_by_key(|step| (step.now.mono, step.moment.serial));
        talk.calls.extend(gone.calls);
        talk.weight += gone.weight;
        talk.is_full |= gone.is_full;
        talk.missing.extend(gone.missing);
        talk.over = None;
        // Each was short enough; both together are cut where one would have been.
        while talk.steps.len() > limit::RECORDED_INPUTS_MAX
            || talk.weight > limit::RECORDING_BYTES_MAX
        {
            let Some(last) = talk.steps.pop() else { break };
            let weight = last.weight();
            talk.weight = talk.weight.saturating_sub(weight);
            self.weight = self.weight.saturating_sub(weight);
            talk.is_full = true;
            talk.missing.insert(CUT);
        }
    }

    fn write_quiet(&mut self, now: Instant) {
        let is_quiet = |talk: &Talk| talk.over.is_some_and(|over| over + QUIET <= now);
        let quiet = self.talks.iter().filter(|(_, talk)| is_quiet(talk));
        for id in quiet.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.write(id);
        }
    }

    fn write(&mut self, id: TalkId) {
        let Some(mut talk) = self.talks.remove(&id) else { return };
        self.weight = self.weight.saturating_sub(talk.weight);
        if talk.over.is_none() {
            talk.missing.insert(ENDED);
        }
        let Some(plain) = recording(&talk) else { return };
        let recording = if self.redact { redacted(plain, &self.dice) } else { plain };
        let put = self.folder.put(talk.first, &recording.write());
        self.tell(put);
    }

    /// The calls go on, whatever the disk does.
    fn tell(&mut self, put: io::Result<()>) {
        match put {
            Ok(()) if self.is_failing => {
                tracing::info!("recordings are written again");
                self.is_failing = false;
            }
            Err(error) if !self.is_failing => {
                tracing::error!(%error, "a recording could not be written; the calls go on");
                self.is_failing = true;
            }
            Ok(()) | Err(_) => {}
        }
    }
}

/// Conversations that are over are looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests;
