//! Tokens, sentences and interruptions, one by one.

use super::*;

const ANY: Manner = Manner { interrupts: Interrupts::Any, preemptible: false };
const NONE: Manner = Manner { interrupts: Interrupts::None, preemptible: false };
const PREEMPTIBLE: Manner = Manner { interrupts: Interrupts::Any, preemptible: true };

#[expect(clippy::disallowed_methods, reason = "a test has to begin somewhere")]
fn epoch() -> Instant {
    Instant::now()
}

fn texts(talk: &Talk) -> Vec<String> {
    let text = |turn: &Turn| match &turn.what {
        What::Speech { text, .. } => text.clone(),
        What::File { url, .. } => url.clone(),
    };
    talk.turns.iter().map(text).collect()
}

/// Asks for the sound of all that may be asked for, and has it; numbered from `from`.
fn prepare(talk: &mut Talk, from: u64) {
    let mut n = from;
    while talk.to_prepare().is_some() {
        talk.asked(SourceId(n));
        talk.ready(SourceId(n));
        n += 1;
    }
}

#[test]
fn tokens_become_sentences() {
    let table: [(&[&str], &[&str]); 9] = [
        (&["Hello"], &["Hello"]),
        (&["Hel", "lo. How ", "are you? ", "Fine"], &["Hello.", "How are you?", "Fine"]),
        // Only a blank behind it makes a mark an end.
        (&["It is 3", ".5 per", "cent."], &["It is 3.5 percent."]),
        (&["He said \"yes.\" And"], &["He said \"yes.\"", "And"]),
        (&["one\ntwo\n\n\nthree"], &["one", "two", "three"]),
        (&["はい。そうです"], &["はい。", "そうです"]),
        (&["  ", " "], &[]),
        (&[""], &[]),
        (&["Wait… ", "what"], &["Wait…", "what"]),
    ];
    for (tokens, expected) in table {
        let mut talk = Talk::default();
        for (n, token) in tokens.iter().enumerate() {
            assert_eq!(talk.text(token, n + 1 == tokens.len(), None, ANY), Ok(vec![]));
        }
        assert_eq!(texts(&talk), expected, "{tokens:?}");
        assert!(talk.gathered.is_empty());
    }
}

#[test]
fn whatever_comes_is_bounded() {
    let mut talk = Talk::default();
    let long = "word ".repeat(limit::RELAY_GATHERED_MAX / 5);
    assert_eq!(talk.text(&long, false, None, ANY), Ok(vec![]));
    assert!(texts(&talk).iter().all(|text| text.len() <= limit::RELAY_SENTENCE_MAX + 5));
    assert_eq!(talk.text(&"x".repeat(limit::RELAY_GATHERED_MAX + 1), true, None, ANY), Err(Full));
    let mut talk = Talk::default();
    for _ in 0..limit::RELAY_TURNS_MAX {
        assert_eq!(talk.text("a", true, None, ANY), Ok(vec![]));
    }
    assert_eq!(talk.text("a", true, None, ANY), Err(Full));
    assert_eq!(talk.file("a".to_owned(), 1, ANY), Err(Full));
    // A sentence without blanks is cut, too, and not within a character.
    let mut talk = Talk::default();
    talk.text(&"é".repeat(limit::RELAY_SENTENCE_MAX), true, None, ANY).unwrap();
    assert_eq!(texts(&talk).concat().chars().count(), limit::RELAY_SENTENCE_MAX);
}

#[test]
fn turns_are_heard_in_order_and_asked_for_ahead() {
    let mut talk = Talk::default();
    talk.text("One. Two. Three. ", true, None, ANY).unwrap();
    let now = epoch();
    talk.asked(SourceId(1));
    talk.asked(SourceId(2));
    assert_eq!(talk.to_prepare(), None, "not all at once");
    talk.ready(SourceId(2));
    assert_eq!(talk.play(now), None, "the second waits for the first");
    talk.ready(SourceId(1));
    assert_eq!(talk.play(now), Some((SourceId(1), 1)));
    assert_eq!(talk.play(now), None, "it is heard already");
    assert_eq!(talk.over(SourceId(1)).as_deref(), Some("One."));
    assert!(talk.to_prepare().is_some() && talk.is_on() && !talk.is_playing());
    assert_eq!(talk.play(now), Some((SourceId(2), 1)));
    // One that never sounds was not heard.
    talk.asked(SourceId(3));
    assert_eq!(talk.over(SourceId(3)), None);
    assert_eq!(talk.over(SourceId(2)).as_deref(), Some("Two."));
    assert!(!talk.is_on());
}

#[test]
fn what_was_heard_by_the_interruption_is_told() {
    let begin = epoch();
    let mut talk = Talk::default();
    talk.text("My name is Anna. What can I do for you today? And", false, None, ANY).unwrap();
    prepare(&mut talk, 1);
    talk.play(begin);
    talk.over(SourceId(1));
    talk.play(begin + Duration::from_secs(1));
    let cut = talk.interrupt(By::Speech, begin + Duration::from_secs(2)).unwrap();
    // 15 characters in the second second.
    assert_eq!(cut.text, "My name is Anna. What can I do");
    assert_eq!((cut.after, cut.sources), (Duration::from_secs(2), vec![SourceId(2)]));
    assert!(talk.gathered.is_empty() && !talk.is_on());
    assert_eq!(talk.interrupt(By::Speech, begin), None, "nothing is said");
    // The next talk begins anew.
    talk.text("Yes?", true, None, ANY).unwrap();
    prepare(&mut talk, 5);
    talk.play(begin + Duration::from_secs(9));
    let cut = talk.interrupt(By::Key, begin + Duration::from_secs(10)).unwrap();
    assert_eq!((cut.text.as_str(), cut.after), ("Yes?", Duration::from_secs(1)));
}

#[test]
fn who_may_interrupt_what() {
    use Interrupts::{Any, Dtmf, None, Speech};
    let table = [
        (None, By::Key, false),
        (None, By::Speech, false),
        (Dtmf, By::Key, true),
        (Dtmf, By::Speech, false),
        (Speech, By::Key, false),
        (Speech, By::Speech, true),
        (Any, By::Key, true),
        (Any, By::Speech, true),
    ];
    for (interrupts, by, is_cut) in table {
        let mut talk = Talk::default();
        let manner = Manner { interrupts, preemptible: false };
        talk.text("Hello.", true, Option::None, manner).unwrap();
        let cut = talk.interrupt(by, epoch());
        assert_eq!(cut.is_some(), is_cut, "{interrupts:?} {by:?}");
    }
    // What must be heard stays, behind what need not.
    let mut talk = Talk::default();
    talk.text("Hello.", true, Option::None, ANY).unwrap();
    talk.text("This call is recorded.", true, Option::None, NONE).unwrap();
    assert!(talk.interrupt(By::Speech, epoch()).is_some());
    assert_eq!(texts(&talk), ["This call is recorded."]);
}

#[test]
fn the_next_talk_preempts_and_its_own_sentences_do_not() {
    let mut talk = Talk::default();
    talk.text("One. Two. Three", false, None, PREEMPTIBLE).unwrap();
    prepare(&mut talk, 1);
    assert_eq!(talk.text(".", true, None, PREEMPTIBLE), Ok(vec![]));
    assert_eq!(talk.text("Four.", true, None, ANY), Ok(vec![SourceId(1), SourceId(2)]));
    assert_eq!(texts(&talk), ["Four."]);
    assert_eq!(talk.file("five".to_owned(), 1, ANY), Ok(vec![]), "it can not be preempted");
    assert_eq!(texts(&talk), ["Four.", "five"]);
}

#[test]
fn words_are_heard_as_fast_as_people_speak() {
    let text = "one two three four";
    let table = [
        (0, ""),
        (200, ""),
        (300, "one"),
        (600, "one two"),
        (1_100, "one two three"),
        (1_200, text),
    ];
    for (ms, heard) in table {
        assert_eq!(heard_of(text, Duration::from_millis(ms)), heard, "{ms}");
    }
    assert_eq!(heard_of(text, Duration::MAX), text);
}
