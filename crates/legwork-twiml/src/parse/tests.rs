//! Tests of parsing: documents in, verbs and problems out.

use expect_test::{Expect, expect};

use super::*;
use crate::limit::{
    ATTRIBUTES_MAX, DEPTH_MAX, ELEMENTS_MAX, IDENTITY_MAX, NAMESPACES_MAX, NOUNS_MAX,
    PASSPORTS_MAX, PLAY_DIGITS, PLAY_DIGITS_MAX, PROBLEMS_MAX, SAY_MAX, SIP_HEADERS_MAX,
    SIP_URI_MAX,
};
use crate::program::{Client, Dial, Hangup, Method, Noun, Nouns, Number, Say, Sip, SipUri, Whom};
use crate::table::{Attribute, Kind};
use crate::{check, parse};

/// The problems, one per line.
fn problems(document: &str) -> String {
    check(document.as_bytes()).iter().map(|problem| format!("{problem}\n")).collect()
}

fn check_problems(document: &str, want: Expect) {
    want.assert_eq(&problems(document));
}

fn codes(document: &str) -> Vec<u32> {
    check(document.as_bytes()).iter().map(|problem| problem.code).collect()
}

/// The verbs of what stands in `<Response>`.
fn verbs(inner: &str) -> Vec<Verb> {
    parse(format!("<Response>{inner}</Response>").as_bytes()).0.verbs
}

fn dial_of(inner: &str) -> Dial {
    let verb = verbs(inner).remove(0);
    let Verb::Dial(dial) = verb else { panic!("{verb:?}") };
    *dial
}

fn say_of(inner: &str) -> Say {
    let verb = verbs(inner).remove(0);
    let Verb::Say(say) = verb else { panic!("{verb:?}") };
    say
}

fn ring_of(inner: &str) -> Vec<Noun> {
    match dial_of(inner).nouns {
        Nouns::Ring(ring) => ring,
        other @ (Nouns::Unbuilt(_) | Nouns::Queue(_) | Nouns::Conference(_)) => panic!("{other:?}"),
    }
}

fn number(number: &str) -> Noun {
    Noun::of(Whom::Number(Number { number: number.to_owned(), ..Number::default() }))
}

#[test]
fn documents_that_cannot_be_used() {
    let cases = [
        ("", "1:1: 12100: there is no element; write <Response/> at least\n"),
        (
            " <?xml version='1.0'?><Response/>",
            "1:2: 12100: <?xml …?> must be the first thing in the document; remove what is before it\n",
        ),
        ("<response/>", "1:1: 12102: the root is <response>; it must be <Response>\n"),
        ("<!-- x -->\n<Dial/>", "2:1: 12102: the root is <Dial>; it must be <Response>\n"),
        (
            "<Response>\n<Say>a</Say>",
            "2:13: 12100: the document ends inside an element; close it\n",
        ),
        ("<Response>\n  <Say>a</Play></Response>", "2:9: 12100: </Play> closes <Say>\n"),
        ("<Response><Say>a & b</Say></Response>", "1:18: 12100: a lone &; write it as &amp;\n"),
        (
            "<Response><Say>&nbsp;</Say></Response>",
            "1:16: 12100: the entity &nbsp; is unknown; write & as &amp;\n",
        ),
        (
            "<Response><Dial a='1' a='2'/></Response>",
            "1:23: 12100: the attribute a is given twice\n",
        ),
        ("<?xml version='2.0'?><Response/>", "1:1: 12101: the XML version is \"2.0\"; write 1.0\n"),
        (
            "<?xml version='1.0'?>\n<!DOCTYPE Response [<!ENTITY a 'b'>]><Response/>",
            "2:1: 12100: a document type (<!DOCTYPE) is refused; remove it\n",
        ),
        ("<Response/><Response/>", "1:12: 12100: this is not XML\n"),
        ("hello", "1:1: 12100: this is not XML\n"),
    ];
    for (document, want) in cases {
        let (program, list) = parse(document.as_bytes());
        assert_eq!(problems(document), want, "{document}");
        assert_eq!(program, Program::default());
        assert!(list.iter().all(|problem| problem.level == Level::Error));
    }
    let (_, list) = parse(b"<Response>\n<Say>\xe9t\xe9</Say></Response>");
    assert_eq!(list[0].to_string(), "2:6: 12100: this is not UTF-8; send UTF-8");
}

#[test]
fn limits_of_a_document_at_the_edge() {
    let padded = |n: usize| "<Response/>".to_owned() + &" ".repeat(n - 11);
    let deep =
        |n: usize| format!("<Response>{}{}</Response>", "<a>".repeat(n - 1), "</a>".repeat(n - 1));
    let wide = |n: usize| format!("<Response>{}</Response>", "<Hangup/>".repeat(n - 1));
    let attributes = |n: usize| {
        let all: String = (0..n).map(|i| format!(" x:a{i}='b'")).collect();
        format!("<Response xmlns:x='x'{all}/>")
    };
    let namespaces = |n: usize| {
        let all: String = (0..n).map(|i| format!(" xmlns:a{i}='b'")).collect();
        format!("<Response{all}/>")
    };
    assert_eq!(codes(&namespaces(NAMESPACES_MAX)), []);
    assert_eq!(codes(&namespaces(NAMESPACES_MAX + 1)), [12_100]);
    assert_eq!(codes(&padded(DOCUMENT_MAX)), []);
    assert_eq!(codes(&padded(DOCUMENT_MAX + 1)), [11_750]);
    assert_eq!(codes(&deep(DEPTH_MAX)), [12_200]);
    assert_eq!(codes(&deep(DEPTH_MAX + 1)), [12_100]);
    assert_eq!(codes(&wide(ELEMENTS_MAX)), []);
    assert_eq!(codes(&wide(ELEMENTS_MAX + 1)), [12_100]);
    assert_eq!(codes(&attributes(ATTRIBUTES_MAX - 1)), []);
    assert_eq!(codes(&attributes(ATTRIBUTES_MAX)), [12_100]);
    let unknown = |n: usize| format!("<Response>{}</Response>", "<x/>".repeat(n));
    assert_eq!(codes(&unknown(PROBLEMS_MAX)).len(), PROBLEMS_MAX);
    assert_eq!(codes(&unknown(PROBLEMS_MAX * 3)).len(), PROBLEMS_MAX + 1);
}

#[test]
fn documents_without_a_word_of_blame() {
    for document in [
        "<Response/>",
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Response>\r\n</Response>\r\n",
        "\n<!-- a --><?x y?>\n<Response><!-- b --></Response><!-- c -->",
        "<?xml version='1.1'?><Response/>",
        "<Response xmlns='urn:x' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
         xsi:noNamespaceSchemaLocation='api.xsd'><Hangup/></Response>",
    ] {
        assert_eq!(problems(document), "", "{document}");
    }
}

#[test]
fn unknown_names_are_passed_over_and_one_is_suggested() {
    check_problems(
        "<Response>\n  <dial>1</dial>\n  <Sya>a</Sya>\n  <Frobnicate/>\n  <Number>1</Number>\n  \
         text\n  <Dial timout='3' zzz='1'>1</Dial>\n  <Dial><sip>a</sip><Say/>1</Dial>\n  \
         <Hangup>now<Dial/><Parameter name='a'/></Hangup><Response/></Response>",
        expect![[r#"
            2:3: 12200: <dial> is unknown in <Response> and ignored; did you mean <Dial>?
            3:3: 12200: <Sya> is unknown in <Response> and ignored; did you mean <Say>?
            4:3: 12200: <Frobnicate> is unknown in <Response> and ignored
            5:3: 12200: <Number> cannot stand in <Response>, only in <Dial>; ignored
            6:3: 12200: text in <Response> is ignored: "text"
            7:9: 12200: <Dial> has no attribute timout, ignored; did you mean timeout?
            7:20: 12200: <Dial> has no attribute zzz, ignored
            8:9: 13215: <sip> is unknown in <Dial> and ignored; did you mean <Sip>?
            8:21: 13215: <Say> cannot stand in <Dial>, only in <Response>, <Prompt>, <Gather>; ignored
            9:11: 12200: text in <Hangup> is ignored: "now"
            9:14: 12200: <Dial> cannot stand in <Hangup>, only in <Response>; ignored
            9:51: 12200: <Response> cannot stand in <Response>: it is the root; ignored
        "#]],
    );
}

#[test]
fn what_is_known_but_not_built_says_so() {
    let document = "<Response>\n<Pay foo='1'>x</Pay><Sms>a</Sms>\n\
                    <Dial record='true' trim='do-not-trim' ringTone='de'>\n\
                    <Number sendDigits='1' url='/u'>1</Number></Dial>\n\
                    <Dial><WhatsApp url='/u'>+1</WhatsApp></Dial></Response>";
    check_problems(
        document,
        expect![[r#"
            2:1: 13750: <Pay> is not available yet and is passed over
            2:6: 12200: <Pay> has no attribute foo, ignored
            2:14: 12200: text in <Pay> is ignored: "x"
            2:21: 13750: <Sms> is not available yet and is passed over
            5:7: 13750: <WhatsApp> is not available yet and is passed over
        "#]],
    );
    let (program, list) = parse(document.as_bytes());
    assert!(list.iter().all(|problem| problem.level == Level::Warning));
    let pay = Unbuilt { name: "Pay", takes_over: true, line: 2, column: 1 };
    let sms = Unbuilt { name: "Sms", takes_over: false, line: 2, column: 21 };
    let number = Unbuilt { name: "WhatsApp", takes_over: true, line: 5, column: 7 };
    assert_eq!(program.verbs[..2], [Verb::Unbuilt(pay), Verb::Unbuilt(sms)]);
    let Verb::Dial(dial) = &program.verbs[3] else { panic!("{:?}", program.verbs) };
    assert_eq!(dial.nouns, Nouns::Unbuilt(number));
}

#[test]
fn what_is_not_built_is_checked_all_the_same() {
    check_problems(
        "<Response>\n<Gather input='dmtf' numDigits='0' colour='1'>\n<Say voice='Bob'>a</Say>\
         <Dial/>\n<Play digits='x'/></Gather>\n<Record timeout='-1' trim='yes'>now</Record>\n\
         <Enqueue waitUrlMethod='PUT'>q<Task>{}</Task></Enqueue>\n\
         <Start><Stream url='https://a' track='both'><Parameter naem='a'/></Stream><Say/></Start>\n\
         <Connect><Stream url='wss://a' track='both_tracks'/><Siprec/></Connect>\n\
         <Dial><Conference beep='onenter' maxParticipants='1'>r<Number>1</Number></Conference></Dial>\n\
         <Hangup><Parameter name='a' colour='b'/></Hangup></Response>",
        expect![[r#"
            2:9: 13326: input="dmtf" is not a list of some of dtmf, speech; dtmf is used; did you mean dtmf?
            2:22: 13314: numDigits="0" is not a whole number from 1 on; it is ignored
            2:36: 12200: <Gather> has no attribute colour, ignored
            3:6: 13321: voice="Bob" is not man, woman, alice or a voice such as Polly.Joanna; man is used
            3:25: 13320: <Dial> cannot stand in <Gather>, only in <Response>; ignored
            4:7: 13430: digits="x" is not made of 0123456789ABCD*#wW, at most 256 of them; it is ignored
            4:1: 12200: <Play> without a URL is passed over; write the URL between its tags
            5:9: 13611: timeout="-1" is not a whole number from 0 to 86400; 5 is used
            5:22: 13699: trim="yes" is not one of trim-silence, do-not-trim; trim-silence is used
            5:33: 12200: text in <Record> is ignored: "now"
            6:10: 14206: waitUrlMethod="PUT" is not GET or POST; POST is used
            6:31: 12200: <Task> in <Enqueue> has no effect yet
            7:16: 31922: url="https://a" is not a URL that starts with wss://; it is ignored
            7:32: 31941: track="both" is not one of inbound_track, outbound_track, both_tracks; inbound_track is used
            7:56: 12200: <Parameter> has no attribute naem, ignored; did you mean name?
            7:45: 12200: <Parameter> has no name and is ignored
            7:75: 14300: <Say> cannot stand in <Start>, only in <Response>, <Prompt>, <Gather>; ignored
            8:32: 31941: track="both_tracks" is not inbound_track; inbound_track is used
            8:53: 12200: <Siprec> cannot stand in <Connect>, only in <Start>, <Stop>; ignored
            9:19: 13235: beep="onenter" is not one of true, false, onEnter, onExit; true is used; did you mean onEnter?
            9:34: 12200: maxParticipants="1" is not a whole number from 2 to 250; 250 is used
            9:55: 12200: <Number> cannot stand in <Conference>, only in <Dial>; ignored
            10:29: 12200: <Parameter> has no attribute colour, ignored
        "#]],
    );
}

#[test]
fn verbs_of_the_table_and_verbs_parsed_are_the_same() {
    let mut n_built = 0;
    for row in table::children("Response") {
        let verb = verbs(&format!("<{0}>1</{0}>", row.name)).remove(0);
        let is_built = !matches!(verb, Verb::Unbuilt(_));
        assert_eq!(is_built, row.built != Built::No, "{}", row.name);
        n_built += usize::from(is_built);
    }
    assert_eq!(n_built, 17);
}

#[test]
fn the_verbs_without_attributes_and_with_all() {
    let cases = [
        ("<Hangup/>", Verb::Hangup(Hangup::default())),
        ("<Pause/>", Verb::Pause(Pause { length: Duration::from_secs(1) })),
        ("<Pause length='10'/>", Verb::Pause(Pause { length: Duration::from_secs(10) })),
        ("<Reject/>", Verb::Reject(Reject { reason: RejectReason::Rejected, parameters: vec![] })),
        (
            "<Reject reason='busy'/>",
            Verb::Reject(Reject { reason: RejectReason::Busy, parameters: vec![] }),
        ),
        ("<Redirect/>", redirect("", Method::Post)),
        (
            "<Redirect method='GET'>\n ../a?b=1&amp;c=2 </Redirect>",
            redirect("../a?b=1&c=2", Method::Get),
        ),
        ("<Redirect><![CDATA[/a?b&c]]></Redirect>", redirect("/a?b&c", Method::Post)),
        ("<Play>\n a.wav\n</Play>", Verb::Play(Play { url: "a.wav".to_owned(), times: 1 })),
        ("<Play loop='0'>a</Play>", Verb::Play(Play { url: "a".to_owned(), times: 0 })),
    ];
    for (inner, want) in cases {
        assert_eq!(verbs(inner), [want], "{inner}");
        assert_eq!(problems(&format!("<Response>{inner}</Response>")), "", "{inner}");
    }
    let press = |keys: &str, times| Verb::Press(Press { keys: keys.to_owned(), times });
    assert_eq!(verbs("<Play digits='1wW#'/>"), [press("1www#", 1)]);
    assert_eq!(verbs("<Play digits='D' loop='0'>a.wav</Play>"), [press("D", 0)]);
    let most = "W".repeat(PLAY_DIGITS);
    assert_eq!(
        verbs(&format!("<Play digits='{most}'/>")),
        [press(&"w".repeat(PLAY_DIGITS_MAX), 1)]
    );
    assert_eq!(codes(&format!("<Response><Play digits='{most}1'/></Response>")), [13_430, 12_200]);
    assert_eq!(codes("<Response><Play/></Response>"), [12_200]);
}

fn redirect(url: &str, method: Method) -> Verb {
    Verb::Redirect(Redirect { url: url.to_owned(), method })
}

#[test]
fn dial_by_default_and_with_all_attributes() {
    let dial = dial_of("<Dial>1</Dial>");
    let want = Dial {
        action: None,
        method: Method::Post,
        timeout: Duration::from_secs(30),
        time_limit: Duration::from_secs(14_400),
        caller_id: None,
        answer_on_bridge: false,
        hangup_on_star: false,
        sequential: false,
        refer_url: None,
        refer_method: Method::Post,
        refer_status_callback: None,
        ring_tone: None,
        call_reason: None,
        passports: vec![],
        record: None,
        nouns: Nouns::Ring(vec![number("1")]),
    };
    assert_eq!(dial, want);
    let inner = "<Dial action='/a' method='GET' timeout='5' timeLimit='60' callerId='+1555' \
                 answerOnBridge='true' hangupOnStar='true' sequential='true' referUrl='/r' \
                 referMethod='get' referStatusCallback='/s' passports='a.b.c, ,d.e.f'>1</Dial>";
    let want = Dial {
        action: Some("/a".to_owned()),
        method: Method::Get,
        timeout: Duration::from_secs(5),
        time_limit: Duration::from_secs(60),
        caller_id: Some("+1555".to_owned()),
        answer_on_bridge: true,
        hangup_on_star: true,
        sequential: true,
        refer_url: Some("/r".to_owned()),
        refer_method: Method::Get,
        refer_status_callback: Some("/s".to_owned()),
        ring_tone: None,
        call_reason: None,
        passports: vec!["a.b.c".to_owned(), "d.e.f".to_owned()],
        record: None,
        nouns: Nouns::Ring(vec![number("1")]),
    };
    assert_eq!(dial_of(inner), want);
    assert_eq!(problems(&format!("<Response>{inner}</Response>")), "");
    assert_eq!(dial_of("<Dial action='' referUrl=' '>1</Dial>").refer_url, None);
    let nine = "<Dial passports='1,2,3,4,5,6,7,8,9'>1</Dial>";
    assert_eq!(dial_of(nine).passports.len(), PASSPORTS_MAX);
    assert_eq!(codes(&format!("<Response>{nine}</Response>")), [12_200]);
}

#[test]
fn a_queue_alone_is_one_in_a_dial_without_attributes() {
    let queue = "<Queue url='/u' method='GET'>line</Queue>";
    assert_eq!(verbs(queue), verbs(&format!("<Dial>{queue}</Dial>")));
    assert_eq!(problems(&format!("<Response>{queue}</Response>")), "");
    assert_eq!(codes("<Response><Queue reservationSid='WR1'/></Response>"), [12_200, 14_212]);
}

#[test]
fn parameters_go_with_the_end_of_a_call() {
    let parameters = vec![("a".to_owned(), "1".to_owned())];
    let inner = "<Parameter name='a' value='1'/>";
    assert_eq!(
        verbs(&format!("<Hangup>{inner}</Hangup><Reject>{inner}</Reject>")),
        [
            Verb::Hangup(Hangup { parameters: parameters.clone() }),
            Verb::Reject(Reject { reason: RejectReason::Rejected, parameters }),
        ]
    );
}

#[test]
fn a_wrong_value_is_a_warning_with_its_code_and_the_default_holds() {
    check_problems(
        "<Response><Dial action='/a' method='PUT' timeout='3' timeLimit='x' callerId='a b' \
         answerOnBridge='True' hangupOnStar='1' sequential='yes' referMethod='PSOT'>1</Dial>\n\
         <Say voice='Bob' language='en_US' loop='-1'>a</Say>\n\
         <Play loop='1001'>a</Play><Pause length='0'/>\n\
         <Redirect method='DELETE'/><Reject reason='bussy'/></Response>",
        expect![[r#"
            1:29: 13210: method="PUT" is not GET or POST; POST is used
            1:42: 13212: timeout="3" is not a whole number from 5 to 600; 30 is used
            1:54: 13216: timeLimit="x" is not a whole number from 1 to 86400; 14400 is used
            1:68: 13214: callerId="a b" is not a number, client:NAME or a SIP user, without blanks; it is ignored
            1:83: 13219: answerOnBridge="True" is not true or false; false is used; did you mean true?
            1:105: 13213: hangupOnStar="1" is not true or false; false is used
            1:122: 13218: sequential="yes" is not true or false; false is used
            1:139: 13210: referMethod="PSOT" is not GET or POST; POST is used; did you mean POST?
            2:6: 13511: voice="Bob" is not man, woman, alice or a voice such as Polly.Joanna; man is used
            2:18: 13512: language="en_US" is not a language tag such as en-US; en-US is used
            2:35: 13510: loop="-1" is not a whole number from 0 to 1000; 1 is used
            3:7: 13410: loop="1001" is not a whole number from 0 to 1000; 1 is used
            3:34: 13910: length="0" is not a whole number from 1 to 86400; 1 is used
            4:11: 13710: method="DELETE" is not GET or POST; POST is used
            4:36: 13810: reason="bussy" is not one of rejected, busy; rejected is used; did you mean busy?
        "#]],
    );
    let dial = dial_of("<Dial timeout='3' timeLimit='x' callerId='a b' method='PUT'>1</Dial>");
    assert_eq!(dial.timeout, Duration::from_secs(30));
    assert_eq!(dial.time_limit, Duration::from_secs(14_400));
    assert_eq!((dial.caller_id, dial.method), (None, Method::Post));
}

#[test]
fn nouns_in_the_order_of_the_document() {
    let sip = |uri: &str| {
        let uri = SipUri { uri: uri.to_owned(), priority: 10, weight: 10, ..SipUri::default() };
        Noun::of(Whom::Sip(Sip { uris: vec![uri], headers: Vec::new() }))
    };
    let client = |identity: &str| {
        let client = Client { identity: identity.to_owned(), parameters: Vec::new() };
        Noun::of(Whom::Client(client))
    };
    let cases = [
        ("<Dial>\n 415-123-4567\n</Dial>", vec![number("415-123-4567")]),
        ("<Dial>415-<!-- x -->123</Dial>", vec![number("415-123")]),
        (
            "<Dial>1<Sip> sip:a@b;transport=tcp?x-a=b&amp;c=d </Sip>2<Client>joey</Client>\n\
             <Number>+1 (555) 3</Number></Dial>",
            vec![
                number("1"),
                sip("sip:a@b;transport=tcp?x-a=b&c=d"),
                number("2"),
                client("joey"),
                number("+1 (555) 3"),
            ],
        ),
        ("<Dial><Sip><Uri>sip:a@b</Uri></Sip></Dial>", vec![sip("sip:a@b")]),
        ("<Dial><Client><Identity> jane </Identity></Client></Dial>", vec![client("jane")]),
    ];
    for (inner, want) in cases {
        assert_eq!(ring_of(inner), want, "{inner}");
        assert_eq!(problems(&format!("<Response>{inner}</Response>")), "", "{inner}");
    }
}

#[test]
fn nouns_with_problems() {
    check_problems(
        "<Response><Dial/>\n<Dial>sip:a@b</Dial>\n<Dial><Sip>a b</Sip><Number> </Number>1</Dial>\n\
         <Dial><Sip><Uri weight='1'>a</Uri><Uri>b</Uri><Headers><Header/></Headers></Sip></Dial>\n\
         <Dial><Client><Identity>a</Identity><Parameter name='a' value='b'/></Client></Dial>\n\
         <Dial>1<Conference>room</Conference></Dial>\n\
         <Dial><Conference>room</Conference><Number>1</Number><Queue>q</Queue></Dial>\n\
         <Dial><Client/></Dial></Response>",
        expect![[r#"
            1:11: 13223: <Dial> has nobody to dial and fails at once; write a number or a noun in it
            2:7: 13223: "sip:a@b" is not a telephone number; write it as +15551234567, a SIP URI in <Sip>
            3:7: 13243: "a b" is not a SIP URI; write it as sip:user@host
            3:21: 13223: "" is not a telephone number; write it as +15551234567, a SIP URI in <Sip>
            4:56: 13252: "" is no name of a SIP header; <Sip> is not dialled
            6:8: 13000: <Conference> must be alone in <Dial>; ignored
            7:36: 13000: nothing can be dialled beside <Conference>; ignored
            7:54: 13000: nothing can be dialled beside <Conference>; ignored
            8:7: 12200: <Client> has no identity and is not dialled
        "#]],
    );
    assert_eq!(ring_of("<Dial/>"), [number("")]);
    assert_eq!(ring_of("<Dial><Sip>a b</Sip><Number/>1</Dial>").len(), 2);
    assert_eq!(ring_of("<Dial>1<Conference>room</Conference></Dial>"), [number("1")]);
}

#[test]
fn limits_of_a_dial_at_the_edge() {
    let numbers = |n: usize| format!("<Dial>{}</Dial>", "<Number>1</Number>".repeat(n));
    let sip = |n: usize| format!("<Dial><Sip>{}</Sip></Dial>", "a".repeat(n));
    let headers = |n: usize| format!("<Dial><Sip>a?{}</Sip></Dial>", "b".repeat(n));
    let client = |n: usize| format!("<Dial><Client>{}</Client></Dial>", "é".repeat(n));
    let cases = [
        (numbers(NOUNS_MAX), vec![]),
        (numbers(NOUNS_MAX + 3), vec![13_250]),
        (sip(SIP_URI_MAX), vec![]),
        (sip(SIP_URI_MAX + 1), vec![13_243]),
        (headers(SIP_HEADERS_MAX), vec![]),
        (headers(SIP_HEADERS_MAX + 1), vec![13_253]),
        (client(IDENTITY_MAX), vec![]),
        (client(IDENTITY_MAX + 1), vec![12_200]),
    ];
    for (inner, want) in cases {
        assert_eq!(codes(&format!("<Response>{inner}</Response>")), want, "{inner:.60}");
    }
    assert_eq!(ring_of(&numbers(NOUNS_MAX + 3)).len(), NOUNS_MAX);
}

#[test]
fn say_writes_one_clean_fragment() {
    let cases = [
        ("<Say> Hello, \n wörld! </Say>", "Hello, \n wörld!"),
        (
            "<Say>a &amp; b &lt; &#99; <![CDATA[<d> & e]]></Say>",
            "a &amp; b &lt; c &lt;d&gt; &amp; e",
        ),
        ("<Say>a<break/>b</Say>", "a<break/>b"),
        (
            "<Say><break strength=\"x-weak\" time='100ms'/></Say>",
            "<break strength=\"x-weak\" time=\"100ms\"/>",
        ),
        ("<Say><p>a<s>b</s></p></Say>", "<p>a<s>b</s></p>"),
        (
            "<Say><sub alias='\"&lt;x>&amp;'>y</sub></Say>",
            "<sub alias=\"&quot;&lt;x&gt;&amp;\">y</sub>",
        ),
        ("<Say><lang xml:lang='fr-FR'>oui</lang></Say>", "<lang xml:lang=\"fr-FR\">oui</lang>"),
        (
            "<Say><say-as interpret-as='date' format='ymd'>1</say-as></Say>",
            "<say-as interpret-as=\"date\" format=\"ymd\">1</say-as>",
        ),
        ("<Say>a<!-- b --><?c d?>e</Say>", "ae"),
    ];
    for (inner, want) in cases {
        assert_eq!(say_of(inner).ssml, want, "{inner}");
        assert_eq!(problems(&format!("<Response>{inner}</Response>")), "", "{inner}");
    }
    let say = say_of("<Say voice='Polly.Mathieu' language='fr-FR' loop='0'>Bonjour</Say>");
    assert_eq!((&*say.voice, &*say.language, say.times), ("Polly.Mathieu", "fr-FR", 0));
    let say = say_of("<Say>Hi</Say>");
    assert_eq!((&*say.voice, &*say.language, say.times), ("man", "", 1));
}

#[test]
fn say_drops_what_is_not_ssml_and_keeps_its_text() {
    let inner = "<Say><speak>a<script src='x'>b</script></speak><emphasis><p>c</p></emphasis>\
                 <break strength='huge' x='1'/></Say>";
    assert_eq!(say_of(inner).ssml, "ab<emphasis>c</emphasis><break/>");
    check_problems(
        &format!("<Response>{inner}</Response>"),
        expect![[r#"
            1:16: 12200: <speak> is unknown in <Say> and ignored (its text is spoken)
            1:24: 12200: <script> is unknown in <Say> and ignored (its text is spoken)
            1:68: 12200: <p> cannot stand in <emphasis>, only in <Say>, <lang>, <prosody>; ignored (its text is spoken)
            1:94: 12200: strength="huge" is not one of none, x-weak, weak, medium, strong, x-strong; it is ignored
            1:110: 12200: <break> has no attribute x, ignored
        "#]],
    );
}

#[test]
fn say_with_nothing_or_too_much() {
    let say = |n: usize| format!("<Response><Say>{} </Say></Response>", "é".repeat(n));
    assert_eq!(codes("<Response><Say/></Response>"), [13_520]);
    assert_eq!(codes("<Response><Say> <!-- a -->\n</Say></Response>"), [13_520]);
    assert_eq!(say_of("<Say> </Say>").ssml, "");
    assert_eq!(codes(&say(SAY_MAX)), []);
    assert_eq!(codes(&say(SAY_MAX + 1)), [13_521]);
    let cut = say_of(&format!("<Say><p>{}</p>b</Say>", "a".repeat(SAY_MAX + 9))).ssml;
    assert_eq!(cut, format!("<p>{}</p>", "a".repeat(SAY_MAX)));
    let behind = format!("{}b<break time='9s'/><sub alias='x'>y</sub>", "a".repeat(SAY_MAX));
    assert_eq!(say_of(&format!("<Say>{behind}</Say>")).ssml, "a".repeat(SAY_MAX));
    let emptied = format!("<Say>{}<s>b</s><s>c</s></Say>", "a".repeat(SAY_MAX));
    assert_eq!(say_of(&emptied).ssml, format!("{}<s/>", "a".repeat(SAY_MAX)));
}

/// Where an element of that name stands: elements from the root, it being the last.
fn path_to(name: &'static str) -> Vec<&'static Element> {
    let mut path = Vec::new();
    let mut row = table::elements().find(|row| row.name == name);
    while let Some(element) = row {
        path.insert(0, element);
        let parent = element.parents.first();
        row = parent.and_then(|parent| table::elements().find(|row| row.name == *parent));
    }
    path
}

/// A value that holds and is not the default.
fn another(attribute: &Attribute) -> String {
    let value = match attribute.kind {
        Kind::OneOf(words) => words.iter().find(|word| **word != attribute.default).unwrap(),
        Kind::SomeOf(words) => words.last().unwrap(),
        Kind::Method => "GET",
        Kind::Bool if attribute.default == "true" => "false",
        Kind::Bool => "true",
        Kind::Whole { .. } | Kind::Wholes => "7",
        Kind::Text | Kind::Url | Kind::AtMost(_) => "x",
        Kind::WebSocket
        | Kind::WholeOr(_)
        | Kind::Keys { .. }
        | Kind::Credential
        | Kind::CallerId
        | Kind::Voice
        | Kind::Language => panic!("a value for {}", attribute.name),
    };
    value.to_owned()
}

#[test]
fn whatever_is_not_here_is_warned_of() {
    let mut n_warned = 0;
    for row in table::elements() {
        for parent in row.parents {
            let path = path_to(parent);
            let around = |inner: String| {
                let open: String = path.iter().map(|row| format!("<{}>", row.name)).collect();
                let close = path.iter().rev().map(|row| format!("</{}>", row.name));
                check(format!("{open}{inner}{}", close.collect::<String>()).as_bytes())
            };
            let name = row.name;
            let outer = path.iter().find(|row| row.built == Built::No);
            if row.built == Built::No {
                // What stands in something that is not here is that one's.
                let named = format!("<{}>", outer.map_or(name, |row| row.name));
                let found = around(format!("<{name}>1</{name}>"));
                let is_warned =
                    |p: &Problem| matches!(p.code, UNBUILT | SCHEMA) && p.text.contains(&named);
                assert!(found.iter().any(is_warned), "{name} in {parent}: {found:?}");
                n_warned += 1;
                continue;
            }
            for attribute in row.attributes.iter().filter(|one| one.built == Built::No) {
                let (what, value) = (attribute.name, another(attribute));
                let found = around(format!("<{name} {what}='{value}'>1</{name}>"));
                let text = format!("the attribute {what} has no effect yet");
                let is_warned = |p: &Problem| p.code == SCHEMA && p.text == text;
                let is_outer = outer.is_some() && found.iter().any(|p| p.code == UNBUILT);
                assert!(is_outer || found.iter().any(is_warned), "{name} {what}: {found:?}");
                n_warned += 1;
            }
        }
    }
    assert_eq!(n_warned, 33);
}
