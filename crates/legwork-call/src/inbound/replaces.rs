//! INVITE with Replaces: a phone takes the place of a leg, which is told good-bye.
//!
//! Whoever the leg was with, whatever it ran or waited for goes on with the new one, under its new SID; no
//! `voice_url` is asked. A leg that still rings at the phone we called is picked up so, too.
//! Not here: whether the caller may call (`auth`); what is handed over, piece by piece (`inherit`).
//! Source: RFC 3891 §3, §4; `inbound-refer` §4, "Attended transfer".

use legwork_media::offer_answer::Codec;
use legwork_sip as sip;
use legwork_sip::endpoint::Named;
use legwork_sip::event::DialogId;
use legwork_sip::header::replaces::Replaces;

use super::{Refused, Welcome};
use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::ladder::What;
use crate::leg::{Doing, LegId};
use crate::route::Route;
use crate::run::Step;
use crate::sid::AccountSid;

impl Calls {
    /// Takes the call, or says why not.
    pub(crate) fn handle_replacing(
        &mut self,
        dialog: DialogId,
        request: &sip::Message,
        flow: sip::Flow,
        replaces: &Replaces,
    ) -> Result<(), Refused> {
        let named = self.endpoint.named(replaces);
        let old = named.dialog().and_then(|named| self.index.by_dialog.get(&named)).copied();
        let welcome = self.welcome_replacing(request, flow, old)?;
        let old = self.replaceable(named, old, welcome.account, replaces.early_only)?;
        let codecs = self.config.codecs.clone();
        let new = self.seat(dialog, request, flow, welcome, &codecs)?;
        self.replace(old, new);
        Ok(())
    }

    /// Whoever may call may replace, in calls of the same account. The Request-URI is often the Contact of
    /// the leg, which names no domain: then the leg's own is asked.
    fn welcome_replacing(
        &mut self,
        request: &sip::Message,
        flow: sip::Flow,
        old: Option<LegId>,
    ) -> Result<Welcome, Refused> {
        let who = Self::caller_of(request)?;
        let at = match self.route(request, flow.remote.ip()) {
            Route::Domain(at) => Some(at),
            // To the PSTN nobody has given a dialog of ours.
            Route::Trunk(_) | Route::UnknownNumber => return Err(Refused::with(403)),
            Route::Nowhere => {
                let of = old.and_then(|old| self.leg(old));
                let name = of.and_then(|leg| leg.sip.domain.as_ref());
                let mut domains = self.config.domains.iter();
                name.and_then(|name| domains.position(|domain| domain.name == *name))
            }
        };
        let at = at.ok_or_else(|| Refused::alert(404, 32201))?;
        let welcome = self.welcome_to_domain(at, request, flow, who)?;
        self.admit_account(welcome.account)?;
        Ok(welcome)
    }

    /// The leg to be replaced, or what RFC 3891 §3 answers.
    fn replaceable(
        &self,
        named: Named,
        old: Option<LegId>,
        account: AccountSid,
        early_only: bool,
    ) -> Result<LegId, Refused> {
        let unknown = || Refused::with(481);
        let leg = old.and_then(|old| self.leg(old)).filter(|leg| leg.account == account);
        match named {
            // What a phone has begun itself is not ours to give away.
            Named::Nothing | Named::Called(_) => return Err(unknown()),
            Named::Over => return Err(Refused::with(603)),
            Named::Confirmed(_) if leg.is_some() && early_only => return Err(Refused::with(486)),
            Named::Confirmed(_) | Named::Calling(_) => {}
        }
        let leg = leg.ok_or_else(unknown)?;
        if leg.run.as_ref().is_some_and(|run| matches!(run.step, Step::Referring(_))) {
            // Its phone is giving up its place by itself.
            return Err(Refused::with(603));
        }
        match leg.doing {
            // Its place is being given away, or is gone.
            Doing::Consulted { .. } | Doing::Kept { .. } | Doing::Leaving => {
                Err(Refused::with(603))
            }
            Doing::Alone | Doing::Dialled { .. } | Doing::Bridged { .. } | Doing::Parked { .. } => {
                old.ok_or_else(unknown)
            }
        }
    }

    fn replace(&mut self, old: LegId, new: LegId) {
        let prefer = self.codec_wanted(old);
        // A session nobody here understands: it has been refused, and nothing has changed.
        if self.leg(new).is_none() || !self.answer_leg(new, prefer) {
            return;
        }
        let Some(party) = self.leg(old).map(|leg| leg.who.party.clone()) else { return };
        self.trace(new, What::Decided(format!("takes the place of {party}")));
        let farewell = if self.leg(old).is_some_and(crate::leg::Leg::is_answered) {
            Farewell::done()
        } else {
            Farewell::elsewhere()
        };
        let next = self.inherit(old, new);
        self.leave_quietly(old, farewell);
        self.go_on(new, next);
        self.store(new);
    }

    /// What whoever the leg is with speaks.
    fn codec_wanted(&self, old: LegId) -> Option<Codec> {
        match self.leg(old)?.doing {
            Doing::Bridged { with } => self.codec_of(with),
            Doing::Dialled { by } => self.codec_of(by),
            Doing::Alone
            | Doing::Parked { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => self.codec_of(old),
        }
    }
}
