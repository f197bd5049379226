//! Legs, transfers and session recordings that nothing will ever move again: there are none, but for a bug of ours.
//!
//! Told with what lives (`command::Stats`), so that a leak or a caller left in silence is seen.
//! Not here: mending it (`bug`).

use crate::calls::Calls;
use crate::leg::{Doing, Leg, LegId};
use crate::run::Step;
use crate::transfer::TransferId;

impl Calls {
    /// How many legs and transfers wait for nothing.
    pub(crate) fn adrift(&self) -> usize {
        let legs = self.legs.iter().filter(|(id, leg)| !self.is_moored(**id, leg)).count();
        let transfers = self.transfers.keys().filter(|id| !self.is_running(**id)).count();
        legs + transfers + self.siprecs_adrift()
    }

    fn is_moored(&self, id: LegId, leg: &Leg) -> bool {
        match leg.doing {
            Doing::Alone => leg.start.is_some() && leg.deadline.is_some() || self.waits(id, leg),
            Doing::Dialled { by } => {
                let dialling = self.leg(by).and_then(|by| by.run.as_ref()?.dialling());
                dialling.is_some_and(|dialling| {
                    let rings = dialling.ringing.contains(&id);
                    rings || dialling.answered.contains(&id) && self.waits(id, leg)
                })
            }
            Doing::Bridged { with } => {
                let back = self.leg(with).map(|with| with.doing);
                let holds = |leg: LegId, other: LegId| {
                    let dialling = self.leg(leg).and_then(|leg| leg.run.as_ref()?.dialling());
                    dialling.is_some_and(|dialling| dialling.bridged == Some(other))
                };
                back == Some(Doing::Bridged { with: id }) && (holds(id, with) || holds(with, id))
            }
            Doing::Parked { transfer } => {
                self.transfer(transfer).is_some_and(|transfer| transfer.transferor == Some(id))
            }
            Doing::Consulted { transfer } => {
                let transfer = self.transfer(transfer);
                transfer.is_some_and(|transfer| transfer.consultation() == Some(id))
            }
            Doing::Kept { transfer } => {
                self.transfer(transfer).is_some_and(|transfer| transfer.kept().contains(&id))
            }
            Doing::Leaving => leg.deadline.is_some(),
        }
    }

    /// The leg, or its document, waits for something that will come.
    fn waits(&self, id: LegId, leg: &Leg) -> bool {
        if leg.media.pressing {
            return true;
        }
        let Some(run) = &leg.run else { return false };
        match &run.step {
            // Keys that are being pressed were looked at above.
            Step::Ready | Step::Pressing(_) => false,
            Step::Fetching { fetch, .. } => self.index.by_fetch.contains_key(fetch),
            Step::Preparing { source, .. } | Step::Playing { source } => {
                self.index.by_source.contains_key(source)
            }
            Step::Pausing | Step::Recording(_) => run.timer.is_some(),
            Step::Echoing => true,
            Step::Connected(connected) => self.is_connected(connected),
            Step::Referring(referring) => referring.is_asked() || run.timer.is_some(),
            Step::Gathering(gathering) => match gathering.source() {
                Some(source) => self.index.by_source.contains_key(&source),
                None => run.timer.is_some(),
            },
            Step::Dialling(dialling) => match &dialling.queue {
                Some(at) => self.waits_at_queue(at),
                None => dialling.children().next().is_some(),
            },
            // Who has been taken hears a document, or talks.
            Step::Queued(queued) => {
                let (queue, place) = queued.at();
                queued.is_waiting() && self.queues.holds(queue, place, id)
            }
            Step::Conferring(conferring) => self.conferences.is_in(conferring.room, conferring.leg),
        }
    }

    fn is_running(&self, id: TransferId) -> bool {
        let transferee = self.transfer(id).and_then(|transfer| self.leg(transfer.transferee));
        transferee.and_then(|leg| leg.run.as_ref()).is_some_and(|run| run.transfer == Some(id))
    }
}
