//! HTTP for the object store over the connections we use everywhere else.
//!
//! Where the store is, is the operator's word: unlike applications' URLs it may be inside.
//! Not here: what is asked (`recording/bucket`), connections themselves (`fetch/connector`).
//! Source: the documentation of `object_store`, `HttpService`.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;
use url::{Position, Url};

use crate::fetch::connector::Connector;
use crate::fetch::link::Link;
use crate::fetch::pool::Pool;
use crate::limit;

/// Pieces of an answer that wait to be taken.
const PIECES: usize = 4;

/// Makes requests; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    connector: Connector,
    pool: Pool,
}

/// Nothing came for too long.
#[derive(Debug)]
struct Silent;

impl std::fmt::Display for Silent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no answer in {} s", limit::STORE_TIMEOUT.as_secs())
    }
}

impl std::error::Error for Silent {}

impl Wire {
    /// Without connections. To be called within a runtime.
    pub(crate) fn new(tls: rustls::ClientConfig) -> Self {
        let connector = Connector::new(tls);
        connector.allow_private(true);
        Self { connector, pool: Pool::new() }
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string());
        let url = url.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let request = readdressed(request, &url).await?;
        let application = self.pool.application(&url);
        let mut link = match application.kept() {
            Some(link) => link,
            None => {
                self.connector.connect(&url, limit::CONNECT_TIMEOUT).await.map_err(|failure| {
                    HttpError::new(HttpErrorKind::Connect, std::io::Error::other(failure.text))
                })?
            }
        };
        let answer = timeout(limit::STORE_TIMEOUT, link.send(request)).await.map_err(silent)?;
        let answer = answer.map_err(|error| HttpError::new(HttpErrorKind::Request, error))?;
        let (parts, body) = answer.into_parts();
        let (pieces, coming) = channel(PIECES);
        // The body is read whoever waits for it, so that the connection can be kept.
        tokio::spawn(async move {
            if let Some(link) = read(link, body, pieces).await {
                application.keep(link);
            }
        });
        Ok(Response::from_parts(parts, HttpResponseBody::new(Coming(coming))))
    }
}

/// The same request, its target and Host as a server wants them.
async fn readdressed(request: HttpRequest, url: &Url) -> Result<Request<Full<Bytes>>, HttpError> {
    let unknown = |error| HttpError::new(HttpErrorKind::Unknown, error);
    let (mut parts, body) = request.into_parts();
    let target: Uri = url[Position::BeforePath..Position::AfterQuery].parse().map_err(|error| {
        HttpError::new::<hyper::http::uri::InvalidUri>(HttpErrorKind::Unknown, error)
    })?;
    parts.uri = target;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
    parts.headers.insert(HOST, host.map_err(|error| unknown(std::io::Error::other(error)))?);
    let body = body.collect().await?.to_bytes();
    Ok(Request::from_parts(parts, Full::new(body)))
}

/// Passes a body on. The connection, if it is good for another exchange.
async fn read(
    mut link: Link,
    mut body: Incoming,
    pieces: Sender<Result<Bytes, HttpError>>,
) -> Option<Link> {
    loop {
        let next = timeout(limit::STORE_TIMEOUT, link.next(&mut body)).await;
        let piece = match next.map_err(silent) {
            Ok(Ok(None)) => return Some(link),
            Ok(Ok(Some(piece))) => Ok(piece),
            Ok(Err(error)) => Err(HttpError::new(HttpErrorKind::Interrupted, error)),
            Err(error) => Err(error),
        };
        let is_over = piece.is_err();
        if pieces.send(piece).await.is_err() || is_over {
            return None;
        }
    }
}

fn silent(_: tokio::time::error::Elapsed) -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, Silent)
}

/// A body that comes.
struct Coming(Receiver<Result<Bytes, HttpError>>);

impl Body for Coming {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

impl HttpService for Wire {
    fn call<'a: 'b, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        Self: 'b,
    {
        Box::pin(self.ask(request))
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}
