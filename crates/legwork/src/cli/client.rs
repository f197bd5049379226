//! Asking a running server through its HTTP API.
//!
//! Not here: the API (`api`).
//! Source: the README, "HTTP API".

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::Url;

use crate::cli::AskedWrongly;
use crate::config::development;

/// The longest answer.
const ANSWER_MAX: usize = 64 * 1024 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which server, and who asks.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Server {
    /// The server's HTTP address
    #[arg(long, env = "LEGWORK_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    server: String,
    /// Account SID; that of development mode by default
    #[arg(long, env = "LEGWORK_ACCOUNT", default_value_t = development::ACCOUNT.to_string())]
    account: String,
    /// Auth token; that of development mode by default
    #[arg(long, env = "LEGWORK_AUTH_TOKEN", hide_env_values = true)]
    #[arg(default_value = development::AUTH_TOKEN)]
    auth_token: String,
}

/// The server said no, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    text: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refused {}

impl Server {
    /// A server in development mode.
    pub(crate) fn in_development(server: String) -> Self {
        let (account, auth_token) =
            (development::ACCOUNT.to_string(), development::AUTH_TOKEN.to_owned());
        Self { server, account, auth_token }
    }

    /// Reads something.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, None)
    }

    /// Reads something that is no JSON.
    pub(crate) fn bytes(&self, path: &str) -> anyhow::Result<Bytes> {
        self.answer(Method::GET, path, None)
    }

    /// Orders something.
    pub(crate) fn post(&self, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        self.ask(Method::POST, path, body)
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = self.answer(method, path, body)?;
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    fn answer(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Bytes> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let request = self.request(method, path, body)?;
        let asked = async { tokio::time::timeout(PATIENCE, exchange(request)).await };
        let answer = runtime.block_on(asked);
        let (status, body) = answer
            .map_err(|_| anyhow!("no answer in {} s", PATIENCE.as_secs()))
            .and_then(|answer| answer)
            .with_context(|| {
                format!("{} does not answer; does `legwork serve` run?", self.server)
            })?;
        if status.is_success() {
            return Ok(body);
        }
        let value: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let message = value.get("message").and_then(Value::as_str);
        let code = value.get("code").and_then(Value::as_u64);
        let text = match (message, code) {
            (Some(message), Some(code)) => format!("{message} ({code})"),
            (Some(message), None) => message.to_owned(),
            (None, _) => format!("{} answered {status}: is that a legwork server?", self.server),
        };
        Err(Refused { text }.into())
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let wrong = |why: String| AskedWrongly(format!("--server {}: {why}", self.server));
        let base = Url::parse(&self.server).map_err(|error| wrong(error.to_string()))?;
        if base.scheme() != "http" {
            return Err(wrong("only http:// is understood".to_owned()).into());
        }
        let url = base.join(path).map_err(|error| wrong(error.to_string()))?;
        let basic = STANDARD.encode(format!("{}:{}", self.account, self.auth_token));
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(AUTHORIZATION, format!("Basic {basic}"));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        Ok(request.body(Full::new(body.into()))?)
    }
}

async fn exchange(request: Request<Full<Bytes>>) -> anyhow::Result<(StatusCode, Bytes)> {
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let response = client.request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
    let body = body.map_err(|error| anyhow!("the answer broke off: {error}"))?;
    Ok((status, body.to_bytes()))
}

/// A SID as it goes into a path.
///
/// # Errors
/// It is none.
pub(crate) fn call_path(sid: &str, rest: &str) -> anyhow::Result<String> {
    let sid: legwork_call::sid::CallSid = sid
        .parse()
        .map_err(|_| AskedWrongly(format!("`{sid}` is not a CallSid: CA and 32 hex digits")))?;
    Ok(format!("/_/calls/{sid}{rest}"))
}
