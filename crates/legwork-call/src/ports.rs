//! Pairs of ports for media: the switch's own free list, so that an SDP needs no round trip.
//!
//! Not here: the sockets (crate `legwork`). A pair given back is used again only after its media thread
//! has said `Closed`.

use std::collections::VecDeque;

use legwork_media::MediaId;

use crate::limit;

/// Free pairs of every media thread, oldest first.
#[derive(Debug)]
pub(crate) struct Ports {
    threads: Vec<Thread>,
    leases: u32,
    in_use: usize,
}

#[derive(Debug, Default)]
struct Thread {
    free: VecDeque<u16>,
    legs: usize,
    asked: bool,
}

impl Ports {
    pub(crate) fn new(threads: u8) -> Self {
        let threads = (0..threads.max(1)).map(|_| Thread::default()).collect();
        Self { threads, leases: 0, in_use: 0 }
    }

    pub(crate) fn add(&mut self, thread: u8, ports: Vec<u16>) {
        if let Some(thread) = self.threads.get_mut(usize::from(thread)) {
            thread.asked = false;
            thread.free.extend(ports);
        }
    }

    /// The thread with the fewest legs.
    pub(crate) fn quietest(&self) -> u8 {
        let quietest = self.threads.iter().enumerate().min_by_key(|(_, thread)| thread.legs);
        quietest.and_then(|(at, _)| u8::try_from(at).ok()).unwrap_or(0)
    }

    /// A pair of that thread, if one is free.
    pub(crate) fn take(&mut self, thread: u8) -> Option<MediaId> {
        let owner = self.threads.get_mut(usize::from(thread))?;
        let port = owner.free.pop_front()?;
        owner.legs += 1;
        self.in_use += 1;
        self.leases = self.leases.wrapping_add(1);
        Some(MediaId { thread, port, lease: self.leases })
    }

    /// A pair of whichever thread has one.
    pub(crate) fn take_any(&mut self) -> Option<MediaId> {
        let has = self.threads.iter().position(|thread| !thread.free.is_empty())?;
        self.take(u8::try_from(has).ok()?)
    }

    /// The number of the use given last.
    pub(crate) fn lease(&self) -> u32 {
        self.leases
    }

    /// From now on these are given, and no others.
    pub(crate) fn relive(&mut self, lease: u32, next: &[MediaId]) {
        self.leases = lease;
        for thread in &mut self.threads {
            *thread = Thread { legs: 1, ..Thread::default() };
        }
        for (at, media) in next.iter().enumerate() {
            if let Some(thread) = self.threads.get_mut(usize::from(media.thread)) {
                thread.free.push_back(media.port);
                // The first is that of whoever looks for the quietest.
                thread.legs = if at == 0 { 0 } else { thread.legs };
            }
        }
    }

    /// More should be bound: true once until more have come.
    pub(crate) fn runs_low(&mut self, thread: u8) -> bool {
        let Some(thread) = self.threads.get_mut(usize::from(thread)) else { return false };
        let low = thread.free.len() < limit::PORTS_LOW_WATER && !thread.asked;
        thread.asked |= low;
        low
    }

    /// The pair is free again.
    pub(crate) fn give_back(&mut self, media: MediaId) {
        let Some(thread) = self.threads.get_mut(usize::from(media.thread)) else { return };
        thread.legs = thread.legs.saturating_sub(1);
        thread.free.push_back(media.port);
        self.in_use = self.in_use.saturating_sub(1);
    }

    pub(crate) fn in_use(&self) -> usize {
        self.in_use
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_rest_before_they_are_used_again() {
        let mut ports = Ports::new(1);
        ports.add(0, vec![10_000, 10_002]);
        let first = ports.take(0).unwrap();
        ports.give_back(first);
        assert_eq!(ports.take(0).unwrap().port, 10_002);
        let again = ports.take(0).unwrap();
        assert_eq!(again.port, 10_000);
        assert_ne!(again.lease, first.lease);
        assert_eq!(ports.take(0), None);
        assert_eq!(ports.in_use(), 2);
    }

    #[test]
    fn more_are_asked_for_once() {
        let mut ports = Ports::new(2);
        assert!(ports.runs_low(1));
        assert!(!ports.runs_low(1));
        ports.add(1, vec![20_000]);
        assert!(ports.runs_low(1));
    }

    #[test]
    fn legs_go_to_the_quietest_thread() {
        let mut ports = Ports::new(2);
        ports.add(0, vec![10_000]);
        ports.add(1, vec![20_000]);
        assert_eq!(ports.quietest(), 0);
        ports.take(0).unwrap();
        assert_eq!(ports.quietest(), 1);
    }
}
