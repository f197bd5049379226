//! One connection to an application and the exchanges over it, driven by whoever waits for them.
//!
//! A connection has no task of its own: no exchange costs a wake-up of another thread.
//! Not here: where connections lead (`connector`), keeping them (`pool`).
//! Source: RFC 9112.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::fetch::failure::{Cause, Failure};
use crate::fetch::wire::Wire;
use crate::limit;

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection.
pub struct Link {
    sender: http1::SendRequest<Full<Bytes>>,
    /// None: it is closed.
    driver: Option<Driver>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("open", &self.driver.is_some()).finish_non_exhaustive()
    }
}

/// One of the connections there are, while it lives.
#[derive(Debug)]
pub struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// Counts one more.
    pub fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Link {
    /// HTTP over a stream that stands.
    ///
    /// # Errors
    /// None that is known: nothing is sent yet.
    pub async fn new(wire: Wire) -> hyper::Result<Self> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(limit::ANSWER_BUFFER);
        let (sender, connection) = builder.handshake(TokioIo::new(wire)).await?;
        Ok(Self { sender, driver: Some(Box::pin(connection)) })
    }

    /// Sends a request; its answer without the body.
    ///
    /// # Errors
    /// The connection ended, or what came is no HTTP.
    pub async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        let answer = self.sender.send_request(request);
        drive(&mut self.driver, answer).await
    }

    /// The next piece of a body. None: it is whole.
    ///
    /// # Errors
    /// The connection ended, or the body breaks the rules.
    pub async fn next(&mut self, body: &mut Incoming) -> hyper::Result<Option<Bytes>> {
        loop {
            match drive(&mut self.driver, body.frame()).await {
                None => return Ok(None),
                Some(Err(error)) => return Err(error),
                // Trailers are nothing to us.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Ready for another exchange: the last one is over and nobody has closed it.
    pub fn is_ready(&mut self) -> bool {
        // What waits in the socket tells whether the application has closed it.
        let mut nobody = Context::from_waker(Waker::noop());
        poll_driver(&mut self.driver, &mut nobody);
        self.driver.is_some() && self.sender.is_ready()
    }
}

/// Waits for something that the connection brings.
async fn drive<F: Future>(driver: &mut Option<Driver>, wanted: F) -> F::Output {
    let mut wanted = pin!(wanted);
    poll_fn(|cx| {
        if let Poll::Ready(found) = wanted.as_mut().poll(cx) {
            return Poll::Ready(found);
        }
        poll_driver(driver, cx);
        wanted.as_mut().poll(cx)
    })
    .await
}

fn poll_driver(driver: &mut Option<Driver>, cx: &mut Context<'_>) {
    let ended = driver.as_mut().is_none_or(|driver| driver.as_mut().poll(cx).is_ready());
    if ended {
        // Whoever waits hears of it now. What went wrong was told to them, or nobody waits.
        *driver = None;
    }
}

/// A body as it arrives, of at most `most` bytes.
#[derive(Debug)]
pub struct Reading {
    most: usize,
    first: Bytes,
    more: BytesMut,
    /// Bytes that came.
    len: usize,
    /// Not all of it is here.
    has_holes: bool,
}

impl Reading {
    /// Nothing has come yet.
    ///
    /// # Errors
    /// 11750: the answer says that it is longer.
    pub fn new(body: &Incoming, most: usize) -> Result<Self, Failure> {
        if body.size_hint().lower() > most as u64 {
            return Err(too_long(most));
        }
        let (first, more) = (Bytes::new(), BytesMut::new());
        Ok(Self { most, first, more, len: 0, has_holes: false })
    }

    /// Bytes that came so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Nothing came yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// One more piece.
    ///
    /// # Errors
    /// 11750: it is too much.
    pub fn take(&mut self, data: Bytes) -> Result<(), Failure> {
        self.count(data, true)
    }

    /// One more piece, kept or only counted. Once one is not kept, nothing is.
    ///
    /// # Errors
    /// 11750: it is too much.
    pub fn count(&mut self, data: Bytes, keep: bool) -> Result<(), Failure> {
        self.len += data.len();
        if self.len > self.most {
            return Err(too_long(self.most));
        }
        if !keep || self.has_holes {
            self.has_holes = true;
            (self.first, self.more) = (Bytes::new(), BytesMut::new());
            return Ok(());
        }
        // Nearly every answer is one piece: nothing is copied then.
        if self.first.is_empty() && self.more.is_empty() {
            self.first = data;
            return Ok(());
        }
        if self.more.is_empty() {
            self.more.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.more.extend_from_slice(&data);
        Ok(())
    }

    /// All of it; nothing if a piece was not kept.
    pub fn whole(self) -> Bytes {
        if self.more.is_empty() { self.first } else { self.more.freeze() }
    }
}

fn too_long(most: usize) -> Failure {
    let text = format!("the answer is longer than {} kB", most / 1024);
    Failure::new(11_750, Cause::Lasting, text)
}
