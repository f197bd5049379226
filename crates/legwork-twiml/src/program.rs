//! The typed program: what `legwork-call` runs.
//!
//! Not here: names and defaults (`verb`), XML (`parse`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb.

use std::time::Duration;

/// A document, in order. Empty when it declines (`<Response/>`) or cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Verbs, top to bottom.
    pub verbs: Vec<Verb>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `<Dial>`.
    Dial(Box<Dial>),
    /// `<Say>`.
    Say(Say),
    /// `<Play>`.
    Play(Play),
    /// `<Pause>`.
    Pause(Pause),
    /// `<Redirect>`.
    Redirect(Redirect),
    /// `<Hangup>`.
    Hangup,
    /// `<Reject>`.
    Reject(Reject),
    /// A verb of Twilio's that this server does not have yet.
    Unbuilt(Unbuilt),
}

/// `GET` or `POST`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// Parameters in the query.
    Get,
    /// Parameters in the body.
    #[default]
    Post,
}

/// `<Dial>`: attributes as typed, relative URLs as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// `action`.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// `timeout`: 5–600 s, 30 s.
    pub timeout: Duration,
    /// `timeLimit`: 14,400 s.
    pub time_limit: Duration,
    /// `callerId`.
    pub caller_id: Option<String>,
    /// `answerOnBridge`.
    pub answer_on_bridge: bool,
    /// `hangupOnStar`.
    pub hangup_on_star: bool,
    /// `sequential`.
    pub sequential: bool,
    /// `referUrl`.
    pub refer_url: Option<String>,
    /// `referMethod`.
    pub refer_method: Method,
    /// `referStatusCallback`, ours: told the outcome of every transfer.
    pub refer_status_callback: Option<String>,
    /// Whom to dial.
    pub nouns: Nouns,
}

/// What a `<Dial>` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nouns {
    /// `<Sip>`, `<Client>`, `<Number>` and plain text: one to ten, in document order. Nobody to
    /// dial: one empty number, which cannot be reached, so that `action` hears of it.
    Ring(Vec<Noun>),
    /// One noun that is not rung, none of them built yet: `Conference`, `Queue`, `Sim`,
    /// `Application`, `WhatsApp`.
    Unbuilt(Unbuilt),
}

/// One noun that is rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noun {
    /// `<Sip>`: the URI as written, trimmed, with parameters and headers.
    Sip(String),
    /// `<Client>`: the identity.
    Client(String),
    /// `<Number>` or plain text in `<Dial>`: the number as written, trimmed.
    Number(String),
}

/// `<Say>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// `voice`: `man` unless said.
    pub voice: String,
    /// `language`: `en-US` unless said.
    pub language: String,
    /// `loop`: 1; 0 is up to 1,000 times.
    pub times: u32,
    /// Text or SSML children, as one SSML fragment without the `speak` element. Empty: nothing to
    /// say.
    pub ssml: String,
}

/// `<Play>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// The URL as written, trimmed.
    pub url: String,
    /// `loop`: 1; 0 is for ever.
    pub times: u32,
}

/// `<Pause>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// `length`: 1 s.
    pub length: Duration,
}

/// `<Redirect>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The URL as written, trimmed; empty is the current document.
    pub url: String,
    /// `method`.
    pub method: Method,
}

/// `<Reject>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// `reason`.
    pub reason: RejectReason,
}

/// `reason` of `<Reject>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RejectReason {
    /// `rejected`.
    #[default]
    Rejected,
    /// `busy`.
    Busy,
}

/// A verb or noun that is in the table but not built yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbuilt {
    /// Its element name.
    pub name: &'static str,
    /// It would take the call over (`Gather`, `Record`, `Enqueue`, `Connect`, `Refer`, `Echo`,
    /// `Pay`, …): the document cannot go on past it. Others (`Start`, `Stop`, `Sms`, …) are
    /// passed over with a warning.
    pub takes_over: bool,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}
