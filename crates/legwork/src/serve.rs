//! The server: binds everything, starts the threads, says that it is ready, drains and ends.
//!
//! Not here: the loop (`serve/engine`), what is configured (`config`).
//! Source: the README, "Ready" and "Development mode".

pub mod engine;
pub mod inbox;
mod nofile;
mod recorder;
mod rest;
pub(crate) mod under_way;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, anyhow};
use legwork_call::io::{Input, Now};
use legwork_call::{Answer, Command, Switch};
use legwork_sip::Transport;
use mio::Poll;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::api;
use crate::config::{Config, development};
use crate::ears::Ears;
use crate::fetch::{self, Fetcher};
use crate::limit;
use crate::media::MediaThreads;
use crate::net::dns::Dns;
use crate::net::resolve::{Resolver, ours};
use crate::net::stream::{Census, Streams, accept};
use crate::net::udp::Listener;
use crate::record::{self, Scribe};
use crate::recording::{Ephemeral, Recordings};
use crate::relay::Relays;
use crate::serve::engine::{BELL, Engine, Parts, register};
use crate::serve::inbox::{Event, Post, inbox};
use crate::serve::rest::Rest;
use crate::speech::Speech;
use crate::store::Store;
use crate::streams::MediaStreams;

/// Live calls are counted this often while draining.
const DRAIN_STEP: Duration = Duration::from_millis(200);

/// What `serve` was told on the command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The configuration file; none: development mode.
    pub config: Option<PathBuf>,
    /// Development mode: instead of the bank application.
    pub voice_url: Option<String>,
    /// Development mode: nothing stays on disk.
    pub ephemeral: bool,
    /// Calls are recorded there.
    pub record: Option<record::Options>,
}

/// Sockets that are bound.
struct Bound {
    listeners: Vec<Listener>,
    streams: Vec<std::net::TcpListener>,
    http: Vec<std::net::TcpListener>,
}

/// A running server.
pub struct Server {
    config: RwLock<Arc<Config>>,
    options: Options,
    post: Post,
    fetcher: Fetcher,
    speech: Speech,
    ears: Ears,
    shared: Arc<api::Shared>,
    rest: Rest,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Runs the server until it is told to end.
///
/// # Errors
/// The configuration is wrong ([`crate::config::Broken`]), or something can not be bound.
pub fn run(options: Options) -> anyhow::Result<()> {
    let (mut config, bound) = bind(&options)?;
    let ephemeral = options.ephemeral.then(Ephemeral::new).transpose();
    let ephemeral = ephemeral.context("no temporary folder")?;
    if let Some(folder) = &ephemeral {
        folder.path().clone_into(&mut config.recordings.folder);
    }
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    nofile::raise(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(io_threads())
        .thread_name("legwork-io")
        .enable_all()
        .build()
        .context("no threads for I/O")?;
    let result = runtime.block_on(serve(config, options, bound));
    // Tasks that still wait for an application are not waited for.
    runtime.shutdown_background();
    result
}

/// On two processors the engine and the media thread have one each: a second thread for I/O would
/// only be woken more often.
fn io_threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    if processors > 2 { 2 } else { 1 }
}

/// What applications hear and say by WebSocket.
fn websockets(
    runtime: &tokio::runtime::Handle,
    post: &Post,
    media: &MediaThreads,
    fetcher: &Fetcher,
) -> (MediaStreams, Relays) {
    let streams = MediaStreams::new(runtime.clone(), post.clone(), media.clone(), fetcher.clone());
    (streams, Relays::new(runtime.clone(), post.clone(), fetcher.clone()))
}

fn start_speech(
    config: &Config,
    post: &Post,
    fetcher: &Fetcher,
    media: &MediaThreads,
    recordings: &Recordings,
) -> Speech {
    let runtime = tokio::runtime::Handle::current();
    let (post, fetcher) = (post.clone(), fetcher.clone());
    Speech::new(runtime, post, fetcher, media.clone(), recordings.clone(), config)
}

async fn serve(config: Config, options: Options, bound: Bound) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let poll = Poll::new().context("no epoll")?;
    let waker = mio::Waker::new(poll.registry(), BELL).context("no eventfd")?;
    let (post, inbox) = inbox(waker);
    let mut listeners = bound.listeners;
    register(&poll, &mut listeners).context("a SIP socket can not be polled")?;
    let store = Arc::new(Store::default());
    let fetcher = Fetcher::new(&config).context("no TLS")?;
    let media = start_media(&config, &post)?;
    let ears = Ears::new(runtime.clone(), post.clone(), media.taps().clone(), &config.recognition)
        .context("no TLS")?;
    let recordings = start_recordings(&config, &post, &media, &store)?;
    let speech = start_speech(&config, &post, &fetcher, &media, &recordings);
    let census = Arc::new(Census::default());
    let shared = Arc::new(api::Shared::new(
        &config,
        Arc::clone(&store),
        post.clone(),
        fetcher.clone(),
        recordings.clone(),
    ));
    let (media_streams, relays) = websockets(&runtime, &post, &media, &fetcher);
    let rest = Rest::new(&media_streams, &relays, &ears, &recordings);
    let now = Now { mono: Instant::now(), wall: SystemTime::now() };
    let mut switch = Switch::new(now, config.switch.clone(), seed());
    let (recorder, scribe) = recorder::start(&options, &config, &mut switch)?;
    let parts = Parts {
        poll,
        listeners,
        inbox,
        post: post.clone(),
        runtime: runtime.clone(),
        resolver: start_resolver(&config, &post),
        streams: Streams::new(runtime.clone(), post.clone(), Arc::clone(&census)),
        fetcher: fetcher.clone(),
        media,
        speech: speech.clone(),
        recordings,
        ears: ears.clone(),
        media_streams,
        relays,
        callbacks: rest.callbacks.clone(),
        store,
    };
    let is_recording = scribe.is_some();
    let mut engine_end = start_engine(Engine::new(switch, parts, recorder), scribe)?;
    accept_all(bound.streams, &census, &post)?;
    answer_all(bound.http, &shared)?;
    // Before anybody hears that we are ready: a signal then must not find us without an answer.
    let signals = Signals::new().context("no signals")?;
    shared.set_ready();
    say_ready(&config)?;
    let config = RwLock::new(Arc::new(config));
    let server = Server { config, options, post, fetcher, speech, ears, shared, rest };
    tokio::select! {
        ended = &mut engine_end => match ended {
            Ok(ended) => ended.context("the engine's poll failed"),
            Err(_) => Err(anyhow!("the engine's thread ended")),
        },
        () = server.obey(signals) => {
            server.rest.end().await;
            if is_recording {
                wait_for_recordings(engine_end).await;
            }
            Ok(())
        }
    }
}

/// Takes the connections of phones.
fn accept_all(
    listeners: Vec<std::net::TcpListener>,
    census: &Arc<Census>,
    post: &Post,
) -> io::Result<()> {
    for listener in listeners {
        tokio::spawn(accept(TcpListener::from_std(listener)?, Arc::clone(census), post.clone()));
    }
    Ok(())
}

/// Answers over HTTP.
fn answer_all(listeners: Vec<std::net::TcpListener>, shared: &Arc<api::Shared>) -> io::Result<()> {
    for listener in listeners {
        tokio::spawn(api::serve(TcpListener::from_std(listener)?, Arc::clone(shared)));
    }
    Ok(())
}

/// Starts the engine's thread; tells how it ended, once everything is recorded.
fn start_engine(
    engine: Engine,
    scribe: Option<Scribe>,
) -> anyhow::Result<oneshot::Receiver<io::Result<()>>> {
    let (engine_ended, engine_end) = oneshot::channel();
    std::thread::Builder::new()
        .name("legwork-engine".to_owned())
        .spawn(move || {
            let ended = engine.run();
            scribe.into_iter().for_each(Scribe::finish);
            // Nobody listens any more when the server has ended first.
            let _ = engine_ended.send(ended);
        })
        .context("no thread for the engine")?;
    Ok(engine_end)
}

/// The engine's thread ends when the last recording is written.
async fn wait_for_recordings(engine_end: oneshot::Receiver<io::Result<()>>) {
    if tokio::time::timeout(limit::RECORDINGS_WRITTEN, engine_end).await.is_err() {
        tracing::warn!("the disk is too slow: the last recordings are not written");
    }
}

/// Different for every process: the standard library seeds its hashers from the system.
fn seed() -> u64 {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id())
}

fn start_media(config: &Config, post: &Post) -> anyhow::Result<MediaThreads> {
    let post = post.clone();
    MediaThreads::start(
        &config.media,
        config.switch.media_threads,
        Arc::new(move |input| post.send_media(input)),
    )
    .context("the media threads do not start")
}

fn start_resolver(config: &Config, post: &Post) -> Resolver {
    let runtime = tokio::runtime::Handle::current();
    let ours = ours(&config.switch.sip.listen);
    Resolver::new(runtime, post.clone(), Dns::new(&config.dns), ours)
}

fn start_recordings(
    config: &Config,
    post: &Post,
    media: &MediaThreads,
    store: &Arc<Store>,
) -> anyhow::Result<Recordings> {
    let (taps, store) = (media.taps().clone(), Arc::clone(store));
    Recordings::new(&config.recordings, fetch::tls, post.clone(), taps, store)
}

/// What we are told from outside.
struct Signals {
    end: End,
    hang_up: Signal,
}

/// SIGTERM, or Ctrl-C.
struct End {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        let hang_up = signal(SignalKind::hangup())?;
        Ok(Self { end: End { terminate, interrupt }, hang_up })
    }
}

impl End {
    async fn come(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl Server {
    /// Until it is time to end.
    async fn obey(&self, mut signals: Signals) {
        loop {
            tokio::select! {
                () = signals.end.come() => break,
                _ = signals.hang_up.recv() => self.reload().await,
            }
        }
        tracing::info!("draining: new calls are refused, calls go on");
        self.shared.set_draining();
        let over = async {
            if self.drain().await {
                self.rest.over(&self.post).await;
            }
        };
        tokio::select! {
            () = over => {}
            () = signals.end.come() => tracing::warn!("ended by a second signal"),
        }
        self.post.send(Event::Stop).await;
    }

    /// Until no call is left, or patience is. False: patience.
    async fn drain(&self) -> bool {
        self.post.send(Event::Input(Input::Drain)).await;
        let patience = self.config().server.drain_timeout;
        let quiet = async {
            loop {
                match self.post.order(Command::Stats).await {
                    Ok(Answer::Stats(stats)) if stats.legs == 0 => return,
                    Ok(_) => tokio::time::sleep(DRAIN_STEP).await,
                    Err(inbox::NoAnswer) => return,
                }
            }
        };
        let is_quiet = tokio::time::timeout(patience, quiet).await.is_ok();
        if !is_quiet {
            tracing::warn!("calls were still up at drain_timeout");
        }
        is_quiet
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the configuration again: all of it is taken, or none.
    async fn reload(&self) {
        let Some(path) = self.options.config.clone() else {
            tracing::warn!("development mode has no configuration to read again");
            return;
        };
        let read = tokio::task::spawn_blocking(move || Config::load(&path)).await;
        let current = self.config();
        let next = match read {
            Ok(Ok(next)) => next,
            Ok(Err(broken)) => {
                tracing::error!(problems = %broken, "the new configuration is refused");
                return;
            }
            Err(error) => {
                tracing::error!(%error, "the new configuration could not be read");
                return;
            }
        };
        let mut next = next;
        if let Err(why) = current.can_become(&next) {
            tracing::error!(%why, "the new configuration is refused");
            return;
        }
        for warning in &next.warnings {
            tracing::warn!("{warning}");
        }
        // Ports that were asked for as 0 have their numbers now.
        next.switch.sip.listen.clone_from(&current.switch.sip.listen);
        next.http.listen.clone_from(&current.http.listen);
        next.settle_http_base();
        self.fetcher.reload(&next);
        self.speech.reload(&next);
        self.ears.reload(&next.recognition);
        self.shared.reload(&next);
        self.post.send(Event::Input(Input::Reload(Box::new(next.switch.clone())))).await;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        tracing::info!("the new configuration holds");
    }
}

/// Binds what the configuration says, or what is free in development mode.
fn bind(options: &Options) -> anyhow::Result<(Config, Bound)> {
    if let Some(path) = &options.config {
        let mut config = Config::load(path)?;
        let bound = bind_all(&mut config)?;
        return Ok((config, bound));
    }
    let ipv6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    let config_on = |sip, http| development::config(sip, http, ipv6, options.voice_url.clone());
    let (sip, (listeners, streams)) =
        first_free(development::SIP_PORT, |port| bind_sip(&mut config_on(port, 0)))?;
    let (http_port, http) =
        first_free(development::HTTP_PORT, |port| bind_http(&mut config_on(sip, port)))?;
    Ok((config_on(sip, http_port), Bound { listeners, streams, http }))
}

/// Binds the first port that can be bound; nobody can take it in between.
fn first_free<T>(first: u16, bind: impl Fn(u16) -> anyhow::Result<T>) -> anyhow::Result<(u16, T)> {
    let last = first.saturating_add(development::PORTS_TRIED);
    let mut bound = (first..last).filter_map(|port| Some((port, bind(port).ok()?)));
    bound.next().ok_or_else(|| {
        anyhow!("no free port from {first} to {last} on loopback: end what listens there")
    })
}

fn bind_all(config: &mut Config) -> anyhow::Result<Bound> {
    let (listeners, streams) = bind_sip(config)?;
    let http = bind_http(config)?;
    config.settle_http_base();
    Ok(Bound { listeners, streams, http })
}

/// Binds SIP; port 0 becomes the one it got.
fn bind_sip(config: &mut Config) -> anyhow::Result<(Vec<Listener>, Vec<std::net::TcpListener>)> {
    let (mut listeners, mut streams) = (Vec::new(), Vec::new());
    for (transport, address) in &mut config.switch.sip.listen {
        match transport {
            Transport::Udp => {
                let listener = Listener::bind(*address)
                    .with_context(|| format!("sip.listen: udp://{address} can not be bound"))?;
                *address = listener.local();
                listeners.push(listener);
            }
            Transport::Tcp => {
                let listener = listen(*address)
                    .with_context(|| format!("sip.listen: tcp://{address} can not be bound"))?;
                *address = listener.local_addr()?;
                streams.push(listener);
            }
        }
    }
    Ok((listeners, streams))
}

/// Binds HTTP; port 0 becomes the one it got.
fn bind_http(config: &mut Config) -> anyhow::Result<Vec<std::net::TcpListener>> {
    let mut bound = Vec::new();
    for address in &mut config.http.listen {
        let listener = listen(*address)
            .with_context(|| format!("http.listen: http://{address} can not be bound"))?;
        *address = listener.local_addr()?;
        bound.push(listener);
    }
    Ok(bound)
}

fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}

/// The lines printed on start; the last begins with `legwork is ready`.
fn say_ready(config: &Config) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(mode) = &config.server.development {
        writeln!(out, "development mode: loopback only")?;
        writeln!(out, "  account   {}", development::ACCOUNT)?;
        writeln!(out, "  token     {}", development::AUTH_TOKEN)?;
        writeln!(out, "  domain    {}", development::DOMAIN)?;
        let phones = development::PHONES.join(", ");
        writeln!(out, "  phones    {phones} (passwords equal names)")?;
        let voice = mode.voice_url.as_deref().unwrap_or("the built-in bank application");
        writeln!(out, "  voice_url {voice}")?;
    }
    let mut addresses = Vec::new();
    for (transport, address) in &config.switch.sip.listen {
        let scheme = match transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        };
        addresses.push(format!("{scheme}://{address}"));
    }
    addresses.extend(config.http.listen.iter().map(|address| format!("http://{address}")));
    writeln!(out, "legwork is ready: {}", addresses.join(" "))?;
    out.flush()
}
