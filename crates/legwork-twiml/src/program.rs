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
    /// `<Play>` of a file.
    Play(Play),
    /// `<Play digits>`.
    Press(Press),
    /// `<Pause>`.
    Pause(Pause),
    /// `<Redirect>`.
    Redirect(Redirect),
    /// `<Hangup>`.
    Hangup,
    /// `<Reject>`.
    Reject(Reject),
    /// `<Refer>`.
    Refer(Refer),
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
    /// `ringTone`: a country's tone, instead of the caller's own.
    pub ring_tone: Option<String>,
    /// `callReason`.
    pub call_reason: Option<String>,
    /// Whom to dial.
    pub nouns: Nouns,
}

/// `<Refer>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refer {
    /// `action`, as written.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// Its `<Sip>`; empty: there is none that could be asked for, and a warning said so.
    pub uri: String,
}

/// What a `<Dial>` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nouns {
    /// `<Sip>`, `<Client>`, `<Number>` and plain text: one to ten, in document order; or one `<Sim>`
    /// or `<Application>` alone. Nobody to dial: one empty number, which cannot be reached, so that
    /// `action` hears of it.
    Ring(Vec<Noun>),
    /// One noun that is not rung, none of them built yet: `Conference`, `Queue`, `WhatsApp`.
    Unbuilt(Unbuilt),
}

/// One noun that is rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noun {
    /// Whom it names.
    pub whom: Whom,
    /// `url` and `method`: run on the called leg after its answer, before the two are joined.
    pub screen: Option<Ask>,
    /// `statusCallback` and its companions.
    pub status: Option<StatusCallback>,
}

impl Noun {
    /// A noun without attributes.
    #[must_use]
    pub const fn of(whom: Whom) -> Self {
        Self { whom, screen: None, status: None }
    }
}

/// Whom a noun names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// `<Sip>`.
    Sip(Sip),
    /// `<Client>`.
    Client(Client),
    /// `<Number>` or plain text in `<Dial>`.
    Number(Number),
    /// `<Sim>`: the SIM's SID.
    Sim(String),
    /// `<Application>`.
    Application(Application),
}

/// `<Sip>`: one URI, or several that are tried in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sip {
    /// The URI in the text, or those of `<Uri>`, in document order; at least one.
    pub uris: Vec<SipUri>,
    /// `<Header>`s, in document order.
    pub headers: Vec<(String, String)>,
}

/// One URI of `<Sip>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SipUri {
    /// As written, trimmed, with parameters and headers.
    pub uri: String,
    /// `priority`: the lowest is tried first; 10.
    pub priority: u32,
    /// `weight`: its share among those of the same priority; 10.
    pub weight: u32,
    /// `username`.
    pub username: Option<String>,
    /// `password`.
    pub password: Option<String>,
}

/// `<Client>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The identity.
    pub identity: String,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}

/// `<Number>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// As written, trimmed.
    pub number: String,
    /// `sendDigits`: keys and pauses (`w`) to send once it has answered.
    pub send_digits: Option<String>,
    /// `byoc`: the trunk to go through.
    pub byoc: Option<String>,
}

/// `<Application>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    /// The application's SID.
    pub sid: String,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
    /// `customerId`.
    pub customer_id: Option<String>,
    /// `copyParentTo`.
    pub copy_parent_to: bool,
}

/// Where to ask: a URL as written and a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Absolute or relative.
    pub url: String,
    /// How.
    pub method: Method,
}

/// Where to tell how a dialled call gets on, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCallback {
    /// `statusCallback` and `statusCallbackMethod`.
    pub ask: Ask,
    /// `statusCallbackEvent`.
    pub events: CallEvents,
}

/// Which steps of a call are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEvents {
    /// `initiated`.
    pub initiated: bool,
    /// `ringing`.
    pub ringing: bool,
    /// `answered`.
    pub answered: bool,
    /// `completed`: any end.
    pub completed: bool,
}

/// `<Say>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// `voice`: `man` unless said.
    pub voice: String,
    /// `language`; empty unless said: that of the voice, or else `en-US`.
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

/// `<Play digits>`: keys pressed towards the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// `0-9*#A-D`, and `w`, half a second of nothing; at least one, at most
    /// [`PLAY_DIGITS_MAX`](crate::limit::PLAY_DIGITS_MAX). `W` has become two of them.
    pub keys: String,
    /// `loop`: 1; 0 is up to 1,000 times.
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
    /// It would take the call over (`Gather`, `Record`, `Enqueue`, `Connect`, `Echo`,
    /// `Pay`, …): the document cannot go on past it. Others (`Start`, `Stop`, `Sms`, …) are
    /// passed over with a warning.
    pub takes_over: bool,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}
