//! Conferences: each participant says and hears what its state says, nobody is left in a room that is
//! gone, and what is told of one is in order.
//!
//! Here: what the media threads were ordered, laid beside the engine's rooms; rows and events. Not here: who
//! hears whom (`tests/simulation`, `conferences`).

use std::collections::BTreeMap;

use legwork_call::io::{ConferenceRow, Fetch, ParticipantRow};
use legwork_call::sid::{CallSid, ConferenceSid};
use legwork_call::view::{Leg, Room, Waits};
use legwork_media::{Command, Feed, MediaId, RoomCommand, RoomId, Speech};

#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// The media thread of each that is open.
    open: BTreeMap<RoomId, u8>,
    lines: BTreeMap<MediaId, Line>,
    conferences: BTreeMap<ConferenceSid, &'static str>,
    participants: BTreeMap<(ConferenceSid, CallSid), bool>,
    /// Of those that are there: whom they coach.
    coached: BTreeMap<CallSid, Option<CallSid>>,
    /// How many have started.
    pub(super) started: usize,
    /// `SequenceNumber` of the event told last.
    told: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    host: u8,
    speech: Option<Speech>,
}

impl Rooms {
    /// The switch orders something of a media thread.
    pub(super) fn order(&mut self, media: MediaId, command: &Command) {
        match command {
            Command::Open => {
                self.lines.insert(media, Line { host: media.thread, speech: None });
            }
            Command::Close => drop(self.lines.remove(&media)),
            Command::Move(host) => {
                if let Some(line) = self.lines.get_mut(&media) {
                    line.host = *host;
                }
            }
            Command::Speak(speech) => {
                if let Some(line) = self.lines.get_mut(&media) {
                    line.speech = *speech;
                }
            }
            Command::Agree(_)
            | Command::Live(..)
            | Command::Feed(_)
            | Command::SendDigits(_)
            | Command::Tap(..)
            | Command::HoldTap(..)
            | Command::Untap(_)
            | Command::Hear(_) => {}
        }
    }

    /// The switch orders something of a room.
    pub(super) fn order_room(
        &mut self,
        thread: u8,
        room: RoomId,
        command: &RoomCommand,
    ) -> Result<(), String> {
        let before = match command {
            RoomCommand::Open => self.open.insert(room, thread),
            RoomCommand::Close => self.open.remove(&room),
            RoomCommand::Play(..)
            | RoomCommand::Tap(..)
            | RoomCommand::HoldTap(..)
            | RoomCommand::Untap(_)
            | RoomCommand::Watch(_) => self.open.get(&room).copied(),
        };
        let want = (*command != RoomCommand::Open).then_some(thread);
        if before == want {
            return Ok(());
        }
        Err(format!("rooms: {command:?} to {room:?} on {thread}, which is on {before:?}"))
    }

    /// A conference began, started or ended.
    pub(super) fn stored(&mut self, row: &ConferenceRow) -> Result<(), String> {
        let before = self.conferences.insert(row.sid, row.status);
        self.started += usize::from(before == Some("init") && row.status == "in-progress");
        let is_right = match before {
            None => row.status == "init",
            Some("init") => true,
            Some(before) => before == "in-progress" && row.status != "init",
        };
        if is_right { Ok(()) } else { Err(format!("rooms: {before:?}, and then {row:?}")) }
    }

    /// Somebody came into one, was changed, or has left.
    pub(super) fn stored_participant(&mut self, row: &ParticipantRow) -> Result<(), String> {
        let key = (row.conference, row.call);
        if row.left.is_some() && self.participants.get(&key) != Some(&true) {
            return Err(format!("rooms: left without having been there: {row:?}"));
        }
        self.participants.insert(key, row.left.is_none());
        if row.left.is_none() {
            self.coached.insert(row.call, row.call_sid_to_coach);
        } else {
            self.coached.remove(&row.call);
        }
        Ok(())
    }

    /// The application is told something.
    pub(super) fn fetched(&mut self, fetch: &Fetch) -> Result<(), String> {
        let named = |name: &str| {
            let found = fetch.parameters.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let (Some(event), Some(sid)) = (named("StatusCallbackEvent"), named("ConferenceSid"))
        else {
            return Ok(());
        };
        let number = named("SequenceNumber").and_then(|number| number.parse::<u64>().ok());
        let last = self.told.entry(sid).or_default();
        let next = last.checked_add(1);
        *last = if event == "conference-end" { u64::MAX } else { next.unwrap_or(u64::MAX) };
        if number.is_some() && number == next {
            return Ok(());
        }
        Err(format!("rooms: {event} is number {number:?}, and should be {next:?}"))
    }

    /// Looks at every leg and room.
    pub(super) fn look(&self, legs: &[Leg<'_>], rooms: &[Room<'_>]) -> Result<(), String> {
        let known: BTreeMap<RoomId, u8> =
            rooms.iter().map(|room| (room.room, room.thread)).collect();
        if known != self.open {
            return Err(format!("rooms: {:?} are open of {rooms:?}", self.open));
        }
        let members = || rooms.iter().flat_map(|room| &room.members);
        for (media, line) in &self.lines {
            let member = members().find(|member| member.media == *media);
            if line.speech != member.and_then(|member| member.speech) {
                return Err(format!("rooms: {media:?} is {member:?}, but told {line:?}"));
            }
        }
        for leg in legs.iter().filter(|leg| matches!(leg.feed, Feed::Room(_))) {
            if !members().any(|member| Some(member.media) == leg.media) {
                return Err(format!("rooms: it hears one that it is not in: {leg:?}"));
            }
        }
        for room in rooms {
            if room.members.is_empty() {
                return Err(format!("rooms: nobody is there: {room:?}"));
            }
            for member in &room.members {
                if self.coached.get(&member.call) != Some(&member.coaches) {
                    return Err(format!("rooms: {member:?}, but the rows say {:?}", self.coached));
                }
                let line = self.lines.get(&member.media);
                let leg = legs.iter().find(|leg| leg.media == Some(member.media));
                let (Some(line), Some(leg)) = (line, leg) else {
                    return Err(format!("rooms: who is that? {member:?} of {room:?}"));
                };
                let hears = member.feed.is_none_or(|feed| feed == leg.feed);
                let waits = matches!(leg.waits, Waits::Conference | Waits::Keys);
                let waits = member.feed.is_none() || waits;
                if line.host != room.thread || !hears || !waits {
                    return Err(format!("rooms: {member:?} is {line:?}, {leg:?}"));
                }
            }
        }
        Ok(())
    }

    pub(super) fn close(&self) -> Result<(), String> {
        let going = self.conferences.iter().find(|(_, status)| **status != "completed");
        let there = self.participants.iter().find(|(_, is_there)| **is_there);
        if self.open.is_empty() && going.is_none() && there.is_none() {
            return Ok(());
        }
        Err(format!("rooms: left are {:?}, {going:?}, {there:?}", self.open))
    }
}

#[cfg(test)]
mod tests {
    use legwork_call::view::{Doing, Member};
    use legwork_media::JitterSize;

    use super::*;

    const ROOM: RoomId = RoomId(1);
    const MEDIA: MediaId = MediaId { thread: 0, port: 2, lease: 1 };

    fn leg(feed: Feed, waits: Waits) -> Leg<'static> {
        Leg {
            call: CallSid::from_bits(1),
            sip_call_id: "",
            media: Some(MEDIA),
            is_answered: true,
            doing: Doing::Alone,
            feed,
            waits,
            agreed: None,
            hears_keys: false,
        }
    }

    fn room(thread: u8, members: Vec<Member>) -> Room<'static> {
        Room { room: ROOM, thread, name: "one", members }
    }

    #[test]
    fn what_a_participant_says_and_hears_can_be_wrong() {
        let speech = Some(Speech { room: ROOM, only: None, jitter: JitterSize::Large });
        let (call, coaches) = (CallSid::from_bits(1), None);
        let member = Member { call, coaches, media: MEDIA, speech, feed: Some(Feed::Room(ROOM)) };
        let there = leg(Feed::Room(ROOM), Waits::Conference);
        let mut rooms = Rooms::default();
        rooms.order(MEDIA, &Command::Open);
        assert!(rooms.order_room(0, ROOM, &RoomCommand::Watch(true)).is_err(), "not open");
        assert!(rooms.look(&[there], &[]).is_err(), "in no room");
        rooms.order_room(0, ROOM, &RoomCommand::Open).unwrap();
        assert!(rooms.look(&[there], &[]).is_err(), "open for nobody");
        assert!(rooms.look(&[], &[room(0, Vec::new())]).is_err(), "nobody is there");
        assert!(rooms.look(&[there], &[room(0, vec![member])]).is_err(), "never told to speak");
        rooms.order(MEDIA, &Command::Speak(speech));
        assert!(rooms.look(&[there], &[room(0, vec![member])]).is_err(), "no row says so");
        rooms.coached.insert(call, None);
        assert_eq!(rooms.look(&[there], &[room(0, vec![member])]), Ok(()));
        let coach = Member { coaches: Some(call), ..member };
        assert!(rooms.look(&[there], &[room(0, vec![coach])]).is_err(), "its row is old");
        assert!(rooms.look(&[there], &[room(1, vec![member])]).is_err(), "another thread");
        let muted = Member { speech: None, ..member };
        assert!(rooms.look(&[there], &[room(0, vec![muted])]).is_err(), "muted, and heard");
        let deaf = leg(Feed::HoldMusic, Waits::Conference);
        assert!(rooms.look(&[deaf], &[room(0, vec![member])]).is_err(), "hears something else");
        assert!(rooms.close().is_err(), "still open");
        rooms.order_room(0, ROOM, &RoomCommand::Close).unwrap();
        assert!(rooms.look(&[leg(Feed::Nothing, Waits::Nothing)], &[]).is_err(), "speaks on");
        assert_eq!(rooms.close(), Ok(()));
    }
}
