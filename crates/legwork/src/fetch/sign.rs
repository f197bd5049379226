//! `X-Twilio-Signature`: how an application knows that a request is ours.
//!
//! Not here: what is sent (`parameters`), secrets (`config`).
//! Source: Twilio, "Webhooks Security", "Validating requests are coming from Twilio".

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::config::Token;

/// Signs a request to `url` (as requested, without fragment and default port) whose form body holds
/// `parameters`; none for GET, whose parameters are in the URL.
///
/// Each name and value stands without separators, sorted by name; repeated names are sorted by value
/// and equal pairs count once.
pub fn signature(token: &Token, url: &str, parameters: &[(Cow<'static, str>, String)]) -> String {
    let mut sorted: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
    sorted.sort_unstable();
    sorted.dedup();
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose()) else { return String::new() };
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[(&str, &str)] = &[
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];

    fn check(url: &str, parameters: &[(&'static str, &str)], expected: &str) {
        let mut parameters: Vec<_> =
            parameters.iter().map(|(n, v)| (Cow::Borrowed(*n), (*v).to_owned())).collect();
        // The order in which they are sent does not count.
        parameters.reverse();
        assert_eq!(signature(&Token::new("12345"), url, &parameters), expected, "{url}");
    }

    #[test]
    fn the_vectors_hold() {
        check("https://mycompany.com/myapp.php?foo=1&bar=2", A, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        check(
            "https://mycompany.com/myapp.php?CallSid=CA1&From=%2B1415",
            &[],
            "CUwK7aQwJ6tByimQmCjEi9yY/SQ=",
        );
        check(
            "https://example.com:8443/a",
            &[("A", "x"), ("B", "")],
            "uQcnIlWneR+kIJu6z9o6DjerFgg=",
        );
        let repeated = [("A", "2"), ("A", "1"), ("A", "1"), ("B", "x")];
        check("https://example.com/a", &repeated, "ARATuwmOPs4BwMyoc+83PWrHB/s=");
        check(
            "https://mycompany.com/myapp.php?bodySHA256=\
             0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            &[],
            "y77kIzt2vzLz71DgmJGsen2scGs=",
        );
        check("http://user:pass@example.com:5001/x", A, "eQm93NU7/7gcfwGTnF8caDRCMlc=");
    }
}
