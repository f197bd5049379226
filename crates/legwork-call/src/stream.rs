//! Streams: a leg's sound to an application by WebSocket, and the application's to the leg.
//!
//! ```text
//!   awaited ──the call has sound──▶ begun ──▶ connected ──its leg, <Stop>, the application──▶ stopped
//!                                     └──────────┴──▶ failed
//! ```
//! A stream is of one leg, whoever that talks with, and survives its documents. What is told of it is told
//! by the engine; when its end is told, the shell may still say goodbye. What came to nothing is told as an
//! error, and as nothing else.
//! Not here: who wants one (`verb/start`, `verb/connect`), the WebSocket (crate `legwork`).
//! Source: Twilio, "TwiML Voice: Stream"; twilio-voice 3.6.

use std::collections::BTreeMap;

use legwork_media as media;
use legwork_twiml as twiml;

use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::date;
use crate::io::{Output, Purpose, Streaming, Tapped};
use crate::ladder::What;
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::sid::{AccountSid, CallSid, StreamSid};

/// No connector is called so.
const NO_CONNECTOR: u32 = 31940;

/// Every stream that is not over.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    by_tap: BTreeMap<media::TapId, Box<Stream>>,
}

/// One stream.
#[derive(Debug)]
struct Stream {
    sid: StreamSid,
    account: AccountSid,
    call: CallSid,
    root: CallSid,
    leg: LegId,
    name: Option<String>,
    /// How many it has; none: the application speaks, too.
    tracks: Option<usize>,
    told: Option<Hook>,
}

/// A stream that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    name: Option<String>,
    url: String,
    heard: twiml::Tracks,
    parameters: Vec<(String, String)>,
    /// `statusCallback`.
    pub(crate) told: Option<Hook>,
    /// The leg hears what the application says.
    pub(crate) speaks: bool,
}

impl Wanted {
    fn tracks(&self) -> Option<usize> {
        (!self.speaks).then(|| self.heard.count())
    }
}

/// The streams of one leg.
#[derive(Debug, Default)]
pub(crate) struct OfLeg {
    /// The oldest first.
    taps: Vec<media::TapId>,
    /// Those that begin as soon as there is sound.
    awaited: Vec<Wanted>,
}

/// Why a stream is over.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Stopped,
    Failed(String),
}

/// What is told of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Started,
    Stopped,
    Error,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "stream-started",
            Self::Stopped => "stream-stopped",
            Self::Error => "stream-error",
        }
    }
}

impl Stream {
    /// Its name; that of one that has none is its SID.
    fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.sid.to_string())
    }
}

impl Calls {
    // === begin ===

    /// What is wanted of a `<Stream>` of the document; an alert where whom to tell can not be read. None,
    /// and an alert: it names a connector that the account does not have.
    pub(crate) fn wanted_stream(
        &mut self,
        leg: LegId,
        verb: twiml::Stream,
        speaks: bool,
    ) -> Option<Wanted> {
        let url = self.url_of_stream(leg, &verb.to)?;
        let of = || "<Stream statusCallback>.".to_owned();
        let told = verb
            .status
            .as_ref()
            .and_then(|ask| self.hook_in_document(leg, &ask.url, ask.method, of));
        let twiml::Stream { name, tracks: heard, parameters, .. } = verb;
        Some(Wanted { name, url, heard, parameters, told, speaks })
    }

    fn url_of_stream(&mut self, leg: LegId, to: &twiml::StreamTo) -> Option<String> {
        let name = match to {
            twiml::StreamTo::Url(url) => return Some(url.clone()),
            twiml::StreamTo::Connector(name) => name,
        };
        let account = self.leg(leg)?.account;
        let mut own = self.config.streams.iter().filter(|it| it.account == account);
        let found = own.find(|it| it.name == *name).map(|it| it.url.clone());
        if found.is_none() {
            let text = format!("<Stream connectorName=\"{name}\">.");
            self.alert(NO_CONNECTOR, Some(leg), Detail::text(text));
        }
        found
    }

    /// A stream that begins once there is sound; an alert if the leg may not have it.
    pub(crate) fn await_stream(&mut self, leg: LegId, wanted: Wanted) {
        if !self.may_stream(leg, &wanted) {
            return;
        }
        if let Some(of) = self.leg_mut(leg) {
            of.media.streams.get_or_insert_default().awaited.push(wanted);
        }
        self.begin_awaited_streams(leg);
    }

    /// The leg may have sound from now on.
    pub(crate) fn begin_awaited_streams(&mut self, leg: LegId) {
        let Some(of) = self.leg_mut(leg).filter(|leg| leg.media.open) else { return };
        let Some(streams) = &mut of.media.streams else { return };
        let awaited = std::mem::take(&mut streams.awaited);
        let call = of.call_sid();
        for wanted in awaited {
            self.begin_stream(leg, call, &wanted);
        }
    }

    /// False, and an alert: the leg has one of that name, or too many.
    pub(crate) fn may_stream(&mut self, leg: LegId, wanted: &Wanted) -> bool {
        let name = wanted.name.as_ref();
        let others = self.streams_of(leg);
        let is_named = others.iter().any(|(other, _)| name.is_some() && other.as_ref() == name);
        let (one_way, both_ways): (Vec<_>, Vec<_>) =
            others.iter().map(|(_, tracks)| *tracks).partition(Option::is_some);
        let n_tracks: usize = one_way.into_iter().flatten().sum();
        let is_one_too_many = match wanted.tracks() {
            Some(more) => n_tracks + more > limit::STREAMED_TRACKS_MAX,
            None => both_ways.len() >= limit::STREAMS_BOTH_WAYS_MAX,
        };
        let (code, text) = match (is_named, is_one_too_many) {
            (true, _) => {
                let name = name.map(String::as_str).unwrap_or_default();
                (31900, Some(format!("A stream is called \"{name}\" already.")))
            }
            (false, true) => (31960, None),
            (false, false) => return true,
        };
        self.alert(code, Some(leg), Detail { text, ..Detail::none() });
        false
    }

    /// Names and tracks of the leg's streams.
    fn streams_of(&self, leg: LegId) -> Vec<(Option<String>, Option<usize>)> {
        let of = self.leg(leg).and_then(|leg| leg.media.streams.as_deref());
        let begun = of.into_iter().flat_map(|of| &of.taps);
        let begun = begun.filter_map(|tap| self.beside.streams.by_tap.get(tap));
        let begun = begun.map(|stream| (stream.name.clone(), stream.tracks));
        let awaited = of.into_iter().flat_map(|of| &of.awaited);
        begun.chain(awaited.map(|wanted| (wanted.name.clone(), wanted.tracks()))).collect()
    }

    /// Streams the leg, for the document of that call, from now on.
    pub(crate) fn begin_stream(
        &mut self,
        leg: LegId,
        call: CallSid,
        wanted: &Wanted,
    ) -> media::TapId {
        let sid = self.new_stream_sid();
        let (side, name) = match wanted.heard {
            twiml::Tracks::Inbound => (media::Side::Inbound, "inbound"),
            twiml::Tracks::Outbound => (media::Side::Outbound, "outbound"),
            twiml::Tracks::Both => (media::Side::Dual, "both ways"),
        };
        let of = self.leg(leg).map(|leg| (leg.account, leg.root, leg.media.id));
        let asked = Streaming {
            sid,
            url: wanted.url.clone(),
            tracks: wanted.heard,
            parameters: wanted.parameters.clone(),
            speaks: of.map(|(.., media)| media).filter(|_| wanted.speaks),
        };
        let sound = media::Tap::new(side, media::Rate::Narrow).by_frame();
        let tap = self.open_tap(leg, call, sound, Purpose::Stream(Box::new(asked)));
        let Some((account, root, _)) = of else { return tap };
        if let Some(of) = self.leg_mut(leg) {
            of.media.streams.get_or_insert_default().taps.push(tap);
        }
        let stream = Stream {
            sid,
            account,
            call,
            root,
            leg,
            name: wanted.name.clone(),
            tracks: wanted.tracks(),
            told: wanted.told.clone(),
        };
        self.beside.streams.by_tap.insert(tap, Box::new(stream));
        self.trace(leg, What::Decided(format!("stream begins, {name}")));
        tap
    }

    // === while it is under way ===

    /// It is not over.
    pub(crate) fn streams(&self, tap: media::TapId) -> bool {
        self.beside.streams.by_tap.contains_key(&tap)
    }

    /// Something came of a tap. False: it is no stream's.
    pub(crate) fn stream_tapped(&mut self, tap: media::TapId, tapped: &Tapped) -> bool {
        let Some(stream) = self.beside.streams.by_tap.get(&tap) else { return false };
        let leg = stream.leg;
        match tapped {
            Tapped::Connected => {
                self.tell_stream(tap, Event::Started, None);
                self.trace(leg, What::Decided("stream connected".to_owned()));
                self.connected_begins(leg, tap);
            }
            Tapped::Disconnected => self.stream_over(tap, &End::Stopped),
            Tapped::Flawed { code, text } => {
                self.alert(*code, Some(leg), Detail::text(text.clone()));
            }
            Tapped::Failed { code, text } => {
                self.alert(*code, Some(leg), Detail::text(text.clone()));
                self.stream_over(tap, &End::Failed(format!("{code} {text}")));
            }
            // Not of a stream.
            Tapped::Recorded { .. }
            | Tapped::Partial { .. }
            | Tapped::Segment { .. }
            | Tapped::Missed { .. }
            | Tapped::Understood { .. } => {}
        }
        true
    }

    // === its end ===

    /// The stream of that name, or SID, is over. False: the leg has none.
    pub(crate) fn stop_stream(&mut self, leg: LegId, name: &str) -> bool {
        let Some(of) = self.leg_mut(leg).and_then(|leg| leg.media.streams.as_mut()) else {
            return false;
        };
        let n_awaited = of.awaited.len();
        of.awaited.retain(|wanted| wanted.name.as_deref() != Some(name));
        let was_awaited = of.awaited.len() < n_awaited;
        let taps = of.taps.clone();
        let is_it = |tap: &media::TapId| {
            let stream = self.beside.streams.by_tap.get(tap);
            stream.is_some_and(|stream| stream.name() == name)
        };
        let found = taps.into_iter().find(is_it);
        if let Some(tap) = found {
            self.stream_over(tap, &End::Stopped);
        }
        was_awaited || found.is_some()
    }

    /// Nothing more is streamed; its `<Connect>`, if it stands there, is over.
    fn stream_over(&mut self, tap: media::TapId, how: &End) {
        let Some(leg) = self.beside.streams.by_tap.get(&tap).map(|stream| stream.leg) else {
            return;
        };
        self.close_tap(tap);
        self.index.by_tap.remove(&tap);
        if let Some(of) = self.leg_mut(leg).and_then(|leg| leg.media.streams.as_mut()) {
            of.taps.retain(|other| *other != tap);
        }
        let what = match how {
            End::Stopped => "stream ends",
            End::Failed(_) => "stream fails",
        };
        self.trace(leg, What::Decided(what.to_owned()));
        self.forget_stream(tap, how);
        self.connected_over(leg, tap);
    }

    /// Nobody waits for it any more.
    pub(crate) fn drop_stream(&mut self, tap: media::TapId) {
        self.stream_over(tap, &End::Stopped);
    }

    /// The leg is over, its taps with it.
    pub(crate) fn streams_over(&mut self, leg: &Leg) {
        for tap in leg.media.streams.iter().flat_map(|of| &of.taps) {
            self.index.by_tap.remove(tap);
            self.forget_stream(*tap, &End::Stopped);
        }
    }

    fn forget_stream(&mut self, tap: media::TapId, how: &End) {
        match how {
            End::Stopped => self.tell_stream(tap, Event::Stopped, None),
            End::Failed(text) => self.tell_stream(tap, Event::Error, Some(text)),
        }
        self.beside.streams.by_tap.remove(&tap);
    }

    fn tell_stream(&mut self, tap: media::TapId, event: Event, error: Option<&str>) {
        let Some(stream) = self.beside.streams.by_tap.get(&tap) else { return };
        let Some(hook) = stream.told.clone() else { return };
        let whose = (stream.account, stream.call, stream.root);
        let said = [stream.sid.to_string(), stream.name(), event.as_str().to_owned()];
        let mut about = About::beside(whose, "Stream", said);
        about.parameters.extend(error.map(|error| ("StreamError".into(), error.to_owned())));
        about.parameters.push(("Timestamp".into(), date::iso8601(self.now.wall)));
        self.tell(about, hook);
    }

    /// The far end pressed a key: the application is told.
    pub(crate) fn stream_hears_key(&mut self, tap: media::TapId, key: u8) {
        self.push(Output::StreamKey { tap, key });
    }
}
