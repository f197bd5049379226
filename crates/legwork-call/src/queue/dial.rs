//! `<Dial><Queue>`: the first of a queue is taken out, hears what the noun's `url` wants it to hear, and the
//! two are joined.
//!
//! ```text
//!   ──somebody waits──▶ taken ──`url` is over──▶ joined ──either goes──▶ over
//!   ──nobody──▶ waits ────▲ │
//!        ▲  └──`timeout`──│─┼──▶ over
//!        └────────────────┴─┘ the caller is gone: the next one, or nobody
//! ```
//! The caller is nobody's child: when the two part, each goes on with its own document.
//! Not here: the caller (`queue/enqueue`), what is common to all `<Dial>`s (`dial`).
//! Source: Twilio, "TwiML Voice: Queue".

use std::time::Duration;

use legwork_sip::Status;
use legwork_twiml as twiml;

use super::enqueue::Stage;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::dial::Dialling;
use crate::dial::outcome::LastChild;
use crate::ladder::What;
use crate::leg::{CallStatus, Doing, LegId};
use crate::run::{Flow, Parameter};
use crate::sid::{CallSid, QueueSid};
use crate::timer::Due;

/// What a `<Dial>` has of its `<Queue>`.
#[derive(Debug)]
pub(crate) struct AtQueue {
    /// Who dials.
    agent: LegId,
    /// None: there is no such queue.
    queue: Option<QueueSid>,
    /// `url`.
    hook: Option<Hook>,
    /// Taken, and not joined yet.
    taken: Option<LegId>,
    /// Who was joined, and how long it had waited.
    joined: Option<(CallSid, Duration)>,
}

impl AtQueue {
    /// Who has been taken and hears what `url` says.
    pub(crate) const fn taken(&self) -> Option<LegId> {
        self.taken
    }

    /// What `action` is told besides.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let result = match (self.queue, self.joined) {
            (None, _) => "queue-not-found",
            (Some(_), None) => "queue-empty",
            (Some(_), Some(_)) => "bridged",
        };
        let mut parameters: Vec<Parameter> = vec![("DequeueResult".into(), result.to_owned())];
        if let Some(queue) = self.queue {
            parameters.push(("QueueSid".into(), queue.to_string()));
        }
        if let Some((call, waited)) = self.joined {
            parameters.push(("DequeuedCallSid".into(), call.to_string()));
            parameters.push(("QueueTime".into(), waited.as_secs().to_string()));
        }
        parameters
    }
}

impl Calls {
    /// A `<Dial>` has begun whose noun is a `<Queue>`.
    pub(crate) fn dial_queue(&mut self, leg: LegId, noun: &twiml::QueueNoun) -> Flow {
        let Some(account) = self.leg(leg).map(|leg| leg.account) else { return Flow::Waits };
        let named = (!noun.name.is_empty()).then(|| self.see_queue_named(account, &noun.name));
        let queue = named.and_then(|seen| seen.sid);
        let hook = noun.ask.as_ref();
        let hook = hook.and_then(|ask| self.hook_in_queue(leg, Some(&ask.url), ask.method, 14211));
        let at = AtQueue { agent: leg, queue, hook, taken: None, joined: None };
        let Some(dialling) = self.dialling_mut(leg) else { return Flow::Waits };
        dialling.queue = Some(Box::new(at));
        let Some(queue) = queue else {
            // One without a name has been told of when the document came.
            if !noun.name.is_empty() {
                self.alert(91362, Some(leg), Detail::text(format!("{}.", noun.name)));
            }
            return self.dial_failed(leg, Status(404), CallStatus::Failed);
        };
        if !self.serve(leg, queue)
            && let Some(agents) = self.queues.agents(queue)
        {
            agents.push_back(leg);
        }
        Flow::Waits
    }

    // === somebody is taken ===

    /// Somebody has come: whoever has waited for that longest takes it. False: nobody waits.
    pub(super) fn serve_first_agent(&mut self, queue: QueueSid) -> bool {
        let agent = self.queues.agents(queue).and_then(std::collections::VecDeque::pop_front);
        agent.is_some_and(|agent| self.serve(agent, queue))
    }

    /// The first of the queue is taken by that leg. False: nobody waits in it.
    fn serve(&mut self, agent: LegId, queue: QueueSid) -> bool {
        let now = self.now.mono;
        let Some(hook) = self.at_queue(agent).map(|at| at.hook.clone()) else { return false };
        let Some(caller) = self.take_first(queue).map(|member| member.leg) else { return false };
        let Some(queued) = self.queued_mut(caller) else { return false };
        let waited = queued.waited(now);
        queued.stage = Stage::Taken { by: agent, waited };
        if let Some(at) = self.at_queue(agent) {
            at.taken = Some(caller);
        }
        self.stop_hearing_queue(caller);
        self.time_passes(agent);
        if let Some(party) = self.leg(agent).map(|leg| leg.who.party.clone()) {
            self.trace(caller, What::Decided(format!("taken from the queue by {party}")));
        }
        match hook {
            Some(hook) => self.brief(agent, caller, queue, hook),
            None => self.join_queued(agent, caller),
        }
        true
    }

    /// The caller hears a document before the two are joined.
    fn brief(&mut self, agent: LegId, caller: LegId, queue: QueueSid, hook: Hook) {
        let now = self.now.mono;
        let waited = self.queued(caller).map(|queued| queued.waited(now)).unwrap_or_default();
        let mut more: Vec<Parameter> = vec![
            ("QueueSid".into(), queue.to_string()),
            ("QueueTime".into(), waited.as_secs().to_string()),
        ];
        if let Some(agent) = self.leg(agent) {
            more.push(("DequeingCallSid".into(), agent.call_sid().to_string()));
        }
        self.fetch_waiting(caller, hook, more);
    }

    /// Answers those that still ring; then the two talk.
    pub(super) fn join_queued(&mut self, agent: LegId, caller: LegId) {
        // Should the caller be gone by that, the next one is taken; if the other is, it has its place again.
        if !self.answer_leg(caller, self.codec_of(agent))
            || !self.answer_leg(agent, self.codec_of(caller))
        {
            return;
        }
        let (now, wall) = (self.now.mono, self.now.wall);
        let Some(queued) = self.queued_mut(caller) else { return };
        let waited = queued.waited(now);
        queued.stage = Stage::Talking { waited };
        let (queue, place) = queued.at();
        self.forget_taken(queue, place);
        let Some(call) = self.leg(caller).map(|leg| leg.sid) else { return };
        let Some(dialling) = self.dialling_mut(agent) else { return };
        if let Some(at) = &mut dialling.queue {
            at.taken = None;
            at.joined = Some((call, waited));
        }
        dialling.bridged = Some(caller);
        // They are together from now on, however long each has been there.
        dialling.last = Some(LastChild::application(call, Some(wall)));
        let (mut timeout, limit) = (dialling.timeout.take(), dialling.verb.time_limit);
        self.timers.cancel(&mut timeout);
        let key = self.timers.set(self.after(limit), Due::TimeLimit(agent));
        if let Some(dialling) = self.dialling_mut(agent) {
            dialling.time_limit = Some(key);
        }
        self.time_passes(agent);
        self.time_passes(caller);
        self.join(agent, caller);
        self.record_dial(agent, true);
        if let Some(transfer) = self.pending_transfer_of(agent) {
            self.transfer_bridged(transfer);
        }
    }

    // === how it ends ===

    /// The caller that was taken is gone: the next one, or nobody.
    pub(super) fn taken_lost(&mut self, agent: LegId, caller: LegId) {
        let Some(at) = self.at_queue(agent).filter(|at| at.taken == Some(caller)) else { return };
        at.taken = None;
        let Some(queue) = at.queue else { return };
        if self.serve(agent, queue) {
            return;
        }
        if self.dialling_mut(agent).is_some_and(|dialling| dialling.timeout.is_none()) {
            return self.queue_is_empty(agent);
        }
        // Whoever waits for the same queue has come later.
        if let Some(agents) = self.queues.agents(queue) {
            agents.push_front(agent);
        }
    }

    /// `timeout` of the `<Dial>`. False: that is not at a queue.
    pub(crate) fn queue_timeout(&mut self, leg: LegId) -> bool {
        let Some(dialling) = self.dialling_mut(leg) else { return false };
        let Some(at) = &dialling.queue else { return false };
        let is_served = at.taken.is_some() || dialling.bridged.is_some();
        dialling.timeout = None;
        if !is_served {
            self.queue_is_empty(leg);
        }
        true
    }

    /// Nobody has come in time.
    fn queue_is_empty(&mut self, leg: LegId) {
        self.time_passes(leg);
        if self.dial_failed(leg, Status(408), CallStatus::NoAnswer) == Flow::Next {
            self.next_verb(leg);
        }
    }

    /// The `<Dial>` ends the conversation: both go on. False: it is not with somebody from a queue.
    pub(crate) fn part_from_queued(&mut self, leg: LegId) -> bool {
        let Some(dialling) = self.dialling_mut(leg) else { return false };
        let is_talking = dialling.queue.is_some();
        let Some(caller) = dialling.bridged.take_if(|_| is_talking) else { return false };
        if let Some(of) = self.leg_mut(caller) {
            of.doing = Doing::Alone;
        }
        self.feed(caller, legwork_media::Feed::Nothing);
        self.conversation_over(leg);
        self.release_queued(caller);
        true
    }

    /// The `<Dial>` is over: nobody waits at the queue, who was taken has its place again, and who talked
    /// goes on with its own document.
    pub(crate) fn leave_dialled_queue(&mut self, dialling: &mut Dialling) {
        let Some(at) = &mut dialling.queue else { return };
        let Some(queue) = at.queue else { return };
        let (agent, taken) = (at.agent, at.taken.take());
        if let Some(agents) = self.queues.agents(queue) {
            agents.retain(|other| *other != agent);
        }
        if let Some(caller) = taken {
            self.return_to_queue(caller);
        }
    }

    /// The same of one that was taken.
    fn return_to_queue(&mut self, caller: LegId) {
        self.stop_hearing_queue(caller);
        let (now, wall) = (self.now.mono, self.now.wall);
        let Some(queued) = self.queued_mut(caller) else { return };
        queued.stage = Stage::Waiting;
        let ((queue, place), since) = (queued.at(), queued.since);
        let since_wall = wall.checked_sub(now.saturating_duration_since(since)).unwrap_or(wall);
        self.put_member(queue, place, super::line::Member { leg: caller, since, since_wall });
        self.trace(caller, What::Decided("back in the queue".to_owned()));
        if !self.serve_first_agent(queue) {
            self.hear_queue(caller);
        }
    }

    // === who takes a leg's place ===

    /// The caller that was taken is another leg now.
    pub(super) fn taken_replaced(&mut self, agent: LegId, new: LegId) {
        if let Some(at) = self.at_queue(agent) {
            at.taken = Some(new);
        }
    }

    /// Another leg comes in place of the one that dials.
    pub(crate) fn inherit_dialled_queue(&mut self, dialling: &mut Dialling, new: LegId) {
        let Some(at) = &mut dialling.queue else { return };
        let old = std::mem::replace(&mut at.agent, new);
        if let Some(agents) = at.queue.and_then(|queue| self.queues.agents(queue)) {
            agents.iter_mut().filter(|agent| **agent == old).for_each(|agent| *agent = new);
        }
        if let Some(queued) = at.taken.and_then(|caller| self.queued_mut(caller))
            && let Stage::Taken { by, .. } = &mut queued.stage
        {
            *by = new;
        }
    }

    // === asked by others ===

    /// Has one of the two taken the other from a queue?
    pub(crate) fn talks_by_queue(&self, leg: LegId, with: LegId) -> bool {
        let by_queue = |leg: LegId| {
            let dialling = self.leg(leg).and_then(|leg| leg.run.as_ref()?.dialling());
            dialling.is_some_and(|dialling| dialling.queue.is_some())
        };
        by_queue(leg) || by_queue(with)
    }

    /// The `<Dial>` waits for somebody to come, or for who has been taken.
    pub(crate) fn waits_at_queue(&self, at: &AtQueue) -> bool {
        match (at.queue, at.taken) {
            (_, Some(caller)) => {
                let stage = self.queued(caller).map(|queued| queued.stage);
                matches!(stage, Some(Stage::Taken { by, .. }) if by == at.agent)
            }
            (Some(queue), None) => self.queues.is_awaited_by(queue, at.agent),
            (None, None) => false,
        }
    }

    fn at_queue(&mut self, leg: LegId) -> Option<&mut AtQueue> {
        self.dialling_mut(leg)?.queue.as_deref_mut()
    }
}
