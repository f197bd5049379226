//! One transfer on a bad network, from the call to the last BYE: it completes or the call is restored,
//! and who is left hears the other.
//!
//! Not here: the network (`link`, `fleet`), how many there are (the tests).
//! Source: inbound-refer.md section 3.

use std::time::{Duration, Instant};

use legwork_sim::phone::{Event, HangsUp, Order, State};

use crate::app::App;
use crate::fleet::Fleet;
use crate::server::Server;

/// The tones of caller, transferor and target.
const TONES: [u32; 3] = [400, 700, 1_000];
/// Twice the longest a request of the server can take, and the phones' own.
const PATIENCE: Duration = Duration::from_secs(110);

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Caller and target talk.
    Completed,
    /// Caller and transferor talk.
    Restored,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Calls,
    Refers,
    /// These two must hear each other.
    Listens(Outcome, [usize; 2]),
    HangsUp(Outcome),
    Done(Outcome),
}

/// Three phones and what they are at.
#[derive(Debug)]
pub(crate) struct Story {
    name: String,
    caller: usize,
    transferor: usize,
    target: usize,
    /// How it should go.
    wanted: Outcome,
    step: Step,
    began: Instant,
}

impl Story {
    /// Three phones get ready; every second transfer keeps the transferor until the target is there,
    /// and some of those targets are busy.
    pub(crate) fn new(fleet: &mut Fleet, app: &App, n: usize) -> Self {
        let [a, b, c] = TONES;
        let name = format!("bank{n}");
        let caller = fleet.add(format!("caller{n}"), a);
        let transferor = fleet.add(format!("transferor{n}"), b);
        let target = fleet.add(format!("target{n}"), c);
        let wanted = if n % 6 == 4 { Outcome::Restored } else { Outcome::Completed };
        let answers = [Some(transferor), (wanted == Outcome::Completed).then_some(target)];
        for callee in answers.into_iter().flatten() {
            fleet.habits(callee).answers_after = Some(Duration::from_millis(50));
        }
        fleet.habits(transferor).hangs_up = match n % 3 {
            0 => HangsUp::AfterResult,
            _ => HangsUp::WhenTold,
        };
        let keeps = n.is_multiple_of(2);
        let refer = app.url(&format!("/refer{n}"));
        let dial = |to: String, more: &str| format!("<Dial {more}><Sip>{to}</Sip></Dial>");
        let more = format!(r#"answerOnBridge="{keeps}" referUrl="{refer}""#);
        app.answers_calls_to(&name, &dial(fleet.contact(transferor), &more));
        app.twiml(&format!("/refer{n}"), &dial(fleet.contact(target), ""));
        fleet.order(caller, Order::Call(format!("sip:{name}@calls.example"), Vec::new()));
        let began = Instant::now();
        Self { name, caller, transferor, target, wanted, step: Step::Calls, began }
    }

    /// It went as it should.
    pub(crate) fn is_as_wanted(&self) -> bool {
        self.outcome() == Some(self.wanted)
    }

    /// How it ended, once it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        if let Step::Done(outcome) = self.step { Some(outcome) } else { None }
    }

    /// Goes on if it can.
    pub(crate) fn go_on(&mut self, fleet: &mut Fleet, server: &Server) {
        if self.wanted == Outcome::Restored && fleet.phone(self.target).is_ringing() {
            fleet.order(self.target, Order::Refuse(486));
        }
        let next = match self.step {
            Step::Calls => self.call(fleet),
            Step::Refers => self.wait_for_the_result(fleet),
            Step::Listens(outcome, pair) => listen(fleet, outcome, pair),
            Step::HangsUp(outcome) => {
                let phones = [self.caller, self.transferor, self.target];
                let is_over = |at: &usize| fleet.phone(*at).calls() == 0;
                (phones.iter().all(is_over)).then_some(Step::Done(outcome))
            }
            Step::Done(_) => None,
        };
        if let Some(next) = next {
            self.step = next;
            self.began = Instant::now();
        }
        let is_late = self.began.elapsed() > PATIENCE && self.outcome().is_none();
        assert!(!is_late, "{} hangs: {}", self.name, self.seen(fleet, server));
        assert!(!self.is_lost(fleet), "{} is lost: {}", self.name, self.seen(fleet, server));
    }

    /// Nobody has a call any more, before it was time.
    fn is_lost(&self, fleet: &Fleet) -> bool {
        let phones = [self.caller, self.transferor, self.target];
        let is_over = phones.iter().all(|at| fleet.phone(*at).calls() == 0);
        is_over && !matches!(self.step, Step::HangsUp(_) | Step::Done(_))
    }

    /// What happened to its phones, and at the server.
    fn seen(&self, fleet: &Fleet, server: &Server) -> String {
        let phones = [self.caller, self.transferor, self.target];
        let seen =
            phones.map(|at| format!("{:?} {:?}\n", fleet.phone(at).state(), fleet.events(at)));
        let call_id = format!("call_id={}", fleet.phone(self.caller).call_id().unwrap_or_default());
        let log = server.log();
        let line = log.lines().find(|line| line.ends_with(&call_id));
        let call =
            line.and_then(|line| line.split(' ').find_map(|word| word.strip_prefix("call=")));
        let trace = call.map(|call| server.trace(call)).unwrap_or_default();
        format!("{self:?}\n{}{trace}", seen.concat())
    }

    fn call(&self, fleet: &mut Fleet) -> Option<Step> {
        let is_talking = |at| fleet.phone(at).state() == Some(State::Talking);
        // Before its 200 is acknowledged a phone may not transfer: that can overtake the 200.
        let may_refer = is_talking(self.transferor) && fleet.phone(self.transferor).is_quiet();
        if !is_talking(self.caller) || !may_refer {
            return None;
        }
        let target = format!("<{}>", fleet.contact(self.target));
        fleet.order(self.transferor, Order::Refer(vec![target], Vec::new()));
        Some(Step::Refers)
    }

    fn wait_for_the_result(&self, fleet: &mut Fleet) -> Option<Step> {
        let state = |at| fleet.phone(at).state();
        let talks = |at| state(at) == Some(State::Talking);
        let told = |event: &Event| {
            matches!(event, Event::Notified(_, 300.., true) | Event::Referred(_, 300..))
        };
        let failed = fleet.events(self.transferor).iter().any(told);
        // It was given back to a phone that hangs up whatever it is told: nobody is left to be heard.
        if failed && state(self.transferor).is_none() && state(self.target).is_none() {
            return Some(Step::HangsUp(Outcome::Restored));
        }
        let pair = match (talks(self.caller), talks(self.target), state(self.transferor)) {
            (true, true, None) => Some((Outcome::Completed, [self.caller, self.target])),
            (true, false, Some(State::Talking)) if failed && state(self.target).is_none() => {
                Some((Outcome::Restored, [self.caller, self.transferor]))
            }
            _ => None,
        };
        let (outcome, pair) = pair?;
        for at in pair {
            fleet.listen_anew(at);
            fleet.order(at, Order::Speak(true));
        }
        Some(Step::Listens(outcome, pair))
    }
}

/// Each hears the other, and nobody else.
fn listen(fleet: &mut Fleet, outcome: Outcome, [one, other]: [usize; 2]) -> Option<Step> {
    let hears = |at: usize, whom: usize| {
        fleet.phone(at).hears(&TONES) == Some(vec![fleet.phone(whom).config().tone_hz])
    };
    if !hears(one, other) || !hears(other, one) {
        return None;
    }
    for at in [one, other] {
        fleet.order(at, Order::Speak(false));
    }
    fleet.order(one, Order::HangUp);
    Some(Step::HangsUp(outcome))
}
