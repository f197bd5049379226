//! `<Sip>`: which URIs and headers are sent, and what is said of the others.
//!
//! Source: Twilio, "TwiML Voice: Sip"; twilio-voice.md 5.4.

use super::{alerts, called, dialled};

#[test]
fn a_uri_that_is_none_is_not_called_and_the_dial_goes_on() {
    let long = format!("sip:{}@agent-a", "u".repeat(300));
    let many = format!("sip:agent-a?X-A={}", "v".repeat(1024));
    let table = [
        ("x", "13243 warning"),
        ("http://agent-a", "13243 warning"),
        ("tel:+15551234567", "13243 warning"),
        ("sip:", "13243 warning"),
        ("sip:a@agent-a:0", "13243 warning"),
        (&long, "13243 warning"),
        (&many, "13253 warning"),
        ("sip:agent-a?X-A=%", "32110 warning"),
        ("sip:agent-a;transport=tls", "32114 warning"),
        ("sip:agent-a;transport=sctp", "32114 warning"),
        ("sips:agent-a", "32114 warning"),
        ("sip:agent-a;secure=true", "32114 warning"),
        ("sip:bank.example.com", "32223 error"),
        ("sip:nobody@bank.example.com", "32009 error"),
        ("sip:x@nowhere.example.net", "13254 error"),
    ];
    for (uri, alert) in table {
        let world = dialled(&format!(r#"<Dial action="/after"><Sip>{uri}</Sip></Dial>"#));
        let alerts = alerts(&world);
        assert!(alerts.iter().all(|raised| raised == alert), "{uri}: {alerts:?}");
        assert!(!alerts.is_empty(), "{uri}");
        assert_eq!(called(&world), [""; 0], "{uri}");
        let ladder = world.ladder.print();
        assert!(ladder.contains("POST /after  DialCallStatus=failed"), "{uri}\n{ladder}");
    }
}

#[test]
fn what_is_for_us_is_not_sent_on() {
    let table = [
        ("sip:a@agent-a", "sip:a@agent-a", ""),
        ("sip:agent-a;user=phone;x=1", "sip:agent-a;user=phone;x=1", ""),
        ("sip:agent-a;region=us1;edge=dublin", "sip:agent-a", ""),
        ("sip:agent-a;secure=false", "sip:agent-a", ""),
        ("sip:agent-a;secure=perhaps", "sip:agent-a", "32114 warning"),
        ("sip:agent-a;transport=udp", "sip:agent-a;transport=udp", ""),
        ("sip:agent-a;method=INVITE?X-A=1", "sip:agent-a", ""),
    ];
    for (uri, sent, alert) in table {
        let world = dialled(&format!("<Dial><Sip>{uri}</Sip></Dial>"));
        let invite = world.sent_to("agent-a", "INVITE").next().unwrap();
        assert_eq!((invite.uri(), alerts(&world).join(",").as_str()), (sent, alert), "{uri}");
    }
}

#[test]
fn headers_that_may_be_sent_are() {
    let header = |name: &str, value: &str| {
        let header = format!("<Header name=\"{name}\" value=\"{value}\"/>");
        format!("<Sip>sip:agent-a<Headers>{header}</Headers></Sip>")
    };
    let in_uri = |headers: &str| format!("<Sip>sip:agent-a?{headers}</Sip>");
    let table: Vec<(String, &[&str], &str)> = vec![
        (in_uri("X-A=1&amp;x-b=2"), &["X-A: 1", "x-b: 2"], ""),
        (in_uri("User-to-User=00%3Bencoding%3Dhex"), &["User-to-User: 00;encoding=hex"], ""),
        (in_uri("X-A=%2541"), &["X-A: %41"], ""),
        (in_uri("X-Twilio-CallSid=CA1&amp;X-A=1"), &["X-A: 1"], "32113 warning"),
        (in_uri("Route=x&amp;Via=x&amp;Contact=x&amp;X-A=1"), &["X-A: 1"], "32113 warning"),
        (in_uri("X-A=1%0D%0ARoute%3A%20x&amp;X-B=1"), &["X-B: 1"], "32112 warning"),
        (in_uri("X%20A=1&amp;X-B=1"), &["X-B: 1"], "32111 warning"),
        (header("X-A", "1"), &["X-A: 1"], ""),
        (header("Remote-Party-ID", "&lt;sip:a@b&gt;"), &["Remote-Party-ID: <sip:a@b>"], ""),
        (header("x-twilio-a", "1"), &[], "32113 warning"),
        (header("Contact", "x"), &[], "32113 warning"),
        (header("X-A", "1&#13;&#10;Route: x"), &[], "32112 warning"),
        (
            "<Sip>sip:agent-a?X-A=1<Headers><Header name='X-B' value='2'/></Headers></Sip>".into(),
            &["X-B: 2", "X-A: 1"],
            "",
        ),
    ];
    for (noun, lines, alert) in table {
        let world = dialled(&format!("<Dial>{noun}</Dial>"));
        let invite = world.sent_to("agent-a", "INVITE").next().unwrap();
        assert_eq!(invite.added_lines(), lines, "{noun}");
        assert_eq!(alerts(&world).join(","), alert, "{noun}");
    }
}

#[test]
fn each_of_several_uris_has_headers_of_its_own() {
    let world = legwork_sim::script::play(
        "app /voice <Dial><Sip><Uri>sip:agent-a?X-A=1</Uri><Uri priority='11'>sip:agent-b?X-B=2</Uri>\
         <Headers><Header name='X-C' value='3'/></Headers></Sip></Dial>
        usera calls, agent-a refuses 503, agent-b rings",
    );
    for (name, own) in [("agent-a", "X-A: 1"), ("agent-b", "X-B: 2")] {
        let invite = world.sent_to(name, "INVITE").next().unwrap();
        assert_eq!(invite.added_lines(), ["X-C: 3", own]);
    }
}

#[test]
fn headers_that_no_noun_may_have_stop_it() {
    let header = |name: &str, value: &str| format!("<Header name='{name}' value='{value}'/>");
    let table = [
        (header("X A", "1"), "13252 warning"),
        (header("", "1"), "13252 warning"),
        (header("X-A", "1").repeat(21), "13251 warning"),
        (header("X-A", &"v".repeat(1024)), "13253 warning"),
    ];
    for (headers, alert) in table {
        let noun = format!("<Sip>sip:agent-a<Headers>{headers}</Headers></Sip>");
        let world = dialled(&format!(r#"<Dial action="/after">{noun}</Dial>"#));
        assert_eq!(called(&world), [""; 0], "{noun:.60}");
        assert_eq!(alerts(&world).first().map(String::as_str), Some(alert), "{noun:.60}");
        assert!(world.ladder.print().contains("DialCallStatus=failed"), "{noun:.60}");
    }
}

#[test]
fn a_client_gets_its_parameters_as_headers() {
    let table: &[(&str, &[&str], &str)] = &[
        ("", &[], ""),
        ("<Parameter name='FirstName' value='Jane'/>", &["X-FirstName: Jane"], ""),
        ("<Parameter name='X-Own' value='é'/>", &["X-Own: é"], ""),
        ("<Parameter name='a b' value='1'/>", &[], "32111 warning"),
        ("<Parameter name='Twilio-A' value='1'/>", &[], "32113 warning"),
        ("<Parameter name='a' value='1&#10;2'/>", &[], "32112 warning"),
    ];
    for (parameters, lines, alert) in table {
        let dial =
            format!("<Dial><Client><Identity>agent-a</Identity>{parameters}</Client></Dial>");
        let world = legwork_sim::script::play(&format!(
            "app /voice {dial}\nagent-a registers\nusera calls\nwait 1s"
        ));
        let invite = world.sent_to("agent-a", "INVITE").next().unwrap();
        assert_eq!(invite.added_lines(), *lines, "{parameters}");
        assert_eq!(alerts(&world).join(","), *alert, "{parameters}");
    }
    let world =
        dialled(&format!(r#"<Dial action="/after"><Client>{}</Client></Dial>"#, "é".repeat(257)));
    assert_eq!((called(&world), alerts(&world)[0].as_str()), (vec![], "12200 warning"));
}

#[test]
fn the_reason_of_a_call_is_its_subject() {
    let reason = |n: usize| format!(r#"callReason="{}""#, "é".repeat(n));
    for (attribute, subject, alert) in [
        (String::new(), vec![], ""),
        (r#"callReason="Your order""#.to_owned(), vec!["Subject: Your order".to_owned()], ""),
        (reason(50), vec![format!("Subject: {}", "é".repeat(50))], ""),
        (reason(51), vec![], "12200 warning"),
    ] {
        let dial = format!("<Dial {attribute}><Sip>sip:agent-a</Sip><Number>+1555</Number></Dial>");
        let world = dialled(&dial);
        for name in ["agent-a", "carrier"] {
            let invite = world.sent_to(name, "INVITE").next().unwrap();
            assert_eq!(invite.added_lines(), subject, "{name} {attribute}");
        }
        assert_eq!(alerts(&world).join(","), alert, "{attribute}");
    }
}

/// `X-Twilio-…` for the dialplans of PBXs, never towards the PSTN.
#[test]
fn peers_are_told_the_sids_of_the_call() {
    let world = legwork_sim::script::play(
        "app /voice <Dial><Sip>sip:agent-a</Sip><Client>agent-b</Client><Number>+1555</Number></Dial>
        show ParentCallSid
        agent-b registers
        usera calls
        wait 1s",
    );
    let line = |name: &'static str, header: &'static str| {
        let invite = world.sent_to(name, "INVITE").next().unwrap();
        invite.line(header).map(str::to_owned)
    };
    for name in ["agent-a", "agent-b"] {
        assert_eq!(line(name, "X-Twilio-ApiVersion").as_deref(), Some("2010-04-01"));
        let account = legwork_sim::script::ACCOUNT.to_string();
        assert_eq!(line(name, "X-Twilio-AccountSid"), Some(account));
        let sid = line(name, "X-Twilio-CallSid").unwrap();
        let call_id = world.sent_to(name, "INVITE").next().unwrap().call_id();
        assert_eq!(world.books.call(call_id).map(|row| row.sid.to_string()), Some(sid));
    }
    assert_eq!(line("carrier", "X-Twilio-CallSid"), None);
    assert_eq!(line("carrier", "X-Twilio-AccountSid"), None);
}
