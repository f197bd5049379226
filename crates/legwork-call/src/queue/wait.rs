//! What is heard in a queue: music, silence, or documents, one after the other, for as long as it lasts.
//!
//! A document that is run to its end is asked for again. One that took next to no time is not asked for in
//! a circle: music is heard, and after [`limit::WAIT_AGAIN`] it is asked for again; one that can not be had
//! or used, after [`limit::WAIT_FAILED`]. Nobody loses the call by it. A call that rings is answered once there
//! is something to be heard.
//! Not here: running documents (`run`, `nested`).
//! Source: Twilio, "TwiML Voice: Enqueue", `waitUrl`; "TwiML Voice: Queue", `url`.

use legwork_media as media;
use legwork_twiml as twiml;

use super::enqueue::{Queued, Stage, Wait};
use crate::calls::{Calls, Detail};
use crate::leg::LegId;
use crate::limit;
use crate::nested::Waited;
use crate::run::{Parameter, verb_name};
use crate::timer::Due;

impl Calls {
    /// What the verb says is to be heard. A URL that can not be used: music.
    pub(super) fn what_is_heard(&mut self, leg: LegId, wait: &twiml::Wait) -> Wait {
        match wait {
            twiml::Wait::Music => Wait::Music,
            twiml::Wait::Silence => Wait::Silence,
            twiml::Wait::Ask(ask) => {
                let hook = self.hook_in_queue(leg, Some(&ask.url), ask.method, 14202);
                hook.map_or(Wait::Music, Wait::Ask)
            }
        }
    }

    /// The leg has its place, and hears what is heard there.
    pub(super) fn hear_queue(&mut self, leg: LegId) {
        let Some(wait) = self.queued(leg).map(|queued| queued.wait.clone()) else { return };
        match wait {
            Wait::Music => {
                self.answer_and_feed(leg, media::Feed::HoldMusic);
            }
            Wait::Silence => {
                self.answer_and_feed(leg, media::Feed::Silence);
            }
            Wait::Ask(hook) => {
                let more = self.wait_parameters(leg);
                self.fetch_waiting(leg, hook, more);
            }
        }
    }

    /// False: it could not be answered and is gone.
    fn answer_and_feed(&mut self, leg: LegId, feed: media::Feed) -> bool {
        let is_there = self.answer_leg(leg, None);
        if is_there {
            self.feed(leg, feed);
        }
        is_there
    }

    /// `QueuePosition` and its companions.
    fn wait_parameters(&mut self, leg: LegId) -> Vec<Parameter> {
        let now = self.now.mono;
        let Some(queued) = self.queued(leg) else { return Vec::new() };
        let ((queue, place), waited) = (queued.at(), queued.waited(now));
        let seen = self.see_queue(Some(queue), Some(place));
        vec![
            ("QueuePosition".into(), seen.position.to_string()),
            ("QueueSid".into(), queue.to_string()),
            ("QueueTime".into(), waited.as_secs().to_string()),
            ("AvgQueueTime".into(), seen.average_s.to_string()),
            ("CurrentQueueSize".into(), seen.size.to_string()),
            ("MaxQueueSize".into(), seen.max_size.to_string()),
        ]
    }

    /// The same for a question that a document asks which is run for who waits.
    pub(crate) fn place_in_queue(&mut self, leg: LegId) -> Vec<Parameter> {
        let waits = self.queued(leg).is_some_and(Queued::is_waiting);
        if waits && self.runs_for_who_waits(leg) { self.wait_parameters(leg) } else { Vec::new() }
    }

    /// A document has come that is to be run for who waits.
    pub(crate) fn wait_begins(&mut self, leg: LegId) {
        let now = self.now.mono;
        if let Some(queued) = self.queued_mut(leg) {
            queued.came = now;
        }
    }

    /// The document of who waits in a queue is over. The leg stands at its `<Enqueue>` again.
    pub(crate) fn queue_heard(&mut self, leg: LegId, how: Waited) {
        let now = self.now.mono;
        let Some(queued) = self.queued(leg) else { return };
        let took = now.saturating_duration_since(queued.came);
        match queued.stage {
            Stage::Taken { by, .. } => return self.join_queued(by, leg),
            Stage::Talking { .. } => return,
            Stage::Waiting => {}
        }
        let pause = match how {
            Waited::Ended if took >= limit::WAIT_TOOK_TIME => {
                self.time_passes(leg);
                return self.hear_queue(leg);
            }
            Waited::Ended => limit::WAIT_AGAIN,
            Waited::Failed => limit::WAIT_FAILED,
        };
        if !self.answer_and_feed(leg, media::Feed::HoldMusic) {
            return;
        }
        let key = self.timers.set(self.after(pause), Due::Queue(leg));
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.timer = Some(key);
        }
    }

    /// Its document may be asked for again.
    pub(crate) fn handle_queue_due(&mut self, leg: LegId) {
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.timer = None;
        }
        self.time_passes(leg);
        self.hear_queue(leg);
    }

    /// Nothing is heard of the queue any more, whatever it was.
    pub(super) fn stop_hearing_queue(&mut self, leg: LegId) {
        let is_waiting = |run: &crate::run::Run| run.waiting_at().is_some();
        if self.leg(leg).and_then(|leg| leg.run.as_ref()).is_some_and(is_waiting) {
            self.clear_step(leg);
            self.stop_waiting(leg);
        }
        let run = self.leg_mut(leg).and_then(|leg| leg.run.as_mut());
        let mut timer = run.and_then(|run| run.timer.take());
        self.timers.cancel(&mut timer);
    }

    /// May the verb stand in the document that is run for who is in a queue? It is passed over if not.
    pub(crate) fn may_stand_in_queue(&mut self, leg: LegId, verb: &twiml::Verb) -> bool {
        let Some(queued) = self.queued(leg) else { return true };
        let is_taken = !queued.is_waiting();
        let is_fine = match verb {
            twiml::Verb::Play(_)
            | twiml::Verb::Press(_)
            | twiml::Verb::Say(_)
            | twiml::Verb::Pause(_)
            | twiml::Verb::Redirect(_)
            // What is not there is passed over anyhow, and told of.
            | twiml::Verb::Unbuilt(_) => true,
            twiml::Verb::Hangup(_) | twiml::Verb::Leave | twiml::Verb::Gather(_) => !is_taken,
            twiml::Verb::Dial(_)
            | twiml::Verb::Reject(_)
            | twiml::Verb::Refer(_)
            | twiml::Verb::Record(_)
            | twiml::Verb::Start(_)
            | twiml::Verb::Connect(_)
            | twiml::Verb::Stop(_)
            | twiml::Verb::Echo
            | twiml::Verb::Enqueue(_) => false,
        };
        if !is_fine {
            self.alert(91360, Some(leg), Detail::text(format!("<{}>.", verb_name(verb))));
        }
        is_fine
    }
}
