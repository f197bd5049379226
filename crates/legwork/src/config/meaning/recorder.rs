//! What is meant by `[[recorder]]`.
//!
//! Not here: its keys (`file`), what the switch does with it (`legwork-call`, `siprec`).
//! Source: the configuration reference in the README.

use std::collections::HashSet;
use std::sync::Arc;

use legwork_call::config::Recorder;
use legwork_call::limit::RECORDERS_MAX;
use legwork_sip::digest::Credentials;

use super::trunk::wants_tls;
use super::{Owners, Reading};
use crate::config::file;

impl Reading<'_> {
    pub(super) fn recorders(
        &mut self,
        owners: &Owners,
        typed: &[file::Recorder],
    ) -> Vec<Arc<Recorder>> {
        if let Some(last) = typed.get(RECORDERS_MAX) {
            let text = format!("write at most {RECORDERS_MAX} recorders");
            self.problem(last.name.span().start, "bad-value", text);
        }
        let mut seen = HashSet::new();
        let mut recorders = Vec::new();
        for recorder in typed {
            let (name, offset) = (recorder.name.get_ref(), recorder.name.span().start);
            let account = self.owner(owners, recorder.account.as_ref(), offset);
            if name.is_empty() {
                let text = "a recorder has a name: `connectorName` of <Siprec>".to_owned();
                self.problem(offset, "bad-value", text);
            }
            self.unique(&mut seen, (account, name.clone()), offset, "recorder");
            if wants_tls(&recorder.uri.0.0) {
                let text = "asks for TLS, which is not built yet: it is not reached";
                self.warnings.push(format!("recorder {name}: uri {text}"));
            }
            recorders.push(Arc::new(Recorder {
                account,
                name: name.clone(),
                uri: recorder.uri.0.0.clone(),
                credentials: self.recorder_credentials(recorder),
            }));
        }
        recorders
    }

    fn recorder_credentials(&mut self, recorder: &file::Recorder) -> Option<Arc<Credentials>> {
        let password = recorder.password.as_ref().map(|password| self.secret(password));
        match (&recorder.username, password) {
            (Some(username), Some(password)) => {
                let username = self.name_there(username);
                Some(Arc::new(Credentials { username, password, realm: None }))
            }
            (Some(username), None) => {
                let text = "a username needs a password".to_owned();
                self.problem(username.span().start, "missing-key", text);
                None
            }
            (None, Some(_)) => {
                let offset = recorder.password.as_ref().map_or(0, |secret| secret.span().start);
                let text = "a password needs a username".to_owned();
                self.problem(offset, "missing-key", text);
                None
            }
            (None, None) => None,
        }
    }
}
