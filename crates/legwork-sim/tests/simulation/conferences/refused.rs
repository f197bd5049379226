//! Who can not enter a conference has reached nobody: the next verb, or `action`.

use expect_test::expect;

use crate::check;

#[test]
fn a_sid_leads_to_one_that_is_going_on() {
    check(
        &[r#"
            show DialCallStatus, alerts
            app /voice <Dial><Conference>one</Conference></Dial>
            usera calls
            wait 1s
            app /voice <Dial><Conference>{conference one}</Conference></Dial>
            app /voice <Dial action="/left"><Conference>CF00000000000000000000000000000001</Conference></Dial>
            app /left <Hangup/>
            agent-a calls
            wait 1s
            listen
            agent-b calls
            wait 1s
            agent-c calls
            wait 1s
            usera hangs up, agent-a hangs up, agent-b hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  hold music
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference one
            agent-b  ♪  the conference
            … 1 s
            agent-c  ── INVITE ──▶
            agent-c ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app      ·  alert 13236 warning
            No conference of that SID is going on. <Conference>CF00000000000000000000000000000001. Write its name, or the SID of one that is.
            agent-c ◀── 200 OK
            app     ◀── POST /left  DialCallStatus=failed
            app      ── 200  Hangup ──▶
            agent-c ◀── BYE
            … 1 s
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
            agent-b  ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_name_that_is_none() {
    check(
        &[r#"
            show DialCallStatus, alerts
            app /voice <Dial action="/left"><Conference> </Conference></Dial>
            app /left <Hangup/>
            usera calls
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app      ·  alert 13237 warning
            The name of a conference is empty or too long. 1:32: 13237: the name of a conference has 1 to 128 characters; it is not joined. Write 1 to 128 characters.
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /left  DialCallStatus=failed
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_refer_of_who_is_in_one() {
    check(
        &[r#"
            show alerts
            app /voice <Dial referUrl="/refer"><Conference>one</Conference></Dial>
            app /refer <Hangup/>
            usera calls
            wait 1s
            usera refers to sip:agent-b
            agent-a calls
            wait 1s
            agent-a refers to sip:agent-b
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  hold music
            … 1 s
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 91301 error
            A phone asked for a transfer, but its <Dial> has a noun that can not be transferred. Only Sip, Number and Client can.
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 91301 error
            A phone asked for a transfer, but its <Dial> has a noun that can not be transferred. Only Sip, Number and Client can.
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn beside_other_nouns() {
    check(
        &["
            app /voice <Dial><Conference>one</Conference><Number>+15551234567</Number></Dial>
            usera calls
            wait 1s
            usera hangs up
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app      ·  alert 13000 warning
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  hold music
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}
