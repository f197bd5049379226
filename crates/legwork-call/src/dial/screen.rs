//! What a noun wants of the leg it names, and `url`: a document for the called party alone, run
//! between its answer and the join.
//!
//! Not here: running it (`run`, `verb`); what else lies between the two (`dial/answered`).
//! Source: Twilio, "TwiML Voice: Number", `url`; no `<Dial>` there (13201).

use legwork_twiml as twiml;

use crate::answerer::rules;
use crate::callback::Told;
use crate::calls::{Calls, Detail};
use crate::command::MachineDetection;
use crate::config::Hook;
use crate::leg::{Doing, LegId};
use crate::run::{Why, absolute};

/// What the noun that named a leg wants of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// The noun is `<Sip>`: `action` tells of the leg's SIP side.
    pub(crate) sip: bool,
    /// Whom to ask for the document to run before the join, until it was asked.
    pub(crate) screen: Option<Hook>,
    /// Keys to press as soon as it has answered, until they are.
    pub(crate) digits: Option<String>,
    /// Who answers is to be found out, until that has begun.
    pub(crate) machine: Option<Box<MachineDetection>>,
}

impl Calls {
    /// What the noun wants of the legs it names. None: it wants them screened by nobody knows whom, and
    /// whoever is to be screened is not joined without.
    pub(crate) fn wanted(&mut self, by: LegId, noun: &twiml::Noun) -> Option<Wanted> {
        let sip = matches!(noun.whom, twiml::Whom::Sip(_));
        let screen = self.screen_of_noun(by, noun)?;
        let digits = match &noun.whom {
            twiml::Whom::Number(number) => number.send_digits.clone(),
            twiml::Whom::Sip(_)
            | twiml::Whom::Client(_)
            | twiml::Whom::Sim(_)
            | twiml::Whom::Application(_) => None,
        };
        let machine = noun.machine.as_deref().map(|of| {
            let callback = of.told.as_ref().and_then(|ask| self.hook_of_noun(by, ask));
            Box::new(MachineDetection { rules: rules(of), asynchronous: true, callback })
        });
        Some(Wanted { sip, screen, digits, machine })
    }

    /// `url` of the noun, if it has one. None: it can not be asked, of which the account has been alerted.
    pub(crate) fn screen_of_noun(&mut self, by: LegId, noun: &twiml::Noun) -> Option<Option<Hook>> {
        match &noun.screen {
            None => Some(None),
            Some(ask) => self.hook_of_noun(by, ask).map(Some),
        }
    }

    /// Whom to tell how the legs of the noun get on.
    pub(crate) fn told_of_noun(&mut self, by: LegId, noun: &twiml::Noun) -> Option<Told> {
        let status = noun.status.as_ref()?;
        let hook = self.hook_of_noun(by, &status.ask)?;
        Some(Told::new(hook, status.events))
    }

    fn hook_of_noun(&mut self, by: LegId, ask: &twiml::Ask) -> Option<Hook> {
        match absolute(self.dialling_mut(by)?.base.as_ref(), &ask.url) {
            Ok(url) => Some(Hook { url, method: ask.method }),
            Err(code) => {
                self.alert(code, Some(by), Detail::text(format!("{}.", ask.url)));
                None
            }
        }
    }

    /// The called party gets a document of its own; the caller goes on hearing it ring.
    pub(crate) fn screen(&mut self, by: LegId, child: LegId, hook: Hook) {
        if self.dialling_mut(by).is_some_and(|dialling| dialling.early == Some(child)) {
            self.early_media_over(by);
        }
        self.fetch_document(child, hook, Why::Screen, Vec::new());
    }

    /// Is the document it runs the one that screens it?
    pub(crate) fn is_screened(&self, leg: LegId) -> bool {
        self.leg(leg).is_some_and(|leg| match leg.doing {
            Doing::Dialled { .. } => leg.run.is_some(),
            Doing::Alone
            | Doing::Bridged { .. }
            | Doing::Parked { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => false,
        })
    }

    /// The document has ended and the called party is still there: it takes the call.
    pub(crate) fn screened(&mut self, child: LegId) {
        if let Some(run) = self.leg_mut(child).and_then(|leg| leg.run.take()) {
            self.drop_run(run);
        }
        self.target_proceed(child);
    }
}
