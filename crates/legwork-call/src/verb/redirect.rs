//! `<Redirect>`: another document takes over.
//!
//! Source: Twilio, "TwiML Voice: Redirect". An empty URL is the current document.

use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::leg::LegId;
use crate::run::{Failure, Flow, Why, absolute};

impl Calls {
    pub(crate) fn run_redirect(&mut self, leg: LegId, redirect: twiml::Redirect) -> Flow {
        if self.goes_in_circles(leg) {
            self.pause_waiting(leg, twiml::Verb::Redirect(redirect));
            return Flow::Waits;
        }
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref());
        let Some(run) = run else { return Flow::Waits };
        match absolute(run.url.as_ref(), &redirect.url) {
            Ok(url) => {
                let hook = Hook { url, method: redirect.method };
                self.fetch_document(leg, hook, Why::Redirect, Vec::new());
            }
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Redirect>{}.", redirect.url)));
                self.document_failed(leg, Failure { code, url: redirect.url });
            }
        }
        Flow::Waits
    }
}
