//! Transfers and queues: a caller is transferred into one, or to the first of one; from a conversation that a
//! queue has brought about nobody is transferred.
//!
//! Source: inbound-refer.md 2, 4 ("verbs that take over": `Enqueue` at once, queue at the bridge).

use expect_test::expect;

use crate::check;

#[test]
fn true_into_a_queue() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait <Say>you are first</Say><Pause length="5"/>
            app /voice <Dial><Queue>line</Queue></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            wait 3s
            agent-b calls
            listen
            agent-b hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Enqueue ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /wait  QueuePosition=1
            agent-a ◀── BYE
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 2.1 s
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ♪  ringback
            usera    ·  taken from the queue by agent-b
            agent-b ⇄ usera
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn false_into_a_queue() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Say>one moment</Say><Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            wait 3s
            agent-b calls
            listen
            usera hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Say, Enqueue ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera    ♪  audio of ours
            usera    ♪  hold music
            … 2.1 s
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
fn true_into_a_queue_that_is_full() {
    check(
        &[r#"
            app /voice <Enqueue maxQueueSize="1">small</Enqueue>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Enqueue action="/full">small</Enqueue>
            app /full <Reject/>
            userb calls
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            listen
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Enqueue ──▶
            app      ·  alert 14207 warning
            app     ◀── POST /full  QueueResult=queue-full
            app      ── 200  Reject ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            usera hears agent-a, agent-a hears usera, userb hears hold music
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn true_to_the_first_of_a_queue() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Queue url="/brief">line</Queue></Dial>
            app /brief <Pause length="2"/>
            userb calls
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            wait 3s
            listen
            userb hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Dial ──▶
            userb    ·  taken from the queue by usera
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            userb    ♪  silence
            … 2 s
            usera ⇄ userb
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 1.4 s
            usera hears userb, userb hears usera
            userb    ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn false_to_the_first_of_a_queue() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Queue>line</Queue></Dial>
            userb calls
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            listen
            userb hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            userb    ·  taken from the queue by usera
            usera ⇄ userb
            agent-a ◀── BYE
            usera hears userb, userb hears usera
            userb    ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn true_to_a_queue_that_nobody_comes_to() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial timeout="5"><Queue>line</Queue></Dial>
            userb calls
            userb hangs up
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            wait 6s
            listen
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Dial ──▶
            … 5 s
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn true_to_a_queue_nobody_knows() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Queue>lien</Queue></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            listen
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Dial ──▶
            app      ·  alert 91362 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  404 Not Found, terminated
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_transferor_comes_back_while_the_caller_is_told() {
    check(
        &[r#"
            config transfer_pending 5s
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial timeout="30"><Queue url="/brief">line</Queue></Dial>
            app /brief <Pause length="20"/>
            userb calls
            usera calls, agent-a answers
            ---
            agent-a refers to sip:queue
            wait 6s
            listen
            agent-a hangs up
            userb hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:queue ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:queue
            app      ── 200  Dial ──▶
            userb    ·  taken from the queue by usera
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            userb    ♪  silence
            … 5 s
            app      ·  alert 91308 error
            userb    ·  back in the queue
            userb    ♪  hold music
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera, userb hears hold music
            agent-a  ── BYE ──▶
            usera   ◀── BYE
            userb    ── BYE ──▶
        "#]],
    );
}

#[test]
fn p10_nobody_is_transferred_from_a_conversation_by_a_queue() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial referUrl="/refer"><Queue>line</Queue></Dial>
            show alerts
            usera calls
            agent-a calls
            ---
            agent-a refers to sip:agent-b
            usera refers to sip:agent-b
            listen
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 91301 error
            A phone asked for a transfer, but its <Dial> has a noun that can not be transferred. Only Sip, Number and Client can.
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 91301 error
            A phone asked for a transfer, but its <Dial> has a noun that can not be transferred. Only Sip, Number and Client can.
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_waits_transfers_nobody() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>other</Queue></Dial>
            app /voice <Enqueue>other</Enqueue>
            usera calls
            ---
            usera refers to sip:agent-b
            usera hangs up
        "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn an_attended_transfer_does_not_take_over_a_caller_from_a_queue() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /refer <Dial timeout="5"><Sip>sip:bank@bank.example.com</Sip></Dial>
            userb calls
            usera calls, agent-a answers
            agent-a calls
            ---
            agent-a refers attended
            wait 2s
            listen
        "#],
        expect![[r#"
            agent-a  ── REFER <sip:bank@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:bank@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            app      ·  alert 91306 error
            app      ·  alert 32009 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  480 Temporarily Unavailable, terminated
            … 2.4 s
            usera hears nothing, agent-a hears userb, userb hears agent-a
        "#]],
    );
}

#[test]
fn a_phone_that_takes_over_a_queued_call_keeps_its_place() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /wait <Say>you wait</Say><Pause length="3"/>
            usera calls
            userb calls
            agent-c replaces usera's call
            ---
            wait 3s
            agent-a calls
            listen
            agent-a hangs up
            userb hangs up
        "#],
        expect![[r#"
            agent-c  ♪  silence
            … 2 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            agent-c  ·  taken from the queue by agent-a
            agent-a ⇄ agent-c
            agent-a hears agent-c, agent-c hears agent-a, userb hears hold music
            agent-a  ── BYE ──▶
            agent-c ◀── BYE
            userb    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_phone_that_takes_over_from_the_agent() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            usera calls
            agent-a calls
            ---
            agent-c replaces agent-a's call
            listen
            agent-c hangs up
        "#],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            agent-a ◀── BYE
            usera ⇄ agent-c
            usera hears agent-c, agent-c hears usera
            agent-c  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_phone_that_takes_over_from_the_agent_who_waits() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /voice <Enqueue>line</Enqueue>
            userb calls
            userb hangs up
            agent-a calls
            agent-c replaces agent-a's call
            ---
            usera calls
            listen
            usera hangs up
        "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Enqueue ──▶
            usera   ◀── 200 OK
            usera    ·  taken from the queue by agent-c
            agent-c ⇄ usera
            usera hears agent-c, agent-c hears usera
            usera    ── BYE ──▶
            agent-c ◀── BYE
        "#]],
    );
}

#[test]
fn phones_that_take_over_while_the_caller_is_told() {
    check(
        &[r#"
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial><Queue url="/brief">line</Queue></Dial>
            app /brief <Pause length="3"/>
            usera calls
            agent-a calls
            agent-c replaces agent-a's call
            agent-b replaces usera's call
            ---
            wait 3s
            listen
            agent-b hangs up
        "#],
        expect![[r#"
            agent-c ⇄ agent-b
            agent-b hears agent-c, agent-c hears agent-b
            agent-b  ── BYE ──▶
            agent-c ◀── BYE
        "#]],
    );
}

#[test]
fn a_phone_that_takes_over_who_talks() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial><Queue>line</Queue></Dial>
            app /left <Say>thank you</Say>
            usera calls
            agent-a calls
            agent-c replaces usera's call
            ---
            listen
            agent-a hangs up
            wait 2s
        "#],
        expect![[r#"
            agent-a hears agent-c, agent-c hears agent-a
            agent-a  ── BYE ──▶
            app     ◀── POST /left  QueueResult=bridged
            app      ── 200  Say ──▶
            agent-c  ♪  audio of ours
            … 1 s
            agent-c ◀── BYE
        "#]],
    );
}
