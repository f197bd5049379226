//! What REST and the command line may order, and what they are answered.
//!
//! Not here: HTTP and JSON (crate `legwork`, `api`).

use std::time::Duration;

use legwork_media as media;
use legwork_twiml as twiml;

use crate::config::Hook;
use crate::sid::{AccountSid, CallSid, ConferenceSid};

/// An order.
#[derive(Clone, Debug)]
pub enum Command {
    /// Place a call. Answer: `Called`.
    Call(Box<NewCall>),
    /// End a call. Answer: `Done`.
    Hangup {
        /// Which.
        call: CallSid,
    },
    /// End a call that has not been answered. Answer: `Done`.
    Cancel {
        /// Which.
        call: CallSid,
    },
    /// Do what a REFER of this leg would do: the call's `referUrl` is asked. Answer: `Done` once accepted.
    Transfer {
        /// The transferor's leg.
        call: CallSid,
        /// `ReferTransferTarget`, as a Refer-To value.
        target: String,
    },
    /// Run another document on a live call that was answered (21220). Answer: `Done`.
    Redirect {
        /// Which.
        call: CallSid,
        /// What it runs.
        start: Start,
    },
    /// What lives. Answer: `Stats`.
    Stats,
    /// Take a call out of a queue and run another document on it. Answer: `Dequeued`.
    Dequeue {
        /// Whose queue.
        account: AccountSid,
        /// Its SID or name.
        queue: String,
        /// Which call; none: the first.
        call: Option<CallSid>,
        /// What it runs.
        start: Start,
    },
    /// Change a conference, or who is in it. Answer: `Done`.
    Conference(Box<ConferenceOrder>),
}

/// An order to a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConferenceOrder {
    /// Whose it must be.
    pub account: AccountSid,
    /// Which.
    pub conference: ConferenceSid,
    /// What.
    pub change: ConferenceChange,
}

/// What is changed of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConferenceChange {
    /// It ends.
    End,
    /// All in it hear what is there: a file, or a document of `<Play>` and `<Say>`.
    Announce(Hook),
    /// Somebody in it is changed.
    Participant {
        /// Its CallSid or label.
        who: String,
        /// How.
        change: Box<ParticipantChange>,
    },
    /// Somebody is taken out of it.
    Kick {
        /// Its CallSid or label.
        who: String,
    },
}

/// What is changed of a participant; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParticipantChange {
    /// It is not heard.
    pub muted: Option<bool>,
    /// It hears music instead, and is not heard.
    pub hold: Option<bool>,
    /// What it hears then instead of music.
    pub hold_hook: Option<Hook>,
    /// What it hears until the start, instead of what it was to hear.
    pub wait_hook: Option<Hook>,
    /// It is heard by one alone.
    pub coaching: Option<bool>,
    /// By that one.
    pub call_sid_to_coach: Option<CallSid>,
    /// Its going ends the conference.
    pub end_on_exit: Option<bool>,
    /// There is a sound when it goes.
    pub beep_on_exit: Option<bool>,
    /// It hears that, it alone.
    pub announce: Option<Hook>,
}

/// A call to place.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// Whose.
    pub account: AccountSid,
    /// Caller ID: a number, `client:id` or SIP URI.
    pub from: String,
    /// Whom to call: a number, `client:id` or SIP URI.
    pub to: String,
    /// What it runs once answered.
    pub start: Start,
    /// Asked when a document can not be used.
    pub fallback: Option<Hook>,
    /// Told how the call gets on.
    pub status: Option<StatusCallback>,
    /// How long it may ring.
    pub timeout: Duration,
    /// How long it may last.
    pub time_limit: Duration,
    /// Keys and pauses (`w`) sent once it is answered.
    pub send_digits: Option<String>,
    /// Who answered is to be found out; beside keys to send it is not.
    pub machine: Option<Box<MachineDetection>>,
    /// It is recorded from its answer to its end.
    pub record: Option<Box<CallRecording>>,
    /// Asked when a phone sends REFER in a `<Dial>` of this call that has no `referUrl` of its own.
    pub refer: Option<Hook>,
    /// User name and password for the far end's challenge.
    pub credentials: Option<(String, String)>,
}

/// Who answered is to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineDetection {
    /// How.
    pub rules: media::Machine,
    /// The call goes on meanwhile; if not, what it runs waits for the answer.
    pub asynchronous: bool,
    /// Who is told, if it goes on.
    pub callback: Option<Hook>,
}

/// How a call is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecording {
    /// Which side, in how many channels.
    pub sides: twiml::Sides,
    /// Silence at both ends is cut off.
    pub trim: bool,
    /// Who is told how it gets on, and of what.
    pub status: Option<(Hook, twiml::RecordingEvents)>,
}

/// Where to tell how a call gets on, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCallback {
    /// Where.
    pub hook: Hook,
    /// Of what.
    pub events: twiml::CallEvents,
}

/// What a call runs.
#[derive(Clone, Debug)]
pub enum Start {
    /// Ask there.
    Url {
        /// Where.
        hook: Hook,
        /// Inline TwiML was given, too; the URL wins.
        both: bool,
    },
    /// Inline TwiML, parsed and usable.
    Twiml {
        /// What is run.
        program: twiml::Program,
        /// Its warnings.
        problems: Vec<twiml::Problem>,
        /// As it was written, for recordings.
        written: Box<str>,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The new call.
    Called(CallSid),
    /// It is done or under way.
    Done,
    /// It can not be done.
    Refused {
        /// HTTP status.
        status: u16,
        /// Twilio's code: 20404, 21220, …
        code: u32,
        /// Why.
        text: String,
    },
    /// What lives.
    Stats(Stats),
    /// The call that was taken out of a queue.
    Dequeued(CallSid),
}

/// What lives in the switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Legs.
    pub legs: usize,
    /// SIP dialogs.
    pub dialogs: usize,
    /// SIP transactions.
    pub transactions: usize,
    /// Deadlines, SIP and ours.
    pub timers: usize,
    /// Pairs of ports in use or waiting for their media thread's `Closed`.
    pub ports: usize,
    /// Transfers pending.
    pub transfers: usize,
    /// Fetches under way.
    pub fetches: usize,
    /// Sources of audio asked for or playing.
    pub sources: usize,
    /// Taps on legs, and recordings of which it is not known yet what came.
    pub taps: usize,
    /// Addresses being resolved.
    pub resolves: usize,
    /// Subscriptions of transferors.
    pub subscriptions: usize,
    /// Calls in queues, and those that wait for one to come.
    pub queued: usize,
    /// Names that legs are found by: SIDs, dialogs, ports.
    pub names: usize,
    /// Bindings of phones.
    pub bindings: usize,
    /// Conferences.
    pub conferences: usize,
    /// Legs and transfers that nothing will move again: 0, but for a bug of ours.
    pub adrift: usize,
    /// Groups of legs lost to a bug of ours since start.
    pub bugs: u64,
}
