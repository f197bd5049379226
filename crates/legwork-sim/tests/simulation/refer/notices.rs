//! `<Refer>`, and what phones tell of it: in which form, in which order, and for how long.
//!
//! Not here: whether they take it (`phones`).
//! Source: refer-interop lines 6, 30, 31; real-clients 4.7d; RFC 3515 §2.4.

use expect_test::expect;

use crate::check;

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
