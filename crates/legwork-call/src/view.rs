//! What a bystander may see of legs and transfers: for checks beside the engine, never for
//! decisions.
//!
//! Not here: what lives, counted (`command::Stats`); the read model (`io::CallRow`).

use legwork_media as media;
use legwork_media::offer_answer::Agreed;

use crate::calls::Calls;
use crate::conference::{Conference, Participant};
use crate::leg::{self, LegId};
use crate::run::Step;
use crate::sid::CallSid;
use crate::switch::Switch;
use crate::transfer;

/// One leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg<'a> {
    /// Its SID.
    pub call: CallSid,
    /// Call-ID of its dialog; empty while its address is being resolved.
    pub sip_call_id: &'a str,
    /// Its ports, if they are in use.
    pub media: Option<media::MediaId>,
    /// It has been answered.
    pub is_answered: bool,
    /// What it is doing, as far as other legs matter.
    pub doing: Doing,
    /// What it was last told to send.
    pub feed: media::Feed,
    /// What it waits for.
    pub waits: Waits,
    /// What it speaks, once agreed.
    pub agreed: Option<&'a Agreed>,
    /// Keys in its sound mean something, and come as nothing else.
    pub hears_keys: bool,
}

/// What a leg is doing, as far as other legs matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing joins it to another.
    Alone,
    /// It is a target of that leg's `<Dial>`, not joined yet.
    Dialled {
        /// Who dials.
        by: CallSid,
    },
    /// In conversation.
    Bridged {
        /// The other one.
        with: CallSid,
    },
    /// The transferor of a pending transfer.
    Parked,
    /// The transferor's other leg, whose far party is the target of a pending transfer.
    Consulted,
    /// The far party of a consultation leg that has left, until the application answers.
    Kept,
    /// The transferor of a transfer that is over: BYE is about to go out.
    Leaving,
}

/// What a leg waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Nothing of ours.
    Nothing,
    /// An answer of the application.
    Application,
    /// Audio to be prepared.
    Source,
    /// The end of what is played.
    Played,
    /// The end of a `<Pause>`.
    Pause,
    /// Targets of its `<Dial>`, or the end of its conversation.
    Targets,
    /// What becomes of the REFER it was sent.
    Referred,
    /// The end of what it says, or what came of that.
    Recorded,
    /// Its hanging up: it hears itself.
    Echo,
    /// Keys or speech of its far end.
    Input,
    /// Keys to be pressed towards it.
    Keys,
    /// Who answered to be known.
    Answerer,
    /// The end of what its application says.
    Connected,
    /// Somebody who takes it out of its queue; or the end of its conversation.
    Queue,
    /// The end of its conference, or its start.
    Conference,
}

/// One queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who waits in it, first come first.
    pub members: Vec<CallSid>,
    /// Who waits for somebody to come.
    pub agents: Vec<CallSid>,
}

/// One room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room<'a> {
    /// Which.
    pub room: media::RoomId,
    /// The media thread it is on.
    pub thread: u8,
    /// The conference's name.
    pub name: &'a str,
    /// Who is in it, in the order they came.
    pub members: Vec<Member>,
}

/// Who is in a room, and what its state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// What it is called there.
    pub call: CallSid,
    /// Who alone hears it.
    pub coaches: Option<CallSid>,
    /// Its leg's ports.
    pub media: media::MediaId,
    /// Where what it says goes.
    pub speech: Option<media::Speech>,
    /// What it hears; none: a document says.
    pub feed: Option<media::Feed>,
}

/// One pending transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which.
    pub id: u64,
    /// None once it has left or was released.
    pub transferor: Option<CallSid>,
    /// Who stays.
    pub transferee: CallSid,
    /// Of the initial `<Dial>`.
    pub answer_on_bridge: bool,
}

/// A recording session with a recorder that was invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorder {
    /// SID of the leg that is recorded.
    pub call: CallSid,
    /// Call-ID of its dialog.
    pub sip_call_id: String,
    /// Its streams that have ports in use.
    pub lines: Vec<RecorderLine>,
}

/// One stream to a recorder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderLine {
    /// Its ports.
    pub media: media::MediaId,
    /// What it was last told to send.
    pub feed: media::Feed,
    /// The media thread of the leg that is recorded.
    pub host: u8,
    /// What it speaks; none: the recorder does not want it any more.
    pub agreed: Option<Agreed>,
}

impl Switch {
    /// The recording sessions there are.
    pub fn recorders(&self) -> impl Iterator<Item = Recorder> {
        self.calls.view_siprecs()
    }

    /// The legs there are, oldest first.
    pub fn legs(&self) -> impl Iterator<Item = Leg<'_>> {
        self.calls.legs.values().map(|leg| self.calls.view(leg))
    }

    /// The transfers pending, oldest first.
    pub fn transfers(&self) -> impl Iterator<Item = Transfer> {
        self.calls.transfers.iter().map(|(id, transfer)| self.calls.view_transfer(id.0, transfer))
    }

    /// The queues there are, in the order of their SIDs.
    pub fn queues(&self) -> impl Iterator<Item = Queue<'_>> {
        self.calls.queues.each().map(|(name, members, agents)| {
            let sids = |legs: Vec<LegId>| legs.iter().map(|leg| self.calls.sid_of(*leg)).collect();
            Queue { name, members: sids(members), agents: sids(agents) }
        })
    }

    /// The rooms there are, oldest first.
    pub fn rooms(&self) -> impl Iterator<Item = Room<'_>> {
        self.calls.conferences.all().map(|conference| self.calls.view_room(conference))
    }

    /// How many legs and transfers wait for nothing, how many bugs there were: none, but for a bug
    /// of ours.
    pub fn faults(&self) -> (usize, u64) {
        (self.calls.adrift(), self.calls.bugs)
    }
}

impl Calls {
    fn view<'a>(&self, leg: &'a leg::Leg) -> Leg<'a> {
        Leg {
            call: leg.sid,
            sip_call_id: &leg.sip.call_id,
            media: leg.media.open.then_some(leg.media.id),
            is_answered: leg.is_answered(),
            doing: self.view_doing(leg),
            feed: leg.media.feed,
            waits: Self::view_waits(leg),
            agreed: leg.media.negotiation.agreed(),
            hears_keys: leg.hears_keys(),
        }
    }

    fn view_room<'a>(&self, conference: &'a Conference) -> Room<'a> {
        let member = |of: &Participant| {
            let media = self.leg(of.leg)?.media.id;
            let speech = self.speech_of(conference, of);
            let feed = Self::feed_of(conference, of);
            Some(Member { call: of.call, coaches: of.coaches(), media, speech, feed })
        };
        Room {
            room: conference.room(),
            thread: conference.thread(),
            name: conference.name(),
            members: conference.participants().iter().filter_map(member).collect(),
        }
    }

    /// A leg that is gone has no SID any more: 0.
    fn sid_of(&self, leg: LegId) -> CallSid {
        self.leg(leg).map_or(CallSid::from_bits(0), |leg| leg.sid)
    }

    fn view_doing(&self, leg: &leg::Leg) -> Doing {
        match leg.doing {
            leg::Doing::Alone => Doing::Alone,
            leg::Doing::Dialled { by } => Doing::Dialled { by: self.sid_of(by) },
            leg::Doing::Bridged { with } => Doing::Bridged { with: self.sid_of(with) },
            leg::Doing::Parked { .. } => Doing::Parked,
            leg::Doing::Consulted { .. } => Doing::Consulted,
            leg::Doing::Kept { .. } => Doing::Kept,
            leg::Doing::Leaving => Doing::Leaving,
        }
    }

    fn view_waits(leg: &leg::Leg) -> Waits {
        let step = leg.run.as_ref().map(|run| &run.step);
        if leg.media.pressing
            && !matches!(step, Some(Step::Pressing(_) | Step::Echoing | Step::Connected(_)))
        {
            return Waits::Keys;
        }
        if leg.start.is_some() && leg.awaits_answerer() {
            return Waits::Answerer;
        }
        match step {
            None | Some(Step::Ready) => Waits::Nothing,
            Some(Step::Fetching { .. }) => Waits::Application,
            Some(Step::Preparing { .. }) => Waits::Source,
            Some(Step::Playing { .. }) => Waits::Played,
            Some(Step::Pausing | Step::Pressing(_)) => Waits::Pause,
            Some(Step::Dialling(_)) => Waits::Targets,
            Some(Step::Referring(_)) => Waits::Referred,
            Some(Step::Recording(message)) if message.beeps() => Waits::Played,
            Some(Step::Recording(_)) => Waits::Recorded,
            Some(Step::Echoing) => Waits::Echo,
            Some(Step::Gathering(gathering)) => gathering.waits(),
            Some(Step::Connected(connected)) => connected.waits(),
            Some(Step::Queued(_)) => Waits::Queue,
            Some(Step::Conferring(_)) => Waits::Conference,
        }
    }

    fn view_transfer(&self, id: u64, transfer: &transfer::Transfer) -> Transfer {
        Transfer {
            id,
            transferor: transfer.transferor.map(|leg| self.sid_of(leg)),
            transferee: self.sid_of(transfer.transferee),
            answer_on_bridge: transfer.answer_on_bridge,
        }
    }
}
