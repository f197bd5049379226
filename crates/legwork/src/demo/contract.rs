//! The transfer table as data: ten cells, their moments, and what must hold in each.
//!
//! Not here: playing them (`story`), what was found (`report`).
//! Source: Twilio, "Inbound SIP REFER to Twilio": the scenarios with and without answerOnBridge.

use std::fmt;

use crate::demo::hearing::Sound;

/// Whom the story is about. Each speaks a tone of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// The transferee.
    UserA,
    /// The transferor.
    AgentA,
    /// The transfer target.
    AgentB,
}

impl Party {
    /// All, in the order of everything that has one entry per party.
    pub(crate) const ALL: [Self; 3] = [Self::UserA, Self::AgentA, Self::AgentB];

    /// As in the story.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UserA => "UserA",
            Self::AgentA => "AgentA",
            Self::AgentB => "AgentB",
        }
    }

    /// User part of its address; the agents are phones of development mode.
    pub(crate) fn user(self) -> &'static str {
        match self {
            Self::UserA => "usera",
            Self::AgentA => "agent-a",
            Self::AgentB => "agent-b",
        }
    }

    /// The tone it speaks, Hz: far from each other, from ringback and from the notes of hold music.
    pub(crate) fn tone_hz(self) -> u16 {
        match self {
            Self::UserA => 1012,
            Self::AgentA => 812,
            Self::AgentB => 612,
        }
    }
}

/// What happens: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// The webhook was executed.
    Fetched,
    /// The target answers.
    Answers,
    /// The target does not answer, is busy, fails.
    Fails,
    /// The webhook can not be reached.
    Unreachable,
    /// There is no webhook.
    NoReferUrl,
}

impl Row {
    /// All, in the table's order.
    pub(crate) const ALL: [Self; 5] =
        [Self::Fetched, Self::Answers, Self::Fails, Self::Unreachable, Self::NoReferUrl];

    /// What happens.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Fetched => "the referUrl webhook was executed",
            Self::Answers => "AgentB answers",
            Self::Fails => "AgentB is busy",
            Self::Unreachable => "referUrl is unreachable",
            Self::NoReferUrl => "no referUrl on the Dial",
        }
    }
}

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Its row.
    pub(crate) row: Row,
    /// Its column: the attribute of the initial Dial.
    pub(crate) answer_on_bridge: bool,
}

impl Cell {
    /// The ten cells, row by row.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let cells = |row| [true, false].map(|answer_on_bridge| Self { row, answer_on_bridge });
        Row::ALL.into_iter().flat_map(cells)
    }

    /// What the contract says of it.
    pub(crate) fn says(self) -> &'static str {
        match (self.row, self.answer_on_bridge) {
            (Row::Fetched, true) => "still connected: AgentA's leg is parked",
            (Row::Fetched, false) => "disconnected: NOTIFY, then BYE to AgentA",
            (Row::Answers, true) => "UserA and AgentB talk; AgentA goes now",
            (Row::Answers, false) => "UserA and AgentB talk; AgentA is long gone",
            (Row::Fails | Row::Unreachable, true) => "re-established: UserA and AgentA talk",
            (Row::Fails | Row::Unreachable, false) => "gone for good: UserA's call ends",
            (Row::NoReferUrl, true | false) => "alert 13802; UserA and AgentA talk on",
        }
    }

    /// The answer to REFER.
    pub(crate) fn refer_answer(self) -> u16 {
        match self.row {
            Row::Fetched | Row::Answers | Row::Fails | Row::Unreachable => 202,
            Row::NoReferUrl => 603,
        }
    }

    /// What the transferor is notified of, in order, until every call has ended.
    pub(crate) fn notices(self) -> Vec<Notice> {
        let progress = |status| Notice { status, is_last: false };
        let result = |status| Notice { status, is_last: true };
        match (self.row, self.answer_on_bridge) {
            // At the end of this cell UserA hangs up while AgentB rings.
            (Row::Fetched, true) => vec![progress(100), progress(180), result(487)],
            (Row::Answers, true) => vec![progress(100), progress(180), result(200)],
            (Row::Fails, true) => vec![progress(100), progress(180), result(486)],
            (Row::Fetched | Row::Answers | Row::Fails, false) => vec![progress(100), result(200)],
            (Row::Unreachable, true | false) => vec![progress(100), result(503)],
            (Row::NoReferUrl, true | false) => Vec::new(),
        }
    }

    /// How often the webhook reaches the application.
    pub(crate) fn refer_webhooks(self) -> usize {
        match self.row {
            Row::Fetched | Row::Answers | Row::Fails => 1,
            Row::Unreachable | Row::NoReferUrl => 0,
        }
    }

    /// Codes of the alerts, in order.
    pub(crate) fn alerts(self) -> &'static [u64] {
        match self.row {
            Row::Fetched | Row::Answers | Row::Fails => &[],
            // The connection was refused; the answer can not be used.
            Row::Unreachable => &[11_202, 91_307],
            Row::NoReferUrl => &[13_802],
        }
    }

    /// What each party hears.
    pub(crate) fn hears(self, moment: Moment) -> [Sound; 3] {
        let talk = [Sound::Tone(Party::AgentA), Sound::Tone(Party::UserA), Sound::Gone];
        let transferor = if self.answer_on_bridge { Sound::Silence } else { Sound::Gone };
        match moment {
            Moment::Talking | Moment::Refused => talk,
            Moment::Called => [Sound::HoldMusic, transferor, Sound::Gone],
            Moment::Rings => [Sound::Ringback, transferor, Sound::Gone],
            Moment::Answered => {
                [Sound::Tone(Party::AgentB), Sound::Gone, Sound::Tone(Party::UserA)]
            }
            Moment::Failed | Moment::NotFetched if self.answer_on_bridge => talk,
            Moment::Failed | Moment::NotFetched => [Sound::Gone, Sound::Gone, Sound::Gone],
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.row.text(), column(self.answer_on_bridge))
    }
}

/// The head of a column.
pub(crate) fn column(answer_on_bridge: bool) -> &'static str {
    if answer_on_bridge { "answerOnBridge=\"true\"" } else { "answerOnBridge not set" }
}

/// When it is worth to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the REFER.
    Talking,
    /// The webhook was executed, AgentB is called and does not ring yet.
    Called,
    /// AgentB rings.
    Rings,
    /// AgentB has answered.
    Answered,
    /// AgentB has refused.
    Failed,
    /// The webhook could not be executed.
    NotFetched,
    /// The REFER was refused.
    Refused,
}

impl Moment {
    /// When that is.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Talking => "before the REFER",
            Self::Called => "the webhook was executed, AgentB is called",
            Self::Rings => "AgentB rings",
            Self::Answered => "AgentB has answered",
            Self::Failed => "AgentB was busy",
            Self::NotFetched => "referUrl could not be reached",
            Self::Refused => "the REFER was refused",
        }
    }
}

/// A NOTIFY about the REFER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The status in its body.
    pub(crate) status: u16,
    /// It ended the subscription.
    pub(crate) is_last: bool,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = if self.is_last { " (last)" } else { "" };
        write!(f, "{}{last}", self.status)
    }
}
