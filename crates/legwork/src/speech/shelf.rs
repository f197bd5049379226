//! Sounds being made and who waits for them: whoever wants the same hears the same, from its beginning.
//!
//! Not here: making them (`speech`), keeping those that are done (`cache`).
//! Source: ours.

use std::collections::HashMap;
use std::sync::Arc;

use legwork_media::{Rate, SourceId};
use tokio::task::AbortHandle;

use crate::limit;
use crate::media::MediaThreads;
use crate::speech::cache::Cache;

/// One sound being made: no other bears its number.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) key: Arc<str>,
    number: u64,
}

/// All sounds.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) cache: Cache,
    making: HashMap<Arc<str>, Making>,
    /// What each source that is not whole yet will be.
    wanted: HashMap<SourceId, Arc<str>>,
    /// What was made for each source that is not forgotten yet, by number.
    heard: HashMap<SourceId, u64>,
    /// How many sources hear it, and what it takes, bytes.
    taken: HashMap<u64, Taken>,
    /// All of that, and how much it may be.
    bytes: usize,
    most: usize,
    next: u64,
}

/// What a sound takes while it may be heard.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    sources: usize,
    bytes: usize,
}

/// A sound being made.
#[derive(Debug)]
struct Making {
    number: u64,
    rate: Option<Rate>,
    /// All that came: the media threads have the same pieces.
    pieces: Vec<Arc<[i16]>>,
    listeners: Vec<SourceId>,
    task: Option<AbortHandle>,
}

/// What is left of a sound that is made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) rate: Option<Rate>,
    pub(crate) pieces: Vec<Arc<[i16]>>,
    pub(crate) listeners: Vec<SourceId>,
}

/// What came of a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Extended {
    /// These can be played it from now on; none of them if it was not the first.
    By(Vec<SourceId>),
    /// Nobody wants it any more.
    Unwanted,
    /// All sounds together would take too much.
    Full,
}

/// Whether a source waits for a sound that is being made already.
#[derive(Debug)]
pub(crate) enum Place {
    /// The sound must be made.
    First(Ticket),
    /// It is being made; true: some of it can be heard.
    Joined(bool),
    /// Too many wait.
    Full,
}

impl Shelf {
    /// Without sounds. `most`: what those that may be heard may take, bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            cache: Cache::default(),
            making: HashMap::new(),
            wanted: HashMap::new(),
            heard: HashMap::new(),
            taken: HashMap::new(),
            bytes: 0,
            most,
            next: 0,
        }
    }

    /// A source wants a sound.
    pub(crate) fn want(&mut self, media: &MediaThreads, id: SourceId, key: &Arc<str>) -> Place {
        if self.wanted.len() >= limit::SOURCES_MAX {
            return Place::Full;
        }
        if let Some(making) = self.making.get_mut(key) {
            making.listeners.push(id);
            self.wanted.insert(id, Arc::clone(key));
            self.heard.insert(id, making.number);
            self.taken.entry(making.number).or_default().sources += 1;
            if let Some(rate) = making.rate {
                media.begin_source(id, rate);
                making.pieces.iter().for_each(|piece| media.extend_source(id, Arc::clone(piece)));
            }
            return Place::Joined(making.rate.is_some());
        }
        if self.making.len() >= limit::SOUNDS_MAX {
            return Place::Full;
        }
        self.next += 1;
        let making = Making {
            number: self.next,
            rate: None,
            pieces: Vec::new(),
            listeners: vec![id],
            task: None,
        };
        self.making.insert(Arc::clone(key), making);
        self.wanted.insert(id, Arc::clone(key));
        self.heard.insert(id, self.next);
        self.taken.insert(self.next, Taken { sources: 1, bytes: 0 });
        Place::First(Ticket { key: Arc::clone(key), number: self.next })
    }

    /// Who makes it, to be told when nobody wants it any more.
    pub(crate) fn made_by(&mut self, ticket: &Ticket, task: AbortHandle) {
        if let Some(making) = self.making(ticket) {
            making.task = Some(task);
        }
    }

    /// The next piece came.
    pub(crate) fn extend(
        &mut self,
        media: &MediaThreads,
        ticket: &Ticket,
        rate: Rate,
        piece: Vec<i16>,
    ) -> Extended {
        let bytes = size_of::<i16>() * piece.len();
        let is_full = self.bytes + bytes > self.most;
        let Some(making) = self.making(ticket) else { return Extended::Unwanted };
        if is_full {
            return Extended::Full;
        }
        let piece: Arc<[i16]> = piece.into();
        making.pieces.push(Arc::clone(&piece));
        let is_first = making.rate.replace(rate).is_none();
        for id in &making.listeners {
            if is_first {
                media.begin_source(*id, rate);
            }
            media.extend_source(*id, Arc::clone(&piece));
        }
        let told = if is_first { making.listeners.clone() } else { Vec::new() };
        self.taken.entry(ticket.number).or_default().bytes += bytes;
        self.bytes += bytes;
        Extended::By(told)
    }

    /// Those who wait for it.
    pub(crate) fn listeners(&mut self, ticket: &Ticket) -> Vec<SourceId> {
        self.making(ticket).map(|making| making.listeners.clone()).unwrap_or_default()
    }

    /// Some of it was heard.
    pub(crate) fn is_heard(&mut self, ticket: &Ticket) -> bool {
        self.making(ticket).is_some_and(|making| making.rate.is_some())
    }

    /// No more will come. None: nobody wanted it any more.
    pub(crate) fn finish(&mut self, media: &MediaThreads, ticket: &Ticket) -> Option<Made> {
        self.making(ticket)?;
        let Making { rate, pieces, listeners, .. } = self.making.remove(&ticket.key)?;
        for id in &listeners {
            self.wanted.remove(id);
            if rate.is_some() {
                media.end_source(*id);
            } else {
                // Nothing was heard of it: nobody says that it is over.
                self.let_go(*id);
            }
        }
        Some(Made { rate, pieces, listeners })
    }

    /// A source is not wanted any more. What nobody else waits for is not made.
    pub(crate) fn forget(&mut self, id: SourceId) {
        self.let_go(id);
        let Some(key) = self.wanted.remove(&id) else { return };
        let Some(making) = self.making.get_mut(&key) else { return };
        making.listeners.retain(|other| *other != id);
        if making.listeners.is_empty()
            && let Some(task) = self.making.remove(&key).and_then(|making| making.task)
        {
            task.abort();
        }
    }

    /// A source does not hear anything any more.
    fn let_go(&mut self, id: SourceId) {
        let Some(number) = self.heard.remove(&id) else { return };
        let Some(taken) = self.taken.get_mut(&number) else { return };
        taken.sources = taken.sources.saturating_sub(1);
        if taken.sources == 0
            && let Some(taken) = self.taken.remove(&number)
        {
            self.bytes = self.bytes.saturating_sub(taken.bytes);
        }
    }

    /// What all sounds that may be heard take, bytes, and how many sources may hear one.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> (usize, usize) {
        assert_eq!(self.bytes, self.taken.values().map(|taken| taken.bytes).sum::<usize>());
        (self.bytes, self.heard.len())
    }

    /// Something is being made.
    #[cfg(test)]
    pub(crate) fn is_making(&self) -> bool {
        !self.making.is_empty()
    }

    fn making(&mut self, ticket: &Ticket) -> Option<&mut Making> {
        self.making.get_mut(&ticket.key).filter(|making| making.number == ticket.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::development;

    #[test]
    fn what_is_heard_takes_no_more_than_it_may() {
        let media = development::config(0, 0, false, None).media;
        let media = MediaThreads::start(&media, 1, Arc::new(|_| ())).unwrap();
        let mut shelf = Shelf::new(100);
        let want = |shelf: &mut Shelf, n: u64, key: &str| match shelf.want(
            &media,
            SourceId(n),
            &key.into(),
        ) {
            Place::First(ticket) => Some(ticket),
            Place::Joined(_) | Place::Full => None,
        };
        let long = want(&mut shelf, 1, "long").unwrap();
        assert!(want(&mut shelf, 2, "long").is_none());
        let short = want(&mut shelf, 3, "short").unwrap();
        let give = |shelf: &mut Shelf, ticket: &Ticket, n: usize| {
            shelf.extend(&media, ticket, Rate::Narrow, vec![0; n])
        };
        let both = vec![SourceId(1), SourceId(2)];
        assert_eq!(give(&mut shelf, &long, 45), Extended::By(both));
        assert_eq!(give(&mut shelf, &short, 6), Extended::Full);
        assert_eq!(give(&mut shelf, &short, 5), Extended::By(vec![SourceId(3)]));
        assert_eq!(give(&mut shelf, &long, 1), Extended::Full);
        assert!(shelf.finish(&media, &long).is_some());
        // It is heard, still, by both, then by one of them.
        assert_eq!(shelf.taken(), (100, 3));
        shelf.forget(SourceId(1));
        assert_eq!(shelf.taken(), (100, 2));
        shelf.forget(SourceId(2));
        assert_eq!(shelf.taken(), (10, 1));
        assert_eq!(give(&mut shelf, &short, 45), Extended::By(vec![]));
        shelf.forget(SourceId(3));
        assert_eq!(give(&mut shelf, &short, 1), Extended::Unwanted);
        // One that came to nothing is forgotten by itself.
        let none = want(&mut shelf, 4, "none").unwrap();
        assert!(shelf.finish(&media, &none).is_some());
        assert_eq!((shelf.taken(), shelf.taken.len()), ((0, 0), 0));
    }
}
