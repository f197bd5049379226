//! The far party of a consultation leg that leaves before the application has answered: it waits, with
//! music, for what the document says; one that rings, rings on.
//!
//! Phones hang up both their legs right behind the 202; that must not cost the target its call. It waits
//! no longer than the transfer is pending, or until the document dials somebody else; then its own call
//! goes on as if the consultation leg had left only now.
//! Not here: taking it over (`transfer/consultation`).
//! Source: `inbound-refer` §4, "the transferor leaves at any time before the result"; `refer-interop` 1.

use legwork_media as media;

use super::TransferId;
use super::consultation::Far;
use crate::calls::Calls;
use crate::dial::Targets;
use crate::hangup::Farewell;
use crate::ladder::What;
use crate::leg::{CallStatus, Doing, LegId};

/// Who waits.
#[derive(Debug)]
pub(crate) enum Kept {
    /// The consultation leg had dialled it, and talked with it.
    Dialled(LegId),
    /// It had dialled the consultation leg.
    Dialler(LegId),
    /// The consultation leg was dialling them.
    Targets(Box<Targets>),
}

impl Kept {
    pub(crate) fn legs(&self) -> Vec<LegId> {
        match self {
            Self::Dialled(leg) | Self::Dialler(leg) => vec![*leg],
            Self::Targets(targets) => targets.legs().collect(),
        }
    }
}

impl Calls {
    /// The phone has hung this leg up. Whom it talks with, or calls, is kept, if a pending transfer is
    /// about them.
    pub(crate) fn keep_far_party(&mut self, consultation: LegId) {
        let Some(&id) = self.index.by_consultation.get(&consultation) else { return };
        let Some(transferee) = self.transfer(id).map(|transfer| transfer.transferee) else {
            return;
        };
        let kept = match self.far_consulted(id, consultation, transferee) {
            Some(Far::Dialled(leg)) => {
                self.part(consultation, leg, consultation);
                Kept::Dialled(leg)
            }
            Some(Far::Dialler(leg)) => {
                self.part(consultation, leg, leg);
                Kept::Dialler(leg)
            }
            Some(Far::Targets) => {
                let Some(dialling) = self.dialling_mut(consultation) else { return };
                Kept::Targets(Box::new(dialling.take_ringing()))
            }
            Some(Far::Transferee(_)) | None => return,
        };
        for leg in kept.legs() {
            if let Some(leg) = self.leg_mut(leg) {
                leg.doing = Doing::Kept { transfer: id };
            }
            self.trace(leg, What::Decided("kept for the transfer".to_owned()));
            self.feed(leg, media::Feed::HoldMusic);
        }
        if let Some(attended) = self.attended_mut(id) {
            attended.kept = Some(kept);
        }
    }

    /// They talk no longer; `parent` is the one whose `<Dial>` joined them.
    fn part(&mut self, consultation: LegId, leg: LegId, parent: LegId) {
        let ended = self.now.wall;
        if let Some(dialling) = self.dialling_mut(parent) {
            dialling.bridged = None;
            if let Some(last) = &mut dialling.last {
                last.ended = Some(ended);
            }
        }
        for leg in [consultation, leg] {
            if let Some(leg) = self.leg_mut(leg) {
                leg.doing = Doing::Alone;
            }
        }
    }

    /// One that rang on has answered.
    pub(crate) fn kept_answered(&mut self, leg: LegId, agreed: bool) {
        if agreed {
            self.feed(leg, media::Feed::HoldMusic);
        } else {
            self.leave_quietly(leg, Farewell::given_up(CallStatus::Failed));
        }
    }

    /// It is kept no longer. None: there is none, or it has gone another way meanwhile.
    pub(super) fn let_go_kept(&mut self, id: TransferId) -> Option<Kept> {
        let mut kept = self.attended_mut(id)?.kept.take()?;
        let mut answered = Vec::new();
        let mut ringing = Vec::new();
        for leg in kept.legs() {
            let Some(of) = self.leg_mut(leg) else { continue };
            if of.doing != (Doing::Kept { transfer: id }) {
                continue;
            }
            of.doing = Doing::Alone;
            if of.is_answered() { answered.push(leg) } else { ringing.push(leg) }
        }
        let is_there = match &mut kept {
            Kept::Dialled(_) | Kept::Dialler(_) => !answered.is_empty(),
            Kept::Targets(targets) => targets.become_those(ringing, answered),
        };
        is_there.then_some(kept)
    }

    /// It is not needed: its own call goes on, as it does when the other one hangs up.
    pub(super) fn go_on_without(&mut self, kept: Option<Kept>) {
        match kept {
            Some(Kept::Dialled(leg)) => self.leave_quietly(leg, Farewell::done()),
            Some(Kept::Dialler(leg)) => self.conversation_over(leg),
            Some(Kept::Targets(targets)) => {
                for leg in targets.legs() {
                    self.leave(leg, Farewell::given_up(CallStatus::Canceled));
                }
            }
            None => {}
        }
    }
}
