//! Searches in small zones: what is asked, and which targets come of it.
//!
//! Source: the examples of RFC 3263 §4 and RFC 2782.

use super::*;

const ALL: Ours = Ours { udp: true, tcp: true, ipv4: true, ipv6: false };

/// A zone: `naptr example.com 50 50 s SIP+D2T _sip._tcp.example.com`,
/// `srv _sip._tcp.example.com 0 1 5060 server1.example.com`, `a server1.example.com 192.0.2.1`.
fn ask(zone: &str, question: &Question) -> Answer {
    let kind = match question.kind {
        Kind::Naptr => "naptr",
        Kind::Srv => "srv",
        Kind::A => "a",
        Kind::Aaaa => "aaaa",
    };
    let rows = zone.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mine = rows.filter(|row| row.len() > 2 && row[0] == kind && row[1] == question.name);
    let n = |text: &str| text.parse().unwrap();
    match question.kind {
        Kind::Naptr => Answer::Naptr(
            mine.map(|row| Naptr {
                order: n(row[2]),
                preference: n(row[3]),
                flags: row[4].to_owned(),
                services: row[5].to_owned(),
                replacement: row[6].to_owned(),
            })
            .collect(),
        ),
        Kind::Srv => Answer::Srv(
            mine.map(|row| Srv {
                priority: n(row[2]),
                weight: n(row[3]),
                port: n(row[4]),
                host: row[5].to_owned(),
            })
            .collect(),
        ),
        Kind::A | Kind::Aaaa => {
            Answer::Addresses(mine.map(|row| row[2].parse().unwrap()).collect())
        }
    }
}

/// `questions → targets`, each in order.
fn search(zone: &str, uri: &str, ours: Ours) -> String {
    let (uri, transport) = uri.split_once(';').unwrap_or((uri, ""));
    let (host, port) = match uri.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ip, rest)) => (ip, rest.strip_prefix(':')),
        None => uri.split_once(':').map_or((uri, None), |(host, port)| (host, Some(port))),
    };
    let place = Place {
        host: host.to_owned(),
        port: port.map(|port| port.parse().unwrap()),
        transport: match transport {
            "tcp" => Some(Transport::Tcp),
            "udp" => Some(Transport::Udp),
            _ => None,
        },
    };
    let mut search = Search::new(place, ours, 1);
    let mut said = Vec::new();
    loop {
        let questions = search.questions();
        if questions.is_empty() {
            break;
        }
        said.extend(questions.iter().map(|q| format!("{:?} {}", q.kind, q.name)));
        search.answers(questions.iter().map(|question| ask(zone, question)).collect());
    }
    let targets = search.targets();
    let targets = targets.iter().map(|(t, at)| format!("{t:?} {at}").to_lowercase());
    format!("{} -> {}", said.join(", "), targets.collect::<Vec<_>>().join(", "))
}

/// RFC 3263 §4.1 and §4.2, with the domain of its example.
const EXAMPLE: &str = "
    naptr example.com 50 50 s SIPS+D2T _sips._tcp.example.com.
    naptr example.com 90 50 s SIP+D2T _sip._tcp.example.com.
    naptr example.com 100 50 s SIP+D2U _sip._udp.example.com.
    srv _sip._tcp.example.com 0 1 5060 server1.example.com.
    srv _sip._tcp.example.com 0 2 5060 server2.example.com.
    srv _sip._udp.example.com 0 1 5062 server1.example.com.
    a server1.example.com 192.0.2.1
    a server2.example.com 192.0.2.2
    aaaa server2.example.com 2001:db8::2
    a example.com 192.0.2.9
";

#[test]
fn what_a_uri_says_decides_what_is_asked() {
    let tcp = "A server1.example.com, A server2.example.com -> \
               tcp 192.0.2.1:5060, tcp 192.0.2.2:5060";
    let table = [
        ("192.0.2.7", "-> udp 192.0.2.7:5060"),
        ("192.0.2.7:5070;tcp", "-> tcp 192.0.2.7:5070"),
        ("[2001:db8::7]:5070", "->"),
        ("example.com:5070", "A example.com -> udp 192.0.2.9:5070"),
        ("example.com:5070;tcp", "A example.com -> tcp 192.0.2.9:5070"),
        ("example.com;tcp", &format!("Srv _sip._tcp.example.com, {tcp}")),
        (
            "EXAMPLE.com.",
            "Naptr example.com, Srv _sip._tcp.example.com, Srv _sip._udp.example.com, \
             A server1.example.com, A server2.example.com -> \
             tcp 192.0.2.1:5060, tcp 192.0.2.2:5060, udp 192.0.2.1:5062",
        ),
        ("nobody.example:5060", "A nobody.example ->"),
        ("nobody..example", "->"),
        ("no body", "->"),
        ("", "->"),
    ];
    for (uri, expected) in table {
        assert_eq!(search(EXAMPLE, uri, ALL).trim(), expected, "{uri}");
    }
}

#[test]
fn what_is_missing_is_made_up_for() {
    let services = "Srv _sip._udp.d.example, Srv _sip._tcp.d.example";
    let table = [
        // No NAPTR: every transport of ours is asked for; no SRV either: the host itself, over UDP.
        ("a d.example 192.0.2.1", format!("{services}, A d.example -> udp 192.0.2.1:5060")),
        (
            "srv _sip._tcp.d.example 1 1 5070 h.example\na h.example 192.0.2.1",
            format!("{services}, A h.example -> tcp 192.0.2.1:5070"),
        ),
        // Decidedly not there.
        ("srv _sip._udp.d.example 0 0 5060 .\na d.example 192.0.2.1", format!("{services} ->")),
        ("srv _sip._udp.d.example 0 0 0 h.example", format!("{services} ->")),
        // NAPTR of something else than SIP says nothing; of SIP over what we do not have, enough.
        (
            "naptr d.example 1 1 u E2U+sip x.example\na d.example 192.0.2.1",
            format!("{services}, A d.example -> udp 192.0.2.1:5060"),
        ),
        ("naptr d.example 1 1 s SIPS+D2T _sips._tcp.d.example\na d.example 192.0.2.1", "->".into()),
        ("naptr d.example 1 1 a SIP+D2U d.example\na d.example 192.0.2.1", "->".into()),
        // The same address twice is one target.
        (
            "srv _sip._udp.d.example 1 1 5060 h.example\nsrv _sip._udp.d.example 2 1 5060 i.example\n\
             a h.example 192.0.2.1\na i.example 192.0.2.1",
            format!("{services}, A h.example, A i.example -> udp 192.0.2.1:5060"),
        ),
    ];
    for (zone, expected) in table {
        let expected = format!("Naptr d.example, {expected}").replace(", ->", " ->");
        assert_eq!(search(zone, "d.example", ALL).trim(), expected, "{zone}");
    }
}

#[test]
fn only_what_we_can_send_on_is_asked_for() {
    let udp = Ours { tcp: false, ..ALL };
    let tcp = Ours { udp: false, ..ALL };
    let both = Ours { ipv6: true, ..ALL };
    let v6 = Ours { ipv4: false, ipv6: true, ..ALL };
    let table = [
        (udp, "example.com;tcp", "->"),
        (udp, "192.0.2.1;tcp", "->"),
        (udp, "example.com:5070;tcp", "->"),
        (
            udp,
            "example.com",
            "Naptr example.com, Srv _sip._udp.example.com, A server1.example.com -> \
             udp 192.0.2.1:5062",
        ),
        (
            tcp,
            "nobody.example",
            "Naptr nobody.example, Srv _sip._tcp.nobody.example, A nobody.example ->",
        ),
        (v6, "192.0.2.1", "->"),
        (v6, "[2001:db8::1]", "-> udp [2001:db8::1]:5060"),
        (v6, "server2.example.com:5060", "Aaaa server2.example.com -> udp [2001:db8::2]:5060"),
        (
            both,
            "server2.example.com:5060",
            "A server2.example.com, Aaaa server2.example.com -> \
             udp 192.0.2.2:5060, udp [2001:db8::2]:5060",
        ),
    ];
    for (ours, uri, expected) in table {
        assert_eq!(search(EXAMPLE, uri, ours).trim(), expected, "{uri}");
    }
}

#[test]
fn hosts_and_targets_are_bounded() {
    let mut zone = String::new();
    for i in 0..100 {
        zone += &format!("srv _sip._udp.d.example {i} 1 5060 h{i}.example\n");
        for j in 0..20 {
            zone += &format!("a h{i}.example 192.0.{i}.{j}\n");
        }
    }
    let said = search(&zone, "d.example;udp", ALL);
    assert_eq!(said.matches("A h").count(), limit::TARGETS_MAX);
    assert_eq!(said.matches("udp 192").count(), limit::TARGETS_MAX);
    assert!(said.contains("udp 192.0.0.7:5060"), "{said}");
    let mut services = String::new();
    for i in 0..20 {
        services += &format!("naptr d.example {i} 1 s SIP+D2U _sip{i}.d.example\n");
    }
    let said = search(&services, "d.example", ALL);
    assert_eq!(said.matches("Srv ").count(), limit::SERVICES_MAX, "{said}");
}

#[test]
fn answers_of_the_wrong_kind_or_none_count_as_empty() {
    let place = Place { host: "d.example".to_owned(), port: None, transport: None };
    let mut search = Search::new(place, ALL, 1);
    search.answers(vec![Answer::Addresses(vec![[192, 0, 2, 1].into()])]);
    assert_eq!(search.questions().len(), 2);
    search.answers(Vec::new());
    assert_eq!(search.questions().len(), 1);
    search.answers(vec![Answer::Srv(Vec::new())]);
    assert_eq!(search.questions(), []);
    assert_eq!(search.targets(), []);
}

#[test]
fn priority_comes_before_chance() {
    let ranked = |priority, weight, what| Ranked { priority, weight, what };
    let of = || vec![ranked(20, 9, 'c'), ranked(10, 0, 'a'), ranked(10, 9, 'b')];
    // 0 draws what has no weight; every other number what has.
    assert_eq!(order(of(), |_| 0), ['a', 'b', 'c']);
    assert_eq!(order(of(), |n| n - 1), ['b', 'a', 'c']);
    assert_eq!(order(Vec::<Ranked<char>>::new(), |n| n - 1), []);
    assert_eq!(order(vec![ranked(1, 65_535, 'x')], |n| n - 1), ['x']);
}

#[test]
fn weights_share_out_the_first_place() {
    let mut random = 7;
    let mut first = [0_u32; 3];
    for _ in 0..10_000 {
        let ranked = [(60, 0), (30, 1), (10, 2)]
            .map(|(weight, what)| Ranked { priority: 1, weight, what })
            .to_vec();
        first[order(ranked, |n| draw(&mut random, n))[0]] += 1;
    }
    for (count, share) in first.into_iter().zip([6_000, 3_000, 1_000]) {
        assert!(count.abs_diff(share) < 300, "{first:?}");
    }
}
