//! The client transaction of an INVITE.
//!
//! ```text
//!                 │ INVITE
//!            ┌────▼────┐  A: INVITE again, doubled
//!            │ Calling │  B, unreachable: over
//!            └─┬──┬──┬─┘
//!          1xx │  │  └──────── 300–699: ACK ────────┐
//!       ┌──────▼─────┐ 300–699: ACK                 │
//!       │ Proceeding ├────────────────────────┐     │
//!       └──────┬─────┘ 2xx                 ┌──▼─────▼──┐ 300–699: ACK again
//!          2xx │  │                        │ Completed │ D: over
//!           ┌──▼──▼────┐ 2xx: told          └───────────┘
//!           │ Accepted │ M: over
//!           └──────────┘
//! ```
//!
//! Not here: the ACK of a 2xx, which is no part of the transaction (`usage/invite`).
//! Source: RFC 3261 §17.1.1 as changed by RFC 6026 §7.2 and §8.4.

use std::time::Duration;

use super::{Change, PATIENCE, Step, T1, Tell, Timer};

/// Where the transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Calling { pause: Duration },
    Proceeding,
    Completed,
    Accepted,
    Terminated,
}

/// The machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientInvite {
    state: State,
    reliable: bool,
}

impl ClientInvite {
    /// Sends the INVITE.
    pub(crate) fn start(reliable: bool) -> (Self, Step) {
        let again = if reliable { Change::Keep } else { Change::Set(Timer::A, T1) };
        let end = Change::Set(Timer::B, PATIENCE);
        (Self { state: State::Calling { pause: T1 }, reliable }, Step { again, end, ..Step::SEND })
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// 1xx.
    pub(crate) fn provisional(&mut self) -> Step {
        match self.state {
            State::Calling { .. } => {
                self.state = State::Proceeding;
                Step { again: Change::Stop, end: Change::Stop, ..Step::tell(Tell::Message) }
            }
            State::Proceeding => Step::tell(Tell::Message),
            State::Completed | State::Accepted | State::Terminated => Step::NOTHING,
        }
    }

    /// 2xx.
    pub(crate) fn success(&mut self) -> Step {
        match self.state {
            State::Calling { .. } | State::Proceeding => {
                self.state = State::Accepted;
                Step {
                    again: Change::Stop,
                    end: Change::Set(Timer::M, PATIENCE),
                    ..Step::tell(Tell::Message)
                }
            }
            State::Accepted => Step::tell(Tell::Success),
            State::Completed | State::Terminated => Step::NOTHING,
        }
    }

    /// 300 to 699. The ACK is what is kept by then.
    pub(crate) fn failure(&mut self) -> Step {
        match self.state {
            State::Calling { .. } | State::Proceeding => {
                let step = Step { send: true, ..Step::tell(Tell::Message) };
                self.linger(step)
            }
            State::Completed => Step::SEND,
            State::Accepted | State::Terminated => Step::NOTHING,
        }
    }

    fn linger(&mut self, step: Step) -> Step {
        let step = step.linger(Timer::D, PATIENCE, self.reliable);
        self.state = if step.over { State::Terminated } else { State::Completed };
        step
    }

    /// Time to send the INVITE again.
    pub(crate) fn timer_a(&mut self) -> Step {
        match self.state {
            State::Calling { pause } => {
                let pause = pause * 2;
                self.state = State::Calling { pause };
                Step { again: Change::Set(Timer::A, pause), ..Step::SEND }
            }
            State::Proceeding | State::Completed | State::Accepted | State::Terminated => {
                Step::NOTHING
            }
        }
    }

    /// Nobody answered.
    pub(crate) fn timer_b(&mut self) -> Step {
        match self.state {
            State::Calling { .. } => self.give_up(Tell::TimedOut),
            State::Proceeding | State::Completed | State::Accepted | State::Terminated => {
                Step::NOTHING
            }
        }
    }

    /// D or M: nothing more is expected.
    pub(crate) fn timer_d_or_m(&mut self) -> Step {
        match self.state {
            State::Completed | State::Accepted => {
                self.state = State::Terminated;
                Step::OVER
            }
            State::Calling { .. } | State::Proceeding | State::Terminated => Step::NOTHING,
        }
    }

    /// The transport can not deliver. A 2xx has been heard in Accepted, so that goes on.
    pub(crate) fn unreachable(&mut self) -> Step {
        match self.state {
            State::Calling { .. } | State::Proceeding => self.give_up(Tell::Unreachable),
            State::Completed => {
                self.state = State::Terminated;
                Step::OVER
            }
            State::Accepted | State::Terminated => Step::NOTHING,
        }
    }

    fn give_up(&mut self, tell: Tell) -> Step {
        self.state = State::Terminated;
        Step { tell: Some(tell), ..Step::OVER }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::transaction::row;

    const STATES: [State; 5] = [
        State::Calling { pause: T1 },
        State::Proceeding,
        State::Completed,
        State::Accepted,
        State::Terminated,
    ];

    fn check(reliable: bool, input: fn(&mut ClientInvite) -> Step, expected: Expect) {
        let mut text = String::new();
        for state in STATES {
            let mut machine = ClientInvite { state, reliable };
            let step = input(&mut machine);
            text.push_str(&format!("{state:?} → {:?}: {}\n", machine.state, row(step)));
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn start() {
        let (_, step) = ClientInvite::start(false);
        expect!["send A=500ms B=32000ms"].assert_eq(&row(step));
        let (_, step) = ClientInvite::start(true);
        expect!["send B=32000ms"].assert_eq(&row(step));
    }

    #[test]
    fn responses() {
        check(
            false,
            ClientInvite::provisional,
            expect![[r#"
            Calling { pause: 500ms } → Proceeding: stop-again stop-end tell-Message
            Proceeding → Proceeding: tell-Message
            Completed → Completed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientInvite::success,
            expect![[r#"
            Calling { pause: 500ms } → Accepted: stop-again M=32000ms tell-Message
            Proceeding → Accepted: stop-again M=32000ms tell-Message
            Completed → Completed: 
            Accepted → Accepted: tell-Success
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientInvite::failure,
            expect![[r#"
            Calling { pause: 500ms } → Completed: send stop-again D=32000ms tell-Message
            Proceeding → Completed: send stop-again D=32000ms tell-Message
            Completed → Completed: send
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            true,
            ClientInvite::failure,
            expect![[r#"
            Calling { pause: 500ms } → Terminated: send stop-again stop-end tell-Message over
            Proceeding → Terminated: send stop-again stop-end tell-Message over
            Completed → Completed: send
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
    }

    #[test]
    fn timers() {
        check(
            false,
            ClientInvite::timer_a,
            expect![[r#"
            Calling { pause: 500ms } → Calling { pause: 1s }: send A=1000ms
            Proceeding → Proceeding: 
            Completed → Completed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientInvite::timer_b,
            expect![[r#"
            Calling { pause: 500ms } → Terminated: stop-again stop-end tell-TimedOut over
            Proceeding → Proceeding: 
            Completed → Completed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientInvite::timer_d_or_m,
            expect![[r#"
            Calling { pause: 500ms } → Calling { pause: 500ms }: 
            Proceeding → Proceeding: 
            Completed → Terminated: stop-again stop-end over
            Accepted → Terminated: stop-again stop-end over
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientInvite::unreachable,
            expect![[r#"
            Calling { pause: 500ms } → Terminated: stop-again stop-end tell-Unreachable over
            Proceeding → Terminated: stop-again stop-end tell-Unreachable over
            Completed → Terminated: stop-again stop-end over
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
    }
}
