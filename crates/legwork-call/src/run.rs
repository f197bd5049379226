//! The interpreter: which document a leg runs, where it is in it, and what comes next.
//!
//! Not here: what each verb does (`verb/`, `dial`), what becomes of a transfer when its document fails
//! or ends (`transfer`).
//! Source: Twilio, "TwiML for Programmable Voice", "How Twilio interacts with your app".

use std::borrow::Cow;
use std::collections::VecDeque;

use legwork_media as media;
use legwork_twiml as twiml;
use legwork_twiml::problem::UNBUILT;
use url::Url;

use crate::alert;
use crate::calls::{Calls, Detail};
use crate::conference::Conferring;
use crate::config::Hook;
use crate::dial::Dialling;
use crate::hangup::Farewell;
use crate::io::{Document, Expects, Fetch, FetchError, FetchId, Output};
use crate::ladder::What;
use crate::leg::{CallStatus, LegId};
use crate::limit;
use crate::nested::{Outer, Waited};
use crate::queue::enqueue::Queued;
use crate::timer::TimerKey;
use crate::transfer::TransferId;
use crate::verb::connect::Connected;
use crate::verb::gather::Gathering;
use crate::verb::record::Message;
use crate::verb::refer::Referring;
use crate::webhook::shown;

/// A parameter of a webhook.
pub(crate) type Parameter = (Cow<'static, str>, String);

/// A document being run.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where it came from; none for inline TwiML.
    pub(crate) url: Option<Url>,
    /// What is left of it.
    pub(crate) verbs: VecDeque<twiml::Verb>,
    pub(crate) step: Step,
    /// Deadline of the step.
    pub(crate) timer: Option<TimerKey>,
    /// The pending transfer whose answer this is, until its success point.
    pub(crate) transfer: Option<TransferId>,
    /// Something that takes time was run since the transfer's answer came.
    pub(crate) heard: bool,
    /// Documents since something that took time.
    pub(crate) in_a_row: u32,
    /// The fallback URL was asked for the failure at hand.
    pub(crate) fallback_asked: bool,
    /// Of a document within a verb: the run that stands at the verb.
    pub(crate) outer: Option<Box<Outer>>,
}

/// Where a run is.
#[derive(Debug)]
pub(crate) enum Step {
    /// Between two verbs.
    Ready,
    /// Waits for a document.
    Fetching { fetch: FetchId, why: Why, hook: Hook },
    /// Waits for audio.
    Preparing { source: media::SourceId, times: u32 },
    /// Plays audio.
    Playing { source: media::SourceId },
    /// In `<Play digits>`.
    Pressing(Box<Pressing>),
    /// In `<Pause>`.
    Pausing,
    /// In `<Dial>`.
    Dialling(Box<Dialling>),
    /// In `<Refer>`.
    Referring(Box<Referring>),
    /// In `<Record>`.
    Recording(Box<Message>),
    /// In `<Echo>`.
    Echoing,
    /// In `<Gather>`.
    Gathering(Box<Gathering>),
    /// In `<Connect>`.
    Connected(Box<Connected>),
    /// In `<Enqueue>`.
    Queued(Box<Queued>),
    /// In a `<Dial>` of a `<Conference>`.
    Conferring(Box<Conferring>),
}

/// A `<Play digits>`.
#[derive(Debug)]
pub(crate) struct Pressing {
    /// Keys, and `w`.
    pub(crate) keys: String,
    /// Times still to be begun.
    pub(crate) left: u32,
}

/// Why a document is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The call began.
    Voice,
    /// `<Redirect>`, or a REST redirect.
    Redirect,
    /// `action` of a verb.
    Action,
    /// `action` of `<Refer>` or `<Record>`: told even if the phone hangs up at once, as it does.
    Outcome,
    /// The last document failed.
    Fallback,
    /// A phone sent REFER.
    Refer,
    /// A called party is screened.
    Screen,
    /// Somebody waits, and is to hear something meanwhile.
    Wait,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self {
            url: None,
            verbs: VecDeque::new(),
            step: Step::Ready,
            timer: None,
            transfer: None,
            heard: false,
            in_a_row: 0,
            fallback_asked: false,
            outer: None,
        }
    }

    pub(crate) fn dialling(&self) -> Option<&Dialling> {
        if let Step::Dialling(dialling) = &self.step { Some(dialling) } else { None }
    }

    pub(crate) fn dialling_mut(&mut self) -> Option<&mut Dialling> {
        if let Step::Dialling(dialling) = &mut self.step { Some(dialling) } else { None }
    }
}

/// Makes `text` absolute against the document it stands in; or the code of what is wrong: it is no URL, or
/// it is relative and there is nothing to start from.
pub(crate) fn absolute(base: Option<&Url>, text: &str) -> Result<String, u32> {
    match Url::options().base_url(base).parse(text) {
        Ok(url) => Ok(url.into()),
        Err(url::ParseError::RelativeUrlWithoutBase) => Err(15004),
        Err(_) => Err(11100),
    }
}

impl Calls {
    /// What a URL of the leg's document means. None, and an alert that says `of` what: it is no URL, or there is
    /// nothing to start from.
    pub(crate) fn hook_in_document(
        &mut self,
        leg: LegId,
        written: &str,
        method: twiml::Method,
        of: impl FnOnce() -> String,
    ) -> Option<Hook> {
        let base = self.leg(leg).and_then(|leg| leg.run.as_ref()?.url.as_ref());
        match absolute(base, written) {
            Ok(url) => Some(Hook { url, method }),
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(of()));
                None
            }
        }
    }

    // === fetching ===

    /// Asks for the next document of `leg`. What it was doing in its run is over.
    pub(crate) fn fetch_document(
        &mut self,
        leg: LegId,
        hook: Hook,
        why: Why,
        more: Vec<Parameter>,
    ) {
        self.clear_step(leg);
        let Some(mut parameters) = self.standard_parameters(leg) else { return };
        parameters.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
        parameters.extend(more);
        if why != Why::Wait {
            parameters.extend(self.place_in_queue(leg));
        }
        let id = FetchId(self.next_id());
        let Some(of) = self.leg_mut(leg) else { return };
        let (account, call) = (of.account, of.call_sid());
        let run = of.run.get_or_insert_with(Run::new);
        run.step = Step::Fetching { fetch: id, why, hook: hook.clone() };
        self.index.by_fetch.insert(id, leg);
        self.trace_app(leg, What::Asked(asked(&hook, &parameters)));
        let expects = Expects::Document;
        let fetch = Fetch { id, account, call, hook, parameters, expects };
        self.push(Output::Fetch(Box::new(fetch)));
    }

    /// A document came, or did not.
    pub(crate) fn handle_fetched(&mut self, id: FetchId, result: Result<Document, FetchError>) {
        let Some(leg) = self.index.by_fetch.remove(&id) else {
            // An announcement, a callback, of which only failures are told, or a question taken back.
            if let Some(Err(error)) = self.announcement_fetched(id, result) {
                self.handle_callback_failed(error);
            }
            return;
        };
        self.current = Some(leg);
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let step = std::mem::replace(&mut run.step, Step::Ready);
        let Step::Fetching { fetch, why, hook } = step else {
            run.step = step;
            return;
        };
        debug_assert_eq!(fetch, id, "one fetch a leg at a time");
        let transfer = run.transfer;
        self.trace_app(leg, What::Answered(answered(&result)));
        let result = self.usable(leg, &hook, result);
        match (transfer, why, result) {
            (Some(transfer), Why::Refer, result) => self.refer_fetched(transfer, result),
            (Some(transfer), _, result) if self.transfer_is_silent(leg) => {
                self.refer_fetched(transfer, result);
            }
            (_, why, Ok(document)) => {
                if why == Why::Wait {
                    self.wait_begins(leg);
                }
                self.run_document(leg, document);
            }
            (_, _, Err(failure)) => self.document_failed(leg, failure),
        }
    }

    /// Raises what is wrong with an answer; an error in it makes it a failure.
    fn usable(
        &mut self,
        leg: LegId,
        hook: &Hook,
        result: Result<Document, FetchError>,
    ) -> Result<Document, Failure> {
        let request = Some(format!("{} {}", method(hook.method), shown(&hook.url)));
        match result {
            Ok(document) => {
                let mut failure = None;
                for problem in told(&document.problems) {
                    let response = Some(document.status.to_string());
                    let text = Some(problem.to_string());
                    let detail = Detail { text, request: request.clone(), response };
                    self.alert_problem(leg, problem, detail);
                    if problem.level == twiml::Level::Error {
                        failure = Some(Failure { code: problem.code, url: document.url.clone() });
                    }
                }
                failure.map_or(Ok(document), Err)
            }
            Err(error) => {
                let response = error.status.map(|status| status.to_string());
                let text = Some(error.text);
                self.alert(error.code, Some(leg), Detail { text, request, response });
                Err(Failure { code: error.code, url: error.url })
            }
        }
    }

    /// Raises what is wrong with a document, as wrong as it is there.
    pub(crate) fn alert_problem(&mut self, leg: LegId, problem: &twiml::Problem, detail: Detail) {
        let level = match problem.level {
            twiml::Level::Warning => alert::Level::Warning,
            twiml::Level::Error => alert::Level::Error,
        };
        let entry = alert::Entry { level, ..alert::entry(problem.code) };
        self.alert_as(entry, Some(leg), detail);
    }

    /// There is no document to run: the fallback URL is asked, once; else the call ends.
    pub(crate) fn document_failed(&mut self, leg: LegId, failure: Failure) {
        if self.screening_failed(leg) {
            return;
        }
        if let Some(transfer) = self.restorable_transfer_of(leg) {
            return self.transfer_unusable(transfer, failure);
        }
        if self.waiting_over(leg, Waited::Failed) {
            return;
        }
        if !self.ask_fallback(leg, &failure) && !self.application_over(leg, CallStatus::Failed) {
            self.leave(leg, Farewell::fault(alert::Fault::Application));
        }
    }

    /// Asks the call's fallback URL if it has one and it was not asked for this failure yet.
    pub(crate) fn ask_fallback(&mut self, leg: LegId, failure: &Failure) -> bool {
        let Some(of) = self.leg_mut(leg) else { return false };
        let Some(hook) = of.application().fallback.clone() else { return false };
        let run = of.run.get_or_insert_with(Run::new);
        if std::mem::replace(&mut run.fallback_asked, true) {
            return false;
        }
        let more = vec![
            ("ErrorCode".into(), failure.code.to_string()),
            ("ErrorUrl".into(), shown(&failure.url)),
        ];
        self.fetch_document(leg, hook, Why::Fallback, more);
        true
    }

    // === running ===

    /// Runs a document from its first verb.
    pub(crate) fn run_document(&mut self, leg: LegId, document: Document) {
        let Some(document) = self.let_through(leg, document) else { return };
        self.application_answers(leg);
        if !self.may_be_heard(leg, &document) {
            return self.document_failed(leg, Failure { code: 13_238, url: document.url });
        }
        let Some(of) = self.leg_mut(leg) else { return };
        let run = of.run.get_or_insert_with(Run::new);
        run.url = Url::parse(&document.url).ok();
        run.verbs = document.program.verbs.into();
        run.step = Step::Ready;
        run.in_a_row += 1;
        if run.in_a_row > limit::DOCUMENTS_IN_A_ROW_MAX {
            return self.lost_in_documents(leg, document.url);
        }
        run.fallback_asked = false;
        self.next_verb(leg);
    }

    /// Too many documents lead to each other.
    fn lost_in_documents(&mut self, leg: LegId, url: String) {
        self.alert(11215, Some(leg), Detail::none());
        if !self.runs_for_who_waits(leg) {
            self.leave_applications(leg);
        }
        // No fallback: its document may be one of those that lead to each other.
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.fallback_asked = true;
        }
        self.document_failed(leg, Failure { code: 11215, url });
    }

    /// Runs verb after verb until one takes time or the leg is gone.
    pub(crate) fn next_verb(&mut self, leg: LegId) {
        loop {
            let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
            run.step = Step::Ready;
            let Some(verb) = run.verbs.pop_front() else {
                return self.end_of_document(leg);
            };
            match self.run_verb(leg, verb) {
                Flow::Next => {}
                Flow::Waits => return,
            }
        }
    }

    fn run_verb(&mut self, leg: LegId, verb: twiml::Verb) -> Flow {
        if self.runs_for_who_waits(leg) && !self.may_stand_in_queue(leg, &verb) {
            return Flow::Next;
        }
        match verb {
            twiml::Verb::Dial(dial) => self.run_dial(leg, dial),
            twiml::Verb::Say(say) => self.run_say(leg, say),
            twiml::Verb::Play(play) => self.run_play(leg, play),
            twiml::Verb::Press(press) => self.run_press(leg, press),
            twiml::Verb::Pause(pause) => self.run_pause(leg, pause),
            twiml::Verb::Redirect(redirect) => self.run_redirect(leg, redirect),
            twiml::Verb::Hangup(hangup) => self.run_hangup(leg, &hangup),
            twiml::Verb::Reject(reject) => self.run_reject(leg, &reject),
            twiml::Verb::Refer(refer) => self.run_refer(leg, refer),
            twiml::Verb::Record(record) => self.run_record(leg, record),
            twiml::Verb::Start(start) => self.run_start(leg, &start),
            twiml::Verb::Echo => self.run_echo(leg),
            twiml::Verb::Gather(gather) => self.run_gather(leg, *gather),
            twiml::Verb::Connect(connect) => self.run_connect(leg, *connect),
            twiml::Verb::Stop(stop) => self.run_stop(leg, &stop),
            twiml::Verb::Unbuilt(verb) => self.run_unbuilt(leg, &verb),
            twiml::Verb::Enqueue(enqueue) => self.run_enqueue(leg, &enqueue),
            twiml::Verb::Leave => self.run_leave(leg),
        }
    }

    /// A verb or noun this server does not have yet: passed over. Only where it would take the transferee
    /// of a pending transfer over, the document can not go on.
    pub(crate) fn run_unbuilt(&mut self, leg: LegId, unbuilt: &twiml::Unbuilt) -> Flow {
        self.alert_unbuilt(leg, unbuilt);
        if !unbuilt.takes_over || self.pending_transfer_of(leg).is_none() {
            return Flow::Next;
        }
        let url = self.document_url(leg);
        self.document_failed(leg, Failure { code: UNBUILT, url });
        Flow::Waits
    }

    pub(crate) fn alert_unbuilt(&mut self, leg: LegId, unbuilt: &twiml::Unbuilt) {
        let text = format!("<{}> at {}:{}.", unbuilt.name, unbuilt.line, unbuilt.column);
        self.alert(UNBUILT, Some(leg), Detail::text(text));
    }

    fn end_of_document(&mut self, leg: LegId) {
        if self.is_screened(leg) {
            return self.screened(leg);
        }
        if self.waiting_over(leg, Waited::Ended) {
            return;
        }
        match self.pending_transfer_of(leg) {
            Some(transfer) => self.transfer_document_ended(transfer),
            None if self.application_over(leg, CallStatus::Completed) => {}
            None => self.leave(leg, Farewell::done()),
        }
    }

    /// Ends whatever the run's step is doing: nobody waits for it any more. Children of a `<Dial>` that
    /// are not joined are given up.
    pub(crate) fn clear_step(&mut self, leg: LegId) {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let step = std::mem::replace(&mut run.step, Step::Ready);
        let mut timer = run.timer.take();
        self.timers.cancel(&mut timer);
        // What was said, or who was heard, is over; ringing and music bridge the wait.
        let feed = self.leg(leg).map(|leg| leg.media.feed);
        let ends = matches!(
            feed,
            Some(
                media::Feed::Leg(_)
                    | media::Feed::Source(..)
                    | media::Feed::Live(_)
                    | media::Feed::Room(_)
            )
        );
        if ends {
            self.feed(leg, media::Feed::Nothing);
        }
        if let Step::Pressing(_) = step {
            self.stop_digits(leg);
        }
        self.drop_step(step);
        self.listen_for_keys(leg);
    }

    /// Ends a run that has been taken off its leg, and those that dialled it.
    pub(crate) fn drop_run(&mut self, mut run: Run) {
        self.timers.cancel(&mut run.timer);
        self.drop_step(run.step);
        self.drop_outer(run.outer.take());
    }

    fn drop_step(&mut self, step: Step) {
        match step {
            Step::Ready | Step::Pausing | Step::Pressing(_) | Step::Echoing => {}
            Step::Fetching { fetch, why, .. } => {
                let is_asked = self.index.by_fetch.remove(&fetch).is_some();
                if is_asked && why != Why::Outcome {
                    self.push(Output::ForgetFetch(fetch));
                }
            }
            Step::Preparing { source, .. } | Step::Playing { source } => self.forget_source(source),
            Step::Dialling(dialling) => self.drop_dialling(*dialling),
            Step::Referring(referring) => self.forget_referring(&referring),
            Step::Recording(message) => self.drop_message(&message),
            Step::Gathering(gathering) => self.forget_gathering(&gathering),
            Step::Connected(connected) => self.drop_connected(&connected),
            Step::Queued(queued) => self.drop_queued(&queued),
            Step::Conferring(conferring) => self.drop_conferring(*conferring),
        }
    }

    pub(crate) fn document_url(&self, leg: LegId) -> String {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        run.and_then(|run| run.url.as_ref()).map(Url::to_string).unwrap_or_default()
    }
}

/// The problems of a document that are told of: what is not built is told when it is reached.
pub(crate) fn told(problems: &[twiml::Problem]) -> impl Iterator<Item = &twiml::Problem> {
    problems.iter().filter(|problem| problem.code != UNBUILT).take(limit::PROBLEMS_TOLD_MAX)
}

/// Why there is nothing to run.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Twilio's code.
    pub(crate) code: u32,
    /// The URL it is about.
    pub(crate) url: String,
}

/// What a verb says to the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It is over.
    Next,
    /// It takes time, or the leg is gone, or another document was asked for.
    Waits,
}

pub(crate) const fn method(method: twiml::Method) -> &'static str {
    match method {
        twiml::Method::Get => "GET",
        twiml::Method::Post => "POST",
    }
}

pub(crate) fn path_of(url: &str) -> String {
    Url::parse(url).map_or_else(|_| shown(url), |url| url.path().to_owned())
}

/// The ladder's words for a question: path, then the parameters that tell it from others.
fn asked(hook: &Hook, parameters: &[Parameter]) -> String {
    let mut text = format!("{} {}", method(hook.method), path_of(&hook.url));
    let telling = [
        "ReferTransferTarget",
        "DialCallStatus",
        "ErrorCode",
        "ReferCallStatus",
        "QueueResult",
        "QueuePosition",
    ];
    for (name, value) in parameters {
        if telling.contains(&name.as_ref()) {
            text.push_str(&format!("  {name}={value}"));
        }
    }
    text
}

fn answered(result: &Result<Document, FetchError>) -> String {
    match result {
        Ok(document) => {
            let mut text = document.status.to_string();
            for verb in &document.program.verbs {
                text.push_str(&format!("  {}", verb_name(verb)));
            }
            text
        }
        Err(error) => format!("{} {}", error.code, error.text),
    }
}

pub(crate) fn verb_name(verb: &twiml::Verb) -> &'static str {
    match verb {
        twiml::Verb::Dial(_) => "Dial",
        twiml::Verb::Say(_) => "Say",
        twiml::Verb::Play(_) | twiml::Verb::Press(_) => "Play",
        twiml::Verb::Pause(_) => "Pause",
        twiml::Verb::Redirect(_) => "Redirect",
        twiml::Verb::Hangup(_) => "Hangup",
        twiml::Verb::Reject(_) => "Reject",
        twiml::Verb::Refer(_) => "Refer",
        twiml::Verb::Record(_) => "Record",
        twiml::Verb::Start(_) => "Start",
        twiml::Verb::Echo => "Echo",
        twiml::Verb::Gather(_) => "Gather",
        twiml::Verb::Connect(_) => "Connect",
        twiml::Verb::Stop(_) => "Stop",
        twiml::Verb::Unbuilt(verb) => verb.name,
        twiml::Verb::Enqueue(_) => "Enqueue",
        twiml::Verb::Leave => "Leave",
    }
}
