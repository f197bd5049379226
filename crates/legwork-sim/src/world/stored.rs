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
        match change {
            Change::Call(row) => {
                if let Err(broken) = self.books.stored(&row) {
                    self.broken(&broken);
                }
            }
            Change::Recording(row) => {
                if let Err(broken) = self.books.recorded(&row) {
                    self.broken(&broken);
                }
            }
            Change::Transcription(row) => {
                if let Err(broken) = self.books.transcribed(&row) {
                    self.broken(&broken);
                }
            }
            Change::Trunk(row) => drop(self.trunks.insert(row.name.clone(), *row)),
            Change::TrunkGone { name, .. } => drop(self.trunks.remove(&name)),
            Change::Conference(row) => {
                if let Err(broken) = self.books.conferred(&row) {
                    self.broken(&broken);
                }
                self.conferences.insert(row.name.clone(), row.sid);
            }
            Change::Participant(row) => {
                if let Err(broken) = self.books.participated(&row) {
                    self.broken(&broken);
                }
            }
            Change::Alert(alert) => self.alert(at, &alert),
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
