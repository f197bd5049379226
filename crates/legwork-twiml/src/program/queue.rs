//! What `<Enqueue>` and the `<Queue>` of `<Dial>` say.
//!
//! Not here: the other verbs (`program`), queues themselves (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Queue".

use super::{Ask, Method};

/// `<Enqueue>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enqueue {
    /// The queue's name: 1 to [`QUEUE_NAME_MAX`](crate::limit::QUEUE_NAME_MAX) characters. Empty: it has none
    /// that can be used, a warning said so, and nobody is enqueued.
    pub name: String,
    /// `action`, as written.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// `waitUrl` and `waitUrlMethod`.
    pub wait: Wait,
    /// `maxQueueSize`: 1 to 5,000, 1,000; of the queue, if this creates it.
    pub max_size: u32,
}

/// What is heard in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// No `waitUrl`: music.
    Music,
    /// An empty one: nothing.
    Silence,
    /// The documents of this URL, again and again.
    Ask(Ask),
}

/// `<Queue>` in `<Dial>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueNoun {
    /// The queue's name, as in [`Enqueue`]; empty: nobody is reached.
    pub name: String,
    /// `url` and `method`: run on the caller who waited, before the two are joined.
    pub ask: Option<Ask>,
}
