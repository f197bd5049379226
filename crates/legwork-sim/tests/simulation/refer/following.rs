//! `<Refer>`, and a phone that does as it is told: it calls, tells how that gets on, and leaves.
//!
//! The four cases of Asterisk's suite are named after it: it sends 302 before the answer, and REFER after
//! it; this server answers first, for only inside a session can a phone be referred.
//! Source: Twilio, "TwiML Voice: Refer"; reliability section 2, cases 25 to 28.

use expect_test::expect;

use crate::check;

#[test]
fn the_phone_calls_and_leaves() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Say>Nobody hears that.</Say>
            show ReferSipResponseCode, CallStatus
            usera follows REFER, hangs up after the result
            usera calls, agent-b rings 3s, answers
            listen
            agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            … 3 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  CallStatus=in-progress  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 200  Say ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_phone_calls_and_does_not_leave() {
    // Without a document to go on with the call ends.
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            usera follows REFER
            usera calls, agent-b answers
            listen
            agent-b hangs up
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
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera   ◀── BYE
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn the_document_goes_on_for_a_phone_that_stays() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Pause length="5"/>
            usera follows REFER
            usera calls, agent-b answers
            wait 6s
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
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 5 s
            usera   ◀── BYE
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn headers_behind_the_uri_are_the_phones_to_apply() {
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4;user=phone?User-to-User=123%3Bencoding%3Dhex&amp;X-Case=42</Sip></Refer>
            usera follows REFER, hangs up after the result
            usera calls, agent-b answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4;user=phone?User-to-User=123%3Bencoding%3Dhex&X-Case=42>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera   ◀── BYE
            usera    ── BYE ──▶
            usera    ── 481 Call/Transaction Does Not Exist to BYE ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn a_number_is_the_phones_to_dial() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>tel:+81501234567</Sip></Refer>
            app /after empty
            usera notifies 100 183 200, hangs up after the result
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <tel:+81501234567>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  183 Session Progress, active ──▶
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 204 ──▶
        "#]],
    );
}

#[test]
fn busy_and_the_document_goes_on() {
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after <Dial><Sip>sip:agent-a</Sip></Dial>
            show ReferSipResponseCode
            usera follows REFER
            usera calls, agent-b rings 3s, refuses 486, agent-a answers
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
            … 3 s
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=busy  ReferSipResponseCode=202  NotifySipResponseCode=486
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
fn nobody_answers_and_the_next_verb_is_run() {
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4</Sip></Refer><Dial><Sip>sip:agent-a</Sip></Dial>
            usera follows REFER
            usera calls, agent-b rings 3s, refuses 480, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer, Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            … 3 s
            usera    ── NOTIFY  480 Temporarily Unavailable, terminated ──▶
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
fn one_after_the_other() {
    check(
        &[r#"
            app /voice <Refer action="/busy"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /busy <Refer action="/after" method="GET"><Sip>sip:agent-c@10.0.0.5</Sip></Refer>
            app /after empty
            usera follows REFER
            usera calls, agent-b refuses 486, agent-c answers
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
            usera    ── NOTIFY  486 Busy Here, terminated ──▶
            app     ◀── POST /busy  ReferCallStatus=busy  NotifySipResponseCode=486
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-c@10.0.0.5>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── GET /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            app      ── 204 ──▶
            usera   ◀── BYE
            usera hears agent-c, agent-c hears usera
        "#]],
    );
}

#[test]
fn asterisk_endpoint_refer() {
    // An address of our own domain: the phone calls this server.
    check(
        &[r#"
            app /voice <Say>One moment.</Say><Refer action="/after"><Sip>sip:agent-b@bank.example.com</Sip></Refer>
            app /voice <Dial><Sip>sip:agent-b</Sip></Dial>
            app /after empty
            usera follows REFER, hangs up after the result
            usera calls
            wait 4s
            agent-b answers
            listen
            agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@bank.example.com>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera/2  ── INVITE ──▶
            usera/2 ◀── 180 Ringing
            app     ◀── POST /voice
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            app      ── 200  Dial ──▶
            usera/2 ◀── 200 OK
            usera/2  ♪  ringback
            agent-b ◀── INVITE
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            agent-b  ── 180 Ringing ──▶
            app      ── 204 ──▶
            … 3 s
            agent-b  ── 200 OK ──▶
            usera/2 ⇄ agent-b
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera/2 ◀── BYE
        "#]],
    );
}

#[test]
fn asterisk_uri_refer() {
    // An address elsewhere.
    check(
        &[r#"
            app /voice <Say>One moment.</Say><Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            usera follows REFER, hangs up after the result
            usera calls
            wait 4s
            agent-b answers
            listen
            agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            … 3 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 204 ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn asterisk_endpoint_redirect() {
    // The call is answered first.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@bank.example.com</Sip></Refer>
            app /voice <Dial><Sip>sip:agent-b</Sip></Dial>
            app /after empty
            usera follows REFER, hangs up after the result
            usera calls
            agent-b answers
            listen
            agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@bank.example.com>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera/2  ── INVITE ──▶
            usera/2 ◀── 180 Ringing
            app     ◀── POST /voice
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            app      ── 200  Dial ──▶
            usera/2 ◀── 200 OK
            usera/2  ♪  ringback
            agent-b ◀── INVITE
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            agent-b  ── 180 Ringing ──▶
            app      ── 204 ──▶
            agent-b  ── 200 OK ──▶
            usera/2 ⇄ agent-b
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera/2 ◀── BYE
        "#]],
    );
}

#[test]
fn asterisk_uri_redirect() {
    // The call is answered first.
    check(
        &[r#"
            app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            app /after empty
            usera follows REFER, hangs up after the result
            usera calls, agent-b answers
            listen
            agent-b hangs up
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
            usera    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
            usera    ── BYE ──▶
            app      ── 204 ──▶
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
