//! The loop: wait, feed one input, drain the outputs. One thread, one switch, one clock.
//!
//! Not here: decisions about calls (`legwork-call`), HTTP (`fetch`, `api`), media (`media`).
//! Source: ARCHITECTURE.md, "from a packet to a webhook and back".

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use legwork_call::io::{
    Change, CommandId, Expects, Fetch, FetchError, FetchId, Input, Now, Output, Purpose,
};
use legwork_call::{Answer, Command, Switch, shown_url};
use legwork_sip as sip;
use legwork_sip::Transport;
use mio::{Events, Interest, Poll, Token};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::ears::Ears;
use crate::fetch::Fetcher;
use crate::fetch::journey::Arrived;
use crate::limit;
use crate::log;
use crate::media::MediaThreads;
use crate::net::resolve::{Question, Resolver};
use crate::net::route::Routes;
use crate::net::stream::Streams;
use crate::net::udp::{Listener, Sent, is_keep_alive};
use crate::recording::Recordings;
use crate::relay::Relays;
use crate::serve::inbox::{Event, Inbox, Post};
use crate::serve::recorder::{self, Recorder};
use crate::serve::under_way::UnderWay;
use crate::speech::Speech;
use crate::store::Store;
use crate::streams::MediaStreams;

/// The bell of the inbox; sockets are numbered from 0.
pub(crate) const BELL: Token = Token(usize::MAX);

/// What the engine is made of.
pub(crate) struct Parts {
    /// Already knows the sockets and the bell.
    pub(crate) poll: Poll,
    /// UDP sockets, in the order of their tokens.
    pub(crate) listeners: Vec<Listener>,
    /// What the others tell.
    pub(crate) inbox: Inbox,
    /// For the tasks.
    pub(crate) post: Post,
    /// Where the tasks run.
    pub(crate) runtime: Handle,
    /// Names.
    pub(crate) resolver: Resolver,
    /// Connections.
    pub(crate) streams: Streams,
    /// Webhooks.
    pub(crate) fetcher: Fetcher,
    /// Media.
    pub(crate) media: MediaThreads,
    /// Speech and files.
    pub(crate) speech: Speech,
    /// What is said, written down.
    pub(crate) recordings: Recordings,
    /// What callers say.
    pub(crate) ears: Ears,
    /// Sound to and from applications.
    pub(crate) media_streams: MediaStreams,
    /// Text to and from applications.
    pub(crate) relays: Relays,
    /// What applications are told and does not come back.
    pub(crate) callbacks: UnderWay,
    /// The read model.
    pub(crate) store: Arc<Store>,
}

/// The loop's own state.
pub(crate) struct Engine {
    switch: Switch,
    parts: Parts,
    routes: Routes,
    pending: VecDeque<Input>,
    fetches: HashMap<FetchId, AbortHandle>,
    replies: HashMap<CommandId, oneshot::Sender<Answer>>,
    /// Answers that go out once the store shows what they tell of.
    answers: Vec<(CommandId, Answer)>,
    commands: u64,
    datagrams_lost: u64,
    stopped: bool,
    recorder: Option<Box<Recorder>>,
}

impl Engine {
    /// An engine around a switch.
    pub(crate) fn new(switch: Switch, parts: Parts, recorder: Option<Box<Recorder>>) -> Self {
        Self {
            switch,
            parts,
            routes: Routes::default(),
            pending: VecDeque::new(),
            fetches: HashMap::new(),
            replies: HashMap::new(),
            answers: Vec::new(),
            commands: 0,
            datagrams_lost: 0,
            stopped: false,
            recorder,
        }
    }

    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// The poll failed.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(limit::LISTENERS_MAX + 1);
        let mut buffer = vec![0; limit::DATAGRAM_MAX];
        // Sockets that may hold more than was read: edge-triggered polls tell only once.
        let mut ready = vec![true; self.parts.listeners.len()];
        self.drain();
        // The media threads have told their ports: a call that waits on a socket needs them.
        self.take_events();
        while !self.stopped {
            let busy = ready.contains(&true) || !self.parts.inbox.is_empty();
            let timeout = if busy { Some(Duration::ZERO) } else { self.patience() };
            match self.parts.poll.poll(&mut events, timeout) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            for event in &events {
                match event.token() {
                    BELL => self.parts.inbox.answer_bell(),
                    Token(socket) => {
                        if let Some(ready) = ready.get_mut(socket) {
                            *ready = true;
                        }
                    }
                }
            }
            for (socket, ready) in ready.iter_mut().enumerate() {
                if *ready {
                    *ready = self.read(socket, &mut buffer);
                }
            }
            self.take_events();
            if self.patience() == Some(Duration::ZERO) {
                self.feed(Input::Tick);
            }
        }
        Ok(())
    }

    /// How long nothing needs to be done.
    fn patience(&self) -> Option<Duration> {
        let due = self.switch.poll_timeout()?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// Reads a socket. True: there may be more.
    fn read(&mut self, socket: usize, buffer: &mut [u8]) -> bool {
        for _ in 0..limit::DATAGRAMS_PER_TURN {
            let Some(listener) = self.parts.listeners.get(socket) else { return false };
            let Some((n, remote)) = listener.receive(buffer) else { return false };
            let datagram = buffer.get(..n).unwrap_or_default();
            if is_keep_alive(datagram) {
                continue;
            }
            let Some(local) = self.local_towards(listener.local(), remote) else { continue };
            let flow = sip::Flow { transport: Transport::Udp, local, remote, connection: 0 };
            self.feed(Input::Message { flow, bytes: Bytes::copy_from_slice(datagram) });
        }
        true
    }

    /// The listening address with the IP the peer sees.
    fn local_towards(&mut self, listening: SocketAddr, remote: SocketAddr) -> Option<SocketAddr> {
        if !listening.ip().is_unspecified() {
            return Some(listening);
        }
        let local_ip = self.routes.local_ip(Instant::now(), remote.ip())?;
        Some(SocketAddr::new(local_ip, listening.port()))
    }

    fn take_events(&mut self) {
        for _ in 0..limit::EVENTS_PER_TURN {
            let Some(event) = self.parts.inbox.next_media() else { break };
            self.take(event);
        }
        for _ in 0..limit::EVENTS_PER_TURN {
            let Some(event) = self.parts.inbox.next_event() else { break };
            self.take(event);
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Input(input) => {
                if let Input::Fetched { id, .. } = &input
                    && self.fetches.remove(id).is_none()
                {
                    // Forgotten while its answer was under way.
                    return;
                }
                self.feed(input);
            }
            Event::Fetched { id, document, written } => {
                if self.fetches.remove(&id).is_some() {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.written = Some(written);
                    }
                    self.feed(Input::Fetched { id, result: Ok(*document) });
                }
            }
            Event::Command { command, reply } => self.order(command, reply),
            Event::Opened { flow, outbox } => self.parts.streams.insert(flow, outbox),
            Event::Closed(flow) => {
                for dead in self.parts.streams.remove(flow) {
                    self.feed(Input::FlowFailed(dead));
                }
            }
            Event::FetchOver(id) => {
                self.fetches.remove(&id);
            }
            Event::Stop => self.stopped = true,
        }
    }

    fn order(&mut self, command: Command, reply: oneshot::Sender<Answer>) {
        self.commands += 1;
        let id = CommandId(self.commands);
        self.replies.insert(id, reply);
        // Whoever has stopped waiting needs no answer.
        if self.replies.len() > limit::INBOX_MAX {
            self.replies.retain(|_, reply| !reply.is_closed());
        }
        self.feed(Input::Command { id, command });
    }

    /// One input and everything that follows from it, however often it comes back.
    fn feed(&mut self, input: Input) {
        self.step(input);
        while let Some(input) = self.pending.pop_front() {
            self.step(input);
        }
    }

    fn step(&mut self, input: Input) {
        let now = Now { mono: Instant::now(), wall: SystemTime::now() };
        match self.recorder.take() {
            None => self.step_at(now, input),
            Some(recorder) => self.step_recorded(recorder, input),
        }
    }

    /// The same, noted. What is due is done first, one deadline after the other: a replay finds the
    /// call in the same state then.
    fn step_recorded(&mut self, mut recorder: Box<Recorder>, input: Input) {
        let mut input = Some(input).filter(|input| !matches!(input, Input::Tick));
        let mut turns = 0..limit::DEADLINES_PER_TURN;
        loop {
            let now = Now { mono: Instant::now(), wall: SystemTime::now() };
            let due = self.switch.poll_timeout().filter(|due| *due <= now.mono);
            let next = match due.filter(|_| turns.next().is_some()) {
                Some(_) => Some(Input::Tick),
                None => input.take(),
            };
            let Some(next) = next else { break };
            recorder.begin(&mut self.switch, now, &next, due);
            self.recorder = Some(recorder);
            self.step_at(now, next);
            let Some(back) = self.recorder.take() else { return };
            recorder = back;
            recorder.end(&mut self.switch);
        }
        self.recorder = Some(recorder);
    }

    fn step_at(&mut self, now: Now, input: Input) {
        // The switch catches its own panics and ends the calls concerned; this is the last line.
        let step = AssertUnwindSafe(|| self.switch.handle(now, input));
        if let Err(panic) = catch_unwind(step) {
            self.parts.store.count_bug();
            tracing::error!(bug = panic_text(panic.as_ref()), fault = "us", "an input was lost");
        }
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            let next = catch_unwind(AssertUnwindSafe(|| self.switch.poll_output()));
            match next {
                Ok(Some(output)) => {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.see(&output);
                    }
                    self.perform(output);
                }
                Ok(None) => break,
                Err(panic) => {
                    self.parts.store.count_bug();
                    let bug = panic_text(panic.as_ref());
                    tracing::error!(bug, fault = "us", "outputs were lost");
                    break;
                }
            }
        }
        for (id, answer) in self.answers.drain(..) {
            if let Some(reply) = self.replies.remove(&id) {
                // Whoever asked may have left.
                let _ = reply.send(answer);
            }
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Transmit(transmit) => self.transmit(transmit),
            Output::Resolve { id, host, port, transport, random } => {
                self.resolve(Question { id, host, port, transport, random });
            }
            Output::Fetch(fetch) => self.fetch(*fetch),
            Output::ForgetFetch(id) => {
                if let Some(task) = self.fetches.remove(&id) {
                    task.abort();
                }
            }
            Output::Media { media, command } => self.parts.media.command(media, command),
            Output::Room { thread, room, command } => {
                self.parts.media.room(thread, room, command);
            }
            Output::WantPorts { thread } => self.parts.media.want_ports(thread),
            Output::Source { id, account, request } => {
                let told = self.parts.speech.prepare(id, account, request);
                self.pending.extend(told);
            }
            Output::ForgetSource(id) => self.parts.speech.forget(id),
            Output::Tap { tap, account, call, purpose } => match purpose {
                Purpose::Record(recording) => {
                    self.parts.recordings.begin(tap, account, call, &recording);
                }
                Purpose::Recognise(asked) => self.parts.ears.listen(tap, *asked),
                Purpose::Stream(streaming) => {
                    self.parts.media_streams.begin(tap, account, call, streaming);
                }
            },
            // A recording is kept nevertheless.
            Output::ForgetTap(tap) => {
                self.parts.ears.forget(tap);
                self.parts.media_streams.forget(tap);
            }
            Output::Relay { id, order } => self.parts.relays.order(id, order),
            Output::StreamKey { tap, key } => self.parts.media_streams.key(tap, key),
            Output::Reply { id, answer } => self.answers.push((id, answer)),
            Output::Store(Change::Call(row)) => {
                log::call(&row);
                if row.ended.is_some() {
                    self.parts.fetcher.call_ended(row.sid);
                }
                self.parts.store.put_call(*row);
            }
            Output::Store(Change::Alert(alert)) => {
                log::alert(&alert);
                self.parts.store.put_alert(*alert);
            }
            Output::Store(Change::Recording(row)) => self.parts.recordings.put_row(&row),
            Output::Store(Change::Transcription(row)) => self.parts.store.put_transcription(*row),
            Output::Store(Change::Trunk(row)) => self.parts.store.put_trunk(*row),
            Output::Store(Change::TrunkGone { account, name }) => {
                self.parts.store.forget_trunk(account, name);
            }
            Output::Store(Change::Queue(row)) => self.parts.store.put_queue(*row),
            Output::Store(Change::QueueGone { queue, .. }) => self.parts.store.forget_queue(queue),
            Output::Store(Change::QueueMember(row)) => self.parts.store.put_queue_member(row),
            Output::Store(Change::QueueLeft { queue, place }) => {
                self.parts.store.forget_queue_member(queue, place);
            }
            Output::Store(Change::Conference(row)) => self.parts.store.put_conference(*row),
            Output::Store(Change::Participant(row)) => self.parts.store.put_participant(*row),
            Output::Trace(row) => {
                log::row(&row);
                self.parts.store.put_row(SystemTime::now(), *row);
            }
        }
    }

    fn transmit(&mut self, transmit: sip::Transmit) {
        let flow = transmit.flow;
        let sent = match flow.transport {
            Transport::Udp => {
                let listener = self.parts.listeners.iter().find(|l| l.serves(flow.local));
                listener.map_or(Sent::NoWay, |l| l.send(&transmit.bytes, flow.remote))
            }
            Transport::Tcp if self.parts.streams.send(flow, transmit.bytes) => Sent::Yes,
            Transport::Tcp => Sent::NoWay,
        };
        match sent {
            Sent::Yes => {}
            Sent::Lost => {
                self.datagrams_lost += 1;
                if self.datagrams_lost.is_power_of_two() {
                    let lost = self.datagrams_lost;
                    tracing::warn!(lost, "the SIP socket is full: datagrams are lost");
                }
            }
            Sent::NoWay => self.pending.push_back(Input::FlowFailed(flow)),
        }
    }

    fn resolve(&mut self, question: Question) {
        let id = question.id;
        let Some(remote) = question.literal() else {
            if !self.parts.resolver.ask(question) {
                self.pending.push_back(Input::Resolved { id, targets: Vec::new() });
            }
            return;
        };
        let local_ip = self.routes.local_ip(Instant::now(), remote.ip());
        let targets = local_ip.map(|ip| question.target(remote, ip)).into_iter().collect();
        self.pending.push_back(Input::Resolved { id, targets });
    }

    fn fetch(&mut self, fetch: Fetch) {
        let id = fetch.id;
        if self.fetches.len() >= limit::FETCHES_MAX {
            let error = FetchError {
                code: match fetch.expects {
                    Expects::Document => 11_200,
                    Expects::Nothing => 15_002,
                },
                text: format!("{} requests to applications are under way", limit::FETCHES_MAX),
                account: fetch.account,
                call: fetch.call,
                method: fetch.hook.method,
                url: shown_url(&fetch.hook.url),
                status: None,
                took: Duration::ZERO,
            };
            self.pending.push_back(Input::Fetched { id, result: Err(error) });
            return;
        }
        let (fetcher, post) = (self.parts.fetcher.clone(), self.parts.post.clone());
        let is_recorded = self.recorder.is_some();
        let under_way = match fetch.expects {
            Expects::Nothing => Some(self.parts.callbacks.begin()),
            Expects::Document => None,
        };
        let task = self.parts.runtime.spawn(async move {
            let _under_way = under_way;
            let mut written = None;
            let see = |arrived: &Arrived| written = is_recorded.then(|| arrived.clone());
            let event = match (fetcher.fetch_and_see(fetch, see).await, written) {
                (Some(Ok(document)), Some(arrived)) => {
                    let written = recorder::written(arrived, document.took);
                    Event::Fetched { id, document: Box::new(document), written }
                }
                (Some(result), _) => Event::Input(Input::Fetched { id, result }),
                (None, _) => Event::FetchOver(id),
            };
            post.send(event).await;
        });
        self.fetches.insert(id, task.abort_handle());
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown")
}

/// Registers the sockets with the poll.
///
/// # Errors
/// The poll takes no more.
pub(crate) fn register(poll: &Poll, listeners: &mut [Listener]) -> io::Result<()> {
    for (token, listener) in listeners.iter_mut().enumerate() {
        poll.registry().register(listener.source(), Token(token), Interest::READABLE)?;
    }
    Ok(())
}
