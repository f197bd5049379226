//! Tests of `<Gather>`: which key ends it, what is told.

use super::*;

fn gathering(attributes: &str) -> Gathering {
    let document = format!("<Response><Gather {attributes}/></Response>");
    let (program, _) = twiml::parse(document.as_bytes());
    let Some(twiml::Verb::Gather(verb)) = program.verbs.into_iter().next() else { panic!() };
    Gathering {
        verb: *verb,
        leg: LegId(1),
        prompts: VecDeque::new(),
        at: At::Waiting,
        keys: String::new(),
        finished_on: None,
        ear: None,
    }
}

#[test]
fn which_key_ends_it() {
    let table = [
        // attributes, keys, what is told, or that it goes on
        ("", "12", None),
        ("", "12#", Some("12")),
        ("", "#", Some("")),
        ("finishOnKey=''", "12#*", None),
        ("finishOnKey='*0'", "12#0", Some("12#")),
        ("numDigits='3'", "123", Some("123")),
        ("numDigits='3'", "12", None),
        ("numDigits='3'", "1#", Some("1")),
        ("numDigits='1' finishOnKey='1'", "1", Some("")),
    ];
    for (attributes, keys, told) in table {
        let mut gathering = gathering(attributes);
        for (n, key) in keys.chars().enumerate() {
            assert!(!gathering.has_all_keys(), "{attributes} {keys}: key {n} is too many");
            gathering.press(key);
        }
        let digits = gathering.has_all_keys().then_some(gathering.keys.as_str());
        assert_eq!(digits, told, "{attributes} {keys}");
    }
}

#[test]
fn keys_without_end_have_one() {
    for attributes in ["", "numDigits='2000000000'"] {
        let mut gathering = gathering(attributes);
        let mut n = 0;
        while !gathering.has_all_keys() {
            gathering.press('1');
            n += 1;
        }
        assert_eq!(n, limit::GATHERED_KEYS_MAX, "{attributes}");
    }
}

#[test]
fn what_action_is_told() {
    let speech = || Came::Speech { text: "yes".to_owned(), confidence: 912 };
    let keys = [("Digits", ""), ("FinishedOnKey", "")];
    let words = [("SpeechResult", ""), ("Confidence", "0.0"), ("Language", "en-US")];
    let table = [
        ("", Came::Keys, keys.to_vec()),
        ("", Came::Nothing, keys.to_vec()),
        ("input='speech'", Came::Nothing, words.to_vec()),
        ("input='dtmf speech'", Came::Nothing, [keys.as_slice(), &words].concat()),
        ("input='dtmf speech'", Came::Keys, keys.to_vec()),
        (
            "input='dtmf speech' language='de-DE'",
            speech(),
            vec![("SpeechResult", "yes"), ("Confidence", "0.912"), ("Language", "de-DE")],
        ),
    ];
    for (attributes, came, expected) in table {
        let told = gathering(attributes).parameters(came);
        let told: Vec<_> =
            told.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
        assert_eq!(told, expected, "{attributes}");
    }
}

#[test]
fn a_key_soon_after_a_voice_was_that_voice() {
    let mut both = gathering("input='dtmf speech'");
    let since = some_instant();
    for (after, is_key) in [
        (Duration::ZERO, true),
        (limit::KEY_AS_VOICE, true),
        (limit::KEY_AS_VOICE + Duration::from_millis(1), false),
    ] {
        both.at = At::Speaking { since };
        assert_eq!(both.takes_keys(since + after), is_key, "{after:?}");
        both.at = At::Hushed { since };
        assert_eq!(both.takes_keys(since + after), is_key, "{after:?}");
    }
    both.at = At::Understanding;
    assert!(!both.takes_keys(since));
    assert!(!gathering("input='speech'").takes_keys(since));
}

#[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
fn some_instant() -> Instant {
    Instant::now()
}
