//! `<Refer>`: the phone of the leg is asked to call somebody else by itself.
//!
//! ```text
//!   REFER ──2xx──▶ NOTIFY … ──result, its end, 30 s of silence──▶ action, next verb
//!     │               └──the phone hangs up──▶ action is told
//!     └──refused, silent for 32 s────────────────────────────────▶ action, next verb
//! ```
//! An unanswered call is answered first: only inside a session can a phone be referred. Meanwhile it hears
//! silence, and ringing once it tells that somebody rings. It is not hung up: phones do that themselves, else the document does, at its end.
//! Not here: REFER from phones (`transfer`); the messages (`legwork-sip`, `endpoint/referrals`).
//! Source: Twilio, "TwiML Voice: Refer"; RFC 3515.

use std::time::Instant;

use legwork_media as media;
use legwork_media::tone::RingTone;
use legwork_sip::Status;
use legwork_sip::event::DialogId;
use legwork_twiml as twiml;

use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::dial::sip::check_refer_to;
use crate::leg::{CallStatus, Leg, LegId};
use crate::limit;
use crate::run::{Flow, Parameter, Run, Step, Why, absolute};
use crate::timer::Due;

/// A `<Refer>` being run.
#[derive(Debug)]
pub(crate) struct Referring {
    /// Its `action`.
    hook: Option<Hook>,
    dialog: DialogId,
    /// When it was asked.
    since: Instant,
    /// The final answer to the REFER.
    answered: Option<Status>,
    /// What NOTIFY told last.
    notified: Option<Status>,
    /// No NOTIFY will follow.
    is_over: bool,
}

/// How a `<Refer>` comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The phone would not, could not be asked, or did not answer.
    Refused,
    /// It says no more.
    Told,
    /// It has said nothing for too long.
    Silence,
    /// It hung up.
    HungUp,
}

impl Referring {
    /// The REFER has no answer yet.
    pub(crate) fn is_asked(&self) -> bool {
        self.answered.is_none()
    }

    /// What `action` is told.
    fn parameters(&self, end: End) -> Vec<Parameter> {
        parameters(end, self.answered, self.notified)
    }
}

/// `ReferCallStatus` and its companions; each is left out where nothing is known.
fn parameters(end: End, answered: Option<Status>, notified: Option<Status>) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::with_capacity(3);
    if let Some(status) = call_status(end, notified) {
        parameters.push(("ReferCallStatus".into(), status.as_str().to_owned()));
    }
    if let Some(answered) = answered {
        parameters.push(("ReferSipResponseCode".into(), answered.0.to_string()));
    }
    if let Some(notified) = notified {
        parameters.push(("NotifySipResponseCode".into(), notified.0.to_string()));
    }
    parameters
}

/// What became of the call the phone was to make. None: it did not say, and may well be making it.
fn call_status(end: End, notified: Option<Status>) -> Option<CallStatus> {
    match (notified.filter(|status| status.is_final()), end) {
        (Some(status), _) if status.is_success() => Some(CallStatus::InProgress),
        (Some(status), _) => Some(CallStatus::of(status)),
        (None, End::Refused) => Some(CallStatus::Failed),
        (None, End::HungUp) => Some(CallStatus::Canceled),
        (None, End::Silence) => notified.map(|_| CallStatus::NoAnswer),
        (None, End::Told) => None,
    }
}

/// Why a phone can not be referred.
struct Hindrance {
    /// None: it has been told when the document came.
    code: Option<u32>,
    text: Option<String>,
    /// What a transferor is told.
    status: Status,
}

impl Calls {
    pub(crate) fn run_refer(&mut self, leg: LegId, refer: twiml::Refer) -> Flow {
        if let Err(hindrance) = self.check_refer(leg, &refer) {
            return self.refer_hindered(leg, &refer, hindrance);
        }
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let (hook, since) = (self.action_of_refer(leg, &refer), self.now.mono);
        let Some(of) = self.leg_mut(leg) else { return Flow::Waits };
        let (Some(dialog), Some(run)) = (of.sip.dialog, &mut of.run) else { return Flow::Waits };
        run.step = Step::Referring(Box::new(Referring {
            hook,
            dialog,
            since,
            answered: None,
            notified: None,
            is_over: false,
        }));
        run.heard = true;
        self.feed(leg, media::Feed::Silence);
        if self.sip(|sip, now| sip.refer(now.mono, dialog, &refer.uri, &[])) {
            return Flow::Waits;
        }
        self.finish_refer(leg, End::Refused)
    }

    fn check_refer(&self, leg: LegId, refer: &twiml::Refer) -> Result<(), Hindrance> {
        if !self.leg(leg).is_some_and(|leg| leg.sip.may_refer) {
            return Err(Hindrance { code: Some(13801), text: None, status: Status(403) });
        }
        if refer.uri.is_empty() {
            return Err(Hindrance { code: None, text: None, status: Status(404) });
        }
        check_refer_to(&refer.uri).map_err(|nobody| Hindrance {
            code: Some(nobody.code),
            text: Some(nobody.text),
            status: nobody.status,
        })
    }

    /// Nobody is asked anything: a transfer it would have taken over has failed; else the document goes on.
    fn refer_hindered(&mut self, leg: LegId, refer: &twiml::Refer, hindrance: Hindrance) -> Flow {
        let Hindrance { code, text, status } = hindrance;
        if let Some(code) = code {
            self.alert(code, Some(leg), Detail { text, ..Detail::none() });
        }
        if let Some(transfer) = self.pending_transfer_of(leg)
            && self.transfer_target_failed(transfer, status)
        {
            return Flow::Waits;
        }
        let hook = self.action_of_refer(leg, refer);
        self.ask_after_refer(leg, hook, parameters(End::Refused, None, None))
    }

    fn action_of_refer(&mut self, leg: LegId, refer: &twiml::Refer) -> Option<Hook> {
        let action = refer.action.as_ref()?;
        let run = self.leg(leg).and_then(|leg| leg.run.as_ref())?;
        match absolute(run.url.as_ref(), action) {
            Ok(url) => Some(Hook { url, method: refer.method }),
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Refer action=\"{action}\">.")));
                None
            }
        }
    }

    // === what the phone says ===

    /// The REFER has its answer.
    pub(crate) fn handle_referred(&mut self, leg: LegId, status: Status, notices: bool) {
        let Some(referring) = self.referring_mut(leg) else { return };
        referring.answered = Some(status);
        let since = referring.since;
        let end = match (status.is_success(), referring.is_over || !notices) {
            (false, _) => End::Refused,
            (true, true) => End::Told,
            (true, false) => {
                let late = self.after(limit::REFER_LATE);
                return self.await_notice(leg, late.max(since + limit::REFER_SILENCE));
            }
        };
        self.end_refer(leg, end);
    }

    /// A NOTIFY came.
    pub(crate) fn handle_refer_progress(&mut self, leg: LegId, status: Option<Status>, last: bool) {
        let Some(referring) = self.referring_mut(leg) else { return };
        let before = referring.notified.unwrap_or(Status::TRYING);
        referring.notified = status.or(referring.notified);
        referring.is_over |= last;
        let (is_asked, is_over) = (referring.is_asked(), referring.is_over);
        // It rings, or is answered: somebody was called.
        let is_new = status.is_some_and(|status| status > before && !status.is_failure());
        if is_new {
            self.time_passes(leg);
        }
        match (is_asked, is_over) {
            (false, true) => return self.end_refer(leg, End::Told),
            // One that comes before the answer: that is on its way.
            (true, true) => return,
            (true | false, false) => {}
        }
        if is_new {
            self.feed(leg, media::Feed::Ringback(RingTone::default()));
            let deadline = self.after(limit::REFER_SILENCE);
            self.await_notice(leg, deadline);
        }
    }

    /// The later of two deadlines holds.
    fn await_notice(&mut self, leg: LegId, deadline: Instant) {
        let key = self.timers.set(deadline, Due::ReferSilence(leg));
        let run = self.leg_mut(leg).and_then(|leg| leg.run.as_mut());
        let mut earlier = match run {
            Some(run) => {
                let later = run.timer.map_or(key, |old| old.max(key));
                let old = run.timer.replace(later).filter(|old| *old != later);
                old.or_else(|| (later != key).then_some(key))
            }
            None => Some(key),
        };
        self.timers.cancel(&mut earlier);
    }

    pub(crate) fn handle_refer_silence(&mut self, leg: LegId) {
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.timer = None;
        }
        self.time_passes(leg);
        self.end_refer(leg, End::Silence);
    }

    // === the end ===

    fn end_refer(&mut self, leg: LegId, end: End) {
        if self.finish_refer(leg, end) == Flow::Next {
            self.next_verb(leg);
        }
    }

    /// `<Refer>` is over: `action`, or the next verb.
    fn finish_refer(&mut self, leg: LegId, end: End) -> Flow {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let Step::Referring(referring) = std::mem::replace(&mut run.step, Step::Ready) else {
            return Flow::Waits;
        };
        let mut timer = run.timer.take();
        self.timers.cancel(&mut timer);
        self.forget_referring(&referring);
        self.feed(leg, media::Feed::Nothing);
        let parameters = referring.parameters(end);
        self.ask_after_refer(leg, referring.hook, parameters)
    }

    fn ask_after_refer(&mut self, leg: LegId, hook: Option<Hook>, told: Vec<Parameter>) -> Flow {
        let Some(hook) = hook else { return Flow::Next };
        self.fetch_document(leg, hook, Why::Outcome, told);
        Flow::Waits
    }

    /// The phone hung up, or was: `action` is told, for there is no call left for its document.
    pub(crate) fn tell_refer_cancelled(&mut self, gone: &Leg, run: &Run) {
        let Step::Referring(referring) = &run.step else { return };
        let Some(hook) = referring.hook.clone() else { return };
        self.tell_outcome(About::of_run(gone, run), hook, referring.parameters(End::HungUp));
    }

    /// Nobody waits any more for what comes of it.
    pub(crate) fn forget_referring(&mut self, referring: &Referring) {
        let dialog = referring.dialog;
        self.sip(|sip, now| sip.forget_refer(now.mono, dialog));
    }

    fn referring_mut(&mut self, leg: LegId) -> Option<&mut Referring> {
        let run = self.leg_mut(leg)?.run.as_mut()?;
        if let Step::Referring(referring) = &mut run.step { Some(referring) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_action_is_told() {
        use End::{HungUp, Refused, Silence, Told};
        let table = [
            // how it ends, answer to REFER, last NOTIFY: ReferCallStatus
            (Told, Some(202), Some(200), Some("in-progress")),
            (Told, Some(202), Some(486), Some("busy")),
            (Told, Some(202), Some(404), Some("failed")),
            (Told, Some(202), Some(302), Some("failed")),
            (Told, Some(202), Some(408), Some("no-answer")),
            (Refused, Some(405), None, Some("failed")),
            (Refused, Some(408), None, Some("failed")),
            (Refused, None, None, Some("failed")),
            (HungUp, Some(202), Some(180), Some("canceled")),
            (HungUp, Some(202), None, Some("canceled")),
            (HungUp, None, None, Some("canceled")),
            // Not in Twilio's table.
            (HungUp, None, Some(200), Some("in-progress")),
            (Refused, Some(408), Some(200), Some("in-progress")),
            (Silence, Some(202), Some(180), Some("no-answer")),
            (Silence, Some(202), None, None),
            (Told, Some(202), Some(180), None),
            (Told, Some(202), None, None),
        ];
        for (end, answered, notified, status) in table {
            let parameters = parameters(end, answered.map(Status), notified.map(Status));
            let told = |name: &str| {
                let found = parameters.iter().find(|(key, _)| key == name);
                found.map(|(_, value)| value.clone())
            };
            let code = |code: Option<u16>| code.map(|code| code.to_string());
            assert_eq!(told("ReferCallStatus").as_deref(), status, "{end:?} {notified:?}");
            assert_eq!(told("ReferSipResponseCode"), code(answered));
            assert_eq!(told("NotifySipResponseCode"), code(notified));
        }
    }
}
