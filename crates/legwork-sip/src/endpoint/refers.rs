//! REFER from the peer and the subscription it opens: we are the notifier.
//!
//! Not here: whether a REFER is accepted and what comes of it (`legwork-call`).
//! Source: RFC 3515 §2.4, RFC 4488, RFC 6665 §4.2, RFC 5057 §4.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::check::Refusal;
use super::transactions::Outgoing;
use super::write::{Answer, Request};
use super::{Body, Deadline, Endpoint};
use crate::dialog::PendingRefer;
use crate::event::{DialogId, Event, RequestId, SubscriptionId};
use crate::network::Network;
use crate::transaction::{Purpose, TransactionId};
use crate::usage::refer::{After, Fate, LIFETIME, Notice, Reason, Subscription};
use crate::{Message, Method, Status, limit};

impl Endpoint {
    /// REFER inside a dialog.
    pub(crate) fn refer_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: Message,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if !dialog.invite.is_live() {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        }
        if dialog.pending.len() + dialog.subscriptions.len() >= limit::SUBSCRIPTIONS_MAX {
            return self.refuse(now, id, Refusal::busy(Status::SERVER_INTERNAL_ERROR, 5));
        }
        // RFC 3515 §2.4.6: the first REFER of a dialog may go without id, and phones want it so.
        let event_id = (dialog.refers_seen > 1).then(|| crate::dialog::cseq_number(&request));
        dialog.path.refresh(&request);
        dialog.pending.push(PendingRefer { transaction: id, event_id });
        self.events.push_back(Event::Refer { dialog: dialog_id, refer: RequestId(id.0), request });
    }

    /// `Allow` lists no REFER in this dialog from now on: not towards trunks that may not transfer.
    pub fn forbid_refer(&mut self, dialog: DialogId) {
        if let Some(dialog) = self.dialogs.get_mut(&dialog) {
            dialog.refer_allowed = false;
        }
    }

    /// `Allow` lists no REFER where somebody there asks by OPTIONS, outside any dialog.
    pub fn forbid_refer_from(&mut self, sources: Vec<Network>) {
        self.no_refer = sources;
    }

    /// The session is over: REFERs and offers without an answer get 487.
    pub(crate) fn refuse_pending(&mut self, now: Instant, dialog: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&dialog) else { return };
        let offered = dialog.invite.offered.take();
        for pending in std::mem::take(&mut dialog.pending) {
            let refusal = Refusal::new(Status::REQUEST_TERMINATED);
            self.refuse(now, pending.transaction, refusal);
        }
        if let Some(offered) = offered {
            self.refuse(now, offered, Refusal::new(Status::REQUEST_TERMINATED));
        }
    }

    /// Sends 202. With `notices`: opens the subscription and sends the first NOTIFY, `100 Trying`,
    /// right behind it; without (`Refer-Sub: false`): echoes that and gives nothing.
    pub fn accept_refer(
        &mut self,
        now: Instant,
        refer: RequestId,
        notices: bool,
    ) -> Option<SubscriptionId> {
        let transaction_id = TransactionId(refer.0);
        let transaction = self.transactions.find_ref(transaction_id)?;
        let dialog_id = transaction.dialog?;
        let dialog = self.dialogs.get_mut(&dialog_id)?;
        let nth = dialog.pending.iter().position(|p| p.transaction == transaction_id)?;
        let pending = dialog.pending.remove(nth);
        let contact = self.config.contact_of(&dialog.path.us, &transaction.flow);
        let no_subscription = [("Refer-Sub".into(), "false".into())];
        let answer = Answer {
            contact: Some(&contact),
            lines: if notices { &[] } else { &no_subscription },
            ..Answer::new(Status::ACCEPTED)
        };
        self.send_answer(now, transaction_id, answer);
        if !notices {
            self.settle(dialog_id);
            return None;
        }
        let id = self.next_subscription();
        let (mut subscription, notice) = Subscription::open(id, pending.event_id);
        subscription.expiry = Some(self.timers.set(now + LIFETIME, Deadline::Expiry(id)));
        self.subscriptions.insert(id, dialog_id);
        self.dialogs.get_mut(&dialog_id)?.subscriptions.push(subscription);
        self.send_notify(now, id, notice);
        Some(id)
    }

    /// Tells the subscriber a new state. One NOTIFY is outstanding at a time; the newest state
    /// wins. `last` ends it: `terminated;reason=noresource`. The INVITE usage may be gone by then.
    pub fn notify(
        &mut self,
        now: Instant,
        subscription: SubscriptionId,
        status: Status,
        last: bool,
    ) {
        let notice = Notice { status, last: last.then_some(Reason::NoResource) };
        let told = self.subscription(subscription).and_then(|s| s.tell(notice));
        if let Some(notice) = told {
            self.send_notify(now, subscription, notice);
        }
    }

    fn subscription(&mut self, id: SubscriptionId) -> Option<&mut Subscription> {
        let dialog = self.subscriptions.get(&id)?;
        let dialog = self.dialogs.get_mut(dialog)?;
        dialog.subscriptions.iter_mut().find(|subscription| subscription.id == id)
    }

    fn send_notify(&mut self, now: Instant, id: SubscriptionId, notice: Notice) {
        let Some(&dialog_id) = self.subscriptions.get(&id) else { return };
        let branch = self.ids.number();
        let branch_text = self.ids.branch_text(branch);
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let cseq = dialog.next_cseq();
        let Some(subscription) = dialog.subscriptions.iter().find(|s| s.id == id) else { return };
        let event = match subscription.event_id {
            Some(number) => format!("refer;id={number}"),
            None => "refer".to_owned(),
        };
        let state = match (notice.last, subscription.expiry) {
            (Some(reason), _) => format!("terminated;reason={}", reason.as_str()),
            (None, expiry) => {
                let left = expiry.map_or(Duration::ZERO, |key| key.at().duration_since(now));
                format!("active;expires={}", left.as_secs())
            }
        };
        let body = Body {
            content_type: "message/sipfrag;version=2.0",
            bytes: Bytes::from(format!("SIP/2.0 {}\r\n", notice.status)),
        };
        let request = Request {
            contact: Some(&dialog.path.us),
            lines: &[("Event".into(), event), ("Subscription-State".into(), state)],
            body: Some(&body),
            ..Request::inside(dialog, Method::Notify, cseq, &branch_text)
        };
        let out = Outgoing {
            method: Method::Notify,
            purpose: Purpose::Notify { subscription: id },
            dialog: Some(dialog_id),
            flow: request.way.flow,
            branch,
            bytes: request.write(&self.config),
        };
        if self.start_client(now, out).is_none() {
            self.notify_done(now, id, Status::REQUEST_TIMEOUT);
        }
    }

    /// A NOTIFY was answered, or will not be.
    pub(crate) fn notify_done(&mut self, now: Instant, id: SubscriptionId, status: Status) {
        let Some(subscription) = self.subscription(id) else { return };
        let fate = match status.0 {
            // RFC 5057 §5.1; 403 is what JsSIP answers outside a confirmed call; 503 stands for no way.
            403..=405 | 408 | 410 | 416 | 480..=485 | 489 | 501..=503 | 604 => Fate::Lost,
            _ => Fate::Answered,
        };
        let told = match subscription.noted(fate) {
            After::Send(notice) => return self.send_notify(now, id, notice),
            After::Notified => {
                return self.events.push_back(Event::Notified { subscription: id, last: false });
            }
            After::Finished => Some(Event::Notified { subscription: id, last: true }),
            After::Unsubscribed => Some(Event::Unsubscribed { subscription: id }),
            After::Quiet => None,
        };
        self.events.extend(told);
        self.close_subscription(id);
    }

    fn close_subscription(&mut self, id: SubscriptionId) {
        let Some(dialog_id) = self.subscriptions.remove(&id) else { return };
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if let Some(nth) = dialog.subscriptions.iter().position(|s| s.id == id) {
            let subscription = dialog.subscriptions.remove(nth);
            self.timers.cancel(subscription.expiry);
        }
        self.settle(dialog_id);
    }

    // === the subscriber ===

    /// SUBSCRIBE inside a dialog: a refresh, or the end of the notices.
    pub(crate) fn subscribe_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: &Message,
    ) {
        let Some(event) = request.event().ok().filter(|event| event.package == b"refer") else {
            return self.refuse(now, id, Refusal::bad_event());
        };
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let fits = |subscription: &&mut Subscription| match (subscription.event_id, event.id) {
            (None, None) => true,
            (Some(number), Some(id)) => number.to_string().as_bytes() == id,
            (None, Some(_)) | (Some(_), None) => false,
        };
        let Some(subscription) = dialog.subscriptions.iter_mut().find(fits) else {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        };
        let subscription_id = subscription.id;
        let most = LIFETIME.as_secs();
        let seconds =
            request.expires().ok().flatten().map_or(most, |seconds| u64::from(seconds).min(most));
        if seconds > 0 {
            self.timers.cancel(subscription.expiry.take());
            let due = now + Duration::from_secs(seconds);
            let expiry = Deadline::Expiry(subscription_id);
            subscription.expiry = Some(self.timers.set(due, expiry));
        }
        let contact = self.config.contact_of(&dialog.path.us, &dialog.path.flow);
        let lines = [("Expires".into(), seconds.to_string())];
        let answer = Answer { contact: Some(&contact), lines: &lines, ..Answer::new(Status::OK) };
        self.send_answer(now, id, answer);
        if seconds == 0 {
            return self.unsubscribe(now, subscription_id);
        }
        let told = self.subscription(subscription_id).and_then(Subscription::refresh);
        if let Some(notice) = told {
            self.send_notify(now, subscription_id, notice);
        }
    }

    /// A subscription ran out.
    pub(crate) fn expiry_due(&mut self, now: Instant, id: SubscriptionId) {
        if let Some(subscription) = self.subscription(id) {
            subscription.expiry = None;
            self.unsubscribe(now, id);
        }
    }

    fn unsubscribe(&mut self, now: Instant, id: SubscriptionId) {
        let Some(subscription) = self.subscription(id) else { return };
        let Some(notice) = subscription.unsubscribe() else { return };
        self.events.push_back(Event::Unsubscribed { subscription: id });
        if let Some(notice) = notice {
            self.send_notify(now, id, notice);
        }
    }
}
