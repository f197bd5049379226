//! What is meant by `[[stream]]`.
//!
//! Not here: its keys (`file`), what the switch does with it (`legwork-call`, `stream`).
//! Source: the configuration reference in the README.

use std::collections::HashSet;

use legwork_call::config::StreamConnector;
use legwork_call::limit::STREAM_CONNECTORS_MAX;

use super::{Owners, Reading};
use crate::config::file;

impl Reading<'_> {
    pub(super) fn streams(
        &mut self,
        owners: &Owners,
        typed: &[file::Stream],
        http: &file::Http,
    ) -> Vec<StreamConnector> {
        if let Some(last) = typed.get(STREAM_CONNECTORS_MAX) {
            let text = format!("write at most {STREAM_CONNECTORS_MAX} streams");
            self.problem(last.name.span().start, "bad-value", text);
        }
        let mut seen = HashSet::new();
        let mut streams = Vec::new();
        for stream in typed {
            let (name, offset) = (stream.name.get_ref(), stream.name.span().start);
            let account = self.owner(owners, stream.account.as_ref(), offset);
            if name.is_empty() {
                let text = "a stream has a name: `connectorName` of <Stream>".to_owned();
                self.problem(offset, "bad-value", text);
            }
            self.unique(&mut seen, (account, name.clone()), offset, "stream");
            let url = stream.url.0.0.clone();
            if url.starts_with("ws:") && !http.allow_private_webhooks {
                let text = format!("stream {name}: ws:// needs http.allow_private_webhooks");
                self.warnings.push(text);
            }
            streams.push(StreamConnector { account, name: name.clone(), url });
        }
        streams
    }
}
