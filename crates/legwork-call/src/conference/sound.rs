//! What a participant says and hears: it follows from its state, and from whether the conference has
//! started.
//!
//! | | says into the room | hears |
//! |---|---|---|
//! | before the start | nothing | music, silence or a document (`wait`) |
//! | afterwards | all, or the coached alone hear it | the room |
//! | muted | nothing | the room |
//! | held | nothing | music, silence or a document |
//! | announced to | what it says else | a document, and then what it heard before |
//!
//! Not here: mixing (`legwork-media`).
//! Source: Twilio, "TwiML Voice: Conference", "Participants resource".

use legwork_media as media;

use super::{Conference, Heard, Participant};
use crate::calls::Calls;
use crate::io::Output;
use crate::leg::LegId;

impl Calls {
    /// Where what it says goes.
    pub(crate) fn speech_of(
        &self,
        conference: &Conference,
        of: &Participant,
    ) -> Option<media::Speech> {
        if !conference.has_started || of.muted || of.is_held() {
            return None;
        }
        let (room, jitter) = (conference.room, of.jitter);
        let Some(call) = of.coaches else {
            return Some(media::Speech { room, only: None, jitter });
        };
        let coached = conference.of_call(call).and_then(|coached| self.leg(coached.leg))?;
        Some(media::Speech { room, only: Some(coached.media.id), jitter })
    }

    /// What it hears; none: a document says.
    pub(crate) fn feed_of(conference: &Conference, of: &Participant) -> Option<media::Feed> {
        if of.document.is_some() {
            return None;
        }
        Some(match of.instead(conference.has_started) {
            None => media::Feed::Room(conference.room),
            Some((Heard::Music, _)) => media::Feed::HoldMusic,
            Some((Heard::Silence | Heard::Document(_), _)) => media::Feed::Silence,
        })
    }

    /// It says and hears what its state says.
    pub(super) fn attune(&mut self, room: media::RoomId, leg: LegId) {
        let Some(conference) = self.conferences.get(room) else { return };
        let Some(participant) = conference.participant(leg) else { return };
        let speech = self.speech_of(conference, participant);
        let (feed, spoke) = (Self::feed_of(conference, participant), participant.speech);
        if let Some(feed) = feed {
            self.feed(leg, feed);
        }
        if speech == spoke {
            return;
        }
        if let Some(participant) = self.participant_mut(room, leg) {
            participant.speech = speech;
        }
        if let Some(media) = self.leg(leg).map(|leg| leg.media.id) {
            self.order_media(media, media::Command::Speak(speech));
        }
    }

    /// Somebody comes or goes: all hear it, once the conference has started.
    pub(super) fn beep(&mut self, room: media::RoomId, sound: media::SourceId) {
        if self.conferences.get(room).is_some_and(|room| room.has_started) {
            self.order_room(room, media::RoomCommand::Play(sound, 1));
        }
    }

    pub(crate) fn order_room(&mut self, room: media::RoomId, command: media::RoomCommand) {
        let Some(thread) = self.conferences.get(room).map(Conference::thread) else { return };
        self.push(Output::Room { thread, room, command });
    }

    /// A media thread tells something of a room.
    pub(crate) fn handle_room(&mut self, room: media::RoomId, event: media::RoomEvent) {
        let Some(conference) = self.conferences.get(room) else { return };
        self.current = conference.first();
        match event {
            media::RoomEvent::Played(source) => self.announced(source),
            media::RoomEvent::Speaks(media, speaks) => self.tell_speaker(room, media, speaks),
        }
    }
}
