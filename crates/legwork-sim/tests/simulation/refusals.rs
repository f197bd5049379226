//! Who may refer, and what is refused: status, alert, and the call undisturbed.
//!
//! Source: inbound-refer.md, section 4, "Who may refer".

use expect_test::expect;

use crate::{TO_B, TRUE, check};

#[test]
fn no_refer_to_400() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to nobody
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER ──▶
            agent-a ◀── 400 Bad Request
            app      ·  alert 91303 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn two_refer_to_400() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b and also sip:agent-c
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b and sip:agent-c ──▶
            agent-a ◀── 400 Bad Request
            app      ·  alert 91303 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn unparsable_refer_to_400() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b ──▶
            agent-a ◀── 400 Bad Request
            app      ·  alert 91303 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn p9_refer_to_of_256_bytes_is_taken() {
    check(
        &[TRUE, TO_B, "
            agent-a refers to sip:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
            agent-b answers
            wait 3s
            listen
            "],
        expect![[r#"
            agent-a  ── REFER sip:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn p9_refer_to_of_257_bytes_400() {
    check(
        &[TRUE, TO_B, "
            agent-a refers to sip:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
            wait 1s
            listen
            "],
        expect![[r#"
            agent-a  ── REFER sip:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ──▶
            agent-a ◀── 400 Bad Request
            app      ·  alert 91302 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn refer_to_beyond_the_set_limit_400() {
    check(
        &[
            TRUE,
            TO_B,
            "
            config refer_to_max 20
            agent-a refers to sip:agent-b@example.com
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b@example.com ──▶
            agent-a ◀── 400 Bad Request
            app      ·  alert 91302 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn replaces_is_not_counted() {
    check(
        &[
            TRUE,
            TO_B,
            "
            config refer_to_max 20
            agent-a refers to <sip:agent-b?Replaces=abcdefghijklmnop%3Bto-tag%3D1%3Bfrom-tag%3D2>
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b?Replaces=…>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE with Replaces
            agent-b  ── 481 Call/Transaction Does Not Exist ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  481 Call/Transaction Does Not Exist, terminated
        "#]],
    );
}

#[test]
fn other_schemes_416() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to http://agent-b
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER http://agent-b ──▶
            agent-a ◀── 416 Unsupported URI Scheme
            app      ·  alert 91303 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn method_other_than_invite_603() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b;method=BYE>
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b;method=BYE> ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 91303 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn method_invite_is_taken() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to <sip:agent-b;method=INVITE>
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER <sip:agent-b;method=INVITE> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:agent-b;method=INVITE>
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn no_dial_at_all_603() {
    check(
        &[r#"
            app /voice <Say>hello</Say><Pause length="20"/>
            usera calls
            ---
            usera refers to sip:agent-b
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
        "#]],
    );
}

#[test]
fn switched_off_603() {
    check(
        &[
            TRUE,
            TO_B,
            "
            config no enhanced features
            agent-a refers to sip:agent-b
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 91304 error
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn another_pending_491() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            agent-a refers to sip:agent-c
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── REFER sip:agent-c ──▶
            agent-a ◀── 491 Request Pending
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn another_pending_from_the_other_leg_491() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers to sip:agent-b
            agent-b rings
            usera refers to sip:agent-c
            agent-b answers
            wait 3s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            usera    ── REFER sip:agent-c ──▶
            usera   ◀── 491 Request Pending
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn before_the_bridge_491() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            ---
            usera refers to sip:agent-b
            agent-a answers
            listen
            "#,
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 491 Request Pending
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn early_dialog_of_the_caller_403() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            ---
            usera refers to sip:agent-b
            agent-a answers
            listen
            "#,
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 403 Forbidden
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn early_dialog_of_the_callee_403() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a rings
            ---
            agent-a refers to sip:agent-b
            agent-a answers
            listen
            "#,
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 403 Forbidden
            agent-a  ── 200 OK ──▶
            usera   ◀── 200 OK
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn unknown_dialog_481() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a hangs up
            agent-a refers to sip:agent-b
            ",
        ],
        expect![[r#"
            agent-a  ── BYE ──▶
            usera   ◀── BYE
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 481 Call/Transaction Does Not Exist
        "#]],
    );
}

#[test]
fn outside_any_dialog_403() {
    check(
        &[
            TRUE,
            TO_B,
            "
            agent-a refers anew to sip:agent-b
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 403 Forbidden
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

/// RFC 4538: as in the call it names, if its sender sits there and can say who it is.
#[test]
fn outside_any_dialog_for_a_call_of_its_own() {
    check(
        &[r#"
            show all
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Sip>sip:agent-a@bank.example.com</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            agent-a registers
            usera calls, agent-a answers
            ---
            agent-a refers for its call to sip:agent-b
            agent-b answers
            wait 3s
            agent-a unregisters"#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 407 Proxy Authentication Required
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a  ── 200 OK to NOTIFY ──▶
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-a ◀── NOTIFY  180 Ringing, active
            agent-a  ── 200 OK to NOTIFY ──▶
            agent-b  ── 200 OK ──▶
            agent-b ◀── ACK
            usera ⇄ agent-b
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a  ── 200 OK to NOTIFY ──▶
            agent-a ◀── BYE
            agent-a  ── 200 OK to BYE ──▶
            … 3 s
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 200 OK to REGISTER
        "#]],
    );
}

/// An address is enough for who has no password here.
#[test]
fn outside_any_dialog_from_a_listed_address() {
    check(
        &[
            TRUE,
            TO_B,
            "usera refers for its call to sip:agent-b\nagent-b rings 1s, refuses 486\nwait 3s",
        ],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 202 Accepted
            usera   ◀── NOTIFY  100 Trying, active
            usera    ·  parked
            usera    ♪  silence
            agent-a  ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            agent-a  ♪  ringback
            usera   ◀── NOTIFY  180 Ringing, active
            … 1 s
            agent-b  ── 486 Busy Here ──▶
            usera    ·  restored
            usera ⇄ agent-a
            usera   ◀── NOTIFY  486 Busy Here, terminated
        "#]],
    );
}

/// Whoever has read the dialog's names elsewhere is not in it, nor is who has another's password.
#[test]
fn outside_any_dialog_for_a_call_of_others() {
    check(
        &[TRUE, TO_B, "agent-b refers for agent-a's call to sip:agent-b"],
        expect![[r#"
        agent-b  ── REFER sip:agent-b ──▶
        agent-b ◀── 403 Forbidden
    "#]],
    );
    check(
        &[r#"
            show all
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a@bank.example.com</Sip></Dial>
            agent-a registers
            usera calls, agent-a answers
            ---
            agent-a logs in as agent-b with agent-b
            agent-a refers for its call to sip:agent-b
            agent-a logs in as agent-a with agent-a, unregisters"#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 407 Proxy Authentication Required
            agent-a  ── REFER sip:agent-b ──▶
            app      ·  alert 32106 error
            agent-a ◀── 403 Forbidden
            agent-a  ── REGISTER ──▶
            agent-a ◀── 401 Unauthorized to REGISTER
            agent-a  ── REGISTER ──▶
            agent-a ◀── 200 OK to REGISTER
        "#]],
    );
}

/// All else is decided as inside the call.
#[test]
fn outside_any_dialog_refused_or_unwatched() {
    check(
        &[r#"
            app /voice <Dial><Sip>sip:agent-a</Sip></Dial>
            usera calls, agent-a answers
            ---
            agent-a refers for its call to sip:agent-b"#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 603 Decline
            app      ·  alert 13802 error
        "#]],
    );
    check(
        &[
            TRUE,
            TO_B,
            "agent-a refers for its call to sip:agent-b with Refer-Sub: false\nagent-b answers",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            agent-a ◀── BYE
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
        "#]],
    );
}

#[test]
fn outside_any_dialog_for_a_call_that_is_over() {
    check(
        &[TRUE, TO_B, "agent-a hangs up, agent-a refers for its call to sip:agent-b"],
        expect![[r#"
            agent-a  ── BYE ──▶
            usera   ◀── BYE
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 403 Forbidden
        "#]],
    );
}

#[test]
fn beyond_the_rate_500() {
    check(
        &[
            TRUE,
            "
            config calls_per_second 1
            app /refer <Reject/>
            wait 3s
            agent-a refers to sip:agent-b
            agent-a refers to sip:agent-b
            wait 2s
            agent-a refers to sip:agent-b
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Reject ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 500 Server Internal Error
            app      ·  alert 91305 error
            … 2 s
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Reject ──▶
            agent-a  ·  restored
            agent-a ⇄ usera
            agent-a ◀── NOTIFY  603 Decline, terminated
            … 1.4 s
            usera hears agent-a, agent-a hears usera
        "#]],
    );
}

#[test]
fn a_trunk_may_not_refer_603() {
    check(
        &[
            TO_B,
            r#"
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            ---
            carrier refers to sip:agent-b
            wait 1s
            listen
            "#,
        ],
        expect![[r#"
            carrier  ── REFER sip:agent-b ──▶
            carrier ◀── 603 Decline
            app      ·  alert 32218 error
            … 1.4 s
            usera hears carrier, carrier hears usera
        "#]],
    );
}

#[test]
fn a_trunk_may_refer_when_it_says_so() {
    check(
        &[
            TO_B,
            r#"
            config trunk refers
            app /voice <Dial referUrl="/refer" answerOnBridge="true"><Number>+8130000000</Number></Dial>
            usera calls, carrier answers
            ---
            carrier refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            "#,
        ],
        expect![[r#"
            carrier  ── REFER sip:agent-b ──▶
            carrier ◀── 202 Accepted
            carrier ◀── NOTIFY  100 Trying, active
            +8130000000  ·  parked
            +8130000000  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            agent-b ◀── INVITE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            carrier ◀── NOTIFY  180 Ringing, active
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            carrier ◀── NOTIFY  200 OK, terminated
            carrier ◀── BYE
            … 3.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn p10_an_unbuilt_noun_refuses_603() {
    check(
        &[r#"
            app /voice <Say>hello</Say><Dial referUrl="/refer"><WhatsApp>+1</WhatsApp></Dial><Pause length="20"/>
            usera calls
            ---
            usera refers to sip:agent-b
            "#],
        expect![[r#"
            usera    ── REFER sip:agent-b ──▶
            usera   ◀── 603 Decline
            app      ·  alert 13802 error
        "#]],
    );
}
