//! The scripted application: what it answers to each path, how late, and how it fails.
//!
//! Not here: when it is asked (`world`); HTTP, signatures and parsing of content types (crate
//! `legwork`).

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use legwork_call::io::{Document, Expects, Fetch, FetchError, FetchId};
use legwork_twiml as twiml;

/// Where the application lives.
pub const BASE: &str = "http://app.example";
/// How long it takes unless said.
const USUAL: Duration = Duration::from_millis(20);
/// How long the shell waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What it does when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 200 and this document.
    Document(String),
    /// 204.
    Empty,
    /// Another status.
    Status(u16),
    /// No answer within 15 s.
    TimesOut,
    /// Connection refused.
    Unreachable,
}

/// The answer to a `Fetch`.
pub type Answer = Result<Document, FetchError>;

#[derive(Debug)]
struct Due {
    at: Instant,
    id: FetchId,
    text: String,
    answer: Answer,
}

/// The application and the requests it has not answered yet.
#[derive(Debug, Default)]
pub struct App {
    routes: BTreeMap<String, VecDeque<(Duration, Reply)>>,
    due: Vec<Due>,
    shown: Vec<String>,
}

/// Parameters a ladder always shows.
const TELLING: [&str; 22] = [
    "ReferTransferTarget",
    "ReferCallStatus",
    "NotifySipResponseCode",
    "DialCallStatus",
    "QueueResult",
    "QueuePosition",
    "DialSipResponseCode",
    "Digits",
    "SpeechResult",
    "RecordingStatus",
    "RecordingDuration",
    "TranscriptionStatus",
    "TranscriptionText",
    "StreamEvent",
    "StreamError",
    "TranscriptionEvent",
    "TranscriptionData",
    "SiprecEvent",
    "SiprecError",
    "ErrorCode",
    "AnsweredBy",
    "ReferReplacesCallSid",
];

impl App {
    /// Answers so when `path` is asked. Several for one path are used one after the other, the last
    /// for ever.
    pub fn add_route(&mut self, path: &str, after: Option<Duration>, reply: Reply) {
        let usual = if reply == Reply::TimesOut { PATIENCE } else { USUAL };
        let route = self.routes.entry(path.to_owned()).or_default();
        route.push_back((after.unwrap_or(usual), reply));
    }

    /// The path has an answer.
    pub fn has(&self, path: &str) -> bool {
        self.routes.contains_key(path)
    }

    /// Shows this parameter in ladders too.
    pub fn show(&mut self, parameter: &str) {
        self.shown.push(parameter.to_owned());
    }

    /// Whether ladders show this.
    pub fn is_shown(&self, name: &str) -> bool {
        self.shown.iter().any(|shown| shown == name)
    }

    /// It is asked or told something: the text for the ladder. `name` says who a SID is.
    pub fn ask(&mut self, now: Instant, fetch: &Fetch, name: impl Fn(&str) -> String) -> String {
        let url = fetch.hook.url.as_str();
        let path = url.strip_prefix(BASE).unwrap_or(url);
        let bare = path.split('?').next().unwrap_or(path);
        let reply = self.routes.get_mut(bare).and_then(|replies| {
            if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
        });
        let (after, reply) = reply.unwrap_or((USUAL, Reply::Status(404)));
        let method = match fetch.hook.method {
            twiml::Method::Get => "GET",
            twiml::Method::Post => "POST",
        };
        let (text, mut answer) = answer(fetch, after, &reply);
        if let (Expects::Nothing, Err(error)) = (fetch.expects, &mut answer)
            && error.status.is_some()
        {
            error.code = 15003;
        }
        let is_told = fetch.expects == Expects::Nothing && answer.is_ok();
        if !is_told {
            self.due.push(Due { at: now + after, id: fetch.id, text, answer });
        }
        format!("{method} {path}{}", self.shown_parameters(&fetch.parameters, name))
    }

    fn shown_parameters(
        &self,
        parameters: &[(Cow<'static, str>, String)],
        name: impl Fn(&str) -> String,
    ) -> String {
        let is_shown = |key: &str| TELLING.contains(&key) || self.is_shown(key);
        let shown = parameters.iter().filter(|(key, _)| is_shown(key));
        shown.map(|(key, value)| format!("  {key}={}", name(value))).collect()
    }

    /// When the next answer is due.
    pub fn next_answer(&self) -> Option<Instant> {
        self.due.iter().map(|due| due.at).min()
    }

    /// The next answer due by `now`, with its text for the ladder.
    pub fn answer(&mut self, now: Instant) -> Option<(FetchId, String, Answer)> {
        let first =
            self.due.iter().filter(|due| due.at <= now).min_by_key(|due| (due.at, due.id))?;
        let id = first.id;
        let at = self.due.iter().position(|due| due.id == id)?;
        let Due { text, answer, .. } = self.due.swap_remove(at);
        Some((id, text, answer))
    }

    /// Nobody waits for that answer any more. True if it was still to come.
    pub fn forget(&mut self, id: FetchId) -> bool {
        let before = self.due.len();
        self.due.retain(|due| due.id != id);
        self.due.len() < before
    }
}

fn answer(fetch: &Fetch, took: Duration, reply: &Reply) -> (String, Answer) {
    let (account, call, method) = (fetch.account, fetch.call, fetch.hook.method);
    let url = fetch.hook.url.as_str();
    let failed = |code: u32, status: Option<u16>, text: &str| {
        let row = status.map_or_else(|| text.to_owned(), |status| status.to_string());
        let (text, url) = (text.to_owned(), url.to_owned());
        let error = FetchError { code, text, account, call, method, url, status, took };
        (row, Err(error))
    };
    let document = |status: u16, body: &str| {
        let (program, problems) = twiml::parse(body.as_bytes());
        let names: Vec<_> = program.verbs.iter().map(verb_name).collect();
        let row = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let document = Document { url: url.to_owned(), program, problems, status, took };
        (format!("{status}  {row}"), Ok(document))
    };
    match reply {
        Reply::Document(body) => document(200, body),
        Reply::Empty => {
            let program = twiml::Program::default();
            let url = url.to_owned();
            ("204".to_owned(), Ok(Document { url, program, problems: vec![], status: 204, took }))
        }
        Reply::Status(status) => failed(11200, Some(*status), "the answer is not 2xx"),
        Reply::TimesOut => failed(11205, None, "no answer"),
        Reply::Unreachable => failed(11202, None, "unreachable"),
    }
}

fn verb_name(verb: &twiml::Verb) -> &'static str {
    match verb {
        twiml::Verb::Dial(_) => "Dial",
        twiml::Verb::Say(_) => "Say",
        twiml::Verb::Play(_) | twiml::Verb::Press(_) => "Play",
        twiml::Verb::Pause(_) => "Pause",
        twiml::Verb::Redirect(_) => "Redirect",
        twiml::Verb::Hangup(_) => "Hangup",
        twiml::Verb::Reject(_) => "Reject",
        twiml::Verb::Refer(_) => "Refer",
        twiml::Verb::Gather(_) => "Gather",
        twiml::Verb::Record(_) => "Record",
        twiml::Verb::Start(_) => "Start",
        twiml::Verb::Echo => "Echo",
        twiml::Verb::Connect(_) => "Connect",
        twiml::Verb::Stop(_) => "Stop",
        twiml::Verb::Unbuilt(unbuilt) => unbuilt.name,
        twiml::Verb::Enqueue(_) => "Enqueue",
        twiml::Verb::Leave => "Leave",
    }
}
