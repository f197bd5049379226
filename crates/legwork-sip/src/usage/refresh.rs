//! The session timer of a dialog: what is agreed about it, when the session is refreshed or ends.
//!
//! ```text
//!                  ours: half of the interval
//!   agreed ──┬─────────────► refresh ──2xx──► agreed anew
//!            │                  │ refused: once more at half of what is left
//!            │ theirs           ▼
//!            └─────────────► interval − min(32 s, a third of it): BYE
//! ```
//!
//! Not here: the messages (`endpoint`: `refresh`), the header (`header::session_expires`).
//! Source: RFC 4028 §4, §7 to §10.

use std::time::{Duration, Instant};

use crate::header::Name;
use crate::header::session_expires::{Refresher, SessionExpires};
use crate::timers::TimerKey;
use crate::{Message, limit};

/// The interval we ask for, seconds.
pub(crate) const INTERVAL_S: u32 = 1800;
/// The shortest we take, seconds: the least RFC 4028 §4 allows.
pub(crate) const MIN_SE_S: u32 = 90;
/// A second try of a refresh that was refused comes no sooner.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// So long before the interval is over a session ends, or a third of it if that is less.
const MARGIN: Duration = Duration::from_secs(32);

/// What a request of the peer says of the session timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// `Supported` lists `timer`.
    supported: bool,
    expires: Option<SessionExpires>,
    min_s: u32,
}

/// What our 2xx says of it, or a refresh of ours asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) seconds: u32,
    /// Nobody in the INVITE that makes a dialog: the peer chooses.
    pub(crate) refresher: Option<Refresher>,
    /// In requests: `Min-SE`.
    pub(crate) min_s: Option<u32>,
    /// In responses: `Require: timer`.
    pub(crate) required: bool,
}

impl Terms {
    /// What our INVITE asks for.
    pub(crate) const FIRST: Self =
        Self { seconds: INTERVAL_S, refresher: None, min_s: Some(MIN_SE_S), required: false };

    /// The same of a peer, or a proxy, that takes no less than `min_s` (422). None: out of reason.
    pub(crate) fn at_least(min_s: u32) -> Option<Self> {
        let good = (MIN_SE_S..=limit::MIN_SE_MAX_S).contains(&min_s);
        let seconds = INTERVAL_S.max(min_s);
        good.then_some(Self { seconds, min_s: Some(min_s), ..Self::FIRST })
    }
}

impl Wish {
    pub(crate) fn of(request: &Message) -> Self {
        let supported =
            request.lists(Name::Supported, "timer") || request.lists(Name::Require, "timer");
        let min_s = request.min_se().ok().flatten().unwrap_or(MIN_SE_S).max(MIN_SE_S);
        Self { supported, expires: request.session_expires().ok().flatten(), min_s }
    }

    /// 422: the peer can ask again for more.
    pub(crate) fn is_too_brief(&self) -> bool {
        self.supported && self.expires.is_some_and(|expires| expires.seconds < MIN_SE_S)
    }

    /// What we answer: table 2 of RFC 4028 §9. None: no session timer. Where the choice is ours,
    /// whoever refreshes already goes on (`we_refresh`), else the peer, which brought it up.
    pub(crate) fn granted(&self, we_refresh: bool) -> Option<Terms> {
        let refresher = match (self.supported, self.expires.map(|expires| expires.refresher)) {
            (false, None) if !we_refresh => return None,
            (false, None | Some(_)) => Refresher::Uas,
            (true, None | Some(None)) if we_refresh => Refresher::Uas,
            (true, None | Some(None)) => Refresher::Uac,
            (true, Some(Some(refresher))) => refresher,
        };
        let most = INTERVAL_S.max(self.min_s);
        let seconds = self.expires.map_or(most, |expires| expires.seconds.min(most));
        // Raising it is forbidden, and who does not know timers can not be told 422.
        let good = seconds >= MIN_SE_S;
        let required = self.supported;
        good.then_some(Terms { seconds, refresher: Some(refresher), min_s: None, required })
    }
}

/// A session timer that runs.
#[derive(Debug)]
pub(crate) struct SessionTimer {
    pub(crate) seconds: u32,
    /// What the peer wants at least, if it said.
    pub(crate) min_s: u32,
    /// How often it was made longer after 422 since it began.
    pub(crate) longer: u8,
    /// We refresh.
    pub(crate) ours: bool,
    /// When it ends by BYE.
    end: Instant,
    pub(crate) key: Option<TimerKey>,
}

impl SessionTimer {
    pub(crate) fn new(now: Instant, seconds: u32, ours: bool) -> Self {
        let whole = Duration::from_secs(seconds.into());
        let end = now + whole.saturating_sub(MARGIN.min(whole / 3));
        Self { seconds, min_s: MIN_SE_S, longer: 0, ours, end, key: None }
    }

    /// What is to be done first, and when.
    pub(crate) fn first(&self, now: Instant) -> Instant {
        if self.ours { now + Duration::from_secs(self.seconds.into()) / 2 } else { self.end }
    }

    /// When the next try is due, now that the session has not been refreshed.
    pub(crate) fn next(&self, now: Instant) -> Instant {
        let half = self.end.saturating_duration_since(now) / 2;
        if self.ours && half >= AGAIN_AFTER { now + half } else { self.end }
    }

    /// It has run out.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now >= self.end
    }

    /// What a refresh of ours asks for: the roles stay (RFC 4028 §7.4).
    pub(crate) fn renewed(&self) -> Terms {
        let refresher = Some(if self.ours { Refresher::Uac } else { Refresher::Uas });
        Terms { seconds: self.seconds, refresher, min_s: Some(self.min_s), required: false }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use expect_test::expect;

    use super::*;

    fn wish(lines: &str) -> Wish {
        let text = format!("INVITE sip:b SIP/2.0\r\n{lines}\r\n");
        Wish::of(&Message::parse(Bytes::from(text)).unwrap())
    }

    fn said(terms: Option<Terms>) -> String {
        let Some(terms) = terms else { return "none".to_owned() };
        let who = terms.refresher.map_or("nobody", Refresher::as_str);
        let required = if terms.required { ", required" } else { "" };
        format!("{}, {who}{required}", terms.seconds)
    }

    /// RFC 4028 §9, table 2, with the interval chosen and `Require: timer`.
    #[test]
    fn who_refreshes() {
        let mut text = String::new();
        for supported in ["", "Supported: timer\r\n"] {
            for expires in [
                "",
                "Session-Expires: 600\r\n",
                "Session-Expires: 600;refresher=uac\r\n",
                "x: 600;refresher=uas\r\n",
            ] {
                for we_refresh in [false, true] {
                    let terms = wish(&format!("{supported}{expires}")).granted(we_refresh);
                    let (supported, expires) = (supported.trim_end(), expires.trim_end());
                    let us = if we_refresh { "we do" } else { "" };
                    text.push_str(&format!("{supported}|{expires}|{us}: {}\n", said(terms)));
                }
            }
        }
        expect![[r#"
            ||: none
            ||we do: 1800, uas
            |Session-Expires: 600|: 600, uas
            |Session-Expires: 600|we do: 600, uas
            |Session-Expires: 600;refresher=uac|: 600, uas
            |Session-Expires: 600;refresher=uac|we do: 600, uas
            |x: 600;refresher=uas|: 600, uas
            |x: 600;refresher=uas|we do: 600, uas
            Supported: timer||: 1800, uac, required
            Supported: timer||we do: 1800, uas, required
            Supported: timer|Session-Expires: 600|: 600, uac, required
            Supported: timer|Session-Expires: 600|we do: 600, uas, required
            Supported: timer|Session-Expires: 600;refresher=uac|: 600, uac, required
            Supported: timer|Session-Expires: 600;refresher=uac|we do: 600, uac, required
            Supported: timer|x: 600;refresher=uas|: 600, uas, required
            Supported: timer|x: 600;refresher=uas|we do: 600, uas, required
        "#]]
        .assert_eq(&text);
    }

    /// RFC 4028 §9: never raised, never below Min-SE; 422 only to who knows timers.
    #[test]
    fn how_long() {
        let cases = [
            // Session-Expires, Min-SE, supported: too brief?, granted
            ("90", "", true, (false, "90, uac, required")),
            ("89", "", true, (true, "none")),
            ("89", "", false, (false, "none")),
            ("0", "", true, (true, "none")),
            ("7200", "", true, (false, "1800, uac, required")),
            ("7200", "3600", true, (false, "3600, uac, required")),
            ("4294967295", "4294967295", true, (false, "4294967295, uac, required")),
            ("x", "", true, (false, "1800, uac, required")),
        ];
        for (expires, min_se, supported, (too_brief, granted)) in cases {
            let supported = if supported { "Supported: 100rel, Timer\r\n" } else { "" };
            let min_se =
                if min_se.is_empty() { String::new() } else { format!("Min-SE: {min_se}\r\n") };
            let wish = wish(&format!("{supported}Session-Expires: {expires}\r\n{min_se}"));
            assert_eq!(wish.is_too_brief(), too_brief, "{expires}");
            assert_eq!(said(wish.granted(false)), granted, "{expires}");
        }
    }

    /// RFC 4028 §7.3: a 422 is met with its Min-SE, within reason.
    #[test]
    fn what_422_asks_for() {
        let seconds = |min_s| Terms::at_least(min_s).map(|terms| (terms.seconds, terms.min_s));
        assert_eq!(seconds(89), None);
        assert_eq!(seconds(90), Some((1800, Some(90))));
        assert_eq!(seconds(3600), Some((3600, Some(3600))));
        assert_eq!(seconds(limit::MIN_SE_MAX_S), Some((86_400, Some(86_400))));
        assert_eq!(seconds(limit::MIN_SE_MAX_S + 1), None);
    }

    /// RFC 4028 §10: a refresh at half, BYE at the interval less min(32 s, a third).
    #[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
    #[test]
    fn when() {
        let now = Instant::now();
        let at = |instant: Instant| (instant - now).as_secs();
        for (seconds, ours, dues) in [
            (1800, true, vec![900, 1334, 1551, 1659, 1713, 1740, 1754, 1768]),
            (1800, false, vec![1768]),
            (90, true, vec![45, 60]),
            (90, false, vec![60]),
            (96, false, vec![64]),
            (600, false, vec![568]),
        ] {
            let timer = SessionTimer::new(now, seconds, ours);
            let mut seen = vec![timer.first(now)];
            while !timer.is_over(*seen.last().unwrap()) {
                seen.push(timer.next(*seen.last().unwrap()));
            }
            let seen: Vec<u64> = seen.into_iter().map(at).collect();
            assert_eq!(seen, dues, "{seconds}");
        }
    }
}
