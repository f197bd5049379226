//! A document of an application: a program and problems come of it, whatever it is.
//!
//! Not here: running it (`engine`), worst cases of time (`legwork-twiml`, `tests`).
//! Source: the limits of `legwork_twiml::limit`.

use legwork_twiml::limit::{NOUNS_MAX, PROBLEMS_MAX};
use legwork_twiml::{Level, Nouns, Program, Verb, parse};

/// Pieces of XML, and of TwiML that leave a document well-formed.
pub(super) const DICTIONARY: &[&[u8]] = &[
    b"<",
    b">",
    b"/>",
    b"</",
    b"\"",
    b"'",
    b"&",
    b"&amp;",
    b"&#0;",
    b"&#x110000;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?xml version=\"1.0\"?>",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"\xff",
    b"\xc3\xa9",
    b"\0",
    b"\r\n",
    b"<Dial>",
    b"</Dial>",
    b" loop='99999999999'",
    b" timeout=\"-1\"",
    b" xmlns=\"u\"",
    b" xmlns:a='b'",
    b"xml:lang=''",
    b"<Response>",
    b"<Dial timeout='-3' callerId='a b'>1<Sip>a</Sip><!--x-->2<Queue/></Dial>",
    b"<Dial><Number>+15551234567</Number></Dial>",
    b"<Dial><Application>AP1<Parameter name='a' value='b'/></Application></Dial>",
    b"<Say loop='x'>a<p>b<s/></p>&lt;<zz y='1'>c</zz></Say>",
    b"<Refer><Sip>sip:a@b</Sip></Refer>",
    b"<Number>1</Number>",
    b"<Conference>r</Conference>",
    b"<p><s>x</s></p>",
    b"<Client><Identity>a</Identity></Client>",
    b"<Uri>sip:a@b</Uri>",
    b"<Gather input='y'/>",
    b"<![CDATA[<Dial>]]>",
    b"text &amp; \xc3\xa9",
    b"<emphasis level='z'><break time='\"'/></emphasis>",
];

/// Reads a document, and checks what holds of every one.
pub(super) fn run(document: &[u8]) {
    let (program, problems) = parse(document);
    assert!(problems.len() <= PROBLEMS_MAX + 1);
    let n_lines = 1 + document.iter().filter(|byte| **byte == b'\n').count();
    for problem in &problems {
        let is_within = (1..=n_lines).contains(&(problem.line as usize)) && problem.column >= 1;
        assert!(is_within, "{problem}");
        assert!(!problem.text.contains(char::is_control), "{problem}");
        assert!(problem.text.len() <= 1_000, "{problem}");
    }
    if problems.iter().any(|problem| problem.level == Level::Error) {
        assert_eq!(program, Program::default());
        assert_eq!(problems.len(), 1);
    }
    program.verbs.iter().for_each(check);
}

fn check(verb: &Verb) {
    if let Verb::Dial(dial) = verb
        && let Nouns::Ring(ring) = &dial.nouns
    {
        assert!((1..=NOUNS_MAX).contains(&ring.len()));
    }
    // What is written is read the same again.
    if let Verb::Say(say) = verb {
        let again = format!("<Response><Say>{}</Say></Response>", say.ssml);
        let (program, problems) = parse(again.as_bytes());
        let Some(Verb::Say(twice)) = program.verbs.first() else { panic!("{again}: {problems:?}") };
        assert_eq!(twice.ssml, say.ssml);
    }
}
