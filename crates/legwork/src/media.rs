//! The media threads: RTP sockets around `legwork_media::plane`.
//!
//! Not here: what becomes of a packet (`legwork-media`), which leg hears what (`legwork-call`).
//!
//! Each thread owns a part of the port range and one plane. Its sockets are bound in pairs ahead of
//! use and stay in its epoll for good, so that leasing a pair costs no system call. Orders come
//! through a queue that wakes the thread only while it sleeps.

mod queue;
mod sockets;
pub(crate) mod taps;
mod thread;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::Context as _;
use legwork_call::io::Input;
use legwork_media::{Command, MediaId, Rate, RoomCommand, RoomId, SourceId, wav};

use crate::config;
use queue::{Order, Queue};
use sockets::Sockets;
use taps::Taps;
use thread::Thread;

/// Where inputs of the switch go: events of legs, and free ports.
pub type Sink = Arc<dyn Fn(Input) + Send + Sync>;

/// All media threads; cheap to clone. When the last clone goes, they end.
#[derive(Clone, Debug)]
pub struct MediaThreads(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    taps: Taps,
    queues: Arc<[Arc<Queue>]>,
    joins: Vec<JoinHandle<()>>,
}

impl MediaThreads {
    /// Binds the first ports and starts this many threads, each with its part of the range. Free
    /// ports are told to the sink from then on.
    ///
    /// # Errors
    /// The hold music can not be read, the range has fewer pairs of ports than threads, not one
    /// pair can be bound, or the system gives no thread.
    pub fn start(config: &config::Media, threads: u8, sink: Sink) -> anyhow::Result<Self> {
        let hold_music = config.hold_music.as_deref().map(read_hold_music).transpose()?;
        let (threads, started) = (threads.max(1), Instant::now());
        let queues: io::Result<Arc<[_]>> =
            (0..threads).map(|_| Ok(Arc::new(Queue::new()?))).collect();
        let mut inner = Inner { taps: Taps::default(), queues: queues?, joins: Vec::new() };
        for number in 0..threads {
            let ports = part(config.ports, number, threads)
                .context("media.rtp_ports has fewer pairs of ports than there are media.threads")?;
            let mut sockets = Sockets::new(&config.listen_addresses, &ports)?;
            let free = sockets.bind_more().with_context(|| {
                let (first, last) = (ports.start(), ports.end());
                let at: Vec<_> = config.listen_addresses.iter().map(ToString::to_string).collect();
                format!("no RTP port of {first}-{last} at {} is free", at.join(" and "))
            })?;
            let (queues, tells) =
                (Arc::clone(&inner.queues), (Arc::clone(&sink), inner.taps.clone()));
            let mut thread = Thread::new(number, started, &ports, sockets, queues, tells)?;
            if let Some(samples) = &hold_music {
                thread.set_hold_music(Arc::clone(samples));
            }
            // Told here: whoever starts us has ports for the first call, however soon it comes.
            sink(Input::Ports { thread: number, ports: free });
            let run = move || thread.run();
            let name = format!("legwork-media-{number}");
            inner.joins.push(std::thread::Builder::new().name(name).spawn(run)?);
        }
        Ok(Self(Arc::new(inner)))
    }

    /// An order to one leg's media. Orders to one leg arrive in order.
    pub fn command(&self, media: MediaId, command: Command) {
        if let Some(queue) = self.queue(media.thread) {
            queue.push(Order::Command(media, command));
        }
    }

    /// An order to a room of that thread. In order with those to the legs that live there.
    pub fn room(&self, thread: u8, room: RoomId, command: RoomCommand) {
        if let Some(queue) = self.queue(thread) {
            queue.push(Order::Room(room, command));
        }
    }

    /// Where the sound of taps comes.
    pub(crate) fn taps(&self) -> &Taps {
        &self.0.taps
    }

    /// The thread shall bind more ports, and tell which. An empty list: there are none.
    pub fn want_ports(&self, thread: u8) {
        if let Some(queue) = self.queue(thread) {
            queue.push(Order::BindMore);
        }
    }

    /// A source can be played, one channel. Orders that follow find it.
    pub fn add_source(&self, id: SourceId, rate: Rate, samples: Arc<[i16]>) {
        self.tell_all(|| Order::AddSource(id, rate, Arc::clone(&samples)));
    }

    /// A source can be played whose sound comes piece by piece: orders that follow find it. Who
    /// hears it hears silence where the next piece is late.
    pub fn begin_source(&self, id: SourceId, rate: Rate) {
        self.tell_all(|| Order::BeginSource(id, rate));
    }

    /// The next piece of a source that has begun.
    pub fn extend_source(&self, id: SourceId, samples: Arc<[i16]>) {
        self.tell_all(|| Order::ExtendSource(id, Arc::clone(&samples)));
    }

    /// A source that has begun has no more pieces: all came, or no more can be had.
    pub fn end_source(&self, id: SourceId) {
        self.tell_all(|| Order::EndSource(id));
    }

    /// The source is not needed any more. Whoever hears it hears it to its end.
    pub fn forget_source(&self, id: SourceId) {
        self.tell_all(|| Order::ForgetSource(id));
    }

    fn tell_all(&self, order: impl Fn() -> Order) {
        for queue in self.0.queues.iter() {
            queue.push(order());
        }
    }

    fn queue(&self, thread: u8) -> Option<&Queue> {
        self.0.queues.get(usize::from(thread)).map(Arc::as_ref)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for queue in self.queues.iter() {
            queue.push(Order::Stop);
        }
        for join in self.joins.drain(..) {
            // A thread that panicked has said so.
            let _ = join.join();
        }
    }
}

/// The ports of one thread: as many pairs as every other. None: not even one.
fn part(
    range: config::PortRange,
    number: u8,
    threads: u8,
) -> Option<std::ops::RangeInclusive<u16>> {
    let pairs = u16::try_from(range.len() / 2 / usize::from(threads)).ok().filter(|n| *n > 0)?;
    let first = range.first + 2 * pairs * u16::from(number);
    Some(first..=first + (2 * pairs - 1))
}

fn read_hold_music(path: &Path) -> anyhow::Result<Arc<[i16]>> {
    let name = || format!("media.hold_music = {}", path.display());
    let file = std::fs::read(path).with_context(name)?;
    let samples = wav::decode(&file).with_context(name)?;
    Ok(samples.into())
}

/// A system call's error as std's.
fn system(error: rustix::io::Errno) -> io::Error {
    error.into()
}

#[cfg(test)]
mod tests;
