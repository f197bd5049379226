//! Documents that one participant hears instead of the room: `waitUrl`, `HoldUrl`, `AnnounceUrl`.
//!
//! They are run on top of the run that stands at its `<Dial>` (`nested`), and may say, play, pause and
//! redirect. Who hears an announcement is heard meanwhile; behind it comes what was heard before, from its
//! beginning. A participant whose first document of `waitUrl` can not be had or used leaves (`DialCallStatus` is
//! `failed`); whatever can not be had later on, music is heard instead.
//! Not here: announcements to all (`announce`).
//! Source: Twilio, "TwiML Voice: Conference" (`waitUrl`, error 13238), "Participants resource".

use legwork_media as media;
use legwork_twiml as twiml;

use super::announce::NOTHING_HEARD;
use super::leave::Left;
use super::{Document, Heard};
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io;
use crate::leg::LegId;
use crate::nested::Waited;

/// What a document may hold that is heard in a conference.
pub(super) const fn is_heard(verb: &twiml::Verb) -> bool {
    match verb {
        twiml::Verb::Say(_)
        | twiml::Verb::Play(_)
        | twiml::Verb::Pause(_)
        | twiml::Verb::Redirect(_) => true,
        twiml::Verb::Dial(_)
        | twiml::Verb::Press(_)
        | twiml::Verb::Hangup(_)
        | twiml::Verb::Reject(_)
        | twiml::Verb::Refer(_)
        | twiml::Verb::Record(_)
        | twiml::Verb::Start(_)
        | twiml::Verb::Echo
        | twiml::Verb::Gather(_)
        | twiml::Verb::Enqueue(_)
        | twiml::Verb::Leave
        | twiml::Verb::Connect(_)
        | twiml::Verb::Stop(_)
        | twiml::Verb::Unbuilt(_) => false,
    }
}

impl Calls {
    /// A participant hears what its state says: a document is begun, goes on or ends. What is announced to it
    /// goes on.
    pub(super) fn listen(&mut self, room: media::RoomId, leg: LegId) {
        let Some(conference) = self.conferences.get(room) else { return };
        let Some(participant) = conference.participant(leg) else { return };
        let wanted = match participant.instead(conference.has_started) {
            Some((Heard::Document(hook), document)) => Some((hook.clone(), document)),
            Some((Heard::Music | Heard::Silence, _)) | None => None,
        };
        match (&participant.document, wanted) {
            (Some(Document::Announcement { .. }), _) | (None, None) => {}
            (Some(heard), Some((_, wanted))) if *heard == wanted => {}
            (_, Some((hook, document))) => self.hear_document(room, leg, hook, document),
            (Some(_), None) => self.stop_document(room, leg),
        }
        self.attune(room, leg);
    }

    /// A participant hears this instead of the room, or of another one.
    pub(super) fn hear_document(
        &mut self,
        room: media::RoomId,
        leg: LegId,
        hook: Hook,
        document: Document,
    ) {
        self.stop_waiting(leg);
        let Some(participant) = self.participant_mut(room, leg) else { return };
        participant.document = Some(document);
        self.feed(leg, media::Feed::Silence);
        self.fetch_waiting(leg, hook, Vec::new());
    }

    /// It hears no document any more.
    fn stop_document(&mut self, room: media::RoomId, leg: LegId) {
        if let Some(participant) = self.participant_mut(room, leg) {
            participant.document = None;
        }
        self.stop_waiting(leg);
    }

    /// Something else is to be heard in place of such a document.
    pub(super) fn replace_document(
        &mut self,
        room: media::RoomId,
        leg: LegId,
        document: &Document,
    ) {
        let participant = self.conferences.get(room).and_then(|room| room.participant(leg));
        if participant.is_some_and(|participant| participant.document.as_ref() == Some(document)) {
            self.stop_document(room, leg);
        }
    }

    /// A document has come. May it be run, if it is one to be heard by who is in a conference? If not, an
    /// alert says so. Whoever has had one that may is established there.
    pub(crate) fn may_be_heard(&mut self, leg: LegId, document: &io::Document) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        let waiting = run.filter(|run| run.waiting_at().is_some());
        let Some(room) = waiting.and_then(|run| Some(run.conferring()?.room)) else { return true };
        if !document.program.verbs.iter().all(is_heard) {
            self.alert(13_238, Some(leg), Detail::none());
            return false;
        }
        if let Some(participant) = self.participant_mut(room, leg) {
            participant.is_established = true;
        }
        true
    }

    /// Something is heard in the document of a participant.
    pub(crate) fn conference_document_heard(&mut self, leg: LegId) {
        let Some(room) = self.conferring(leg).map(|conferring| conferring.room) else { return };
        let participant = self.participant_mut(room, leg);
        let document = participant.and_then(|participant| participant.document.as_mut());
        if let Some(Document::Announcement { is_heard, .. }) = document {
            *is_heard = true;
        }
    }

    /// Does it hear what may go on for ever: `waitUrl` or `HoldUrl`?
    pub(crate) fn waits_in_conference(&self, leg: LegId) -> bool {
        let room = self.conferring(leg).and_then(|at| self.conferences.get(at.room));
        let participant = room.and_then(|room| room.participant(leg));
        match participant.and_then(|participant| participant.document.as_ref()) {
            Some(Document::Wait | Document::Hold) => true,
            Some(Document::Announcement { .. }) | None => false,
        }
    }

    /// The document of a participant is over.
    pub(crate) fn conference_document_over(&mut self, leg: LegId, how: Waited) {
        let Some(room) = self.conferring(leg).map(|conferring| conferring.room) else { return };
        self.stop_waiting(leg);
        let Some(participant) = self.participant_mut(room, leg) else { return };
        let Some(document) = participant.document.take() else { return };
        let next = match how {
            Waited::Ended => Heard::Silence,
            Waited::Failed => Heard::Music,
        };
        match document {
            Document::Wait if how == Waited::Failed && !participant.is_established => {
                return self.leave_conference(leg, Left::Failed);
            }
            Document::Wait => participant.wait = next,
            Document::Hold => participant.hold = Some(next),
            Document::Announcement { url, is_heard } => {
                let why = match (how, is_heard) {
                    (Waited::Ended, true) => None,
                    (Waited::Ended, false) => Some(NOTHING_HEARD),
                    (Waited::Failed, _) => Some("The document could not be had, or not be used."),
                };
                let participant = participant.clone();
                self.tell_announced(room, &participant, url, why);
            }
        }
        self.listen(room, leg);
    }
}
