//! Reliable ringing on either side, and several early dialogs of one call.
//!
//! Source: RFC 3262; RFC 3261 §13.2.2.4, §8.2.2.3.

use expect_test::expect;

use crate::check;

const BANK: &str = "sip:bank@bank.example.com";

/// RFC 3262 §3: 180 with PRACK; the answer does not wait for it.
#[test]
fn the_caller_requires_100rel() {
    check(
        &[&format!(
            "
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls {BANK} with Require: 100rel, agent-a answers
            listen
            "
        )],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            usera    ── PRACK ──▶
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

/// RFC 3262 §3: early media reliably, behind the 180; the 200 has no session of its own.
#[test]
fn early_media_to_a_caller_that_requires_100rel() {
    check(
        &[&format!(
            r#"
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls {BANK} with Require: 100rel, agent-a plays early media
            listen
            agent-a answers
            listen
            "#
        )],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            usera    ── PRACK ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 183 Session Progress ──▶
            usera   ◀── 183 Session Progress
            usera    ── PRACK ──▶
            usera hears agent-a, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 3262 §3: 64·T1 without PRACK.
#[test]
fn a_caller_that_requires_100rel_and_never_acknowledges() {
    check(
        &[&format!(
            r#"
            usera never PRACKs
            app /voice <Dial answerOnBridge="true" timeout="60"><Sip>sip:agent-a</Sip></Dial>
            usera calls {BANK} with Require: 100rel, agent-a rings
            wait 33s
            "#
        )],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 32 s
            usera   ◀── 504 Server Time-out
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

/// RFC 3262 §4: the target's ringing is acknowledged, and its session holds for its 200 too.
#[test]
fn a_target_that_rings_reliably() {
    check(
        &["
            agent-a rings reliably, answers without session
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media
            listen
            agent-a answers
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
            agent-a ◀── PRACK
            agent-a  ── 183 Session Progress ──▶
            agent-a ◀── PRACK
            usera hears agent-a, agent-a hears nothing
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_target_that_rings_reliably_is_given_up() {
    check(
        &["
            agent-a rings reliably
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media
            usera hangs up
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
            agent-a  ── 180 Ringing ──▶
            agent-a ◀── PRACK
            agent-a  ── 183 Session Progress ──▶
            agent-a ◀── PRACK
            usera    ── BYE ──▶
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
        "#]],
    );
}

/// RFC 3262 §3, on a network that loses.
#[test]
fn reliable_ringing_over_a_bad_network() {
    check(
        &[&format!(
            r#"
            agent-a rings reliably
            network drops 1 PRACK to agent-a
            network drops 1 183 to usera
            app /voice <Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls {BANK} with Require: 100rel, agent-a plays early media
            wait 2s
            agent-a answers
            wait 1s
            listen
            "#
        )],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            usera    ── PRACK ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a ◀── PRACK
            agent-a  ── 183 Session Progress ──▶
            agent-a ◀── PRACK
            usera   ◀── 183 Session Progress
            usera    ── PRACK ──▶
            … 1.5 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 3261 §13.2.2.4: one fork is heard early, another one answers.
#[test]
fn early_media_of_one_fork_and_the_answer_of_another() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media elsewhere, answers
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
            agent-a  ── 183 Session Progress ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// The same, reliably: the fork that answers has described its session before.
#[test]
fn reliable_forks_and_an_answer_without_session() {
    check(
        &["
            agent-a rings reliably, answers without session
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a plays early media elsewhere, plays early media, answers
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
            agent-a ◀── PRACK
            agent-a  ── 183 Session Progress ──▶
            agent-a ◀── PRACK
            agent-a  ── 183 Session Progress ──▶
            agent-a ◀── PRACK
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 3261 §8.2.2.3: what we do not have is refused and named.
#[test]
fn required_extensions() {
    for (require, status) in [
        ("timer; Require: 100rel", "180 Ringing"),
        ("norefersub", "180 Ringing"),
        ("explicitsub", "420 Bad Extension"),
        ("nosub", "420 Bad Extension"),
        ("replaces", "180 Ringing"),
        ("join", "420 Bad Extension"),
        ("100rel; Require: precondition", "420 Bad Extension"),
    ] {
        let ladder = legwork_sim::script::run(&format!(
            "app /voice <Pause length=\"1\"/>\nusera calls {BANK} with Require: {require}"
        ));
        let second = ladder.lines().nth(1).unwrap_or_default();
        assert!(second.ends_with(status), "{require}: {ladder}");
    }
}
