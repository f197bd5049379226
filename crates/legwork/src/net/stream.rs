//! SIP over TCP: a task per connection that cuts messages out of the stream, and the engine's list
//! of connections.
//!
//! Not here: framing (`legwork_sip::framing`), datagrams (`udp`).
//! Source: RFC 3261 §18.2.2, §18.3; RFC 5626 §3.5.1 (keep-alives).

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use legwork_call::io::Input;
use legwork_sip as sip;
use legwork_sip::Transport;
use legwork_sip::framing::{Frame, Framer};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use crate::limit;
use crate::serve::inbox::{Event, Post};

/// Dead peers are noticed after about this long.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// Read at a time.
const CHUNK: usize = 16 * 1024;

/// How many connections peers have opened, in all and per address.
#[derive(Debug, Default)]
pub struct Census {
    places: Mutex<Places>,
    ids: AtomicU64,
}

#[derive(Debug, Default)]
struct Places {
    total: usize,
    per_ip: HashMap<IpAddr, usize>,
}

impl Census {
    /// A name for a new connection: never 0, never reused.
    pub fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A place for one more connection from there, if there is one.
    fn enter(self: &Arc<Self>, ip: IpAddr) -> Option<Place> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let here = places.per_ip.get(&ip).copied().unwrap_or(0);
        if places.total >= limit::CONNECTIONS_MAX || here >= limit::CONNECTIONS_PER_IP_MAX {
            return None;
        }
        places.total += 1;
        places.per_ip.insert(ip, here + 1);
        Some(Place { census: Arc::clone(self), ip })
    }
}

/// One connection's place in the census; given back when dropped.
#[derive(Debug)]
struct Place {
    census: Arc<Census>,
    ip: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.census.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.total = places.total.saturating_sub(1);
        if let Some(here) = places.per_ip.get_mut(&self.ip) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                places.per_ip.remove(&self.ip);
            }
        }
    }
}

/// Takes connections until the process ends.
pub async fn accept(listener: TcpListener, census: Arc<Census>, post: Post) {
    loop {
        let (stream, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: connections that end make room.
                tracing::warn!(%error, "a SIP connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let remote = SocketAddr::new(remote.ip().to_canonical(), remote.port());
        let Some(place) = census.enter(remote.ip()) else {
            tracing::warn!(peer = %remote, "too many SIP connections: refused");
            continue;
        };
        let Ok(local) = stream.local_addr() else { continue };
        let local = SocketAddr::new(local.ip().to_canonical(), local.port());
        let connection = census.next_id();
        let flow = sip::Flow { transport: Transport::Tcp, local, remote, connection };
        let (outbox, mail) = mpsc::channel(limit::OUTBOX_MAX);
        let post = post.clone();
        tokio::spawn(async move {
            // The engine alone holds the outbox: dropping it ends the connection.
            let pongs = outbox.downgrade();
            if post.send(Event::Opened { flow, outbox }).await {
                converse(stream, flow, pongs, mail, &post).await;
                post.send(Event::Closed(flow)).await;
            }
            drop(place);
        });
    }
}

/// Reads and writes until one side has enough.
async fn converse(
    stream: TcpStream,
    flow: sip::Flow,
    pongs: mpsc::WeakSender<Bytes>,
    mail: mpsc::Receiver<Bytes>,
    post: &Post,
) {
    // Without these it works too, only slower or later.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE));
    let (reader, writer) = stream.into_split();
    tokio::select! {
        () = read(reader, flow, pongs, post) => {}
        () = write(writer, mail) => {}
    }
}

async fn read(
    mut reader: OwnedReadHalf,
    flow: sip::Flow,
    pongs: mpsc::WeakSender<Bytes>,
    post: &Post,
) {
    let mut framer = Framer::new();
    let mut chunk = vec![0; CHUNK];
    // A byte now and then does not make a message: the whole of it must be there by then.
    let mut deadline = Some(Instant::now() + limit::STREAM_PATIENCE);
    loop {
        let reading = reader.read(&mut chunk);
        let read = match deadline {
            None => reading.await,
            Some(deadline) => timeout_at(deadline, reading)
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        };
        let received = match read {
            Ok(0) => return,
            Ok(n) => chunk.get(..n).unwrap_or_default(),
            Err(error) => {
                tracing::debug!(%error, peer = %flow.remote, "a SIP connection ended");
                return;
            }
        };
        framer.push(received);
        while let Some(frame) = framer.pull() {
            match frame {
                Frame::Message(bytes) => {
                    deadline = None;
                    if !post.send(Event::Input(Input::Message { flow, bytes })).await {
                        return;
                    }
                }
                Frame::Ping => {
                    // A full outbox has better things to say.
                    if let Some(pongs) = pongs.upgrade() {
                        let _ = pongs.try_send(Bytes::from_static(b"\r\n"));
                    }
                }
                Frame::Pong => {}
                Frame::Broken { head, text } => {
                    tracing::warn!(peer = %flow.remote, why = text, "not SIP: connection closed");
                    return refuse(reader, flow, head, post).await;
                }
            }
        }
        if framer.held() > 0 {
            deadline = deadline.or_else(|| Some(Instant::now() + limit::STREAM_PATIENCE));
        }
    }
}

/// Nothing whole can follow. What can be answered is, with 400; what else comes is not read as SIP.
async fn refuse(mut reader: OwnedReadHalf, flow: sip::Flow, head: Bytes, post: &Post) {
    if head.is_empty() {
        return;
    }
    // The engine lets the connection go behind its answer: the writing side ends it then.
    if !post.send(Event::Input(Input::Message { flow, bytes: head })).await
        || !post.send(Event::Closed(flow)).await
    {
        return;
    }
    // Unread bytes would make the kernel reset the connection and lose the answer.
    let mut rest = [0; 1024];
    let discard = async { while reader.read(&mut rest).await.is_ok_and(|n| n > 0) {} };
    // Whoever goes on sending is cut off.
    let _ = timeout(limit::STREAM_WRITE_TIMEOUT, discard).await;
}

async fn write(mut writer: OwnedWriteHalf, mut mail: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = mail.recv().await {
        match timeout(limit::STREAM_WRITE_TIMEOUT, writer.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

/// The engine's list of connections.
#[derive(Debug)]
pub struct Streams {
    runtime: Handle,
    post: Post,
    census: Arc<Census>,
    open: HashMap<u64, Open>,
    by_remote: HashMap<SocketAddr, u64>,
}

#[derive(Debug)]
struct Open {
    remote: SocketAddr,
    /// None: it takes no more, and its end is near.
    outbox: Option<mpsc::Sender<Bytes>>,
    /// We opened it, for messages that named only where to send them.
    ours: bool,
}

impl Streams {
    /// No connections.
    pub fn new(runtime: Handle, post: Post, census: Arc<Census>) -> Self {
        Self { runtime, post, census, open: HashMap::new(), by_remote: HashMap::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// A peer opened one.
    pub fn insert(&mut self, flow: sip::Flow, outbox: mpsc::Sender<Bytes>) {
        let open = Open { remote: flow.remote, outbox: Some(outbox), ours: false };
        self.open.insert(flow.connection, open);
        self.by_remote.insert(flow.remote, flow.connection);
    }

    /// One is gone. Gives the flows that lead nowhere from now on.
    pub fn remove(&mut self, flow: sip::Flow) -> Vec<sip::Flow> {
        let mut dead = vec![flow];
        if self.by_remote.get(&flow.remote) == Some(&flow.connection) {
            self.by_remote.remove(&flow.remote);
        }
        if self.open.remove(&flow.connection).is_some_and(|open| open.ours) {
            dead.push(sip::Flow { connection: 0, ..flow });
        }
        dead
    }

    /// Sends on a connection, or on one to that peer, which is opened if there is none. False: that
    /// can not be.
    pub fn send(&mut self, flow: sip::Flow, bytes: Bytes) -> bool {
        let connection = match flow.connection {
            0 => self.by_remote.get(&flow.remote).copied(),
            connection => Some(connection),
        };
        let Some(connection) = connection else { return self.connect(flow, bytes) };
        let Some(open) = self.open.get_mut(&connection) else { return false };
        let Some(outbox) = &open.outbox else { return false };
        match outbox.try_send(bytes) {
            Ok(()) => true,
            Err(error) => {
                // It does not read, or is about to tell us that it is gone: then all is told.
                tracing::debug!(%error, peer = %flow.remote, "a SIP connection takes no more");
                open.outbox = None;
                if self.by_remote.get(&open.remote) == Some(&connection) {
                    self.by_remote.remove(&open.remote);
                }
                false
            }
        }
    }

    fn connect(&mut self, flow: sip::Flow, bytes: Bytes) -> bool {
        if self.open.len() >= limit::CONNECTIONS_MAX {
            tracing::warn!(peer = %flow.remote, "too many SIP connections: none is opened");
            return false;
        }
        let flow = sip::Flow { connection: self.census.next_id(), ..flow };
        let (outbox, mail) = mpsc::channel(limit::OUTBOX_MAX);
        let first = outbox.try_send(bytes).is_ok();
        let pongs = outbox.downgrade();
        let open = Open { remote: flow.remote, outbox: Some(outbox), ours: true };
        self.open.insert(flow.connection, open);
        self.by_remote.insert(flow.remote, flow.connection);
        let post = self.post.clone();
        self.runtime.spawn(async move {
            match timeout(limit::STREAM_CONNECT_TIMEOUT, dial(flow)).await {
                Ok(Ok(stream)) => converse(stream, flow, pongs, mail, &post).await,
                Ok(Err(error)) => {
                    tracing::debug!(%error, peer = %flow.remote, "no SIP connection");
                }
                Err(_) => tracing::debug!(peer = %flow.remote, "no SIP connection in time"),
            }
            post.send(Event::Closed(flow)).await;
        });
        first
    }
}

async fn dial(flow: sip::Flow) -> io::Result<TcpStream> {
    let socket = if flow.remote.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if !flow.local.ip().is_unspecified() && flow.local.is_ipv4() == flow.remote.is_ipv4() {
        socket.bind(SocketAddr::new(flow.local.ip(), 0))?;
    }
    socket.connect(flow.remote).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_can_not_take_every_place() {
        let census = Arc::new(Census::default());
        let ip: IpAddr = [192, 0, 2, 1].into();
        let mut places: Vec<Place> = Vec::new();
        for _ in 0..limit::CONNECTIONS_PER_IP_MAX {
            places.push(census.enter(ip).unwrap());
        }
        assert!(census.enter(ip).is_none());
        assert!(census.enter([192, 0, 2, 2].into()).is_some());
        places.pop();
        assert!(census.enter(ip).is_some());
        places.clear();
        assert!(census.places.lock().unwrap().per_ip.is_empty());
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_is_let_go() {
        let poll = mio::Poll::new().unwrap();
        let waker = mio::Waker::new(poll.registry(), mio::Token(0)).unwrap();
        let (post, _inbox) = crate::serve::inbox::inbox(waker);
        let mut streams = Streams::new(Handle::current(), post, Arc::default());
        let peer = "127.0.0.1:9".parse().unwrap();
        let flow = |connection| sip::Flow {
            transport: Transport::Tcp,
            local: "127.0.0.1:5060".parse().unwrap(),
            remote: peer,
            connection,
        };
        let (outbox, mut mail) = mpsc::channel(1);
        let open = Open { remote: peer, outbox: Some(outbox), ours: true };
        streams.open.insert(7, open);
        streams.by_remote.insert(peer, 7);
        let message = || Bytes::from_static(b"x");
        assert!(streams.send(flow(0), message()));
        assert!(!streams.send(flow(7), message()), "it is full");
        assert!(!streams.send(flow(7), message()), "and stays so");
        assert_eq!(mail.recv().await, Some(message()));
        assert_eq!(mail.recv().await, None, "nobody writes to it any more");
        assert_eq!(streams.remove(flow(7)), [flow(7), flow(0)], "who opened it hears of it, too");
        assert!(streams.is_empty());
    }
}
