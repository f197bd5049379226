//! The dialog that a Replaces names.
//!
//! Not here: who may name it, and what becomes of it then (`legwork-call`); the header (`header`).
//! Source: RFC 3891 §3.

use super::Endpoint;
use crate::event::DialogId;
use crate::header::replaces::Replaces;
use crate::usage::invite::State;

/// What a Replaces names here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A session.
    Confirmed(DialogId),
    /// Our INVITE has no final answer yet.
    Calling(DialogId),
    /// An INVITE of the peer that we have not finally answered.
    Called(DialogId),
    /// A session that is over, as long as that is known.
    Over,
    /// Nothing we know of.
    Nothing,
}

impl Endpoint {
    /// What a Replaces names, with its tags either way round.
    pub fn named(&self, replaces: &Replaces) -> Named {
        let either =
            [(&replaces.to_tag, &replaces.from_tag), (&replaces.from_tag, &replaces.to_tag)];
        let found = either.into_iter().find_map(|(local, remote)| {
            let id = DialogId(self.ids.read_tag(local)?);
            let dialog = self.dialogs.get(&id)?;
            // RFC 3891 §3: "0" stands for a dialog without that tag.
            let untagged = remote == b"0" && dialog.matches(&replaces.call_id, b"");
            let named = untagged || dialog.matches(&replaces.call_id, remote);
            named.then_some((id, &dialog.invite))
        });
        let Some((id, usage)) = found else { return Named::Nothing };
        match usage.state {
            _ if !usage.is_live() => Named::Over,
            State::Early if usage.theirs.is_some() => Named::Called(id),
            State::Early => Named::Calling(id),
            State::Confirmed => Named::Confirmed(id),
            State::Leaving | State::Ending | State::Over => Named::Over,
        }
    }

    /// One of the tags was given by a node with our prefix.
    pub fn may_be_ours(&self, replaces: &Replaces) -> bool {
        let tags = [&replaces.to_tag, &replaces.from_tag];
        tags.iter().any(|tag| self.ids.read_tag(tag).is_some())
    }
}

impl Named {
    /// The dialog, if it lives, early or confirmed.
    pub fn dialog(self) -> Option<DialogId> {
        match self {
            Self::Confirmed(dialog) | Self::Calling(dialog) | Self::Called(dialog) => Some(dialog),
            Self::Over | Self::Nothing => None,
        }
    }
}
