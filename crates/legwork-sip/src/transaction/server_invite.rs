//! The server transaction of an INVITE.
//!
//! ```text
//!                │ INVITE
//!         ┌──────▼─────┐  200 ms: 100
//!         │ Proceeding │  1xx: sent; INVITE: last 1xx again
//!         └──┬──────┬──┘
//!        2xx │      │ 300–699
//!     ┌──────▼───┐ ┌▼──────────┐  G: again, doubled up to T2
//!     │ Accepted │ │ Completed │  INVITE: again
//!     └──────────┘ └─────┬─────┘  H: over
//!      INVITE: absorbed  │ ACK
//!      ACK: told   ┌─────▼─────┐
//!      L: over     │ Confirmed │  I: over
//!                  └───────────┘
//! ```
//!
//! Not here: repeating a 2xx until its ACK (`usage/invite`).
//! Source: RFC 3261 §17.2.1 and §8.2.6.1 as changed by RFC 6026 §7.1 and §8.5.

use std::time::Duration;

use super::{Change, PATIENCE, Step, T1, T2, T4, TRYING_AFTER, Tell, Timer};

/// Where the transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// `rung`: some 1xx has been sent.
    Proceeding {
        rung: bool,
    },
    Completed {
        pause: Duration,
    },
    Confirmed,
    Accepted,
    Terminated,
}

/// The machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerInvite {
    state: State,
    reliable: bool,
}

impl ServerInvite {
    /// An INVITE came in.
    pub(crate) fn start(reliable: bool) -> (Self, Step) {
        let again = Change::Set(Timer::Trying, TRYING_AFTER);
        (
            Self { state: State::Proceeding { rung: false }, reliable },
            Step { again, ..Step::NOTHING },
        )
    }

    /// Its user has not answered finally yet.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.state, State::Proceeding { .. })
    }

    /// The same INVITE again.
    pub(crate) fn request(&mut self) -> Step {
        match self.state {
            State::Proceeding { rung: true } | State::Completed { .. } => Step::SEND,
            State::Proceeding { rung: false }
            | State::Confirmed
            | State::Accepted
            | State::Terminated => Step::NOTHING,
        }
    }

    /// The user sends 1xx.
    pub(crate) fn provisional(&mut self) -> Step {
        match self.state {
            State::Proceeding { .. } => {
                self.state = State::Proceeding { rung: true };
                Step { again: Change::Stop, ..Step::SEND }
            }
            State::Completed { .. } | State::Confirmed | State::Accepted | State::Terminated => {
                Step::NOTHING
            }
        }
    }

    /// The user sends 2xx.
    pub(crate) fn success(&mut self) -> Step {
        match self.state {
            State::Proceeding { .. } => {
                self.state = State::Accepted;
                Step { again: Change::Stop, end: Change::Set(Timer::L, PATIENCE), ..Step::SEND }
            }
            State::Completed { .. } | State::Confirmed | State::Accepted | State::Terminated => {
                Step::NOTHING
            }
        }
    }

    /// The user sends 300 to 699.
    pub(crate) fn failure(&mut self) -> Step {
        match self.state {
            State::Proceeding { .. } => {
                self.state = State::Completed { pause: T1 };
                let again = if self.reliable { Change::Stop } else { Change::Set(Timer::G, T1) };
                Step { again, end: Change::Set(Timer::H, PATIENCE), ..Step::SEND }
            }
            State::Completed { .. } | State::Confirmed | State::Accepted | State::Terminated => {
                Step::NOTHING
            }
        }
    }

    /// An ACK of this transaction.
    pub(crate) fn ack(&mut self) -> Step {
        match self.state {
            State::Completed { .. } => {
                let step = Step::NOTHING.linger(Timer::I, T4, self.reliable);
                self.state = if step.over { State::Terminated } else { State::Confirmed };
                step
            }
            State::Accepted => Step::tell(Tell::Message),
            State::Proceeding { .. } | State::Confirmed | State::Terminated => Step::NOTHING,
        }
    }

    /// 200 ms without a response.
    pub(crate) fn timer_trying(&mut self) -> Step {
        match self.state {
            State::Proceeding { rung: false } => Step::tell(Tell::Trying),
            State::Proceeding { rung: true }
            | State::Completed { .. }
            | State::Confirmed
            | State::Accepted
            | State::Terminated => Step::NOTHING,
        }
    }

    /// Time to send the failure again.
    pub(crate) fn timer_g(&mut self) -> Step {
        match self.state {
            State::Completed { pause } => {
                let pause = (pause * 2).min(T2);
                self.state = State::Completed { pause };
                Step { again: Change::Set(Timer::G, pause), ..Step::SEND }
            }
            State::Proceeding { .. } | State::Confirmed | State::Accepted | State::Terminated => {
                Step::NOTHING
            }
        }
    }

    /// H (no ACK came), I or L: nothing more is expected.
    pub(crate) fn timer_h_i_or_l(&mut self) -> Step {
        match self.state {
            State::Completed { .. } | State::Confirmed | State::Accepted => {
                self.state = State::Terminated;
                Step::OVER
            }
            State::Proceeding { .. } | State::Terminated => Step::NOTHING,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::transaction::row;

    const STATES: [State; 6] = [
        State::Proceeding { rung: false },
        State::Proceeding { rung: true },
        State::Completed { pause: T1 },
        State::Confirmed,
        State::Accepted,
        State::Terminated,
    ];

    fn check(reliable: bool, input: fn(&mut ServerInvite) -> Step, expected: Expect) {
        let mut text = String::new();
        for state in STATES {
            let mut machine = ServerInvite { state, reliable };
            let step = input(&mut machine);
            text.push_str(&format!("{state:?} → {:?}: {}\n", machine.state, row(step)));
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn requests() {
        expect!["Trying=200ms"].assert_eq(&row(ServerInvite::start(false).1));
        check(
            false,
            ServerInvite::request,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: false }: 
            Proceeding { rung: true } → Proceeding { rung: true }: send
            Completed { pause: 500ms } → Completed { pause: 500ms }: send
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerInvite::ack,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: false }: 
            Proceeding { rung: true } → Proceeding { rung: true }: 
            Completed { pause: 500ms } → Confirmed: stop-again I=5000ms
            Confirmed → Confirmed: 
            Accepted → Accepted: tell-Message
            Terminated → Terminated: 
        "#]],
        );
        check(
            true,
            ServerInvite::ack,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: false }: 
            Proceeding { rung: true } → Proceeding { rung: true }: 
            Completed { pause: 500ms } → Terminated: stop-again stop-end over
            Confirmed → Confirmed: 
            Accepted → Accepted: tell-Message
            Terminated → Terminated: 
        "#]],
        );
    }

    #[test]
    fn responses() {
        check(
            false,
            ServerInvite::provisional,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: true }: send stop-again
            Proceeding { rung: true } → Proceeding { rung: true }: send stop-again
            Completed { pause: 500ms } → Completed { pause: 500ms }: 
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerInvite::success,
            expect![[r#"
            Proceeding { rung: false } → Accepted: send stop-again L=32000ms
            Proceeding { rung: true } → Accepted: send stop-again L=32000ms
            Completed { pause: 500ms } → Completed { pause: 500ms }: 
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerInvite::failure,
            expect![[r#"
            Proceeding { rung: false } → Completed { pause: 500ms }: send G=500ms H=32000ms
            Proceeding { rung: true } → Completed { pause: 500ms }: send G=500ms H=32000ms
            Completed { pause: 500ms } → Completed { pause: 500ms }: 
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            true,
            ServerInvite::failure,
            expect![[r#"
            Proceeding { rung: false } → Completed { pause: 500ms }: send stop-again H=32000ms
            Proceeding { rung: true } → Completed { pause: 500ms }: send stop-again H=32000ms
            Completed { pause: 500ms } → Completed { pause: 500ms }: 
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
    }

    #[test]
    fn timers() {
        check(
            false,
            ServerInvite::timer_trying,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: false }: tell-Trying
            Proceeding { rung: true } → Proceeding { rung: true }: 
            Completed { pause: 500ms } → Completed { pause: 500ms }: 
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerInvite::timer_g,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: false }: 
            Proceeding { rung: true } → Proceeding { rung: true }: 
            Completed { pause: 500ms } → Completed { pause: 1s }: send G=1000ms
            Confirmed → Confirmed: 
            Accepted → Accepted: 
            Terminated → Terminated: 
        "#]],
        );
        check(
            false,
            ServerInvite::timer_h_i_or_l,
            expect![[r#"
            Proceeding { rung: false } → Proceeding { rung: false }: 
            Proceeding { rung: true } → Proceeding { rung: true }: 
            Completed { pause: 500ms } → Terminated: stop-again stop-end over
            Confirmed → Terminated: stop-again stop-end over
            Accepted → Terminated: stop-again stop-end over
            Terminated → Terminated: 
        "#]],
        );
    }
}
