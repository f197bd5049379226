//! `<Start><Siprec>`: a session recorder is sent what both sides say, and the call does not notice what it does.
//!
//! Not here: what is told when somebody else talks (`siprec/told`), its attributes one by one
//! (`attributes`), its metadata (`legwork-call`, `siprec/metadata`).
//! Source: Twilio, "TwiML Voice: Siprec"; RFC 7866.

mod told;

use expect_test::expect;

use crate::check;

#[test]
fn who_speaks_is_sent_to_the_recorder_each_in_a_stream() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            show SiprecName
            show lines Require, Accept, Contact, Content-Type
            srs answers by itself after 0s
            usera calls, agent-a answers
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            Contact: <sip:bank@10.0.0.1:5060>
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            Contact: <sip:bank@10.0.0.1:5060>
            Content-Type: application/sdp
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            Require: siprec
            Accept: application/sdp
            Contact: <sip:usera@10.0.0.1:5060>;+sip.src
            Content-Type: multipart/mixed;boundary=legwork-siprec
            agent-a ◀── INVITE
            Contact: <sip:usera@10.0.0.1:5060>
            Content-Type: application/sdp
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            app     ◀── POST /told  SiprecName=SR0001412a4de2c53d74542cf335173764  SiprecEvent=siprec-started
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            Contact: <sip:usera@10.0.0.1:5060>;+sip.src
            Content-Type: multipart/mixed;boundary=legwork-siprec
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            usera hears agent-a, agent-a hears usera, srs hears usera and agent-a
            usera    ── BYE ──▶
            srs     ◀── BYE
            app     ◀── POST /told  SiprecName=SR0001412a4de2c53d74542cf335173764  SiprecEvent=siprec-stopped
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn it_survives_documents_and_is_stopped_by_its_name() {
    check(
        &[r#"
            app /voice <Start><Siprec name="case" statusCallback="/told"/></Start><Say>hello</Say><Redirect>/next</Redirect>
            app /next <Play>/music.wav</Play><Stop><Siprec name="case"/></Stop><Stop><Siprec name="case"/></Stop><Pause length="2"/>
            app /told ok
            show alerts
            srs answers by itself after 0s
            usera calls
            wait 1.2s
            listen
            wait 5s
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Redirect ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            app     ◀── POST /told  SiprecEvent=siprec-started
            usera    ♪  audio of ours
            … 1 s
            app     ◀── POST /next
            app      ── 200  Play, Stop, Stop, Pause ──▶
            usera    ♪  audio of ours
            usera hears a file, srs hears usera and a file
            srs     ◀── BYE
            usera    ·  session recording ends
            app     ◀── POST /told  SiprecEvent=siprec-stopped
            app      ·  alert 31900 error
            A stream could not be had as it was wanted. <Stop><Siprec name="case">: none of that name goes on. Give streams of one call names of their own, and stop those there are.
            usera    ♪  silence
            … 2 s
            usera   ◀── BYE
        "#]],
    );
}

#[test]
fn it_survives_a_transfer() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            app /told ok
            srs answers by itself after 0s
            usera calls, agent-a answers
            ---
            agent-a refers to sip:agent-b
            agent-b answers
            wait 3s
            listen
            agent-b hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            srs     ◀── re-INVITE sendonly
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-b ◀── INVITE
            agent-a ◀── BYE
            agent-b  ── 180 Ringing ──▶
            usera    ♪  ringback
            agent-b  ── 200 OK ──▶
            usera ⇄ agent-b
            srs     ◀── re-INVITE sendonly
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera, srs hears usera and agent-b
            agent-b  ── BYE ──▶
            usera   ◀── BYE
            srs     ◀── BYE
            app     ◀── POST /told  SiprecEvent=siprec-stopped
        "#]],
    );
}

#[test]
fn a_leg_that_moves_takes_its_recorder_along() {
    check(
        &[r#"
            config media_threads 2
            app /voice <Dial referUrl="/refer"><Sip>sip:agent-a</Sip></Dial>
            app /voice <Dial><Sip url="/screen">sip:agent-b</Sip></Dial>
            app /screen <Start><Siprec/></Start>
            app /refer <Dial><Sip>sip:agent-b</Sip></Dial>
            srs answers by itself after 0s
            usera calls, agent-a answers
            agent-a calls, agent-b answers
            ---
            agent-a refers attended
            wait 3s
            listen
            usera hangs up
            "#],
        expect![[r#"
            agent-a  ── REFER <sip:bank@bank.example.com?Replaces=…> ──▶
            agent-a ◀── 202 Accepted
            agent-a ◀── NOTIFY  100 Trying, active
            agent-a  ·  parked
            agent-a  ♪  silence
            usera    ♪  hold music
            app     ◀── POST /refer  ReferTransferTarget=<sip:bank@bank.example.com?Replaces=…>  ReferReplacesCallSid=agent-a's
            app      ── 200  Dial ──▶
            agent-a ◀── NOTIFY  200 OK, terminated
            agent-a/2  ·  its far party is taken over
            agent-a/2 ◀── BYE
            usera ⇄ agent-b
            srs     ◀── re-INVITE sendonly
            agent-b  ·  recorder told who talks
            agent-a ◀── BYE
            srs      ── 200 OK ──▶
            … 3.4 s
            usera hears agent-b, agent-b hears usera, srs hears usera and agent-b
            usera    ── BYE ──▶
            agent-b ◀── BYE
            srs     ◀── BYE
        "#]],
    );
}

#[test]
fn a_recorder_that_refuses_is_told_of_and_the_call_goes_on() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            show alerts
            usera calls, srs refuses 486, agent-a answers
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 486 Busy Here ──▶
            usera    ·  session recording fails
            app      ·  alert 91370 error
            A session recorder does not record the call. [[recorder]] archive: it answers 486. Look at the recorder: whether it runs, takes SIPREC and knows us.
            app     ◀── POST /told  SiprecEvent=siprec-error  SiprecError=it answers 486
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_recorder_that_never_answers_is_given_up() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Say>hi</Say><Pause length="20"/>
            app /told ok
            show alerts
            usera calls
            wait 12s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 9 s
            srs     ◀── CANCEL
            usera    ·  session recording fails
            app      ·  alert 91370 error
            A session recorder does not record the call. [[recorder]] archive: it does not answer. Look at the recorder: whether it runs, takes SIPREC and knows us.
            app     ◀── POST /told  SiprecEvent=siprec-error  SiprecError=it does not answer
            srs      ── 487 Request Terminated ──▶
            … 2 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_dead_recorder_is_given_up() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Say>hi</Say><Pause length="20"/>
            app /told ok
            srs dies
            usera calls
            wait 12s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 9 s
            usera    ·  session recording fails
            app      ·  alert 91370 error
            app     ◀── POST /told  SiprecEvent=siprec-error  SiprecError=it does not answer
            … 2 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn its_addresses_are_tried_in_turn() {
    check(
        &[r#"
            config recorder none
            config recorder cluster at sip:rec.example.com
            dns rec.example.com nobody wall agent-c srs
            app /voice <Start><Siprec statusCallback="/told"/></Start><Say>hi</Say><Pause length="20"/>
            app /told ok
            srs answers by itself after 0s
            usera calls
            agent-c refuses 503
            wait 1s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            nobody  ◀── INVITE sendonly
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 9 s
            wall    ◀── INVITE sendonly
            agent-c ◀── INVITE sendonly
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 503 Service Unavailable ──▶
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            app     ◀── POST /told  SiprecEvent=siprec-started
            … 1.4 s
            usera hears silence, srs hears usera
            usera    ── BYE ──▶
            srs     ◀── BYE
            app     ◀── POST /told  SiprecEvent=siprec-stopped
        "#]],
    );
}

#[test]
fn a_recorder_that_hangs_up_ends_its_recording_alone() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            srs answers by itself after 0s
            usera calls, agent-a answers
            srs hangs up
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            app     ◀── POST /told  SiprecEvent=siprec-started
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            srs      ── BYE ──▶
            usera    ·  session recording ends
            app     ◀── POST /told  SiprecEvent=siprec-stopped
            usera hears agent-a, agent-a hears usera
            usera    ── BYE ──▶
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_recorder_may_pause_and_go_on() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Dial><Sip>sip:agent-a</Sip></Dial>
            app /told ok
            srs answers by itself after 0s
            usera calls, agent-a answers
            srs holds inactive
            listen
            srs unholds
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Dial ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  ringback
            srs     ◀── INVITE sendonly
            agent-a ◀── INVITE
            srs      ── 180 Ringing ──▶
            agent-a  ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            app     ◀── POST /told  SiprecEvent=siprec-started
            agent-a  ── 200 OK ──▶
            usera ⇄ agent-a
            srs     ◀── re-INVITE sendonly
            usera    ·  recorder told who talks
            srs      ── 200 OK ──▶
            srs      ── re-INVITE inactive ──▶
            srs     ◀── 200 OK
            usera hears agent-a, agent-a hears usera, srs hears nothing
            srs      ── re-INVITE ──▶
            srs     ◀── 200 OK
            usera hears agent-a, agent-a hears usera, srs hears usera and agent-a
            usera    ── BYE ──▶
            srs     ◀── BYE
            app     ◀── POST /told  SiprecEvent=siprec-stopped
            agent-a ◀── BYE
        "#]],
    );
}

#[test]
fn a_recorder_that_wants_a_password_gets_it() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Say>hi</Say><Pause length="5"/>
            srs answers by itself after 0s, challenges
            usera calls
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs      ── 401 Unauthorized ──▶
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            usera    ♪  audio of ours
            usera hears speech, srs hears usera and speech
            usera    ── BYE ──▶
            srs     ◀── BYE
        "#]],
    );
}

#[test]
fn an_answer_without_a_session_is_no_recording() {
    check(
        &[r#"
            app /voice <Start><Siprec statusCallback="/told"/></Start><Say>hi</Say><Pause length="5"/>
            app /told ok
            show alerts
            srs answers without session
            usera calls, srs answers
            wait 2s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            usera    ♪  audio of ours
            srs      ── 200 OK ──▶
            srs     ◀── BYE
            usera    ·  session recording fails
            app      ·  alert 91370 error
            A session recorder does not record the call. [[recorder]] archive: its answer can not be used. Look at the recorder: whether it runs, takes SIPREC and knows us.
            app     ◀── POST /told  SiprecEvent=siprec-error  SiprecError=its answer can not be used
            … 1 s
            usera    ♪  silence
            … 1 s
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn which_recorder_is_meant() {
    check(
        &[r#"
            config recorder backup at sip:agent-c
            app /voice <Start><Siprec/><Siprec connectorName="nobody"/><Siprec connectorName="backup"/></Start><Say>hi</Say><Pause length="5"/>
            show alerts
            agent-c answers by itself after 0s
            usera calls
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            app      ·  alert 31940 error
            No connector of the account is called so. <Siprec connectorName="">. Add it as a [[recorder]] or [[stream]], or write the name of another; a <Siprec> without a name needs exactly one.
            app      ·  alert 31940 error
            No connector of the account is called so. <Siprec connectorName="nobody">. Add it as a [[recorder]] or [[stream]], or write the name of another; a <Siprec> without a name needs exactly one.
            usera   ◀── 200 OK
            usera    ·  session recording begins
            agent-c ◀── INVITE sendonly
            agent-c  ── 180 Ringing ──▶
            agent-c  ── 200 OK ──▶
            usera    ♪  audio of ours
            usera hears speech, agent-c hears usera and speech
            usera    ── BYE ──▶
            agent-c ◀── BYE
        "#]],
    );
}

#[test]
fn names_and_tracks_are_bounded() {
    check(
        &[r#"
            app /voice <Start><Siprec name="a" track="inbound_track"/><Siprec name="a"/><Siprec name="b"/><Siprec name="c"/><Siprec name="d" track="outbound_track"/></Start><Say>hi</Say><Pause length="5"/>
            show alerts
            srs answers by itself after 0s
            usera calls
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            app      ·  alert 31900 error
            A stream could not be had as it was wanted. <Start><Siprec> while another one of its name goes on. Give streams of one call names of their own, and stop those there are.
            app      ·  alert 31960 error
            More streams of one call than it may have. <Start><Siprec> while as many tracks as may be are recorded already. One both ways, and four tracks one way, at a time.
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ·  session recording begins
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs     ◀── INVITE sendonly
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            srs/2    ── 180 Ringing ──▶
            srs/3    ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            srs/3    ── 200 OK ──▶
            srs/2    ── 200 OK ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ── BYE ──▶
            srs     ◀── BYE
            srs/2   ◀── BYE
            srs/3   ◀── BYE
        "#]],
    );
}

#[test]
fn the_call_ends_while_its_recorder_is_called() {
    check(
        &[r#"
            config recorder none
            config recorder far at sip:rec.example.com
            dns rec.example.com after 2s srs
            app /voice <Start><Siprec statusCallback="/told"/></Start><Say>hi</Say><Pause length="9"/>
            app /told ok
            usera calls
            wait 1s
            usera hangs up
            wait 3s
            usera calls
            wait 3s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1 s
            usera    ── BYE ──▶
            app     ◀── POST /told  SiprecEvent=siprec-stopped
            … 3 s
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 1 s
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            … 2 s
            usera    ── BYE ──▶
            srs     ◀── CANCEL
            app     ◀── POST /told  SiprecEvent=siprec-stopped
            srs      ── 487 Request Terminated ──▶
        "#]],
    );
}

#[test]
fn the_session_is_refreshed() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Say>hi</Say><Pause length="600"/>
            srs answers by itself after 0s, agrees to 90s refreshed by uac
            usera calls
            wait 100s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            … 44 s
            srs     ◀── re-INVITE sendonly
            srs      ── 200 OK ──▶
            … 45 s
            srs     ◀── re-INVITE sendonly
            srs      ── 200 OK ──▶
            … 10.4 s
            usera hears silence, srs hears usera
            usera    ── BYE ──▶
            srs     ◀── BYE
        "#]],
    );
}

#[test]
fn no_ports_no_recording() {
    check(
        &[r#"
            config ports 2
            app /voice <Start><Siprec statusCallback="/told"/></Start><Say>hi</Say><Pause length="5"/>
            app /told ok
            usera calls
            wait 1s
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            usera    ·  session recording fails
            app      ·  alert 91310 error
            app     ◀── POST /told  SiprecEvent=siprec-error  SiprecError=No free port for media.
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            usera    ── BYE ──▶
        "#]],
    );
}

#[test]
fn a_recorder_transfers_nobody() {
    check(
        &[r#"
            app /voice <Start><Siprec/></Start><Say>hi</Say><Pause length="5"/>
            srs answers by itself after 0s
            usera calls
            wait 1s
            srs refers to sip:agent-b
            wait 1s
            listen
            usera hangs up
            "#],
        expect![[r#"
            usera    ── INVITE ──▶
            usera   ◀── 180 Ringing
            app     ◀── POST /voice
            app      ── 200  Start, Say, Pause ──▶
            usera   ◀── 200 OK
            usera    ·  session recording begins
            srs     ◀── INVITE sendonly
            srs      ── 180 Ringing ──▶
            srs      ── 200 OK ──▶
            usera    ♪  audio of ours
            … 1 s
            usera    ♪  silence
            srs      ── REFER sip:agent-b ──▶
            srs     ◀── 403 Forbidden
            … 1.4 s
            usera hears silence, srs hears usera
            usera    ── BYE ──▶
            srs     ◀── BYE
        "#]],
    );
}

/// One INVITE, byte for byte where it matters: both parts, and whose the streams are.

#[test]
fn the_recorder_is_told_who_talks() {
    let world = legwork_sim::script::play(
        "app /voice <Start><Siprec track=\"outbound_track\"><Parameter name=\"Case\" value=\"7\"/>\
         </Siprec></Start><Say>hi</Say><Pause length=\"5\"/>\n\
         srs answers by itself after 0s\nusera calls\n",
    );
    let [invite] = world.sent_to("srs", "INVITE").collect::<Vec<_>>()[..] else { panic!() };
    let body = std::str::from_utf8(invite.body()).unwrap();
    for part in [
        "Content-Type: application/sdp",
        "a=sendonly\r\na=label:1",
        "Content-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session",
        "<nameID aor=\"sip:usera@bank.example.com\">",
        "<nameID aor=\"sip:bank@bank.example.com\">",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert_eq!(body.matches("m=audio ").count(), 1, "{body}");
    assert_eq!(invite.added_lines(), ["X-Case: 7"]);
}
