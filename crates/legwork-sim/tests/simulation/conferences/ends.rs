//! How a conference ends, and what its participants do then.

use expect_test::expect;

use super::ONE;
use crate::check;

#[test]
fn the_moderator_ends_it() {
    check(
        &[r#"
            show StatusCallbackEvent, SequenceNumber, DialCallStatus, DialBridged, ReasonParticipantLeft, ReasonConferenceEnded, ParticipantLabelEndingConference
            app /told ok
            app /left <Say>bye</Say>
            app /voice <Dial action="/left"><Conference statusCallback="/told" statusCallbackEvent="end leave">one</Conference></Dial>
            app /voice <Dial action="/left"><Conference>one</Conference></Dial><Say>never</Say>
            app /voice <Dial><Conference endConferenceOnExit="true" participantLabel="boss">one</Conference></Dial>
            usera calls, agent-a calls, agent-b calls
            wait 1s
            agent-b hangs up
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial, Say ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference one
            agent-b  ♪  the conference
            … 1 s
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-leave  ReasonParticipantLeft=participant_hung_up
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-leave  ReasonParticipantLeft=moderator_ended_conference
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=participant-leave  ReasonParticipantLeft=moderator_ended_conference
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=conference-end  ReasonConferenceEnded=participant-with-end-conference-on-exit-left  ParticipantLabelEndingConference=boss
            app     ◀── POST /left  DialCallStatus=answered  DialBridged=true
            app     ◀── POST /left  DialCallStatus=answered  DialBridged=true
            app      ── 200  Say ──▶
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            agent-a  ♪  audio of ours
            usera   ◀── BYE
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn one_who_waits_alone_ends_it_by_leaving() {
    check(
        &[
            ONE,
            "
            usera calls
            wait 1s
            usera hangs up
            wait 1s
            agent-a calls
            wait 1s
            agent-a hangs up
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            usera    ♪  hold music
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            agent-a  ♪  hold music
            … 1 s
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn it_goes_on_with_one() {
    check(
        &[
            ONE,
            "
            usera calls, agent-a calls
            wait 1s
            agent-a hangs up
            wait 1s
            listen
            agent-b calls
            wait 1s
            listen
            usera hangs up, agent-b hangs up
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            usera    ♪  hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=conference-start
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            … 1.4 s
            usera hears silence
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            agent-b  ♪  the conference
            … 1.4 s
            usera hears agent-b, agent-b hears usera
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn a_star_leads_out_of_it() {
    check(
        &[r#"
            show DialCallStatus
            app /voice <Dial hangupOnStar="true" action="/left"><Conference waitUrl="/wait">one</Conference></Dial>
            app /wait <Pause length="9"/>
            app /left <Say>bye</Say>
            usera calls
            wait 1s
            usera presses 10
            wait 2s
            usera calls, agent-a calls
            wait 1s
            usera presses 1
            usera presses 10
            wait 2s
            agent-a hangs up
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
            app      ── 200  Pause ──▶
            … 1 s
            usera    ·  leaves the conference
            app     ◀── POST /left  DialCallStatus=answered
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            usera   ◀── BYE
            … 1.1 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  silence
            app     ◀── POST /wait
            app      ── 200  Pause ──▶
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            usera    ·  leaves the conference
            app     ◀── POST /left  DialCallStatus=answered
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            … 1 s
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn time_limit_is_that_of_each() {
    check(
        &[r#"
            show DialCallStatus
            app /voice <Dial timeLimit="5" action="/left"><Conference>one</Conference></Dial>
            app /voice <Dial><Conference>one</Conference></Dial>
            app /left <Say>bye</Say>
            usera calls, agent-a calls
            wait 7s
            agent-a hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            usera    ♪  hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 5 s
            usera    ·  leaves the conference
            app     ◀── POST /left  DialCallStatus=answered
            app      ── 200  Say ──▶
            usera    ♪  audio of ours
            … 1 s
            usera   ◀── BYE
            … 1 s
            agent-a  ── BYE ──▶
        "#]],
    );
}

#[test]
fn rest_hangs_up_and_redirects() {
    check(
        &[
            ONE,
            "
            app /other <Say>over</Say>
            usera calls, agent-a calls, agent-b calls
            wait 1s
            rest hangs up usera
            wait 1s
            rest redirects agent-a to /other
            wait 2s
            agent-b hangs up
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            usera    ♪  hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=conference-start
            usera    ♪  the conference
            agent-a  ♪  the conference
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            agent-b  ♪  the conference
            … 1 s
            rest     ── hangs up usera ──▶
            usera    ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_updated_via_api
            usera   ◀── BYE
            … 1 s
            rest     ── redirects agent-a to /other ──▶
            agent-a  ·  leaves the conference
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_updated_via_api
            app     ◀── POST /other
            app      ── 200  Say ──▶
            agent-a  ♪  audio of ours
            … 1 s
            agent-a ◀── BYE
            … 1 s
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn a_phone_that_takes_a_place_keeps_it() {
    check(
        &[
            ONE,
            "
            usera calls, agent-a calls
            wait 1s
            agent-b replaces usera's call
            wait 1s
            listen
            agent-b hangs up, agent-a hangs up
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            usera    ♪  hold music
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=conference-start
            usera    ♪  the conference
            agent-a  ♪  the conference
            … 1 s
            agent-b  ── INVITE with Replaces ──▶
            agent-b ◀── 200 OK
            agent-b  ·  takes the place of usera
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            agent-b  ♪  the conference
            usera   ◀── BYE
            … 1.4 s
            agent-a hears agent-b, agent-b hears agent-a
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn who_waits_is_replaced() {
    check(
        &[
            ONE,
            "
            usera calls
            wait 1s
            agent-b replaces usera's call
            wait 1s
            agent-a calls
            wait 1s
            listen
            agent-b hangs up, agent-a hangs up
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera   ◀── 200 OK
            usera    ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=1  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            usera    ♪  hold music
            … 1 s
            agent-b  ── INVITE with Replaces ──▶
            agent-b ◀── 200 OK
            agent-b  ·  takes the place of usera
            app     ◀── POST /told  SequenceNumber=2  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=3  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            agent-b  ♪  hold music
            usera   ◀── BYE
            … 1 s
            agent-a  ── INVITE ──▶
            agent-a ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-a ◀── 200 OK
            agent-a  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=conference-start
            agent-b  ♪  the conference
            agent-a  ♪  the conference
            … 1.4 s
            agent-a hears agent-b, agent-b hears agent-a
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}

#[test]
fn who_is_coached_is_replaced() {
    check(
        &[
            ONE,
            r#"
            show CallSid, Coaching
            usera calls, agent-a calls, agent-b calls
            wait 1s
            ---
            rest conference one changes agent-b coaching agent-a
            agent-c replaces agent-a's call
            wait 1s
            listen
            agent-b hangs up, agent-c hangs up, usera hangs up
            "#,
        ],
        expect![[r#"
            rest     ── conference one changes agent-b coaching agent-a ──▶
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-modify  CallSid=agent-b's  Muted=false  Hold=false  Coaching=true
            agent-c  ── INVITE with Replaces ──▶
            agent-c ◀── 200 OK
            agent-c  ·  takes the place of agent-a
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  CallSid=agent-a's  Muted=false  Hold=false  Coaching=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-join  CallSid=agent-c's  Muted=false  Hold=false  Coaching=false
            agent-c  ♪  the conference
            agent-a ◀── BYE
            … 1.4 s
            usera hears agent-c, agent-b hears usera and agent-c, agent-c hears usera and agent-b
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=participant-leave  CallSid=agent-b's  Muted=false  Hold=false  Coaching=true  ReasonParticipantLeft=participant_hung_up
            agent-c  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=9  StatusCallbackEvent=participant-leave  CallSid=agent-c's  Muted=false  Hold=false  Coaching=false  ReasonParticipantLeft=participant_hung_up
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=10  StatusCallbackEvent=participant-leave  CallSid=usera's  Muted=false  Hold=false  Coaching=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=11  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}
