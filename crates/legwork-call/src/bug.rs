//! After a bug of ours: the conversation it happened in is let go, the others do not notice.
//!
//! Not here: catching it (`switch`).

use std::collections::BTreeSet;

use crate::calls::{Calls, Detail};
use crate::hangup::Farewell;
use crate::leg::{CallStatus, Doing, LegId};

impl Calls {
    /// Ends every leg that is joined, by whatever, with the one the failed step was about.
    pub(crate) fn drop_group(&mut self) {
        self.bugs += 1;
        let Some(first) = self.current.take() else {
            return self.alert(91399, None, Detail::none());
        };
        self.alert(91399, Some(first), Detail::none());
        for leg in self.group_of(first) {
            // Nothing that hangs on it is consulted: it may be what broke.
            if let Some(of) = self.leg_mut(leg) {
                of.doing = Doing::Alone;
                if let Some(run) = &mut of.run {
                    run.transfer = None;
                }
            }
            let status = crate::alert::Fault::Us.status();
            self.leave_quietly(leg, Farewell::refuse(CallStatus::Failed, status));
        }
    }

    fn group_of(&self, first: LegId) -> Vec<LegId> {
        let mut group = BTreeSet::new();
        let mut open = vec![first];
        while let Some(leg) = open.pop() {
            if !group.insert(leg) {
                continue;
            }
            let Some(of) = self.leg(leg) else { continue };
            match of.doing {
                Doing::Alone | Doing::Leaving => {}
                Doing::Dialled { by: other } | Doing::Bridged { with: other } => open.push(other),
                Doing::Parked { transfer } => {
                    open.extend(self.transfer(transfer).map(|transfer| transfer.transferee));
                }
            }
            if let Some(run) = &of.run {
                let dialling = run.dialling();
                open.extend(dialling.iter().flat_map(|d| d.ringing.iter().copied()));
                open.extend(dialling.and_then(|d| d.bridged));
                let transfer = run.transfer.and_then(|transfer| self.transfer(transfer));
                open.extend(transfer.and_then(|transfer| transfer.transferor));
            }
        }
        group.into_iter().collect()
    }
}
