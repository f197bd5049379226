//! From a message to what it is for: a transaction, a dialog, or nobody.
//!
//! Not here: what an INVITE, BYE or REFER means (`callee`, `caller`, `session`, `refers`,
//! `referrals`).
//! Source: RFC 3261 §8.1.3, §8.2, §11, §12.2.2, §17.1.3, §17.2.3, §18; RFC 6665 §4.2.1.

use std::time::Instant;

use bytes::Bytes;

use super::challenge::Asked;
use super::check::{Refusal, check};
use super::transactions::Told;
use super::write::{ACCEPT, Answer, allow, derive, reply_flow};
use super::{Endpoint, Reply};
use crate::dialog::{Order, cseq_number, from_tag, to_tag};
use crate::event::{DialogId, Event, RequestId};
use crate::flow::{Flow, Transmit, Transport};
use crate::transaction::{Key, Machine, Purpose, Step, Tell, TransactionId};
use crate::{Message, Method, Status};

impl Endpoint {
    /// One whole message came in on `flow`.
    pub fn handle_message(&mut self, now: Instant, flow: Flow, bytes: Bytes) {
        let message = match Message::parse(bytes) {
            Ok(message) => message,
            Err(error) => {
                self.dropped += 1;
                if let Some(partial) = error.partial {
                    self.answer_stateless(
                        flow,
                        &partial,
                        Refusal::broken(error.status, error.text),
                    );
                }
                return;
            }
        };
        if let Err(rejection) = message.validate() {
            self.dropped += 1;
            if message.is_answerable() {
                let refusal = Refusal::broken(rejection.status, rejection.text);
                self.answer_stateless(flow, &message, refusal);
            }
            return;
        }
        if message.is_request() {
            self.request_in(now, flow, message);
        } else {
            self.response_in(now, flow, &message);
        }
    }

    /// Refuses a request without keeping anything of it.
    fn answer_stateless(&mut self, flow: Flow, request: &Message, refusal: Refusal) {
        if request.method() == Method::Ack {
            return;
        }
        let tag = self.ids.fresh_tag();
        let answer =
            Answer { to_tag: Some(&tag), lines: &refusal.lines, ..Answer::new(refusal.status) };
        let flow = reply_flow(request, flow);
        let bytes = answer.write(&self.config, request, flow.remote);
        self.transmits.push_back(Transmit { flow, bytes, dialog: None, again: false });
    }

    // === responses ===

    fn response_in(&mut self, now: Instant, flow: Flow, response: &Message) {
        let Some(status) = response.status() else { return };
        let mut vias = response.vias();
        let (Some(Ok(via)), None) = (vias.next(), vias.next()) else { return };
        let Some(branch) = via.branch().and_then(|branch| self.ids.read_branch(branch)) else {
            return;
        };
        let method = response.method();
        let key = Key::Client { branch, cancel: method == Method::Cancel };
        let Some(id) = self.transactions.find(&key) else { return };
        let Some(transaction) = self.transactions.find_mut(id) else { return };
        let asks = matches!(status, Status::UNAUTHORIZED | Status::PROXY_AUTHENTICATION_REQUIRED);
        let too_brief = status == Status::SESSION_INTERVAL_TOO_SMALL;
        let request = if asks || too_brief { transaction.kept.clone() } else { Bytes::new() };
        let (tries, sent_to) = (transaction.tries, transaction.flow);
        let step = match &mut transaction.machine {
            Machine::ClientInvite(machine) if method == Method::Invite => {
                if status.is_provisional() {
                    machine.provisional()
                } else if status.is_success() {
                    transaction.kept = Bytes::new();
                    machine.success()
                } else {
                    acknowledge(&mut transaction.kept, response);
                    machine.failure()
                }
            }
            Machine::ClientOther(machine) if method != Method::Invite => {
                if status.is_provisional() {
                    machine.provisional()
                } else {
                    transaction.kept = Bytes::new();
                    machine.answer()
                }
            }
            Machine::ClientInvite(_)
            | Machine::ClientOther(_)
            | Machine::ServerInvite(_)
            | Machine::ServerOther(_) => Step::NOTHING,
        };
        let again = step.tell.is_none();
        if let Some(told) = self.apply(now, id, step, again) {
            if too_brief
                && told.purpose == Purpose::Invite
                && let (Some(dialog), Ok(invite)) = (told.dialog, Message::parse(request.clone()))
                && self.invite_for_longer(now, dialog, &invite, response)
            {
                return;
            }
            // A stream that has been opened since is used again.
            let flow_again = if flow.transport == Transport::Udp { sent_to } else { flow };
            let asked = Asked { request, tries, response, flow: flow_again };
            if asks && told.tell == Tell::Message && self.answer_challenge(now, &told, asked) {
                return;
            }
            self.told(now, told, Some((response, flow)));
        }
    }

    /// A transaction has something to say to its user.
    pub(crate) fn told(&mut self, now: Instant, told: Told, response: Option<(&Message, Flow)>) {
        if told.purpose == Purpose::Serve {
            if told.tell == Tell::Trying {
                self.send_answer(now, told.id, Answer::new(Status::TRYING));
            }
            return;
        }
        if let Purpose::Outside { request } = told.purpose {
            return self.outside_done(request, told.tell, response.map(|(response, _)| response));
        }
        let Some(dialog) = told.dialog else { return };
        if let Some((response, _)) = response
            && told.tell == Tell::Message
            && self.dialogs.contains_key(&dialog)
        {
            self.events.push_back(Event::Received { dialog, bytes: response.bytes() });
        }
        let status = match (told.tell, response.and_then(|(response, _)| response.status())) {
            (_, Some(status)) => status,
            (Tell::Unreachable, None) => Status::SERVICE_UNAVAILABLE,
            (_, None) => Status::REQUEST_TIMEOUT,
        };
        match told.purpose {
            Purpose::Invite | Purpose::Reinvite => match (told.tell, response) {
                (Tell::Success, Some((response, flow))) => {
                    self.success_again(now, told.id, dialog, response, flow);
                }
                (_, Some((response, flow))) if status.is_provisional() => {
                    self.progressed(now, dialog, response, flow);
                }
                (_, Some((response, flow))) if status.is_success() => {
                    self.accepted(now, told.id, dialog, response, flow);
                }
                (_, response) => self.refused(now, dialog, status, response.map(|(r, _)| r)),
            },
            Purpose::Bye => self.bye_done(dialog),
            Purpose::Notify { subscription } => self.notify_done(now, subscription, status),
            Purpose::Update => self.update_done(now, dialog, status, response),
            Purpose::Refer { cseq } => self.refer_done(dialog, cseq, status, response),
            Purpose::Outside { .. } | Purpose::Nobody | Purpose::Serve => {}
        }
    }

    /// What a client transaction sent can not get there.
    pub(crate) fn transaction_unreachable(&mut self, now: Instant, id: TransactionId) {
        let Some(transaction) = self.transactions.find_mut(id) else { return };
        let step = match &mut transaction.machine {
            Machine::ClientInvite(machine) => machine.unreachable(),
            Machine::ClientOther(machine) => machine.unreachable(),
            Machine::ServerInvite(_) | Machine::ServerOther(_) => Step::NOTHING,
        };
        if let Some(told) = self.apply(now, id, step, false) {
            self.told(now, told, None);
        }
    }

    // === requests ===

    fn request_in(&mut self, now: Instant, flow: Flow, request: Message) {
        let method = request.method();
        if method == Method::Ack {
            return self.ack_in(now, &request);
        }
        let key = server_key(&request, method);
        if let Some(id) = self.transactions.find(&key) {
            return self.request_again(now, id);
        }
        let back = reply_flow(&request, flow);
        let Some(id) = self.start_server(now, key, back, &request) else {
            if method == Method::Invite {
                let refusal = Refusal::busy(Status::SERVICE_UNAVAILABLE, 10);
                self.answer_stateless(flow, &request, refusal);
            }
            return;
        };
        if method == Method::Cancel {
            return self.cancel_in(now, id, &request);
        }
        let tagged = to_tag(&request).is_some();
        let dialog = self.find_dialog(&request);
        if let Some(dialog) = dialog {
            self.received(id, dialog, &request);
        }
        if let Err(refusal) = check(&request) {
            return self.refuse(now, id, refusal);
        }
        match dialog {
            Some(dialog) => self.inside(now, id, flow, dialog, request),
            None if tagged => self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST)),
            None => self.outside(now, id, flow, request),
        }
    }

    /// The same request came again.
    fn request_again(&mut self, now: Instant, id: TransactionId) {
        let Some(transaction) = self.transactions.find_mut(id) else { return };
        let step = match &mut transaction.machine {
            Machine::ServerInvite(machine) => machine.request(),
            Machine::ServerOther(machine) => machine.request(),
            Machine::ClientInvite(_) | Machine::ClientOther(_) => Step::NOTHING,
        };
        self.apply(now, id, step, true);
    }

    /// The dialog a request of the peer belongs to.
    pub(crate) fn find_dialog(&self, request: &Message) -> Option<DialogId> {
        let id = DialogId(self.ids.read_tag(to_tag(request)?)?);
        let dialog = self.dialogs.get(&id)?;
        dialog.matches(request.call_id(), from_tag(request)).then_some(id)
    }

    /// A request turned out to belong to a dialog.
    pub(crate) fn received(&mut self, id: TransactionId, dialog: DialogId, request: &Message) {
        if let Some(transaction) = self.transactions.find_mut(id) {
            transaction.dialog = Some(dialog);
        }
        if let Some(dialog) = self.dialogs.get_mut(&dialog)
            && request.method() == Method::Refer
        {
            dialog.refers_seen += 1;
        }
        self.events.push_back(Event::Received { dialog, bytes: request.bytes() });
    }

    fn inside(
        &mut self,
        now: Instant,
        id: TransactionId,
        flow: Flow,
        dialog_id: DialogId,
        request: Message,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        match dialog.take_cseq(from_tag(&request), cseq_number(&request)) {
            Order::Next => dialog.hear(flow),
            Order::Same => return self.refuse(now, id, Refusal::new(Status::LOOP_DETECTED)),
            Order::Late => {
                return self.refuse(now, id, Refusal::new(Status::SERVER_INTERNAL_ERROR));
            }
        }
        match request.method() {
            Method::Invite => self.reinvite_in(now, id, dialog_id, request),
            Method::Bye => self.bye_in(now, id, dialog_id, request),
            Method::Refer => self.refer_in(now, id, dialog_id, request),
            Method::Subscribe => self.subscribe_in(now, id, dialog_id, &request),
            Method::Options => self.answer_options(now, id, Some(dialog_id)),
            Method::Info => {
                if !dialog.invite.is_live() {
                    return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
                }
                if request.named("Info-Package").next().is_some() {
                    return self.refuse(now, id, Refusal::bad_info_package());
                }
                self.send_answer(now, id, Answer::new(Status::OK));
                self.events.push_back(Event::Info { dialog: dialog_id, request });
            }
            Method::Notify => self.notify_in(now, id, dialog_id, &request),
            Method::Prack => self.prack_in(now, id, dialog_id, request),
            Method::Update => self.update_in(now, id, dialog_id, request),
            Method::Register
            | Method::Message
            | Method::Publish
            | Method::Ack
            | Method::Cancel
            | Method::Unknown => self.refuse(now, id, Refusal::not_allowed()),
        }
    }

    fn outside(&mut self, now: Instant, id: TransactionId, flow: Flow, request: Message) {
        match request.method() {
            Method::Invite => self.invite_in(now, id, flow, request),
            Method::Options => self.answer_options(now, id, None),
            Method::Register | Method::Refer => {
                let request_id = RequestId(id.0);
                self.events.push_back(Event::Request { request_id, request, flow });
            }
            Method::Subscribe => {
                let is_refer = request.event().is_ok_and(|event| event.package == b"refer");
                // A refer subscription is made by REFER only (RFC 3515 §2.4.4).
                let forbidden = Refusal::new(Status::FORBIDDEN);
                self.refuse(now, id, if is_refer { forbidden } else { Refusal::bad_event() });
            }
            Method::Bye | Method::Notify | Method::Info | Method::Prack | Method::Update => {
                self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
            }
            Method::Message | Method::Publish | Method::Ack | Method::Cancel | Method::Unknown => {
                self.refuse(now, id, Refusal::not_allowed());
            }
        }
    }

    /// OPTIONS: what we can do (RFC 3261 §11.2).
    fn answer_options(&mut self, now: Instant, id: TransactionId, dialog: Option<DialogId>) {
        let Some(transaction) = self.transactions.find_ref(id) else { return };
        let dialog = dialog.and_then(|dialog| self.dialogs.get(&dialog));
        let user = dialog.map_or(&b"legwork"[..], |dialog| &dialog.path.us.user);
        let contact = self.config.contact(user, &transaction.flow);
        let source = transaction.flow.remote.ip();
        let may_refer = || !self.no_refer.iter().any(|network| network.contains(source));
        let allow = allow(dialog.map_or_else(may_refer, |dialog| dialog.refer_allowed));
        let lines = [("Accept".into(), ACCEPT.to_owned())];
        let answer = Answer {
            contact: Some(&contact),
            allow: Some(allow),
            lines: &lines,
            ..Answer::new(Status::OK)
        };
        self.send_answer(now, id, answer);
    }

    /// Sends a response; gives the bytes for a 2xx that is to be repeated.
    pub(crate) fn send_answer(
        &mut self,
        now: Instant,
        id: TransactionId,
        answer: Answer<'_>,
    ) -> Option<Bytes> {
        let transaction = self.transactions.find_ref(id)?;
        let request = transaction.request.as_deref()?;
        let fresh;
        let mut answer = answer;
        if answer.to_tag.is_none() && to_tag(request).is_none() {
            fresh = match transaction.dialog {
                Some(dialog) => self.ids.tag_text(dialog.0),
                None => self.ids.fresh_tag(),
            };
            answer.to_tag = Some(&fresh);
        }
        let bytes = answer.write(&self.config, request, transaction.flow.remote);
        self.respond(now, id, answer.status, bytes.clone());
        Some(bytes)
    }

    /// Answers a request of the peer by a failure.
    pub(crate) fn refuse(&mut self, now: Instant, id: TransactionId, refusal: Refusal) {
        let answer = Answer { lines: &refusal.lines, ..Answer::new(refusal.status) };
        self.send_answer(now, id, answer);
    }

    /// Answers a request given by `Event::Refer` or `Event::Request`.
    pub fn reply(&mut self, now: Instant, request: RequestId, reply: Reply) {
        let id = TransactionId(request.0);
        let Some(transaction) = self.transactions.find_ref(id) else { return };
        if reply.status.is_provisional() {
            return;
        }
        let dialog_id = transaction.dialog;
        if let Some(dialog) = dialog_id.and_then(|id| self.dialogs.get_mut(&id)) {
            dialog.pending.retain(|pending| pending.transaction != id);
        }
        let lines = &reply.lines;
        self.send_answer(now, id, Answer { lines, ..Answer::new(reply.status) });
        if let Some(dialog_id) = dialog_id {
            self.settle(dialog_id);
        }
    }
}

/// Puts the ACK for a failure where the INVITE was; one that is there already stays.
fn acknowledge(kept: &mut Bytes, response: &Message) {
    if let Ok(invite) = Message::parse(kept.clone())
        && invite.method() == Method::Invite
    {
        *kept = derive(&invite, Method::Ack, Some(response), &[]);
    }
}

/// How a request finds its transaction; that of a CANCEL or ACK with `Method::Invite` its INVITE's.
pub(crate) fn server_key(request: &Message, method: Method) -> Key {
    let mut key = Vec::with_capacity(96);
    let mut part = |bytes: &[u8]| {
        key.extend_from_slice(bytes);
        key.push(0);
    };
    part(if method == Method::Unknown {
        request.method_name()
    } else {
        method.as_str().as_bytes()
    });
    let Ok(via) = request.via() else { return Key::Server(Bytes::from(key)) };
    if let Some(branch) = via.magic_branch() {
        part(branch);
        part(&via.host().to_ascii_lowercase());
        part(&via.port().unwrap_or(0).to_be_bytes());
    } else {
        // RFC 2543. The To tag is left out: an ACK has it, its INVITE has not.
        part(via.as_bytes());
        part(request.uri());
        part(from_tag(request));
        part(request.call_id());
        part(&cseq_number(request).to_be_bytes());
    }
    Key::Server(Bytes::from(key))
}
