//! `<Refer>`, and what phones do with REFER: what they answer, what they tell, and when.
//!
//! Source: refer-interop lines 6, 7, 16, 27, 30, 31; real-clients 4.7d; Twilio, "TwiML Voice: Refer".

use expect_test::expect;

use crate::check;

#[test]
fn refused_405() {
    // Row 3 of the table of Twilio's page.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera answers REFER with 405
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 405 Method Not Allowed ──▶
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=405
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn declined_603() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera answers REFER with 603
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 603 Decline ──▶
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=603
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn redirected_302() {
    // A REFER is not sent elsewhere.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera answers REFER with 302
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 302 Moved Temporarily ──▶
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=302
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn not_answered() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera ignores REFER
            usera calls
            wait 33s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            … 32 s
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=408
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q30_no_notify_at_all() {
    // Nobody knows what became of it: 30 s, and no ReferCallStatus.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies nothing
            usera calls
            wait 31s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            … 30 s
            app     ◀── POST /after  ReferSipResponseCode=202
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q30_no_notify_after_ringing() {
    // 30 s from there on.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 20s 180
            usera calls
            wait 51s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            … 20 s
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            … 30 s
            app     ◀── POST /after  ReferCallStatus=no-answer  ReferSipResponseCode=202  NotifySipResponseCode=180
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q30_terminated_without_body() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 .
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  , terminated ──▶
            app     ◀── POST /after  ReferSipResponseCode=202  NotifySipResponseCode=100
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q30_terminated_with_what_is_no_result() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 180.
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, terminated ──▶
            app     ◀── POST /after  ReferSipResponseCode=202  NotifySipResponseCode=180
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q30_notices_without_body_tell_nothing() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies - 29s - 2s 200
            usera calls
            wait 31s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  , active ──▶
            … 29 s
            usera    ── NOTIFY  , active ──▶
            … 1 s
            app     ◀── POST /after  ReferSipResponseCode=202
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera    ── NOTIFY  200 OK, terminated ──▶
        "#]],
    );
}

#[test]
fn q30_invalid_contact_400() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera answers REFER with 400
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 400 Bad Request ──▶
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=400
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn a_body_that_ends_with_lf() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100lf 486lf
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100, active ──▶
            usera    ── NOTIFY  486, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=busy  ReferSipResponseCode=202  NotifySipResponseCode=486
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn a_result_that_does_not_end_it() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 200+ 500ms 200
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  200 OK, active ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn the_202_is_overtaken() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 answer 200
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn the_202_is_overtaken_by_the_result() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 200 answer
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera    ── 202 Accepted ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn taken_by_200() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 200, answers REFER with 200
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 200 OK ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=200  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q16_refer_sub_false() {
    // It takes the REFER and will tell nothing.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies nothing, adds Refer-Sub: false
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            app     ◀── POST /after  ReferSipResponseCode=202
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q6_notices_with_an_id() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 200, names its notices
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q7_challenged_by_407() {
    // Whom we call with a password is told it, in the same dialog.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera challenges REFER by 407, follows REFER, hangs up after the result
            rest calls usera@10.0.0.2 with /voice; sip_auth usera usera
            usera answers, agent-b answers
            listen
            "#],
        expect![[r#"
            rest     ── calls usera@10.0.0.2 with /voice; sip_auth usera usera ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 407 Proxy Authentication Required ──▶
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 200  Pause ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q6_a_wrong_id_after_a_challenge() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera challenges REFER by 401, notifies 100 200, names its notices wrongly
            rest calls usera@10.0.0.2 with /voice; sip_auth usera usera
            usera answers
            "#],
        expect![[r#"
            rest     ── calls usera@10.0.0.2 with /voice; sip_auth usera usera ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 401 Unauthorized ──▶
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q7_a_caller_that_challenges_gets_no_password() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera challenges REFER by 401
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 401 Unauthorized ──▶
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=401
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}

#[test]
fn q31_told_after_our_bye() {
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            usera notifies 200+ 2s 200
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  200 OK, active ──▶
            usera   ◀── BYE
            … 2 s
            usera    ── NOTIFY  200 OK, terminated ──▶
        "#]],
    );
}

#[test]
fn q31_told_long_after_our_bye() {
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            usera notifies 200+ 40s 200
            usera calls
            wait 41s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  200 OK, active ──▶
            usera   ◀── BYE
            … 40 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera   ◀── 481 Call/Transaction Does Not Exist to NOTIFY
        "#]],
    );
}

#[test]
fn told_more_after_the_end() {
    // The subscription is over.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 486 500ms 200
            usera calls
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=busy  ReferSipResponseCode=202  NotifySipResponseCode=486
            app      ── 200  Pause ──▶
            usera    ♪  silence
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera   ◀── 481 Call/Transaction Does Not Exist to NOTIFY
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_phone_that_leaves_after_the_202() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies nothing, hangs up after 202
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── BYE ──▶
            app     ◀── POST /after  ReferCallStatus=canceled  ReferSipResponseCode=202
        "#]],
    );
}

#[test]
fn a_phone_that_leaves_while_it_rings() {
    // Row 4: what it told last is told.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 180
            usera calls, hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── BYE ──▶
            app     ◀── POST /after  ReferCallStatus=canceled  ReferSipResponseCode=202  NotifySipResponseCode=180
        "#]],
    );
}

#[test]
fn a_phone_that_leaves_before_it_answers() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera ignores REFER
            usera calls, hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── BYE ──▶
            app     ◀── POST /after  ReferCallStatus=canceled
        "#]],
    );
}

#[test]
fn a_phone_that_leaves_while_action_is_asked() {
    // It is told all the same.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after after 3s <Pause/>
            show ReferSipResponseCode
            usera notifies 100 200, hangs up after the result
            usera calls
            wait 4s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            usera    ── BYE ──▶
            … 3 s
            app      ── 200  Pause ──▶
        "#]],
    );
}

#[test]
fn a_phone_that_holds_meanwhile() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 180 2s 486
            usera calls, holds, unholds
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── re-INVITE sendonly ──▶
            usera   ◀── 200 OK
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            … 2 s
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=busy  ReferSipResponseCode=202  NotifySipResponseCode=486
        "#]],
    );
}

#[test]
fn lost_and_sent_again() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            network drops 1 REFER to usera
            network drops 1 202 from usera
            network drops 2 NOTIFY from usera
            usera notifies 100 180 200
            usera calls
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera   ◀── 500 Server Internal Error to NOTIFY
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera   ◀── 500 Server Internal Error to NOTIFY
            usera    ── 202 Accepted ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_phone_that_refers_meanwhile() {
    // It has nobody to be joined with.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause/>
            show ReferSipResponseCode
            usera notifies 100 5s 200
            usera calls
            usera refers to sip:agent-c
            wait 6s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── REFER sip:agent-c ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
            … 5 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
        "#]],
    );
}
