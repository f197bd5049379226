//! What ends the call of a dialled application but its own document: `<Dial>`'s attributes, the caller,
//! REST, limits.
//!
//! Not here: its document (`application`), transfers (`application_transfers`).
//! Source: Twilio, "TwiML Voice: Application", "Dial"; `limit` of `legwork-call`.

use expect_test::expect;
use legwork_sim::script::play;

use super::stories;

#[test]
fn time_limit_ends_its_conversation() {
    stories(
        &[r#"
            app /voice <Dial action="/after" timeLimit="5"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial action="/unasked"><Sip>sip:agent-a</Sip></Dial>
            app /after empty
            show DialCallDuration
            usera calls, agent-a answers
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
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 5 s
            agent-a ◀── BYE
            app     ◀── POST /after  DialCallStatus=completed  DialCallDuration=5
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn time_limit_ends_what_it_has_dialled_in_turn() {
    stories(
        &[r#"
            app /voice <Dial action="/after" timeLimit="5"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial action="/unasked"><Application>AP00000000000000000000000000000002</Application></Dial>
            app /branch <Dial action="/unasked"><Sip>sip:agent-a</Sip></Dial>
            app /after empty
            usera calls, agent-a rings 6s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            … 5 s
            agent-a ◀── CANCEL
            app     ◀── POST /after  DialCallStatus=completed
            agent-a  ── 487 Request Terminated ──▶
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn star_ends_it() {
    stories(
        &[r#"
            app /voice <Dial action="/after" hangupOnStar="true"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Pause length="60"/>
            app /after empty
            usera calls
            wait 1s
            usera presses 10
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_caller_hangs_up_and_everybody_is_told() {
    stories(
        &[
            r#"
            app /voice <Dial action="/unasked"><Application statusCallback="/told" statusCallbackEvent="initiated ringing answered completed">AP00000000000000000000000000000001</Application></Dial>
            app /status empty
            app /told empty
            app /bank <Dial><Application>AP00000000000000000000000000000002</Application></Dial>
            app /bank-status empty
            app /branch <Pause length="60"/>
            app /branch-status empty
            show CallDuration, SequenceNumber
            usera calls
            wait 2s
            usera hangs up
            "#,
            r#"
            app /voice <Dial><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank after 3s empty
            app /bank-status empty
            usera calls
            wait 1s
            usera hangs up
            "#,
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /told  SequenceNumber=0
            app     ◀── POST /told  SequenceNumber=1
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            app     ◀── POST /told  SequenceNumber=2
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 2 s
            usera    ── BYE ──▶
            app     ◀── POST /status  CallDuration=2  SequenceNumber=0
            app     ◀── POST /branch-status  CallDuration=2  SequenceNumber=0
            app     ◀── POST /told  CallDuration=2  SequenceNumber=3

            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /bank-status
        "#]],
    );
}

#[test]
fn rest_ends_its_call_or_gives_it_another_document() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial><Application>AP00000000000000000000000000000002</Application></Dial>
            app /branch <Pause length="60"/>
            app /other <Pause length="3"/>
            app /after empty
            usera calls
            wait 1s
            rest cancels AP00000000000000000000000000000001
            rest redirects AP00000000000000000000000000000001 to /other
            wait 1s
            rest hangs up AP00000000000000000000000000000001
            rest hangs up AP00000000000000000000000000000001
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            rest     ── cancels AP00000000000000000000000000000001 ──▶
            rest    ◀── 400  21220
            rest     ── redirects AP00000000000000000000000000000001 to /other ──▶
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            … 1 s
            rest     ── hangs up AP00000000000000000000000000000001 ──▶
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
            rest     ── hangs up AP00000000000000000000000000000001 ──▶
            rest    ◀── 404  20404
        "#]],
    );
}

#[test]
fn rest_cancels_its_call() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank after 9s empty
            app /after empty
            usera calls
            wait 1s
            rest cancels AP00000000000000000000000000000001
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            … 1 s
            rest     ── cancels AP00000000000000000000000000000001 ──▶
            app     ◀── POST /after  DialCallStatus=canceled
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn rest_gives_no_document_to_a_call_that_has_not_answered() {
    stories(
        &[
            r#"
            app /voice <Dial action="/after"><Application url="/screen">AP00000000000000000000000000000001</Application></Dial>
            app /bank <Say>here is the bank</Say>
            app /screen after 3s <Hangup/>
            app /after empty
            usera calls
            wait 1s
            rest redirects AP00000000000000000000000000000001 to /unasked
            wait 3s
            "#,
            r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank after 3s <Pause/>
            app /other <Pause length="2"/>
            app /after empty
            usera calls
            wait 1s
            rest redirects AP00000000000000000000000000000001 to /other
            wait 2500ms
            rest redirects AP00000000000000000000000000000001 to /other
            wait 3s
            "#,
        ],
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
            … 1 s
            rest     ── redirects AP00000000000000000000000000000001 to /unasked ──▶
            rest    ◀── 400  21220
            … 2 s
            app      ── 200  Hangup ──▶
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE

            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            … 1 s
            rest     ── redirects AP00000000000000000000000000000001 to /other ──▶
            rest    ◀── 400  21220
            … 2 s
            app      ── 200  Pause ──▶
            usera    ♪  silence
            rest     ── redirects AP00000000000000000000000000000001 to /other ──▶
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            … 2 s
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn another_document_for_the_caller_ends_it() {
    stories(
        &[r#"
            app /voice <Dial action="/unasked"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial action="/unasked"><Sip>sip:agent-a</Sip></Dial>
            app /other empty
            usera calls, agent-a answers
            rest redirects usera to /other
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            rest     ── redirects usera to /other ──▶
            agent-a ◀── BYE
            app     ◀── POST /other
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn eleven_that_dial_each_other_are_one_too_many() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial><Application>AP00000000000000000000000000000002</Application></Dial>
            app /branch <Dial><Application>AP00000000000000000000000000000001</Application></Dial>
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
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /bank
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app     ◀── POST /branch
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            app      ·  alert 91312 error
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn documents_that_lead_to_each_other_through_it_end_the_call() {
    let world = play(
        r#"
        app /voice <Dial action="/voice"><Application>AP00000000000000000000000000000001</Application></Dial>
        app /bank empty
        usera calls
        wait 60s
        "#,
    );
    let ladder = world.ladder.print();
    assert_eq!(ladder.matches("POST /bank").count() + ladder.matches("POST /voice").count(), 101);
    assert!(ladder.contains("alert 11215 error") && ladder.contains("BYE"), "{ladder}");
    // Each of which would dial ten.
    let dials =
        "<Dial><Application>AP00000000000000000000000000000001</Application></Dial>".repeat(10);
    let world = play(&format!("app /voice {dials}\napp /bank {dials}\nusera calls\nwait 60s"));
    let ladder = world.ladder.print();
    assert_eq!(ladder.matches("POST /bank").count(), 100);
    assert!(ladder.contains("alert 11215 error") && ladder.contains("BYE"), "{ladder}");
}
