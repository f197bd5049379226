//! Whose is it: from inputs and outputs of the switch to the conversations that are recorded.
//!
//! What one step of the switch touches belongs together: ids that come up in it are from then on those
//! of its conversation, and a step that touches two of them makes them one. A new leg begins one.
//! Not here: keeping and writing (`writer`).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant, SystemTime};

use legwork_call::command::Command;
use legwork_call::io::relay::RelayId;
use legwork_call::io::{CallRow, Change, FetchId, Now, Output, ResolveId};
use legwork_call::ladder;
use legwork_call::moment::Moment;
use legwork_call::sid::{AccountSid, CallSid, ConferenceSid};
use legwork_media as media;

use crate::limit;
use crate::record::step::{Step, What};

/// Names one conversation. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TalkId(pub u64);

/// What the writer is told.
#[derive(Debug)]
pub enum Note {
    /// A conversation begins with that leg.
    Begin(TalkId, CallSid),
    /// One more input of it.
    Step {
        /// Whose.
        talk: TalkId,
        /// The input.
        step: Box<Step>,
        /// Legs that it began, and whose they are.
        new: Vec<(CallSid, AccountSid)>,
        /// Every leg of it has ended.
        is_over: bool,
        /// Other conversations had the same input: ids may be others in a replay.
        is_shared: bool,
    },
    /// The second is part of the first from now on.
    Join(TalkId, TalkId),
    /// Something of it is missing: the queue was full.
    Gap(TalkId),
    /// The same, and nothing more is told of it.
    Lost(TalkId),
    /// What calls follow from now on.
    Config(Now, Arc<legwork_call::Config>),
}

/// Something that names a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    CallId(Box<[u8]>),
    Sid(CallSid),
    Media(media::MediaId),
    Fetch(FetchId),
    Resolve(ResolveId),
    Source(media::SourceId),
    Tap(media::TapId),
    Room(media::RoomId),
    Conference(ConferenceSid),
    Relay(RelayId),
}

#[derive(Debug, Default)]
struct Talk {
    keys: Vec<Key>,
    live: BTreeSet<CallSid>,
    /// Its last step.
    last: Option<Instant>,
    has_gap: bool,
}

/// Which conversation what belongs to.
#[derive(Debug)]
pub struct Book {
    notes: SyncSender<Note>,
    /// Bytes of the steps under way to the writer, who takes them off.
    under_way: Arc<AtomicUsize>,
    talks: HashMap<TalkId, Talk>,
    by_key: HashMap<Key, TalkId>,
    /// Conversations whose legs have all ended, and when to look again.
    over: VecDeque<(Instant, TalkId)>,
    /// Conversations that the writer still waits for and nobody tells of any more.
    lost: Vec<TalkId>,
    next: u64,
    config: Option<(Now, Arc<legwork_call::Config>)>,
    step: Gathered,
}

/// What a step has touched so far.
#[derive(Debug, Default)]
struct Gathered {
    keys: Vec<Key>,
    rows: Vec<String>,
    calls: Vec<CallRow>,
    /// Two legs talk from now on.
    joins: bool,
}

impl Book {
    /// An empty one; the writer is at the other end, and takes the weight of each step that has
    /// arrived off `under_way`.
    pub fn new(notes: SyncSender<Note>, under_way: Arc<AtomicUsize>) -> Self {
        Self {
            notes,
            under_way,
            talks: HashMap::new(),
            by_key: HashMap::new(),
            over: VecDeque::new(),
            lost: Vec::new(),
            next: 0,
            config: None,
            step: Gathered::default(),
        }
    }

    /// An output of the step at hand.
    pub fn see(&mut self, output: &Output) {
        let step = &mut self.step;
        match output {
            Output::Transmit(transmit) => {
                step.keys.extend(call_id(&transmit.bytes).map(|id| Key::CallId(id.into())));
            }
            Output::Resolve { id, .. } => step.keys.push(Key::Resolve(*id)),
            Output::Fetch(fetch) => {
                step.keys.extend([Key::Fetch(fetch.id), Key::Sid(fetch.call)]);
            }
            Output::ForgetFetch(id) => step.keys.push(Key::Fetch(*id)),
            Output::Media { media, .. } => step.keys.push(Key::Media(*media)),
            Output::Tap { tap, .. } | Output::ForgetTap(tap) | Output::StreamKey { tap, .. } => {
                step.keys.push(Key::Tap(*tap));
            }
            Output::Relay { id, .. } => step.keys.push(Key::Relay(*id)),
            Output::Source { id, .. } | Output::ForgetSource(id) => {
                step.keys.push(Key::Source(*id));
            }
            Output::Store(Change::Call(row)) => {
                step.keys.push(Key::Sid(row.sid));
                if !row.sip_call_id.is_empty() {
                    step.keys.push(Key::CallId(row.sip_call_id.as_bytes().into()));
                }
                step.calls.push(row.as_ref().clone());
            }
            Output::Store(Change::Alert(alert)) => step.keys.extend(alert.call.map(Key::Sid)),
            Output::Trace(row) => {
                step.keys.extend([Key::Sid(row.call), Key::Sid(row.root)]);
                step.joins |= matches!(row.what, ladder::What::Joined(_));
                step.rows.push(row.to_string());
            }
            Output::Room { room, .. } => step.keys.push(Key::Room(*room)),
            Output::Store(Change::Conference(row)) => step.keys.push(Key::Conference(row.sid)),
            Output::Store(Change::Participant(row)) => {
                step.keys.extend([Key::Conference(row.conference), Key::Sid(row.call)]);
            }
            Output::WantPorts { .. }
            | Output::Reply { .. }
            | Output::Store(
                Change::Recording(_)
                | Change::Transcription(_)
                | Change::Trunk(_)
                | Change::TrunkGone { .. }
                | Change::Queue(_)
                | Change::QueueGone { .. }
                | Change::QueueLeft { .. },
            ) => {}
            Output::Store(Change::QueueMember(row)) => step.keys.push(Key::Sid(row.call)),
        }
    }

    /// The step is done: it goes to whose it was.
    pub fn end_step(&mut self, now: Now, moment: Moment, what: Option<What>) {
        self.forget_old(now.mono);
        let Gathered { mut keys, rows, calls, joins } = std::mem::take(&mut self.step);
        let Some(what) = what else { return };
        if let What::Reload(config) = what {
            self.config = Some((now, config));
            return self.tell_config();
        }
        keys.extend(keys_of(&what));
        let talks: BTreeSet<TalkId> =
            keys.iter().filter_map(|key| self.by_key.get(key).copied()).collect();
        let step = Step { now, moment, what, rows };
        let together = joins || !matches!(step.what, What::Tick(_) | What::FlowFailed(_));
        let mut each = talks.into_iter();
        match (each.next(), each.next()) {
            (None, _) => {
                if let Some(talk) = self.begin(&calls, now.wall) {
                    self.give(talk, step, keys, &calls, false);
                }
            }
            (Some(only), None) => self.give(only, step, keys, &calls, false),
            (Some(first), Some(second)) if together => {
                self.join(first, second);
                each.for_each(|other| self.join(first, other));
                self.give(first, step, keys, &calls, false);
            }
            (Some(first), Some(second)) => {
                for talk in [first, second].into_iter().chain(each) {
                    let own = keys.iter().filter(|key| self.by_key.get(*key) == Some(&talk));
                    let own: Vec<_> = own.cloned().collect();
                    self.give(talk, step.clone(), own, &calls, true);
                }
            }
        }
    }

    /// A conversation begins with a leg that this step has made.
    fn begin(&mut self, calls: &[CallRow], wall: SystemTime) -> Option<TalkId> {
        let first = calls.iter().find(|row| row.created == wall)?;
        if self.talks.len() + self.lost.len() >= limit::RECORDINGS_OPEN_MAX {
            return None;
        }
        self.next += 1;
        let talk = TalkId(self.next);
        self.tell_config();
        if self.notes.try_send(Note::Begin(talk, first.sid)).is_err() {
            return None;
        }
        self.talks.insert(talk, Talk::default());
        Some(talk)
    }

    fn give(&mut self, id: TalkId, step: Step, keys: Vec<Key>, calls: &[CallRow], is_shared: bool) {
        let Some(talk) = self.talks.get_mut(&id) else { return };
        let used_up = used_up(&step.what);
        if let Some(key) = &used_up {
            self.by_key.remove(key);
        }
        for key in keys {
            // Longer recordings than that are cut anyhow.
            let room = talk.keys.len() < limit::RECORDED_INPUTS_MAX * 4;
            if room && used_up.as_ref() != Some(&key) && !self.by_key.contains_key(&key) {
                self.by_key.insert(key.clone(), id);
                talk.keys.push(key);
            }
        }
        let mut new = Vec::new();
        let own = calls.iter().filter(|row| self.by_key.get(&Key::Sid(row.sid)) == Some(&id));
        for row in own {
            if row.ended.is_some() {
                talk.live.remove(&row.sid);
            } else if talk.live.insert(row.sid) && row.created == step.now.wall {
                new.push((row.sid, row.account));
            }
        }
        let is_over = talk.live.is_empty();
        let mono = step.now.mono;
        talk.last = Some(mono);
        if talk.has_gap && self.notes.try_send(Note::Gap(id)).is_ok() {
            talk.has_gap = false;
        }
        let weight = step.weight();
        let under_way = self.under_way.fetch_add(weight, Ordering::Relaxed);
        let is_heavy = under_way + weight > limit::RECORD_QUEUE_BYTES_MAX;
        let note = Note::Step { talk: id, step: Box::new(step), new, is_over, is_shared };
        if is_heavy || self.notes.try_send(note).is_err() {
            self.under_way.fetch_sub(weight, Ordering::Relaxed);
            talk.has_gap = true;
        }
        if is_over {
            self.over.push_back((mono + QUIET, id));
        }
    }

    fn join(&mut self, into: TalkId, other: TalkId) {
        let Some(gone) = self.talks.remove(&other) else { return };
        for key in &gone.keys {
            self.by_key.insert(key.clone(), into);
        }
        let lost = self.notes.try_send(Note::Join(into, other)).is_err();
        if lost {
            self.lost.push(other);
        }
        if let Some(talk) = self.talks.get_mut(&into) {
            talk.keys.extend(gone.keys);
            talk.live.extend(gone.live);
            talk.has_gap |= gone.has_gap | lost;
        }
    }

    fn tell_config(&mut self) {
        let Some((now, config)) = self.config.take() else { return };
        if let Err(TrySendError::Full(_)) =
            self.notes.try_send(Note::Config(now, Arc::clone(&config)))
        {
            self.config = Some((now, config));
        }
    }

    /// Forgets conversations that are over and quiet.
    fn forget_old(&mut self, now: Instant) {
        while let Some((at, id)) = self.over.front().copied().filter(|(at, _)| *at <= now) {
            self.over.pop_front();
            let is_quiet = |talk: &Talk| {
                talk.live.is_empty() && talk.last.is_none_or(|last| last + QUIET <= at)
            };
            if self.talks.get(&id).is_some_and(is_quiet)
                && let Some(talk) = self.talks.remove(&id)
            {
                for key in talk.keys {
                    if self.by_key.get(&key) == Some(&id) {
                        self.by_key.remove(&key);
                    }
                }
                // That it is over was among what got lost, perhaps.
                if talk.has_gap {
                    self.lost.push(id);
                }
            }
        }
        while let Some(id) = self.lost.last().copied() {
            if let Err(TrySendError::Full(_)) = self.notes.try_send(Note::Lost(id)) {
                break;
            }
            self.lost.pop();
        }
    }
}

/// Nothing more is expected of a conversation that is over and was quiet for so long: nobody sends
/// anything again later than 4 s after the last time.
pub(super) const QUIET: Duration = Duration::from_secs(5);

fn keys_of(what: &What) -> Vec<Key> {
    match what {
        What::Message { bytes, .. } => {
            call_id(bytes).map(|id| Key::CallId(id.into())).into_iter().collect()
        }
        What::Resolved { id, .. } => vec![Key::Resolve(*id)],
        What::Fetched { id, .. } => vec![Key::Fetch(*id)],
        What::SourceReady(id) | What::SourceFailed { id, .. } | What::SourceFlawed { id, .. } => {
            vec![Key::Source(*id)]
        }
        What::Tapped { tap, .. } => vec![Key::Tap(*tap)],
        What::Relayed { id, .. } => vec![Key::Relay(*id)],
        What::Media { media, event } => match event {
            // Everybody's: it leads to nobody's conversation.
            media::Event::Played(media::SourceId::BEEP) => vec![Key::Media(*media)],
            media::Event::Played(source) => vec![Key::Media(*media), Key::Source(*source)],
            media::Event::Digit(_)
            | media::Event::DigitsSent
            | media::Event::Voice(_)
            | media::Event::Answerer(_)
            | media::Event::Closed => {
                vec![Key::Media(*media)]
            }
        },
        What::Command { command, .. } => match command.as_ref() {
            Command::Hangup { call }
            | Command::Cancel { call }
            | Command::Transfer { call, .. }
            | Command::Redirect { call, .. } => vec![Key::Sid(*call)],
            Command::Dequeue { call, .. } => call.map(Key::Sid).into_iter().collect(),
            Command::Conference(order) => vec![Key::Conference(order.conference)],
            Command::Call(_) | Command::Stats => Vec::new(),
        },
        // Beeps and sources of a room are played to its conversation alone.
        What::Room { room, .. } => vec![Key::Room(*room)],
        What::FlowFailed(_) | What::Tick(_) | What::Reload(_) => Vec::new(),
    }
}

/// What comes once only.
fn used_up(what: &What) -> Option<Key> {
    match what {
        What::Resolved { id, .. } => Some(Key::Resolve(*id)),
        What::Fetched { id, .. } => Some(Key::Fetch(*id)),
        What::SourceFailed { id, .. } => Some(Key::Source(*id)),
        What::Media { media, event: media::Event::Closed } => Some(Key::Media(*media)),
        What::Message { .. }
        | What::FlowFailed(_)
        | What::SourceReady(_)
        | What::SourceFlawed { .. }
        | What::Tapped { .. }
        | What::Relayed { .. }
        | What::Media { .. }
        | What::Command { .. }
        | What::Tick(_)
        | What::Room { .. }
        | What::Reload(_) => None,
    }
}

/// The Call-ID of a message, without reading the rest.
fn call_id(message: &[u8]) -> Option<&[u8]> {
    for line in message.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"call-id") || name.eq_ignore_ascii_case(b"i") {
            return Some(value.get(1..).unwrap_or_default().trim_ascii());
        }
    }
    None
}

#[cfg(test)]
mod tests;
