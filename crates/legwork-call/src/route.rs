//! Which domain, number or trunk an inbound request belongs to.
//!
//! Not here: whether its sender may (`auth`), by which trunk a call comes in (`trunk/inbound`).
//! Source: `interface.md`: matched on the host of the Request-URI, then of To; a request to an address of
//! ours goes to the only domain if there is just one.

use std::net::IpAddr;

use legwork_sip as sip;
use legwork_sip::uri::Uri;

use crate::calls::Calls;
use crate::config::Domain;
use crate::dial::target::text;
use crate::trunk::inbound::{Arrival, ByTrunk};

/// Where a request belongs.
#[derive(Debug)]
pub(crate) enum Route {
    Domain(Domain),
    Trunk(Box<Arrival>),
    /// It comes from a trunk, but to no number of ours.
    UnknownNumber,
    Nowhere,
}

impl Calls {
    /// Where an INVITE belongs.
    pub(crate) fn route(&self, request: &sip::Message, source: IpAddr) -> Route {
        let names_domain = self.domain_named(request).is_some();
        match self.by_trunk(request, source, names_domain) {
            ByTrunk::Arrived(arrival) => Route::Trunk(arrival),
            ByTrunk::UnknownNumber => Route::UnknownNumber,
            ByTrunk::No => {
                let domain = self.domain_of(request).cloned();
                domain.map_or(Route::Nowhere, Route::Domain)
            }
        }
    }

    /// The domain a request names.
    pub(crate) fn domain_of(&self, request: &sip::Message) -> Option<&Domain> {
        self.domain_named(request).or_else(|| match self.config.domains.as_slice() {
            [only] => {
                let uri = Uri::parse(request.uri()).ok()?;
                self.is_own_address(&text(uri.host()), uri.port()).then_some(only)
            }
            _ => None,
        })
    }

    /// The domain whose name stands in the Request-URI, else in To.
    fn domain_named(&self, request: &sip::Message) -> Option<&Domain> {
        let named = |uri: Uri<'_>| {
            let host = uri.host();
            let is_it = |domain: &&Domain| domain.name.as_bytes().eq_ignore_ascii_case(host);
            self.config.domains.iter().find(is_it)
        };
        let by_uri = Uri::parse(request.uri()).ok().and_then(named);
        by_uri.or_else(|| request.to().ok().and_then(|to| named(to.uri())))
    }
}
