//! Who understands callers, as typed and as meant.
//!
//! Not here: understanding (`ears`).
//! Source: the configuration reference in docs/speech.md; the paths: Debian, `pocketsphinx-en-us`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::Reading;
use crate::config::unit::Engine;
use crate::config::{Endpoint, Language, Recognition, Token, file};
use crate::limit;

/// Where Debian puts the models.
const MODELS: &str = "/usr/share/pocketsphinx/model/en-us";

impl Default for Recognition {
    fn default() -> Self {
        Self {
            endpoint: None,
            program: PathBuf::from("pocketsphinx_continuous"),
            languages: vec![english()],
        }
    }
}

fn english() -> Language {
    let models = PathBuf::from(MODELS);
    Language {
        tag: "en-US".to_owned(),
        acoustic_model: models.join("en-us"),
        dictionary: models.join("cmudict-en-us.dict"),
        language_model: models.join("en-us.lm.bin"),
    }
}

impl Reading<'_> {
    pub(super) fn recognition(&mut self, typed: &file::Recognition) -> Recognition {
        let mut meant = Recognition { endpoint: self.endpoint(typed), ..Recognition::default() };
        if let Some(program) = &typed.program {
            meant.program = program.into();
        }
        if let Some(over) = typed.language.get(limit::LANGUAGES_MAX) {
            let text = format!("write at most {} languages", limit::LANGUAGES_MAX);
            self.problem(over.tag.span().start, "bad-value", text);
        }
        let mut seen = HashSet::new();
        let mut languages = Vec::new();
        for one in &typed.language {
            let (tag, offset) = (one.tag.get_ref(), one.tag.span().start);
            self.unique(&mut seen, tag.to_ascii_lowercase(), offset, "language");
            let is_tag = |tag: &str| {
                let mut parts = tag.split('-');
                parts
                    .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
            };
            if !is_tag(tag) {
                let text = "write a language tag such as \"de-DE\"".to_owned();
                self.problem(offset, "bad-value", text);
            }
            languages.push(Language {
                tag: tag.clone(),
                acoustic_model: (&one.acoustic_model).into(),
                dictionary: (&one.dictionary).into(),
                language_model: (&one.language_model).into(),
            });
        }
        // Ours stands behind: another model for it takes its place.
        let english = meant.languages.into_iter();
        let is_new = |ours: &Language| !seen.contains(&ours.tag.to_ascii_lowercase());
        languages.extend(english.filter(is_new));
        meant.languages = languages;
        meant
    }

    fn endpoint(&mut self, typed: &file::Recognition) -> Option<Endpoint> {
        let timeout = match &typed.timeout {
            Some(timeout) => self.period(timeout, (1, 15)),
            None => Duration::from_secs(10),
        };
        let api_key = typed.api_key.as_ref().map(|key| Token::new(self.secret(key)));
        match typed.engine.as_ref().map(|engine| engine.get_ref().0) {
            Some(Engine::OpenAi) => {}
            Some(Engine::PocketSphinx) | None => {
                if typed.url.is_some() {
                    let text = "recognition.url has no effect without engine = \"openai\"";
                    self.warnings.push(text.to_owned());
                }
                return None;
            }
        }
        let Some(url) = typed.url.as_ref().and_then(|url| Url::parse(&url.0.0).ok()) else {
            let offset = typed.engine.as_ref().map_or(0, |engine| engine.span().start);
            let text =
                "write url = \"https://…\": where its /v1/audio/transcriptions is".to_owned();
            self.problem(offset, "missing-key", text);
            return None;
        };
        let model = typed.model.clone().unwrap_or_else(|| "whisper-1".to_owned());
        Some(Endpoint { url, api_key, model, timeout })
    }
}
