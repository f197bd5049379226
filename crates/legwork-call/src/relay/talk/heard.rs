//! What of the agent's words has been heard, and when anything was.
//!
//! Not here: what is still to be heard (`relay/talk`).
//! Source: Twilio, "ConversationRelay", `interrupt`, `reportInputDuringAgentSpeech`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::limit;

/// What has been heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The answer at hand.
    cycle: u32,
    /// Of it, to the end of a sentence.
    text: String,
    /// It is heard since then.
    since: Option<Instant>,
    /// When something was heard, from and to; what followed at once is one. At most
    /// [`limit::RELAY_SPANS_MAX`].
    spans: VecDeque<(Instant, Instant)>,
}

impl Heard {
    /// Something of that answer begins to be heard.
    pub(super) fn begins(&mut self, cycle: u32, now: Instant) {
        if self.since.is_none() || self.cycle != cycle {
            (self.cycle, self.since) = (cycle, Some(now));
            self.text.clear();
        }
    }

    /// That has been said.
    pub(super) fn said(&mut self, text: &str) {
        if self.text.len() < limit::RELAY_TEXT_MAX {
            join(&mut self.text, text);
        }
    }

    /// Something was heard for that long.
    pub(super) fn sounded(&mut self, from: Instant, to: Instant) {
        if let Some(last) = self.spans.back_mut().filter(|last| last.1 >= from) {
            last.1 = to;
            return;
        }
        if self.spans.len() >= limit::RELAY_SPANS_MAX {
            self.spans.pop_front();
        }
        self.spans.push_back((from, to));
    }

    /// Something was heard then, as far as that is remembered.
    pub(super) fn sounded_at(&self, at: Instant) -> bool {
        self.spans.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// That answer is broken off: what of it had been heard by then, and for how long.
    pub(super) fn breaks_off(&mut self, cycle: u32, now: Instant) -> (String, Duration) {
        let (text, since) = (std::mem::take(&mut self.text), self.since.take());
        match since.filter(|_| self.cycle == cycle) {
            Some(since) => (text, now.saturating_duration_since(since)),
            None => (String::new(), Duration::ZERO),
        }
    }
}

/// Puts more words behind those.
pub(super) fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test has to begin somewhere")]
    fn the_latest_spans_are_remembered() {
        let epoch = Instant::now();
        let at = |s: usize| epoch + Duration::from_secs(s as u64);
        let mut heard = Heard::default();
        heard.sounded(at(0), at(1));
        heard.sounded(at(1), at(2));
        assert_eq!(heard.spans, [(at(0), at(2))], "one sentence behind the other");
        for n in 1..limit::RELAY_SPANS_MAX {
            heard.sounded(at(10 * n), at(10 * n + 5));
        }
        assert!(heard.sounded_at(at(0)) && heard.sounded_at(at(14)));
        assert!(!heard.sounded_at(at(2)) && !heard.sounded_at(at(15)));
        heard.sounded(at(9_000), at(9_001));
        assert_eq!(heard.spans.len(), limit::RELAY_SPANS_MAX);
        assert!(!heard.sounded_at(at(0)), "the oldest is forgotten");
        assert!(heard.sounded_at(at(14)) && heard.sounded_at(at(9_000)));
    }
}
