//! Tables of URIs: parts, refusals, equality.
//!
//! Source: RFC 3261 §19.1.3 and §19.1.4, RFC 4475, RFC 5118.

use super::*;

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn parts(uri: &str) -> String {
    let Ok(uri) = Uri::parse(uri.as_bytes()) else { return "bad".to_owned() };
    let mut out = format!("{:?}", uri.scheme());
    if let Some(user) = uri.user() {
        out += &format!(" user={}", text(user));
    }
    if let Some(password) = uri.password() {
        out += &format!(" password={}", text(password));
    }
    out += &format!(" host={}", text(uri.host()));
    if let Some(port) = uri.port() {
        out += &format!(" port={port}");
    }
    for p in uri.params() {
        out += &format!(" ;{}={}", text(p.name), text(p.value.unwrap_or(b"-")));
    }
    for h in uri.headers() {
        match h {
            Ok(h) => out += &format!(" ?{}={}", text(&h.name), text(&h.value)),
            Err(_) => out += " ?refused",
        }
    }
    out
}

#[test]
fn parts_of_uris() {
    let table = [
        ("sip:alice@example.com", "Sip user=alice host=example.com"),
        (
            "SIPS:a:pw@h:5061;transport=tcp;lr",
            "Sips user=a password=pw host=h port=5061 ;transport=tcp ;lr=-",
        ),
        ("sip:[2001:db8::10]:5070", "Sip host=[2001:db8::10] port=5070"),
        ("sip:[2001:db8::10:5070]", "Sip host=[2001:db8::10:5070]"),
        ("sip:2001:db8::10", "bad"),
        ("sip:[2001:db8:::192.0.2.1]", "bad"),
        ("sip:@h", "Sip user= host=h"),
        ("sip:2002", "Sip host=2002"),
        (
            "sip:user;par=u%40example.net@example.com",
            "Sip user=user;par=u%40example.net host=example.com",
        ),
        (
            "sip:pstnhub.example:5061;transport=tls;x-m=8:orgid:1-2;x-t=a-b",
            "Sip host=pstnhub.example port=5061 ;transport=tls ;x-m=8:orgid:1-2 ;x-t=a-b",
        ),
        (
            "sip:a@h?X-A=1%3d2&Subject=hi%20you&Empty",
            "Sip user=a host=h ?X-A=1=2 ?Subject=hi you ?Empty=",
        ),
        ("sip:a@h?X=%0d%0aVia:%20x&Y=%00", "Sip user=a host=h ?refused ?refused"),
        ("sip:+1555@h?User-to-User=a+b", "Sip user=+1555 host=h ?User-to-User=a+b"),
        (
            "tel:+1-555-0100;phone-context=example.com",
            "Tel user=+1-555-0100 host= ;phone-context=example.com",
        ),
        ("tel:", "bad"),
        ("http://www.example.com", "Other host="),
        ("sip:", "bad"),
        ("/", "bad"),
        ("", "bad"),
        ("1a:b", "bad"),
        ("sip:a b@h", "bad"),
        ("<sip:a@h>", "bad"),
        ("sip:a@h:0", "bad"),
        ("sip:a@h:65536", "bad"),
        ("sip:a@h:", "bad"),
        ("sip:a@h!", "bad"),
    ];
    for (uri, expected) in table {
        assert_eq!(parts(uri), expected, "{uri}");
    }
}

#[test]
fn equality_of_19_1_4() {
    let table = [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true),
        (
            "sip:a@b.com;transport=tcp?to=x&subject=y",
            "sip:a@b.com;transport=tcp?subject=y&to=x",
            true,
        ),
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false),
        ("sip:a%40b@h", "sip:a@b@h", false),
        ("sip:a@h", "sips:a@h", false),
        ("sip:h", "sip:@h", false),
        ("tel:+1-555-0100", "tel:+15550100", true),
        ("tel:100;phone-context=a", "tel:100;phone-context=b", false),
        ("tel:100;phone-context=a", "tel:100", false),
        ("isbn:1", "isbn:1", true),
        ("isbn:1", "isbn:2", false),
    ];
    for (a, b, expected) in table {
        let (Ok(a), Ok(b)) = (Uri::parse(a.as_bytes()), Uri::parse(b.as_bytes())) else {
            assert!(!expected, "{a} or {b} did not parse");
            continue;
        };
        assert_eq!(a.is_equivalent(&b), expected, "{} {}", text(a.raw), text(b.raw));
        assert_eq!(b.is_equivalent(&a), expected, "{} {}", text(b.raw), text(a.raw));
    }
}

#[test]
fn users_are_decoded_once() {
    let uri = Uri::parse(b"sip:sips%3Auser%2540example.com@example.net").unwrap();
    assert_eq!(uri.user_decoded().as_deref(), Some(&b"sips:user%40example.com"[..]));
}
