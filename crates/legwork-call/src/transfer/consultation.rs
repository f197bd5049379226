//! The consultation leg of an attended transfer: its far party becomes the transferee's target, and comes
//! back to it where the transfer fails.
//!
//! From the take-over to the join the consultation leg stands aside, in silence; so what an attended transfer
//! comes to is decided by the same `<Dial>` as that of an unattended one. With `answerOnBridge` not true its
//! sender is out of the call at once, and so is this leg: nothing is given back then.
//! Not here: which leg it is, and whether the document wants it (`transfer/attended`).
//! Source: `inbound-refer` §4, "Attended transfer"; RFC 5589 §7.

use legwork_media as media;
use legwork_sip::Status;
use legwork_twiml as twiml;

use super::TransferId;
use crate::calls::Calls;
use crate::dial::{Dialling, Targets};
use crate::hangup::Farewell;
use crate::ladder::What;
use crate::leg::{CallStatus, Doing, Leg, LegId};
use crate::run::{Flow, Run, Step};
use crate::timer::Due;

/// Whom the consultation leg is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Far {
    /// It talks with a leg that it dialled.
    Dialled(LegId),
    /// It talks with the leg that dialled it.
    Dialler(LegId),
    /// It has referred that leg to somebody, and the application has not answered yet.
    Transferee(LegId),
    /// It dials: its targets ring, or are being screened.
    Targets,
}

impl Far {
    /// The leg it talks with.
    pub(crate) const fn leg(self) -> Option<LegId> {
        match self {
            Self::Dialled(leg) | Self::Dialler(leg) | Self::Transferee(leg) => Some(leg),
            Self::Targets => None,
        }
    }
}

/// A far party that was taken over.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The leg that stands aside; none: it has left, or was let go.
    consultation: Option<LegId>,
}

impl Taken {
    pub(crate) const fn consultation(&self) -> Option<LegId> {
        self.consultation
    }
}

impl Calls {
    // === who there is ===

    /// Whom the consultation leg is with; none: nobody who could be joined with the transferee.
    pub(crate) fn far_party(&self, consultation: LegId, transferee: LegId) -> Option<Far> {
        let leg = self.leg(consultation)?;
        let dialling = leg.run.as_ref().and_then(|run| run.dialling());
        match leg.doing {
            Doing::Bridged { with } if with == transferee => None,
            // A conversation with a caller from a queue is not transferred.
            Doing::Bridged { with } if self.talks_by_queue(consultation, with) => None,
            Doing::Bridged { with } => {
                let dialled = dialling.is_some_and(|dialling| dialling.bridged == Some(with));
                Some(if dialled { Far::Dialled(with) } else { Far::Dialler(with) })
            }
            Doing::Alone => {
                // The targets of another pending transfer are not the transferor's to give away.
                let own = leg.run.as_ref().is_some_and(|run| run.transfer.is_none());
                let rings = dialling.is_some_and(|dialling| dialling.children().next().is_some());
                (own && rings).then_some(Far::Targets)
            }
            Doing::Parked { transfer } => {
                let far = self.transfer(transfer)?.transferee_asked_for()?;
                (far != transferee).then_some(Far::Transferee(far))
            }
            Doing::Dialled { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => None,
        }
    }

    /// The phone has referred both its calls, each to the other: the first answer joins them, and the
    /// other transfer is over.
    pub(super) fn take_from_other(&mut self, far: LegId) {
        if let Some(other) = self.pending_transfer_of(far) {
            self.transfer_redirected(other);
        }
        if let Some(run) = self.leg_mut(far).and_then(|leg| leg.run.take()) {
            self.drop_run(run);
        }
    }

    /// Whom the leg talks with.
    pub(crate) fn talks_with(&self, leg: LegId) -> Option<LegId> {
        match self.leg(leg)?.doing {
            Doing::Bridged { with } => Some(with),
            Doing::Alone
            | Doing::Dialled { .. }
            | Doing::Parked { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => None,
        }
    }

    /// The far party, if it is one leg.
    pub(crate) fn only_far_party(&self, consultation: LegId) -> Option<LegId> {
        let leg = self.leg(consultation)?;
        if let Some(with) = self.talks_with(consultation) {
            return Some(with);
        }
        let mut children = leg.run.as_ref()?.dialling()?.children();
        children.next().filter(|_| children.next().is_none())
    }

    // === taking over ===

    /// The transferee's `<Dial>` gets the far party as its target.
    pub(crate) fn take_over(
        &mut self,
        id: TransferId,
        transferee: LegId,
        verb: Box<twiml::Dial>,
        consultation: LegId,
        far: Far,
        kept: Option<Targets>,
    ) -> Flow {
        let answered = kept.as_ref().map(Targets::answered).unwrap_or_default();
        let key = self.timers.set(self.after(verb.timeout), Due::DialTimeout(transferee));
        let Some(run) = self.leg_mut(transferee).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let base = run.url.clone();
        let dialling = Dialling::new(verb, base, std::collections::VecDeque::new(), Some(key));
        run.step = Step::Dialling(Box::new(dialling));
        let ready = self.move_far(transferee, consultation, far, kept);
        // It may have left, or be leaving.
        let aside = self.leg_mut(consultation).filter(|leg| leg.doing != Doing::Leaving);
        let consultation = aside.map(|leg| {
            leg.doing = Doing::Consulted { transfer: id };
            consultation
        });
        if let Some(consultation) = consultation {
            self.trace(consultation, What::Decided("its far party is taken over".to_owned()));
        }
        if let Some(attended) = self.attended_mut(id) {
            attended.taken = Some(Taken { consultation });
        }
        if self.transfer(id).is_none_or(|transfer| !transfer.answer_on_bridge) {
            self.consultation_over(id);
        }
        let there: Vec<LegId> = ready.into_iter().chain(answered).collect();
        for target in &there {
            // The consultation, or its music, is over, whatever it hears next.
            self.feed(*target, media::Feed::Nothing);
        }
        for target in there {
            self.target_proceed(target);
        }
        self.hear_targets(id, transferee);
        self.stand_aside(id);
        self.settle_taken(transferee)
    }

    /// Gives the transferee's `<Dial>` everybody the consultation leg is with. Gives back the one that is
    /// to be joined at once.
    fn move_far(
        &mut self,
        transferee: LegId,
        consultation: LegId,
        far: Far,
        kept: Option<Targets>,
    ) -> Option<LegId> {
        let talks = match far {
            Far::Dialled(leg) | Far::Transferee(leg) => leg,
            Far::Dialler(leg) => {
                let own = self.leg_mut(leg).and_then(|leg| leg.run.take());
                if let Some(mut run) = own {
                    if let Some(dialling) = run.dialling_mut() {
                        dialling.bridged = None;
                    }
                    self.drop_run(run);
                }
                leg
            }
            Far::Targets => {
                self.move_targets(transferee, consultation, kept);
                return None;
            }
        };
        if let Some(dialling) = self.dialling_mut(consultation) {
            dialling.bridged = None;
        }
        if let Some(dialling) = self.dialling_mut(transferee) {
            dialling.answered.push(talks);
        }
        self.pass_on(&[talks], transferee);
        Some(talks)
    }

    fn move_targets(&mut self, transferee: LegId, consultation: LegId, kept: Option<Targets>) {
        let targets = match kept {
            Some(kept) => kept,
            None => {
                let Some(dialling) = self.dialling_mut(consultation) else { return };
                let mut timeout = dialling.timeout.take();
                let targets = dialling.take_targets();
                self.timers.cancel(&mut timeout);
                targets
            }
        };
        if let Some(dialling) = self.dialling_mut(transferee) {
            let moved = dialling.give_targets(targets);
            self.pass_on(&moved, transferee);
        }
    }

    /// These legs are targets of that leg's `<Dial>` from now on.
    fn pass_on(&mut self, targets: &[LegId], by: LegId) {
        let Some(root) = self.leg(by).map(|leg| leg.root) else { return };
        for target in targets {
            if let Some(leg) = self.leg_mut(*target) {
                leg.doing = Doing::Dialled { by };
                leg.root = root;
            }
        }
    }

    /// The transferee hears what the transferor has heard: its target rings. Until then it hears music,
    /// as before any other target.
    fn hear_targets(&mut self, id: TransferId, transferee: LegId) {
        let Some(dialling) = self.dialling_mut(transferee) else { return };
        if dialling.bridged.is_some() {
            return;
        }
        let targets: Vec<LegId> = dialling.children().collect();
        let rings = |leg: &LegId| {
            self.leg(*leg).is_some_and(|leg| leg.life.status != CallStatus::Initiated)
        };
        if targets.iter().any(rings) {
            self.early_media_over(transferee);
            self.transfer_progress(id, Status(180));
        } else if self.leg(transferee).is_some_and(Leg::is_answered) {
            self.feed(transferee, media::Feed::HoldMusic);
        }
    }

    /// Until it is known what comes of it, the consultation leg hears silence.
    fn stand_aside(&mut self, id: TransferId) {
        let taken = self.attended_mut(id).and_then(|attended| attended.taken.as_ref());
        if let Some(leg) = taken.and_then(|taken| taken.consultation) {
            self.feed(leg, media::Feed::Silence);
        }
    }

    fn settle_taken(&mut self, transferee: LegId) -> Flow {
        match self.leg(transferee).and_then(|leg| leg.run.as_ref()) {
            Some(run) if run.dialling().is_some_and(|dialling| dialling.bridged.is_none()) => {
                self.settle_dial(transferee)
            }
            Some(_) | None => Flow::Waits,
        }
    }

    // === how it ends ===

    /// The consultation leg is not needed any more: it ends, its own `action` is not asked.
    pub(crate) fn consultation_over(&mut self, id: TransferId) {
        let Some(taken) = self.attended_mut(id).and_then(|attended| attended.taken.take()) else {
            return;
        };
        if let Some(leg) = taken.consultation {
            // One that still rings for its caller has been replaced, as an early dialog is by CANCEL.
            self.leave(leg, Farewell::refuse(CallStatus::Canceled, Status(487)));
        }
    }

    /// The consultation leg left, or REST sent it another way: nothing can come back to it.
    pub(crate) fn consultation_left(&mut self, id: TransferId) {
        let taken = self.attended_mut(id).and_then(|attended| attended.taken.as_mut());
        if let Some(taken) = taken {
            taken.consultation = None;
        }
    }

    /// The transfer is over without a join, and `run` is the transferee's: the targets go back to the
    /// consultation leg, whose `<Dial>` is to be gone on with once the transferee is settled. A far party in
    /// conversation has been joined at once: nothing came between.
    pub(crate) fn give_back(&mut self, id: TransferId, run: &mut Run) -> Option<LegId> {
        let taken = self.attended_mut(id)?.taken.take()?;
        let consultation = taken.consultation?;
        let targets = run.dialling_mut()?.take_targets();
        let moved = self.dialling_mut(consultation)?.give_targets(targets);
        if let Some(leg) = self.leg_mut(consultation) {
            leg.doing = Doing::Alone;
        }
        self.pass_on(&moved, consultation);
        Some(consultation)
    }

    /// The consultation goes on as it was.
    pub(crate) fn resume_consultation(&mut self, consultation: Option<LegId>) {
        let Some(leg) = consultation else { return };
        self.restart_timeout(leg);
        let rings = self.dialling_mut(leg).is_some_and(|d| d.children().next().is_some());
        if rings && self.leg(leg).is_some_and(|leg| leg.media.open) {
            self.early_media_over(leg);
        }
        if self.settle_dial(leg) == Flow::Next {
            self.next_verb(leg);
        }
    }
}
