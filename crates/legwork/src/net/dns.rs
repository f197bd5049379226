//! DNS: single questions, answered from `/etc/hosts`, from memory, or by the name servers.
//!
//! Not here: which questions a SIP URI leads to (`legwork_sip::locate`), how many are asked at a time
//! (`resolve`).
//! Source: RFC 1035; RFC 2308 (what is not there is remembered, too); hosts(5), resolver(5). Both files
//! are read once, at start.

use std::sync::Arc;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use legwork_sip::locate::{Answer, Kind, Naptr, Question, Srv};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config;
use crate::limit;

/// A search asks three times: for NAPTR, SRV and addresses.
const ROUNDS: u32 = 3;

/// Somebody to ask.
#[derive(Clone)]
pub struct Dns {
    /// None: there are no name servers.
    resolver: Option<TokioResolver>,
    hosts: Arc<Hosts>,
    patience: std::time::Duration,
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dns").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Dns {
    /// Asks the servers configured, else those of the system.
    pub fn new(config: &config::Dns) -> Self {
        let patience = config.timeout / ROUNDS;
        let hosts = Arc::new(Hosts::from_system().unwrap_or_default());
        let known = if config.servers.is_empty() {
            hickory_resolver::system_conf::read_system_conf()
        } else {
            let servers = config.servers.iter().map(|address| {
                let mut server = NameServerConfig::udp_and_tcp(address.ip());
                let at = |mut way: ConnectionConfig| {
                    way.port = address.port();
                    way
                };
                server.connections = vec![at(ConnectionConfig::udp()), at(ConnectionConfig::tcp())];
                server
            });
            let config = ResolverConfig::from_name_servers(servers.collect());
            Ok((config, ResolverOpts::default()))
        };
        let resolver = known.and_then(|(config, mut options)| {
            options.timeout = patience;
            // Datagrams are sent again by themselves.
            options.attempts = 0;
            options.cache_size = limit::DNS_CACHE_MAX;
            options.positive_max_ttl = Some(limit::DNS_TTL_MAX);
            options.negative_max_ttl = Some(limit::DNS_NEGATIVE_TTL_MAX);
            let provider = TokioRuntimeProvider::default();
            TokioResolver::builder_with_config(config, provider).with_options(options).build()
        });
        let resolver = resolver.inspect_err(|error| {
            tracing::warn!(%error, "no name servers: only /etc/hosts is known");
        });
        Self { resolver: resolver.ok(), hosts, patience }
    }

    /// The answers, in the order of the questions. No answer in time, or none at all, is an empty one.
    pub async fn ask_all(&self, questions: Vec<Question>) -> Vec<Answer> {
        if let [question] = questions.as_slice() {
            return vec![self.ask(question).await];
        }
        let mut answers: Vec<_> = questions.iter().map(|question| empty(question.kind)).collect();
        let mut asking = JoinSet::new();
        for (place, question) in questions.into_iter().enumerate() {
            let dns = self.clone();
            asking.spawn(async move { (place, dns.ask(&question).await) });
        }
        while let Some(answered) = asking.join_next().await {
            if let Ok((place, answer)) = answered
                && let Some(slot) = answers.get_mut(place)
            {
                *slot = answer;
            }
        }
        answers
    }

    async fn ask(&self, question: &Question) -> Answer {
        if let Some(answer) = self.at_hand(question) {
            return answer;
        }
        let nothing = empty(question.kind);
        let (Some(resolver), Ok(mut name)) = (&self.resolver, Name::from_ascii(&question.name))
        else {
            return nothing;
        };
        // Only hosts may be named in short: resolver(5), `search`.
        name.set_fqdn(matches!(question.kind, Kind::Naptr | Kind::Srv));
        match timeout(self.patience, resolver.lookup(name, record_type(question.kind))).await {
            Ok(Ok(found)) => answer_of(question.kind, found.answers()),
            Ok(Err(error)) if error.is_no_records_found() => nothing,
            Ok(Err(error)) => {
                tracing::warn!(%error, name = %question.name, kind = ?question.kind, "DNS failed");
                nothing
            }
            Err(_) => {
                tracing::warn!(name = %question.name, kind = ?question.kind, "DNS is too slow");
                nothing
            }
        }
    }

    /// What this machine knows by itself: a name in `/etc/hosts` is what stands there, and no more.
    fn at_hand(&self, question: &Question) -> Option<Answer> {
        let name = Name::from_ascii(&question.name).ok()?;
        let of = |kind| {
            let found = self.hosts.lookup_static_host(&Query::query(name.clone(), kind))?;
            Some(found.answers().to_vec())
        };
        let (a, aaaa) = (of(RecordType::A), of(RecordType::AAAA));
        let known = a.is_some() || aaaa.is_some();
        let records = match question.kind {
            Kind::A => a,
            Kind::Aaaa => aaaa,
            Kind::Naptr | Kind::Srv => None,
        };
        if known {
            return Some(answer_of(question.kind, &records.unwrap_or_default()));
        }
        // RFC 6761 §6.3: `localhost` never leaves the machine.
        let local = question.name == "localhost" || question.name.ends_with(".localhost");
        local.then(|| match question.kind {
            Kind::A => Answer::Addresses(vec![std::net::Ipv4Addr::LOCALHOST.into()]),
            Kind::Aaaa => Answer::Addresses(vec![std::net::Ipv6Addr::LOCALHOST.into()]),
            Kind::Naptr | Kind::Srv => empty(question.kind),
        })
    }
}

fn record_type(kind: Kind) -> RecordType {
    match kind {
        Kind::Naptr => RecordType::NAPTR,
        Kind::Srv => RecordType::SRV,
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
    }
}

fn empty(kind: Kind) -> Answer {
    answer_of(kind, &[])
}

/// The records of that kind; others, such as CNAME, are left out.
fn answer_of(kind: Kind, records: &[Record]) -> Answer {
    let records = records.iter().take(limit::DNS_RECORDS_MAX).map(|record| &record.data);
    match kind {
        Kind::Naptr => Answer::Naptr(records.filter_map(naptr).collect()),
        Kind::Srv => Answer::Srv(records.filter_map(srv).collect()),
        Kind::A | Kind::Aaaa => Answer::Addresses(records.filter_map(RData::ip_addr).collect()),
    }
}

fn naptr(data: &RData) -> Option<Naptr> {
    let RData::NAPTR(naptr) = data else { return None };
    // One that rewrites (RFC 3403 §4.1) is none of SIP's.
    naptr.regexp.is_empty().then(|| Naptr {
        order: naptr.order,
        preference: naptr.preference,
        flags: String::from_utf8_lossy(&naptr.flags).into_owned(),
        services: String::from_utf8_lossy(&naptr.services).into_owned(),
        replacement: naptr.replacement.to_ascii(),
    })
}

fn srv(data: &RData) -> Option<Srv> {
    let RData::SRV(srv) = data else { return None };
    Some(Srv {
        priority: srv.priority,
        weight: srv.weight,
        port: srv.port,
        host: srv.target.to_ascii(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns() -> Dns {
        // Nobody listens on the port of `discard`.
        let servers = vec![([127, 0, 0, 1], 9).into()];
        Dns::new(&config::Dns { servers, timeout: std::time::Duration::from_secs(3) })
    }

    fn question(kind: Kind, name: &str) -> Question {
        Question { kind, name: name.to_owned() }
    }

    #[tokio::test]
    async fn localhost_needs_no_server() {
        let asked = vec![
            question(Kind::Naptr, "localhost"),
            question(Kind::A, "localhost"),
            question(Kind::A, "phone.localhost"),
            question(Kind::Srv, "_sip._udp.phone.localhost"),
        ];
        let here = Answer::Addresses(vec![[127, 0, 0, 1].into()]);
        let expected = [Answer::Naptr(Vec::new()), here.clone(), here, Answer::Srv(Vec::new())];
        assert_eq!(dns().ask_all(asked).await, expected);
    }

    #[tokio::test]
    async fn names_nobody_answers_for_are_empty() {
        let answers = dns().ask_all(vec![question(Kind::A, "h.example")]).await;
        assert_eq!(answers, [Answer::Addresses(Vec::new())]);
    }
}
