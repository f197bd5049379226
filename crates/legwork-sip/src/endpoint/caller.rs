//! INVITE, we are the UAC: a call goes out, or a re-INVITE.
//!
//! Not here: INVITEs of the peer (`callee`, `session`).
//! Source: RFC 3261 §9.1, §13.2, §14.1.

use std::time::{Duration, Instant};

use super::challenge::Login;
use super::transactions::Outgoing;
use super::write::{MAX_FORWARDS, Request, derive};
use super::{Body, Deadline, Endpoint, Invite, Line};
use crate::dialog::{Dialog, Names, Path, Us, Way, contact_uri, reversed_routes, to_tag, user_of};
use crate::event::{DialogId, Event};
use crate::flow::{Flow, Transmit, Transport};
use crate::header::Name;
use crate::name_addr::NameAddr;
use crate::transaction::client_invite::State as InviteState;
use crate::transaction::{ForkAck, Machine, PATIENCE, Purpose, TransactionId};
use crate::usage::invite::{Cancel, InviteUsage, Ours, State};
use crate::usage::refresh::{SessionTimer, Terms};
use crate::{Message, Method, Status, limit};

/// How far the CSeq of the BYE to a further fork is behind that of its INVITE: there may have been
/// PRACKs in its early dialog, which nobody counts any more, and a gap does no harm (RFC 3261
/// §12.2.1.1).
const BEHIND_PRACKS: u32 = 1_000;

impl Endpoint {
    /// Sends an INVITE.
    pub fn invite(&mut self, now: Instant, invite: Invite) -> DialogId {
        let id = self.next_dialog();
        let failed =
            Event::Failed { dialog: id, status: Status::SERVICE_UNAVAILABLE, response: None };
        if self.dialogs.len() >= limit::DIALOGS_MAX {
            self.events.push_back(failed);
            return id;
        }
        let branch = self.ids.number();
        let dialog = self.calling(id, &invite);
        let path = &dialog.path;
        let way = Way { flow: invite.flow, ..path.way() };
        let bytes = Request {
            way,
            contact: Some(&path.us),
            hops: invite.hops.unwrap_or(MAX_FORWARDS),
            session: Some(Terms::FIRST),
            lines: &invite.lines,
            body: invite.body.as_ref(),
            ..Request::inside(&dialog, Method::Invite, 1, &self.ids.branch_text(branch))
        }
        .write(&self.config);
        self.dialogs.insert(id, dialog);
        let out = Outgoing {
            method: Method::Invite,
            purpose: Purpose::Invite,
            dialog: Some(id),
            flow: invite.flow,
            branch,
            bytes,
        };
        match self.start_client(now, out) {
            Some(transaction) => {
                if let Some(ours) = self.ours(id) {
                    ours.transaction = Some(transaction);
                }
            }
            None => {
                self.dialogs.remove(&id);
                self.events.push_back(failed);
            }
        }
        id
    }

    /// The dialog a new INVITE is to open.
    fn calling(&mut self, id: DialogId, invite: &Invite) -> Dialog {
        let local = format!("{};tag={}", invite.from, self.ids.tag_text(id.0));
        let usage = InviteUsage::caller(Ours::new(1, None, invite.body.is_some()));
        Dialog {
            names: Names {
                call_id: self.ids.call_id().into_bytes().into(),
                owned: true,
                local: local.into_bytes().into(),
                remote: invite.to.as_bytes().into(),
                remote_tag: None,
            },
            path: Path {
                routes: invite.routes.iter().map(|route| route.as_bytes().into()).collect(),
                target: invite.target.as_bytes().into(),
                flow: invite.flow,
                us: Us {
                    user: user_of(NameAddr::parse(invite.from.as_bytes()).ok()),
                    parameters: invite.contact_parameters,
                },
            },
            local_cseq: 1,
            remote_cseq: None,
            refer_allowed: invite.refer_allowed,
            update_allowed: false,
            refers_seen: 0,
            pending: Vec::new(),
            invite: usage,
            subscriptions: Vec::new(),
            referral: None,
            login: invite.credentials.clone().map(Login::new),
        }
    }

    /// The INVITE of ours that is under way in a dialog.
    fn ours(&mut self, id: DialogId) -> Option<&mut Ours> {
        self.dialogs.get_mut(&id)?.invite.ours.as_deref_mut()
    }

    /// Gives up an INVITE without a final answer: CANCEL, once a 1xx has come (RFC 3261 §9.1). Then
    /// `Failed`.
    pub fn cancel(&mut self, now: Instant, dialog: DialogId, lines: &[Line]) {
        let early = self.dialogs.get(&dialog).is_some_and(|d| d.invite.state == State::Early);
        let Some(ours) = self.ours(dialog).filter(|_| early) else { return };
        // Once is enough.
        if let (Cancel::No, Some(transaction)) = (&ours.cancel, ours.transaction) {
            ours.cancel = Cancel::Asked(lines.to_vec());
            self.send_cancel(now, dialog, transaction);
        }
    }

    /// Has any answer to our INVITE come, be it only 100?
    pub fn is_proceeding(&self, dialog: DialogId) -> bool {
        let ours = self.dialogs.get(&dialog).and_then(|dialog| dialog.invite.ours.as_deref());
        let transaction = ours.and_then(|ours| self.transactions.find_ref(ours.transaction?));
        transaction.is_some_and(|transaction| match &transaction.machine {
            Machine::ClientInvite(machine) => machine.state() == InviteState::Proceeding,
            Machine::ClientOther(_) | Machine::ServerInvite(_) | Machine::ServerOther(_) => false,
        })
    }

    /// Sends the CANCEL that was asked for, if a 1xx has come.
    fn send_cancel(&mut self, now: Instant, dialog: DialogId, id: TransactionId) {
        let Some(transaction) = self.transactions.find_ref(id) else { return };
        let (flow, kept) = (transaction.flow, transaction.kept.clone());
        let Machine::ClientInvite(machine) = &transaction.machine else { return };
        if machine.state() != InviteState::Proceeding {
            return;
        }
        let Ok(invite) = Message::parse(kept) else { return };
        let branch = invite.via().ok().and_then(|via| via.branch());
        let Some(branch) = branch.and_then(|branch| self.ids.read_branch(branch)) else { return };
        let Some(ours) = self.ours(dialog) else { return };
        let Cancel::Asked(lines) = &mut ours.cancel else { return };
        let lines = std::mem::take(lines);
        ours.cancel = Cancel::Sent;
        let bytes = derive(&invite, Method::Cancel, None, &lines);
        let out = Outgoing {
            method: Method::Cancel,
            purpose: Purpose::Nobody,
            dialog: Some(dialog),
            flow,
            branch,
            bytes,
        };
        self.start_client(now, out);
        self.give_up_later(now, dialog);
    }

    /// Our INVITE has 64·T1 left to be answered.
    pub(crate) fn give_up_later(&mut self, now: Instant, dialog: DialogId) {
        let key = self.timers.set(now + PATIENCE, Deadline::Ours(dialog));
        let old = self.ours(dialog).map(|ours| ours.timer.replace(key));
        self.timers.cancel(old.unwrap_or(Some(key)));
    }

    /// 1xx to our INVITE.
    pub(crate) fn progressed(
        &mut self,
        now: Instant,
        id: DialogId,
        response: &Message,
        flow: Flow,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let transaction = dialog.invite.ours.as_ref().and_then(|ours| ours.transaction);
        if let Some(transaction) = transaction {
            self.send_cancel(now, id, transaction);
            self.limit_reinvite(now, id);
        }
        let trying = response.status() == Some(Status::TRYING);
        if trying || !self.heard_provisional(now, id, response, flow) {
            return;
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if dialog.invite.state != State::Early {
            return;
        }
        if to_tag(response).is_some() {
            dialog.names.learn_remote(response);
        }
        if flow.transport != Transport::Udp {
            dialog.hear(flow);
        }
        if !dialog.invite.silent {
            self.events.push_back(Event::Provisional { dialog: id, response: response.clone() });
        }
    }

    /// From its first 1xx a re-INVITE has 64·T1, too: nobody is rung by it, and until it is answered
    /// the session can neither change nor be refreshed.
    fn limit_reinvite(&mut self, now: Instant, id: DialogId) {
        let confirmed = self.dialogs.get(&id).is_some_and(|d| d.invite.state == State::Confirmed);
        if confirmed && self.ours(id).is_some_and(|ours| ours.timer.is_none()) {
            self.give_up_later(now, id);
        }
    }

    /// The first 2xx to our INVITE or re-INVITE.
    pub(crate) fn accepted(
        &mut self,
        now: Instant,
        transaction: TransactionId,
        id: DialogId,
        response: &Message,
        flow: Flow,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(mut ours) = dialog.invite.ours.take() else { return };
        self.timers.cancel(ours.timer);
        let first = dialog.invite.state == State::Early;
        let mut session = response.body();
        if first {
            if let Some(fork) = ours.fork(to_tag(response).unwrap_or_default()) {
                dialog.remote_cseq = fork.remote_cseq;
                if fork.settled {
                    session.clear();
                } else if session.is_empty() {
                    session = std::mem::take(&mut fork.session);
                }
            }
            dialog.confirm(response, flow);
        } else {
            dialog.path.refresh(response);
        }
        let branch = self.ids.number();
        let branch = self.ids.branch_text(branch);
        let request = Request::inside(dialog, Method::Ack, ours.cseq, &branch);
        let ack = request.write(&self.config);
        let ack_flow = request.way.flow;
        let ack = self.acknowledged(id, ack);
        self.send_ack(transaction, Some(id), to_tag(response), ack, ack_flow);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let response = response.clone();
        match dialog.invite.state {
            State::Early => {
                dialog.invite.state = State::Confirmed;
                let unwanted = dialog.invite.silent || !matches!(ours.cancel, Cancel::No);
                if !unwanted {
                    self.session_refreshed(now, id, &response);
                    self.events.push_back(Event::Answered { dialog: id, response, session });
                    return;
                }
                if !dialog.invite.silent {
                    let status = Status::REQUEST_TERMINATED;
                    self.events.push_back(Event::Failed { dialog: id, status, response: None });
                }
                self.send_bye(now, id, &[]);
            }
            State::Confirmed => {
                self.session_refreshed(now, id, &response);
                self.events.push_back(Event::ReinviteAnswered { dialog: id, response });
            }
            State::Leaving | State::Ending | State::Over => self.settle(id),
        }
    }

    /// Sends an ACK, and keeps it for the same 2xx.
    fn send_ack(
        &mut self,
        id: TransactionId,
        dialog: Option<DialogId>,
        tag: Option<&[u8]>,
        ack: bytes::Bytes,
        flow: Flow,
    ) {
        self.transmits.push_back(Transmit { flow, bytes: ack.clone(), dialog, again: false });
        if let Some(transaction) = self.transactions.find_mut(id) {
            let to_tag = tag.unwrap_or_default().into();
            transaction.acks.push(ForkAck { to_tag, ack, flow });
        }
    }

    /// A further 2xx to an INVITE of ours: the same again, or that of another fork, which we do not
    /// want (RFC 3261 §13.2.2.4).
    pub(crate) fn success_again(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        response: &Message,
        flow: Flow,
    ) {
        let Some(transaction) = self.transactions.find_ref(id) else { return };
        let tag = to_tag(response).unwrap_or_default();
        if let Some(known) = transaction.acks.iter().find(|known| *known.to_tag == *tag) {
            self.transmits.push_back(Transmit {
                flow: known.flow,
                bytes: known.ack.clone(),
                dialog: Some(dialog_id),
                again: true,
            });
            return;
        }
        if transaction.acks.len() >= limit::FORKS_MAX || transaction.purpose != Purpose::Invite {
            return;
        }
        // The dialog may be gone by now: all that is needed stands in the response.
        let line = |name| response.unfolded(name).unwrap_or_default();
        let (from, to) = (line(Name::From), line(Name::To));
        let target =
            contact_uri(response).or_else(|| response.to().ok().map(|to| to.uri().as_bytes()));
        let path = Path {
            routes: reversed_routes(response),
            target: target.unwrap_or_default().into(),
            flow,
            us: Us::default(),
        };
        let cseq = response.cseq().map_or(1, |cseq| cseq.number);
        let branches = [self.ids.number(), self.ids.number()];
        let write = |method, cseq, branch: u64| {
            let request = Request {
                method,
                way: path.way(),
                branch: &self.ids.branch_text(branch),
                from: &from,
                to: &to,
                call_id: response.call_id(),
                cseq,
                contact: None,
                hops: MAX_FORWARDS,
                refer_allowed: true,
                session: None,
                lines: &[],
                body: None,
            };
            request.write(&self.config)
        };
        let flow = path.way().flow;
        let ack = self.acknowledged(dialog_id, write(Method::Ack, cseq, branches[0]));
        let bytes = write(Method::Bye, cseq.saturating_add(BEHIND_PRACKS), branches[1]);
        self.send_ack(id, None, Some(tag), ack, flow);
        let out = Outgoing {
            method: Method::Bye,
            purpose: Purpose::Nobody,
            dialog: None,
            flow,
            branch: branches[1],
            bytes,
        };
        self.start_client(now, out);
    }

    /// Our INVITE or re-INVITE has no 2xx and will have none.
    pub(crate) fn refused(
        &mut self,
        now: Instant,
        id: DialogId,
        status: Status,
        response: Option<&Message>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(ours) = dialog.invite.ours.take() else { return };
        self.timers.cancel(ours.timer);
        match dialog.invite.state {
            State::Early => {
                dialog.invite.state = State::Over;
                if !dialog.invite.silent {
                    let response = response.cloned();
                    self.events.push_back(Event::Failed { dialog: id, status, response });
                }
                self.refuse_pending(now, id);
                self.settle(id);
            }
            State::Confirmed => match response {
                Some(response) => self.reinvite_refused(now, id, status, *ours, response),
                None => self.lost(now, id),
            },
            State::Leaving | State::Ending | State::Over => self.settle(id),
        }
    }

    // === re-INVITE ===

    /// Sends a re-INVITE with our offer. False when one is under way in either direction: nothing
    /// is sent then; ask again at the next `Reinvite…`, `Acked` event.
    pub fn reinvite(&mut self, now: Instant, dialog_id: DialogId, body: Body) -> bool {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return false };
        if !dialog.invite.may_reinvite() {
            return false;
        }
        dialog.invite.ours = Some(Box::new(Ours::new(0, Some(body), true)));
        self.send_reinvite(now, dialog_id);
        true
    }

    /// Gives up a re-INVITE that met 491 and waits for its second try: the peer was quicker. False:
    /// there is none. No event follows.
    pub fn withdraw_reinvite(&mut self, dialog_id: DialogId) -> bool {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return false };
        let waits = |ours: &mut Box<Ours>| ours.transaction.is_none();
        let Some(ours) = dialog.invite.ours.take_if(waits) else { return false };
        self.timers.cancel(ours.timer);
        true
    }

    fn send_reinvite(&mut self, now: Instant, id: DialogId) {
        let branch = self.ids.number();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let cseq = dialog.next_cseq();
        let branch_text = self.ids.branch_text(branch);
        let request = Request {
            contact: Some(&dialog.path.us),
            session: dialog.invite.session.as_ref().map(SessionTimer::renewed),
            body: dialog.invite.ours.as_ref().and_then(|ours| ours.body.as_ref()),
            ..Request::inside(dialog, Method::Invite, cseq, &branch_text)
        };
        let out = Outgoing {
            method: Method::Invite,
            purpose: Purpose::Reinvite,
            dialog: Some(id),
            flow: request.way.flow,
            branch,
            bytes: request.write(&self.config),
        };
        let transaction = self.start_client(now, out);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if transaction.is_none() {
            dialog.invite.ours = None;
            let status = Status::SERVICE_UNAVAILABLE;
            self.events.push_back(Event::ReinviteFailed { dialog: id, status });
        } else if let Some(ours) = &mut dialog.invite.ours {
            ours.transaction = transaction;
            ours.cseq = cseq;
            ours.tries += 1;
        }
    }

    fn reinvite_refused(
        &mut self,
        now: Instant,
        id: DialogId,
        status: Status,
        mut ours: Ours,
        response: &Message,
    ) {
        match status {
            Status::REQUEST_PENDING if ours.tries <= limit::GLARE_RETRIES_MAX => {
                let Some(dialog) = self.dialogs.get_mut(&id) else { return };
                // RFC 3261 §14.1: whoever owns the Call-ID waits longer.
                let pause = if dialog.names.owned {
                    self.ids.between(2100, 4000)
                } else {
                    self.ids.between(0, 2000)
                };
                let due = now + Duration::from_millis(pause);
                ours.transaction = None;
                ours.timer = Some(self.timers.set(due, Deadline::Ours(id)));
                dialog.invite.ours = Some(Box::new(ours));
            }
            Status::CALL_DOES_NOT_EXIST | Status::REQUEST_TIMEOUT => self.lost(now, id),
            Status::SESSION_INTERVAL_TOO_SMALL if self.lengthen_session(id, response) => {
                let Some(dialog) = self.dialogs.get_mut(&id) else { return };
                ours.transaction = None;
                dialog.invite.ours = Some(Box::new(ours));
                self.send_reinvite(now, id);
            }
            _ => self.events.push_back(Event::ReinviteFailed { dialog: id, status }),
        }
    }

    /// Second try of a re-INVITE, or no final answer in time: to it, or after CANCEL or BYE.
    pub(crate) fn ours_due(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let busy = dialog.invite.has_theirs();
        let confirmed = dialog.invite.state == State::Confirmed;
        let Some(ours) = dialog.invite.ours.as_deref_mut() else { return };
        ours.timer = None;
        if let Some(transaction) = ours.transaction {
            if confirmed && matches!(ours.cancel, Cancel::No) {
                ours.cancel = Cancel::Asked(Vec::new());
                return self.send_cancel(now, id, transaction);
            }
            self.drop_transaction(transaction);
            return self.refused(now, id, Status::REQUEST_TERMINATED, None);
        }
        if busy {
            let later = now + Duration::from_secs(1);
            ours.timer = Some(self.timers.set(later, Deadline::Ours(id)));
        } else {
            self.send_reinvite(now, id);
        }
    }
}
