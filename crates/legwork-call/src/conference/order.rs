//! Orders of REST to a conference and its participants.
//!
//! Not here: their shapes (`command`), announcements to all (`announce`).
//! Source: Twilio, "Conferences resource", "Participants resource".

use legwork_media as media;

use super::event::Event;
use super::leave::{End, Left};
use super::{Conference, Document, Heard};
use crate::calls::Calls;
use crate::command::{Answer, ConferenceChange, ConferenceOrder, ParticipantChange};
use crate::config::Hook;
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
        participant.end_on_exit = change.end_on_exit.unwrap_or(before.end_on_exit);
        participant.beep_on_exit = change.beep_on_exit.unwrap_or(before.beep_on_exit);
        participant.coaches = match change.coaching {
            Some(false) => None,
            Some(true) | None => coached.or(before.coaches),
        };
        self.change_heard(room, leg, change);
        let Some(participant) = self.participant_mut(room, leg) else { return Answer::Done };
        let after = participant.clone();
        self.store_participant(room, leg);
        let mute = if after.muted { Event::Mute } else { Event::Unmute };
        let hold = if after.is_held() { Event::Hold } else { Event::Unhold };
        let is_modified = (after.end_on_exit, after.beep_on_exit, after.coaches)
            != (before.end_on_exit, before.beep_on_exit, before.coaches);
        for (event, has_happened) in [
            (mute, after.muted != before.muted),
            (hold, after.is_held() != before.is_held()),
            (Event::Modify, is_modified),
        ] {
            if has_happened {
                self.tell_participant(room, leg, event);
            }
        }
        Answer::Done
    }

    /// What it hears from now on. An announcement goes on, unless there is another one.
    fn change_heard(&mut self, room: media::RoomId, leg: LegId, change: ParticipantChange) {
        let Some(participant) = self.participant_mut(room, leg) else { return };
        match (change.hold, change.hold_hook) {
            (Some(true), Some(hook)) => {
                participant.hold = Some(Heard::Document(hook));
                self.replace_document(room, leg, &Document::Hold);
            }
            (Some(true), None) if !participant.is_held() => participant.hold = Some(Heard::Music),
            (Some(true), None) | (None, _) => {}
            (Some(false), _) => participant.hold = None,
        }
        if let Some(hook) = change.wait_hook
            && let Some(participant) = self.participant_mut(room, leg)
        {
            participant.wait = Heard::Document(hook);
            participant.is_established = true;
            self.replace_document(room, leg, &Document::Wait);
        }
        if let Some(hook) = change.announce {
            self.announce_to(room, leg, hook);
        }
        self.listen(room, leg);
    }

    /// It hears that, and nothing that was announced to it before.
    fn announce_to(&mut self, room: media::RoomId, leg: LegId, hook: Hook) {
        let Some(participant) = self.participant_mut(room, leg).cloned() else { return };
        if let Some(Document::Announcement { url, .. }) = &participant.document {
            let why = Some("Another announcement has taken its place.");
            self.tell_announced(room, &participant, url.clone(), why);
        }
        let document = Document::Announcement { url: hook.url.clone(), is_heard: false };
        self.hear_document(room, leg, hook, document);
    }
}

fn nobody(who: &str) -> Answer {
    let who: String = who.chars().take(128).collect();
    refused(404, 20_404, &format!("Nobody in the conference is {who}."))
}
