//! `<Echo>`: a caller hears itself.
//!
//! Source: Twilio's libraries.

use expect_test::expect;

use crate::check;

#[test]
fn a_caller_hears_itself_until_it_hangs_up() {
    check(
        &[r#"
            app /voice <Echo/><Say>never said</Say>
            usera calls
            listen
            wait 5s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Echo, Say ──▶
            usera   ◀── 200 OK
            usera hears usera
            … 5 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn it_takes_a_transfer_over() {
    check(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Echo/>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 3s
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
            app      ── 200  Echo ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears usera
        "#]],
    );
}

#[test]
fn another_phone_takes_the_callers_place() {
    check(
        &[r#"
            app /voice <Echo/>
            usera calls
            userb replaces usera's call
            wait 1s
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Echo ──▶
            usera   ◀── 200 OK
            userb    ── INVITE with Replaces ──▶
            userb   ◀── 200 OK
            userb    ·  takes the place of usera
            usera   ◀── BYE
            … 1.4 s
            userb hears userb
        "#]],
    );
}

#[test]
fn a_called_party_hears_itself_before_the_join() {
    check(
        &[r#"
            app /voice <Dial timeout="5"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /screen <Echo/>
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /screen
            app      ── 200  Echo ──▶
            usera hears ringback, agent-a hears agent-a
        "#]],
    );
}

#[test]
fn rest_sends_the_call_elsewhere() {
    check(
        &[r#"
            app /voice <Echo/>
            app /other <Pause length="5"/>
            usera calls
            rest redirects usera to /other
            wait 1s
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Echo ──▶
            usera   ◀── 200 OK
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1.4 s
            usera hears silence
        "#]],
    );
}
