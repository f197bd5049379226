//! Deadlines of the engine: what is due, in order, each of which can be taken back.
//!
//! Not here: retransmissions and other SIP timers (`legwork-sip`).

use std::collections::BTreeMap;
use std::time::Instant;

use legwork_media::TapId;

use crate::leg::LegId;
use crate::sid::CallSid;
use crate::transfer::TransferId;
use crate::trunk::watch::Of;

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// `<Pause>` is over.
    PauseOver(LegId),
    /// `timeout` of the leg's `<Dial>`: nobody answered.
    DialTimeout(LegId),
    /// A call placed by REST was not answered.
    CallTimeout(LegId),
    /// Nobody has told who answered.
    Answerer(LegId),
    /// A call placed by REST has lasted as long as it may.
    CallLimit(LegId),
    /// The leg's INVITE was not answered at all, and there is another target.
    TargetPatience(LegId),
    /// `timeLimit` of the leg's `<Dial>`.
    TimeLimit(LegId),
    /// `timeLimit` of the `<Dial>` that called an application: its call, on that leg.
    ApplicationLimit(LegId, CallSid),
    /// The transfer has been pending too long.
    TransferPending(TransferId),
    /// The transferor's final NOTIFY was not answered in time: BYE now.
    Release(LegId),
    /// Nothing was heard for too long of what came of the leg's `<Refer>`.
    ReferSilence(LegId),
    /// The leg's `<Record>`: its beep, the silence of who speaks, what came of it.
    Message(LegId),
    /// Nothing was told of what came of that tap.
    Recorder(TapId),
    /// Something the leg's `<Gather>` waits for did not come, or has lasted long enough.
    Gather(LegId),
    /// The last words of a transcription of that leg did not come.
    Transcription(LegId),
    /// A recorder of the leg's session has not answered.
    Siprec(LegId),
    /// A key of the leg came by INFO, and in its sound came nothing.
    Info(LegId),
    /// The document of the leg's queue may be asked for again.
    Queue(LegId),
    /// What an agent said to the leg before its `end` takes too long.
    Goodbye(LegId),
    /// A gateway or registrar is asked, or has been for long enough.
    Trunk(Of),
}

impl Due {
    /// The same, of another leg.
    const fn of(self, leg: LegId) -> Self {
        match self {
            Self::PauseOver(_) => Self::PauseOver(leg),
            Self::DialTimeout(_) => Self::DialTimeout(leg),
            Self::CallTimeout(_) => Self::CallTimeout(leg),
            Self::Answerer(_) => Self::Answerer(leg),
            Self::CallLimit(_) => Self::CallLimit(leg),
            Self::TargetPatience(_) => Self::TargetPatience(leg),
            Self::TimeLimit(_) => Self::TimeLimit(leg),
            Self::ApplicationLimit(_, call) => Self::ApplicationLimit(leg, call),
            Self::Release(_) => Self::Release(leg),
            Self::ReferSilence(_) => Self::ReferSilence(leg),
            Self::Gather(_) => Self::Gather(leg),
            Self::Message(_) => Self::Message(leg),
            Self::Info(_) => Self::Info(leg),
            Self::Queue(_) => Self::Queue(leg),
            Self::Goodbye(_) => Self::Goodbye(leg),
            // It stays that of the leg it was begun on.
            Self::Transcription(_)
            | Self::Siprec(_)
            | Self::TransferPending(_)
            | Self::Recorder(_)
            | Self::Trunk(_) => self,
        }
    }
}

/// Names one deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerKey(Instant, u64);

/// All deadlines.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeMap<TimerKey, Due>,
    serial: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Instant, due: Due) -> TimerKey {
        self.serial += 1;
        let key = TimerKey(at, self.serial);
        self.due.insert(key, due);
        key
    }

    /// Takes a deadline back; nothing happens if it has passed.
    pub(crate) fn cancel(&mut self, key: &mut Option<TimerKey>) {
        if let Some(key) = key.take() {
            self.due.remove(&key);
        }
    }

    /// A deadline of one leg is another's from now on.
    pub(crate) fn hand_over(&mut self, key: Option<TimerKey>, to: LegId) {
        if let Some(due) = key.and_then(|key| self.due.get_mut(&key)) {
            *due = due.of(to);
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(key, _)| key.0)
    }

    /// The earliest deadline that has passed at `now`.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(TimerKey, Due)> {
        let first = self.due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove_entry())
    }

    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }
}
