//! WebSockets to applications: opened by us, signed as webhooks are, guarded as they are.
//!
//! What is sent never waits: what the other side does not take is kept, up to a limit. Pings show that it is
//! still there.
//! Not here: what is said (`streams`), addresses that may be connected to (`fetch::connector`).
//! Source: RFC 6455; Twilio, "Media Streams", "Webhooks Security"; error codes 31901 to 31930.

pub(crate) mod pace;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink as _, Stream as _};
use hyper::header::{HeaderValue, USER_AGENT};
use legwork_call::shown_url;
use legwork_call::sid::AccountSid;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, Interval, MissedTickBehavior, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Bytes, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

use crate::fetch::Fetcher;
use crate::fetch::failure::Failure;
use crate::fetch::wire::Wire;
use crate::limit;

/// What applications know Twilio's requests by.
const USER_AGENT_VALUE: HeaderValue = HeaderValue::from_static("TwilioProxy/1.1");

/// Why there is no WebSocket, or none any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Twilio's code: 319xx.
    pub(crate) code: u32,
    /// What went wrong and what to do.
    pub(crate) text: String,
}

impl Trouble {
    pub(crate) fn new(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// A message of text.
    Text(Utf8Bytes),
    /// One of bytes.
    Binary(Bytes),
    /// The other side said goodbye, well or with an error.
    Goodbye(Result<(), Trouble>),
    /// The connection is gone, or what came breaks the rules.
    Broken(Trouble),
}

/// A WebSocket that stands.
#[derive(Debug)]
pub(crate) struct Socket {
    inner: WebSocketStream<Wire>,
    /// Something waits to be sent.
    is_unsent: bool,
    beat: Interval,
    /// When something came last.
    heard: Instant,
    peer: Peer,
}

/// The other side, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    /// It keeps to the rules.
    Fine,
    /// It has said goodbye; our answer waits to be sent.
    Left,
    /// It broke them, and nothing it says is read any more. Source: RFC 6455 §7.1.7, §7.4.1.
    AtFault(CloseCode),
    /// It does not read, or is not there.
    Gone,
}

impl Peer {
    fn of(error: &tungstenite::Error) -> Self {
        use tungstenite::Error;
        match error {
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
            | Error::WriteBufferFull(_)
            | Error::Io(_)
            | Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Tls(_)
            | Error::Url(_)
            | Error::Http(_)
            | Error::HttpFormat(_) => Self::Gone,
            Error::Capacity(_) => Self::AtFault(CloseCode::Size),
            Error::Utf8(_) => Self::AtFault(CloseCode::Invalid),
            Error::Protocol(_) | Error::AttackAttempt => Self::AtFault(CloseCode::Protocol),
        }
    }
}

/// Opens one, for that account.
///
/// # Errors
/// Why there is none.
pub(crate) async fn connect(
    fetcher: &Fetcher,
    account: AccountSid,
    url: &str,
) -> Result<Socket, Trouble> {
    let url = read(url, fetcher.allows_private())?;
    let request = request(fetcher, account, &url)?;
    let wire = fetcher.wire(&url).await.map_err(of_failure)?;
    let kept = socket2::SockRef::from(wire.tcp()).set_send_buffer_size(limit::WEBSOCKET_KEPT);
    if let Err(error) = kept {
        tracing::debug!(%error, "the send buffer of a WebSocket keeps its size");
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(limit::WEBSOCKET_READ)
        .write_buffer_size(0)
        .max_write_buffer_size(limit::WEBSOCKET_KEPT)
        .max_message_size(Some(limit::WEBSOCKET_MESSAGE_MAX))
        .max_frame_size(Some(limit::WEBSOCKET_MESSAGE_MAX));
    let shaken = client_async_with_config(request, wire, Some(config));
    let (inner, _) = timeout(limit::WEBSOCKET_HANDSHAKE, shaken)
        .await
        .map_err(|_| Trouble::new(31_901, "no answer to the upgrade in time"))?
        .map_err(|error| of_handshake(&error))?;
    let now = Instant::now();
    let mut beat = tokio::time::interval_at(now + limit::WEBSOCKET_PING, limit::WEBSOCKET_PING);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Ok(Socket { inner, is_unsent: false, beat, heard: now, peer: Peer::Fine })
}

/// Reads the URL of a WebSocket. `ws://` only where private addresses are allowed, too.
fn read(url: &str, allows_plain: bool) -> Result<Url, Trouble> {
    let shown = shown_url(url).escape_debug().to_string();
    let mut read = Url::parse(url)
        .map_err(|error| Trouble::new(31_923, format!("`{shown}` is no URL: {error}")))?;
    match read.scheme() {
        "wss" => {}
        "ws" if allows_plain => {}
        "ws" => {
            let text = "ws:// is not allowed; use wss://, or http.allow_private_webhooks = true";
            return Err(Trouble::new(31_922, text));
        }
        _ => return Err(Trouble::new(31_922, format!("`{shown}` is neither wss nor ws"))),
    }
    if !read.has_host() {
        return Err(Trouble::new(31_923, format!("`{shown}` has no host")));
    }
    read.set_fragment(None);
    Ok(read)
}

fn request(fetcher: &Fetcher, account: AccountSid, url: &Url) -> Result<Request, Trouble> {
    let invalid = || Trouble::new(31_923, "the URL can not be sent by HTTP");
    let mut request = url.as_str().into_client_request().map_err(|_| invalid())?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, USER_AGENT_VALUE);
    if let Some(signed) = fetcher.signature(account, url) {
        let signed = HeaderValue::try_from(signed).map_err(|_| invalid())?;
        headers.insert("x-twilio-signature", signed);
    }
    Ok(request)
}

/// Codes of webhooks have others beside them for WebSockets.
fn of_failure(failure: Failure) -> Trouble {
    let code = match failure.code {
        11_201 => 31_901,
        11_202 => 31_902,
        11_220..=11_239 => 31_910,
        _ => 31_904,
    };
    Trouble::new(code, failure.text)
}

fn of_handshake(error: &tungstenite::Error) -> Trouble {
    let text = if let tungstenite::Error::Http(response) = error {
        format!("the application answered the upgrade with {}", response.status())
    } else {
        format!("no WebSocket: {error}")
    };
    Trouble::new(31_920, text)
}

/// Why a WebSocket that stood is none any more.
fn of_error(error: &tungstenite::Error) -> Trouble {
    use tungstenite::Error;
    let code = match error {
        Error::WriteBufferFull(_) => {
            return Trouble::new(31_930, "the application does not read what it is sent");
        }
        Error::Io(_)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => 31_903,
        Error::Tls(_) => 31_910,
        Error::Capacity(_)
        | Error::Protocol(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => 31_924,
    };
    Trouble::new(code, error.to_string())
}

/// A goodbye is an error unless it is a usual one.
fn of_goodbye(code: CloseCode, reason: &str) -> Result<(), Trouble> {
    if matches!(code, CloseCode::Normal | CloseCode::Away | CloseCode::Status) {
        return Ok(());
    }
    let reason: String = reason.escape_debug().take(limit::TROUBLE_SHOWN).collect();
    let text = format!("closed with {} \"{reason}\"", u16::from(code));
    Err(Trouble::new(31_921, text))
}

impl Socket {
    /// Sends text, soon. Never waits.
    ///
    /// # Errors
    /// 31930: too much waits already; or there is no connection any more.
    pub(crate) fn send(&mut self, text: impl Into<Utf8Bytes>) -> Result<(), Trouble> {
        self.is_unsent = true;
        let sent = Pin::new(&mut self.inner).start_send(Message::Text(text.into()));
        sent.map_err(|error| self.failed(&error))
    }

    /// There is no more to be had of it.
    fn failed(&mut self, error: &tungstenite::Error) -> Trouble {
        self.peer = Peer::of(error);
        of_error(error)
    }

    /// What comes next; sends meanwhile. Nothing is lost where it is dropped.
    pub(crate) async fn next(&mut self) -> Came {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Came> {
        while self.beat.poll_tick(cx).is_ready() {
            if self.heard.elapsed() > limit::WEBSOCKET_SILENCE {
                self.peer = Peer::Gone;
                let text = format!("nothing came for {:?}, not even pongs", self.heard.elapsed());
                return Poll::Ready(Came::Broken(Trouble::new(31_903, text)));
            }
            let ping = Message::Ping(Bytes::new());
            if let Err(error) = Pin::new(&mut self.inner).start_send(ping) {
                return Poll::Ready(Came::Broken(self.failed(&error)));
            }
            self.is_unsent = true;
        }
        loop {
            if self.is_unsent {
                match Pin::new(&mut self.inner).poll_flush(cx) {
                    Poll::Ready(Ok(())) => self.is_unsent = false,
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Came::Broken(self.failed(&error)));
                    }
                    Poll::Pending => {}
                }
            }
            let next = ready!(Pin::new(&mut self.inner).poll_next(cx));
            self.heard = Instant::now();
            return Poll::Ready(match next {
                Some(Ok(Message::Text(text))) => Came::Text(text),
                Some(Ok(Message::Binary(bytes))) => Came::Binary(bytes),
                Some(Ok(Message::Close(frame))) => {
                    self.is_unsent = true;
                    self.peer = Peer::Left;
                    Came::Goodbye(frame.map_or(Ok(()), |it| of_goodbye(it.code, &it.reason)))
                }
                // A pong waits to be sent.
                Some(Ok(Message::Ping(_))) => {
                    self.is_unsent = true;
                    continue;
                }
                Some(Ok(Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Err(error)) => Came::Broken(self.failed(&error)),
                None => Came::Goodbye(Ok(())),
            });
        }
    }

    /// Says goodbye, or what was wrong, and waits for a moment until what was sent has gone.
    pub(crate) async fn close(mut self) {
        let (code, patience) = match self.peer {
            // Without a code some take it for an error.
            Peer::Fine => (CloseCode::Normal, limit::WEBSOCKET_GOODBYE),
            Peer::AtFault(code) => (code, limit::WEBSOCKET_REFUSAL),
            // Whether it hangs up, too, is its own matter.
            Peer::Left => {
                let _ = timeout(limit::WEBSOCKET_REFUSAL, self.flush()).await;
                return;
            }
            Peer::Gone => return,
        };
        let goodbye = async {
            let frame = CloseFrame { code, reason: Utf8Bytes::default() };
            // It may be gone.
            let _ = Pin::new(&mut self.inner).start_send(Message::Close(Some(frame)));
            self.is_unsent = true;
            if code == CloseCode::Normal {
                while let Came::Text(_) | Came::Binary(_) = self.next().await {}
                self.flush().await;
            } else {
                self.flush().await;
                self.pass_over().await;
            }
        };
        let _ = timeout(patience, goodbye).await;
    }

    /// What was sent has gone, or never will.
    async fn flush(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.inner).poll_flush(cx)).await;
    }

    /// Reads what is none of its messages, until it has read ours and goes: what is left unread when a
    /// connection is closed takes with it what was sent.
    async fn pass_over(&mut self) {
        let mut passed = [0; limit::WEBSOCKET_READ];
        while self.inner.get_mut().read(&mut passed).await.is_ok_and(|n| n > 0) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_where_they_may_lead() {
        let table = [
            ("wss://h/a?b#c", false, Ok("wss://h/a?b")),
            ("wss://h:443", false, Ok("wss://h/")),
            ("ws://h/", true, Ok("ws://h/")),
            ("ws://h/", false, Err(31_922)),
            ("https://h/", true, Err(31_922)),
            ("/a", true, Err(31_923)),
            ("wss://", true, Err(31_923)),
        ];
        for (url, allows_plain, expected) in table {
            let found = read(url, allows_plain);
            let found = found.as_ref().map(Url::as_str).map_err(|trouble| trouble.code);
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn goodbyes_and_what_is_none() {
        for (code, expected) in [(1000, None), (1001, None), (1005, None), (1011, Some(31_921))] {
            let found = of_goodbye(code.into(), "x").err().map(|trouble| trouble.code);
            assert_eq!(found, expected, "{code}");
        }
    }
}
