//! Phone numbers: E.164, and the ways in which applications and carriers write it.
//!
//! Not here: which trunk takes a number (`trunk`), whose a number is (`route`).
//! Source: ITU-T E.164 §6; RFC 3966 §5.1; RFC 3261 §19.1.6; Twilio, "Formatting international phone
//! numbers".

use legwork_sip::uri::{Scheme, Uri};

use crate::config::Notation;

/// `From` and `To` of a webhook about a caller who does not want to be known.
/// Source: Twilio, "Request parameters": the raw caller ID where there is no number.
pub(crate) const ANONYMOUS: &str = "anonymous";

/// Longest number without `+`, digits. Source: E.164 §6.
const DIGITS_MAX: usize = 15;

/// `+` and 2 to 15 digits.
pub(crate) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| (2..=DIGITS_MAX).contains(&digits.len()))
        && number.bytes().skip(1).all(|b| b.is_ascii_digit())
}

/// The user part of a SIP URI, or the number of a `tel:` URI, if it is E.164.
pub(crate) fn e164_of_uri(uri: &str) -> Option<String> {
    let user = Uri::parse(uri.as_bytes()).ok()?.user().map(String::from_utf8_lossy)?.into_owned();
    is_e164(&user).then_some(user)
}

/// The number inside a URI, or the URI.
pub(crate) fn e164_or(uri: &str) -> String {
    e164_of_uri(uri).unwrap_or_else(|| uri.to_owned())
}

/// A number as an application writes it, without what only helps the eye: `+` and digits, or digits
/// alone (short codes, national numbers). None: it is no number.
pub(crate) fn dialled(text: &str) -> Option<String> {
    let text = text.trim().strip_prefix("tel:").unwrap_or(text);
    let number = without_separators(text);
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let fits = (1..=DIGITS_MAX).contains(&digits.len());
    (fits && digits.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

/// The number in a URI of a carrier as it stands there: `+` and digits, or digits alone; and the
/// `phone-context` it is local to. None: its user part is no number.
pub(crate) fn written(uri: &Uri<'_>) -> Option<(String, Option<String>)> {
    let user = uri.user_decoded()?;
    let user = String::from_utf8_lossy(&user);
    // `sip:050;phone-context=+81@host;user=phone` is a tel URI in a SIP URI (RFC 3261 §19.1.6).
    let mut parts = user.split(';');
    let number = dialled(parts.next()?)?;
    let inside = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("phone-context").then(|| value.to_owned())
    });
    let outside = || match uri.scheme() {
        Scheme::Tel => uri.param("phone-context"),
        Scheme::Sip | Scheme::Sips | Scheme::Other => None,
    };
    let context = inside
        .or_else(|| outside().map(|value| String::from_utf8_lossy(value).into_owned()))
        .filter(|context| is_country(context));
    Some((number, context))
}

/// What a number that came in by a trunk may mean in E.164, likeliest first; at most 5.
pub(crate) fn readings(uri: &Uri<'_>, notation: &Notation) -> Vec<String> {
    let Some((number, context)) = written(uri) else { return Vec::new() };
    if number.starts_with('+') {
        return vec![number];
    }
    let mut found = Vec::new();
    if let Some(context) = context {
        found.push(format!("{context}{number}"));
        found.extend(number.strip_prefix('0').map(|rest| format!("{context}{rest}")));
    }
    found.extend(notation.read(&number).filter(|_| !notation.add.is_empty()));
    let abroad = ["00", "011"].into_iter().find_map(|prefix| number.strip_prefix(prefix));
    found.extend(abroad.map(|rest| format!("+{rest}")));
    found.push(format!("+{number}"));
    found
}

/// A caller's number as webhooks show it: E.164 where that is sure, else as the carrier wrote it.
pub(crate) fn caller(uri: &Uri<'_>, notation: &Notation) -> Option<String> {
    let (number, context) = written(uri)?;
    let surely = context.is_some()
        || !notation.plus
        || number.starts_with("00")
        || !notation.add.is_empty() && number.starts_with(&notation.add);
    let read = readings(uri, notation).into_iter().next().filter(|read| is_e164(read));
    if number.starts_with('+') || surely { read.or(Some(number)) } else { Some(number) }
}

/// `+` and the digits of a country or area.
fn is_country(context: &str) -> bool {
    context.strip_prefix('+').is_some_and(|rest| {
        (1..=7).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit())
    })
}

fn without_separators(text: &str) -> String {
    text.chars().filter(|c| !" ()-.".contains(*c)).collect()
}

impl Notation {
    /// An E.164 number as the carrier wants to be asked for it.
    pub(crate) fn write(&self, number: &str) -> String {
        let number = match number.strip_prefix(&self.strip) {
            Some(rest) if !self.strip.is_empty() || !self.add.is_empty() => {
                return format!("{}{rest}", self.add);
            }
            Some(_) | None => number,
        };
        if self.plus { number.to_owned() } else { number.trim_start_matches('+').to_owned() }
    }

    /// The other way round: E.164 of a number in the carrier's notation, if it is in it.
    fn read(&self, number: &str) -> Option<String> {
        let rest = number.strip_prefix(&self.add)?;
        let read = format!("{}{rest}", self.strip);
        Some(if read.starts_with('+') { read } else { format!("+{read}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notation(plus: bool, strip: &str, add: &str) -> Notation {
        Notation { plus, strip: strip.to_owned(), add: add.to_owned() }
    }

    #[test]
    fn numbers_of_applications() {
        for (text, number) in [
            ("+81 50-1234.5678", Some("+815012345678")),
            ("(415) 555-1212", Some("4155551212")),
            (" +1 ", Some("+1")),
            ("110", Some("110")),
            ("tel:+8150", Some("+8150")),
            ("+123456789012345", Some("+123456789012345")),
            ("+1234567890123456", None),
            ("1-800-FLOWERS", None),
            ("+", None),
            ("", None),
            ("+81+50", None),
            ("*67110", None),
            ("８１", None),
        ] {
            assert_eq!(dialled(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn e164_is_plus_and_digits() {
        for (text, is) in [
            ("+815012345678", true),
            ("+12", true),
            ("+1", false),
            ("815012345678", false),
            ("+1234567890123456", false),
            ("+81x", false),
            ("++81", false),
        ] {
            assert_eq!(is_e164(text), is, "{text}");
        }
        assert_eq!(e164_of_uri("sip:+815012345678@carrier").as_deref(), Some("+815012345678"));
        assert_eq!(e164_of_uri("sip:anonymous@carrier"), None);
    }

    #[test]
    fn what_carriers_write_is_read() {
        let plain = notation(true, "", "");
        let japan = notation(true, "+81", "0");
        for (uri, notation, expected) in [
            ("sip:+815012345678@gw;user=phone", &plain, &["+815012345678"][..]),
            ("tel:+81-50-1234-5678", &plain, &["+815012345678"]),
            ("sip:815012345678@gw", &plain, &["+815012345678"]),
            ("sip:00815012345678@gw", &plain, &["+815012345678", "+00815012345678"]),
            ("sip:011815012345678@gw", &plain, &["+815012345678", "+011815012345678"]),
            ("sip:05012345678@gw", &japan, &["+815012345678", "+05012345678"]),
            ("tel:5012345678;phone-context=+81", &plain, &["+815012345678", "+5012345678"]),
            (
                "sip:05012345678;phone-context=+81@gw;user=phone",
                &plain,
                &["+8105012345678", "+815012345678", "+05012345678"],
            ),
            ("tel:110;phone-context=carrier.example", &plain, &["+110"]),
            ("sip:%2B815012345678@gw", &plain, &["+815012345678"]),
            ("sip:bank@gw", &plain, &[]),
            ("sip:gw", &plain, &[]),
        ] {
            let uri = Uri::parse(uri.as_bytes()).unwrap();
            assert_eq!(readings(&uri, notation), expected, "{:?}", uri.user());
        }
    }

    #[test]
    fn callers_are_shown_in_e164_where_that_is_sure() {
        let plain = notation(true, "", "");
        let bare = notation(false, "", "");
        let japan = notation(true, "+81", "0");
        for (uri, notation, shown) in [
            ("sip:+8130000000@gw", &plain, Some("+8130000000")),
            ("sip:8130000000@gw", &plain, Some("8130000000")),
            ("sip:8130000000@gw", &bare, Some("+8130000000")),
            ("sip:0330000000@gw", &japan, Some("+81330000000")),
            ("sip:00443000000@gw", &plain, Some("+443000000")),
            ("tel:330000000;phone-context=+81", &plain, Some("+81330000000")),
            ("sip:alice@gw", &plain, None),
        ] {
            let uri = Uri::parse(uri.as_bytes()).unwrap();
            assert_eq!(caller(&uri, notation).as_deref(), shown, "{:?}", uri.user());
        }
    }

    #[test]
    fn numbers_are_written_as_the_carrier_wants_them() {
        for (notation, number, written) in [
            (notation(true, "", ""), "+815012345678", "+815012345678"),
            (notation(false, "", ""), "+815012345678", "815012345678"),
            (notation(true, "+81", "0"), "+815012345678", "05012345678"),
            (notation(true, "+81", "0"), "+44300", "+44300"),
            (notation(false, "+81", "0"), "+44300", "44300"),
            (notation(true, "+", "00"), "+44300", "0044300"),
            (notation(true, "", "9"), "110", "9110"),
        ] {
            assert_eq!(notation.write(number), written, "{notation:?} {number}");
        }
    }
}
