//! Transfers of conversations an application has led to, and transfers to an application.
//!
//! Not here: its document (`application`).
//! Source: inbound-refer.md §2 (91301), §4 (success is the one bridged); `dial/application` for the rest.

use expect_test::expect;

use super::stories;

#[test]
fn the_applications_own_dial_carries_the_transfer() {
    stories(
        &[r#"
            app /voice <Dial action="/unasked" referUrl="/unasked"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /bank-status empty
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            listen
            agent-b hangs up
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
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            app     ◀── POST /bank-status
            usera hears agent-b, agent-b hears usera
            agent-b  ── BYE ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn restored_it_goes_on_where_it_was() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial><Say>back at the bank</Say>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /after empty
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b refuses 486
            listen
            agent-a hangs up
            wait 5s
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
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_time_limit_that_passes_while_parked_ends_the_application_when_restored() {
    stories(
        &[r#"
            app /voice <Dial action="/after" timeLimit="5"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial referUrl="/refer" answerOnBridge="true" action="/unasked"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /after empty
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b rings 9s
            rest hangs up AP00000000000000000000000000000001
            agent-b refuses 486
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
            … 9 s
            rest     ── hangs up AP00000000000000000000000000000001 ──▶
            rest    ◀── 400  21220
            agent-b  ── 486 Busy Here ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  486 Busy Here, terminated
            agent-a ◀── BYE
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn where_nothing_is_restored_the_applications_dial_is_over() {
    stories(
        &[r#"
            app /voice <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Dial referUrl="/refer" action="/bank-after"><Sip>sip:agent-a</Sip></Dial>
            app /bank-after empty
            app /refer 500
            app /after empty
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app      ·  alert 91307 error
            agent-a ◀── NOTIFY  503 Service Unavailable, terminated
            app     ◀── POST /bank-after  DialCallStatus=completed  DialSipResponseCode=200
            agent-a ◀── BYE
            app      ── 204 ──▶
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_caller_in_an_application_transfers_nobody() {
    stories(
        &[r#"
            app /voice <Dial referUrl="/refer"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank <Pause length="5"/>
            usera calls
            wait 1s
            ---
            usera refers to sip:agent-b
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 91301 error
        "#]],
    );
}

#[test]
fn a_transfer_to_an_application_is_over_when_it_answers() {
    stories(
        &[r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank after 2s <Say>one</Say>
            app /after empty
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            wait 9s
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
            app     ◀── POST /bank
            … 2 s
            app      ── 200  Say ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            usera    ♪  audio of ours
            app     ◀── POST /after  DialCallStatus=completed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn a_transfer_to_an_application_that_fails_is_restored() {
    stories(
        &[
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial action="/unasked"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank 500
            app /bank-fallback 500
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            listen
            agent-a hangs up
            "#,
            r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial action="/after"><Application>AP00000000000000000000000000000001</Application></Dial>
            app /bank 500
            app /after empty
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            app     ◀── POST /bank
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /bank-fallback  ErrorCode=11200
            app      ── 500 ──▶
            app      ·  alert 11200 error
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  500 Server Internal Error, terminated
            usera hears agent-a, agent-a hears usera
            agent-a  ── BYE ──▶
            usera   ◀── BYE

            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /bank
            agent-a ◀── BYE
            app      ── 500 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /after  DialCallStatus=failed
            app      ── 204 ──▶
            usera   ◀── BYE
        "#]],
    );
}
