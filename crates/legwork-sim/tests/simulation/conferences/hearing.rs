//! Who hears whom.

use expect_test::expect;

use super::ONE;
use crate::check;

#[test]
fn each_hears_the_others_and_not_itself() {
    check(
        &[
            ONE,
            "
            usera calls
            wait 1s
            listen
            agent-a calls
            wait 1s
            agent-b calls
            wait 1s
            listen
            agent-a hangs up
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
            … 1.4 s
            usera hears hold music
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
            agent-b  ── INVITE ──▶
            agent-b ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            agent-b ◀── 200 OK
            agent-b  ·  enters the conference one
            app     ◀── POST /told  SequenceNumber=4  StatusCallbackEvent=participant-join  Muted=false  Hold=false
            agent-b  ♪  the conference
            … 1.4 s
            usera hears agent-a and agent-b, agent-a hears usera and agent-b, agent-b hears usera and agent-a
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
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
fn whose_legs_are_on_two_threads() {
    check(
        &[
            "config media_threads 2",
            ONE,
            "
            usera calls, agent-a calls, agent-b calls
            wait 1s
            listen
            usera hangs up, agent-a hangs up, agent-b hangs up
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
            … 1.4 s
            usera hears agent-a and agent-b, agent-a hears usera and agent-b, agent-b hears usera and agent-a
            usera    ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=5  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-a  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=6  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            agent-b  ── BYE ──▶
            app     ◀── POST /told  SequenceNumber=7  StatusCallbackEvent=participant-leave  Muted=false  Hold=false  ReasonParticipantLeft=participant_hung_up
            app     ◀── POST /told  SequenceNumber=8  StatusCallbackEvent=conference-end  ReasonConferenceEnded=last-participant-left
        "#]],
    );
}
