//! The demo's example application: a web server of its own, told before each cell what to answer.
//!
//! It checks the signature of every request, as an application has to.
//! Not here: the documents (`story`).
//! Source: Twilio, "Webhooks Security".

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use bytes::Bytes;
use socket2::{Domain, Socket, Type};
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use crate::config::Token;
use crate::config::development::AUTH_TOKEN;
use crate::fetch::sign::signature;

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Its path.
    pub(crate) path: String,
    /// Its form.
    pub(crate) parameters: Vec<(Cow<'static, str>, String)>,
    /// Its signature is right.
    pub(crate) is_signed: bool,
}

impl Asked {
    /// The value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What it answers, and what it was asked.
#[derive(Debug, Default)]
struct Desk {
    /// Scheme, address and port, as others write it.
    base: String,
    /// By path.
    documents: Vec<(&'static str, String)>,
    asked: Vec<Asked>,
}

/// The application; it ends with its value.
#[derive(Debug)]
pub(crate) struct App {
    desk: Arc<Mutex<Desk>>,
    base: String,
    /// Bound, but nobody listens: whoever connects is refused.
    closed: Socket,
    /// Answers in its own thread.
    _runtime: tokio::runtime::Runtime,
}

impl App {
    /// Listens on loopback.
    ///
    /// # Errors
    /// No port or no thread is to be had.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        let closed = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        closed.bind(&any.into()).context("no port for the application")?;
        let listener = std::net::TcpListener::bind(any).context("no port for the application")?;
        listener.set_nonblocking(true)?;
        let base = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Mutex::new(Desk { base: base.clone(), ..Desk::default() }));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("demo-app")
            .enable_all()
            .build()
            .context("no thread for the application")?;
        let router = Router::new().fallback(answer).with_state(Arc::clone(&desk));
        let entered = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(entered);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { desk, base, closed, _runtime: runtime })
    }

    /// Who is asked when a call comes in.
    pub(crate) fn voice_url(&self) -> String {
        format!("{}/voice", self.base)
    }

    /// Where it is: scheme, address and port.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Where nobody answers.
    ///
    /// # Errors
    /// The socket has lost its address.
    pub(crate) fn unreachable_url(&self) -> anyhow::Result<String> {
        let address = self.closed.local_addr()?.as_socket().context("no address")?;
        Ok(format!("http://{address}/refer"))
    }

    /// Answers this from now on, by path, and nothing where nothing is named. Forgets what it was asked.
    pub(crate) fn set(&self, documents: Vec<(&'static str, String)>) {
        let mut desk = lock(&self.desk);
        desk.documents = documents;
        desk.asked.clear();
    }

    /// What it was asked since.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.desk).asked.clone()
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(desk): State<Arc<Mutex<Desk>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let mut desk = lock(&desk);
    let form = form_urlencoded::parse(&body).into_owned();
    let parameters: Vec<_> = form.map(|(name, value)| (Cow::Owned(name), value)).collect();
    let expected = signature(&Token::new(AUTH_TOKEN), &format!("{}{uri}", desk.base), &parameters);
    let given = headers.get("X-Twilio-Signature").map_or(&b""[..], |value| value.as_bytes());
    let is_signed = expected.as_bytes().ct_eq(given).into();
    let path = uri.path().to_owned();
    let document = desk.documents.iter().find(|(known, _)| *known == path);
    let document = document.map(|(_, document)| document.clone()).unwrap_or_default();
    desk.asked.push(Asked { path, parameters, is_signed });
    ([(CONTENT_TYPE, "text/xml")], document)
}
