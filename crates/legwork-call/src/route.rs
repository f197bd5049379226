//! Which domain, number or trunk an inbound request belongs to.
//!
//! Not here: whether its sender may (`auth`).
//! Source: `interface.md`: matched on the host of the Request-URI, then of To; a request to an address of
//! ours goes to the only domain if there is just one.

use std::net::IpAddr;

use legwork_sip as sip;
use legwork_sip::uri::Uri;

use crate::calls::Calls;
use crate::config::{Domain, Number};
use crate::dial::target::text;

/// Where a request belongs.
#[derive(Debug)]
pub(crate) enum Route {
    Domain(Domain),
    Trunk { number: Number, refer: bool },
    Nowhere,
}

impl Calls {
    /// Where an INVITE belongs.
    pub(crate) fn route(&self, request: &sip::Message, source: IpAddr) -> Route {
        if let Some(route) = self.route_trunk(request, source) {
            return route;
        }
        self.domain_of(request).map_or(Route::Nowhere, |domain| Route::Domain(domain.clone()))
    }

    fn route_trunk(&self, request: &sip::Message, source: IpAddr) -> Option<Route> {
        let from_there = |network: &crate::config::Network| network.contains(source);
        let trunk = self.config.trunks.iter().find(|trunk| trunk.ip_acl.iter().any(from_there))?;
        let uri = Uri::parse(request.uri()).ok()?;
        let called = uri.user().map_or_else(|| text(uri.host()), text);
        let number = self.config.numbers.iter().find(|number| {
            number.account == trunk.account && digits(&number.phone_number) == digits(&called)
        });
        let number = number?.clone();
        Some(Route::Trunk { number, refer: trunk.refer })
    }

    /// The domain a request names.
    pub(crate) fn domain_of(&self, request: &sip::Message) -> Option<&Domain> {
        let uri = Uri::parse(request.uri()).ok()?;
        let host = text(uri.host());
        let named = |host: &str| {
            self.config.domains.iter().find(|domain| domain.name.eq_ignore_ascii_case(host))
        };
        let to = || request.to().ok().and_then(|to| named(&text(to.uri().host())));
        named(&host).or_else(to).or_else(|| match self.config.domains.as_slice() {
            [only] if self.is_own_address(&host, uri.port()) => Some(only),
            _ => None,
        })
    }
}

fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}
