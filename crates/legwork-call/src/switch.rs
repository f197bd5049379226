//! The face of the crate: one value that owns every call.
//!
//! Contract (as in quinn-proto and str0m): after every `handle`, drain `poll_output`, then ask
//! `poll_timeout` when a `Tick` is due.
//! Not here: any decision about a call (`calls` names the modules).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use legwork_media as media;

use crate::calls::Calls;
use crate::config::Config;
use crate::io::{Input, Now, Output};
use crate::keys::By;
use crate::timer::Due;

/// All calls and what joins them.
#[derive(Debug)]
pub struct Switch {
    pub(crate) calls: Calls,
}

impl Switch {
    /// A switch without calls. The same seed and inputs give the same outputs.
    pub fn new(now: Now, config: Config, seed: u64) -> Self {
        Self { calls: Calls::new(config, now, seed) }
    }

    /// Something happened.
    ///
    /// A bug that panics on the way ends the conversation it happened in, and nothing else: what that
    /// step had pushed is thrown away, its legs are let go, an alert tells of it.
    pub fn handle(&mut self, now: Now, input: Input) {
        let before = self.calls.out.len();
        self.calls.now = now;
        self.calls.current = None;
        let step = catch_unwind(AssertUnwindSafe(|| self.calls.handle(input)));
        if step.is_err() {
            self.calls.out.truncate(before);
            self.calls.drop_group();
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.calls.out.pop_front()
    }

    /// When a `Tick` is due next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.calls.next_deadline()
    }
}

impl Calls {
    fn next_deadline(&self) -> Option<Instant> {
        let sip = self.endpoint.poll_timeout();
        let ours = self.timers.next();
        let bindings = self.registrar.next_deadline();
        [sip, ours, bindings].into_iter().flatten().min()
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Message { flow, bytes } => {
                self.endpoint.handle_message(self.now.mono, flow, bytes);
            }
            Input::FlowFailed(flow) => {
                self.registrar.flow_closed(flow);
                self.endpoint.handle_flow_failed(self.now.mono, flow);
            }
            Input::Resolved { id, targets } => {
                if !self.trunk_resolved(id, &targets) && !self.siprec_resolved(id, &targets) {
                    self.handle_resolved(id, &targets);
                }
            }
            Input::Fetched { id, result } => self.handle_fetched(id, result),
            Input::SourceReady { id } => self.handle_source_ready(id),
            Input::SourceFailed { id, code, text } => self.handle_source_failed(id, code, text),
            Input::SourceFlawed { id, code, text } => self.handle_source_flawed(id, code, text),
            Input::Tapped { tap, tapped } => self.handle_tapped(tap, tapped),
            Input::Media { media, event } => self.handle_media(media, event),
            Input::Room { room, event } => self.handle_room(room, event),
            Input::Relayed { id, event } => self.handle_relayed(id, event),
            Input::Ports { thread, ports } => self.ports.add(thread, ports),
            Input::Command { id, command } => self.handle_command(id, command),
            Input::Reload(config) => {
                self.config = (*config).into();
                self.keep_trunks();
            }
            Input::Drain => {
                self.draining = true;
                self.unregister_trunks();
            }
            Input::Tick => self.handle_tick(),
        }
        self.drain_events();
    }

    fn handle_tick(&mut self) {
        let now = self.now.mono;
        // A recording tells the deadlines of one call from those of another.
        let alone = if self.noted.is_wanted() { self.next_deadline() } else { None };
        let until = alone.map_or(now, |first| first.min(now));
        self.registrar.expire(until);
        self.endpoint.handle_due(now, until);
        self.drain_events();
        while let Some((key, due)) = self.timers.pop(until) {
            match due {
                Due::PauseOver(leg) => self.handle_pause_over(leg),
                Due::DialTimeout(leg) => self.handle_dial_timeout(leg),
                Due::CallTimeout(leg) => self.handle_call_timeout(leg),
                Due::Answerer(leg) => self.handle_answerer_late(leg),
                Due::CallLimit(leg) => self.handle_call_limit(leg),
                Due::TargetPatience(leg) => self.handle_target_patience(leg),
                Due::TimeLimit(leg) => self.handle_time_limit(leg, key),
                Due::ApplicationLimit(leg, call) => self.handle_application_limit(leg, call),
                Due::TransferPending(transfer) => self.handle_transfer_pending(transfer),
                Due::Release(leg) => self.release_now(leg),
                Due::ReferSilence(leg) => self.handle_refer_silence(leg),
                Due::Message(leg) => self.handle_message_due(leg),
                Due::Recorder(tap) => self.handle_recorder_silence(tap),
                Due::Gather(leg) => self.handle_gather_due(leg),
                Due::Transcription(leg) => self.handle_transcription_silence(leg, key),
                Due::Siprec(leg) => self.handle_siprec_silence(leg, key),
                Due::Info(leg) => self.handle_info_alone(leg),
                Due::Queue(leg) => self.handle_queue_due(leg),
                Due::Goodbye(leg) => self.handle_goodbye_due(leg),
                Due::Trunk(of) => self.handle_trunk_due(of),
            }
        }
    }

    fn handle_media(&mut self, media: media::MediaId, event: media::Event) {
        match event {
            media::Event::Closed => self.ports.give_back(media),
            media::Event::Digit(digit) => {
                if let Some(&leg) = self.index.by_media.get(&media) {
                    self.current = Some(leg);
                    #[cfg(test)]
                    assert!(!std::mem::take(&mut self.broken), "ordered");
                    self.key_pressed(leg, digit, By::Sound);
                }
            }
            media::Event::DigitsSent => {
                if let Some(&leg) = self.index.by_media.get(&media) {
                    self.current = Some(leg);
                    self.handle_digits_sent(leg);
                }
            }
            // Everybody's: who hears it, not what it is, says whose it was.
            media::Event::Played(media::SourceId::BEEP) => {
                if let Some(&leg) = self.index.by_media.get(&media) {
                    self.current = Some(leg);
                    self.handle_beeped(leg);
                }
            }
            media::Event::Played(source) => self.handle_played(source),
            media::Event::Voice(speaks) => {
                if let Some(&leg) = self.index.by_media.get(&media) {
                    self.current = Some(leg);
                    self.handle_voice(leg, speaks);
                }
            }
            media::Event::Answerer(answerer) => {
                if let Some(&leg) = self.index.by_media.get(&media) {
                    self.current = Some(leg);
                    self.handle_answerer(leg, answerer);
                }
            }
        }
    }
}
