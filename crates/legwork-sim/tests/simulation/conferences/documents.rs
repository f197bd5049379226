//! What is heard until a conference starts: documents of the application.

use expect_test::expect;

use crate::check;

#[test]
fn a_document_until_the_start() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Say>one moment</Say><Redirect/>
            usera calls
            wait 3s
            agent-a calls
            wait 1s
            listen
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Say, Redirect ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn it_runs_out() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Play>/music.wav</Play>
            usera calls
            wait 3s
            listen
            agent-a calls
            wait 1s
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Play ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 2.4 s
            usera hears silence
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

/// Though its going would end the conference: it was never established there.
#[test]
fn it_can_not_be_had_by_a_moderator() {
    check(
        &[r#"
            show ReasonParticipantLeft, StatusCallbackEvent
            app /told ok
            app /voice <Dial><Conference startConferenceOnEnter="false" statusCallback="/told" statusCallbackEvent="join leave end">one</Conference></Dial>
            app /voice <Dial><Conference startConferenceOnEnter="false" endConferenceOnExit="true" waitUrl="/wait">one</Conference></Dial>
            app /wait 404
            usera calls
            wait 1s
            agent-a calls
            wait 3s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  StatusCallbackEvent=participant-join
            usera    ♪  hold music
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            app     ◀── POST /told  StatusCallbackEvent=participant-join
            agent-a  ♪  silence
            app     ◀── POST /wait
            app      ── 404 ──▶
            app      ·  alert 11200 error
            agent-a  ·  leaves the conference
            app     ◀── POST /told  StatusCallbackEvent=participant-leave  ReasonParticipantLeft=participant_add_failed
            agent-a ◀── BYE
            … 3 s
            usera    ── BYE ──▶
            app     ◀── POST /told  StatusCallbackEvent=participant-leave  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  StatusCallbackEvent=conference-end
        "#]],
    );
}

#[test]
fn it_can_not_be_had() {
    check(
        &[r#"
            show DialCallStatus, ReasonParticipantLeft, StatusCallbackEvent
            app /told ok
            app /voice <Dial action="/left"><Conference waitUrl="/wait" statusCallback="/told" statusCallbackEvent="join leave end">one</Conference></Dial>
            app /wait 404
            app /left <Say>sorry</Say>
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  StatusCallbackEvent=participant-join
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 404 ──▶
            app      ·  alert 11200 error
            usera    ·  leaves the conference
            app     ◀── POST /told  StatusCallbackEvent=participant-leave  ReasonParticipantLeft=participant_add_failed
            app     ◀── POST /told  StatusCallbackEvent=conference-end
            app     ◀── POST /left  DialCallStatus=failed
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn it_may_only_say_and_play() {
    check(
        &[r#"
            show alerts
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial><Say>sorry</Say>
            app /wait <Say>one</Say><Gather/>
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial, Say ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Say, Gather ──▶
            app      ·  alert 13238 error
            A document heard in a conference has a verb it may not have. Write <Play>, <Say>, <Pause> and <Redirect>, and nothing else.
            usera    ·  leaves the conference
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn the_start_comes_before_the_document() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait after 5s 500
            usera calls
            wait 1s
            agent-a calls
            wait 9s
            listen
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 9.4 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn who_waits_hangs_up() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Say>one moment</Say><Redirect/>
            usera calls
            wait 2s
            usera hangs up
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ── BYE ──▶
        "#]],
    );
}

/// Nor is it asked for in a circle.
#[test]
fn music_that_is_missing_costs_nobody_the_call() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Play>/missing.wav</Play><Redirect/>
            usera calls
            wait 25s
            agent-a calls
            wait 1s
            listen
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            app     ◀── POST /wait
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            app     ◀── POST /wait
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            app     ◀── POST /wait
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            usera    ♪  hold music
            … 10 s
            app     ◀── POST /wait
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            … 10 s
            app     ◀── POST /wait
            app      ── 200  Play, Redirect ──▶
            app      ·  alert 11200 error
            … 4.9 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1.4 s
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn it_can_not_be_had_later_on() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Say>one moment</Say><Redirect/>
            app /wait 500
            usera calls
            wait 3s
            listen
            agent-a calls
            wait 1s
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Say, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 500 ──▶
            app      ·  alert 11200 error
            usera    ♪  hold music
            … 2.4 s
            usera hears hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn one_that_leads_to_the_music_is_not_kept_waiting() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Redirect>/song</Redirect>
            app /song <Play>/music.wav</Play><Redirect>/wait</Redirect>
            usera calls
            wait 3s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Redirect ──▶
            app     ◀── POST /song
            app      ── 200  Play, Redirect ──▶
            usera    ♪  audio of ours
            app     ◀── POST /wait
            app      ── 200  Redirect ──▶
            app     ◀── POST /song
            app      ── 200  Play, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 200  Redirect ──▶
            app     ◀── POST /song
            app      ── 200  Play, Redirect ──▶
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /wait
            app      ── 200  Redirect ──▶
            app     ◀── POST /song
            usera    ── BYE ──▶
        "#]],
    );
}

/// It stays though the second can not be had.
#[test]
fn another_one_while_it_waits() {
    check(
        &[r#"
            app /voice <Dial><Conference>one</Conference></Dial>
            app /wait <Say>one moment</Say><Pause length="60"/>
            usera calls
            wait 1s
            ---
            rest conference one changes usera waits /wait
            wait 3s
            rest conference one changes usera waits /nowhere
            wait 1s
            listen
            agent-a calls
            wait 1s
            rest conference one changes usera waits /wait
            listen
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            rest     ── conference one changes usera waits /wait ──▶
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 2.2 s
            rest     ── conference one changes usera waits /nowhere ──▶
            app     ◀── POST /nowhere
            app      ── 404 ──▶
            app      ·  alert 11200 error
            usera    ♪  hold music
            … 1.4 s
            usera hears hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            rest     ── conference one changes usera waits /wait ──▶
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a  ── BYE ──▶
        "#]],
    );
}
