//! What we tell the application: notices that expect 2xx and change nothing.
//!
//! Not here: what we ask (`webhook`).
//! Source: Twilio, "Call resource: StatusCallback", "TwiML Voice: Number", `statusCallback`;
//! `referStatusCallback` is ours (`inbound-refer` §4).

use std::time::SystemTime;

use legwork_sip::Status;
use legwork_twiml::CallEvents;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::date;
use crate::dial::application::ApplicationCall;
use crate::io::{Expects, Fetch, FetchError, FetchId, Now, Output};
use crate::ladder::{Row, What};
use crate::leg::{CallStatus, Leg, LegId};
use crate::recording::Recorded;
use crate::run::{Parameter, Run, method, path_of};
use crate::sid::{AccountSid, CallSid};
use crate::webhook::parameters_of;

/// How a transfer came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: CallStatus,
    pub(crate) sip: Status,
}

/// The call a callback is about.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) account: AccountSid,
    pub(crate) call: CallSid,
    pub(crate) root: CallSid,
    pub(crate) parameters: Vec<Parameter>,
}

impl About {
    pub(crate) fn of(leg: &Leg) -> Self {
        let parameters = parameters_of(leg);
        Self { account: leg.account, call: leg.sid, root: leg.root, parameters }
    }

    /// The call whose document is run there, of a leg that has ended.
    pub(crate) fn of_run(leg: &Leg, run: &Run) -> Self {
        run.application().map_or_else(|| Self::of(leg), Self::of_application)
    }

    /// Of what goes on beside a call: its SID, name and event. `kind` begins the names of its parameters.
    pub(crate) fn beside(
        (account, call, root): (AccountSid, CallSid, CallSid),
        kind: &str,
        [sid, name, event]: [String; 3],
    ) -> Self {
        let parameters = vec![
            ("AccountSid".into(), account.to_string()),
            ("CallSid".into(), call.to_string()),
            (format!("{kind}Sid").into(), sid),
            (format!("{kind}Name").into(), name),
            (format!("{kind}Event").into(), event),
        ];
        Self { account, call, root, parameters }
    }

    fn of_application(call: &ApplicationCall) -> Self {
        let parameters = call.parameters();
        Self { account: call.account, call: call.sid, root: call.root, parameters }
    }
}

/// Who is told how a leg gets on, and of what.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    hook: Hook,
    events: CallEvents,
    /// `SequenceNumber` of the next one.
    sequence: u32,
    /// The recording that its end tells of.
    pub(crate) recording: Option<Recorded>,
}

/// A step of a call that may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It is being dialled.
    Initiated,
    /// 18x.
    Ringing,
    /// 2xx.
    Answered,
    /// Its end, whatever it was.
    Completed,
}

impl Told {
    pub(crate) fn new(hook: Hook, events: CallEvents) -> Self {
        Self { hook, events, sequence: 0, recording: None }
    }

    /// The same of another leg.
    pub(crate) fn anew(&self) -> Self {
        Self::new(self.hook.clone(), self.events)
    }

    /// Of the end only: what a domain's or number's `status_callback` is told.
    fn at_the_end(hook: Hook) -> Self {
        let events =
            CallEvents { initiated: false, ringing: false, answered: false, completed: true };
        Self::new(hook, events)
    }

    /// Whom to tell of that step, with its number; none: nobody wants to know.
    fn step(&mut self, progress: Progress) -> Option<(Hook, u32)> {
        let wanted = self.wants(progress).then(|| (self.hook.clone(), self.sequence))?;
        self.sequence += 1;
        Some(wanted)
    }

    const fn wants(&self, progress: Progress) -> bool {
        match progress {
            Progress::Initiated => self.events.initiated,
            Progress::Ringing => self.events.ringing,
            Progress::Answered => self.events.answered,
            Progress::Completed => self.events.completed,
        }
    }
}

impl Calls {
    /// Tells who wants to know that a live leg got so far.
    pub(crate) fn tell_progress(&mut self, id: LegId, progress: Progress) {
        let Some(leg) = self.leg_mut(id) else { return };
        let Some(step) = leg.told.as_mut().and_then(|told| told.step(progress)) else { return };
        let about = About::of(leg);
        self.tell_step(about, step);
    }

    /// Tells who wants to know that the application's call got so far.
    pub(crate) fn tell_application(&mut self, call: &mut ApplicationCall, progress: Progress) {
        let Some(step) = call.told.as_mut().and_then(|told| told.step(progress)) else { return };
        self.tell_step(About::of_application(call), step);
    }

    fn tell_step(&mut self, mut about: About, (hook, sequence): (Hook, u32)) {
        about.parameters.extend(progress_parameters(self.now, sequence));
        self.tell(about, hook);
    }

    /// The leg has ended: whoever wanted to know, or the `status_callback` of the domain or number it came
    /// in by, is told.
    pub(crate) fn tell_end(&mut self, leg: &mut Leg) {
        let by_config = || leg.application.status.clone().map(Told::at_the_end);
        let told = leg.told.take().map(|told| *told);
        let Some(told) = told.or_else(by_config) else { return };
        if !told.wants(Progress::Completed) {
            return;
        }
        self.tell_over(About::of(leg), told, leg.life.answered, leg.sip.response);
    }

    /// The application's call has ended.
    pub(crate) fn tell_application_over(&mut self, call: &mut ApplicationCall) {
        let by_config = || call.application.status.clone().map(Told::at_the_end);
        let Some(told) = call.told.take().or_else(by_config) else { return };
        if told.wants(Progress::Completed) {
            self.tell_over(About::of_application(call), told, call.life.answered, None);
        }
    }

    fn tell_over(
        &mut self,
        mut about: About,
        told: Told,
        answered: Option<SystemTime>,
        response: Option<Status>,
    ) {
        let now = self.now;
        let duration = answered.and_then(|at| now.wall.duration_since(at).ok());
        let seconds = duration.map_or(0, |duration| duration.as_secs());
        about.parameters.push(("CallDuration".into(), seconds.to_string()));
        about.parameters.push(("Duration".into(), seconds.div_ceil(60).to_string()));
        if let Some(recording) = told.recording {
            about.parameters.extend(self.recording_parameters(recording));
        }
        about.parameters.extend(progress_parameters(now, told.sequence));
        if let Some(response) = response {
            about.parameters.push(("SipResponseCode".into(), response.0.to_string()));
        }
        self.tell(about, told.hook);
    }

    /// `referStatusCallback` of the initial `<Dial>`: every outcome of its transfers, about the transferee.
    pub(crate) fn tell_transfer_outcome(&mut self, mut about: About, hook: Hook, outcome: Outcome) {
        let status = outcome.status.as_str().to_owned();
        about.parameters.push(("ReferCallStatus".into(), status));
        about.parameters.push(("NotifySipResponseCode".into(), outcome.sip.0.to_string()));
        self.tell(about, hook);
    }

    /// `amdStatusCallback`, `AsyncAmdStatusCallback`: who answered.
    pub(crate) fn tell_answerer(&mut self, id: LegId, hook: Hook) {
        let took = self.detection_took(id);
        let Some(leg) = self.leg(id) else { return };
        let who = leg.answered_by().unwrap_or_default().to_owned();
        let (account, call, root) = (leg.account, leg.sid, leg.root);
        let mut parameters: Vec<Parameter> = vec![
            ("AccountSid".into(), account.to_string()),
            ("CallSid".into(), call.to_string()),
            ("AnsweredBy".into(), who),
        ];
        parameters.extend(took);
        self.tell(About { account, call, root, parameters }, hook);
    }

    /// What came of something: a `<Refer>` or `<Record>` whose phone hung up before that was known, what was
    /// said in a recording.
    pub(crate) fn tell_outcome(&mut self, mut about: About, hook: Hook, told: Vec<Parameter>) {
        about.parameters.extend(told);
        self.tell(about, hook);
    }

    /// The call whose document the leg runs.
    pub(crate) fn about_document(&self, leg: LegId) -> Option<About> {
        let leg = self.leg(leg)?;
        Some(leg.application_call().map_or_else(|| About::of(leg), About::of_application))
    }

    /// What a `<Gather>` has understood so far.
    pub(crate) fn tell_partial(&mut self, leg: LegId, hook: Hook, told: Vec<Parameter>) {
        let Some(of) = self.leg(leg) else { return };
        let about = of.run.as_ref().map(|run| About::of_run(of, run));
        let mut about = about.unwrap_or_else(|| About::of(of));
        about.parameters.extend(told);
        self.tell(about, hook);
    }

    /// A callback of which everything is said in `about`.
    pub(crate) fn tell(&mut self, about: About, hook: Hook) {
        let About { account, call, root, parameters } = about;
        let told = said(&hook, &parameters);
        let row = Row { call, root, party: "app".to_owned(), what: What::Asked(told) };
        self.push(Output::Trace(Box::new(row)));
        let id = FetchId(self.next_id());
        let expects = Expects::Nothing;
        self.push(Output::Fetch(Box::new(Fetch { id, account, call, hook, parameters, expects })));
    }

    /// A callback was not taken.
    pub(crate) fn handle_callback_failed(&mut self, error: FetchError) {
        let request = Some(format!("{} {}", method(error.method), error.url));
        let response = error.status.map(|status| status.to_string());
        let detail = Detail { text: Some(error.text), request, response };
        self.alert_account(error.code, Some(error.account), Some(error.call), detail);
    }
}

fn progress_parameters(now: Now, sequence: u32) -> [Parameter; 3] {
    [
        ("Timestamp".into(), date::rfc2822(now.wall)),
        ("CallbackSource".into(), "call-progress-events".to_owned()),
        ("SequenceNumber".into(), sequence.to_string()),
    ]
}

/// The ladder's words for a notice: path, then what it tells.
fn said(hook: &Hook, parameters: &[Parameter]) -> String {
    let mut text = format!("{} {}", method(hook.method), path_of(&hook.url));
    let find = |telling: &str| parameters.iter().find(|(name, _)| name == telling);
    let telling = [
        "StatusCallbackEvent",
        "ReferCallStatus",
        "RecordingStatus",
        "TranscriptionStatus",
        "StreamEvent",
        "TranscriptionEvent",
        "QueueResult",
        "SiprecEvent",
        "CallStatus",
        "AnsweredBy",
        "EventName",
    ];
    if let Some((name, value)) = telling.into_iter().find_map(find) {
        text.push_str(&format!("  {name}={value}"));
    }
    text
}
