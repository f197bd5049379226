//! Our own HTTP API under `/_/`, health and metrics.
//!
//! Not here: what calls do (`legwork-call`): each order is a `Command`, each reading comes from the
//! `store`.
//! Source: the README, "HTTP API"; the shape of errors is Twilio's.

mod alerts;
mod auth;
mod calls;
mod conferences;
pub(crate) mod connection;
mod error;
mod extract;
mod health;
mod new_call;
mod openapi;
mod queues;
mod recordings;
mod stats;
mod transcriptions;
mod trunks;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::bank;
use crate::config::{Config, Tokens};
use crate::fetch::Fetcher;
use crate::limit;
use crate::recording::Recordings;
use crate::serve::inbox::Post;
use crate::store::Store;

pub use error::Error;

/// What every request may need.
#[derive(Debug)]
pub struct Shared {
    tokens: RwLock<Arc<Tokens>>,
    store: Arc<Store>,
    post: Post,
    fetcher: Fetcher,
    recordings: Recordings,
    /// Their sound is served without credentials.
    public_recordings: AtomicBool,
    http_base: RwLock<String>,
    started: Instant,
    development: bool,
    ready: AtomicBool,
    draining: AtomicBool,
}

impl Shared {
    /// Not ready yet.
    pub fn new(
        config: &Config,
        store: Arc<Store>,
        post: Post,
        fetcher: Fetcher,
        recordings: Recordings,
    ) -> Self {
        Self {
            tokens: RwLock::new(Arc::clone(&config.tokens)),
            store,
            post,
            fetcher,
            recordings,
            public_recordings: AtomicBool::new(config.recordings.public),
            http_base: RwLock::new(config.switch.http_base.clone()),
            started: Instant::now(),
            development: config.server.development.is_some(),
            ready: AtomicBool::new(false),
            draining: AtomicBool::new(false),
        }
    }

    /// The sockets are bound and served.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// New calls are refused from now on.
    pub fn set_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Takes new tokens, and who may hear recordings where.
    pub fn reload(&self, config: &Config) {
        self.public_recordings.store(config.recordings.public, Ordering::Release);
        let mut base = self.http_base.write().unwrap_or_else(PoisonError::into_inner);
        base.clone_from(&config.switch.http_base);
        drop(base);
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        *tokens = Arc::clone(&config.tokens);
    }

    fn tokens(&self) -> Arc<Tokens> {
        Arc::clone(&self.tokens.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn http_base(&self) -> String {
        self.http_base.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn recordings_are_public(&self) -> bool {
        self.public_recordings.load(Ordering::Acquire)
    }

    fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire) && !self.draining.load(Ordering::Acquire)
    }
}

/// Every route.
pub fn router(shared: Arc<Shared>) -> Router {
    let bank = if shared.development { bank::routes() } else { Router::new() };
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(stats::metrics))
        .route("/_/openapi.json", get(openapi::document))
        .route("/_/calls", get(calls::list).post(calls::create))
        .route("/_/calls/{sid}", get(calls::one).post(calls::update))
        .route("/_/calls/{sid}/trace", get(calls::trace))
        .route("/_/calls/{sid}/hangup", post(calls::hangup))
        .route("/_/calls/{sid}/transfer", post(calls::transfer))
        .route("/_/calls/{sid}/redirect", post(calls::redirect))
        .route("/_/alerts", get(alerts::list))
        .route("/_/recordings", get(recordings::list))
        .route("/_/recordings/{sid}", get(recordings::one).delete(recordings::delete))
        .route("/_/transcriptions/{sid}", get(transcriptions::one))
        .route("/_/queues", get(queues::list))
        .route("/_/queues/{sid}", get(queues::one))
        .route("/_/queues/{sid}/members", get(queues::members))
        .route("/_/queues/{sid}/members/{call}", post(queues::dequeue))
        .route("/_/trunks", get(trunks::list))
        .route("/_/conferences", get(conferences::list))
        .route("/_/conferences/{sid}", get(conferences::one).post(conferences::update))
        .route("/_/conferences/{sid}/participants", get(conferences::participants))
        .route(
            "/_/conferences/{sid}/participants/{who}",
            get(conferences::participant_of)
                .post(conferences::update_participant)
                .delete(conferences::kick),
        )
        .route("/_/stats", get(stats::stats))
        .with_state(shared)
        .merge(bank)
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(DefaultBodyLimit::max(limit::API_BODY_MAX))
}

/// Answers requests until the process ends.
///
/// # Errors
/// The socket failed.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    connection::serve(listener, router(shared), limit::API_CONNECTIONS_MAX).await
}

#[cfg(test)]
mod tests;
