//! The ladder of a scenario: rows of what passed between the parties, as a telecom engineer reads
//! them.
//!
//! SIP rows come from the wire, seen by the world, not from the engine; what the engine alone knows
//! (joined, parked, restored) comes from its own rows.
//! Not here: how one row is written (`legwork_call::ladder`).

use std::time::Duration;

use legwork_call::ladder::{What, line};

/// A gap as long as this is worth a line.
const GAP: Duration = Duration::from_millis(950);

/// The rows so far.
#[derive(Debug, Default)]
pub struct Ladder {
    rows: Vec<String>,
    last: Duration,
    /// Hides nothing: ACK, 100, and 200 to what needs no answer to be read.
    pub shows_all: bool,
}

impl Ladder {
    /// Forgets everything so far: the ladder begins here.
    pub fn begin(&mut self, at: Duration) {
        self.rows.clear();
        self.last = at;
    }

    /// Adds a row.
    pub fn row(&mut self, at: Duration, party: &str, what: &What) {
        match what {
            What::Sent(text) | What::Got(text) if !self.shows_all && is_small_talk(text) => return,
            What::Joined(other) if self.is_last(&line(other, &What::Joined(party.to_owned()))) => {
                return;
            }
            What::Sent(_)
            | What::Got(_)
            | What::Asked(_)
            | What::Answered(_)
            | What::Joined(_)
            | What::Hears(_)
            | What::Decided(_) => {}
        }
        self.text(at, line(party, what));
    }

    /// Adds a line of any kind.
    pub fn text(&mut self, at: Duration, line: String) {
        let gap = at.saturating_sub(self.last);
        if gap >= GAP && !self.rows.is_empty() {
            let tenths = (gap.as_millis() + 50) / 100;
            let rest =
                if tenths.is_multiple_of(10) { String::new() } else { format!(".{}", tenths % 10) };
            self.rows.push(format!("… {}{rest} s", tenths / 10));
        }
        self.last = at;
        self.rows.push(shortened(&line));
    }

    fn is_last(&self, line: &str) -> bool {
        self.rows.last().is_some_and(|last| last == line)
    }

    /// All of it.
    pub fn print(&self) -> String {
        self.rows.iter().map(|row| format!("{}\n", row.trim_end())).collect()
    }
}

/// The names of dialogs left out: they say nothing, and are other ones with every seed.
fn shortened(line: &str) -> String {
    const NAME: &str = "replaces=";
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.to_ascii_lowercase().find(NAME) {
        let (before, value) = rest.split_at(at + NAME.len());
        let end = value.find(['>', '&', ' ']).unwrap_or(value.len());
        let (value, behind) = value.split_at(end);
        out.push_str(before);
        out.push_str(if value.len() > 40 { "…" } else { value });
        rest = behind;
    }
    out + rest
}

fn is_small_talk(text: &str) -> bool {
    text == "ACK" || text == "100 Trying" || text.starts_with("200 OK to ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_told_and_small_talk_is_not() {
        let mut ladder = Ladder::default();
        let at = Duration::from_millis;
        ladder.row(at(0), "usera", &What::Sent("INVITE".to_owned()));
        ladder.row(at(1), "usera", &What::Got("100 Trying".to_owned()));
        ladder.row(at(2_040), "usera", &What::Got("180 Ringing".to_owned()));
        ladder.row(at(2_050), "usera", &What::Joined("agent-a".to_owned()));
        ladder.row(at(2_060), "agent-a", &What::Joined("usera".to_owned()));
        assert_eq!(
            ladder.print(),
            "usera    ── INVITE ──▶\n… 2 s\nusera   ◀── 180 Ringing\nusera ⇄ agent-a\n"
        );
    }
}
