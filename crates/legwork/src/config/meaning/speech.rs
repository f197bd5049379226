//! `[speech]`: from what was typed to who speaks.
//!
//! Not here: the keys (`file`), speaking (`crate::speech`).
//! Source: docs/voices.md.

use url::Url;

use super::Reading;
use crate::config::speech::{Openai, Speech, SpeechEngine};
use crate::config::{Token, file};
use crate::limit;

/// Where OpenAI's own path begins.
const PATH: &str = "v1/audio/speech";

impl Reading<'_> {
    pub(super) fn speech(&mut self, typed: &file::Speech) -> Speech {
        let engine = typed.engine.as_ref().map(|engine| (engine.get_ref().0, engine.span().start));
        let (engine, offset) = engine.unwrap_or_default();
        if engine == SpeechEngine::Espeak {
            if typed.url.is_some() {
                let text = "speech.url has no effect without speech.engine = \"openai\"";
                self.warnings.push(text.to_owned());
            }
            return Speech::default();
        }
        let Some(url) = typed.url.as_ref().and_then(|url| endpoint(&url.get_ref().0.0)) else {
            let text = "write url = \"http://…\", where /v1/audio/speech is".to_owned();
            self.problem(offset, "missing-key", text);
            return Speech::default();
        };
        if typed.voices.len() > limit::VOICES_MAX {
            let text = format!("at most {} voices", limit::VOICES_MAX);
            self.problem(offset, "bad-value", text);
        }
        let timeout = match &typed.timeout {
            Some(timeout) => self.period(timeout, (1, 60)),
            None => limit::SPEECH_ENDPOINT_TIMEOUT,
        };
        Speech {
            openai: Some(Openai {
                url,
                key: typed.api_key.as_ref().map(|key| Token::new(self.secret(key))),
                model: typed.model.clone().unwrap_or_else(|| "tts-1".to_owned()),
                format: typed.format.map(|format| format.0).unwrap_or_default(),
                timeout,
                voices: typed.voices.clone().into_iter().collect(),
            }),
        }
    }
}

/// The endpoint of a server; a URL that leads there already stays.
fn endpoint(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    if !url.path().ends_with("/audio/speech") {
        let base = url.path().trim_end_matches('/').trim_end_matches("/v1").to_owned();
        url.set_path(&format!("{base}/{PATH}"));
    }
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_an_endpoint_is() {
        let table = [
            ("http://a:8000", "http://a:8000/v1/audio/speech"),
            ("http://a:8000/", "http://a:8000/v1/audio/speech"),
            ("https://a/v1", "https://a/v1/audio/speech"),
            ("https://a/v1/", "https://a/v1/audio/speech"),
            ("https://a/tts/v1/audio/speech?x=1#y", "https://a/tts/v1/audio/speech?x=1"),
            ("https://a/tts", "https://a/tts/v1/audio/speech"),
        ];
        for (url, whole) in table {
            assert_eq!(endpoint(url).unwrap().as_str(), whole, "{url}");
        }
    }
}
