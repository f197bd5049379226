//! Names in the world: where hosts are, and how ladders call a leg's SID.
//!
//! Not here: what is sent there (`network`).

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use legwork_call::io::Target;
use legwork_sip as sip;

use super::{MACHINES, PEOPLE, SERVER, World};
use crate::books::Books;

/// Where a name leads, and how long it takes to learn that.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) name: String,
    pub(super) after: Duration,
    pub(super) hosts: Vec<String>,
}

impl World {
    /// A name leads to these people and machines, in this order.
    pub fn add_name(&mut self, name: &str, after: Duration, hosts: Vec<String>) {
        self.names.retain(|known| known.name != name);
        self.names.push(Name { name: name.to_owned(), after, hosts });
    }

    pub(super) fn resolve(&self, host: &str, port: Option<u16>) -> (Duration, Vec<Target>) {
        let named = self.names.iter().find(|known| known.name == host);
        let host = [host.to_owned()];
        let hosts = named.map_or(host.as_slice(), |named| &named.hosts);
        let ips = hosts.iter().filter_map(|host| {
            let person = PEOPLE.iter().find(|(name, ..)| name == host).map(|person| person.1);
            let machine = MACHINES.iter().find(|(name, _)| name == host).map(|machine| machine.1);
            let octet = person.or(machine);
            host.parse().ok().or_else(|| Some(IpAddr::from([10, 0, 0, octet?])))
        });
        let target = |ip| Target {
            transport: sip::Transport::Udp,
            remote: SocketAddr::new(ip, port.unwrap_or(5060)),
            local_ip: SERVER.ip(),
        };
        let after = named.map_or(Duration::from_millis(1), |named| named.after);
        (after, ips.map(target).collect())
    }
}

/// Where a machine is.
pub(super) fn machine(name: &str) -> IpAddr {
    let octet = MACHINES.iter().find(|machine| machine.0 == name).map_or(0, |machine| machine.1);
    IpAddr::from([10, 0, 0, octet])
}

/// `usera's` for the SID of a leg to usera; any other value as it is.
pub(super) fn sid_name(books: &Books, seen: &HashSet<(SocketAddr, Bytes)>, value: &str) -> String {
    let Some(row) = books.call_named(value) else { return value.to_owned() };
    if row.sip_call_id.is_empty() {
        return format!("{}'s", row.to);
    }
    let call_id = row.sip_call_id.as_bytes();
    let of = |(_, bytes): &&(SocketAddr, Bytes)| {
        bytes.windows(call_id.len()).any(|part| part == call_id)
    };
    let party = seen.iter().filter(of).min_by_key(|(address, _)| *address).and_then(|seen| {
        let IpAddr::V4(ip) = seen.0.ip() else { return None };
        PEOPLE.iter().find(|person| person.1 == ip.octets()[3]).map(|person| person.0)
    });
    party.map_or_else(|| value.to_owned(), |name| format!("{name}'s"))
}
