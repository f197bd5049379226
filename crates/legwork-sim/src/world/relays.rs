//! The application's end of sessions with an agent: how it takes them, what it says and is told.
//!
//! Not here: JSON and WebSockets (crate `legwork`), what it is told to say (`script/relay`).

use std::collections::BTreeSet;
use std::time::Duration;

use legwork_call::io::Input;
use legwork_call::io::relay::{RelayEvent, RelayId, RelayOrder, RelaySaid, RelayTold, Setup};
use legwork_call::ladder::What;

use super::{Outside, World};

/// The name of its end in ladders.
const PARTY: &str = "agent";
/// How long it thinks.
const THINKS: Duration = Duration::from_millis(50);

/// How it takes sessions from now on, and those there are.
#[derive(Debug)]
pub struct Relays {
    /// After so long it is there.
    pub takes: Duration,
    /// It is not: Twilio's code for why.
    pub refuses: Option<u32>,
    /// So long from then on it leaves.
    pub lasts: Option<Duration>,
    /// What it answers whatever is said.
    pub answers: Option<RelayTold>,
    open: BTreeSet<RelayId>,
}

impl Default for Relays {
    fn default() -> Self {
        let takes = Duration::from_millis(20);
        Self { takes, refuses: None, lasts: None, answers: None, open: BTreeSet::new() }
    }
}

impl Relays {
    /// No session is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// It takes sessions as it does unless said.
    pub fn works(&mut self) {
        let open = std::mem::take(&mut self.open);
        *self = Self { open, ..Self::default() };
    }

    /// It is due: whether somebody still waits for it.
    pub(super) fn is_awaited(&mut self, id: RelayId, event: &RelayEvent) -> bool {
        match event {
            RelayEvent::Connected | RelayEvent::Told(_) | RelayEvent::Malformed { .. } => {
                self.open.contains(&id)
            }
            RelayEvent::Closed | RelayEvent::Failed { .. } => self.open.remove(&id),
        }
    }
}

impl World {
    /// The application says something in its newest session.
    pub fn relay_says(&mut self, row: &str, event: RelayEvent) {
        self.ladder.row(self.clock.elapsed(), PARTY, &What::Sent(row.to_owned()));
        let Some(&id) = self.relays.open.last() else { return };
        if self.relays.is_awaited(id, &event) {
            self.input(Input::Relayed { id, event });
        }
    }

    /// The engine orders something of a session.
    pub(super) fn order_relay(&mut self, id: RelayId, order: RelayOrder) {
        match order {
            RelayOrder::Open(setup) => self.open_relay(id, &setup),
            RelayOrder::Close => {
                self.relays.open.remove(&id);
                self.tell_agent("close".to_owned());
            }
            RelayOrder::Say(said) => {
                let is_prompt = matches!(said, RelaySaid::Prompt { last: true, .. });
                self.tell_agent(shown(&said));
                if let Some(told) = self.relays.answers.clone().filter(|_| is_prompt) {
                    let at = self.clock.mono() + THINKS;
                    self.outside.push((at, Outside::Relayed(id, RelayEvent::Told(told))));
                }
            }
        }
    }

    fn open_relay(&mut self, id: RelayId, setup: &Setup) {
        self.relays.open.insert(id);
        let mut row = format!("setup {}  {}", setup.url, setup.call_type);
        for (name, value) in &setup.about {
            if self.app.is_shown(name) {
                row.push_str(&format!("  {name}={value}"));
            }
        }
        for (name, value) in &setup.parameters {
            row.push_str(&format!("  {name}={value}"));
        }
        self.tell_agent(row);
        let at = self.clock.mono() + self.relays.takes;
        let event = match self.relays.refuses {
            None => RelayEvent::Connected,
            Some(code) => RelayEvent::Failed { code, text: "the scenario says so".to_owned() },
        };
        self.outside.push((at, Outside::Relayed(id, event)));
        if let Some(lasts) = self.relays.lasts {
            self.outside.push((at + lasts, Outside::Relayed(id, RelayEvent::Closed)));
        }
    }

    fn tell_agent(&mut self, row: String) {
        self.ladder.row(self.clock.elapsed(), PARTY, &What::Got(row));
    }
}

/// The ladder's words for what it is told.
fn shown(said: &RelaySaid) -> String {
    match said {
        RelaySaid::Prompt { text, language, last: true } => format!("prompt {language} \"{text}\""),
        RelaySaid::Prompt { text, language, last: false } => {
            format!("prompt {language} \"{text}\" …")
        }
        RelaySaid::Dtmf { digit } => format!("dtmf {digit}"),
        RelaySaid::Interrupt { text, after } => {
            format!("interrupt \"{text}\" {} ms", after.as_millis())
        }
        RelaySaid::Error { text } => format!("error {text}"),
        RelaySaid::AgentSpeaking(speaks) => format!("agentSpeaking {speaks}"),
        RelaySaid::ClientSpeaking(speaks) => format!("clientSpeaking {speaks}"),
        RelaySaid::TokensPlayed(text) => format!("tokensPlayed \"{text}\""),
    }
}
