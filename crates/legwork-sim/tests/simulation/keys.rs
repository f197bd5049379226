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
            wait 400ms
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
            usera    ── INFO ──▶
            usera    ·  keys 5
            agent-a  ·  keys #
            … 1.1 s
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

/// An INFO may be faster than the first packet of the same press.
#[test]
fn keys_said_twice_by_info_first_are_heard_once() {
    check(
        &[
            FALSE,
            "
            agent-a presses 5 by INFO
            wait 60ms
            agent-a presses 5
            wait 1s
            agent-a presses 6 by INFO
            wait 60ms
            agent-a presses 6
            wait 1s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── INFO ──▶
            … 1.1 s
            agent-a  ── INFO ──▶
            … 1.5 s
            usera hears agent-a and key 5 and key 6, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

/// Who knows no events can say a key no other way: nothing is waited for.
#[test]
fn keys_by_info_of_one_who_knows_no_events_are_pressed_at_once() {
    check(
        &[
            "agent-a knows no events\n",
            FALSE,
            "
            agent-a presses 5 by INFO
            agent-a presses 6 by INFO
            wait 2s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            agent-a  ── INFO ──▶
            usera    ·  keys 5
            agent-a  ── INFO ──▶
            usera    ·  keys 6
            … 2.4 s
            usera hears agent-a and key 5 and key 6, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

/// Nobody is left to press them towards, or to.
#[test]
fn keys_by_info_that_wait_when_somebody_hangs_up() {
    for who in ["usera", "agent-a"] {
        let scenario =
            [FALSE, &format!("agent-a presses 5 by INFO & {who} hangs up\nwait 1s\n")].concat();
        assert!(!legwork_sim::script::run(&scenario).contains("keys 5"), "{who}");
    }
}

/// Those that wait have a limit; what they mean here is heard all the same.
#[test]
fn keys_by_info_faster_than_anybody_presses() {
    let presses = "agent-a presses 5 by INFO & ".repeat(10);
    let scenario = [FALSE, presses.trim_end_matches(" & "), "\nwait 1s\n"].concat();
    let ladder = legwork_sim::script::run(&scenario);
    assert!(ladder.ends_with("usera    ·  keys 55555555\n"), "{ladder}");
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

/// A key is for whom it was pressed towards, not for who is there when it is clear that it comes by INFO alone.
#[test]
fn a_key_by_info_is_not_for_who_comes_next() {
    check(
        &[
            FALSE,
            "
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            usera presses 5 by INFO & agent-a refers to sip:agent-b
            agent-b answers
            wait 1s
            usera presses 6 by INFO
            wait 1s
            ",
        ],
        expect![[r#"
            usera    ── INFO ──▶
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 1 s
            usera    ── INFO ──▶
            agent-b  ·  keys 6
        "#]],
    );
}

/// Tones of a phone that knows no events are heard where they mean something.
#[test]
fn a_star_in_band_ends_a_dial() {
    check(
        &[
            "usera knows no events\n",
            STAR,
            "
            usera presses 5
            wait 1s
            usera presses *
            wait 1s
            ",
        ],
        expect![[r#"
            agent-a ◀── BYE
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_star_in_band_without_hangup_on_star() {
    check(
        &[
            "usera knows no events\n",
            FALSE,
            "
            usera presses *
            wait 1s
            listen
            usera hangs up
            ",
        ],
        expect![[r#"
            usera hears agent-a, agent-a hears usera and key 10
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

/// While the transfer is pending a star means nothing; given back, it does again.
#[test]
fn a_star_in_band_across_a_transfer() {
    check(
        &[r#"
            app /voice <Dial hangupOnStar="true" referUrl="/refer" answerOnBridge="true" action="/done"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /done <Hangup/>
            usera knows no events
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            usera presses *
            wait 1s
            agent-b refuses 486
            wait 1s
            usera presses *
            wait 1s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 1 s
            agent-a ◀── BYE
            app     ◀── POST /done  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

/// What an application that was dialled is doing leaves the star to the `<Dial>` that called it.
#[test]
fn a_star_in_band_ends_a_dialled_application() {
    for does in [
        r#"<Gather numDigits="4"/><Pause length="60"/>"#,
        r#"<Say loop="0">one moment</Say>"#,
        "<Dial><Sip>sip:agent-a</Sip></Dial>",
    ] {
        let scenario = format!(
            r#"
            app /voice <Dial hangupOnStar="true" action="/done"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank {does}
            app /done <Hangup/>
            usera knows no events
            agent-a answers by itself after 1s
            usera calls
            wait 10s
            ---
            usera presses *
            wait 1s
            "#
        );
        let ladder = legwork_sim::script::run(&scenario);
        assert!(ladder.contains("/done  DialCallStatus=completed"), "{does}\n{ladder}");
    }
}

/// Keys by tones are those of a `<Gather>` and a `<Record>`.
#[test]
fn keys_in_band_are_gathered_and_end_a_message() {
    check(
        &[r#"
            app /voice <Gather numDigits="3" action="/gathered"/>
            app /gathered <Record playBeep="false" action="/recorded"/>
            app /recorded <Hangup/>
            usera knows no events
            usera calls
            ---
            usera presses 4 2 7
            wait 2s
            usera presses 9
            wait 2s
            "#],
        expect![[r#"
            app     ◀── POST /gathered  Digits=427
            app      ── 200  Record ──▶
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 2 s
            usera    ·  recording ends
            app     ◀── POST /recorded  RecordingDuration=2  Digits=9
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

/// What a phone knows may change in the middle of a call.
#[test]
fn keys_in_band_once_events_are_not_agreed_any_more() {
    check(
        &[r#"
            app /voice <Gather timeout="20" numDigits="2" action="/done"/>
            app /done <Hangup/>
            usera calls
            usera presses 4
            wait 1s
            usera knows no events
            usera holds, unholds
            ---
            usera presses 2
            wait 1s
            "#],
        expect![[r#"
            app     ◀── POST /done  Digits=42
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}
