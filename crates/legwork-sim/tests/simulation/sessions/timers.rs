//! Session timers of calls: kept alive, and ended when a party dies silently.
//!
//! Source: RFC 4028; `inbound-refer` §4, "Parked"; `reliability` §3.0, R11.

use expect_test::expect;

use crate::check;

/// The caller leaves the refresh to us and takes no UPDATE; so does the target, and takes it.
const TALK: &str = r#"
    agent-a takes UPDATE, agrees to 600s refreshed by uac
    app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
    usera calls sip:bank@bank.example.com with Supported: timer; Session-Expires: 400;refresher=uas
    agent-a answers
    ---
"#;

/// RFC 4028 §7.4: by re-INVITE and by UPDATE, as each takes it.
#[test]
fn we_refresh_both_legs() {
    check(
        &[TALK, "wait 610s\nlisten\n"],
        expect![[r#"
        usera   ◀── re-INVITE
        usera    ── 200 OK ──▶
        … 100 s
        agent-a ◀── UPDATE
        … 100 s
        usera   ◀── re-INVITE
        usera    ── 200 OK ──▶
        … 200 s
        agent-a ◀── UPDATE
        usera   ◀── re-INVITE
        usera    ── 200 OK ──▶
        … 10.4 s
        usera hears agent-a, agent-a hears usera
    "#]],
    );
}

/// RFC 4028 §7.4: the offer of a refresh is word for word what was described before.
#[test]
fn a_refresh_offers_the_session_unchanged() {
    let mut world = legwork_sim::script::play(&format!("{TALK}\nwait 410s\n"));
    let bodies: Vec<_> = world
        .sent_to("usera", "INVITE")
        .filter(|message| !message.body().is_empty())
        .map(|message| message.body().to_vec())
        .collect();
    assert!(bodies.len() >= 3, "{}", world.ladder.print());
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{}", world.ladder.print());
    world.finish();
}

/// The target takes no UPDATE: we refresh it by re-INVITE after 300 s.
const TALK_BY_REINVITE: &str = r#"
    agent-a agrees to 600s refreshed by uac
    app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
    usera calls, agent-a answers
    ---
"#;

/// RFC 3261 §14.1: who met 491 lets the other go first; its own is sent anew then, if it must be.
#[test]
fn a_hold_while_our_refresh_waits_for_its_second_try() {
    check(
        &[
            TALK_BY_REINVITE,
            "
            agent-a refuses re-INVITE with 491
            wait 301s
            agent-a holds
            wait 10s
            listen
            agent-a unholds
            listen
            ",
        ],
        expect![[r#"
            agent-a ◀── re-INVITE
            agent-a  ── 491 No ──▶
            … 1 s
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            … 10.4 s
            usera hears agent-a, agent-a hears nothing
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// A broken phone leaves the answer out of its 200: what was agreed holds, and the next offer is taken.
#[test]
fn a_refresh_answered_without_a_session() {
    check(
        &[
            TALK_BY_REINVITE,
            "
            agent-a answers without session
            wait 301s
            agent-a holds
            listen
            agent-a unholds
            wait 300s
            listen
            ",
        ],
        expect![[r#"
            agent-a ◀── re-INVITE
            agent-a  ── 200 OK ──▶
            … 1 s
            agent-a  ── re-INVITE sendonly ──▶
            agent-a ◀── 200 OK
            usera hears agent-a, agent-a hears nothing
            agent-a  ── re-INVITE ──▶
            agent-a ◀── 200 OK
            … 300.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 4028 §10: nobody answers a refresh.
#[test]
fn the_caller_dies_and_its_refresh_tells() {
    check(
        &[TALK, "usera dies\nwait 240s\n"],
        expect![[r#"
        usera   ◀── re-INVITE
        … 32 s
        usera   ◀── BYE
        agent-a ◀── BYE
    "#]],
    );
}

#[test]
fn the_target_dies_and_its_refresh_tells() {
    check(
        &[TALK, "agent-a dies\nwait 340s\n"],
        expect![[r#"
        usera   ◀── re-INVITE
        usera    ── 200 OK ──▶
        … 100 s
        agent-a ◀── UPDATE
        … 32 s
        agent-a ◀── BYE
        usera   ◀── BYE
    "#]],
    );
}

/// RFC 4028 §10: who was to refresh has not.
#[test]
fn the_caller_dies_and_its_silence_tells() {
    check(
        &["
            usera agrees to 90s refreshed by uac
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls sip:bank@bank.example.com with Supported: timer; Session-Expires: 90
            agent-a answers
            ---
            wait 40s
            usera updates
            wait 40s
            usera unholds
            usera dies
            wait 89s
            "],
        expect![[r#"
            usera    ── UPDATE ──▶
            … 40 s
            usera    ── re-INVITE ──▶
            usera   ◀── 200 OK
            … 60 s
            usera   ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}

/// R11: the transferor dies while parked; the transfer goes on, nothing is left to restore.
#[test]
fn a_parked_transferor_dies() {
    check(
        &[
            TALK,
            "
            app /refer <Pause length=\"350\"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            agent-a dies
            wait 340s
            wait 12s
            agent-b answers
            listen
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
            app      ── 200  Pause, Dial ──▶
            usera    ♪  silence
            … 200 s
            usera   ◀── re-INVITE
            usera    ── 200 OK ──▶
            … 100 s
            agent-a ◀── UPDATE
            … 32 s
            agent-a ◀── BYE
            … 18 s
            usera    ♪  hold music
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            … 2 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            usera hears agent-b, agent-a hears nothing, agent-b hears usera
        "#]],
    );
}

/// Parked, it is refreshed by UPDATE, and its own refresh is answered.
#[test]
fn a_parked_transferor_lives() {
    check(
        &[
            TALK,
            "
            app /refer <Pause length=\"350\"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            wait 310s
            agent-a updates
            wait 50s
            agent-b refuses 486
            listen
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
            app      ── 200  Pause, Dial ──▶
            usera    ♪  silence
            … 200 s
            usera   ◀── re-INVITE
            usera    ── 200 OK ──▶
            … 100 s
            agent-a ◀── UPDATE
            … 10 s
            agent-a  ── UPDATE ──▶
            … 40 s
            usera    ♪  hold music
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 10 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// Parked, it gets no re-INVITE: its refresh waits until it is not.
#[test]
fn a_parked_transferor_without_update_is_refreshed_later() {
    check(
        &[r#"
            agent-a agrees to 600s refreshed by uac
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            app /refer <Pause length="350"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a refers to sip:agent-b
            wait 340s
            wait 12s
            agent-b refuses 486
            wait 200s
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
            app      ── 200  Pause, Dial ──▶
            usera    ♪  silence
            … 350 s
            usera    ♪  hold music
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            … 2 s
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            … 82 s
            agent-a ◀── re-INVITE
            agent-a  ── 200 OK ──▶
            … 118.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 4028 §9: an interval below 90 s is refused with ours.
#[test]
fn too_brief_an_interval() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls sip:bank@bank.example.com with Supported: timer; Session-Expires: 89
            "],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 422 Session Interval Too Small
        "#]],
    );
}

/// Who knows no timers is not troubled with any.
#[test]
fn phones_without_timers() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            wait 5000s
            listen
            "],
        expect![[r#"
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}
