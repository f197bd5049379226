//! Who speaks while the other does: what of the agent's words is cut off, and what of the caller's is told.
//!
//! Not here: one interruption as it should be (`relay`), single sentences (`legwork-call`, `relay/talk`).
//! Source: Twilio, "ConversationRelay", `interruptible`, `reportInputDuringAgentSpeech`, `interrupt`.

use expect_test::expect;

use crate::check;

/// A session; keys are told. The ladder begins behind it.
const BEGINS: &str = r#"
    app /voice <Connect><ConversationRelay url="wss://agent.example/x" dtmfDetection="true"/></Connect>
    usera calls
    wait 100ms
    ---
"#;

#[test]
fn what_broke_in_is_told_though_the_next_must_be_heard() {
    check(
        &[
            BEGINS,
            r#"
            agent says "Let me tell you a long story."
            agent says "This call is recorded." not to be interrupted
            wait 500ms
            usera presses 5
            wait 3s
            agent says "Let me tell you a long story."
            agent says "This call is recorded." not to be interrupted
            wait 500ms
            usera says "please stop" for 200ms
            wait 3s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "Let me tell you a long story." ──▶
            agent    ── text "This call is recorded." not to be interrupted ──▶
            usera    ♪  audio of ours
            agent   ◀── interrupt "Let me" 482 ms
            usera    ♪  audio of ours
            agent   ◀── dtmf 5
            … 1 s
            usera    ♪  silence
            … 3 s
            agent    ── text "Let me tell you a long story." ──▶
            agent    ── text "This call is recorded." not to be interrupted ──▶
            usera    ♪  audio of ours
            usera    ── "please stop" ──▶
            agent   ◀── interrupt "Let me" 480 ms
            usera    ♪  audio of ours
            … 1 s
            agent   ◀── prompt en-US "please stop"
            usera    ♪  silence
            … 3 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn what_was_said_in_silence_is_told_whatever_is_heard_by_then() {
    check(
        &[
            BEGINS,
            r#"
            usera says "what is my balance" for 500ms
            wait 100ms
            agent says "One moment." not to be interrupted
            wait 3s
            usera says "are you there" for 500ms
            wait 1500ms
            agent says "It is three dollars." not to be interrupted
            wait 200ms
            usera says "and over it" for 300ms
            wait 3s
            usera hangs up
            "#,
        ],
        expect![[r#"
            usera    ── "what is my balance" ──▶
            … 1.1 s
            agent    ── text "One moment." not to be interrupted ──▶
            usera    ♪  audio of ours
            agent   ◀── prompt en-US "what is my balance"
            usera    ♪  silence
            … 2.2 s
            usera    ── "are you there" ──▶
            … 1.3 s
            agent   ◀── prompt en-US "are you there"
            … 1.2 s
            agent    ── text "It is three dollars." not to be interrupted ──▶
            usera    ♪  audio of ours
            usera    ── "and over it" ──▶
            usera    ♪  silence
            … 3.4 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn who_goes_on_when_the_agent_has_ended_is_told() {
    check(
        &[
            BEGINS,
            r#"
            agent says "What can I do for you?" not to be interrupted
            wait 700ms
            usera says "what is my balance" for 1s
            wait 3s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "What can I do for you?" not to be interrupted ──▶
            usera    ♪  audio of ours
            usera    ── "what is my balance" ──▶
            usera    ♪  silence
            … 1.7 s
            agent   ◀── prompt en-US "what is my balance"
            … 2.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn two_utterances_in_a_row_are_both_told() {
    check(
        &[
            BEGINS,
            r#"
            recogniser takes 1s
            usera says "my name is anna" for 500ms
            wait 1200ms
            usera says "anna smith" for 500ms
            wait 600ms
            agent says "Hello Anna." not to be interrupted
            wait 3s
            usera hangs up
            "#,
        ],
        expect![[r#"
            usera    ── "my name is anna" ──▶
            … 2.1 s
            agent   ◀── prompt en-US "my name is anna"
            usera    ── "anna smith" ──▶
            … 1.6 s
            agent    ── text "Hello Anna." not to be interrupted ──▶
            usera    ♪  audio of ours
            agent   ◀── prompt en-US "anna smith"
            usera    ♪  silence
            … 2.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn half_a_sentence_that_must_be_heard_is_not_lost() {
    check(
        &[
            BEGINS,
            r#"
            show speech
            agent says "Let me tell you a long story. "
            agent says "This call is " and goes on not to be interrupted
            wait 500ms
            usera presses 5 &
            wait 300ms
            agent says "recorded." not to be interrupted
            wait 3s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "Let me tell you a long story. " ──▶
            spoken by man in en-US: Let me tell you a long story.
            agent    ── text "This call is " and goes on not to be interrupted ──▶
            usera    ♪  audio of ours
            agent   ◀── interrupt "Let me" 482 ms
            usera    ♪  silence
            agent   ◀── dtmf 5
            agent    ── text "recorded." not to be interrupted ──▶
            spoken by man in en-US: This call is recorded.
            usera    ♪  audio of ours
            usera    ♪  silence
            … 2.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn the_rest_of_an_answer_that_was_broken_into_is_not_spoken() {
    check(
        &[
            BEGINS,
            r#"
            show speech
            agent says "The rate is six percent. It may ris" and goes on
            wait 300ms
            usera says "wait" for 300ms &
            wait 50ms
            agent says "e to seven. " and goes on
            wait 50ms
            agent says "Shall I go on?"
            wait 2s
            agent says "I am all ears."
            wait 2s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "The rate is six percent. It may ris" and goes on ──▶
            spoken by man in en-US: The rate is six percent.
            usera    ♪  audio of ours
            usera    ── "wait" ──▶
            agent   ◀── interrupt "The" 280 ms
            usera    ♪  silence
            agent    ── text "e to seven. " and goes on ──▶
            agent    ── text "Shall I go on?" ──▶
            … 1 s
            agent   ◀── prompt en-US "wait"
            … 1 s
            agent    ── text "I am all ears." ──▶
            spoken by man in en-US: I am all ears.
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn who_stops_without_last_is_heard_again_once_the_caller_is_understood() {
    check(
        &[
            BEGINS,
            r#"
            show speech
            agent says "The rate is six percent. It may ris" and goes on
            wait 300ms
            usera says "wait" for 300ms &
            wait 50ms
            agent says "e to " and goes on
            wait 1200ms
            agent says "What is it?"
            wait 2s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "The rate is six percent. It may ris" and goes on ──▶
            spoken by man in en-US: The rate is six percent.
            usera    ♪  audio of ours
            usera    ── "wait" ──▶
            agent   ◀── interrupt "The" 280 ms
            usera    ♪  silence
            agent    ── text "e to " and goes on ──▶
            … 1.1 s
            agent   ◀── prompt en-US "wait"
            agent    ── text "What is it?" ──▶
            spoken by man in en-US: What is it?
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn an_answer_is_broken_into_between_two_of_its_sentences() {
    check(
        &[
            BEGINS,
            r#"
            show speech
            agent says "The rate is six percent. It may" and goes on
            wait 2s
            usera says "how much" for 300ms &
            wait 50ms
            agent says " rise. Shall I go on?"
            wait 2s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "The rate is six percent. It may" and goes on ──▶
            spoken by man in en-US: The rate is six percent.
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── "how much" ──▶
            agent   ◀── interrupt "The rate is six percent." 1980 ms
            agent    ── text " rise. Shall I go on?" ──▶
            … 1.1 s
            agent   ◀── prompt en-US "how much"
            … 1 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn a_language_changes_nothing_of_what_was_said_before() {
    check(
        &[
            BEGINS,
            r#"
            show speech
            agent says "One. Two. Three. Four."
            agent changes es-ES and en-US
            agent says "Cinco."
            wait 6s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "One. Two. Three. Four." ──▶
            spoken by man in en-US: One.
            spoken by man in en-US: Two.
            agent    ── language es-ES and en-US ──▶
            agent    ── text "Cinco." ──▶
            usera    ♪  audio of ours
            spoken by man in en-US: Three.
            usera    ♪  audio of ours
            … 1 s
            spoken by man in en-US: Four.
            usera    ♪  audio of ours
            … 1 s
            spoken by man in es-ES: Cinco.
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.1 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn a_file_is_heard_behind_what_was_begun() {
    check(
        &[
            BEGINS,
            r#"
            show speech
            agent says "Please hold" and goes on
            agent plays http://app.example/music.wav
            agent says "Hello."
            wait 4s
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "Please hold" and goes on ──▶
            agent    ── play http://app.example/music.wav ──▶
            spoken by man in en-US: Please hold
            agent    ── text "Hello." ──▶
            usera    ♪  audio of ours
            spoken by man in en-US: Hello.
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.1 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn keys_in_band_interrupt_a_text_that_lets_them() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x" interruptible="none" welcomeGreetingInterruptible="none"/></Connect>
            usera knows no events
            usera calls
            wait 100ms
            ---
            agent says "Let me tell you a long story." to be interrupted
            wait 300ms
            usera presses 5
            wait 2s
            usera hangs up
            "#],
        expect![[r#"
            agent    ── text "Let me tell you a long story." to be interrupted ──▶
            usera    ♪  audio of ours
            agent   ◀── interrupt "Let" 360 ms
            usera    ♪  silence
            … 2.9 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn a_long_greeting_is_heard_as_far_as_there_is_room_and_the_account_told() {
    let sentence = "Welcome to the bank, and thank you for your patience today. ";
    let told = |sentences: usize| {
        let greeting = sentence.repeat(sentences);
        let ladder = legwork_sim::script::run(&format!(
            r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x" welcomeGreeting="{greeting}"/></Connect>
            show speech, alerts
            usera calls
            wait 400s
            "#
        ));
        let alerts: Vec<&str> = ladder.lines().filter(|line| line.contains("alert")).collect();
        (ladder.matches("spoken by").count(), alerts.len(), ladder.contains("alert 64101 error"))
    };
    assert_eq!(told(200), (200, 0, false));
    assert_eq!(told(300), (200, 1, true));
}
