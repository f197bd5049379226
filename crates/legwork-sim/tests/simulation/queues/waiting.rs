//! Who waits in a queue: what is heard, what may be done there, and how it ends by itself.
//!
//! Source: twilio-voice.md 3.5.

use expect_test::expect;

use crate::check;

#[test]
fn who_hangs_up_is_told_of() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /left empty
            show QueueTime
            usera calls
            wait 5s
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            usera   ◀── 200 OK
            usera    ♪  hold music
            … 5 s
            usera    ── BYE ──▶
            app     ◀── POST /left  QueueResult=hangup  QueueTime=5
        "#]],
    );
}

#[test]
fn a_document_that_takes_no_time_is_not_asked_for_in_a_circle() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait empty
            usera calls
            wait 25s
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1
            app      ── 204 ──▶
            usera   ◀── 200 OK
            usera    ♪  hold music
            … 10 s
            app     ◀── POST /wait  QueuePosition=1
            app      ── 204 ──▶
            … 10 s
            app     ◀── POST /wait  QueuePosition=1
            app      ── 204 ──▶
            … 5 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_document_that_can_not_be_had_costs_nobody_the_call() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait 500
            app /wait <Say>here we are</Say><Pause/>
            app /fallback <Hangup/>
            usera calls
            wait 62s
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1
            app      ── 500 ──▶
            app      ·  alert 11200 error
            usera   ◀── 200 OK
            usera    ♪  hold music
            … 60 s
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1 s
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_wait_url_that_is_none_is_music() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="http://:1" action="ftp://[">line</Enqueue><Say>behind</Say>
            usera calls
            wait 2s
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue, Say ──▶
            app      ·  alert 14203 error
            app      ·  alert 14202 error
            usera   ◀── 200 OK
            usera    ♪  hold music
            … 2 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn documents_that_lead_to_each_other_end_in_music() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait after 0ms <Redirect>/wait</Redirect>
            show alerts
            usera calls
            wait 1s
            ---
            listen
            usera hangs up
        "#],
        expect![[r#"
            usera hears hold music
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn verbs_that_may_not_stand_there_are_passed_over() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait <Dial>+1</Dial><Record/><Enqueue>other</Enqueue><Reject/><Echo/><Say>you wait</Say><Pause/><Hangup/>
            show alerts
            usera calls
            wait 4s
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Dial, Record, Enqueue, Reject, Echo, Say, Pause, Hangup ──▶
            app      ·  alert 91360 warning
            A verb that can not be run for a caller in a queue was passed over. <Dial>. In a waitUrl: Play, Say, Pause, Gather, Redirect, Leave, Hangup; in the url of a <Queue>: Play, Say, Pause, Redirect.
            app      ·  alert 91360 warning
            A verb that can not be run for a caller in a queue was passed over. <Record>. In a waitUrl: Play, Say, Pause, Gather, Redirect, Leave, Hangup; in the url of a <Queue>: Play, Say, Pause, Redirect.
            app      ·  alert 91360 warning
            A verb that can not be run for a caller in a queue was passed over. <Enqueue>. In a waitUrl: Play, Say, Pause, Gather, Redirect, Leave, Hangup; in the url of a <Queue>: Play, Say, Pause, Redirect.
            app      ·  alert 91360 warning
            A verb that can not be run for a caller in a queue was passed over. <Reject>. In a waitUrl: Play, Say, Pause, Gather, Redirect, Leave, Hangup; in the url of a <Queue>: Play, Say, Pause, Redirect.
            app      ·  alert 91360 warning
            A verb that can not be run for a caller in a queue was passed over. <Echo>. In a waitUrl: Play, Say, Pause, Gather, Redirect, Leave, Hangup; in the url of a <Queue>: Play, Say, Pause, Redirect.
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_lead_out_of_it() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /wait <Gather numDigits="1" action="/pressed"><Say>press 1 to leave a message</Say></Gather>
            app /pressed <Leave/>
            app /left <Say>speak now</Say>
            usera calls
            wait 3s
            usera presses 1
            wait 3s
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2 s
            app     ◀── POST /pressed  Digits=1  QueuePosition=1
            app      ── 200  Leave ──▶
            app     ◀── POST /left  QueueResult=leave
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_that_lead_nowhere_leave_the_place_as_it_is() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait <Gather numDigits="1" timeout="3" action="/pressed"/>
            app /pressed <Say>not that one</Say><Pause/>
            show QueueTime
            usera calls
            usera presses 9
            wait 4s
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1  QueueTime=0
            app      ── 200  Gather ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            app     ◀── POST /pressed  Digits=9  QueuePosition=1  QueueTime=0
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1 s
            app     ◀── POST /wait  QueuePosition=1  QueueTime=2
            app      ── 200  Gather ──▶
            … 2 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn leave_elsewhere_is_passed_over() {
    check(
        &[r#"
            app /voice <Leave/><Say>behind</Say>
            show alerts
            usera calls
            wait 2s
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Leave, Say ──▶
            app      ·  alert 91361 warning
            <Leave> of a caller who waits in no queue was passed over. Use it in the document of a waitUrl.
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_queue_without_a_name() {
    check(
        &[r#"
            app /voice <Enqueue action="/left"/>
            app /voice <Enqueue>aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg</Enqueue><Reject reason="busy"/>
            app /left <Reject reason="busy"/>
            show alerts
            usera calls
            usera calls
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app      ·  alert 14204 warning
            The application's answer could not be used. 1:11: 14204: <Enqueue> names no queue; write its name between its tags. Look at the request and the response.
            app     ◀── POST /left  QueueResult=error
            app      ── 200  Reject ──▶
            usera   ◀── 486 Busy Here
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue, Reject ──▶
            app      ·  alert 14205 warning
            The application's answer could not be used. 1:11: 14205: the name in <Enqueue> has more than 64 characters. Look at the request and the response.
            usera   ◀── 486 Busy Here
        "#]],
    );
}

#[test]
fn positions_and_times() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait" maxQueueSize="7">line</Enqueue>
            app /wait <Pause length="4"/>
            show QueueTime, AvgQueueTime, CurrentQueueSize, MaxQueueSize
            usera calls
            wait 2s
            userb calls
            wait 2s
            usera hangs up
            wait 3s
            userb hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1  QueueTime=0  AvgQueueTime=0  CurrentQueueSize=1  MaxQueueSize=7
            app      ── 200  Pause ──▶
            … 2 s
            userb    ── INVITE ──▶
            userb   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=2  QueueTime=0  AvgQueueTime=1  CurrentQueueSize=2  MaxQueueSize=7
            app      ── 200  Pause ──▶
            … 2 s
            app     ◀── POST /wait  QueuePosition=1  QueueTime=4  AvgQueueTime=2  CurrentQueueSize=2  MaxQueueSize=7
            app      ── 200  Pause ──▶
            usera    ── CANCEL ──▶
            usera   ◀── 487 Request Terminated
            … 2 s
            app     ◀── POST /wait  QueuePosition=1  QueueTime=4  AvgQueueTime=4  CurrentQueueSize=1  MaxQueueSize=7
            app      ── 200  Pause ──▶
            … 1 s
            userb    ── CANCEL ──▶
            userb   ◀── 487 Request Terminated
        "#]],
    );
}

#[test]
fn an_application_has_its_queue() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /bank-status empty
            app /wait <Pause length="2"/><Hangup/>
            app /left empty
            app /after <Say>back</Say>
            usera calls
            wait 4s
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Pause, Hangup ──▶
            usera    ♪  silence
            … 2 s
            app     ◀── POST /left  QueueResult=hangup
            app     ◀── POST /bank-status
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_screened_party_is_not_enqueued() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Enqueue>line</Enqueue>
            show alerts
            usera calls, agent-a answers
            wait 1s
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Enqueue ──▶
            app      ·  alert 13201 error
            <Dial> in a document that screens a called party. <Enqueue> can not stand there either. Leave it out: the two are joined when the document ends.
            agent-a ◀── BYE
            usera   ◀── 603 Decline
        "#]],
    );
}

/// It is answered when somebody takes it.
#[test]
fn a_silent_document_lets_the_call_ring() {
    check(
        &[r#"
            show CallStatus
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /wait <Redirect>/still</Redirect>
            app /still <Pause length="3"/>
            app /left empty
            usera calls
            wait 4s
            agent-a calls
            wait 1s
            listen
            agent-a hangs up
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Redirect ──▶
            app     ◀── POST /still  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause ──▶
            … 3 s
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Redirect ──▶
            app     ◀── POST /still  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause ──▶
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            usera   ◀── 200 OK
            agent-a ⇄ usera
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            app     ◀── POST /left  CallStatus=in-progress  QueueResult=bridged
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_rings_hangs_up() {
    check(
        &[r#"
            show CallStatus
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /wait <Pause length="3"/>
            app /left empty
            usera calls
            wait 4s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause ──▶
            … 3 s
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause ──▶
            … 1 s
            usera    ── CANCEL ──▶
            usera   ◀── 487 Request Terminated
            app     ◀── POST /left  CallStatus=no-answer  QueueResult=hangup
        "#]],
    );
}

#[test]
fn who_rings_is_let_go() {
    check(
        &[r#"
            show CallStatus
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /wait <Pause length="3"/><Leave/>
            app /left <Reject reason="busy"/>
            usera calls
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause, Leave ──▶
            … 3 s
            app     ◀── POST /left  CallStatus=ringing  QueueResult=leave
            app      ── 200  Reject ──▶
            usera   ◀── 486 Busy Here
        "#]],
    );
}

#[test]
fn who_rings_is_taken_out() {
    check(
        &[r#"
            show CallStatus
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /wait <Pause length="3"/>
            app /left empty
            app /other <Say>elsewhere</Say>
            usera calls
            wait 2s
            rest takes usera from line to /other
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause ──▶
            … 2 s
            rest     ── takes usera from line to /other ──▶
            app     ◀── POST /left  CallStatus=ringing  QueueResult=redirected
            app     ◀── POST /other  CallStatus=ringing
            app      ── 200  Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_rings_hears_what_the_agent_wants() {
    check(
        &[r#"
            show CallStatus
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /voice <Dial><Queue url="/brief">line</Queue></Dial>
            app /wait <Pause length="3"/>
            app /brief <Say>you are recorded</Say>
            usera calls
            wait 1s
            agent-a calls
            wait 3s
            agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  CallStatus=ringing  QueuePosition=1
            app      ── 200  Pause ──▶
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief  CallStatus=ringing
            app      ── 200  Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            agent-a ⇄ usera
            … 2 s
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn music_that_is_missing_is_not_asked_for_in_a_circle() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait <Play>/missing.wav</Play><Redirect/>
            usera calls
            wait 25s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Play, Redirect ──▶
            usera   ◀── 200 OK
            app      ·  alert 11200 error
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            usera    ♪  hold music
            … 10 s
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            … 10 s
            app     ◀── POST /wait  QueuePosition=1
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            … 4.9 s
            usera    ── BYE ──▶
        "#]],
    );
}
