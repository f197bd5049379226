//! Entering a room, making it, and its start.
//!
//! Who may not enter has dialled nobody: `action` hears `failed`, a transfer fails with it.
//! Not here: what is heard before the start (`wait`), who goes (`leave`).
//! Source: Twilio, "TwiML Voice: Conference" and errors 13236, 13240, 16020, 16021, 16023, 16025. Callback,
//! events and the number of participants are those of the first to enter; the recording is wanted by
//! whoever says so first, and begins with the conference.

use legwork_media as media;
use legwork_twiml as twiml;

use super::event::{Event, Told};
use super::{Conference, Conferring, Heard, Participant};
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::Output;
use crate::ladder::What;
use crate::leg::LegId;
use crate::recording;
use crate::run::{Flow, Step, absolute};
use crate::sid::{CallSid, ConferenceSid};
use crate::timer::Due;

/// Why somebody may not enter.
#[derive(Debug)]
struct Refused {
    code: u32,
    text: String,
}

fn refused<T>(code: u32, text: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { code, text: text.into() })
}

impl Calls {
    /// Enters the conference that the `<Dial>` holds. Gives it back if it holds none, or one that can not
    /// be entered: like one that reaches nobody.
    pub(crate) fn dial_conference(
        &mut self,
        leg: LegId,
        verb: Box<twiml::Dial>,
    ) -> Result<Flow, Box<twiml::Dial>> {
        let twiml::Nouns::Conference(noun) = &verb.nouns else { return Err(verb) };
        let noun = noun.as_ref().clone();
        match self.may_enter(leg, &noun) {
            Ok(hook) => {
                if self.answer_leg(leg, None) {
                    self.enter(leg, &noun, verb, hook);
                }
                Ok(Flow::Waits)
            }
            Err(Refused { code, text }) => {
                self.alert(code, Some(leg), Detail::text(text));
                Err(verb)
            }
        }
    }

    /// Where `waitUrl` is, if there is one.
    fn may_enter(&self, leg: LegId, noun: &twiml::Conference) -> Result<Option<Hook>, Refused> {
        let Some(of) = self.leg(leg) else { return refused(16_022, "") };
        let room = self.conferences.named(of.account, &noun.name);
        let text = || format!("<Conference>{}.", noun.name);
        match room {
            None if noun.name.parse::<ConferenceSid>().is_ok() => return refused(13_236, text()),
            None if self.conferences.is_full_for(of.account) => {
                self.noted.note(|found| found.conferences_full = true);
                return refused(16_021, text());
            }
            Some(room) if room.participants.len() >= room.most => return refused(16_020, text()),
            None | Some(_) => {}
        }
        if let Some(label) = &noun.label {
            let text = format!("participantLabel=\"{label}\".");
            if label.contains('/') || label.parse::<CallSid>().is_ok() {
                return refused(16_023, text);
            }
            if room.is_some_and(|room| room.called(label).is_some()) {
                return refused(16_025, text);
            }
        }
        if let Some(coach) = &noun.coach {
            let call = coach.parse().ok();
            let coached = call.and_then(|call| room.and_then(|room| room.of_call(call)));
            if coached.is_none() {
                let shown: String = coach.chars().take(40).collect();
                return refused(13_240, format!("coach=\"{shown}\"."));
            }
        }
        let twiml::ConferenceWait::Ask(ask) = &noun.wait else { return Ok(None) };
        let base = of.run.as_ref().and_then(|run| run.url.as_ref());
        match absolute(base, &ask.url) {
            Ok(url) => Ok(Some(Hook { url, method: ask.method })),
            Err(15_004) => refused(15_004, format!("waitUrl=\"{}\".", ask.url)),
            Err(_) => refused(13_233, format!("waitUrl=\"{}\".", ask.url)),
        }
    }

    fn enter(
        &mut self,
        leg: LegId,
        noun: &twiml::Conference,
        verb: Box<twiml::Dial>,
        wait: Option<Hook>,
    ) {
        let Some(of) = self.leg(leg) else { return };
        let (account, call, root) = (of.account, of.call_sid(), of.root);
        let found = self.conferences.named(account, &noun.name).map(Conference::room);
        let Some(room) = found.or_else(|| self.open_room(leg, noun)) else { return };
        let limit = self.timers.set(self.after(verb.time_limit), Due::TimeLimit(leg));
        let joined = self.now.wall;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let (base, time_limit) = (run.url.clone(), Some(limit));
        run.step = Step::Conferring(Box::new(Conferring { verb, base, room, leg, time_limit }));
        run.heard = true;
        let wait = match wait {
            Some(hook) => Heard::Document(hook),
            None if noun.wait == twiml::ConferenceWait::Music => Heard::Music,
            None => Heard::Silence,
        };
        let asks = matches!(wait, Heard::Document(_));
        let participant = Participant {
            leg,
            call,
            root,
            label: noun.label.clone(),
            joined,
            muted: noun.muted,
            hold: None,
            wait,
            is_established: !asks,
            coaches: noun.coach.as_ref().and_then(|coach| coach.parse().ok()),
            start_on_enter: noun.start_on_enter,
            end_on_exit: noun.end_on_exit,
            beep_on_exit: noun.beep_on_exit,
            speaks: false,
            jitter: match noun.jitter {
                twiml::JitterBuffer::Off => media::JitterSize::Off,
                twiml::JitterBuffer::Small => media::JitterSize::Small,
                twiml::JitterBuffer::Medium => media::JitterSize::Medium,
                twiml::JitterBuffer::Large => media::JitterSize::Large,
            },
            document: None,
            speech: None,
        };
        let Some(conference) = self.conferences.get_mut(room) else { return };
        conference.participants.push(participant);
        let (thread, name) = (conference.thread, conference.name.clone());
        self.move_to_thread(leg, thread);
        // The music may be the same as before.
        self.mark_siprecs(leg);
        self.trace(leg, What::Decided(format!("enters the conference {name}")));
        self.takes_over(leg);
        self.tell_participant(room, leg, Event::Join);
        self.store_conference(room);
        self.store_participant(room, leg);
        self.want_room_recording(leg, room, noun);
        self.begin_conference(room);
        if !asks || self.conferences.get(room).is_some_and(|room| room.has_started) {
            self.time_passes(leg);
        }
        self.listen(room, leg);
        if noun.beep_on_enter {
            self.beep(room, media::SourceId::BEEP);
        }
        self.listen_for_keys(leg);
    }

    /// A room for the conference of that name.
    fn open_room(&mut self, leg: LegId, noun: &twiml::Conference) -> Option<media::RoomId> {
        let told = self.told_of_conference(leg, noun);
        let (room, sid) = (media::RoomId(self.next_id()), self.new_conference_sid());
        let of = self.leg(leg)?;
        let thread = of.media.host;
        let watches = told.as_ref().is_some_and(Told::wants_speakers);
        let conference = Conference {
            sid,
            account: of.account,
            name: noun.name.clone(),
            room,
            thread,
            began: self.now.wall,
            has_started: false,
            participants: Vec::new(),
            most: usize::try_from(noun.max_participants).unwrap_or(usize::MAX),
            call: of.call_sid(),
            root: of.root,
            told,
            wanted: None,
            recorded: None,
            announcement: None,
        };
        self.conferences.insert(conference);
        self.push(Output::Room { thread, room, command: media::RoomCommand::Open });
        if watches {
            self.order_room(room, media::RoomCommand::Watch(true));
        }
        Some(room)
    }

    /// It starts, if it is time: two are there, and one of them starts it.
    fn begin_conference(&mut self, room: media::RoomId) {
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let starts = conference.participants.iter().any(|participant| participant.start_on_enter);
        if conference.has_started || conference.participants.len() < 2 || !starts {
            return;
        }
        conference.has_started = true;
        let legs = conference.legs();
        self.tell_conference(room, Event::Start, Vec::new());
        self.store_conference(room);
        for leg in legs {
            self.time_passes(leg);
            self.listen(room, leg);
        }
        self.record_room(room);
    }

    // === its recording ===

    /// `record`: whoever says so first decides how.
    fn want_room_recording(&mut self, leg: LegId, room: media::RoomId, noun: &twiml::Conference) {
        let Some(keep) = &noun.record else { return };
        let is_wanted = self
            .conferences
            .get(room)
            .is_some_and(|room| room.wanted.is_some() || room.recorded.is_some());
        if is_wanted {
            return;
        }
        let base = self.leg(leg).and_then(|leg| leg.run.as_ref()?.url.clone());
        let told = self.told_of(leg, base.as_ref(), keep);
        let trim = keep.trim;
        let (source, sides) = (recording::Source::Conference, twiml::Sides::Mixed);
        let wanted = recording::Wanted { source, sides, trim, told };
        let old = noun.event_callback.as_ref().filter(|_| keep.status.is_none());
        let old = old.and_then(|written| {
            let of = || format!("<Conference eventCallbackUrl=\"{written}\">.");
            self.hook_in_document(leg, written, twiml::Method::Post, of)
        });
        let Some(conference) = self.conferences.get_mut(room) else { return };
        conference.wanted = Some(Box::new(super::Recording { leg, wanted, old }));
        if conference.has_started {
            self.record_room(room);
        }
    }

    /// What is wanted to be recorded is, from now on.
    fn record_room(&mut self, room: media::RoomId) {
        let Some(conference) = self.conferences.get_mut(room) else { return };
        let Some(recording) = conference.wanted.take() else { return };
        let recorded = self.begin_room_recording(room, *recording);
        if let Some(conference) = self.conferences.get_mut(room) {
            conference.recorded = recorded;
        }
    }
}
