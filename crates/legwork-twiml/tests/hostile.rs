//! Documents made to be slow: never a panic, never more than the limits, never long.
//!
//! Not here: the limits one by one (`src/parse/tests.rs`, `src/scan.rs`), mutations (`legwork-sim`,
//! `tests/mutations.rs`).
//! Source: the limits in `limit`.

use legwork_twiml::limit::{ATTRIBUTES_MAX, PROBLEMS_MAX};
use legwork_twiml::{DOCUMENT_MAX, Level, Program, parse};

/// As many attributes as one element may have; 64 kB hold some 9,000 of them.
fn many_attributes() -> String {
    (0..ATTRIBUTES_MAX).map(|n| format!(" a{n}=''")).collect()
}

/// `<Response>`, as many of `piece` as fit, and the end.
fn filled(start: &str, piece: impl Fn(usize) -> String, end: &str) -> String {
    let mut document = start.to_owned();
    for n in 0.. {
        let piece = piece(n);
        if document.len() + piece.len() + end.len() > DOCUMENT_MAX {
            break;
        }
        document.push_str(&piece);
    }
    document + end
}

#[test]
fn documents_made_to_be_slow() {
    let same = |piece: &'static str| move |_: usize| piece.to_owned();
    let response = |piece: &'static str| filled("<Response>", same(piece), "</Response>");
    let documents = [
        "<a>".repeat(1_000_000),
        "<Response>".to_owned() + &"<Say>".repeat(10_000),
        filled("<Response><Say>", same("<p>"), ""),
        filled("<Response", |n| format!(" a{n:x}=''"), "/>"),
        filled("<Response", |n| format!(" xmlns:a{n:x}='u{n:x}'"), "/>"),
        filled("<Response ", same("a='' "), "/>"),
        filled("<Response>", |n| format!("<a xmlns:a{n:x}='u'/>"), "</Response>"),
        filled("<Response>", |_| format!("<Dial{}/>", many_attributes()), "</Response>"),
        response("<x/>"),
        response("<Sms/>"),
        response("<Dial>"),
        response("<Dial/>"),
        response("<Dial timeot=''/>"),
        filled("<Response><Dial>", same("<Sip/>"), "</Dial></Response>"),
        filled("<Response><Dial>", same("1<!---->"), "</Dial></Response>"),
        filled("<Response><Say>", same("a<![CDATA[b]]>"), "</Say></Response>"),
        filled("<Response><Say>", same("a&amp;"), "</Say></Response>"),
        filled("<Response><Say>", same("<break/>"), "</Say></Response>"),
        filled("<Response><Say><sub alias='", same("&quot;"), "'/></Say></Response>"),
        filled("<Response><Dial ", same("x"), "=''/></Response>"),
        filled("<Response><", same("D"), "/></Response>"),
        filled("<Response><!--", same("-"), ""),
        filled("<", same("?"), ""),
        filled("", same("&"), ""),
        filled("", same("<"), ""),
        filled("", same("\n"), ""),
        filled("<Response>", same("\u{1f600}"), "</Response>"),
    ];
    for document in documents {
        let (program, problems) = parse(document.as_bytes());
        assert!(problems.len() <= PROBLEMS_MAX + 1);
        if problems.iter().any(|problem| problem.level == Level::Error) {
            assert_eq!((program, problems.len()), (Program::default(), 1));
        }
    }
}
