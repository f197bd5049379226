//! `<Connect><ConversationRelay>`: an application's agent speaks with the caller, in text.
//!
//! Not here: its attributes one by one (`attributes`), JSON and WebSockets (crate `legwork`).
//! Source: Twilio, "TwiML Voice: ConversationRelay", "ConversationRelay WebSocket messages".

use expect_test::expect;

use crate::check;

mod breaking_in;
mod goodbye;

#[test]
fn they_talk_and_the_agent_ends_it() {
    check(
        &[r#"
            app /voice <Connect action="/done"><ConversationRelay url="wss://agent.example/x" welcomeGreeting="Hello. How can I help?" dtmfDetection="true"><Parameter name="customer" value="7"/></ConversationRelay></Connect><Say>never</Say>
            app /done <Say>goodbye</Say>
            show speech, from, to, direction, callStatus, SessionId, SessionStatus, SessionDuration, HandoffData
            usera calls
            wait 3s
            usera says "what is my balance" for 1s
            wait 1s
            agent says "One mo" and goes on
            agent says "ment. You have " and goes on
            agent says "3.50 dollars" and goes on
            agent says " left. Goodbye"
            wait 5s
            usera presses 7
            agent ends {"reason":"done"}
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect, Say ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP  from=sip:usera@bank.example.com  to=sip:bank@bank.example.com  direction=inbound  callStatus=in-progress  customer=7
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            understood in en-US by default, unfiltered, one by one after 600 ms
            spoken by man in en-US: Hello.
            spoken by man in en-US: How can I help?
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2 s
            usera    ── "what is my balance" ──▶
            … 1.8 s
            agent   ◀── prompt en-US "what is my balance"
            agent    ── text "One mo" and goes on ──▶
            agent    ── text "ment. You have " and goes on ──▶
            spoken by man in en-US: One moment.
            agent    ── text "3.50 dollars" and goes on ──▶
            agent    ── text " left. Goodbye" ──▶
            spoken by man in en-US: You have 3.50 dollars left.
            usera    ♪  audio of ours
            spoken by man in en-US: Goodbye
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2.1 s
            agent   ◀── dtmf 7
            … 1 s
            agent    ── ends {"reason":"done"} ──▶
            agent   ◀── close
            usera    ·  relay ends, ended
            app     ◀── POST /done  SessionId=VX0001412a4de2c53d74542cf335173764  SessionStatus=ended  SessionDuration=11  HandoffData={"reason":"done"}
            app      ── 200  Say ──▶
            spoken by man in its own language: goodbye
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_breaks_in() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"/></Connect>
            show speech
            usera calls
            wait 100ms
            agent says "Let me tell you a long story. It begins in a small town. There lived"
            wait 1500ms
            usera says "please stop" for 1s
            wait 1s
            agent says "Fine."
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            understood in en-US by default, unfiltered, one by one after 600 ms
            … 1.1 s
            agent    ── text "Let me tell you a long story. It begins in a small town. There lived" ──▶
            spoken by man in en-US: Let me tell you a long story.
            spoken by man in en-US: It begins in a small town.
            usera    ♪  audio of ours
            spoken by man in en-US: There lived
            usera    ♪  audio of ours
            usera    ── "please stop" ──▶
            agent   ◀── interrupt "Let me tell you a long story. It" 1480 ms
            usera    ♪  silence
            … 1.8 s
            agent   ◀── prompt en-US "please stop"
            agent    ── text "Fine." ──▶
            spoken by man in en-US: Fine.
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn what_must_be_heard_is_heard() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"/></Connect>
            usera calls
            wait 100ms
            agent says "This call is recorded." not to be interrupted
            agent says "How are you?"
            wait 300ms
            usera says "please stop" for 300ms
            wait 1500ms
            usera says "please" for 300ms
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            … 1.1 s
            agent    ── text "This call is recorded." not to be interrupted ──▶
            agent    ── text "How are you?" ──▶
            usera    ♪  audio of ours
            usera    ── "please stop" ──▶
            usera    ♪  audio of ours
            agent   ◀── interrupt "How are" 560 ms
            usera    ♪  silence
            agent   ◀── prompt en-US "please stop"
            … 1.4 s
            usera    ── "please" ──▶
            … 1.1 s
            agent   ◀── prompt en-US "please"
            … 1.9 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn files_digits_and_languages() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"><Language code="de-DE" voice="Polly.Vicki"/></ConversationRelay></Connect>
            show speech, keys
            usera calls
            wait 100ms
            agent plays http://app.example/music.wav
            wait 3s
            agent presses 12w3
            wait 3s
            agent presses x
            agent changes de-DE
            agent says "Guten Tag."
            wait 2s
            usera says "auf wiedersehen" for 1s
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            understood in en-US by default, unfiltered, one by one after 600 ms
            … 1.1 s
            agent    ── play http://app.example/music.wav ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 2.2 s
            agent    ── sendDigits 12w3 ──▶
            usera    ·  keys 12w3
            … 3 s
            agent    ── sendDigits x ──▶
            app      ·  alert 64107 warning
            agent   ◀── error sendDigits: no digits
            agent    ── language de-DE ──▶
            understood in de-DE by default, unfiltered, one by one after 600 ms
            agent    ── text "Guten Tag." ──▶
            spoken by Polly.Vicki in de-DE: Guten Tag.
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── "auf wiedersehen" ──▶
            … 1.8 s
            agent   ◀── prompt de-DE "auf wiedersehen"
            … 1.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn who_is_not_there_is_told_as_failed() {
    check(
        &[r#"
            app /voice <Connect action="/done"><ConversationRelay url="wss://agent.example/x" welcomeGreeting="Hello"/></Connect>
            app /done <Say>nobody is there</Say>
            show SessionStatus, SessionDuration, ErrorCode, ErrorMessage, alerts
            agent refuses 64102
            usera calls
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            app      ·  alert 64102 error
            No connection to the WebSocket of a <ConversationRelay>. the scenario says so. Check its URL, and whether the application takes connections there.
            agent   ◀── close
            usera    ·  relay ends, failed
            app     ◀── POST /done  SessionStatus=failed  SessionDuration=0  ErrorCode=64102  ErrorMessage=the scenario says so
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_leaves_without_goodbye_is_told_as_failed() {
    check(
        &[r#"
            app /voice <Connect action="/done"><ConversationRelay url="wss://agent.example/x" welcomeGreeting="Hello"/></Connect>
            app /done <Say>sorry</Say>
            show SessionStatus, SessionDuration, ErrorCode, ErrorMessage, alerts
            usera calls
            wait 500ms
            agent closes
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            agent    ── close ──▶
            app      ·  alert 64105 error
            The WebSocket of a <ConversationRelay> ended before its session. Send `end` when the application is done; look at its log.
            agent   ◀── close
            usera    ·  relay ends, failed
            app     ◀── POST /done  SessionStatus=failed  SessionDuration=1  ErrorCode=64105  ErrorMessage=The application closed the WebSocket without `end`.
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn without_action_the_next_verb_follows() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"/></Connect><Say>behind</Say>
            usera calls
            wait 500ms
            agent ends
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect, Say ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            … 1.5 s
            agent    ── ends ──▶
            agent   ◀── close
            usera    ·  relay ends, ended
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_and_action_is_told() {
    check(
        &[r#"
            app /voice <Connect action="/done"><ConversationRelay url="wss://agent.example/x" welcomeGreeting="Hello"/></Connect>
            app /done ok
            show SessionStatus, SessionDuration, CallStatus
            usera calls
            wait 2500ms
            usera hangs up
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2.5 s
            usera    ── BYE ──▶
            app     ◀── POST /done  CallStatus=completed  SessionStatus=completed  SessionDuration=3
            agent   ◀── close
        "#]],
    );
}

#[test]
fn what_is_no_message_is_told_and_it_goes_on() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"/></Connect>
            show alerts
            usera calls
            wait 100ms
            agent errs
            agent says "Hello."
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            … 1.1 s
            agent    ── nonsense ──▶
            app      ·  alert 64107 warning
            The application of a <ConversationRelay> sent what is no message of it. no JSON. Send text, play, sendDigits, language or end, as JSON.
            agent   ◀── error no JSON
            agent    ── text "Hello." ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn a_recogniser_that_fails_is_told_to_both() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"/></Connect>
            show alerts
            recogniser fails
            usera calls
            wait 100ms
            usera says "hello" for 500ms
            wait 2s
            recogniser works
            usera says "hello" for 500ms
            wait 2s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            … 1.1 s
            usera    ── "hello" ──▶
            … 1.3 s
            app      ·  alert 64103 error
            What the caller of a <ConversationRelay> says can not be understood. the recogniser is broken. Install pocketsphinx and pocketsphinx-en-us, or mend the endpoint of [recognition].
            agent   ◀── error the recogniser is broken
            … 1.7 s
            usera    ── "hello" ──▶
            … 1.3 s
            agent   ◀── prompt en-US "hello"
            … 1.7 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn a_file_that_is_not_there_does_not_stop_it() {
    check(
        &[r#"
            app /voice <Connect><ConversationRelay url="wss://agent.example/x"/></Connect>
            show alerts
            usera calls
            wait 100ms
            agent plays http://app.example/missing.wav
            agent says "Hello."
            wait 3s
            usera hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            … 1.1 s
            agent    ── play http://app.example/missing.wav ──▶
            agent    ── text "Hello." ──▶
            app      ·  alert 11200 error
            The application gave no answer that can be used. 404. Answer with a 2xx status; look at what was asked and answered.
            agent   ◀── error the sound can not be had
            usera    ♪  audio of ours
            usera    ♪  silence
            … 2.2 s
            usera    ── BYE ──▶
            agent   ◀── close
        "#]],
    );
}

#[test]
fn as_the_answer_to_a_refer_it_takes_the_call_over() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Connect><ConversationRelay url="wss://agent.example/x" welcomeGreeting="Hello"/></Connect>
            usera calls, agent-a answers
            wait 1s
            agent-a refers to sip:agent-b
            wait 3s
            usera says "hello" for 500ms
            wait 2s
            agent ends
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 1 s
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Connect ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            agent-a ◀── BYE
            usera    ·  relay connected
            usera    ♪  audio of ours
            usera    ♪  silence
            … 3.1 s
            usera    ── "hello" ──▶
            … 1.3 s
            agent   ◀── prompt en-US "hello"
            … 1.7 s
            agent    ── ends ──▶
            agent   ◀── close
            usera    ·  relay ends, ended
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_call_sent_elsewhere_by_rest_leaves_it() {
    check(
        &[r#"
            app /voice <Connect action="/done"><ConversationRelay url="wss://agent.example/x" welcomeGreeting="Hello"/></Connect>
            app /other <Say>other</Say>
            usera calls
            wait 500ms
            rest redirects usera to /other
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Connect ──▶
            usera   ◀── 200 OK
            agent   ◀── setup wss://agent.example/x  SIP
            usera    ♪  silence
            usera    ·  relay begins
            usera    ·  relay connected
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            rest     ── redirects usera to /other ──▶
            agent   ◀── close
            app     ◀── POST /other
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}
