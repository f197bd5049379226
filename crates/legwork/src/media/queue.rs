//! Orders on their way to one media thread.
//!
//! Not here: how they are obeyed (`media::thread`).

use std::collections::HashSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use legwork_media::plane::Parcel;
use legwork_media::{Command, Live, MediaId, Rate, RoomCommand, RoomId, SourceId};
use rustix::event::EventfdFlags;

use super::sockets::Moving;
use super::system;

/// When so many more wait, orders that a later one makes pointless are taken out.
const COALESCE_AT: usize = 65_536;

/// So much sound weighs as much as an order, bytes.
const SOUND_OF_ORDER: usize = 1024;

/// What a media thread is told.
#[derive(Debug)]
pub(super) enum Order {
    /// To one leg.
    Command(MediaId, Command),
    /// To one room.
    Room(RoomId, RoomCommand),
    /// A source can be played.
    AddSource(SourceId, Rate, Arc<[i16]>),
    /// A source comes piece by piece.
    BeginSource(SourceId, Rate),
    /// Its next piece.
    ExtendSource(SourceId, Arc<[i16]>),
    /// It has no more.
    EndSource(SourceId),
    /// A source is not needed.
    ForgetSource(SourceId),
    /// From another thread, with the sockets that go along.
    Parcel(Box<(Parcel, Option<Moving>)>),
    /// Ports run out.
    BindMore,
    /// End.
    Stop,
}

/// Orders in order, and the bell that wakes the thread.
#[derive(Debug)]
pub(super) struct Queue {
    inside: Mutex<Inside>,
    bell: OwnedFd,
}

#[derive(Debug, Default)]
struct Inside {
    orders: Vec<Order>,
    /// Of what came since they were looked through, or taken.
    weight: usize,
    asleep: bool,
}

impl Queue {
    pub(super) fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let bell = rustix::event::eventfd(0, flags).map_err(system)?;
        Ok(Self { inside: Mutex::default(), bell })
    }

    /// Gives an order; wakes the thread if it sleeps.
    pub(super) fn push(&self, order: Order) {
        let mut inside = self.inside();
        inside.weight += order.weight();
        inside.orders.push(order);
        if inside.weight >= COALESCE_AT {
            coalesce(&mut inside.orders);
            inside.weight = 0;
        }
        let wake = std::mem::take(&mut inside.asleep);
        drop(inside);
        if wake {
            // It fails only when the bell has been rung 2^64 times and nobody came.
            let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
        }
    }

    /// Takes all orders. Gives none: the thread may sleep now, the next order wakes it.
    pub(super) fn take(&self, orders: &mut Vec<Order>) {
        let mut inside = self.inside();
        std::mem::swap(&mut inside.orders, orders);
        inside.weight = 0;
        inside.asleep = orders.is_empty();
    }

    /// The thread was woken by the bell.
    pub(super) fn quiet(&self) {
        let mut count = [0; 8];
        // Empty: rung for nothing, which does no harm.
        let _ = rustix::io::read(&self.bell, &mut count);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsFd for Queue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}

impl Order {
    /// What it takes to keep it, in orders.
    fn weight(&self) -> usize {
        match self {
            Self::Command(_, Command::Live(_, Live::Sound(sound))) => {
                1 + sound.len() / SOUND_OF_ORDER
            }
            Self::Command(..)
            | Self::Room(..)
            | Self::AddSource(..)
            | Self::BeginSource(..)
            | Self::ExtendSource(..)
            | Self::EndSource(_)
            | Self::ForgetSource(_)
            | Self::Parcel(_)
            | Self::BindMore
            | Self::Stop => 1,
        }
    }
}

/// Keeps the last feed and the last agreement of each leg, one wish for ports, and of what is said to
/// a leg what stands behind its last `clear`.
///
/// What is left is bounded by the legs, rooms and sources there are, and by what an application may
/// say in advance and how often (`streams::ahead`, `websocket::pace`).
fn coalesce(orders: &mut Vec<Order>) {
    let (mut later, mut cleared) = (HashSet::new(), HashSet::new());
    let mut wanted = false;
    let mut kept: Vec<Order> = std::mem::take(orders)
        .into_iter()
        .rev()
        .filter(|order| match order {
            Order::Command(id, Command::Feed(_)) => later.insert((*id, true)),
            Order::Command(id, Command::Agree(_)) => later.insert((*id, false)),
            Order::Command(id, Command::Live(tap, Live::Clear)) => cleared.insert((*id, *tap)),
            Order::Command(id, Command::Live(tap, Live::Sound(_))) => {
                !cleared.contains(&(*id, *tap))
            }
            Order::BindMore => !std::mem::replace(&mut wanted, true),
            Order::Command(
                _,
                Command::Open
                | Command::SendDigits(_)
                | Command::Tap(..)
                | Command::HoldTap(..)
                | Command::Untap(_)
                | Command::Hear(_)
                | Command::Speak(_)
                | Command::Live(_, Live::Mark(_))
                | Command::Move(_)
                | Command::Close,
            )
            | Order::Room(..)
            | Order::AddSource(..)
            | Order::BeginSource(..)
            | Order::ExtendSource(..)
            | Order::EndSource(_)
            | Order::ForgetSource(_)
            | Order::Parcel(_)
            | Order::Stop => true,
        })
        .collect();
    kept.reverse();
    *orders = kept;
}

#[cfg(test)]
mod tests {
    use legwork_media::tone::RingTone;
    use legwork_media::{Feed, TapId};

    use super::*;

    #[test]
    fn a_queue_nobody_reads_stays_short() {
        let queue = Queue::new().unwrap();
        let id = MediaId { thread: 0, port: 10_000, lease: 1 };
        queue.push(Order::Command(id, Command::Open));
        for _ in 0..2 * COALESCE_AT {
            queue.push(Order::Command(id, Command::Feed(Feed::Silence)));
            queue.push(Order::BindMore);
        }
        queue.push(Order::Command(id, Command::Feed(Feed::Ringback(RingTone::US))));
        let mut orders = Vec::new();
        queue.take(&mut orders);
        assert!(orders.len() < COALESCE_AT, "{}", orders.len());
        assert!(matches!(orders.first(), Some(Order::Command(_, Command::Open))));
        let last = orders.last().unwrap();
        assert!(matches!(last, Order::Command(_, Command::Feed(Feed::Ringback(RingTone::US)))));
    }

    /// An application that says and clears as fast as it can, while the thread takes nothing.
    #[test]
    fn what_was_cleared_is_not_kept() {
        let queue = Queue::new().unwrap();
        let id = MediaId { thread: 0, port: 10_000, lease: 1 };
        let live = |tap, live| queue.push(Order::Command(id, Command::Live(TapId(tap), live)));
        let most = || {
            let inside = queue.inside();
            (inside.orders.len(), inside.orders.iter().map(Order::weight).sum::<usize>())
        };
        live(2, Live::Sound([2; 10].into()));
        live(1, Live::Mark(1));
        for _ in 0..100_000 {
            live(1, Live::Sound([1; 10].into()));
            live(1, Live::Clear);
            assert!(most().0 < 2 * COALESCE_AT);
        }
        // The same in few pieces.
        for _ in 0..200 {
            live(1, Live::Sound(vec![1; 1_000_000].into()));
            live(1, Live::Clear);
            assert!(most().1 < 2 * COALESCE_AT);
        }
        live(1, Live::Mark(2));
        live(1, Live::Sound([1; 10].into()));
        let mut orders = Vec::new();
        queue.take(&mut orders);
        coalesce(&mut orders);
        let said: Vec<_> = orders
            .into_iter()
            .map(|order| {
                let Order::Command(_, Command::Live(tap, live)) = order else { panic!() };
                (tap.0, live)
            })
            .collect();
        let expected = [
            (2, Live::Sound([2; 10].into())),
            (1, Live::Mark(1)),
            (1, Live::Clear),
            (1, Live::Mark(2)),
            (1, Live::Sound([1; 10].into())),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn the_bell_rings_only_for_a_sleeper() {
        let queue = Queue::new().unwrap();
        let rung = || {
            let mut count = [0; 8];
            rustix::io::read(&queue.bell, &mut count).is_ok()
        };
        queue.push(Order::BindMore);
        assert!(!rung());
        let mut orders = Vec::new();
        queue.take(&mut orders);
        queue.push(Order::BindMore);
        assert!(!rung(), "it is awake: it has just been given something");
        orders.clear();
        queue.take(&mut orders);
        orders.clear();
        queue.take(&mut orders);
        queue.push(Order::BindMore);
        queue.push(Order::BindMore);
        assert!(rung() && !rung());
    }
}
