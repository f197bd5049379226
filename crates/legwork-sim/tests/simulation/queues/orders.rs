//! What REST does to who is in a queue: another document, from wherever it stands.
//!
//! Source: twilio-voice.md 3.5 (`redirected`, `redirected-from-bridged`), 7 (members).

use expect_test::expect;

use crate::check;

#[test]
fn another_document_for_who_waits() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /wait <Say>you wait</Say><Pause length="9"/>
            app /other <Say>elsewhere</Say>
            app /left empty
            show QueueTime
            usera calls
            wait 2s
            ---
            rest redirects usera to /other
            wait 2s
        "#],
        expect![[r#"
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /left  QueueResult=redirected  QueueTime=2
            app     ◀── POST /other
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn another_document_for_who_talks() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial action="/done"><Queue>line</Queue></Dial>
            app /left <Say>thank you</Say>
            app /done <Say>next one</Say><Pause/>

            app /other <Say>elsewhere</Say><Pause/>
            usera calls
            agent-a calls
            ---
            rest redirects usera to /other
            wait 3s
            agent-a hangs up
        "#],
        expect![[r#"
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /left  QueueResult=redirected-from-bridged
            app     ◀── POST /done  DialCallStatus=completed
            app     ◀── POST /other
            app      ── 200  Say, Pause ──▶
            app      ── 200  Say, Pause ──▶
            agent-a  ♪  audio of ours
            usera    ♪  audio of ours
            usera    ♪  silence
            agent-a  ♪  silence
            … 1 s
            usera   ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn another_document_for_the_agent() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Dial action="/done"><Queue>line</Queue></Dial>
            app /left <Say>thank you</Say>
            app /done <Say>next one</Say><Pause/>

            app /other <Say>elsewhere</Say><Pause/>
            usera calls
            agent-a calls
            ---
            rest redirects agent-a to /other
            wait 3s
        "#],
        expect![[r#"
            rest     ── redirects agent-a to /other ──▶
            app     ◀── POST /left  QueueResult=bridged
            app     ◀── POST /other
            app      ── 200  Say ──▶
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            agent-a  ♪  audio of ours
            usera   ◀── BYE
            agent-a  ♪  silence
            … 1 s
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn another_document_for_who_is_told_of_the_agent() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /voice <Enqueue>line</Enqueue>
            app /voice <Dial action="/done"><Queue url="/brief">line</Queue></Dial>
            app /left <Pause length="9"/>
            app /done <Pause length="2"/>
            app /brief <Pause length="3"/>
            usera calls
            userb calls
            ---
            agent-a calls
            wait 1s

            rest redirects usera to /other
            wait 4s
            listen
            userb hangs up
            usera hangs up
            agent-a hangs up
        "#],
        expect![[r#"
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ♪  ringback
            usera    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /left  QueueResult=redirected
            userb    ·  taken from the queue by agent-a
            app     ◀── POST /brief
            app     ◀── POST /other
            app      ── 200  Pause ──▶
            userb    ♪  silence
            app      ── 404 ──▶
            app      ·  alert 11200 error
            usera   ◀── BYE
            … 3 s
            agent-a ⇄ userb
            … 1.4 s
            agent-a hears userb, userb hears agent-a
            userb    ── BYE ──▶
            app     ◀── POST /done  DialCallStatus=completed
            app      ── 200  Pause ──▶
            agent-a  ♪  silence
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn the_first_is_taken_out() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait" action="/left">line</Enqueue>
            app /wait <Pause length="9"/>
            app /other <Say>elsewhere</Say>
            app /left empty
            usera calls
            userb calls
            ---
            rest takes Front from line to /other
            wait 2s
            rest takes userb from line to /other
            wait 2s
            rest takes Front from line to /other
            rest takes Front from nowhere to /other
        "#],
        expect![[r#"
            rest     ── takes Front from line to /other ──▶
            app     ◀── POST /left  QueueResult=redirected
            app     ◀── POST /other
            app      ── 200  Say ──▶
            usera   ◀── 200 OK
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            … 1 s
            rest     ── takes userb from line to /other ──▶
            app     ◀── POST /left  QueueResult=redirected
            app     ◀── POST /other
            app      ── 200  Say ──▶
            userb   ◀── 200 OK
            userb    ♪  audio of ours
            … 1 s
            userb   ◀── BYE
            … 1 s
            rest     ── takes Front from line to /other ──▶
            rest    ◀── 404  20404
            rest     ── takes Front from nowhere to /other ──▶
            rest    ◀── 404  20404
        "#]],
    );
}

#[test]
fn a_hang_up_ends_both() {
    check(
        &[r#"
            app /voice <Enqueue action="/left">line</Enqueue>
            app /left empty
            usera calls
            ---
            rest hangs up usera
        "#],
        expect![[r#"
            rest     ── hangs up usera ──▶
            usera   ◀── BYE
            app     ◀── POST /left  QueueResult=hangup
        "#]],
    );
}

/// It may be taken out of the queue (`who_rings_is_taken_out`).
#[test]
fn another_document_for_who_waits_and_rings() {
    check(
        &[r#"
            app /voice <Enqueue waitUrl="/wait">line</Enqueue>
            app /wait <Pause length="9"/>
            usera calls
            wait 2s
            ---
            rest redirects usera to /other
            usera hangs up
        "#],
        expect![[r#"
            rest     ── redirects usera to /other ──▶
            rest    ◀── 400  21220
            usera    ── CANCEL ──▶
            usera   ◀── 487 Request Terminated
        "#]],
    );
}
