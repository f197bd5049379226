//! `<Dial><Queue>`: somebody is taken out, the two talk, and each goes on.
//!
//! Source: twilio-voice.md 3.2, 3.3.

use expect_test::expect;

use crate::check;

#[test]
fn the_agent_hangs_up_and_the_caller_goes_on() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial action="/done"><Queue>line</Queue></Dial>
            app /left <Say>thank you</Say>
            app /done <Say>next one</Say><Pause/>

            show QueueTime, QueueSid, DequeuedCallSid
            usera calls
            wait 3s
            ---
            agent-a calls
            listen
            agent-a hangs up
            wait 2s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridged  QueueSid=QU0001412a4de2c53d74542cf335173764  QueueTime=3
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_and_the_agent_goes_on() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial action="/done"><Queue>line</Queue></Dial>
            app /left <Say>thank you</Say>
            app /done <Say>next one</Say><Pause/>

            show QueueTime, DequeueResult, DequeuedCallSid, DialCallSid, DialCallDuration, DialBridged
            usera calls
            ---
            wait 3s
            agent-a calls
            wait 2s
            usera hangs up
            wait 2s
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            agent-a ⇄ usera
            … 2 s
            usera    ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridged  QueueTime=3
            app     ◀── POST /done  DialCallStatus=completed  DialCallSid=usera's  DialCallDuration=2  DialBridged=true  DequeueResult=bridged  DequeuedCallSid=usera's  QueueTime=3
            app      ── 200  Say, Pause ──▶
            agent-a  ♪  audio of ours
            agent-a  ♪  silence
            … 1 s
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn without_action_the_next_verbs_are_run() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue><Say>thank you</Say>
            app /voice <Dial timeLimit="3"><Queue>line</Queue></Dial><Say>next one</Say><Pause/>
            usera calls
            agent-a calls
            ---
            wait 5s
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ♪  audio of ours
            usera    ♪  audio of ours
            usera   ◀── BYE
            agent-a  ♪  silence
            … 1 s
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_star_ends_it_for_both() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial hangupOnStar="true" action="/done"><Queue>line</Queue></Dial>
            app /left <Pause length="5"/>
            app /done <Pause length="5"/>
            usera calls
            agent-a calls
            ---
            agent-a presses *
            wait 1s
            usera hangs up
            agent-a hangs up
        "#],
        expect![[r#"
            app     ◀── POST /done  DialCallStatus=completed
            app     ◀── POST /left  QueueResult=bridged
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn who_comes_first_is_served_first() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial action="/next"><Queue>line</Queue></Dial>
            app /next <Dial action="/next" timeout="5"><Queue>line</Queue></Dial>
            app /next <Hangup/>
            usera calls
            userb calls
            ---
            agent-a calls
            wait 1s
            usera hangs up
            wait 1s
            listen
            userb hangs up
            wait 6s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            agent-a ⇄ usera
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /next  DialCallStatus=completed
            app      ── 200  Dial ──▶
            agent-a  ♪  ringback
            userb    ·  taken from the queue by agent-a
            agent-a ⇄ userb
            … 1.4 s
            agent-a hears userb, userb hears agent-a
            userb    ── BYE ──▶
            app     ◀── POST /next  DialCallStatus=completed
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn an_agent_waits_for_somebody_to_come() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /voice <Enqueue waitUrl="/unasked">line</Enqueue>
            usera calls
            usera hangs up
            agent-a calls
            ---
            wait 10s
            usera calls
            listen
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            usera    ·  taken from the queue by agent-a
            usera   ◀── 200 OK
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn two_agents_wait_in_turn() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /voice <Enqueue>line</Enqueue>
            usera calls
            usera hangs up
            agent-a calls
            agent-b calls
            ---
            usera calls
            userb calls
            listen
            usera hangs up
            userb hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            usera   ◀── 200 OK
            usera    ·  taken from the queue by agent-a
            agent-a ⇄ usera
            userb    ── INVITE ──▶
            userb   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            userb   ◀── 200 OK
            userb    ·  taken from the queue by agent-b
            agent-b ⇄ userb
            usera hears agent-a, agent-a hears usera, agent-b hears userb, userb hears agent-b
            usera    ── BYE ──▶
            agent-a ◀── BYE
            userb    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn nobody_comes_in_time() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial timeout="7" action="/done"><Queue>line</Queue></Dial>
            app /done <Hangup/>
            show DequeueResult, DialBridged, QueueSid
            usera calls
            usera hangs up
            ---
            agent-a calls
            wait 8s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            … 7 s
            app     ◀── POST /done  DialCallStatus=no-answer  DialBridged=false  DequeueResult=queue-empty  QueueSid=QU0001412a4de2c53d74542cf335173764
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_queue_nobody_knows() {
    check(
        &[r#"
            app /voice <Dial action="/done"><Queue>lien</Queue></Dial>
            app /voice <Dial action="/done"><Queue/></Dial>
            app /done <Hangup/>
            show alerts
            show DequeueResult
            agent-a calls
            agent-a calls
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            app      ·  alert 91362 error
            Nobody has ever been enqueued there: there is no such queue. lien. Write the name that <Enqueue> uses.
            app     ◀── POST /done  DialCallStatus=failed  DequeueResult=queue-not-found
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app      ·  alert 14212 warning
            The application's answer could not be used. 1:32: 14212: <Queue> names no queue; write its name between its tags. Look at the request and the response.
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            app     ◀── POST /done  DialCallStatus=failed  DequeueResult=queue-not-found
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn the_agent_is_answered_when_somebody_comes() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial answerOnBridge="true"><Queue>line</Queue></Dial>
            app /voice <Enqueue>line</Enqueue>
            usera calls
            usera hangs up
            ---
            agent-a calls
            wait 3s
            usera calls
            listen
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            … 3 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            usera   ◀── 200 OK
            usera    ·  taken from the queue by agent-a
            agent-a ◀── 200 OK
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn it_is_recorded_like_another_dial() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial record="record-from-answer-dual" action="/done"><Queue>line</Queue></Dial>
            app /done <Hangup/>
            usera calls
            agent-a calls
            ---
            usera says "hello"
            wait 2s
            usera hangs up
            wait 1s
        "#],
        expect![[r#"
            usera    ── "hello" ──▶
            … 3 s
            usera    ── BYE ──▶
            agent-a  ·  recording ends
            app     ◀── POST /done  DialCallStatus=completed  RecordingDuration=3
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn an_agent_of_another_codec() {
    check(
        &[r#"
            config codecs g722
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            usera speaks PCMA
            agent-a speaks G722
            usera calls
            agent-a calls
            ---
            listen
            agent-a hangs up
        "#],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_queue_without_a_dial_is_dialled() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Queue url="/whisper">line</Queue>
            app /whisper <Say>you are connected</Say>
            usera calls
            wait 1s
            agent-a calls
            wait 3s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            usera   ◀── 200 OK
            usera    ♪  hold music
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /whisper
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            agent-a ⇄ usera
            … 2.6 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}
