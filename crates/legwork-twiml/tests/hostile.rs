//! Broken and hostile documents: never a panic, never more than the limits, never slow.
//!
//! Not here: the limits one by one (`src/parse/tests.rs`, `src/scan.rs`).
//! Source: the limits in `limit`.
#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use legwork_twiml::limit::{ATTRIBUTES_MAX, NOUNS_MAX, PROBLEMS_MAX};
use legwork_twiml::{DOCUMENT_MAX, Level, Nouns, Program, Verb, parse};

/// Parses, and checks what holds of every document.
fn parse_soundly(document: &[u8]) -> Program {
    let (program, problems) = parse(document);
    assert!(problems.len() <= PROBLEMS_MAX + 1);
    let n_lines = 1 + document.iter().filter(|byte| **byte == b'\n').count();
    for problem in &problems {
        assert!((1..=n_lines).contains(&(problem.line as usize)), "{problem}");
        assert!(problem.column >= 1, "{problem}");
        assert!(!problem.text.contains(char::is_control), "{problem}");
        assert!(problem.text.len() <= 1_000, "{problem}");
    }
    if problems.iter().any(|problem| problem.level == Level::Error) {
        assert_eq!(program, Program::default());
        assert_eq!(problems.len(), 1);
    }
    for verb in &program.verbs {
        check_verb(verb);
    }
    program
}

fn check_verb(verb: &Verb) {
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

/// Steele and Vigna's splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }
}

const PIECES: &[&[u8]] = &[
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
    b"<!DOCTYPE a>",
    b"\xff",
    b"\xc3\xa9",
    b"\0",
    b"\r\n",
    b"<Dial>",
    b"</Dial>",
    b"<Say>",
    b"<p>",
    b"<Number>1</Number>",
    b" loop='99999999999'",
    b" timeout=\"-1\"",
    b" xmlns=\"u\"",
    b" xmlns:a='b'",
    b"a:",
    b"xml:lang=''",
    b"<Response>",
];

/// Pieces that leave a document well-formed between tags.
const WHOLE: &[&[u8]] = &[
    b"<Dial timeout='-3' callerId='a b'>1<Sip>a</Sip><!--x-->2<Queue/></Dial>",
    b"<Say loop='x'>a<p>b<s/></p>&lt;<zz y='1'>c</zz></Say>",
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

fn mutate(dice: &mut Dice, document: &mut Vec<u8>, other: &[u8]) {
    let at = dice.roll(document.len() + 1);
    let end = (at + dice.roll(20)).min(document.len());
    match dice.roll(8) {
        0 => drop(document.drain(at..end)),
        1 => {
            let piece = PIECES[dice.roll(PIECES.len())];
            document.splice(at..at, piece.iter().copied());
        }
        2 => {
            let piece = PIECES[dice.roll(PIECES.len())];
            document.splice(at..end, piece.iter().copied());
        }
        3 => {
            if let Some(byte) = document.get_mut(at) {
                *byte ^= 1 << dice.roll(8);
            }
        }
        4 => {
            let copy = document[at..end].to_vec();
            document.splice(at..at, copy);
        }
        5 | 6 => {
            let ends: Vec<usize> = (0..document.len()).filter(|i| document[*i] == b'>').collect();
            let after = ends.get(dice.roll(ends.len())).map_or(0, |end| end + 1);
            let whole = WHOLE[dice.roll(WHOLE.len())];
            document.splice(after..after, whole.iter().copied());
        }
        _ => {
            let from = dice.roll(other.len());
            let to = (from + dice.roll(80)).min(other.len());
            document.splice(at..at, other[from..to].iter().copied());
        }
    }
}

#[test]
fn twenty_thousand_mutated_documents() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/twiml-samples");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut dice = Dice(2_026);
    let mut n_usable = 0;
    for n in 0..20_000 {
        let mut document = corpus[n % corpus.len()].clone();
        for _ in 0..=dice.roll(3) {
            let other = &corpus[dice.roll(corpus.len())];
            mutate(&mut dice, &mut document, other);
        }
        n_usable += usize::from(!parse_soundly(&document).verbs.is_empty());
    }
    // Both sides are really met.
    assert!((2_000..18_000).contains(&n_usable), "{n_usable}");
}

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
        parse_soundly(document.as_bytes());
    }
}
