//! Transfers that take their time: their own deadline, those of the initial Dial, REST in between.
//!
//! Source: inbound-refer.md, section 4: "pending for ever", "the initial `<Dial>` meanwhile", "REST in
//! between".

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

const PAUSE: &str = r#"
    config transfer_pending 20s
    app /refer <Pause length="3600"/><Dial><Sip>sip:agent-b</Sip></Dial>
"#;

const SAY: &str = r#"
    config transfer_pending 20s
    app /refer <Say loop="0">wait</Say><Dial><Sip>sip:agent-b</Sip></Dial>
"#;

const REFERS: &str = "
    agent-a refers to sip:agent-b
    wait 30s
    listen
";

#[test]
fn true_a_pause_without_end() {
    check(
        &[PAUSE, TRUE, REFERS],
        expect![[r#"
        agent-a  ── REFER sip:agent-b ──▶
        agent-a ◀── 202 Accepted
        agent-a ◀── NOTIFY  100 Trying, active
        agent-a  ·  parked
        agent-a  ♪  silence
        usera    ♪  hold music
        app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
        app      ── 200  Pause, Dial ──▶
        usera    ♪  silence
        … 20 s
        app      ·  alert 91308 error
        agent-a  ·  restored
        agent-a ⇄ usera
        agent-a ◀── NOTIFY  408 Request Timeout, terminated
        … 10.4 s
        usera hears agent-a, agent-a hears usera
    "#]],
    );
}

#[test]
fn false_a_pause_without_end() {
    check(
        &[PAUSE, FALSE, REFERS],
        expect![[r#"
        agent-a  ── REFER sip:agent-b ──▶
        agent-a ◀── 202 Accepted
        agent-a ◀── NOTIFY  100 Trying, active
        agent-a  ·  parked
        agent-a  ♪  silence
        usera    ♪  hold music
        app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
        app      ── 200  Pause, Dial ──▶
        agent-a ◀── NOTIFY  200 OK, terminated
        usera    ♪  silence
        agent-a ◀── BYE
        … 20 s
        app      ·  alert 91308 error
        usera   ◀── BYE
        … 10.4 s
        nobody talks
    "#]],
    );
}

#[test]
fn true_speech_without_end() {
    check(
        &[SAY, TRUE, REFERS],
        expect![[r#"
        agent-a  ── REFER sip:agent-b ──▶
        agent-a ◀── 202 Accepted
        agent-a ◀── NOTIFY  100 Trying, active
        agent-a  ·  parked
        agent-a  ♪  silence
        usera    ♪  hold music
        app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
        app      ── 200  Say, Dial ──▶
        usera    ♪  audio of ours
        … 20 s
        app      ·  alert 91308 error
        agent-a  ·  restored
        agent-a ⇄ usera
        agent-a ◀── NOTIFY  408 Request Timeout, terminated
        … 10.4 s
        usera hears agent-a, agent-a hears usera
    "#]],
    );
}

#[test]
fn false_speech_without_end() {
    check(
        &[SAY, FALSE, REFERS],
        expect![[r#"
        agent-a  ── REFER sip:agent-b ──▶
        agent-a ◀── 202 Accepted
        agent-a ◀── NOTIFY  100 Trying, active
        agent-a  ·  parked
        agent-a  ♪  silence
        usera    ♪  hold music
        app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
        app      ── 200  Say, Dial ──▶
        agent-a ◀── NOTIFY  200 OK, terminated
        agent-a ◀── BYE
        usera    ♪  audio of ours
        … 20 s
        app      ·  alert 91308 error
        usera   ◀── BYE
        … 10.4 s
        nobody talks
    "#]],
    );
}

#[test]
fn true_the_target_rings_when_the_time_is_over() {
    check(
        &[
            "config transfer_pending 20s\n",
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b\nwait 21s\nlisten",
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 20 s
            app      ·  alert 91308 error
            agent-b ◀── CANCEL
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  408 Request Timeout, terminated
            agent-b  ── 487 Request Terminated ──▶
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn false_the_target_rings_when_the_time_is_over() {
    check(
        &[
            "config transfer_pending 20s\n",
            TO_B,
            FALSE,
            "agent-a refers to sip:agent-b\nwait 21s\nlisten",
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
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 20 s
            app      ·  alert 91308 error
            usera   ◀── BYE
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
            … 1.4 s
            nobody talks
        "#]],
    );
}

#[test]
fn each_of_two_transfers_has_its_own_time() {
    check(
        &[
            r#"config transfer_pending 20s
            app /refer <Pause length="15"/><Dial><Sip>sip:agent-b</Sip></Dial>"#,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 4s
            usera refers to sip:agent-b
            wait 10s
            listen
            wait 15s
            listen",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Pause, Dial ──▶
            usera    ♪  silence
            … 15 s
            usera    ♪  hold music
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 4 s
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Pause, Dial ──▶
            agent-a  ♪  silence
            … 10.4 s
            usera hears silence, agent-a hears silence
            … 4.6 s
            agent-a  ♪  hold music
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            … 5 s
            app      ·  alert 91308 error
            agent-b ◀── CANCEL
            usera    ·  restored
            usera ⇄ agent-a
            usera   ◀── NOTIFY  408 Request Timeout, terminated
            agent-b  ── 487 Request Terminated ──▶
            … 5.8 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn the_time_of_a_transfer_that_is_over_ends_nothing() {
    check(
        &[
            "config transfer_pending 20s",
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b answers
            wait 25s
            listen",
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 25.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_time_limit_passes_while_a_target_of_the_same_leg_rings() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true" timeLimit="20" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action empty
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 22s
            agent-b refuses 486
            wait 1s
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
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 22 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_target_is_heard_before_it_answers() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b plays early media
            listen
            agent-b answers
            listen",
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 183 Session Progress ──▶
            agent-a ◀── NOTIFY  183 Session Progress, active
            usera hears agent-b, agent-a hears silence, agent-b hears nothing
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn one_of_two_targets_is_heard_and_refuses() {
    check(
        &[
            "app /refer <Dial><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>",
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b plays early media
            listen
            agent-b refuses 486
            listen
            agent-c answers
            listen",
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
            agent-b ◀── INVITE
            agent-c ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-c  ── 180 Ringing ──▶
            agent-b  ── 183 Session Progress ──▶
            agent-a ◀── NOTIFY  183 Session Progress, active
            usera hears agent-b, agent-a hears silence, agent-b hears nothing
            agent-b  ── 486 Busy Here ──▶
            usera    ♪  ringback
            usera hears ringback, agent-a hears silence
            agent-c  ── 200 OK ──▶
            usera ⇄ agent-c
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn rest_redirects_the_caller_as_its_target_answers() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /other <Say>x</Say>
            usera calls, agent-a rings
            ---
            agent-a answers &
            rest redirects usera to /other
            wait 3s
            "],
        expect![[r#"
            rest     ── redirects usera to /other ──▶
            agent-a ◀── CANCEL
            app     ◀── POST /other
            agent-a  ── 200 OK ──▶
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_redirects_the_transferee_as_the_target_answers() {
    check(
        &[
            TO_B,
            "app /other <Say>x</Say>",
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b answers &
            rest redirects usera to /other
            wait 3s",
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            rest     ── redirects usera to /other ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── CANCEL
            app     ◀── POST /other
            agent-b  ── 200 OK ──▶
            agent-b ◀── BYE
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_redirects_the_transferor_as_the_target_fails() {
    check(
        &[
            TO_B,
            r#"app /other <Pause length="5"/>"#,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b refuses 486 &
            rest redirects agent-a to /other
            wait 3s",
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            rest     ── redirects agent-a to /other ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /other
            agent-b  ── 486 Busy Here ──▶
            usera   ◀── BYE
            app      ── 200  Pause ──▶
        "#]],
    );
}

#[test]
fn headers_of_the_refer_win_over_those_of_the_call() {
    check(
        &[
            r#"app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls sip:bank@bank.example.com with X-Ticket: of the call; X-Other: 1
            agent-a answers
            ---
            show SipHeader_X-Ticket, SipHeader_X-Other, SipHeader_User-to-User"#,
            TO_B,
            "agent-a refers to sip:agent-b with X-Ticket: of the REFER; User-to-User: 00AB",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  SipHeader_X-Other=1  ReferTransferTarget=sip:agent-b  SipHeader_User-to-User=00AB  SipHeader_X-Ticket=of the REFER
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
        "#]],
    );
}
