//! Orders of REST to conferences, as a recording writes them.
//!
//! Not here: carrying them out (`legwork-call`, `conference`).

use legwork_call::command::{ConferenceChange, ConferenceOrder, ParticipantChange};
use serde::{Deserialize, Serialize};

use super::order::HookLine;
use super::sid;

/// An order to a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConferenceLine {
    account: String,
    conference: String,
    pub(in crate::record) change: ChangeLine,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in `legwork_call::command`")]
pub enum ChangeLine {
    End,
    Announce(HookLine),
    Participant { who: String, change: Box<ParticipantLine> },
    Kick { who: String },
}

/// What is changed of a participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParticipantLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::record) hold_hook: Option<HookLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::record) wait_hook: Option<HookLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coaching: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_sid_to_coach: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_on_exit: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beep_on_exit: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::record) announce: Option<HookLine>,
}

impl ConferenceLine {
    pub(super) fn of(order: &ConferenceOrder) -> Self {
        let change = match &order.change {
            ConferenceChange::End => ChangeLine::End,
            ConferenceChange::Announce(hook) => ChangeLine::Announce(HookLine::of(hook)),
            ConferenceChange::Participant { who, change } => {
                let change = Box::new(ParticipantLine::of(change));
                ChangeLine::Participant { who: who.clone(), change }
            }
            ConferenceChange::Kick { who } => ChangeLine::Kick { who: who.clone() },
        };
        let (account, conference) = (order.account.to_string(), order.conference.to_string());
        Self { account, conference, change }
    }

    pub(super) fn read(&self) -> Result<ConferenceOrder, String> {
        let change = match &self.change {
            ChangeLine::End => ConferenceChange::End,
            ChangeLine::Announce(hook) => ConferenceChange::Announce(hook.read()),
            ChangeLine::Participant { who, change } => {
                let change = Box::new(change.read()?);
                ConferenceChange::Participant { who: who.clone(), change }
            }
            ChangeLine::Kick { who } => ConferenceChange::Kick { who: who.clone() },
        };
        let (account, conference) = (sid(&self.account)?, sid(&self.conference)?);
        Ok(ConferenceOrder { account, conference, change })
    }
}

impl ParticipantLine {
    fn of(change: &ParticipantChange) -> Self {
        Self {
            muted: change.muted,
            hold: change.hold,
            hold_hook: change.hold_hook.as_ref().map(HookLine::of),
            wait_hook: change.wait_hook.as_ref().map(HookLine::of),
            coaching: change.coaching,
            call_sid_to_coach: change.call_sid_to_coach.map(|call| call.to_string()),
            end_on_exit: change.end_on_exit,
            beep_on_exit: change.beep_on_exit,
            announce: change.announce.as_ref().map(HookLine::of),
        }
    }

    fn read(&self) -> Result<ParticipantChange, String> {
        Ok(ParticipantChange {
            muted: self.muted,
            hold: self.hold,
            hold_hook: self.hold_hook.as_ref().map(HookLine::read),
            wait_hook: self.wait_hook.as_ref().map(HookLine::read),
            coaching: self.coaching,
            call_sid_to_coach: self.call_sid_to_coach.as_deref().map(sid).transpose()?,
            end_on_exit: self.end_on_exit,
            beep_on_exit: self.beep_on_exit,
            announce: self.announce.as_ref().map(HookLine::read),
        })
    }
}

#[cfg(test)]
mod tests {
    use legwork_call::config::Hook;
    use legwork_call::sid::{AccountSid, CallSid, ConferenceSid};
    use legwork_twiml::Method;

    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let hook = || Hook { url: "http://a.example/".to_owned(), method: Method::Get };
        let who = || "guest".to_owned();
        let all = ParticipantChange {
            muted: Some(true),
            hold: Some(false),
            hold_hook: Some(hook()),
            wait_hook: Some(hook()),
            coaching: Some(true),
            call_sid_to_coach: Some(CallSid::from_bits(7)),
            end_on_exit: Some(false),
            beep_on_exit: Some(true),
            announce: Some(hook()),
        };
        for change in [
            ConferenceChange::End,
            ConferenceChange::Announce(hook()),
            ConferenceChange::Kick { who: who() },
            ConferenceChange::Participant { who: who(), change: Box::default() },
            ConferenceChange::Participant { who: who(), change: Box::new(all) },
        ] {
            let (account, conference) = (AccountSid::from_bits(1), ConferenceSid::from_bits(2));
            let order = ConferenceOrder { account, conference, change };
            let written = serde_json::to_string(&ConferenceLine::of(&order)).unwrap();
            let line: ConferenceLine = serde_json::from_str(&written).unwrap();
            assert_eq!(line.read(), Ok(order), "{written}");
        }
    }
}
