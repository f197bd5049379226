//! Transcription by any endpoint that speaks `POST /v1/audio/transcriptions`.
//!
//! Its URL is the operator's: it may be in our own network, unlike those of applications.
//! Not here: what happens when it fails (`recogniser`), connections (`fetch`).
//! Source: OpenAI API reference, "Create transcription"; RFC 7578 for the form.

use std::hash::{BuildHasher as _, RandomState};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::HeaderValue;
use legwork_call::io::Recognition;
use legwork_media::wav;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::Endpoint;
use crate::ears::{Heard, RATE_HZ};
use crate::fetch;
use crate::fetch::connector::Connector;
use crate::fetch::failure::Failure;
use crate::fetch::link::Reading;
use crate::limit;

/// Of an answer that does not say how sure it is, in thousandths.
const UNSAID: u16 = 900;
/// A segment is no speech when both say so. Source: the defaults of Whisper.
const NO_SPEECH: f32 = 0.6;
const UNLIKELY: f32 = -1.0;

/// Fields no document sets.
const OURS: [&str; 6] = ["model", "response_format", "language", "prompt", "file", "stream"];

/// Asks endpoints.
#[derive(Debug)]
pub(crate) struct Transcriber {
    connector: Connector,
    turns: Semaphore,
}

/// As much of an answer as we use.
#[derive(Debug, Deserialize)]
struct Answer {
    text: String,
    #[serde(default)]
    segments: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
struct Segment {
    #[serde(default)]
    text: String,
    avg_logprob: Option<f32>,
    no_speech_prob: Option<f32>,
}

impl Transcriber {
    /// Without connections.
    ///
    /// # Errors
    /// TLS can not be set up.
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        let connector = Connector::new(fetch::tls()?);
        connector.allow_private(true);
        Ok(Self { connector, turns: Semaphore::new(limit::TRANSCRIPTIONS_MAX) })
    }

    /// Another one would be asked at once.
    pub(crate) fn is_idle(&self) -> bool {
        self.turns.available_permits() > 0
    }

    /// Asks.
    ///
    /// # Errors
    /// Why there is no transcription.
    pub(crate) async fn transcribe(
        &self,
        endpoint: &Endpoint,
        asked: &Recognition,
        sound: &[i16],
    ) -> Result<Heard, String> {
        let answer = timeout(endpoint.timeout, async {
            // Never closed.
            let _turn = self.turns.acquire().await;
            self.ask(endpoint, asked, sound).await
        });
        let body = match answer.await {
            Ok(body) => body?,
            Err(_) => {
                return Err(format!("no transcription in {} s", endpoint.timeout.as_secs_f32()));
            }
        };
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|error| format!("the transcription is not the JSON it should be: {error}"))?;
        Ok(answer.heard())
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        asked: &Recognition,
        sound: &[i16],
    ) -> Result<Bytes, String> {
        let told = |failure: Failure| failure.text;
        let connected = self.connector.connect(&endpoint.url, limit::CONNECT_TIMEOUT);
        let mut link = connected.await.map_err(told)?;
        let request = request(endpoint, asked, sound).map_err(|error| error.to_string())?;
        let answer = link.send(request).await;
        let answer = answer.map_err(|error| told(Failure::of_head(&error)))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("the transcription was refused with status {}", status.as_u16()));
        }
        let mut body = answer.into_body();
        let mut reading = Reading::new(&body, limit::TRANSCRIPTION_MAX).map_err(told)?;
        loop {
            match link.next(&mut body).await {
                Ok(Some(data)) => reading.take(data).map_err(told)?,
                Ok(None) => return Ok(reading.whole()),
                Err(error) => return Err(told(Failure::of_body(&error))),
            }
        }
    }
}

impl Answer {
    /// What it says, and the mean probability of its words where it tells one.
    fn heard(self) -> Heard {
        let is_noise = |segment: &Segment| {
            segment.no_speech_prob.is_some_and(|none| none > NO_SPEECH)
                && segment.avg_logprob.is_some_and(|likely| likely < UNLIKELY)
        };
        let has_noise = self.segments.iter().any(is_noise);
        let speech: Vec<&Segment> = self.segments.iter().filter(|one| !is_noise(one)).collect();
        let text = if has_noise {
            speech.iter().map(|segment| segment.text.trim()).collect::<Vec<_>>().join(" ")
        } else {
            self.text.trim().to_owned()
        };
        if text.is_empty() {
            return Heard::default();
        }
        let weight = |segment: &Segment| segment.text.len().max(1) as f32;
        let sure = speech.iter().filter_map(|one| Some((weight(one), one.avg_logprob?.exp())));
        let (total, sum) = sure
            .fold((0.0, 0.0), |(total, sum), (weight, sure)| (total + weight, sum + weight * sure));
        let confidence = if total > 0.0 {
            // Saturates; NaN is 0.
            (sum / total * 1_000.0).clamp(0.0, 1_000.0).round() as u16
        } else {
            UNSAID
        };
        Heard { text, confidence }
    }
}

fn request(
    endpoint: &Endpoint,
    asked: &Recognition,
    sound: &[i16],
) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let seed = RandomState::new();
    let boundary = format!("legwork{:016x}{:016x}", seed.hash_one(1_u8), seed.hash_one(2_u8));
    let body = form(&boundary, endpoint, asked, sound);
    let url = &endpoint.url;
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let path = url.path().trim_end_matches('/').trim_end_matches("/v1");
    let mut request = Request::post(format!("{path}/v1/audio/transcriptions"))
        .header("Host", host)
        .header("User-Agent", concat!("legwork/", env!("CARGO_PKG_VERSION")))
        .header("Accept", "application/json")
        .header("Connection", "close")
        .header("Content-Type", format!("multipart/form-data; boundary={boundary}"))
        .header("Content-Length", body.len());
    if let Some(key) = &endpoint.api_key {
        let mut value = HeaderValue::from_bytes(&[b"Bearer ", key.expose()].concat())?;
        // Nobody prints it by chance.
        value.set_sensitive(true);
        request = request.header("Authorization", value);
    }
    request.body(Full::new(Bytes::from(body)))
}

/// `multipart/form-data`: settings first, sound last.
fn form(boundary: &str, endpoint: &Endpoint, asked: &Recognition, sound: &[i16]) -> Vec<u8> {
    let language = asked.language.split(['-', '_']).next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
    let language = is_language.then(|| language.to_ascii_lowercase());
    // Class tokens mean nothing there.
    let hints = asked.hints.split(',').map(str::trim).filter(|hint| !hint.contains('$'));
    let hints: Vec<&str> = hints.filter(|hint| !hint.is_empty()).take(limit::HINTS_MAX).collect();
    let hints: String = hints.join(", ").chars().take(limit::PROMPT_MAX).collect();
    let fields = [
        ("model", Some(endpoint.model.clone())),
        ("response_format", Some("verbose_json".to_owned())),
        ("language", language),
        ("prompt", Some(hints).filter(|hints| !hints.is_empty())),
    ];
    let mut form = Vec::with_capacity(sound.len() * 2 + 1_024);
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let more = asked.settings.iter().filter(|(name, _)| !OURS.contains(&name.as_str()));
    let more = more.map(|(name, value)| (name.as_str(), value.clone()));
    for (name, value) in fields.chain(more) {
        let field = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        form.extend_from_slice(field.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"audio.wav\"\r\n\
         Content-Type: audio/wav\r\n\r\n"
    );
    form.extend_from_slice(head.as_bytes());
    form.extend(wav::encode(RATE_HZ as u32, sound));
    form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_fields_but_for_ours() {
        let url = "http://127.0.0.1:9000".parse().unwrap();
        let timeout = std::time::Duration::from_secs(1);
        let endpoint = Endpoint { url, api_key: None, model: "whisper-1".to_owned(), timeout };
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = vec![setting("temperature", "0"), setting("model", "huge")];
        let asked = Recognition { settings, ..Recognition::default() };
        let form = form("b", &endpoint, &asked, &[]);
        let form = String::from_utf8_lossy(&form);
        assert!(form.contains("name=\"temperature\"\r\n\r\n0\r\n--b"), "{form}");
        assert!(form.contains("whisper-1") && !form.contains("huge"), "{form}");
    }

    #[test]
    fn answers_say_how_sure_they_are() {
        let table = [
            (r#"{"text": " Sales, please. "}"#, "Sales, please.", UNSAID),
            (r#"{"text": ""}"#, "", 0),
            (r#"{"text": "a", "segments": [{"text": "a", "avg_logprob": -0.1}]}"#, "a", 905),
            (r#"{"text": "a", "segments": [{"avg_logprob": -1e9}], "x": 1}"#, "a", 0),
            (r#"{"text": "a", "segments": [{"avg_logprob": 5}]}"#, "a", 1_000),
            (
                r#"{"text": "a Thank you.", "segments": [{"text": "a", "avg_logprob": 0.0},
                    {"text": " Thank you.", "avg_logprob": -1.5, "no_speech_prob": 0.9}]}"#,
                "a",
                1_000,
            ),
        ];
        for (json, text, confidence) in table {
            let answer: Answer = serde_json::from_str(json).unwrap();
            let expected = Heard { text: text.to_owned(), confidence };
            assert_eq!(answer.heard(), expected, "{json}");
        }
    }
}
