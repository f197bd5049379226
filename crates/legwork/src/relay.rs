//! Sessions of callers with agents: a WebSocket each, messages of text both ways.
//!
//! Not here: what is said in them (`legwork-call`, `relay`), the messages as JSON (`relay::message`), the socket
//! (`websocket`).
//! Source: Twilio, "ConversationRelay WebSocket messages"; docs/relay.md.

mod message;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_call::io::Input;
use legwork_call::io::relay::{RelayEvent, RelayId, RelayOrder, RelaySaid, Setup};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::fetch::Fetcher;
use crate::limit;
use crate::serve::inbox::{Event, Post};
use crate::serve::under_way::UnderWay;
use crate::websocket::pace::Pace;
use crate::websocket::{self, Came, Socket, Trouble};

/// No connection to the application.
const UNREACHABLE: u32 = 64_102;
/// The connection is gone.
const ENDED: u32 = 64_105;
/// Too many sessions.
const CROWDED: u32 = 64_109;

/// Holds sessions; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Relays(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    runtime: Handle,
    post: Post,
    fetcher: Fetcher,
    /// Those that are open; what is to be said in each.
    tasks: Mutex<HashMap<RelayId, Sender<RelaySaid>>>,
    under_way: UnderWay,
}

impl Relays {
    /// No session yet.
    pub(crate) fn new(runtime: Handle, post: Post, fetcher: Fetcher) -> Self {
        let (tasks, under_way) = (Mutex::default(), UnderWay::default());
        Self(Arc::new(Inner { runtime, post, fetcher, tasks, under_way }))
    }

    /// Those that are not over, goodbyes included.
    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// The server ends: says goodbye in all of them.
    pub(crate) fn end(&self) {
        self.tasks().clear();
    }

    /// Does what the engine orders; `Input::Relayed` follows. Never waits.
    pub(crate) fn order(&self, id: RelayId, order: RelayOrder) {
        match order {
            RelayOrder::Open(setup) => self.open(id, setup),
            RelayOrder::Say(said) => {
                if let Some(say) = self.tasks().get(&id)
                    && say.try_send(said).is_err()
                {
                    tracing::debug!(
                        relay = id.0,
                        "a message is lost: its application does not read"
                    );
                }
            }
            // It says what it was told to say, then goodbye.
            RelayOrder::Close => drop(self.tasks().remove(&id)),
        }
    }

    fn open(&self, id: RelayId, setup: Box<Setup>) {
        let (say, said) = channel(limit::RELAY_SAID_MAX);
        let mut tasks = self.tasks();
        let is_crowded = tasks.len() >= limit::RELAYS_MAX;
        tasks.insert(id, say);
        drop(tasks);
        let relays = self.clone();
        let under_way = self.0.under_way.begin();
        self.0.runtime.spawn(async move {
            let _under_way = under_way;
            let end = if is_crowded {
                let text = format!("{} sessions are open already", limit::RELAYS_MAX);
                RelayEvent::Failed { code: CROWDED, text }
            } else {
                relays.hold(id, &setup, said).await
            };
            relays.tasks().remove(&id);
            // The engine has forgotten it where it ended it itself, and passes this over.
            relays.tell(id, end).await;
        });
    }

    /// One session, to its end.
    async fn hold(&self, id: RelayId, setup: &Setup, mut said: Receiver<RelaySaid>) -> RelayEvent {
        let failed = |code, trouble: Trouble| RelayEvent::Failed { code, text: trouble.text };
        let connected = tokio::select! {
            connected = websocket::connect(&self.0.fetcher, setup.account, &setup.url) => connected,
            () = closed(&mut said) => return RelayEvent::Closed,
        };
        let mut socket = match connected {
            Ok(socket) => socket,
            Err(trouble) => return failed(UNREACHABLE, trouble),
        };
        if let Err(trouble) = socket.send(message::setup(setup)) {
            return failed(UNREACHABLE, trouble);
        }
        self.tell(id, RelayEvent::Connected).await;
        let mut pace = Pace::new(limit::RELAY_MESSAGES_A_SECOND);
        loop {
            tokio::select! {
                biased;
                said = said.recv() => match said {
                    Some(said) => {
                        if let Err(trouble) = socket.send(message::said(&said)) {
                            return failed(ENDED, trouble);
                        }
                    }
                    None => return goodbye(socket).await,
                },
                came = next(&pace, &mut socket) => match came {
                    Came::Text(text) => {
                        pace.took();
                        let event = match message::read(text.as_str()) {
                            Ok(told) => RelayEvent::Told(told),
                            Err(text) => RelayEvent::Malformed { text },
                        };
                        self.tell(id, event).await;
                    }
                    Came::Binary(bytes) => {
                        pace.took();
                        let text = format!("a message of {} bytes that are no text", bytes.len());
                        self.tell(id, RelayEvent::Malformed { text }).await;
                    }
                    Came::Goodbye(Ok(())) => return goodbye(socket).await,
                    Came::Goodbye(Err(trouble)) | Came::Broken(trouble) => {
                        socket.close().await;
                        return failed(ENDED, trouble);
                    }
                },
            }
        }
    }

    async fn tell(&self, id: RelayId, event: RelayEvent) {
        self.0.post.send(Event::Input(Input::Relayed { id, event })).await;
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<RelayId, Sender<RelaySaid>>> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until nobody wants it any more; what is said meanwhile nobody hears.
async fn closed(said: &mut Receiver<RelaySaid>) {
    while said.recv().await.is_some() {}
}

/// The next message that may be taken.
async fn next(pace: &Pace, socket: &mut Socket) -> Came {
    pace.ready().await;
    socket.next().await
}

async fn goodbye(socket: Socket) -> RelayEvent {
    socket.close().await;
    RelayEvent::Closed
}

#[cfg(test)]
mod tests;
