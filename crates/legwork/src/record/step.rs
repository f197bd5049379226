//! One input of a call as it is kept until its file is written.
//!
//! Not here: its form in the file (`line`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_call::command::Command;
use legwork_call::io::relay::{RelayEvent, RelayId, RelayTold};
use legwork_call::io::{CommandId, FetchError, FetchId, Input, Now, ResolveId, Tapped, Target};
use legwork_call::moment::Moment;
use legwork_media as media;
use legwork_sip as sip;

/// One input, what it met and the ladder rows it led to.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub now: Now,
    /// What it met.
    pub moment: Moment,
    /// What it was.
    pub what: What,
    /// What it led to.
    pub rows: Vec<String>,
}

/// An input that can be written and read back.
#[derive(Clone, Debug)]
pub enum What {
    /// A SIP message.
    Message {
        /// Where it came from.
        flow: sip::Flow,
        /// The message.
        bytes: Bytes,
    },
    /// A way that is none.
    FlowFailed(sip::Flow),
    /// An answer of DNS.
    Resolved {
        /// The question.
        id: ResolveId,
        /// Where to send.
        targets: Vec<Target>,
    },
    /// An answer of an application.
    Fetched {
        /// The request.
        id: FetchId,
        /// What came back.
        result: Result<Written, FetchError>,
    },
    /// A source can be played.
    SourceReady(media::SourceId),
    /// A source can not be played.
    SourceFailed {
        /// The source.
        id: media::SourceId,
        /// Twilio's code.
        code: u32,
        /// What went wrong.
        text: String,
    },
    /// A source is not what was asked for.
    SourceFlawed {
        /// The source.
        id: media::SourceId,
        /// Twilio's code.
        code: u32,
        /// What went wrong.
        text: String,
    },
    /// As the input.
    Relayed {
        /// Which session.
        id: RelayId,
        /// What.
        event: RelayEvent,
    },
    /// Something came of a tap.
    Tapped {
        /// Which.
        tap: media::TapId,
        /// What.
        tapped: Tapped,
    },
    /// A media thread told something.
    Media {
        /// The leg's media.
        media: media::MediaId,
        /// What.
        event: media::Event,
    },
    /// REST or the command line ordered something.
    Command {
        /// For the reply.
        id: CommandId,
        /// What.
        command: Box<Command>,
    },
    /// The deadline passed that was due then.
    Tick(Instant),
    /// Another configuration.
    Reload(Arc<legwork_call::Config>),
    /// A media thread told something of a room.
    Room {
        /// Which.
        room: media::RoomId,
        /// What.
        event: media::RoomEvent,
    },
}

/// A document as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it came from.
    pub url: String,
    /// 200–299.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// As it came.
    pub body: Bytes,
}

impl What {
    /// What is kept of an input. `written`: the document, if it is one. None: it is of no call, or can
    /// not be kept.
    pub fn of(input: &Input, written: Option<Written>, due: Option<Instant>) -> Option<Self> {
        Some(match input {
            Input::Message { flow, bytes } => Self::Message { flow: *flow, bytes: bytes.clone() },
            Input::FlowFailed(flow) => Self::FlowFailed(*flow),
            Input::Resolved { id, targets } => Self::Resolved { id: *id, targets: targets.clone() },
            Input::Fetched { id, result: Ok(_) } => Self::Fetched { id: *id, result: Ok(written?) },
            Input::Fetched { id, result: Err(error) } => {
                Self::Fetched { id: *id, result: Err(error.clone()) }
            }
            Input::SourceReady { id } => Self::SourceReady(*id),
            Input::SourceFailed { id, code, text } => {
                Self::SourceFailed { id: *id, code: *code, text: text.clone() }
            }
            Input::SourceFlawed { id, code, text } => {
                Self::SourceFlawed { id: *id, code: *code, text: text.clone() }
            }
            Input::Relayed { id, event } => Self::Relayed { id: *id, event: event.clone() },
            Input::Tapped { tap, tapped } => Self::Tapped { tap: *tap, tapped: tapped.clone() },
            Input::Media { media, event } => Self::Media { media: *media, event: *event },
            Input::Command { id, command } => {
                Self::Command { id: *id, command: Box::new(command.clone()) }
            }
            Input::Tick => Self::Tick(due?),
            Input::Reload(config) => Self::Reload(Arc::new(config.as_ref().clone())),
            Input::Room { room, event } => Self::Room { room: *room, event: *event },
            Input::Ports { .. } | Input::Drain => return None,
        })
    }
}

impl Step {
    /// Bytes of memory it takes, nearly.
    pub fn weight(&self) -> usize {
        const ITSELF: usize = 512;
        let what = match &self.what {
            What::Message { bytes, .. } => bytes.len(),
            What::Fetched { result: Ok(written), .. } => written.body.len() + written.url.len(),
            What::Fetched { result: Err(error), .. } => error.text.len() + error.url.len(),
            What::SourceFailed { text, .. } | What::SourceFlawed { text, .. } => text.len(),
            What::Tapped { tapped, .. } => weight_of(tapped),
            What::Relayed { event, .. } => weight_of_relayed(event),
            What::Command { .. } => 4 * 1024,
            What::FlowFailed(_)
            | What::Resolved { .. }
            | What::SourceReady(_)
            | What::Media { .. }
            | What::Tick(_)
            | What::Room { .. }
            | What::Reload(_) => 0,
        };
        ITSELF + what + self.rows.iter().map(String::len).sum::<usize>()
    }
}

fn weight_of_relayed(event: &RelayEvent) -> usize {
    match event {
        RelayEvent::Told(
            RelayTold::Text { token: text, .. }
            | RelayTold::Play { source: text, .. }
            | RelayTold::SendDigits { digits: text },
        )
        | RelayEvent::Malformed { text }
        | RelayEvent::Failed { text, .. } => text.len(),
        RelayEvent::Told(RelayTold::End { handoff }) => handoff.as_ref().map_or(0, String::len),
        RelayEvent::Told(RelayTold::Language { .. })
        | RelayEvent::Connected
        | RelayEvent::Closed => 0,
    }
}

fn weight_of(tapped: &Tapped) -> usize {
    match tapped {
        Tapped::Recorded { .. } | Tapped::Connected | Tapped::Disconnected => 0,
        Tapped::Partial { stable, unstable } => stable.len() + unstable.len(),
        Tapped::Segment { text, .. }
        | Tapped::Missed { text, .. }
        | Tapped::Understood { text, .. }
        | Tapped::Flawed { text, .. }
        | Tapped::Failed { text, .. } => text.len(),
    }
}
