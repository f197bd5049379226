//! `<Application>`: another application takes the caller over, in a call of its own.
//!
//! ```text
//!   <Dial> ──▶ rings: its voice_url is asked ──document──▶ answered: it runs ──ends──▶ action, next verb
//!                         │                                                               ▲
//!                         └── none, and none of its fallback; timeout: failed ────────────┘
//! ```
//! There is no second leg: the document runs on the caller's, in a run of its own. The run that dialled
//! it waits below (`Run::outer`), standing at its `<Dial>`; the whole pile goes with the leg, and into a
//! transfer. Webhooks, alerts and the fallback are those of the call on top. A pending transfer belongs to
//! the run on top, too, and is over when the application answers.
//! Not here: running it (`run`, `verb`), `url` (`application/screen`), what `action` is told (`dial/outcome`).
//! Source: Twilio, "TwiML Voice: Application"; an application of the same account only.

mod screen;

use legwork_media as media;
use legwork_sip::Status;
use legwork_twiml as twiml;

use crate::callback::{Progress, Told};
use crate::calls::{Calls, Detail};
use crate::config::{Application, Hook};
use crate::dial::outcome::{Failed, LastChild};
use crate::dial::target::Nobody;
use crate::io::{CallRow, Change, Document, Output};
use crate::leg::{CallStatus, Direction, LegId, Life};
use crate::limit;
use crate::nested::{Above, Outer};
use crate::run::{Flow, Parameter, Run, Why};
use crate::sid::{AccountSid, CallSid};
use crate::timer::{Due, TimerKey};
use crate::webhook::Subject;

/// The call of a dialled application.
#[derive(Debug)]
pub(crate) struct ApplicationCall {
    pub(crate) sid: CallSid,
    pub(crate) account: AccountSid,
    pub(crate) root: CallSid,
    /// Whom to ask when things fail, whom to tell at the end.
    pub(crate) application: Application,
    pub(crate) life: Life,
    /// Who is told how it gets on.
    pub(crate) told: Option<Told>,
    /// Whose document dialled it.
    pub(crate) parent: CallSid,
    from: String,
    to: String,
    /// `ApplicationSid`, `CustomerId`, `Param_…`.
    own: Vec<Parameter>,
    /// Whom to ask whether it takes the call, until it was asked.
    screen: Option<Hook>,
    /// What it will run then.
    held: Option<Box<Document>>,
}

impl ApplicationCall {
    /// The standard parameters of a request about it.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let subject = Subject {
            account: self.account,
            call: self.sid,
            parent: Some(self.parent),
            status: self.life.status,
            direction: Direction::OutboundDial,
            from: &self.from,
            to: &self.to,
        };
        let mut parameters = subject.parameters();
        parameters.extend(self.own.iter().cloned());
        parameters
    }

    pub(crate) const fn is_answered(&self) -> bool {
        self.life.answered.is_some()
    }
}

impl Run {
    /// The calls of dialled applications whose documents it is part of, each with the run that dialled
    /// it, from the top.
    fn dialled(&self) -> impl Iterator<Item = (&ApplicationCall, &Self)> {
        self.pile().filter_map(|outer| Some((outer.call()?, &outer.run)))
    }

    /// The topmost of its applications' calls.
    pub(crate) fn application(&self) -> Option<&ApplicationCall> {
        self.dialled().next().map(|(call, _)| call)
    }

    /// The topmost of its applications' calls that `*` ends.
    pub(crate) fn ended_by_star(&self) -> Option<CallSid> {
        let ends = |(call, run): &(&ApplicationCall, &Self)| {
            call.is_answered() && run.dialling().is_some_and(|dial| dial.verb.hangup_on_star)
        };
        self.dialled().find(ends).map(|(call, _)| call.sid)
    }

    /// The calls of dialled applications whose documents it is part of, with the ends of their ringing and
    /// of their time.
    pub(crate) fn applications(&self) -> impl Iterator<Item = (CallSid, [Option<TimerKey>; 2])> {
        self.dialled().map(|(call, run)| {
            let ends = run.dialling().map(|dialling| [dialling.timeout, dialling.time_limit]);
            (call.sid, ends.unwrap_or_default())
        })
    }

    /// One of its applications that has answered and is to be recorded, and the run that dialled it.
    pub(crate) fn unrecorded(&self) -> Option<(&ApplicationCall, &Self)> {
        let is_wanted = |(call, run): &(&ApplicationCall, &Self)| {
            let dialling = run.dialling().filter(|_| call.is_answered());
            dialling.is_some_and(|dial| dial.verb.record.is_some() && dial.recording.is_none())
        };
        self.dialled().find(is_wanted)
    }

    /// That call, and the run that dialled it.
    pub(crate) fn below(&mut self, call: CallSid) -> Option<(&mut ApplicationCall, &mut Self)> {
        let Outer { above, run } = self.outer.as_deref_mut()?;
        match above {
            Above::Application(of) if of.sid == call => Some((of, run)),
            Above::Application(_) | Above::Waiting => run.below(call),
        }
    }
}

impl Calls {
    // === it is called ===

    /// Calls the application the noun names; one that can not be called counts as a failed target.
    pub(crate) fn call_application(
        &mut self,
        leg: LegId,
        noun: &twiml::Noun,
        named: &twiml::Application,
    ) {
        let told = self.told_of_noun(leg, noun);
        let Some(screen) = self.screen_of_noun(leg, noun) else {
            return self.nobody(leg, Status(404));
        };
        let (application, voice) = match self.find_application(leg, named) {
            Ok(found) => found,
            Err(nobody) => {
                self.alert(nobody.code, Some(leg), Detail::text(nobody.text));
                return self.nobody(leg, nobody.status);
            }
        };
        let Some(mut call) = self.new_application_call(leg, named, application, told) else {
            return;
        };
        call.screen = screen;
        self.store_application(&call);
        self.tell_application(&mut call, Progress::Initiated);
        call.life.status = CallStatus::Ringing;
        self.store_application(&call);
        self.tell_application(&mut call, Progress::Ringing);
        self.index.by_sid.insert(call.sid, leg);
        let Some(of) = self.leg_mut(leg) else { return };
        let Some(mut run) = of.run.take() else { return };
        let (transfer, in_a_row) = (run.transfer.take(), run.in_a_row);
        let outer = Some(Box::new(Outer { above: Above::Application(Box::new(call)), run }));
        of.run = Some(Run { transfer, in_a_row, outer, ..Run::new() });
        self.fetch_document(leg, voice, Why::Voice, Vec::new());
    }

    fn find_application(
        &self,
        leg: LegId,
        named: &twiml::Application,
    ) -> Result<(Application, Hook), Nobody> {
        let Some(leg) = self.leg(leg) else { return Err(no_application(named)) };
        let nested = leg.run.as_ref().map_or(0, |run| run.dialled().count());
        if nested >= limit::APPLICATIONS_NESTED_MAX {
            let text = shown(named);
            return Err(Nobody { code: 91312, text, status: Status(482) });
        }
        let mut own = self.config.applications.iter().filter(|app| app.account == leg.account);
        let found = own.find(|app| app.sid == named.sid).map(|app| &app.application);
        let voice = found.and_then(|application| application.voice.clone());
        found.cloned().zip(voice).ok_or_else(|| no_application(named))
    }

    fn new_application_call(
        &mut self,
        leg: LegId,
        named: &twiml::Application,
        application: Application,
        told: Option<Told>,
    ) -> Option<ApplicationCall> {
        let (sid, created) = (self.new_sid(), self.now.wall);
        let from = self.caller_id(leg, None);
        let of = self.leg(leg)?;
        let parents = of.application_call().map_or(&of.who.to, |call| &call.to);
        let to = if named.copy_parent_to { parents } else { &named.sid };
        let account = of.account;
        let customer = named.customer_id.clone().unwrap_or_else(|| account.to_string());
        let mut own: Vec<Parameter> =
            vec![("ApplicationSid".into(), named.sid.clone()), ("CustomerId".into(), customer)];
        let parameters = named.parameters.iter();
        own.extend(parameters.map(|(name, value)| (format!("Param_{name}").into(), value.clone())));
        Some(ApplicationCall {
            sid,
            account,
            root: of.root,
            application,
            life: Life { status: CallStatus::Initiated, created, answered: None },
            told,
            parent: of.call_sid(),
            from,
            to: to.clone(),
            own,
            screen: None,
            held: None,
        })
    }

    /// Has an application been called that has not given its document yet?
    pub(crate) fn application_rings(&self, leg: LegId) -> bool {
        let outer = self.leg(leg).and_then(|leg| leg.run.as_ref()?.outer.as_ref());
        outer.and_then(|outer| outer.call()).is_some_and(|call| !call.is_answered())
    }

    /// `timeout` of the `<Dial>`.
    pub(crate) fn application_unanswered(&mut self, leg: LegId) {
        self.time_passes(leg);
        self.application_over(leg, CallStatus::NoAnswer);
    }

    // === it answers ===

    /// A document is there to be run: if it is the first of a dialled application, that answers its call.
    pub(crate) fn application_answers(&mut self, leg: LegId) {
        if !self.application_rings(leg) {
            return;
        }
        let wall = self.now.wall;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let Some(mut outer) = run.outer.take() else { return };
        if let Outer { above: Above::Application(call), run } = &mut *outer {
            call.life.answered = Some(wall);
            call.life.status = CallStatus::InProgress;
            if let Some(dialling) = run.dialling_mut() {
                let deadline = self.after(dialling.verb.time_limit);
                let due = Due::ApplicationLimit(leg, call.sid);
                dialling.time_limit = Some(self.timers.set(deadline, due));
                self.timers.cancel(&mut dialling.timeout);
            }
            self.store_application(call);
            self.tell_application(call, Progress::Answered);
        }
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.outer = Some(outer);
        }
        self.record_applications(leg);
        self.listen_for_keys(leg);
        self.feed(leg, media::Feed::Nothing);
        if let Some(transfer) = self.pending_transfer_of(leg) {
            self.transfer_bridged(transfer);
        }
    }

    // === it is over ===

    /// The document on top is over, and with it the call it is about; the `<Dial>` below goes on. False: it
    /// is the leg's own. `as_call`: what a call ends as that was not answered.
    pub(crate) fn application_over(&mut self, leg: LegId, as_call: CallStatus) -> bool {
        let Some(call) = self.leave_application(leg, as_call) else { return false };
        let answered = call.life.answered;
        let Some(dialling) = self.dialling_mut(leg) else { return true };
        let flow = if answered.is_some() {
            dialling.last = Some(LastChild::application(call.sid, answered));
            self.finish_dial(leg, CallStatus::Completed)
        } else {
            dialling.failures.push(Failed::application(call.sid, as_call));
            self.settle_dial(leg)
        };
        if flow == Flow::Next {
            self.next_verb(leg);
        }
        true
    }

    /// Ends the call on top, whatever its document is doing. The leg stands at the `<Dial>` below.
    fn leave_application(
        &mut self,
        leg: LegId,
        as_call: CallStatus,
    ) -> Option<Box<ApplicationCall>> {
        if self.leg(leg)?.application_call().is_some() {
            self.queued_application_over(leg);
        }
        // Who waits within it waits for nothing any more.
        while self.stop_waiting(leg) {}
        let Above::Application(mut call) = self.uncover(leg)? else { return None };
        self.end_application(&mut call, as_call);
        Some(call)
    }

    /// Is that call one of the leg's applications?
    pub(crate) fn runs_application(&self, leg: LegId, call: CallSid) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        run.is_some_and(|run| run.dialled().any(|(of, _)| of.sid == call))
    }

    /// Ends the calls on top of `call`: the leg's, or that of an application below.
    pub(crate) fn unpile(&mut self, leg: LegId, call: CallSid) {
        let is_above = |calls: &Self| calls.leg(leg).is_some_and(|leg| leg.call_sid() != call);
        while is_above(self) && self.leave_application(leg, CallStatus::Canceled).is_some() {}
        while self.stop_waiting(leg) {}
    }

    /// Ends every call of an application.
    pub(crate) fn leave_applications(&mut self, leg: LegId) {
        while self.leave_application(leg, CallStatus::Canceled).is_some() {}
    }

    /// Ends the call of an application and those on top of it. False: the leg has no such call.
    pub(crate) fn end_application_named(&mut self, leg: LegId, call: CallSid) -> bool {
        if !self.runs_application(leg, call) {
            return false;
        }
        self.unpile(leg, call);
        self.application_over(leg, CallStatus::Canceled)
    }

    /// What lay below a run that was dropped: the calls end with it.
    pub(crate) fn drop_outer(&mut self, mut outer: Option<Box<Outer>>) {
        while let Some(below) = outer {
            let Outer { above, mut run } = *below;
            outer = run.outer.take();
            match above {
                Above::Application(mut call) => {
                    self.end_application(&mut call, CallStatus::Canceled);
                }
                Above::Waiting => {}
            }
            self.drop_run(run);
        }
    }

    fn end_application(&mut self, call: &mut ApplicationCall, as_call: CallStatus) {
        self.index.by_sid.remove(&call.sid);
        call.life.status = if call.is_answered() { CallStatus::Completed } else { as_call };
        self.store_application(call);
        self.tell_application_over(call);
    }

    // === `<Dial>`'s attributes ===

    /// `*` of the caller, with `hangupOnStar`. False: it means nothing here.
    pub(crate) fn application_hears(&mut self, leg: LegId, digit: u8) -> bool {
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        let Some(call) = run.and_then(Run::ended_by_star).filter(|_| digit == b'*') else {
            return false;
        };
        self.end_application_named(leg, call)
    }

    /// `timeLimit`. While parked it only counts.
    pub(crate) fn handle_application_limit(&mut self, leg: LegId, call: CallSid) {
        if self.end_application_named(leg, call) {
            return;
        }
        let parked = self.transfers.values_mut().find(|transfer| transfer.parent == leg);
        let below = parked.and_then(|transfer| transfer.initial_run_mut()?.below(call));
        if let Some(dialling) = below.and_then(|(_, run)| run.dialling_mut()) {
            dialling.time_limit = None;
            dialling.limit_passed = true;
        }
    }

    /// Ends the lowest call of an application whose `timeLimit` passed while the leg was parked.
    pub(crate) fn end_overdue_application(&mut self, leg: LegId) -> bool {
        let Some(run) = self.leg(leg).and_then(|leg| leg.run.as_ref()) else { return false };
        let is_late = |(_, run): &(&ApplicationCall, &Run)| {
            run.dialling().is_some_and(|dial| dial.limit_passed)
        };
        let late = run.dialled().filter(is_late).last().map(|(call, _)| call.sid);
        late.is_some_and(|call| self.end_application_named(leg, call))
    }

    // === the read model ===

    fn store_application(&mut self, call: &ApplicationCall) {
        let ended = match call.life.status {
            CallStatus::Initiated | CallStatus::Ringing | CallStatus::InProgress => None,
            CallStatus::Completed
            | CallStatus::Busy
            | CallStatus::Failed
            | CallStatus::NoAnswer
            | CallStatus::Canceled => Some(self.now.wall),
        };
        let row = CallRow {
            sid: call.sid,
            account: call.account,
            parent: Some(call.parent),
            from: call.from.clone(),
            to: call.to.clone(),
            direction: Direction::OutboundDial.as_str(),
            status: call.life.status.as_str(),
            sip_call_id: String::new(),
            created: call.life.created,
            answered: call.life.answered,
            answered_by: None,
            ended,
        };
        self.push(Output::Store(Change::Call(Box::new(row))));
    }
}

/// Nobody of the account's has that SID.
pub(crate) fn no_application(named: &twiml::Application) -> Nobody {
    Nobody { code: 21218, text: shown(named), status: Status(404) }
}

fn shown(named: &twiml::Application) -> String {
    format!("<Application>{}.", named.sid.chars().take(40).collect::<String>())
}
