//! Digest against published vectors, against itself, and against replay.
//!
//! Source: RFC 2617 §3.5 and RFC 7616 §3.9.1 (vectors), RFC 8760.

use super::*;
use crate::message::Builder;
use crate::{Method, Status};

const NOW: u64 = 1_000_000;
const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9));

fn challenger() -> Challenger {
    Challenger::new("example.com", [7; 32])
}

fn ha1() -> Ha1 {
    Ha1::new("agent-a", "example.com", "secret")
}

/// The 401 a client would get.
fn challenged(values: &[String]) -> Message {
    let mut built = Builder::response(Status::UNAUTHORIZED);
    for value in values {
        built.header("WWW-Authenticate", value);
    }
    Message::parse(built.finish()).unwrap()
}

fn register(authorization: &[u8]) -> Message {
    let mut built = Builder::request(Method::Register, "sip:example.com");
    built.header("Authorization", authorization);
    Message::parse(built.finish()).unwrap()
}

fn answer(challenge: &Challenge, nc: u32) -> Vec<u8> {
    let ha1 = ha1();
    let answer = Answer {
        username: "agent-a",
        ha1: &ha1,
        method: "REGISTER",
        uri: "sip:example.com",
        cnonce: "c0ffee",
        nc,
    };
    challenge.answer(&answer).unwrap()
}

fn check(challenger: &mut Challenger, now_s: u64, authorization: &[u8]) -> Option<Outcome> {
    let request = register(authorization);
    let credentials = challenger.authorization(&request, Name::Authorization)?;
    Some(challenger.check(now_s, &request, &credentials, &ha1()))
}

#[test]
fn published_vectors() {
    let ask = |algorithm, nonce: &'static [u8], ha1: &str, count| {
        response(&Question {
            algorithm,
            ha1,
            method: b"GET",
            uri: b"/dir/index.html",
            nonce,
            count: Some(count),
        })
    };
    let old = Ha1::new("Mufasa", "testrealm@host.com", "Circle Of Life");
    assert_eq!(
        ask(
            Algorithm::Md5,
            b"dcd98b7102dd2f0e8b11d0f600bfb0c093",
            &old.md5,
            (b"00000001", b"0a4f113b")
        ),
        "6629fae49393a05397450978507c4ef1"
    );
    let new = Ha1::new("Mufasa", "http-auth@example.org", "Circle of Life");
    let nonce = b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    let count: (&[u8], &[u8]) = (b"00000001", b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    assert_eq!(ask(Algorithm::Md5, nonce, &new.md5, count), "8ca523f5e9506fed4657c9700eebdbec");
    assert_eq!(
        ask(Algorithm::Sha256, nonce, &new.sha256, count),
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    );
}

#[test]
fn sha_256_stands_first_and_is_preferred_in_any_order() {
    let mut values = challenger().challenge(NOW, PEER, false);
    assert!(values[0].contains("algorithm=SHA-256") && values[1].contains("algorithm=MD5"));
    assert!(values.iter().all(|v| v.contains("qop=\"auth\"") && !v.contains("stale")));
    values.reverse();
    let best = Challenge::best(&challenged(&values), Name::WwwAuthenticate, None).unwrap();
    assert_eq!((best.algorithm, best.realm.as_str()), (Algorithm::Sha256, "example.com"));
    assert!(challenger().challenge(NOW, PEER, true)[1].ends_with("stale=true"));
}

#[test]
fn right_answers_once_each() {
    let mut challenger = challenger();
    for only in [0, 1] {
        let values = challenger.challenge(NOW, PEER, false);
        let challenge =
            Challenge::best(&challenged(&values[only..=only]), Name::WwwAuthenticate, None)
                .unwrap();
        for (nc, expected) in [
            (1, Outcome::Accepted),
            (1, Outcome::Stale),
            (3, Outcome::Accepted),
            (2, Outcome::Accepted),
            (2, Outcome::Stale),
            (100, Outcome::Accepted),
            (4, Outcome::Stale),
        ] {
            let outcome = check(&mut challenger, NOW + 5, &answer(&challenge, nc));
            assert_eq!(outcome, Some(expected), "nc {nc}");
        }
    }
    assert_eq!(challenger.remembered(), 2);
}

#[test]
fn an_answer_without_qop_uses_the_nonce_up() {
    let mut challenger = challenger();
    let [_, md5] = challenger.challenge(NOW, PEER, false);
    let old = md5.replace(", qop=\"auth\"", "");
    let challenge = Challenge::best(&challenged(&[old]), Name::WwwAuthenticate, None).unwrap();
    let value = answer(&challenge, 1);
    assert!(!value.escape_ascii().to_string().contains("qop"));
    assert_eq!(check(&mut challenger, NOW, &value), Some(Outcome::Accepted));
    assert_eq!(check(&mut challenger, NOW, &value), Some(Outcome::Stale));
    let mut mixed = challenge;
    mixed.qop = true;
    assert_eq!(check(&mut challenger, NOW, &answer(&mixed, 1)), Some(Outcome::Accepted));
}

#[test]
fn wrong_answers() {
    let mut challenger = challenger();
    let values = challenger.challenge(NOW, PEER, false);
    let challenge = Challenge::best(&challenged(&values), Name::WwwAuthenticate, None).unwrap();
    let good = String::from_utf8(answer(&challenge, 1)).unwrap();
    let nonce = String::from_utf8(challenge.nonce.clone()).unwrap();
    let flipped = nonce.replace(&nonce[40..41], if &nonce[40..41] == "0" { "1" } else { "0" });
    let table = [
        ("another nonce", good.replace(&nonce, &flipped), Some(Outcome::Refused)),
        (
            "another user's answer",
            good.replace("response=\"", "response=\"0"),
            Some(Outcome::Refused),
        ),
        (
            "another target",
            good.replace("uri=\"sip:example.com", "uri=\"sip:example.net"),
            Some(Outcome::Refused),
        ),
        ("another realm", good.replace("example.com\", nonce", "example.net\", nonce"), None),
        ("another scheme", good.replace("Digest", "Basic"), None),
        ("another algorithm", good.replace("SHA-256", "SHA-512-256"), None),
        ("session algorithm", good.replace("SHA-256", "MD5-sess"), None),
        ("auth-int", good.replace("qop=auth", "qop=auth-int"), None),
        ("a count of 0", good.replace("nc=00000001", "nc=00000000"), None),
        ("a count that is none", good.replace("nc=00000001", "nc=+0000001"), None),
        ("no count", good.replace(", nc=00000001", ""), None),
        ("no nonce", good.replace("nonce=\"", "nones=\""), None),
        ("nothing", "Digest".to_owned(), None),
        ("garbage", "NoOneKnowsThisScheme opaque-data=here".to_owned(), None),
    ];
    for (what, value, expected) in table {
        assert_ne!(value, good, "{what}");
        assert_eq!(check(&mut challenger, NOW, value.as_bytes()), expected, "{what}");
    }
    assert_eq!(challenger.remembered(), 0, "wrong answers leave nothing behind");
    assert_eq!(check(&mut challenger, NOW, good.as_bytes()), Some(Outcome::Accepted));
}

/// Phones go on with the nonce they have: after a restart they are to be asked again, not refused.
#[test]
fn a_nonce_from_before_a_restart_is_stale() {
    let values = Challenger::new("example.com", [8; 32]).challenge(NOW, PEER, false);
    let challenge = Challenge::best(&challenged(&values), Name::WwwAuthenticate, None).unwrap();
    let good = String::from_utf8(answer(&challenge, 2)).unwrap();
    let wrong = good.replace("response=\"", "response=\"0");
    assert_eq!(check(&mut challenger(), NOW, good.as_bytes()), Some(Outcome::Stale));
    assert_eq!(check(&mut challenger(), NOW, wrong.as_bytes()), Some(Outcome::Refused));
}

#[test]
fn the_password_decides() {
    let mut challenger = challenger();
    let values = challenger.challenge(NOW, PEER, false);
    let challenge = Challenge::best(&challenged(&values), Name::WwwAuthenticate, None).unwrap();
    let request = register(&answer(&challenge, 1));
    let credentials = challenger.authorization(&request, Name::Authorization).unwrap();
    assert_eq!(credentials.username, "agent-a");
    let other = Ha1::new("agent-a", "example.com", "Secret");
    assert_eq!(challenger.check(NOW, &request, &credentials, &other), Outcome::Refused);
    assert_eq!(format!("{other:?}"), "Ha1(…)");
}

#[test]
fn nonces_age() {
    let mut challenger = challenger();
    let values = challenger.challenge(NOW, PEER, false);
    let challenge = Challenge::best(&challenged(&values), Name::WwwAuthenticate, None).unwrap();
    let at = |challenger: &mut Challenger, now, nc| check(challenger, now, &answer(&challenge, nc));
    let last = NOW + limit::NONCE_LIFETIME_S;
    assert_eq!(at(&mut challenger, last, 1), Some(Outcome::Accepted));
    assert_eq!(at(&mut challenger, last + 1, 2), Some(Outcome::Stale));
    assert_eq!(at(&mut challenger, NOW - 1, 2), Some(Outcome::Stale));
}

#[test]
fn counts_are_remembered_for_a_bounded_number_of_nonces() {
    let mut challenger = challenger();
    let first = challenger.challenge(NOW, PEER, false);
    for number in 1..=limit::NONCES_MAX as u64 {
        assert!(challenger.count(number, 1));
    }
    assert_eq!(challenger.remembered(), limit::NONCES_MAX);
    assert!(!challenger.count(1, 1));
    assert!(challenger.count(limit::NONCES_MAX as u64 + 1, 1));
    assert_eq!(challenger.remembered(), limit::NONCES_MAX);
    let challenge = Challenge::best(&challenged(&first), Name::WwwAuthenticate, None).unwrap();
    let outcome = check(&mut challenger, NOW, &answer(&challenge, 2));
    assert_eq!(outcome, Some(Outcome::Stale), "a forgotten nonce can not be replayed");
}

#[test]
fn challenges_we_can_not_answer() {
    for value in [
        "Basic realm=\"x\"",
        "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256",
        "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"x\"",
        "Digest nonce=\"n\"",
        "Digest realm=\"x\\\"y\", nonce=\"n\"",
    ] {
        let response = challenged(&[value.to_owned()]);
        assert_eq!(Challenge::best(&response, Name::WwwAuthenticate, None), None, "{value}");
    }
    let offered =
        "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int, auth\", opaque=\"o\", stale=TRUE";
    let response = challenged(&[offered.to_owned()]);
    let challenge = Challenge::best(&response, Name::WwwAuthenticate, None).unwrap();
    assert!(challenge.stale && challenge.qop);
    assert!(answer(&challenge, 1).ends_with(b", opaque=\"o\""));
    let ha1 = ha1();
    let quoted =
        Answer { username: "a\"b", ha1: &ha1, method: "INVITE", uri: "sip:h", cnonce: "c", nc: 1 };
    assert_eq!(challenge.answer(&quoted), None);
}

#[test]
fn a_nonce_tells_whom_it_was_given_to() {
    let mut challenger = challenger();
    let given_to = |challenger: &Challenger, values: &[String], from: &str, to: &str| {
        let response = challenged(values);
        let challenge = Challenge::best(&response, Name::WwwAuthenticate, None).unwrap();
        let value = String::from_utf8(answer(&challenge, 1)).unwrap().replace(from, to);
        let request = register(value.as_bytes());
        challenger.given_to(&challenger.authorization(&request, Name::Authorization).unwrap())
    };
    for peer in ["192.0.2.9", "2001:db8::9"].map(|ip| ip.parse().unwrap()) {
        let values = challenger.challenge(NOW, peer, false);
        assert_eq!(given_to(&challenger, &values, "", ""), Some(peer));
        // Another address, another secret, no nonce at all.
        assert_eq!(given_to(&challenger, &values, "09", "08"), None);
        let other = Challenger::new("example.com", [8; 32]);
        assert_eq!(given_to(&other, &values, "", ""), None);
        assert_eq!(given_to(&challenger, &values, "nonce=\"", "nonce=\"+"), None);
    }
    let mapped = "::ffff:192.0.2.9".parse().unwrap();
    let values = challenger.challenge(NOW, mapped, false);
    assert_eq!(given_to(&challenger, &values, "", ""), Some(PEER));
}
