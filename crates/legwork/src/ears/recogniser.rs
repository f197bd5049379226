//! Who understands: the endpoint that is configured, then pocketsphinx; how many at a time, and for
//! how long.
//!
//! Not here: how (`sphinx`, `openai`).
//! Source: docs/speech.md.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use legwork_call::io::Recognition;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::{self, Language};
use crate::ears::openai::Transcriber;
use crate::ears::{DEGRADED, Deaf, Heard, RATE_HZ, UNKNOWN_LANGUAGE, loudness, profanity, sphinx};
use crate::limit;

/// A `transcriptionProvider` that wants nobody else to hear it.
const HERE: &str = "pocketsphinx";

/// Understands.
#[derive(Debug)]
pub(crate) struct Recogniser {
    settings: RwLock<Arc<config::Recognition>>,
    transcriber: Transcriber,
    /// Of pocketsphinx; each understands one caller.
    turns: Semaphore,
}

impl Recogniser {
    /// A recogniser of these settings.
    ///
    /// # Errors
    /// TLS can not be set up.
    pub(crate) fn new(settings: config::Recognition) -> Result<Self, rustls::Error> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            settings: RwLock::new(Arc::new(settings)),
            transcriber: Transcriber::new()?,
            turns: Semaphore::new(processors.min(limit::RECOGNISERS_MAX)),
        })
    }

    /// Takes new settings.
    pub(crate) fn reload(&self, settings: config::Recognition) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// The same as [`Self::understand`]. None: others wait, whose sound has ended.
    pub(crate) async fn understand_if_idle(
        &self,
        asked: &Recognition,
        sound: &[i16],
    ) -> Option<Result<Heard, Deaf>> {
        // Who is asked first; pocketsphinx may have to stand in.
        let is_here = asked.provider.eq_ignore_ascii_case(HERE);
        let is_idle = self.turns.available_permits() > 0 && (is_here || self.transcriber.is_idle());
        if is_idle { Some(self.understand(asked, sound).await) } else { None }
    }

    /// What is said in one channel of 16 kHz.
    ///
    /// # Errors
    /// Nobody can understand it.
    pub(crate) async fn understand(
        &self,
        asked: &Recognition,
        sound: &[i16],
    ) -> Result<Heard, Deaf> {
        if loudness::is_silent(sound) {
            return Ok(Heard::default());
        }
        let settings = Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner));
        let stays_here = asked.provider.eq_ignore_ascii_case(HERE);
        let heard = match settings.endpoint.as_ref().filter(|_| !stays_here) {
            None => self.locally(&settings, asked, sound).await,
            Some(endpoint) => match self.transcriber.transcribe(endpoint, asked, sound).await {
                Ok(heard) => Ok(heard),
                Err(why) => {
                    let host = endpoint.url.host_str().unwrap_or_default();
                    tracing::warn!(fault = "operator", host, %why, "no transcription: pocketsphinx is asked");
                    let heard = self.locally(&settings, asked, sound).await;
                    heard.map_err(|deaf| Deaf { text: format!("{why}; {}", deaf.text), ..deaf })
                }
            },
        };
        heard.map(|heard| finished(asked, heard))
    }

    async fn locally(
        &self,
        settings: &config::Recognition,
        asked: &Recognition,
        sound: &[i16],
    ) -> Result<Heard, Deaf> {
        let Some(language) = language(settings, &asked.language) else {
            let text = format!(
                "no model understands `{}`: write a [[recognition.language]] with one, or an endpoint that does",
                asked.language.escape_debug()
            );
            return Err(Deaf { code: UNKNOWN_LANGUAGE, text });
        };
        let Some(sound) = loudness::levelled(sound) else { return Ok(Heard::default()) };
        let length = Duration::from_secs((sound.bytes.len() / 2 / RATE_HZ) as u64);
        let patience = limit::RECOGNISER_TIMEOUT + length;
        let heard = timeout(patience, async {
            // Never closed.
            let _turn = self.turns.acquire().await;
            sphinx::understand(&settings.program, language, asked, &sound).await
        });
        match heard.await {
            Ok(Ok(heard)) => Ok(heard),
            Ok(Err(text)) => Err(Deaf { code: DEGRADED, text }),
            Err(_) => {
                let text = format!("nothing was understood in {} s", patience.as_secs());
                Err(Deaf { code: DEGRADED, text })
            }
        }
    }
}

/// The model of a language, or of the same one in another region.
fn language<'a>(settings: &'a config::Recognition, wanted: &str) -> Option<&'a Language> {
    let wanted = if wanted.is_empty() { "en-us" } else { wanted };
    let wanted = wanted.to_ascii_lowercase().replace('_', "-");
    let base = |tag: &str| tag.split('-').next().map(str::to_owned);
    let mut known = settings.languages.iter();
    let exact = known.clone().find(|known| known.tag.eq_ignore_ascii_case(&wanted));
    exact.or_else(|| known.find(|known| base(&known.tag.to_ascii_lowercase()) == base(&wanted)))
}

fn finished(asked: &Recognition, heard: Heard) -> Heard {
    let text: String = heard.text.chars().take(limit::UNDERSTOOD_MAX).collect();
    let text = if asked.profanity_filter { profanity::masked(&text) } else { text };
    let confidence = if text.is_empty() { 0 } else { heard.confidence.min(1_000) };
    Heard { text, confidence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_found_by_tag_then_by_language() {
        let of = |tag: &str| Language { tag: tag.to_owned(), ..Language::default() };
        let languages = vec![of("en-US"), of("de-DE"), of("de-AT")];
        let settings = config::Recognition { languages, ..config::Recognition::default() };
        let table = [
            ("", Some("en-US")),
            ("en-US", Some("en-US")),
            ("EN_us", Some("en-US")),
            ("en-GB", Some("en-US")),
            ("de-AT", Some("de-AT")),
            ("de-CH", Some("de-DE")),
            ("fr-FR", None),
            ("e", None),
        ];
        for (wanted, expected) in table {
            let found = language(&settings, wanted).map(|found| found.tag.as_str());
            assert_eq!(found, expected, "{wanted}");
        }
    }

    #[test]
    fn what_is_told_is_bounded_and_decent() {
        let asked = Recognition { profanity_filter: true, ..Recognition::default() };
        let long = Heard { text: "ü".repeat(limit::UNDERSTOOD_MAX + 1), confidence: 2_000 };
        let told = finished(&asked, long);
        assert_eq!((told.text.chars().count(), told.confidence), (limit::UNDERSTOOD_MAX, 1_000));
        let shit = Heard { text: "oh shit".to_owned(), confidence: 500 };
        assert_eq!(finished(&asked, shit.clone()).text, "oh s***");
        assert_eq!(finished(&Recognition::default(), shit.clone()), shit);
        let nothing = Heard { text: String::new(), confidence: 7 };
        assert_eq!(finished(&asked, nothing), Heard::default());
    }
}
