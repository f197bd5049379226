//! What the ladder shows of rooms: who is heard in one by whom, what all in it hear.
//!
//! Not here: what must hold of them (`books/rooms`).

use std::time::Duration;

use legwork_media::{Command, MediaId, RoomCommand, SourceId};

use super::World;

impl World {
    /// A leg is told where its voice goes.
    pub(super) fn show_speech(&mut self, at: Duration, media: MediaId, command: &Command) {
        let Command::Speak(speech) = command else { return };
        let party = self.party_of(media);
        let text = match speech {
            None => format!("{party} is not heard in the room"),
            Some(speech) => {
                let by = speech.only.map_or_else(|| "all".to_owned(), |only| self.party_of(only));
                let depth = speech.jitter.depth().as_millis();
                format!("{party} is heard in the room by {by}, {depth} ms late at least")
            }
        };
        self.ladder.text(at, text);
    }

    /// A room is ordered something.
    pub(super) fn show_room(&mut self, at: Duration, command: &RoomCommand) {
        let text = match command {
            RoomCommand::Play(SourceId::BEEP, _) => "the room hears a beep".to_owned(),
            RoomCommand::Play(SourceId::BEEP_OUT, _) => "the room hears a low beep".to_owned(),
            RoomCommand::Play(_, times) => format!("the room hears audio of ours {times} times"),
            RoomCommand::Open
            | RoomCommand::Tap(..)
            | RoomCommand::HoldTap(..)
            | RoomCommand::Untap(_)
            | RoomCommand::Watch(_)
            | RoomCommand::Close => return,
        };
        self.ladder.text(at, text);
    }

    /// Whose leg has these ports.
    fn party_of(&self, media: MediaId) -> String {
        let legs = self.legs();
        let call_id = legs.iter().find(|leg| leg.media == Some(media)).map(|leg| leg.sip_call_id);
        let is_it = |phone: &&crate::phone::Phone| phone.call_id() == call_id;
        let phone = self.phones.iter().find(is_it).filter(|_| call_id.is_some());
        phone.map_or_else(|| "somebody".to_owned(), |phone| phone.config().name.clone())
    }
}
