//! `<Enqueue>`, and `<Queue>` in `<Dial>`.
//!
//! A queue without a name, or with one that is too long, is kept with none: what names it fails when it is
//! reached.
//! Not here: queues (`legwork-call`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Queue".

use roxmltree::Node;

use super::attribute::Attributes;
use super::text;
use crate::limit::QUEUE_NAME_MAX;
use crate::problem::{
    DIALLED_QUEUE_TOO_LONG, DIALLED_QUEUE_TOO_SHORT, Problems, QUEUE_TOO_LONG, QUEUE_TOO_SHORT,
};
use crate::program::{Ask, Enqueue, QueueNoun, Wait};
use crate::table::Element;

/// `<Enqueue>` as typed.
pub(super) fn enqueue(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    attributes: &Attributes,
) -> Enqueue {
    let codes = [QUEUE_TOO_SHORT, QUEUE_TOO_LONG];
    Enqueue {
        name: name(problems, row, node, codes),
        action: attributes.optional("action"),
        method: attributes.method("method"),
        wait: wait(attributes),
        max_size: attributes.whole("maxQueueSize"),
    }
}

fn wait(attributes: &Attributes) -> Wait {
    match attributes.given_value("waitUrl") {
        None => Wait::Music,
        Some("") => Wait::Silence,
        Some(url) => {
            let method = attributes.method("waitUrlMethod");
            Wait::Ask(Ask { url: url.to_owned(), method })
        }
    }
}

/// `<Queue>` as typed.
pub(super) fn queue(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
) -> QueueNoun {
    let attributes = Attributes::read(problems, row, node);
    let codes = [DIALLED_QUEUE_TOO_SHORT, DIALLED_QUEUE_TOO_LONG];
    let name = name(problems, row, node, codes);
    let method = attributes.method("method");
    let ask = attributes.optional("url").map(|url| Ask { url, method });
    QueueNoun { name, ask }
}

fn name(
    problems: &mut Problems<'_>,
    row: &'static Element,
    node: Node<'_, '_>,
    [too_short, too_long]: [u32; 2],
) -> String {
    let name = text(problems, row, node);
    let at = node.range().start;
    if name.is_empty() {
        let text = format!("<{}> names no queue; write its name between its tags", row.name);
        problems.warn(at, too_short, text);
    } else if name.chars().count() > QUEUE_NAME_MAX {
        let element = row.name;
        let text = format!("the name in <{element}> has more than {QUEUE_NAME_MAX} characters");
        problems.warn(at, too_long, text);
        return String::new();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::SCHEMA;
    use crate::{Method, Nouns, Verb, parse};

    fn program_of(inner: &str) -> (Vec<Verb>, Vec<u32>) {
        let (program, problems) = parse(format!("<Response>{inner}</Response>").as_bytes());
        (program.verbs, problems.iter().map(|problem| problem.code).collect())
    }

    fn enqueue_of(inner: &str) -> (Enqueue, Vec<u32>) {
        let (verbs, codes) = program_of(inner);
        let [Verb::Enqueue(enqueue)] = verbs.as_slice() else { panic!("{verbs:?}") };
        (enqueue.as_ref().clone(), codes)
    }

    #[test]
    fn names_at_the_edges() {
        let longest = "é".repeat(QUEUE_NAME_MAX);
        let table: &[(String, &str, &[u32])] = &[
            ("line".to_owned(), "line", &[]),
            (" two words ".to_owned(), "two words", &[]),
            (longest.clone(), &longest, &[]),
            (format!("{longest}x"), "", &[14_205]),
            (" ".to_owned(), "", &[14_204]),
            ("<Task>{}</Task>".to_owned(), "", &[SCHEMA, 14_204]),
            ("line<Task priority='1'>{}</Task>".to_owned(), "line", &[SCHEMA]),
        ];
        for (inner, name, codes) in table {
            let (enqueue, found) = enqueue_of(&format!("<Enqueue>{inner}</Enqueue>"));
            assert_eq!((enqueue.name.as_str(), found.as_slice()), (*name, *codes), "{inner}");
        }
        for (inner, name, code) in [
            ("line".to_owned(), "line", None),
            (String::new(), "", Some(14_212)),
            (format!("{longest}x"), "", Some(14_213)),
        ] {
            let (verbs, codes) = program_of(&format!("<Dial><Queue>{inner}</Queue></Dial>"));
            let [Verb::Dial(dial)] = verbs.as_slice() else { panic!("{verbs:?}") };
            let noun = QueueNoun { name: name.to_owned(), ask: None };
            assert_eq!(dial.nouns, Nouns::Queue(Box::new(noun)), "{inner}");
            assert_eq!(codes, Vec::from_iter(code), "{inner}");
        }
    }

    #[test]
    fn what_is_heard_meanwhile() {
        let ask = |method| Wait::Ask(Ask { url: "/w".to_owned(), method });
        for (attributes, wait, codes) in [
            ("", Wait::Music, &[][..]),
            ("waitUrlMethod='GET'", Wait::Music, &[]),
            ("waitUrl=''", Wait::Silence, &[]),
            ("waitUrl='/w'", ask(Method::Post), &[]),
            ("waitUrl='/w' waitUrlMethod='get'", ask(Method::Get), &[]),
            ("waitUrl='/w' waitUrlMethod='x'", ask(Method::Post), &[14_206]),
        ] {
            let (enqueue, found) = enqueue_of(&format!("<Enqueue {attributes}>q</Enqueue>"));
            assert_eq!((enqueue.wait, found.as_slice()), (wait, codes), "{attributes}");
        }
    }

    #[test]
    fn whom_it_tells_and_how_many_may_wait() {
        let (enqueue, codes) = enqueue_of("<Enqueue action='/a' method='GET'>q</Enqueue>");
        let told = (enqueue.action.as_deref(), enqueue.method, enqueue.max_size);
        assert_eq!((told, codes), ((Some("/a"), Method::Get, 1_000), vec![]));
        for (written, size, code) in [
            ("1", 1, None),
            ("5000", 5_000, None),
            ("0", 1_000, Some(12_200)),
            ("5001", 1_000, Some(12_200)),
        ] {
            let (enqueue, codes) =
                enqueue_of(&format!("<Enqueue maxQueueSize='{written}'>q</Enqueue>"));
            assert_eq!((enqueue.max_size, codes), (size, Vec::from_iter(code)), "{written}");
        }
        let (verbs, _) = program_of("<Dial><Queue url='/u' method='GET'>q</Queue></Dial>");
        let [Verb::Dial(dial)] = verbs.as_slice() else { panic!("{verbs:?}") };
        let ask = Some(Ask { url: "/u".to_owned(), method: Method::Get });
        assert_eq!(dial.nouns, Nouns::Queue(Box::new(QueueNoun { name: "q".to_owned(), ask })));
    }
}
