//! What is heard in a dialled call: keys, codecs, late offers, holds, a bad network.
//!
//! Source: Twilio, "TwiML Voice: <Dial>"; twilio-voice.md, sections 3.1 to 3.3.

use expect_test::expect;

use crate::check;

#[test]
fn star_ends_the_dialled_call() {
    check(
        &[r#"
            app /voice <Dial hangupOnStar="true" action="/action"><Sip>sip:agent-a</Sip></Dial>
            app /action <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            usera presses 10
            wait 1s
            agent-b answers
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
            usera ⇄ agent-a
            agent-a ◀── BYE
            app     ◀── POST /action  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            … 1 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn time_limit_ends_the_dialled_call() {
    check(
        &[r#"
            app /voice <Dial timeLimit="5"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            wait 7s
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
            usera ⇄ agent-a
            … 5 s
            agent-a ◀── BYE
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_are_relayed() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            usera presses 5
            wait 1s
            listen
            agent-a presses 7
            wait 1s
            listen
            "],
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
            usera ⇄ agent-a
            … 1.4 s
            usera hears agent-a, agent-a hears usera and key 5
            … 1.4 s
            usera hears agent-a and key 7, agent-a hears usera and key 5
        "#]],
    );
}

#[test]
fn different_codecs_still_hear_each_other() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera speaks PCMA, agent-a speaks PCMU
            usera calls, agent-a answers
            listen
            "],
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
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn no_common_codec_with_the_caller_488() {
    check(
        &["
            config codecs pcma
            usera speaks PCMU
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 488 Not Acceptable Here
        "#]],
    );
}

#[test]
fn no_common_codec_with_the_target() {
    check(
        &["
            config codecs pcma
            agent-a speaks PCMU
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls
            wait 1s
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 488 Not Acceptable Here ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn an_offer_that_comes_late() {
    check(
        &["
            usera offers late
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "],
        expect![[r#"
            usera    ── INVITE without offer ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
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
fn an_offer_that_comes_late_answer_on_bridge() {
    check(
        &[r#"
            usera offers late
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            listen
            "#],
        expect![[r#"
            usera    ── INVITE without offer ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn hold_and_unhold() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a holds
            listen
            agent-a unholds
            listen
            usera holds inactive
            listen
            usera unholds
            listen
            agent-a holds zero
            listen
            agent-a unholds
            listen
            "],
        expect![[r#"
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears nothing
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
            usera    ── re-INVITE inactive ──▶
            usera   ◀── 200 OK
            agent-a  ♪  hold music
            usera hears nothing, agent-a hears hold music
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            usera hears agent-a, agent-a hears usera
            agent-a  ── re-INVITE c=0.0.0.0 ──▶
            agent-a ◀── 200 OK
            usera    ♪  hold music
            usera hears hold music, agent-a hears nothing
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_call_over_a_bad_network() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            network loses 30%, doubles 20%, reorders 20%
            usera calls, agent-a rings, answers
            wait 10s
            listen
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            agent-a ◀── INVITE
            … 1.5 s
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 10.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_200_without_ack_is_ended_after_32_s() {
    check(
        &["
            usera acks never
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            wait 40s
            "],
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
            usera ⇄ agent-a
            … 32 s
            usera   ◀── BYE
            app      ·  alert 32022 error
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_phone_that_dies_is_noticed_at_the_next_request() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            agent-a dies
            usera hangs up
            wait 40s
            "],
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
            usera ⇄ agent-a
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}
