//! What is told of a conference: `statusCallback`, and the rows of the read model.
//!
//! Callback and events are those of the first to enter. Only what is told is counted, from 1.
//! Not here: who comes and goes (`enter`, `leave`), recordings (`recording`).
//! Source: Twilio, "TwiML Voice: Conference", `statusCallback`; twilio-voice 6.2.

use legwork_media as media;
use legwork_twiml as twiml;

use super::leave::{End, Left};
use super::{Conference, Participant};
use crate::callback::About;
use crate::calls::Calls;
use crate::config::Hook;
use crate::date;
use crate::io::{Change, ConferenceRow, Output, ParticipantRow};
use crate::leg::{CallStatus, LegId};
use crate::run::Parameter;
use crate::sid::{AccountSid, ConferenceSid};

/// Who is told what happens in a conference.
#[derive(Clone, Debug)]
pub(super) struct Told {
    hook: Hook,
    events: twiml::ConferenceEvents,
    /// Of the one told last.
    sequence: u32,
}

impl Told {
    pub(super) const fn wants_speakers(&self) -> bool {
        self.events.speaker
    }
}

/// What happens in a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Start,
    End,
    Join,
    Leave,
    Mute,
    Unmute,
    Hold,
    Unhold,
    Modify,
    SpeechStart,
    SpeechStop,
    AnnouncementEnd,
    AnnouncementFail,
}

impl Event {
    /// `StatusCallbackEvent`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "conference-start",
            Self::End => "conference-end",
            Self::Join => "participant-join",
            Self::Leave => "participant-leave",
            Self::Mute => "participant-mute",
            Self::Unmute => "participant-unmute",
            Self::Hold => "participant-hold",
            Self::Unhold => "participant-unhold",
            Self::Modify => "participant-modify",
            Self::SpeechStart => "participant-speech-start",
            Self::SpeechStop => "participant-speech-stop",
            Self::AnnouncementEnd => "announcement-end",
            Self::AnnouncementFail => "announcement-fail",
        }
    }

    /// Whether one of `statusCallbackEvent` asks for it.
    const fn is_among(self, events: &twiml::ConferenceEvents) -> bool {
        match self {
            Self::Start => events.start,
            Self::End => events.end,
            Self::Join => events.join,
            Self::Leave => events.leave,
            Self::Mute | Self::Unmute => events.mute,
            Self::Hold | Self::Unhold => events.hold,
            Self::Modify => events.modify,
            Self::SpeechStart | Self::SpeechStop => events.speaker,
            Self::AnnouncementEnd | Self::AnnouncementFail => events.announcement,
        }
    }
}

impl End {
    /// What `conference-end` tells of it.
    pub(super) fn parameters(&self) -> Vec<Parameter> {
        let mut told: Vec<Parameter> =
            vec![("ReasonConferenceEnded".into(), self.reason.to_owned())];
        let Some((call, label)) = &self.by else {
            told.push(("Reason".into(), "The conference was ended by the API.".to_owned()));
            return told;
        };
        told.push(("Reason".into(), format!("Call {call} has left.")));
        told.push(("CallSidEndingConference".into(), call.to_string()));
        if let Some(label) = label {
            told.push(("ParticipantLabelEndingConference".into(), label.clone()));
        }
        told
    }
}

impl Participant {
    /// What every event about it tells of it.
    fn parameters(&self) -> Vec<Parameter> {
        let mut told: Vec<Parameter> = vec![
            ("CallSid".into(), self.call.to_string()),
            ("Muted".into(), self.muted.to_string()),
            ("Hold".into(), self.is_held().to_string()),
            ("Coaching".into(), self.coaches.is_some().to_string()),
            ("EndConferenceOnExit".into(), self.end_on_exit.to_string()),
            ("StartConferenceOnEnter".into(), self.start_on_enter.to_string()),
        ];
        if let Some(label) = &self.label {
            told.push(("ParticipantLabel".into(), label.clone()));
        }
        told
    }
}

impl Calls {
    /// Who is told; an alert if that can not be read.
    pub(super) fn told_of_conference(
        &mut self,
        leg: LegId,
        noun: &twiml::Conference,
    ) -> Option<Told> {
        let twiml::ConferenceCallback { ask, events } = noun.status.as_ref()?;
        let of = || format!("<Conference statusCallback=\"{}\">.", ask.url);
        let hook = self.hook_in_document(leg, &ask.url, ask.method, of)?;
        Some(Told { hook, events: *events, sequence: 0 })
    }

    /// Something happened to nobody in particular.
    pub(super) fn tell_conference(
        &mut self,
        room: media::RoomId,
        event: Event,
        more: Vec<Parameter>,
    ) {
        self.tell_event(room, None, event, more);
    }

    /// Something happened to who is in the room.
    pub(super) fn tell_participant(&mut self, room: media::RoomId, leg: LegId, event: Event) {
        let conference = self.conferences.get(room);
        let Some(participant) = conference.and_then(|room| room.participant(leg)).cloned() else {
            return;
        };
        self.tell_event(room, Some(&participant), event, Vec::new());
    }

    /// The same of somebody who may have left.
    pub(super) fn tell_of_participant(
        &mut self,
        room: media::RoomId,
        participant: &Participant,
        event: Event,
        more: Vec<Parameter>,
    ) {
        self.tell_event(room, Some(participant), event, more);
    }

    /// Somebody is there no more.
    pub(super) fn tell_left(
        &mut self,
        room: media::RoomId,
        participant: &Participant,
        left: Left,
        status: CallStatus,
    ) {
        let more = vec![
            ("ParticipantCallStatus".into(), status.as_str().to_owned()),
            ("ReasonParticipantLeft".into(), left.as_str().to_owned()),
        ];
        self.tell_event(room, Some(participant), Event::Leave, more);
    }

    /// An announcement to one is over; or why it has failed.
    pub(super) fn tell_announced(
        &mut self,
        room: media::RoomId,
        participant: &Participant,
        url: String,
        failed: Option<&str>,
    ) {
        let mut more: Vec<Parameter> = vec![("AnnounceUrl".into(), url)];
        let event = match failed {
            None => Event::AnnouncementEnd,
            Some(why) => {
                more.push(("ReasonAnnouncementFailed".into(), why.to_owned()));
                Event::AnnouncementFail
            }
        };
        self.tell_event(room, Some(participant), event, more);
    }

    /// Somebody began to speak, or stopped.
    pub(super) fn tell_speaker(
        &mut self,
        room: media::RoomId,
        media: media::MediaId,
        speaks: bool,
    ) {
        let Some(&leg) = self.index.by_media.get(&media) else { return };
        let Some(participant) = self.participant_mut(room, leg) else { return };
        if std::mem::replace(&mut participant.speaks, speaks) == speaks {
            return;
        }
        let event = if speaks { Event::SpeechStart } else { Event::SpeechStop };
        self.tell_participant(room, leg, event);
    }

    fn tell_event(
        &mut self,
        room: media::RoomId,
        participant: Option<&Participant>,
        event: Event,
        more: Vec<Parameter>,
    ) {
        let now = self.now.wall;
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let Some(told) = conference.told.as_mut().filter(|told| event.is_among(&told.events))
        else {
            return;
        };
        told.sequence += 1;
        let (hook, sequence) = (told.hook.clone(), told.sequence);
        let mut parameters: Vec<Parameter> = vec![
            ("AccountSid".into(), conference.account.to_string()),
            ("ConferenceSid".into(), conference.sid.to_string()),
            ("FriendlyName".into(), conference.name.clone()),
            ("SequenceNumber".into(), sequence.to_string()),
            ("StatusCallbackEvent".into(), event.as_str().to_owned()),
            ("Timestamp".into(), date::rfc2822(now)),
        ];
        parameters.extend(participant.map(Participant::parameters).unwrap_or_default());
        parameters.extend(more);
        let about = participant.map(|participant| (participant.call, participant.root));
        let (call, root) = about.unwrap_or((conference.call, conference.root));
        let about = About { account: conference.account, call, root, parameters };
        self.tell(about, hook);
    }

    // === the read model ===

    pub(super) fn store_conference(&mut self, room: media::RoomId) {
        let Some(conference) = self.conferences.get(room) else { return };
        let status = if conference.has_started { "in-progress" } else { "init" };
        let row = self.row_of(conference, status);
        self.push(Output::Store(Change::Conference(Box::new(row))));
    }

    pub(super) fn store_ended(&mut self, conference: &Conference) {
        let row = self.row_of(conference, "completed");
        self.push(Output::Store(Change::Conference(Box::new(row))));
    }

    fn row_of(&self, conference: &Conference, status: &'static str) -> ConferenceRow {
        ConferenceRow {
            sid: conference.sid,
            account: conference.account,
            name: conference.name.clone(),
            status,
            created: conference.began,
            updated: self.now.wall,
        }
    }

    pub(super) fn store_participant(&mut self, room: media::RoomId, leg: LegId) {
        let Some(conference) = self.conferences.get(room) else { return };
        let Some(participant) = conference.participant(leg) else { return };
        let row = self.row_of_participant(conference.account, conference.sid, participant);
        self.push(Output::Store(Change::Participant(Box::new(row))));
    }

    /// It is in that conference no more.
    pub(super) fn store_gone(
        &mut self,
        (account, sid): (AccountSid, ConferenceSid),
        participant: &Participant,
    ) {
        let row = self.row_of_participant(account, sid, participant);
        let row = ParticipantRow { left: Some(self.now.wall), ..row };
        self.push(Output::Store(Change::Participant(Box::new(row))));
    }

    fn row_of_participant(
        &self,
        account: AccountSid,
        conference: ConferenceSid,
        of: &Participant,
    ) -> ParticipantRow {
        ParticipantRow {
            conference,
            account,
            call: of.call,
            label: of.label.clone(),
            muted: of.muted,
            hold: of.is_held(),
            call_sid_to_coach: of.coaches,
            start_on_enter: of.start_on_enter,
            end_on_exit: of.end_on_exit,
            joined: of.joined,
            updated: self.now.wall,
            left: None,
        }
    }
}
