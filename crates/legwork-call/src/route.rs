//! Which domain, number or trunk an inbound request belongs to.
//!
//! Not here: whether its sender may (`auth`), by which trunk a call comes in (`trunk/inbound`).
//! Source: `interface.md`: matched on the host of the Request-URI, then of To; a request to an address of
//! ours goes to the only domain if there is just one.

use std::net::IpAddr;

use legwork_sip as sip;
use legwork_sip::uri::Uri;

use crate::calls::Calls;
use crate::config::{Config, Domain};
use crate::dial::target::text;
use crate::trunk::inbound::{Arrival, ByTrunk};

/// Where a request belongs.
#[derive(Debug)]
pub(crate) enum Route {
    /// By its place in the configuration.
    Domain(usize),
    Trunk(Box<Arrival>),
    /// It comes from a trunk, but to no number of ours.
    UnknownNumber,
    Nowhere,
}

impl Calls {
    /// Where an INVITE belongs.
    pub(crate) fn route(&self, request: &sip::Message, source: IpAddr) -> Route {
        let named = domain_named(&self.config, request);
        match self.by_trunk(request, source, named.is_some()) {
            ByTrunk::Arrived(arrival) => Route::Trunk(arrival),
            ByTrunk::UnknownNumber => Route::UnknownNumber,
            ByTrunk::No => {
                named.or_else(|| self.only_domain(request)).map_or(Route::Nowhere, Route::Domain)
            }
        }
    }

    /// The domain a request belongs to, by its place in the configuration.
    pub(crate) fn domain_of(&self, request: &sip::Message) -> Option<usize> {
        domain_named(&self.config, request).or_else(|| self.only_domain(request))
    }

    /// There is one domain, and the request is to an address of ours.
    fn only_domain(&self, request: &sip::Message) -> Option<usize> {
        let uri = Uri::parse(request.uri()).ok()?;
        let is_ours = || self.is_own_address(&text(uri.host()), uri.port());
        (self.config.domains.len() == 1 && is_ours()).then_some(0)
    }
}

/// The domain whose name stands in the Request-URI, else in To.
fn domain_named(config: &Config, request: &sip::Message) -> Option<usize> {
    let named = |uri: Uri<'_>| {
        let host = uri.host();
        let is_it = |domain: &Domain| domain.name.as_bytes().eq_ignore_ascii_case(host);
        config.domains.iter().position(is_it)
    };
    let by_uri = Uri::parse(request.uri()).ok().and_then(named);
    by_uri.or_else(|| request.to().ok().and_then(|to| named(to.uri())))
}
