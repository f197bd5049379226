//! `<Conference>`: rooms in which all hear each other, and who is in them.
//!
//! ```text
//!   first enters ──▶ init ──two are there, one of them starts it──▶ in-progress ──▶ completed
//!                     └──last leaves, one ends it by leaving, REST ends it──────────▶┘
//! ```
//! A participant is a leg whose run stands at its `<Dial>` (`Step::Conferring`); a conference joins nobody
//! to anybody. All its legs live on one media thread, and what each says and hears follows from its state
//! (`sound`).
//! Here: what is known of a room, and finding it. Not here: entering (`enter`), leaving and ends (`leave`),
//! documents heard meanwhile (`wait`), what is told (`event`), REST (`order`), announcements to all
//! (`announce`); mixing (`legwork-media`).
//! Source: Twilio, "TwiML Voice: Conference", "Conferences resource", "Participants resource".

mod announce;
mod enter;
pub(crate) mod event;
pub(crate) mod leave;
mod order;
mod sound;
mod wait;

use std::collections::BTreeMap;
use std::time::SystemTime;

use legwork_media as media;
use legwork_twiml as twiml;
use url::Url;

use crate::calls::Calls;
use crate::config::Hook;
use crate::io::FetchId;
use crate::leg::{CallStatus, LegId};
use crate::limit;
use crate::recording::{Recorded, Wanted};
use crate::run::{Run, Step};
use crate::sid::{AccountSid, CallSid, ConferenceSid};
use crate::timer::TimerKey;

use announce::Announcement;
use event::{Event, Told};
use leave::Left;

/// A `<Dial>` whose leg is in a room.
#[derive(Debug)]
pub(crate) struct Conferring {
    verb: Box<twiml::Dial>,
    /// What its relative URLs start from.
    base: Option<Url>,
    pub(crate) room: media::RoomId,
    pub(crate) leg: LegId,
    time_limit: Option<TimerKey>,
}

impl Conferring {
    /// `*` leads out of it.
    pub(crate) const fn ends_by_star(&self) -> bool {
        self.verb.hangup_on_star
    }
}

/// Every room there is.
#[derive(Debug, Default)]
pub(crate) struct Conferences {
    rooms: BTreeMap<media::RoomId, Box<Conference>>,
    by_name: BTreeMap<(AccountSid, String), media::RoomId>,
    by_sid: BTreeMap<ConferenceSid, media::RoomId>,
    /// Documents asked for to be announced.
    by_fetch: BTreeMap<FetchId, media::RoomId>,
    /// What is announced.
    by_source: BTreeMap<media::SourceId, media::RoomId>,
    /// Taps on rooms, until it is known what came of each.
    pub(crate) by_tap: BTreeMap<media::TapId, media::RoomId>,
    /// In a replay: there were too many.
    is_full: bool,
}

/// One room.
#[derive(Debug)]
pub(crate) struct Conference {
    pub(crate) sid: ConferenceSid,
    pub(crate) account: AccountSid,
    name: String,
    room: media::RoomId,
    thread: u8,
    began: SystemTime,
    has_started: bool,
    /// In the order they entered; at most `most`.
    participants: Vec<Participant>,
    most: usize,
    /// The first to enter: the call that requests about nobody in particular are about.
    call: CallSid,
    root: CallSid,
    told: Option<Told>,
    /// To be recorded as soon as it starts.
    wanted: Option<Box<Recording>>,
    recorded: Option<Recorded>,
    announcement: Option<Box<Announcement>>,
}

/// A recording of a room.
#[derive(Debug)]
pub(crate) struct Recording {
    /// Whose document wants it.
    pub(crate) leg: LegId,
    pub(crate) wanted: Wanted,
    /// `eventCallbackUrl`: told of its end the old way.
    pub(crate) old: Option<Hook>,
}

/// Who is in a room.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "Twilio's attributes of a participant")]
pub(crate) struct Participant {
    pub(crate) leg: LegId,
    pub(crate) call: CallSid,
    root: CallSid,
    label: Option<String>,
    joined: SystemTime,
    muted: bool,
    /// What it hears while it is held; none: it is not.
    hold: Option<Heard>,
    /// What it hears before the start.
    wait: Heard,
    /// There was a document for it to hear, or there is none: it may stay if there is none any more.
    is_established: bool,
    /// Who alone hears it.
    coaches: Option<CallSid>,
    start_on_enter: bool,
    end_on_exit: bool,
    beep_on_exit: bool,
    /// It speaks, and that has been told.
    speaks: bool,
    /// `jitterBufferSize`.
    jitter: media::JitterSize,
    /// The document it hears.
    document: Option<Document>,
    /// What its leg was told last of where its voice goes.
    speech: Option<media::Speech>,
}

/// What is heard instead of the room.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    Music,
    Silence,
    /// The document that is there.
    Document(Hook),
}

/// What a participant's document is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Document {
    /// `waitUrl`.
    Wait,
    /// `HoldUrl`.
    Hold,
    /// `AnnounceUrl`: this one. Whether something of it has been heard.
    Announcement { url: String, is_heard: bool },
}

impl Participant {
    pub(crate) const fn coaches(&self) -> Option<CallSid> {
        self.coaches
    }

    const fn is_held(&self) -> bool {
        self.hold.is_some()
    }

    /// What it hears instead of the room, unless something is announced to it, and what that is if it is a
    /// document. None: the room.
    fn instead(&self, has_started: bool) -> Option<(&Heard, Document)> {
        match (&self.hold, has_started) {
            (Some(hold), _) => Some((hold, Document::Hold)),
            (None, false) => Some((&self.wait, Document::Wait)),
            (None, true) => None,
        }
    }
}

impl Run {
    /// Its `<Conference>`, even if a document is run within it.
    pub(crate) fn conferring(&self) -> Option<&Conferring> {
        match &self.waiting_at().unwrap_or(self).step {
            Step::Conferring(conferring) => Some(conferring),
            Step::Ready
            | Step::Fetching { .. }
            | Step::Preparing { .. }
            | Step::Playing { .. }
            | Step::Pressing(_)
            | Step::Pausing
            | Step::Dialling(_)
            | Step::Referring(_)
            | Step::Recording(_)
            | Step::Echoing
            | Step::Gathering(_)
            | Step::Queued(_)
            | Step::Connected(_) => None,
        }
    }

    /// The same, to be changed.
    fn conferring_mut(&mut self) -> Option<&mut Conferring> {
        let is_covered = self.waiting_at().is_some();
        let at = if is_covered { self.waiting_at_mut()? } else { self };
        if let Step::Conferring(conferring) = &mut at.step { Some(conferring) } else { None }
    }
}

impl Conferences {
    pub(crate) fn len(&self) -> usize {
        self.rooms.len()
    }

    pub(crate) fn get(&self, room: media::RoomId) -> Option<&Conference> {
        self.rooms.get(&room).map(AsRef::as_ref)
    }

    fn get_mut(&mut self, room: media::RoomId) -> Option<&mut Conference> {
        self.rooms.get_mut(&room).map(AsMut::as_mut)
    }

    /// Those there are, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Conference> {
        self.rooms.values().map(AsRef::as_ref)
    }

    /// Is the leg in it?
    pub(crate) fn is_in(&self, room: media::RoomId, leg: LegId) -> bool {
        self.get(room).is_some_and(|conference| conference.participant(leg).is_some())
    }

    /// Who is in it.
    pub(crate) fn legs(&self, room: media::RoomId) -> Vec<LegId> {
        self.get(room).map(Conference::legs).unwrap_or_default()
    }

    /// Who coaches that one in it.
    fn coaches(&self, room: media::RoomId, of: CallSid) -> Vec<LegId> {
        let participants = self.get(room).map(Conference::participants).unwrap_or_default();
        let coaches = participants.iter().filter(|one| one.coaches == Some(of));
        coaches.map(|coach| coach.leg).collect()
    }

    /// The room of that name: the SID of one of the account's that is running, or its own.
    fn named(&self, account: AccountSid, name: &str) -> Option<&Conference> {
        let by_sid = name.parse().ok().and_then(|sid| self.of_account(account, sid));
        let by_name = || self.get(*self.by_name.get(&(account, name.to_owned()))?);
        by_sid.or_else(by_name)
    }

    /// The account's room of that SID.
    fn of_account(&self, account: AccountSid, sid: ConferenceSid) -> Option<&Conference> {
        let found = self.by_sid.get(&sid).and_then(|room| self.get(*room));
        found.filter(|conference| conference.account == account)
    }

    /// No more rooms fit in: of the account's, or of all.
    fn is_full_for(&self, account: AccountSid) -> bool {
        let own = self.by_name.range((account, String::new())..);
        let own = own.take_while(|((of, _), _)| *of == account).count();
        self.is_full
            || own >= limit::CONFERENCES_OF_ACCOUNT_MAX
            || self.rooms.len() >= limit::CONFERENCES_MAX
    }

    /// In a replay: whether there were too many.
    pub(crate) fn relive(&mut self, is_full: bool) {
        self.is_full = is_full;
    }

    fn insert(&mut self, conference: Conference) {
        let room = conference.room;
        self.by_sid.insert(conference.sid, room);
        self.by_name.insert((conference.account, conference.name.clone()), room);
        self.rooms.insert(room, Box::new(conference));
    }

    /// It is there no more; its taps may still have something to come.
    fn remove(&mut self, room: media::RoomId) -> Option<Box<Conference>> {
        let conference = self.rooms.remove(&room)?;
        self.by_sid.remove(&conference.sid);
        self.by_name.remove(&(conference.account, conference.name.clone()));
        Some(conference)
    }
}

impl Conference {
    pub(crate) fn participants(&self) -> &[Participant] {
        &self.participants
    }

    pub(crate) const fn room(&self) -> media::RoomId {
        self.room
    }

    /// The call and root of what is told of nobody in particular.
    pub(crate) const fn about(&self) -> (CallSid, CallSid) {
        (self.call, self.root)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn thread(&self) -> u8 {
        self.thread
    }

    fn legs(&self) -> Vec<LegId> {
        self.participants.iter().map(|participant| participant.leg).collect()
    }

    fn participant(&self, leg: LegId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.leg == leg)
    }

    fn participant_mut(&mut self, leg: LegId) -> Option<&mut Participant> {
        self.participants.iter_mut().find(|participant| participant.leg == leg)
    }

    /// Of that CallSid or label.
    fn called(&self, name: &str) -> Option<&Participant> {
        let call: Option<CallSid> = name.parse().ok();
        self.participants.iter().find(|participant| {
            call == Some(participant.call) || participant.label.as_deref() == Some(name)
        })
    }

    fn of_call(&self, call: CallSid) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.call == call)
    }
}

impl Calls {
    /// The `<Conference>` the leg stands at.
    pub(crate) fn conferring(&self, leg: LegId) -> Option<&Conferring> {
        self.leg(leg)?.run.as_ref()?.conferring()
    }

    fn participant_mut(&mut self, room: media::RoomId, leg: LegId) -> Option<&mut Participant> {
        self.conferences.get_mut(room)?.participant_mut(leg)
    }

    /// Another leg has come in its place (`inbound/inherit`): it keeps what it is there, under the new
    /// call's name.
    pub(crate) fn inherit_conferring(&mut self, run: &mut Run, old: LegId, new: LegId) {
        let Some(conferring) = run.conferring_mut() else { return };
        conferring.leg = new;
        let (room, limit) = (conferring.room, conferring.time_limit);
        self.timers.hand_over(limit, new);
        let Some(media) = self.leg(old).map(|leg| leg.media.id) else { return };
        let (Some(old_call), Some(leg)) = (self.leg(old).map(|leg| leg.sid), self.leg(new)) else {
            return;
        };
        let (new_call, root) = (leg.sid, leg.root);
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let account_and_sid = (conference.account, conference.sid);
        let Some(participant) = conference.participant_mut(old) else { return };
        let before = participant.clone();
        participant.leg = new;
        participant.root = root;
        if participant.call == old_call {
            participant.call = new_call;
        }
        participant.speaks = false;
        let (call, spoke) = (participant.call, participant.speech.take().is_some());
        let mut changed = vec![new];
        for other in &mut conference.participants {
            if other.coaches == Some(old_call) {
                other.coaches = Some(call);
                changed.push(other.leg);
            }
        }
        if spoke {
            self.order_media(media, media::Command::Speak(None));
        }
        if before.speaks {
            self.tell_of_participant(room, &before, Event::SpeechStop, Vec::new());
        }
        let is_another = before.call != call;
        if is_another {
            self.tell_left(room, &before, Left::ByItself, CallStatus::Completed);
            self.store_gone(account_and_sid, &before);
            self.tell_participant(room, new, Event::Join);
        }
        for leg in changed {
            self.store_participant(room, leg);
        }
    }

    /// The same, once its run is its own.
    pub(crate) fn take_place(&mut self, leg: LegId) {
        let Some(room) = self.conferring(leg).map(|conferring| conferring.room) else { return };
        if let Some(thread) = self.conferences.get(room).map(Conference::thread) {
            self.move_to_thread(leg, thread);
        }
        for leg in self.conferences.legs(room) {
            self.attune(room, leg);
        }
    }

    /// A bug of ours has broken what these were in: nobody is told.
    pub(crate) fn forget_rooms(&mut self, legs: &[LegId]) {
        let rooms: Vec<_> = legs.iter().filter_map(|leg| self.conferring(*leg)).collect();
        let rooms: Vec<_> = rooms.into_iter().map(|conferring| conferring.room).collect();
        for room in rooms {
            self.remove_room(room);
        }
    }
}

#[cfg(test)]
mod tests;
