//! Tokens, sentences and interruptions, one by one.

use super::*;

const ANY: Manner = Manner { interrupts: Interrupts::Any, preemptible: false };
const NONE: Manner = Manner { interrupts: Interrupts::None, preemptible: false };
const PREEMPTIBLE: Manner = Manner { interrupts: Interrupts::Any, preemptible: true };
const PAUSE: Duration = limit::RELAY_PAUSE;
const REST: Duration = limit::RELAY_REST;

#[expect(clippy::disallowed_methods, reason = "a test has to begin somewhere")]
fn epoch() -> Instant {
    Instant::now()
}

fn style(language: &str, manner: Manner) -> Style {
    Style { language: language.to_owned(), manner }
}

fn in_language(language: &str) -> Asked {
    Asked { language: Some(language.to_owned()), ..Asked::default() }
}

fn interruptible(interrupts: Interrupts) -> Asked {
    Asked { interrupts: Some(interrupts), ..Asked::default() }
}

/// A talk, the time, and how a session wants it that says no more.
struct Story {
    talk: Talk,
    now: Instant,
    usual: Style,
}

impl Story {
    fn new(manner: Manner) -> Self {
        Self { talk: Talk::default(), now: epoch(), usual: style("en-US", manner) }
    }

    fn ask(&mut self, token: &str, last: bool, asked: &Asked) -> Taken {
        self.talk.text(token, last, asked, &self.usual, self.now)
    }

    /// It all fits, and preempts nothing.
    fn say(&mut self, token: &str, last: bool) {
        assert_eq!(self.ask(token, last, &Asked::default()), Taken::default(), "{token}");
    }

    fn file(&mut self, url: &str) -> Taken {
        self.talk.file(url.to_owned(), 1, self.usual.manner, self.now)
    }

    fn interrupt(&mut self, by: By) -> Option<CutOff> {
        self.talk.interrupt(by, self.now)
    }

    fn after(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self
    }

    fn texts(&self) -> Vec<&str> {
        self.languages().into_iter().map(|(text, _)| text).collect()
    }

    /// Each turn, and its language.
    fn languages(&self) -> Vec<(&str, &str)> {
        self.talk.turns.iter().map(shown).collect()
    }

    /// Asks for the sound of all that may be asked for, and has it; numbered from `from`.
    fn prepare(&mut self, from: u64) {
        let mut n = from;
        while self.talk.to_prepare().is_some() {
            self.talk.asked(SourceId(n));
            self.talk.ready(SourceId(n));
            n += 1;
        }
    }

    fn play(&mut self) -> Option<(SourceId, u32)> {
        self.talk.play(self.now)
    }

    fn over(&mut self, source: u64) -> Option<String> {
        self.talk.over(SourceId(source), self.now)
    }
}

fn shown(turn: &Turn) -> (&str, &str) {
    match &turn.what {
        What::Speech { text, language } => (text, language),
        What::File { url, .. } => (url, ""),
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn tokens_become_sentences() {
    let table: [(&[&str], &[&str]); 10] = [
        (&["Hello"], &["Hello"]),
        (&["Hel", "lo. How ", "are you? ", "Fine"], &["Hello.", "How are you?", "Fine"]),
        // Only a blank behind it makes a mark an end.
        (&["It is 3", ".5 per", "cent."], &["It is 3.5 percent."]),
        (&["One.", " ", "Two."], &["One.", "Two."]),
        (&["He said \"yes.\" And"], &["He said \"yes.\"", "And"]),
        (&["one\ntwo\n\n\nthree"], &["one", "two", "three"]),
        (&["はい。そうです"], &["はい。", "そうです"]),
        (&["  ", " "], &[]),
        (&[""], &[]),
        (&["Wait… ", "what"], &["Wait…", "what"]),
    ];
    for (tokens, expected) in table {
        let mut story = Story::new(ANY);
        for (n, token) in tokens.iter().enumerate() {
            story.say(token, n + 1 == tokens.len());
        }
        assert_eq!(story.texts(), expected, "{tokens:?}");
        assert!(story.talk.gathered.is_none());
    }
}

#[test]
fn a_sentence_is_said_as_it_began() {
    type Pairs<T> = &'static [(&'static str, T)];
    let table: [(Pairs<Option<&str>>, Pairs<&str>); 5] = [
        // Whatever the session says by the end of it.
        (&[("Hel", None), ("lo. You", None)], &[("Hello.", "en-US"), ("You", "en-US")]),
        (&[("Ho", Some("es")), ("la.", Some("es"))], &[("Hola.", "es")]),
        // What a token does not say is as the sentence has begun; the next is as usual.
        (&[("Ho", Some("es")), ("la. And", None)], &[("Hola.", "es"), ("And", "en-US")]),
        // Another language is another sentence.
        (&[("They say ", None), ("hola", Some("es"))], &[("They say", "en-US"), ("hola", "es")]),
        (&[("A. B. C", Some("es"))], &[("A.", "es"), ("B.", "es"), ("C", "es")]),
    ];
    for (tokens, expected) in table {
        let mut story = Story::new(ANY);
        for (n, (token, language)) in tokens.iter().enumerate() {
            let asked = language.map(in_language).unwrap_or_default();
            assert_eq!(story.ask(token, n + 1 == tokens.len(), &asked), Taken::default());
        }
        assert_eq!(story.languages(), expected, "{tokens:?}");
    }
    let mut story = Story::new(ANY);
    story.say("One. Two", false);
    story.usual = style("es-ES", ANY);
    story.say(" and. Tres.", true);
    let expected = [("One.", "en-US"), ("Two and.", "en-US"), ("Tres.", "es-ES")];
    assert_eq!(story.languages(), expected);
    // The same of what interrupts it.
    let mut story = Story::new(ANY);
    let _ = story.ask("This call is ", false, &interruptible(Interrupts::None));
    story.say("recorded. Is", false);
    let _ = story.ask(" that fine?", true, &interruptible(Interrupts::Dtmf));
    let manners = story.talk.turns.iter().map(|turn| turn.manner.interrupts);
    let expected = [Interrupts::None, Interrupts::Any, Interrupts::Dtmf];
    assert_eq!(manners.collect::<Vec<_>>(), expected);
    assert_eq!(story.texts(), ["This call is recorded.", "Is", "that fine?"]);
}

#[test]
fn whatever_comes_is_bounded() {
    let full = Taken { preempted: vec![], is_full: true };
    let mut story = Story::new(ANY);
    story.say(&"word ".repeat(limit::RELAY_TEXT_MAX / 5), false);
    assert!(story.texts().iter().all(|text| text.len() <= limit::RELAY_SENTENCE_MAX + 5));
    assert!(story.talk.gathered.as_ref().unwrap().text.len() <= limit::RELAY_SENTENCE_MAX + 5);
    let mut story = Story::new(ANY);
    for _ in 0..limit::RELAY_TURNS_MAX {
        story.say("a", true);
    }
    assert_eq!(story.ask("a", true, &Asked::default()), full);
    assert_eq!(story.file("a"), full);
    story.say("begun", false);
    assert_eq!(story.ask("b", true, &Asked::default()), full);
    assert!(story.talk.gathered.is_none(), "`last` holds though there is no room");
    // A sentence without blanks is cut, too, and not within a character.
    let mut story = Story::new(ANY);
    story.say(&"é".repeat(limit::RELAY_SENTENCE_MAX), true);
    assert_eq!(story.texts().concat().chars().count(), limit::RELAY_SENTENCE_MAX);
    // Blanks are nothing, however many.
    let mut story = Story::new(ANY);
    story.say(&" ".repeat(limit::RELAY_TEXT_MAX), false);
    assert!(story.talk.gathered.is_none() && story.texts().is_empty());
}

#[test]
fn one_message_makes_no_more_turns_than_there_may_be() {
    for sentence in ["a\n", "。"] {
        let mut story = Story::new(ANY);
        let taken = story.ask(&sentence.repeat(8_192), false, &Asked::default());
        assert_eq!(taken, Taken { preempted: vec![], is_full: true });
        assert_eq!(story.talk.turns.len(), limit::RELAY_TURNS_MAX);
        assert!(story.talk.gathered.is_none());
        // So many can be preempted by the next answer all the same.
        let mut story = Story::new(PREEMPTIBLE);
        assert!(story.ask(&sentence.repeat(8_192), true, &Asked::default()).is_full);
        story.prepare(1);
        let preempted = vec![SourceId(1), SourceId(2)];
        let taken = story.ask("Stop. Wait.", true, &Asked::default());
        assert_eq!(taken, Taken { preempted, is_full: false });
        assert_eq!(story.texts(), ["Stop.", "Wait."]);
    }
}

#[test]
fn turns_are_heard_in_order_and_asked_for_ahead() {
    let mut story = Story::new(ANY);
    story.say("One. Two. Three. ", true);
    story.talk.asked(SourceId(1));
    story.talk.asked(SourceId(2));
    assert_eq!(story.talk.to_prepare(), None, "not all at once");
    story.talk.ready(SourceId(2));
    assert_eq!(story.play(), None, "the second waits for the first");
    story.talk.ready(SourceId(1));
    assert_eq!(story.play(), Some((SourceId(1), 1)));
    assert_eq!(story.play(), None, "it is heard already");
    assert_eq!(story.over(1).as_deref(), Some("One."));
    assert!(story.talk.to_prepare().is_some() && story.talk.is_on() && !story.talk.is_playing());
    assert_eq!(story.play(), Some((SourceId(2), 1)));
    // One that never sounds was not heard.
    story.talk.asked(SourceId(3));
    assert_eq!(story.over(3), None);
    assert_eq!(story.over(2).as_deref(), Some("Two."));
    assert!(!story.talk.is_on());
}

#[test]
fn a_file_is_heard_behind_what_was_begun() {
    let mut story = Story::new(ANY);
    story.say("Please hold", false);
    assert_eq!(story.file("music"), Taken::default());
    story.say("Hello.", true);
    assert_eq!(story.texts(), ["Please hold", "music", "Hello."]);
}

#[test]
fn what_was_heard_by_the_interruption_is_told() {
    let mut story = Story::new(ANY);
    story.say("My name is Anna. What can I do for you today? And", false);
    story.prepare(1);
    story.play();
    story.over(1);
    story.after(SECOND).play();
    let cut = story.after(SECOND).interrupt(By::Speech).unwrap();
    // 15 characters in the second second.
    assert_eq!(cut.text, "My name is Anna. What can I do");
    assert_eq!((cut.after, cut.sources), (Duration::from_secs(2), vec![SourceId(2)]));
    assert!(story.talk.gathered.is_none() && !story.talk.is_on());
    assert_eq!(story.interrupt(By::Speech), None, "nothing is said");
    // The next talk begins anew.
    story.talk.caller_is_understood();
    story.after(REST).say("Yes?", true);
    story.prepare(5);
    story.after(SECOND).play();
    let cut = story.after(SECOND).interrupt(By::Key).unwrap();
    assert_eq!((cut.text.as_str(), cut.after), ("Yes?", SECOND));
}

#[test]
fn between_two_sentences_the_agent_is_interrupted_too() {
    let mut story = Story::new(ANY);
    story.say("My name is Anna. What can", false);
    story.prepare(1);
    story.play();
    story.after(SECOND).over(1);
    let cut = story.after(SECOND).interrupt(By::Speech).unwrap();
    assert_eq!((cut.text.as_str(), cut.after), ("My name is Anna.", 2 * SECOND));
    story.say(" I do? Hm?", true);
    assert!(story.texts().is_empty());
    // What must be heard is not.
    let mut story = Story::new(NONE);
    story.say("This call", false);
    assert_eq!(story.interrupt(By::Speech), None);
}

#[test]
fn of_an_answer_that_was_broken_into_nothing_more_is_said() {
    let begin = || {
        let mut story = Story::new(ANY);
        story.say("It is six percent. It may ris", false);
        story.interrupt(By::Speech).unwrap();
        story.after(PAUSE / 2).say("e to seven. Sh", false);
        assert!(story.texts().is_empty() && story.talk.gathered.is_none());
        story
    };
    // To its end.
    let mut story = begin();
    story.say("all I?", true);
    story.say("Yes?", true);
    assert_eq!(story.texts(), ["Yes?"]);
    // If it has none, to the answer to what the caller says.
    let mut story = begin();
    story.talk.caller_is_understood();
    story.after(REST / 2).say("all I?", false);
    story.after(REST).say("Y", false);
    story.say("es?", true);
    assert_eq!(story.texts(), ["Yes?"]);
    // Or to a pause.
    let mut story = begin();
    story.after(PAUSE - Duration::from_millis(1)).say("all", false);
    story.after(PAUSE).say("Still there?", true);
    assert_eq!(story.texts(), ["Still there?"]);
    // A file is another.
    let mut story = begin();
    assert_eq!(story.file("music"), Taken::default());
    story.say("Yes?", true);
    assert_eq!(story.texts(), ["music", "Yes?"]);
    // One that was complete is over.
    let mut story = Story::new(ANY);
    story.say("It is six percent.", true);
    story.interrupt(By::Speech).unwrap();
    story.say("Yes?", true);
    assert_eq!(story.texts(), ["Yes?"]);
}

#[test]
fn what_must_be_heard_outlives_the_interruption() {
    let must = interruptible(Interrupts::None);
    // Half of it had come; what need not be heard is heard only if it is the answer to what the caller said.
    for (is_understood, expected) in [(false, &[][..]), (true, &["Is that fine?"])] {
        let mut story = Story::new(ANY);
        story.say("Hello.", true);
        let _ = story.ask("This call is ", false, &must);
        assert!(story.interrupt(By::Speech).is_some());
        if is_understood {
            story.talk.caller_is_understood();
            story.after(REST);
        }
        let _ = story.ask("recorded. ", false, &must);
        story.say("Is that fine?", true);
        assert_eq!(story.texts(), [&["This call is recorded."], expected].concat());
    }
    // It is never completed.
    let mut story = Story::new(ANY);
    story.say("Hello.", true);
    let _ = story.ask("This call is ", false, &must);
    assert!(story.interrupt(By::Speech).is_some());
    story.talk.caller_is_understood();
    story.after(REST).say("Yes?", true);
    assert_eq!(story.texts(), ["This call is", "Yes?"]);
    // It comes with the rest.
    let mut story = Story::new(ANY);
    story.say("Hello. You sh", false);
    assert!(story.interrupt(By::Speech).is_some());
    assert_eq!(story.ask("This call is recorded.", true, &must), Taken::default());
    assert_eq!(story.texts(), ["This call is recorded."]);
}

#[test]
fn when_it_was_heard_is_remembered() {
    let mut story = Story::new(ANY);
    story.say("One. Two.", true);
    let begin = story.now;
    story.prepare(1);
    story.after(SECOND).play();
    story.after(SECOND).over(1);
    story.play();
    story.after(SECOND).interrupt(By::Key).unwrap();
    story.after(SECOND).say("Three.", true);
    story.prepare(3);
    story.play();
    story.after(SECOND);
    let heard: Vec<bool> = (0..6).map(|n| story.talk.was_playing(begin + n * SECOND)).collect();
    assert_eq!(heard, [false, true, true, false, true, true]);
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
        let mut story = Story::new(Manner { interrupts, preemptible: false });
        story.say("Hello.", true);
        assert_eq!(story.talk.yields_to_keys(), interrupts.by_keys());
        assert_eq!(story.interrupt(by).is_some(), is_cut, "{interrupts:?} {by:?}");
    }
    // What must be heard stays, behind what need not.
    let mut story = Story::new(ANY);
    story.say("Hello.", true);
    story.usual = style("en-US", NONE);
    story.say("This call is recorded.", true);
    assert!(story.interrupt(By::Speech).is_some());
    assert_eq!(story.texts(), ["This call is recorded."]);
}

#[test]
fn the_next_talk_preempts_and_its_own_sentences_do_not() {
    let mut story = Story::new(PREEMPTIBLE);
    story.say("One. Two. Three", false);
    story.prepare(1);
    story.say(".", true);
    story.usual = style("en-US", ANY);
    let preempted = vec![SourceId(1), SourceId(2)];
    let taken = story.ask("Four.", true, &Asked::default());
    assert_eq!(taken, Taken { preempted, is_full: false });
    assert_eq!(story.texts(), ["Four."]);
    assert_eq!(story.file("five"), Taken::default(), "it can not be preempted");
    assert_eq!(story.texts(), ["Four.", "five"]);
}
