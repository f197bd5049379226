//! One leg in place of another: what it does, what it runs, and everything that finds it by its id.
//!
//! Not here: whether it may (`inbound/replaces`).
//! Source: RFC 3891 §3; `inbound-refer` §4, "Attended transfer".

use legwork_media as media;
use legwork_sip::Status;

use crate::callback::Progress;
use crate::calls::Calls;
use crate::dial::outcome::LastChild;
use crate::leg::{Doing, LegId};
use crate::run::{Run, Step};

/// What is to be done once the old leg is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: it does what the old one did.
    Nothing,
    /// They talk.
    Join { with: LegId },
    /// The target has answered.
    Proceed { by: LegId },
    /// A call placed by REST has been answered.
    Begin,
}

impl Calls {
    /// The new leg, which has answered, gets the place of the old one.
    pub(crate) fn inherit(&mut self, old: LegId, new: LegId) -> Next {
        let Some(of) = self.leg_mut(old) else { return Next::Nothing };
        let doing = std::mem::replace(&mut of.doing, Doing::Alone);
        let (root, parent, answered) = (of.root, of.parent, of.is_answered());
        let (application, refer) = (of.application.clone(), of.refer.clone());
        let told = of.told.as_ref().map(|told| Box::new(told.anew()));
        let mut wanted = of.wanted.clone();
        let (run, start) = (of.run.take(), of.start.take());
        let feed = of.media.feed;
        // Of a call that rings it is the end of that.
        let deadline = if answered { of.deadline.take() } else { None };
        // Nobody waits for keys that were pressed towards somebody else.
        wanted.digits = None;
        // Who takes a call over is no machine.
        wanted.machine = None;
        let begins = start.is_some();
        self.timers.hand_over(deadline, new);
        let Some(leg) = self.leg_mut(new) else { return Next::Nothing };
        (leg.root, leg.parent, leg.deadline) = (root, parent, deadline);
        (leg.application, leg.refer) = (application, refer);
        (leg.wanted, leg.told, leg.start) = (wanted, told, start);
        leg.doing = doing;
        leg.sip.response = Some(Status::OK);
        self.tell_progress(new, Progress::Answered);
        let screened = run.is_some();
        if let Some(mut run) = run {
            self.hand_run_over(&mut run, old, new);
            if let Some(leg) = self.leg_mut(new) {
                leg.run = Some(run);
            }
            self.listen_for_keys(new);
        }
        self.take_place(new);
        let feed = self.echo_of(new).or_else(|| self.live_of(new)).unwrap_or(feed);
        match doing {
            Doing::Alone if begins => Next::Begin,
            Doing::Alone => {
                // What it hears: its partner is none.
                self.feed(new, feed);
                Next::Nothing
            }
            Doing::Bridged { with } => {
                self.inherit_conversation(with, old, new);
                Next::Join { with }
            }
            Doing::Dialled { by } => {
                self.inherit_target(by, old, new);
                if screened {
                    // What its document lets it hear, which waits for the end of that.
                    self.feed(new, feed);
                }
                if screened { Next::Nothing } else { Next::Proceed { by } }
            }
            Doing::Parked { transfer } => {
                if let Some(transfer) = self.transfer_mut(transfer) {
                    transfer.transferor = Some(new);
                    let subscription = transfer.subscription();
                    let subscriber = subscription
                        .and_then(|subscription| self.index.by_subscription.get_mut(&subscription));
                    if let Some(subscriber) = subscriber {
                        subscriber.leg = new;
                    }
                }
                self.inherit_initial(transfer, old, new);
                self.feed(new, media::Feed::Silence);
                Next::Nothing
            }
            Doing::Consulted { .. } | Doing::Kept { .. } | Doing::Leaving => Next::Nothing,
        }
    }

    /// What is left to do, the old leg being gone.
    pub(crate) fn go_on(&mut self, new: LegId, next: Next) {
        match next {
            Next::Nothing => {}
            Next::Join { with } => self.join(with, new),
            Next::Proceed { by } => {
                self.time_passes(by);
                self.target_proceed(new);
            }
            Next::Begin => self.call_answered(new, true),
        }
    }

    fn inherit_conversation(&mut self, with: LegId, old: LegId, new: LegId) {
        self.far_party_replaced(with, old, new);
        let last = self.leg(new).map(LastChild::joined);
        if let Some(dialling) = self.dialling_mut(with)
            && dialling.bridged == Some(old)
        {
            dialling.bridged = Some(new);
            dialling.last = last;
        }
    }

    /// A target of that leg's `<Dial>`.
    fn inherit_target(&mut self, by: LegId, old: LegId, new: LegId) {
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.forget(old);
        dialling.answered.push(new);
        if dialling.early == Some(old) {
            self.early_media_over(by);
        }
    }

    /// The initial `<Dial>` of a pending transfer, which stands aside.
    fn inherit_initial(&mut self, id: crate::transfer::TransferId, old: LegId, new: LegId) {
        let Some(transfer) = self.transfer_mut(id) else { return };
        let was_parent = transfer.parent == old;
        if was_parent {
            transfer.parent = new;
        }
        let Some(run) = transfer.initial_run_mut() else { return };
        if let Some(dialling) = run.dialling_mut()
            && dialling.bridged == Some(old)
        {
            dialling.bridged = Some(new);
        }
        if was_parent {
            self.end_initial_recordings(id);
        }
        let Some(transfer) = self.transfer_mut(id) else { return };
        let Some(run) = transfer.initial_run_mut() else { return };
        if was_parent {
            let (timer, limit) = (run.timer, run.dialling().and_then(|d| d.time_limit));
            let calls: Vec<_> = run.applications().collect();
            self.timers.hand_over(timer, new);
            self.timers.hand_over(limit, new);
            for (call, ends) in calls {
                self.index.by_sid.insert(call, new);
                ends.into_iter().for_each(|end| self.timers.hand_over(end, new));
            }
        }
    }

    /// Everything that finds the run by the leg it belongs to.
    fn hand_run_over(&mut self, run: &mut Run, old: LegId, new: LegId) {
        self.timers.hand_over(run.timer, new);
        self.inherit_message(run, new);
        self.end_dial_recordings(run);
        self.inherit_gathering(run, new);
        self.inherit_connected(run, new);
        self.inherit_queued(run, new);
        self.inherit_conferring(run, old, new);
        match &mut run.step {
            Step::Pressing(pressing) => self.send_digits(new, &pressing.keys),
            // A leg that is referred is not replaced: what its phone says comes in its own dialog.
            Step::Ready
            | Step::Pausing
            | Step::Referring(_)
            | Step::Recording(_)
            | Step::Gathering(_)
            | Step::Connected(_)
            | Step::Queued(_)
            | Step::Conferring(_)
            | Step::Echoing => {}
            Step::Fetching { fetch, .. } => {
                self.index.by_fetch.insert(*fetch, new);
            }
            Step::Preparing { source, .. } | Step::Playing { source } => {
                self.index.by_source.insert(*source, new);
            }
            Step::Dialling(dialling) => {
                self.timers.hand_over(dialling.timeout, new);
                self.timers.hand_over(dialling.time_limit, new);
                self.inherit_dialled_queue(dialling, new);
                let targets = dialling.children().filter(|child| Some(*child) != dialling.bridged);
                for target in targets.collect::<Vec<_>>() {
                    if let Some(leg) = self.leg_mut(target) {
                        leg.doing = Doing::Dialled { by: new };
                    }
                }
            }
        }
        for (call, ends) in run.applications() {
            self.index.by_sid.insert(call, new);
            ends.into_iter().for_each(|end| self.timers.hand_over(end, new));
        }
        if let Some(id) = run.transfer {
            if let Some(transfer) = self.transfer_mut(id) {
                transfer.transferee = new;
            }
            self.inherit_initial(id, old, new);
        }
    }
}
