//! The server transaction of any request but INVITE and ACK.
//!
//! ```text
//!               │ request
//!          ┌────▼───┐
//!          │ Trying │  request: absorbed; J: over
//!          └────┬───┘
//!               │ 200–699
//!         ┌─────▼─────┐  request: answer again
//!         │ Completed │  J: over
//!         └───────────┘
//! ```
//!
//! RFC 3261's state Proceeding is missing: we send no 1xx here (RFC 4320 §4.1).
//! Not here: what is answered (`endpoint`).
//! Source: RFC 3261 §17.2.2.

use super::{Change, PATIENCE, Step, Timer};

/// Where the transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Trying,
    Completed,
    Terminated,
}

/// The machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerOther {
    state: State,
    reliable: bool,
}

impl ServerOther {
    /// A request came in.
    pub(crate) fn start(reliable: bool) -> (Self, Step) {
        // Nobody waits longer than this for an answer (timer F of the client).
        let end = Change::Set(Timer::J, PATIENCE);
        (Self { state: State::Trying, reliable }, Step { end, ..Step::NOTHING })
    }

    /// The same request again.
    pub(crate) fn request(&mut self) -> Step {
        match self.state {
            State::Completed => Step::SEND,
            State::Trying | State::Terminated => Step::NOTHING,
        }
    }

    /// The user answers.
    pub(crate) fn answer(&mut self) -> Step {
        match self.state {
            State::Trying => {
                let step = Step::SEND.linger(Timer::J, PATIENCE, self.reliable);
                self.state = if step.over { State::Terminated } else { State::Completed };
                step
            }
            State::Completed | State::Terminated => Step::NOTHING,
        }
    }

    /// No more copies of the request are expected; or nobody has answered it.
    pub(crate) fn timer_j(&mut self) -> Step {
        match self.state {
            State::Trying | State::Completed => {
                self.state = State::Terminated;
                Step::OVER
            }
            State::Terminated => Step::NOTHING,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::transaction::row;

    fn check(reliable: bool, input: fn(&mut ServerOther) -> Step, expected: Expect) {
        let mut text = String::new();
        for state in [State::Trying, State::Completed, State::Terminated] {
            let mut machine = ServerOther { state, reliable };
            let step = input(&mut machine);
            text.push_str(&format!("{state:?} → {:?}: {}\n", machine.state, row(step)));
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn every_row() {
        check(
            false,
            ServerOther::request,
            expect![[r#"
            Trying → Trying: 
            Completed → Completed: send
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerOther::answer,
            expect![[r#"
            Trying → Completed: send stop-again J=32000ms
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            true,
            ServerOther::answer,
            expect![[r#"
            Trying → Terminated: send stop-again stop-end over
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerOther::timer_j,
            expect![[r#"
            Trying → Terminated: stop-again stop-end over
            Completed → Terminated: stop-again stop-end over
            Terminated → Terminated: 
        "#]],
        );
    }
}
