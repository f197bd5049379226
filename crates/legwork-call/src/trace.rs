//! Ladder rows of SIP messages.
//!
//! Not here: how a row looks (`ladder`), rows of decisions (where they are made).

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use legwork_sip as sip;
use legwork_sip::event::DialogId;

use crate::calls::Calls;
use crate::io::Output;
use crate::ladder::{self, Row, What};
use crate::leg::Leg;
use crate::sid::CallSid;

/// Whose ladder the late messages of ended legs belong to.
#[derive(Debug, Default)]
pub(crate) struct Traced {
    of: BTreeMap<DialogId, Whose>,
    order: VecDeque<DialogId>,
}

/// Call, root and party of a row.
pub(crate) type Whose = (CallSid, CallSid, String);

/// Those of a leg's messages.
pub(crate) fn whose(leg: &Leg) -> Whose {
    (leg.sid, leg.root, leg.who.party.clone())
}

impl Traced {
    pub(crate) fn remember(&mut self, dialog: DialogId, whose: Whose, most: usize) {
        self.of.insert(dialog, whose);
        self.order.push_back(dialog);
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.of.remove(&oldest);
            }
        }
    }
}

impl Calls {
    /// A ladder row of one message of a dialog, if the dialog is a leg's or a recorder's.
    pub(crate) fn trace_message(&mut self, dialog: DialogId, bytes: &Bytes, incoming: bool) {
        let leg = self.index.by_dialog.get(&dialog).and_then(|leg| self.leg(*leg));
        let whose = leg.map(whose).or_else(|| self.siprec_of(dialog));
        let whose = whose.or_else(|| self.traced.of.get(&dialog).cloned());
        let Some((call, root, party)) = whose else {
            if incoming {
                self.unclaimed = Some((dialog, bytes.clone()));
            }
            return;
        };
        let Ok(message) = sip::Message::parse(bytes.clone()) else { return };
        let said = ladder::message(&message);
        let what = if incoming { What::Sent(said) } else { What::Got(said) };
        self.push(Output::Trace(Box::new(Row { call, root, party, what })));
    }

    /// The INVITE that came before its leg was made.
    pub(crate) fn trace_unclaimed(&mut self, dialog: DialogId) {
        if let Some((of, bytes)) = self.unclaimed.take()
            && of == dialog
        {
            self.trace_message(dialog, &bytes, true);
        }
    }
}
