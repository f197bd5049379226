//! Applications that can be dialled, as typed and as meant.
//!
//! Not here: those of domains and numbers (`meaning`).
//! Source: the configuration reference in the README; the form of SIDs: Twilio, "Applications".

use std::collections::HashSet;

use legwork_call::config::{Application, TwimlApp};

use super::{Owners, Reading, hook};
use crate::config::file;

impl Reading<'_> {
    pub(super) fn applications(
        &mut self,
        owners: &Owners,
        typed: &[file::Application],
    ) -> Vec<TwimlApp> {
        let mut seen = HashSet::new();
        let mut applications = Vec::new();
        for one in typed {
            let (sid, offset) = (one.sid.get_ref(), one.sid.span().start);
            self.unique(&mut seen, sid.clone(), offset, "application");
            if !is_sid(sid) {
                let text = "write AP and 32 lower-case hexadecimal digits".to_owned();
                self.problem(offset, "bad-value", text);
            }
            applications.push(TwimlApp {
                account: self.owner(owners, one.account.as_ref(), offset),
                sid: sid.clone(),
                application: Application {
                    voice: hook(Some(&one.voice_url), one.voice_method),
                    fallback: hook(one.voice_fallback_url.as_ref(), one.voice_fallback_method),
                    status: hook(one.status_callback.as_ref(), one.status_callback_method),
                },
            });
        }
        applications
    }
}

fn is_sid(text: &str) -> bool {
    let digits = text.strip_prefix("AP").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
