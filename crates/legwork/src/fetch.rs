//! Webhooks and callbacks over HTTP: signed, sent, retried, redirected, read and parsed, away from
//! the engine's thread.
//!
//! Not here: which application is asked what (`legwork-call`, `webhook`), and what an answer leads
//! to.
//! Source: Twilio, "Webhooks (HTTP callbacks)"; error codes 112xx, 11750, 12300, 15003.

pub mod client;
pub mod connector;
pub mod content;
pub mod parameters;
pub mod sign;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use legwork_call::io::{Document, Expects, Fetch, FetchError};
use legwork_call::sid::AccountSid;
use legwork_twiml as twiml;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use url::Url;

use crate::config::{Config, Tokens};
use crate::fetch::client::{Arrived, Client, Failure, Order, Progress, Want, shown};
use crate::limit;

/// Sends requests to applications; cheap to clone.
#[derive(Clone, Debug)]
pub struct Fetcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    settings: RwLock<Arc<Settings>>,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Settings {
    tokens: Arc<Tokens>,
    timeout: Duration,
}

/// How much is under way to one application.
#[derive(Debug)]
struct Host {
    places: Semaphore,
    waiting: AtomicUsize,
}

impl Host {
    fn new() -> Self {
        Self { places: Semaphore::new(limit::FETCHES_PER_HOST), waiting: AtomicUsize::new(0) }
    }

    /// A place, once there is one.
    async fn enter(&self) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(permit) = self.places.try_acquire() {
            return Ok(permit);
        }
        let full = |text: &str| Failure { code: 11_200, text: text.to_owned() };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= limit::FETCHES_WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(full("too many requests wait for this application: it is too slow"));
        }
        let waiting = Waiting(&self.waiting);
        let permit = self.places.acquire().await;
        drop(waiting);
        permit.map_err(|_| full("the server is ending"))
    }
}

/// Counts down even when nobody waits any more.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Fetcher {
    /// Without connections.
    ///
    /// # Errors
    /// TLS can not be set up.
    pub fn new(config: &Config) -> Result<Self, rustls::Error> {
        let fetcher = Self(Arc::new(Inner {
            client: Client::new(tls()?),
            settings: RwLock::new(Arc::new(Settings::of(config))),
            hosts: Mutex::default(),
        }));
        fetcher.reload(config);
        Ok(fetcher)
    }

    /// Takes new settings; what is under way keeps the old ones.
    pub fn reload(&self, config: &Config) {
        let mut settings = self.0.settings.write().unwrap_or_else(PoisonError::into_inner);
        *settings = Arc::new(Settings::of(config));
        self.0.client.connector().allow_private(config.http.allow_private_webhooks);
    }

    /// How many connections there are, idle ones included.
    pub fn connections(&self) -> usize {
        self.0.client.connector().open()
    }

    /// Performs one request of the switch. Nothing: a callback was taken.
    pub async fn fetch(&self, fetch: Fetch) -> Option<Result<Document, FetchError>> {
        let begun = Instant::now();
        let want = match fetch.expects {
            Expects::Document => Want::Document,
            Expects::Nothing => Want::Nothing,
        };
        let settings = self.settings();
        let order = Order {
            url: &fetch.hook.url,
            method: fetch.hook.method,
            parameters: &fetch.parameters,
            token: settings.tokens.get(&fetch.account),
            want,
        };
        let mut progress = Progress::default();
        let arrived = self.perform(order, &settings, &mut progress).await;
        let took = begun.elapsed();
        let result = match (arrived, fetch.expects) {
            (Ok(_), Expects::Nothing) => return None,
            (Ok(arrived), Expects::Document) => document(arrived, took),
            (Err(failure), expects) => {
                // An application that refuses a callback is one thing, one that is not there another.
                let answered = progress.status.is_some_and(|status| status >= 400);
                let refused = expects == Expects::Nothing && answered;
                let code = if refused { 15_003 } else { failure.code };
                let (url, status) = (progress.url, progress.status);
                Err(FetchError { code, text: failure.text, url, status, took })
            }
        };
        Some(result)
    }

    /// Fetches a sound.
    ///
    /// # Errors
    /// Twilio's code for whatever stopped it.
    pub async fn sound(&self, account: AccountSid, url: &str) -> Result<Arrived, Failure> {
        let settings = self.settings();
        let order = Order {
            url,
            method: twiml::Method::Get,
            parameters: &[],
            token: settings.tokens.get(&account),
            want: Want::Sound,
        };
        self.perform(order, &settings, &mut Progress::default()).await
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Follows an order to its end, in its turn and in time.
    async fn perform(
        &self,
        order: Order<'_>,
        settings: &Settings,
        progress: &mut Progress,
    ) -> Result<Arrived, Failure> {
        let host = match Url::parse(order.url) {
            Ok(url) => {
                progress.url = shown(&url);
                self.host(&url)
            }
            Err(_) => self.host_named(""),
        };
        let travel = async {
            let _place = host.enter().await?;
            self.0.client.travel(order, progress).await
        };
        let arrived = timeout(settings.timeout, travel).await;
        arrived.unwrap_or_else(|_| {
            let seconds = settings.timeout.as_secs_f32();
            // A status came but the body did not, or nothing came at all.
            let code = if progress.status.is_some_and(|s| s < 300) { 11_203 } else { 11_205 };
            let text = format!("no whole answer in {seconds} s: the application is too slow");
            Err(Failure { code, text })
        })
    }

    fn host(&self, url: &Url) -> Arc<Host> {
        let port = url.port_or_known_default().unwrap_or(0);
        self.host_named(&format!("{}:{port}", url.host_str().unwrap_or("")))
    }

    fn host_named(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.0.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(name) {
            return Arc::clone(host);
        }
        if hosts.len() >= limit::HOSTS_MAX {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host = Arc::new(Host::new());
        hosts.insert(name.to_owned(), Arc::clone(&host));
        host
    }
}

impl Settings {
    fn of(config: &Config) -> Self {
        Self { tokens: Arc::clone(&config.tokens), timeout: config.http.webhook_timeout }
    }
}

fn document(arrived: Arrived, took: Duration) -> Result<Document, FetchError> {
    let Arrived { url, status, content_type, body } = arrived;
    match content::program(&url, status, content_type.as_deref(), &body) {
        Ok((program, problems)) => Ok(Document { url, program, problems, status, took }),
        Err(text) => {
            let code = content::INVALID_CONTENT_TYPE;
            Err(FetchError { code, text, url, status: Some(status), took })
        }
    }
}

/// TLS towards applications: the system's roots.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
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
