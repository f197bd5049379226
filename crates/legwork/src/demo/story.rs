//! Playing one cell: UserA and AgentA talk, AgentA sends REFER, AgentB does its part, all listen.
//!
//! Not here: the other acts (`story/second`, `story/third`), what should come of a cell (`contract`), how it is told (`show`).
//! Source: Twilio, "Inbound SIP REFER to Twilio".

mod second;
mod third;

use std::time::{Duration, Instant};

use anyhow::anyhow;
use legwork_sim::phone::{Event, Order};
use serde_json::Value;

use crate::config::development::{ACCOUNT, DOMAIN};
use crate::demo::Leg;
use crate::demo::app::{App, Asked};
use crate::demo::contract::{Cell, Moment, Party, Row};
use crate::demo::hearing::{Hearing, Sound};
use crate::demo::phones::Phones;
use crate::demo::report::{Report, Scene};
use crate::demo::server::Server;

/// How long anything that should happen may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long is listened at a time.
const LISTEN: Duration = Duration::from_millis(240);
/// How often: sound may need a moment to follow the signalling.
const LISTEN_TIMES: u8 = 4;
/// How often the server is asked while it tidies up.
const STEP: Duration = Duration::from_millis(50);
/// How long a registration holds, seconds; much longer than the demo.
const REGISTRATION: u32 = 600;

/// Everything the story needs.
pub(crate) struct Stage {
    server: Server,
    app: App,
    phones: Phones,
    hearing: Hearing,
    leg: Leg,
    /// The server's census before the first call.
    baseline: String,
    /// Alerts of earlier cells.
    alerts_seen: u64,
}

impl Stage {
    /// Starts everything; AgentA and AgentB register.
    ///
    /// # Errors
    /// Something does not start, or the server takes no registrations.
    pub(crate) fn new(leg: Leg) -> anyhow::Result<Self> {
        let app = App::start()?;
        let server = Server::start(&app.voice_url())?;
        let mut phones = Phones::new(server.sip)?;
        for agent in [Party::AgentA, Party::AgentB] {
            phones.order(agent, Order::Register(REGISTRATION, Vec::new()));
            let registered = |event: &Event| *event == Event::Registered(200);
            if !phones.wait(PATIENCE, |phones| phones.saw(agent, registered))? {
                return Err(anyhow!("{} could not register", agent.name()));
            }
        }
        for party in Party::ALL {
            phones.order(party, Order::Speak(true));
        }
        let baseline = server.census()?;
        let hearing = Hearing::new();
        Ok(Self { server, app, phones, hearing, leg, baseline, alerts_seen: 0 })
    }

    /// Plays a cell and tells what came of it.
    ///
    /// # Errors
    /// A socket failed, or the server does not answer any more.
    pub(crate) fn play(&mut self, cell: Cell) -> anyhow::Result<Report> {
        let began = Instant::now();
        self.app.set(vec![("/voice", self.voice_document(cell)?), ("/refer", refer_document())]);
        self.phones.begin();
        let mut report = Report::new(cell);
        self.act(cell, &mut report)?;
        self.hang_up(&mut report.differences)?;
        self.look_back(cell, &mut report)?;
        report.took = began.elapsed();
        Ok(report)
    }

    /// The initial Dial.
    fn voice_document(&self, cell: Cell) -> anyhow::Result<String> {
        let on_bridge = if cell.answer_on_bridge { " answerOnBridge=\"true\"" } else { "" };
        let refer_url = match cell.row {
            Row::Fetched | Row::Answers | Row::Fails => " referUrl=\"/refer\"".to_owned(),
            Row::Unreachable => format!(" referUrl=\"{}\"", self.app.unreachable_url()?),
            Row::NoReferUrl => String::new(),
        };
        let callee = match self.leg {
            Leg::Child => address(Party::AgentA),
            Leg::Parent => self.phones.contact(Party::UserA),
        };
        let dial = format!("<Dial{on_bridge}{refer_url}><Sip>{callee}</Sip></Dial>");
        Ok(format!("<Response>{dial}</Response>"))
    }

    /// Everything up to the moment the cell is about, and a look at who hears what there.
    fn act(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        let (caller, callee) = match self.leg {
            Leg::Child => (Party::UserA, Party::AgentA),
            Leg::Parent => (Party::AgentA, Party::UserA),
        };
        self.phones.order(caller, Order::Call(format!("sip:bank@{DOMAIN}"), Vec::new()));
        self.expect(&mut report.differences, "the call comes in", move |phones| {
            phones.is_called(callee)
        })?;
        self.phones.order(callee, Order::Answer);
        self.expect(&mut report.differences, "both talk", |phones| {
            phones.is_talking(Party::UserA) && phones.is_talking(Party::AgentA)
        })?;
        self.scene(Moment::Talking, report)?;

        // The target must not ring before it was listened to.
        self.phones.set_rings(Party::AgentB, cell.row != Row::Fetched);
        self.phones.order(Party::AgentA, Order::Refer(vec![refer_to()], Vec::new()));
        self.expect(&mut report.differences, "an answer to REFER", |phones| {
            phones.refer_answer().is_some()
        })?;
        match cell.row {
            Row::Fetched => self.fetched(cell, report),
            Row::Answers => self.answers(cell, report),
            Row::Fails => self.fails(cell, report),
            Row::Unreachable => self.unreachable(cell, report),
            Row::NoReferUrl => self.scene(Moment::Refused, report),
        }
    }

    fn fetched(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        self.target_is_called(cell, report)?;
        self.scene(Moment::Called, report)?;
        self.phones.order(Party::AgentB, Order::Ring(false));
        self.target_rings(cell, report)
    }

    fn answers(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        self.target_is_called(cell, report)?;
        self.target_rings(cell, report)?;
        self.phones.order(Party::AgentB, Order::Answer);
        self.expect(&mut report.differences, "AgentA is released", |phones| {
            phones.is_free(Party::AgentA)
        })?;
        self.scene(Moment::Answered, report)
    }

    fn fails(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        self.target_is_called(cell, report)?;
        self.target_rings(cell, report)?;
        self.phones.order(Party::AgentB, Order::Refuse(486));
        self.settled(cell, report)?;
        self.scene(Moment::Failed, report)
    }

    fn unreachable(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        self.settled(cell, report)?;
        self.scene(Moment::NotFetched, report)
    }

    fn target_is_called(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        self.expect(&mut report.differences, "AgentB is called", |phones| {
            phones.is_called(Party::AgentB)
        })?;
        if !cell.answer_on_bridge {
            self.expect(&mut report.differences, "AgentA is released", |phones| {
                phones.is_free(Party::AgentA)
            })?;
        }
        Ok(())
    }

    fn target_rings(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        if cell.answer_on_bridge {
            self.expect(&mut report.differences, "NOTIFY 180", |phones| {
                phones.notices().iter().any(|notice| notice.status == 180)
            })?;
        }
        self.scene(Moment::Rings, report)
    }

    /// The transfer has failed: the transferor knows, or everybody has left.
    fn settled(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        if cell.answer_on_bridge {
            return self.expect(&mut report.differences, "the last NOTIFY", |phones| {
                phones.notices().iter().any(|notice| notice.is_last)
            });
        }
        self.expect(&mut report.differences, "UserA's and AgentA's calls end", |phones| {
            phones.is_free(Party::UserA) && phones.is_free(Party::AgentA)
        })
    }

    /// Waits; what does not come is a difference.
    fn expect(
        &mut self,
        differences: &mut Vec<String>,
        what: &str,
        is_so: impl Fn(&Phones) -> bool,
    ) -> anyhow::Result<()> {
        if !self.phones.wait(PATIENCE, is_so)? {
            differences.push(format!("not in {} s: {what}", PATIENCE.as_secs()));
        }
        Ok(())
    }

    /// Listens, again if it is not yet as it should be.
    fn scene(&mut self, moment: Moment, report: &mut Report) -> anyhow::Result<()> {
        let expected = report.cell.hears(moment);
        let mut heard = self.phones.listen(LISTEN, &self.hearing)?;
        for _ in 1..LISTEN_TIMES {
            if heard == expected {
                break;
            }
            heard = self.phones.listen(LISTEN, &self.hearing)?;
        }
        report.add(Scene { moment, heard });
        Ok(())
    }

    /// Who hears what, again if it is not yet as it should be; a line for each.
    fn moment(
        &mut self,
        when: &str,
        expected: &[(Party, Sound)],
        differences: &mut Vec<String>,
    ) -> anyhow::Result<Vec<String>> {
        let is_so = |stage: &Self| {
            expected
                .iter()
                .all(|(party, sound)| stage.phones.hears(*party, &stage.hearing) == *sound)
        };
        for _ in 1..LISTEN_TIMES {
            if is_so(self) {
                break;
            }
            self.phones.wait(LISTEN, |_| false)?;
        }
        let mut lines = Vec::new();
        for (party, sound) in expected {
            let heard = self.phones.hears(*party, &self.hearing);
            if heard != *sound {
                differences.push(format!("{when}: {} {heard}, should: {sound}", party.name()));
            }
            lines.push(format!("{} {heard}", party.name()));
        }
        Ok(lines)
    }

    /// UserA hangs up; nobody may be left behind.
    fn hang_up(&mut self, differences: &mut Vec<String>) -> anyhow::Result<()> {
        self.phones.order(Party::UserA, Order::HangUp);
        let all_free = |phones: &Phones| Party::ALL.iter().all(|party| phones.is_free(*party));
        if !self.phones.wait(PATIENCE, all_free)? {
            for party in Party::ALL {
                if !self.phones.is_free(party) {
                    differences.push(format!("{} was left behind", party.name()));
                    self.phones.order(party, Order::HangUp);
                }
            }
            self.phones.wait(PATIENCE, all_free)?;
        }
        self.expect(differences, "every request is answered", Phones::are_quiet)
    }

    /// What was noted down while the cell was played.
    fn look_back(&mut self, cell: Cell, report: &mut Report) -> anyhow::Result<()> {
        report.refer_answer = self.phones.refer_answer();
        report.notices = self.phones.notices();
        if report.refer_answer != Some(cell.refer_answer()) {
            report.differs(format!("the answer to REFER should be {}", cell.refer_answer()));
        }
        if report.notices != cell.notices() {
            let expected: Vec<_> = cell.notices().iter().map(ToString::to_string).collect();
            report.differs(format!("the NOTIFYs should be {}", expected.join(", ")));
        }
        self.look_at_phones(&mut report.differences);
        let asked = self.app.asked();
        look_at_webhooks(cell, &asked, report);
        if let Some(call) = asked.first().and_then(|asked| asked.parameter("CallSid")) {
            report.ladder = self.ladder(call)?;
        }
        let code = |alert: &Value| alert.get("code").and_then(Value::as_u64);
        report.alerts = self.new_alerts()?.iter().filter_map(code).collect();
        if report.alerts != cell.alerts() {
            report.differs(format!("the alerts should be {:?}", cell.alerts()));
        }
        self.wait_for_baseline(&mut report.differences)
    }

    /// What no phone may see.
    fn look_at_phones(&self, differences: &mut Vec<String>) {
        if self.phones.was_notified_late() {
            differences.push("NOTIFY came after BYE".to_owned());
        }
        differences.extend(self.phones.broken_lines());
    }

    /// The server's ladder of a call.
    fn ladder(&self, call: &str) -> anyhow::Result<Vec<String>> {
        let trace = self.server.api.get(&format!("/_/calls/{call}/trace"))?;
        Ok(texts(&trace, "rows", "line"))
    }

    /// Alerts that were not there when it was asked last.
    fn new_alerts(&mut self) -> anyhow::Result<Vec<Value>> {
        let alerts = self.server.api.get(&format!("/_/alerts?after={}", self.alerts_seen))?;
        self.alerts_seen = alerts.get("next").and_then(Value::as_u64).unwrap_or(self.alerts_seen);
        Ok(alerts.get("alerts").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Legs, ports and everything else must be given back.
    fn wait_for_baseline(&mut self, differences: &mut Vec<String>) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let census = self.server.census()?;
            if census == self.baseline {
                return Ok(());
            }
            if Instant::now() > deadline {
                differences.push(format!("left over: {census}; before: {}", self.baseline));
                return Ok(());
            }
            self.phones.wait(STEP, |_| false)?;
        }
    }
}

fn look_at_webhooks(cell: Cell, asked: &[Asked], report: &mut Report) {
    report.webhooks = asked.len();
    report.signed = rightly_signed(asked, &mut report.differences);
    let refers: Vec<_> = asked.iter().filter(|asked| asked.path == "/refer").collect();
    if refers.len() != cell.refer_webhooks() {
        let should = cell.refer_webhooks();
        report.differs(format!("referUrl was asked {} times, not {should}", refers.len()));
    }
    for refer in refers {
        let target = refer.parameter("ReferTransferTarget");
        if target != Some(&refer_to()) {
            report.differs(format!("ReferTransferTarget is {}", target.unwrap_or("missing")));
        }
        if refer.parameter("AccountSid") != Some(&ACCOUNT.to_string()) {
            report.differs("AccountSid is wrong".to_owned());
        }
    }
}

/// How many are; the others are a difference.
fn rightly_signed(asked: &[Asked], differences: &mut Vec<String>) -> usize {
    let signed = asked.iter().filter(|asked| asked.is_signed).count();
    if signed != asked.len() {
        differences.push(format!("{} webhooks wrongly signed", asked.len() - signed));
    }
    signed
}

/// A field of every entry of a list.
fn texts(value: &Value, list: &str, field: &str) -> Vec<String> {
    let entries = value.get(list).and_then(Value::as_array).into_iter().flatten();
    let text = |entry: &Value| entry.get(field).and_then(Value::as_str).map(str::to_owned);
    entries.filter_map(text).collect()
}

fn address(party: Party) -> String {
    format!("sip:{}@{DOMAIN}", party.user())
}

/// What AgentA's phone writes: the target, and a word for the application.
fn refer_to() -> String {
    format!("<{}?X-Customer=4711>", address(Party::AgentB))
}

/// What the application answers to the REFER.
fn refer_document() -> String {
    format!("<Response><Dial><Sip>{}</Sip></Dial></Response>", address(Party::AgentB))
}
