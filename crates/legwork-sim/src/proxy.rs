//! A stateless proxy that stays on the route: what a PBX or a session border controller in front of
//! a phone does to messages.
//!
//! Not here: when they arrive (`world`), which phone is behind it (`script`).
//! Source: RFC 3261 §16.6, §16.7, §16.11.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;

use crate::network::Datagram;
use crate::phone::Kind;
use crate::wire::uri_of;
use crate::world::SERVER;

/// Where it listens.
pub const PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7)), 5060);

/// Passes a datagram on; none that is no SIP or leads nowhere.
pub fn pass(datagram: &Datagram) -> Option<Datagram> {
    let text = std::str::from_utf8(&datagram.bytes).ok().filter(|_| datagram.kind == Kind::Sip)?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let lines: Vec<&str> = head.split("\r\n").collect();
    let (first, lines) = lines.split_first()?;
    let (to, lines) =
        if first.starts_with("SIP/2.0 ") { response(lines)? } else { request(first, lines)? };
    let bytes = Bytes::from(format!("{first}\r\n{}\r\n\r\n{body}", lines.join("\r\n")));
    Some(Datagram { kind: Kind::Sip, from: PROXY, to, bytes })
}

/// Back where the request came from, without our Via.
fn response(lines: &[&str]) -> Option<(SocketAddr, Vec<String>)> {
    let ours = lines.iter().position(|line| line.starts_with("Via:"))?;
    let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    lines.remove(ours);
    let below = lines.iter().find_map(|line| line.strip_prefix("Via: SIP/2.0/UDP "))?;
    let to = below.split(';').next()?.parse().ok()?;
    Some((to, lines))
}

/// To the next route, the address in the Request-URI or else the server, with our Via; we stay on
/// the route of a dialog that begins.
fn request(first: &str, lines: &[&str]) -> Option<(SocketAddr, Vec<String>)> {
    let uri = first.split(' ').nth(1)?;
    let is_ours = |line: &&str| line.starts_with("Route:") && address(line) == Some(PROXY);
    let kept: Vec<&str> = lines.iter().copied().filter(|line| !is_ours(line)).collect();
    let route = kept.iter().find(|line| line.starts_with("Route:"));
    let to = address(route.copied().unwrap_or(uri)).unwrap_or(SERVER);
    let branch = kept.iter().find_map(|line| line.split_once("branch="))?.1;
    let branch = branch.split(';').next()?;
    let mut out = vec![format!("Via: SIP/2.0/UDP {PROXY};branch={branch}-p")];
    let begins = |line: &&&str| line.starts_with("To:") && !line.contains("tag=");
    if kept.iter().any(|line| begins(&line)) {
        out.push(format!("Record-Route: <sip:{PROXY};lr>"));
    }
    out.extend(kept.iter().map(|line| (*line).to_owned()));
    Some((to, out))
}

/// The address in figures of a URI, or of the URI in a header line.
fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = uri_of(line).split_once("sip:").or_else(|| line.split_once("sip:"))?;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?', '>']).next()?;
    host.parse().ok().or_else(|| Some(SocketAddr::new(host.parse().ok()?, 5060)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(text: &str) -> Option<(SocketAddr, String)> {
        let bytes = Bytes::from(text.replace('\n', "\r\n"));
        let datagram = Datagram { kind: Kind::Sip, from: SERVER, to: PROXY, bytes };
        let out = pass(&datagram)?;
        Some((out.to, String::from_utf8_lossy(&out.bytes).replace("\r\n", "\n")))
    }

    #[test]
    fn requests_get_a_via_and_responses_lose_it() {
        let phone = SocketAddr::from(([10, 0, 0, 2], 5060));
        let (to, invite) = passed(
            "INVITE sip:bank@bank.example.com SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=b\n\
             To: <sip:bank@bank.example.com>\n\n",
        )
        .unwrap();
        assert_eq!(to, SERVER);
        assert_eq!(
            invite,
            "INVITE sip:bank@bank.example.com SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.7:5060;branch=b-p\n\
             Record-Route: <sip:10.0.0.7:5060;lr>\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=b\n\
             To: <sip:bank@bank.example.com>\n\n"
        );
        let (to, _) = passed(&invite.replacen(
            "INVITE sip:bank@bank.example.com SIP/2.0",
            "SIP/2.0 200 OK",
            1,
        ))
        .unwrap();
        assert_eq!(to, phone);
        let (to, bye) = passed(
            "BYE sip:usera@10.0.0.2 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=c;rport\n\
             Route: <sip:10.0.0.7:5060;lr>\nTo: <sip:usera@x>;tag=1\n\n",
        )
        .unwrap();
        assert_eq!((to, bye.contains("Route")), (phone, false));
        assert_eq!(passed("no message"), None);
    }
}
