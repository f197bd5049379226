//! `<Start><Siprec>`: what a leg says and hears, sent to a session recorder; we are its session recording
//! client.
//!
//! ```text
//!   Awaited ──the leg has sound──▶ Resolving ──▶ Calling ──200──▶ Recording ──<Stop>, either ends──▶ over
//!                                      └────────────┴── nobody takes it ──▶ failed
//! ```
//! A recording session is no leg and no call: it hangs on one leg, whoever that talks with, and ends with it.
//! Whatever the recorder does, the call does not notice. A leg in whose place another one comes takes it with
//! it.
//! Not here: the dialog with the recorder (`siprec/session`), what it is told of the call (`siprec/metadata`)
//! and when that changes (`siprec/parties`), recordings of our own (`recording`).
//! Source: Twilio, "TwiML Voice: Siprec"; RFC 7866, RFC 7865.

mod metadata;
mod parties;
mod session;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use legwork_media as media;
use legwork_media::offer_answer::Tracks;
use legwork_sip as sip;
use legwork_sip::endpoint::Line;
use legwork_sip::event::DialogId;
use legwork_twiml as twiml;

use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::config;
use crate::config::Hook;
use crate::date;
use crate::io::{Output, ResolveId};
use crate::ladder::What;
use crate::leg::LegId;
use crate::limit;
use crate::sid::{AccountSid, CallSid, SiprecSid};
use crate::timer::TimerKey;

use parties::Parties;

/// No recorder is called so.
const NO_RECORDER: u32 = 31940;
/// Its name is taken, or nothing of that name goes on.
const NAME: u32 = 31900;
/// Too many tracks.
const QUOTA: u32 = 31960;
/// The recorder does not take it, or has gone.
const RECORDER: u32 = 91370;

/// Those of every leg, in the order of their SIDs: at most [`limit::SIPREC_TRACKS_MAX`] tracks of one leg.
#[derive(Debug, Default)]
pub(crate) struct Siprecs {
    of: BTreeMap<LegId, Vec<Siprec>>,
    by_dialog: BTreeMap<DialogId, LegId>,
    by_resolve: BTreeMap<ResolveId, LegId>,
    /// Legs in which who talks may have changed in this step.
    marked: Vec<LegId>,
}

/// One recording session.
#[derive(Debug)]
struct Siprec {
    sid: SiprecSid,
    account: AccountSid,
    call: CallSid,
    root: CallSid,
    name: Option<String>,
    recorder: Arc<config::Recorder>,
    /// What its `<Parameter>`s want in the INVITE.
    lines: Vec<Line>,
    told: Option<Hook>,
    tracks: Vec<Track>,
    /// When it was wanted.
    since: SystemTime,
    at: At,
    /// What its recorder was told of who talks.
    known: Option<Parties>,
    /// That has not reached it.
    is_untold: bool,
    /// Until when its recorder may be silent.
    deadline: Option<TimerKey>,
}

/// One way of the leg.
#[derive(Clone, Copy, Debug)]
struct Track {
    way: media::Track,
    /// Once they are taken.
    ports: Option<media::MediaId>,
    /// They are in use.
    is_open: bool,
    /// They send something: the recorder has not refused it.
    is_fed: bool,
    /// The media thread they live on.
    host: u8,
}

/// How far it is.
#[derive(Debug)]
enum At {
    Awaited,
    Resolving(ResolveId),
    Calling { dialog: DialogId, offer: Tracks, others: VecDeque<sip::Flow> },
    Recording { dialog: DialogId, agreed: Tracks, exchange: Exchange },
}

/// Offer and answer while it records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exchange {
    None,
    /// A re-INVITE of ours that refreshes the session is under way.
    Refresh,
    /// One that tells who talks.
    Update,
    /// Our offer in a 200 waits for its answer in the ACK.
    Delayed,
}

/// Why it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Stopped,
    Failed { code: u32, text: String },
}

impl Siprec {
    /// `name`; that of one that has none is its SID.
    fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.sid.to_string())
    }

    fn dialog(&self) -> Option<DialogId> {
        match &self.at {
            At::Calling { dialog, .. } | At::Recording { dialog, .. } => Some(*dialog),
            At::Awaited | At::Resolving(_) => None,
        }
    }

    fn is_awaited(&self) -> bool {
        matches!(self.at, At::Awaited)
    }
}

impl Calls {
    // === begin ===

    /// `<Siprec>` in `<Start>`.
    pub(crate) fn start_siprec(&mut self, leg: LegId, wanted: &twiml::Siprec) {
        let Some(of) = self.leg(leg) else { return };
        let (account, call, root) = (of.account, of.call_sid(), of.root);
        let told = wanted.status.as_ref().and_then(|ask| self.siprec_hook(leg, ask));
        let Some(recorder) = self.recorder_of(account, wanted.connector.as_deref()) else {
            let name = wanted.connector.as_deref().unwrap_or_default();
            let text = format!("<Siprec connectorName=\"{name}\">.");
            return self.alert(NO_RECORDER, Some(leg), Detail::text(text));
        };
        let ways: &[media::Track] = match wanted.tracks {
            twiml::Tracks::Inbound => &[media::Track::Inbound],
            twiml::Tracks::Outbound => &[media::Track::Outbound],
            twiml::Tracks::Both => &[media::Track::Inbound, media::Track::Outbound],
        };
        let there = self.beside.siprecs.of.get(&leg).map_or(&[][..], Vec::as_slice);
        if wanted.name.is_some() && there.iter().any(|it| it.name == wanted.name) {
            let text = "<Start><Siprec> while another one of its name goes on.";
            return self.alert(NAME, Some(leg), Detail::text(text));
        }
        let n_tracks: usize = there.iter().map(|it| it.tracks.len()).sum();
        if n_tracks + ways.len() > limit::SIPREC_TRACKS_MAX {
            let text = "<Start><Siprec> while as many tracks as may be are recorded already.";
            return self.alert(QUOTA, Some(leg), Detail::text(text));
        }
        let track = |way: &media::Track| Track {
            way: *way,
            ports: None,
            is_open: false,
            is_fed: false,
            host: 0,
        };
        let siprec = Siprec {
            sid: self.new_siprec_sid(),
            account,
            call,
            root,
            name: wanted.name.clone(),
            recorder,
            lines: self.parameter_lines(leg, &wanted.parameters),
            told,
            tracks: ways.iter().map(track).collect(),
            at: At::Awaited,
            known: None,
            is_untold: false,
            since: self.now.wall,
            deadline: None,
        };
        self.put_siprec(leg, siprec);
        self.begin_awaited_siprecs(leg);
    }

    /// The recorder of that name; without a name the account's only one.
    fn recorder_of(
        &self,
        account: AccountSid,
        name: Option<&str>,
    ) -> Option<Arc<config::Recorder>> {
        let mut own = self.config.recorders.iter().filter(|it| it.account == account);
        let found = match name {
            Some(name) => own.find(|recorder| recorder.name == name),
            None => own.next().filter(|_| own.next().is_none()),
        };
        found.cloned()
    }

    fn siprec_hook(&mut self, leg: LegId, ask: &twiml::Ask) -> Option<Hook> {
        let of = || format!("<Siprec statusCallback=\"{}\">.", ask.url);
        self.hook_in_document(leg, &ask.url, ask.method, of)
    }

    /// The leg may have sound from now on.
    pub(crate) fn begin_awaited_siprecs(&mut self, leg: LegId) {
        if self.leg(leg).is_none_or(|leg| !leg.media.open) {
            return;
        }
        while let Some(mut siprec) = self.take_siprec(leg, Siprec::is_awaited) {
            self.trace(leg, What::Decided("session recording begins".to_owned()));
            if self.take_siprec_ports(leg, &mut siprec) {
                self.look_for_recorder(leg, siprec);
            } else {
                let text = String::new();
                self.siprec_over(leg, siprec, &End::Failed { code: 91310, text });
            }
        }
    }

    /// Ports for every track, on the leg's media thread if it has any. False: there are too few.
    fn take_siprec_ports(&mut self, leg: LegId, siprec: &mut Siprec) -> bool {
        let thread = self.leg(leg).map_or(0, |leg| leg.media.host);
        for track in &mut siprec.tracks {
            track.ports = self.ports.take(thread).or_else(|| self.ports.take_any());
            if self.ports.runs_low(thread) {
                self.push(Output::WantPorts { thread });
            }
            let Some(ports) = track.ports else { return false };
            track.host = ports.thread;
            self.noted.note(|found| found.ports.push(ports));
        }
        true
    }

    // === while it is under way ===

    /// Takes one of a leg's out of its place.
    fn take_siprec(&mut self, leg: LegId, is_it: impl Fn(&Siprec) -> bool) -> Option<Siprec> {
        let all = self.beside.siprecs.of.get_mut(&leg)?;
        let n = all.iter().position(is_it)?;
        let siprec = all.remove(n);
        if all.is_empty() {
            self.beside.siprecs.of.remove(&leg);
        }
        Some(siprec)
    }

    fn put_siprec(&mut self, leg: LegId, siprec: Siprec) {
        let all = self.beside.siprecs.of.entry(leg).or_default();
        let n = all.iter().position(|other| other.sid > siprec.sid).unwrap_or(all.len());
        all.insert(n, siprec);
    }

    /// The leg lives on that media thread from now on, and so does what copies it.
    pub(crate) fn move_siprecs(&mut self, leg: LegId, host: u8) {
        let mut moved = Vec::new();
        for siprec in self.beside.siprecs.of.get_mut(&leg).into_iter().flatten() {
            for track in siprec.tracks.iter_mut().filter(|track| track.is_open) {
                if std::mem::replace(&mut track.host, host) != host {
                    moved.extend(track.ports);
                }
            }
        }
        for ports in moved {
            self.order_media(ports, media::Command::Move(host));
        }
    }

    // === its end ===

    /// `<Siprec>` in `<Stop>`: by its name, or its SID.
    pub(crate) fn stop_siprec(&mut self, leg: LegId, name: &str) {
        match self.take_siprec(leg, |siprec| siprec.name() == name) {
            Some(siprec) => self.siprec_over(leg, siprec, &End::Stopped),
            None => {
                let text = format!("<Stop><Siprec name=\"{name}\">: none of that name goes on.");
                self.alert(NAME, Some(leg), Detail::text(text));
            }
        }
    }

    /// The leg is over.
    pub(crate) fn siprecs_over(&mut self, leg: LegId) {
        for siprec in self.beside.siprecs.of.remove(&leg).unwrap_or_default() {
            self.siprec_over(leg, siprec, &End::Stopped);
        }
    }

    /// Nothing more is recorded: the recorder is told, unless it knows, and its ports are free.
    fn siprec_over(&mut self, leg: LegId, mut siprec: Siprec, end: &End) {
        self.timers.cancel(&mut siprec.deadline);
        self.leave_recorder(&siprec);
        for track in &siprec.tracks {
            match track.ports {
                Some(ports) if track.is_open => self.order_media(ports, media::Command::Close),
                Some(ports) => self.ports.give_back(ports),
                None => {}
            }
        }
        if siprec.is_awaited() && *end == End::Stopped {
            // Nobody has heard of it.
            return;
        }
        match end {
            End::Stopped => {
                self.trace(leg, What::Decided("session recording ends".to_owned()));
                self.tell_siprec(&siprec, "siprec-stopped", None);
            }
            End::Failed { code, text } => {
                self.trace(leg, What::Decided("session recording fails".to_owned()));
                self.alert_siprec(leg, &siprec, *code, text);
                self.tell_siprec(&siprec, "siprec-error", Some((*code, text)));
            }
        }
    }

    fn alert_siprec(&mut self, leg: LegId, siprec: &Siprec, code: u32, text: &str) {
        let detail = match text {
            "" => Detail::text(format!("[[recorder]] {}", siprec.recorder.name)),
            text => Detail::text(format!("[[recorder]] {}: {text}", siprec.recorder.name)),
        };
        self.alert_beside(code, leg, (siprec.account, siprec.call), detail);
    }

    /// `statusCallback`.
    fn tell_siprec(&mut self, siprec: &Siprec, event: &str, error: Option<(u32, &str)>) {
        let Some(hook) = siprec.told.clone() else { return };
        let whose = (siprec.account, siprec.call, siprec.root);
        let said = [siprec.sid.to_string(), siprec.name(), event.to_owned()];
        let mut about = About::beside(whose, "Siprec", said);
        if let Some((code, text)) = error {
            let what = crate::alert::entry(code).what;
            let text = if text.is_empty() { what } else { text };
            about.parameters.push(("SiprecError".into(), text.to_owned()));
            about.parameters.push(("SiprecErrorCode".into(), code.to_string()));
        }
        about.parameters.push(("Timestamp".into(), date::iso8601(self.now.wall)));
        self.tell(about, hook);
    }

    // === for checks ===

    /// What names them, and questions to DNS.
    pub(crate) fn siprec_counts(&self) -> (usize, usize) {
        let all: usize = self.beside.siprecs.of.values().map(Vec::len).sum();
        (all + self.beside.siprecs.by_dialog.len(), self.beside.siprecs.by_resolve.len())
    }

    /// Those whose leg is gone, or that wait for nothing.
    pub(crate) fn siprecs_adrift(&self) -> usize {
        let is_adrift = |leg: &LegId, siprec: &Siprec| match &siprec.at {
            At::Awaited => self.leg(*leg).is_none_or(|leg| leg.media.open),
            At::Resolving(id) => self.beside.siprecs.by_resolve.get(id) != Some(leg),
            At::Calling { dialog, .. } => {
                siprec.deadline.is_none() || self.beside.siprecs.by_dialog.get(dialog) != Some(leg)
            }
            At::Recording { dialog, .. } => self.beside.siprecs.by_dialog.get(dialog) != Some(leg),
        };
        let all = self
            .beside
            .siprecs
            .of
            .iter()
            .flat_map(|(leg, all)| all.iter().map(move |it| (leg, it)));
        all.filter(|(leg, it)| self.leg(**leg).is_none() || is_adrift(leg, it)).count()
    }

    /// Every one that has a dialog, as a bystander may see it.
    pub(crate) fn view_siprecs(&self) -> impl Iterator<Item = crate::view::Recorder> {
        let all = self
            .beside
            .siprecs
            .of
            .iter()
            .flat_map(|(leg, all)| all.iter().map(move |it| (leg, it)));
        all.filter_map(|(leg, siprec)| {
            let sip_call_id = self.endpoint.call_id(siprec.dialog()?)?;
            let leg = self.leg(*leg)?;
            let (from, host) = (leg.media.id, leg.media.host);
            let agreed = match &siprec.at {
                At::Recording { agreed, .. } => Some(agreed),
                At::Awaited | At::Resolving(_) | At::Calling { .. } => None,
            };
            let lines = siprec.tracks.iter().enumerate().filter(|(_, track)| track.is_open);
            let lines = lines.filter_map(|(n, track)| {
                let agreed = agreed.and_then(|agreed| agreed.agreed(n)).cloned();
                let feed = match track.is_fed {
                    true => media::Feed::Copy(from, track.way),
                    false => media::Feed::Nothing,
                };
                Some(crate::view::RecorderLine { media: track.ports?, feed, host, agreed })
            });
            let lines = lines.collect();
            Some(crate::view::Recorder { call: leg.sid, sip_call_id, lines })
        })
    }
}
