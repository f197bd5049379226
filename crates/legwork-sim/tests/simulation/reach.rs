//! One leg, several places to be found at: the next address, the next candidate, 3xx, NAT.
//!
//! Source: RFC 3263 §4.3, RFC 3261 §8.1.3.4; Twilio, errors 13254, 32011 and 32219;
//! RFC 4787 §4.1 for the NAT.

use expect_test::expect;

use crate::{TRUE, check};

#[test]
fn the_next_address_after_503() {
    check(
        &[r#"
            dns sbc.example.com agent-a agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            agent-a does not ring
            usera calls, agent-a refuses 503, agent-b answers
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn the_next_address_after_silence() {
    check(
        &[r#"
            dns sbc.example.com nobody agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            usera calls, agent-b answers
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            nobody  ◀── INVITE
            … 4 s
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

#[test]
fn the_next_address_after_a_broken_way() {
    check(
        &[r#"
            dns sbc.example.com wall agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            usera calls, agent-b answers
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            wall    ◀── INVITE
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

/// The last answer is the one that is told.
#[test]
fn no_address_left() {
    check(
        &[r#"
            show DialCallStatus, DialSipResponseCode
            dns sbc.example.com wall agent-a
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            usera calls, agent-a refuses 503
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            wall    ◀── INVITE
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.3:5060
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=503
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_name_that_leads_nowhere() {
    check(
        &[r#"
            show DialCallStatus
            dns sbc.example.com after 2s fails
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            … 2 s
            app      ·  alert 13254 error
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=404
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn headers_of_a_place_that_was_left_are_not_told() {
    check(
        &[r#"
            show DialSipHeader_X-Fail
            dns sbc.example.com agent-a agent-b
            app /voice <Dial timeout="5" action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after empty
            usera calls, agent-a refuses 503 with X-Fail: a
            agent-b rings
            wait 6s
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
            agent-a  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            … 5 s
            agent-b ◀── CANCEL
            app     ◀── POST /after  DialCallStatus=no-answer  DialSipResponseCode=487
            agent-b  ── 487 Request Terminated ──▶
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn busy_is_an_answer() {
    check(
        &[r#"
            dns sbc.example.com agent-a agent-b
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            usera calls, agent-a refuses 486
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
            agent-a  ── 486 Busy Here ──▶
            app     ◀── POST /after  DialCallStatus=busy  DialSipResponseCode=486
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn what_was_heard_is_not_taken_back() {
    check(
        &[r#"
            dns sbc.example.com agent-a agent-b
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            usera calls, agent-a plays early media, agent-a refuses 503
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
            agent-a  ── 183 Session Progress ──▶
            agent-a  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            usera    ♪  ringback
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=503
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn retry_after_is_remembered() {
    check(
        &[r#"
            dns sbc.example.com agent-a agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            agent-a does not ring
            usera calls, agent-a refuses 503 with Retry-After: 20, agent-b answers
            usera hangs up
            ---
            usera calls, agent-b answers
            usera hangs up
            wait 20s
            usera calls, agent-a answers
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            desk     ·  10.0.0.3:5060 is out: passed over
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            usera    ── BYE ──▶
            agent-b ◀── BYE
            … 20 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 200 OK ──▶
            usera ⇄ desk
        "#]],
    );
}

#[test]
fn a_target_that_wakes_up_late_is_cancelled() {
    check(
        &[r#"
            dns sbc.example.com agent-a agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            network drops 4 INVITE to agent-a
            usera calls, agent-b answers
            wait 5s
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
            … 4 s
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            … 3.5 s
            agent-a  ── 180 Ringing ──▶
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
            … 1.9 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_timeout_of_the_dial_spans_all_tries() {
    check(
        &[r#"
            show DialCallStatus
            dns sbc.example.com nobody 10.0.0.67 nobody agent-b
            app /voice <Dial action="/after" timeout="7"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            agent-b does not ring
            usera calls
            wait 10s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            nobody  ◀── INVITE
            … 4 s
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.67:5060
            wall    ◀── INVITE
            app      ·  alert 32011 warning
            desk     ·  10.0.0.66:5060 is out: passed over
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            … 3 s
            app      ·  alert 32011 warning
            app     ◀── POST /after  DialCallStatus=no-answer  DialSipResponseCode=408
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn hung_up_while_the_second_address_rings() {
    check(
        &[r#"
            dns sbc.example.com wall agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            usera calls, agent-b rings, usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            wall    ◀── INVITE
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ── BYE ──▶
            agent-b ◀── CANCEL
            agent-b  ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn hung_up_while_the_first_address_says_nothing() {
    check(
        &[r#"
            dns sbc.example.com nobody agent-b
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            usera calls
            wait 1s
            usera hangs up
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            nobody  ◀── INVITE
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn redirected_to_another_phone() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            dns sbc.example.com agent-a
            agent-a does not ring
            usera calls, agent-a refuses 302 with Contact: <sip:desk@agent-b>
            agent-b answers
            listen
            agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn redirected_to_the_best_contact_first() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            dns sbc.example.com agent-a
            agent-a does not ring, agent-c does not ring
            usera calls, agent-a refuses 302 with Contact: <sip:agent-b>;q=0.2; Contact: <sip:agent-c>;q=0.7
            agent-c refuses 503, agent-b answers
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.5:5060
            agent-c ◀── INVITE
            agent-c  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
        "#]],
    );
}

#[test]
fn redirected_in_a_circle() {
    check(
        &[r#"
            show DialCallStatus
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            dns sbc.example.com agent-a
            agent-a does not ring, agent-b does not ring
            usera calls, agent-a refuses 302 with Contact: <sip:desk@agent-b>
            agent-b refuses 301 with Contact: <sip:desk@sbc.example.com>
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 301 Moved Permanently ──▶
            app      ·  alert 32219 error
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=301
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn redirected_without_end() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            dns sbc.example.com agent-a
            agent-a does not ring
            usera calls
            agent-a refuses 302 with Contact: <sip:1@agent-a>
            agent-a refuses 302 with Contact: <sip:2@agent-a>
            agent-a refuses 302 with Contact: <sip:3@agent-a>
            agent-a refuses 302 with Contact: <sip:4@agent-a>
            agent-a refuses 302 with Contact: <sip:5@agent-a>
            agent-a refuses 302 with Contact: <sip:6@agent-a>
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.3:5060
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.3:5060
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.3:5060
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.3:5060
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            desk     ·  tried at 10.0.0.3:5060
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            app      ·  alert 32219 error
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=302
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn redirected_to_ourselves() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            dns sbc.example.com agent-a
            agent-a does not ring
            usera calls, agent-a refuses 302 with Contact: <sip:agent-b@bank.example.com>
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            app      ·  alert 32219 error
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=302
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn redirected_to_what_is_no_sip_uri() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip>sip:desk@sbc.example.com</Sip></Dial>
            app /after <Hangup/>
            dns sbc.example.com agent-a
            agent-a does not ring
            usera calls, agent-a refuses 302 with Contact: <tel:+815012345678>
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            app      ·  alert 32219 error
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=302
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_registered_phone_may_not_redirect() {
    check(
        &[r#"
            app /voice <Dial action="/after"><Sip>sip:agent-a@bank.example.com</Sip></Dial>
            app /after <Hangup/>
            agent-a registers, agent-a does not ring
            ---
            usera calls, agent-a refuses 302 with Contact: <sip:agent-b>
            agent-a unregisters
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 302 Moved Temporarily ──▶
            app      ·  alert 32219 error
            app     ◀── POST /after  DialCallStatus=failed  DialSipResponseCode=302
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
        "#]],
    );
}

#[test]
fn a_transfer_target_fails_over_while_the_transferor_is_parked() {
    check(
        &[
            TRUE,
            r#"
            dns sbc.example.com agent-c agent-b
            app /refer <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            agent-c does not ring
            agent-a refers to sip:desk
            agent-c refuses 503, agent-b rings
            listen
            agent-b answers
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:desk ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:desk
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            usera hears ringback, agent-a hears silence
            agent-b  ── 200 OK ──▶
            usera ⇄ desk
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn a_transfer_target_that_is_nowhere_gives_the_call_back() {
    check(
        &[
            TRUE,
            r#"
            dns sbc.example.com agent-c wall
            app /refer <Dial><Sip>sip:desk@sbc.example.com</Sip></Dial>
            agent-c does not ring
            agent-a refers to sip:desk
            agent-c refuses 503
            wait 1s
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:desk ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:desk
            app      ── 200  Dial ──▶
            agent-c ◀── INVITE
            agent-c  ── 503 Service Unavailable ──▶
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.67:5060
            wall    ◀── INVITE
            app      ·  alert 32011 warning
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  500 Server Internal Error, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_call_placed_by_rest_fails_over_too() {
    check(
        &[r#"
            dns sbc.example.com wall agent-b
            rest calls desk@sbc.example.com running <Pause length="30"/>
            agent-b answers
            wait 1s
            "#],
        expect![[r#"
            rest     ── calls desk@sbc.example.com running <Pause length="30"/> ──▶
            wall    ◀── INVITE
            app      ·  alert 32011 warning
            desk     ·  tried at 10.0.0.4:5060
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            desk     ♪  silence
        "#]],
    );
}

/// Its session names an address that nobody reaches; its voice tells the right one.
#[test]
fn a_phone_behind_a_nat_is_heard_and_hears() {
    check(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera is behind a NAT
            ---
            usera calls, agent-a answers
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}
