//! Documents that one participant hears instead of the room: `waitUrl`, `HoldUrl`, `AnnounceUrl`.
//!
//! They are run on top of the run that stands at its `<Dial>` (`nested`), and may say, play, pause and
//! redirect. Who hears an announcement is heard meanwhile.
//! Not here: announcements to all (`announce`).
//! Source: Twilio, "TwiML Voice: Conference" (`waitUrl`, error 13238), "Participants resource".

use legwork_media as media;
use legwork_twiml as twiml;

use super::Document;
use super::event::Event;
use super::leave::Left;
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
    /// A participant hears this instead of the room.
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

    /// It does not hear that document any more, if it did.
    pub(super) fn stop_document(&mut self, room: media::RoomId, leg: LegId, document: &Document) {
        let Some(participant) = self.participant_mut(room, leg) else { return };
        if participant.document.as_ref() == Some(document) {
            participant.document = None;
            self.stop_waiting(leg);
        }
    }

    /// May this document be run by who is in a conference? If not, an alert says so.
    pub(crate) fn may_be_heard(&mut self, leg: LegId, document: &io::Document) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        let waits = run.is_some_and(|run| run.waiting_at().is_some() && run.conferring().is_some());
        if !waits || document.program.verbs.iter().all(is_heard) {
            return true;
        }
        self.alert(13_238, Some(leg), Detail::none());
        false
    }

    /// The document of a participant is over.
    pub(crate) fn conference_document_over(&mut self, leg: LegId, how: Waited) {
        let Some(room) = self.conferring(leg).map(|conferring| conferring.room) else { return };
        self.stop_waiting(leg);
        let participant = self.participant_mut(room, leg);
        let document = participant.and_then(|participant| participant.document.take());
        let plays = match (document, how) {
            (Some(Document::Wait), Waited::Failed) => {
                return self.leave_conference(leg, Left::Failed);
            }
            (Some(Document::Hold), Waited::Failed) => true,
            (Some(Document::Wait | Document::Hold), Waited::Ended) => false,
            (Some(Document::Announcement(url)), how) => {
                let event = match how {
                    Waited::Ended => Event::AnnouncementEnd,
                    Waited::Failed => Event::AnnouncementFail,
                };
                self.tell_announced(room, leg, event, url);
                true
            }
            (None, _) => return,
        };
        if let Some(participant) = self.participant_mut(room, leg) {
            participant.music = plays;
        }
        self.attune(room, leg);
    }
}
