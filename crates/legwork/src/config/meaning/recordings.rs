//! What is meant by `[recordings]`.
//!
//! Not here: its keys (`file`), recordings themselves (crate `legwork`, `recording`).
//! Source: the configuration reference in the README.

use std::path::Path;

use super::{DATA_DIR, RECORDINGS, Reading};
use crate::config::file::{self, File};
use crate::config::{Bucket, Recordings, Token};
use crate::limit;

/// Where buckets of AWS are, if nothing is said.
const REGION: &str = "us-east-1";

impl Reading<'_> {
    pub(super) fn recordings(&mut self, file: &File) -> Recordings {
        let typed = &file.recordings;
        let data_dir = file.server.data_dir.as_ref();
        if let Some(empty) = data_dir.filter(|folder| folder.get_ref().is_empty()) {
            let text = "write the path of a folder".to_owned();
            self.problem(empty.span().start, "bad-value", text);
        }
        let data_dir = data_dir.map_or(DATA_DIR, |folder| folder.get_ref().as_str());
        let at_once = typed.at_once.as_ref();
        Recordings {
            folder: Path::new(data_dir).join(RECORDINGS),
            public: typed.public,
            at_once: at_once.map_or(limit::AUDIO_AT_ONCE, |most| {
                self.range(most, (1, limit::AUDIO_AT_ONCE_MAX))
            }),
            free_space: typed.free_space.map_or(limit::FREE_SPACE, |size| size.0.0),
            store: self.bucket(typed),
        }
    }

    fn bucket(&mut self, typed: &file::Recordings) -> Option<Bucket> {
        let Some(store) = &typed.store else {
            let keys = [("access_key", &typed.access_key), ("secret_key", &typed.secret_key)];
            for (key, secret) in keys {
                if let Some(secret) = secret {
                    let text = format!("{key} needs a store");
                    self.problem(secret.span().start, "missing-key", text);
                }
            }
            return None;
        };
        let (Some(access_key), Some(secret_key)) = (&typed.access_key, &typed.secret_key) else {
            let text = "a store needs access_key and secret_key".to_owned();
            self.problem(store.span().start, "missing-key", text);
            return None;
        };
        Some(Bucket {
            url: store.get_ref().0.clone(),
            endpoint: typed.endpoint.as_ref().map(|url| url.0.0.trim_end_matches('/').to_owned()),
            region: typed.region.clone().unwrap_or_else(|| REGION.to_owned()),
            access_key: self.secret(access_key),
            password: Token::new(self.secret(secret_key)),
            keep_local: typed.keep_local,
        })
    }
}
