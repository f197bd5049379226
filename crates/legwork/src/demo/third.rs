//! What came of the third act, and what must have come of it.
//!
//! Not here: playing it (`story/third`), how it is told (`show`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Conference"; "Conference status callbacks".

use std::time::Duration;

/// What the application must be told of the room, in this order.
const EVENTS: [&str; 6] = [
    "participant-join",
    "participant-join",
    "conference-start",
    "participant-leave",
    "participant-leave",
    "conference-end",
];

/// What came of the third act.
#[derive(Debug, Default)]
pub(crate) struct Third {
    /// The server's ladder of UserA's call.
    pub(crate) ladder: Vec<String>,
    /// Who heard what, moment by moment.
    pub(crate) moments: Vec<(&'static str, Vec<String>)>,
    /// `StatusCallbackEvent`s of the room, by `SequenceNumber`.
    pub(crate) events: Vec<String>,
    /// Requests the application got.
    pub(crate) webhooks: usize,
    /// Those of them that were rightly signed.
    pub(crate) signed: usize,
    /// What is not as it should be.
    pub(crate) differences: Vec<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Third {
    /// Everything is as it should be.
    pub(crate) fn is_right(&self) -> bool {
        self.differences.is_empty()
    }

    /// Something is not.
    pub(crate) fn differs(&mut self, how: String) {
        self.differences.push(how);
    }

    /// The room's last event has been told.
    pub(crate) fn is_told(events: &[String]) -> bool {
        events.len() >= EVENTS.len()
    }

    /// Lays what was told beside what should be.
    pub(crate) fn judge(&mut self) {
        if self.events != EVENTS {
            let (told, should) = (self.events.join(", "), EVENTS.join(", "));
            self.differs(format!("the application was told {told}; should be: {should}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_room_tells_is_looked_at() {
        let mut act = Third { events: EVENTS.map(str::to_owned).into(), ..Third::default() };
        act.judge();
        assert!(act.is_right() && Third::is_told(&act.events));
        act.events.swap(2, 3);
        act.judge();
        assert!(!act.is_right());
        assert!(!Third::is_told(&act.events[1..]));
    }
}
