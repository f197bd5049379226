//! I2: what transferors are told of their REFER.
//!
//! Not here: whether it is true (`transfers`).
//! Source: reliability.md section 6.3; RFC 3515 §2.4.4, §2.4.6; RFC 4488.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use legwork_sip::header::Name;

use crate::wire::Wire;

/// A dialog: Call-ID and the tag of the other side.
type DialogKey = (String, String);

fn key(call_id: &str, tag: Option<&str>) -> DialogKey {
    (call_id.to_owned(), tag.unwrap_or_default().to_owned())
}

#[derive(Debug, Default)]
pub(super) struct Notices {
    dialogs: BTreeMap<DialogKey, Dialog>,
    first_due: Option<(SocketAddr, String)>,
}

#[derive(Debug, Default)]
struct Dialog {
    /// CSeq of each REFER received inside the dialog, in order.
    refers: Vec<u32>,
    subscriptions: Vec<Subscription>,
    unanswered: BTreeSet<u32>,
    /// A NOTIFY was refused: its subscription is dead.
    is_refused: bool,
}

#[derive(Debug)]
struct Subscription {
    refer: u32,
    is_over: bool,
}

impl Notices {
    pub(super) fn refer_received(&mut self, call_id: &str, tag: Option<&str>, cseq: u32) {
        let dialog = self.dialogs.entry(key(call_id, tag)).or_default();
        if !dialog.refers.contains(&cseq) {
            dialog.refers.push(cseq);
        }
    }

    /// 481 went out: that REFER was in no dialog of ours.
    pub(super) fn unknown(&mut self, call_id: &str, tag: Option<&str>, cseq: u32) {
        if let Some(dialog) = self.dialogs.get_mut(&key(call_id, tag)) {
            dialog.refers.retain(|refer| *refer != cseq);
        }
    }

    /// 202 went out and did not say `Refer-Sub: false`.
    pub(super) fn opened(&mut self, to: SocketAddr, call_id: &str, tag: Option<&str>, cseq: u32) {
        let dialog = self.dialogs.entry(key(call_id, tag)).or_default();
        dialog.subscriptions.push(Subscription { refer: cseq, is_over: false });
        self.first_due = Some((to, call_id.to_owned()));
    }

    pub(super) fn answered(&mut self, call_id: &str, tag: Option<&str>, cseq: u32, status: u16) {
        let Some(dialog) = self.dialogs.get_mut(&key(call_id, tag)) else { return };
        dialog.unanswered.remove(&cseq);
        dialog.is_refused |= status >= 300;
    }

    /// Anything at all went out: behind a 202 it is the first NOTIFY.
    pub(super) fn sent(&mut self, to: SocketAddr, message: &Wire) -> Result<(), String> {
        let due = self.first_due.take_if(|(party, _)| *party == to);
        let is_trying = message.body().starts_with(b"SIP/2.0 100 Trying\r\n");
        match due {
            Some((party, refer)) if message.method() != Some("NOTIFY") || !is_trying => {
                Err(format!("I2: the 202 to {refer} of {party} was not followed by NOTIFY 100"))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn notified(&mut self, message: &Wire) -> Result<(), String> {
        let (cseq, _) = message.cseq();
        let of = key(message.call_id(), message.to_tag());
        let Some(dialog) = self.dialogs.get_mut(&of) else {
            return Err("I2: a NOTIFY without a REFER".to_owned());
        };
        dialog.unanswered.insert(cseq);
        let event = message.header(Name::Event);
        let named = event.split_once("id=").and_then(|(_, id)| id.trim().parse().ok());
        let first = dialog.refers.first().copied();
        let is_it = |of: &Subscription| match named {
            Some(id) => of.refer == id,
            None => first.is_none_or(|first| of.refer == first),
        };
        let of = dialog.subscriptions.iter_mut().find(|of| is_it(of));
        let Some(of) = of else {
            return Err(format!("I2: a NOTIFY without a subscription: Event {event}"));
        };
        let is_last = message.header(Name::SubscriptionState).starts_with("terminated");
        if std::mem::replace(&mut of.is_over, is_last) {
            return Err(format!("I2: a NOTIFY after the last one: Event {event}"));
        }
        Ok(())
    }

    pub(super) fn close(&self) -> Result<(), String> {
        for ((call_id, _), dialog) in &self.dialogs {
            let is_dead = dialog.is_refused || !dialog.unanswered.is_empty();
            if let Some(open) = dialog.subscriptions.iter().find(|of| !of.is_over)
                && !is_dead
            {
                let refer = open.refer;
                return Err(format!("I2: REFER {refer} of {call_id} has no final NOTIFY"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn to() -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 3], 5060))
    }

    fn notify(cseq: u32, event: &str, state: &str, status: &str) -> Wire {
        let body = format!("SIP/2.0 {status}\r\n");
        let text = format!(
            "NOTIFY sip:a@10.0.0.3 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK{cseq}\r\n\
             From: <sip:x>;tag=1\r\nTo: <sip:a>;tag=2\r\nCall-ID: c\r\nCSeq: {cseq} NOTIFY\r\n\
             Event: {event}\r\nSubscription-State: {state}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Wire::parse(&Bytes::from(text)).unwrap()
    }

    fn accepted() -> Notices {
        let mut notices = Notices::default();
        notices.refer_received("c", Some("2"), 7);
        notices.opened(to(), "c", Some("2"), 7);
        notices
    }

    #[test]
    fn one_refer_told_to_its_end_is_fine() {
        let mut notices = accepted();
        for (cseq, state, status) in [(1, "active", "100 Trying"), (2, "terminated", "200 OK")] {
            let message = notify(cseq, "refer", state, status);
            assert_eq!(notices.sent(to(), &message), Ok(()));
            assert_eq!(notices.notified(&message), Ok(()));
            notices.answered("c", Some("2"), cseq, 200);
        }
        assert_eq!(notices.close(), Ok(()));
    }

    #[test]
    fn i2_can_fail() {
        let trying = notify(1, "refer", "active", "100 Trying");
        let last = notify(2, "refer", "terminated", "200 OK");
        assert!(Notices::default().notified(&trying).is_err(), "nobody referred");
        let mut notices = accepted();
        assert!(notices.sent(to(), &last).is_err(), "not NOTIFY 100 first");
        assert!(notices.notified(&notify(1, "refer;id=9", "active", "100 Trying")).is_err());
        assert_eq!(notices.notified(&last), Ok(()));
        assert!(notices.notified(&last).is_err(), "twice at its end");
        let mut silent = accepted();
        silent.notified(&trying).unwrap();
        assert_eq!(silent.close(), Ok(()), "not answered: dead");
        silent.answered("c", Some("2"), 1, 200);
        assert!(silent.close().is_err(), "never told the end");
    }
}
