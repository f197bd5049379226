//! Who the two parties of a recorded leg are, and telling its recorder when that changes: another partner,
//! none, a conference, hold.
//!
//! What may change it marks the leg; at the end of the step the recorder is told what holds then, if that is
//! not what it knows. One re-INVITE at a time: while one is under way nothing is sent, and behind it the last
//! state is looked at. What the recorder refuses it is not told again.
//! Not here: how it is written (`siprec/metadata`), the dialog (`siprec/session`).
//! Source: RFC 7866 §9.1; RFC 7865 §6.4, §6.8.

use std::time::SystemTime;

use legwork_media as media;
use legwork_sip::endpoint::Body;

use super::metadata::{self, Metadata, Party};
use super::{At, Exchange, Siprec};
use crate::calls::Calls;
use crate::ladder::What;
use crate::leg::{Direction, Leg, LegId};

/// What a recorder is told of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parties {
    near: Near,
    /// Of the leg's far end.
    far_ways: Ways,
    near_ways: Ways,
}

/// Whom the far end of the leg talks with: another leg, a conference, or us at the address that was called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Near {
    address: String,
    name: Option<String>,
    /// How many there were before.
    n: u32,
    since: SystemTime,
}

/// What a party does: none of it on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ways {
    sends: bool,
    hears: bool,
}

impl Siprec {
    /// Its recorder may be told something now.
    const fn may_be_told(&self) -> bool {
        matches!(self.at, At::Recording { exchange: Exchange::None, .. })
    }
}

impl Parties {
    /// A session description, and this, as one body.
    pub(super) fn body(&self, siprec: &Siprec, leg: &Leg, sdp: &[u8]) -> Body {
        let party = |n, address, name, since, ways: Ways| {
            let (sends, hears) = (ways.sends, ways.hears);
            Party { n, address, name, since, sends, hears }
        };
        let near = &self.near;
        let far_name = leg.sip.caller_name.as_deref();
        let metadata = Metadata {
            sid: siprec.sid,
            since: siprec.since,
            far: party(0, leg.who.far(), far_name, siprec.since, self.far_ways),
            near: party(
                near.n.saturating_add(1),
                &near.address,
                near.name.as_deref(),
                near.since,
                self.near_ways,
            ),
            tracks: siprec.tracks.iter().map(|track| track.way).collect(),
        };
        metadata::body(sdp, &metadata)
    }
}

impl Calls {
    /// Who talks in the leg may have changed, or how.
    pub(crate) fn mark_siprecs(&mut self, leg: LegId) {
        let siprecs = &mut self.beside.siprecs;
        // Of its partner's recorders, too.
        if !siprecs.of.is_empty() && !siprecs.marked.contains(&leg) {
            siprecs.marked.push(leg);
        }
    }

    /// Tells the recorders of marked legs what has changed. False: nobody had to be told.
    pub(crate) fn tell_marked_siprecs(&mut self) -> bool {
        let mut is_any = false;
        for leg in std::mem::take(&mut self.beside.siprecs.marked) {
            is_any |= self.tell_siprecs_of(leg);
            if let Some(with) = self.talks_with(leg) {
                is_any |= self.tell_siprecs_of(with);
            }
        }
        is_any
    }

    fn tell_siprecs_of(&mut self, leg: LegId) -> bool {
        let all = self.beside.siprecs.of.get(&leg).into_iter().flatten();
        let sids: Vec<_> = all.filter(|it| it.may_be_told()).map(|it| it.sid).collect();
        let mut is_any = false;
        for sid in sids {
            let Some(mut siprec) = self.take_siprec(leg, |it| it.sid == sid) else { continue };
            is_any |= self.tell_recorder(leg, &mut siprec);
            self.put_siprec(leg, siprec);
        }
        is_any
    }

    fn tell_recorder(&mut self, leg: LegId, siprec: &mut Siprec) -> bool {
        let Some(parties) = self.siprec_parties(leg, siprec) else { return false };
        let At::Recording { dialog, agreed, .. } = &siprec.at else { return false };
        if siprec.known.as_ref() == Some(&parties) && !siprec.is_untold {
            return false;
        }
        let (dialog, sdp) = (*dialog, agreed.repeat());
        let Some(of) = self.leg(leg) else { return false };
        let body = parties.body(siprec, of, &sdp);
        if !self.sip(|sip, now| sip.reinvite(now.mono, dialog, body)) {
            return false;
        }
        if let At::Recording { exchange, .. } = &mut siprec.at {
            *exchange = Exchange::Update;
        }
        siprec.known = Some(parties);
        siprec.is_untold = false;
        self.trace(leg, What::Decided("recorder told who talks".to_owned()));
        true
    }

    /// Who talks in the leg now.
    pub(super) fn siprec_parties(&self, leg: LegId, siprec: &Siprec) -> Option<Parties> {
        let of = self.leg(leg)?;
        let with = self.talks_with(leg).and_then(|with| self.leg(with));
        let room = self.conferring(leg).and_then(|it| self.conferences.get(it.room));
        let called = match of.who.direction {
            Direction::Inbound => &of.who.to,
            Direction::OutboundApi | Direction::OutboundDial => &of.who.from,
        };
        let (address, name) = match (with, room) {
            (Some(with), _) => (with.who.far(), with.sip.caller_name.as_deref()),
            (None, Some(room)) => (called.as_str(), Some(room.name())),
            (None, None) => (called.as_str(), None),
        };
        let before = siprec.known.as_ref().map(|known| &known.near);
        let is_same = |near: &&Near| near.address == address && near.name.as_deref() == name;
        let near = match (before.filter(is_same), before) {
            (Some(near), _) => near.clone(),
            (None, before) => Near {
                address: address.to_owned(),
                name: name.map(str::to_owned),
                n: before.map_or(0, |before| before.n.saturating_add(1)),
                since: if before.is_some() { self.now.wall } else { siprec.since },
            },
        };
        Some(Parties { near, far_ways: ways(of), near_ways: with.map_or(Ways::BOTH, ways) })
    }
}

impl Ways {
    const BOTH: Self = Self { sends: true, hears: true };
}

/// What the far end of a leg does, as it was agreed.
fn ways(leg: &Leg) -> Ways {
    let both = |agreed: &media::Agreed| Ways { sends: agreed.receive, hears: agreed.send };
    leg.media.negotiation.agreed().map_or(Ways::BOTH, both)
}
