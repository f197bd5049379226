//! Devices that are sent REFER by us.
//!
//! Not here: every outcome of the verb (`refer`).
//! Source: refer-interop.md; RFC 3515 §2.4, RFC 3261 §22.

use expect_test::expect;
use legwork_sim::script::play;
use legwork_sip::header::Name;

use crate::check;

/// Whoever calls is told to call AgentB; the application hears what came of it.
const REFER: &str = r#"
    app /voice <Refer action="/after"><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
    app /after <Pause/>
    show ReferSipResponseCode
"#;

#[test]
fn q07_3cx_challenges_our_refer() {
    check(
        &[
            REFER,
            "
            usera challenges REFER by 407, follows REFER, hangs up after the result
            show all
            show lines CSeq
            rest calls usera@10.0.0.2 with /voice; sip_auth usera usera
            usera answers, agent-b answers
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            rest     ── calls usera@10.0.0.2 with /voice; sip_auth usera usera ──▶
            usera   ◀── INVITE
            CSeq: 1 INVITE
            usera    ── 180 Ringing ──▶
            usera    ── 200 OK ──▶
            usera   ◀── ACK
            CSeq: 1 ACK
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            CSeq: 2 REFER
            usera    ── 407 Proxy Authentication Required ──▶
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            CSeq: 3 REFER
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera   ◀── 200 OK to NOTIFY
            CSeq: 1 NOTIFY
            usera    ── NOTIFY  180 Ringing, active ──▶
            usera   ◀── 200 OK to NOTIFY
            CSeq: 2 NOTIFY
            usera    ♪  ringback
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera   ◀── 200 OK to NOTIFY
            CSeq: 3 NOTIFY
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            usera    ── BYE ──▶
            usera   ◀── 200 OK to BYE
            CSeq: 4 BYE
            app      ── 200  Pause ──▶
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q27_livekit_would_have_sent_the_refer_to_itself() {
    check(
        &[
            REFER,
            "
            usera is behind the proxy
            show lines Route
            usera follows REFER, hangs up after the result
            usera calls, agent-b answers
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            proxy    ── INVITE ──▶
            proxy   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            proxy   ◀── 200 OK
            usera    ♪  silence
            proxy   ◀── REFER <sip:agent-b@10.0.0.4>
            Route: <sip:10.0.0.7:5060;lr>
            proxy    ── 202 Accepted ──▶
            proxy    ── NOTIFY  100 Trying, active ──▶
            proxy    ── NOTIFY  180 Ringing, active ──▶
            usera    ♪  ringback
            proxy    ── NOTIFY  200 OK, terminated ──▶
            app     ◀── POST /after  ReferCallStatus=in-progress  ReferSipResponseCode=202  NotifySipResponseCode=200
            proxy    ── BYE ──▶
            app      ── 200  Pause ──▶
            … 1.4 s
            usera hears agent-b, agent-b hears usera
        "#]],
    );
}

#[test]
fn q30_genesys_refuses_our_contact() {
    check(
        &[
            REFER,
            "
            usera answers REFER with 400
            usera calls
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 400 Bad Request ──▶
            app     ◀── POST /after  ReferCallStatus=failed  ReferSipResponseCode=400
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
            usera hears nothing
        "#]],
    );
}

#[test]
fn q30_bold360_ends_without_a_body() {
    check(
        &[
            REFER,
            "
            usera notifies 100 .
            usera calls
            wait 1s
            listen
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  100 Trying, active ──▶
            usera    ── NOTIFY  , terminated ──▶
            app     ◀── POST /after  ReferSipResponseCode=202  NotifySipResponseCode=100
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
            usera hears nothing
        "#]],
    );
}

#[test]
fn q30_carrier_sends_no_notify() {
    check(
        &[
            REFER,
            "
            usera notifies nothing
            usera calls
            wait 31s
            listen
            ",
        ],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            … 30 s
            app     ◀── POST /after  ReferSipResponseCode=202
            app      ── 200  Pause ──▶
            usera    ♪  silence
            … 1 s
            usera   ◀── BYE
            usera hears nothing
        "#]],
    );
}

#[test]
fn q31_siphon_tells_after_our_bye() {
    check(
        &[r#"
            app /voice <Refer><Sip>sip:agent-b@10.0.0.4</Sip></Refer>
            show all
            usera notifies 200+ 2s 200
            usera calls
            wait 3s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Refer ──▶
            usera   ◀── 200 OK
            usera    ♪  silence
            usera    ── ACK ──▶
            usera   ◀── REFER <sip:agent-b@10.0.0.4>
            usera    ── 202 Accepted ──▶
            usera    ── NOTIFY  200 OK, active ──▶
            usera   ◀── 200 OK to NOTIFY
            usera   ◀── BYE
            usera    ── 200 OK to BYE ──▶
            … 2 s
            usera    ── NOTIFY  200 OK, terminated ──▶
            usera   ◀── 200 OK to NOTIFY
        "#]],
    );
}

#[test]
fn q28_twilio_wants_tel_for_the_telephone_network() {
    let mut world = play(
        r#"
        app /voice <Refer action="/after"><Sip>tel:+81501234567</Sip></Refer>
        app /after <Pause/>
        usera notifies 100 200, hangs up after the result
        usera calls
        "#,
    );
    expect![[r#"
        usera    ── INVITE ──▶
        usera   ◀── 180 Ringing
        app     ◀── POST /voice
        app      ── 200  Refer ──▶
        usera   ◀── 200 OK
        usera    ♪  silence
        usera   ◀── REFER <tel:+81501234567>
        usera    ── 202 Accepted ──▶
        usera    ── NOTIFY  100 Trying, active ──▶
        usera    ── NOTIFY  200 OK, terminated ──▶
        app     ◀── POST /after  ReferCallStatus=in-progress  NotifySipResponseCode=200
        usera    ── BYE ──▶
        app      ── 200  Pause ──▶
    "#]]
    .assert_eq(&world.ladder.print());
    let refer = world.sent_to("usera", "REFER").next().unwrap();
    assert_eq!(refer.header(Name::ReferTo), "<tel:+81501234567>");
    world.finish();
}
