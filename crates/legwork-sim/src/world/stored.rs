//! What the switch stores: laid into the books, and what the world itself needs of it.
//!
//! Not here: what must hold of it (`books`).

use std::time::Duration;

use legwork_call::alert::Alert;
use legwork_call::io::Change;
use legwork_call::ladder::What;

use super::World;

/// Alerts that every account sees: of calls that lead to none, of the limits of the server, of bugs.
const NOBODYS_ALERTS: [u32; 6] = [32_001, 32_006, 32_101, 32_201, 91_311, 91_399];

impl World {
    /// A row of the read model changed.
    pub(super) fn stored(&mut self, at: Duration, change: Change) {
        let kept = match change {
            Change::Call(row) => self.books.stored(&row),
            Change::Recording(row) => self.books.recorded(&row),
            Change::Transcription(row) => self.books.transcribed(&row),
            change @ (Change::Queue(_)
            | Change::QueueGone { .. }
            | Change::QueueMember(_)
            | Change::QueueLeft { .. }) => self.books.queued(&change),
            Change::Conference(row) => {
                let kept = self.books.conferred(&row);
                self.conferences.insert(row.name.clone(), row.sid);
                kept
            }
            Change::Participant(row) => self.books.participated(&row),
            Change::Trunk(row) => return drop(self.trunks.insert(row.name.clone(), *row)),
            Change::TrunkGone { name, .. } => return drop(self.trunks.remove(&name)),
            Change::Alert(alert) => return self.alert(at, &alert),
        };
        if let Err(broken) = kept {
            self.broken(&broken);
        }
    }

    fn alert(&mut self, at: Duration, alert: &Alert) {
        if alert.account.is_none() && !NOBODYS_ALERTS.contains(&alert.code) {
            self.broken(&format!("everybody sees alert {}", alert.code));
        }
        let level = format!("{:?}", alert.level).to_lowercase();
        self.ladder.row(at, "app", &What::Decided(format!("alert {} {level}", alert.code)));
        if self.app.is_shown("alerts") {
            self.ladder.text(at, alert.text.clone());
        }
    }
}
