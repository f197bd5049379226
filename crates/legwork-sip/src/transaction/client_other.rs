//! The client transaction of any request but INVITE and ACK.
//!
//! ```text
//!               │ request
//!          ┌────▼───┐  E: again, doubled up to T2
//!          │ Trying │  F, unreachable: over
//!          └─┬────┬─┘
//!        1xx │    │ 200–699
//!   ┌────────▼───┐│
//!   │ Proceeding ├┤  E: again every T2; F, unreachable: over
//!   └────────────┘│
//!          ┌──────▼────┐
//!          │ Completed │  K: over
//!          └───────────┘
//! ```
//!
//! Not here: what the request was for (`usage`).
//! Source: RFC 3261 §17.1.2.

use std::time::Duration;

use super::{Change, PATIENCE, Step, T1, T2, T4, Tell, Timer};

/// Where the transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Trying { pause: Duration },
    Proceeding,
    Completed,
    Terminated,
}

/// The machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientOther {
    state: State,
    reliable: bool,
}

impl ClientOther {
    /// Sends the request.
    pub(crate) fn start(reliable: bool) -> (Self, Step) {
        let again = if reliable { Change::Keep } else { Change::Set(Timer::E, T1) };
        let end = Change::Set(Timer::F, PATIENCE);
        (Self { state: State::Trying { pause: T1 }, reliable }, Step { again, end, ..Step::SEND })
    }

    /// 1xx.
    pub(crate) fn provisional(&mut self) -> Step {
        match self.state {
            State::Trying { .. } | State::Proceeding => {
                self.state = State::Proceeding;
                Step::NOTHING
            }
            State::Completed | State::Terminated => Step::NOTHING,
        }
    }

    /// 200 to 699.
    pub(crate) fn answer(&mut self) -> Step {
        match self.state {
            State::Trying { .. } | State::Proceeding => {
                let step = Step::tell(Tell::Message).linger(Timer::K, T4, self.reliable);
                self.state = if step.over { State::Terminated } else { State::Completed };
                step
            }
            State::Completed | State::Terminated => Step::NOTHING,
        }
    }

    /// Time to send the request again.
    pub(crate) fn timer_e(&mut self) -> Step {
        match self.state {
            State::Trying { pause } => {
                let pause = (pause * 2).min(T2);
                self.state = State::Trying { pause };
                Step { again: Change::Set(Timer::E, pause), ..Step::SEND }
            }
            State::Proceeding => Step { again: Change::Set(Timer::E, T2), ..Step::SEND },
            State::Completed | State::Terminated => Step::NOTHING,
        }
    }

    /// Nobody answered.
    pub(crate) fn timer_f(&mut self) -> Step {
        self.give_up(Tell::TimedOut)
    }

    /// No more copies of the answer are expected.
    pub(crate) fn timer_k(&mut self) -> Step {
        match self.state {
            State::Completed => {
                self.state = State::Terminated;
                Step::OVER
            }
            State::Trying { .. } | State::Proceeding | State::Terminated => Step::NOTHING,
        }
    }

    /// The transport can not deliver.
    pub(crate) fn unreachable(&mut self) -> Step {
        self.give_up(Tell::Unreachable)
    }

    fn give_up(&mut self, tell: Tell) -> Step {
        match self.state {
            State::Trying { .. } | State::Proceeding => {
                self.state = State::Terminated;
                Step { tell: Some(tell), ..Step::OVER }
            }
            State::Completed | State::Terminated => Step::NOTHING,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::transaction::row;

    const STATES: [State; 4] =
        [State::Trying { pause: T1 }, State::Proceeding, State::Completed, State::Terminated];

    fn check(reliable: bool, input: fn(&mut ClientOther) -> Step, expected: Expect) {
        let mut text = String::new();
        for state in STATES {
            let mut machine = ClientOther { state, reliable };
            let step = input(&mut machine);
            text.push_str(&format!("{state:?} → {:?}: {}\n", machine.state, row(step)));
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn start() {
        let (_, step) = ClientOther::start(false);
        expect!["send E=500ms F=32000ms"].assert_eq(&row(step));
        let (_, step) = ClientOther::start(true);
        expect!["send F=32000ms"].assert_eq(&row(step));
    }

    #[test]
    fn responses() {
        check(
            false,
            ClientOther::provisional,
            expect![[r#"
            Trying { pause: 500ms } → Proceeding: 
            Proceeding → Proceeding: 
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientOther::answer,
            expect![[r#"
            Trying { pause: 500ms } → Completed: stop-again K=5000ms tell-Message
            Proceeding → Completed: stop-again K=5000ms tell-Message
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            true,
            ClientOther::answer,
            expect![[r#"
            Trying { pause: 500ms } → Terminated: stop-again stop-end tell-Message over
            Proceeding → Terminated: stop-again stop-end tell-Message over
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
    }

    #[test]
    fn timers() {
        check(
            false,
            ClientOther::timer_e,
            expect![[r#"
            Trying { pause: 500ms } → Trying { pause: 1s }: send E=1000ms
            Proceeding → Proceeding: send E=4000ms
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientOther::timer_f,
            expect![[r#"
            Trying { pause: 500ms } → Terminated: stop-again stop-end tell-TimedOut over
            Proceeding → Terminated: stop-again stop-end tell-TimedOut over
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientOther::timer_k,
            expect![[r#"
            Trying { pause: 500ms } → Trying { pause: 500ms }: 
            Proceeding → Proceeding: 
            Completed → Terminated: stop-again stop-end over
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ClientOther::unreachable,
            expect![[r#"
            Trying { pause: 500ms } → Terminated: stop-again stop-end tell-Unreachable over
            Proceeding → Terminated: stop-again stop-end tell-Unreachable over
            Completed → Completed: 
            Terminated → Terminated: 
        "#]],
        );
    }

    #[test]
    fn the_pause_doubles_up_to_t2() {
        let (mut machine, _) = ClientOther::start(false);
        let pauses: Vec<String> = (0..5).map(|_| row(machine.timer_e())).collect();
        expect![[r#"
            send E=1000ms
            send E=2000ms
            send E=4000ms
            send E=4000ms
            send E=4000ms"#]]
        .assert_eq(&pauses.join("\n"));
    }
}
