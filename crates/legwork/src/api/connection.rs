//! HTTP connections to us: so many at a time, none that only holds its place.
//!
//! Not here: what is answered (`api`).
//! Source: ours.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::api::Error;
use crate::limit;

/// Answers requests until the process ends, on at most this many connections at a time.
///
/// # Errors
/// None as long as the process lives.
pub(crate) async fn serve(listener: TcpListener, router: Router, most: usize) -> io::Result<()> {
    let service = TowerToHyperService::new(router.layer(from_fn(in_time)));
    let places = Arc::new(Semaphore::new(most));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, mostly: connections that end make room.
                tracing::warn!(%error, "an HTTP connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Slower without, nothing more.
        let _ = stream.set_nodelay(true);
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limit::API_HEAD_TIMEOUT);
        let connection = builder.serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "an HTTP connection ended");
            }
            drop(place);
        });
    }
}

/// A body that comes a byte at a time is not waited for.
async fn in_time(request: Request, next: Next) -> Response {
    let answered = timeout(limit::API_TIMEOUT, next.run(request)).await;
    answered.unwrap_or_else(|_| Error::too_slow().into_response())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_connection_too_many_waits() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "there"));
        tokio::spawn(serve(listener, router, 1));
        let mut first = TcpStream::connect(address).await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let mut answer = [0; 12];
        first.write_all(request).await.unwrap();
        first.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        second.write_all(request).await.unwrap();
        let early = timeout(Duration::from_millis(50), second.read_exact(&mut answer)).await;
        assert!(early.is_err(), "the first has the only place");
        drop(first);
        second.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
}
