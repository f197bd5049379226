//! Sessions with an application in this process: good ones, and what one can do wrong.
//!
//! Not here: single messages (`relay::message`).

use futures_util::{SinkExt as _, StreamExt as _};
use legwork_call::io::relay::RelayTold;
use legwork_call::sid::{CallSid, SessionSid};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use super::*;
use crate::config::{Token, development};
use crate::fetch::sign::signature;
use crate::serve::inbox::{Inbox, inbox};

const ID: RelayId = RelayId(1);

struct Stage {
    relays: Relays,
    inbox: Inbox,
    _poll: mio::Poll,
    listener: TcpListener,
    url: String,
}

/// The application's end.
struct Agent {
    socket: WebSocketStream<TcpStream>,
    signature: Option<String>,
}

impl Stage {
    async fn new() -> Self {
        let config = development::config(5060, 8080, false, None);
        let poll = mio::Poll::new().unwrap();
        let waker = mio::Waker::new(poll.registry(), mio::Token(0)).unwrap();
        let (post, inbox) = inbox(waker);
        let fetcher = Fetcher::new(&config).unwrap();
        let relays = Relays::new(Handle::current(), post, fetcher);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/agent", listener.local_addr().unwrap());
        Self { relays, inbox, _poll: poll, listener, url }
    }

    fn open(&self, id: RelayId) {
        let setup = Setup {
            url: self.url.clone(),
            account: development::ACCOUNT,
            call: CallSid::from_bits(7),
            session: SessionSid::from_bits(8),
            call_type: "SIP",
            about: vec![("from", "sip:alice@example.com".to_owned())],
            parameters: vec![("a".to_owned(), "1".to_owned())],
        };
        self.relays.order(id, RelayOrder::Open(Box::new(setup)));
    }

    async fn accept(&self) -> Agent {
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut signature = None;
        #[expect(clippy::result_large_err, reason = "as the handshake wants it")]
        let look = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            let header = request.headers().get("x-twilio-signature");
            signature = header.map(|value| value.to_str().unwrap().to_owned());
            Ok(response)
        };
        let socket = accept_hdr_async(stream, look).await.unwrap();
        Agent { socket, signature }
    }

    /// What the engine is told next.
    async fn told(&mut self) -> RelayEvent {
        loop {
            if let Some(event) = self.inbox.next_event() {
                let Event::Input(Input::Relayed { id: ID, event }) = event else {
                    panic!("told something else")
                };
                return event;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn is_empty(&self) {
        while !self.relays.tasks().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

impl Agent {
    async fn next(&mut self) -> Value {
        let message = self.socket.next().await.unwrap().unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }
}

#[tokio::test]
async fn from_setup_to_goodbye() {
    let mut stage = Stage::new().await;
    stage.open(ID);
    let mut agent = stage.accept().await;
    let signed = signature(&Token::new(development::AUTH_TOKEN), &stage.url, &[]);
    assert_eq!(agent.signature.as_deref(), Some(signed.as_str()));
    assert_eq!(stage.told().await, RelayEvent::Connected);
    let setup = agent.next().await;
    assert_eq!((&setup["type"], &setup["callType"]), (&"setup".into(), &"SIP".into()));
    assert_eq!(setup["sessionId"], "VX00000000000000000000000000000008");
    assert_eq!(setup["customParameters"]["a"], "1");
    let prompt =
        RelaySaid::Prompt { text: "hello".to_owned(), language: "en-US".to_owned(), last: true };
    stage.relays.order(ID, RelayOrder::Say(prompt));
    assert_eq!(agent.next().await["voicePrompt"], "hello");
    agent.say(r#"{"type":"end","handoffData":"x"}"#).await;
    let end = RelayTold::End { handoff: Some("x".to_owned()) };
    assert_eq!(stage.told().await, RelayEvent::Told(end));
    // What is said before the end is still told.
    stage.relays.order(ID, RelayOrder::Say(RelaySaid::Error { text: "bye".to_owned() }));
    stage.relays.order(ID, RelayOrder::Close);
    assert_eq!(agent.next().await["description"], "bye");
    assert!(matches!(agent.socket.next().await, Some(Ok(Message::Close(_)))));
    assert_eq!(stage.told().await, RelayEvent::Closed);
    stage.is_empty().await;
}

#[tokio::test]
async fn what_is_no_message_does_not_end_it() {
    let mut stage = Stage::new().await;
    stage.open(ID);
    let mut agent = stage.accept().await;
    assert_eq!(stage.told().await, RelayEvent::Connected);
    agent.say("hello?").await;
    agent.socket.send(Message::binary(vec![1, 2])).await.unwrap();
    for expected in ["the message is none", "no text"] {
        let RelayEvent::Malformed { text } = stage.told().await else { panic!("{expected}") };
        assert!(text.contains(expected), "{text}");
    }
    agent.say(r#"{"type":"text","token":"Hi","last":true}"#).await;
    assert!(matches!(stage.told().await, RelayEvent::Told(RelayTold::Text { .. })));
    agent.socket.close(None).await.unwrap();
    assert_eq!(stage.told().await, RelayEvent::Closed);
    stage.is_empty().await;
}

#[tokio::test]
async fn who_is_not_there_or_breaks_off_has_failed() {
    let mut stage = Stage::new().await;
    stage.open(ID);
    let agent = stage.accept().await;
    assert_eq!(stage.told().await, RelayEvent::Connected);
    drop(agent);
    let RelayEvent::Failed { code, .. } = stage.told().await else { panic!("not failed") };
    assert_eq!(code, ENDED);
    for url in ["ws://127.0.0.1:1/x", "wss://no-such-host.invalid/", "nonsense"] {
        url.clone_into(&mut stage.url);
        stage.open(ID);
        let RelayEvent::Failed { code, text } = stage.told().await else { panic!("{url}") };
        assert_eq!(code, UNREACHABLE, "{url}: {text}");
    }
    stage.is_empty().await;
}

#[tokio::test]
async fn who_breaks_the_rules_is_told_so_and_has_failed() {
    let mut stage = Stage::new().await;
    stage.open(ID);
    let mut agent = stage.accept().await;
    assert_eq!(stage.told().await, RelayEvent::Connected);
    agent.next().await;
    // A reserved opcode.
    agent.socket.get_mut().write_all(b"\x83\x01x").await.unwrap();
    let goodbye = agent.socket.next().await.unwrap().unwrap();
    let Message::Close(Some(frame)) = goodbye else { panic!("{goodbye:?}") };
    assert_eq!(u16::from(frame.code), 1002);
    drop(agent);
    let RelayEvent::Failed { code, .. } = stage.told().await else { panic!("not failed") };
    assert_eq!(code, ENDED);
    stage.is_empty().await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_early_leaves_nothing() {
    let mut stage = Stage::new().await;
    stage.open(ID);
    // Nobody answers the handshake.
    let (_stream, _) = stage.listener.accept().await.unwrap();
    stage.relays.order(ID, RelayOrder::Close);
    assert_eq!(stage.told().await, RelayEvent::Closed);
    stage.is_empty().await;
}

#[tokio::test]
async fn sessions_are_not_without_number() {
    let mut stage = Stage::new().await;
    for n in 0..limit::RELAYS_MAX as u64 {
        let (say, _) = channel(1);
        stage.relays.tasks().insert(RelayId(1_000 + n), say);
    }
    stage.open(ID);
    let RelayEvent::Failed { code, .. } = stage.told().await else { panic!("not failed") };
    assert_eq!(code, CROWDED);
}
