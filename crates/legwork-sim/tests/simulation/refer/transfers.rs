//! `<Refer>` as the answer to a REFER: it takes the transferee over.
//!
//! Source: the contract, `inbound-refer.md` §4 ("verbs that take over").

use expect_test::expect;

use crate::check;

#[test]
fn true_it_takes_over() {
    // The transferor is released when it begins.
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            usera follows REFER, hangs up after the result
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Refer ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            agent-a ◀── BYE
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 204 ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn false_it_takes_over() {
    // The transferor has been released before.
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            usera follows REFER, hangs up after the result
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Refer ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            agent-a ◀── BYE
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 204 ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_it_is_refused_by_the_transferee() {
    // It had begun, so nothing is restored: the document goes on.
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Dial><Sip>sip:agent-b</Sip></Dial>
            usera answers REFER with 405
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Refer ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            agent-a ◀── BYE
            usera    ── 405 Method Not Allowed ──▶
            app     ◀── POST /after  ReferCallStatus=failed
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn true_the_transferee_is_no_phone() {
    // It can not begin: restored.
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            ---
            agent-a refers to sip:agent-b
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            carrier  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Refer ──▶
            app      ·  alert 13801 error
            agent-a  ·  restored
            agent-a ⇄ carrier
            agent-a ◀── NOTIFY  403 Forbidden, terminated
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn false_the_transferee_is_no_phone() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Dial><Sip>sip:agent-b</Sip></Dial>
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            carrier  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Refer ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app      ·  alert 13801 error
            app     ◀── POST /after  ReferCallStatus=failed
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            carrier  ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            carrier ⇄ agent-b
            agent-b hears carrier, carrier hears agent-b
        "#]],
    );
}

#[test]
fn true_the_uri_can_not_be_sent() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Say>One moment.</Say><Refer><Sip>b</Sip></Refer>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 4s
            listen
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Say, Refer ──▶
            usera    ♪  audio of ours
            … 1 s
            app      ·  alert 13243 warning
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  404 Not Found, terminated
            … 3.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn true_the_child_is_the_transferee() {
    // The parent leg refers.
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            agent-a follows REFER, hangs up after the result
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-b
            agent-b answers
            listen
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Refer ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-a  ♪  silence
            agent-a ◀── REFER <sip:agent-b@10.0.0.4>
            usera   ◀── BYE
            agent-a  ── 202 Accepted ──▶
            agent-a  ── NOTIFY  100 Trying, active ──▶
            agent-a  ── NOTIFY  180 Ringing, active ──▶
            agent-a  ♪  ringback
            agent-a  ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a  ── BYE ──▶
            app      ── 204 ──▶
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}
