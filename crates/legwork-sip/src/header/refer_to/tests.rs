//! Refer-To as phones write it.
//!
//! Source: RFC 3515, RFC 3891, RFC 5589; each row of the second table was seen in the field.

use super::*;

fn show(value: &str) -> String {
    let refer_to = match ReferTo::parse(value.as_bytes()) {
        Ok(refer_to) => refer_to,
        Err(error) => return format!("{error:?}"),
    };
    let uri = refer_to.uri().unwrap();
    let replaces = match refer_to.replaces() {
        Err(error) => format!("{error:?}"),
        Ok(None) => "none".to_owned(),
        Ok(Some(r)) => {
            let text = |b: &[u8]| b.escape_ascii().to_string();
            format!("{} {} {}", text(&r.call_id), text(&r.to_tag), text(&r.from_tag))
        }
    };
    assert_eq!(refer_to.raw(), value.trim());
    format!(
        "{:?} {} {} invite={} {replaces}",
        refer_to.scheme(),
        uri.user().unwrap_or(b"-").escape_ascii(),
        uri.host().escape_ascii(),
        refer_to.is_invite(),
    )
}

#[test]
fn forms_seen_in_the_field() {
    let table = [
        ("<sip:agent-b@example.com>", "Sip agent-b example.com invite=true none"),
        ("sip:target@127.0.0.1:5990", "Sip target 127.0.0.1 invite=true none"),
        ("sip:charlie@example.com;user=phone", "Sip charlie example.com invite=true none"),
        ("\"B, Agent\" <sip:b@example.com>", "Sip b example.com invite=true none"),
        ("Agent B <sips:b@example.com>", "Sips b example.com invite=true none"),
        ("<tel:+15550100>", "Tel +15550100  invite=true none"),
        ("tel:+15550100", "Tel +15550100  invite=true none"),
        ("<sip:2002>", "Sip - 2002 invite=true none"),
        (
            "<sip:pstn.example:5061;transport=tls;x-m=8:orgid:1-2;x-t=3>",
            "Sip - pstn.example invite=true none",
        ),
        (
            "<sip:100;phone-context=example.com;user=phone@example.com>",
            "Sip 100;phone-context=example.com;user=phone example.com invite=true none",
        ),
        ("<sip:b@h;method=INVITE>", "Sip b h invite=true none"),
        ("<sip:b@h;method=BYE>", "Sip b h invite=false none"),
        ("sip:b@h;method=MESSAGE", "Sip b h invite=false none"),
        ("<sip:b@h>;method=BYE", "Sip b h invite=true none"),
        (
            "<sip:alice@lab?Replaces=7cZh%3bfrom-tag%3dBd%3bto-tag%3d09e8>",
            "Sip alice lab invite=true 7cZh 09e8 Bd",
        ),
        (
            "<sip:a@h?Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>",
            "Sip a h invite=true c@h 1 2",
        ),
        (
            "<sip:a@h?Require=replaces&Lts-txfr=Yes&replaces=c%3Bto-tag%3D1+2%3Bfrom-tag%3D3>",
            "Sip a h invite=true c 1+2 3",
        ),
        ("<sip:a@h?Replaces=c;to-tag=1;from-tag=2>", "Sip a h invite=true c 1 2"),
        ("<sip:a@h;Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2>", "Sip a h invite=true c 1 2"),
        ("sip:a@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2", "Sip a h invite=true c 1 2"),
        ("<sip:a@h?Replaces=7cZhtOFvqY>", "Sip a h invite=true Malformed"),
        (
            "<sip:b@h?User-to-User=56a390f3%3Bencoding%3Dhex&X-Anything=a+b>",
            "Sip b h invite=true none",
        ),
        ("<sip:b@h>;reason=\"send_to_vm\"", "Sip b h invite=true none"),
        ("<sip:b@h>;reason=send_to_vm", "Sip b h invite=true none"),
        ("<http://example.com/>", "Other -  invite=true none"),
        ("mailto:a@h", "Other -  invite=true none"),
    ];
    for (value, expected) in table {
        assert_eq!(show(value), expected, "{value}");
    }
}

#[test]
fn what_is_refused() {
    let table = [
        ("", "Malformed"),
        ("b", "Malformed"),
        ("<sip:b@h", "Malformed"),
        ("\"B <sip:b@h>", "Malformed"),
        ("<<sip:b@h>", "Malformed"),
        ("<sip:>", "Malformed"),
        ("<sip:b@h:0>", "Malformed"),
        ("<sip:b@h>, <sip:c@h>", "Several"),
        ("sip:b@h, sip:c@h", "Several"),
        ("<sip:b@h?X=%0d%0aRoute:%20x>", "Malformed"),
        ("<sip:b@h?X%00=1>", "Malformed"),
    ];
    for (value, expected) in table {
        assert_eq!(show(value), expected, "{value}");
    }
    let latin_1 = ReferTo::parse(b"\"J\xfcrg\" <sip:b@h>").err();
    assert_eq!(latin_1, Some(HeaderError::NotUtf8));
    assert_eq!(show("\"Jürg\" <sip:b@h>"), "Sip b h invite=true none");
}

#[test]
fn replaces_and_require_do_not_count() {
    let counted = |v: &str| ReferTo::parse(v.as_bytes()).unwrap().counted_len();
    let bare = "<sip:b@h>".len();
    assert_eq!(counted("<sip:b@h>"), bare);
    assert_eq!(counted("  <sip:b@h>\r\n "), bare);
    assert_eq!(counted("<sip:b@h?Replaces=c%3Bto-tag%3D1%3Bfrom-tag%3D2>"), bare);
    assert_eq!(counted("<sip:b@h?require=replaces&Replaces=c%3Bto-tag%3D1>"), bare);
    assert_eq!(counted("<sip:b@h?X=1&Require=replaces>"), bare + "?X=1".len());
    assert_eq!(counted("<sip:b@h;Replaces=c>"), bare + ";Replaces=c".len());
}

#[test]
fn exactly_one() {
    let message = |lines: &str| {
        let text = format!("REFER sip:h SIP/2.0\r\n{lines}\r\n");
        Message::parse(text.into()).unwrap()
    };
    assert_eq!(message("").refer_to().err(), Some(HeaderError::Missing));
    let two = message("Refer-To: <sip:a@h>\r\nr: <sip:b@h>\r\n");
    assert_eq!(two.refer_to().err(), Some(HeaderError::Several));
    let folded = message("r: \"A\r\n B\"\r\n\t<sip:a@h>\r\n");
    assert_eq!(folded.refer_to().unwrap().raw(), "\"A B\" <sip:a@h>");
}
