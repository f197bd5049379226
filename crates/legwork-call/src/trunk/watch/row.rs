//! A trunk's row of the read model.
//!
//! Not here: JSON (crate `legwork`, `api/trunks`).

use super::Kept;
use crate::io::{GatewayRow, RegistrationRow, TrunkRow};

impl Kept {
    pub(super) fn row(&self) -> TrunkRow {
        let gateways = self.trunk.gateways.iter().zip(&self.gateways);
        let registration = self.trunk.registration.as_ref().map(|asked| {
            let kept = self.registration.as_ref();
            RegistrationRow {
                registrar: asked.registrar.clone(),
                address: format!("sip:{}@{}", asked.user, asked.domain),
                state: kept.map_or("ended", |kept| kept.state.as_str()),
                since: kept.and_then(|kept| kept.since),
                until: kept.and_then(|kept| kept.until).map(|(_, until)| until),
                answer: kept.and_then(|kept| kept.answer).map(|status| status.0),
            }
        });
        TrunkRow {
            account: self.trunk.account,
            name: self.trunk.name.clone(),
            gateways: gateways
                .map(|(gateway, watch)| GatewayRow {
                    uri: gateway.uri.clone(),
                    priority: gateway.priority,
                    weight: gateway.weight,
                    state: watch.state.as_str(),
                    since: watch.since,
                    latency: watch.latency,
                    answer: watch.answer.map(|status| status.0),
                })
                .collect(),
            registration,
        }
    }
}
