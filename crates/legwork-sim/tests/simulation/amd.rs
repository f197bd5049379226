//! Who answered: calls placed by REST that wait for it or do not, targets of `<Dial>`, what crosses it.
//!
//! Each attribute of `<Number>` and `<Sip>` has its ladder in `attributes`; the rules of the detector
//! are tested where it stands (`legwork-media`, `detect`).
//! Source: Twilio, "Answering Machine Detection".

use expect_test::expect;

use super::super::check;

const SHOWN: &str = "
    show AnsweredBy, MachineDetectionDuration, CallStatus
    app /voice <Say>Hello</Say><Pause length=\"20\"/>
    app /amd ok
    app /s ok
";

#[test]
fn amd_the_document_waits_for_who_answered() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection Enable; status_callback /s answered completed
            usera answers, greets 500ms
            wait 4s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable; status_callback /s answered completed ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /s  CallStatus=in-progress
            usera    ♪  silence
            … 1.8 s
            usera    ·  answered by human
            app     ◀── POST /voice  CallStatus=in-progress  AnsweredBy=human  MachineDetectionDuration=1780
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.2 s
            usera    ── BYE ──▶
            app     ◀── POST /s  CallStatus=completed  AnsweredBy=human
        "#]],
    );
}

#[test]
fn amd_inline_twiml_waits_too() {
    check(
        &[
            SHOWN,
            "
            rest calls usera running <Pause length=\"2\"/>; machine_detection Enable
            usera answers, greets 5s
            wait 8s
            ",
        ],
        expect![[r#"
            rest     ── calls usera running <Pause length="2"/>; machine_detection Enable ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 2.7 s
            usera    ·  answered by machine_start
            … 2 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn amd_a_message_is_left_behind_the_beep() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection DetectMessageEnd
            usera answers, greets 5s and beeps
            wait 8s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection DetectMessageEnd ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 6 s
            usera    ·  answered by machine_end_beep
            app     ◀── POST /voice  CallStatus=in-progress  AnsweredBy=machine_end_beep  MachineDetectionDuration=5960
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn amd_a_fax_and_nobody() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection Enable
            usera answers, greets as a fax
            wait 3s
            usera hangs up
            rest calls usera with /voice; machine_detection Enable
            usera answers
            wait 6s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            usera    ·  answered by fax
            app     ◀── POST /voice  CallStatus=in-progress  AnsweredBy=fax  MachineDetectionDuration=460
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.5 s
            usera    ── BYE ──▶
            rest     ── calls usera with /voice; machine_detection Enable ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 5 s
            usera    ·  answered by unknown
            app     ◀── POST /voice  CallStatus=in-progress  AnsweredBy=unknown  MachineDetectionDuration=4980
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn amd_async_tells_while_the_document_runs() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection Enable async /amd; status_callback /s
            usera answers, greets 5s
            wait 6s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable async /amd; status_callback /s ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice  CallStatus=in-progress
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1.7 s
            usera    ·  answered by machine_start
            app     ◀── POST /amd  AnsweredBy=machine_start  MachineDetectionDuration=2700
            … 3.3 s
            usera    ── BYE ──▶
            app     ◀── POST /s  CallStatus=completed  AnsweredBy=machine_start
        "#]],
    );
}

#[test]
fn amd_async_to_nobody_is_a_warning() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection Enable async; status_callback /s
            usera answers, greets 500ms
            wait 4s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable async; status_callback /s ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app      ·  alert 21262 warning
            app     ◀── POST /voice  CallStatus=in-progress
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ·  answered by human
            … 2.2 s
            usera    ── BYE ──▶
            app     ◀── POST /s  CallStatus=completed  AnsweredBy=human
        "#]],
    );
}

/// Who answers keys is a machine: they are pressed, and nobody listens.
#[test]
fn amd_beside_digits_is_ignored() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection Enable; send_digits 1
            usera answers
            wait 2s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable; send_digits 1 ──▶
            app      ·  alert 21263 warning
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ·  keys 1
            app     ◀── POST /voice  CallStatus=in-progress
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn amd_a_callee_that_hangs_up_first_was_nobody() {
    check(
        &[
            SHOWN,
            "
            rest calls usera with /voice; machine_detection Enable; status_callback /s
            usera answers, greets 500ms
            wait 1s
            usera hangs up
            wait 60s
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable; status_callback /s ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /s  CallStatus=completed
        "#]],
    );
}

#[test]
fn amd_a_redirected_call_waits_no_longer() {
    check(
        &[
            SHOWN,
            "
            app /other <Pause length=\"9\"/>
            rest calls usera with /voice; machine_detection Enable
            usera answers, greets 500ms
            wait 1s
            rest redirects usera to /other
            wait 4s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 1 s
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other  CallStatus=in-progress
            app      ── 200  Pause ──▶
            usera    ·  answered by human
            … 3.2 s
            usera    ── BYE ──▶
        "#]],
    );
}

/// The two talk at once; the target's requests say from then on who it was.
#[test]
fn amd_of_a_dialled_target() {
    check(
        &[
            SHOWN,
            "
            app /voice2 <Dial action=\"/done\"><Sip machineDetection=\"Enable\" amdStatusCallback=\"/amd\" \
             statusCallback=\"/s\" statusCallbackEvent=\"answered completed\">sip:agent-a</Sip></Dial>
            app /done <Hangup/>
            rest calls usera with /voice2
            usera answers
            agent-a answers, greets 500ms
            wait 4s
            agent-a hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice2 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice2  CallStatus=in-progress
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            app     ◀── POST /s  CallStatus=in-progress
            usera ⇄ agent-a
            … 1.8 s
            agent-a  ·  answered by human
            app     ◀── POST /amd  AnsweredBy=human  MachineDetectionDuration=1773
            … 2.2 s
            agent-a  ── BYE ──▶
            app     ◀── POST /s  CallStatus=completed  AnsweredBy=human
            app     ◀── POST /done  CallStatus=in-progress  DialCallStatus=completed  DialSipResponseCode=200
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}

/// It is still listened to the target when it transfers the caller.
#[test]
fn amd_goes_on_across_a_transfer() {
    check(
        &[
            SHOWN,
            "
            app /voice2 <Dial referUrl=\"/refer\" answerOnBridge=\"true\"><Sip machineDetection=\"Enable\" \
             amdStatusCallback=\"/amd\">sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            rest calls usera with /voice2
            usera answers
            agent-a answers, greets 500ms
            wait 1s
            agent-a refers to sip:agent-b
            wait 2s
            agent-b answers
            wait 2s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice2 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice2  CallStatus=in-progress
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 1 s
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  CallStatus=in-progress  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ·  answered by human
            app     ◀── POST /amd  AnsweredBy=human  MachineDetectionDuration=1773
            … 1.3 s
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 2 s
            usera    ── BYE ──▶
            agent-b ◀── BYE
        "#]],
    );
}

/// What hears it should tell in time, and does not: five seconds behind `machineDetectionTimeout` it is given up.
#[test]
fn amd_nothing_is_told_of_who_answered() {
    check(
        &[
            SHOWN,
            "
            media keeps silent
            rest calls usera with /voice; machine_detection Enable
            usera answers
            wait 40s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 35 s
            usera    ·  answered by unknown
            app     ◀── POST /voice  CallStatus=in-progress  AnsweredBy=unknown  MachineDetectionDuration=35000
            app      ── 200  Say, Pause ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 4 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn amd_nothing_is_told_of_a_dialled_target() {
    check(
        &[
            SHOWN,
            "
            media keeps silent
            app /voice2 <Dial><Sip machineDetection=\"Enable\" machineDetectionTimeout=\"3\" \
             amdStatusCallback=\"/amd\">sip:agent-a</Sip></Dial>
            rest calls usera with /voice2
            usera answers
            agent-a answers
            wait 12s
            usera hangs up
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice2 ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            app     ◀── POST /voice2  CallStatus=in-progress
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-a ◀── INVITE
            agent-a  ── 180 Ringing ──▶
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            … 8 s
            agent-a  ·  answered by unknown
            app     ◀── POST /amd  AnsweredBy=unknown  MachineDetectionDuration=8000
            … 4 s
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

/// Nobody is told of one that has left before.
#[test]
fn amd_who_hangs_up_before_anything_is_told() {
    check(
        &[
            SHOWN,
            "
            media keeps silent
            rest calls usera with /voice; machine_detection Enable
            usera answers
            wait 31s
            usera hangs up
            wait 10s
            ",
        ],
        expect![[r#"
            rest     ── calls usera with /voice; machine_detection Enable ──▶
            usera   ◀── INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera    ♪  silence
            … 31 s
            usera    ── BYE ──▶
        "#]],
    );
}
