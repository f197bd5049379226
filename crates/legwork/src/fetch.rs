//! Webhooks and callbacks over HTTP: signed, sent, retried, redirected, read and parsed, away from
//! the engine's thread.
//!
//! Not here: which application is asked what (`legwork-call`, `webhook`), and what an answer leads
//! to.
//! Source: Twilio, "Webhooks (HTTP callbacks)"; error codes 112xx, 11750, 12300, 15002, 15003;
//! docs/webhooks.md.

pub mod cache;
pub mod connector;
pub mod content;
pub mod cookies;
pub mod credentials;
pub mod failure;
pub mod journey;
pub mod link;
pub mod marks;
pub mod overrides;
pub mod parameters;
pub mod pool;
pub mod pour;
pub mod sign;
pub mod step;
pub mod wire;

use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use legwork_call::io::{Document, Expects, Fetch, FetchError};
use legwork_call::shown_url;
use legwork_call::sid::{AccountSid, CallSid};
use legwork_twiml as twiml;
use tokio::time::timeout;
use url::Url;

use crate::config::{Config, Tokens};
use crate::fetch::failure::{Cause, Failure};
use crate::fetch::journey::{Arrived, Ground, Journey, Order, Progress, Stage, Want};
use crate::fetch::marks::Marks;
use crate::fetch::overrides::Overrides;
use crate::fetch::parameters::Parameter;
use crate::fetch::pour::Pour;
use crate::fetch::wire::Wire;
use crate::limit;

/// A callback that an application refused.
const CALLBACK_REFUSED: u32 = 15_003;
/// What has no code of its own.
const RETRIEVAL: u32 = 11_200;

/// Sends requests to applications; cheap to clone.
#[derive(Clone, Debug)]
pub struct Fetcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ground: Ground,
    settings: RwLock<Arc<Settings>>,
}

#[derive(Debug)]
struct Settings {
    tokens: Arc<Tokens>,
    timeout: Duration,
    traceparent: bool,
}

/// One request, before its URL is read.
struct Question<'a> {
    account: AccountSid,
    call: Option<CallSid>,
    url: &'a str,
    method: twiml::Method,
    parameters: &'a [Parameter],
    want: Want,
    pour: Option<&'a Pour>,
}

impl Fetcher {
    /// Without connections. To be called within a runtime, which then closes idle ones.
    ///
    /// # Errors
    /// TLS can not be set up.
    pub fn new(config: &Config) -> Result<Self, rustls::Error> {
        Ok(Self::with_tls(config, tls()?))
    }

    /// The same, trusting whom `tls` trusts.
    pub fn with_tls(config: &Config, tls: rustls::ClientConfig) -> Self {
        let settings = RwLock::new(Arc::new(Settings::of(config)));
        let fetcher = Self(Arc::new(Inner { ground: Ground::new(tls), settings }));
        fetcher.reload(config);
        fetcher
    }

    /// Takes new settings; what is under way keeps the old ones.
    pub fn reload(&self, config: &Config) {
        let mut settings = self.0.settings.write().unwrap_or_else(PoisonError::into_inner);
        *settings = Arc::new(Settings::of(config));
        self.0.ground.connector.allow_private(config.http.allow_private_webhooks);
        self.0.ground.pool.clear();
    }

    /// How many connections there are, idle ones included.
    pub fn connections(&self) -> usize {
        self.0.ground.connector.open()
    }

    /// A call is over: its cookies are forgotten.
    pub fn call_ended(&self, call: CallSid) {
        self.0.ground.jars.forget(call);
    }

    /// Performs one request of the switch. Nothing: a callback was taken.
    pub async fn fetch(&self, fetch: Fetch) -> Option<Result<Document, FetchError>> {
        self.fetch_and_see(fetch, |_| ()).await
    }

    /// The same; `see` is shown what arrived before it is read.
    pub async fn fetch_and_see(
        &self,
        fetch: Fetch,
        see: impl FnOnce(&Arrived),
    ) -> Option<Result<Document, FetchError>> {
        let begun = Instant::now();
        let question = Question {
            account: fetch.account,
            call: Some(fetch.call),
            url: &fetch.hook.url,
            method: fetch.hook.method,
            parameters: &fetch.parameters,
            want: match fetch.expects {
                Expects::Document => Want::Document,
                Expects::Nothing => Want::Nothing,
            },
            pour: None,
        };
        let mut progress = Progress::default();
        let arrived = self.perform(&question, &mut progress).await;
        let took = begun.elapsed();
        let result = match (arrived, fetch.expects) {
            (Ok(_), Expects::Nothing) => return None,
            (Ok(arrived), Expects::Document) => {
                see(&arrived);
                document(arrived, took)
            }
            (Err(failure), expects) => Err((code(&failure, expects), failure.text)),
        };
        Some(result.map_err(|(code, text)| FetchError {
            code,
            text,
            account: fetch.account,
            call: fetch.call,
            method: fetch.hook.method,
            url: progress.url,
            status: progress.status,
            took,
        }))
    }

    /// Fetches a sound: it is poured out while it comes.
    ///
    /// # Errors
    /// Twilio's code for whatever stopped it, be it midway.
    pub async fn sound(
        &self,
        account: AccountSid,
        url: &str,
        pour: &Pour,
    ) -> Result<Arrived, Failure> {
        let (method, parameters) = (twiml::Method::Get, &[][..]);
        let (want, pour) = (Want::Sound, Some(pour));
        let question = Question { account, call: None, url, method, parameters, want, pour };
        let arrived = self.perform(&question, &mut Progress::default()).await;
        arrived.map_err(|failure| Failure { code: code(&failure, Expects::Document), ..failure })
    }

    /// Whether applications may be inside private networks.
    pub(crate) fn allows_private(&self) -> bool {
        self.0.ground.connector.allows_private()
    }

    /// A connection to the application behind a URL, for something else than HTTP.
    ///
    /// # Errors
    /// Twilio's code for whatever stopped it.
    pub(crate) async fn wire(&self, url: &Url) -> Result<Wire, Failure> {
        self.0.ground.connector.open_wire(url, limit::CONNECT_TIMEOUT).await
    }

    /// What signs a GET of that URL for an account that has a token.
    pub(crate) fn signature(&self, account: AccountSid, url: &Url) -> Option<String> {
        let settings = self.settings();
        let token = settings.tokens.get(&account)?;
        Some(sign::signature(token, url.as_str(), &[]))
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Follows a request to its end, in time.
    async fn perform(
        &self,
        question: &Question<'_>,
        progress: &mut Progress,
    ) -> Result<Arrived, Failure> {
        let ground = &self.0.ground;
        let settings = self.settings();
        progress.url = shown_url(question.url);
        let url = step::read(question.url)?;
        let mut overrides = Overrides::of(url.fragment())?;
        let total = overrides.total.map_or(settings.timeout, |total| total.min(settings.timeout));
        // Nobody is silent for longer than all may take.
        overrides.read = overrides.read.filter(|read| *read < total);
        let traced = question.call.filter(|_| settings.traceparent);
        let order = Order {
            method: question.method,
            parameters: question.parameters,
            token: settings.tokens.get(&question.account),
            account: question.account,
            cookies_of: question.call.filter(|_| question.want == Want::Document),
            want: question.want,
            marks: Marks::new(ground.numbers.next(), traced),
            overrides,
            pour: question.pour,
        };
        let late = {
            let mut journey = pin!(Journey::new(ground, &order, url).travel(progress));
            if let Ok(arrived) = timeout(total, journey.as_mut()).await {
                return arrived;
            }
            // A sound takes as long as it takes, once it is heard.
            let longer = limit::SOUND_COMES_WITHIN;
            match question.pour.filter(|pour| pour.has_begun()) {
                None => total,
                Some(_) => match timeout(longer, journey).await {
                    Ok(arrived) => return arrived,
                    Err(_) => longer,
                },
            }
        };
        Err(too_slow(late, progress))
    }
}

/// All the time there was has passed.
fn too_slow(total: Duration, progress: &Progress) -> Failure {
    let total = total.as_secs_f32();
    let (code, text) = match progress.stage {
        Stage::Queued => (
            pool::QUEUE_FULL,
            format!("{total} s passed before other requests to this application were answered"),
        ),
        Stage::Asking => (11_205, format!("no answer in {total} s: the application is too slow")),
        Stage::Travelling => {
            (11_203, format!("no whole answer in {total} s, all tries and redirects together"))
        }
    };
    Failure::new(code, Cause::Lasting, text)
}

/// Callbacks that were refused or not even sent have codes of their own.
fn code(failure: &Failure, expects: Expects) -> u32 {
    match (expects, failure.cause, failure.code) {
        (Expects::Nothing, Cause::Status(400..), _) => CALLBACK_REFUSED,
        (Expects::Document, _, pool::QUEUE_FULL) => RETRIEVAL,
        (_, _, code) => code,
    }
}

impl Settings {
    fn of(config: &Config) -> Self {
        Self {
            tokens: Arc::clone(&config.tokens),
            timeout: config.http.webhook_timeout,
            traceparent: config.http.traceparent,
        }
    }
}

/// The document; else Twilio's code and what is wrong.
fn document(arrived: Arrived, took: Duration) -> Result<Document, (u32, String)> {
    let Arrived { url, status, content_type, body } = arrived;
    match content::program(url.as_str(), status, content_type.as_deref(), &body) {
        Ok((program, problems)) => {
            Ok(Document { url: url.into(), program, problems, status, took })
        }
        Err(text) => Err((content::INVALID_CONTENT_TYPE, text)),
    }
}

/// TLS towards applications: the system's roots.
pub(crate) fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!(
            "this system has no root certificates: https:// applications are unreachable"
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests;
