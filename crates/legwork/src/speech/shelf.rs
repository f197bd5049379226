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
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) cache: Cache,
    making: HashMap<Arc<str>, Making>,
    /// What each source that is not whole yet will be.
    wanted: HashMap<SourceId, Arc<str>>,
    next: u64,
}

/// A sound being made.
#[derive(Debug)]
struct Making {
    number: u64,
    rate: Option<Rate>,
    /// All that came.
    samples: Vec<i16>,
    listeners: Vec<SourceId>,
    task: Option<AbortHandle>,
}

/// What is left of a sound that is made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) rate: Option<Rate>,
    pub(crate) samples: Vec<i16>,
    pub(crate) listeners: Vec<SourceId>,
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
    /// A source wants a sound.
    pub(crate) fn want(&mut self, media: &MediaThreads, id: SourceId, key: &Arc<str>) -> Place {
        if self.wanted.len() >= limit::SOURCES_MAX {
            return Place::Full;
        }
        if let Some(making) = self.making.get_mut(key) {
            making.listeners.push(id);
            self.wanted.insert(id, Arc::clone(key));
            if let Some(rate) = making.rate {
                media.begin_source(id, rate);
                media.extend_source(id, making.samples.as_slice().into());
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
            samples: Vec::new(),
            listeners: vec![id],
            task: None,
        };
        self.making.insert(Arc::clone(key), making);
        self.wanted.insert(id, Arc::clone(key));
        Place::First(Ticket { key: Arc::clone(key), number: self.next })
    }

    /// Who makes it, to be told when nobody wants it any more.
    pub(crate) fn made_by(&mut self, ticket: &Ticket, task: AbortHandle) {
        if let Some(making) = self.making(ticket) {
            making.task = Some(task);
        }
    }

    /// The next piece came. None: nobody wants it any more. Else those who can be played it now.
    pub(crate) fn extend(
        &mut self,
        media: &MediaThreads,
        ticket: &Ticket,
        rate: Rate,
        piece: Vec<i16>,
    ) -> Option<Vec<SourceId>> {
        let making = self.making(ticket)?;
        making.samples.extend_from_slice(&piece);
        let piece: Arc<[i16]> = piece.into();
        let is_first = making.rate.replace(rate).is_none();
        for id in &making.listeners {
            if is_first {
                media.begin_source(*id, rate);
            }
            media.extend_source(*id, Arc::clone(&piece));
        }
        Some(if is_first { making.listeners.clone() } else { Vec::new() })
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
        let Making { rate, samples, listeners, .. } = self.making.remove(&ticket.key)?;
        for id in &listeners {
            self.wanted.remove(id);
            if rate.is_some() {
                media.end_source(*id);
            }
        }
        Some(Made { rate, samples, listeners })
    }

    /// A source is not wanted any more. What nobody else waits for is not made.
    pub(crate) fn forget(&mut self, id: SourceId) {
        let Some(key) = self.wanted.remove(&id) else { return };
        let Some(making) = self.making.get_mut(&key) else { return };
        making.listeners.retain(|other| *other != id);
        if making.listeners.is_empty()
            && let Some(task) = self.making.remove(&key).and_then(|making| making.task)
        {
            task.abort();
        }
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
