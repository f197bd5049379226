//! What REST does to a conference and to who is in it.

use expect_test::expect;

use super::ONE;
use crate::check;

#[test]
fn muted_and_heard_again() {
    check(
        &[
            ONE,
            "
            show rooms
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera muted true
            listen
            rest conference one changes usera muted true
            rest conference one changes usera muted false
            listen
            usera hangs up, agent-a hangs up
            ",
        ],
        expect![[r#"
            rest     ── conference one changes usera muted true ──▶
            usera is not heard in the room
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-mute  Muted=true  Hold=false
            usera hears agent-a, agent-a hears silence
            rest     ── conference one changes usera muted true ──▶
            rest     ── conference one changes usera muted false ──▶
            usera is heard in the room by all, 60 ms late at least
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-unmute  Muted=false  Hold=false
            usera hears agent-a, agent-a hears usera
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
fn held_with_music_and_taken_back() {
    check(
        &[
            ONE,
            "
            show rooms
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera hold true
            listen
            rest conference one changes usera hold false
            listen
            usera hangs up, agent-a hangs up
            ",
        ],
        expect![[r#"
            rest     ── conference one changes usera hold true ──▶
            usera    ♪  hold music
            usera is not heard in the room
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-hold  Muted=false  Hold=true
            usera hears hold music, agent-a hears silence
            rest     ── conference one changes usera hold false ──▶
            usera    ♪  the conference
            usera is heard in the room by all, 60 ms late at least
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-unhold  Muted=false  Hold=false
            usera hears agent-a, agent-a hears usera
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
fn held_with_a_document() {
    check(
        &[
            ONE,
            "
            app /hold <Say>hold on</Say>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera hold true /hold
            wait 3s
            listen
            rest conference one changes usera hold false
            listen
            rest conference one changes usera hold true /nowhere
            wait 1s
            listen
            usera hangs up, agent-a hangs up
            ",
        ],
        expect![[r#"
            rest     ── conference one changes usera hold true /hold ──▶
            usera    ♪  silence
            app     ◀── POST /hold
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-hold  Muted=false  Hold=true
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera    ♪  silence
            … 2.6 s
            usera hears silence, agent-a hears silence
            rest     ── conference one changes usera hold false ──▶
            usera    ♪  the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-unhold  Muted=false  Hold=false
            usera hears agent-a, agent-a hears usera
            rest     ── conference one changes usera hold true /nowhere ──▶
            usera    ♪  silence
            app     ◀── POST /nowhere
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-hold  Muted=false  Hold=true
            app      ── 404 ──▶
            app      ·  alert 11200 error
            usera    ♪  hold music
            … 1.4 s
            usera hears hold music, agent-a hears silence
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=true  ReasonParticipantLeft=participant_hung_up
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=9  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn coached_by_one() {
    check(
        &[
            ONE,
            "
            show rooms
            usera calls, agent-a calls, agent-b calls
            wait 1s
            ---
            rest conference one changes agent-b coaching agent-a
            listen
            rest conference one changes agent-b coaching false
            listen
            rest conference one changes agent-b coaching agent-a
            agent-a hangs up
            wait 1s
            rest conference one changes agent-b coaching agent-b
            usera hangs up, agent-b hangs up
            ",
        ],
        expect![[r#"
            rest     ── conference one changes agent-b coaching agent-a ──▶
            agent-b is heard in the room by agent-a, 60 ms late at least
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-modify  Muted=false  Hold=false
            usera hears agent-a, agent-a hears usera and agent-b, agent-b hears usera and agent-a
            rest     ── conference one changes agent-b coaching false ──▶
            agent-b is heard in the room by all, 60 ms late at least
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-modify  Muted=false  Hold=false
            usera hears agent-a and agent-b, agent-a hears usera and agent-b, agent-b hears usera and agent-a
            rest     ── conference one changes agent-b coaching agent-a ──▶
            agent-b is heard in the room by agent-a, 60 ms late at least
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-modify  Muted=false  Hold=false
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            the room hears a low beep
            agent-b is not heard in the room
            … 1 s
            rest     ── conference one changes agent-b coaching agent-b ──▶
            rest    ◀── 400  16028
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=9  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            the room hears a low beep
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=10  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=11  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn who_may_end_it_is_changed() {
    check(
        &[
            ONE,
            "
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one changes usera end_on_exit true, beep_on_exit false
            usera hangs up
            wait 1s
            ",
        ],
        expect![[r#"
            rest     ── conference one changes usera end_on_exit true, beep_on_exit false ──▶
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-modify  Muted=false  Hold=false
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=moderator_ended_conference
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=conference-end  ReasonConferenceEnded=participant-with-end-conference-on-exit-left
            app     ◀── POST /action  DialCallStatus=answered
            app      ── 200  Hangup ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn one_is_taken_out() {
    check(
        &[
            ONE,
            r#"
            app /voice <Dial><Conference participantLabel="guest">one</Conference></Dial><Say>you were kicked</Say>
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one kicks nobody
            rest conference one kicks guest
            wait 3s
            rest conference one kicks usera
            wait 1s
            rest conference one ends
            "#,
        ],
        expect![[r#"
            rest     ── conference one kicks nobody ──▶
            rest    ◀── 404  20404
            rest     ── conference one kicks guest ──▶
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_updated_via_api
            agent-a  ♪  audio of ours
            … 1 s
            agent-a ◀── BYE
            … 2 s
            rest     ── conference one kicks usera ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_updated_via_api
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-kicked
            app     ◀── POST /action  DialCallStatus=answered
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
            … 1 s
            rest     ── conference one ends ──▶
            rest    ◀── 404  20404
        "#]],
    );
}

#[test]
fn it_is_ended() {
    check(
        &[
            ONE,
            "
            usera calls, agent-a calls
            wait 1s
            ---
            rest conference one ends
            wait 1s
            ",
        ],
        expect![[r#"
            rest     ── conference one ends ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=conference_ended_via_api
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=conference-end  ReasonConferenceEnded=conference-ended-via-api
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
fn who_speaks_is_told() {
    check(
        &[r#"
            show StatusCallbackEvent, CallSid
            app /told ok
            app /voice <Dial><Conference statusCallback="/told" statusCallbackEvent="speaker">one</Conference></Dial>
            usera calls, agent-a calls
            wait 1s
            listen
            wait 1s
            usera hangs up, agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=usera's
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice  CallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1.1 s
            app     ◀── POST /told  StatusCallbackEvent=participant-speech-start  CallSid=usera's
            app     ◀── POST /told  StatusCallbackEvent=participant-speech-start  CallSid=agent-a's
            usera hears agent-a, agent-a hears usera
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /told  StatusCallbackEvent=participant-speech-stop  CallSid=usera's
            agent-a  ── BYE ──▶
            app     ◀── POST /told  StatusCallbackEvent=participant-speech-stop  CallSid=agent-a's
        "#]],
    );
}

/// Who is given another document has not.
#[test]
fn who_is_hung_up_has_completed() {
    check(
        &[
            ONE,
            r#"
            show ParticipantCallStatus
            app /other <Say>elsewhere</Say>
            usera calls, agent-a calls, agent-b calls
            wait 1s
            ---
            rest hangs up usera
            rest redirects agent-a to /other
            wait 3s
            agent-b hangs up
            "#,
        ],
        expect![[r#"
            rest     ── hangs up usera ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ParticipantCallStatus=completed  ReasonParticipantLeft=participant_updated_via_api
            usera   ◀── BYE
            rest     ── redirects agent-a to /other ──▶
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ParticipantCallStatus=in-progress  ReasonParticipantLeft=participant_updated_via_api
            app     ◀── POST /other
            app      ── 200  Say ──▶
            agent-a  ♪  audio of ours
            … 1 s
            agent-a ◀── BYE
            … 2 s
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ParticipantCallStatus=completed  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}
