//! NOTIFY as phones need it, and what becomes of it where they do not take it.
//!
//! Source: inbound-refer.md sections 4 and 5; refer-interop.md; RFC 3515 §2.4.4, RFC 6665 §4.2.

use expect_test::expect;

use crate::{FALSE, TO_B, TRUE, check};

#[test]
fn q20_phone_refuses_the_last_notify() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a answers NOTIFY with 481
            agent-b answers
            wait 3s
            listen
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
            agent-a  ── 481 No to NOTIFY ──▶
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q20_phone_refuses_the_last_notify_released() {
    check(
        &[
            FALSE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a answers NOTIFY with 481
            agent-b answers
            wait 3s
            listen
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
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q44_jssip_refuses_notify_403() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a answers NOTIFY with 403
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
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
            agent-a  ── 403 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn credentials_are_asked_for_that_we_do_not_have() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a answers NOTIFY with 401, answers BYE with 407
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
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
            agent-a  ── 401 No to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── 401 No to NOTIFY ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 401 No to NOTIFY ──▶
            agent-a ◀── BYE
            agent-a  ── 407 No to BYE ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_ended_by_the_subscriber() {
    check(
        &[
            "app /refer after 1s <Dial><Sip>sip:agent-b</Sip></Dial>",
            FALSE,
            "agent-a refers to sip:agent-b
            agent-a subscribes 0s
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
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  100 Trying, terminated
            … 1 s
            app      ── 200  Dial ──▶
            agent-a ◀── BYE
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn nothing_to_subscribe_to_without_a_refer_481() {
    check(
        &[TRUE, "agent-a subscribes 600s"],
        expect![[r#"
        agent-a  ── SUBSCRIBE ──▶
        agent-a ◀── 481 Call/Transaction Does Not Exist to SUBSCRIBE
    "#]],
    );
}

#[test]
fn true_ended_by_the_subscriber_and_the_target_fails() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-a subscribes 0s
            agent-b refuses 486
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
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  180 Ringing, terminated
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_refreshed_then_ended_by_the_subscriber() {
    check(
        &[
            TO_B,
            TRUE,
            "agent-a refers to sip:agent-b
            agent-b rings
            agent-a subscribes 600s
            agent-a subscribes 0s
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
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── SUBSCRIBE ──▶
            agent-a ◀── NOTIFY  180 Ringing, terminated
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// The target refuses without a reason phrase: the notice has one all the same.
#[test]
fn q05_baresip_reads_every_sipfrag() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show lines Content-Type, sipfrag
            agent-b gives no reasons
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            Content-Type: message/sipfrag;version=2.0
            "SIP/2.0 100 Trying\r\n"
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            Content-Type: application/sdp
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            Content-Type: message/sipfrag;version=2.0
            "SIP/2.0 180 Ringing\r\n"
            agent-b  ── 486  ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            Content-Type: message/sipfrag;version=2.0
            "SIP/2.0 486 Busy Here\r\n"
        "#]],
    );
}

#[test]
fn q05_linphone_is_told_a_status_nobody_knows() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show lines sipfrag
            agent-a refers to sip:agent-b
            agent-b refuses 499
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            "SIP/2.0 100 Trying\r\n"
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            "SIP/2.0 180 Ringing\r\n"
            agent-b  ── 499 No ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  499 Request Failure, terminated
            "SIP/2.0 499 Request Failure\r\n"
        "#]],
    );
}

#[test]
fn q06_jssip_refers_in_a_call_that_was_challenged() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            config challenge
            show lines Event, WWW-Authenticate
            usera calls, agent-a answers
            usera refers to sip:agent-b
            agent-b answers
            wait 1s
            "#,
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 407 Proxy Authentication Required
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            Event: refer
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            Event: refer
            agent-b  ── 200 OK ──▶
            agent-a ⇄ agent-b
            usera   ◀── NOTIFY  200 OK, terminated
            Event: refer
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn q38_grandstream_hears_of_it_before_7_s() {
    check(
        &[
            TRUE,
            "
            app /refer after 14s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-b refuses 486
            wait 1s
            listen
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
            … 14 s
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn q38_old_ata_always_gets_a_second_notice() {
    check(
        &[
            TRUE,
            "
            app /refer times out
            agent-a refers to sip:agent-b
            wait 16s
            listen
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
            … 15 s
            app      ── no answer ──▶
            app      ·  alert 11205 error
            app      ·  alert 91307 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn q44_jssip_needs_an_id_from_the_second_refer_on() {
    check(
        &[
            TRUE,
            TO_B,
            "
            show lines Event
            agent-a refers to sip:agent-b
            agent-b refuses 486
            agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            Event: refer
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            Event: refer
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            Event: refer
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            Event: refer;id=2
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            Event: refer;id=2
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            Event: refer;id=2
            agent-a ◀── BYE
        "#]],
    );
}
