//! Utterance after utterance, by recognisers that work and by those that do not.

use super::*;
use crate::ears::dictation::Dictation;

const SILENCE: Duration = Duration::from_millis(600);
/// A recogniser that always understands the same.
const YES: &str = "echo 'yes 0 49 0.800 -9 0 1' >&2; cat >/dev/null";

fn dictation(settings: config::Recognition, asked: Recognition) -> (Dictation, Sender<TapSound>) {
    let recogniser = Arc::new(Recogniser::new(settings).unwrap());
    let (sender, receiver) = channel(limit::TAP_QUEUE_MAX);
    (Dictation::new(recogniser, asked, SILENCE, receiver), sender)
}

/// So many times a second of voice and one of silence.
async fn speak(sender: &Sender<TapSound>, times: usize) {
    for _ in 0..times {
        sender.send(TapSound::Samples(tone().into())).await.unwrap();
        sender.send(TapSound::Samples(vec![0; RATE_HZ].into())).await.unwrap();
    }
}

/// An utterance is told next, which began no longer ago than this test.
async fn segment(dictation: &mut Dictation, began: Instant) -> String {
    let told = dictation.next().await;
    let Tapped::Segment { text, confidence: 800, age } = told else { panic!("{told:?}") };
    assert!(!age.is_zero() && age <= began.elapsed(), "{age:?}");
    text
}

fn nothing() -> Tapped {
    Tapped::Understood { text: String::new(), confidence: 0 }
}

#[tokio::test]
async fn each_utterance_is_told_and_then_the_end() {
    let begin = Instant::now();
    let (settings, _scratch) = fake(YES);
    let (mut dictation, sender) = dictation(settings, hints(""));
    speak(&sender, 2).await;
    sender.send(TapSound::Lost(16_000)).await.unwrap();
    // The last one is cut off by the end.
    sender.send(TapSound::Samples(tone().into())).await.unwrap();
    sender.send(TapSound::End).await.unwrap();
    for _ in 0..3 {
        assert_eq!(segment(&mut dictation, begin).await, "yes");
    }
    assert_eq!(dictation.next().await, nothing());
}

#[tokio::test]
async fn who_says_nothing_is_understood_by_nobody() {
    let settings = config::Recognition { program: "/nonexistent".into(), ..Default::default() };
    let (mut dictation, sender) = dictation(settings, hints(""));
    sender.send(TapSound::Samples(vec![0; 60 * RATE_HZ].into())).await.unwrap();
    drop(sender);
    assert_eq!(dictation.next().await, nothing());
}

#[tokio::test]
async fn nothing_is_told_of_an_utterance_before_the_one_it_follows() {
    // The longer one takes its time, what there is so far of the next does not.
    let (settings, _scratch) =
        fake("n=$(wc -c); [ $n -gt 80000 ] && sleep 0.5; echo \"$n 0 49 0.800 -9 0 1\" >&2");
    let asked = Recognition { partial: true, ..hints("") };
    let (mut dictation, sender) = dictation(settings, asked);
    for _ in 0..3 {
        sender.send(TapSound::Samples(tone().into())).await.unwrap();
    }
    sender.send(TapSound::Samples(vec![0; RATE_HZ].into())).await.unwrap();
    sender.send(TapSound::Samples(tone().into())).await.unwrap();
    let first = dictation.next().await;
    assert!(matches!(first, Tapped::Segment { .. }), "{first:?}");
    // By now nobody waits.
    sender.send(TapSound::Samples(tone()[..RATE_HZ / 2].into())).await.unwrap();
    let second = dictation.next().await;
    assert!(matches!(second, Tapped::Partial { .. }), "{second:?}");
}

#[tokio::test]
async fn a_recogniser_that_fails_loses_an_utterance_and_not_the_call() {
    let begin = Instant::now();
    // It fails at first.
    let once = format!("f=\"$(dirname \"$0\")\"/once; [ -e $f ] || {{ touch $f; exit 3; }}; {YES}");
    let (settings, _scratch) = fake(&once);
    let (mut dictation, sender) = dictation(settings, hints(""));
    speak(&sender, 2).await;
    drop(sender);
    let Tapped::Missed { code, text } = dictation.next().await else { panic!("not missed") };
    assert!(code == DEGRADED && text.contains("exit status: 3"), "{code} {text}");
    assert_eq!(segment(&mut dictation, begin).await, "yes");
    assert_eq!(dictation.next().await, nothing());
}

#[tokio::test]
async fn one_that_always_fails_is_given_up() {
    let (settings, _scratch) = fake("exit 3");
    let (mut dictation, sender) = dictation(settings.clone(), hints(""));
    for n in 1..=limit::FAILURES_IN_A_ROW_MAX {
        speak(&sender, 1).await;
        let tapped = dictation.next().await;
        let is_last = n == limit::FAILURES_IN_A_ROW_MAX;
        assert_eq!(matches!(tapped, Tapped::Failed { .. }), is_last, "{n} {tapped:?}");
    }
    // What is of a language nobody knows, at once.
    let french = Recognition { language: "fr-FR".to_owned(), ..Recognition::default() };
    let (mut dictation, sender) = self::dictation(settings, french);
    speak(&sender, 1).await;
    let tapped = dictation.next().await;
    assert!(matches!(tapped, Tapped::Failed { code: UNKNOWN_LANGUAGE, .. }), "{tapped:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_makes_nothing_grow() {
    let (settings, _scratch) = fake("exec sleep 600");
    let (mut dictation, sender) = dictation(settings, hints(""));
    let many = limit::UTTERANCES_WAITING_MAX + 3;
    speak(&sender, many).await;
    let Tapped::Missed { text, .. } = dictation.next().await else { panic!("not missed") };
    assert!(text.contains("too many wait"), "{text}");
    assert!(dictation.waiting.len() <= limit::UTTERANCES_WAITING_MAX);
    let mut told = Vec::new();
    while !matches!(told.last(), Some(Tapped::Failed { .. })) {
        told.push(dictation.next().await);
        assert!(told.len() <= many, "{told:?}");
    }
}

#[tokio::test]
async fn sentences_are_understood_as_they_are_said() {
    if !is_installed() {
        return;
    }
    let (mut dictation, sender) = dictation(config::Recognition::default(), hints(MENU));
    let sound = spoken("en-us", "technical support");
    let mut told = Vec::new();
    for _ in 0..2 {
        for piece in sound.chunks(3_200).map(<[i16]>::to_vec) {
            sender.send(TapSound::Samples(piece.into())).await.unwrap();
        }
        sender.send(TapSound::Samples(vec![0; RATE_HZ].into())).await.unwrap();
        told.push(dictation.next().await);
    }
    let names = told.iter().filter(|tapped| match tapped {
        Tapped::Segment { text, confidence, .. } => text == "technical support" && *confidence > 0,
        Tapped::Partial { .. }
        | Tapped::Missed { .. }
        | Tapped::Recorded { .. }
        | Tapped::Understood { .. }
        | Tapped::Connected
        | Tapped::Disconnected
        | Tapped::Flawed { .. }
        | Tapped::Failed { .. } => false,
    });
    assert_eq!(names.count(), 2, "{told:?}");
}

#[tokio::test]
async fn an_endpoint_transcribes_each_utterance() {
    let json = r#"{"text": "Yes, please."}"#;
    let (settings, _stop, _) = endpoint(http("200 OK", json), None).await;
    let (mut dictation, sender) = dictation(settings, hints("yes, no"));
    speak(&sender, 2).await;
    drop(sender);
    for _ in 0..2 {
        let Tapped::Segment { text, confidence, .. } = dictation.next().await else {
            panic!("no segment")
        };
        assert_eq!((text.as_str(), confidence), ("Yes, please.", 900));
    }
    assert_eq!(dictation.next().await, nothing());
}
