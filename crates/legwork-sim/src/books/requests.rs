//! I1 on the wire: each request is answered, with one final answer; each 2xx gets its ACK at once;
//! CANCEL in its moment; one BYE for a dialog, and behind it no more of its session.
//!
//! Not here: whom messages may go to (`dialogs`).
//! Source: reliability.md section 6.3; RFC 3261 §8.2.6, §9.1, §13.2.2.4, §15.1.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::wire::Wire;

/// 64·T1.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(32);

/// Call-ID, branch and method: an odd phone uses a CSeq twice.
type RequestKey = (String, String, String);

#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Of others, not answered finally yet.
    open: BTreeSet<RequestKey>,
    /// Our final answers.
    finals: BTreeMap<RequestKey, u16>,
    /// INVITEs of ours: the answer last received, and when we sent it or its CANCEL.
    invites: BTreeMap<(String, u32), (u16, Instant, bool)>,
    /// 2xx to INVITEs of ours without an ACK: Call-ID and CSeq.
    acks_due: BTreeSet<(String, u32)>,
    /// Call-ID and tag of the other side of dialogs that have had our BYE.
    byes: BTreeSet<(String, String)>,
}

fn key(message: &Wire) -> RequestKey {
    let (call_id, branch) = (message.call_id(), message.branch());
    (call_id.to_owned(), branch.to_owned(), message.cseq().1.to_owned())
}

impl Requests {
    /// True: a call of ours is up by it.
    pub(super) fn received(&mut self, now: Instant, message: &Wire) -> bool {
        let Some(status) = message.status() else {
            let key = key(message);
            if key.2 != "ACK" && !self.finals.contains_key(&key) {
                self.open.insert(key);
            }
            return false;
        };
        let (cseq, method) = message.cseq();
        let call_id = message.call_id().to_owned();
        let invite = self.invites.get_mut(&(call_id.clone(), cseq));
        let Some((before, since, is_cancelled)) = invite.filter(|_| method == "INVITE") else {
            return false;
        };
        // An INVITE that nobody said anything to, or that was cancelled, is forgotten after 64·T1.
        let is_known = *before >= 100 && !*is_cancelled || now - *since < FORGOTTEN_AFTER;
        *is_cancelled |= !is_known;
        let is_first = *before < 200;
        *before = status.max(*before);
        let is_up = is_first && is_known && (200..300).contains(&status);
        if is_up {
            self.acks_due.insert((call_id, cseq));
        }
        is_up
    }

    pub(super) fn sent(&mut self, now: Instant, message: &Wire) -> Result<(), String> {
        match (message.method(), message.status()) {
            (Some(method), _) => self.sent_request(now, method, message),
            (None, Some(status @ 200..)) => self.sent_final(status, message),
            (None, _) => Ok(()),
        }
    }

    fn sent_final(&mut self, status: u16, message: &Wire) -> Result<(), String> {
        let key = key(message);
        self.open.remove(&key);
        match self.finals.insert(key, status) {
            Some(before) if before != status => {
                Err(format!("I1: answered {before}, then {status}"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn sent_request(&mut self, now: Instant, method: &str, message: &Wire) -> Result<(), String> {
        let (cseq, _) = message.cseq();
        let of = (message.call_id().to_owned(), cseq);
        let dialog = (of.0.clone(), message.to_tag().unwrap_or_default().to_owned());
        match method {
            "ACK" => drop(self.acks_due.remove(&of)),
            "CANCEL" => match self.invites.get_mut(&of) {
                Some((100..200, since, is_cancelled)) => (*since, *is_cancelled) = (now, true),
                answer => return Err(format!("I1: CANCEL behind the answer {answer:?}")),
            },
            "BYE" if !self.byes.insert(dialog.clone()) => {
                return Err("I1: a second BYE".to_owned());
            }
            "INVITE" | "UPDATE" | "REFER" | "INFO" | "PRACK" if self.byes.contains(&dialog) => {
                return Err(format!("I1: {method} behind our BYE"));
            }
            _ => {}
        }
        if method == "INVITE" {
            self.invites.insert(of, (0, now, false));
        }
        Ok(())
    }

    /// The step is over.
    pub(super) fn look(&self) -> Result<(), String> {
        match self.acks_due.first() {
            Some(of) => Err(format!("I1: 2xx to {of:?} got no ACK")),
            None => Ok(()),
        }
    }

    pub(super) fn close(&self) -> Result<(), String> {
        match self.open.first() {
            Some(of) => Err(format!("I1: never answered: {of:?}")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn wire(first: &str, cseq: &str) -> Wire {
        let text = format!(
            "{first}\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=a\r\n\
             To: <sip:b>;tag=b\r\nCall-ID: c\r\nCSeq: {cseq}\r\nContent-Length: 0\r\n\r\n"
        );
        Wire::parse(&Bytes::from(text)).unwrap()
    }

    /// `>` is received, `<` is sent.
    fn story(lines: &[(&str, &str)]) -> Result<(), String> {
        let (mut requests, now) = (Requests::default(), Instant::now());
        for (first, cseq) in lines {
            let (way, first) = first.split_at(1);
            if way == ">" {
                requests.received(now, &wire(first, cseq));
            } else {
                requests.sent(now, &wire(first, cseq))?;
            }
        }
        requests.look()?;
        requests.close()
    }

    #[test]
    fn i1_can_fail() {
        let (invite, cancel) = ("<INVITE sip:b SIP/2.0", "<CANCEL sip:b SIP/2.0");
        let (ack, bye) = ("<ACK sip:b SIP/2.0", "<BYE sip:b SIP/2.0");
        let (rings, ok) = (">SIP/2.0 180 Ringing", ">SIP/2.0 200 OK");
        let fine = [
            vec![(">REFER sip:x SIP/2.0", "1 REFER"), ("<SIP/2.0 202 Accepted", "1 REFER")],
            vec![(invite, "1 INVITE"), (rings, "1 INVITE"), (cancel, "1 CANCEL")],
            vec![(invite, "1 INVITE"), (ok, "1 INVITE"), (ack, "1 ACK"), (bye, "2 BYE")],
        ];
        for story_ in fine {
            assert_eq!(story(&story_), Ok(()), "{story_:?}");
        }
        let refer = (">REFER sip:x SIP/2.0", "1 REFER");
        let broken = [
            vec![refer],
            vec![refer, ("<SIP/2.0 202 Accepted", "1 REFER"), ("<SIP/2.0 603 No", "1 REFER")],
            vec![(invite, "1 INVITE"), (cancel, "1 CANCEL")],
            vec![(invite, "1 INVITE"), (ok, "1 INVITE"), (ack, "1 ACK"), (cancel, "1 CANCEL")],
            vec![(invite, "1 INVITE"), (ok, "1 INVITE")],
            vec![(bye, "2 BYE"), (bye, "3 BYE")],
            vec![(bye, "2 BYE"), (invite, "3 INVITE")],
        ];
        for story_ in broken {
            assert!(story(&story_).is_err(), "{story_:?}");
        }
    }
}
