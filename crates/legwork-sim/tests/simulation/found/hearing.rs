//! Somebody went on hearing whom, or what, it was not joined with any more.

use expect_test::expect;

use crate::check;

/// Found by the rule of audio paths in ladders. The document comes late; until then the redirected party still heard the agent, who talked on.
#[test]
fn redirected_and_still_hears_the_other_one() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial><Pause length=\"9\"/>
            app /other after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            ---
            rest redirects agent-a to /other
            listen
            wait 3s
            listen
        "],
        expect![[r#"
            rest     ── redirects agent-a to /other ──▶
            usera    ♪  silence
            app     ◀── POST /other
            usera hears silence, agent-a hears nothing
            … 2.6 s
            app      ── 200  Dial ──▶
            agent-a  ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera hears silence, agent-a hears ringback
        "#]],
    );
}

/// What was being said went on beside the question for the new document.
#[test]
fn seed_426_redirected_in_the_middle_of_a_word() {
    check(
        &["
            app /voice <Play loop=\"9\">/long.wav</Play>
            app /other after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls
            ---
            wait 1s
            listen
            rest redirects usera to /other
            listen
            wait 3s
            listen
        "],
        expect![[r#"
            usera hears a file
            rest     ── redirects usera to /other ──▶
            app     ◀── POST /other
            usera hears nothing
            … 2.6 s
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera hears ringback
        "#]],
    );
}

/// The target was heard before it answered, and counted as heard when it was gone.
#[test]
fn seed_13864_redirected_while_the_target_has_early_media() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            app /other after 3s <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a plays early media
            ---
            listen
            rest redirects usera to /other
            listen
            wait 3s
            listen
        "],
        expect![[r#"
            usera hears agent-a, agent-a hears nothing
            rest     ── redirects usera to /other ──▶
            agent-a ◀── CANCEL
            app     ◀── POST /other
            agent-a  ── 487 Request Terminated ──▶
            usera hears nothing
            … 2.6 s
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera hears ringback
        "#]],
    );
}

/// One target is heard before it answers, another one answers in a codec the caller must be offered:
/// until that is agreed the caller went on hearing the first one's leg, which was gone.
#[test]
fn seed_61758_another_target_wins_and_its_codec_must_be_agreed() {
    check(
        &["
            config codecs g722
            app /voice <Dial><Sip>sip:agent-a</Sip><Sip>sip:agent-b</Sip></Dial>
            usera speaks G722
            usera acks after 2s
            agent-a speaks G722
            agent-b speaks PCMU
            usera calls, agent-a plays early media
            ---
            listen
            usera speaks G722 and PCMU
            agent-b answers
            wait 3s
            listen
        "],
        expect![[r#"
            usera hears agent-a, agent-a hears nothing
            agent-b  ── 200 OK ──▶
            usera    ♪  ringback
            agent-a ◀── CANCEL
            agent-a  ── 487 Request Terminated ──▶
            … 1.6 s
            usera   ◀── re-INVITE
            usera    ── 200 OK ──▶
            usera ⇄ agent-b
            … 1.8 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}
