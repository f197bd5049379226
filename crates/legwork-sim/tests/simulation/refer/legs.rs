//! `<Refer>` on every sort of leg, and orders while it is under way.
//!
//! Source: Twilio, "TwiML Voice: Refer", 13801; "Call resource: update".

use expect_test::expect;

use crate::check;

#[test]
fn a_call_placed_by_rest() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            usera follows REFER, hangs up after the result
            rest calls usera with /voice
            usera answers, agent-b answers
            listen
            "#],
        expect![[r#"
            rest     ── calls usera with /voice ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
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
fn a_child_leg_by_rest() {
    // The caller goes on behind its `<Dial>`.
    check(
        &[r#"
            app /voice <Dial action="/dialled"><Sip>sip:agent-a</Sip></Dial>
            app /dialled <Pause length="60"/>
            app /away <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            show Direction, ReferSipResponseCode
            agent-a follows REFER, hangs up after the result
            usera calls, agent-a answers
            ---
            rest redirects agent-a to /away
            agent-b answers
            listen
            agent-b hangs up, usera hangs up
            "#],
        expect![[r#"
            rest     ── redirects agent-a to /away ──▶
            app     ◀── POST /dialled  Direction=inbound  DialCallStatus=completed  DialSipResponseCode=200
            app     ◀── POST /away  Direction=outbound-dial
            app      ── 200  Pause ──▶
            usera    ♪  silence
            app      ── 200  Refer ──▶
            agent-a  ♪  silence
            agent-a ◀── REFER <sip:agent-b@10.0.0.4>
            agent-a  ── 202 Accepted ──▶
            agent-a  ── NOTIFY  100 Trying, active ──▶
            agent-a  ── NOTIFY  180 Ringing, active ──▶
            agent-a  ♪  ringback
            agent-a  ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  Direction=outbound-dial  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            agent-a  ── BYE ──▶
            app      ── 204 ──▶
            usera hears silence, agent-a hears agent-b, agent-b hears agent-a
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_leg_through_a_trunk() {
    // 13801, and the document goes on.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Dial><Sip>sip:agent-a</Sip></Dial>
            show ReferSipResponseCode
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            listen
            "#],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            app      ·  alert 13801 error
            app     ◀── POST /after  ReferCallStatus=failed
            app      ── 200  Dial ──▶
            carrier ◀── 200 OK
            carrier  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            carrier ⇄ agent-a
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn a_leg_through_a_trunk_without_action() {
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4</Sip></Refer><Dial><Sip>sip:agent-a</Sip></Dial>
            carrier calls sip:+815012345678@10.0.0.1, agent-a answers
            listen
            "#],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer, Dial ──▶
            app      ·  alert 13801 error
            carrier ◀── 200 OK
            carrier  ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            carrier ⇄ agent-a
            agent-a hears carrier, carrier hears agent-a
        "#]],
    );
}

#[test]
fn a_trunk_that_may_refer() {
    check(
        &[r#"
            config trunk refers
            app /voice <Refer action="/after"><Sip>tel:+815011112222</Sip></Refer>
            app /after empty
            carrier notifies 100 200, hangs up after the result
            carrier calls sip:+815012345678@10.0.0.1
            "#],
        expect![[r#"
            carrier  ── INVITE ──▶
            carrier ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            carrier ◀── 200 OK
            carrier  ♪  silence
            carrier ◀── REFER <tel:+815011112222>
            carrier  ── 202 Accepted ──▶
            carrier  ── NOTIFY  100 Trying, active ──▶
            carrier  ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            carrier  ── BYE ──▶
            app      ── 204 ──▶
        "#]],
    );
}

#[test]
fn a_dialled_application() {
    // It is told of the application's call; the caller leaves both.
    check(
        &[r#"
            app /voice <Dial action="/dialled"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /dialled empty
            app /bank <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            show To, ReferSipResponseCode
            usera notifies 100 180 2s 200, hangs up after the result
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  To=sip:bank@bank.example.com
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank  To=AP00000000000000000000000000000001
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            … 2 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  To=AP00000000000000000000000000000001  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 204 ──▶
        "#]],
    );
}

#[test]
fn a_dialled_application_whose_caller_leaves() {
    check(
        &[r#"
            app /voice <Dial action="/dialled"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            show To, ReferSipResponseCode
            usera notifies 100 180
            usera calls
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  To=sip:bank@bank.example.com
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank  To=AP00000000000000000000000000000001
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── BYE ──▶
            app     ◀── POST /after  To=AP00000000000000000000000000000001  ReferCallStatus=canceled  ReferSipResponseCode=202  NotifySipResponseCode=180
            app      ── 404 ──▶
            app      ·  alert 15003 warning
        "#]],
    );
}

#[test]
fn a_called_party_that_is_screened() {
    check(
        &[r#"
            app /voice <Dial action="/dialled"><Sip url="/screen">sip:agent-a</Sip></Dial>
            app /dialled empty
            app /screen <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            agent-a follows REFER, hangs up after the result
            usera calls, agent-a answers, agent-b answers
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
            app      ── 200  Refer ──▶
            agent-a  ♪  silence
            agent-a ◀── REFER <sip:agent-b@10.0.0.4>
            agent-a  ── 202 Accepted ──▶
            agent-a  ── NOTIFY  100 Trying, active ──▶
            agent-a  ── NOTIFY  180 Ringing, active ──▶
            agent-a  ♪  ringback
            agent-a  ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            agent-a  ── BYE ──▶
            app     ◀── POST /dialled  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 204 ──▶
            app      ── 204 ──▶
            usera   ◀── BYE
            agent-a hears agent-b, agent-b hears agent-a
        "#]],
    );
}

#[test]
fn rest_hangs_it_up_meanwhile() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            show ReferSipResponseCode
            usera notifies 100 180 2s 200
            usera calls
            rest hangs up usera
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
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            app     ◀── POST /after  ReferCallStatus=canceled  ReferSipResponseCode=202  NotifySipResponseCode=180
            app      ── 404 ──▶
            app      ·  alert 15003 warning
            … 2 s
            usera    ── NOTIFY  200 OK, terminated ──▶
        "#]],
    );
}

#[test]
fn rest_redirects_it_meanwhile() {
    // What comes of it is no longer asked for.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /other <Dial><Sip>sip:agent-a</Sip></Dial>
            usera notifies 100 180 2s 486
            usera calls
            rest redirects usera to /other
            agent-a answers
            wait 3s
            listen
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
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 2 s
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn rest_redirects_it_to_another_refer() {
    // The notices of the first are none of the second.
    check(
        &[r#"
            app /voice <Refer action="/first"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /other <Refer action="/second"><Sip>sip:agent-c@10.0.0.5</Sip></Refer>
            app /second empty
            usera names its notices, notifies 100 180 2s 486
            usera calls
            usera notifies 100 3s 200
            rest redirects usera to /other
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
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-c@10.0.0.5>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            … 2 s
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            usera   ◀── 481 Call/Transaction Does Not Exist to NOTIFY
            … 1 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /second  ReferCallStatus=in-progress  NotifySipResponseCode=200
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn its_time_is_over_meanwhile() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            show ReferSipResponseCode
            usera notifies 100 180
            rest calls usera with /voice; time_limit 5
            usera answers
            wait 6s
            "#],
        expect![[r#"
            rest     ── calls usera with /voice; time_limit 5 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            … 5 s
            app      ·  alert 32015 warning
            usera   ◀── BYE
            app     ◀── POST /after  ReferCallStatus=canceled  ReferSipResponseCode=202  NotifySipResponseCode=180
            app      ── 404 ──▶
            app      ·  alert 15003 warning
        "#]],
    );
}

#[test]
fn action_fails() {
    // The fallback is asked, as for any document.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after 500
            app /fallback <Dial><Sip>sip:agent-a</Sip></Dial>
            usera notifies 100 486
            usera calls, agent-a answers
            listen
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
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=busy  NotifySipResponseCode=486
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /fallback  ErrorCode=11200
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn action_fails_and_there_is_no_fallback() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after 500
            usera notifies 100 486
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
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=busy  NotifySipResponseCode=486
            app      ── 500 ──▶
            app      ·  alert 11200 error
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn uris_that_can_not_be_sent() {
    check(
        &[r#"
            app /voice <Refer action="/b"><Sip>+15551234567</Sip></Refer>
            app /b <Refer action="/c"><Sip>sip:a@h?X-A=%0</Sip></Refer>
            app /c <Refer action="/d"><Sip>mailto:a@h</Sip></Refer>
            app /d <Refer action="/e"/>
            app /e <Refer action="/f"><Sip>sip:agent-b@10.0.0.4</Sip><Sip>sip:agent-c@10.0.0.5</Sip></Refer>
            app /f <Reject/>
            show ReferSipResponseCode
            usera notifies 100 200
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            app      ·  alert 13243 warning
            app     ◀── POST /b  ReferCallStatus=failed
            app      ── 200  Refer ──▶
            app      ·  alert 32110 warning
            app     ◀── POST /c  ReferCallStatus=failed
            app      ── 200  Refer ──▶
            app      ·  alert 13243 warning
            app     ◀── POST /d  ReferCallStatus=failed
            app      ── 200  Refer ──▶
            app      ·  alert 13243 warning
            app     ◀── POST /e  ReferCallStatus=failed
            app      ── 200  Refer ──▶
            app      ·  alert 12200 warning
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /f  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            app      ── 200  Reject ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn an_action_that_is_no_url() {
    check(
        &[r#"
            app /voice <Refer action="http://:x/"><Sip>sip:agent-b@10.0.0.4</Sip></Refer><Dial><Sip>sip:agent-a</Sip></Dial>
            usera notifies 486
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer, Dial ──▶
            usera   ◀── 200 OK
            app      ·  alert 11100 error
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
