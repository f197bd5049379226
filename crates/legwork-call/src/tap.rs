//! Taps on a leg's sound: opened, held, closed; what is listened for in it.
//!
//! Not here: what a recording, a transcription, a stream or a `<Gather>` makes of them (`recording`,
//! `transcription`, `stream`, `verb/gather`), giving the sound away (`legwork-media`), taking it (crate `legwork`).

use legwork_media as media;

use crate::calls::Calls;
use crate::conference::Conference;
use crate::io::{Output, Purpose, Tapped};
use crate::leg::LegId;
use crate::run::Step;
use crate::sid::CallSid;

impl Calls {
    /// Somebody takes what this leg's tap gives from now on, for the document of that call.
    pub(crate) fn open_tap(
        &mut self,
        id: LegId,
        call: CallSid,
        tap: media::Tap,
        purpose: Purpose,
    ) -> media::TapId {
        let name = media::TapId(self.next_id());
        let Some(leg) = self.leg(id) else { return name };
        let (account, media) = (leg.account, leg.media.id);
        self.index.by_tap.insert(name, id);
        self.push(Output::Tap { tap: name, account, call, purpose });
        self.order_media(media, media::Command::Tap(name, tap));
        name
    }

    /// Somebody takes what this room's tap gives from now on.
    pub(crate) fn open_room_tap(
        &mut self,
        room: media::RoomId,
        call: CallSid,
        tap: media::Tap,
        purpose: Purpose,
    ) -> media::TapId {
        let name = media::TapId(self.next_id());
        let Some(account) = self.conferences.get(room).map(|room| room.account) else {
            return name;
        };
        self.conferences.by_tap.insert(name, room);
        self.push(Output::Tap { tap: name, account, call, purpose });
        self.order_room(room, media::RoomCommand::Tap(name, tap));
        name
    }

    /// No more comes from a tap; what came of it is still told.
    pub(crate) fn close_tap(&mut self, tap: media::TapId) {
        if let Some(&room) = self.conferences.by_tap.get(&tap) {
            return self.order_room(room, media::RoomCommand::Untap(tap));
        }
        let Some(leg) = self.index.by_tap.get(&tap).and_then(|leg| self.leg(*leg)) else { return };
        let media = leg.media.id;
        self.order_media(media, media::Command::Untap(tap));
    }

    /// A tap gives silence for a while, or its sound again.
    pub(crate) fn hold_tap(&mut self, tap: media::TapId, is_held: bool) {
        if let Some(&room) = self.conferences.by_tap.get(&tap) {
            return self.order_room(room, media::RoomCommand::HoldTap(tap, is_held));
        }
        let Some(leg) = self.index.by_tap.get(&tap).and_then(|leg| self.leg(*leg)) else { return };
        let media = leg.media.id;
        self.order_media(media, media::Command::HoldTap(tap, is_held));
    }

    /// Closes a tap whose outcome nobody waits for.
    pub(crate) fn forget_tap(&mut self, tap: media::TapId) {
        self.close_tap(tap);
        self.index.by_tap.remove(&tap);
        self.push(Output::ForgetTap(tap));
    }

    /// Changes what is listened for in what the leg says.
    pub(crate) fn hear(&mut self, id: LegId, change: impl FnOnce(&mut media::Hearing)) {
        let Some(leg) = self.leg_mut(id) else { return };
        let before = leg.media.hearing.as_deref().cloned().unwrap_or_default();
        let mut hearing = before.clone();
        change(&mut hearing);
        if hearing == before {
            return;
        }
        leg.media.hearing = (!hearing.is_nothing()).then(|| Box::new(hearing.clone()));
        let media = leg.media.id;
        self.order_media(media, media::Command::Hear(Box::new(hearing)));
    }

    /// Something came of a tap.
    pub(crate) fn handle_tapped(&mut self, tap: media::TapId, tapped: Tapped) {
        if let Some(&room) = self.conferences.by_tap.get(&tap) {
            self.current = self.conferences.get(room).and_then(Conference::first);
            self.recording_tapped(tap, &tapped);
            return;
        }
        let Some(&leg) = self.index.by_tap.get(&tap) else { return };
        self.current = Some(leg);
        let is_taken = self.stream_tapped(tap, &tapped)
            || self.recording_tapped(tap, &tapped)
            || self.transcription_tapped(leg, tap, &tapped)
            || self.relay_tapped(leg, tap, &tapped);
        if !is_taken {
            self.gather_tapped(leg, tap, tapped);
        }
    }

    /// The leg pressed a key: what its document is doing hears it.
    pub(crate) fn handle_digit(&mut self, leg: LegId, digit: u8) {
        if self.conference_hears(leg, digit) {
            return;
        }
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        match run.map(|run| &run.step) {
            Some(Step::Dialling(_)) => {
                if !self.dial_hears(leg, digit) {
                    self.application_hears(leg, digit);
                }
            }
            Some(Step::Gathering(_)) => {
                if !self.application_hears(leg, digit) {
                    self.gather_hears(leg, digit);
                }
            }
            Some(Step::Recording(_)) => {
                if !self.application_hears(leg, digit) {
                    self.message_hears_key(leg, digit);
                }
            }
            Some(Step::Connected(_)) => {
                if !self.application_hears(leg, digit) {
                    self.connected_hears_key(leg, digit);
                }
            }
            None
            | Some(
                Step::Ready
                | Step::Fetching { .. }
                | Step::Preparing { .. }
                | Step::Playing { .. }
                | Step::Pressing(_)
                | Step::Pausing
                | Step::Referring(_)
                | Step::Queued(_)
                | Step::Echoing
                | Step::Conferring(_),
            ) => {
                self.application_hears(leg, digit);
            }
        }
    }

    /// The leg began to speak, or stopped a moment ago.
    pub(crate) fn handle_voice(&mut self, leg: LegId, speaks: bool) {
        self.message_heard(leg, speaks);
        self.gather_voice(leg, speaks);
        self.relay_voice(leg, speaks);
    }
}
