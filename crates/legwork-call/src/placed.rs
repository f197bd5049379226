//! A call placed by REST: whom it calls, how long it rings, what it runs once answered.
//!
//! Not here: other orders (`order`), what is told of it (`callback`), keys (`digits`).
//! Source: Twilio, "Call resource: create".

use std::time::Duration;

use legwork_twiml as twiml;

use crate::callback::{Progress, Told};
use crate::calls::{Calls, Detail};
use crate::command::{Answer, NewCall, Start};
use crate::hangup::Farewell;
use crate::io::Document;
use crate::leg::{CallStatus, Direction, Doing, LegId, Who};
use crate::limit;
use crate::number::is_e164;
use crate::order::refused;
use crate::reach::Destination;
use crate::recording::Wanted;
use crate::run::{Parameter, Why, told};
use crate::sid::AccountSid;
use crate::timer::Due;

/// What a call placed by REST does once answered.
#[derive(Debug)]
pub(crate) struct Begin {
    pub(crate) start: Start,
    pub(crate) time_limit: Duration,
}

impl Calls {
    /// Places a call: one leg, called wherever `To` may be found.
    pub(crate) fn place_call(&mut self, call: NewCall) -> Answer {
        let NewCall { account, from, to, start, .. } = call;
        if self.admit_call().is_err() {
            return refused(503, 20503, "The server takes no more calls now. Try again later.");
        }
        let noun = noun_of(&to, call.credentials);
        let destination = match self.first_destination(account, &noun) {
            Ok(destination) => destination,
            Err((code, text)) => return Answer::Refused { status: 400, code, text },
        };
        if destination.trunk.is_some() && !is_e164(&from) {
            return refused(
                400,
                21212,
                "From must be a number in E.164 towards a trunk: +815012345678.",
            );
        }
        let who = Who {
            direction: Direction::OutboundApi,
            from,
            to: destination.to.clone(),
            party: destination.party.clone(),
        };
        let thread = self.ports.quietest();
        let Some(leg) = self.new_leg(account, who, thread) else {
            self.alert_account(91310, Some(account), None, Detail::none());
            return refused(503, 20503, "No port for media is free. Try again later.");
        };
        self.current = Some(leg);
        if let Some(recording) = call.record {
            self.await_recording(leg, Wanted::of_call(*recording));
        }
        let key = self.timers.set(self.after(call.timeout), Due::CallTimeout(leg));
        let ignores_machine = call.machine.is_some() && call.send_digits.is_some();
        let mut sid = None;
        if let Some(of) = self.leg_mut(leg) {
            of.start = Some(Box::new(Begin { start, time_limit: call.time_limit }));
            of.deadline = Some(key);
            of.told = call.status.map(|told| Box::new(Told::new(told.hook, told.events)));
            // Who answers keys is a machine.
            of.wanted.machine = call.machine.filter(|_| call.send_digits.is_none());
            of.wanted.digits = call.send_digits;
            of.application.fallback = call.fallback;
            of.refer = call.refer.map(Box::new);
            sid = Some(of.sid);
        }
        if ignores_machine {
            self.alert(21263, Some(leg), Detail::none());
        }
        self.tell_progress(leg, Progress::Initiated);
        let codecs = self.config.codecs.clone();
        self.call_out(leg, destination, codecs);
        sid.map_or_else(|| refused(500, 20500, "The call was lost."), Answer::Called)
    }

    fn first_destination(
        &mut self,
        account: AccountSid,
        noun: &twiml::Noun,
    ) -> Result<Destination, (u32, String)> {
        let mut destinations = self.destinations(account, noun)?.into_iter();
        let first = destinations.next();
        let mut first = first.ok_or_else(|| (21211, "Nobody is reached by To.".to_owned()))?;
        // A call has one leg: further phones of the same party are tried where the first is not there.
        first.candidates.extend(destinations.flat_map(|other| other.candidates));
        Ok(first)
    }

    /// A call placed by REST was answered: now it runs its document.
    pub(crate) fn call_answered(&mut self, leg: LegId, agreed: bool) {
        let Some(of) = self.leg_mut(leg) else { return };
        let (mut deadline, digits) = (of.deadline.take(), of.wanted.digits.take());
        let time_limit = of.start.as_ref().map_or(limit::CALL_TIME_LIMIT, |begin| begin.time_limit);
        self.timers.cancel(&mut deadline);
        if !agreed {
            return self.leave(leg, Farewell::fault(crate::alert::Fault::Peer));
        }
        let key = self.timers.set(self.after(time_limit), Due::CallLimit(leg));
        if let Some(of) = self.leg_mut(leg) {
            of.deadline = Some(key);
        }
        match digits {
            Some(digits) => self.send_digits(leg, &digits),
            None if self.awaits_answerer(leg) => {}
            None => self.begin_placed(leg),
        }
    }

    /// It is answered, its digits are sent, or it is known who answered: it runs its document.
    pub(crate) fn begin_placed(&mut self, leg: LegId) {
        let Some(begin) = self.leg_mut(leg).and_then(|of| of.start.take()) else { return };
        let more = self.detection_took(leg).into_iter().collect();
        self.begin(leg, begin.start, more);
    }

    /// A call placed by REST has lasted as long as it may.
    pub(crate) fn handle_call_limit(&mut self, leg: LegId) {
        let Some(of) = self.leg_mut(leg) else { return };
        of.deadline = None;
        let doing = of.doing;
        self.alert(32015, Some(leg), Detail::none());
        match doing {
            // The transfer goes on without it: it is told before its BYE.
            Doing::Parked { transfer } => self.dismiss_transferor(transfer),
            Doing::Alone
            | Doing::Dialled { .. }
            | Doing::Bridged { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => self.leave(leg, Farewell::done()),
        }
    }

    /// A call placed by REST was not answered in time.
    pub(crate) fn handle_call_timeout(&mut self, leg: LegId) {
        if let Some(of) = self.leg_mut(leg) {
            of.deadline = None;
        }
        self.time_out(leg);
        self.leave(leg, Farewell::given_up(CallStatus::NoAnswer));
    }

    /// It runs that; whoever is asked is told `more`.
    pub(crate) fn begin(&mut self, leg: LegId, start: Start, more: Vec<Parameter>) {
        match start {
            Start::Url { hook, both } => {
                if both {
                    self.alert(32019, Some(leg), Detail::none());
                }
                self.fetch_document(leg, hook, Why::Voice, more);
            }
            Start::Twiml { program, problems, .. } => {
                self.clear_step(leg);
                for problem in told(&problems) {
                    let text = format!("inline TwiML:{problem}");
                    self.alert_problem(leg, problem, Detail::text(text));
                }
                let document = Document {
                    url: String::new(),
                    program,
                    problems: Vec::new(),
                    status: 200,
                    took: Duration::ZERO,
                };
                self.run_document(leg, document);
            }
        }
    }
}

/// Whom `To` names.
fn noun_of(to: &str, credentials: Option<(String, String)>) -> twiml::Noun {
    twiml::Noun::of(if let Some(identity) = to.strip_prefix("client:") {
        let identity = identity.to_owned();
        twiml::Whom::Client(twiml::Client { identity, ..twiml::Client::default() })
    } else if to.starts_with("sip:") || to.starts_with("sips:") {
        let (username, password) = credentials.unzip();
        let uri = to.to_owned();
        let uri = twiml::SipUri { uri, username, password, ..twiml::SipUri::default() };
        twiml::Whom::Sip(twiml::Sip { uris: vec![uri], headers: Vec::new() })
    } else {
        let number = to.to_owned();
        twiml::Whom::Number(twiml::Number { number, ..twiml::Number::default() })
    })
}
