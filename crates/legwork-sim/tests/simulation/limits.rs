//! Maxima at their edge, and applications that lead nowhere.
//!
//! Source: `legwork_call::limit`, `interface.md` (`[limits]`); reliability.md 5, G.

use expect_test::expect;
use legwork_sim::script::play;

use crate::{TRUE, check};

/// The whole ladder is too long to read: its end tells.
fn end(scenario: &str, rows: usize) -> String {
    let ladder = legwork_sim::script::run(scenario);
    let lines: Vec<&str> = ladder.lines().collect();
    let skipped = lines.len().saturating_sub(rows);
    lines.get(skipped..).unwrap_or_default().join("\n") + "\n"
}

fn count(scenario: &str, row: &str) -> usize {
    legwork_sim::script::run(scenario).lines().filter(|line| line.contains(row)).count()
}

#[test]
fn calls_at_a_time() {
    check(
        &[r#"config calls 1
            app /voice <Pause length="60"/>
            usera calls, agent-a calls, agent-b calls
            agent-a hangs up, agent-c calls"#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
            agent-b  ── INVITE ──▶
            app      ·  alert 91311 error
            agent-b ◀── 503 Service Unavailable
            agent-a  ── CANCEL ──▶
            agent-a ◀── 487 Request Terminated
            agent-c  ── INVITE ──▶
            agent-c ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
        "#]],
    );
}

#[test]
fn calls_a_second() {
    check(
        &[r#"config all_calls_per_second 1
            app /voice <Pause length="60"/>
            usera calls, agent-a calls
            wait 1s
            agent-b calls"#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
            agent-a  ── INVITE ──▶
            app      ·  alert 32001 error
            agent-a ◀── 503 Service Unavailable
            … 1 s
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
        "#]],
    );
}

#[test]
fn calls_a_second_of_an_account() {
    check(
        &[r#"config calls_per_second 1
            app /voice <Pause length="60"/>
            usera calls, agent-a calls
            wait 1s
            agent-b calls"#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
            agent-a  ── INVITE ──▶
            app      ·  alert 32001 error
            agent-a ◀── 503 Service Unavailable
            … 1 s
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Pause ──▶
        "#]],
    );
}

#[test]
fn ports_used_up() {
    check(
        &[r#"config ports 2
            app /voice <Dial action="/after"><Sip>sip:agent-b</Sip><Sip>sip:agent-c</Sip></Dial>
            app /after empty
            usera calls, agent-b answers
            agent-a calls
            listen"#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 91310 error
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a  ── INVITE ──▶
            app      ·  alert 91310 error
            agent-a ◀── 503 Service Unavailable
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn who_comes_too_much_is_told_when_to_come_again() {
    for limit in ["calls 0", "all_calls_per_second 0", "calls_per_second 0", "ports 0"] {
        let world = play(&format!("config {limit}\napp /voice <Pause/>\nusera calls"));
        let refusal = world.sent_to("usera", "INVITE").next().unwrap();
        let header = legwork_sip::header::Name::RetryAfter;
        assert_eq!((refusal.status(), refusal.header(header)), (Some(503), "5"), "{limit}");
    }
}

#[test]
fn targets_of_one_dial() {
    let max = legwork_call::limit::DIAL_TARGETS_MAX;
    for targets in [max, max + 1] {
        let per_phone = max / 2;
        let bindings: Vec<String> =
            (0..per_phone).map(|n| format!("<sip:line-{n}@10.0.0.9>")).collect();
        let bindings = bindings.join("; Contact: ");
        let one_more = "<Sip>sip:agent-c</Sip>".repeat(targets - max);
        let scenario = format!(
            "app /voice <Dial><Client>agent-a</Client><Client>agent-b</Client>{one_more}</Dial>
            agent-a registers with Contact: {bindings}
            agent-b registers with Contact: {bindings}
            usera calls
            agent-a unregisters everything, agent-b unregisters everything"
        );
        let world = play(&scenario);
        let rung = ["agent-a", "agent-b", "agent-c"].map(|who| invites(&world, who));
        assert_eq!(rung, [per_phone, per_phone, 0], "{targets}");
        assert_eq!(count(&scenario, "alert 13250 warning"), targets - max, "{targets}");
    }
}

/// Calls that a phone was offered.
fn invites(world: &legwork_sim::world::World, who: &str) -> usize {
    let calls: std::collections::BTreeSet<_> =
        world.sent_to(who, "INVITE").map(|invite| invite.call_id().to_owned()).collect();
    calls.len()
}

#[test]
fn problems_of_one_document_that_are_told() {
    let max = legwork_call::limit::PROBLEMS_TOLD_MAX;
    for problems in [max, max + 1] {
        let verbs = "<Pause a=\"1\"/>".repeat(problems);
        let fetched = format!("app /voice {verbs}\nusera calls");
        let inline = format!("rest calls usera running {verbs}\nusera answers");
        for scenario in [fetched, inline] {
            assert_eq!(count(&scenario, "alert 12200 warning"), max, "{scenario}");
        }
    }
}

#[test]
fn uri_headers_of_a_target() {
    let max = legwork_call::limit::NOUN_HEADERS_MAX;
    for headers in [max, max + 1] {
        let list: Vec<String> = (0..headers).map(|n| format!("X-{n}={n}")).collect();
        let noun = format!("<Sip>sip:agent-a?{}</Sip>", list.join("&amp;"));
        let scenario = format!("app /voice <Dial>{noun}</Dial>\nusera calls, agent-a rings");
        let world = play(&scenario);
        let invite = world.sent_to("agent-a", "INVITE").next().unwrap();
        assert_eq!(invite.extension_lines(), max, "{headers}");
        let alerts = count(&scenario, "alert 13251 warning");
        assert_eq!(alerts, usize::from(headers > max), "{headers}");
    }
}

#[test]
fn sip_headers_of_a_caller() {
    let max = legwork_call::limit::SIP_HEADERS_MAX;
    for headers in [max, max + 1] {
        let list: Vec<String> = (100..100 + headers).map(|n| format!("X-{n}: v{n}")).collect();
        let names: Vec<String> = (100..100 + headers).map(|n| format!("SipHeader_X-{n}")).collect();
        let scenario = format!(
            "app /voice <Pause/>\nshow {}\nusera calls sip:bank@bank.example.com with {}",
            names.join(","),
            list.join("; ")
        );
        let ladder = legwork_sim::script::run(&scenario);
        assert_eq!(ladder.matches("SipHeader_X-").count(), max, "{headers}");
    }
}

// === applications that lead nowhere ===

#[test]
fn documents_that_lead_to_each_other() {
    let scenario = "app /voice <Redirect>/other</Redirect>
        app /other <Redirect>/voice</Redirect>
        app /fallback <Redirect>/voice</Redirect>
        usera calls
        wait 5s";
    expect![[r#"
        app      ── 200  Redirect ──▶
        app     ◀── POST /voice
        app      ── 200  Redirect ──▶
        app      ·  alert 11215 error
        usera   ◀── 502 Bad Gateway
    "#]]
    .assert_eq(&end(scenario, 5));
    let max = usize::try_from(legwork_call::limit::DOCUMENTS_IN_A_ROW_MAX).unwrap();
    assert_eq!(count(scenario, "app     ◀── POST"), max + 1);
}

#[test]
fn a_dial_without_a_target_whose_action_is_itself() {
    let scenario = r#"app /voice <Dial action="/voice"><Sip>x</Sip></Dial>
        usera calls
        wait 5s"#;
    expect![[r#"
        app      ·  alert 13243 warning
        app     ◀── POST /voice  DialCallStatus=failed
        app      ── 200  Dial ──▶
        app      ·  alert 11215 error
        usera   ◀── BYE
    "#]]
    .assert_eq(&end(scenario, 5));
}

#[test]
fn a_refer_that_is_refused_whose_action_is_itself() {
    let scenario = r#"app /voice <Refer action="/voice"><Sip>sip:agent-b</Sip></Refer>
        usera answers REFER with 405
        usera calls
        wait 5s"#;
    expect![[r#"
        usera    ── 405 Method Not Allowed ──▶
        app     ◀── POST /voice  ReferCallStatus=failed
        app      ── 200  Refer ──▶
        app      ·  alert 11215 error
        usera   ◀── BYE
    "#]]
    .assert_eq(&end(scenario, 5));
    let nowhere = scenario.replace("<Sip>sip:agent-b</Sip>", "");
    expect![[r#"
        app     ◀── POST /voice  ReferCallStatus=failed
        app      ── 200  Refer ──▶
        app      ·  alert 13243 warning
        app      ·  alert 11215 error
        usera   ◀── 502 Bad Gateway
    "#]]
    .assert_eq(&end(&nowhere, 5));
    // One that somebody rings for is something that takes time.
    let rings = scenario.replace("answers REFER with 405", "notifies 100 180 20ms 486");
    assert_eq!(count(&rings, "alert 11215"), 0);
}

#[test]
fn a_file_that_is_never_there() {
    let scenario = "app /voice <Play>/missing</Play><Redirect>/voice</Redirect>
        usera calls
        wait 30s";
    expect![[r#"
        app      ·  alert 11200 error
        app     ◀── POST /voice
        app      ── 200  Play, Redirect ──▶
        app      ·  alert 11215 error
        usera   ◀── BYE
    "#]]
    .assert_eq(&end(scenario, 5));
}

#[test]
fn documents_are_counted_anew_when_time_passes() {
    let scenario = r#"app /voice <Pause length="1"/><Redirect>/voice</Redirect>
        usera calls
        wait 150s"#;
    assert_eq!(count(scenario, "alert 11215"), 0);
    assert!(count(scenario, "app     ◀── POST") > 140);
}

#[test]
fn the_answer_to_a_refer_leads_nowhere() {
    let scenario = [
        "app /refer <Redirect>/refer</Redirect>",
        TRUE,
        "agent-a refers to sip:agent-b\nwait 1s\nlisten",
    ];
    expect![[r#"
        app      ·  alert 11215 error
        app      ·  alert 91307 error
        agent-a  ·  restored
        agent-a ⇄ usera
        agent-a ◀── NOTIFY  503 Service Unavailable, terminated
        usera hears agent-a, agent-a hears usera
    "#]]
    .assert_eq(&end(&scenario.concat(), 6));
}

#[test]
fn documents_full_of_verbs_that_do_nothing() {
    for (verb, alert) in [
        ("<Dial><Sip>x</Sip></Dial>", "alert 13243 warning"),
        ("<Dial><Client>x</Client></Dial>", "alert 32009 error"),
    ] {
        // Two elements each: nearly as many as a document may have.
        let times = 2_000;
        let scenario = format!("app /voice {}<Hangup/>\nusera calls", verb.repeat(times));
        let ladder = legwork_sim::script::run(&scenario);
        assert_eq!(ladder.matches(alert).count(), times, "{verb}");
        assert!(ladder.lines().last().unwrap_or_default().contains("usera   ◀── BYE"), "{verb}");
    }
}

#[test]
fn documents_full_of_refers_that_lead_nowhere() {
    let refers = "<Refer><Sip>x</Sip></Refer>".repeat(2_000);
    let scenario = format!("app /voice {refers}\nusera calls");
    assert_eq!(count(&scenario, "alert 13243 warning"), 2_000);
    assert_eq!(count(&scenario, "usera   ◀── 603 Decline"), 1);
}

#[test]
fn sequential_dials_of_nobodies() {
    let nouns = "<Sip>sip:x@bank.example.com</Sip>".repeat(10);
    let dials = format!(r#"<Dial sequential="true">{nouns}</Dial>"#).repeat(150);
    let scenario = format!("app /voice {dials}<Hangup/>\nusera calls");
    assert_eq!(count(&scenario, "alert 32009 error"), 1_500);
}
