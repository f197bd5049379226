//! Keys by INFO: heard as those of RTP, passed on to whom the leg talks with, each press once.
//!
//! Not here: keys in RTP (`calls/talking`), keys we press (`Number.sendDigits`).
//! Source: RFC 6086 §2; what phones send.

use expect_test::expect;

use super::super::{FALSE, check};

const STAR: &str = "
    app /voice <Dial hangupOnStar=\"true\" action=\"/done\"><Sip>sip:agent-a</Sip></Dial>
    app /done <Hangup/>
    usera calls, agent-a answers
    ---
";

#[test]
fn keys_by_info_end_a_dial_by_star() {
    check(
        &[STAR, "usera presses * by INFO"],
        expect![[r#"
            usera    ── INFO ──▶
            agent-a ◀── BYE
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

/// The forms that phones send; only the last one is a star.
#[test]
fn keys_by_info_in_all_forms() {
    check(
        &[
            STAR,
            "
            usera informs application/dtmf 5
            usera informs application/dtmf-relay Signal= 7; Duration=250
            usera informs application/dtmf-relay Signal=16
            usera informs application/dtmf-relay Signal=nonsense
            usera informs text/plain Signal=*
            usera informs application/dtmf-relay signal=10
            ",
        ],
        expect![[r#"
            usera    ── INFO ──▶
            agent-a  ·  keys 5
            usera    ── INFO ──▶
            agent-a  ·  keys 7
            usera    ── INFO ──▶
            usera    ── INFO ──▶
            usera    ── INFO ──▶
            usera    ── INFO ──▶
            agent-a ◀── BYE
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn keys_by_info_are_pressed_towards_the_other_one() {
    check(
        &[
            FALSE,
            "
            agent-a presses 5 by INFO
            usera presses # by INFO
            wait 1s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── INFO ──▶
            usera    ·  keys 5
            usera    ── INFO ──▶
            agent-a  ·  keys #
            … 1.4 s
            usera hears agent-a and key 5, agent-a hears usera and key 11
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

/// What the relay has passed on is not pressed again, nor is anything a phone says that sends both.
#[test]
fn keys_said_twice_are_heard_once() {
    check(
        &[
            FALSE,
            "
            agent-a presses 5
            wait 60ms
            agent-a presses 5 by INFO
            wait 1s
            agent-a presses 6 by INFO
            wait 1s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── INFO ──▶
            … 1 s
            agent-a  ── INFO ──▶
            … 1.4 s
            usera hears agent-a and key 5, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

/// Nobody listens to whom waits for the end of her transfer.
#[test]
fn keys_by_info_of_a_parked_leg_are_heard_by_nobody() {
    check(
        &[
            FALSE,
            "
            app /refer after 5s <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a presses 5 by INFO
            wait 1s
            usera hangs up
            wait 9s
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a  ── INFO ──▶
            … 1 s
            usera    ── BYE ──▶
            agent-a ◀── NOTIFY  487 Request Terminated, terminated
            agent-a ◀── BYE
        "#]],
    );
}
