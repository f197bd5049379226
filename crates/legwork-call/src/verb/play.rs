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
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        let Some(run) = run else { return Flow::Waits };
        let url = match absolute(run.url.as_ref(), &play.url) {
            Ok(url) => url,
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Play>{}.", play.url)));
                return Flow::Next;
            }
        };
        self.prepare_source(leg, SourceRequest::Play { url }, play.times)
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
        let source = media::SourceId(self.next_id());
        let Some(of) = self.leg_mut(leg) else { return Flow::Waits };
        let account = of.account;
        if let Some(run) = &mut of.run {
            run.step = Step::Preparing { source, times };
            run.heard = true;
        }
        self.index.by_source.insert(source, leg);
        self.push(Output::Source { id: source, account, request });
        Flow::Waits
    }

    pub(crate) fn handle_source_ready(&mut self, source: media::SourceId) {
        let Some(&leg) = self.index.by_source.get(&source) else { return };
        self.current = Some(leg);
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        let Step::Preparing { source: awaited, times } = run.step else { return };
        if awaited == source {
            run.step = Step::Playing { source };
            run.in_a_row = 0;
            self.feed(leg, media::Feed::Source(source, times));
            self.trace(leg, What::Hears("audio of ours".into()));
        }
    }

    /// The audio can not be had: an alert, and the next verb.
    pub(crate) fn handle_source_failed(
        &mut self,
        source: media::SourceId,
        code: u32,
        text: String,
    ) {
        let Some(leg) = self.index.by_source.remove(&source) else { return };
        self.current = Some(leg);
        self.alert(code, Some(leg), Detail::text(text));
        self.next_verb(leg);
    }

    /// The audio is not all it should be: an alert, nothing more.
    pub(crate) fn handle_source_flawed(
        &mut self,
        source: media::SourceId,
        code: u32,
        text: String,
    ) {
        let Some(&leg) = self.index.by_source.get(&source) else { return };
        self.current = Some(leg);
        self.alert(code, Some(leg), Detail::text(text));
    }

    pub(crate) fn handle_played(&mut self, source: media::SourceId) {
        let Some(&leg) = self.index.by_source.get(&source) else { return };
        self.current = Some(leg);
        self.forget_source(source);
        self.feed(leg, media::Feed::Nothing);
        self.next_verb(leg);
    }

    pub(crate) fn forget_source(&mut self, source: media::SourceId) {
        self.index.by_source.remove(&source);
        self.push(Output::ForgetSource(source));
    }
}
