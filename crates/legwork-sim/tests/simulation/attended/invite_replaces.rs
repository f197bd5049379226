//! INVITE with Replaces: AgentC takes somebody's place.
//!
//! Source: RFC 3891 §3; inbound-refer.md, section 4.

use expect_test::expect;

use super::TRUE;
use crate::check;

const RINGS: &str = r#"
    app /voice <Dial answerOnBridge="true" action="/over"><Sip>sip:agent-a</Sip></Dial>
    app /over <Hangup/>
    usera calls, agent-a rings
    ---
"#;

#[test]
fn in_place_of_the_called_phone() {
    check(
        &[
            TRUE,
            "
            ---
            show all
            agent-c replaces agent-a's call
            listen
            agent-c hangs up
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            agent-a ◀── BYE
            usera ⇄ agent-c
            agent-c  ── ACK ──▶
            agent-a  ── 200 OK to BYE ──▶
            usera hears agent-c, agent-c hears usera
            agent-c  ── BYE ──▶
            agent-c ◀── 200 OK to BYE
            usera   ◀── BYE
            usera    ── 200 OK to BYE ──▶
        "#]],
    );
}

#[test]
fn in_place_of_the_calling_phone() {
    check(
        &[
            r#"
            app /voice <Dial answerOnBridge="true" action="/over"><Sip>sip:agent-a</Sip></Dial>
            app /over <Say>bye</Say>
            usera calls, agent-a answers
            ---
            "#,
            "
            agent-c replaces usera's call
            listen
            agent-a hangs up
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            usera   ◀── BYE
            agent-a ⇄ agent-c
            agent-a hears agent-c, agent-c hears agent-a
            agent-a  ── BYE ──▶
            app     ◀── POST /over  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Say ──▶
            agent-c  ♪  audio of ours
            agent-c hears speech
        "#]],
    );
}

/// An early dialog that we have begun: the call is picked up.
#[test]
fn while_the_called_phone_rings() {
    check(
        &[RINGS, "agent-c replaces agent-a's call early-only, agent-c hangs up"],
        expect![[r#"
        agent-c  ── INVITE with Replaces ──▶
        agent-c ◀── 200 OK
        agent-c  ·  takes the place of agent-a
        agent-a ◀── CANCEL
        usera   ◀── 200 OK
        usera ⇄ agent-c
        agent-a  ── 487 Request Terminated ──▶
        agent-c  ── BYE ──▶
        app     ◀── POST /over  DialCallStatus=completed  DialSipResponseCode=200
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]],
    );
}

#[test]
fn while_one_of_several_rings() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a rings, agent-b rings
            ---
            agent-c replaces agent-b's call
            listen
            "#],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-b
            agent-b ◀── CANCEL
            agent-a ◀── CANCEL
            usera ⇄ agent-c
            agent-b  ── 487 Request Terminated ──▶
            agent-a  ── 487 Request Terminated ──▶
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn while_a_call_placed_by_rest_rings() {
    check(
        &["
            app /voice <Say>hello</Say><Pause/>
            rest calls usera with /voice
            usera rings
            ---
            agent-c replaces usera's call
            listen
            "],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            usera   ◀── CANCEL
            app     ◀── POST /voice
            usera    ── 487 Request Terminated ──▶
            app      ── 200  Say, Pause ──▶
            agent-c  ♪  audio of ours
            agent-c hears speech
        "#]],
    );
}

#[test]
fn of_one_that_is_spoken_to() {
    check(
        &[r#"
            app /voice <Say loop="100">hello</Say>
            usera calls
            wait 1s
            ---
            listen
            agent-c replaces usera's call
            listen
            "#],
        expect![[r#"
            usera hears speech
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            usera   ◀── BYE
            agent-c hears speech
        "#]],
    );
}

#[test]
fn of_one_that_is_being_fetched_for() {
    check(
        &[
            r#"
            app /voice <Say>hello</Say><Redirect>/late</Redirect>
            app /late after 3s <Say loop="100">hello</Say>
            usera calls
            wait 2s
            "#,
            "
            ---
            agent-c replaces usera's call
            wait 3s
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            usera   ◀── BYE
            … 2 s
            app      ── 200  Say ──▶
            agent-c  ♪  audio of ours
        "#]],
    );
}

#[test]
fn of_one_that_dials() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            ---
            listen
            agent-c replaces usera's call
            listen
            agent-a answers
            listen
            "],
        expect![[r#"
            usera hears ringback
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            agent-c  ♪  ringback
            usera   ◀── BYE
            agent-c hears ringback
            agent-a  ── 200 OK ──▶
            agent-c ⇄ agent-a
            agent-a hears agent-c, agent-c hears agent-a
        "#]],
    );
}

#[test]
fn of_a_parked_transferor() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            ---
            agent-c replaces agent-a's call
            agent-b refuses 486
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            agent-c  ♪  silence
            agent-a ◀── BYE
            agent-b  ── 486 Busy Here ──▶
            agent-c  ·  restored
            agent-c ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a  ── 481 No to NOTIFY ──▶
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn of_a_parked_transferor_that_is_not_needed() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            usera refers to sip:agent-b
            agent-b rings
            ---
            agent-c replaces usera's call
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            agent-c  ♪  silence
            usera   ◀── BYE
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            usera    ── 481 No to NOTIFY ──▶
            agent-c ◀── BYE
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn of_a_transferee() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            ---
            agent-c replaces usera's call
            listen
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            agent-c  ♪  ringback
            usera   ◀── BYE
            agent-a hears silence, agent-c hears ringback
            agent-b  ── 200 OK ──▶
            agent-c ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            agent-b hears agent-c, agent-c hears agent-b
        "#]],
    );
}

#[test]
fn of_a_transferee_that_is_given_back() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b rings
            ---
            agent-c replaces usera's call
            agent-b refuses 486
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            agent-c  ♪  ringback
            usera   ◀── BYE
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ agent-c
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a hears agent-c, agent-c hears agent-a
        "#]],
    );
}

#[test]
fn without_an_offer() {
    check(
        &[
            "
            config codecs g722
            usera speaks G722
            agent-a speaks G722 and PCMU
            agent-c speaks PCMU and G722
            agent-c offers late
            ",
            TRUE,
            "
            ---
            agent-c replaces usera's call
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces without offer ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            usera   ◀── BYE
            agent-a ⇄ agent-c
            … 1.4 s
            agent-a hears agent-c, agent-c hears agent-a
        "#]],
    );
}

#[test]
fn with_a_session_nobody_understands() {
    check(
        &[
            "
            agent-c speaks G722
            ",
            TRUE,
            "
            ---
            agent-c replaces usera's call
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 488 Not Acceptable Here
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn it_is_authorised_like_any_call() {
    check(
        &[
            "config challenge",
            TRUE,
            "
            ---
            agent-c replaces agent-a's call
            agent-b logs in as agent-b with wrong, replaces agent-c's call
            carrier replaces agent-c's call
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 407 Proxy Authentication Required
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            agent-a ◀── BYE
            usera ⇄ agent-c
            agent-b  ── INVITE with Replaces ──▶
            agent-b ◀── 407 Proxy Authentication Required
            agent-b  ── INVITE with Replaces ──▶
            app      ·  alert 32202 error
            agent-b ◀── 403 Forbidden
            carrier  ── INVITE with Replaces ──▶
            app      ·  alert 32201 error
            carrier ◀── 403 Forbidden
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn it_may_be_transferred_like_the_one_before() {
    check(
        &[
            TRUE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            show From, To, CallSid
            ---
            agent-c replaces agent-a's call
            agent-c refers to sip:agent-b
            agent-b answers
            listen
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            agent-a ◀── BYE
            usera ⇄ agent-c
            agent-c  ── REFER sip:agent-b ──▶
            agent-c ◀── 202 Accepted
            agent-c ◀── NOTIFY  100 Trying, active
            agent-c  ·  parked
            agent-c  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  CallSid=usera's  From=sip:usera@bank.example.com  To=sip:bank@bank.example.com  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-c ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-c ◀── NOTIFY  200 OK, terminated
            agent-c ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// RFC 3891 §3: what cannot be replaced.
#[test]
fn what_is_refused() {
    check(
        &[
            r#"
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-c</Sip></Dial>
            usera calls, agent-a answers
            "#,
            "
            ---
            agent-c replaces agent-a's call early-only
            agent-c calls sip:bank@bank.example.com with Replaces: a;to-tag=b;from-tag=c
            agent-c calls sip:bank@bank.example.com with Replaces: a;to-tag=b
            agent-c calls sip:bank@bank.example.com with Replaces: a;to-tag=b;from-tag=c; Replaces: d;to-tag=b;from-tag=c
            agent-b calls, agent-c rings
            agent-a replaces agent-b's call
            agent-b cancels
            network drops 9 BYE to agent-a
            rest hangs up agent-a
            agent-c replaces agent-a's call
            network is good
            ",
        ],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 486 Busy Here
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 481 Call/Transaction Does Not Exist
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 400 Bad Request
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 400 Bad Request
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 180 Ringing ──▶
            agent-a/2  ── INVITE with Replaces ──▶
            agent-a/2 ◀── 481 Call/Transaction Does Not Exist
            agent-b  ── CANCEL ──▶
            agent-b ◀── 487 Request Terminated
            agent-c ◀── CANCEL
            agent-c  ── 487 Request Terminated ──▶
            rest     ── hangs up agent-a ──▶
            agent-a ◀── BYE
            usera   ◀── BYE
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 603 Decline
        "#]],
    );
}
