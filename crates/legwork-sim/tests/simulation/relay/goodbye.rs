//! How an agent leaves: what it said before `end` is heard.
//!
//! Not here: sessions that end otherwise (`relay`).
//! Source: Twilio, "ConversationRelay", `end`; what its framework for agents expects of it.

use expect_test::expect;

use crate::check;

/// A session whose agent is about to go. The ladder begins behind it.
const BEGINS: &str = r#"
    app /voice <Connect action="/done"><ConversationRelay url="wss://agent.example/x"/></Connect>
    app /done <Hangup/>
    show SessionStatus, HandoffData
    usera calls
    wait 100ms
    ---
"#;

#[test]
fn what_was_said_before_the_end_is_heard() {
    check(
        &[
            BEGINS,
            r#"
            agent says "Thank you. A colleague will" and goes on
            agent says " help you." and goes on
            agent ends {"to":"sales"}
            agent says "too late"
            agent closes
            wait 5s
            "#,
        ],
        expect![[r#"
            agent    ── text "Thank you. A colleague will" and goes on ──▶
            agent    ── text " help you." and goes on ──▶
            agent    ── ends {"to":"sales"} ──▶
            usera    ·  relay is to end
            agent   ◀── close
            agent    ── text "too late" ──▶
            agent    ── close ──▶
            usera    ♪  audio of ours
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ·  relay ends, ended
            app     ◀── POST /done  SessionStatus=ended  HandoffData={"to":"sales"}
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_caller_who_breaks_into_the_goodbye_ends_it() {
    check(
        &[
            BEGINS,
            r#"
            agent says "Thank you for your call. A colleague will help you."
            agent ends {"to":"sales"}
            wait 400ms
            usera says "bye" for 200ms
            wait 3s
            "#,
        ],
        expect![[r#"
            agent    ── text "Thank you for your call. A colleague will help you." ──▶
            agent    ── ends {"to":"sales"} ──▶
            usera    ·  relay is to end
            agent   ◀── close
            usera    ♪  audio of ours
            usera    ── "bye" ──▶
            usera    ♪  silence
            usera    ·  relay ends, ended
            app     ◀── POST /done  SessionStatus=ended  HandoffData={"to":"sales"}
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_hangs_up_during_the_goodbye_was_handed_on() {
    check(
        &[
            BEGINS,
            r#"
            agent says "Thank you for your call."
            agent ends {"to":"sales"}
            wait 400ms
            usera hangs up
            "#,
        ],
        expect![[r#"
            agent    ── text "Thank you for your call." ──▶
            agent    ── ends {"to":"sales"} ──▶
            usera    ·  relay is to end
            agent   ◀── close
            usera    ♪  audio of ours
            usera    ── BYE ──▶
            app     ◀── POST /done  SessionStatus=ended  HandoffData={"to":"sales"}
        "#]],
    );
}

#[test]
fn nobody_waits_for_what_can_not_be_had() {
    check(
        &[
            BEGINS,
            r#"
            agent plays http://files.example/missing.wav
            agent ends
            wait 3s
            "#,
        ],
        expect![[r#"
            agent    ── play http://files.example/missing.wav ──▶
            agent    ── ends ──▶
            usera    ·  relay is to end
            agent   ◀── close
            app      ·  alert 11200 error
            usera    ·  relay ends, ended
            app     ◀── POST /done  SessionStatus=ended
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_goodbye_without_end_is_cut_off() {
    check(
        &[
            BEGINS,
            r#"
            agent says "One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten. Eleven. Twelve. One. Two. Three. Four. Five. Six. Seven. Eight. Nine. Ten. Eleven. Twelve. One. Two. Three. Four. Five. Six. Seven. Eight."
            agent ends {"to":"sales"}
            wait 29s
            ---
            wait 2s
            "#,
        ],
        expect![[r#"
            usera    ♪  audio of ours
            usera    ·  relay ends, ended
            app     ◀── POST /done  SessionStatus=ended  HandoffData={"to":"sales"}
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_breaks_into_the_goodbye_is_not_told_to_the_next_agent() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://one.example/x" interruptSensitivity="low"/></Connect><Connect><ConversationRelay url="wss://two.example/x"/></Connect>
            usera calls
            wait 100ms
            ---
            agent says "Thank you for your call. I put you through to a colleague who will help you. Please hold the line."
            agent ends
            wait 400ms
            usera says "thanks" for 200ms
            wait 3s
            usera hangs up
            "#],
        expect![[r#"
            agent    ── text "Thank you for your call. I put you through to a colleague who will help you. Please hold the line." ──▶
            agent    ── ends ──▶
            usera    ·  relay is to end
            agent   ◀── close
            usera    ♪  audio of ours
            usera    ── "thanks" ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            usera    ·  relay ends, ended
            agent   ◀── setup wss://two.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            … 3 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}
