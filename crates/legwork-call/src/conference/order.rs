//! Orders of REST to a conference and its participants.
//!
//! Not here: their shapes (`command`), announcements to all (`announce`).
//! Source: Twilio, "Conferences resource", "Participants resource".

use legwork_media as media;

use super::event::Event;
use super::leave::{End, Left};
use super::{Conference, Document};
use crate::calls::Calls;
use crate::command::{Answer, ConferenceChange, ConferenceOrder, ParticipantChange};
use crate::leg::LegId;
use crate::order::refused;

impl Calls {
    pub(crate) fn order_conference(&mut self, order: ConferenceOrder) -> Answer {
        let ConferenceOrder { account, conference, change } = order;
        let found = self.conferences.of_account(account, conference);
        let Some(room) = found.map(Conference::room) else {
            let text = format!("There is no conference {conference} going on.");
            return refused(404, 20_404, &text);
        };
        self.current = self.conferences.get(room).and_then(Conference::first);
        match change {
            ConferenceChange::End => self.end_conference(room, &End::by_order(), Left::Ended),
            ConferenceChange::Announce(hook) => return self.announce(room, hook),
            ConferenceChange::Participant { who, change } => {
                return match self.called(room, &who) {
                    Some(leg) => self.change_participant(room, leg, *change),
                    None => nobody(&who),
                };
            }
            ConferenceChange::Kick { who } => match self.called(room, &who) {
                Some(leg) => self.leave_conference(leg, Left::Kicked),
                None => return nobody(&who),
            },
        }
        Answer::Done
    }

    fn called(&mut self, room: media::RoomId, who: &str) -> Option<LegId> {
        let leg = self.conferences.get(room)?.called(who)?.leg;
        self.current = Some(leg);
        Some(leg)
    }

    fn change_participant(
        &mut self,
        room: media::RoomId,
        leg: LegId,
        change: ParticipantChange,
    ) -> Answer {
        let Some(conference) = self.conferences.get(room) else { return Answer::Done };
        let coached = change.call_sid_to_coach.filter(|_| change.coaching != Some(false));
        if change.coaching == Some(true) && coached.is_none() {
            return refused(400, 16_027, "Coaching needs CallSidToCoach.");
        }
        let others = |call| conference.of_call(call).is_some_and(|other| other.leg != leg);
        if coached.is_some_and(|call| !others(call)) {
            return refused(400, 16_028, "Nobody else of that CallSidToCoach is there.");
        }
        let Some(participant) = self.participant_mut(room, leg) else { return Answer::Done };
        let before = participant.clone();
        participant.muted = change.muted.unwrap_or(before.muted);
        participant.held = change.hold.unwrap_or(before.held);
        participant.end_on_exit = change.end_on_exit.unwrap_or(before.end_on_exit);
        participant.beep_on_exit = change.beep_on_exit.unwrap_or(before.beep_on_exit);
        participant.coaches = match change.coaching {
            Some(false) => None,
            Some(true) | None => coached.or(before.coaches),
        };
        let after = participant.clone();
        self.change_document(room, leg, &change, before.held);
        self.attune(room, leg);
        self.store_participant(room, leg);
        let mute = if after.muted { Event::Mute } else { Event::Unmute };
        let hold = if after.held { Event::Hold } else { Event::Unhold };
        let is_modified = (after.end_on_exit, after.beep_on_exit, after.coaches)
            != (before.end_on_exit, before.beep_on_exit, before.coaches);
        for (event, has_happened) in [
            (mute, after.muted != before.muted),
            (hold, after.held != before.held),
            (Event::Modify, is_modified),
        ] {
            if has_happened {
                self.tell_participant(room, leg, event);
            }
        }
        Answer::Done
    }

    /// What it hears from now on, if that is a document, or was one.
    fn change_document(
        &mut self,
        room: media::RoomId,
        leg: LegId,
        change: &ParticipantChange,
        was_held: bool,
    ) {
        let is_held = change.hold.unwrap_or(was_held);
        let hold = change.hold_hook.clone().filter(|_| change.hold == Some(true));
        match (is_held, was_held, hold) {
            (true, _, Some(hook)) => self.hear_document(room, leg, hook, Document::Hold),
            (true, false, None) => {
                self.stop_any_document(room, leg);
                if let Some(participant) = self.participant_mut(room, leg) {
                    participant.music = true;
                }
            }
            (false, true, _) => {
                self.stop_document(room, leg, &Document::Hold);
                if let Some(participant) = self.participant_mut(room, leg) {
                    participant.music = true;
                }
            }
            (true, true, None) | (false, false, _) => {}
        }
        if let Some(hook) = change.announce.clone() {
            let document = Document::Announcement(hook.url.clone());
            self.hear_document(room, leg, hook, document);
        }
    }

    fn stop_any_document(&mut self, room: media::RoomId, leg: LegId) {
        let participant = self.participant_mut(room, leg);
        if participant.and_then(|participant| participant.document.take()).is_some() {
            self.stop_waiting(leg);
        }
    }
}

fn nobody(who: &str) -> Answer {
    let who: String = who.chars().take(128).collect();
    refused(404, 20_404, &format!("Nobody in the conference is {who}."))
}
