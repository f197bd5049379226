//! Calls placed by REST: each parameter, and what may be done with a live call.
//!
//! Not here: HTTP and JSON (crate `legwork`, `api`), REST during a transfer (`races`).
//! Source: Twilio, "Call resource"; `ReferUrl` is ours.

use expect_test::expect;

use crate::{TO_B, check};

#[test]
fn rest_timeout() {
    check(
        &["rest calls usera with /voice; timeout 10\nusera rings\nwait 11s"],
        expect![[r#"
        rest     ── calls usera with /voice; timeout 10 ──▶
        usera   ◀── INVITE
        usera    ── 180 Ringing ──▶
        … 10 s
        usera   ◀── CANCEL
        usera    ── 487 Request Terminated ──▶
    "#]],
    );
}

#[test]
fn rest_time_limit() {
    check(
        &["
        rest calls usera running <Pause length=\"60\"/>; time_limit 20
        usera answers
        wait 30s
        "],
        expect![[r#"
            rest     ── calls usera running <Pause length="60"/>; time_limit 20 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 20 s
            app      ·  alert 32015 warning
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_cancels_a_ringing_call() {
    check(
        &["rest calls usera with /voice\nusera rings\nrest cancels usera\nwait 1s"],
        expect![[r#"
        rest     ── calls usera with /voice ──▶
        usera   ◀── INVITE
        usera    ── 180 Ringing ──▶
        rest     ── cancels usera ──▶
        usera   ◀── CANCEL
        usera    ── 487 Request Terminated ──▶
    "#]],
    );
}

#[test]
fn rest_may_not_cancel_an_answered_call() {
    check(
        &["
        rest calls usera running <Pause length=\"60\"/>
        usera answers
        rest cancels usera
        usera hangs up
        "],
        expect![[r#"
            rest     ── calls usera running <Pause length="60"/> ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            rest     ── cancels usera ──▶
            rest    ◀── 400  21220
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn rest_fallback_url() {
    check(
        &["
        app /voice 500
        app /fallback <Hangup/>
        rest calls usera with /voice; fallback_url /fallback
        usera answers
        wait 1s
        "],
        expect![[r#"
            rest     ── calls usera with /voice; fallback_url /fallback ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /fallback  ErrorCode=11200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn refer_url_of_the_call_serves_a_dial_without_one() {
    check(
        &[
            TO_B,
            "
        rest calls usera running <Dial answerOnBridge=\"true\"><Sip>sip:agent-a</Sip></Dial>; refer_url /refer
        usera answers, agent-a answers
        ---
        agent-a refers to sip:agent-b
        agent-b answers
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
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn refer_url_of_the_dial_wins() {
    check(
        &[
            TO_B,
            "
        rest calls usera running <Dial referUrl=\"http://app.example/refer\"><Sip>sip:agent-a</Sip></Dial>; refer_url /other
        usera answers, agent-a answers
        ---
        usera refers to sip:agent-b
        agent-b answers
        wait 3s
        agent-b hangs up
        ",
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            usera   ◀── BYE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            … 3 s
            agent-b  ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn rest_status_callback_of_every_step() {
    check(
        &["
        app /status ok
        show CallStatus, SequenceNumber, CallDuration, SipResponseCode
        rest calls usera running <Pause length=\"5\"/>; status_callback /status initiated ringing answered completed
        usera rings, usera answers
        wait 8s
        "],
        expect![[r#"
            rest     ── calls usera running <Pause length="5"/>; status_callback /status initiated ringing answered completed ──▶
            app     ◀── POST /status  CallStatus=initiated  SequenceNumber=0
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            app     ◀── POST /status  CallStatus=ringing  SequenceNumber=1
            usera    ── 200 OK ──▶
            app     ◀── POST /status  CallStatus=in-progress  SequenceNumber=2
            usera    ♪  silence
            … 5 s
            usera   ◀── BYE
            app     ◀── POST /status  CallStatus=completed  CallDuration=5  SequenceNumber=3  SipResponseCode=200
        "#]],
    );
}

#[test]
fn rest_status_callback_of_the_end_alone_when_busy() {
    check(
        &["
        app /status ok
        show CallStatus, SequenceNumber, SipResponseCode
        rest calls usera running <Pause/>; status_callback /status
        usera refuses 486
        "],
        expect![[r#"
            rest     ── calls usera running <Pause/>; status_callback /status ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 486 Busy Here ──▶
            app     ◀── POST /status  CallStatus=busy  SequenceNumber=0  SipResponseCode=486
        "#]],
    );
}

#[test]
fn rest_send_digits_before_the_document() {
    check(
        &["
        rest calls usera running <Pause length=\"5\"/>; send_digits 1w2
        usera answers
        wait 3s
        listen
        wait 5s
        "],
        expect![[r#"
            rest     ── calls usera running <Pause length="5"/>; send_digits 1w2 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ·  keys 1w2
            usera    ♪  silence
            … 2.5 s
            usera hears silence and key 1 and key 2
            … 2.5 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_from_a_number_only_towards_a_trunk() {
    check(
        &["rest calls +8130000000 with /voice; from sip:joe@example.com"],
        expect![[r#"
        rest     ── calls +8130000000 with /voice; from sip:joe@example.com ──▶
        rest    ◀── 400  21212
    "#]],
    );
}

#[test]
fn rest_redirects_among_the_keys_and_the_first_document_is_not_run() {
    check(
        &["
        app /voice <Say>old</Say>
        app /other <Pause length=\"10\"/>
        rest calls usera with /voice; send_digits 12wwww3
        usera answers
        rest redirects usera to /other
        wait 5s
        usera hangs up
        "],
        expect![[r#"
            rest     ── calls usera with /voice; send_digits 12wwww3 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ·  keys 12wwww3
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 5 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn rest_ends_a_ringing_call_whose_invite_was_cancelled() {
    check(
        &["
        app /status ok
        show SipResponseCode
        rest calls usera with /voice; status_callback /status
        usera rings
        rest hangs up usera
        wait 1s
        "],
        expect![[r#"
            rest     ── calls usera with /voice; status_callback /status ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            rest     ── hangs up usera ──▶
            usera   ◀── CANCEL
            app     ◀── POST /status  SipResponseCode=487
            usera    ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn refer_url_of_the_call_serves_where_that_of_the_dial_is_relative_to_nothing() {
    check(
        &[
            TO_B,
            "
        rest calls usera running <Dial referUrl=\"/nowhere\"><Sip>sip:agent-a</Sip></Dial>; refer_url /refer
        usera answers, agent-a answers
        ---
        agent-a refers to sip:agent-b
        agent-b answers
        wait 1s
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
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn rest_timeout_of_one_that_rings_and_of_one_that_says_nothing() {
    check(
        &["
        app /status ok
        show CallStatus, SipResponseCode
        rest calls usera with /voice; timeout 10; status_callback /status
        rest calls nobody with /voice; timeout 10; status_callback /status
        usera rings
        wait 11s
        "],
        expect![[r#"
            rest     ── calls usera with /voice; timeout 10; status_callback /status ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            rest     ── calls nobody with /voice; timeout 10; status_callback /status ──▶
            nobody  ◀── INVITE
            … 10 s
            usera   ◀── CANCEL
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=487
            usera    ── 487 Request Terminated ──▶
            app      ·  alert 32011 warning
            app     ◀── POST /status  CallStatus=no-answer  SipResponseCode=408
        "#]],
    );
}

#[test]
fn rest_time_limit_of_a_parked_transferor_and_the_transfer_goes_on() {
    check(
        &[
            TO_B,
            "
        rest calls usera running <Dial answerOnBridge=\"true\"><Sip>sip:agent-a</Sip></Dial>; refer_url /refer; time_limit 10
        usera answers, agent-a answers
        ---
        usera refers to sip:agent-b
        agent-b rings 12s
        agent-b answers
        listen
        agent-a hangs up
        ",
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            … 10 s
            app      ·  alert 32015 warning
            usera   ◀── NOTIFY  200 OK, terminated
            usera   ◀── BYE
            … 2 s
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            agent-a hears agent-b, agent-b hears agent-a
            agent-a  ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn rest_credentials_answer_the_challenge_of_the_far_end() {
    check(
        &["
        usera challenges
        rest calls usera running <Pause/>; sip_auth usera usera
        usera answers
        wait 2s
        "],
        expect![[r#"
            rest     ── calls usera running <Pause/>; sip_auth usera usera ──▶
            usera   ◀── INVITE
            usera    ── 401 Unauthorized ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_without_credentials_a_challenge_ends_the_call() {
    check(
        &["usera challenges\nrest calls usera running <Pause/>\nwait 1s"],
        expect![[r#"
        rest     ── calls usera running <Pause/> ──▶
        usera   ◀── INVITE
        usera    ── 401 Unauthorized ──▶
        app      ·  alert 13244 warning
    "#]],
    );
}

#[test]
fn rest_url_wins_over_twiml() {
    check(
        &["
        app /voice <Hangup/>
        rest calls usera with /voice; twiml too
        usera answers
        wait 1s
        "],
        expect![[r#"
            rest     ── calls usera with /voice; twiml too ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app      ·  alert 32019 warning
            app     ◀── POST /voice
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}
