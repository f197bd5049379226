//! One media thread: waits for packets and orders, feeds them to its plane, tells its events.
//!
//! Not here: sockets (`media::sockets`), what becomes of a packet (`legwork_media::plane`).

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use legwork_call::io::Input;
use legwork_media::plane::{BUFFER_BYTES, Plane};
use legwork_media::{SourceId, TapPiece};
use rustix::event::Timespec;

use super::Sink;
use super::queue::{Order, Queue};
use super::sockets::{Ready, ReadyList, Sockets};
use super::taps::Taps;

/// Packets are let gather for this long while many come: waking for each one costs more than the
/// packet itself, and nobody hears a millisecond.
const GATHER: Duration = Duration::from_millis(1);

/// Orders are let gather for this long behind others.
const GATHER_ORDERS: Duration = Duration::from_millis(4);

/// Orders are obeyed for this long, then it is the packets' turn: they may be many, and long.
const OBEYING: Duration = Duration::from_millis(5);

/// Many come: the thread was woken by packets this often.
const BUSY: Duration = Duration::from_millis(2);

/// What one media thread owns.
pub(super) struct Thread {
    number: u8,
    plane: Plane,
    sockets: Sockets,
    queue: Arc<Queue>,
    /// Of all threads, this one's, too.
    queues: Arc<[Arc<Queue>]>,
    sink: Sink,
    taps: Taps,
    /// The next one last.
    orders: Vec<Order>,
    /// When packets last woke it.
    woken: Instant,
}

impl Thread {
    /// The thread of this number; the clocks of all planes begin at the same moment.
    pub(super) fn new(
        number: u8,
        started: Instant,
        ports: &RangeInclusive<u16>,
        sockets: Sockets,
        queues: Arc<[Arc<Queue>]>,
        tells: (Sink, Taps),
    ) -> io::Result<Self> {
        let queue = queues.get(usize::from(number)).map(Arc::clone);
        let queue = queue.ok_or(io::ErrorKind::InvalidInput)?;
        sockets.watch(&queue)?;
        // Random: the standard library keys its hashers from the system.
        let seed = RandomState::new().hash_one(number);
        let plane = Plane::new(started, number, ports, seed);
        let ((sink, taps), orders) = (tells, Vec::new());
        Ok(Self { number, plane, sockets, queue, queues, sink, taps, orders, woken: started })
    }

    pub(super) fn set_hold_music(&mut self, samples: Arc<[i16]>) {
        self.plane.set_hold_music(samples);
    }

    /// Until it is told to stop. A bug that panics on the way costs one order, or the packets of one turn;
    /// the legs of the others go on.
    pub(super) fn run(mut self) {
        let mut buffer = [0; BUFFER_BYTES];
        let mut ready = ReadyList::new();
        loop {
            let turn = AssertUnwindSafe(|| self.turn(&mut ready, &mut buffer));
            match catch_unwind(turn) {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => tracing::error!(fault = "us", thread = self.number, "a bug in media"),
            }
        }
    }

    /// Orders, then what is due, then what came in. False: the end.
    fn turn(&mut self, ready: &mut ReadyList, buffer: &mut [u8]) -> bool {
        // Some are left where they took long, or a bug came between.
        if self.orders.is_empty() {
            self.queue.take(&mut self.orders);
            self.orders.reverse();
        }
        let idle = self.orders.is_empty();
        let now = Instant::now();
        if !self.obey(now) {
            return false;
        }
        // That may have taken a while.
        let now = Instant::now();
        self.tick(now);
        self.tell_events();
        self.give_taps();
        let timeout = match (idle, self.orders.is_empty()) {
            (true, _) => self.until_tick(now),
            (false, true) => Some(self.until_orders(now)),
            (false, false) => Some(Timespec::default()),
        };
        if let Err(error) = self.sockets.wait(ready, timeout) {
            // Never seen. Without media there are no calls: whoever watches the process starts another.
            tracing::error!(%error, thread = self.number, "the media thread's epoll failed");
            crate::log::settle();
            std::process::exit(70);
        }
        let now = Instant::now();
        if self.relay(now, ready, buffer) {
            self.gather(now);
        }
        true
    }

    /// What comes of an order is given at once. False: the end.
    fn obey(&mut self, now: Instant) -> bool {
        while let Some(order) = self.orders.pop() {
            match order {
                Order::Command(id, command) => {
                    self.plane.handle_command(now, id, command);
                    self.send_parcels();
                }
                Order::Room(room, command) => self.plane.handle_room(now, room, command),
                Order::Parcel(parcel) => {
                    let (parcel, sockets) = *parcel;
                    if let Some(sockets) = sockets {
                        self.sockets.put(sockets);
                    }
                    self.plane.handle_parcel(now, parcel);
                    self.send_parcels();
                }
                Order::AddSource(id, rate, samples) => {
                    warn_unless(self.plane.set_source(id, rate, samples), id);
                }
                Order::BeginSource(id, rate) => warn_unless(self.plane.begin_source(id, rate), id),
                Order::ExtendSource(id, samples) => {
                    if !self.plane.extend_source(id, samples) {
                        // Once: what else comes of it is left out, too.
                        self.plane.end_source(id);
                        tracing::debug!(source = id.0, "a source too long, or over");
                    }
                }
                Order::EndSource(id) => self.plane.end_source(id),
                Order::ForgetSource(id) => self.plane.forget_source(id),
                Order::BindMore => self.bind_more(),
                Order::Stop => return false,
            }
            self.give_taps();
            if now.elapsed() > OBEYING {
                break;
            }
        }
        true
    }

    /// Legs that move, with their sockets, and orders that go after them.
    fn send_parcels(&mut self) {
        while let Some((to, parcel)) = self.plane.poll_parcel() {
            let sockets = parcel.port().and_then(|port| self.sockets.take(port));
            if let Some(queue) = self.queues.get(usize::from(to)) {
                queue.push(Order::Parcel(Box::new((parcel, sockets))));
            }
        }
    }

    fn bind_more(&mut self) {
        let free = self.sockets.bind_more().unwrap_or_else(|error| {
            tracing::warn!(%error, thread = self.number, "no more RTP ports can be bound");
            Vec::new()
        });
        self.tell_ports(free);
    }

    fn tell_ports(&self, ports: Vec<u16>) {
        (self.sink)(Input::Ports { thread: self.number, ports });
    }

    fn tell_events(&mut self) {
        while let Some((media, event)) = self.plane.poll_event() {
            (self.sink)(Input::Media { media, event });
        }
        while let Some((room, event)) = self.plane.poll_room_event() {
            (self.sink)(Input::Room { room, event });
        }
    }

    fn give_taps(&mut self) {
        let taps = &self.taps;
        self.plane.give_taps(|tap, piece| match piece {
            TapPiece::Samples(samples) => taps.give(tap, samples),
            TapPiece::Mark(number) => taps.mark(tap, number),
            TapPiece::End => taps.end(tap),
        });
    }

    fn tick(&mut self, now: Instant) {
        if self.plane.poll_timeout().is_some_and(|due| due <= now) {
            let sockets = &self.sockets;
            self.plane.tick(now, |forward, packet| {
                sockets.send(forward.port, forward.channel, forward.to, packet);
            });
        }
    }

    /// Where one order came, more come soon: awake, the thread need not be woken for them.
    fn until_orders(&self, now: Instant) -> Timespec {
        let gather = Timespec { tv_sec: 0, tv_nsec: GATHER_ORDERS.as_nanos() as i64 };
        self.until_tick(now).map_or(gather, |tick| tick.min(gather))
    }

    fn until_tick(&self, now: Instant) -> Option<Timespec> {
        let wait = self.plane.poll_timeout()?.saturating_duration_since(now);
        // Whole milliseconds, upwards: epoll counts in them, and waking early is waking twice.
        let ms = wait.as_micros().div_ceil(1000);
        let (tv_sec, tv_nsec) = ((ms / 1000) as i64, (ms % 1000 * 1_000_000) as i64);
        Some(Timespec { tv_sec, tv_nsec })
    }

    /// True: there were packets.
    fn relay(&mut self, now: Instant, ready: &ReadyList, buffer: &mut [u8]) -> bool {
        let mut any = false;
        for ready in self.sockets.ready(ready) {
            let Ready::Port(port, channel, family) = ready else {
                self.queue.quiet();
                continue;
            };
            any = true;
            let received = self.sockets.receive(port, channel, family, buffer);
            let Some((len, from)) = received else { continue };
            let forward = self.plane.handle_packet(now, port, channel, from, buffer, len);
            let Some(forward) = forward else { continue };
            if let Some(packet) = buffer.get(..forward.len) {
                self.sockets.send(forward.port, forward.channel, forward.to, packet);
            }
        }
        any
    }

    /// Lets packets gather, if they come often.
    fn gather(&mut self, now: Instant) {
        let often = now.saturating_duration_since(self.woken) < BUSY;
        self.woken = now;
        if often {
            std::thread::sleep(GATHER);
        }
    }
}

fn warn_unless(fits: bool, source: SourceId) {
    if !fits {
        tracing::warn!(source = source.0, "too many sources, or one too long");
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use legwork_media::{Command, MediaId, Rate, Side, Tap, TapId};

    use super::*;
    use crate::media::taps::TapSound;

    fn thread(first_port: u16) -> (Thread, Taps) {
        let ports = first_port..=first_port + 1;
        let sockets = Sockets::new(&[IpAddr::V4(Ipv4Addr::LOCALHOST)], &ports).unwrap();
        let queues = Arc::from([Arc::new(Queue::new().unwrap())]);
        let taps = Taps::default();
        let tells = (Arc::new(|_| ()) as Sink, taps.clone());
        let thread = Thread::new(0, Instant::now(), &ports, sockets, queues, tells).unwrap();
        (thread, taps)
    }

    fn tap(tap: TapId) -> Order {
        let stranger = MediaId { thread: 0, port: 9, lease: 1 };
        Order::Command(stranger, Command::Tap(tap, Tap::new(Side::Inbound, Rate::Narrow)))
    }

    #[test]
    fn orders_that_take_long_wait_for_the_packets() {
        let (mut thread, taps) = thread(18_080);
        let mut ends = [1, 2].map(|n| taps.open(TapId(n)));
        thread.orders = vec![Order::Stop, tap(TapId(2)), tap(TapId(1))];
        // It began long ago: one is obeyed at a time, in order.
        let long_ago = Instant::now().checked_sub(2 * OBEYING).unwrap();
        for end in &mut ends {
            assert!(end.try_recv().is_err());
            assert!(thread.obey(long_ago));
            assert_eq!(end.try_recv(), Ok(TapSound::End));
        }
        assert!(!thread.obey(long_ago));
    }

    /// However many are over at once.
    #[test]
    fn every_tap_is_told_its_end() {
        let (mut thread, taps) = thread(18_090);
        let ids = (0..legwork_media::limit::TAPS_OVER as u64 + 10).map(TapId);
        let mut ends: Vec<_> = ids.clone().map(|tap| taps.open(tap)).collect();
        thread.orders = ids.map(tap).collect();
        while !thread.orders.is_empty() {
            thread.obey(Instant::now());
        }
        for end in &mut ends {
            assert_eq!(end.try_recv(), Ok(TapSound::End));
        }
    }
}
