//! A phone that is sent REFER: it calls whom it is told and says how that gets on, or does anything else
//! that phones do.
//!
//! Not here: REFER of its own (`outgoing`).
//! Source: RFC 3515 §2.4; refer-interop lines 5, 6, 7, 16, 30, 31.

use std::time::{Duration, Instant};

use legwork_sip::Status;
use legwork_sip::header::Name;

use super::call::CallNo;
use super::incoming::NONCE;
use super::outgoing::Inside;
use super::transaction::Purpose;
use super::{HangsUp, Later, Phone};
use crate::wire::Wire;

/// What it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Answers with this status; none: not at all.
    pub answer: Option<u16>,
    /// Asks for its own name and password first, with this status.
    pub challenge: Option<u16>,
    /// What it does instead of calling anybody.
    pub plays: Option<Vec<Act>>,
    /// How its notices name the REFER.
    pub names: Names,
}

impl Default for Habits {
    fn default() -> Self {
        Self { answer: Some(603), challenge: None, plays: None, names: Names::Nothing }
    }
}

/// `id` of `Event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// There is none.
    Nothing,
    /// The CSeq of the REFER.
    It,
    /// Another number: JsSIP up to 3.12 after a challenge.
    Another,
}

/// One thing a phone does that only plays that it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It answers the REFER.
    Answer,
    /// Nothing for so long.
    Pause(Duration),
    /// It sends NOTIFY.
    Notify(Notice),
}

/// One NOTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What the body says; none: there is no body.
    pub status: Option<u16>,
    /// `terminated`.
    pub is_last: bool,
    /// The body has no reason and ends with LF.
    pub is_short: bool,
}

impl Notice {
    fn of(status: u16) -> Self {
        Self { status: Some(status), is_last: status >= 200, is_short: false }
    }
}

/// What it has still to do about a REFER.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    no: CallNo,
    refer: Wire,
    rest: Vec<Act>,
}

/// A call it makes because of a REFER.
#[derive(Clone, Debug)]
pub(super) struct Following {
    /// The call in which it was sent.
    referred: CallNo,
    refer: Wire,
    /// The one it makes.
    made: CallNo,
}

impl Phone {
    pub(super) fn handle_refer(&mut self, now: Instant, no: CallNo, refer: &Wire) {
        let habits = self.habits.referred.clone();
        if let Some(status) = habits.challenge
            && !self.is_authorized(refer)
        {
            let (name, reason) = match status {
                401 => ("WWW-Authenticate", "Unauthorized"),
                _ => ("Proxy-Authenticate", "Proxy Authentication Required"),
            };
            let realm = &self.config.name;
            let line =
                format!("{name}: Digest realm=\"{realm}\", nonce=\"{NONCE}\", qop=\"auth\"\r\n");
            return self.respond_bare(now, refer, (status, reason), &line);
        }
        let Some(status) = habits.answer else { return };
        if status >= 300 {
            return self.respond(now, refer, status, Status(status).reason(), "", None);
        }
        match habits.plays {
            Some(rest) => self.tell(now, Telling { no, refer: refer.clone(), rest }),
            None => self.follow(now, no, refer),
        }
    }

    fn accept(&mut self, now: Instant, no: CallNo, refer: &Wire) {
        let status = self.habits.referred.answer.unwrap_or(202);
        self.respond(now, refer, status, Status(status).reason(), "", None);
        if self.habits.hangs_up == HangsUp::AfterAccepted {
            self.later.push((now, Later::HangUp(no)));
        }
    }

    /// Calls whom it is to call, with the headers behind `?`.
    fn follow(&mut self, now: Instant, no: CallNo, refer: &Wire) {
        self.accept(now, no, refer);
        self.notify(now, no, refer, Notice::of(100));
        let target = refer.header(Name::ReferTo).trim_matches(['<', '>']);
        let (uri, headers) = target.split_once('?').unwrap_or((target, ""));
        let headers = headers.split('&').filter_map(|header| header.split_once('='));
        let mut lines: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {}", unescaped(value))).collect();
        lines.push(format!("Referred-By: {}", refer.header(Name::ReferredBy)));
        let made = CallNo(self.calls_made + 1);
        self.following = Some(Following { referred: no, refer: refer.clone(), made });
        self.invite(now, uri, &lines);
    }

    /// The call it makes because of a REFER got so far.
    pub(super) fn tell_of_following(&mut self, now: Instant, no: CallNo, status: u16) {
        let is_it = |following: &mut Following| following.made == no;
        let Some(following) = self.following.take_if(is_it) else { return };
        let Following { referred, refer, .. } = &following;
        self.notify(now, *referred, refer, Notice::of(status));
        if status < 200 {
            self.following = Some(following);
        }
    }

    /// Does what it plays, up to the next pause.
    pub(super) fn tell(&mut self, now: Instant, telling: Telling) {
        let Telling { no, refer, rest } = telling;
        let mut rest = rest.into_iter();
        while let Some(act) = rest.next() {
            match act {
                Act::Answer => self.accept(now, no, &refer),
                Act::Notify(notice) => self.notify(now, no, &refer, notice),
                Act::Pause(time) => {
                    let telling = Telling { no, refer, rest: rest.collect() };
                    return self.later.push((now + time, Later::Tell(Box::new(telling))));
                }
            }
        }
    }

    fn notify(&mut self, now: Instant, no: CallNo, refer: &Wire, notice: Notice) {
        let cseq = refer.cseq().0;
        let event = match self.habits.referred.names {
            Names::Nothing => "refer".to_owned(),
            Names::It => format!("refer;id={cseq}"),
            Names::Another => format!("refer;id={}", cseq + 1),
        };
        let state =
            if notice.is_last { "terminated;reason=noresource" } else { "active;expires=60" };
        let mut lines = format!("Event: {event}\r\nSubscription-State: {state}\r\n");
        let body = notice.status.map(|status| {
            lines.push_str("Content-Type: message/sipfrag;version=2.0\r\n");
            let reason = Status(status).reason();
            let is_short = notice.is_short;
            let end = if is_short { "\n".to_owned() } else { format!(" {reason}\r\n") };
            format!("SIP/2.0 {status}{end}")
        });
        self.inside(now, no, "NOTIFY", Inside { lines, body, purpose: Purpose::Other });
        if notice.is_last && self.habits.hangs_up == HangsUp::AfterResult {
            self.later.push((now, Later::HangUp(no)));
        }
    }
}

/// `%XX` as the character it stands for.
fn unescaped(value: &str) -> String {
    let mut parts = value.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) => {
                text.push(char::from(code));
                text.push_str(part.get(2..).unwrap_or_default());
            }
            None => text.push_str(part),
        }
    }
    text
}
