//! What came of a cell.
//!
//! Not here: how it is printed (`show`).

use std::time::Duration;

use crate::demo::contract::{Cell, Moment, Notice, Party};
use crate::demo::hearing::Sound;

/// Who heard what at a telling moment.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// When.
    pub(crate) moment: Moment,
    /// One entry per party.
    pub(crate) heard: [Sound; 3],
}

/// What came of a cell.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Which.
    pub(crate) cell: Cell,
    /// Who heard what, in order.
    pub(crate) scenes: Vec<Scene>,
    /// The answer to the REFER.
    pub(crate) refer_answer: Option<u16>,
    /// What the transferor was notified of.
    pub(crate) notices: Vec<Notice>,
    /// Codes of the alerts.
    pub(crate) alerts: Vec<u64>,
    /// Requests the application got.
    pub(crate) webhooks: usize,
    /// Those of them that were rightly signed.
    pub(crate) signed: usize,
    /// The server's ladder of the call.
    pub(crate) ladder: Vec<String>,
    /// What is not as the contract says.
    pub(crate) differences: Vec<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Report {
    /// Nothing has happened yet.
    pub(crate) fn new(cell: Cell) -> Self {
        Self {
            cell,
            scenes: Vec::new(),
            refer_answer: None,
            notices: Vec::new(),
            alerts: Vec::new(),
            webhooks: 0,
            signed: 0,
            ladder: Vec::new(),
            differences: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// Everything is as the contract says.
    pub(crate) fn is_right(&self) -> bool {
        self.differences.is_empty()
    }

    /// Something is not as the contract says.
    pub(crate) fn differs(&mut self, how: String) {
        self.differences.push(how);
    }

    /// A telling moment; what should not be heard is a difference.
    pub(crate) fn add(&mut self, scene: Scene) {
        let expected = self.cell.hears(scene.moment);
        for ((party, heard), expected) in Party::ALL.iter().zip(&scene.heard).zip(&expected) {
            if heard != expected {
                let (name, when) = (party.name(), scene.moment.text());
                self.differences.push(format!("{when}: {name} {heard}, should: {expected}"));
            }
        }
        self.scenes.push(scene);
    }

    /// What has become of the transferor's leg at the last moment listened to.
    pub(crate) fn transferor(&self) -> &'static str {
        let [_, agent_a, _] = match self.scenes.last() {
            Some(scene) => &scene.heard,
            None => return "was never connected",
        };
        let undisturbed = self.refer_answer.is_some_and(|status| status >= 300);
        match agent_a {
            Sound::Gone => "is released",
            Sound::Silence => "is kept, parked",
            Sound::Tone(Party::UserA) if undisturbed => "was never parted from UserA",
            Sound::Tone(Party::UserA) => "is restored",
            Sound::Nothing | Sound::HoldMusic | Sound::Ringback => "is in limbo",
            Sound::Tone(Party::AgentA | Party::AgentB) | Sound::Other(_) => "is in limbo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::contract::Row;

    #[test]
    fn what_should_not_be_heard_is_told() {
        let cell = Cell { row: Row::Answers, answer_on_bridge: true };
        let mut report = Report::new(cell);
        report.add(Scene { moment: Moment::Answered, heard: cell.hears(Moment::Answered) });
        assert!(report.is_right());
        assert_eq!(report.transferor(), "is released");
        let heard = [Sound::Tone(Party::AgentB), Sound::Silence, Sound::Nothing];
        report.add(Scene { moment: Moment::Answered, heard });
        assert_eq!(
            report.differences,
            [
                "AgentB has answered: AgentA hears silence, should: is not connected",
                "AgentB has answered: AgentB hears nothing, no packet comes, \
                 should: hears UserA's tone (1012 Hz)",
            ]
        );
        assert!(!report.is_right());
        assert_eq!(report.transferor(), "is kept, parked");
    }
}
