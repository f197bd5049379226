//! A transfer into a conference: it succeeds when the transferee is in the room.

use expect_test::expect;

use crate::check;
use crate::{FALSE, TRUE};

#[test]
fn true_into_one_that_waits() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Conference>one</Conference></Dial>
            usera calls, agent-a answers
            ---
            app /refer <Dial><Conference>one</Conference></Dial>
            agent-a refers to sip:agent-b
            wait 3s
            listen
            agent-b calls
            wait 1s
            listen
            usera hangs up, agent-b hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            usera    ·  enters the conference one
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears hold music
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference one
            usera    ♪  the conference
            agent-b  ♪  the conference
            … 1.4 s
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b  ── BYE ──▶
        "#]],
    );
}

#[test]
fn false_into_one_that_waits() {
    check(
        &[
            FALSE,
            "
            app /refer <Dial><Conference>one</Conference></Dial>
            agent-a refers to sip:agent-b
            wait 3s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ·  enters the conference one
            agent-a ◀── BYE
            … 3.4 s
            usera hears hold music
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn true_into_one_that_is_going_on() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Conference>one</Conference></Dial>
            usera calls, agent-a answers
            agent-b calls, agent-c calls
            ---
            app /refer <Dial><Conference waitUrl="">one</Conference></Dial>
            agent-a refers to sip:agent-b
            wait 3s
            listen
            usera hangs up, agent-b hangs up, agent-c hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            usera    ·  enters the conference one
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  the conference
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b and agent-c, agent-b hears usera and agent-c, agent-c hears usera and agent-b
            usera    ── BYE ──▶
            agent-b  ── BYE ──▶
            agent-c  ── BYE ──▶
        "#]],
    );
}

#[test]
fn true_into_one_that_is_full() {
    check(
        &[r#"
            show DialCallStatus
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Conference maxParticipants="2">one</Conference></Dial>
            usera calls, agent-a answers
            agent-b calls, agent-c calls
            ---
            app /refer <Dial><Conference>one</Conference></Dial>
            agent-a refers to sip:agent-b
            wait 3s
            listen
            usera hangs up, agent-b hangs up, agent-c hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            app      ·  alert 16020 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  480 Temporarily Unavailable, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera, agent-b hears agent-c, agent-c hears agent-b
            usera    ── BYE ──▶
            agent-a ◀── BYE
            agent-b  ── BYE ──▶
            agent-c  ── BYE ──▶
        "#]],
    );
}

#[test]
fn true_whose_wait_document_can_not_be_had() {
    check(
        &[
            TRUE,
            r#"
            app /refer <Dial><Conference waitUrl="/nowhere">one</Conference></Dial><Say>sorry</Say>
            agent-a refers to sip:agent-b
            wait 5s
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial, Say ──▶
            usera    ·  enters the conference one
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  silence
            app     ◀── POST /nowhere
            agent-a ◀── BYE
            app      ── 404 ──▶
            app      ·  alert 11200 error
            usera    ·  leaves the conference
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn both_legs_of_a_call_into_one() {
    check(
        &[
            TRUE,
            "
            app /room <Dial><Conference>one</Conference></Dial>
            rest redirects agent-a to /room
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            rest     ── redirects agent-a to /room ──▶
            usera   ◀── BYE
            app     ◀── POST /room
            app      ── 200  Dial ──▶
            agent-a  ·  enters the conference one
            agent-a  ♪  hold music
            … 1.4 s
            agent-a hears hold music
        "#]],
    );
}
