//! Orders of REST and the command line, as a recording writes them.
//!
//! Passwords are not written.
//! Not here: carrying them out (`legwork-call`, `order`).

use std::time::Duration;

use legwork_call::NewCall;
use legwork_call::command::{CallRecording, Command, MachineDetection, Start, StatusCallback};
use legwork_call::config::Hook;
use legwork_media as media;
use legwork_twiml as twiml;
use serde::{Deserialize, Serialize};

use super::conference::ConferenceLine;
use super::{MethodLine, Time, sid};

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in `legwork_call::command`")]
pub enum Order {
    Call(Box<CallLine>),
    Hangup {
        call: String,
    },
    Cancel {
        call: String,
    },
    Transfer {
        call: String,
        target: String,
    },
    Redirect {
        call: String,
        start: StartLine,
    },
    Stats,
    Dequeue {
        account: String,
        queue: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<String>,
        start: StartLine,
    },
    Conference(Box<ConferenceLine>),
}

/// A call to be placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLine {
    account: String,
    pub(in crate::record) from: String,
    pub(in crate::record) to: String,
    pub(in crate::record) start: StartLine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) fallback: Option<HookLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) status: Option<StatusLine>,
    timeout: Time,
    time_limit: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) send_digits: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) machine: Option<MachineLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) record: Option<RecordLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) refer: Option<HookLine>,
    /// The name alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) username: Option<String>,
}

/// What a call runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in `legwork_call::command`")]
pub enum StartLine {
    Url { hook: HookLine, both: bool },
    Twiml(String),
}

/// Where to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookLine {
    pub(in crate::record) url: String,
    method: MethodLine,
}

/// Whom to tell of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusLine {
    pub(in crate::record) hook: HookLine,
    initiated: bool,
    ringing: bool,
    answered: bool,
    completed: bool,
}

/// How to find out who answered, and who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineLine {
    until_end: bool,
    timeout: Time,
    speech: Time,
    speech_end: Time,
    silence: Time,
    asynchronous: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) callback: Option<HookLine>,
}

/// How the call is recorded, and who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLine {
    sides: SidesLine,
    trim: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::record) status: Option<RecordingStatusLine>,
}

/// Which sides, in how many channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SidesLine {
    Inbound,
    Outbound,
    Mixed,
    Dual,
}

/// Whom to tell of a recording, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStatusLine {
    pub(in crate::record) hook: HookLine,
    in_progress: bool,
    completed: bool,
    absent: bool,
}

impl RecordLine {
    fn of(record: &CallRecording) -> Self {
        let sides = match record.sides {
            twiml::Sides::Inbound => SidesLine::Inbound,
            twiml::Sides::Outbound => SidesLine::Outbound,
            twiml::Sides::Mixed => SidesLine::Mixed,
            twiml::Sides::Dual => SidesLine::Dual,
        };
        let status = record.status.as_ref().map(|(hook, events)| {
            let twiml::RecordingEvents { in_progress, completed, absent } = *events;
            RecordingStatusLine { hook: HookLine::of(hook), in_progress, completed, absent }
        });
        Self { sides, trim: record.trim, status }
    }

    fn read(&self) -> CallRecording {
        let sides = match self.sides {
            SidesLine::Inbound => twiml::Sides::Inbound,
            SidesLine::Outbound => twiml::Sides::Outbound,
            SidesLine::Mixed => twiml::Sides::Mixed,
            SidesLine::Dual => twiml::Sides::Dual,
        };
        let status = self.status.as_ref().map(|status| {
            let RecordingStatusLine { in_progress, completed, absent, .. } = *status;
            let events = twiml::RecordingEvents { in_progress, completed, absent };
            (status.hook.read(), events)
        });
        CallRecording { sides, trim: self.trim, status }
    }
}

impl MachineLine {
    fn of(machine: &MachineDetection) -> Self {
        let media::Machine { until_end, timeout, speech, speech_end, silence } = machine.rules;
        Self {
            until_end,
            timeout: Time(timeout),
            speech: Time(speech),
            speech_end: Time(speech_end),
            silence: Time(silence),
            asynchronous: machine.asynchronous,
            callback: machine.callback.as_ref().map(HookLine::of),
        }
    }

    fn read(&self) -> MachineDetection {
        let within = |time: Time| time.0.min(Duration::from_secs(60));
        MachineDetection {
            rules: media::Machine {
                until_end: self.until_end,
                timeout: within(self.timeout),
                speech: within(self.speech),
                speech_end: within(self.speech_end),
                silence: within(self.silence),
            },
            asynchronous: self.asynchronous,
            callback: self.callback.as_ref().map(HookLine::read),
        }
    }
}

impl HookLine {
    pub(super) fn of(hook: &Hook) -> Self {
        Self { url: hook.url.clone(), method: MethodLine::of(hook.method) }
    }

    pub(super) fn read(&self) -> Hook {
        Hook { url: self.url.clone(), method: self.method.read() }
    }
}

impl StartLine {
    fn of(start: &Start) -> Self {
        match start {
            Start::Url { hook, both } => Self::Url { hook: HookLine::of(hook), both: *both },
            Start::Twiml { written, .. } => Self::Twiml(written.to_string()),
        }
    }

    fn read(&self) -> Start {
        match self {
            Self::Url { hook, both } => Start::Url { hook: hook.read(), both: *both },
            Self::Twiml(text) => {
                let (program, problems) = twiml::parse(text.as_bytes());
                Start::Twiml { program, problems, written: text.as_str().into() }
            }
        }
    }
}

impl StatusLine {
    fn of(status: &StatusCallback) -> Self {
        let twiml::CallEvents { initiated, ringing, answered, completed } = status.events;
        let hook = HookLine::of(&status.hook);
        Self { hook, initiated, ringing, answered, completed }
    }

    fn read(&self) -> StatusCallback {
        let Self { initiated, ringing, answered, completed, .. } = *self;
        let events = twiml::CallEvents { initiated, ringing, answered, completed };
        StatusCallback { hook: self.hook.read(), events }
    }
}

impl Order {
    /// To be written.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Call(call) => Self::Call(Box::new(CallLine::of(call))),
            Command::Hangup { call } => Self::Hangup { call: call.to_string() },
            Command::Cancel { call } => Self::Cancel { call: call.to_string() },
            Command::Transfer { call, target } => {
                Self::Transfer { call: call.to_string(), target: target.clone() }
            }
            Command::Redirect { call, start } => {
                Self::Redirect { call: call.to_string(), start: StartLine::of(start) }
            }
            Command::Stats => Self::Stats,
            Command::Dequeue { account, queue, call, start } => Self::Dequeue {
                account: account.to_string(),
                queue: queue.clone(),
                call: call.map(|call| call.to_string()),
                start: StartLine::of(start),
            },
            Command::Conference(order) => Self::Conference(Box::new(ConferenceLine::of(order))),
        }
    }

    /// The order again.
    ///
    /// # Errors
    /// What is no SID.
    pub fn read(&self) -> Result<Command, String> {
        Ok(match self {
            Self::Call(call) => Command::Call(Box::new(call.read()?)),
            Self::Hangup { call } => Command::Hangup { call: sid(call)? },
            Self::Cancel { call } => Command::Cancel { call: sid(call)? },
            Self::Transfer { call, target } => {
                Command::Transfer { call: sid(call)?, target: target.clone() }
            }
            Self::Redirect { call, start } => {
                Command::Redirect { call: sid(call)?, start: start.read() }
            }
            Self::Stats => Command::Stats,
            Self::Dequeue { account, queue, call, start } => Command::Dequeue {
                account: sid(account)?,
                queue: queue.clone(),
                call: call.as_deref().map(sid).transpose()?,
                start: start.read(),
            },
            Self::Conference(order) => Command::Conference(Box::new(order.read()?)),
        })
    }
}

impl CallLine {
    fn of(call: &NewCall) -> Self {
        Self {
            account: call.account.to_string(),
            from: call.from.clone(),
            to: call.to.clone(),
            start: StartLine::of(&call.start),
            fallback: call.fallback.as_ref().map(HookLine::of),
            status: call.status.as_ref().map(StatusLine::of),
            timeout: Time(call.timeout),
            time_limit: Time(call.time_limit),
            send_digits: call.send_digits.clone(),
            machine: call.machine.as_deref().map(MachineLine::of),
            record: call.record.as_deref().map(RecordLine::of),
            refer: call.refer.as_ref().map(HookLine::of),
            username: call.credentials.as_ref().map(|(name, _)| name.clone()),
        }
    }

    fn read(&self) -> Result<NewCall, String> {
        let within = |time: Time| time.0.min(Duration::from_secs(86_400));
        Ok(NewCall {
            account: sid(&self.account)?,
            from: self.from.clone(),
            to: self.to.clone(),
            start: self.start.read(),
            fallback: self.fallback.as_ref().map(HookLine::read),
            status: self.status.as_ref().map(StatusLine::read),
            timeout: within(self.timeout),
            time_limit: within(self.time_limit),
            send_digits: self.send_digits.clone(),
            machine: self.machine.as_ref().map(|machine| Box::new(machine.read())),
            record: self.record.as_ref().map(|record| Box::new(record.read())),
            refer: self.refer.as_ref().map(HookLine::read),
            credentials: self.username.clone().map(|name| (name, NO_PASSWORD.to_owned())),
        })
    }
}

/// Stands where a password stood.
pub(in crate::record) const NO_PASSWORD: &str = "recorded";
