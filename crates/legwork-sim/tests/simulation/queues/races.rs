//! Queues, when two things happen at once: nobody is lost, nobody is served twice.
//!
//! Source: twilio-voice.md 3.3, 3.5; the decisions are in docs/queues.md.

use expect_test::expect;

use crate::check;

#[test]
fn the_caller_hangs_up_while_it_is_told_of_the_agent() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial action="/done"><Queue url="/brief">line</Queue></Dial>
            app /left <Pause length="9"/>
            app /done <Pause length="2"/>
            app /brief <Pause length="3"/>
            usera calls
            userb calls
            ---
            agent-a calls
            wait 1s

            usera hangs up
            wait 4s
            listen
            userb hangs up
            wait 3s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridging-in-process
            userb    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            userb    ♪  silence
            … 3 s
            agent-a ⇄ userb
            … 1.4 s
            agent-a hears userb, userb hears agent-a
            userb    ── BYE ──▶
            app     ◀── POST /done  DialCallStatus=completed
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            … 2 s
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn the_agent_hangs_up_while_the_caller_is_told_of_it() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial action="/done"><Queue url="/brief">line</Queue></Dial>
            app /left <Pause length="9"/>
            app /done <Pause length="2"/>
            app /brief <Pause length="3"/>
            usera calls
            userb calls
            ---
            agent-a calls
            wait 1s

            agent-a hangs up
            wait 1s
            agent-b calls
            wait 4s
            userb hangs up
            agent-b hangs up
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            agent-a  ── BYE ──▶
            usera    ·  back in the queue
            usera    ♪  hold music
            … 1 s
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ♪  ringback
            usera    ·  taken from the queue by agent-b
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 3 s
            agent-b ⇄ usera
            … 1 s
            userb    ── BYE ──▶
            agent-b  ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridged
            app      ── 200  Pause ──▶
            usera    ♪  silence
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_as_its_briefing_is_asked_for() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial timeout="6" action="/done"><Queue url="/brief">line</Queue></Dial>
            app /left empty
            app /done <Hangup/>
            app /brief after 2s <Say>hello</Say>
            usera calls
            ---
            agent-a calls &
            wait 1s
            usera hangs up
            wait 7s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridging-in-process
            … 5 s
            app     ◀── POST /done  DialCallStatus=no-answer
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn time_is_up_while_the_caller_is_told_of_the_agent() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial timeout="5" action="/done"><Queue url="/brief">line</Queue></Dial>
            app /brief <Pause length="7"/>
            app /done <Hangup/>
            usera calls
            ---
            agent-a calls
            wait 8s
            listen
            usera hangs up
            wait 1s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 7 s
            agent-a ⇄ usera
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            app     ◀── POST /done  DialCallStatus=completed
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn time_is_up_and_then_the_caller_is_gone() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial timeout="5" action="/done"><Queue url="/brief">line</Queue></Dial>
            app /brief <Pause length="7"/>
            app /done <Hangup/>
            usera calls
            ---
            agent-a calls
            wait 6s
            usera hangs up
            wait 1s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 6 s
            usera    ── BYE ──▶
            app     ◀── POST /done  DialCallStatus=no-answer
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_briefing_that_can_not_be_had_keeps_nobody_apart() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue url="/brief">line</Queue></Dial>
            app /brief 500
            usera calls
            ---
            agent-a calls
            listen
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 500 ──▶
            app      ·  alert 11200 error
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn verbs_that_may_not_stand_in_a_briefing() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue url="/brief">line</Queue></Dial>
            app /brief <Hangup/><Leave/><Gather/><Redirect>/more</Redirect>
            app /more <Say>hello</Say>
            usera calls
            ---
            agent-a calls
            wait 1s
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Hangup, Leave, Gather, Redirect ──▶
            app      ·  alert 91360 warning
            app      ·  alert 91360 warning
            app      ·  alert 91360 warning
            app     ◀── POST /more
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            agent-a ⇄ usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn who_comes_back_is_first_again_and_goes_to_who_waits() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue url="/brief">line</Queue></Dial>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /brief <Pause length="3"/>
            usera calls
            ---
            agent-a calls
            agent-b calls
            wait 1s
            agent-a hangs up
            listen
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ♪  ringback
            … 1 s
            agent-a  ── BYE ──▶
            usera    ·  back in the queue
            usera    ·  taken from the queue by agent-b
            agent-b ⇄ usera
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn both_hang_up_at_once() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial action="/done"><Queue>line</Queue></Dial>
            app /left empty
            app /done empty
            usera calls
            agent-a calls
            ---
            usera hangs up & agent-a hangs up
            wait 1s
        "#],
        expect![[r#"
            usera    ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridged
            app     ◀── POST /done  DialCallStatus=completed
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_before_the_agents_document_comes() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice after 2s <Dial timeout="5" action="/done"><Queue>line</Queue></Dial>
            app /done <Hangup/>
            usera calls
            ---
            agent-a calls &
            wait 1s
            usera hangs up
            wait 7s
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            … 1 s
            usera    ── BYE ──▶
            … 1 s
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            … 5 s
            app     ◀── POST /done  DialCallStatus=no-answer
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn an_agent_that_can_not_be_answered_leaves_the_caller_its_place() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial answerOnBridge="true"><Queue url="/brief">line</Queue></Dial>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /brief <Pause length="2"/>
            usera calls
            ---
            agent-a calls
            agent-a cancels
            wait 3s
            agent-b calls
            listen
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            agent-a  ── CANCEL ──▶
            agent-a ◀── 487 Request Terminated
            usera    ·  back in the queue
            usera    ♪  hold music
            … 3 s
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ♪  ringback
            usera    ·  taken from the queue by agent-b
            agent-b ⇄ usera
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn the_document_of_the_queue_is_cut_off() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /wait <Play>/music.wav</Play>
            usera calls
            wait 1s
            ---
            agent-a calls
            listen
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Play ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn its_answer_comes_too_late() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /wait after 3s <Say>hello</Say>
            usera calls &
            wait 1s
            ---
            agent-a calls
            wait 4s
            listen
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            usera   ◀── 200 OK
            agent-a ⇄ usera
            … 4.4 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}
