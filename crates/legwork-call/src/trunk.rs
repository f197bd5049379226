//! Numbers and the trunks that take them.
//!
//! Not here: sending the INVITE (`reach`), whom other nouns name (`dial/target`), what comes in by a trunk
//! (`route`).
//! Source: Twilio, "TwiML Voice: Number", "BYOC trunks"; `interface.md`, `[[trunk]]`.

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::uri::Uri;

use crate::calls::Calls;
use crate::config::Trunk;
use crate::dial::target::{Nobody, text};
use crate::reach::{Candidate, Destination, Way};
use crate::sid::AccountSid;

impl Calls {
    pub(crate) fn number_destination(
        &self,
        account: AccountSid,
        number: &str,
    ) -> Result<Vec<Destination>, Nobody> {
        let digits: String = number.chars().filter(|c| !" ()-.".contains(*c)).collect();
        let trunk = self.config.trunks.iter().find(|trunk| {
            trunk.account == account && trunk.numbers.iter().any(|rule| takes(rule, &digits))
        });
        let destination = trunk.and_then(|trunk| to_trunk(trunk, &digits));
        destination.map(|destination| vec![destination]).ok_or_else(|| Nobody {
            code: 13224,
            text: format!("{number}."),
            status: Status(404),
        })
    }
}

/// Does a trunk's rule take the number? `*` at its end stands for any rest.
fn takes(rule: &str, digits: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(start) => digits.starts_with(start),
        None => digits == rule,
    }
}

fn to_trunk(trunk: &Trunk, digits: &str) -> Option<Destination> {
    let uri = Uri::parse(trunk.uri.as_bytes()).ok()?;
    let transport = match uri.param("transport") {
        Some(name) if name.eq_ignore_ascii_case(b"tcp") => Some(sip::Transport::Tcp),
        Some(_) | None => None,
    };
    let host = text(uri.host());
    let port = uri.port();
    let at = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    let suffix = if transport.is_some() { ";transport=tcp" } else { "" };
    let target = format!("sip:{digits}@{at}{suffix}");
    let way = Way::Ask { host, port, transport };
    Some(Destination {
        candidates: vec![Candidate { target, way, routes: Vec::new(), credentials: None }],
        to: digits.to_owned(),
        party: digits.to_owned(),
        lines: Vec::new(),
        trunk: Some(trunk.refer),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trunk_rules() {
        for (rule, digits, takes_it) in [
            ("+81*", "+815012345678", true),
            ("+81*", "+44123", false),
            ("*", "+44123", true),
            ("+8150", "+8150", true),
            ("+8150", "+81501", false),
        ] {
            assert_eq!(takes(rule, digits), takes_it, "{rule} {digits}");
        }
    }
}
