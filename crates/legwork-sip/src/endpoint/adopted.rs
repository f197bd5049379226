//! A REFER outside any dialog that speaks for one: the new way of transferring.
//!
//! It opens a dialog of its own, which holds nothing but its subscription.
//! Not here: whether its sender is who sits in that call (`legwork-call`); the notices (`refers`).
//! Source: RFC 4538 §4, RFC 7647 §4; RFC 3261 §12.1.1.

use super::Endpoint;
use crate::dialog::{Dialog, PendingRefer};
use crate::event::{DialogId, RequestId};
use crate::flow::Flow;
use crate::header::replaces::TargetDialog;
use crate::transaction::TransactionId;
use crate::usage::invite::InviteUsage;
use crate::{Message, limit};

impl Endpoint {
    /// The dialog a Target-Dialog names, with a live INVITE usage.
    pub fn target_dialog(&self, target: &TargetDialog) -> Option<DialogId> {
        let id = DialogId(self.ids.read_tag(&target.remote_tag)?);
        let dialog = self.dialogs.get(&id)?;
        let named = dialog.matches(&target.call_id, &target.local_tag);
        (named && dialog.invite.is_live()).then_some(id)
    }

    /// Where the peer of a dialog was heard last.
    pub fn flow_of(&self, dialog: DialogId) -> Option<Flow> {
        self.dialogs.get(&dialog).map(|dialog| dialog.path.flow)
    }

    /// Takes a REFER of `Event::Request` like one of `Event::Refer`: from now on `accept_refer` and
    /// `reply` answer it. Gives the dialog its notices will be sent in; none: there are too many
    /// dialogs, or it has been answered.
    pub fn adopt_refer(
        &mut self,
        refer: RequestId,
        request: &Message,
        flow: Flow,
    ) -> Option<DialogId> {
        if self.dialogs.len() >= limit::DIALOGS_MAX {
            return None;
        }
        let transaction = TransactionId(refer.0);
        self.transactions.find_ref(transaction)?.request.as_ref()?;
        let id = self.next_dialog();
        let tag = self.ids.tag_text(id.0);
        let mut dialog = Dialog::invited(&tag, request, flow, InviteUsage::none());
        dialog.refers_seen = 1;
        dialog.pending.push(PendingRefer { transaction, event_id: None });
        self.dialogs.insert(id, dialog);
        self.transactions.find_mut(transaction)?.dialog = Some(id);
        Some(id)
    }
}
