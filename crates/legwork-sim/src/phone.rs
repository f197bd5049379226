//! A SIP phone as a pure machine: orders, messages and RTP in, messages, RTP and events out.
//!
//! It is an independent check of the server: of the project's SIP it uses only the message layer,
//! and its transactions, session descriptions, codecs and ears are its own. The simulated world and
//! the demo drive the same phone, one with a virtual clock, the other over sockets.
//! Not here: sockets, clocks, scripts (`world`, `script`).

mod audio;
mod call;
pub mod carrier;
mod incoming;
mod md5;
mod outgoing;
pub mod referred;
mod sdp;
mod session;
mod transaction;
pub mod wording;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;

pub use audio::Codec;
pub use call::{CallNo, State};
pub use carrier::LOGIN;
pub use sdp::Direction;

use audio::{Ear, Mouth};
use call::Call;
use referred::{Following, Telling};
use transaction::{Answered, Asked, Due};

use crate::dice::Dice;

/// How many calls are remembered.
const CALLS_MAX: usize = 16;

/// What a phone is.
#[derive(Clone, Debug)]
pub struct Config {
    /// User part of its address.
    pub name: String,
    /// Where it signals.
    pub sip: SocketAddr,
    /// Where it speaks and hears.
    pub rtp: SocketAddr,
    /// Where it sends what has no better address.
    pub server: SocketAddr,
    /// Its SIP domain.
    pub domain: String,
    /// Answers digest challenges with it.
    pub password: Option<String>,
    /// The tone it speaks, hertz.
    pub tone_hz: u32,
    /// What it speaks, best first.
    pub codecs: Vec<Codec>,
    /// Payload type of keys in what it offers and answers.
    pub events: u8,
    /// For its tags and branches.
    pub seed: u64,
}

/// What it does by itself; freely set at any time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Sends 180 at once when called.
    pub rings: bool,
    /// Answers so long after the INVITE.
    pub answers_after: Option<Duration>,
    /// Answers NOTIFY with this status; none: not at all.
    pub notify: Option<u16>,
    /// Answers NOTIFY so late.
    pub notify_after: Duration,
    /// Answers BYE with this status.
    pub bye: u16,
    /// Hangs up by itself.
    pub hangs_up: HangsUp,
    /// Sends its ACK so late; none: never.
    pub acks_after: Option<Duration>,
    /// Refuses re-INVITEs with this status.
    pub refuses_reinvite: Option<u16>,
    /// A re-INVITE of its own that was answered 491 is sent again, as RFC 3261 §14.1 says.
    pub tries_again: bool,
    /// Opens a new TCP connection for every request.
    pub reconnects: bool,
    /// Calls without an offer.
    pub offers_late: bool,
    /// Its 200 leaves out the session its 183 had.
    pub answers_bare: bool,
    /// What it wants to be the direction of its answers.
    pub direction: Direction,
    /// Answers challenges by this name and password instead of its own.
    pub login: Option<(String, String)>,
    /// Asks who calls it for its own name and password.
    pub challenges: bool,
    /// Its sessions have telephone-events; without, it hears keys as tones.
    pub knows_events: bool,
    /// Its 180 and 183 are reliable where the caller supports that.
    pub rings_reliably: bool,
    /// Acknowledges no reliable 180 or 183.
    pub never_pracks: bool,
    /// Takes UPDATE, and says so.
    pub takes_update: bool,
    /// Knows session timers: the longest it agrees to, seconds, and who refreshes.
    pub session: Option<(u32, Refresher)>,
    /// What it takes for its own address in session descriptions: it does not know of its NAT.
    pub behind_nat: Option<IpAddr>,
    /// Neither hears nor says anything: pulled off the wire.
    pub is_dead: bool,
    /// How it words its messages.
    pub wording: wording::Habits,
    /// What it does when it is sent REFER.
    pub referred: referred::Habits,
    /// What it does as a carrier.
    pub carrier: carrier::Habits,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            rings: true,
            answers_after: None,
            notify: Some(200),
            notify_after: Duration::ZERO,
            bye: 200,
            hangs_up: HangsUp::WhenTold,
            acks_after: Some(Duration::ZERO),
            refuses_reinvite: None,
            tries_again: false,
            reconnects: false,
            offers_late: false,
            answers_bare: false,
            direction: Direction::SendRecv,
            login: None,
            challenges: false,
            knows_events: true,
            rings_reliably: false,
            never_pracks: false,
            takes_update: false,
            session: None,
            behind_nat: None,
            is_dead: false,
            wording: wording::Habits::default(),
            referred: referred::Habits::default(),
            carrier: carrier::Habits::default(),
        }
    }
}

/// Who refreshes a session, seen from the request at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answers it.
    Uas,
}

/// When a phone that sends or gets REFER hangs up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HangsUp {
    /// It does not: the other side must.
    #[default]
    WhenTold,
    /// Right after the 202, its own or theirs.
    AfterAccepted,
    /// Right after the NOTIFY with the result, its own or theirs.
    AfterResult,
}

/// What a phone can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// REGISTER for so many seconds, with these further header lines; 0 takes the binding away.
    Register(u32, Vec<String>),
    /// INVITE to this URI, with these further header lines.
    Call(String, Vec<String>),
    /// 180, or with sound 183 and SDP, to the INVITE that waits.
    Ring(bool),
    /// 183 with SDP of another fork: another tag, and a port where nobody listens.
    RingElsewhere,
    /// 200.
    Answer,
    /// Any final status but 2xx.
    Refuse(u16),
    /// The same, with further header lines; a Contact among them stands for its own.
    RefuseWith(u16, Vec<String>),
    /// CANCEL, a refusal or BYE, as the newest call stands.
    HangUp,
    /// The other of its two calls is at its ear from now on, and means the next orders.
    TurnBack,
    /// re-INVITE with this direction.
    Reinvite(Direction),
    /// UPDATE, with this direction or without a session.
    Update(Option<Direction>),
    /// REFER with these Refer-To values and further header lines. Where a value names the call at
    /// its ear (`{replaces}`, escaped; or `{call-id}`, `{to-tag}`, `{from-tag}`; `{address}` is whom
    /// that call is with), the REFER goes out in the other one.
    Refer(Vec<String>, Vec<String>),
    /// SUBSCRIBE to what became of its REFER, for so many seconds; 0 wants to hear no more.
    Subscribe(u32),
    /// REFER outside any dialog, to the server, with these further header lines.
    ReferAnew(String, Vec<String>),
    /// A key: 0–9, `*` is 10, `#` is 11.
    Press(u8),
    /// Says this, 8 kHz, then falls silent.
    Say(Vec<i16>),
    /// Speaks its tone from now on, or falls silent.
    Speak(bool),
    /// OPTIONS to the server.
    Options,
    /// INFO in its newest call: a media type and a body, or none.
    Info(Option<(String, String)>),
    /// Loses power: forgets every call, and is back after so long.
    Restart(Duration),
}

/// What a phone noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// REGISTER was answered.
    Registered(u16),
    /// It is being called.
    Called(CallNo),
    /// 1xx to its own call.
    Progress(CallNo, u16),
    /// The call is answered, by whichever side.
    Talking(CallNo),
    /// Its own call failed.
    Failed(CallNo, u16),
    /// The call ended, by whichever side.
    Ended(CallNo),
    /// Its re-INVITE or UPDATE was answered.
    Reinvited(CallNo, u16),
    /// Its REFER was answered.
    Referred(CallNo, u16),
    /// A NOTIFY about its REFER: the status in it, and whether it was the last.
    Notified(CallNo, u16, bool),
    /// Any other answer to a request of its own: OPTIONS, a REFER outside a dialog.
    Answered(u16),
}

/// Signalling or sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From and to the `sip` address.
    Sip,
    /// From and to the `rtp` address.
    Rtp,
}

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// From which of its two addresses.
    pub kind: Kind,
    /// Where to.
    pub to: SocketAddr,
    /// What.
    pub bytes: Bytes,
}

/// A phone. After every `handle_*` and `order`: drain `poll_transmit` and `poll_event`, then ask
/// `poll_timeout`.
#[derive(Debug)]
pub struct Phone {
    config: Config,
    /// What it does by itself.
    pub habits: Habits,
    dice: Dice,
    calls: Vec<Call>,
    calls_made: u32,
    /// The call it was told to turn to; else the newest is at its ear.
    at_ear: Option<CallNo>,
    asked: Vec<Asked>,
    answered: VecDeque<Answered>,
    /// Branch of an INVITE refused, and its ACK.
    refusals: VecDeque<(String, Bytes, SocketAddr)>,
    later: Vec<(Instant, Later)>,
    registrations: u32,
    /// Call-ID of its last REFER outside any dialog.
    referred_anew: String,
    /// The call it makes because it was sent REFER.
    following: Option<Following>,
    mouth: Mouth,
    ear: Ear,
    /// What it hears of further streams.
    beside: Ear,
    speaks_next: Option<Instant>,
    is_speaking: bool,
    out: VecDeque<Transmit>,
    events: VecDeque<Event>,
}

/// What is done at its time.
#[derive(Clone, Debug)]
enum Later {
    Answer(CallNo),
    Send(Bytes, SocketAddr),
    HangUp(CallNo),
    Reinvite(CallNo, Direction),
    Tell(Box<Telling>),
    Revive,
}

impl Phone {
    /// A phone without calls.
    pub fn new(config: Config) -> Self {
        let mut dice = Dice::new(config.seed);
        let ssrc = u32::try_from(dice.below(u64::from(u32::MAX))).unwrap_or(1);
        Self {
            mouth: Mouth::new(config.tone_hz, ssrc),
            config,
            habits: Habits::default(),
            dice,
            calls: Vec::new(),
            calls_made: 0,
            at_ear: None,
            asked: Vec::new(),
            answered: VecDeque::new(),
            refusals: VecDeque::new(),
            later: Vec::new(),
            registrations: 0,
            referred_anew: String::new(),
            following: None,
            ear: Ear::default(),
            beside: Ear::default(),
            speaks_next: None,
            is_speaking: false,
            out: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// What it is.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Speaks and understands these from now on, best first.
    pub fn set_codecs(&mut self, codecs: Vec<Codec>) {
        self.config.codecs = codecs;
    }

    /// Sends what has no better address there from now on.
    pub fn set_server(&mut self, server: SocketAddr) {
        self.config.server = server;
    }

    /// RTP came in.
    pub fn handle_rtp(&mut self, _now: Instant, from: SocketAddr, packet: &[u8]) {
        let is_known = |call: &Call| call.media.is_some_and(|media| media.rtp == from);
        let is_beside = |call: &Call| call.is_heard() && call.beside.contains(&from);
        if !self.habits.is_dead && self.calls.iter().any(is_beside) {
            return self.beside.hear(packet, self.config.events);
        }
        let heard = self.calls.iter().filter(|call| call.is_heard()).count();
        // Of several calls one is at the ear.
        let is_heard = match self.newest(|call| call.is_heard()) {
            Some(call) if heard > 1 => is_known(call),
            Some(_) | None => self.calls.iter().any(is_known),
        };
        if !self.habits.is_dead && is_heard {
            self.ear.hear(packet, self.config.events);
        }
    }

    /// The next thing to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        if self.habits.is_dead {
            self.out.clear();
        }
        self.out.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When `handle_timeout` is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let asked = self.asked.iter().filter_map(|asked| asked.again.deadline());
        let answered =
            self.answered.iter().filter_map(|answered| answered.again.as_ref()?.deadline());
        let later = self.later.iter().map(|(at, _)| *at);
        asked.chain(answered).chain(later).chain(self.speaks_next).min()
    }

    /// A deadline passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.repeat_requests(now);
        self.repeat_answers(now);
        while let Some(due) = self.later.iter().position(|(at, _)| *at <= now) {
            match self.later.swap_remove(due).1 {
                Later::Answer(no) => self.answer(now, no),
                Later::Send(bytes, to) => self.send(to, bytes),
                Later::HangUp(no) => self.hang_up(now, no),
                Later::Reinvite(no, direction) => self.reinvite_call(now, no, direction),
                Later::Tell(telling) => self.tell(now, *telling),
                Later::Revive => self.habits.is_dead = false,
            }
        }
        if self.speaks_next.is_some_and(|at| at <= now) {
            self.speak_packet(now);
        }
    }

    /// Forgets every call; what reaches it before it is back is lost, afterwards it knows nothing of.
    fn restart(&mut self, now: Instant, after: Duration) {
        self.calls.clear();
        self.asked.clear();
        self.answered.clear();
        self.refusals.clear();
        self.later.clear();
        (self.speaks_next, self.is_speaking) = (None, false);
        if !after.is_zero() {
            self.habits.is_dead = true;
            self.later.push((now + after, Later::Revive));
        }
    }

    fn repeat_requests(&mut self, now: Instant) {
        let mut lost = Vec::new();
        for asked in &mut self.asked {
            match asked.again.poll(now) {
                Due::Nothing => {}
                Due::Send => self.out.push_back(sip(asked.to, asked.bytes.clone())),
                Due::GiveUp => lost.push(asked.branch.clone()),
            }
        }
        for branch in lost {
            if let Some(at) = self.asked.iter().position(|asked| asked.branch == branch) {
                let asked = self.asked.swap_remove(at);
                self.conclude(now, &asked, 408, None);
            }
        }
    }

    fn repeat_answers(&mut self, now: Instant) {
        let mut unacknowledged = Vec::new();
        for answered in &mut self.answered {
            match answered.again.as_mut().map_or(Due::Nothing, |again| again.poll(now)) {
                Due::Nothing => {}
                Due::Send => {
                    let bytes = answered.bytes.clone().unwrap_or_default();
                    self.out.push_back(sip(answered.to, bytes));
                }
                Due::GiveUp => {
                    answered.again = None;
                    unacknowledged.extend(answered.call);
                }
            }
        }
        for no in unacknowledged {
            self.hang_up(now, no);
        }
    }

    fn speak_packet(&mut self, now: Instant) {
        let heard = self.newest(|call| call.is_heard());
        let media = heard.and_then(|call| Some((call.media?, call.direction)));
        if let Some((media, direction)) = media
            && sdp::answer_direction(direction, media.direction) != Direction::Inactive
            && sdp::answer_direction(direction, media.direction) != Direction::RecvOnly
            && media.rtp.port() != 0
        {
            self.mouth.catch_up(now, media.codec);
            let bytes = self.mouth.packet(media.codec, media.events);
            self.out.push_back(Transmit { kind: Kind::Rtp, to: media.rtp, bytes });
        }
        if media.is_none() {
            self.mouth.release();
        }
        let goes_on = self.is_speaking || self.mouth.is_pressing() || self.mouth.is_saying();
        self.speaks_next = goes_on.then(|| now + Duration::from_millis(20));
    }

    /// Forgets what it has heard so far.
    pub fn listen_anew(&mut self) {
        self.ear.clear();
        self.beside.clear();
    }

    /// Which of these tones it has heard in the last 100 ms of sound; none when nothing at all came
    /// in.
    pub fn hears(&self, candidates_hz: &[u32]) -> Option<Vec<u32>> {
        let mut tones = self.ear.tones(candidates_hz);
        tones.extend(self.beside.tones(candidates_hz));
        (self.ear.packets + self.beside.packets > 0).then_some(tones)
    }

    /// The keys it has heard since its newest call began: 0–9, `*` is 10, `#` is 11.
    pub fn keys_heard(&self) -> &[u8] {
        &self.ear.keys
    }

    /// How often the RTP it receives broke off its SSRC or sequence, or went back in time, since its
    /// newest call began.
    pub fn rtp_breaks(&self) -> u32 {
        self.ear.breaks + self.beside.breaks
    }

    /// How its newest call that is not over stands.
    pub fn state(&self) -> Option<State> {
        self.newest(|call| call.state != State::Ended).map(|call| call.state)
    }

    /// It can be heard or hear: a call is answered, or has early media.
    pub fn is_heard(&self) -> bool {
        self.calls.iter().any(Call::is_heard)
    }

    /// A call waits for its answer.
    pub fn is_ringing(&self) -> bool {
        self.calls.iter().any(|call| call.state == State::Ringing)
    }

    /// How many of its calls are not over.
    pub fn calls(&self) -> usize {
        self.calls.iter().filter(|call| call.state != State::Ended).count()
    }

    /// What Target-Dialog says of its newest call.
    pub fn named_call(&self) -> Option<String> {
        let call = self.newest(|_| true)?;
        let (id, local, remote) = (&call.call_id, &call.local_tag, call.remote_tag.as_ref()?);
        Some(format!("{id};local-tag={local};remote-tag={remote}"))
    }

    /// Call-ID of its newest call.
    pub fn call_id(&self) -> Option<&str> {
        self.newest(|call| call.state != State::Ended)
            .or_else(|| self.calls.last())
            .map(|call| call.call_id.as_str())
    }

    /// How many calls it has made and got so far.
    pub fn calls_made(&self) -> u32 {
        self.calls_made
    }

    /// It knows of the call with this Call-ID, and has not failed to hang it up.
    pub fn knows(&self, call_id: &str) -> bool {
        // Called again after it lost power, it was told to hang up that second dialog.
        let is_theirs = |call: &Call| call.state == State::Ended && !call.hung_up;
        let is_its = |call: &Call| call.call_id == call_id && !call.bye_failed && !is_theirs(call);
        self.calls.iter().any(is_its)
    }

    /// The call with this Call-ID is its only one that is not over, and both sides may speak: what is fed to it can be heard.
    pub fn can_hear(&self, call_id: &str) -> bool {
        let mut live = self.calls.iter().filter(|call| call.state != State::Ended);
        let (only, none) = (live.next(), live.next());
        let both = |direction: Direction| direction == Direction::SendRecv;
        let hears = |call: &Call| {
            let media = call.media;
            call.call_id == call_id
                && call.state == State::Talking
                && !call.reinvite_under_way
                && both(call.direction)
                && media.is_some_and(|media| both(media.direction))
        };
        none.is_none() && only.is_some_and(hears) && !self.habits.is_dead
    }

    /// No request waits for its answer, and no answer for its ACK.
    pub fn is_quiet(&self) -> bool {
        self.asked.is_empty()
            && self.later.is_empty()
            && self.answered.iter().all(|answered| answered.again.is_none())
    }

    /// What Replaces says of the call at its ear.
    pub fn replaces(&self) -> Option<String> {
        let [call_id, to_tag, from_tag] = self.newest(|call| call.state != State::Ended)?.named();
        Some(format!("{call_id};to-tag={to_tag};from-tag={from_tag}"))
    }

    /// The line a call is on.
    pub fn line_of(&self, call_id: &str) -> Option<usize> {
        let call = self.calls.iter().rev().find(|call| call.call_id == call_id)?;
        Some(call.line)
    }

    /// The line a call would be on that came in now.
    pub fn free_line(&self) -> usize {
        let is_taken = |line: &usize| {
            self.calls.iter().any(|call| call.state != State::Ended && call.line == *line)
        };
        (1..).find(|line| !is_taken(line)).unwrap_or(1)
    }

    /// The call at its ear, if it is such a one; else the newest that is.
    fn newest(&self, which: impl Fn(&&Call) -> bool) -> Option<&Call> {
        let at_ear = self.at_ear.and_then(|no| self.calls.iter().find(|call| call.no == no));
        at_ear.filter(&which).or_else(|| self.calls.iter().rev().find(which))
    }

    fn turn_back(&mut self) {
        let live = |call: &&Call| call.state != State::Ended;
        let now = self.newest(live).map(|call| call.no);
        let other = self.calls.iter().rev().find(|call| live(call) && Some(call.no) != now);
        self.at_ear = other.map(|call| call.no).or(now);
        self.ear.reset();
    }

    fn call(&mut self, no: CallNo) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.no == no)
    }

    fn add_call(&mut self, mut call: Call) {
        call.line = self.free_line();
        self.at_ear = None;
        if self.calls.len() >= CALLS_MAX
            && let Some(at) = self.calls.iter().position(|call| call.state == State::Ended)
        {
            self.calls.remove(at);
        }
        self.calls.push(call);
    }

    fn end_call(&mut self, no: CallNo) {
        if let Some(call) = self.call(no)
            && call.state != State::Ended
        {
            call.state = State::Ended;
            call.asked = None;
            if self.calls() > 0 {
                // Another one may be at the ear now.
                self.ear.reset();
            }
            self.at_ear.take_if(|at_ear| *at_ear == no);
            self.events.push_back(Event::Ended(no));
        }
    }

    fn begin_talking(&mut self, no: CallNo) {
        if let Some(call) = self.call(no) {
            call.state = State::Talking;
            self.ear.reset();
            self.beside.reset();
            self.events.push_back(Event::Talking(no));
        }
    }

    fn word(&mut self) -> String {
        format!("{:010x}", self.dice.below(1 << 40))
    }

    fn send(&mut self, to: SocketAddr, bytes: Bytes) {
        self.out.push_back(sip(to, bytes));
    }
}

/// MD5 in lower-case hex, for the credentials of scenarios.
pub(crate) fn md5_hex(input: &str) -> String {
    md5::hex(input)
}

fn sip(to: SocketAddr, bytes: Bytes) -> Transmit {
    Transmit { kind: Kind::Sip, to, bytes }
}

#[cfg(test)]
mod tests;
