//! `<Refer>`, and what phones do with REFER: whether they take it, and when they leave.
//!
//! Not here: what they tell of it (`notices`).
//! Source: refer-interop lines 7, 16, 30; Twilio, "TwiML Voice: Refer".

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
