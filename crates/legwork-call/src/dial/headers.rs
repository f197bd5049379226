//! Header lines an application adds to an INVITE or a goodbye, as far as they may be sent.
//!
//! | from | name | limits |
//! |---|---|---|
//! | headers of a `<Sip>` URI, `<Header>` | `X-…`, `User-to-User`, three identities | 20 lines, 1,023 characters |
//! | `<Parameter>` of `<Client>`, `<Siprec>`, `<Hangup>`, `<Reject>` | `X-` before its own | the same |
//!
//! What may not be sent is left out with a warning; the call is made without it.
//! Not here: limits of the document (`legwork-twiml`), what the response brings back (`webhook`).
//! Source: Twilio, "TwiML Voice: Sip", "Sending headers"; RFC 3261 §25.1 for names and values.

use legwork_sip::endpoint::Line;
use legwork_sip::uri::Uri;
use legwork_twiml::limit::SIP_HEADERS_MAX;

use crate::calls::{Calls, Detail};
use crate::dial::target::Nobody;
use crate::leg::LegId;
use crate::limit;

/// Headers without `X-` that may be sent.
const KNOWN: [&str; 4] =
    ["User-to-User", "Remote-Party-ID", "P-Preferred-Identity", "P-Called-Party-ID"];

/// Those of `X-` that are the server's own.
const OURS: &str = "x-twilio";

/// What the owner of a noun should know of it; it is dialled all the same. One a code.
#[derive(Debug, Default)]
pub(crate) struct Remarks(Vec<(u32, String)>);

impl Remarks {
    /// One more thing of that code.
    pub(crate) fn add(&mut self, code: u32, about: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == code) {
            Some((_, text)) => {
                text.push_str(", ");
                text.push_str(about);
            }
            None => self.0.push((code, about.to_owned())),
        }
    }

    /// One of several places that is none; the others are tried.
    pub(crate) fn add_nobody(&mut self, nobody: &Nobody) {
        self.add(nobody.code, nobody.text.trim_end_matches('.'));
    }

    /// Code and words of each.
    pub(crate) fn into_alerts(self) -> impl Iterator<Item = (u32, String)> {
        self.0.into_iter().map(|(code, text)| (code, format!("{text}.")))
    }
}

/// Lines found so far.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    lines: Vec<Line>,
    n_chars: usize,
}

impl Headers {
    /// Those behind the `?` of a URI.
    pub(crate) fn add_of_uri(&mut self, uri: &Uri<'_>, remarks: &mut Remarks) {
        for header in uri.headers() {
            let Ok(header) = header else {
                remarks.add(32112, "a line break");
                continue;
            };
            match (std::str::from_utf8(&header.name), std::str::from_utf8(&header.value)) {
                (Ok(name), Ok(value)) => self.add(name, value, remarks),
                (Ok(name), Err(_)) => remarks.add(32112, &shown(name)),
                (Err(_), _) => remarks.add(32111, "a name that is not UTF-8"),
            }
        }
    }

    /// A header as written.
    pub(crate) fn add(&mut self, name: &str, value: &str, remarks: &mut Remarks) {
        let known = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        let extension = begins_with(name, "x-") && name.len() > 2;
        match known {
            _ if !is_token(name) => remarks.add(32111, &shown(name)),
            None if !extension || begins_with(name, OURS) => remarks.add(32113, &shown(name)),
            _ if !is_value(value) => remarks.add(32112, &shown(name)),
            Some(known) => self.push((known.into(), value.to_owned()), remarks),
            None => self.push((name.to_owned().into(), value.to_owned()), remarks),
        }
    }

    /// A parameter for a client: a header named after it.
    pub(crate) fn add_parameter(&mut self, name: &str, value: &str, remarks: &mut Remarks) {
        if begins_with(name, "x-") {
            self.add(name, value, remarks);
        } else {
            self.add(&format!("X-{name}"), value, remarks);
        }
    }

    fn push(&mut self, line: Line, remarks: &mut Remarks) {
        let n_chars = line.0.chars().count() + line.1.chars().count();
        if self.lines.len() == limit::NOUN_HEADERS_MAX {
            remarks.add(13251, &shown(&line.0));
        } else if self.n_chars + n_chars > SIP_HEADERS_MAX {
            remarks.add(13253, &shown(&line.0));
        } else {
            self.n_chars += n_chars;
            self.lines.push(line);
        }
    }

    /// The lines, in the order they were added.
    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.lines
    }
}

impl Calls {
    /// What `<Parameter>`s become; an alert for those that may not be sent.
    pub(crate) fn parameter_lines(
        &mut self,
        leg: LegId,
        parameters: &[(String, String)],
    ) -> Vec<Line> {
        let (mut headers, mut remarks) = (Headers::default(), Remarks::default());
        for (name, value) in parameters {
            headers.add_parameter(name, value, &mut remarks);
        }
        for (code, text) in remarks.into_alerts() {
            self.alert(code, Some(leg), Detail::text(text));
        }
        headers.into_lines()
    }
}

fn begins_with(name: &str, start: &str) -> bool {
    name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

fn is_token(name: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b);
    !name.is_empty() && name.bytes().all(is_allowed)
}

/// No control character but a tab: nothing can be smuggled into the message.
fn is_value(value: &str) -> bool {
    !value.contains(|c: char| c.is_control() && c != '\t')
}

/// A name as alerts show it.
fn shown(name: &str) -> String {
    let short: String = name.chars().take(40).collect();
    short.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(uri: &str) -> (Vec<String>, Vec<u32>) {
        let (mut headers, mut remarks) = (Headers::default(), Remarks::default());
        headers.add_of_uri(&Uri::parse(uri.as_bytes()).unwrap(), &mut remarks);
        written(headers, remarks)
    }

    fn written(headers: Headers, remarks: Remarks) -> (Vec<String>, Vec<u32>) {
        let lines = headers.into_lines();
        let lines = lines.into_iter().map(|(name, value)| format!("{name}: {value}"));
        (lines.collect(), remarks.into_alerts().map(|(code, _)| code).collect())
    }

    #[test]
    fn which_headers_of_a_uri_are_sent() {
        let table: &[(&str, &[&str], &[u32])] = &[
            ("X-A=1&x-b=2", &["X-A: 1", "x-b: 2"], &[]),
            ("user-TO-user=00%3Bencoding%3Dhex", &["User-to-User: 00;encoding=hex"], &[]),
            (
                "User-to-User=56a3;encoding%3Dhex;purpose%3Disdn-uui;content%3Disdn-uui",
                &["User-to-User: 56a3;encoding=hex;purpose=isdn-uui;content=isdn-uui"],
                &[],
            ),
            ("Remote-Party-ID=%3Csip:a%40b%3E", &["Remote-Party-ID: <sip:a@b>"], &[]),
            ("P-Preferred-Identity=1", &["P-Preferred-Identity: 1"], &[]),
            ("P-Called-Party-ID=1", &["P-Called-Party-ID: 1"], &[]),
            // Decoded once.
            ("X-A=%2541%20b", &["X-A: %41 b"], &[]),
            ("X-A=", &["X-A: "], &[]),
            ("X-A", &["X-A: "], &[]),
            ("X-A=caf%C3%A9", &["X-A: café"], &[]),
            // The server's own, and what routes or names a call.
            ("X-Twilio-CallSid=1&x-twilioX=1&X-B=1", &["X-B: 1"], &[32113]),
            ("Route=%3Csip:evil%3E", &[], &[32113]),
            ("Via=1&Contact=1&From=1&Call-ID=1&Max-Forwards=1&X-=1&X=1", &[], &[32113]),
            ("P-Asserted-Identity=1&Subject=1&Content-Type=1&Require=1", &[], &[32113]),
            // Smuggling, in the value and in the name.
            ("X-A=1%0D%0ARoute:%20x", &[], &[32112]),
            ("X-A%0D%0ARoute=1&X-B=%00&X-C=%0A", &[], &[32112]),
            ("X-A=%01&X-B=%7F&X-C=%FF&X-D=a%09b", &["X-D: a\tb"], &[32112]),
            ("X-A%20B=1&X-%C3%A9=1&%FF=1&=1&X-C%3A=1", &[], &[32111]),
            ("X-A:=1&X-Twilio-A=1&X-B=%0A&X-C=1", &["X-C: 1"], &[32111, 32113, 32112]),
        ];
        for (headers, sent, codes) in table {
            let (lines, remarks) = lines(&format!("sip:a@b?{headers}"));
            assert_eq!(
                (lines.as_slice(), remarks.as_slice()),
                (owned(sent).as_slice(), *codes),
                "{headers}"
            );
        }
    }

    fn owned(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_parameter_of_a_client_becomes_a_header() {
        let (mut headers, mut remarks) = (Headers::default(), Remarks::default());
        for (name, value) in [
            ("FirstName", "Jane"),
            ("X-Own", "1"),
            ("a b", "1"),
            ("Twilio-CallSid", "1"),
            ("note", "two\r\nlines"),
            ("", "1"),
        ] {
            headers.add_parameter(name, value, &mut remarks);
        }
        let (lines, codes) = written(headers, remarks);
        assert_eq!(lines, ["X-FirstName: Jane", "X-Own: 1"]);
        assert_eq!(codes, [32111, 32113, 32112]);
    }

    #[test]
    fn limits_at_the_edge() {
        let max = limit::NOUN_HEADERS_MAX;
        for n in [max, max + 1, max + 5] {
            let list: Vec<String> = (0..n).map(|n| format!("X-{n}={n}")).collect();
            let (lines, codes) = lines(&format!("sip:a@b?{}", list.join("&")));
            assert_eq!((lines.len(), codes.len()), (max, usize::from(n > max)));
        }
        for n in [SIP_HEADERS_MAX - 3, SIP_HEADERS_MAX - 2] {
            let (lines, codes) = lines(&format!("sip:a@b?X-A={}&X-B=", "v".repeat(n)));
            let fits = n == SIP_HEADERS_MAX - 3;
            assert_eq!((lines.len(), codes), (1, vec![13253]), "{n}");
            assert_eq!(lines[0].starts_with("X-A"), fits, "the one that has room is sent");
        }
    }
}
