//! `url` of `<Application>`: asked on behalf of the application that is called, before it takes the call.
//!
//! There is nobody to hear it, so nothing in it takes time: `<Hangup>` and `<Reject>` decline the call,
//! `<Redirect>` leads to another document, the rest is passed over. Until then the application's own
//! document is held, and its call rings.
//! Not here: documents that screen who picks up a phone (`dial/screen`).
//! Source: Twilio, "TwiML Voice: Application"; "Number", `url`; no `<Dial>` there (13201).

use legwork_twiml as twiml;
use url::Url;

use super::ApplicationCall;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::Document;
use crate::leg::{CallStatus, LegId};
use crate::limit;
use crate::nested::Above;
use crate::run::{Why, absolute};

/// What a document says of the call.
enum Verdict {
    Takes,
    Declines,
    LeadsTo(twiml::Redirect),
}

impl Calls {
    /// A document has come for the leg: it, or that of a called application which has now been let. None: not
    /// yet, or it does not take the call.
    pub(crate) fn let_through(&mut self, leg: LegId, document: Document) -> Option<Document> {
        let Some(call) = self.ringing_application(leg) else { return Some(document) };
        if let Some(hook) = call.screen.take() {
            call.held = Some(Box::new(document));
            self.fetch_document(leg, hook, Why::Screen, Vec::new());
            return None;
        }
        let Some(held) = call.held.take() else { return Some(document) };
        match self.verdict(leg, &document) {
            Verdict::Takes => return Some(*held),
            Verdict::Declines => {
                self.application_over(leg, CallStatus::Completed);
            }
            Verdict::LeadsTo(redirect) => {
                if let Some(call) = self.ringing_application(leg) {
                    call.held = Some(held);
                }
                self.screen_elsewhere(leg, &document.url, &redirect);
            }
        }
        None
    }

    /// The document that could not be had was one that screens: who is to be screened is not joined without.
    pub(crate) fn screening_failed(&mut self, leg: LegId) -> bool {
        let is_held = self.ringing_application(leg).is_some_and(|call| call.held.is_some());
        is_held && self.application_over(leg, CallStatus::Failed)
    }

    fn verdict(&mut self, leg: LegId, document: &Document) -> Verdict {
        for verb in &document.program.verbs {
            match verb {
                twiml::Verb::Hangup(_) | twiml::Verb::Reject(_) => return Verdict::Declines,
                twiml::Verb::Redirect(redirect) => return Verdict::LeadsTo(redirect.clone()),
                twiml::Verb::Dial(_) | twiml::Verb::Enqueue(_) => {
                    self.alert(13201, Some(leg), Detail::none());
                }
                twiml::Verb::Say(_)
                | twiml::Verb::Play(_)
                | twiml::Verb::Press(_)
                | twiml::Verb::Pause(_)
                | twiml::Verb::Refer(_)
                | twiml::Verb::Record(_)
                | twiml::Verb::Start(_)
                | twiml::Verb::Echo
                | twiml::Verb::Gather(_)
                | twiml::Verb::Connect(_)
                | twiml::Verb::Stop(_)
                | twiml::Verb::Unbuilt(_)
                | twiml::Verb::Leave => {}
            }
        }
        Verdict::Takes
    }

    fn screen_elsewhere(&mut self, leg: LegId, base: &str, redirect: &twiml::Redirect) {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        run.in_a_row += 1;
        if run.in_a_row > limit::DOCUMENTS_IN_A_ROW_MAX {
            // The caller is not lost: to him all of them are one document, or his own would never end.
            run.in_a_row = run.outer.as_ref().map_or(0, |outer| outer.run.in_a_row) + 1;
            self.alert(11215, Some(leg), Detail::none());
            self.application_over(leg, CallStatus::Failed);
            return;
        }
        match absolute(Url::parse(base).ok().as_ref(), &redirect.url) {
            Ok(url) => {
                let hook = Hook { url, method: redirect.method };
                self.fetch_document(leg, hook, Why::Screen, Vec::new());
            }
            Err(code) => {
                let text = format!("<Redirect>{}.", redirect.url);
                self.alert(code, Some(leg), Detail::text(text));
                self.application_over(leg, CallStatus::Failed);
            }
        }
    }

    /// The call on top, if it is one of an application that has not answered.
    fn ringing_application(&mut self, leg: LegId) -> Option<&mut ApplicationCall> {
        let run = self.leg_mut(leg)?.run.as_mut()?;
        match &mut run.outer.as_deref_mut()?.above {
            Above::Application(call) => {
                Some(call).filter(|call| !call.is_answered()).map(AsMut::as_mut)
            }
            Above::Waiting => None,
        }
    }
}
