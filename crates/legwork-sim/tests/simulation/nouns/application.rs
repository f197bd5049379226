//! `<Application>`: another application's document on the caller's leg, in a call of its own.
//!
//! Not here: what ends it from outside (`application_ends`), transfers in and into it
//! (`application_transfers`), its attributes (`attributes`).
//! Source: Twilio, "TwiML Voice: Application"; twilio-voice.md 3.3.

use expect_test::expect;
use legwork_sim::script::play;

use super::{alerts, stories};

#[test]
fn its_document_runs_on_the_callers_leg_and_action_hears_of_the_end() {
    stories(
        &[r#"
            app /voice <Dial action="/after" callerId="+8150"><Application><ApplicationSid>AP00000000000000000000000000000001</ApplicationSid><Parameter name="Colour" value="red"/></Application></Dial>
            app /bank <Say>one</Say><Redirect>/bank/more</Redirect>
            app /bank/more <Pause length="2"/>
            app /after empty
            show CallStatus, Direction, From, To, ApplicationSid, CustomerId, Param_Colour
            show DialBridged, DialCallDuration
            usera calls
            wait 9s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallStatus=ringing  Direction=inbound  From=sip:usera@bank.example.com  To=sip:bank@bank.example.com
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank  CallStatus=ringing  Direction=outbound-dial  From=+8150  To=AP00000000000000000000000000000001  ApplicationSid=AP00000000000000000000000000000001  CustomerId=AC00000000000000000000000000000001  Param_Colour=red
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /bank/more  CallStatus=in-progress  Direction=outbound-dial  From=+8150  To=AP00000000000000000000000000000001  ApplicationSid=AP00000000000000000000000000000001  CustomerId=AC00000000000000000000000000000001  Param_Colour=red
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 2 s
            app     ◀── POST /after  CallStatus=in-progress  Direction=inbound  From=sip:usera@bank.example.com  To=sip:bank@bank.example.com  DialCallStatus=completed  DialCallDuration=3  DialBridged=true
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn its_call_is_one_of_its_own_in_the_read_model() {
    let world = play(
        r#"
        app /voice <Dial><Application>AP00000000000000000000000000000001</Application></Dial>
        app /bank <Dial><Application>AP00000000000000000000000000000002</Application></Dial>
        app /branch <Pause length="60"/>
        usera calls
        wait 1s
        "#,
    );
    let row = |to: &str| world.books.call_to(to).expect(to);
    let bank = row("AP00000000000000000000000000000001");
    let branch = row("AP00000000000000000000000000000002");
    let first = world.books.call_to("sip:bank@bank.example.com").expect("the caller's");
    assert_eq!((bank.parent, branch.parent), (Some(first.sid), Some(bank.sid)));
    for row in [bank, branch] {
        assert_eq!((row.direction, row.status), ("outbound-dial", "in-progress"));
        assert_eq!((row.from.as_str(), row.ended), (first.from.as_str(), None));
    }
}

#[test]
fn hangup_ends_its_call_and_the_callers_goes_on() {
    stories(
        &[
            r#"
            app /voice <Dial><Application>AP00000000000000000000000000000001</Application></Dial><Say>and on</Say>
            app /bank <Hangup/>
            usera calls
            wait 9s
            "#,
            r#"
            app /voice <Dial action="/after" answerOnBridge="true"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Reject reason="busy"/>
            app /after <Reject/>
            usera calls
            wait 9s
            "#,
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial, Say ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Hangup ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE

            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app     ◀── POST /bank
            app      ── 200  Reject ──▶
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 200  Reject ──▶
            usera   ◀── 404 Not Found
        "#]],
    );
}

#[test]
fn with_answer_on_bridge_its_verbs_answer_the_caller() {
    stories(
        &[r#"
            app /voice <Dial answerOnBridge="true"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Pause length="2"/><Dial answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls
            wait 2s
            agent-a rings 1s, answers
            listen
            agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            app     ◀── POST /bank
            app      ── 200  Pause, Dial ──▶
            … 2 s
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 1 s
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn without_a_document_its_fallback_is_asked() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /fallback empty
            app /bank 500
            app /bank-fallback <Say>sorry</Say>
            app /after empty
            usera calls
            wait 9s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /bank-fallback  ErrorCode=11200
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn without_a_document_of_its_fallback_the_dial_has_failed() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /fallback empty
            app /bank 500
            app /bank-fallback 500
            app /after empty
            show DialBridged
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /bank-fallback  ErrorCode=11200
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /after  DialCallStatus=failed  DialBridged=false
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn what_fails_later_ends_an_answered_call() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /fallback empty
            app /bank <Say>well</Say><Redirect>/broken</Redirect>
            app /broken 500
            app /after empty
            show DialBridged
            usera calls
            wait 9s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /broken
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /after  DialCallStatus=completed  DialBridged=true
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn an_unknown_one() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000009</Application></Dial>
            app /after empty
            usera calls
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app      ·  alert 21218 error
            app     ◀── POST /after  DialCallStatus=failed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn one_that_does_not_answer_in_time() {
    stories(
        &[r#"
            app /voice <Dial action="/after" timeout="5"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank after 7s <Say>late</Say>
            app /after empty
            usera calls
            wait 9s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            … 5 s
            app     ◀── POST /after  DialCallStatus=no-answer
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn who_screens_for_it_may_lead_on_and_not_dial() {
    stories(
        &[r#"
            app /voice <Dial action="/done"><Application url="/screen">AP00000000000000000000000000000001</Application></Dial>
            app /screen <Dial>+15551234567</Dial><Redirect method="GET">/other</Redirect>
            app /other <Reject/>
            app /bank <Say>here is the bank</Say>
            app /done <Hangup/>
            show DialBridged
            usera calls
            wait 2s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Say ──▶
            app     ◀── POST /screen
            app      ── 200  Dial, Redirect ──▶
            app      ·  alert 13201 error
            app     ◀── GET /other
            app      ── 200  Reject ──▶
            app     ◀── POST /done  DialCallStatus=completed  DialBridged=false
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn screening_that_takes_too_long_is_given_up() {
    stories(
        &[r#"
            app /voice <Dial timeout="5" action="/done"><Application url="/slow">AP00000000000000000000000000000001</Application></Dial>
            app /slow after 9s <Pause/>
            app /bank <Say>here is the bank</Say>
            app /done <Hangup/>
            usera calls
            wait 12s
            usera calls
            wait 1s
            usera hangs up
            wait 9s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Say ──▶
            app     ◀── POST /slow
            … 5 s
            app     ◀── POST /done  DialCallStatus=no-answer
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 7 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Say ──▶
            app     ◀── POST /slow
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn who_takes_the_callers_place_waits_no_longer() {
    stories(
        &[r#"
            app /voice <Dial timeout="5" action="/done"><Application url="/slow">AP00000000000000000000000000000001</Application></Dial>
            app /slow after 9s <Pause/>
            app /bank <Say>here is the bank</Say>
            app /done <Hangup/>
            usera calls
            wait 1s
            ---
            agent-c replaces usera's call
            wait 12s
            "#],
        expect![[r#"
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of usera
            agent-c  ♪  ringback
            usera   ◀── BYE
            … 4 s
            app     ◀── POST /done  DialCallStatus=no-answer
            app      ── 200  Hangup ──▶
            agent-c ◀── BYE
        "#]],
    );
}

#[test]
fn screening_that_leads_in_a_circle_is_given_up() {
    let mut world = play(
        r#"
        app /voice <Dial action="/done"><Application url="/circle">AP00000000000000000000000000000001</Application></Dial>
        app /circle <Redirect/>
        app /bank <Say>here is the bank</Say>
        app /done <Redirect>/more</Redirect>
        app /more <Dial><Application url="/circle">AP00000000000000000000000000000001</Application></Dial><Pause/>
        usera calls
        wait 9s
        "#,
    );
    assert_eq!(alerts(&world), ["11215 error", "11215 error"]);
    let ladder = world.ladder.print();
    assert_eq!(ladder.matches("POST /circle").count(), 100 + 97);
    assert_eq!(ladder.matches("POST /done  DialCallStatus=failed").count(), 1, "{ladder}");
    assert!(!ladder.contains("audio of ours"), "{ladder}");
    assert!(ladder.contains("usera    ♪  silence\n… 1 s\nusera   ◀── BYE\n"), "{ladder}");
    world.finish();
}

#[test]
fn what_leads_in_circles_through_screening_ends_at_some_time() {
    let mut world = play(
        r#"
        app /voice <Dial action="/voice"><Application url="/circle">AP00000000000000000000000000000001</Application></Dial>
        app /circle <Redirect/>
        app /bank <Say>here is the bank</Say>
        usera calls
        wait 90s
        "#,
    );
    let ladder = world.ladder.print();
    assert!(ladder.ends_with("alert 11215 error\nusera   ◀── BYE\n"), "{ladder}");
    world.finish();
}

#[test]
fn screening_is_the_first_thing_a_transferee_waits_for() {
    stories(
        &[r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Application url="/screen">AP00000000000000000000000000000001</Application></Dial>
            app /screen <Pause/>
            app /screen <Hangup/>
            app /bank <Say>here is the bank</Say>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:bank
            wait 3s
            usera calls, agent-a answers
            agent-a refers to sip:bank
            wait 3s
            "#],
        expect![[r#"
            agent-a  ── REFER sip:bank ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:bank
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /bank
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            app     ◀── POST /screen
            app      ── 200  Pause ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
            … 2.1 s
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
            agent-a  ── REFER sip:bank ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:bank
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /bank
            agent-a ◀── BYE
            app      ── 200  Say ──▶
            app     ◀── POST /screen
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}
