//! `<Play>`: a file. And what it shares with `<Say>`: audio is asked for, awaited, played, forgotten.
//!
//! Not here: fetching and decoding (crate `legwork`), sending (`legwork-media`).
//! Source: Twilio, "TwiML Voice: Play".

use legwork_media as media;
use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::io::{Output, SourceRequest};
use crate::ladder::What;
use crate::leg::LegId;
use crate::run::{Flow, Step, absolute};

impl Calls {
    pub(crate) fn run_play(&mut self, leg: LegId, play: twiml::Play) -> Flow {
        match self.file_of(leg, &play) {
            Some(request) => self.prepare_source(leg, request, play.times),
            None => Flow::Next,
        }
    }

    /// The file to ask for; none, and an alert: that is no URL.
    pub(crate) fn file_of(&mut self, leg: LegId, play: &twiml::Play) -> Option<SourceRequest> {
        let run = self.leg(leg)?.run.as_ref()?;
        match absolute(run.url.as_ref(), &play.url) {
            Ok(url) => Some(SourceRequest::Play { url }),
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Play>{}.", play.url)));
                None
            }
        }
    }

    /// Answers the call if need be and asks for audio.
    pub(crate) fn prepare_source(
        &mut self,
        leg: LegId,
        request: SourceRequest,
        times: u32,
    ) -> Flow {
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        let source = self.ask_source(leg, request);
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.step = Step::Preparing { source, times };
            run.heard = true;
        }
        Flow::Waits
    }

    /// Asks for audio.
    pub(crate) fn ask_source(&mut self, leg: LegId, request: SourceRequest) -> media::SourceId {
        let id = media::SourceId(self.next_id());
        let Some(account) = self.leg(leg).map(|leg| leg.account) else { return id };
        self.index.by_source.insert(id, leg);
        self.push(Output::Source { id, account, request });
        id
    }

    pub(crate) fn handle_source_ready(&mut self, source: media::SourceId) {
        if self.announcement_ready(source) {
            return;
        }
        let Some(&leg) = self.index.by_source.get(&source) else { return };
        self.current = Some(leg);
        if self.relay_source_ready(leg, source) {
            return;
        }
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let times = match &mut run.step {
            Step::Preparing { source: awaited, times } if *awaited == source => {
                let times = *times;
                run.step = Step::Playing { source };
                times
            }
            Step::Gathering(gathering) => match gathering.play(source) {
                Some(times) => times,
                None => return,
            },
            Step::Ready
            | Step::Fetching { .. }
            | Step::Preparing { .. }
            | Step::Playing { .. }
            | Step::Pressing(_)
            | Step::Pausing
            | Step::Dialling(_)
            | Step::Referring(_)
            | Step::Recording(_)
            | Step::Connected(_)
            | Step::Queued(_)
            | Step::Echoing
            | Step::Conferring(_) => return,
        };
        run.in_a_row = 0;
        self.conference_document_heard(leg);
        self.feed(leg, media::Feed::Source(source, times));
        self.trace(leg, What::Hears("audio of ours".into()));
    }

    /// The audio can not be had: an alert, and the next verb.
    pub(crate) fn handle_source_failed(
        &mut self,
        source: media::SourceId,
        code: u32,
        text: String,
    ) {
        if self.announcement_missing(source, code, &text) {
            return;
        }
        let Some(leg) = self.index.by_source.remove(&source) else { return };
        self.current = Some(leg);
        let gathers = self.gathers(leg);
        let code = if gathers && code == 13420 { 13325 } else { code };
        self.alert(code, Some(leg), Detail::text(text));
        if gathers {
            return self.next_prompt(leg);
        }
        if self.relay_source_failed(leg, source) {
            return;
        }
        self.next_verb(leg);
    }

    /// The audio is not all it should be: an alert, nothing more.
    pub(crate) fn handle_source_flawed(
        &mut self,
        source: media::SourceId,
        code: u32,
        text: String,
    ) {
        if self.announcement_flawed(source, code, &text) {
            return;
        }
        let Some(&leg) = self.index.by_source.get(&source) else { return };
        self.current = Some(leg);
        self.alert(code, Some(leg), Detail::text(text));
    }

    pub(crate) fn handle_played(&mut self, source: media::SourceId) {
        let Some(&leg) = self.index.by_source.get(&source) else { return };
        self.current = Some(leg);
        if self.relay_played(leg, source) {
            return;
        }
        self.forget_source(source);
        self.feed(leg, media::Feed::Nothing);
        if self.gathers(leg) {
            return self.next_prompt(leg);
        }
        self.next_verb(leg);
    }

    pub(crate) fn forget_source(&mut self, source: media::SourceId) {
        self.index.by_source.remove(&source);
        self.push(Output::ForgetSource(source));
    }
}
