//! The far party of a consultation leg that leaves before the application has answered: it waits, with
//! music, for what the document says.
//!
//! Phones hang up both their legs right behind the 202; that must not cost the target its call. It waits
//! no longer than the transfer is pending, or until the document dials somebody else; then its own call
//! goes on as if the consultation leg had left only now. One that still rings is not kept: it is called anew.
//! Not here: taking it over (`transfer/consultation`).
//! Source: `inbound-refer` §4, "the transferor leaves at any time before the result"; `refer-interop` 1.

use legwork_media as media;

use super::TransferId;
use super::consultation::Far;
use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::ladder::What;
use crate::leg::{CallStatus, Doing, LegId};
use crate::run::Flow;

impl Calls {
    /// The phone has hung this leg up. Whom it talks with is kept, if a pending transfer is about them.
    pub(crate) fn keep_far_party(&mut self, consultation: LegId) {
        let Some(&id) = self.index.by_consultation.get(&consultation) else { return };
        let Some(transferee) = self.transfer(id).map(|transfer| transfer.transferee) else {
            return;
        };
        let Some(far) = self.far_consulted(id, consultation, transferee) else { return };
        let (leg, parent) = match far {
            Far::Dialled(leg) => (leg, consultation),
            Far::Dialler(leg) => (leg, leg),
            Far::Transferee(_) | Far::Targets => return,
        };
        let ended = self.now.wall;
        if let Some(dialling) = self.dialling_mut(parent) {
            dialling.bridged = None;
            if let Some(last) = &mut dialling.last {
                last.ended = Some(ended);
            }
        }
        for (leg, doing) in [(consultation, Doing::Alone), (leg, Doing::Kept { transfer: id })] {
            if let Some(leg) = self.leg_mut(leg) {
                leg.doing = doing;
            }
        }
        if let Some(attended) = self.attended_mut(id) {
            attended.kept = Some(far);
        }
        self.trace(leg, What::Decided("kept for the transfer".to_owned()));
        self.feed(leg, media::Feed::HoldMusic);
    }

    /// It is kept no longer. None: there is none, or it has gone another way meanwhile.
    pub(super) fn let_go_kept(&mut self, id: TransferId) -> Option<Far> {
        let far = self.attended_mut(id)?.kept.take()?;
        let leg = self.leg_mut(far.leg()?)?;
        if leg.doing != (Doing::Kept { transfer: id }) {
            return None;
        }
        leg.doing = Doing::Alone;
        Some(far)
    }

    /// It is not needed: its own call goes on, as it does when the other one hangs up.
    pub(super) fn go_on_without(&mut self, kept: Option<Far>) {
        match kept {
            Some(Far::Dialled(leg)) => self.leave_quietly(leg, Farewell::done()),
            Some(Far::Dialler(leg)) => {
                if self.finish_dial(leg, CallStatus::Completed) == Flow::Next {
                    self.next_verb(leg);
                }
            }
            Some(Far::Transferee(_) | Far::Targets) | None => {}
        }
    }
}
