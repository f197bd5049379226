//! One request of ours and its way through retries, redirects and challenges to an answer.
//!
//! Not here: what the answer means (`content`), time in all (`fetch`).
//! Source: RFC 9110 §15; Twilio, "Webhooks", and error codes 112xx, 11750, 11770, 12300.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, HeaderMap, TRANSFER_ENCODING,
};
use hyper::http::response;
use hyper::{Method, Response, StatusCode};
use legwork_call::bare_url;
use legwork_call::sid::{AccountSid, CallSid};
use legwork_sip::digest::Challenge;
use legwork_twiml as twiml;
use tokio::time::timeout;
use url::Url;

use crate::config::Token;
use crate::fetch::cache::{Cache, Kept};
use crate::fetch::connector::Connector;
use crate::fetch::content::{INVALID_CONTENT_TYPE, Kind};
use crate::fetch::cookies::Jars;
use crate::fetch::credentials;
use crate::fetch::failure::{Cause, Failure};
use crate::fetch::link::{Link, Reading};
use crate::fetch::marks::{Marks, Numbers};
use crate::fetch::overrides::Overrides;
use crate::fetch::parameters::Parameter;
use crate::fetch::pool::{Application, Pool};
use crate::fetch::pour::{Freshness, Pour, Spout};
use crate::fetch::step::Step;
use crate::limit;

/// What is read of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A document, at most 64 kB; of a sound only its URL.
    Document,
    /// The status.
    Nothing,
    /// A sound, at most [`limit::SOUND_MAX`]; it is poured out while it comes.
    Sound,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// How the parameters are sent.
    pub method: twiml::Method,
    /// In order, not encoded.
    pub parameters: &'a [Parameter],
    /// Signs it.
    pub token: Option<&'a Token>,
    /// Whose it is: accounts share no cache.
    pub account: AccountSid,
    /// Whose cookies it carries.
    pub cookies_of: Option<CallSid>,
    /// What is read.
    pub want: Want,
    /// Idempotency token and trace.
    pub marks: Marks,
    /// How patient we are.
    pub overrides: Overrides,
    /// Where a sound goes.
    pub pour: Option<&'a Pour>,
}

/// A 2xx answer.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Where it came from after redirects, without fragment; with the credentials it was asked with.
    pub url: Url,
    /// 200–299.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// What was wanted of the body.
    pub body: Bytes,
}

/// How far a request has come: for the alert when it fails or takes too long.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Where it is now, without credentials.
    pub url: String,
    /// The last status that came.
    pub status: Option<u16>,
    /// What it waits for.
    pub stage: Stage,
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// For a place among the requests to its application.
    #[default]
    Queued,
    /// For a connection, or for the rest of an answer, or it is tried again.
    Travelling,
    /// For the first answer, at its first try.
    Asking,
}

/// What journeys have in common.
#[derive(Debug)]
pub struct Ground {
    /// Makes connections.
    pub connector: Connector,
    /// Keeps them.
    pub pool: Pool,
    /// Cookies of calls.
    pub jars: Jars,
    /// Documents asked for by GET.
    pub documents: Cache,
    /// Sounds.
    pub files: Cache,
    /// For tokens and nonces.
    pub numbers: Numbers,
}

impl Ground {
    /// Nothing is there yet. To be called within the runtime that will be travelled on.
    pub fn new(tls: rustls::ClientConfig) -> Self {
        Self {
            connector: Connector::new(tls),
            pool: Pool::new(),
            jars: Jars::default(),
            documents: Cache::new(limit::DOCUMENT_CACHE_MAX),
            files: Cache::new(limit::FILE_CACHE_MAX),
            numbers: Numbers::default(),
        }
    }
}

/// A request on its way.
#[derive(Debug)]
pub struct Journey<'a> {
    ground: &'a Ground,
    order: &'a Order<'a>,
    step: Step<'a>,
    login: Option<Login>,
    /// Nothing was sent yet.
    is_first: bool,
}

/// A challenge being answered.
#[derive(Debug)]
struct Login {
    challenge: Challenge,
    /// How often it was answered.
    nc: u32,
}

/// What one exchange brought.
enum Answer<'a> {
    Arrived(Arrived),
    Redirect(Step<'a>),
    Challenged(Challenge),
}

impl<'a> Journey<'a> {
    /// Before its first step.
    pub fn new(ground: &'a Ground, order: &'a Order<'a>, url: Url) -> Self {
        let step = Step::first(url, order.method, order.parameters);
        Self { ground, order, step, login: None, is_first: true }
    }

    /// Follows it to its end.
    ///
    /// # Errors
    /// Twilio's code for whatever stopped it.
    pub async fn travel(mut self, progress: &mut Progress) -> Result<Arrived, Failure> {
        let mut retries = self.order.overrides.retries;
        let mut redirects = 0;
        loop {
            progress.url = bare_url(&self.step.url);
            let failure = match self.exchange(progress).await {
                Ok(Answer::Arrived(arrived)) => return Ok(arrived),
                Ok(Answer::Redirect(next)) => {
                    redirects += 1;
                    if redirects > limit::REDIRECTS_MAX {
                        let text = format!("more than {} redirects", limit::REDIRECTS_MAX);
                        return Err(Failure::new(11_215, Cause::Lasting, text));
                    }
                    self.step = next;
                    self.login = None;
                    continue;
                }
                Ok(Answer::Challenged(challenge)) => {
                    self.login = Some(Login { challenge, nc: 0 });
                    continue;
                }
                Err(failure) => failure,
            };
            // What has been heard is not told anew.
            let poured = self.order.pour.is_some_and(Pour::has_begun);
            if retries == 0 || poured || !self.order.overrides.policy.covers(failure.cause) {
                return Err(failure);
            }
            retries -= 1;
            self.login = None;
        }
    }

    /// One exchange, in its turn.
    async fn exchange(&mut self, progress: &mut Progress) -> Result<Answer<'a>, Failure> {
        let application = self.ground.pool.application(&self.step.url);
        progress.stage = Stage::Queued;
        let _place = application.enter().await?;
        progress.stage = Stage::Travelling;
        let key = self.cache_key();
        let known = key.as_ref().and_then(|key| self.cache().find(key));
        let (mut link, response) = self.send(&application, known.as_deref(), progress).await?;
        progress.stage = Stage::Travelling;
        progress.status = Some(response.status().as_u16());
        let (head, mut body) = response.into_parts();
        if let Some(call) = self.order.cookies_of {
            let now = SystemTime::now();
            self.ground.jars.keep(now, call, &self.step.url, &head.headers);
        }
        let answer = self.answer(&mut link, &head, &mut body, known).await;
        drop(body);
        application.keep(link);
        if let (Ok(Answer::Arrived(arrived)), Some(key)) = (&answer, key)
            && head.status == StatusCode::OK
        {
            let kept = Kept::of(&head.headers, arrived.content_type.as_deref(), &arrived.body);
            // A sound too long to be kept left nothing.
            let is_whole = self.order.want != Want::Sound || !arrived.body.is_empty();
            self.cache().put(key, kept.filter(|_| is_whole));
        }
        answer
    }

    /// Sends the step over a kept connection or a new one. One that was kept and turns out to be
    /// closed costs nothing but another.
    async fn send(
        &mut self,
        application: &Application,
        known: Option<&Kept>,
        progress: &mut Progress,
    ) -> Result<(Link, Response<Incoming>), Failure> {
        let mut kept = application.kept();
        loop {
            let (mut link, was_kept) = match kept.take() {
                Some(link) => (link, true),
                None => {
                    let patience = self.order.overrides.connect;
                    let connected = self.ground.connector.connect(&self.step.url, patience);
                    (connected.await?, false)
                }
            };
            let mut request = self.step.request(self.order.token)?;
            self.write(request.headers_mut(), known);
            let first = std::mem::take(&mut self.is_first);
            progress.stage = if first { Stage::Asking } else { Stage::Travelling };
            match self.patiently(link.send(request)).await? {
                Ok(response) => return Ok((link, response)),
                Err(error) if was_kept && !error.is_parse() => self.is_first = first,
                Err(error) => return Err(Failure::of_head(&error)),
            }
            progress.stage = Stage::Travelling;
        }
    }

    /// What a request bears beside what it asks.
    fn write(&mut self, headers: &mut HeaderMap, known: Option<&Kept>) {
        self.order.marks.write(headers);
        let url = &self.step.url;
        let authorization = match &mut self.login {
            Some(Login { challenge, nc }) => {
                *nc += 1;
                let number = self.ground.numbers.next();
                credentials::digest(url, self.step.method.as_str(), challenge, *nc, number)
            }
            None => credentials::basic(url),
        };
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization);
        }
        if let Some(call) = self.order.cookies_of
            && let Some(cookie) = self.ground.jars.cookie(SystemTime::now(), call, url)
        {
            headers.insert(COOKIE, cookie);
        }
        if let Some(known) = known {
            known.ask(headers);
        }
    }

    async fn answer(
        &self,
        link: &mut Link,
        head: &response::Parts,
        body: &mut Incoming,
        known: Option<Arc<Kept>>,
    ) -> Result<Answer<'a>, Failure> {
        let status = head.status;
        if status.is_success() {
            return self.arrive(link, head, body).await.map(Answer::Arrived);
        }
        // Short and of known length: reading it keeps the connection.
        if body.size_hint().exact().is_some_and(|length| length <= limit::ANSWER_BUFFER as u64) {
            let _ = self.read(link, body, limit::ANSWER_BUFFER).await;
        }
        if let (StatusCode::NOT_MODIFIED, Some(known)) = (status, known) {
            let url = self.step.url.clone();
            let (content_type, body) = (known.content_type.clone(), known.body.clone());
            if let Some(pour) = self.order.pour {
                let mark = known.mark();
                let freshness = Freshness::of(&head.headers);
                pour.begin(Spout { url: url.clone(), content_type, mark, freshness }).await?;
                pour.pour(body).await?;
                let (content_type, body) = (known.content_type.clone(), Bytes::new());
                return Ok(Answer::Arrived(Arrived { url, status: 304, content_type, body }));
            }
            return Ok(Answer::Arrived(Arrived { url, status: 200, content_type, body }));
        }
        if let Some(next) = self.step.redirected(status, &head.headers)? {
            return Ok(Answer::Redirect(next));
        }
        if status == StatusCode::UNAUTHORIZED
            && credentials::basic(&self.step.url).is_some()
            && let Some(challenge) = credentials::challenge(&head.headers)
            // Asked again for the same, the password is wrong, unless only the nonce was old.
            && (self.login.is_none() || challenge.stale && !self.was_stale())
        {
            return Ok(Answer::Challenged(challenge));
        }
        let text = format!("the application answered {status}; a 2xx status is needed");
        // What `<Play>` names has a code of its own.
        let code = if self.order.want == Want::Sound { 11_217 } else { 11_200 };
        Err(Failure::new(code, Cause::Status(status.as_u16()), text))
    }

    /// The challenge answered last came because the one before was too old.
    fn was_stale(&self) -> bool {
        self.login.as_ref().is_some_and(|login| login.challenge.stale)
    }

    async fn arrive(
        &self,
        link: &mut Link,
        head: &response::Parts,
        body: &mut Incoming,
    ) -> Result<Arrived, Failure> {
        let status = head.status.as_u16();
        let want = self.order.want;
        let content_type = head.headers.get(CONTENT_TYPE);
        let content_type =
            content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        if want != Want::Nothing {
            is_plain(&head.headers)?;
        }
        let body = match want {
            Want::Document if Kind::of(content_type.as_deref()) == Kind::Audio => Bytes::new(),
            Want::Document => self.read(link, body, twiml::DOCUMENT_MAX).await?,
            // Reading it keeps the connection; too much of it does not matter.
            Want::Nothing => self.read(link, body, twiml::DOCUMENT_MAX).await.unwrap_or_default(),
            Want::Sound => self.pour(link, head, content_type.as_deref(), body).await?,
        };
        let promised = status == 200 && head.headers.contains_key(TRANSFER_ENCODING);
        let audio = Kind::of(content_type.as_deref()) == Kind::Audio;
        if want == Want::Document && body.is_empty() && promised && !audio {
            let text = "the answer is chunked and empty; answer 204, or with <Response/>";
            return Err(Failure::new(11_770, Cause::Broken, text));
        }
        Ok(Arrived { url: self.step.url.clone(), status, content_type, body })
    }

    /// Pours a sound out while it comes. Gives it whole if it is small enough to be kept.
    async fn pour(
        &self,
        link: &mut Link,
        head: &response::Parts,
        content_type: Option<&str>,
        body: &mut Incoming,
    ) -> Result<Bytes, Failure> {
        let Some(pour) = self.order.pour else { return Ok(Bytes::new()) };
        let mut reading = Reading::new(body, limit::SOUND_MAX)?;
        let mark = Kept::of(&head.headers, content_type, &Bytes::new()).and_then(|it| it.mark());
        let is_kept = mark.is_some();
        pour.begin(Spout {
            url: self.step.url.clone(),
            content_type: content_type.map(str::to_owned),
            mark,
            freshness: Freshness::of(&head.headers),
        })
        .await?;
        let patience = self.order.overrides.read.unwrap_or(limit::SOUND_PATIENCE);
        while !body.is_end_stream() {
            let piece = timeout(patience, link.next(body)).await.map_err(|_| silent(patience))?;
            let Some(data) = piece.map_err(|error| Failure::of_body(&error))? else { break };
            pour.pour(data.clone()).await?;
            reading.count(data, is_kept && reading.len() < limit::FILE_CACHE_MAX / 4)?;
        }
        Ok(reading.whole())
    }

    /// Reads a body of at most `most` bytes.
    async fn read(
        &self,
        link: &mut Link,
        body: &mut Incoming,
        most: usize,
    ) -> Result<Bytes, Failure> {
        let mut reading = Reading::new(body, most)?;
        while !body.is_end_stream() {
            let piece = self.patiently(link.next(body)).await?;
            match piece.map_err(|error| Failure::of_body(&error))? {
                Some(data) => reading.take(data)?,
                None => break,
            }
        }
        Ok(reading.whole())
    }

    /// Waits as long as the application may be silent.
    async fn patiently<T>(&self, wanted: impl Future<Output = T>) -> Result<T, Failure> {
        let Some(patience) = self.order.overrides.read else { return Ok(wanted.await) };
        timeout(patience, wanted).await.map_err(|_| silent(patience))
    }

    fn cache(&self) -> &Cache {
        match self.order.want {
            Want::Document | Want::Nothing => &self.ground.documents,
            Want::Sound => &self.ground.files,
        }
    }

    /// Under which an answer is kept. None: it is not.
    fn cache_key(&self) -> Option<String> {
        let cached = self.step.method == Method::GET && self.order.want != Want::Nothing;
        cached.then(|| format!("{}\n{}", self.order.account, self.step.url))
    }
}

fn silent(patience: Duration) -> Failure {
    let text = format!("the application was silent for {} s", patience.as_secs_f32());
    Failure::new(11_205, Cause::Read, text)
}

/// Nothing was asked to be compressed.
fn is_plain(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            let encoding = String::from_utf8_lossy(encoding.as_bytes());
            let text = format!(
                "Content-Encoding is `{}`, which was not asked for: send the answer as it is",
                encoding.escape_debug()
            );
            Err(Failure::new(INVALID_CONTENT_TYPE, Cause::Lasting, text))
        }
        Some(_) | None => Ok(()),
    }
}
