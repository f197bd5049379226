//! `[[trunk]]` and what is said of it.

use legwork_call::config::{Identity, Trunk};
use legwork_call::limit::{GATEWAYS_MAX, TRUNKS_MAX};

use super::*;

/// The only trunk of a file that begins with an account: three lines.
fn trunk(rest: &str) -> Arc<Trunk> {
    let config = Config::parse(&format!("{ACCOUNT}[[trunk]]\nname = \"carrier\"\n{rest}"));
    let config = config.unwrap_or_else(|problems| panic!("{rest}\n{problems:?}"));
    let [trunk] = config.switch.trunks.as_slice() else { panic!("{rest}") };
    Arc::clone(trunk)
}

#[test]
fn a_uri_is_enough() {
    let trunk = trunk("uri = \"sip:sbc.example\"");
    let as_by_default = Trunk {
        options_interval: Some(Duration::from_secs(30)),
        ..Trunk::named(AccountSid::from_bits(1), "carrier", "sip:sbc.example")
    };
    assert_eq!(*trunk, as_by_default);
}

#[test]
fn a_registration_needs_username_and_password_alone() {
    let trunk = trunk(
        "uri = \"sip:sbc.example:5070\"\nusername = \"acme\"\npassword = \"secret\"\n\
         register = true",
    );
    let registration = trunk.registration.as_ref().unwrap();
    assert_eq!(registration.registrar, "sip:sbc.example:5070");
    assert_eq!((&*registration.user, &*registration.domain), ("acme", "sbc.example"));
    assert_eq!(registration.expires_s, 600);
    assert_eq!(trunk.from_domain.as_deref(), Some("sbc.example"));
    let credentials = trunk.credentials.as_ref().unwrap();
    assert_eq!((&*credentials.username, &*credentials.password), ("acme", "secret"));
    assert_eq!(credentials.realm, None);
    assert!(!format!("{trunk:?}").contains("secret"), "{trunk:?}");
}

#[test]
fn every_key_has_its_meaning() {
    let trunk = trunk(
        r#"
gateways = [
    { uri = "sip:a.example", priority = 1, weight = 2 },
    { uri = "sip:b.example" },
    { uri = "sip:c.example", enabled = false },
]
username = "acme"
password = "secret"
realm = "carrier.example"
register = true
registrar = "sip:reg.example"
register_expires = "1h"
from_user = "+815012345678"
from_domain = "Carrier.example"
users = [{ username = "carrier", password = "secret" }]
send_plus = false
strip_prefix = "+81"
add_prefix = "0"
caller_id = "+815012345678"
identity = "rpid"
options_interval = "0s"
refer = true
"#,
    );
    let gateways = trunk.gateways.iter().map(|g| (&*g.uri, g.priority, g.weight));
    assert!(gateways.eq([("sip:a.example", 1, 2), ("sip:b.example", 10, 10)]));
    let registration = trunk.registration.as_ref().unwrap();
    assert_eq!((&*registration.registrar, registration.expires_s), ("sip:reg.example", 3_600));
    assert_eq!(registration.user, "+815012345678");
    assert_eq!(registration.domain, "carrier.example");
    assert_eq!(trunk.credentials.as_ref().unwrap().realm.as_deref(), Some("carrier.example"));
    let notation = &trunk.notation;
    assert_eq!((notation.plus, &*notation.strip, &*notation.add), (false, "+81", "0"));
    assert_eq!((trunk.identity, trunk.options_interval), (Identity::Rpid, None));
    assert_eq!(trunk.caller_id.as_deref(), Some("+815012345678"));
    // echo -n carrier:legwork-trunks:secret | md5sum
    assert_eq!(trunk.users[0].ha1_md5, "6d174f19a96fa88f017124594a582ef2");
    assert!(trunk.refer);
}

#[test]
fn what_is_wrong_with_a_trunk_is_said_with_its_place() {
    let uri = "uri = \"sip:t.example\"\n";
    let table = [
        (String::new(), "5:8: missing-key: the key `uri` (or `gateways`) is missing here"),
        (format!("{uri}gateways = []"), "7:12: bad-value: write uri or gateways, not both"),
        ("gateways = []".to_owned(), "6:12: bad-value: write 1 to 16 gateways"),
        (
            "gateways = [{ uri = \"sip:a\", enabled = false }]".to_owned(),
            "6:12: bad-value: write 1 to 16 gateways",
        ),
        (
            "gateways = [{ uri = \"sip:a\", wieght = 1 }]".to_owned(),
            "6:30: unknown-key: unknown key `wieght`; write `weight`",
        ),
        (
            "gateways = [{ uri = \"sip:a\", weight = 0 }]".to_owned(),
            "6:39: bad-value: 0 is out of range",
        ),
        (
            "gateways = [{ uri = \"sip:a\" }, { uri = \"sip:a\" }]".to_owned(),
            "6:40: reference: this gateway is here twice",
        ),
        ("uri = \"sip:a?x=y\"".to_owned(), "6:7: bad-value: a gateway has no headers"),
        (format!("{uri}username = \"a\""), "7:12: missing-key: a username needs a password"),
        (format!("{uri}password = \"a\""), "7:12: missing-key: a password needs a username"),
        (format!("{uri}realm = \"a\""), "7:9: missing-key: a realm needs username and password"),
        (format!("{uri}register = true"), "5:8: missing-key: register = true needs a username"),
        (
            format!("{uri}registrar = \"sip:r\""),
            "7:13: missing-key: registrar needs register = true",
        ),
        (
            format!("{uri}register_expires = \"60s\""),
            "7:20: missing-key: register_expires needs register = true",
        ),
        (
            format!("{uri}username = \"a\"\npassword = 271828"),
            "8:12: bad-value: invalid type: a number, expected a string",
        ),
        (
            format!("{uri}username = \"a\"\npassword = 271.828"),
            "8:12: bad-value: invalid type: a number, expected a string",
        ),
        (
            "gateways = [{ uri = \"sip:a\", priority = -1 }]".to_owned(),
            "6:41: bad-value: invalid value: integer `-1`",
        ),
        (format!("{uri}register_expires = \"59s\""), "7:20: bad-value: out of range"),
        (format!("{uri}register_expires = \"86401s\""), "7:20: bad-value: out of range"),
        (format!("{uri}from_user = \"a@b\""), "7:13: bad-value: that can not stand before"),
        (format!("{uri}options_interval = \"4s\""), "7:20: bad-value: out of range"),
        (format!("{uri}identity = \"pia\""), "7:12: bad-value: `pia` is not one of \"pai\""),
        (format!("{uri}caller_id = \"0312\""), "7:13: bad-value: `0312` is not a number in E.164"),
        (format!("{uri}strip_prefix = \"x\""), "7:16: bad-value: `x` is not the start of a number"),
        (
            format!("{uri}optoins_interval = \"4s\""),
            "7:1: unknown-key: unknown key `optoins_interval`",
        ),
        (
            format!("{uri}[[trunk]]\nname = \"t\"\n{uri}"),
            "8:8: reference: this trunk is here twice",
        ),
    ];
    for (rest, expected) in table {
        let found = problems(&format!("[[trunk]]\nname = \"t\"\n{rest}"));
        assert!(found.starts_with(expected), "{rest}\n{found}");
    }
}

#[test]
fn a_trunk_has_a_name_and_two_brackets() {
    let nameless = problems("[[trunk]]\nname = \"\"\nuri = \"sip:a\"");
    assert!(nameless.starts_with("5:8: bad-value: a trunk has a name"), "{nameless}");
    let alone = problems("[trunk]\nname = \"a\"\nuri = \"sip:a\"");
    assert!(alone.starts_with("4:1: bad-value: there may be several"), "{alone}");
}

#[test]
fn usernames_of_callers_are_of_one_trunk() {
    let user = "users = [{ username = \"c\", password = \"p\" }]";
    let found = problems(&format!(
        "[[trunk]]\nname = \"a\"\nuri = \"sip:a\"\n{user}\n[[trunk]]\nname = \"b\"\n\
         uri = \"sip:b\"\n{user}"
    ));
    assert!(found.starts_with("11:23: reference: this username is here twice"), "{found}");
}

#[test]
fn trunks_and_gateways_have_a_greatest_number() {
    let trunks = |count: usize| -> String {
        (0..count).map(|n| format!("[[trunk]]\nname = \"t{n}\"\nuri = \"sip:t\"\n")).collect()
    };
    assert_eq!(problems(&trunks(TRUNKS_MAX)), "");
    assert!(problems(&trunks(TRUNKS_MAX + 1)).contains("bad-value: write at most 256 trunks"));
    let gateways = |count: usize| {
        let gateways: Vec<_> = (0..count).map(|n| format!("{{ uri = \"sip:g{n}\" }}")).collect();
        format!("[[trunk]]\nname = \"t\"\ngateways = [{}]", gateways.join(", "))
    };
    assert_eq!(problems(&gateways(GATEWAYS_MAX)), "");
    assert!(problems(&gateways(GATEWAYS_MAX + 1)).contains("write 1 to 16 gateways"));
}
