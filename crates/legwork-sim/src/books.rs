//! What must hold after every step and at the end, whatever the phones do: checked from the wire,
//! the outputs, and a look at the engine's state where that is what they must agree with.
//!
//! | rule | where |
//! |---|---|
//! | I1 each leg in one state, each request one final answer | `requests`; `World` asks for legs adrift |
//! | I2 each 202 ends in one final NOTIFY, or its subscription is dead | `notices` |
//! | I3 answerOnBridge=true and failure: the two talk again | `transfers` |
//! | I4 the application is asked once for each REFER accepted | `transfers` |
//! | I5 nothing is left | `World::finish`, `audio` |
//! | I6 a record of each call, once, and its callbacks in order | `records` |
//! | every recording comes to one end | `recordings` |
//! | every real-time transcription, too, and it is told in order | `words` |
//! | first come, first served; nobody is lost | `queues` |
//! | who is in a conference says and hears what its state says | `rooms` |
//! | so is every session recording that a recorder took | `siprecs` |
//! | I7 nothing goes where the dialog does not lead; media neither | `dialogs`, `Books` |
//! | I8 quiet in time | `World::finish` |
//! | answerOnBridge=true never loses the caller | `transfers` |
//! | each audio path equals what the state says | `audio`, `hearing` |
//! | nobody is left alone in silence | `audio`, `dialogs` |
//! | bystanders notice nothing | `Books` |
//!
//! Not here: what a scenario expects in particular (its ladder).
//! Source: reliability.md section 6.3; RFC 3261 §12.2.1.1.

mod audio;
mod dialogs;
mod notices;
pub mod queues;
mod recordings;
mod records;
mod requests;
mod rooms;
mod siprecs;
mod transfers;
mod words;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use legwork_call::io::{
    CallRow, Change, ConferenceRow, Expects, Fetch, ParticipantRow, RecordingRow, TranscriptionRow,
};
use legwork_call::sid::CallSid;
use legwork_call::view::{Doing, Leg, Queue, Recorder, Room, Transfer};
use legwork_media as media;
use legwork_sip::header::Name;

use crate::wire::Wire;
use audio::Audio;
use dialogs::Dialogs;
use notices::Notices;
use queues::Queues;
use recordings::Recordings;
use records::Records;
use requests::Requests;
use rooms::Rooms;
use siprecs::Siprecs;
use transfers::{Outcome, Transfers};
use words::Words;

/// Call-ID and branch.
type RequestKey = (String, String);

/// Everything seen so far that something must be true of.
#[derive(Debug, Default)]
pub struct Books {
    dialogs: Dialogs,
    requests: Requests,
    notices: Notices,
    transfers: Transfers,
    records: Records,
    recordings: Recordings,
    words: Words,
    queues: Queues,
    siprecs: Siprecs,
    audio: Audio,
    rooms: Rooms,
    referred: BTreeMap<RequestKey, Instant>,
    refer_answers: BTreeMap<RequestKey, u16>,
    bystanders: Vec<IpAddr>,
    passed: Passed,
}

/// What has passed in the step at hand.
#[derive(Debug, Default)]
struct Passed {
    /// REST ordered something.
    is_command: bool,
    /// The engine says that a call was restored.
    is_restored: bool,
    /// Call-IDs of the BYEs sent.
    byes: Vec<String>,
    /// What applications were told of transfers.
    outcomes: Vec<Outcome>,
}

/// How often something happened that the rules are about: where nothing does, they say nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Transfers accepted.
    pub accepted: usize,
    /// One if there were several in this world.
    pub several: usize,
    /// Transferee and target were brought together.
    pub completed: usize,
    /// Failed where the call had to be given back.
    pub restored: usize,
    /// Callers taken out of queues.
    pub taken: usize,
    /// Conferences that started.
    pub conferred: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.several += other.several;
        self.completed += other.completed;
        self.restored += other.restored;
        self.taken += other.taken;
        self.conferred += other.conferred;
    }
}

impl Books {
    /// What happened so far.
    pub fn tally(&self) -> Tally {
        let Transfers { accepted, completed, restored, .. } = self.transfers;
        let (several, conferred) = (usize::from(accepted > 1), self.rooms.started);
        let taken = self.queues.story.taken.len();
        Tally { accepted, several, completed, restored, taken, conferred }
    }

    /// A name leads there.
    pub fn resolved(&mut self, ip: IpAddr) {
        self.dialogs.resolved(ip);
    }

    /// In which room that leg's sound is heard.
    pub fn speech(&self, media: media::MediaId) -> Option<media::Speech> {
        self.audio.speech(media)
    }

    /// Those there are in conversation, and nothing may come between them from now on; nobody: whatever
    /// happens to them is fine.
    pub fn stand_by(&mut self, ips: Vec<IpAddr>) {
        self.bystanders = ips;
    }

    /// The switch was handed this message for the first time.
    pub fn received(&mut self, now: Instant, from: SocketAddr, message: &Wire) {
        let is_up = self.requests.received(now, message);
        self.dialogs.received(from, message, is_up);
        let (call_id, (cseq, method)) = (message.call_id(), message.cseq());
        match (message.method(), message.status()) {
            (Some("REFER"), _) => {
                let key = (call_id.to_owned(), message.branch().to_owned());
                self.referred.entry(key).or_insert(now);
                if message.to_tag().is_some() {
                    self.notices.refer_received(call_id, message.from_tag(), cseq);
                }
            }
            (None, Some(status)) if method == "NOTIFY" && status >= 200 => {
                self.notices.answered(call_id, message.to_tag(), cseq, status);
            }
            (Some(_) | None, _) => {}
        }
    }

    /// The switch sent this message for the first time.
    ///
    /// # Errors
    /// What it broke.
    pub fn sent(&mut self, now: Instant, to: SocketAddr, message: &Wire) -> Result<(), String> {
        if self.bystanders.contains(&to.ip()) {
            return Err(format!("bystanders: a message to {to}"));
        }
        self.notices.sent(to, message)?;
        self.dialogs.sent(to, message)?;
        self.requests.sent(now, message)?;
        match message.method() {
            Some("NOTIFY") => self.notices.notified(message),
            Some("BYE") => {
                self.passed.byes.push(message.call_id().to_owned());
                Ok(())
            }
            Some(_) => Ok(()),
            None => self.answered(now, to, message),
        }
    }

    fn answered(&mut self, now: Instant, to: SocketAddr, message: &Wire) -> Result<(), String> {
        let (cseq, method) = message.cseq();
        let status = message.status().unwrap_or(0);
        if status < 200 || method != "REFER" {
            return Ok(());
        }
        if status == 481 {
            self.notices.unknown(message.call_id(), message.from_tag(), cseq);
        }
        let key = (message.call_id().to_owned(), message.branch().to_owned());
        if self.referred.get(&key).is_some_and(|came| *came != now) {
            return Err("R12: a REFER waited for its answer".to_owned());
        }
        if self.refer_answers.insert(key, status).is_none() && status == 202 {
            self.transfers.accepted += 1;
            if message.header(Name::ReferSub) != "false" {
                self.notices.opened(to, message.call_id(), message.from_tag(), cseq);
            }
        }
        Ok(())
    }

    /// The application is asked or told.
    ///
    /// # Errors
    /// What it broke.
    pub fn fetched(&mut self, fetch: &Fetch) -> Result<(), String> {
        let named = |name: &str| {
            let found = fetch.parameters.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        let is_refer = named("ReferTransferTarget").is_some();
        self.transfers.asked += usize::from(is_refer && fetch.expects == Expects::Document);
        if let Some(status) = named("ReferCallStatus") {
            let code = named("NotifySipResponseCode").and_then(|code| code.parse().ok());
            let (status, code) = (status.to_owned(), code.unwrap_or(0));
            self.passed.outcomes.push(Outcome { call: fetch.call, status, code });
        }
        if fetch.expects == Expects::Document {
            self.audio.asked();
        }
        if fetch.expects == Expects::Document
            && let Some(row) = self.records.rows.get(&fetch.call)
            && row.ended.is_some()
        {
            return Err(format!("I6: asked about a call that is over: {row:?}"));
        }
        self.rooms.fetched(fetch)?;
        if let (Some(sid), Some(event), Some(number)) =
            (named("TranscriptionSid"), named("TranscriptionEvent"), named("SequenceId"))
        {
            self.words.told(sid, event, number)?;
        }
        if let (Some(sid), Some(event)) = (named("SiprecSid"), named("SiprecEvent")) {
            self.siprecs.told(sid, event)?;
        }
        // What a <Gather> understands so far is counted, too, for itself.
        match named("SequenceNumber").filter(|_| named("CallbackSource").is_some()) {
            Some(number) => self.records.told(fetch, number, named("CallDuration").is_some()),
            None => Ok(()),
        }
    }

    /// The switch orders something of a media thread.
    ///
    /// # Errors
    /// What it broke.
    pub fn ordered(&mut self, media: media::MediaId, order: &media::Command) -> Result<(), String> {
        if let media::Command::Agree(agreed) = order
            && !self.dialogs.media.contains(&agreed.remote_rtp)
        {
            return Err(format!("I7: media to {}, which nobody named", agreed.remote_rtp));
        }
        self.rooms.order(media, order);
        self.audio.order(media, order)
    }

    /// The same of a room.
    ///
    /// # Errors
    /// What it broke.
    pub fn ordered_room(
        &mut self,
        thread: u8,
        room: media::RoomId,
        order: &media::RoomCommand,
    ) -> Result<(), String> {
        self.rooms.order_room(thread, room, order)
    }

    /// A conference began, started or ended.
    ///
    /// # Errors
    /// What it broke.
    pub fn conferred(&mut self, row: &ConferenceRow) -> Result<(), String> {
        self.rooms.stored(row)
    }

    /// Somebody came into a conference, was changed there, or has left.
    ///
    /// # Errors
    /// What it broke.
    pub fn participated(&mut self, row: &ParticipantRow) -> Result<(), String> {
        self.rooms.stored_participant(row)
    }

    /// How often these ports were ordered what to send.
    pub fn times_fed(&self, media: media::MediaId) -> u32 {
        self.audio.times_fed(media)
    }

    /// From now on every transfer has a `referStatusCallback`.
    pub fn expect_outcomes(&mut self) {
        self.transfers.are_all_told = true;
    }

    /// REST orders something.
    pub fn commanded(&mut self) {
        self.passed.is_command = true;
    }

    /// REST ordered a transfer and it was accepted.
    pub fn transferred_by_rest(&mut self) {
        self.transfers.accepted += 1;
    }

    /// The engine says that a call was restored.
    pub fn restored(&mut self) {
        self.passed.is_restored = true;
    }

    /// A row of the read model changed.
    ///
    /// # Errors
    /// What it broke.
    pub fn stored(&mut self, row: &CallRow) -> Result<(), String> {
        self.records.stored(row)
    }

    /// A recording began, or got on.
    ///
    /// # Errors
    /// What it broke.
    pub fn recorded(&mut self, row: &RecordingRow) -> Result<(), String> {
        self.recordings.stored(row)
    }

    /// A row of a transcript.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn transcribed(&mut self, row: &TranscriptionRow) -> Result<(), String> {
        self.recordings.transcribed(row)
    }

    /// The step is over: this is what lives now.
    ///
    /// # Errors
    /// What does not hold.
    pub fn look(
        &mut self,
        now: Instant,
        legs: &[Leg<'_>],
        recorders: &[Recorder],
        transfers: Vec<Transfer>,
        rooms: &[Room<'_>],
    ) -> Result<(), String> {
        let passed = std::mem::take(&mut self.passed);
        self.audio.look(now, legs, recorders)?;
        self.rooms.look(legs, rooms)?;
        self.dialogs.look(now, legs, recorders)?;
        self.requests.look()?;
        let rows = &self.records.rows;
        let sent_off = |call: CallSid| {
            rows.get(&call).is_some_and(|row| passed.byes.contains(&row.sip_call_id))
        };
        self.transfers.look(&passed, legs, transfers, sent_off)?;
        self.look_at_bystanders(legs)
    }

    /// A row about a queue.
    ///
    /// # Errors
    /// What it broke.
    pub fn queued(&mut self, change: &Change) -> Result<(), String> {
        self.queues.stored(change)
    }

    /// Somebody took that call out of a queue.
    ///
    /// # Errors
    /// What it broke.
    pub fn taken(&mut self, call: CallSid) -> Result<(), String> {
        self.queues.taken(call)
    }

    /// What happened in queues.
    pub fn queue_story(&self) -> &queues::Story {
        &self.queues.story
    }

    /// The same of queues.
    ///
    /// # Errors
    /// What does not hold.
    pub fn look_at_queues<'a>(
        &mut self,
        legs: &[Leg<'_>],
        queues: impl Iterator<Item = Queue<'a>>,
    ) -> Result<(), String> {
        self.queues.look(legs, queues)
    }

    fn look_at_bystanders(&self, legs: &[Leg<'_>]) -> Result<(), String> {
        let talks = |ip: &IpAddr| {
            legs.iter().any(|leg| {
                let is_theirs = leg.agreed.is_some_and(|agreed| agreed.remote_rtp.ip() == *ip);
                is_theirs && matches!(leg.doing, Doing::Bridged { .. })
            })
        };
        match self.bystanders.iter().find(|ip| !talks(ip)) {
            Some(ip) => Err(format!("bystanders: {ip} does not talk any more")),
            None => Ok(()),
        }
    }

    /// The newest row of the call with this Call-ID that is not over, else of any.
    pub fn call(&self, call_id: &str) -> Option<&CallRow> {
        let of = || self.records.rows.values().filter(|row| row.sip_call_id == call_id);
        of().find(|row| row.ended.is_none()).or_else(|| of().next_back())
    }

    /// The newest call to there that is not over, else any.
    pub fn call_to(&self, to: &str) -> Option<&CallRow> {
        let of = || self.records.rows.values().filter(|row| row.to == to);
        of().find(|row| row.ended.is_none()).or_else(|| of().next_back())
    }

    /// The call that has this SID or Call-ID.
    pub fn call_named(&self, id: &str) -> Option<&CallRow> {
        let is_it = |row: &&CallRow| row.sip_call_id == id || row.sid.to_string() == id;
        self.records.rows.values().find(is_it).filter(|_| !id.is_empty())
    }

    /// What must hold when everybody has hung up.
    ///
    /// # Errors
    /// What does not.
    pub fn close(&self) -> Result<(), String> {
        self.notices.close()?;
        self.transfers.close()?;
        self.dialogs.close()?;
        self.requests.close()?;
        self.audio.close()?;
        self.rooms.close()?;
        self.recordings.close()?;
        self.words.close()?;
        self.siprecs.close()?;
        self.records.close(self.dialogs.answered.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn bystanders_can_be_disturbed() {
        let ip = IpAddr::from([10, 0, 0, 6]);
        let mut books = Books::default();
        assert_eq!(books.look(Instant::now(), &[], &[], Vec::new(), &[]), Ok(()));
        books.stand_by(vec![ip]);
        assert!(books.look(Instant::now(), &[], &[], Vec::new(), &[]).is_err(), "it does not talk");
        let bye = Bytes::from_static(
            b"BYE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n\
              From: <sip:a>;tag=a\r\nTo: <sip:b>;tag=b\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n",
        );
        let bye = Wire::parse(&bye).unwrap();
        let sent = books.sent(Instant::now(), SocketAddr::new(ip, 5060), &bye);
        assert_eq!(sent, Err("bystanders: a message to 10.0.0.6:5060".to_owned()));
    }

    #[test]
    fn media_goes_where_a_description_says() {
        let mut books = Books::default();
        let media = media::MediaId { thread: 0, port: 2, lease: 1 };
        books.ordered(media, &media::Command::Open).unwrap();
        let remote = SocketAddr::from(([10, 0, 0, 2], 4_000));
        let agreed = media::offer_answer::Agreed {
            remote_rtp: remote,
            remote_rtcp: remote,
            rtcp_mux: false,
            codec: media::offer_answer::Codec::Pcmu,
            send_payload: 0,
            receive_payload: 0,
            telephone_event: None,
            event_clock_hz: 8000,
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        let order = media::Command::Agree(Box::new(agreed));
        assert!(books.ordered(media, &order).is_err(), "I7");
        let offer = Bytes::from_static(
            b"INVITE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\n\
              From: <sip:a>;tag=a\r\nTo: <sip:b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n\
              v=0\r\nc=IN IP4 10.0.0.2\r\nm=audio 4000 RTP/AVP 0\r\n",
        );
        books.received(Instant::now(), remote, &Wire::parse(&offer).unwrap());
        assert_eq!(books.ordered(media, &order), Ok(()));
    }
}
