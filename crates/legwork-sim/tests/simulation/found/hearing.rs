//! Somebody went on hearing whom, or what, it was not joined with any more, or heard nothing at all; and
//! what else seeds have found.

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
fn seed_61758_another_target_wins_that_speaks_something_else() {
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
            usera ⇄ agent-b
            agent-a  ── 487 Request Terminated ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

/// A target that does not ring yet was taken over behind a `<Pause>`: the transferee heard nothing.
#[test]
fn seed_210206_a_target_that_does_not_ring_is_taken_over() {
    check(
        &["
            app /voice <Dial referUrl=\"/refer\"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Sip>sip:agent-b</Sip></Dial>
            app /refer <Pause length=\"2\"/><Dial><Sip>sip:agent-b</Sip></Dial>
            agent-b does not ring
            usera calls, agent-a answers
            ---
            usera calls
            wait 1s
            usera refers to <sip:agent-b?Replaces={replaces}>
            wait 3s
            listen
        "],
        expect![[r#"
            usera/2  ── INVITE ──▶
            usera/2 ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Dial ──▶
            usera/2 ◀── 200 OK
            usera/2  ♪  ringback
            agent-b ◀── INVITE
            … 1 s
            usera    ── REFER <sip:agent-b?Replaces=…> ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?Replaces=…>  ReferReplacesCallSid=usera's
            app      ── 200  Pause, Dial ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            agent-a  ♪  silence
            usera   ◀── BYE
            … 2 s
            usera/2  ·  its far party is taken over
            usera/2 ◀── BYE
            agent-a  ♪  hold music
            … 1.4 s
            agent-a hears hold music
        "#]],
    );
}

/// The answer to our own re-INVITE put the call on hold; the other one heard nothing instead of music.
#[test]
fn seed_417852_the_answer_to_our_re_invite_holds() {
    check(
        &["
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls sip:bank@bank.example.com with Supported: timer; Session-Expires: 90;refresher=uas
            agent-a answers
            ---
            usera answers inactive
            wait 50s
            listen
        "],
        expect![[r#"
            usera   ◀── re-INVITE
            usera    ── 200 OK ──▶
            agent-a  ♪  hold music
            … 5.4 s
            usera hears nothing, agent-a hears hold music
        "#]],
    );
}

/// REST took it away while keys were pressed; when it was transferred to, the noun it had been dialled by
/// screened it, beside whom it had just been talking with.
#[test]
fn seed_376470_who_was_taken_from_its_dial_is_not_screened_for_it() {
    check(
        &["
            app /voice <Dial referUrl=\"/refer\" answerOnBridge=\"true\"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Number sendDigits=\"wwwwwwww1\" url=\"/screen\">+15551234567</Number></Dial>
            app /other <Dial><Sip>sip:agent-a</Sip></Dial>
            app /screen after 3s <Pause/>
            app /refer <Dial><Number>+15551234567</Number></Dial>
            usera calls, agent-a answers
            userb calls, carrier answers
            ---
            rest redirects carrier to /other
            agent-a answers, agent-a refers attended
            wait 1s
            listen
        "],
        expect![[r#"
            rest     ── redirects carrier to /other ──▶
            userb   ◀── BYE
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            +15551234567  ♪  ringback
            agent-a/2 ◀── INVITE
            agent-a/2  ── 180 Ringing ──▶
            agent-a/2  ── 200 OK ──▶
            +15551234567 ⇄ agent-a
            agent-a  ── REFER <sip:+15551234567@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:+15551234567@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a/2  ·  its far party is taken over
            usera ⇄ +15551234567
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2 ◀── BYE
            agent-a ◀── BYE
            … 1.4 s
            usera hears carrier, carrier hears usera
        "#]],
    );
}

/// The limit of the initial `<Dial>` ended the call of the document REST had given the transferor.
#[test]
fn seed_222322_a_redirected_transferor_has_no_old_limit() {
    check(
        &["
            app /voice <Dial referUrl=\"/refer\" answerOnBridge=\"true\" timeLimit=\"3\"><Sip>sip:agent-a</Sip></Dial>
            app /refer after 9s <Dial><Sip>sip:agent-c</Sip></Dial>
            app /other <Dial><Sip>sip:agent-b</Sip></Dial>
            usera calls, agent-a answers
            ---
            usera refers to sip:agent-c
            rest redirects usera to /other
            agent-b answers
            wait 5s
            listen
        "],
        expect![[r#"
            usera    ── REFER sip:agent-c ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-c
            rest     ── redirects usera to /other ──▶
            usera   ◀── NOTIFY  200 OK, terminated
            app     ◀── POST /other
            app      ── 200  Dial ──▶
            usera    ♪  ringback
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            … 5.4 s
            usera hears agent-b, agent-a hears hold music, agent-b hears usera
        "#]],
    );
}

/// A key that came by INFO is still being pressed when the one it is for begins to hear itself.
#[test]
fn seed_8004934_keys_are_pressed_towards_one_in_echo() {
    let ladder = legwork_sim::script::run(
        r#"
        app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
        app /refer <Echo/>
        usera calls, agent-a answers
        usera presses 5 by INFO
        usera presses 5 by INFO
        wait 310ms
        usera refers to sip:agent-b
        wait 1s
        agent-a hangs up
        "#,
    );
    assert!(ladder.contains("agent-a  ·  keys 55"), "{ladder}");
    assert!(ladder.ends_with("agent-a  ── BYE ──▶\n"), "{ladder}");
}
