//! What the endpoint tells its owner, and the ids both sides use.
//!
//! Not here: how any of it is decided (`endpoint`, `dialog`, `usage`).

use bytes::Bytes;

use crate::{Flow, Message, Status};

/// Names one dialog (or one that is being made) of this endpoint. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialogId(pub(crate) u64);

/// Names one request of a peer that its owner has still to answer. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub(crate) u64);

/// Names the subscription that an accepted REFER opened. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub(crate) u64);

/// Names one request of ours outside any dialog. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutgoingId(pub(crate) u64);

/// Why an INVITE usage is over without its owner having asked for it.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "lives for a moment, and mostly it is the large one")]
pub enum EndedBy {
    /// The peer sent BYE (already answered 200).
    Bye(Message),
    /// No ACK came within 64·T1 of the 2xx; BYE has been sent (RFC 3261 §13.3.1.4).
    NoAck,
    /// A request of ours inside the dialog was answered 481 or 408, or not at all; BYE has been
    /// sent where RFC 5057 says so.
    Lost,
    /// The session timer ran out without a refresh; BYE has been sent (RFC 4028 §10).
    Expired,
}

/// What happened, in order. Requests the endpoint answers by itself (OPTIONS, CANCEL, BYE, ACK,
/// retransmissions, broken ones, unknown methods) are not events, except as said.
#[derive(Clone, Debug)]
pub enum Event {
    /// A message of a dialog came in; stands before the event it causes. Not for retransmissions.
    /// For traces: comes also when the owner has ended the INVITE usage.
    Received {
        /// The dialog it belongs to.
        dialog: DialogId,
        /// The whole message as received.
        bytes: Bytes,
    },

    // === INVITE, we are the UAS ===
    /// A new call. Answer with `ring`, `answer` or `reject`. No 100 was sent: one goes out by
    /// itself after 200 ms without an answer of the owner.
    Invite {
        /// The dialog it would open.
        dialog: DialogId,
        /// The request.
        request: Message,
        /// Where it came from.
        flow: Flow,
    },
    /// The caller gave up before a final answer (487 and 200 to the CANCEL are sent), or did not
    /// acknowledge a reliable 1xx for 64·T1 (504 is sent). The dialog is gone.
    Cancelled {
        /// The dialog that will not be.
        dialog: DialogId,
    },
    /// The 2xx (to the first INVITE or to a re-INVITE) was acknowledged.
    Acked {
        /// The dialog.
        dialog: DialogId,
        /// Body of the ACK: the SDP answer when the offer was ours; else empty.
        body: Bytes,
    },

    // === INVITE, we are the UAC ===
    /// 180, 183 and other 1xx but 100, from whichever fork. Reliable ones have been acknowledged,
    /// and come once.
    Provisional {
        /// The dialog being made.
        dialog: DialogId,
        /// The response.
        response: Message,
    },
    /// 2xx. The ACK has been sent. 2xx of further forks are acknowledged and ended without an
    /// event.
    Answered {
        /// The dialog, now confirmed.
        dialog: DialogId,
        /// The response.
        response: Message,
        /// The answer to our offer: the body of the 2xx, else what the same fork sent last in a
        /// 1xx; empty when it sent none, or has made an offer of its own since (`Reinvite`).
        session: Bytes,
    },
    /// A final answer other than 2xx, no answer at all (408), or nowhere to send it (503).
    /// The dialog is gone. Also the end of every `cancel` (487, or whatever came instead; a 2xx
    /// that crossed the CANCEL is acknowledged and ended by BYE, and told as 487).
    Failed {
        /// The dialog that will not be.
        dialog: DialogId,
        /// The status.
        status: Status,
        /// The response, if there was one.
        response: Option<Message>,
    },

    // === inside a confirmed dialog ===
    /// The peer's re-INVITE, or its UPDATE or PRACK with SDP, which may come in an early dialog
    /// too. Answer with `answer` or `reject`, at once where it is not an INVITE. Glare and overlap
    /// are refused by the endpoint itself (491, 500), as an UPDATE without SDP is answered by it.
    Reinvite {
        /// The dialog.
        dialog: DialogId,
        /// The request; its body is an offer, or empty when the peer asks for ours.
        request: Message,
    },
    /// Our re-INVITE was answered 2xx (ACK sent).
    ReinviteAnswered {
        /// The dialog.
        dialog: DialogId,
        /// The response.
        response: Message,
    },
    /// Our re-INVITE was refused; the session stays as it was. 491 is retried by the endpoint
    /// (RFC 3261 §14.1) and told only when that fails too.
    ReinviteFailed {
        /// The dialog.
        dialog: DialogId,
        /// The status.
        status: Status,
    },
    /// The session is to be refreshed and the peer takes no UPDATE: call `reinvite` with our
    /// description unchanged. Told again later if that is not done.
    Refresh {
        /// The dialog.
        dialog: DialogId,
    },
    /// The INVITE usage is over, not by us.
    Ended {
        /// The dialog. It may live on for a subscription until that ends too.
        dialog: DialogId,
        /// Why.
        by: EndedBy,
    },
    /// REFER inside a dialog with a live INVITE usage, confirmed or early. Answer with
    /// `accept_refer` or `reply`.
    Refer {
        /// The dialog.
        dialog: DialogId,
        /// What to answer.
        refer: RequestId,
        /// The request.
        request: Message,
    },
    /// INFO inside a dialog. Already answered 200.
    Info {
        /// The dialog.
        dialog: DialogId,
        /// The request.
        request: Message,
    },

    // === refer subscriptions ===
    /// The NOTIFY sent last for the newest state was answered (any final status) or timed out.
    /// `last` says it was the one with `terminated`.
    Notified {
        /// The subscription.
        subscription: SubscriptionId,
        /// It was the final NOTIFY; the subscription is gone.
        last: bool,
    },
    /// The peer ended the subscription before its final NOTIFY (481, 408 or nothing to a NOTIFY).
    /// `notify` on it does nothing from now on. A SUBSCRIBE with `Expires: 0` ends it likewise.
    Unsubscribed {
        /// The subscription.
        subscription: SubscriptionId,
    },

    // === REFER of ours ===
    /// Our REFER has its final answer: 408 when none came, 503 when there is no way to the peer. NOTIFYs
    /// may have come before it.
    Referred {
        /// The dialog.
        dialog: DialogId,
        /// The status.
        status: Status,
        /// NOTIFYs follow: a 2xx without `Refer-Sub: false`.
        notices: bool,
    },
    /// A NOTIFY about it. Already answered 200.
    ReferProgress {
        /// The dialog.
        dialog: DialogId,
        /// The status in its body; none: it has no body, or one that can not be read.
        status: Option<Status>,
        /// It tells how it came out, or ends the subscription: no other follows.
        last: bool,
    },

    // === outside any dialog ===
    /// REGISTER, or REFER outside a dialog. Answer with `reply`.
    Request {
        /// What to answer.
        request_id: RequestId,
        /// The request.
        request: Message,
        /// Where it came from.
        flow: Flow,
    },
    /// A REGISTER or OPTIONS of ours (`request`) has its final answer, or will have none.
    Response {
        /// Which one.
        request: OutgoingId,
        /// The status; 408 when nothing came in time, 503 when there is no way to the peer.
        status: Status,
        /// The answer, if one came. A 401 or 407 here could not be answered, or was refused.
        response: Option<Message>,
        /// The number used last: later requests with this Call-ID go on from it.
        cseq: u32,
    },
}
