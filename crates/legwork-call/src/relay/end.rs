//! How a session ends, and what `action` is told of it.
//!
//! Not here: why (`relay`).
//! Source: Twilio, "TwiML Voice: ConversationRelay", `action`: `SessionStatus` is `ended` by the application,
//! `completed` by the caller, or `failed`.

use std::time::Instant;

use legwork_media as media;

use super::Session;
use crate::callback::About;
use crate::calls::Calls;
use crate::io::relay::RelayOrder;
use crate::ladder::What;
use crate::leg::{Leg, LegId};
use crate::run::{Parameter, Run, Step, Why};
use crate::verb::connect::Connected;

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    status: &'static str,
    handoff: Option<String>,
    error: Option<(u32, String)>,
}

impl End {
    /// The application said so.
    pub(super) fn ended(handoff: Option<String>) -> Self {
        Self { status: "ended", handoff, error: None }
    }

    /// The caller hung up.
    fn completed() -> Self {
        Self { status: "completed", handoff: None, error: None }
    }

    pub(super) fn failed(code: u32, text: String) -> Self {
        Self { status: "failed", handoff: None, error: Some((code, text)) }
    }

    fn parameters(self, session: &Session, now: Instant) -> Vec<Parameter> {
        let length = now.saturating_duration_since(session.began);
        let mut told: Vec<Parameter> = vec![
            ("SessionId".into(), session.sid.to_string()),
            ("SessionStatus".into(), self.status.to_owned()),
            ("SessionDuration".into(), length.as_secs().to_string()),
        ];
        told.extend(self.handoff.map(|handoff| ("HandoffData".into(), handoff)));
        if let Some((code, text)) = self.error {
            told.push(("ErrorCode".into(), code.to_string()));
            told.push(("ErrorMessage".into(), text));
        }
        told
    }
}

impl Calls {
    /// The session is over while the call goes on: `action`, or the next verb.
    pub(super) fn relay_over(&mut self, leg: LegId, end: End) {
        let now = self.now.mono;
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let step = std::mem::replace(&mut run.step, Step::Ready);
        let Step::Connected(connected) = step else {
            run.step = step;
            return;
        };
        let mut deadline = run.timer.take();
        self.timers.cancel(&mut deadline);
        match *connected {
            Connected::Relay(mut session) => {
                self.forget_relay(&session);
                self.feed(leg, media::Feed::Nothing);
                self.listen_for_keys(leg);
                self.trace(leg, What::Decided(format!("relay ends, {}", end.status)));
                match session.hook.take() {
                    Some(hook) => {
                        let told = end.parameters(&session, now);
                        self.fetch_document(leg, hook, Why::Action, told);
                    }
                    None => self.next_verb(leg),
                }
            }
            Connected::Stream(streamed) => {
                if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
                    run.step = Step::Connected(Box::new(Connected::Stream(streamed)));
                }
            }
        }
    }

    /// The caller has hung up: `action` is told.
    pub(crate) fn relay_hung_up(&mut self, gone: &Leg, run: &Run) {
        let Step::Connected(connected) = &run.step else { return };
        let Connected::Relay(session) = connected.as_ref() else { return };
        let Some(hook) = session.hook.clone() else { return };
        let end = session.ending.clone().unwrap_or_else(End::completed);
        let told = end.parameters(session, self.now.mono);
        self.tell_outcome(About::of_run(gone, run), hook, told);
    }

    /// It is not over.
    pub(crate) fn relays(&self, session: &Session) -> bool {
        self.index.by_relay.contains_key(&session.id)
    }

    /// Nobody listens or speaks any more.
    pub(crate) fn forget_relay(&mut self, session: &Session) {
        let leg = self.index.by_relay.remove(&session.id);
        if session.ending.is_none() {
            self.order_relay(session.id, RelayOrder::Close);
        }
        for source in session.talk.sources() {
            self.forget_source(source);
        }
        if let Some(ear) = session.ear {
            self.forget_tap(ear);
        }
        if let Some(leg) = leg {
            self.hear(leg, |hearing| hearing.voice = false);
        }
    }

    /// Another leg comes in the caller's place: the agent goes on with it.
    pub(crate) fn inherit_relay(&mut self, session: &mut Session, new: LegId) {
        self.index.by_relay.insert(session.id, new);
        for source in session.talk.sources() {
            self.index.by_source.insert(source, new);
        }
        // What the old one had begun to say is nothing to the new one.
        session.is_heard = false;
        (session.heard_since, session.heard_until) = (None, None);
        if let Some(ear) = session.ear.take() {
            self.forget_tap(ear);
            session.ear = Some(self.tap_relay(new, session));
        }
    }
}
