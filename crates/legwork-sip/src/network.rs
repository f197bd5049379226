//! A range of addresses: whom a rule holds for.
//!
//! Not here: the rules (`legwork-call`, `endpoint`).
//! Source: RFC 4632 §3.1, RFC 4291 §2.3.

use std::net::IpAddr;

/// An address range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Any address of it.
    pub address: IpAddr,
    /// Prefix length, bits.
    pub prefix: u8,
}

impl Network {
    /// `ip` lies in this range. IPv4-mapped IPv6 addresses count as IPv4.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address.to_canonical(), ip.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.prefix.min(32));
                shift == 32 || (u32::from(net) ^ u32::from(ip)) >> shift == 0
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.prefix.min(128));
                shift == 128 || (u128::from(net) ^ u128::from(ip)) >> shift == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (address, prefix, ip, inside) in [
            ("192.0.2.0", 24, "192.0.2.255", true),
            ("192.0.2.0", 24, "192.0.3.0", false),
            ("192.0.2.7", 32, "192.0.2.7", true),
            ("192.0.2.7", 32, "192.0.2.6", false),
            ("0.0.0.0", 0, "203.0.113.1", true),
            ("192.0.2.0", 24, "::ffff:192.0.2.9", true),
            ("2001:db8::", 32, "2001:db8:1::1", true),
            ("2001:db8::", 32, "2001:db9::1", false),
            ("::", 0, "192.0.2.1", false),
        ] {
            let network = Network { address: address.parse().unwrap(), prefix };
            assert_eq!(network.contains(ip.parse().unwrap()), inside, "{address}/{prefix} {ip}");
        }
    }
}
