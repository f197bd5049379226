//! `<Connect>`: the call is an application's until that closes its WebSocket.
//!
//! The leg hears what the application says, and silence where it says nothing.
//! Not here: streams (`stream`), agents (`relay`).
//! Source: Twilio, "TwiML Voice: Connect", "Stream", "ConversationRelay".

use legwork_media as media;
use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::config::Hook;
use crate::leg::{Leg, LegId};
use crate::relay::Session;
use crate::run::{Flow, Run, Step, Why};
use crate::stream;
use crate::view::Waits;

/// A `<Connect>` being run.
#[derive(Debug)]
pub(crate) enum Connected {
    /// To a stream both ways.
    Stream(Streamed),
    /// To an agent, in text.
    Relay(Box<Session>),
}

/// A `<Connect><Stream>` being run.
#[derive(Debug)]
pub(crate) struct Streamed {
    tap: media::TapId,
    wanted: stream::Wanted,
    /// `action`.
    hook: Option<Hook>,
}

impl Connected {
    /// Keys are told, or interrupt.
    pub(crate) fn hears_keys(&self) -> bool {
        match self {
            Self::Stream(_) => true,
            Self::Relay(session) => session.hears_keys(),
        }
    }

    /// What a bystander sees it wait for.
    pub(crate) fn waits(&self) -> Waits {
        match self {
            Self::Stream(_) => Waits::Connected,
            Self::Relay(session) => session.waits(),
        }
    }
}

impl Calls {
    pub(crate) fn run_connect(&mut self, leg: LegId, connect: twiml::Connect) -> Flow {
        let twiml::Connect { action, method, noun } = connect;
        let verb = match noun {
            None => return Flow::Next,
            Some(twiml::Connected::Unbuilt(noun)) => return self.run_unbuilt(leg, &noun),
            Some(twiml::Connected::Relay(verb)) => {
                return self.connect_relay(leg, *verb, action, method);
            }
            Some(twiml::Connected::Stream(verb)) => verb,
        };
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let hook = action.and_then(|action| self.action_of_connect(leg, &action, method));
        let wanted = self.wanted_stream(leg, verb, true);
        let Some(wanted) = wanted.filter(|wanted| self.may_stream(leg, wanted)) else {
            return self.ask_after_connect(leg, hook);
        };
        let Some(call) = self.leg(leg).map(Leg::call_sid) else { return Flow::Waits };
        let tap = self.begin_stream(leg, call, &wanted);
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        run.step = Step::Connected(Box::new(Connected::Stream(Streamed { tap, wanted, hook })));
        run.heard = true;
        self.feed(leg, media::Feed::Live(tap));
        self.listen_for_keys(leg);
        Flow::Waits
    }

    pub(crate) fn action_of_connect(
        &mut self,
        leg: LegId,
        action: &str,
        method: twiml::Method,
    ) -> Option<Hook> {
        self.hook_in_document(leg, action, method, || format!("<Connect action=\"{action}\">."))
    }

    /// The far end pressed a key.
    pub(crate) fn connected_hears_key(&mut self, leg: LegId, key: u8) {
        let Some(Step::Connected(connected)) =
            self.leg(leg).and_then(|leg| leg.run.as_ref()).map(|run| &run.step)
        else {
            return;
        };
        match connected.as_ref() {
            Connected::Stream(streamed) => self.stream_hears_key(streamed.tap, key),
            Connected::Relay(_) => self.relay_hears_key(leg, key),
        }
    }

    /// Its application is there: documents are counted anew.
    pub(crate) fn connected_begins(&mut self, leg: LegId, tap: media::TapId) {
        if self.live_of(leg) == Some(media::Feed::Live(tap)) {
            self.time_passes(leg);
        }
    }

    /// That stream is over: so is the `<Connect>` the leg stands at, if it was its.
    pub(crate) fn connected_over(&mut self, leg: LegId, tap: media::TapId) {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let Step::Connected(connected) = &mut run.step else { return };
        let hook = match connected.as_mut() {
            Connected::Stream(streamed) if streamed.tap == tap => streamed.hook.take(),
            Connected::Stream(_) | Connected::Relay(_) => return,
        };
        run.step = Step::Ready;
        self.feed(leg, media::Feed::Nothing);
        self.listen_for_keys(leg);
        if self.ask_after_connect(leg, hook) == Flow::Next {
            self.next_verb(leg);
        }
    }

    fn ask_after_connect(&mut self, leg: LegId, hook: Option<Hook>) -> Flow {
        let Some(hook) = hook else { return Flow::Next };
        self.fetch_document(leg, hook, Why::Action, Vec::new());
        Flow::Waits
    }

    /// Another leg comes in its place: it is connected anew.
    pub(crate) fn inherit_connected(&mut self, run: &mut Run, new: LegId) {
        let call = run.application().map(|call| call.sid);
        let Step::Connected(connected) = &mut run.step else { return };
        let Some(call) = call.or_else(|| self.leg(new).map(|leg| leg.sid)) else { return };
        match connected.as_mut() {
            Connected::Stream(streamed) => {
                self.drop_stream(streamed.tap);
                streamed.tap = self.begin_stream(new, call, &streamed.wanted);
            }
            Connected::Relay(session) => self.inherit_relay(session, new),
        }
    }

    /// What the leg is fed by its `<Connect>`, if it is in one.
    pub(crate) fn live_of(&self, leg: LegId) -> Option<media::Feed> {
        let run = self.leg(leg)?.run.as_ref()?;
        let Step::Connected(connected) = &run.step else { return None };
        match connected.as_ref() {
            Connected::Stream(streamed) => Some(media::Feed::Live(streamed.tap)),
            // It hears sound of ours.
            Connected::Relay(_) => None,
        }
    }

    /// Something will come of it.
    pub(crate) fn is_connected(&self, connected: &Connected) -> bool {
        match connected {
            Connected::Stream(streamed) => self.streams(streamed.tap),
            Connected::Relay(session) => self.relays(session),
        }
    }

    /// Nobody waits for it any more.
    pub(crate) fn drop_connected(&mut self, connected: &Connected) {
        match connected {
            Connected::Stream(streamed) => self.drop_stream(streamed.tap),
            Connected::Relay(session) => self.forget_relay(session),
        }
    }
}
