//! Tests of nouns: each with everything it may have, its limits, and what leaves it out.

use crate::limit::{
    CALL_REASON_MAX, CREDENTIAL_MAX, HEADERS_MAX, IDENTITY_MAX, PARAMETERS_MAX, SEND_DIGITS_MAX,
    SIP_HEADERS_MAX, SIP_URI_MAX, URIS_MAX,
};
use crate::parse;
use crate::program::{
    Application, Ask, CallEvents, Client, Dial, Method, Noun, Nouns, Number, Sip, SipUri,
    StatusCallback, Verb, Whom,
};

/// `<Dial>` and the codes of its problems.
fn dial(inner: &str) -> (Dial, Vec<u32>) {
    let document = format!("<Response>{inner}</Response>");
    let (mut program, problems) = parse(document.as_bytes());
    let Verb::Dial(dial) = program.verbs.remove(0) else { panic!("{inner}") };
    (*dial, problems.iter().map(|problem| problem.code).collect())
}

fn ring(nouns: &str) -> (Vec<Noun>, Vec<u32>) {
    let (dial, codes) = dial(&format!("<Dial>{nouns}</Dial>"));
    match dial.nouns {
        Nouns::Ring(ring) => (ring, codes),
        other @ (Nouns::Unbuilt(_) | Nouns::Queue(_) | Nouns::Conference(_)) => panic!("{other:?}"),
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn one(noun: &str) -> Whom {
    let (mut ring, codes) = ring(noun);
    assert_eq!(codes, [], "{noun}");
    assert_eq!(ring.len(), 1, "{noun}");
    ring.remove(0).whom
}

fn uri(uri: &str, priority: u32, weight: u32, credentials: Option<(&str, &str)>) -> SipUri {
    let (username, password) = credentials.unzip();
    SipUri {
        uri: uri.to_owned(),
        priority,
        weight,
        username: username.map(str::to_owned),
        password: password.map(str::to_owned),
    }
}

#[test]
fn sip_with_one_uri_or_several_and_headers() {
    let cases = [
        (
            "<Sip username=' u ' password='p'> sip:a@b?x-a=1&amp;x-b=2 </Sip>",
            Sip {
                uris: vec![uri("sip:a@b?x-a=1&x-b=2", 10, 10, Some(("u", "p")))],
                headers: vec![],
            },
        ),
        (
            "<Sip username='u' password='p'>
               <Uri priority='2' weight='30'>sip:a@b</Uri>
               <Uri username='v' password='q'>sip:c@d</Uri>
               <Headers><!-- two --><Header name='X-A' value='1'/><Header name='X-B' value=' 2 '/></Headers>
             </Sip>",
            Sip {
                uris: vec![
                    uri("sip:a@b", 2, 30, Some(("u", "p"))),
                    uri("sip:c@d", 10, 10, Some(("v", "q"))),
                ],
                headers: owned(&[("X-A", "1"), ("X-B", "2")]),
            },
        ),
        (
            "<Sip>sip:a@b<Headers><Header name='User-to-User'/></Headers></Sip>",
            Sip {
                uris: vec![uri("sip:a@b", 10, 10, None)],
                headers: owned(&[("User-to-User", "")]),
            },
        ),
    ];
    for (noun, want) in cases {
        assert_eq!(one(noun), Whom::Sip(want), "{noun}");
    }
    let (beside, codes) = ring("<Sip>sip:a@b<Uri>sip:c@d</Uri></Sip>");
    let sip = Sip { uris: vec![uri("sip:a@b", 10, 10, None)], headers: vec![] };
    assert_eq!((beside, codes), (vec![Noun::of(Whom::Sip(sip))], vec![12_200]));
}

#[test]
fn clients_applications_sims_and_numbers() {
    let cases = [
        (
            "<Client><Identity> jane </Identity><Parameter name='a' value='b'/>\
             <Parameter name='c'/></Client>",
            Whom::Client(Client {
                identity: "jane".to_owned(),
                parameters: owned(&[("a", "b"), ("c", "")]),
            }),
        ),
        (
            "<Application><ApplicationSid>AP1</ApplicationSid>\
             <Parameter name='a' value='b'/></Application>",
            Whom::Application(Application {
                sid: "AP1".to_owned(),
                parameters: owned(&[("a", "b")]),
                ..Application::default()
            }),
        ),
        (
            "<Application>AP1</Application>",
            Whom::Application(Application { sid: "AP1".to_owned(), ..Application::default() }),
        ),
        ("<Sim> DE1 </Sim>", Whom::Sim("DE1".to_owned())),
        (
            "<Number sendDigits='ww12*#' byoc='BY1'>+1 555</Number>",
            Whom::Number(Number {
                number: "+1 555".to_owned(),
                send_digits: Some("ww12*#".to_owned()),
                byoc: Some("BY1".to_owned()),
            }),
        ),
    ];
    for (noun, want) in cases {
        assert_eq!(one(noun), want, "{noun}");
    }
}

#[test]
fn every_noun_has_its_screening_and_its_status() {
    let ask = |url: &str, method| Ask { url: url.to_owned(), method };
    let end = CallEvents { initiated: false, ringing: false, answered: false, completed: true };
    for (element, name) in [("Sip", "a"), ("Client", "a"), ("Number", "1")] {
        let noun = |attributes: &str| {
            let (mut ring, codes) = ring(&format!("<{element} {attributes}>{name}</{element}>"));
            assert_eq!(codes, [], "{element} {attributes}");
            ring.remove(0)
        };
        let plain = noun("method='GET' statusCallbackEvent='ringing' url='' statusCallback=' '");
        assert_eq!((plain.screen, plain.status), (None, None));
        let by_default = noun("url='/u' statusCallback='/s'");
        assert_eq!(by_default.screen, Some(ask("/u", Method::Post)));
        let status = StatusCallback { ask: ask("/s", Method::Post), events: end };
        assert_eq!(by_default.status, Some(status));
        let all = noun(
            "url='/u' method='get' statusCallback='/s' statusCallbackMethod='GET' \
             statusCallbackEvent='initiated  ringing answered'",
        );
        assert_eq!(all.screen, Some(ask("/u", Method::Get)));
        let events =
            CallEvents { initiated: true, ringing: true, answered: true, completed: false };
        assert_eq!(all.status, Some(StatusCallback { ask: ask("/s", Method::Get), events }));
    }
    let (ring, codes) = ring("<Number statusCallback='/s' statusCallbackEvent='ring'>1</Number>");
    assert_eq!(codes, [12_200]);
    assert_eq!(ring[0].status.as_ref().map(|status| status.events), Some(end));
}

#[test]
fn limits_of_nouns_at_the_edge() {
    let long = |n: usize| "a".repeat(n);
    let sip = |n: usize| format!("<Sip>{}</Sip>", long(n));
    let in_uri = |n: usize| format!("<Sip>a?{}</Sip>", long(n));
    let uris = |n: usize| format!("<Sip>{}</Sip>", "<Uri>sip:a@b</Uri>".repeat(n));
    let headers = |n: usize, value: usize| {
        let one = format!("<Header name='X' value='{}'/>", long(value));
        format!("<Sip>sip:a@b<Headers>{}</Headers></Sip>", one.repeat(n))
    };
    let named = |name: &str| {
        format!("<Sip>sip:a@b<Headers><Header name='{name}' value='1'/></Headers></Sip>")
    };
    let client = |n: usize| format!("<Client>{}</Client>", "é".repeat(n));
    let parameters =
        |n: usize| format!("<Client>a{}</Client>", "<Parameter name='a' value='b'/>".repeat(n));
    let digits = |digits: &str| format!("<Number sendDigits='{digits}'>1</Number>");
    let user = |n: usize| format!("<Sip username='{}'>a</Sip>", long(n));
    // What it holds, the codes, and whether it is dialled.
    let cases = [
        (sip(SIP_URI_MAX), vec![], true),
        (sip(SIP_URI_MAX + 1), vec![13_243], false),
        ("<Sip> </Sip>".to_owned(), vec![13_243], false),
        ("<Sip><Uri/><Uri>sip:a@b</Uri></Sip>".to_owned(), vec![13_243], false),
        (in_uri(SIP_HEADERS_MAX), vec![], true),
        (in_uri(SIP_HEADERS_MAX + 1), vec![13_253], false),
        (uris(URIS_MAX), vec![], true),
        (uris(URIS_MAX + 1), vec![13_250], true),
        (headers(HEADERS_MAX, 1), vec![], true),
        (headers(HEADERS_MAX + 1, 1), vec![13_251], false),
        (headers(1, SIP_HEADERS_MAX - 1), vec![], true),
        (headers(1, SIP_HEADERS_MAX), vec![13_253], false),
        (named("X-a.b~1"), vec![], true),
        (named("X A"), vec![13_252], false),
        (named("X:"), vec![13_252], false),
        (named(""), vec![13_252], false),
        (client(IDENTITY_MAX), vec![], true),
        (client(IDENTITY_MAX + 1), vec![12_200], false),
        (parameters(PARAMETERS_MAX), vec![], true),
        (parameters(PARAMETERS_MAX + 1), vec![12_200], true),
        ("<Client>a<Parameter value='b'/></Client>".to_owned(), vec![12_200], true),
        (digits(&"w".repeat(SEND_DIGITS_MAX)), vec![], true),
        (digits(&"w".repeat(SEND_DIGITS_MAX + 1)), vec![13_222], true),
        (digits("A"), vec![13_222], true),
        (user(CREDENTIAL_MAX), vec![], true),
        (user(CREDENTIAL_MAX + 1), vec![13_249], true),
        ("<Sip password='a&#10;b'>a</Sip>".to_owned(), vec![13_249], true),
        ("<Sim/>".to_owned(), vec![12_200], false),
        ("<Application/>".to_owned(), vec![12_200], false),
        ("<Client/>".to_owned(), vec![12_200], false),
        ("<Number/>".to_owned(), vec![13_223], false),
    ];
    for (noun, want, is_dialled) in cases {
        let (alone, codes) = ring(&noun);
        assert_eq!(codes, want, "{noun:.80}");
        // Nobody left: one empty number, so that `action` hears of it.
        let is_empty = alone == [Noun::of(Whom::Number(Number::default()))];
        assert_eq!((alone.len(), is_empty), (1, !is_dialled), "{noun:.80}");
    }
}

#[test]
fn what_was_meant_to_be_a_password_is_told_to_nobody() {
    let document = "<Response><Dial><Sip password='s3c&#10;r3t'>a</Sip><Sip>\
                    <Uri password='s3c&#127;'>sip:a@b</Uri></Sip></Dial></Response>";
    let (_, problems) = parse(document.as_bytes());
    assert_eq!(problems.iter().filter(|problem| problem.code == 13_249).count(), 2);
    assert!(problems.iter().all(|problem| !problem.text.contains("s3c")), "{problems:?}");
}

#[test]
fn some_want_to_be_alone() {
    let cases: [(&str, &[u32], &str); 7] = [
        ("<Sim>DE1</Sim><Number>1</Number>", &[13_215], "Sim"),
        ("<Application>AP1</Application>1", &[13_215], "Application"),
        ("<Number>1</Number><Sim>DE1</Sim>", &[13_215], "Number"),
        ("<Sim>DE1</Sim><Sim>DE2</Sim>", &[13_215], "Sim"),
        ("<Sim>DE1</Sim><Conference>c</Conference>", &[13_000], "Sim"),
        ("<Client>a</Client><Conference>c</Conference>", &[13_000], "Client"),
        ("<Client>a</Client><Sip>b</Sip>", &[], "Client Sip"),
    ];
    for (nouns, codes, want) in cases {
        let (ring, found) = ring(nouns);
        let names: Vec<&str> = ring.iter().map(|noun| name(&noun.whom)).collect();
        assert_eq!((found.as_slice(), names.join(" ").as_str()), (codes, want), "{nouns}");
    }
}

fn name(whom: &Whom) -> &'static str {
    match whom {
        Whom::Sip(_) => "Sip",
        Whom::Client(_) => "Client",
        Whom::Number(_) => "Number",
        Whom::Sim(_) => "Sim",
        Whom::Application(_) => "Application",
    }
}

#[test]
fn ring_tone_and_call_reason_of_dial() {
    let reason = |n: usize| format!("<Dial callReason='{}'>1</Dial>", "é".repeat(n));
    let (all, codes) = dial("<Dial ringTone='us-old' callReason='Your order'>1</Dial>");
    assert_eq!((all.ring_tone.as_deref(), codes), (Some("us-old"), vec![]));
    assert_eq!(all.call_reason.as_deref(), Some("Your order"));
    let (wrong, codes) = dial("<Dial ringTone='xx'>1</Dial>");
    assert_eq!((wrong.ring_tone, codes), (None, vec![13_220]));
    let (most, codes) = dial(&reason(CALL_REASON_MAX));
    assert_eq!((most.call_reason.is_some(), codes), (true, vec![]));
    let (more, codes) = dial(&reason(CALL_REASON_MAX + 1));
    assert_eq!((more.call_reason, codes), (None, vec![12_200]));
}
