//! What is announced in a conference, to all or to one.

use expect_test::expect;

use super::ONE;
use crate::check;

#[test]
fn all_hear_an_announcement() {
    check(
        &[
            ONE,
            r#"
            show rooms, AnnounceUrl
            app /news <Say>hear</Say><Play loop="2">/news.wav</Play>
            app /news <Gather/>
            app /news 404
            app /news <Play>/missing.wav</Play><Say>hear</Say>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one announces /news
            rest conference one announces /news
            wait 5s
            rest conference one announces /news
            wait 1s
            rest conference one announces /news
            wait 1s
            rest conference one announces /news
            wait 3s
            usera hangs up, agent-a hangs up
            "#,
        ],
        expect![[r#"
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Say, Play ──▶
            the room hears audio of ours 1 times
            rest     ── conference one announces /news ──▶
            rest    ◀── 400  16099
            the room hears audio of ours 2 times
            … 2 s
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=announcement-end  AnnounceUrl=http://app.example/news
            … 2.2 s
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Gather ──▶
            app      ·  alert 13238 error
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=announcement-fail  AnnounceUrl=http://app.example/news
            … 1 s
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            app      ── 404 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=announcement-fail  AnnounceUrl=http://app.example/news
            … 1 s
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Play, Say ──▶
            app      ·  alert 11200 error
            the room hears audio of ours 1 times
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=announcement-end  AnnounceUrl=http://app.example/news
            … 2.2 s
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            the room hears a low beep
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=9  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=10  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn it_ends_while_something_is_announced() {
    check(
        &[
            ONE,
            "
            app /news <Say>hear</Say>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one announces /news
            wait 500ms
            rest conference one ends
            wait 1s
            ",
        ],
        expect![[r#"
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Say ──▶
            rest     ── conference one ends ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=announcement-fail
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=conference-end  ReasonConferenceEnded=conference-ended-via-api
            app     ◀── POST /action  DialCallStatus=answered
            app     ◀── POST /action  DialCallStatus=answered
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn it_ends_while_an_announcement_is_asked_for() {
    check(
        &[
            ONE,
            "
            app /news after 5s <Say>hear</Say>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one announces /news
            wait 1s
            rest conference one ends
            wait 9s
            ",
        ],
        expect![[r#"
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            … 1 s
            rest     ── conference one ends ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=announcement-fail
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=conference-end  ReasonConferenceEnded=conference-ended-via-api
            app     ◀── POST /action  DialCallStatus=answered
            app     ◀── POST /action  DialCallStatus=answered
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn one_hears_an_announcement() {
    check(
        &[
            ONE,
            "
            show rooms, AnnounceUrl
            app /news <Say>hear</Say>
            app /news 404
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera announces /news
            wait 2s
            listen
            rest conference one changes usera announces /news
            wait 1s
            usera hangs up, agent-a hangs up
            ",
        ],
        expect![[r#"
            rest     ── conference one changes usera announces /news ──▶
            usera    ♪  silence
            app     ◀── POST /news
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=announcement-end  Muted=false  Hold=false  AnnounceUrl=http://app.example/news
            usera    ♪  the conference
            … 1.6 s
            usera hears agent-a, agent-a hears usera
            rest     ── conference one changes usera announces /news ──▶
            usera    ♪  silence
            app     ◀── POST /news
            app      ── 404 ──▶
            app      ·  alert 11200 error
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=announcement-fail  Muted=false  Hold=false  AnnounceUrl=http://app.example/news
            usera    ♪  the conference
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            the room hears a low beep
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn nothing_of_it_can_be_heard() {
    check(
        &[
            ONE,
            r#"
            show AnnounceUrl, ReasonAnnouncementFailed
            app /news <Play>/missing.wav</Play><Play>/missing.wav</Play>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one announces /news
            wait 1s
            rest conference one changes usera announces /news
            wait 1s
            rest conference one ends
            "#,
        ],
        expect![[r#"
            rest     ── conference one announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Play, Play ──▶
            app      ·  alert 11200 error
            app      ·  alert 11200 error
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=announcement-fail  AnnounceUrl=http://app.example/news  ReasonAnnouncementFailed=404
            … 1 s
            rest     ── conference one changes usera announces /news ──▶
            usera    ♪  silence
            app     ◀── POST /news
            app      ── 200  Play, Play ──▶
            app      ·  alert 11200 error
            app      ·  alert 11200 error
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=announcement-fail  Muted=false  Hold=false  AnnounceUrl=http://app.example/news  ReasonAnnouncementFailed=Nothing of the document could be heard.
            usera    ♪  the conference
            … 1 s
            rest     ── conference one ends ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=conference-ended-via-api
            app     ◀── POST /action  DialCallStatus=answered
            app     ◀── POST /action  DialCallStatus=answered
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn another_one_takes_its_place() {
    check(
        &[
            ONE,
            r#"
            show AnnounceUrl, ReasonAnnouncementFailed
            app /news <Say>hear</Say><Pause length="5"/>
            app /more <Say>hear</Say>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera announces /news
            wait 2s
            rest conference one changes usera announces /more
            wait 3s
            rest conference one changes usera announces /news
            wait 2s
            usera hangs up, agent-a hangs up
            "#,
        ],
        expect![[r#"
            rest     ── conference one changes usera announces /news ──▶
            usera    ♪  silence
            app     ◀── POST /news
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            rest     ── conference one changes usera announces /more ──▶
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=announcement-fail  Muted=false  Hold=false  AnnounceUrl=http://app.example/news  ReasonAnnouncementFailed=Another announcement has taken its place.
            app     ◀── POST /more
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=announcement-end  Muted=false  Hold=false  AnnounceUrl=http://app.example/more
            usera    ♪  the conference
            … 2.2 s
            rest     ── conference one changes usera announces /news ──▶
            usera    ♪  silence
            app     ◀── POST /news
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=announcement-fail  Muted=false  Hold=false  AnnounceUrl=http://app.example/news  ReasonAnnouncementFailed=The participant has left.
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=9  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

/// It hears that to its end, and music then.
#[test]
fn who_hears_one_is_held() {
    check(
        &[
            ONE,
            r#"
            show AnnounceUrl
            app /news <Say>hear</Say><Pause length="3"/>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera announces /news
            wait 2s
            rest conference one changes usera hold true
            listen
            wait 2s
            listen
            rest conference one changes usera hold false
            listen
            rest conference one ends
            "#,
        ],
        expect![[r#"
            rest     ── conference one changes usera announces /news ──▶
            usera    ♪  silence
            app     ◀── POST /news
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            rest     ── conference one changes usera hold true ──▶
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-hold  Muted=false  Hold=true
            usera hears silence, agent-a hears silence
            … 1.4 s
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=announcement-end  Muted=false  Hold=true  AnnounceUrl=http://app.example/news
            usera    ♪  hold music
            … 1 s
            usera hears hold music, agent-a hears silence
            rest     ── conference one changes usera hold false ──▶
            usera    ♪  the conference
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-unhold  Muted=false  Hold=false
            usera hears agent-a, agent-a hears usera
            rest     ── conference one ends ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            app     ◀── POST /told  SequenceNumber=9  StatusCallbackEvent=conference-end  ReasonConferenceEnded=conference-ended-via-api
            app     ◀── POST /action  DialCallStatus=answered
            app     ◀── POST /action  DialCallStatus=answered
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn silence_comes_back_behind_it() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="">one</Conference></Dial>
            app /news <Say>hear</Say>
            usera calls
            wait 1s
            ---
            rest conference one changes usera announces /news
            wait 2s
            listen
            rest conference one changes usera hold true
            listen
            rest conference one changes usera hold false
            listen
            usera hangs up
            "#],
        expect![[r#"
            rest     ── conference one changes usera announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.6 s
            usera hears silence
            rest     ── conference one changes usera hold true ──▶
            usera    ♪  hold music
            usera hears hold music
            rest     ── conference one changes usera hold false ──▶
            usera    ♪  silence
            usera hears silence
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_document_comes_back_behind_it() {
    check(
        &[r#"
            app /voice <Dial><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Say>one moment</Say><Pause length="60"/>
            app /hold <Say>hold on</Say><Pause length="60"/>
            app /news <Say>hear</Say>
            usera calls
            wait 2s
            ---
            rest conference one changes usera announces /news
            wait 3s
            rest conference one changes usera hold true /hold
            wait 2s
            rest conference one changes usera announces /news
            wait 3s
            rest conference one changes usera hold false
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            rest     ── conference one changes usera announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.2 s
            rest     ── conference one changes usera hold true /hold ──▶
            app     ◀── POST /hold
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 1.2 s
            rest     ── conference one changes usera announces /news ──▶
            app     ◀── POST /news
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            app     ◀── POST /hold
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.2 s
            rest     ── conference one changes usera hold false ──▶
            app     ◀── POST /wait
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            usera    ── BYE ──▶
        "#]],
    );
}
