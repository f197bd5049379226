//! Speech by HTTP: `POST /v1/audio/speech`, as OpenAI's and many others answer it.
//!
//! Not here: who speaks when it fails (`speech`), decoding what comes (`decode`).
//! Source: OpenAI, API reference, "Create speech".

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response};
use tokio::sync::mpsc;
use tokio::time::{timeout, timeout_at};
use url::Url;

use crate::config::speech::{Format, Openai};
use crate::fetch::connector::Connector;
use crate::fetch::link::Link;
use crate::fetch::pool::Pool;
use crate::fetch::pour::Piece;
use crate::limit;
use crate::speech::decode::is_sound;
use crate::speech::voices::{Gender, Speaker};

/// Of raw samples.
const PCM_HZ: u32 = 24_000;

/// An endpoint, and how it has done.
#[derive(Debug)]
pub(crate) struct Endpoint {
    settings: Openai,
    connector: Connector,
    pool: Pool,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Endpoint {
    /// One that has never failed. To be called within a runtime.
    ///
    /// # Errors
    /// TLS can not be set up.
    pub(crate) fn new(settings: Openai) -> Result<Self, rustls::Error> {
        let connector = Connector::new(crate::fetch::tls()?);
        // Where it is, its operator has said.
        connector.allow_private(true);
        Ok(Self { settings, connector, pool: Pool::new(), health: Mutex::default() })
    }

    pub(crate) const fn settings(&self) -> &Openai {
        &self.settings
    }

    /// It did not fail too often of late.
    pub(crate) fn is_well(&self, now: Instant) -> bool {
        self.health().rests_until.is_none_or(|until| until <= now)
    }

    /// It spoke.
    pub(crate) fn succeeded(&self) {
        *self.health() = Health::default();
    }

    /// It did not. After some failures in a row it is left alone for a while; then one is enough.
    pub(crate) fn failed(&self, now: Instant) {
        let mut health = self.health();
        health.failures = health.failures.saturating_add(1);
        if health.failures >= limit::SPEECH_FAILURES_MAX {
            health.rests_until = Some(now + limit::SPEECH_REST);
        }
    }

    fn health(&self) -> std::sync::MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Speaks: a sound comes out while it comes in.
    ///
    /// # Errors
    /// Why it did not, or not to the end, for the alert.
    pub(crate) async fn speak(
        &self,
        voice: &str,
        speaker: &Speaker,
        text: &str,
        out: &mpsc::Sender<Piece>,
    ) -> Result<(), String> {
        let by = tokio::time::Instant::now() + self.settings.timeout;
        let asked = timeout_at(by, self.ask(voice, speaker, text)).await;
        let (mut link, response) = asked.map_err(|_| self.silent())??;
        let (head, mut body) = response.into_parts();
        if !head.status.is_success() {
            return Err(format!("the speech endpoint answered {}", head.status));
        }
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !is_sound(content_type) {
            let content_type = content_type.unwrap_or_default().escape_debug();
            return Err(format!("the speech endpoint answered with {content_type}"));
        }
        if self.settings.format == Format::Pcm {
            let head = Bytes::from(wav_head());
            if out.send(Piece::Bytes(head)).await.is_err() {
                return Ok(());
            }
        }
        let mut left = limit::SPEECH_BYTES_MAX;
        while !body.is_end_stream() {
            let piece = timeout(self.settings.timeout, link.next(&mut body)).await;
            let piece = piece.map_err(|_| self.silent())?;
            let Some(data) = piece.map_err(|error| format!("the speech endpoint: {error}"))? else {
                break;
            };
            left = left.checked_sub(data.len()).ok_or("the speech endpoint never stops")?;
            if out.send(Piece::Bytes(data)).await.is_err() {
                // Whoever decodes it has had enough, and says why.
                return Ok(());
            }
        }
        drop(body);
        self.pool.application(&self.settings.url).keep(link);
        Ok(())
    }

    async fn ask(
        &self,
        voice: &str,
        speaker: &Speaker,
        text: &str,
    ) -> Result<(Link, Response<Incoming>), String> {
        let application = self.pool.application(&self.settings.url);
        if let Some(mut link) = application.kept() {
            // One that has just been closed costs nothing but another.
            if let Ok(response) = link.send(self.request(voice, speaker, text)?).await {
                return Ok((link, response));
            }
        }
        let connected = self.connector.connect(&self.settings.url, self.settings.timeout).await;
        let mut link =
            connected.map_err(|failure| format!("the speech endpoint: {}", failure.text))?;
        let response = link.send(self.request(voice, speaker, text)?).await;
        Ok((link, response.map_err(|error| format!("the speech endpoint: {error}"))?))
    }

    fn request(
        &self,
        voice: &str,
        speaker: &Speaker,
        text: &str,
    ) -> Result<Request<Full<Bytes>>, String> {
        let Openai { url, key, model, format, .. } = &self.settings;
        let body = serde_json::json!({
            "model": model,
            "input": text,
            "voice": self.voice(voice, speaker),
            "response_format": format.name(),
        });
        let failed = |_| "[speech] can not be made a request".to_owned();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path(url))
            .header(HOST, host(url))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))
            .map_err(failed)?;
        if let Some(key) = key {
            let bearer = [b"Bearer ", key.expose()].concat();
            let mut value = HeaderValue::from_bytes(&bearer)
                .map_err(|_| "speech.api_key has characters that no header can have".to_owned())?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    /// By name, then by language and gender, then by gender.
    fn voice(&self, name: &str, speaker: &Speaker) -> &str {
        let gender = match speaker.gender {
            Gender::Man => "man",
            Gender::Woman => "woman",
        };
        let language = &speaker.language;
        let base = language.split('-').next().unwrap_or_default();
        let mut wanted = vec![
            format!("{language} {gender}"),
            format!("{base} {gender}"),
            name.to_owned(),
            gender.to_owned(),
        ];
        // Of those that have a language of their own.
        if name.contains('.') {
            wanted.insert(0, name.to_owned());
        }
        let voices = &self.settings.voices;
        let found = wanted.iter().find_map(|wanted| {
            voices.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, voice)| voice)
        });
        found.map_or_else(|| gender_default(speaker.gender), String::as_str)
    }

    fn silent(&self) -> String {
        self.silent_for(self.settings.timeout)
    }

    /// For the alert.
    pub(crate) fn silent_for(&self, time: Duration) -> String {
        format!("the speech endpoint was silent for {} s", time.as_secs_f32())
    }
}

/// Voices that OpenAI's own endpoint has.
const fn gender_default(gender: Gender) -> &'static str {
    match gender {
        Gender::Man => "onyx",
        Gender::Woman => "nova",
    }
}

fn path(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The head of a WAV file of unknown length.
fn wav_head() -> Vec<u8> {
    let mut head = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    head.extend(PCM_HZ.to_le_bytes());
    head.extend((2 * PCM_HZ).to_le_bytes());
    head.extend(b"\x02\0\x10\0data\xff\xff\xff\xff");
    head
}

/// How long so many characters may sound, at most.
pub(crate) fn longest(characters: usize) -> Duration {
    let each = limit::SPEECH_PER_CHARACTER;
    limit::SPEECH_BESIDE + each * u32::try_from(characters).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(voices: &[(&str, &str)]) -> Endpoint {
        let voices = voices.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Endpoint::new(Openai {
            url: Url::parse("http://127.0.0.1:9/v1/audio/speech").unwrap(),
            key: None,
            model: "m".to_owned(),
            format: Format::Wav,
            timeout: Duration::from_secs(1),
            voices,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn voices_by_name_language_and_gender() {
        let some =
            [("Polly.Joanna", "ann"), ("de-DE woman", "eva"), ("de man", "udo"), ("man", "joe")];
        let endpoint = endpoint(&some);
        let table = [
            ("polly.joanna", "", "ann"),
            ("woman", "de-DE", "eva"),
            ("woman", "de-AT", "nova"),
            ("man", "de-AT", "udo"),
            ("man", "en-US", "joe"),
        ];
        for (name, language, expected) in table {
            let (speaker, _) = crate::speech::voices::find(name, language);
            assert_eq!(endpoint.voice(name, &speaker), expected, "{name} {language}");
        }
    }

    #[tokio::test]
    async fn who_fails_often_rests() {
        let endpoint = endpoint(&[]);
        let now = Instant::now();
        for _ in 0..limit::SPEECH_FAILURES_MAX {
            assert!(endpoint.is_well(now));
            endpoint.failed(now);
        }
        assert!(!endpoint.is_well(now));
        let later = now + limit::SPEECH_REST;
        assert!(endpoint.is_well(later));
        endpoint.failed(later);
        assert!(!endpoint.is_well(later), "one more is enough");
        endpoint.succeeded();
        endpoint.failed(later);
        assert!(endpoint.is_well(later));
    }
}
