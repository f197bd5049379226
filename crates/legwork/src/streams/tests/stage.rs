//! Streams with everything they stand on, and an application of ours at the other end.
//!
//! Not here: what is expected of them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use legwork_call::io::{Input, Streaming, Tapped};
use legwork_call::sid::{CallSid, StreamSid};
use legwork_media::offer_answer::Codec;
use legwork_media::{Agreed, Command, Feed, MediaId, TapId};
use legwork_twiml::Tracks;
use mio::{Poll, Token, Waker};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::config::{self, PortRange, development};
use crate::fetch::Fetcher;
use crate::media::MediaThreads;
use crate::serve::inbox::{Event, Inbox, inbox};
use crate::streams::MediaStreams;

pub(super) const CALL: CallSid = CallSid::from_bits(7);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Stage {
    pub(super) streams: MediaStreams,
    pub(super) media: MediaThreads,
    /// Free ports of the media thread.
    ports: Arc<Mutex<Vec<u16>>>,
    inbox: Inbox,
    _poll: Poll,
}

pub(super) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(super) fn streaming(url: &str, tracks: Tracks) -> Box<Streaming> {
    Box::new(Streaming {
        sid: StreamSid::from_bits(5),
        url: url.to_owned(),
        tracks,
        parameters: vec![("a".to_owned(), "1".to_owned())],
        speaks: None,
    })
}

/// The sound of a message.
pub(super) fn sound(media: &Value) -> Vec<u8> {
    STANDARD.decode(media["payload"].as_str().unwrap()).unwrap()
}

/// A media thread, and its ports. Others may have some already: tests run beside each other.
fn media() -> (MediaThreads, Arc<Mutex<Vec<u16>>>) {
    let started = (18_400..20_000).step_by(8).find_map(|first| {
        let config = config::Media {
            listen_addresses: vec![LOOPBACK],
            ports: PortRange { first, last: first + 7 },
            hold_music: None,
        };
        let ports = Arc::new(Mutex::new(Vec::new()));
        let free = Arc::clone(&ports);
        let sink = Arc::new(move |input| {
            if let Input::Ports { ports, .. } = input {
                free.lock().unwrap().extend(ports);
            }
        });
        let media = MediaThreads::start(&config, 1, sink).ok()?;
        let are_all = ports.lock().unwrap().len() == 4;
        are_all.then_some((media, ports))
    });
    started.unwrap()
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(super) fn with(change: impl FnOnce(&mut config::Config)) -> Self {
        let mut config = development::config(5060, 8080, false, None);
        change(&mut config);
        let poll = Poll::new().unwrap();
        let (post, inbox) = inbox(Waker::new(poll.registry(), Token(0)).unwrap());
        let (media, ports) = media();
        let fetcher = Fetcher::new(&config).unwrap();
        let streams = MediaStreams::new(Handle::current(), post, media.clone(), fetcher);
        Self { streams, media, ports, inbox, _poll: poll }
    }

    /// A stream of what the leg says.
    pub(super) fn begin(&self, tap: TapId, url: &str) {
        self.streams.begin(tap, development::ACCOUNT, CALL, streaming(url, Tracks::Inbound));
    }

    /// A leg that hears what is said to that tap.
    pub(super) fn leg(&self, tap: TapId) -> MediaId {
        let port = self.ports.lock().unwrap().pop().unwrap();
        let leg = MediaId { thread: 0, port, lease: 1 };
        let remote = SocketAddr::new(LOOPBACK, 9);
        let agreed = Agreed {
            remote_rtp: remote,
            remote_rtcp: remote,
            rtcp_mux: true,
            codec: Codec::Pcmu,
            send_payload: 0,
            receive_payload: 0,
            telephone_event: None,
            event_clock_hz: 8000,
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        self.media.command(leg, Command::Open);
        self.media.command(leg, Command::Agree(Box::new(agreed)));
        self.media.command(leg, Command::Feed(Feed::Live(tap)));
        leg
    }

    /// What the engine is told next.
    pub(super) async fn told(&mut self) -> Tapped {
        let told = tokio::time::timeout(PATIENCE, self.inbox.wait()).await.unwrap();
        let Event::Input(Input::Tapped { tapped, .. }) = told else { panic!("{told:?}") };
        tapped
    }

    /// The same of what is wrong: the code, and whether it goes on.
    pub(super) async fn told_code(&mut self) -> (u32, bool) {
        let told = self.told().await;
        if let Tapped::Flawed { code, .. } = told {
            return (code, true);
        }
        let Tapped::Failed { code, .. } = told else { panic!("{told:?}") };
        (code, false)
    }

    /// Something was told already.
    pub(super) fn is_told(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Nothing is left of any stream, once their tasks have ended.
    pub(super) async fn is_empty(&self) {
        let empty = async {
            while !self.streams.tasks().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        // Not by the runtime's time, which may be paused.
        empty.await;
    }
}

/// An application of ours.
pub(super) struct Application {
    listener: TcpListener,
    pub(super) url: String,
}

impl Application {
    pub(super) async fn new() -> Self {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let url = format!("ws://{}/stream", listener.local_addr().unwrap());
        Self { listener, url }
    }

    /// The next connection, nothing said.
    pub(super) async fn raw(&mut self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }

    /// The next connection as a WebSocket.
    pub(super) async fn accept(&mut self) -> Call {
        let stream = self.raw().await;
        let mut signature = None;
        #[expect(clippy::result_large_err, reason = "its type is not ours")]
        let see = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            let signed = request.headers().get("X-Twilio-Signature");
            signature = signed.map(|signed| signed.to_str().unwrap().to_owned());
            Ok(response)
        };
        let socket = accept_hdr_async(stream, see).await.unwrap();
        Call { socket, signature }
    }
}

/// One WebSocket, at the application's end.
pub(super) struct Call {
    pub(super) socket: WebSocketStream<TcpStream>,
    pub(super) signature: Option<String>,
}

impl Call {
    pub(super) async fn message(&mut self) -> Option<Message> {
        self.socket.next().await?.ok()
    }

    /// The next message of text.
    pub(super) async fn next(&mut self) -> Value {
        loop {
            let message = self.message().await.unwrap();
            if let Message::Text(text) = &message {
                return json(text);
            }
            assert!(matches!(message, Message::Ping(_) | Message::Pong(_)), "{message:?}");
        }
    }

    /// The next of that event.
    pub(super) async fn until(&mut self, event: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["event"] == event {
                return message;
            }
        }
    }

    pub(super) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// So many samples.
    pub(super) async fn say_sound(&mut self, n_samples: usize) {
        let payload = STANDARD.encode(vec![0x20; n_samples]);
        self.say(&format!(r#"{{"event":"media","media":{{"payload":"{payload}"}}}}"#)).await;
    }

    pub(super) async fn goodbye(mut self) {
        self.socket.close(None).await.unwrap();
        while self.message().await.is_some() {}
    }
}
