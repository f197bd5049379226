//! A phone of either make, as its user sees it.
//!
//! Not here: how each make is driven (`linphone`, `baresip`), what happens between phones (`combination`).

use legwork_media::tone::Heard;

use crate::baresip::Baresip;
use crate::cast::uri;
use crate::linphone::Linphone;
use crate::server::Server;
use crate::wav;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Make {
    /// 1.0.0
    Baresip,
    /// linphonec 5.1
    Linphone,
}

/// A running phone.
#[derive(Debug)]
pub(crate) struct Phone {
    user: String,
    driven: Driven,
}

#[derive(Debug)]
enum Driven {
    Baresip(Baresip),
    Linphone(Linphone),
}

impl Phone {
    /// One that is registered over `transport` and speaks this tone.
    pub(crate) fn registered(
        make: Make,
        server: &Server,
        user: &str,
        transport: &str,
        hz: u16,
    ) -> Self {
        let driven = match make {
            Make::Baresip => Driven::Baresip(Baresip::registered(server, user, transport, hz)),
            Make::Linphone => Driven::Linphone(Linphone::registered(server, user, transport, hz)),
        };
        Self { user: user.to_owned(), driven }
    }

    pub(crate) fn uri(&self) -> String {
        uri(&self.user)
    }

    pub(crate) fn calls(&mut self, uri: &str) {
        match &mut self.driven {
            Driven::Baresip(phone) => phone.order("dial", uri),
            Driven::Linphone(phone) => phone.order(&format!("call {uri}")),
        }
    }

    /// Waits until it rings.
    pub(crate) fn rings(&mut self) {
        match &mut self.driven {
            Driven::Baresip(phone) => drop(phone.sees("CALL_INCOMING")),
            Driven::Linphone(phone) => phone.comes_to("IncomingReceived"),
        }
    }

    pub(crate) fn answers(&mut self) {
        match &mut self.driven {
            Driven::Baresip(phone) => phone.order("accept", ""),
            Driven::Linphone(phone) => phone.order("answer"),
        }
    }

    /// Declines the call that rings, or ends the one that was answered.
    pub(crate) fn hangs_up(&mut self) {
        match &mut self.driven {
            Driven::Baresip(phone) => phone.order("hangup", ""),
            Driven::Linphone(phone) => phone.order("terminate"),
        }
    }

    pub(crate) fn transfers(&mut self, uri: &str) {
        match &mut self.driven {
            Driven::Baresip(phone) => phone.order("transfer", uri),
            Driven::Linphone(phone) => phone.order(&format!("transfer {uri}")),
        }
    }

    /// Waits for the end of its call, whoever ends it.
    pub(crate) fn is_free(&mut self) {
        match &mut self.driven {
            Driven::Baresip(phone) => drop(phone.sees("CALL_CLOSED")),
            Driven::Linphone(phone) => phone.comes_to("Released"),
        }
    }

    /// For what only this make can do.
    pub(crate) fn linphone(&mut self) -> &mut Linphone {
        match &mut self.driven {
            Driven::Linphone(phone) => phone,
            Driven::Baresip(_) => panic!("{} is a baresip", self.user),
        }
    }

    /// Waits until it has heard this for a while.
    pub(crate) fn hears(&self, wanted: Heard) {
        match &self.driven {
            Driven::Baresip(phone) => phone.hears(wanted),
            Driven::Linphone(phone) => phone.hears(wanted),
        }
    }

    /// The tones it has heard, in order, Hz; one that was interrupted counts once.
    pub(crate) fn tones(&self) -> Vec<u16> {
        let mut tones = wav::tones(&self.heard());
        tones.dedup();
        tones
    }

    fn heard(&self) -> Vec<i16> {
        match &self.driven {
            Driven::Baresip(phone) => phone.heard(),
            Driven::Linphone(phone) => phone.heard(),
        }
    }

    /// What it has printed or logged; of Linphone, every message it got.
    pub(crate) fn said(&self) -> String {
        match &self.driven {
            Driven::Baresip(phone) => phone.said(),
            Driven::Linphone(phone) => phone.said(),
        }
    }

    /// Ends it, its binding with it.
    pub(crate) fn quits(self) {
        match self.driven {
            Driven::Baresip(phone) => phone.quits(),
            Driven::Linphone(phone) => phone.quits(),
        }
    }
}
