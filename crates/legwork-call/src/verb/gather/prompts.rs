//! What is said and played in a `<Gather>`: one prompt after the other, until something comes.
//!
//! Not here: asking for audio (`verb/play`), what comes (`verb/gather`).
//! Source: Twilio, "TwiML Voice: Gather", nested verbs and `bargeIn`.

use legwork_media as media;
use legwork_twiml as twiml;

use super::{At, Came};
use crate::calls::Calls;
use crate::io::SourceRequest;
use crate::leg::LegId;
use crate::limit;
use crate::verb::say::spoken;

impl Calls {
    /// The next prompt, or there is none: then input is waited for.
    pub(crate) fn next_prompt(&mut self, leg: LegId) {
        loop {
            let Some(gathering) = self.gathering_mut(leg) else { return };
            let Some(prompt) = gathering.prompts.pop_front() else {
                return self.prompts_over(leg);
            };
            match prompt {
                twiml::Prompt::Say(say) if say.ssml.trim().is_empty() => {
                    return self.pause_prompts(leg, twiml::Pause { length: limit::EMPTY_SAY });
                }
                twiml::Prompt::Say(say) => {
                    let (request, times) = spoken(say);
                    return self.prepare_prompt(leg, request, times);
                }
                twiml::Prompt::Play(play) => {
                    if let Some(request) = self.file_of(leg, &play) {
                        return self.prepare_prompt(leg, request, play.times);
                    }
                }
                twiml::Prompt::Pause(pause) => return self.pause_prompts(leg, pause),
            }
        }
    }

    fn prepare_prompt(&mut self, leg: LegId, request: SourceRequest, times: u32) {
        let source = self.ask_source(leg, request);
        if let Some(gathering) = self.gathering_mut(leg) {
            gathering.at = At::Preparing { source, times };
        }
    }

    fn pause_prompts(&mut self, leg: LegId, pause: twiml::Pause) {
        if let Some(gathering) = self.gathering_mut(leg) {
            gathering.at = At::Pausing;
        }
        self.feed(leg, media::Feed::Silence);
        self.set_gather_timer(leg, pause.length);
    }

    /// All has been heard: `timeout` begins; or it is over, by keys that did not interrupt.
    fn prompts_over(&mut self, leg: LegId) {
        let Some(gathering) = self.gathering_mut(leg) else { return };
        gathering.at = At::Waiting;
        let (has_keys, has_all) = (gathering.has_keys(), gathering.has_all_keys());
        if has_all {
            return self.end_gather(leg, Came::Keys);
        }
        if !has_keys {
            self.open_ear(leg);
        }
        self.await_input(leg);
    }

    /// Something came: what is being heard is cut off, and nothing else follows.
    pub(super) fn stop_prompts(&mut self, leg: LegId) {
        let Some(gathering) = self.gathering_mut(leg).filter(|it| it.is_prompting()) else {
            return;
        };
        let source = gathering.source();
        gathering.prompts.clear();
        gathering.at = At::Waiting;
        if let Some(source) = source {
            self.feed(leg, media::Feed::Silence);
            self.forget_source(source);
        }
    }
}
