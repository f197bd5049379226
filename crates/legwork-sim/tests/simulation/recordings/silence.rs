//! `<Record trim="do-not-trim">` of a caller who says nothing: all of the silence is kept, and is no message.
//! And what is silent that should tell: a beep without an end.
//!
//! Not here: what is trimmed, of which nothing is left (`messages`).
//! Source: Twilio, "TwiML Voice: Record": of a caller who does not speak the next verb is run.

use expect_test::expect;

use crate::check;

const RECORD: &str = r#"
    app /voice <Record trim="do-not-trim" action="/done" recordingStatusCallback="/told"/><Say>nobody there</Say>
    app /done <Hangup/>
    app /told ok
    usera calls
    wait 1s
    ---
"#;

#[test]
fn silence_that_is_kept_is_no_message() {
    check(
        &[RECORD, "wait 8s"],
        expect![[r#"
        usera    ·  recording ends
        app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
        usera    ♪  audio of ours
        usera   ◀── BYE
    "#]],
    );
}

#[test]
fn who_has_spoken_has_left_one() {
    check(
        &[RECORD, "usera says \"hello\" for 1s\nwait 9s"],
        expect![[r#"
        usera    ── "hello" ──▶
        … 6 s
        usera    ·  recording ends
        app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=7
        app     ◀── POST /done  RecordingDuration=7
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]],
    );
}

#[test]
fn a_key_makes_it_one() {
    check(
        &[RECORD, "usera presses #\nwait 2s"],
        expect![[r#"
        usera    ·  recording ends
        app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=1
        app     ◀── POST /done  RecordingDuration=1  Digits=#
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]],
    );
}

#[test]
fn so_does_its_length() {
    let record = RECORD.replace("action=", "maxLength=\"3\" action=");
    check(
        &[&record, "wait 5s"],
        expect![[r#"
        usera    ·  recording ends
        app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=3
        app     ◀── POST /done  RecordingDuration=3
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]],
    );
}

#[test]
fn who_hangs_up_behind_it_has_left_none() {
    check(
        &["recorder takes 2s\n", RECORD, "wait 6s\nusera hangs up\nwait 3s"],
        expect![[r#"
        usera    ·  recording ends
        … 1.7 s
        usera    ── BYE ──▶
        app     ◀── POST /told  RecordingStatus=completed  RecordingDuration=5
    "#]],
    );
}

#[test]
fn a_beep_that_never_ends_is_over_after_5_s() {
    check(
        &[r#"
            media keeps silent
            app /voice <Record action="/done"/>
            app /done <Hangup/>
            usera calls
            wait 6s
            usera presses #
            wait 1s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Record ──▶
            usera   ◀── 200 OK
            usera    ♪  a beep
            … 5 s
            usera    ♪  silence
            usera    ·  recording begins, inbound
            … 1 s
            usera    ·  recording ends
            app     ◀── POST /done  RecordingDuration=1  Digits=#
            app      ── 200  Hangup ──▶
            usera   ◀── BYE
        "#]],
    );
}
