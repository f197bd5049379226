//! One leg: one SIP dialog, its media, one CallSid, and what it is doing.
//!
//! Not here: anything that touches two legs (`dial`, `bridge`, `transfer`); how a document is run (`run`).
//! Source: Twilio, "Call resource" (a leg is a call with a SID of its own).

use std::net::IpAddr;
use std::time::SystemTime;

use legwork_media as media;
use legwork_sip::Status;
use legwork_sip::event::DialogId;

use crate::answerer::Answering;
use crate::callback::Told;
use crate::calls::Calls;
use crate::config::{Application, Hook};
use crate::dial::application::ApplicationCall;
use crate::dial::screen::Wanted;
use crate::io::{CallRow, Output, ResolveId};
use crate::keys::Pressed;
use crate::placed::Begin;
use crate::reach::Calling;
use crate::recording::OfLeg;
use crate::run::{Parameter, Run};
use crate::sid::{AccountSid, CallSid};
use crate::stream;
use crate::timer::TimerKey;
use crate::transfer::TransferId;

/// Names one leg. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LegId(pub(crate) u64);

/// One leg.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) sid: CallSid,
    pub(crate) account: AccountSid,
    /// The first leg of its conversation: ladders are grouped by it.
    pub(crate) root: CallSid,
    pub(crate) parent: Option<CallSid>,
    pub(crate) who: Who,
    pub(crate) sip: LegSip,
    pub(crate) media: LegMedia,
    pub(crate) life: Life,
    pub(crate) doing: Doing,
    /// What a call placed by REST runs once answered.
    pub(crate) start: Option<Box<Begin>>,
    /// Of a call placed by REST: the end of ringing, then of the call. `Leaving`: the end of waiting for
    /// the answer to the final NOTIFY.
    pub(crate) deadline: Option<TimerKey>,
    /// The document it runs, if any.
    pub(crate) run: Option<Run>,
    /// Whom to ask when things fail, whom to tell at the end.
    pub(crate) application: Application,
    /// `ReferUrl` of a call placed by REST: asked where its `<Dial>` has no `referUrl`.
    pub(crate) refer: Option<Box<Hook>>,
    /// Who is told how it gets on, besides.
    pub(crate) told: Option<Box<Told>>,
    /// What the noun that named it wants.
    pub(crate) wanted: Wanted,
    /// Keys it has pressed lately; none: none ever.
    pub(crate) pressed: Option<Box<Pressed>>,
    /// Who answered, where that is wanted.
    pub(crate) answering: Option<Box<Answering>>,
}

/// Every call held has one: what few of them need is boxed.
const _: () = assert!(size_of::<Leg>() <= 1280, "allocators round the next byte up to 1,536");

/// From whom, to whom.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) direction: Direction,
    /// `From` of webhooks: a number, `client:id` or SIP URI.
    pub(crate) from: String,
    /// `To` of webhooks.
    pub(crate) to: String,
    /// The far end's name in ladders.
    pub(crate) party: String,
}

impl Who {
    /// The far end's address: what a call made on its behalf shows as its caller.
    pub(crate) fn far(&self) -> &str {
        match self.direction {
            Direction::Inbound => &self.from,
            Direction::OutboundApi | Direction::OutboundDial => &self.to,
        }
    }
}

/// `Direction` of webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Inbound,
    OutboundApi,
    OutboundDial,
}

impl Direction {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundDial => "outbound-dial",
        }
    }
}

/// The leg's SIP side.
#[derive(Debug, Default)]
pub(crate) struct LegSip {
    /// None while its address is being resolved.
    pub(crate) dialog: Option<DialogId>,
    pub(crate) resolve: Option<ResolveId>,
    pub(crate) call_id: String,
    /// Name of the domain the call came in by.
    pub(crate) domain: Option<String>,
    pub(crate) source_ip: Option<IpAddr>,
    /// `Max-Forwards` of its INVITE, if that was said; calls made for it have one less.
    pub(crate) hops: Option<u8>,
    /// The credential it came in with.
    pub(crate) username: Option<String>,
    /// `SipHeader_…`: `X-…` and `User-to-User` lines of the INVITE, or of the final answer to ours.
    pub(crate) headers: Vec<Parameter>,
    /// The final answer to its INVITE, or what stands for it; of calls that came in, told at the end.
    pub(crate) response: Option<Status>,
    /// The caller's name, as it says.
    pub(crate) caller_name: Option<String>,
    /// Whom the caller had called before it was sent on to us.
    pub(crate) forwarded_from: Option<String>,
    /// May it send REFER? Legs of trunks may not unless the trunk says so.
    pub(crate) may_refer: bool,
    /// It goes through a trunk: the PSTN.
    pub(crate) trunk: bool,
    /// A re-INVITE of ours is under way.
    pub(crate) offering: bool,
    /// It only refreshes the session.
    pub(crate) refreshing: bool,
    /// Where it is called, until it answers.
    pub(crate) calling: Option<Box<Calling>>,
}

/// The leg's media side.
#[derive(Debug)]
pub(crate) struct LegMedia {
    pub(crate) id: media::MediaId,
    /// The media thread it lives on: whom it hears lives there, too.
    pub(crate) host: u8,
    pub(crate) open: bool,
    pub(crate) negotiation: media::Negotiation,
    /// The negotiation as it stood before early media was agreed: the 200 answers the same offer.
    pub(crate) before_early: Option<Box<media::Negotiation>>,
    /// What it was last told to send.
    pub(crate) feed: media::Feed,
    /// What is listened for; none: nothing.
    pub(crate) hearing: Option<Box<media::Hearing>>,
    /// What of it is recorded, or will be.
    pub(crate) recorded: Option<Box<OfLeg>>,
    /// Its streams, or those it will have.
    pub(crate) streams: Option<Box<stream::OfLeg>>,
    /// The offer in our 200 waits for its answer in the ACK.
    pub(crate) delayed: bool,
    /// Keys are pressed towards it.
    pub(crate) pressing: bool,
}

/// Since when, how far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) status: CallStatus,
    pub(crate) created: SystemTime,
    pub(crate) answered: Option<SystemTime>,
}

/// `CallStatus` of webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallStatus {
    Initiated,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl CallStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }
}

/// What a leg is doing, as far as other legs matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Nothing joins it to another: it runs its document, or waits for one.
    Alone,
    /// It is a target of that leg's `<Dial>`, not joined yet.
    Dialled { by: LegId },
    /// In conversation.
    Bridged { with: LegId },
    /// The transferor of a pending transfer.
    Parked { transfer: TransferId },
    /// The transferor's other leg, whose far party is the target of a pending transfer.
    Consulted { transfer: TransferId },
    /// The far party of such a leg that has left before the application answered.
    Kept { transfer: TransferId },
    /// Told that its transfer is over; BYE goes out when that was answered.
    Leaving,
}

impl Leg {
    pub(crate) fn is_answered(&self) -> bool {
        self.life.answered.is_some()
    }

    /// The call of the application whose document it runs, if it was dialled.
    pub(crate) fn application_call(&self) -> Option<&ApplicationCall> {
        self.run.as_ref()?.application()
    }

    /// The call its document is about: its own, or that of a dialled application.
    pub(crate) fn call_sid(&self) -> CallSid {
        self.application_call().map_or(self.sid, |call| call.sid)
    }

    /// Whose document it runs.
    pub(crate) fn application(&self) -> &Application {
        self.application_call().map_or(&self.application, |call| &call.application)
    }

    /// Its row of the read model.
    pub(crate) fn row(&self, ended: Option<SystemTime>) -> CallRow {
        CallRow {
            sid: self.sid,
            account: self.account,
            parent: self.parent,
            from: self.who.from.clone(),
            to: self.who.to.clone(),
            direction: self.who.direction.as_str(),
            status: self.life.status.as_str(),
            sip_call_id: self.sip.call_id.clone(),
            created: self.life.created,
            answered: self.life.answered,
            answered_by: self.answered_by(),
            ended,
        }
    }
}

impl Calls {
    /// A leg with ports and nothing else yet, of this media thread if it has any left. None: no port is
    /// free.
    pub(crate) fn new_leg(&mut self, account: AccountSid, who: Who, thread: u8) -> Option<LegId> {
        let taken = self.ports.take(thread).or_else(|| self.ports.take_any());
        if self.ports.runs_low(thread) {
            self.push(Output::WantPorts { thread });
        }
        let media_id = taken?;
        self.noted.note(|found| found.ports.push(media_id));
        let id = LegId(self.next_id());
        let sid = self.new_sid();
        let unknown = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        let leg = Leg {
            sid,
            account,
            root: sid,
            parent: None,
            who,
            sip: LegSip::default(),
            media: LegMedia {
                id: media_id,
                host: media_id.thread,
                open: false,
                negotiation: media::Negotiation::new(0, unknown, media_id.port, unknown),
                before_early: None,
                feed: media::Feed::Nothing,
                hearing: None,
                recorded: None,
                streams: None,
                delayed: false,
                pressing: false,
            },
            life: Life { status: CallStatus::Initiated, created: self.now.wall, answered: None },
            doing: Doing::Alone,
            start: None,
            deadline: None,
            run: None,
            application: Application::default(),
            refer: None,
            told: None,
            wanted: Wanted::default(),
            pressed: None,
            answering: None,
        };
        self.index.by_sid.insert(sid, id);
        self.index.by_media.insert(media_id, id);
        self.legs.insert(id, Box::new(leg));
        Some(id)
    }
}
