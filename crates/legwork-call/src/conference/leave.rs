//! Leaving a room, and its end: what becomes of those who are left, and of their `<Dial>`s.
//!
//! Not here: how a leg ends (`hangup`), what is told of it (`event`).
//! Source: Twilio, "TwiML Voice: Conference" (`endConferenceOnExit`, `ReasonParticipantLeft`,
//! `ReasonConferenceEnded`), "Dial" (`action` of a conference: `DialCallStatus` is `answered`).

use legwork_media as media;

use super::event::Event;
use super::{Conference, Conferring, Document, Participant};
use crate::calls::Calls;
use crate::io::Output;
use crate::ladder::What;
use crate::leg::{CallStatus, LegId};
use crate::run::{Flow, Parameter, Step};
use crate::sid::CallSid;
use crate::timer::TimerKey;

/// Why somebody has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// It hung up, pressed `*`, or its time was over.
    ByItself,
    /// REST gave it something else to do.
    Updated,
    /// REST hung it up.
    HungUp,
    /// REST took it out.
    Kicked,
    /// Somebody whose going ends the conference has gone.
    Moderator,
    /// REST ended the conference.
    Ended,
    /// What it was to hear until the start could not be had.
    Failed,
}

impl Left {
    /// `ReasonParticipantLeft`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::ByItself => "participant_hung_up",
            Self::Updated | Self::HungUp | Self::Kicked => "participant_updated_via_api",
            Self::Moderator => "moderator_ended_conference",
            Self::Ended => "conference_ended_via_api",
            Self::Failed => "participant_add_failed",
        }
    }
}

/// Why a conference is over.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// `ReasonConferenceEnded`.
    pub(super) reason: &'static str,
    /// Who ended it.
    pub(super) by: Option<(CallSid, Option<String>)>,
}

impl End {
    fn by(participant: &Participant, left: Left) -> Self {
        let kicked = left == Left::Kicked;
        let reason = match (participant.end_on_exit, kicked) {
            (true, true) => "participant-with-end-conference-on-exit-kicked",
            (true, false) => "participant-with-end-conference-on-exit-left",
            (false, true) => "last-participant-kicked",
            (false, false) => "last-participant-left",
        };
        Self { reason, by: Some((participant.call, participant.label.clone())) }
    }

    /// REST ended it.
    pub(super) const fn by_order() -> Self {
        Self { reason: "conference-ended-via-api", by: None }
    }
}

impl Calls {
    // === one leaves ===

    /// The leg's `<Conference>` is over: `action`, or the next verb.
    pub(crate) fn leave_conference(&mut self, leg: LegId, left: Left) {
        if self.conferring(leg).is_none() {
            return;
        }
        self.stop_waiting(leg);
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let Step::Conferring(conferring) = std::mem::replace(&mut run.step, Step::Ready) else {
            return;
        };
        let Conferring { verb, base, room, mut time_limit, .. } = *conferring;
        self.timers.cancel(&mut time_limit);
        self.exit_room(room, leg, left);
        self.listen_for_keys(leg);
        self.feed(leg, media::Feed::Nothing);
        let was_in = left != Left::Failed;
        let status = if was_in { "answered" } else { "failed" };
        let told: Vec<Parameter> = vec![
            ("DialCallStatus".into(), status.to_owned()),
            ("DialBridged".into(), was_in.to_string()),
        ];
        if self.ask_action(leg, &verb, base.as_ref(), told) == Flow::Next {
            self.next_verb(leg);
        }
    }

    /// The leg stands at its `<Conference>` no more, whatever it does instead.
    pub(crate) fn drop_conferring(&mut self, mut conferring: Conferring) {
        self.timers.cancel(&mut conferring.time_limit);
        let is_there = self.leg(conferring.leg).is_some();
        let left = if is_there { Left::Updated } else { Left::ByItself };
        self.exit_room(conferring.room, conferring.leg, left);
    }

    /// It is in the room no more. Nothing happens if it was not.
    pub(crate) fn exit_room(&mut self, room: media::RoomId, leg: LegId, left: Left) {
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let Some(at) = conference.participants.iter().position(|one| one.leg == leg) else {
            return;
        };
        let participant = conference.participants.remove(at);
        let (is_empty, has_started) = (conference.participants.is_empty(), conference.has_started);
        self.part_with(room, &participant, left);
        // Who could not be established has never been a moderator to the others.
        if participant.end_on_exit && left != Left::Failed || is_empty {
            return self.end_conference(room, &End::by(&participant, left), Left::Moderator);
        }
        if participant.beep_on_exit && has_started {
            self.beep(room, media::SourceId::BEEP_OUT);
        }
        // Who coached it speaks to nobody.
        for leg in self.conferences.coaches(room, participant.call) {
            self.attune(room, leg);
        }
    }

    /// Who has left is not heard, hears nothing of it, and that is told.
    fn part_with(&mut self, room: media::RoomId, participant: &Participant, left: Left) {
        let leg = participant.leg;
        self.mark_siprecs(leg);
        if let Some(of) = self.leg(leg) {
            let (media, feed) = (of.media.id, of.media.feed);
            if participant.speech.is_some() {
                self.order_media(media, media::Command::Speak(None));
            }
            if feed == media::Feed::Room(room) {
                self.feed(leg, media::Feed::Nothing);
            }
            self.trace(leg, What::Decided("leaves the conference".to_owned()));
        }
        if participant.speaks {
            self.tell_of_participant(room, participant, Event::SpeechStop, Vec::new());
        }
        if let Some(Document::Announcement { url, .. }) = &participant.document {
            self.tell_announced(room, participant, url.clone(), Some("The participant has left."));
        }
        // A dialled application's call may be over though its leg goes on.
        let of = self.leg(leg).filter(|of| of.call_sid() == participant.call);
        let status = match of {
            Some(of) if left != Left::HungUp => of.life.status,
            Some(_) | None => CallStatus::Completed,
        };
        self.tell_left(room, participant, left, status);
        if let Some(conference) = self.conferences.get(room) {
            let of = (conference.account, conference.sid);
            self.store_gone(of, participant);
        }
    }

    // === it ends ===

    /// It is over; those who are in it go on behind their `<Dial>`.
    pub(super) fn end_conference(&mut self, room: media::RoomId, end: &End, left: Left) {
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let participants = std::mem::take(&mut conference.participants);
        for participant in &participants {
            self.part_with(room, participant, left);
        }
        self.announcement_cut_off(room);
        self.tell_conference(room, Event::End, end.parameters());
        self.remove_room(room);
        for participant in participants {
            let of = self.conferring(participant.leg);
            if of.is_some_and(|conferring| conferring.room == room) {
                self.leave_conference(participant.leg, left);
            }
        }
    }

    /// The room is gone.
    pub(super) fn remove_room(&mut self, room: media::RoomId) {
        self.forget_announcement(room);
        let recorded = self.conferences.get_mut(room).and_then(|room| room.recorded.take());
        if let Some(mut recorded) = recorded {
            self.close_recording(&mut recorded);
        }
        let Some(conference) = self.conferences.remove(room) else { return };
        let thread = conference.thread;
        self.push(Output::Room { thread, room, command: media::RoomCommand::Close });
        self.store_ended(&conference);
    }

    // === `<Dial>`'s attributes, REST ===

    /// `*` of a participant, with `hangupOnStar`. False: it means nothing here.
    pub(crate) fn conference_hears(&mut self, leg: LegId, digit: u8) -> bool {
        let ends = self.conferring(leg).is_some_and(Conferring::ends_by_star);
        let is_meant = digit == b'*' && ends;
        if is_meant {
            self.leave_conference(leg, Left::ByItself);
        }
        is_meant
    }

    /// `timeLimit`. False: it is another `<Dial>`'s.
    pub(crate) fn conference_limit(&mut self, leg: LegId, key: TimerKey) -> bool {
        let is_it = |conferring: &Conferring| conferring.time_limit == Some(key);
        let is_over = self.conferring(leg).is_some_and(is_it);
        if is_over {
            self.leave_conference(leg, Left::ByItself);
        }
        is_over
    }

    /// REST hangs it up: that is why it leaves, if it is in a conference.
    pub(crate) fn leave_by_order(&mut self, leg: LegId) {
        if let Some(room) = self.conferring(leg).map(|conferring| conferring.room) {
            self.exit_room(room, leg, Left::HungUp);
        }
    }
}

impl Conference {
    /// The leg that what happens there is about, if somebody is in it.
    pub(crate) fn first(&self) -> Option<LegId> {
        self.participants.first().map(|participant| participant.leg)
    }
}
