//! Who the caller is towards a trunk: From, the asserted identity, privacy.
//!
//! Only what stands here is asserted: identity headers of whoever called us are never copied.
//! Not here: which number that is (`dial/target`), what a trunk asserts to us (`trunk/inbound`).
//! Source: RFC 3325 §5, §9.1; RFC 3323 §4.1.1.3; draft-ietf-sip-privacy-04 (`Remote-Party-ID`).

use legwork_sip::endpoint::Line;

use crate::config::{Identity, Trunk};
use crate::limit;
use crate::number::{ANONYMOUS, is_e164};

/// Who calls, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    /// E.164, or `anonymous`.
    pub(crate) from: &'a str,
    pub(crate) name: Option<&'a str>,
    /// The number the trunk knows us by: asserted for those who do not want to be known.
    pub(crate) own: Option<&'a str>,
}

/// `From` without tag, and the lines that assert the caller. `host` is our own.
pub(crate) fn identify(trunk: &Trunk, caller: &Caller<'_>, host: &str) -> (String, Vec<Line>) {
    let host = trunk.from_domain.as_deref().unwrap_or(host);
    let is_hidden = !is_e164(caller.from);
    let number = if is_hidden { caller.own } else { Some(caller.from) };
    let written = number
        .map(|number| if trunk.notation.plus { number } else { number.trim_start_matches('+') });
    let name = caller.name.filter(|_| !is_hidden).map(quoted).unwrap_or_default();
    let from = match (&trunk.from_user, is_hidden) {
        (Some(user), _) => format!("{name}<sip:{user}@{host}>"),
        (None, true) => "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned(),
        (None, false) => {
            format!("{name}<sip:{}@{host};user=phone>", written.unwrap_or(ANONYMOUS))
        }
    };
    let mut lines: Vec<Line> = Vec::new();
    if let Some(number) = written {
        let uri = format!("{name}<sip:{number}@{host};user=phone>");
        match trunk.identity {
            Identity::Pai => lines.push(("P-Asserted-Identity".into(), uri)),
            Identity::Rpid => {
                let privacy = if is_hidden { "full" } else { "off" };
                let value = format!("{uri};party=calling;screen=yes;privacy={privacy}");
                lines.push(("Remote-Party-ID".into(), value));
            }
            Identity::None => {}
        }
    }
    if is_hidden {
        lines.push(("Privacy".into(), "id".to_owned()));
    }
    (from, lines)
}

/// A display name that can not end its quotes.
fn quoted(name: &str) -> String {
    let plain = name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\'));
    let plain: String = plain.take(limit::CALLER_NAME_MAX).collect();
    if plain.is_empty() { plain } else { format!("\"{plain}\" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sid::AccountSid;

    fn shown(trunk: &Trunk, from: &str, name: Option<&str>) -> String {
        let caller = Caller { from, name, own: Some("+815000000000") };
        let (from, lines) = identify(trunk, &caller, "10.0.0.1");
        let lines = lines.iter().map(|(name, value)| format!("\n{name}: {value}"));
        lines.fold(from, |text, line| text + &line)
    }

    fn trunk() -> Trunk {
        Trunk::named(AccountSid::from_bits(1), "carrier", "sip:gw")
    }

    #[test]
    fn a_number_is_asserted_with_its_name() {
        assert_eq!(
            shown(&trunk(), "+8130000000", Some("Ana \"x\\\" Ito\n")),
            "\"Ana x Ito\" <sip:+8130000000@10.0.0.1;user=phone>\n\
             P-Asserted-Identity: \"Ana x Ito\" <sip:+8130000000@10.0.0.1;user=phone>"
        );
    }

    #[test]
    fn who_hides_is_known_to_the_carrier_alone() {
        assert_eq!(
            shown(&trunk(), ANONYMOUS, Some("Ana")),
            "\"Anonymous\" <sip:anonymous@anonymous.invalid>\n\
             P-Asserted-Identity: <sip:+815000000000@10.0.0.1;user=phone>\nPrivacy: id"
        );
        let caller = Caller { from: "sip:alice@bank", name: None, own: None };
        let (_, lines) = identify(&trunk(), &caller, "10.0.0.1");
        assert_eq!(lines, [("Privacy".into(), "id".to_owned())]);
    }

    #[test]
    fn a_trunk_says_how_it_wants_to_be_told() {
        let mut trunk = trunk();
        trunk.from_domain = Some("carrier.example".to_owned());
        trunk.identity = Identity::Rpid;
        assert_eq!(
            shown(&trunk, "+8130000000", None),
            "<sip:+8130000000@carrier.example;user=phone>\nRemote-Party-ID: \
             <sip:+8130000000@carrier.example;user=phone>;party=calling;screen=yes;privacy=off"
        );
        trunk.from_user = Some("acme".to_owned());
        trunk.identity = Identity::None;
        trunk.notation.plus = false;
        assert_eq!(shown(&trunk, "+8130000000", None), "<sip:acme@carrier.example>");
        trunk.identity = Identity::Pai;
        assert_eq!(
            shown(&trunk, "+8130000000", None),
            "<sip:acme@carrier.example>\n\
             P-Asserted-Identity: <sip:8130000000@carrier.example;user=phone>"
        );
    }
}
